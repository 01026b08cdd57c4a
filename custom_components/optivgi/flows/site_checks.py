"""What a site's connection has to fulfil, held against what its sensors show right now."""

from collections.abc import Mapping
import math
from typing import Any, Final

from homeassistant.core import HomeAssistant

from ..bindings.house.meter import meter_scale
from ..bindings.house.power_sensor import load_kw
from ..bindings.house.solar import has_forecast
from ..bindings.quantity import is_current_unit, is_power_unit, power_kw, unit, valid_state
from ..const import (
    CONF_BASE_LOAD_KW,
    CONF_EXPORT_POWER_ENTITY,
    CONF_FUSE_A,
    CONF_LIMIT_KW,
    CONF_PHASES,
    CONF_POWER_ENTITY,
    CONF_PV_ENTITY,
    CONF_SOLAR_ENTITY,
    CONF_SOLAR_ENTRIES,
    CONF_VOLTAGE,
    PHASE_ENTITIES,
)
from .fields import Refusal, is_our_own
from .site_schemas import SECTION_PHASES

WARNINGS: Final = frozenset({"phases_differ", "phases_unsigned", "voltage_between_phases"})
"""Reasons to look again: the same entered once more is accepted."""

# Sum and total are read at different moments, so they are the same within this.
_SAME_KW: Final = 0.3
# Currents know no power factor, and the sensors report at different moments.
_SAME_PART: Final = 0.25
# W and kW, mA and A.
_THOUSAND: Final = 1000
# No house draws so many times what its connection carries; a wrong unit shows a thousand times.
_IMPOSSIBLE: Final = 5
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
        _check_power,
        _check_export,
        _check_phase_sensors,
        _check_phase_readings,
        _check_solar,
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
    carries_kw = _carries_in_all_kw(entered)
    if (base_kw := entered.get(CONF_BASE_LOAD_KW, 0.0)) > carries_kw:
        names = {"load": f"{base_kw:g}", "limit": f"{carries_kw:.3g}"}
        return CONF_BASE_LOAD_KW, "base_load_beyond", names
    return None


def _check_sources(hass: HomeAssistant, entered: Mapping[str, Any]) -> Refusal | None:
    for key in (CONF_EXPORT_POWER_ENTITY, *PHASE_ENTITIES, CONF_PV_ENTITY, CONF_SOLAR_ENTITY):
        if (entity_id := entered.get(key)) is not None and is_our_own(hass, entity_id):
            return key, "entity_is_our_own", {"entity": entity_id}
    return None


def _check_power(hass: HomeAssistant, entered: Mapping[str, Any]) -> Refusal | None:
    if (entity_id := entered.get(CONF_POWER_ENTITY)) is None:
        return None
    if hass.states.get(entity_id) is None:
        return CONF_POWER_ENTITY, "entity_missing", {"entity": entity_id}
    if is_our_own(hass, entity_id):
        return CONF_POWER_ENTITY, "entity_is_our_own", {"entity": entity_id}
    state = valid_state(hass, entity_id)
    if state is not None and not is_power_unit(unit(state)):
        return CONF_POWER_ENTITY, "power_unit_unknown", {"entity": entity_id}
    kw = _total_kw(hass, entered)
    if kw is not None and abs(kw) > _IMPOSSIBLE * _carries_in_all_kw(entered):
        named = {"entity": entity_id, "power": f"{kw:.0f}"}
        return CONF_POWER_ENTITY, "power_impossible", named
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


def _total_kw(hass: HomeAssistant, entered: Mapping[str, Any]) -> float | None:
    """Return what the meter shows of all phases, corrected as entered; None where nothing."""
    total_kw = power_kw(valid_state(hass, entered.get(CONF_POWER_ENTITY)))
    if total_kw is None:
        return None
    export_kw = power_kw(valid_state(hass, entered.get(CONF_EXPORT_POWER_ENTITY)))
    return (total_kw - (export_kw or 0.0)) * meter_scale(entered)


