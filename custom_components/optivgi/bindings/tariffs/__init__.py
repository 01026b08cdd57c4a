"""Where prices come from: one small adapter per kind of source, all giving a PriceSeries.

A source that keeps its prices in attributes needs no adapter: its names are rows in ``shapes``.
One that hands them out otherwise is a Tariff of its own and a row in ``PLATFORM_READERS``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.loader import IntegrationNotFound, async_get_integration

from ...const import (
    CONF_PRICE,
    CONF_PRICE_ENTITY,
    CONF_PRICE_FACTOR,
    CONF_PRICE_OFFSET,
    CONF_PRICE_SOURCE,
    CONF_TIME_OF_USE,
    PriceSource,
)
from .attributes import AttributeTariff
from .base import AdjustedTariff, Tariff, TariffError, TariffNotReady
from .constant import ConstantTariff
from .nordpool import NordpoolTariff
from .series import Period, PriceSeries, Resampled
from .time_of_use import TimeOfUseTariff

__all__ = [
    "Period",
    "PriceSeries",
    "Resampled",
    "Tariff",
    "TariffError",
    "TariffNotReady",
    "async_create_tariff",
]


@dataclass(frozen=True)
class PlatformReader:
    """How to read prices of an integration that keeps none in attributes.

    Attributes:
        create: Makes the tariff for the entity that was picked.
        built_in: Whether it is Home Assistant's own integration that is meant, not a custom one
            that takes its place under the same name.
    """

    create: Callable[[HomeAssistant, er.RegistryEntry], Tariff]
    built_in: bool = True


PLATFORM_READERS: Mapping[str, PlatformReader] = {
    "nordpool": PlatformReader(NordpoolTariff),
}

# Sources that keep today and tomorrow in two entities: how the one is named and how the other
COMPANIONS: Mapping[str, tuple[str, str]] = {
    "octopus_energy": ("_current_day_rates", "_next_day_rates"),
}


async def _async_entity_tariff(hass: HomeAssistant, data: Mapping[str, Any]) -> Tariff:
    registry = er.async_get(hass)
    picked = str(data[CONF_PRICE_ENTITY])
    entity_id = er.async_resolve_entity_id(registry, picked)
    if entity_id is None:
        raise TariffError("price_entity_missing", entity=picked)
    entity = registry.async_get(entity_id)
    if entity is None:
        return AttributeTariff(hass, [entity_id])
    reader = PLATFORM_READERS.get(entity.platform)
    if reader is not None and reader.built_in == await _async_is_built_in(hass, entity.platform):
        return reader.create(hass, entity)
    today, tomorrow = COMPANIONS.get(entity.platform, ("", ""))
    companions = [entity_id.replace(today, tomorrow)] if today and today in entity_id else []
    return AttributeTariff(hass, [entity_id, *companions])


async def _async_is_built_in(hass: HomeAssistant, domain: str) -> bool:
    try:
        integration = await async_get_integration(hass, domain)
    except IntegrationNotFound:
        return False
    return integration.is_built_in


async def async_create_tariff(hass: HomeAssistant, data: Mapping[str, Any]) -> Tariff:
    """Return the price source that a site's configuration names.

    Raises:
        TariffError: The configuration cannot be meant.
    """
    tariff: Tariff
    match PriceSource(data[CONF_PRICE_SOURCE]):
        case PriceSource.ENTITY:
            tariff = await _async_entity_tariff(hass, data)
        case PriceSource.TIME_OF_USE:
            tariff = TimeOfUseTariff(data.get(CONF_TIME_OF_USE) or [])
        case PriceSource.CONSTANT:
            tariff = ConstantTariff(float(data[CONF_PRICE]))
    factor = float(data.get(CONF_PRICE_FACTOR, 1.0))
    offset = float(data.get(CONF_PRICE_OFFSET, 0.0))
    if factor == 1.0 and offset == 0.0:
        return tariff
    return AdjustedTariff(tariff, factor=factor, offset=offset)
