"""Prices by time of day, day of the week, month, holiday and colour of the day."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import combinations, pairwise
import math
from typing import Any, override

from homeassistant.const import WEEKDAYS
from homeassistant.util import dt as dt_util

from ...const import (
    CONF_COLOUR_ENTITY,
    CONF_COLOURS,
    CONF_FROM,
    CONF_HOLIDAY_ENTITY,
    CONF_MONTHS,
    CONF_PRICE,
    CONF_WEEKDAYS,
    DAY_COLOURS,
    HOLIDAY,
    MONTHS,
)
from .base import Tariff, TariffError
from .colour_days import ColourDays
from .holidays import Holidays
from .series import Period, PriceSeries
from .units import judge_entered

_DAY = timedelta(days=1)
_DAYS_OF_COLOUR = {"blue": 300, "white": 43, "red": 22}
"""How many days of a year have each colour, by the terms of Tempo."""
_LOOK_BACK = (8, 375)
"""How many days back a band is looked for that is in force: of the week, else of the year."""


@dataclass(frozen=True)
class Band:
    """A price that comes into force at a local time on some days, until the next one does."""

    start: time
    price: float
    days: frozenset[str]
    months: frozenset[str]
    colours: frozenset[str]

    def rivals(self, other: Band) -> bool:
        """Whether it comes into force at the same moments as another, and none is an exception."""
        return (
            self.start == other.start
            and bool(self.days & other.days)
            and bool(self.months & other.months)
            and bool(self.colours & other.colours)
            and self._sizes == other._sizes
        )

    @property
    def _sizes(self) -> tuple[int, int, int]:
        return len(self.days), len(self.months), len(self.colours)

    @property
    def rank(self) -> tuple[time, tuple[int, ...]]:
        """By start; of equals the one last that names the fewest days, months and colours."""
        return self.start, tuple(-size for size in self._sizes)

    def counts_on(self, day: date, kind: str, colour: str) -> bool:
        """Whether it comes into force on a day of this kind and colour."""
        return kind in self.days and MONTHS[day.month - 1] in self.months and colour in self.colours

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Band:
        """Read a row as a form stores it; no days, months and colours mean all of them."""
        start = dt_util.parse_time(str(row.get(CONF_FROM, "")))
        days = frozenset(row.get(CONF_WEEKDAYS) or (*WEEKDAYS, HOLIDAY))
        months = frozenset(row.get(CONF_MONTHS) or MONTHS)
        colours = frozenset(row.get(CONF_COLOURS) or DAY_COLOURS)
        try:
            price = float(row.get(CONF_PRICE, math.nan))
        except TypeError, ValueError:
            price = math.nan
        known = days <= {*WEEKDAYS, HOLIDAY} and months <= set(MONTHS)
        known = known and colours <= set(DAY_COLOURS)
        if start is None or not math.isfinite(price) or not known:
            raise TariffError(
                "price_row_invalid", row=", ".join(f"{key}: {row[key]}" for key in row)
            )
        return cls(start, price, days, months, colours)


class TimeOfUseTariff(Tariff):
    """Bands of the day, in local time."""

    def __init__(
        self,
        rows: Iterable[Mapping[str, Any]],
        *,
        currency: str,
        holidays: Holidays | None = None,
        colours: ColourDays | None = None,
        time_zone: tzinfo | None = None,
    ) -> None:
        """Read the rows; raise TariffError where there is none or one is not plausible."""
        rows = list(rows)
        bands = [Band.from_row(row) for row in rows]
        if not bands:
            raise TariffError("price_rows_missing")
        named = any(HOLIDAY in (row.get(CONF_WEEKDAYS) or ()) for row in rows)
        if named and holidays is None:
            raise _at(CONF_HOLIDAY_ENTITY, TariffError("price_holidays_missing"))
        coloured = any(row.get(CONF_COLOURS) for row in rows)
        if coloured and colours is None:
            raise _at(CONF_COLOUR_ENTITY, TariffError("price_colours_missing"))
        # The last one counts at the same time.
        self._bands = sorted(bands, key=lambda band: band.rank)
        self._currency = currency
        self._holidays = holidays if named else None
        self._colours = colours if coloured else None
        self._time_zone = time_zone

    @property
    @override
    def watched_entities(self) -> tuple[str, ...]:
        return () if self._colours is None else self._colours.watched_entities

    @override
    async def async_validate(self, start: datetime, end: datetime) -> PriceSeries:
        judge_entered((band.price for band in self._bands), self._currency)
        for one, two in combinations(self._bands, 2):
            if one.rivals(two):
                raise TariffError(
                    "price_rows_same_time",
                    time=f"{one.start:%H:%M}",
                    one=f"{one.price:g}",
                    two=f"{two.price:g}",
                )
        if self._holidays is not None:
            await self._holidays.async_validate(start.date())
        if self._colours is not None:
            self._colours.validate()
        return await super().async_validate(start, end)

    @override
    async def async_read(self, start: datetime, end: datetime) -> PriceSeries:
        if self._colours is None:
            return await self._async_read(start, end, {}, DAY_COLOURS[0])
        known = self._colours.known()
        return _expected(
            {colour: await self._async_read(start, end, known, colour) for colour in DAY_COLOURS}
        )

    async def _async_read(
        self, start: datetime, end: datetime, known: Mapping[date, str], otherwise: str
    ) -> PriceSeries:
        """Return the prices where days whose colour is not known have a certain one."""
        zone = self._time_zone or dt_util.get_default_time_zone()
        last = end.astimezone(zone).date()
        for days in _LOOK_BACK:
            first = start.astimezone(zone).date() - timedelta(days=days)
            holidays = await self._async_holidays(first, last)
            days_on = [first + n * _DAY for n in range((last - first).days + 1)]
            colours = [known.get(day, otherwise) for day in days_on]
            changes = _in_order(list(self._changes(days_on, colours, holidays, zone)))
            if changes and changes[0][0] <= start:
                break
        changes.append((end, math.nan))
        return PriceSeries.of(
            Period(max(begin, start), min(until, end), price)
            for (begin, price), (until, _) in pairwise(changes)
            if begin < end and until > start
        )

    async def _async_holidays(self, first: date, last: date) -> Collection[date]:
        return await self._holidays.async_between(first, last) if self._holidays else ()

    def _changes(
        self,
        days: Sequence[date],
        colours: Sequence[str],
        holidays: Collection[date],
        zone: tzinfo,
    ) -> Iterable[tuple[datetime, float]]:
        for day, colour in zip(days, colours, strict=True):
            kind = HOLIDAY if day in holidays else WEEKDAYS[day.weekday()]
            for band in self._bands:
                if band.counts_on(day, kind, colour):
                    yield datetime.combine(day, band.start, zone).astimezone(UTC), band.price


def _at(field: str, refusal: TariffError) -> TariffError:
    """Return a refusal that belongs to another field than that of the rows."""
    refusal.field = field
    return refusal


def _expected(by_colour: Mapping[str, PriceSeries]) -> PriceSeries:
    """Return what a kWh costs on average, where that depends on colours that are not known.

    Where it does not, the price is known.
    """
    found = [period for series in by_colour.values() for period in series.periods]
    moments = sorted({period.start for period in found} | {period.end for period in found})
    periods = []
    for start, end in pairwise(moments):
        prices = [
            (_DAYS_OF_COLOUR[colour], price)
            for colour, series in by_colour.items()
            if (price := series.price_at(start)) is not None
        ]
        if prices:
            days = sum(share for share, _ in prices)
            mean = sum(share * price for share, price in prices) / days
            alike = len({price for _, price in prices}) == 1
            periods.append(Period(start, end, prices[0][1] if alike else mean, not alike))
    return PriceSeries.of(periods)


def _in_order(changes: list[tuple[datetime, float]]) -> list[tuple[datetime, float]]:
    """Make instants that rise by the clock on the wall rise in UTC as well.

    A local time that is skipped in spring would otherwise come after the ones that follow it.
    """
    ordered = changes[-1:]
    for instant, price in reversed(changes[:-1]):
        ordered.append((min(instant, ordered[-1][0]), price))
    return ordered[::-1]
