"""Keeps the binding to the user's entities when they are renamed, and says when they are gone.

One that is disabled is as gone as one that was removed: neither shows anything.
"""

from collections.abc import Collection, Mapping, MutableMapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.helpers.debounce import Debouncer
from homeassistant.helpers.event import async_track_entity_registry_updated_event

from ..const import (
    CONF_CHARGE_ENTITY,
    CONF_CHARGE_POWER_ENTITY,
    CONF_CO2_ENTITY,
    CONF_COLOUR_ENTITY,
    CONF_DEPARTURE_ENTITY,
    CONF_DIMMING_ENTITY,
    CONF_DISCHARGE_POWER_ENTITY,
    CONF_ENERGY_ENTITY,
    CONF_EXPORT_ENTITY,
    CONF_EXPORT_POWER_ENTITY,
    CONF_FORECAST_ENTITY,
    CONF_HOLD_BUTTON,
    CONF_HOLD_ENTITY,
    CONF_HOLD_MODE_ENTITY,
    CONF_HOLIDAY_ENTITY,
    CONF_LIMIT_ACTION,
    CONF_LIMIT_ENTITY,
    CONF_LOCATION_ENTITY,
    CONF_ONE_PHASE_ACTION,
    CONF_OPERATOR_LIMIT_ENTITY,
    CONF_PEAK_ENTITY,
    CONF_PHASE_ENTITY,
    CONF_PLUGGED_ENTITY,
    CONF_POWER_ENTITY,
    CONF_PRICE_ENTITY,
    CONF_PV_ENTITY,
    CONF_SOC_ENTITY,
    CONF_SOC_LIMIT_ACTION,
    CONF_SOC_LIMIT_ENTITY,
    CONF_SOC_TIME_ENTITY,
    CONF_SOLAR_ENTITY,
    CONF_START_ACTION,
    CONF_START_ENTITY,
    CONF_STATUS_ENTITY,
    CONF_STOP_ACTION,
    CONF_STOP_ENTITY,
    CONF_SWITCH_ENTITY,
    CONF_TAG_ENTITY,
    CONF_THREE_PHASES_ACTION,
    DOMAIN,
    LOGGER,
    PHASE_ENTITIES,
    FixedBy,
)
from .named_in_actions import named_entities, with_names

_ENTITY_KEYS: Final = (
    CONF_CHARGE_ENTITY,
    CONF_CHARGE_POWER_ENTITY,
    CONF_CO2_ENTITY,
    CONF_COLOUR_ENTITY,
    CONF_DEPARTURE_ENTITY,
    CONF_DIMMING_ENTITY,
    CONF_ENERGY_ENTITY,
    CONF_DISCHARGE_POWER_ENTITY,
    CONF_EXPORT_ENTITY,
    CONF_FORECAST_ENTITY,
    CONF_HOLD_BUTTON,
    CONF_HOLD_ENTITY,
    CONF_HOLD_MODE_ENTITY,
    CONF_HOLIDAY_ENTITY,
    CONF_LIMIT_ENTITY,
    CONF_LOCATION_ENTITY,
    CONF_OPERATOR_LIMIT_ENTITY,
    CONF_PEAK_ENTITY,
    CONF_PHASE_ENTITY,
    CONF_PLUGGED_ENTITY,
    CONF_EXPORT_POWER_ENTITY,
    CONF_POWER_ENTITY,
    CONF_PRICE_ENTITY,
    CONF_PV_ENTITY,
    CONF_SOC_ENTITY,
    CONF_SOC_LIMIT_ENTITY,
    CONF_SOC_TIME_ENTITY,
    CONF_SOLAR_ENTITY,
    CONF_START_ENTITY,
    CONF_STATUS_ENTITY,
    CONF_STOP_ENTITY,
    CONF_SWITCH_ENTITY,
    CONF_TAG_ENTITY,
    *PHASE_ENTITIES,
)


_ACTION_KEYS: Final = (
    CONF_LIMIT_ACTION,
    CONF_ONE_PHASE_ACTION,
    CONF_SOC_LIMIT_ACTION,
    CONF_START_ACTION,
    CONF_STOP_ACTION,
    CONF_THREE_PHASES_ACTION,
)


def _bound(data: Mapping[str, Any]) -> set[str]:
    picked = {data[key] for key in _ENTITY_KEYS if key in data}
    return picked.union(*(named_entities(data[key]) for key in _ACTION_KEYS if key in data))


