"""A meter that reports seldom costs a margin, but never what cars charge at least with."""

from datetime import timedelta

from tests.house import GRID, House

MINUTE = timedelta(minutes=1)


async def test_a_car_charges_beside_a_house_that_jumps(house: House) -> None:
    """Nearly all there is comes and goes; the meter reports each minute, the fuse is 16 A."""
    await house.async_set_up_site(data={"fuse_a": 16})
    for minute in range(40):
        house.set_power(GRID, 10_000 if minute % 4 < 2 else 300 + minute)
        await house.async_advance(MINUTE)
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    for minute in range(8):
        car_w = 1000 * house.garage_kw
        house.set_power("sensor.garage_power", car_w)
        house.set_power(GRID, 300 + minute + car_w)
        await house.async_advance(MINUTE)
    assert house.garage_kw >= 4.14
