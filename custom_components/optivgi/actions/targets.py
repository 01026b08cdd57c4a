"""What an action is about: the site, the charger and the car that its fields name."""

from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import device_registry as dr, entity_registry as er, service
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


def find_target(call: ServiceCall) -> Target:
    """Return what the fields of an action name.

    A charger is named by its device, one of its entities, or its name; a car by its name. Either
    names the site, where there are several.

    Raises:
        ServiceValidationError: There is no such thing, or it is not clear which site it is.
    """
    charger, vehicle = call.data.get(ATTR_CHARGER), call.data.get(ATTR_VEHICLE)
    entry = _entry(call, charger, vehicle)
    site = entry.runtime_data.site
    target = Target(
        entry=entry,
        point=None if charger is None else _find_point(call.hass, site, charger),
        vehicle=None if vehicle is None else site.vehicle_named(vehicle),
    )
    if charger is not None and target.point is None:
        raise RefusedError("charger_unknown", charger=charger)
    if vehicle is not None and target.vehicle is None:
        raise RefusedError("vehicle_unknown", vehicle=vehicle)
    return target


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
    entry: OptivgiConfigEntry = service.async_get_config_entry(
        call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )
    return entry


def _has(hass: HomeAssistant, site: Site, charger: str | None, vehicle: str | None) -> bool:
    """Return whether a charger or a car that is named belongs to a site."""
    return (charger is not None and _find_point(hass, site, charger) is not None) or (
        vehicle is not None and site.vehicle_named(vehicle) is not None
    )


def _find_point(hass: HomeAssistant, site: Site, named: str) -> ChargingPoint | None:
    ids = {named}
    if (device := dr.async_get(hass).async_get(named)) is not None:
        ids |= {identifier for domain, identifier in device.identifiers if domain == DOMAIN}
    if (entity := er.async_get(hass).async_get(named)) is not None:
        ids.add(entity.config_subentry_id or "")
    for charger_id, point in site.points.items():
        if charger_id in ids:
            return point
    return site.point_named(named)
