"""Which entities are offered where one with prices is to be picked."""

from collections.abc import Iterator
from typing import Final

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import EntitySelector, EntityWithDeviceFilterSelectorConfig

from ..bindings.tariffs import INTEGRATIONS, may_have_prices, parse_unit
from .fields import entity_field

_WITHOUT_UNIT: Final = ("event", "input_number", "number")
"""Kinds of entities that mostly have no unit, and of which houses have few."""
ANY_PRICE_ENTITY: Final = entity_field(
    EntityWithDeviceFilterSelectorConfig(domain=["sensor", *_WITHOUT_UNIT])
)
"""Where it is not known what is there."""


@callback
def price_entity_field(hass: HomeAssistant) -> EntitySelector:
    """Return a choice of the entities that may have prices: of hundreds, those few.

    They have the unit of a price, or none but a number or a list of prices, or are of an
    integration that hands out prices in another way.
    """
    units = set()
    platforms = set(INTEGRATIONS)
    registry = er.async_get(hass)
    for state in hass.states.async_all("sensor"):
        unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
        if unit is not None and parse_unit(str(unit), hass.config.currency) is not None:
            units.add(str(unit))
        elif unit is None and may_have_prices(state):
            entity = registry.async_get(state.entity_id)
            if entity is None:
                # There is no filter for what is not registered.
                return ANY_PRICE_ENTITY
            platforms.add(entity.platform)
    return entity_field(*_filters(sorted(units), sorted(platforms)))


def _filters(
    units: list[str], platforms: list[str]
) -> Iterator[EntityWithDeviceFilterSelectorConfig]:
    if units:
        yield EntityWithDeviceFilterSelectorConfig(domain=["sensor"], unit_of_measurement=units)
    yield EntityWithDeviceFilterSelectorConfig(domain=list(_WITHOUT_UNIT))
    for platform in platforms:
        yield EntityWithDeviceFilterSelectorConfig(domain=["sensor"], integration=platform)
