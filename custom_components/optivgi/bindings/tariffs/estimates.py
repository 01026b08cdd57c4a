"""Prices that are not published yet: a forecast of the user's, else what was usual until now."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
import math
from statistics import fmean
from typing import override

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ...const import CONF_FORECAST_ENTITY, LOGGER, STEP
from .base import Tariff, TariffError
from .history import async_read_history
from .quotes import number
from .series import Period, PriceSeries, days_before
from .units import unit_of

# Measured on Finnish spot prices of 2023 (docs/tariffs.md).
WEEKS = 4
_DAY = timedelta(days=1)
# Two days more, as the days that are estimated may lie two days ahead.
_PAST = timedelta(weeks=WEEKS) + 2 * _DAY
# One more day of history changes an average of four weeks little.
_READ_AGAIN = timedelta(hours=12)
# A recorder that is not ready after a restart is so within minutes.
_TRY_AGAIN = timedelta(minutes=10)
# So much may a sensor differ from the list for having been rounded
_SAME = 0.005


class EstimatedTariff(Tariff):
    """Another source, with estimates for what it does not know.

    Estimates come from a forecast where there is one; else they have the shape of the same day
    and time of the last weeks, at the level of the last day. The recorder has the past, and
    what was read since counts before it.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        source: Tariff,
        *,
        history_entity: str | None = None,
        forecast: Tariff | None = None,
    ) -> None:
        """Wrap a source.

        Args:
            hass: Home Assistant.
            source: What is known.
            history_entity: The sensor that shows the source's price of now, as it may.
            forecast: What is expected.
        """
        self.source = source
        self._hass = hass
        self._history_entity = history_entity
        self._forecast = forecast
        self._past = PriceSeries()
        self._last = PriceSeries()
        self._guessed = PriceSeries()
        self._guessed_for: tuple[PriceSeries, tuple[datetime, ...]] | None = None
        self._read_history_at = datetime.min.replace(tzinfo=UTC)

    @property
    @override
    def watched_entities(self) -> tuple[str, ...]:
        guessed = () if self._forecast is None else self._forecast.watched_entities
        return (*self.source.watched_entities, *guessed)

    @property
    @override
    def other_currency(self) -> str | None:
        return self.source.other_currency

    @property
    @override
    def unread_lists(self) -> tuple[str, ...]:
        return self.source.unread_lists

    @override
    async def async_validate(self, start: datetime, end: datetime) -> PriceSeries:
        if self._forecast is not None:
            try:
                await self._forecast.async_validate(start, end)
            except TariffError as error:
                error.field = CONF_FORECAST_ENTITY
                raise
        return await self.source.async_validate(start, end)

    @override
    async def async_read(self, start: datetime, end: datetime) -> PriceSeries:
        series = await self.source.async_read(start, end)
        await self._async_remember(series, start)
        if series.covers(start, end):
            return series
        series = (await self._async_expected(start, end)).merge(series)
        steps = tuple(step for step in _steps(start, end) if not series.has_all(step, step + STEP))
        if (series, steps) != self._guessed_for:
            # It takes a while, and plans are made more often than prices change.
            self._guessed = PriceSeries.of(self._guess(steps, start))
            self._guessed_for = (series, steps)
        return self._guessed.merge(series)

    @override
    async def async_read_past(self, start: datetime, end: datetime) -> PriceSeries:
        """Return what the source itself knows, and where it does not, what its sensor has shown."""
        known = await self.source.async_read_past(start, end)
        if self._history_entity is None or known.covers(start, end):
            return known
        shown = await async_read_history(self._hass, self._history_entity, start, end)
        return shown.merge(known)

    async def _async_expected(self, start: datetime, end: datetime) -> PriceSeries:
        if self._forecast is None:
            return PriceSeries()
        try:
            return (await self._forecast.async_read(start, end)).as_estimate()
        except TariffError as error:
            LOGGER.debug("No forecast of prices: %s", error)
            return PriceSeries()

    async def _async_remember(self, series: PriceSeries, now: datetime) -> None:
        if self._history_entity is not None and now >= self._read_history_at:
            if _shows_price_of_now(self._hass, self._history_entity, series, now):
                self._read_history_at = now + _READ_AGAIN
                past = await async_read_history(self._hass, self._history_entity, now - _PAST, now)
                self._past = past.merge(self._past)
            else:
                # Perhaps it is only late; later it is read all the same.
                self._read_history_at = now + _TRY_AGAIN
        if series != self._last:
            self._last = series
            self._past = self._past.merge(series.known)
            self._past = self._past.between(now - _PAST, self._past.known_until or now)

    def _guess(self, steps: Iterable[datetime], now: datetime) -> Iterable[Period]:
        """Yield an estimate for each step."""
        zone = dt_util.get_default_time_zone()
        level = self._level(self._past.known_until or now, zone)
        for begin in steps:
            until = begin + STEP
            usual = self._usual(begin, until, zone)
            price = self._past.as_before(begin, until, zone) if usual is None else usual + level
            yield Period(begin, until, price, estimated=True)

    def _usual(self, start: datetime, end: datetime, zone: tzinfo) -> float | None:
        """Return the average price at the same weekday and time of the last weeks."""
        prices = []
        for week in range(1, WEEKS + 1):
            then = days_before(start, 7 * week, zone)
            if (price := self._past.average(then, then + (end - start))) is not None:
                prices.append(price)
        return fmean(prices) if prices else None

    def _level(self, until: datetime, zone: tzinfo) -> float:
        """Return by how much the last day is more expensive than usual."""
        excess = []
        for begin in _steps(until - _DAY, until):
            price = self._past.average(begin, begin + STEP)
            usual = self._usual(begin, begin + STEP, zone)
            if price is not None and usual is not None:
                excess.append(price - usual)
        return fmean(excess) if excess else 0.0


def _steps(start: datetime, end: datetime) -> Iterable[datetime]:
    seconds = STEP.total_seconds()
    step = dt_util.utc_from_timestamp(start.timestamp() // seconds * seconds)
    while step < end:
        yield step
        step += STEP


def _shows_price_of_now(
    hass: HomeAssistant, entity_id: str, series: PriceSeries, now: datetime
) -> bool:
    """Whether a sensor's state is the price of now; it may be the lowest of the day as well."""
    state = hass.states.get(entity_id)
    shown = number(state.state) if state else None
    unit = unit_of(state.attributes, hass.config.currency) if state else None
    known = series.price_at(now)
    return (
        shown is not None
        and unit is not None
        and known is not None
        and math.isclose(shown * unit.per_kwh, known, rel_tol=_SAME, abs_tol=_SAME / 10)
    )
