"""Add or change a charger: pick its device, confirm the entities found there."""

from collections.abc import Mapping
from typing import Any

from homeassistant.components.sensor import ATTR_OPTIONS
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_DEVICE_ID, CONF_NAME
from homeassistant.core import HomeAssistant, State, split_entity_id
from homeassistant.helpers import device_registry as dr, entity_registry as er

from .bindings.chargers.connection import Connection, connection_of, tells_connection
from .bindings.chargers.discovery import find_entities
from .bindings.chargers.limit import LimitEntity
from .bindings.quantity import is_current_unit, is_power_unit, to_ampere, unit, valid_state
from .const import (
    CONF_LIMIT_ENTITY,
    CONF_LIMIT_UNIT,
    CONF_MAX_A,
    CONF_MIN_A,
    CONF_PHASES,
    CONF_POWER_ENTITY,
    CONF_STATUS_ENTITY,
    CONF_SWITCH_ENTITY,
    DOMAIN,
    SUBENTRY_CHARGER,
)
from .flow_schemas import (
    CHARGER_DEVICE_SCHEMA,
    LIMIT_DOMAINS,
    SWITCH_DOMAINS,
    charger_schema,
)

type Refusal = tuple[str, str, dict[str, str]]
"""A form field, the reason why it is refused, and what the reason's text names."""


def check_charger(hass: HomeAssistant, entered: Mapping[str, Any]) -> Refusal | None:
    """Return why a charger cannot be driven by what was entered; None where it can."""
    for check in (_check_limit, _check_switch, _check_status, _check_power):
        if (refusal := check(hass, entered)) is not None:
            return refusal
    return None


def _limit_unit(hass: HomeAssistant, state: State, entered: Mapping[str, Any]) -> str | None:
    """Return the unit of a limit entity, which may be unavailable at the moment."""
    entry = er.async_get(hass).async_get(state.entity_id)
    registered = None if entry is None else entry.unit_of_measurement
    return unit(state) or registered or entered.get(CONF_LIMIT_UNIT)


def _check_limit(hass: HomeAssistant, entered: Mapping[str, Any]) -> Refusal | None:
    entity_id = entered[CONF_LIMIT_ENTITY]
    names = {"entity": entity_id}
    if split_entity_id(entity_id)[0] not in LIMIT_DOMAINS:
        return CONF_LIMIT_ENTITY, "limit_not_writable", names
    if (state := hass.states.get(entity_id)) is None:
        return CONF_LIMIT_ENTITY, "entity_missing", names
    if (name := _limit_unit(hass, state, entered)) is None:
        return CONF_LIMIT_UNIT, "limit_unit_missing", names
    if (limit := LimitEntity.from_state(state, name)) is None:
        return CONF_LIMIT_ENTITY, "limit_unit_unknown", {**names, "unit": name}
    if entered[CONF_MIN_A] > entered[CONF_MAX_A]:
        return CONF_MIN_A, "min_above_max", {}
    if is_current_unit(name) and to_ampere(limit.maximum, name) < entered[CONF_MIN_A]:
        return CONF_LIMIT_ENTITY, "limit_too_low", {**names, "maximum": f"{limit.maximum:g} {name}"}
    if CONF_SWITCH_ENTITY not in entered and not limit.accepts_zero:
        return CONF_SWITCH_ENTITY, "cannot_stop", {**names, "minimum": f"{limit.minimum:g} {name}"}
    return None


def _check_switch(hass: HomeAssistant, entered: Mapping[str, Any]) -> Refusal | None:
    if (entity_id := entered.get(CONF_SWITCH_ENTITY)) is None:
        return None
    if split_entity_id(entity_id)[0] not in SWITCH_DOMAINS:
        return CONF_SWITCH_ENTITY, "switch_not_writable", {"entity": entity_id}
    if hass.states.get(entity_id) is None:
        return CONF_SWITCH_ENTITY, "entity_missing", {"entity": entity_id}
    return None


