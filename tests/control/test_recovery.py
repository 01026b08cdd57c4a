"""When a charger gets back what the house took from it."""

from datetime import timedelta

import pytest
from tests.house import GRID, House

TEN_SECONDS = timedelta(seconds=10)
FULL_KW, LEFT_KW = 11.04, 0.69 * 11


async def charge(house: House) -> None:
    """Let the garage charge with all there is."""
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    await draw(house, 0.5, seconds=40)
    assert house.garage_kw == pytest.approx(FULL_KW)


async def draw(house: House, house_kw: float, *, seconds: int) -> None:
    """Let the house draw so much beside the garage."""
    for second in range(0, seconds, 10):
        garage_w = 1000 * house.garage_kw - second % 2
        house.set_power("sensor.garage_power", garage_w)
        house.set_power(GRID, garage_w + 1000 * house_kw)
        await house.async_advance(TEN_SECONDS)


async def test_after_a_cause_of_seconds_it_is_back_within_a_minute(house: House) -> None:
    await charge(house)
    await draw(house, 9.0, seconds=20)
    assert house.garage_kw == pytest.approx(LEFT_KW)
    await draw(house, 0.5, seconds=60)
    assert house.garage_kw == pytest.approx(FULL_KW)


async def test_after_a_longer_one_it_waits_for_the_next(house: House) -> None:
    await charge(house)
    await draw(house, 9.0, seconds=60)
    await draw(house, 0.5, seconds=200)
    assert house.garage_kw == pytest.approx(LEFT_KW)
    await draw(house, 0.5, seconds=90)
    assert house.garage_kw == pytest.approx(FULL_KW)


async def test_who_selects_now_does_not_wait_for_what_was_before(house: House) -> None:
    """The house took 9 kW for a minute; now it takes next to nothing."""
    await charge(house)
    await draw(house, 9.0, seconds=60)
    await draw(house, 0.4, seconds=40)
    assert house.garage_kw == pytest.approx(LEFT_KW)
    await house.async_select("select.garage_mode", "now")
    await draw(house, 0.4, seconds=30)
    assert house.garage_kw == pytest.approx(FULL_KW)
