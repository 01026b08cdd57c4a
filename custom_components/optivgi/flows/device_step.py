"""The first step of a new charger or vehicle: pick its device, and its entities are found."""

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from homeassistant.config_entries import SubentryFlowResult
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


class PickedDeviceFlow(NamedSubentryFlow):
    """Finds what is configured of a charger or a vehicle on the device that a person picks."""

    def __init__(self) -> None:
        """Start with nothing found."""
        self._found: dict[str, Any] = {}
        self._found_text = ""
        self._discovery = Discovery()
        self._name = ""

    @property
    @abstractmethod
    def fields(self) -> Mapping[str, tuple[Role, ...]]:
        """The fields of the next form that hold an entity, with the roles that it may have."""

    @property
    def single_fields(self) -> Collection[str]:
        """Those of them that may be asked about by themselves."""
        return self.fields.keys()

    @abstractmethod
    def discover(self, device_id: str | None, picked: str | None) -> Discovery:
        """Find the entities of a device, or of what belongs to a picked entity."""

    @abstractmethod
    async def async_step_entities(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Confirm what was found."""

    def complete(self, found: dict[str, Any]) -> dict[str, Any]:
        """Return what was found with what follows from it."""
        return found

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for the device, so that its entities need not be looked for."""
        errors: dict[str, str] = {}
        if user_input is not None:
            picked = user_input.get(CONF_ENTITY_ID)
            if self._is_own_device(user_input.get(CONF_DEVICE_ID)):
                errors[CONF_DEVICE_ID] = "own_device"
            elif picked is not None and is_our_own(self.hass, picked):
                errors[CONF_ENTITY_ID] = "own_device"
            else:
                self._name = user_input.get(CONF_NAME, "")
                self._discovery = self.discover(user_input.get(CONF_DEVICE_ID), picked)
                return await self.async_step_choose()
        return self.async_show_form(
            step_id="user",
            data_schema=self.add_suggested_values_to_schema(DEVICE_SCHEMA, user_input or {}),
            errors=errors,
            last_step=False,
        )

    async def async_step_choose(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask which of two entities it is, where both fit about as well."""
        texts = await async_found_texts(self.hass, self._subentry_type, self.fields)
        close = {
            field: texts.options(two)
            for field in self.single_fields
            if (two := self._discovery.close(field)) is not None
        }
        if close and user_input is None:
            return self.async_show_form(
                step_id="choose", data_schema=choice_schema(close), last_step=False
            )
        found = self._discovery
        for field, chosen in (user_input or {}).items():
            found = found.having(field, None if chosen == ANOTHER else chosen)
        self._found = self.complete(named(self.hass, found, self._name))
        self._found_text = texts.write(found)
        return await self.async_step_entities()

    def _is_own_device(self, device_id: str | None) -> bool:
        device = None if device_id is None else dr.async_get(self.hass).async_get(device_id)
        return device is not None and any(domain == DOMAIN for domain, _ in device.identifiers)


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