def _check_status(hass: HomeAssistant, entered: Mapping[str, Any]) -> Refusal | None:
    if (entity_id := entered.get(CONF_STATUS_ENTITY)) is None:
        return None
    if hass.states.get(entity_id) is None:
        return CONF_STATUS_ENTITY, "entity_missing", {"entity": entity_id}
    state = valid_state(hass, entity_id)
    if (
        state is not None
        and connection_of(state.state) is Connection.UNKNOWN
        and not tells_connection(state.attributes.get(ATTR_OPTIONS) or ())
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
    return None


class ChargerFlow(ConfigSubentryFlow):
    """Adds a charger to a site, or changes one."""

    def __init__(self) -> None:
        """Start with nothing found."""
        self._found: dict[str, Any] = {}

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for the charger's device, so that its entities need not be looked for."""
        errors: dict[str, str] = {}
        if user_input is not None:
            if not self._is_own_device(user_input.get(CONF_DEVICE_ID)):
                self._found = self._find(user_input)
                return await self.async_step_entities()
            errors[CONF_DEVICE_ID] = "own_device"
        return self.async_show_form(
            step_id="user",
            data_schema=self.add_suggested_values_to_schema(
                CHARGER_DEVICE_SCHEMA, user_input or {}
            ),
            errors=errors,
            last_step=False,
        )

    def _is_own_device(self, device_id: str | None) -> bool:
        device = None if device_id is None else dr.async_get(self.hass).async_get(device_id)
        return device is not None and any(domain == DOMAIN for domain, _ in device.identifiers)

    def _find(self, user_input: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if (device_id := user_input.get(CONF_DEVICE_ID)) is not None:
            found |= find_entities(self.hass, device_id)
            if (device := dr.async_get(self.hass).async_get(device_id)) is not None:
                found[CONF_NAME] = device.name_by_user or device.name
        if CONF_NAME in user_input:
            found[CONF_NAME] = user_input[CONF_NAME]
        if CONF_LIMIT_ENTITY in found:
            found |= self._range(found[CONF_LIMIT_ENTITY])
        return found

    def _range(self, limit_entity: str) -> dict[str, Any]:
        """Return the least and the most current that a limit entity in A accepts."""
        state = valid_state(self.hass, limit_entity)
        limit = None if state is None else LimitEntity.from_state(state, None)
        if limit is None or not is_current_unit(limit.unit):
            return {}
        least, most = to_ampere(limit.minimum, limit.unit), to_ampere(limit.maximum, limit.unit)
        return {CONF_MAX_A: most, **({CONF_MIN_A: least} if least > 0 else {})}

    async def async_step_entities(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Confirm the entities of a new charger."""
        return self._step_charger("entities", user_input, self._found)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a charger."""
        subentry = self._get_reconfigure_subentry()
        return self._step_charger(
            "reconfigure", user_input, {CONF_NAME: subentry.title, **subentry.data}
        )

    def _step_charger(
        self, step_id: str, user_input: dict[str, Any] | None, current: Mapping[str, Any]
    ) -> SubentryFlowResult:
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        if user_input is not None:
            refusal = self._check_unused(user_input) or check_charger(self.hass, user_input)
            if refusal is None:
                return self._finish(dict(user_input))
            field, reason, placeholders = refusal
            errors[field] = reason
        schema = charger_schema(phases=self._get_entry().data[CONF_PHASES])
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, user_input or current),
            errors=errors,
            description_placeholders=placeholders,
        )

    def _check_unused(self, user_input: Mapping[str, Any]) -> Refusal | None:
        """Two chargers that write the same limit would fight."""
        own = self._reconfigure_subentry_id if self.source == SOURCE_RECONFIGURE else None
        for entry in self.hass.config_entries.async_entries(DOMAIN):
            for subentry in entry.get_subentries_of_type(SUBENTRY_CHARGER):
                if (
                    subentry.subentry_id != own
                    and subentry.data[CONF_LIMIT_ENTITY] == user_input[CONF_LIMIT_ENTITY]
                ):
                    return CONF_LIMIT_ENTITY, "limit_in_use", {"charger": subentry.title}
        return None

    def _finish(self, entered: dict[str, Any]) -> SubentryFlowResult:
        title = entered.pop(CONF_NAME)
        if self.source == SOURCE_RECONFIGURE:
            return self.async_update_and_abort(
                self._get_entry(), self._get_reconfigure_subentry(), title=title, data=entered
            )
        return self.async_create_entry(title=title, data=entered)
