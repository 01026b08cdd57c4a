"""What a site's connection has to fulfil, held against what its sensors show right now."""

from collections.abc import Mapping
import math
from typing import Any, Final

from homeassistant.core import HomeAssistant

from ..bindings.house.solar import has_forecast
from ..bindings.quantity import is_current_unit, is_power_unit, power_kw, unit, valid_state
from ..bindings.tariffs.co2 import kg_per_kwh
from ..const import (
    CONF_BASE_LOAD_KW,
    CONF_CO2_ENTITY,
    CONF_CO2_PRICE,
    CONF_DIMMING_ENTITY,
    CONF_EXPORT_POWER_ENTITY,
    CONF_FUSE_A,
    CONF_LIMIT_KW,
    CONF_OPERATOR_LIMIT_ENTITY,
    CONF_PHASES,
    CONF_POWER_ENTITY,
    CONF_PV_ENTITY,
    CONF_SOLAR_ENTITY,
    CONF_SOLAR_ENTRIES,
    CONF_VOLTAGE,
    PHASE_ENTITIES,
)
from .fields import Refusal, is_our_own
from .meter_checks import (
    IMPOSSIBLE,
    METER_WARNINGS,
    carries_in_all_kw,
    carries_kw,
    check_phase_readings,
    check_phase_sensors,
    check_power,
)

WARNINGS: Final = METER_WARNINGS | {"voltage_between_phases"}
"""Reasons to look again: the same entered once more is accepted."""

_MAX_TO_NEUTRAL_V: Final = 300
"""More is measured between phases: 400 V where each has 230 V to neutral."""
# Inverters draw a little at night.
_STANDBY_KW: Final = 0.1


def check_site(hass: HomeAssistant, entered: Mapping[str, Any]) -> Refusal | None:
    """Return why a site cannot be what was entered, or should be looked at; None where it can."""
    if CONF_FUSE_A not in entered and CONF_LIMIT_KW not in entered:
        return CONF_FUSE_A, "limit_missing", {}
    for check in (
        _check_connection,
        _check_sources,
        check_power,
        _check_export,
        check_phase_sensors,
        check_phase_readings,
        _check_solar,
        _check_operator,
        _check_co2,
    ):
        if (refusal := check(hass, entered)) is not None:
            return refusal
    return None


def _check_connection(hass: HomeAssistant, entered: Mapping[str, Any]) -> Refusal | None:
    phases = int(entered[CONF_PHASES])
    if phases > 1 and entered[CONF_VOLTAGE] > _MAX_TO_NEUTRAL_V:
        between = f"{entered[CONF_VOLTAGE]:g}"
        to_neutral = f"{entered[CONF_VOLTAGE] / math.sqrt(phases):.0f}"
        names = {"voltage": between, "neutral": to_neutral}
        return CONF_VOLTAGE, "voltage_between_phases", names
    limit_kw = carries_in_all_kw(entered)
    if (base_kw := entered.get(CONF_BASE_LOAD_KW, 0.0)) > limit_kw:
        names = {"load": f"{base_kw:g}", "limit": f"{limit_kw:.3g}"}
        return CONF_BASE_LOAD_KW, "base_load_beyond", names
    return None


def _check_sources(hass: HomeAssistant, entered: Mapping[str, Any]) -> Refusal | None:
    for key in (
        CONF_EXPORT_POWER_ENTITY,
        *PHASE_ENTITIES,
        CONF_PV_ENTITY,
        CONF_SOLAR_ENTITY,
        CONF_OPERATOR_LIMIT_ENTITY,
    ):
        if (entity_id := entered.get(key)) is not None and is_our_own(hass, entity_id):
            return key, "entity_is_our_own", {"entity": entity_id}
    return None


