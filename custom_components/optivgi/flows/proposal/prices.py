"""The sources of prices in the house, the best first."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from ...bindings.evidence import split_words
from ...bindings.tariffs import (
    INTEGRATIONS,
    PriceSeries,
    TariffError,
    async_create_tariff,
    may_have_prices,
    parse_unit,
)
from ...const import (
    CONF_PRICE_ENTITY,
    CONF_PRICE_FACTOR,
    CONF_PRICE_OFFSET,
    CONF_PRICE_SOURCE,
    DOMAIN,
    PriceSource,
)
from ..price_echo import clock
from .find import Find, FindKind

_ASKED_AT_MOST: Final = 40
"""Entities: each is read as if it had been picked."""
_EXPORT_WORDS: Final = frozenset(
    {"export", "feed", "return", "returned", "sell", "injection", "production", "einspeisung"}
)
_OTHER_WORDS: Final = frozenset({"gas", "heat", "water", "average", "mean", "min", "max", "peak"})
"""One figure of the prices, or of something else that is paid for."""


class _Readable(NamedTuple):
    """Prices that can be read, the better the later."""

    named: bool
    known_until: datetime
    lists: bool
    whole: bool
    state: State
    series: PriceSeries


async def async_find_prices(hass: HomeAssistant, named: Mapping[str, str]) -> list[Find]:
    """Return the entities with prices, first the one whose prices are known longest.

    Of several that have the same prices only the first is returned.

    Args:
        hass: Home Assistant.
        named: What another integration takes prices from comes first; with who that is.
    """
    candidates = sorted(_candidates(hass), key=lambda state: state.entity_id not in named)
    readable = [
        found
        for state in candidates[:_ASKED_AT_MOST]
        if (found := await _async_read(hass, state, named)) is not None
    ]
    different: dict[PriceSeries, _Readable] = {}
    for found in sorted(readable, key=lambda found: found[:4], reverse=True):
        different.setdefault(found.series, found)
    return [_find(hass, found, named) for found in different.values()]


def _find(hass: HomeAssistant, found: _Readable, named: Mapping[str, str]) -> Find:
    prices = [period.price for period in found.series.periods]
    return Find(
        kind=FindKind.PRICES,
        key=f"{FindKind.PRICES}:{found.state.entity_id}",
        name=found.state.name,
        data=_fields(found.state.entity_id),
        text="" if found.lists else "now",
        shown={
            "until": clock(found.series.known_until),
            "lowest": f"{min(prices):.3g}",
            "highest": f"{max(prices):.3g}",
            "currency": hass.config.currency,
        },
        used_by=named.get(found.state.entity_id, ""),
    )


def _fields(entity_id: str) -> dict[str, object]:
    return {
        CONF_PRICE_SOURCE: PriceSource.ENTITY,
        CONF_PRICE_ENTITY: entity_id,
        CONF_PRICE_FACTOR: 1.0,
        CONF_PRICE_OFFSET: 0.0,
    }


def _candidates(hass: HomeAssistant) -> list[State]:
    """Return what may have import prices, those of integrations that are known to first."""
    registry = er.async_get(hass)
    found: list[tuple[bool, State]] = []
    for state in hass.states.async_all(("sensor", "event")):
        entry = registry.async_get(state.entity_id)
        platform = None if entry is None else entry.platform
        unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
        is_price = unit is not None and parse_unit(str(unit), hass.config.currency) is not None
        if platform == DOMAIN or not (is_price or (unit is None and may_have_prices(state))):
            continue
        words = set(split_words(f"{state.entity_id.partition('.')[2]} {state.name}").split())
        if not words & _EXPORT_WORDS:
            found.append((platform in INTEGRATIONS, state))
    return [state for _, state in sorted(found, key=lambda of: not of[0])]


async def _async_read(
    hass: HomeAssistant, state: State, named: Mapping[str, str]
) -> _Readable | None:
    now = dt_util.utcnow()
    try:
        tariff = await async_create_tariff(hass, _fields(state.entity_id))
        series = await tariff.async_validate(now, now + timedelta(days=2))
    except TariffError:
        return None
    if (known_until := series.known_until) is None or not series.periods:
        return None
    words = set(split_words(state.entity_id.partition(".")[2]).split())
    lists = known_until - now > timedelta(hours=1)
    whole = not words & _OTHER_WORDS
    return _Readable(state.entity_id in named, known_until, lists, whole, state, series)
