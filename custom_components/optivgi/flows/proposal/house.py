"""Everything in the house that a site can be made of."""

import asyncio
from collections.abc import AsyncIterator, Container, Iterator, Mapping
from typing import Any, Final

from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er

from ...bindings.house.battery_discovery import async_discover_batteries
from ...bindings.house.energy_preferences import async_known_to_dashboard
from ...bindings.house.solar import async_forecasting_entries
from ...bindings.vehicle_discovery import discover_vehicle
from ...cars.soc import FULL_SOC
from ...const import (
    CONF_CAPACITY_KWH,
    CONF_LIMIT_ENTITY,
    CONF_MAX_SOC,
    CONF_PLANNED_BY,
    CONF_PLUGGED_ENTITY,
    CONF_POWER_ENTITY,
    CONF_PV_ENTITY,
    CONF_RESERVE_SOC,
    CONF_SOC_ENTITY,
    CONF_SOC_LIMIT_ENTITY,
    CONF_SOLAR_ENTRIES,
    CONF_STATUS_ENTITY,
    DEFAULT_RESERVE_SOC,
    DOMAIN,
    SUBENTRY_CHARGER,
    PlannedBy,
)
from ..charger_checks import check_charger
from ..charger_conflicts import check_entities_unused
from ..charger_found import find_charger, with_defaults
from ..device_step import named
from .elsewhere import Elsewhere
from .find import Find, FindKind
from .meter import async_find_meter
from .prices import async_find_prices

_DRIVABLE: Final = {CONF_LIMIT_ENTITY, CONF_STATUS_ENTITY}
"""A device that has both is a charger, whoever made it."""
_PLANNABLE: Final = {CONF_POWER_ENTITY, CONF_SOC_ENTITY, CONF_CAPACITY_KWH}
"""What has to be known of a home battery at least."""
_TRACKED: Final = {CONF_SOC_ENTITY, CONF_PLUGGED_ENTITY}
"""A device that has both is a car."""


async def async_look_around(hass: HomeAssistant, elsewhere: Elsewhere) -> list[Find]:
    """Return all that was found, in the order in which it is shown.

    Args:
        hass: Home Assistant.
        elsewhere: What other integrations were set up with.
    """
    known = await async_known_to_dashboard(hass)
    cars = await async_find_cars(hass, elsewhere)
    of_cars = {find.device_id for find in cars}
    chargers = await async_find_chargers(hass, of_cars, elsewhere.of(FindKind.CHARGER))
    of_chargers = {find.data.get(CONF_POWER_ENTITY) for find in chargers}
    others = of_cars.union((find.device_id for find in chargers), _of_chargers(hass))
    meter = await async_find_meter(hass, known, elsewhere, others)
    if meter is not None and meter.data.get(CONF_POWER_ENTITY, "") in of_chargers:
        meter = None
    prices = await async_find_prices(hass, elsewhere.of(FindKind.PRICES))
    of_site = [*prices[:1], meter, await _async_find_solar(hass, known)]
    batteries = await _async_find_batteries(hass)
    return [*(find for find in of_site if find is not None), *chargers, *cars, *batteries]


def _of_chargers(hass: HomeAssistant) -> Iterator[str]:
    """Yield the devices of the chargers that sites have."""
    registry = er.async_get(hass)
    for site in hass.config_entries.async_entries(DOMAIN):
        for charger in site.get_subentries_of_type(SUBENTRY_CHARGER):
            for bound in charger.data.values():
                entry = registry.async_get(bound) if isinstance(bound, str) else None
                if entry is not None and entry.device_id is not None:
                    yield entry.device_id


async def _async_find_batteries(hass: HomeAssistant) -> list[Find]:
    """Return the home batteries; one of which too little is known is only mentioned."""
    found = []
    for number, known in enumerate(await async_discover_batteries(hass)):
        data = dict(known)
        name = str(data.pop(CONF_NAME))
        usable = data.keys() >= _PLANNABLE
        found.append(
            Find(
                kind=FindKind.BATTERY,
                key=f"{FindKind.BATTERY}:{number}",
                name=name,
                data=data
                | {
                    CONF_RESERVE_SOC: DEFAULT_RESERVE_SOC,
                    CONF_MAX_SOC: FULL_SOC,
                    CONF_PLANNED_BY: PlannedBy.ITSELF,
                },
                text="" if usable else "incomplete",
                usable=usable,
            )
        )
    return found


