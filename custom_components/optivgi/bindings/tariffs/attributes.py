"""Prices from an entity: the list in its attributes, else its state."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, override

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import CoreState, HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from ...const import STEP
from .base import Tariff, TariffError, TariffNotReady
from .clock_rates import read_clock_rates
from .day_colours import read_day_colours, speaks_of_colours
from .figures import ShownPrice
from .moments import Clock
from .price_lists import Proven
from .quotes import Quote, number
from .reader import MANY_ROWS, continues, has_price_list, overlap, read_quotes, unread_lists
from .series import Period, PriceSeries
from .siblings import Relative
from .tables import decoded
from .time_of_use import TimeOfUseTariff
from .two_rates import read_two_rates
from .units import PriceUnit, judge_prices, other_currency, unit_of


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
        self._proven: Proven = {}
        self._worth_reading: dict[str, tuple[State, bool]] = {}
        self._seen: dict[str, tuple[State, tuple[datetime, ShownPrice], list[Quote]]] = {}

    @property
    @override
    def watched_entities(self) -> tuple[str, ...]:
        return (
            self._entity_id,
            *(
                relative.entity_id
                for relative in self._relatives
                if not relative.has_to_agree or self._may_have_prices(relative)
            ),
        )

    @property
    def _is_known_to_have_lists(self) -> bool:
        return any(not relative.has_to_agree for relative in self._relatives)

    def _may_have_prices(self, relative: Relative) -> bool:
        """Whether another entity is worth reading; it is asked at each change of anything."""
        state = self._hass.states.get(relative.entity_id)
        if state is None:
            return False
        seen, may_have = self._worth_reading.get(relative.entity_id, (None, False))
        if seen is not state:
            lists = has_price_list(_all_of(state), _clock_of(state))
            may_have = lists or speaks_of_colours(state)
            self._worth_reading[relative.entity_id] = state, may_have
        return may_have

    @property
    @override
    def other_currency(self) -> str | None:
        currency = self._hass.config.currency
        state = self._hass.states.get(self._entity_id)
        unit = None if state is None else unit_of(state.attributes, currency)
        return None if unit is None else other_currency(unit.currencies, currency)

    @property
    @override
    def unread_lists(self) -> tuple[str, ...]:
        state = self._hass.states.get(self._entity_id)
        if state is None:
            return ()
        shown = ShownPrice.of(state, self._hass.config.currency)
        return unread_lists(_all_of(state), _clock_of(state), shown)

    @override
    async def async_read(self, start: datetime, end: datetime) -> PriceSeries:
        return (await self._async_read(start, end))[0]

    @override
    async def async_validate(self, start: datetime, end: datetime) -> PriceSeries:
        series, unit = await self._async_read(start, end)
        judge_prices(
            (period.price for period in series.periods),
            unit,
            currency=self._hass.config.currency,
            entity_id=self._entity_id,
        )
        return series

    async def _async_read(self, start: datetime, end: datetime) -> tuple[PriceSeries, PriceUnit]:
        state = _available_state(self._hass, self._entity_id)
        periods, unit = self._read_lists(state)
        by_clock = await self._async_by_clock(state, start, end)
        if by_clock.periods and len(periods) < MANY_ROWS:
            # The rows of the rates themselves are no list of today's prices.
            periods = []
        if not periods and not by_clock.periods:
            periods, unit = self._read_state(state)
        series = by_clock.merge(PriceSeries.of(periods))
        if not series.reaches_beyond(start):
            raise self._not_ready(state)
        return series, unit

    async def _async_by_clock(self, state: State, start: datetime, end: datetime) -> PriceSeries:
        """Return the rates by the clock that the entity lists, for as long as is asked."""
        currency = self._hass.config.currency
        rows = read_clock_rates(state.attributes, _clock_of(state), ShownPrice.of(state, currency))
        if not rows:
            return PriceSeries()
        return await TimeOfUseTariff(rows, currency=currency).async_read(start, end)

    def _read_lists(self, state: State) -> tuple[list[Period], PriceUnit]:
        """Read the lists of all entities; figures without a unit have that of the first."""
        shown = ShownPrice.of(state, self._hass.config.currency)
        units: list[PriceUnit] = []
        known = self._quotes_of(state, state, shown, units)
        for relative in self._relatives:
            other = self._hass.states.get(relative.entity_id)
            if other is None or (relative.has_to_agree and not self._may_have_prices(relative)):
                continue
            found: list[PriceUnit] = []
            try:
                more = self._quotes_of(other, state, shown, found)
            except TariffError:
                if relative.has_to_agree:
                    continue
                raise
            if relative.has_to_agree and not _belongs(known, more, relative, shown):
                continue
            units += found
            known += (
                [replace(quote, estimated=True) for quote in more] if relative.estimated else more
            )
        if not known:
            known = self._from_neighbours(state, shown)
        periods = [Period(q.start, q.end, q.value, q.estimated) for q in known]
        return periods, units[0] if units else PriceUnit()

    def _from_neighbours(self, state: State, shown: ShownPrice) -> list[Quote]:
        """Return prices that are put together from what this entity and its neighbours show."""
        others = (self._hass.states.get(relative.entity_id) for relative in self._relatives)
        states = [state, *(other for other in others if other is not None)]
        clock = Clock(dt_util.utcnow(), dt_util.get_default_time_zone())
        elsewhere = (
            sensor for sensor in self._hass.states.async_all("sensor") if sensor not in states
        )
        return read_day_colours(states, clock, shown, elsewhere) or read_two_rates(
            states, clock, shown
        )

    def _quotes_of(
        self, one: State, picked: State, shown: ShownPrice, units: list[PriceUnit]
    ) -> list[Quote]:
        """Return an entity's prices per kWh, and add their unit."""
        if one is not picked:
            own = ShownPrice.of(one, self._hass.config.currency)
            shown = own if own.figure is not None else shown
        quotes = self._read_once(one, shown)
        unit = PriceUnit()
        if any(quote.per_kwh is None for quote in quotes):
            stated = self._unit(one)
            unit = self._unit(picked) if stated.assumed else stated
        if quotes:
            units.append(unit)
        return [
            replace(
                quote,
                value=quote.value * (unit.per_kwh if quote.per_kwh is None else quote.per_kwh),
                per_kwh=1.0,
            )
            for quote in quotes
        ]

    def _read_once(self, state: State, shown: ShownPrice) -> list[Quote]:
        """Read a state's attributes, unless that was done: plans are made more often."""
        key = (state.last_reported, shown)
        seen, seen_key, quotes = self._seen.get(state.entity_id, (None, None, []))
        if seen is not state or seen_key != key:
            quotes = read_quotes(_all_of(state), _clock_of(state), shown, self._proven)
            self._seen[state.entity_id] = state, key, quotes
        return quotes

    def _read_state(self, state: State) -> tuple[list[Period], PriceUnit]:
        price = number(state.state)
        if price is not None:
            now = dt_util.utcnow()
            slot = dt_util.utc_from_timestamp(
                now.timestamp() // STEP.total_seconds() * STEP.total_seconds()
            )
            unit = self._unit(state)
            return [Period(slot, slot + STEP, price * unit.per_kwh)], unit
        if (
            state.state == STATE_UNKNOWN
            or has_price_list(_all_of(state), _clock_of(state))
            or self._is_known_to_have_lists
        ):
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


