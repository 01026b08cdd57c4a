"""What a charger must not share with others: its name, what it is commanded by, its meter."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant

from ..const import (
    CONF_LIMIT_ACTION,
    CONF_LIMIT_ENTITY,
    CONF_PHASE_ENTITY,
    CONF_POWER_ENTITY,
    CONF_PV_ENTITY,
    CONF_START_ENTITY,
    CONF_SWITCH_ENTITY,
    DOMAIN,
    METERS,
    SUBENTRY_CHARGER,
)
from .fields import Refusal
from .subentry import LONGEST_NAME

# Two chargers that write the same would fight.
_OWN: Final = (
    *(CONF_LIMIT_ENTITY, CONF_LIMIT_ACTION, CONF_SWITCH_ENTITY, CONF_START_ENTITY),
    CONF_PHASE_ENTITY,
)


def check_unused(
    hass: HomeAssistant, site: ConfigEntry, own_id: str | None, entered: Mapping[str, Any]
) -> Refusal | None:
    """Return what of a charger belongs to another, or to a site; None where nothing does.

    Args:
        hass: Home Assistant.
        site: Where it is to be.
        own_id: The charger's subentry; None for a new one.
        entered: What was entered of it.
    """
    name = entered[CONF_NAME]
    if not name:
        return CONF_NAME, "name_missing", {}
    if len(name) > LONGEST_NAME:
        return CONF_NAME, "name_too_long", {"length": str(LONGEST_NAME)}
    for other in _others([site], own_id):
        if other.title.casefold() == name.casefold():
            return CONF_NAME, "name_in_use", {}
    return check_entities_unused(hass, own_id, entered)


def check_entities_unused(
    hass: HomeAssistant, own_id: str | None, entered: Mapping[str, Any]
) -> Refusal | None:
    """Return which of a charger's entities belong to another, or to a site; None for none.

    Args:
        hass: Home Assistant.
        own_id: The charger's subentry; None for a new one.
        entered: What was entered, or found, of it.
    """
    for other in _others(_sites(hass), own_id):
        for key in _OWN:
            if key in entered and other.data.get(key) == entered[key]:
                return CONF_LIMIT_ENTITY, "limit_in_use", {"charger": other.title}
    return _check_meter(hass, own_id, entered.get(CONF_POWER_ENTITY))


def _check_meter(hass: HomeAssistant, own_id: str | None, power: str | None) -> Refusal | None:
    if power is None:
        return None
    for site in _sites(hass):
        if power in [site.data.get(key) for key in (*METERS, CONF_PV_ENTITY)]:
            return CONF_POWER_ENTITY, "power_is_meter", {"entity": power, "site": site.title}
    for other in _others(_sites(hass), own_id):
        if other.data.get(CONF_POWER_ENTITY) == power:
            return CONF_POWER_ENTITY, "power_in_use", {"entity": power, "charger": other.title}
    return None


def _sites(hass: HomeAssistant) -> list[ConfigEntry]:
    return hass.config_entries.async_entries(DOMAIN)


def _others(sites: Iterable[ConfigEntry], own_id: str | None) -> Iterator[ConfigSubentry]:
    """Yield the chargers of sites but this one."""
    for site in sites:
        for subentry in site.get_subentries_of_type(SUBENTRY_CHARGER):
            if subentry.subentry_id != own_id:
                yield subentry
