"""Add or change a charger: pick its device, confirm the entities found there."""

from collections.abc import Collection, Mapping
from typing import Any, Final, override

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_NAME

from ..bindings.chargers.discovery import ROLES_OF_FIELDS, SINGLE_FIELDS, discover
from ..bindings.chargers.ocpp.limit import ocpp_address_of
from ..bindings.chargers.options import on_off_options
from ..bindings.discovery import Discovery
from ..const import (
    CONF_OPTION_OFF,
    CONF_OPTION_ON,
    CONF_PHASES,
    CONF_SWITCH_ENTITY,
)
from .charger_checks import check_charger, options_of
from .charger_conflicts import check_unused
from .charger_found import follows_profiles, range_of
from .charger_schemas import CONF_TRY_OUT, SECTION_CONTROL, SECTIONS, charger_schema
from .charger_tryout import TriedOutFlow

_NOT_KEPT: Final = (*SECTIONS, CONF_TRY_OUT)


class ChargerFlow(TriedOutFlow):
    """Adds a charger to a site, or changes one."""

    fields = ROLES_OF_FIELDS

    @property
    @override
    def single_fields(self) -> Collection[str]:
        return SINGLE_FIELDS

    @override
    def discover(self, device_id: str | None, picked: str | None) -> Discovery:
        return discover(self.hass, device_id, picked)

    @override
    def complete(self, found: dict[str, Any]) -> dict[str, Any]:
        return found | range_of(self.hass, found)

    @override
    async def async_step_entities(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        return await self._async_step_charger("entities", user_input, self._found)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a charger."""
        return await self._async_step_charger("reconfigure", user_input, self.configured())

    async def _async_step_charger(
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
                entered = follows_profiles(self.hass, entered)
                if not user_input.get(CONF_TRY_OUT):
                    return self.finish(entered)
                begun = await self.async_begin_try_out(entered)
                if not isinstance(begun, tuple):
                    return begun
                refusal = begun
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
    entered = {key: value for key, value in user_input.items() if key not in _NOT_KEPT}
    entered[CONF_NAME] = entered[CONF_NAME].strip()
    for name in SECTIONS:
        entered |= {
            key: value
            for key, value in user_input.get(name, {}).items()
            if value not in ("", [], False)
        }
    return entered
