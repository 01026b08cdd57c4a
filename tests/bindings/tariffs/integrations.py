"""Price integrations as a person has them: set up for real, with their servers answered for."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.optivgi.bindings.tariffs import (
    PriceSeries,
    Tariff,
    async_create_export_tariff,
    async_create_tariff,
)


async def async_set_up(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """Set an integration up."""
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    return entry


def entity_id_of(hass: HomeAssistant, platform: str, unique_id: str, domain: str = "sensor") -> str:
    """Return what the entity with a unique id is called."""
    entity_id = er.async_get(hass).async_get_entity_id(domain, platform, unique_id)
    assert entity_id is not None
    return entity_id


async def tariff_of(hass: HomeAssistant, entity_id: str, **data: Any) -> Tariff:
    """Return the tariff of a person who has picked an entity."""
    return await async_create_tariff(
        hass, {"price_source": "entity", "price_entity": entity_id, **data}
    )


async def export_of(hass: HomeAssistant, entity_id: str, **data: Any) -> Tariff:
    """Return the export tariff of a person who has picked an entity."""
    tariff = await async_create_export_tariff(hass, {"export_entity": entity_id, **data})
    assert tariff is not None
    return tariff


async def read(tariff: Tariff, h: int = 36) -> PriceSeries:
    """Return what is known from now on; beyond it there are estimates."""
    return (await read_all(tariff, h)).known


async def read_all(tariff: Tariff, h: int = 36) -> PriceSeries:
    """Return what is known or estimated from now on."""
    now = dt_util.utcnow()
    return await tariff.async_read(now, now + timedelta(hours=h))


async def validate(tariff: Tariff) -> PriceSeries:
    """Judge a tariff as a flow does."""
    now = dt_util.utcnow()
    return await tariff.async_validate(now, now + timedelta(hours=24))
