"""Prices by time of day, day of the week, month and holiday."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import combinations, pairwise
import math
from typing import Any, override

from homeassistant.const import WEEKDAYS
from homeassistant.util import dt as dt_util

from ...const import (
    CONF_FROM,
    CONF_HOLIDAY_ENTITY,
    CONF_MONTHS,
    CONF_PRICE,
    CONF_WEEKDAYS,
    HOLIDAY,
    MONTHS,
)
from .base import Tariff, TariffError
from .holidays import Holidays
from .series import Period, PriceSeries
from .units import judge_entered

_DAY = timedelta(days=1)
_LOOK_BACK = (8, 375)
"""How many days back a band is looked for that is in force: of the week, else of the year."""


@dataclass(frozen=True)
class Band:
    """A price that comes into force at a local time on some days, until the next one does."""

    start: time
    price: float
    days: frozenset[str]
    months: frozenset[str]

    def rivals(self, other: Band) -> bool:
        """Whether it comes into force at the same moments as another, and none is an exception."""
        return (
            self.start == other.start
            and bool(self.days & other.days)
            and bool(self.months & other.months)
            and len(self.days) == len(other.days)
            and len(self.months) == len(other.months)
        )

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Band:
        """Read a row as a form stores it; no days and no months mean all of them."""
        start = dt_util.parse_time(str(row.get(CONF_FROM, "")))
        days = frozenset(row.get(CONF_WEEKDAYS) or (*WEEKDAYS, HOLIDAY))
        months = frozenset(row.get(CONF_MONTHS) or MONTHS)
        try:
            price = float(row.get(CONF_PRICE, math.nan))
        except TypeError, ValueError:
            price = math.nan
        known = days <= {*WEEKDAYS, HOLIDAY} and months <= set(MONTHS)
        if start is None or not math.isfinite(price) or not known:
            raise TariffError(
                "price_row_invalid", row=", ".join(f"{key}: {row[key]}" for key in row)
            )
        return cls(start, price, days, months)


class TimeOfUseTariff(Tariff):
    """Bands of the day, in local time."""

    def __init__(
        self,
        rows: Iterable[Mapping[str, Any]],
        *,
        currency: str,
        holidays: Holidays | None = None,
        time_zone: tzinfo | None = None,
    ) -> None:
        """Read the rows; raise TariffError where there is none or one is not plausible."""
        rows = list(rows)
        bands = [Band.from_row(row) for row in rows]
        if not bands:
            raise TariffError("price_rows_missing")
        named = any(HOLIDAY in (row.get(CONF_WEEKDAYS) or ()) for row in rows)
        if named and holidays is None:
            refusal = TariffError("price_holidays_missing")
            refusal.field = CONF_HOLIDAY_ENTITY
            raise refusal
        # The last one counts at the same time: the one that names the fewest days and months.
        self._bands = sorted(bands, key=lambda b: (b.start, -len(b.days), -len(b.months)))
        self._currency = currency
        self._holidays = holidays if named else None
        self._time_zone = time_zone

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
        return await super().async_validate(start, end)

    @override
    async def async_read(self, start: datetime, end: datetime) -> PriceSeries:
        zone = self._time_zone or dt_util.get_default_time_zone()
        last = end.astimezone(zone).date()
        for days in _LOOK_BACK:
            first = start.astimezone(zone).date() - timedelta(days=days)
            holidays = await self._async_holidays(first, last)
            changes = _in_order(list(self._changes(first, last, holidays, zone)))
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
        self, first: date, last: date, holidays: Collection[date], zone: tzinfo
    ) -> Iterable[tuple[datetime, float]]:
        day = first
        while day <= last:
            kind = HOLIDAY if day in holidays else WEEKDAYS[day.weekday()]
            month = MONTHS[day.month - 1]
            for band in self._bands:
                if kind in band.days and month in band.months:
                    yield datetime.combine(day, band.start, zone).astimezone(UTC), band.price
            day += _DAY


def _in_order(changes: list[tuple[datetime, float]]) -> list[tuple[datetime, float]]:
    """Make instants that rise by the clock on the wall rise in UTC as well.

    A local time that is skipped in spring would otherwise come after the ones that follow it.
    """
    ordered = changes[-1:]
    for instant, price in reversed(changes[:-1]):
        ordered.append((min(instant, ordered[-1][0]), price))
    return ordered[::-1]
