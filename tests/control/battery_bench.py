"""A house with a home battery: all of its meters report together, time goes on."""

from datetime import timedelta
from typing import Final

from tests.house import GRID, House

TICK: Final = timedelta(seconds=11)


def report(house: House, *, battery_kw: float | None = 0.0, house_kw: float = 0.5) -> None:
    """Let all meters show what is drawn and given now; without ``battery_kw`` but the battery's."""
    cars_kw = 0.0
    for charger, idle in (("garage", "disconnected"), ("carport", "Available")):
        plugged = house.state(f"input_select.{charger}_status").state != idle
        kw = getattr(house, f"{charger}_kw") if plugged else 0.0
        house.set_power(f"sensor.{charger}_power", kw * 1000)
        cars_kw += kw
    if battery_kw is not None:
        house.set_battery(battery_kw * 1000)
    house.set_power(GRID, (house_kw + cars_kw + (battery_kw or 0.0)) * 1000)


async def async_follow(house: House, ticks: int = 6, **shown: float) -> None:
    """Let some time pass in which cars follow and all meters report."""
    for _ in range(ticks):
        report(house, **shown)
        await house.async_advance(TICK)
    report(house, **shown)
    await house.hass.async_block_till_done(wait_background_tasks=True)
