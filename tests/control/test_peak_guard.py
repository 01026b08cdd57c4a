"""The billing interval that is running comes to what the plan pays for, whatever the house does."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from tests.house import CHARGERS, GRID, STORE, VEHICLES, House, charger_of, subentry

PEAK = "sensor.meter_peak"
TARIFF = subentry(
    "peak",
    "peak_tariff",
    "Peak",
    {
        "price": 9.0,
        "per": "month",
        "interval": "15",
        "top": 1,
        "distinct_days": True,
        "peak_entity": PEAK,
    },
)
CHEAP_NOW = [0.30] * 20 + [0.05, 0.05] + [0.40] * 26
"""By the hour, local time: it is 20:00."""


async def begin(house: House, hass: HomeAssistant, so_far_kw: float, *more: Any) -> None:
    """Let a car charge below a peak that there was, at a quarter of an hour's beginning."""
    hass.states.async_set(PEAK, str(so_far_kw), {"unit_of_measurement": "kW"})
    house.set_hourly_prices(CHEAP_NOW)
    await house.async_set_up_site(*CHARGERS, *VEHICLES, TARIFF, *more)
    await house.async_plug_in("garage")
    await house.async_advance(timedelta(minutes=1))


async def run(house: House, seconds: int, house_kw: float) -> None:
    """Let time pass, with the car drawing what it may and the meter showing that."""
    for _ in range(seconds // 10):
        house.set_power("sensor.garage_power", house.garage_kw * 1000)
        house.set_power(GRID, (house_kw + house.garage_kw) * 1000)
        await house.async_advance(timedelta(seconds=10))


def interval_kw(house: House) -> float:
    """Return the mean of the running interval, so far."""
    sensor = house.state(house.entity_id("sensor", "peak", "peak_this_month"))
    return float(sensor.attributes["interval_kw"])


async def test_house_that_rises_has_the_car_give_way_within_the_peak(
    hass: HomeAssistant, house: House
) -> None:
    """8 kW are paid for: with 4 kW more in the house, the car gets what the interval leaves."""
    await begin(house, hass, 8.0)
    await run(house, 120, 0.5)
    assert house.garage_kw == pytest.approx(7.59 - 0.69, abs=0.7)
    await run(house, 60, 3.4)
    garage = charger_of(await house.async_schedule(), "Garage")
    assert garage["reason_code"] in {"peak_leaves", "below_peak", "good_price"}
    await run(house, 120, 3.4)
    assert 4.1 < house.garage_kw < 6.3
    sensor = house.entity_id("sensor", "peak", "peak_this_month")
    await run(house, 600, 3.4)
    highest = house.state(sensor).attributes["highest"]
    assert max(row["kw"] for row in highest) <= 8.05


async def test_what_a_battery_takes_is_imported_in_the_interval_too(
    hass: HomeAssistant, house: House
) -> None:
    house.set_battery(0, 50)
    await begin(house, hass, 8.0, STORE)
    await run(house, 60, 0.5)
    assert house.garage_kw > 6
    for _ in range(3):
        house.set_power("sensor.garage_power", house.garage_kw * 1000)
        house.set_battery(4000)
        house.set_power(GRID, (0.5 + house.garage_kw + 4.0) * 1000)
        await house.async_advance(timedelta(seconds=10))
    assert house.garage_kw < 5


async def test_reason_names_the_peak_and_a_kettle_costs_a_moment_only(
    hass: HomeAssistant, house: House
) -> None:
    await begin(house, hass, 8.0)
    await run(house, 60, 0.5)
    before = house.garage_kw
    await run(house, 90, 7.0)
    garage = charger_of(await house.async_schedule(), "Garage")
    assert garage["reason_code"].startswith("peak_leaves")
    assert house.garage_kw < before
    await run(house, 180, 0.5)
    assert house.garage_kw == pytest.approx(before, abs=2.1)


async def test_without_a_price_of_peaks_the_car_goes_on(hass: HomeAssistant, house: House) -> None:
    house.set_hourly_prices(CHEAP_NOW)
    await house.async_set_up_site(*CHARGERS, *VEHICLES)
    await house.async_plug_in("garage")
    await run(house, 120, 3.4)
    assert house.garage_kw == pytest.approx(11.04)


async def test_what_was_imported_before_counts(hass: HomeAssistant, house: House) -> None:
    """After ten minutes in which the house took 11 kW, 5 minutes are left for 2 kW in all."""
    await begin(house, hass, 8.0)
    await run(house, 600, 11.0)
    assert interval_kw(house) > 8
    await run(house, 120, 0.5)
    assert house.garage_kw == 0


async def test_peaks_survive_a_restart(hass: HomeAssistant, house: House) -> None:
    await begin(house, hass, 1.0)
    await run(house, 1800, 6.0)
    entity_id = house.entity_id("sensor", "peak", "peak_this_month")
    peak = house.value(entity_id)
    assert peak > 5
    assert house.entry is not None
    assert await hass.config_entries.async_reload(house.entry.entry_id)
    await house.async_settle()
    assert house.value(entity_id) == peak
    # Another month begins anew, and is billed at least what the tariff says.
    await house.async_advance(timedelta(days=11))
    await run(house, 60, 0.5)
    assert house.value(entity_id) < peak
