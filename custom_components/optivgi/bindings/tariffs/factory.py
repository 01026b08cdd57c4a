"""From what a person has entered to its tariff."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.loader import IntegrationNotFound, async_get_integration

from ...const import (
    CONF_COLOUR_ENTITY,
    CONF_EXPORT_ENTITY,
    CONF_EXPORT_FACTOR,
    CONF_EXPORT_OFFSET,
    CONF_FEES,
    CONF_FORECAST_ENTITY,
    CONF_HOLIDAY_ENTITY,
    CONF_PRICE,
    CONF_PRICE_ENTITY,
    CONF_PRICE_FACTOR,
    CONF_PRICE_OFFSET,
    CONF_PRICE_SOURCE,
    CONF_TIME_OF_USE,
    PriceSource,
)
from . import described_sources as described
from .adjusted import AdjustedTariff
from .attributes import AttributeTariff
from .base import Tariff, TariffError
from .colour_days import ColourDays
from .constant import ConstantTariff
from .estimates import EstimatedTariff
from .holidays import Holidays
from .nordpool import NordpoolTariff
from .siblings import FAMILIES, siblings_of
from .time_of_use import TimeOfUseTariff
from .units import assumed_price


@dataclass(frozen=True)
class PlatformReader:
    """How to read prices of an integration that keeps none in attributes.

    Attributes:
        create: Makes the tariff for the entity that was picked.
        built_in: Whether it is Home Assistant's own integration, not a custom one
            that takes its place under the same name.
    """

    create: Callable[[HomeAssistant, er.RegistryEntry], Tariff]
    built_in: bool = True


PLATFORM_READERS: Mapping[str, PlatformReader] = {
    "amberelectric": PlatformReader(described.AMBERELECTRIC.create),
    "easyenergy": PlatformReader(described.EASYENERGY.create),
    "energyzero": PlatformReader(described.ENERGYZERO.create),
    "green_planet_energy": PlatformReader(described.GREEN_PLANET_ENERGY.create),
    "nordpool": PlatformReader(NordpoolTariff),
    "omie": PlatformReader(described.OMIE.create),
    "tibber": PlatformReader(described.TIBBER.create),
    "tibber_prices": PlatformReader(described.TIBBER_PRICES.create, built_in=False),
}

INTEGRATIONS: Final = frozenset({*PLATFORM_READERS, *FAMILIES})
"""Integrations whose prices are not, or not all, with the entity that is picked."""


async def async_create_tariff(hass: HomeAssistant, data: Mapping[str, Any]) -> Tariff:
    """Return the source of import prices that a site's configuration names.

    Raises:
        TariffError: The configuration is not plausible.
    """
    tariff: Tariff
    match PriceSource(data[CONF_PRICE_SOURCE]):
        case PriceSource.ENTITY:
            tariff = await _async_estimated(
                hass, str(data[CONF_PRICE_ENTITY]), data.get(CONF_FORECAST_ENTITY)
            )
        case PriceSource.TIME_OF_USE:
            tariff = _time_of_use(hass, data, CONF_TIME_OF_USE)
        case PriceSource.CONSTANT:
            tariff = ConstantTariff(float(data[CONF_PRICE]), hass.config.currency)
        case PriceSource.LATER:
            currency = hass.config.currency
            tariff = ConstantTariff(assumed_price(currency), currency, estimated=True)
    return _adjusted(
        hass,
        tariff,
        factor=float(data.get(CONF_PRICE_FACTOR, 1.0)),
        offset=float(data.get(CONF_PRICE_OFFSET, 0.0)),
        fees=_time_of_use(hass, data, CONF_FEES) if data.get(CONF_FEES) else None,
        offset_field=CONF_PRICE_OFFSET,
    )


async def async_create_export_tariff(hass: HomeAssistant, data: Mapping[str, Any]) -> Tariff | None:
    """Return what exported energy earns; None where it earns nothing.

    Raises:
        TariffError: The configuration is not plausible.
    """
    offset = float(data.get(CONF_EXPORT_OFFSET, 0.0))
    if (entity := data.get(CONF_EXPORT_ENTITY)) is None:
        return ConstantTariff(offset, hass.config.currency) if offset else None
    return _adjusted(
        hass,
        await _async_estimated(hass, str(entity), None),
        factor=float(data.get(CONF_EXPORT_FACTOR, 1.0)),
        offset=offset,
    )


def _adjusted(
    hass: HomeAssistant,
    source: Tariff,
    *,
    factor: float,
    offset: float,
    fees: Tariff | None = None,
    offset_field: str | None = None,
) -> Tariff:
    if factor == 1.0 and offset == 0.0 and fees is None:
        return source
    return AdjustedTariff(
        source,
        factor=factor,
        offset=offset,
        fees=fees,
        currency=hass.config.currency,
        offset_field=offset_field,
    )


def _time_of_use(hass: HomeAssistant, data: Mapping[str, Any], key: str) -> TimeOfUseTariff:
    holiday_entity, colour_entity = data.get(CONF_HOLIDAY_ENTITY), data.get(CONF_COLOUR_ENTITY)
    return TimeOfUseTariff(
        data.get(key) or [],
        currency=hass.config.currency,
        holidays=Holidays(hass, holiday_entity) if holiday_entity else None,
        colours=ColourDays(hass, colour_entity) if colour_entity else None,
    )


async def _async_estimated(
    hass: HomeAssistant, picked: str, forecast: str | None
) -> EstimatedTariff:
    entity_id, source = await _async_entity_tariff(hass, picked)
    return EstimatedTariff(
        hass,
        source,
        history_entity=entity_id,
        forecast=(await _async_entity_tariff(hass, forecast))[1] if forecast else None,
    )


async def _async_entity_tariff(hass: HomeAssistant, picked: str) -> tuple[str, Tariff]:
    """Return the tariff of an entity that was picked, and what the entity is called."""
    registry = er.async_get(hass)
    entity_id = er.async_resolve_entity_id(registry, picked)
    if entity_id is None:
        raise TariffError("price_entity_missing", entity=picked)
    entity = registry.async_get(entity_id)
    if entity is None:
        return entity_id, AttributeTariff(hass, entity_id)
    reader = PLATFORM_READERS.get(entity.platform)
    if reader is not None and reader.built_in == await _async_is_built_in(hass, entity.platform):
        return entity_id, reader.create(hass, entity)
    return entity_id, AttributeTariff(hass, entity_id, siblings_of(hass, entity))


async def _async_is_built_in(hass: HomeAssistant, domain: str) -> bool | None:
    """Whether an integration is Home Assistant's own; None for one that is not there."""
    try:
        integration = await async_get_integration(hass, domain)
    except IntegrationNotFound:
        return None
    return integration.is_built_in
