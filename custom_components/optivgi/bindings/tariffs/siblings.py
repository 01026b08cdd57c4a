"""Which other entities of an integration belong to the one that was picked.

Some keep today and tomorrow apart, others keep the list beside another sensor than the price.
They are found by their unique ids, which stay when a person renames an entity.
"""

from collections.abc import Mapping
from dataclasses import dataclass
import re

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er


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
    """A sibling that is there."""

    entity_id: str
    estimated: bool


def siblings_of(hass: HomeAssistant, entity: er.RegistryEntry) -> tuple[Relative, ...]:
    """Return the entities to read beside the one that was picked."""
    family = FAMILIES.get(entity.platform)
    match = family.pattern.fullmatch(entity.unique_id) if family else None
    if family is None or match is None:
        return ()
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
