"""The forms of a charger or a vehicle: pick its device, and confirm what is found there."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Final, NamedTuple

from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigEntry, SubentryFlowResult
from homeassistant.const import CONF_DEVICE_ID, CONF_ENTITY_ID, CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.selector import (
    DeviceSelector,
    EntitySelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
import voluptuous as vol

from ..bindings.discovery import Discovery
from ..bindings.evidence import Role
from ..const import DOMAIN
from .fields import is_our_own
from .found_texts import ANOTHER, async_found_texts
from .refusals import async_refused
from .subentry import NamedSubentryFlow

DEVICE_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(CONF_NAME): TextSelector(),
        vol.Optional(CONF_DEVICE_ID): DeviceSelector(),
        vol.Optional(CONF_ENTITY_ID): EntitySelector(),
    }
)


def choice_schema(choices: Mapping[str, Sequence[SelectOptionDict]]) -> vol.Schema:
    """Return the form in which a person decides between entities that fit about as well.

    Args:
        choices: By field, the entities, the best first.
    """
    return vol.Schema(
        {
            vol.Required(field, default=options[0]["value"] if options else ANOTHER): (
                SelectSelector(
                    SelectSelectorConfig(options=list(options), mode=SelectSelectorMode.LIST)
                )
            )
            for field, options in choices.items()
        }
    )


class Page(NamedTuple):
    """A form as it is shown: its fields, what they have filled in, and what was refused."""

    schema: vol.Schema
    shown: Mapping[str, Any]
    errors: dict[str, str]
    placeholders: dict[str, str]


class PartForm(ABC):
    """The forms of a charger or a vehicle: its entities are found on the device that is picked."""

    kind: ClassVar[str]
    """The type of subentry."""
    fields: ClassVar[Mapping[str, tuple[Role, ...]]]
    """The fields that hold an entity, with the roles that it may have."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, own_id: str | None = None) -> None:
        """Start with nothing found.

        Args:
            hass: Home Assistant.
            entry: The site.
            own_id: The subentry that is changed; None for a new one.
        """
        self.hass, self.entry, self.own_id = hass, entry, own_id
        self.found: dict[str, Any] = {}
        self._found_text = ""
        self._discovery = Discovery()
        self._name = ""

    @property
    def single_fields(self) -> Collection[str]:
        """The fields that may be asked about by themselves."""
        return self.fields.keys()

    @abstractmethod
    def discover(self, device_id: str | None, picked: str | None) -> Discovery:
        """Find the entities of a device, or of what belongs to a picked entity."""

    @abstractmethod
    async def async_fill(
        self, user_input: dict[str, Any] | None, current: Mapping[str, Any]
    ) -> dict[str, Any] | Page:
        """Return what was entered, or the form that asks for it where that is refused or missing.

        Args:
            user_input: What was submitted; None where nothing was yet.
            current: What the form begins with.
        """

    def chosen(self, found: Discovery, field: str, entity_id: str | None) -> Discovery:
        """Return what was found, with what a person has chosen for a field; None for nothing."""
        return found.having(field, entity_id)

    def complete(self, found: dict[str, Any]) -> dict[str, Any]:
        """Return what was found with what follows from it."""
        return found

    def find(self, picked: Mapping[str, Any]) -> dict[str, str]:
        """Find the entities of what was picked in the form of devices; return what is refused."""
        device_id, entity_id = picked.get(CONF_DEVICE_ID), picked.get(CONF_ENTITY_ID)
        if self._is_own_device(device_id):
            return {CONF_DEVICE_ID: "own_device"}
        if entity_id is not None and is_our_own(self.hass, entity_id):
            return {CONF_ENTITY_ID: "own_device"}
        self._name = picked.get(CONF_NAME, "")
        self._discovery = self.discover(device_id, entity_id)
        return {}

    async def async_choose(self, chosen: Mapping[str, str] | None) -> vol.Schema | None:
        """Fill in what was found, or return a form where two entities fit a field about as well.

        Args:
            chosen: What was submitted, by field; None where nothing was yet.
        """
        texts = await async_found_texts(self.hass, self.kind, self.fields)
        if chosen is None:
            close = {
                field: texts.options(two)
                for field in self.single_fields
                if (two := self._discovery.close(field)) is not None
            }
            if close:
                return choice_schema(close)
        found = self._discovery
        for field, entity_id in (chosen or {}).items():
            found = self.chosen(found, field, None if entity_id == ANOTHER else entity_id)
        self.found = self.complete(named(self.hass, found, self._name))
        self._found_text = texts.write(found)
        return None

    async def async_page(
        self,
        schema: vol.Schema,
        shown: Mapping[str, Any],
        errors: dict[str, str],
        placeholders: Mapping[str, str],
    ) -> Page:
        """Return a form that says what was found, and what is refused."""
        form = f"config_subentries.{self.kind}.step.entities"
        refused = await async_refused(self.hass, form, schema, errors)
        named = {**placeholders, **refused.named, "found": self._found_text}
        return Page(refused.schema, shown, refused.errors, named)

    def _is_own_device(self, device_id: str | None) -> bool:
        device = None if device_id is None else dr.async_get(self.hass).async_get(device_id)
        return device is not None and any(domain == DOMAIN for domain, _ in device.identifiers)


