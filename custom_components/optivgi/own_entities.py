"""What triggers and conditions of ours look at: entities of ours that show one certain thing."""

from typing import Any, ClassVar, cast

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .const import DOMAIN

CHEAPER_HOURS = "cheaper_hours"
"""How many hours of the day cost less than now: an attribute of a site's price."""
MODE = "mode"
"""The mode of a charger: an attribute of its status."""
SWAP_FOR = "swap_for"
"""The cars that wait for one that has what it needs: an attribute of a charger's status."""
WILL_BE_READY = "will_be_ready"
"""Whether a car will have its target by departure: an attribute of a charger's status."""


class OfOwnEntities:
    """Narrows the targets of a trigger or a condition to what it can be about.

    A device, an area or a label has other entities, too.
    """

    own_key: ClassVar[str]
    """The translation key of these entities."""
    _hass: HomeAssistant

    def entity_filter(self, entities: set[str]) -> set[str]:
        """Return those of some entities that are ours and show that."""
        registry = er.async_get(self._hass)
        known = {entity_id: registry.async_get(entity_id) for entity_id in entities}
        return {
            entity_id
            for entity_id, entry in known.items()
            if entry is not None
            and entry.platform == DOMAIN
            and entry.translation_key == self.own_key
        }


def narrowed[Base: type[Any]](base: Base, own_key: str) -> Base:
    """Return a kind of trigger or condition that is about entities of ours only.

    Args:
        base: The kind.
        own_key: The translation key of these entities.
    """
    return cast(Base, type(base.__name__, (OfOwnEntities, base), {"own_key": own_key}))
