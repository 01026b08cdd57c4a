"""Prices over time, whatever their resolution, and what they are on the steps of a plan."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property
from heapq import heappop, heappush
from itertools import pairwise
from typing import NamedTuple

from homeassistant.util import dt as dt_util

from ...scheduler.model import Horizon

LOOK_BACK_DAYS = 7
"""How far back a day is looked for that tells the price at a time of day."""

_HOUR = timedelta(hours=1)
# Boundaries of a horizon are rounded to milliseconds; less than this is no gap.
_TOLERANCE_H = 1 / 3600


@dataclass(frozen=True, slots=True)
class Period:
    """One price, in the site's currency per kWh, from an instant until before another."""

    start: datetime
    end: datetime
    price: float


class Resampled(NamedTuple):
    """Prices on the steps of a horizon.

    Attributes:
        prices: One price per step.
        estimated: Whether that price is, at least in part, an estimate.
    """

    prices: tuple[float, ...]
    estimated: tuple[bool, ...]


class _Known(NamedTuple):
    """What is known of a span of time: the price integrated over the hours that are known."""

    integral: float
    hours: float


@dataclass(frozen=True)
class PriceSeries:
    """Prices per kWh in the site's currency: sorted periods in UTC that do not overlap.

    Build one with ``of``, which sees to that; gaps are allowed.
    """

    periods: tuple[Period, ...] = ()

    @classmethod
    def of(cls, periods: Iterable[Period]) -> PriceSeries:
        """Build a series from periods in any order, time zone and overlap.

        Where several periods know a price the shortest counts, as it tells more, and the first
        of equally long ones. Periods without a length are left out.
        """
        return cls(
            _flatten(
                ((period.end - period.start, index), period)
                for index, period in enumerate(map(_in_utc, periods))
            )
        )

    def merge(self, newer: PriceSeries) -> PriceSeries:
        """Return both series as one; the newer counts where both know a price."""
        return PriceSeries(
            _flatten(
                ((rank, index), period)
                for rank, series in enumerate((newer, self))
                for index, period in enumerate(series.periods)
            )
        )

    def affine(self, factor: float = 1.0, offset: float = 0.0) -> PriceSeries:
        """Return the series with every price p as factor x p + offset: taxes and fees."""
        return PriceSeries(
            tuple(
                Period(period.start, period.end, factor * period.price + offset)
                for period in self.periods
            )
        )

    @property
    def known_until(self) -> datetime | None:
        """The end of the last period, or None where nothing is known."""
        return self.periods[-1].end if self.periods else None

    @cached_property
    def mean(self) -> float:
        """The time-weighted mean of all that is known; 0 where nothing is."""
        if not self.periods:
            return 0.0
        known = self._known(self.periods[0].start, self.periods[-1].end)
        return known.integral / known.hours

    def covers(self, start: datetime, end: datetime) -> bool:
        """Whether the price is known at every moment between two instants."""
        # The difference of two local times is not the time between them as the clocks change.
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        return self._known(start, end).hours >= (end - start) / _HOUR - _TOLERANCE_H

    def price_at(self, moment: datetime) -> float | None:
        """Return the price at a moment, or None where it is not known."""
        index = bisect_right(self.periods, moment, key=_start_of) - 1
        if index < 0 or self.periods[index].end <= moment:
            return None
        return self.periods[index].price

    def resample(self, horizon: Horizon, time_zone: tzinfo | None = None) -> Resampled:
        """Return the time-weighted average price of each step of a horizon.

        What is not known is estimated by the price at the same local time of the last day that
        is known, else by the mean of what is known, and marked as an estimate.

        Args:
            horizon: The steps.
            time_zone: Where people live by that local time; Home Assistant's by default.
        """
        zone = time_zone or dt_util.get_default_time_zone()
        prices: list[float] = []
        estimated: list[bool] = []
        for start, end in pairwise(horizon.edges):
            hours = (end - start) / _HOUR
            known = self._known(start, end)
            gap = hours - known.hours
            is_gap = gap > min(_TOLERANCE_H, hours / 2)
            if is_gap:
                prices.append((known.integral + gap * self._estimate(start, end, zone)) / hours)
            else:
                prices.append(known.integral / known.hours)
            estimated.append(is_gap)
        return Resampled(tuple(prices), tuple(estimated))

    def _known(self, start: datetime, end: datetime) -> _Known:
        """Integrate the prices known between two instants."""
        index = max(0, bisect_right(self.periods, start, key=_start_of) - 1)
        integral = hours = 0.0
        while index < len(self.periods) and self.periods[index].start < end:
            period = self.periods[index]
            overlap = max(0.0, (min(period.end, end) - max(period.start, start)) / _HOUR)
            integral += overlap * period.price
            hours += overlap
            index += 1
        return _Known(integral, hours)

    def _estimate(self, start: datetime, end: datetime, zone: tzinfo) -> float:
        """Guess the average price between two instants from the days before."""
        local = start.astimezone(zone)
        for days in range(1, LOOK_BACK_DAYS + 1):
            # Arithmetic on local time keeps the time of day across a change of the clocks.
            earlier = (local - timedelta(days=days)).astimezone(UTC)
            later = earlier + (end - start)
            if self.covers(earlier, later):
                known = self._known(earlier, later)
                return known.integral / known.hours
        return self.mean


def _start_of(period: Period) -> datetime:
    return period.start


def _in_utc(period: Period) -> Period:
    return Period(period.start.astimezone(UTC), period.end.astimezone(UTC), period.price)


type _Rank = tuple[timedelta | int, int]


def _flatten(ranked: Iterable[tuple[_Rank, Period]]) -> tuple[Period, ...]:
    """Cut overlapping periods so that the one with the lowest rank remains at each moment."""
    waiting = sorted(
        ((rank, period) for rank, period in ranked if period.start < period.end),
        key=lambda item: item[1].start,
        reverse=True,
    )
    edges = sorted({edge for _, period in waiting for edge in (period.start, period.end)})
    current: list[tuple[_Rank, Period]] = []
    result: list[tuple[_Rank, Period]] = []
    for start, end in pairwise(edges):
        while waiting and waiting[-1][1].start <= start:
            heappush(current, waiting.pop())
        while current and current[0][1].end <= start:
            heappop(current)
        if not current:
            continue
        rank, period = current[0]
        if result and result[-1][0] == rank and result[-1][1].end == start:
            # An edge of a period that does not count here is no edge of this one.
            start = result.pop()[1].start  # noqa: PLW2901
        result.append((rank, Period(start, end, period.price)))
    return tuple(period for _, period in result)
