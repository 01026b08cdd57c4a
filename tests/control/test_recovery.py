"""When a charger gets back what the house took from it."""

from datetime import timedelta

from homeassistant.config_entries import ConfigSubentryDataWithId
import pytest
from tests.house import CHARGERS, GARAGE_DATA, GRID, VEHICLES, House, subentry

TEN_SECONDS = timedelta(seconds=10)
FULL_KW, LEFT_KW = 11.04, 0.69 * 11


SELDOM = subentry("garage", "charger", "Garage", {**GARAGE_DATA, "min_interval": 600})
"""It is written every ten minutes."""


async def charge(house: House, garage: ConfigSubentryDataWithId = CHARGERS[0]) -> None:
    """Let the garage charge with all there is."""
    await house.async_set_up_site(garage, CHARGERS[1], *VEHICLES)
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


async def test_one_that_is_written_seldom_has_it_back_when_it_may_be_written(house: House) -> None:
    """What it has to give up is written at once all the same."""
    await charge(house, SELDOM)
    await draw(house, 9.0, seconds=20)
    assert house.garage_kw == pytest.approx(LEFT_KW)
    await draw(house, 0.5, seconds=9 * 60)
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
