"""The part of a charger's form on switching phases, and what it has to fulfil."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.core import HomeAssistant, split_entity_id
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    ActionSelector,
    BooleanSelector,
    EntityWithDeviceFilterSelectorConfig,
    TextSelector,
)
import voluptuous as vol

from ..bindings.chargers.calls import actions_missing, is_understood
from ..bindings.chargers.on_off import SELECT_DOMAINS
from ..bindings.chargers.phase_switch import (
    ALL,
    NUMBER_DOMAINS,
    ON_OFF_DOMAINS,
    PHASE_DOMAINS,
    is_same_value,
    phase_values,
)
from ..const import (
    CONF_OCPP_PHASES,
    CONF_ONE_PHASE,
    CONF_ONE_PHASE_ACTION,
    CONF_PHASE_ENTITY,
    CONF_PHASE_INTERVAL,
    CONF_PHASE_PAUSE,
    CONF_STOP_RULE,
    CONF_SWITCHES_PER_DAY,
    CONF_SWITCHES_PER_SESSION,
    CONF_THREE_PHASES,
    CONF_THREE_PHASES_ACTION,
    StopRule,
)
from .fields import Refusal, entity_field, number_field

SECTION_PHASES: Final = "phase_switching"
_ACTIONS: Final = (CONF_ONE_PHASE_ACTION, CONF_THREE_PHASES_ACTION)
_SECONDS: Final = number_field(0, 3600, "s")
_SWITCHES: Final = number_field(0, 1000)
_SWITCHED_BY: Final = {
    vol.Optional(CONF_PHASE_ENTITY): entity_field(
        EntityWithDeviceFilterSelectorConfig(domain=[*PHASE_DOMAINS, "sensor", "binary_sensor"])
    ),
    vol.Optional(CONF_ONE_PHASE): TextSelector(),
    vol.Optional(CONF_THREE_PHASES): TextSelector(),
    vol.Optional(CONF_ONE_PHASE_ACTION): ActionSelector(),
    vol.Optional(CONF_THREE_PHASES_ACTION): ActionSelector(),
}
_BY_PROFILES: Final = {vol.Optional(CONF_OCPP_PHASES): BooleanSelector()}
_HOW_OFTEN: Final = {
    vol.Optional(CONF_PHASE_PAUSE): _SECONDS,
    vol.Optional(CONF_PHASE_INTERVAL): _SECONDS,
    vol.Optional(CONF_SWITCHES_PER_SESSION): _SWITCHES,
    vol.Optional(CONF_SWITCHES_PER_DAY): _SWITCHES,
}


def phase_section(*, ocpp: bool) -> section:
    """Return the part of the form; ``ocpp`` asks what only chargers of lbbrhzn/ocpp know."""
    fields = {**_SWITCHED_BY, **(_BY_PROFILES if ocpp else {}), **_HOW_OFTEN}
    return section(vol.Schema(fields), {"collapsed": True})


def check_phases(hass: HomeAssistant, entered: Mapping[str, Any]) -> Refusal | None:
    """Return why a charger's phases cannot be switched by what was entered; None where they can.

    That is also where nothing was entered.
    """
    entity_id = entered.get(CONF_PHASE_ENTITY)
    acts = [key for key in _ACTIONS if key in entered]
    if entity_id is None and not acts:
        return None
    for key in acts:
        if not is_understood(entered[key]):
            return key, "action_not_understood", {}
        if missing := actions_missing(hass, entered[key]):
            return key, "action_missing", {"action": missing[0]}
    if len(acts) == 1:
        return SECTION_PHASES, "pair_incomplete", {}
    if entered.get(CONF_STOP_RULE) == StopRule.NEVER:
        return CONF_STOP_RULE, "phases_never_stop", {}
    return None if entity_id is None else _check_entity(hass, entity_id, entered, acts=bool(acts))


def _check_entity(
    hass: HomeAssistant, entity_id: str, entered: Mapping[str, Any], *, acts: bool
) -> Refusal | None:
    names = {"entity": entity_id}
    domain = split_entity_id(entity_id)[0]
    if domain not in PHASE_DOMAINS and not acts:
        return CONF_PHASE_ENTITY, "phase_entity_not_writable", names
    if (state := hass.states.get(entity_id)) is None:
        return CONF_PHASE_ENTITY, "entity_missing", names
    values = phase_values(entered)
    if not values or is_same_value(values[1], values[ALL]):
        return CONF_ONE_PHASE, "phase_values_missing", names
    options = state.attributes.get("options") if domain in SELECT_DOMAINS else None
    for value in values.values():
        unknown = (
            (options is not None and value not in options)
            or (domain in NUMBER_DOMAINS and not _is_number(value))
            or (domain in ON_OFF_DOMAINS and value not in {"on", "off"})
        )
        if unknown and not acts:
            return CONF_ONE_PHASE, "phase_values_missing", names
    return None


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
