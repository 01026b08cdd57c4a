"""What a charger's meter says, and what is made of it."""

from datetime import timedelta

from tests.house import GRID, House

MINUTE = timedelta(minutes=1)


async def test_a_power_that_cannot_be_is_not_counted(house: House) -> None:
    """A meter that names no unit is taken to tell kW by some integrations, and tells W."""
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    await house.async_select("input_select.garage_status", "charging")
    house.set_power("sensor.garage_power", 11_040_000)
    house.set_power(GRID, 11_540)
    for _ in range(10):
        await house.async_advance(MINUTE)
    status = house.state("sensor.garage_status")
    assert status.state == "charging"
    assert 0 < status.attributes["delivered_kwh"] < 2
    assert house.garage_kw > 10
