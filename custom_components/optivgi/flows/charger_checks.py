"""What a charger's configuration has to fulfil, and what to do where it does not."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.components.select import ATTR_OPTIONS
from homeassistant.core import HomeAssistant, State, split_entity_id
from homeassistant.helpers import entity_registry as er

from ..bindings.chargers.calls import actions_missing, is_understood
from ..bindings.chargers.charger import IMPOSSIBLE
from ..bindings.chargers.connection import Connection
from ..bindings.chargers.limit import LimitEntity
from ..bindings.chargers.meanings import (
    configured_meanings,
    connection_of,
    is_status_of_charger,
)
from ..bindings.chargers.on_off import SELECT_DOMAINS
from ..bindings.quantity import (
    is_current_unit,
    is_energy_unit,
    is_power_unit,
    power_kw,
    to_ampere,
    unit,
    valid_state,
)
from ..const import (
    CONF_ENERGY_ENTITY,
    CONF_LIMIT_ACTION,
    CONF_LIMIT_ENTITY,
    CONF_LIMIT_UNIT,
    CONF_MAX_A,
    CONF_MIN_A,
    CONF_OPTION_OFF,
    CONF_OPTION_ON,
    CONF_PHASES,
    CONF_POWER_ENTITY,
    CONF_START_ACTION,
    CONF_START_ENTITY,
    CONF_STATUS_ENTITY,
    CONF_STOP_ACTION,
    CONF_STOP_ENTITY,
    CONF_STOP_RULE,
    CONF_SWITCH_ENTITY,
    CONF_TAG_ENTITY,
    DEFAULT_VOLTAGE,
    StopRule,
)
from .charger_schemas import BUTTON_DOMAINS, LIMIT_DOMAINS, SECTION_CONTROL, SWITCH_DOMAINS
from .fields import Refusal
from .phase_schemas import check_phases
from .state_schemas import check_states

_PAIRS: Final = ((CONF_START_ENTITY, CONF_STOP_ENTITY), (CONF_START_ACTION, CONF_STOP_ACTION))


def check_charger(hass: HomeAssistant, entered: Mapping[str, Any]) -> Refusal | None:
    """Return why a charger cannot be driven by what was entered; None where it can."""
    for check in (
        _check_actions,
        _check_limit,
        _check_switch,
        _check_stop_rule,
        _check_pairs,
        _check_status,
        _check_power,
        _check_energy,
        _check_tag,
        check_phases,
    ):
        if (refusal := check(hass, entered)) is not None:
            return refusal
    return None


def options_of(hass: HomeAssistant, entity_id: str | None) -> list[str]:
    """Return the options of a select; none where it is no select, or has no state."""
    state = None if entity_id is None else hass.states.get(entity_id)
    if state is None or state.domain not in SELECT_DOMAINS:
        return []
    return list(state.attributes.get(ATTR_OPTIONS) or ())


def _limit_unit(hass: HomeAssistant, state: State, entered: Mapping[str, Any]) -> str | None:
    """Return the unit of a limit entity, which may be unavailable at the moment."""
    entry = er.async_get(hass).async_get(state.entity_id)
    registered = None if entry is None else entry.unit_of_measurement
    return unit(state) or registered or entered.get(CONF_LIMIT_UNIT)


def _check_actions(hass: HomeAssistant, entered: Mapping[str, Any]) -> Refusal | None:
    for key in (CONF_LIMIT_ACTION, *_PAIRS[1]):
        if (actions := entered.get(key)) is None:
            continue
        if not is_understood(actions):
            return key, "action_not_understood", {}
        if missing := actions_missing(hass, actions):
            return key, "action_missing", {"action": missing[0]}
    return None


def _switched(entered: Mapping[str, Any]) -> bool:
    """Return whether something else than the limit starts and stops the charger."""
    if entered.get(CONF_STOP_RULE) == StopRule.ZERO:
        return False
    return CONF_SWITCH_ENTITY in entered or any(start in entered for start, _ in _PAIRS)


def _check_limit(hass: HomeAssistant, entered: Mapping[str, Any]) -> Refusal | None:
    if entered[CONF_MIN_A] <= 0:
        return CONF_MIN_A, "current_missing", {}
    if entered[CONF_MAX_A] <= 0:
        return CONF_MAX_A, "current_missing", {}
    if entered[CONF_MIN_A] > entered[CONF_MAX_A]:
        return CONF_MIN_A, "min_above_max", {}
    entity_id = entered.get(CONF_LIMIT_ENTITY)
    if entity_id is None:
        if CONF_LIMIT_ACTION in entered or _switched(entered):
            return None
        return CONF_LIMIT_ENTITY, "nothing_to_control", {}
    names = {"entity": entity_id}
    shown_only = CONF_LIMIT_ACTION in entered
    if split_entity_id(entity_id)[0] not in LIMIT_DOMAINS and not shown_only:
        return CONF_LIMIT_ENTITY, "limit_not_writable", names
    if (state := hass.states.get(entity_id)) is None:
        return CONF_LIMIT_ENTITY, "entity_missing", names
    return None if shown_only else _check_range(hass, state, entered)


def _check_range(hass: HomeAssistant, state: State, entered: Mapping[str, Any]) -> Refusal | None:
    names = {"entity": state.entity_id}
    if (name := _limit_unit(hass, state, entered)) is None:
        return CONF_LIMIT_UNIT, "limit_unit_missing", names
    if not (is_current_unit(name) or is_power_unit(name)):
        return CONF_LIMIT_ENTITY, "limit_unit_unknown", {**names, "unit": name}
    if (limit := LimitEntity.from_state(state, name)) is None:
        return CONF_LIMIT_ENTITY, "limit_without_numbers", names
    if is_current_unit(name) and to_ampere(limit.maximum, name) < entered[CONF_MIN_A]:
        return CONF_LIMIT_ENTITY, "limit_too_low", {**names, "maximum": f"{limit.maximum:g} {name}"}
    must_stop = entered.get(CONF_STOP_RULE) != StopRule.NEVER
    if must_stop and not _switched(entered) and not limit.accepts_zero:
        return CONF_SWITCH_ENTITY, "cannot_stop", {**names, "minimum": f"{limit.minimum:g} {name}"}
    return None


def _check_switch(hass: HomeAssistant, entered: Mapping[str, Any]) -> Refusal | None:
    if (entity_id := entered.get(CONF_SWITCH_ENTITY)) is None:
        return None
    names = {"entity": entity_id}
    if (domain := split_entity_id(entity_id)[0]) not in SWITCH_DOMAINS:
        return CONF_SWITCH_ENTITY, "switch_not_writable", names
    if hass.states.get(entity_id) is None:
        return CONF_SWITCH_ENTITY, "entity_missing", names
    if domain in SELECT_DOMAINS:
        known = options_of(hass, entity_id)
        options = {entered.get(CONF_OPTION_ON), entered.get(CONF_OPTION_OFF)}
        if None in options or len(options) == 1 or (known and not options <= set(known)):
            return CONF_SWITCH_ENTITY, "options_missing", names
    return None


def _check_stop_rule(hass: HomeAssistant, entered: Mapping[str, Any]) -> Refusal | None:
    if entered.get(CONF_STOP_RULE) == StopRule.SWITCH and not _switched(entered):
        return CONF_STOP_RULE, "stop_rule_without_switch", {}
    return None


def _check_pairs(hass: HomeAssistant, entered: Mapping[str, Any]) -> Refusal | None:
    if any((start in entered) != (stop in entered) for start, stop in _PAIRS):
        return SECTION_CONTROL, "pair_incomplete", {}
    for key in _PAIRS[0]:
        if (entity_id := entered.get(key)) is None:
            continue
        if split_entity_id(entity_id)[0] not in BUTTON_DOMAINS:
            return key, "button_not_pressable", {"entity": entity_id}
        if hass.states.get(entity_id) is None:
            return key, "entity_missing", {"entity": entity_id}
    return None


def _check_status(hass: HomeAssistant, entered: Mapping[str, Any]) -> Refusal | None:
    if (refusal := check_states(entered)) is not None:
        return refusal
    if (entity_id := entered.get(CONF_STATUS_ENTITY)) is None:
        return None
    if hass.states.get(entity_id) is None:
        return CONF_STATUS_ENTITY, "entity_missing", {"entity": entity_id}
    state = valid_state(hass, entity_id)
    meanings = configured_meanings(entered)
    if (
        state is not None
        and connection_of(state.state, meanings) is Connection.UNKNOWN
        and not is_status_of_charger(state.attributes.get(ATTR_OPTIONS) or ())
    ):
        return CONF_STATUS_ENTITY, "status_unknown", {"entity": entity_id, "state": state.state}
    return None


def _check_power(hass: HomeAssistant, entered: Mapping[str, Any]) -> Refusal | None:
    if (entity_id := entered.get(CONF_POWER_ENTITY)) is None:
        return None
    if hass.states.get(entity_id) is None:
        return CONF_POWER_ENTITY, "entity_missing", {"entity": entity_id}
    state = valid_state(hass, entity_id)
    if state is not None and not is_power_unit(unit(state)):
        return CONF_POWER_ENTITY, "power_unit_unknown", {"entity": entity_id}
    max_kw = entered[CONF_MAX_A] * DEFAULT_VOLTAGE * int(entered[CONF_PHASES]) / 1000
    if (shown_kw := power_kw(state)) is not None and shown_kw > IMPOSSIBLE * max_kw:
        return (
            CONF_POWER_ENTITY,
            "power_impossible",
            {"entity": entity_id, "power": f"{shown_kw:g} kW", "maximum": f"{max_kw:g} kW"},
        )
    return None


def _check_energy(hass: HomeAssistant, entered: Mapping[str, Any]) -> Refusal | None:
    if (entity_id := entered.get(CONF_ENERGY_ENTITY)) is None:
        return None
    if hass.states.get(entity_id) is None:
        return CONF_ENERGY_ENTITY, "entity_missing", {"entity": entity_id}
    state = valid_state(hass, entity_id)
    if state is not None and not is_energy_unit(unit(state)):
        return CONF_ENERGY_ENTITY, "energy_unit_unknown", {"entity": entity_id}
    return None


def _check_tag(hass: HomeAssistant, entered: Mapping[str, Any]) -> Refusal | None:
    entity_id = entered.get(CONF_TAG_ENTITY)
    if entity_id is not None and hass.states.get(entity_id) is None:
        return CONF_TAG_ENTITY, "entity_missing", {"entity": entity_id}
    return None
