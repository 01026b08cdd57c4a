"""Prices by time of day and day of the week."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise
import math
from typing import Any, override

from homeassistant.const import WEEKDAYS
from homeassistant.util import dt as dt_util

from ...const import CONF_FROM, CONF_PRICE, CONF_WEEKDAYS
from .base import Tariff, TariffError
from .series import Period, PriceSeries


@dataclass(frozen=True)
class Band:
    """A price that comes into force at a local time on some days, until the next one does."""

    start: time
    price: float
    weekdays: frozenset[str]

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Band:
        """Read a row as a form stores it; no weekdays mean every day."""
        start = dt_util.parse_time(str(row.get(CONF_FROM, "")))
        days = frozenset(row.get(CONF_WEEKDAYS) or WEEKDAYS)
        try:
            price = float(row.get(CONF_PRICE, math.nan))
        except TypeError, ValueError:
            price = math.nan
        if start is None or not math.isfinite(price) or not days <= set(WEEKDAYS):
            raise TariffError(
                "price_row_invalid", row=", ".join(f"{key}: {row[key]}" for key in row)
            )
        return cls(start, price, days)


class TimeOfUseTariff(Tariff):
    """Bands of the day, in local time."""

    def __init__(
        self, rows: Iterable[Mapping[str, Any]], *, time_zone: tzinfo | None = None
    ) -> None:
        """Read the rows; raise TariffError where there is none or one cannot be meant."""
        bands = [Band.from_row(row) for row in rows]
        if not bands:
            raise TariffError("price_rows_missing")
        # The last one counts at the same time: the one that names the fewest days.
        self._bands = sorted(bands, key=lambda band: (band.start, -len(band.weekdays)))
        self._time_zone = time_zone

    @override
    async def async_read(self, start: datetime, end: datetime) -> PriceSeries:
        zone = self._time_zone or dt_util.get_default_time_zone()
        # A band may have come into force up to a week earlier.
        day = start.astimezone(zone).date() - timedelta(days=7)
        last = end.astimezone(zone).date() + timedelta(days=7)
        changes: list[tuple[datetime, float]] = []
        while day <= last:
            changes.extend(self._changes(day, zone))
            day += timedelta(days=1)
        return PriceSeries.of(
            Period(max(begin, start), min(until, end), price)
            for (begin, price), (until, _) in pairwise(_in_order(changes))
            if begin < end and until > start
        )

    def _changes(self, day: date, zone: tzinfo) -> Iterable[tuple[datetime, float]]:
        weekday = WEEKDAYS[day.weekday()]
        for band in self._bands:
            if weekday in band.weekdays:
                yield datetime.combine(day, band.start, zone).astimezone(UTC), band.price


def _in_order(changes: list[tuple[datetime, float]]) -> list[tuple[datetime, float]]:
    """Make instants that rise by the clock on the wall rise in UTC as well.

    A local time that is skipped in spring would otherwise come after the ones that follow it.
    """
    ordered = changes[-1:]
    for instant, price in reversed(changes[:-1]):
        ordered.append((min(instant, ordered[-1][0]), price))
    return ordered[::-1]
