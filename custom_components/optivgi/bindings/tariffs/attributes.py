"""Prices from an entity: the list in its attributes, else its state."""

from collections.abc import Iterable
from datetime import datetime
from typing import override

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import CoreState, HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from ...const import STEP
from .base import Tariff, TariffError, TariffNotReady
from .series import Period, PriceSeries
from .shapes import Clock, Quote, has_price_list, number, read_quotes
from .siblings import Relative
from .units import PriceUnit, judge_prices, unit_of


class AttributeTariff(Tariff):
    """Any entity with prices in its attributes; a state alone is the price of the moment.

    Other entities may share what is known, such as one for tomorrow. The first has to be there;
    the others may come and go.
    """

    def __init__(
        self, hass: HomeAssistant, entity_id: str, relatives: Iterable[Relative] = ()
    ) -> None:
        """Remember what to read, and in which order it counts."""
        self._hass = hass
        self._entity_id = entity_id
        self._relatives = tuple(relatives)

    @property
    @override
    def watched_entities(self) -> tuple[str, ...]:
        return (self._entity_id, *(relative.entity_id for relative in self._relatives))

    @override
    async def async_read(self, start: datetime, end: datetime) -> PriceSeries:
        return self._read(start)[0]

    @override
    async def async_validate(self, start: datetime, end: datetime) -> PriceSeries:
        series, unit = self._read(start)
        judge_prices(
            (period.price for period in series.periods),
            unit,
            currency=self._hass.config.currency,
            entity_id=self._entity_id,
        )
        return series

    def _read(self, start: datetime) -> tuple[PriceSeries, PriceUnit]:
        state = _available_state(self._hass, self._entity_id)
        periods, unit = self._read_lists(state)
        if not periods:
            periods, unit = self._read_state(state)
        series = PriceSeries.of(periods)
        if not series.reaches_beyond(start):
            raise self._not_ready(state)
        return series, unit

    def _read_lists(self, state: State) -> tuple[list[Period], PriceUnit]:
        """Read the lists of all entities; figures without a unit have that of the first."""
        states = [(state, False)]
        states += [
            (other, relative.estimated)
            for relative in self._relatives
            if (other := self._hass.states.get(relative.entity_id)) is not None
        ]
        units: list[PriceUnit] = []
        periods: list[Period] = []
        for one, estimated in states:
            # A list without dates is about the day on which it was written.
            clock = Clock(one.last_reported, dt_util.get_default_time_zone())
            quotes = read_quotes(one.attributes, clock)
            unit = PriceUnit()
            if any(quote.per_kwh is None for quote in quotes):
                own = self._unit(one)
                unit = self._unit(state) if own.assumed else own
            if quotes:
                units.append(unit)
            periods += [_period(quote, unit, estimated) for quote in quotes]
        return periods, units[0] if units else PriceUnit()

    def _read_state(self, state: State) -> tuple[list[Period], PriceUnit]:
        price = number(state.state)
        if price is not None:
            now = dt_util.utcnow()
            slot = dt_util.utc_from_timestamp(
                now.timestamp() // STEP.total_seconds() * STEP.total_seconds()
            )
            unit = self._unit(state)
            return [Period(slot, slot + STEP, price * unit.per_kwh)], unit
        if state.state == STATE_UNKNOWN or has_price_list(state.attributes) or self._relatives:
            raise self._not_ready(state)
        raise TariffError("price_unreadable", entity=state.entity_id, state=state.state)

    def _unit(self, state: State) -> PriceUnit:
        unit = unit_of(state.attributes, self._hass.config.currency)
        if unit is None:
            raise TariffError(
                "price_unit_unknown",
                entity=state.entity_id,
                unit=str(state.attributes.get("unit_of_measurement") or "-"),
                currency=self._hass.config.currency,
            )
        return unit

    def _not_ready(self, state: State) -> TariffNotReady:
        return TariffNotReady("price_not_available", entity=self._entity_id, state=state.state)


def _period(quote: Quote, unit: PriceUnit, estimated: bool) -> Period:
    factor = unit.per_kwh if quote.per_kwh is None else quote.per_kwh
    return Period(quote.start, quote.end, quote.value * factor, estimated or quote.estimated)


def _available_state(hass: HomeAssistant, entity_id: str) -> State:
    """Return an entity's state, or say whether waiting for it is of any use."""
    state = hass.states.get(entity_id)
    if state is not None and state.state != STATE_UNAVAILABLE:
        return state
    registered = er.async_get(hass).async_get(entity_id)
    if registered is not None and registered.disabled:
        raise TariffError("price_entity_disabled", entity=entity_id)
    if state is None and registered is None and hass.state is CoreState.running:
        raise TariffError("price_entity_missing", entity=entity_id)
    raise TariffNotReady("price_not_available", entity=entity_id, state=STATE_UNAVAILABLE)
