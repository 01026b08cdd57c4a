"""What an action is about: the site, the charger and the car that its fields name."""

from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    service,
    target as target_helper,
)
import voluptuous as vol

from ..bindings.vehicle import Vehicle
from ..charging.charging_point import ChargingPoint
from ..const import DOMAIN
from ..errors import RefusedError
from ..runtime import OptivgiConfigEntry
from ..site.site import Site

ATTR_CHARGER = "charger"
ATTR_VEHICLE = "vehicle"

TARGET_FIELDS = {
    vol.Optional(ATTR_CONFIG_ENTRY_ID): str,
    vol.Optional(ATTR_CHARGER): str,
    vol.Optional(ATTR_VEHICLE): str,
}


@dataclass(frozen=True, kw_only=True)
class Target:
    """A site, and the charger and the car that are named there; None where none is."""

    entry: OptivgiConfigEntry
    point: ChargingPoint | None
    vehicle: Vehicle | None


def find_site(call: ServiceCall) -> OptivgiConfigEntry:
    """Return the site that an action names, or the only one."""
    entry: OptivgiConfigEntry = service.async_get_config_entry(
        call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )
    return entry


def find_target(call: ServiceCall, *, with_vehicle: bool = True) -> Target:
    """Return what the fields of an action name.

    A charger or a car is named by its device, one of its entities, or its name. Either names the
    site, where there are several.

    Raises:
        ServiceValidationError: There is no such thing, or it is not clear which site it is.
    """
    charger = call.data.get(ATTR_CHARGER)
    vehicle = call.data.get(ATTR_VEHICLE) if with_vehicle else None
    entry = _entry(call, charger, vehicle)
    site = entry.runtime_data.site
    target = Target(
        entry=entry,
        point=None if charger is None else _find_point(call.hass, site, charger),
        vehicle=None if vehicle is None else _find_vehicle(call.hass, site, vehicle),
    )
    if charger is not None and target.point is None:
        raise RefusedError("charger_unknown", charger=charger)
    if vehicle is not None and target.vehicle is None:
        raise RefusedError("vehicle_unknown", vehicle=vehicle)
    return target


def find_chargers(call: ServiceCall) -> list[tuple[OptivgiConfigEntry, ChargingPoint]]:
    """Return the chargers that the target of an action refers to, each with its site.

    A charger is referred to by its device, by an area, a floor or a label, or by any entity of it.

    Raises:
        ServiceValidationError: There is none.
    """
    selected = target_helper.async_extract_referenced_entity_ids(
        call.hass, target_helper.TargetSelection(call.data)
    )
    registry = er.async_get(call.hass)
    entities = map(registry.async_get, selected.referenced | selected.indirectly_referenced)
    ids = {
        entity.config_subentry_id
        for entity in entities
        if entity is not None and entity.platform == DOMAIN
    }
    sites: list[OptivgiConfigEntry] = call.hass.config_entries.async_loaded_entries(DOMAIN)
    found = [
        (entry, point)
        for entry in sites
        for charger_id, point in entry.runtime_data.site.points.items()
        if charger_id in ids
    ]
    if not found:
        raise RefusedError("target_without_charger")
    return found


def _entry(call: ServiceCall, charger: str | None, vehicle: str | None) -> OptivgiConfigEntry:
    if call.data.get(ATTR_CONFIG_ENTRY_ID) is None:
        sites: list[OptivgiConfigEntry] = call.hass.config_entries.async_entries(DOMAIN)
        fitting = [
            entry
            for entry in sites
            if entry.state is ConfigEntryState.LOADED
            and _has(call.hass, entry.runtime_data.site, charger, vehicle)
        ]
        if len(fitting) == 1:
            return fitting[0]
    return find_site(call)


def _has(hass: HomeAssistant, site: Site, charger: str | None, vehicle: str | None) -> bool:
    """Return whether a charger or a car that is named belongs to a site."""
    return (charger is not None and _find_point(hass, site, charger) is not None) or (
        vehicle is not None and _find_vehicle(hass, site, vehicle) is not None
    )


def _find_point(hass: HomeAssistant, site: Site, named: str) -> ChargingPoint | None:
    ids = subentry_ids(hass, named)
    found = (point for charger_id, point in site.points.items() if charger_id in ids)
    return next(found, None) or site.point_named(named)


def _find_vehicle(hass: HomeAssistant, site: Site, named: str) -> Vehicle | None:
    ids = subentry_ids(hass, named)
    found = (vehicle for vehicle_id, vehicle in site.vehicles.items() if vehicle_id in ids)
    return next(found, None) or site.vehicle_named(named)


def subentry_ids(hass: HomeAssistant, named: str) -> set[str]:
    """Return which chargers or cars may be named by an id: theirs, a device's or an entity's."""
    ids = {named}
    if (device := dr.async_get(hass).async_get(named)) is not None:
        ids |= {identifier for domain, identifier in device.identifiers if domain == DOMAIN}
    if (entity := er.async_get(hass).async_get(named)) is not None:
        ids.add(entity.config_subentry_id or "")
    return ids
