"""A charger that is to get more when others have let go of it says so, and keeps what it has."""

from datetime import timedelta

import pytest
from tests.house import CHARGERS, GARAGE_DATA, VEHICLES, House, charger_of, subentry

SLOW = subentry("garage", "charger", "Garage", {**GARAGE_DATA, "min_interval": 600})
"""It is written every ten minutes, and until then nobody else gets its power."""
FULL_KW = 11.04


async def async_why(house: House, name: str) -> tuple[str, str]:
    """Return what a charger does and why."""
    found = charger_of(await house.async_schedule(), name)
    return found["status"], found["reason"]


async def test_charger_waits_for_one_that_is_written_seldom(house: House) -> None:
    house.set_hourly_prices([0.3] * 26 + [0.1] * 22)
    await house.async_set_up_site(SLOW, CHARGERS[1], *VEHICLES)
    await house.async_plug_in("garage")
    await house.async_plug_in("carport")
    await house.async_select("select.garage_mode", "now")
    await house.async_advance(timedelta(minutes=2))
    assert house.garage_kw == pytest.approx(FULL_KW)
    await house.async_select("select.garage_mode", "smart")
    await house.async_select("select.carport_mode", "now")
    await house.async_advance(timedelta(seconds=20))
    assert house.garage_kw == pytest.approx(FULL_KW)
    assert house.carport_kw == 0
    reason = "Other chargers leave too little power at the moment."
    assert await async_why(house, "Carport") == ("waiting", reason)
    await house.async_advance(timedelta(minutes=10))
    await house.async_advance(timedelta(minutes=1))
    assert house.garage_kw == 0
    assert house.carport_kw == pytest.approx(11.0)
    reason = "Charges at once: the mode is Now."
    assert (await async_why(house, "Carport"))[1] == reason
