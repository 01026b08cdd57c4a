"""Devices as the chargers' integrations register them: what is written here is theirs.

Of each entity: domain, translation key (None where the integration gives none), what its unique
id ends with, and a state. Some entities that must not be taken stand beside those that are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

AMPERES: Final = {"unit_of_measurement": "A", "min": 6, "max": 16, "step": 1}
FROM_ZERO: Final = {**AMPERES, "min": 0, "max": 32}
WATTS: Final = {"unit_of_measurement": "W", "device_class": "power"}
KILOWATTS: Final = {"unit_of_measurement": "kW", "device_class": "power"}


@dataclass(frozen=True)
class Entity:
    """An entity in the registry, and its state."""

    domain: str
    translation_key: str | None
    unique: str
    state: str = "0"
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Registered:
    """A device in the registries."""

    device_id: str | None
    entity_ids: Mapping[str, str]
    """By what the unique ids end with, after the domain: "number.intensity"."""


def options(*of: str) -> dict[str, Any]:
    """Return the attributes of a select, or of a sensor with known states."""
    return {"options": list(of)}


def register(
    hass: HomeAssistant, platform: str, entities: Sequence[Entity], *, device: bool = True
) -> Registered:
    """Register a charger, and let its entities have states."""
    entry = MockConfigEntry(domain=platform)
    entry.add_to_hass(hass)
    found = None
    if device:
        found = dr.async_get(hass).async_get_or_create(
            config_entry_id=entry.entry_id, identifiers={(platform, "AB12")}, name="Drive"
        )
    entity_ids = {}
    for entity in entities:
        registered = er.async_get(hass).async_get_or_create(
            entity.domain,
            platform,
            entity.unique.replace("*", "AB12"),
            config_entry=entry if device else None,
            device_id=None if found is None else found.id,
            translation_key=entity.translation_key,
            # People rename their entities: nothing may depend on their ids.
            suggested_object_id=f"renamed_{len(entity_ids)}",
        )
        hass.states.async_set(registered.entity_id, entity.state, entity.attributes)
        entity_ids[f"{entity.domain}.{entity.unique}"] = registered.entity_id
    return Registered(None if found is None else found.id, entity_ids)


def _power(key: str | None, unique: str, unit: Mapping[str, Any] = WATTS) -> Entity:
    return Entity("sensor", key, unique, "0", unit)


def _tesla(switch: str) -> list[Entity]:
    request = "charge_state_charge_current_request"
    charging = "charge_state_charging_state"
    states = options("starting", "charging", "stopped", "complete", "disconnected", "no_power")
    return [
        Entity("number", request, f"*-{request}", "16", FROM_ZERO),
        Entity(*("number", "charge_state_charge_limit_soc", "*-charge_state_charge_limit_soc")),
        Entity("switch", charging, f"*-{switch}", "off"),
        Entity("switch", "vehicle_state_valet_mode", "*-vehicle_state_valet_mode", "off"),
        Entity("sensor", charging, f"*-{charging}", "stopped", states),
        Entity("binary_sensor", charging, f"*-{charging}", "off"),
        _power("charge_state_charger_power", "*-charge_state_charger_power", KILOWATTS),
    ]


DEVICES: Final[Mapping[str, Sequence[Entity]]] = {
    "besen": [
        Entity("number", "charging_current", "*_charging_current", "10", AMPERES),
        Entity("switch", "charging", "*_charging", "off"),
        Entity("sensor", "plug_state", "*_plug_state", "disconnected"),
        Entity("sensor", "current_state", "*_current_state", "ready_to_charge"),
        _power("charging_power", "*_charging_power"),
    ],
    "easee": [
        Entity("switch", "is_enabled", "*_is_enabled", "on"),
        Entity("switch", "smart_charging", "*_smart_charging", "off"),
        Entity("sensor", "easee_status", "*_status", "awaiting_start"),
        Entity("sensor", "dynamic_charger_limit", "*_dynamic_charger_limit", "16", AMPERES),
        _power("power", "*_power", KILOWATTS),
    ],
    "evcc_intg": [
        Entity("select", "mincurrent", "evcc_intg.evcc_carport_min_current", "6"),
        Entity(
            *("select", "phasesconfigured", "evcc_intg.evcc_carport_phases_configured", "0"),
            options("0", "1", "3"),
        ),
        Entity(
            *("select", "maxcurrent", "evcc_intg.evcc_carport_max_current", "16"),
            options("6", "8", "10", "13", "16", "20", "32", "64"),
        ),
        Entity(
            *("select", "mode", "evcc_intg.evcc_carport_mode", "pv"),
            options("off", "pv", "minpv", "now"),
        ),
        Entity("binary_sensor", "charging", "evcc_intg.evcc_carport_charging", "off"),
        Entity("binary_sensor", "connected", "evcc_intg.evcc_carport_connected", "on"),
        _power("chargepower", "evcc_intg.evcc_carport_charge_power", KILOWATTS),
    ],
    "goecharger_api2": [
        Entity("number", "amp", "goecharger_api2.goe_1_amp", "16", AMPERES),
        Entity("number", "ama", "goecharger_api2.goe_1_ama", "16", AMPERES),
        Entity("select", "psm", "goecharger_api2.goe_1_psm", "0", options("0", "1", "2")),
        Entity("select", "frc", "goecharger_api2.goe_1_frc", "0", options("0", "1", "2")),
        Entity("sensor", "car_value", "goecharger_api2.goe_1_car_value", "Wait for car"),
        _power("nrg_7", "goecharger_api2.goe_1_nrg_7"),
        _power("nrg_11", "goecharger_api2.goe_1_nrg_11"),
    ],
    "keba": [
        Entity("sensor", None, "*_max_current", "16", {"unit_of_measurement": "A"}),
        Entity("binary_sensor", None, "*_device_state", "on"),
        Entity("binary_sensor", None, "*_plug_state", "on"),
        _power(None, "*_charging_power", KILOWATTS),
    ],
    "lektrico": [
        Entity("number", "led_max_brightness", "*_led_max_brightness", "50"),
        Entity("switch", "force_single_phase", "*_force_single_phase", "off"),
        Entity("number", "dynamic_limit", "*_dynamic_limit", "16", FROM_ZERO),
        Entity("button", "charge_start", "*-charge_start", "unknown"),
        Entity("button", "charge_stop", "*-charge_stop", "unknown"),
        Entity("sensor", "state", "*_state", "connected"),
        _power("power_l1", "*_power_l1", KILOWATTS),
        _power(None, "*_power", KILOWATTS),
    ],
    "myenergi": [
        Entity(
            *("select", "phase_setting", "entry-1-charge_mode", "Eco"),
            options("Fast", "Eco", "Eco+", "Stopped"),
        ),
        Entity("select", "phase_setting", "entry-1-phase_setting", "1", options("1", "3", "auto")),
        Entity("sensor", None, "entry-1-status", "Paused"),
        Entity("sensor", None, "entry-1-plug_status", "EV Connected"),
        _power(None, "entry-1-ct2.power"),
    ],
    "nrgkick": [
        Entity("number", "energy_limit", "*_energy_limit", "0"),
        Entity("number", "current_set", "*_current_set", "10", {**AMPERES, "step": 0.1}),
        Entity("switch", "charging_enabled", "*_charging_enabled", "off"),
        Entity("sensor", "status", "*_status", "connected"),
        _power("l1_active_power", "*_l1_active_power"),
        _power("total_active_power", "*_total_active_power"),
    ],
    "ocpp": [
        Entity("number", None, "number.ocpp.cp.maximum_current", "16", FROM_ZERO),
        Entity("switch", None, "switch.ocpp.cp.availability", "on"),
        Entity("switch", None, "switch.ocpp.cp.charge_control", "off"),
        Entity("sensor", None, "ocpp.cp.status.sensor", "Available"),
        Entity("sensor", None, "ocpp.cp.status_connector.sensor", "Preparing"),
        _power(None, "ocpp.cp.power_active_import.sensor"),
        _power(None, "ocpp.cp.power_offered.sensor"),
    ],
    "ohme": [
        Entity(
            *("select", "charge_mode", "*_charge_mode", "smart_charge"),
            options("smart_charge", "max_charge", "paused"),
        ),
        Entity("sensor", "status", "*_status", "plugged_in"),
        _power(None, "*_power"),
    ],
    "openevse": [
        Entity("number", "charge_rate", "*-charge_rate", "16", AMPERES),
        Entity(
            *("select", "override_state", "*-override_state", "auto"),
            options("auto", "active", "disabled"),
        ),
        Entity("switch", "manual_override", "*-manual_override", "off"),
        Entity("sensor", "status", "*-status", "disabled"),
        Entity("binary_sensor", "vehicle", "*-vehicle", "on"),
        _power("shaper_live_power", "*-shaper_live_power"),
        _power("charging_power", "*-charging_power", {**WATTS, "unit_of_measurement": "mW"}),
        _power("current_power", "*-current_power"),
    ],
    "peblar": [
        Entity("number", "charge_current_limit", "*_charge_current_limit", "10", AMPERES),
        Entity("switch", "socket_lock", "*_socket_lock", "off"),
        Entity("switch", "charge", "*_charge", "off"),
        Entity("switch", "force_single_phase", "*_force_single_phase", "off"),
        Entity(
            *("select", "smart_charging", "*_smart_charging", "default"),
            options("default", "fast_solar", "pure_solar", "scheduled", "smart_solar"),
        ),
        Entity("sensor", "cp_state", "*_cp_state", "suspended"),
        _power("power_phase_1", "*_power_phase_1"),
        _power(None, "*_power_total"),
    ],
    "shelly": [
        Entity("number", "current_limit", "*-number:200-number_current_limit", "16", AMPERES),
        Entity("switch", "charging", "*-boolean:200-boolean_start_charging", "off"),
        Entity("sensor", "charger_state", "*-enum:200-enum_work_state", "charger_insert"),
        _power("power_with_phase_name", "*-object:200-object_phase_a_power", KILOWATTS),
        _power(None, "*-object:200-object_total_power", KILOWATTS),
    ],
    "silla_prism": [
        Entity("number", "user_current", "prism_user_current", "10", AMPERES),
        Entity(
            *("select", "charging_mode", "prism_charging_mode", "solar"),
            options("solar", "normal", "pause"),
        ),
        Entity("sensor", "status", "prism_status", "waiting"),
        _power("grid_power", "prism_grid_power"),
        Entity("sensor", "pilot_current", "prism_pilot", "16", {"unit_of_measurement": "A"}),
        Entity("sensor", "current", "prism_current", "0", {"unit_of_measurement": "mA"}),
        _power(None, "prism_power"),
    ],
    "technove": [
        Entity("number", "max_current", "*_max_current", "16", {**AMPERES, "min": 8, "max": 48}),
        Entity("switch", "auto_charge", "*_auto_charge", "off"),
        Entity("switch", "session_active", "*_session_active", "off"),
        Entity("sensor", "status", "*_status", "plugged_waiting"),
    ],
    "tesla_fleet": _tesla("charge_state_user_charge_enable_request"),
    "teslemetry": _tesla("charge_state_user_charge_enable_request"),
    "tessie": _tesla("charge_state_charge_enable_request"),
    "v2c": [
        Entity("number", "min_intensity", "*_min_intensity", "6", AMPERES),
        Entity("number", "max_intensity", "*_max_intensity", "16", AMPERES),
        Entity("number", "intensity", "*_intensity", "10", AMPERES),
        Entity("switch", "pause_dynamic", "*_pause_dynamic", "off"),
        Entity("switch", "paused", "*_paused", "on"),
        Entity("binary_sensor", "connected", "*_connected", "on", {"device_class": "plug"}),
        _power("house_power", "*_house_power"),
        _power("charge_power", "*_charge_power"),
    ],
    "wallbox": [
        Entity("number", "energy_price", "energy_price-*", "0.3"),
        Entity(
            "sensor",
            "max_available_power",
            "max_available_power-*",
            "32",
            {"unit_of_measurement": "A"},
        ),
        Entity("select", "ecosmart", "ecosmart-*", "off", options("off", "eco_mode", "full_solar")),
        Entity(
            *("number", "maximum_charging_current", "max_charging_current-*", "16"),
            {"min": 6, "max": 32, "step": 1},
        ),
        Entity("switch", "pause_resume", "paused-*", "off"),
        Entity("sensor", "status_description", "status_description-*", "Paused"),
        _power("charging_power", "charging_power-*", KILOWATTS),
    ],
    "zaptec": [
        Entity("number", "charger_min_current", "*_charger_min_current", "6", FROM_ZERO),
        Entity(
            *("number", "three_to_one_phase_switch_current", "*_three_to_one_phase_switch_current"),
            *("16", FROM_ZERO),
        ),
        Entity("number", "charger_max_current", "*_charger_max_current", "16", FROM_ZERO),
        Entity("switch", "charger_operation_mode", "*_charger_operation_mode", "unavailable"),
        Entity(
            "sensor", "charger_operation_mode", "*_charger_operation_mode", "connected_requesting"
        ),
        _power("total_charge_power", "*_total_charge_power"),
    ],
}
"""What each integration with a row registers, by its name."""