def _check_export(hass: HomeAssistant, entered: Mapping[str, Any]) -> Refusal | None:
    """Return why something is no sensor of exports beside one of imports; None where it is."""
    if (entity_id := entered.get(CONF_EXPORT_POWER_ENTITY)) is None:
        return None
    names = {"entity": entity_id}
    if (power := entered.get(CONF_POWER_ENTITY)) is None:
        return CONF_POWER_ENTITY, "import_missing", names
    if power == entity_id:
        return CONF_EXPORT_POWER_ENTITY, "export_is_import", names
    if hass.states.get(entity_id) is None:
        return CONF_EXPORT_POWER_ENTITY, "export_power_missing", names
    exported, imported = (valid_state(hass, sensor) for sensor in (entity_id, power))
    if exported is not None and not is_power_unit(unit(exported)):
        return CONF_EXPORT_POWER_ENTITY, "export_unit_unknown", names
    export_kw, import_kw = power_kw(exported), power_kw(imported)
    names["power"] = "" if export_kw is None else f"{export_kw:.3g}"
    if export_kw is not None and export_kw < -_STANDBY_KW:
        return CONF_EXPORT_POWER_ENTITY, "export_negative", names
    if import_kw is not None and import_kw < -_STANDBY_KW:
        return (
            CONF_EXPORT_POWER_ENTITY,
            "import_negative",
            {"entity": power, "power": f"{import_kw:.3g}"},
        )
    return None


def _check_co2(hass: HomeAssistant, entered: Mapping[str, Any]) -> Refusal | None:
    """Return why an entity does not show the CO2 of a kWh; None where it does."""
    if (entity_id := entered.get(CONF_CO2_ENTITY)) is None:
        return (CONF_CO2_ENTITY, "co2_missing", {}) if entered.get(CONF_CO2_PRICE) else None
    if (state := hass.states.get(entity_id)) is None:
        return CONF_CO2_ENTITY, "co2_entity_missing", {"entity": entity_id}
    if valid_state(hass, entity_id) is not None and kg_per_kwh(state.attributes) is None:
        named = {"entity": entity_id, "unit": unit(state) or "-"}
        return CONF_CO2_ENTITY, "co2_unit_unknown", named
    return None


def _check_operator(hass: HomeAssistant, entered: Mapping[str, Any]) -> Refusal | None:
    """Return why the grid operator's limit cannot be read; None where it can."""
    for key in (CONF_OPERATOR_LIMIT_ENTITY, CONF_DIMMING_ENTITY):
        if (entity_id := entered.get(key)) is not None and hass.states.get(entity_id) is None:
            return key, "operator_entity_missing", {"entity": entity_id}
    if (entity_id := entered.get(CONF_OPERATOR_LIMIT_ENTITY)) is not None:
        state = valid_state(hass, entity_id)
        name = unit(state)
        if state is not None and not (is_power_unit(name) or is_current_unit(name)):
            return CONF_OPERATOR_LIMIT_ENTITY, "operator_unit_unknown", {"entity": entity_id}
    return None


def _check_solar(hass: HomeAssistant, entered: Mapping[str, Any]) -> Refusal | None:
    if (entity_id := entered.get(CONF_SOLAR_ENTITY)) is not None:
        names = {"entity": entity_id}
        if entered.get(CONF_SOLAR_ENTRIES):
            return CONF_SOLAR_ENTITY, "solar_twice", names
        if (state := hass.states.get(entity_id)) is None:
            return CONF_SOLAR_ENTITY, "solar_entity_missing", names
        if valid_state(hass, entity_id) is not None and not has_forecast(state):
            return CONF_SOLAR_ENTITY, "solar_entity_without_forecast", names
    if (entity_id := entered.get(CONF_PV_ENTITY)) is not None:
        most_kw = carries_kw(entered) * int(entered[CONF_PHASES])
        return _check_pv(hass, entity_id, max_kw=IMPOSSIBLE * most_kw)
    return None


def _check_pv(hass: HomeAssistant, entity_id: str, *, max_kw: float) -> Refusal | None:
    names = {"entity": entity_id}
    if hass.states.get(entity_id) is None:
        return CONF_PV_ENTITY, "pv_entity_missing", names
    if (state := valid_state(hass, entity_id)) is None:
        return None
    if not is_power_unit(unit(state)):
        return CONF_PV_ENTITY, "pv_unit_unknown", names
    if (kw := power_kw(state)) is None:
        return None
    names["power"] = f"{kw:.3g}"
    if abs(kw) > max_kw:
        return CONF_PV_ENTITY, "pv_impossible", names
    if kw < -_STANDBY_KW:
        return CONF_PV_ENTITY, "pv_negative", names
    return None