class PartFlow(NamedSubentryFlow):
    """Adds a charger or a vehicle to a site, or changes one."""

    form_type: ClassVar[type[PartForm]]
    is_last_step: bool | None = None
    """Whether nothing comes after the form of entities, where that is known."""

    @cached_property
    def form(self) -> PartForm:
        """What is asked, and what was found."""
        return self.form_type(self.hass, self._get_entry(), self.own_id)

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for the device, so that its entities need not be looked for."""
        return await self.async_pick("user", self.form, user_input, self.async_step_choose)

    async def async_step_choose(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask which of two entities it is, where both fit about as well."""
        return await self.async_choose("choose", self.form, user_input, self.async_step_entities)

    async def async_step_entities(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Confirm what was found."""
        filled = await self.form.async_fill(user_input, self.form.found)
        if isinstance(filled, Page):
            return self.show("entities", filled, last_step=self.is_last_step)
        return await self.async_finish(self.form, filled)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change it."""
        filled = await self.form.async_fill(user_input, self.configured())
        if isinstance(filled, Page):
            return self.show(SOURCE_RECONFIGURE, filled)
        return self.finish(filled)

    async def async_finish(self, form: PartForm, entered: dict[str, Any]) -> SubentryFlowResult:
        """Keep a new part of the site."""
        return self.finish(entered)

    async def async_pick(
        self,
        step_id: str,
        form: PartForm,
        user_input: dict[str, Any] | None,
        go_on: Callable[[], Awaitable[SubentryFlowResult]],
    ) -> SubentryFlowResult:
        """Ask for the device of a part of the site, and go on with what is found of it."""
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = form.find(user_input)
            if not errors:
                return await go_on()
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(DEVICE_SCHEMA, user_input or {}),
            errors=errors,
            last_step=False,
        )

    async def async_choose(
        self,
        step_id: str,
        form: PartForm,
        user_input: dict[str, Any] | None,
        go_on: Callable[[], Awaitable[SubentryFlowResult]],
    ) -> SubentryFlowResult:
        """Ask which of two entities it is, if need be, and go on to the form of all of them."""
        schema = await form.async_choose(user_input)
        if schema is None:
            return await go_on()
        return self.async_show_form(step_id=step_id, data_schema=schema, last_step=False)

    def show(
        self, step_id: str, page: Page, *, last_step: bool | None = None
    ) -> SubentryFlowResult:
        """Show a form of entities."""
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(page.schema, page.shown),
            errors=page.errors,
            description_placeholders=page.placeholders,
            last_step=last_step,
        )


def named(hass: HomeAssistant, discovery: Discovery, name: str = "") -> dict[str, Any]:
    """Return what was found, with a name: as entered, else that of the device.

    Args:
        hass: Home Assistant.
        discovery: What was found.
        name: What was entered.
    """
    found = dict(discovery.data)
    if (known := discovery.known) is not None:
        found[CONF_NAME] = known.name
    if (device_id := discovery.device_id) is not None:
        device = dr.async_get(hass).async_get(device_id)
        if device is not None:
            found[CONF_NAME] = device.name_by_user or device.name
    if name := name.strip():
        found[CONF_NAME] = name
    return found
