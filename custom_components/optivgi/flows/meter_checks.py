"""What the meter of a connection or a circuit has to fulfil, held against what it shows now."""

from collections.abc import Mapping
import math
from typing import Any, Final

from homeassistant.core import HomeAssistant

from ..bindings.house.meter import meter_scale
from ..bindings.house.power_sensor import load_kw
from ..bindings.quantity import is_current_unit, is_power_unit, power_kw, unit, valid_state
from ..const import (
    CONF_EXPORT_POWER_ENTITY,
    CONF_FUSE_A,
    CONF_LIMIT_KW,
    CONF_PHASES,
    CONF_POWER_ENTITY,
    CONF_VOLTAGE,
    PHASE_ENTITIES,
)
from .fields import Refusal, is_our_own
from .site_schemas import SECTION_PHASES

METER_WARNINGS: Final = frozenset({"phases_differ", "phases_unsigned"})
"""Reasons to look again: the same entered once more is accepted."""
# Sum and total are read at different moments, so they are the same within this.
_SAME_KW: Final = 0.3
# Currents know no power factor, and the sensors report at different moments.
_SAME_PART: Final = 0.25
# W and kW, mA and A.
_THOUSAND: Final = 1000
IMPOSSIBLE: Final = 5
"""No house draws so many times what its connection carries; a wrong unit shows a thousand times."""


def check_power(hass: HomeAssistant, entered: Mapping[str, Any]) -> Refusal | None:
    """Return why a sensor does not measure all phases together; None where it can."""
    if (entity_id := entered.get(CONF_POWER_ENTITY)) is None:
        return None
    if hass.states.get(entity_id) is None:
        return CONF_POWER_ENTITY, "entity_missing", {"entity": entity_id}
    if is_our_own(hass, entity_id):
        return CONF_POWER_ENTITY, "entity_is_our_own", {"entity": entity_id}
    state = valid_state(hass, entity_id)
    if state is not None and not is_power_unit(unit(state)):
        return CONF_POWER_ENTITY, "power_unit_unknown", {"entity": entity_id}
    kw = total_kw(hass, entered)
    if kw is not None and abs(kw) > IMPOSSIBLE * carries_in_all_kw(entered):
        named = {"entity": entity_id, "power": f"{kw:.0f}"}
        return CONF_POWER_ENTITY, "power_impossible", named
    return None


def check_phase_sensors(hass: HomeAssistant, entered: Mapping[str, Any]) -> Refusal | None:
    """Return why sensors do not measure the phases; None where they can, or there are none."""
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


def check_phase_readings(hass: HomeAssistant, entered: Mapping[str, Any]) -> Refusal | None:
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
    if any(abs(kw) > IMPOSSIBLE * carries_kw(entered) for kw in phases):
        return SECTION_PHASES, "phases_impossible", names
    if (total := total_kw(hass, entered)) is None:
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


def total_kw(hass: HomeAssistant, entered: Mapping[str, Any]) -> float | None:
    """Return what the meter shows of all phases, corrected as entered; None where nothing."""
    shown_kw = power_kw(valid_state(hass, entered.get(CONF_POWER_ENTITY)))
    if shown_kw is None:
        return None
    export_kw = power_kw(valid_state(hass, entered.get(CONF_EXPORT_POWER_ENTITY)))
    return (shown_kw - (export_kw or 0.0)) * meter_scale(entered)


def carries_kw(entered: Mapping[str, Any]) -> float:
    """Return the max load of one phase."""
    if CONF_FUSE_A in entered:
        return float(entered[CONF_FUSE_A] * entered[CONF_VOLTAGE] / _THOUSAND)
    return float(entered[CONF_LIMIT_KW])


def carries_in_all_kw(entered: Mapping[str, Any]) -> float:
    """Return the max load of all phases together."""
    limit_kw = float(entered.get(CONF_LIMIT_KW, math.inf))
    if CONF_FUSE_A not in entered:
        return limit_kw
    return min(limit_kw, carries_kw(entered) * int(entered[CONF_PHASES]))


def _alike(one: float, other: float) -> bool:
    return abs(one - other) <= max(_SAME_KW, _SAME_PART * abs(other))


def _thousandfold(one: float, other: float) -> bool:
    return abs(one - _THOUSAND * other) <= _SAME_PART * abs(one) and one != 0
