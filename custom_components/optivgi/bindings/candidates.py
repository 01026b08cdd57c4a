"""The entities of a device, with what the registries and states say of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
import re
from typing import Any, Final

from homeassistant.components.number import ATTR_MAX, ATTR_MIN
from homeassistant.const import ATTR_DEVICE_CLASS, ATTR_FRIENDLY_NAME, ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er

from ..const import DOMAIN
from .evidence import Candidate, split_words
from .foreign_words import in_english
from .quantity import finite, options_in, valid_state

# Unique ids often contain what kind of entity it is.
_KINDS: Final = ("binary sensor", "text sensor", "sensor", "number", "switch", "select", "button")
_HELPERS: Final = {
    "input_boolean": "switch",
    "input_button": "button",
    "input_number": "number",
    "input_select": "select",
}


def entries_of(
    hass: HomeAssistant, device_id: str | None, entity_id: str | None
) -> list[er.RegistryEntry]:
    """Return the entities of a device, or all of the integration of an entity without one.

    Integrations that are set up in YAML have no devices, and one charger. What is disabled is
    among them.
    """
    registry = er.async_get(hass)
    entry = None if entity_id is None else registry.async_get(entity_id)
    if device_id is None and entry is not None:
        device_id = entry.device_id
    if device_id is not None:
        return er.async_entries_for_device(registry, device_id, include_disabled_entities=True)
    if entry is None:
        return []
    return [other for other in registry.entities.values() if other.platform == entry.platform]


def names_of(hass: HomeAssistant, device_id: str | None) -> list[str]:
    """Return what a device itself is called: its name, who made it, and its model."""
    device = None if device_id is None else dr.async_get(hass).async_get(device_id)
    if device is None:
        return []
    names: tuple[str | None, ...] = (device.name_by_user, device.name)
    if isinstance(device, dr.DeviceEntry):
        names += (device.manufacturer, device.model, device.model_id)
    return [name for name in names if name]


@dataclass(frozen=True, kw_only=True)
class DeviceOffer:
    """What a device offers, or an integration without devices.

    Attributes:
        device_id: The device, or None.
        entries: Its entities in the registry.
        names: What it is called.
        candidates: Its entities with what shows what they are for, without our own.
    """

    device_id: str | None
    entries: Sequence[er.RegistryEntry]
    names: Sequence[str]
    candidates: Sequence[Candidate]

    @property
    def enabled(self) -> list[Candidate]:
        """Those that have a state."""
        return [entity for entity in self.candidates if not entity.disabled]


def offer_of(hass: HomeAssistant, device_id: str | None, picked: str | None) -> DeviceOffer:
    """Return what a device offers, or what belongs to an entity that a person picked."""
    entries = entries_of(hass, device_id, picked)
    if device_id is None and entries:
        device_id = entries[0].device_id
    names = names_of(hass, device_id)
    # Our own entities may stand on the same device.
    candidates = candidates_of(hass, (e for e in entries if e.platform != DOMAIN), names)
    return DeviceOffer(device_id=device_id, entries=entries, names=names, candidates=candidates)


def candidates_of(
    hass: HomeAssistant, entries: Iterable[er.RegistryEntry], names: Iterable[str]
) -> list[Candidate]:
    """Return what shows what each of the entities is for.

    Args:
        hass: Home Assistant.
        entries: The entities.
        names: What their device is called. That says nothing: a Smart Max charger is no mode.
    """
    known = list(entries)
    # An integration may write "EVduty" in a name, and "evduty" in a unique id.
    own = [*names, *(entry.platform for entry in known)]
    called = {spelled for name in own for spelled in (split_words(name), split_words(name.lower()))}
    longest_first = sorted(filter(None, called), key=len, reverse=True)
    return [candidate_of(hass, entry.entity_id, entry, longest_first) for entry in known]


def candidate_of(
    hass: HomeAssistant,
    entity_id: str,
    entry: er.RegistryEntry | None = None,
    called: Sequence[str] = (),
) -> Candidate:
    """Return what shows what an entity is for; without an ``entry`` only its state does."""
    state, shown = hass.states.get(entity_id), valid_state(hass, entity_id)
    own: tuple[str | None, ...] = (entity_id.partition(".")[2],)
    attributes: dict[str, Any] = {}
    if entry is not None:
        shown_as = None if state is None else state.attributes.get(ATTR_FRIENDLY_NAME)
        own = (entry.translation_key, entry.original_name or shown_as)
        attributes = {
            **(entry.capabilities or {}),
            ATTR_UNIT_OF_MEASUREMENT: entry.unit_of_measurement,
            ATTR_DEVICE_CLASS: entry.device_class or entry.original_device_class,
        }
    if state is not None:
        attributes |= state.attributes
    domain = entity_id.partition(".")[0]
    return Candidate(
        entity_id=entity_id,
        domain=_HELPERS.get(domain, domain),
        named=_words(own, called),
        words=_words((*own, None if entry is None else entry.unique_id), called),
        device_class=attributes.get(ATTR_DEVICE_CLASS),
        unit=attributes.get(ATTR_UNIT_OF_MEASUREMENT),
        options=options_in(attributes),
        state=None if shown is None else shown.state,
        minimum=finite(attributes.get(ATTR_MIN)),
        maximum=finite(attributes.get(ATTR_MAX)),
        setting=entry is not None and entry.entity_category is not None,
        disabled=entry is not None and entry.disabled_by is not None,
    )


def _words(texts: Iterable[str | None], called: Iterable[str]) -> str:
    words = " ".join(split_words(text) for text in texts if text)
    for name in (*called, *_KINDS):
        words = re.sub(rf"\b{re.escape(name)}\b", "", words)
    # People read what was seen: each word once.
    understood = " ".join(map(in_english, words.split()))
    return " ".join(dict.fromkeys(understood.split()))