def _clock_of(state: State) -> Clock:
    """Return the clock of a state: a list without dates is about the day of its report."""
    return Clock(state.last_reported, dt_util.get_default_time_zone())


def _all_of(state: State) -> Mapping[str, Any]:
    """Return the attributes, and the state where that is a list, in JSON or lines of text."""
    if decoded(state.state) is not state.state:
        return {**state.attributes, "state": state.state}
    return state.attributes


def may_have_prices(state: State) -> bool:
    """Whether an entity without a unit may be one of prices: it shows a number, or has a list."""
    return number(state.state) is not None or has_price_list(_all_of(state), _clock_of(state))


def _belongs(
    known: Sequence[Quote], more: Sequence[Quote], relative: Relative, shown: ShownPrice
) -> bool:
    """Whether the prices of another entity are those of the one that was picked.

    They go on from its list, and say the same where both speak; or, where it has none, one of them
    is the price of now, and not all are.
    """
    if known:
        return (relative.is_tomorrow or overlap(known, more)) and continues(known, more, shown)
    now = dt_util.utcnow()
    shows = [shown.is_price(quote.value) for quote in more]
    return 2 * sum(shows) <= len(shows) and any(
        shows_it and quote.start <= now < quote.end
        for quote, shows_it in zip(more, shows, strict=True)
    )


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
