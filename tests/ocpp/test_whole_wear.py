"""Writing wears the memory of chargers out: how often they are written is limited."""

from itertools import pairwise
import random

import pytest

from .bench import FAST_KW
from .home import Home, allowed_kw

AN_HOUR = 360


def swinging(kind: str) -> list[float]:
    """Return what a house draws every ten seconds of an hour, in W."""
    chance = random.Random(kind)  # noqa: S311 - a test's own
    if kind == "kettle":
        return [9_000.0 if look % 66 < 30 else 500.0 for look in range(AN_HOUR)]
    if kind == "stairs":
        return [6_000.0 + 700 * (look // 12 % 12) for look in range(AN_HOUR)]
    loads: list[float] = []
    while len(loads) < AN_HOUR:
        loads += [chance.uniform(500, 13_000)] * chance.choice((3, 6, 12, 30))
    return loads[:AN_HOUR]


@pytest.mark.parametrize("kind", ["kettle", "stairs", "chance"])
async def test_swinging_house_costs_no_more_than_a_dozen_profiles_an_hour(
    home: Home, kind: str
) -> None:
    cp = await home.async_start("1.6")
    await home.async_plug_in(cp)
    await home.house.async_select("select.box_mode", "now")
    await home.async_pass(30)
    assert allowed_kw(cp) == pytest.approx(FAST_KW)
    sent = len(cp.received)
    over = 0
    loads = swinging(kind)
    for before_w, load_w in pairwise([500.0, *loads]):
        home.house_w = load_w
        await home.async_pass()
        drawn_kw = sum(cp.hardware.drawn_a()) * 0.23
        # The meter shows a rise at the look that is for that.
        over = over + 1 if load_w <= before_w and load_w / 1000 + drawn_kw > 17.3 else 0
        assert over <= 1
    assert len(cp.received) - sent <= 12


async def test_quiet_hour_costs_next_to_nothing(home: Home) -> None:
    home.house.set_hourly_prices([0.3] * 26 + [0.1] * 22)
    cp = await home.async_start("1.6")
    await home.async_plug_in(cp)
    await home.async_pass(60)
    for _ in range(3):
        sent = len(cp.received)
        await home.async_pass(AN_HOUR)
        assert len(cp.received) - sent <= 2
