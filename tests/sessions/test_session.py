"""A session as people see it: energy, sources, cost and what was saved, from plug-in to unplug."""

from dataclasses import dataclass, field
from datetime import timedelta

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from tests.driven import at, drive
from tests.house import House


@dataclass
class Meter:
    """Counts for itself what a car draws that takes all it may, each minute at its price."""

    kwh: float = 0.0
    cost: float = 0.0
    prices: dict[int, float] = field(default_factory=dict)

    def takes(self, limit_kw: float, soc: float) -> float:
        """Take all, and count it; it is cheap from midnight to six."""
        kwh = limit_kw / 60
        self.kwh += kwh
        self.cost += kwh * (0.1 if dt_util.now().hour < 6 else 0.5)
        return limit_kw


async def test_car_that_waits_for_the_night_costs_less_than_one_that_does_not(
    hass: HomeAssistant, house: House
) -> None:
    meter = Meter()
    driven = await drive(house, meter.takes, 40)
    await driven.async_until(at("2026-11-21 06:50"))
    await driven.async_leave(60)

    energy = house.value("sensor.garage_charged_energy")
    assert energy == pytest.approx(meter.kwh, rel=0.005)
    # From 40 to 80 % of 64 kWh.
    assert energy == pytest.approx(0.4 * 64 / 0.9, rel=0.02)
    cost, saved = house.value("sensor.garage_charging_cost"), house.value("sensor.garage_saved")
    assert cost == pytest.approx(meter.cost, rel=0.005)
    # At once it would have charged at 0.5 in the evening: it takes less than three hours.
    assert cost + saved == pytest.approx(0.5 * energy, rel=0.005)
    for owner in ("zoe", "home"):
        assert house.value(f"sensor.{owner}_charged_energy") == energy
        assert house.value(f"sensor.{owner}_charging_cost") == cost
    assert house.value("sensor.garage_solar_share_this_month") == 0
    average = house.value("sensor.garage_average_price_this_month")
    assert average == pytest.approx(cost / energy, rel=0.001)
    last = house.state("sensor.zoe_last_session")
    assert float(last.state) == pytest.approx(energy, abs=0.01)
    assert last.attributes["target_met"] is True
    assert last.attributes["missed_why"] is None
    assert last.attributes["starts"] >= 1
    assert last.attributes["writes"] >= 2
    assert last.attributes["sources_known_by"] == "grid_meter"
    assert last.attributes["energy_known_by"] == "power"
    assert house.value("sensor.carport_charged_energy") == 0


async def test_charging_at_once_saves_nothing(hass: HomeAssistant, house: House) -> None:
    meter = Meter()
    driven = await drive(house, meter.takes, 60)
    await house.async_select("select.garage_mode", "now")
    await driven.async_until(dt_util.utcnow() + timedelta(hours=2))
    await driven.async_leave(60)
    cost = house.value("sensor.garage_charging_cost")
    assert cost == pytest.approx(meter.cost, rel=0.01)
    assert cost > 5
    assert house.value("sensor.garage_saved") == pytest.approx(0, abs=0.02 * cost)


async def test_car_that_leaves_early_says_what_is_missing(
    hass: HomeAssistant, house: House
) -> None:
    meter = Meter()
    driven = await drive(house, meter.takes, 40)
    await driven.async_until(at("2026-11-21 01:00"))
    await driven.async_leave(60)
    last = house.state("sensor.zoe_last_session").attributes
    assert last["target_met"] is False
    assert last["missed_why"] == "left_early"
    charged = house.value("sensor.zoe_charged_energy")
    assert last["missing_kwh"] == pytest.approx(0.4 * 64 - 0.9 * charged, abs=0.5)
