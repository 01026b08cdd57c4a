"""The last weeks of a site, as the recorder and the kept sessions know them, for a backtest."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..backtest.past import SLOT, Past, Unknown
from ..backtest.readings import ChargerPast, Series, slots_of, stays_of, without_gaps
from ..bindings.chargers.plug_history import async_read_plugged
from ..bindings.house.statistics import async_read_means
from ..bindings.tariffs import PriceSeries
from ..bindings.tariffs.units import start_cost_of
from ..charging.charging_point import ChargingPoint
from ..charging.departure_tracker import next_departure
from ..const import CONF_PRICE_SOURCE, PriceSource
from ..planning.prices import PriceFeed
from ..sessions.history import SessionHistory
from ..site.site import Site

_LEARNED_FROM: Final = timedelta(weeks=4)
"""So long before the weeks that count, the habits of the house are read."""
_HOUR: Final = timedelta(hours=1)
_FIVE_MINUTES: Final = timedelta(minutes=5)
"""The recorder keeps means of these for ten days, of hours for years."""
_KNOWN_ALL_ALONG: Final = frozenset({PriceSource.CONSTANT, PriceSource.TIME_OF_USE})
"""Prices that are entered are not published the day before."""


class PastWeeks:
    """Reads the last weeks of a site."""

    def __init__(
        self,
        hass: HomeAssistant,
        site: Site,
        prices: PriceFeed,
        data: Mapping[str, Any],
        history: SessionHistory,
    ) -> None:
        """Remember what to read.

        Args:
            hass: Home Assistant.
            site: The site.
            prices: Its prices.
            data: Its configuration.
            history: The sessions that are kept.
        """
        self._hass = hass
        self._site = site
        self._prices = prices
        self._data = data
        self._history = history

    async def async_read(self, weeks: int, now: datetime) -> Past:
        """Return what is known of the last weeks, up to the last full hour."""
        window = _Window(now, weeks)
        house_kw = await self._async_house(window)
        paid = await self._prices.async_read_past(window.start, window.end)
        earned = await self._prices.async_read_past_export(window.start, window.end)
        stays = [
            stay
            for point in self._site.points.values()
            if (charger := await self._async_charger(point, window)) is not None
            for stay in stays_of(charger, window.start)
            if stay.first >= window.begin
        ]
        for parts, left_out in (
            (self._site.circuits, Unknown.CIRCUITS),
            (self._site.batteries, Unknown.BATTERIES),
            (self._site.peaks, Unknown.PEAKS),
        ):
            if parts:
                window.unknown.add(left_out)
        known_all_along = self._data[CONF_PRICE_SOURCE] in _KNOWN_ALL_ALONG
        return Past(
            start=window.start,
            zone=dt_util.get_default_time_zone(),
            house_kw=house_kw,
            import_price=window.prices(paid, Unknown.PRICES),
            export_price=window.prices(earned, Unknown.EXPORT_PRICE),
            stays=tuple(stays),
            limit_kw=self._site.limit_kw,
            phase_limit_kw=self._site.phase_limit_kw,
            published_at=None if known_all_along else Past.published_at,
            start_cost=start_cost_of(self._data, self._hass.config.currency),
            begin=window.begin,
            unknown=frozenset(window.unknown),
        )

    async def _async_house(self, window: _Window) -> tuple[float, ...]:
        history = self._site.outlook.history
        hours = await history.async_net(window.start, window.end, "hour")
        parts = await history.async_net(window.start, window.end, "5minute")
        if not hours and not parts:
            window.unknown.add(Unknown.HOUSE)
        house_kw, _ = without_gaps(window.finest(hours, parts))
        if min(house_kw) < 0:
            window.unknown.add(Unknown.SOLAR_FORECAST)
        return house_kw

    async def _async_charger(self, point: ChargingPoint, window: _Window) -> ChargerPast | None:
        charger = point.charger
        if (power := charger.power_entity) is None:
            window.unknown.add(Unknown.CHARGERS)
            return None
        means = partial(
            async_read_means, self._hass, {power}, window.start, window.end, voltage=charger.voltage
        )
        hours, parts = await means(), await means(period="5minute")
        drawn_kw = window.finest(hours.get(power, {}), parts.get(power, {}))
        plugged = await self._async_plugged(point, window)
        if None in plugged[window.begin :]:
            window.unknown.add(Unknown.PLUG_TIMES)
        return ChargerPast(
            name=charger.name,
            drawn_kw=[kw or 0.0 for kw in drawn_kw],
            plugged=plugged,
            min_kw=point.range_kw[0],
            phases=point.taking.load_phases,
            leaves=self._leaves(point),
        )

    async def _async_plugged(self, point: ChargingPoint, window: _Window) -> list[bool | None]:
        """Return when a car was there: by kept sessions, else by what the status was."""
        plugged: list[bool | None] = [None] * window.count
        kept = await async_read_plugged(self._hass, point.charger, window.start, window.end)
        own = [one for one in self._history.sessions if one.charger_id == point.charger.id]
        if own:
            kept.append((own[0].begin, window.end, False))
        kept += [(one.begin, one.end or window.end, True) for one in own]
        for begin, end, there in kept:
            for slot in window.slots(begin, end, whole=not there):
                plugged[slot] = there
        return plugged

    def _leaves(self, point: ChargingPoint) -> Callable[[datetime], datetime | None]:
        """Return what says when a car at a charger was to leave, by what is set today."""
        memory, vehicle = self._site.store.memory, point.occupant.usual
        settings = (
            memory.chargers[point.charger.id] if vehicle is None else memory.vehicles[vehicle.id]
        )
        return lambda moment: next_departure(vehicle, settings, moment).at


class _Window:
    """The time that is read, in slots, and what could not be known of it."""

    def __init__(self, now: datetime, weeks: int) -> None:
        self.end = now.replace(minute=0, second=0, microsecond=0)
        self.start = self.end - weeks * timedelta(weeks=1) - _LEARNED_FROM
        self.count = (self.end - self.start) // SLOT
        self.begin = _LEARNED_FROM // SLOT
        self.unknown: set[Unknown] = set()

    def slots(self, begin: datetime, end: datetime, *, whole: bool) -> range:
        """Return the slots between two instants: those that are whole, or all it touches."""
        first, after = (begin - self.start) / SLOT, (end - self.start) / SLOT
        if whole:
            return range(max(0, -int(-first // 1)), min(self.count, int(after // 1)))
        return range(max(0, int(first // 1)), min(self.count, -int(-after // 1)))

    def finest(self, hours: Series, parts: Series) -> list[float | None]:
        """Return means of five minutes where they are kept, else those of hours."""
        fine = slots_of(parts, self.start, self.count, _FIVE_MINUTES)
        coarse = slots_of(hours, self.start, self.count, _HOUR)
        counted = list(zip(fine, coarse, strict=True))
        if any(one is None and other is not None for one, other in counted[self.begin :]):
            self.unknown.add(Unknown.HOURLY_MEANS)
        return [other if one is None else one for one, other in counted]

    def prices(self, series: PriceSeries | None, unknown: Unknown) -> tuple[float, ...]:
        """Return a price for each slot; where some are not known, the nearest one stands in."""
        if series is None:
            return (0.0,) * self.count
        slots = (self.start + slot * SLOT for slot in range(self.count))
        found = [series.average(begin, begin + SLOT) for begin in slots]
        if None in found[self.begin :]:
            self.unknown.add(unknown)
        return without_gaps(found)[0]
