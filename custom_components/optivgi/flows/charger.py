"""Add or change a charger: pick its device, confirm the entities found there."""

from collections.abc import Collection, Mapping
from typing import Any, Final, override

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
    SUBENTRY_CHARGER,
    SUBENTRY_CIRCUIT,
)
from ..scheduler.model import PHASES
from .charger_checks import check_charger, options_of
from .charger_conflicts import check_unused
from .charger_found import follows_profiles, range_of
from .charger_schemas import CONF_TRY_OUT, SECTION_CONTROL, SECTIONS, charger_schema
from .device_step import Page, PartForm
from .fields import Refusal
from .phase_schemas import SECTION_PHASES
from .tags import check_tags

_NOT_KEPT: Final = (*SECTIONS, CONF_TRY_OUT)


class ChargerForm(PartForm):
    """The forms of a charger."""

    kind = SUBENTRY_CHARGER
    fields = ROLES_OF_FIELDS

    @property
    @override
    def single_fields(self) -> Collection[str]:
        return SINGLE_FIELDS

    @override
    def discover(self, device_id: str | None, picked: str | None) -> Discovery:
        return discover(self.hass, device_id, picked)

    @override
    def chosen(self, found: Discovery, field: str, entity_id: str | None) -> Discovery:
        # The limit of the other connector comes with all that belongs to that.
        if entity_id not in {None, found.data.get(field)}:
            found = self.discover(found.device_id, entity_id)
        return super().chosen(found, field, entity_id)

    @override
    def complete(self, found: dict[str, Any]) -> dict[str, Any]:
        return found | range_of(self.hass, found)

    @override
    async def async_fill(
        self, user_input: dict[str, Any] | None, current: Mapping[str, Any]
    ) -> dict[str, Any] | Page:
        if user_input is None:
            return await self._async_ask({**current, **dict.fromkeys(SECTIONS, current)})
        entered = _flat(user_input)
        refusal = check_unused(self.hass, self.entry, self.own_id, entered)
        refusal = refusal or check_charger(self.hass, entered)
        refusal = refusal or check_tags(self.entry, self.own_id, entered)
        if refusal is None:
            return follows_profiles(self.hass, entered)
        return await self.async_refuse(user_input, refusal)

    async def async_refuse(self, user_input: Mapping[str, Any], refusal: Refusal) -> Page:
        """Return the form with what was submitted, and why that is refused."""
        field, reason, placeholders = refusal
        shown = self._with_options(user_input)
        return await self._async_ask(shown, {field: reason}, placeholders)

    async def _async_ask(
        self,
        shown: Mapping[str, Any],
        errors: dict[str, str] | None = None,
        placeholders: Mapping[str, str] | None = None,
    ) -> Page:
        schema = charger_schema(
            phases=self.entry.data[CONF_PHASES],
            options=options_of(self.hass, shown.get(CONF_SWITCH_ENTITY)),
            ocpp=ocpp_address_of(self.hass, shown) is not None,
            circuits={
                subentry.subentry_id: subentry.title
                for subentry in self.entry.get_subentries_of_type(SUBENTRY_CIRCUIT)
            },
        )
        return await self.async_page(schema, shown, errors or {}, placeholders or {})

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
        if name == SECTION_PHASES and int(entered[CONF_PHASES]) < len(PHASES):
            # It was found before anybody said that there is one phase only.
            continue
        entered |= {
            key: value
            for key, value in user_input.get(name, {}).items()
            if value not in ("", [], False)
        }
    return entered
