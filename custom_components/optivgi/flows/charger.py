"""Add or change a charger: pick its device, confirm the entities found there."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_DEVICE_ID, CONF_ENTITY_ID, CONF_NAME
from homeassistant.helpers import device_registry as dr

from ..bindings.chargers.discovery import Discovery
from ..bindings.chargers.ocpp.limit import ocpp_address_of
from ..bindings.chargers.options import on_off_options
from ..const import (
    CONF_OPTION_OFF,
    CONF_OPTION_ON,
    CONF_PHASES,
    CONF_SWITCH_ENTITY,
    DOMAIN,
)
from .charger_checks import check_charger, options_of
from .charger_conflicts import check_unused
from .charger_found import find_charger, follows_profiles
from .charger_schemas import CHARGER_DEVICE_SCHEMA, SECTION_CONTROL, SECTIONS, charger_schema
from .fields import is_our_own
from .found_texts import async_found_texts
from .subentry import NamedSubentryFlow


class ChargerFlow(NamedSubentryFlow):
    """Adds a charger to a site, or changes one."""

    def __init__(self) -> None:
        """Start with nothing found."""
        self._discovery = Discovery()
        self._found: dict[str, Any] = {}
        self._found_text = ""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for the charger's device, so that its entities need not be looked for."""
        errors: dict[str, str] = {}
        if user_input is not None:
            picked = user_input.get(CONF_ENTITY_ID)
            if self._is_own_device(user_input.get(CONF_DEVICE_ID)):
                errors[CONF_DEVICE_ID] = "own_device"
            elif picked is not None and is_our_own(self.hass, picked):
                errors[CONF_ENTITY_ID] = "own_device"
            else:
                self._discovery, self._found = find_charger(
                    self.hass,
                    user_input.get(CONF_DEVICE_ID),
                    picked,
                    user_input.get(CONF_NAME, ""),
                )
                texts = await async_found_texts(self.hass)
                self._found_text = texts.write(self._discovery)
                return await self.async_step_entities()
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

    async def async_step_entities(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Confirm the entities of a new charger."""
        return self._step_charger("entities", user_input, self._found)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a charger."""
        return self._step_charger("reconfigure", user_input, self.configured())

    def _step_charger(
        self, step_id: str, user_input: dict[str, Any] | None, current: Mapping[str, Any]
    ) -> SubentryFlowResult:
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        shown = {**current, **dict.fromkeys(SECTIONS, current)}
        if user_input is not None:
            entered = _flat(user_input)
            refusal = check_unused(self.hass, self._get_entry(), self.own_id, entered)
            refusal = refusal or check_charger(self.hass, entered)
            if refusal is None:
                return self.finish(follows_profiles(self.hass, entered))
            field, reason, placeholders = refusal
            errors[field] = reason
            shown = self._with_options(user_input)
        picked = shown.get(CONF_SWITCH_ENTITY)
        schema = charger_schema(
            phases=self._get_entry().data[CONF_PHASES],
            options=options_of(self.hass, picked),
            ocpp=ocpp_address_of(self.hass, shown) is not None,
        )
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, shown),
            errors=errors,
            description_placeholders={**placeholders, "found": self._found_text},
        )

    def _with_options(self, user_input: Mapping[str, Any]) -> dict[str, Any]:
        """Return what was entered, with the options that start and stop, if a select has such."""
        entered = dict(user_input)
        control = entered.get(SECTION_CONTROL, {})
        found = on_off_options(options_of(self.hass, entered.get(CONF_SWITCH_ENTITY)))
        if found is not None and not control.keys() & {CONF_OPTION_ON, CONF_OPTION_OFF}:
            options = {CONF_OPTION_ON: found.on, CONF_OPTION_OFF: found.off}
            entered[SECTION_CONTROL] = {**control, **options}
        return entered


def _flat(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was entered without the sections it was entered in, and without what is empty."""
    entered = {key: value for key, value in user_input.items() if key not in SECTIONS}
    entered[CONF_NAME] = entered[CONF_NAME].strip()
    for name in SECTIONS:
        entered |= {
            key: value
            for key, value in user_input.get(name, {}).items()
            if value not in ("", [], False)
        }
    return entered
