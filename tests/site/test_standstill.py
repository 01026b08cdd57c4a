"""A meter that shows the same again and again: coarse, or no meter any more."""

from datetime import timedelta

import pytest
from tests.house import GRID, House

LOOK = timedelta(seconds=10)


async def async_report(house: House, *shown_w: float) -> None:
    """Let the meter report each ten seconds."""
    for watts in shown_w:
        house.set_power(GRID, watts)
        await house.async_advance(LOOK)


async def async_charge(house: House) -> None:
    """Let the car in the garage charge as fast as it can."""
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    house.set_power("sensor.garage_power", 11_040)


def protection(house: House) -> str:
    """Return what the cars give way by."""
    return house.state("sensor.home_protection").state


async def test_it_is_silent_until_it_shows_something_else(house: House) -> None:
    await house.async_set_up_site()
    await async_report(house, *(500 + n for n in range(30)))
    await async_charge(house)
    await async_report(house, *(11_540 + n for n in range(12)))
    assert house.garage_kw == pytest.approx(11.04)
    await async_report(house, *[11_551] * 9)
    assert protection(house) == "silent"
    assert house.garage_kw == pytest.approx(4.14)
    house.set_power("sensor.garage_power", 4_140)
    await async_report(house, *(4_640 + n for n in range(12)))
    assert protection(house) == "total"


async def test_a_coarse_one_is_none_of_that(house: House) -> None:
    """It shows whole kilowatts, and the same ones for minutes."""
    await house.async_set_up_site()
    for n in range(22):
        await async_report(house, *[1000 * (n % 3)] * 9)
    await async_charge(house)
    await async_report(house, *[12_000] * 24)
    assert protection(house) == "total"
    assert house.garage_kw == pytest.approx(11.04)


async def test_nor_is_a_house_at_rest(house: House) -> None:
    """Nothing wavers where no car draws, or where the meter does not count what they draw."""
    await house.async_set_up_site(data={"power_covers": "house"})
    await async_report(house, *(500 + n for n in range(30)))
    await async_report(house, *[500] * 30)
    assert protection(house) == "total"
    await async_charge(house)
    await async_report(house, *[500] * 30)
    assert protection(house) == "total"
