"""The entities of a car are found by evidence: of all integrations that report charge and plug."""

from collections.abc import Mapping
import random
from typing import Any, Final

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from tests.bindings.chargers.cases import CAR_CASES, Case, RegisteredCase
from tests.flows.charger_forms import pick, suggested
from tests.flows.test_charger_roles import picked

_FIELDS: Final = {
    "soc": "soc_entity",
    "plug": "plugged_entity",
    "where": "location_entity",
    "time": "soc_time_entity",
    "limit": "soc_limit_entity",
}
# What else may stand on a device of a car, and is none of its battery and plug.
_UNRELATED: Final[tuple[Case, ...]] = (
    {"domain": "sensor", "unique_id": "12v", "name": "12V battery", "unit": "%", "state": "88"},
    {"domain": "sensor", "unique_id": "key", "name": "Key battery", "unit": "%", "state": "70"},
    {"domain": "sensor", "unique_id": "fuel", "name": "Fuel level", "unit": "%", "state": "40"},
    {"domain": "binary_sensor", "unique_id": "doors", "name": "Doors", "device_class": "door"},
    {
        "domain": "binary_sensor",
        "unique_id": "cloud",
        "name": "Cloud connected",
        "device_class": "connectivity",
    },
    {"domain": "sensor", "unique_id": "trip", "name": "Last trip", "device_class": "timestamp"},
    {"domain": "number", "unique_id": "seat", "name": "Seat heating", "unit": "%"},
)


def check(case: Case, device: RegisteredCase, found: Mapping[str, Any]) -> None:
    """Compare what was found with what is wanted: no less, and nothing else."""
    names = {entity_id: name for name, entity_id in device.entity_ids.items()}
    for role, field in _FIELDS.items():
        wanted = case["wanted"].get(role)
        name = names.get(found.get(field, ""))
        assert name in (wanted if isinstance(wanted, list) else [wanted]), role
    assert found.get("battery_kwh") == case["wanted"].get("battery")


@pytest.mark.parametrize("name", CAR_CASES)
async def test_car_is_bound_as_wanted(
    hass: HomeAssistant, site: MockConfigEntry, name: str
) -> None:
    case = CAR_CASES[name]
    device = RegisteredCase(hass, case)
    result = await pick(hass, picked(case, device), "vehicle")
    check(case, device, suggested(result["data_schema"]))


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", CAR_CASES)
async def test_neither_order_nor_names_nor_neighbours_of_a_car_change_what_is_bound(
    hass: HomeAssistant, site: MockConfigEntry, name: str, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311
    neighbours = _UNRELATED if "device" in CAR_CASES[name] else ()
    entities = [*CAR_CASES[name]["entities"], *neighbours]
    chance.shuffle(entities)
    case = {**CAR_CASES[name], "entities": entities}
    ids = [f"battery_plug_limit_{index}" for index in range(len(entities))]
    device = RegisteredCase(hass, case, ids=ids)
    result = await pick(hass, picked(case, device), "vehicle")
    check(case, device, suggested(result["data_schema"]))


@pytest.mark.parametrize(
    "name",
    [
        *("Target battery level", "Battery charge limit", "12V battery", "Phone battery level"),
        *("Home battery level", "Powerwall battery", "Battery health", "Key battery level"),
        *("Battery at arrival", "Min battery level"),
    ],
)
async def test_what_is_not_the_charge_of_the_traction_battery_is_not_chosen(
    hass: HomeAssistant, site: MockConfigEntry, name: str
) -> None:
    """Not even where nothing else is there."""
    battery = {"unit": "%", "device_class": "battery", "state": "80"}
    entity = {"domain": "sensor", "unique_id": "x1", "name": name, **battery}
    case = {"platform": "wheels", "device": {"name": "Car"}, "entities": [entity]}
    device = RegisteredCase(hass, case)
    result = await pick(hass, {"device_id": device.device_id}, "vehicle")
    assert "soc_entity" not in suggested(result["data_schema"])
