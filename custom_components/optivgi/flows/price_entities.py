"""Which entities are offered where one with prices is to be picked."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import (
    EntitySelector,
    EntityWithDeviceFilterSelectorConfig,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..bindings.tariffs import INTEGRATIONS, may_have_prices, parse_unit
from ..const import CONF_PRICE_ENTITY
from .fields import entity_field
from .proposal.elsewhere import look_elsewhere
from .proposal.find import FindKind
from .proposal.prices import async_find_prices
from .proposal.texts import async_proposal_texts

_WITHOUT_UNIT: Final = ("event", "input_number", "number")
"""Kinds of entities that mostly have no unit, and of which houses have few."""
ANY_PRICE_ENTITY: Final = entity_field(
    EntityWithDeviceFilterSelectorConfig(domain=["sensor", *_WITHOUT_UNIT])
)
"""Where it is not known what is there."""
OTHER: Final = "other"
"""Another entity than those that are likely: all of them are to be offered."""
LATER: Final = "later"
"""No prices for now."""
_SHOWN_AT_MOST: Final = 4
"""Choices that are read at one look; more are behind one of them."""


def price_choice(labels: Mapping[str, str]) -> SelectSelector:
    """Return a choice of entities, by their labels, or of another one or none for now."""
    # The texts of these are in the translations.
    choices = {**labels, OTHER: OTHER, LATER: LATER}
    config = SelectSelectorConfig(
        options=[SelectOptionDict(value=value, label=text) for value, text in choices.items()],
        mode=SelectSelectorMode.LIST,
        translation_key=CONF_PRICE_ENTITY,
    )
    return SelectSelector(config)


async def async_likely_prices(
    hass: HomeAssistant, current: Mapping[str, Any]
) -> SelectSelector | None:
    """Return a choice of the entities whose prices were read, the likeliest first.

    A choice of entities has no order of its own, so that the right one of many may be anywhere.

    Args:
        hass: Home Assistant.
        current: What the site has: its entity is offered as well, whether or not it can be read.

    Returns:
        None where nothing has prices: all entities are to be offered at once.
    """
    finds = await async_find_prices(hass, look_elsewhere(hass).of(FindKind.PRICES))
    texts = await async_proposal_texts(hass)
    labels = {find.data[CONF_PRICE_ENTITY]: texts.label(find) for find in finds[:_SHOWN_AT_MOST]}
    if not labels:
        return None
    if (entity_id := current.get(CONF_PRICE_ENTITY)) is not None:
        state = hass.states.get(entity_id)
        labels.setdefault(entity_id, entity_id if state is None else state.name)
    return price_choice(labels)


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
