"""A charger that follows plans by itself, where there is none to follow: its min current."""

from datetime import timedelta

import pytest

from custom_components.optivgi.planning import prices

from .bench import FAST_KW, MIN_KW
from .home import Home, allowed_kw

MINUTE = timedelta(minutes=1)
NO_PRICES = [1e9] * 48
"""Nobody plans by prices that cannot be, were they not left out."""
CHEAP_AT_NIGHT = [0.3] * 25 + [0.1] * 23


def at_night(home: Home) -> list[float]:
    """Return moments of the night to come."""
    midnight = home.bench.now.replace(hour=23, minute=30)
    return [midnight + timedelta(hours=hour) for hour in range(5)]


@pytest.fixture(autouse=True)
def _believes_all_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prices, "is_price", lambda *_: True)


async def test_without_any_plan_it_gets_its_min_current(home: Home) -> None:
    home.house.set_hourly_prices(NO_PRICES)
    cp = await home.async_start("1.6")
    await home.async_plug_in(cp)
    await home.async_pass(12)
    assert [allowed_kw(cp, moment) for moment in at_night(home)] == pytest.approx([MIN_KW] * 5)
    assert allowed_kw(cp) == pytest.approx(MIN_KW)


async def test_plan_that_is_too_old_is_followed_at_night_no_more_than_now(home: Home) -> None:
    home.house.set_hourly_prices(CHEAP_AT_NIGHT)
    cp = await home.async_start("1.6")
    await home.async_plug_in(cp)
    await home.async_pass(40)
    planned = [allowed_kw(cp, moment) for moment in at_night(home)]
    assert max(planned) == pytest.approx(FAST_KW)
    home.house.set_hourly_prices(NO_PRICES)
    await home.async_pass(40, every=MINUTE)
    assert [allowed_kw(cp, moment) for moment in at_night(home)] == pytest.approx([MIN_KW] * 5)