def _renamed(data: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {
        key: names.get(value, value)
        if key in _ENTITY_KEYS
        else with_names(value, names)
        if key in _ACTION_KEYS
        else value
        for key, value in data.items()
    }


_ISSUE: Final = "entity_removed"
# By whether the entity is only disabled
_TEXTS: Final[Mapping[bool, str]] = {False: _ISSUE, True: "entity_disabled"}
# Renames often come in groups, one per entity of a device: within this they are one change.
_RENAME_S: Final = 2.0


def _issue_id(entry: ConfigEntry, entity_id: str) -> str:
    return f"{_ISSUE}_{entry.entry_id}_{entity_id}"


@callback
def async_forget_removed_entities(
    hass: HomeAssistant, entry: ConfigEntry, keep: Collection[str] = ()
) -> None:
    """Delete the issues of a site about entities that are gone, but for those to keep."""
    for domain, issue_id in list(ir.async_get(hass).issues):
        if domain == DOMAIN and issue_id.startswith(_issue_id(entry, "")) and issue_id not in keep:
            ir.async_delete_issue(hass, domain, issue_id)


def _all_bound(entry: ConfigEntry) -> set[str]:
    return _bound(entry.data).union(*(_bound(s.data) for s in entry.subentries.values()))


@callback
def async_follow_renames(
    hass: HomeAssistant, entry: ConfigEntry, known: MutableMapping[str, str]
) -> None:
    """Follow what was renamed while nobody watched: while the site could not be set up, say.

    Args:
        hass: Home Assistant.
        entry: The site.
        known: The ids in the registry of the bound entities, which no rename changes; brought up to
            date.
    """
    registry = er.async_get(hass)
    names = {
        entity_id: name
        for entity_id in _all_bound(entry)
        if (key := known.get(entity_id)) is not None
        and (name := er.async_resolve_entity_id(registry, key)) not in {None, entity_id}
        and name is not None
    }
    rebind(hass, entry, names)
    bound = _all_bound(entry)
    registered = {
        entity_id: found.id
        for entity_id in bound
        if (found := registry.async_get(entity_id)) is not None
    }
    kept = {entity_id: key for entity_id, key in known.items() if entity_id in bound}
    known.clear()
    known.update(kept | registered)


@callback
def async_watch_bound_entities(
    hass: HomeAssistant, entry: ConfigEntry, known: Collection[str]
) -> CALLBACK_TYPE:
    """Follow what happens to the bound entities in the registry; returns what ends that.

    Args:
        hass: Home Assistant.
        entry: The site.
        known: Those that have been registered.
    """
    registry = er.async_get(hass)
    bound = _all_bound(entry)
    missing = {entity_id for entity_id in bound if _is_missing(hass, registry, entity_id)}
    # What is there again or not used any more is nothing to complain of.
    async_forget_removed_entities(hass, entry, keep={_issue_id(entry, one) for one in missing})
    # One that never was registered may come late.
    for entity_id in missing.intersection(known):
        _report(hass, entry, entity_id)

    names: dict[str, str] = {}

    @callback
    def on_registry_update(event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        data = event.data
        if data["action"] == "remove" or _is_disabled(registry, data["entity_id"]):
            _report(hass, entry, data["entity_id"])
        elif data["action"] == "create" or "disabled_by" in data["changes"]:
            ir.async_delete_issue(hass, DOMAIN, _issue_id(entry, data["entity_id"]))
        elif "entity_id" in data["changes"]:
            names[data["old_entity_id"]] = data["entity_id"]
            rename_soon.async_schedule_call()

    @callback
    def rename() -> None:
        rebind(hass, entry, names)
        names.clear()

    # Each change of our configuration sets the site up again, and what is renamed meanwhile
    # would be missed: a device's entities are renamed one after the other.
    rename_soon = Debouncer(
        hass, LOGGER, cooldown=_RENAME_S, immediate=False, function=rename, background=True
    )
    unsubscribe = async_track_entity_registry_updated_event(hass, bound, on_registry_update)

    @callback
    def stop() -> None:
        unsubscribe()
        rename_soon.async_shutdown()
        rename()

    return stop


@callback
def rebind(hass: HomeAssistant, entry: ConfigEntry, names: Mapping[str, str]) -> None:
    """Use other entities wherever some were used; ``names`` are the new ones by the old ones."""
    for subentry in list(entry.subentries.values()):
        if not names.keys().isdisjoint(_bound(subentry.data)):
            hass.config_entries.async_update_subentry(
                entry, subentry, data=_renamed(subentry.data, names)
            )
    if not names.keys().isdisjoint(_bound(entry.data)):
        hass.config_entries.async_update_entry(entry, data=_renamed(entry.data, names))


def _is_disabled(registry: er.EntityRegistry, entity_id: str) -> bool:
    return (found := registry.async_get(entity_id)) is not None and found.disabled


def _is_missing(hass: HomeAssistant, registry: er.EntityRegistry, entity_id: str) -> bool:
    removed = registry.async_get(entity_id) is None and hass.states.get(entity_id) is None
    return removed or _is_disabled(registry, entity_id)


def _report(hass: HomeAssistant, entry: ConfigEntry, entity_id: str) -> None:
    user = next(
        (s.title for s in entry.subentries.values() if entity_id in _bound(s.data)), entry.title
    )
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(entry, entity_id),
        data={
            "fixed_by": FixedBy.ENTITY,
            "entry_id": entry.entry_id,
            "entity_id": entity_id,
        },
        is_fixable=True,
        severity=ir.IssueSeverity.ERROR,
        translation_key=_TEXTS[_is_disabled(er.async_get(hass), entity_id)],
        translation_placeholders={"entity": entity_id, "name": user},
    )
