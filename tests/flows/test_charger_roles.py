"""The entities of a charger are found by evidence: of ten kinds, and of all that are known."""

from collections.abc import Mapping
import random
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
)
from tests.bindings.chargers.cases import CASES, Case, RegisteredCase
from tests.flows.charger_forms import as_found, pick, suggested

_FIELDS: Final = {
    "limit": "limit_entity",
    "switch": "switch_entity",
    "start": "start_entity",
    "stop": "stop_entity",
    "status": "status_entity",
    "power": "power_entity",
}
_ACTIONS: Final = ("limit_action", "start_action", "stop_action")
_UNRELATED: Final[tuple[Case, ...]] = (
    {"domain": "sensor", "unique_id": "signal", "name": "Signal strength", "unit": "dBm"},
    {"domain": "switch", "unique_id": "night", "name": "Night light", "state": "off"},
    {"domain": "number", "unique_id": "volume", "name": "Volume", "unit": "%", "max": 100},
    {"domain": "select", "unique_id": "lang", "name": "Language", "options": ["on", "off"]},
    {"domain": "button", "unique_id": "reboot", "name": "Reboot", "state": "unknown"},
    {"domain": "update", "unique_id": "firmware", "name": "Firmware", "state": "off"},
    {"domain": "binary_sensor", "unique_id": "cloud", "name": "Cloud connected", "state": "on"},
    {
        "domain": "sensor",
        "unique_id": "pv_power",
        "name": "Solar power",
        "unit": "W",
        "device_class": "power",
    },
    {
        "domain": "number",
        "unique_id": "fuse",
        "name": "Main fuse",
        "unit": "A",
        "min": 6,
        "max": 63,
        "device_class": "current",
    },
)


def picked(case: Case, device: RegisteredCase) -> dict[str, Any]:
    """Return what a person picks."""
    if device.device_id is not None:
        return {"device_id": device.device_id}
    return {"entity_id": device.entity_ids[case["picks"]]}


def check(case: Case, device: RegisteredCase, found: Mapping[str, Any]) -> None:
    """Compare what was found with what is wanted: no less, and nothing else."""
    wanted = case["wanted"]
    names = {entity_id: name for name, entity_id in device.entity_ids.items()}
    roles = {role: names.get(found.get(field, "")) for role, field in _FIELDS.items()}
    for role, name in roles.items():
        choice = wanted.get(role)
        assert name in (choice if isinstance(choice, list) else [choice]), role
    assert {key for key in _ACTIONS if key in found} == {key for key in _ACTIONS if key in wanted}
    if "limit_action_data" in wanted:
        assert found["limit_action"][0]["data"] == wanted["limit_action_data"]
    assert found.get("switch_inverted", False) == wanted.get("inverted", False)
    if "max_a" in wanted:
        minimum = float(str(wanted["max_a"]).removeprefix(">="))
        assert found["max_a"] >= minimum
    if (name := roles["switch"]) is not None and name.startswith("select."):
        assert {"option_on", "option_off"} <= found.keys()


@pytest.mark.parametrize("name", CASES)
async def test_charger_is_bound_as_wanted(
    hass: HomeAssistant, site: MockConfigEntry, name: str
) -> None:
    case = CASES[name]
    device = RegisteredCase(hass, case)
    result = await pick(hass, picked(case, device))
    check(case, device, suggested(result["data_schema"]))
    # Whoever says yes has a charger, unless nothing of it can be commanded.
    entered = {"name": "Box", **as_found(result["data_schema"])}
    flow = hass.config_entries.subentries
    result = await flow.async_configure(result["flow_id"], entered)
    if "refused" in case["wanted"]:
        assert result["errors"] == case["wanted"]["refused"]
    elif case["wanted"].keys() & {"limit", "limit_action", "switch", "start", "start_action"}:
        assert result["type"] is FlowResultType.CREATE_ENTRY, result["errors"]
    else:
        assert result["errors"] == {"limit_entity": "nothing_to_control"}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", CASES)
async def test_neither_order_nor_names_nor_neighbours_change_what_is_bound(
    hass: HomeAssistant, site: MockConfigEntry, name: str, seed: int
) -> None:
    """People rename their entities, and devices have more than what charges."""
    chance = random.Random(seed)  # noqa: S311
    entities = [*CASES[name]["entities"], *(_UNRELATED if "device" in CASES[name] else ())]
    chance.shuffle(entities)
    ids = [f"charge_limit_status_{index}" for index in range(len(entities))]
    chance.shuffle(ids)
    case = {**CASES[name], "entities": entities}
    device = RegisteredCase(hass, case, ids=ids)
    check(case, device, suggested((await pick(hass, picked(case, device)))["data_schema"]))
