"""Picking the device of a charger that is known is all it takes."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_mock_service,
)
from tests.bindings.chargers.cases import CASES
from tests.bindings.chargers.registered import (
    DEVICES,
    Entity,
    Registered,
    options,
    register,
)
from tests.flows.charger_forms import as_found, pick, suggested

from custom_components.optivgi.bindings.chargers.charger import Charger
from custom_components.optivgi.bindings.chargers.connection import Connection
from custom_components.optivgi.bindings.chargers.meanings import connection_of
from custom_components.optivgi.bindings.chargers.phase_rows import PHASE_FIELDS
from custom_components.optivgi.bindings.chargers.presets import PRESETS
from custom_components.optivgi.settings.memory import ChargerSettings

LOCAL = {"min_interval": 10}
CLOUD = {"min_interval": 60, "settle": 90}
TO_16 = {"min_a": 6, "max_a": 16}
# Without devices: what is picked is one of their entities.
WITHOUT_DEVICE = {"keba": "binary_sensor.*_plug_state"}
# They are limited or started by actions.
ACTIONS = {
    "easee": ["set_charger_dynamic_limit"],
    "keba": ["set_current", "enable", "disable"],
}

_REQUEST = "number.*-charge_state_charge_current_request"
_CHARGING = "sensor.*-charge_state_charging_state"
_POWER = "sensor.*-charge_state_charger_power"


def _tesla(switch: str) -> tuple[list[str | None], dict[str, Any]]:
    return [_REQUEST, f"switch.*-{switch}", _CHARGING, _POWER], {**CLOUD, "max_a": 32}


# Limit, switch, status and power, by what the unique ids end with; and all else that is filled in
EXPECTED: dict[str, tuple[list[str | None], Mapping[str, Any]]] = {
    "besen": (
        [
            "number.*_charging_current",
            "switch.*_charging",
            "sensor.*_current_state",
            "sensor.*_charging_power",
        ],
        {**LOCAL, **TO_16},
    ),
    "easee": (
        ["sensor.*_dynamic_charger_limit", None, "sensor.*_status", "sensor.*_power"],
        {
            **CLOUD,
            "limit_unit": "A",
            "renew": 1800,
            "limit_action": [
                {
                    "action": "easee.set_charger_dynamic_limit",
                    "data": {
                        "device_id": "DEVICE",
                        "current": "{{ limit_a | int }}",
                        "time_to_live": 0,
                    },
                }
            ],
        },
    ),
    "evcc_intg": (
        [
            "select.evcc_intg.evcc_carport_max_current",
            "select.evcc_intg.evcc_carport_mode",
            "binary_sensor.evcc_intg.evcc_carport_connected",
            "sensor.evcc_intg.evcc_carport_charge_power",
        ],
        {**LOCAL, "limit_unit": "A", "option_on": "now", "option_off": "off", "min_a": 6},
    ),
    "goecharger_api2": (
        [
            "number.goecharger_api2.goe_1_amp",
            "select.goecharger_api2.goe_1_frc",
            "sensor.goecharger_api2.goe_1_car_value",
            "sensor.goecharger_api2.goe_1_nrg_11",
        ],
        {**LOCAL, **TO_16, "option_on": "2", "option_off": "1"},
    ),
    "keba": (
        ["sensor.*_max_current", None, "binary_sensor.*_plug_state", "sensor.*_charging_power"],
        {
            **LOCAL,
            "limit_unit": "A",
            "limit_action": [{"action": "keba.set_current", "data": {"current": "{{ limit_a }}"}}],
            "start_action": [{"action": "keba.enable", "data": {}}],
            "stop_action": [{"action": "keba.disable", "data": {}}],
        },
    ),
    "lektrico": (
        ["number.*_dynamic_limit", None, "sensor.*_state", "sensor.*_power"],
        {
            **LOCAL,
            "max_a": 32,
            "start_entity": "button.*-charge_start",
            "stop_entity": "button.*-charge_stop",
        },
    ),
    "myenergi": (
        [None, "select.entry-1-charge_mode", "sensor.entry-1-plug_status", None],
        {**CLOUD, "option_on": "Fast", "option_off": "Stopped"},
    ),
    "nrgkick": (
        [
            "number.*_current_set",
            "switch.*_charging_enabled",
            "sensor.*_status",
            "sensor.*_total_active_power",
        ],
        {**LOCAL, **TO_16},
    ),
    "ocpp": (
        [
            "number.number.ocpp.cp.maximum_current",
            "switch.switch.ocpp.cp.charge_control",
            "sensor.ocpp.cp.status_connector.sensor",
            "sensor.ocpp.cp.power_active_import.sensor",
        ],
        {**LOCAL, "max_a": 32},
    ),
    "ohme": (
        [None, "select.*_charge_mode", "sensor.*_status", "sensor.*_power"],
        {**CLOUD, "option_on": "max_charge", "option_off": "paused"},
    ),
    "openevse": (
        [
            "number.*-charge_rate",
            "select.*-override_state",
            "binary_sensor.*-vehicle",
            "sensor.*-current_power",
        ],
        {**LOCAL, **TO_16, "option_on": "active", "option_off": "disabled"},
    ),
    "peblar": (
        [
            "number.*_charge_current_limit",
            "switch.*_charge",
            "sensor.*_cp_state",
            "sensor.*_power_total",
        ],
        {**LOCAL, **TO_16},
    ),
    "shelly": (
        [
            "number.*-number:200-number_current_limit",
            "switch.*-boolean:200-boolean_start_charging",
            "sensor.*-enum:200-enum_work_state",
            "sensor.*-object:200-object_total_power",
        ],
        {**LOCAL, **TO_16, "limit_unit": "A"},
    ),
    "silla_prism": (
        [
            "number.prism_user_current",
            "select.prism_charging_mode",
            "sensor.prism_status",
            "sensor.prism_power",
        ],
        {**LOCAL, **TO_16, "option_on": "normal", "option_off": "pause"},
    ),
    "technove": (
        ["number.*_max_current", "switch.*_session_active", "sensor.*_status", None],
        {**LOCAL, "min_a": 8, "max_a": 48},
    ),
    "tesla_fleet": _tesla("charge_state_user_charge_enable_request"),
    "teslemetry": _tesla("charge_state_user_charge_enable_request"),
    "tessie": _tesla("charge_state_charge_enable_request"),
    "v2c": (
        [
            "number.*_intensity",
            "switch.*_paused",
            "binary_sensor.*_connected",
            "sensor.*_charge_power",
        ],
        {**LOCAL, **TO_16, "switch_inverted": True},
    ),
    "wallbox": (
        [
            "number.max_charging_current-*",
            "switch.paused-*",
            "sensor.status_description-*",
            "sensor.charging_power-*",
        ],
        {**CLOUD, "limit_unit": "A", "min_a": 6, "max_a": 32},
    ),
    "zaptec": (
        [
            "number.*_charger_max_current",
            None,
            "sensor.*_charger_operation_mode",
            "sensor.*_total_charge_power",
        ],
        {"min_interval": 900, "settle": 90, "max_a": 32},
    ),
}


async def bind(
    hass: HomeAssistant, picked: Mapping[str, Any]
) -> tuple[dict[str, Any], FlowResultType, dict[str, Any]]:
    """Pick a charger and say yes; return what was filled in, how it ended, and what is stored."""
    for domain, services in ACTIONS.items():
        for service in services:
            async_mock_service(hass, domain, service)
    result = await pick(hass, picked)
    found = suggested(result["data_schema"])
    entered = as_found(result["data_schema"])
    flow = hass.config_entries.subentries
    result = await flow.async_configure(result["flow_id"], entered)
    return found, result["type"], dict(result.get("data") or {})


def picked(device: Registered, platform: str) -> dict[str, Any]:
    """Return what the user picks."""
    if platform in WITHOUT_DEVICE:
        return {"entity_id": device.entity_ids[WITHOUT_DEVICE[platform]]}
    return {"device_id": device.device_id}


def test_every_row_is_shown() -> None:
    of_cases = {case["platform"] for case in CASES.values()}
    assert {preset.platform for preset in PRESETS} <= DEVICES.keys() | of_cases
    assert DEVICES.keys() == EXPECTED.keys()
    names = [preset.name for preset in PRESETS]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("platform", EXPECTED)
async def test_device_is_all_that_is_picked(
    hass: HomeAssistant, site: MockConfigEntry, platform: str
) -> None:
    device = register(hass, platform, DEVICES[platform], device=platform not in WITHOUT_DEVICE)
    found, end, stored = await bind(hass, picked(device, platform))
    roles, others = EXPECTED[platform]
    expected: dict[str, Any] = {"name": found["name"], **others}
    keys = ("limit_entity", "switch_entity", "status_entity", "power_entity")
    expected |= {
        key: device.entity_ids[role] for key, role in zip(keys, roles, strict=True) if role
    }
    for key in ("start_entity", "stop_entity"):
        if key in expected:
            expected[key] = device.entity_ids[expected[key]]
    for step in expected.get("limit_action", ()):
        if "device_id" in step["data"]:
            expected["limit_action"] = [
                {**step, "data": {**step["data"], "device_id": device.device_id}}
            ]
    # How phases are switched has a table of its own.
    assert {key: value for key, value in found.items() if key not in PHASE_FIELDS} == expected
    assert end is FlowResultType.CREATE_ENTRY

    reading = Charger(hass, "id", "Drive", stored, 230, remembered=ChargerSettings()).read()
    assert reading.missing == ()
    assert reading.connection.plugged
    assert reading.limit is not None
    assert not reading.drawing


@pytest.mark.parametrize(
    ("platform", "words"),
    [
        ("besen", "not_connected ready_to_charge waiting_for_button charging completed"),
        ("easee", "disconnected awaiting_start charging completed ready_to_charge error"),
        ("lektrico", "available connected need_auth paused paused_by_scheduler charging error"),
        ("ohme", "unplugged pending_approval charging finished plugged_in paused"),
        ("shelly", "charger_free charger_insert charger_charging charger_end charger_pause"),
        ("silla_prism", "idle waiting paused charging"),
        ("teslemetry", "starting charging stopped complete disconnected no_power"),
        ("technove", "unplugged plugged_waiting plugged_charging high_tariff_period pilot_fault"),
        ("zaptec", "Disconnected Connected_Requesting Connected_Charging Connected_Finished"),
    ],
)
def test_words_of_its_status_are_understood(platform: str, words: str) -> None:
    assert platform in EXPECTED
    assert Connection.UNKNOWN not in {connection_of(word) for word in words.split()}


async def test_meter_of_the_same_brand_is_no_charger(
    hass: HomeAssistant, site: MockConfigEntry
) -> None:
    meter = [Entity("sensor", "import_power", "*_import_power", "0")]
    device = register(hass, "easee", meter)
    flow = hass.config_entries.subentries
    result = await flow.async_init(("site", "charger"), context={"source": SOURCE_USER})
    result = await flow.async_configure(result["flow_id"], {"device_id": device.device_id})
    assert suggested(result["data_schema"]) == {"name": "Drive"}


async def test_plug_at_the_wall_is_on_or_off(hass: HomeAssistant, site: MockConfigEntry) -> None:
    plug = [
        Entity("switch", "child_lock", "*_child_lock", "off"),
        Entity("switch", None, "*_relay", "off"),
        Entity("sensor", None, "*_power", "0", {"unit_of_measurement": "W"}),
    ]
    device = register(hass, "some_plug", plug)
    found, end, stored = await bind(hass, {"device_id": device.device_id})
    assert found == {
        "name": "Drive",
        "switch_entity": device.entity_ids["switch.*_relay"],
        "power_entity": device.entity_ids["sensor.*_power"],
        "phases": "1",
        "max_a": 10,
    }
    assert end is FlowResultType.CREATE_ENTRY
    charger = Charger(hass, "id", "Drive", stored, 230, remembered=ChargerSettings())
    # It gives what the car takes, or nothing.
    assert charger.range_kw(charger.read(), 1) == pytest.approx((2.3, 2.3))


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"limit_entity": "select.words"}, "limit_without_numbers"),
        ({}, "nothing_to_control"),
        ({"switch_entity": "select.words"}, "options_missing"),
        ({"switch_entity": "select.words", "option_on": "x", "option_off": "a"}, "options_missing"),
        ({"start_entity": "button.start"}, "pair_incomplete"),
        ({"start_entity": "button.no", "stop_entity": "button.no"}, "entity_missing"),
        ({"start_entity": "switch.no", "stop_entity": "switch.no"}, "button_not_pressable"),
        ({"limit_action": [{"action": "nobody.offers"}]}, "action_missing"),
        ({"limit_action": [{"delay": 5}]}, "action_not_understood"),
    ],
)
async def test_what_cannot_work_is_refused(
    hass: HomeAssistant, site: MockConfigEntry, wrong: dict[str, Any], reason: str
) -> None:
    hass.states.async_set("select.words", "a", options("a", "b"))
    flow = hass.config_entries.subentries
    result = await flow.async_init(("site", "charger"), context={"source": SOURCE_USER})
    result = await flow.async_configure(result["flow_id"], {"name": "Box"})
    own = {key: value for key, value in wrong.items() if key in {"limit_entity", "switch_entity"}}
    control = {key: value for key, value in wrong.items() if key not in own}
    entered = {"name": "Box", "limit_unit": "A", **own, "control": control}
    result = await flow.async_configure(result["flow_id"], entered)
    assert list((result["errors"] or {}).values()) == [reason]
