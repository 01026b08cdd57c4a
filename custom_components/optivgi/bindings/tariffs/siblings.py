"""Which other entities of an integration belong to the one that was picked.

Some keep today and tomorrow apart, others keep the list beside another sensor than the price. Any
entity of the same device or config entry may have it, and what it says shows whether it does. Where
that shows nothing, a family is known by its unique ids, which stay when a person renames an entity.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
import re
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .axes import day_of
from .words import ABOUT_PRICES, words_of


@dataclass(frozen=True)
class Sibling:
    """Another entity of the same integration.

    Attributes:
        domain: What kind of entity it is.
        unique_id: Its unique id, in terms of what the pattern has found in the picked one's.
        estimated: What it holds is a forecast.
    """

    domain: str
    unique_id: str
    estimated: bool = False


@dataclass(frozen=True)
class Family:
    """The siblings of some of an integration's entities.

    Attributes:
        pattern: What the unique id of the picked entity has to be like, in whole.
        siblings: Those to read as well.
    """

    pattern: re.Pattern[str]
    siblings: tuple[Sibling, ...]


FAMILIES: Mapping[str, Family] = {
    # The lists are in events; the unique id of an export meter has "_export" within.
    "octopus_energy": Family(
        re.compile(
            r"(?P<meter>octopus_energy_electricity_.+)_(current|next|previous)_(day_)?rates?"
        ),
        (
            Sibling("event", r"\g<meter>_current_day_rates"),
            Sibling("event", r"\g<meter>_next_day_rates"),
        ),
    ),
    # Only the sensor of the average has the lists.
    "entsoe": Family(
        re.compile(r"(?P<name>.*)(current|next_hour|min|max|avg)_price"),
        (Sibling("sensor", r"\g<name>avg_price"),),
    ),
    # Tomorrow is with the binary sensor for whether it is there.
    "stromligning": Family(
        re.compile(r"current_price_(?P<tax>vat|ex_vat)_(?P<entry>.+)"),
        (
            Sibling("binary_sensor", r"tomorrow_available_\g<tax>_\g<entry>"),
            Sibling("sensor", r"forecasts_\g<tax>_\g<entry>", estimated=True),
        ),
    ),
}


@dataclass(frozen=True)
class Relative:
    """Another entity that may have prices of the one that was picked.

    Attributes:
        entity_id: Its name.
        estimated: What it holds is a forecast.
        has_to_agree: Its prices count only where they go on from those of the picked one.
        is_tomorrow: It has the same name, but for the day.
    """

    entity_id: str
    estimated: bool = False
    has_to_agree: bool = False
    is_tomorrow: bool = False


_DOMAINS: Final = frozenset({"sensor", "binary_sensor", "event"})
_MAX_NEIGHBOURS: Final = 60
"""More entities than any source of prices has: a device of another kind is not searched."""


def siblings_of(hass: HomeAssistant, entity: er.RegistryEntry) -> tuple[Relative, ...]:
    """Return the entities to read beside the one that was picked."""
    family = FAMILIES.get(entity.platform)
    match = family.pattern.fullmatch(entity.unique_id) if family else None
    if family is None or match is None:
        return tuple(_neighbours_of(hass, entity))
    registry = er.async_get(hass)
    found = (
        (
            registry.async_get_entity_id(
                sibling.domain, entity.platform, match.expand(sibling.unique_id)
            ),
            sibling.estimated,
        )
        for sibling in family.siblings
    )
    return tuple(
        Relative(entity_id, estimated)
        for entity_id, estimated in found
        if entity_id is not None and entity_id != entity.entity_id
    )


def _neighbours_of(hass: HomeAssistant, entity: er.RegistryEntry) -> Iterable[Relative]:
    """Yield the entities of the same config entry, else of the same device."""
    registry = er.async_get(hass)
    found: list[er.RegistryEntry] = []
    if entity.config_entry_id is not None:
        found = er.async_entries_for_config_entry(registry, entity.config_entry_id)
    if (not found or len(found) > _MAX_NEIGHBOURS) and entity.device_id is not None:
        found = er.async_entries_for_device(registry, entity.device_id)
    if len(found) > _MAX_NEIGHBOURS:
        return
    for other in found:
        if other.domain in _DOMAINS and other.entity_id != entity.entity_id:
            yield Relative(
                other.entity_id,
                has_to_agree=True,
                is_tomorrow=any(
                    _names_tomorrow_of(name, of)
                    for name, of in (
                        (other.unique_id, entity.unique_id),
                        (other.entity_id, entity.entity_id),
                    )
                ),
            )


def _names_tomorrow_of(name: str, of: str) -> bool:
    """Whether a name is that of another one, but for the word of the day."""
    words = set(words_of(name))
    rest = {word for word in words - ABOUT_PRICES if day_of((word,)) is None}
    return day_of(words) == 1 and rest <= set(words_of(of))
