"""What the energy dashboard knows of the house already."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant, valid_entity_id

from ...const import (
    CONF_CAPACITY_KWH,
    CONF_DISCHARGE_POWER_ENTITY,
    CONF_EXPORT_ENTITY,
    CONF_EXPORT_OFFSET,
    CONF_POWER_ENTITY,
    CONF_POWER_INVERTED,
    CONF_PRICE,
    CONF_PRICE_ENTITY,
    CONF_PRICE_SOURCE,
    CONF_PV_ENTITY,
    CONF_SOC_ENTITY,
    CONF_SOLAR_ENTRIES,
    PriceSource,
)

_ENERGY: Final = "energy"
_FORECAST: Final = "config_entry_solar_forecast"


async def async_known_to_dashboard(hass: HomeAssistant) -> dict[str, Any]:
    """Return the settings of the energy dashboard, by the fields of a site.

    Nothing where it is not used. Several grid connections, or roofs, are no one's guess.
    """
    sources = await _async_sources(hass)
    grids = [source for source in sources if source["type"] == "grid"]
    roofs = [source for source in sources if source["type"] == "solar"]
    return {
        **(_of_grid(grids[0]) if len(grids) == 1 else {}),
        **_of_roofs(roofs),
    }


async def async_batteries_of_dashboard(hass: HomeAssistant) -> list[dict[str, Any]]:
    """Return what the energy dashboard knows of home batteries, by the fields of their form.

    Each has a name, that of what it gives where nothing better is known.
    """
    sources = await _async_sources(hass)
    return [_of_battery(hass, source) for source in sources if source["type"] == "battery"]


def _of_battery(hass: HomeAssistant, source: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of one battery; the dashboard counts discharging as positive."""
    config = source.get("power_config") or {"stat_rate": source.get("stat_rate")}
    positive, charging = config.get("stat_rate"), config.get("stat_rate_inverted")
    energy_id = str(source["stat_energy_from"])
    state = hass.states.get(energy_id)
    known = {
        CONF_NAME: energy_id if state is None else state.name,
        CONF_POWER_ENTITY: _entity(positive or charging or config.get("stat_rate_to")),
        CONF_POWER_INVERTED: True if positive else None,
        CONF_DISCHARGE_POWER_ENTITY: _entity(config.get("stat_rate_from")),
        CONF_SOC_ENTITY: _entity(source.get("stat_soc")),
        CONF_CAPACITY_KWH: source.get("capacity"),
    }
    return {key: value for key, value in known.items() if value is not None}


async def _async_sources(hass: HomeAssistant) -> list[Mapping[str, Any]]:
    if _ENERGY not in hass.config.components:
        return []
    # It is there, so it has been imported.
    from homeassistant.components.energy.data import async_get_manager  # noqa: PLC0415

    preferences = (await async_get_manager(hass)).data
    return [] if preferences is None else [*preferences["energy_sources"]]


def _of_grid(grid: Mapping[str, Any]) -> dict[str, Any]:
    known = {
        CONF_POWER_ENTITY: _entity(grid.get("stat_rate")),
        CONF_PRICE_ENTITY: _entity(grid.get("entity_energy_price")),
        CONF_PRICE: grid.get("number_energy_price"),
        CONF_EXPORT_ENTITY: _entity(grid.get("entity_energy_price_export")),
        CONF_EXPORT_OFFSET: grid.get("number_energy_price_export"),
    }
    if known[CONF_PRICE_ENTITY] is None and known[CONF_PRICE] is not None:
        known[CONF_PRICE_SOURCE] = PriceSource.CONSTANT
    return {key: value for key, value in known.items() if value is not None}


def _of_roofs(roofs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    known: dict[str, Any] = {}
    entries = {entry: None for roof in roofs for entry in roof.get(_FORECAST) or ()}
    if entries:
        known[CONF_SOLAR_ENTRIES] = list(entries)
    powers = [_entity(roof.get("stat_rate")) for roof in roofs]
    if len(powers) == 1 and powers[0] is not None:
        known[CONF_PV_ENTITY] = powers[0]
    return known


def _entity(statistic_id: str | None) -> str | None:
    """Return the entity of these statistics; None for those of no entity."""
    return statistic_id if statistic_id and valid_entity_id(statistic_id) else None
