"""Known chargers that switch their phases: picking the device fills in how, by row or evidence."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service
from tests.bindings.chargers.registered import AMPERES, Entity, options, register
from tests.flows.charger_forms import pick, suggested

from custom_components.optivgi.bindings.chargers.phase_rows import PHASE_FIELDS, PHASE_ROWS

LIMIT = Entity("number", "limit", "*_charging_current", "10", AMPERES)
SWITCH = Entity("switch", "charging", "*_charging", "off")


def _select(key: str | None, unique: str, *of: str) -> Entity:
    return Entity("select", key, unique, of[0], options(*of))


def _values(one: str, three: str, **more: Any) -> dict[str, Any]:
    return {"one_phase": one, "three_phases": three, **more}


def _keba(three: bool) -> list[dict[str, Any]]:
    return [
        {"action": "keba.x2src", "data": {"device_id": "DEVICE", "source": 4}},
        {"action": "keba.x2", "data": {"device_id": "DEVICE", "three_phases": three}},
    ]


def _easee(mode: str) -> list[dict[str, Any]]:
    data = {"device_id": "DEVICE", "phase_mode": mode}
    return [{"action": "easee.set_charger_phase_mode", "data": data}]


ACTIONS = {"easee": ["set_charger_phase_mode"], "keba": ["x2", "x2src"]}
# What the integration registers, and what is filled in; the entity is the first.
ROWS: dict[str, tuple[list[Entity], dict[str, Any]]] = {
    "alfen_wallbox": (
        [_select(None, "*_ps_installation_max_allowed_phase", "3 Phases", "1 Phase")],
        _values("1 Phase", "3 Phases", phase_interval=3600, switches_per_day=4),
    ),
    "compleo_wallbox": (
        [_select("phase_mode", "*_phase_mode", "auto", "1", "3")],
        _values("1", "3"),
    ),
    "easee": (
        [Entity("sensor", "easee_status", "*_status", "disconnected")],
        {
            "one_phase_action": _easee("1_phase"),
            "three_phases_action": _easee("auto_phase"),
            "phase_pause": 90,
        },
    ),
    "evcc_intg": (
        [_select("phasesconfigured", "*_phases_configured", "0", "1", "3")],
        _values("1", "3"),
    ),
    "goecharger_api2": ([_select("psm", "goe_*_psm", "0", "1", "2")], _values("1", "2")),
    "goecharger_mqtt": (
        [_select(None, "*-select-psm-psm", "Auto", "Force single phase", "Force three phases")],
        _values("Force single phase", "Force three phases"),
    ),
    "keba": (
        [
            Entity("binary_sensor", None, "keba-*-X2 phaseSwitch", "off"),
            Entity("binary_sensor", None, "keba-*-Plug_EV", "off"),
        ],
        _values(
            "off",
            "on",
            one_phase_action=_keba(False),
            three_phases_action=_keba(True),
            phase_interval=300,
        ),
    ),
    "lektrico": ([Entity("switch", "force_single_phase", "*_force_single_phase", "off")], {}),
    "mqtt": (
        [_select(None, "SmartEVSE-*-EnableC2", "Not present", "Always Off", "Always On", "Auto")],
        _values("Always Off", "Always On", phase_pause=10),
    ),
    "nrgkick": (
        [Entity("number", "phase_count", "*_phase_count", "3", {"min": 1, "max": 3})],
        _values("1", "3"),
    ),
    "peblar": ([Entity("switch", "force_single_phase", "*_force_single_phase", "off")], {}),
    "smartevse": (
        [_select(None, "*_smartevse_enable_C2", "Not present", "Always Off", "Always On", "Auto")],
        _values("Always Off", "Always On", phase_pause=10),
    ),
    "solax_modbus": (
        [_select(None, "SolaX_charge_phase", "Three Phase", "L1 Phase", "L2 Phase", "L3 Phase")],
        _values("L1 Phase", "Three Phase"),
    ),
    "v2c": (
        [_select("charge_mode", "*_charge_mode", "monophasic", "threephasic", "mixed")],
        _values("monophasic", "threephasic"),
    ),
    "wattpilot": (
        [_select("phase_switch", "321-psm", "Auto", "1 Phase", "3 Phases")],
        _values("1 Phase", "3 Phases"),
    ),
    "webasto_unite": ([_select(None, "wu_phase_switch", "3", "1")], _values("1", "3")),
    "zaptec": (
        [Entity("number", None, "*_three_to_one_phase_switch_current", "0", {"min": 0, "max": 32})],
        _values("32", "0", phase_interval=900, phase_pause=90),
    ),
}


def test_every_row_is_shown() -> None:
    assert {row.platform for row in PHASE_ROWS} == ROWS.keys()


@pytest.mark.parametrize("platform", ROWS)
async def test_known_charger_is_switched_as_its_row_says(
    hass: HomeAssistant, site: MockConfigEntry, platform: str
) -> None:
    for service in ACTIONS.get(platform, ()):
        async_mock_service(hass, platform, service)
    entities, expected = ROWS[platform]
    device = register(hass, platform, [LIMIT, SWITCH, *entities])
    result = await pick(hass, {"device_id": device.device_id})
    found = {k: v for k, v in suggested(result["data_schema"]).items() if k in PHASE_FIELDS}
    if platform != "easee":
        first = f"{entities[0].domain}.{entities[0].unique}"
        expected = {"phase_entity": device.entity_ids[first], **expected}
    for key in ("one_phase_action", "three_phases_action"):
        for step in found.get(key, ()):
            if step["data"].get("device_id") == device.device_id:
                step["data"]["device_id"] = "DEVICE"
    assert found == expected


@pytest.mark.parametrize(
    ("entity", "expected"),
    [
        (_select(None, "*_phases", "auto", "1 phase", "3 phases"), ("1 phase", "3 phases")),
        (_select(None, "*_phase_mode", "single", "three"), ("single", "three")),
        (Entity("switch", None, "*_force_single_phase", "off"), (None, None)),
        (_select(None, "*_phase_rotation", "1", "3"), None),
        (_select(None, "*_mode", "1", "3"), None),
        (Entity("switch", None, "*_phase_imbalance", "off"), None),
    ],
)
async def test_unknown_charger_is_switched_by_what_says_so(
    hass: HomeAssistant, site: MockConfigEntry, entity: Entity, expected: Any
) -> None:
    device = register(hass, "brand", [LIMIT, SWITCH, entity])
    found = suggested((await pick(hass, {"device_id": device.device_id}))["data_schema"])
    if expected is None:
        assert not found.keys() & PHASE_FIELDS
        return
    assert found["phase_entity"] == device.entity_ids[f"{entity.domain}.{entity.unique}"]
    assert (found.get("one_phase"), found.get("three_phases")) == expected


@pytest.mark.parametrize("installations", [1, 2])
async def test_installation_of_a_charger_is_another_device(
    hass: HomeAssistant, site: MockConfigEntry, installations: int
) -> None:
    """Which of two installations a charger belongs to, nobody says."""
    device = register(hass, "zaptec", [LIMIT, SWITCH])
    registry = er.async_get(hass)
    own = registry.async_get(next(iter(device.entity_ids.values())))
    assert own is not None
    account = hass.config_entries.async_get_entry(own.config_entry_id or "")
    numbers = [
        registry.async_get_or_create(
            "number",
            "zaptec",
            f"{index}_three_to_one_phase_switch_current",
            config_entry=account,
            translation_key="three_to_one_phase_switch_current",
        ).entity_id
        for index in range(installations)
    ]
    found = suggested((await pick(hass, {"device_id": device.device_id}))["data_schema"])
    assert found.get("phase_entity") == (numbers[0] if installations == 1 else None)
