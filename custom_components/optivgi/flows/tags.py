"""Tags that would say of one who is at a charger that it is another."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry

from ..bindings.chargers.tag_names import tag_names
from ..bindings.chargers.words import compact
from ..const import CONF_GUEST_TAGS, CONF_TAGS, SUBENTRY_CHARGER, SUBENTRY_VEHICLE
from .fields import Refusal


def check_tags(site: ConfigEntry, own_id: str | None, entered: Mapping[str, Any]) -> Refusal | None:
    """Return which tag of a car, or of a guest, belongs to somebody else; None for none.

    Args:
        site: Where it is to be.
        own_id: The subentry of what was entered; None for a new one.
        entered: What was entered of a charger or a car.
    """
    cars = _owners(site, SUBENTRY_VEHICLE, CONF_TAGS, own_id)
    guests = _owners(site, SUBENTRY_CHARGER, CONF_GUEST_TAGS, own_id)
    for tag in entered.get(CONF_GUEST_TAGS, ()):
        if (vehicle := cars.get(next(iter(tag_names([tag]))))) is not None:
            return CONF_GUEST_TAGS, "tag_in_use", {"tag": tag, "vehicle": vehicle}
    for tag in entered.get(CONF_TAGS, ()):
        if (vehicle := cars.get(compact(tag))) is not None:
            return CONF_TAGS, "tag_in_use", {"tag": tag, "vehicle": vehicle}
        if (charger := guests.get(compact(tag))) is not None:
            return CONF_TAGS, "tag_of_guests", {"tag": tag, "charger": charger}
    return None


def _owners(site: ConfigEntry, kind: str, key: str, own_id: str | None) -> dict[str, str]:
    """Return what the parts of a site are called whose tags these are, by the tag."""
    return {
        tag: part.title
        for part in site.get_subentries_of_type(kind)
        if part.subentry_id != own_id
        for tag in tag_names(part.data.get(key, ()))
    }