def _check_phase_sensors(hass: HomeAssistant, entered: Mapping[str, Any]) -> Refusal | None:
    entity_ids = [entered[key] for key in PHASE_ENTITIES if key in entered]
    if not entity_ids:
        return None
    if int(entered[CONF_PHASES]) != len(PHASE_ENTITIES):
        return SECTION_PHASES, "phases_of_one", {}
    if len(entity_ids) < len(PHASE_ENTITIES):
        return SECTION_PHASES, "phases_incomplete", {}
    others = [entered[CONF_POWER_ENTITY]] if CONF_POWER_ENTITY in entered else []
    if len({*entity_ids, *others}) < len(entity_ids) + len(others):
        return SECTION_PHASES, "phases_same", {}
    for key, entity_id in zip(PHASE_ENTITIES, entity_ids, strict=True):
        names = {"entity": entity_id}
        if hass.states.get(entity_id) is None:
            return key, "phase_entity_missing", names
        state = valid_state(hass, entity_id)
        if state is not None and not (is_power_unit(unit(state)) or is_current_unit(unit(state))):
            return key, "phase_unit_unknown", names
    return None


def _check_phase_readings(hass: HomeAssistant, entered: Mapping[str, Any]) -> Refusal | None:
    """Hold what the phases show against the connection, and against the power sensor."""
    states = [valid_state(hass, entered.get(key)) for key in PHASE_ENTITIES]
    shown = [load_kw(state, entered[CONF_VOLTAGE]) for state in states]
    currents = all(is_current_unit(unit(state)) for state in states)
    # Currents have other signs and units than the power beside them.
    scale = 1.0 if currents and CONF_POWER_ENTITY in entered else meter_scale(entered)
    phases = [kw * scale for kw in shown if kw is not None]
    if len(phases) < len(shown):
        return None
    names = {key: f"{kw:.3g}" for key, kw in zip(("l1", "l2", "l3"), phases, strict=True)}
    if any(abs(kw) > _IMPOSSIBLE * _carries_kw(entered) for kw in phases):
        return SECTION_PHASES, "phases_impossible", names
    if (total := _total_kw(hass, entered)) is None:
        return None
    summed = math.fsum(phases)
    names |= {"sum": f"{summed:.3g}", "total": f"{total:.3g}"}
    unsigned = min(phases) >= 0 and currents
    if _alike(summed, total):
        return None
    if total < 0 and unsigned:
        return SECTION_PHASES, "phases_unsigned", names
    if _alike(-summed, total) and abs(total) > 2 * _SAME_KW:
        return SECTION_PHASES, "phases_negated", names
    if _thousandfold(summed, total) or _thousandfold(total, summed):
        return SECTION_PHASES, "phases_thousandfold", names
    return SECTION_PHASES, "phases_differ", names


def _carries_kw(entered: Mapping[str, Any]) -> float:
    """Return the max load of one phase."""
    if CONF_FUSE_A in entered:
        return float(entered[CONF_FUSE_A] * entered[CONF_VOLTAGE] / _THOUSAND)
    return float(entered[CONF_LIMIT_KW])


def _carries_in_all_kw(entered: Mapping[str, Any]) -> float:
    """Return the max load of all phases together."""
    limit_kw = float(entered.get(CONF_LIMIT_KW, math.inf))
    if CONF_FUSE_A not in entered:
        return limit_kw
    return min(limit_kw, _carries_kw(entered) * int(entered[CONF_PHASES]))


def _alike(one: float, other: float) -> bool:
    return abs(one - other) <= max(_SAME_KW, _SAME_PART * abs(other))


def _thousandfold(one: float, other: float) -> bool:
    return abs(one - _THOUSAND * other) <= _SAME_PART * abs(one) and one != 0


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
        carries_kw = _carries_kw(entered) * int(entered[CONF_PHASES])
        return _check_pv(hass, entity_id, max_kw=_IMPOSSIBLE * carries_kw)
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