async def _async_find_solar(hass: HomeAssistant, known: Mapping[str, Any]) -> Find | None:
    entries = {entry.entry_id: entry.title for entry in await async_forecasting_entries(hass)}
    picked = [
        entry_id for entry_id in known.get(CONF_SOLAR_ENTRIES, entries) if entry_id in entries
    ]
    data: dict[str, Any] = {CONF_SOLAR_ENTRIES: picked} if picked else {}
    if CONF_PV_ENTITY in known:
        data[CONF_PV_ENTITY] = known[CONF_PV_ENTITY]
    if not data:
        return None
    name = ", ".join(entries[entry_id] for entry_id in picked) or str(data[CONF_PV_ENTITY])
    return Find(kind=FindKind.SOLAR, key=FindKind.SOLAR, name=name, data=data)


async def async_find_chargers(
    hass: HomeAssistant, others: Container[str], named_elsewhere: Mapping[str, str]
) -> list[Find]:
    """Return the chargers, by name, without devices that are something else.

    Args:
        hass: Home Assistant.
        others: Devices that are something else.
        named_elsewhere: Devices that another integration drives; with who that is.
    """
    found = []
    registry = er.async_get(hass)
    async for device in _async_devices(hass):
        entries = er.async_entries_for_device(registry, device.id)
        if not entries or device.id in others or _is_ours(hass, device.id):
            continue
        discovery, fields = find_charger(hass, device.id)
        drivable = discovery.known is not None or discovery.data.keys() >= _DRIVABLE
        if not drivable and device.id not in named_elsewhere:
            continue
        if check_entities_unused(hass, None, fields) is not None:
            continue
        entered = with_defaults(hass, fields, phases="3")
        name = str(entered.pop(CONF_NAME, device.id))
        refusal = check_charger(hass, {CONF_NAME: name, **entered})
        found.append(
            Find(
                kind=FindKind.CHARGER,
                key=f"{FindKind.CHARGER}:{device.id}",
                name=name,
                data=entered,
                text="" if refusal is None else "incomplete",
                discovery=discovery,
                usable=refusal is None,
                used_by=named_elsewhere.get(device.id, ""),
            )
        )
    return sorted(found, key=lambda find: find.name)


async def async_find_cars(hass: HomeAssistant, elsewhere: Elsewhere) -> list[Find]:
    """Return the cars, by name: what says how full its battery is, and whether it is plugged in.

    Args:
        hass: Home Assistant.
        elsewhere: What other integrations were set up with: states of charge that they read need
            no plug, and what shows the target there does so here.
    """
    found = []
    named_elsewhere = elsewhere.of(FindKind.VEHICLE)
    async for device in _async_devices(hass):
        discovery = discover_vehicle(hass, device.id)
        is_car = discovery.data.keys() >= _TRACKED or (
            discovery.data.get(CONF_SOC_ENTITY) in named_elsewhere
        )
        if not is_car or _is_ours(hass, device.id):
            continue
        data = named(hass, discovery)
        target = elsewhere.soc_targets.get(data.get(CONF_SOC_ENTITY, ""))
        if target is not None and hass.states.get(target) is not None:
            data.setdefault(CONF_SOC_LIMIT_ENTITY, target)
        name = str(data.pop(CONF_NAME, device.id))
        found.append(
            Find(
                kind=FindKind.VEHICLE,
                key=f"{FindKind.VEHICLE}:{device.id}",
                name=name,
                data=data,
                discovery=discovery,
                used_by=named_elsewhere.get(device.id, ""),
            )
        )
    return sorted(found, key=lambda find: find.name)


async def _async_devices(hass: HomeAssistant) -> AsyncIterator[dr.DeviceEntry]:
    """Yield all devices; looking at hundreds takes half a second, in which other things go on."""
    for device in list(dr.async_get(hass).devices):
        yield device
        await asyncio.sleep(0)


def _is_ours(hass: HomeAssistant, device_id: str) -> bool:
    entries = er.async_entries_for_device(er.async_get(hass), device_id)
    return any(entry.platform == DOMAIN for entry in entries)
