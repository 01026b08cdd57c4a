"""Numbers and times: how much a car is to get and until when, and that both are remembered."""

import math
from typing import Any

from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest

from tests.house import CHARGERS, ZOE_DATA, House, subentry

NIGHT = [0.30] * 26 + [0.10] * 4 + [0.30] * 18


async def set_value(house: House, entity_id: str, value: Any) -> None:
    """Set a number or a time."""
    domain = entity_id.partition(".")[0]
    data = {"number": {"value": value}, "time": {"time": value}}[domain]
    await house.hass.services.async_call(
        domain, "set_value", {ATTR_ENTITY_ID: entity_id, **data}, blocking=True
    )
    await house.async_settle()


@pytest.fixture
async def waiting(house: House) -> House:
    """Return a house where Zoe waits in the garage for the night's prices."""
    house.set_hourly_prices(NIGHT)
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    return house


async def test_target_changes_the_plan(waiting: House) -> None:
    assert waiting.value("sensor.garage_planned_energy") == pytest.approx(20 / 0.9, abs=0.2)
    await set_value(waiting, "number.garage_target", 60)
    assert waiting.value("number.garage_target") == 60
    assert waiting.value("sensor.garage_planned_energy") == pytest.approx(10 / 0.9, abs=0.2)
    await set_value(waiting, "number.garage_target", 30)
    assert waiting.state("sensor.garage_status").state == "finished"


async def test_min_soc_does_not_wait(waiting: House) -> None:
    """From 40 to 50 % at once, the rest at night."""
    await set_value(waiting, "number.garage_charge_at_once_up_to", 41)
    assert waiting.garage_kw == 0
    await set_value(waiting, "number.garage_charge_at_once_up_to", 50)
    assert waiting.garage_kw == pytest.approx(11.04)
    status = waiting.state("sensor.garage_status")
    assert status.attributes["reason"].startswith("Charges at once up to 50 %, whatever the price.")
    assert waiting.value("sensor.garage_planned_energy") == pytest.approx(20 / 0.9, abs=0.3)
    await waiting.async_select("select.garage_mode", "solar_only")
    assert waiting.garage_kw == pytest.approx(11.04)
    await waiting.async_select("select.garage_mode", "smart")
    waiting.set_soc("zoe", 43)
    await waiting.async_settle()
    waiting.set_soc("zoe", 48)
    await waiting.async_settle()
    assert waiting.garage_kw == 0
    assert waiting.state("sensor.garage_status").state == "waiting"


async def test_guest_has_no_min_soc(waiting: House) -> None:
    await set_value(waiting, "number.garage_charge_at_once_up_to", 60)
    await waiting.async_select("select.garage_vehicle", "guest")
    assert waiting.state("number.garage_charge_at_once_up_to").state == "unavailable"
    assert waiting.garage_kw == 0


async def test_energy_to_add_changes_the_plan_of_a_guest(waiting: House) -> None:
    await waiting.async_select("select.garage_vehicle", "guest")
    await set_value(waiting, "number.garage_energy_to_add", 5.5)
    assert waiting.value("sensor.garage_planned_energy") == pytest.approx(5.5 / 0.9, abs=0.2)


@pytest.mark.parametrize(
    ("entity_id", "value"),
    [
        ("number.garage_target", 101),
        ("number.garage_target", math.inf),
        ("number.garage_energy_to_add", -1),
        # Not below the minimum, and not above the maximum either
        ("number.garage_target", math.nan),
        ("number.garage_charge_at_once_up_to", math.nan),
        ("number.garage_state_of_charge", math.nan),
        ("number.garage_energy_to_add", math.nan),
    ],
)
async def test_values_out_of_range_are_refused(
    waiting: House, entity_id: str, value: float
) -> None:
    if entity_id.endswith("energy_to_add"):
        await waiting.async_select("select.garage_vehicle", "guest")
    before = waiting.value(entity_id)
    with pytest.raises(ServiceValidationError):
        await set_value(waiting, entity_id, value)
    assert waiting.value(entity_id) == before


async def test_departure_changes_the_plan(waiting: House) -> None:
    """By midnight there are no cheap hours to wait for."""
    assert waiting.state("sensor.garage_status").state == "waiting"
    await set_value(waiting, "time.garage_departure", "00:00:00")
    assert waiting.state("time.garage_departure").state == "00:00:00"
    assert waiting.state("sensor.garage_expected_finish").state <= "2026-11-20T23:00:00+00:00"
    assert waiting.value("sensor.garage_planned_cost") == pytest.approx(20 / 0.9 * 0.30, abs=0.06)
    departure = waiting.state("sensor.garage_status").attributes["departure"]
    assert departure.isoformat() == "2026-11-20T23:00:00+00:00"


async def test_departure_of_a_guest_is_not_that_of_the_car(waiting: House) -> None:
    await waiting.async_select("select.garage_vehicle", "guest")
    await set_value(waiting, "time.garage_departure", "23:30:00")
    await waiting.async_select("select.garage_vehicle", "Zoe")
    assert waiting.state("time.garage_departure").state == "07:00:00"
    await waiting.async_select("select.garage_vehicle", "guest")
    assert waiting.state("time.garage_departure").state == "23:30:00"


SET = {
    "select.garage_mode": "solar_only",
    "select.carport_vehicle": "guest",
    "number.garage_target": "65.0",
    "number.carport_energy_to_add": "12.5",
    "time.garage_departure": "05:45:00",
}


async def set_all(house: House) -> None:
    """Set everything that a user can set."""
    await house.async_select("select.garage_mode", "solar_only")
    await house.async_select("select.carport_vehicle", "guest")
    await set_value(house, "number.garage_target", 65)
    await set_value(house, "number.carport_energy_to_add", 12.5)
    await set_value(house, "time.garage_departure", "05:45:00")


async def test_settings_survive_a_reload(hass: HomeAssistant, waiting: House) -> None:
    await set_all(waiting)
    assert await hass.config_entries.async_reload("site")
    await waiting.async_settle()
    assert {entity_id: waiting.state(entity_id).state for entity_id in SET} == SET


async def test_settings_are_written_and_read_at_the_next_start(
    hass: HomeAssistant, house: House, hass_storage: dict[str, Any]
) -> None:
    hass_storage["optivgi.site"] = {
        "version": 1,
        "minor_version": 1,
        "key": "optivgi.site",
        "data": {
            "chargers": {
                "garage": {"mode": "solar_only", "vehicle_id": "zoe"},
                "carport": {"vehicle_id": None, "vehicle_selected": True, "energy_kwh": 12.5},
            },
            "vehicles": {
                "zoe": {
                    "target_soc": 65,
                    "departure": "05:45:00",
                    "configured": [80, "07:00:00"],
                }
            },
        },
    }
    await house.async_set_up_site()
    assert {entity_id: house.state(entity_id).state for entity_id in SET} == SET


@pytest.mark.parametrize("entity_id", ["time.garage_departure", "time.zoe_departure"])
async def test_a_departure_that_has_no_effect_is_refused(house: House, entity_id: str) -> None:
    """The table of the week counts instead, which nobody sees there."""
    week = [{"weekdays": ["mon"], "at": "07:00:00"}]
    zoe = subentry("zoe", "vehicle", "Zoe", {**ZOE_DATA, "weekly_departures": week})
    await house.async_set_up_site(*CHARGERS, zoe)
    await house.async_plug_in("garage")
    before = house.state(entity_id).state
    with pytest.raises(ServiceValidationError) as refused:
        await set_value(house, entity_id, "06:00:00")
    assert refused.value.translation_key == "departure_of_week"
    assert house.state(entity_id).state == before
