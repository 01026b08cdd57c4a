"""Prices over time, whatever their resolution, and what they are on the steps of a plan."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property
from heapq import heappop, heappush
from itertools import pairwise
from typing import NamedTuple

from homeassistant.util import dt as dt_util

from ...scheduler.model import Horizon

LOOK_BACK_DAYS = 7
"""How far back a day is looked for that reports the price at a time of day."""

_HOUR = timedelta(hours=1)
# Boundaries of a horizon are rounded to milliseconds; less than this is no gap.
_TOLERANCE_H = 1 / 3600


@dataclass(frozen=True, slots=True)
class Period:
    """One price, in the site's currency per kWh, from an instant until before another.

    Attributes:
        start: From this instant on.
        end: Until before this one.
        price: The price of a kWh.
        estimated: It is not published: it is a forecast, or a guess from what was.
    """

    start: datetime
    end: datetime
    price: float
    estimated: bool = False


class Resampled(NamedTuple):
    """Prices on the steps of a horizon.

    Attributes:
        prices: One price per step.
        estimated: Whether that price is, at least in part, an estimate.
    """

    prices: tuple[float, ...]
    estimated: tuple[bool, ...]


class _Part(NamedTuple):
    """What is known, or estimated, of a span of time: the price integrated over those hours."""

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

        Where several periods know a price the shortest counts, as it is more exact, and the first
        of equally long ones; what is known counts before what is estimated. Periods without a
        length are left out.
        """
        return cls(
            _flatten(
                ((period.estimated, period.end - period.start, index), period)
                for index, period in enumerate(map(_in_utc, periods))
            )
        )

    def merge(self, newer: PriceSeries) -> PriceSeries:
        """Return both series as one; the newer counts where both know, or both estimate."""
        return PriceSeries(
            _flatten(
                ((period.estimated, rank, index), period)
                for rank, series in enumerate((newer, self))
                for index, period in enumerate(series.periods)
            )
        )

    def affine(self, factor: float = 1.0, offset: float = 0.0) -> PriceSeries:
        """Return the series with every price p as factor x p + offset: taxes and fees."""
        return PriceSeries(
            tuple(replace(period, price=factor * period.price + offset) for period in self.periods)
        )

    def plus(self, other: PriceSeries) -> PriceSeries:
        """Return the sum of both series where both have a price."""
        return PriceSeries(
            tuple(
                Period(
                    max(one.start, two.start),
                    min(one.end, two.end),
                    one.price + two.price,
                    one.estimated or two.estimated,
                )
                for one in self.periods
                for two in other.periods[other._index_at(one.start) :]
                if one.start < two.end and two.start < one.end
            )
        )

    def between(self, start: datetime, end: datetime) -> PriceSeries:
        """Return the part of the series between two instants."""
        return PriceSeries(
            tuple(
                replace(period, start=max(period.start, start), end=min(period.end, end))
                for period in self.periods
                if period.start < end and period.end > start
            )
        )

    def as_estimate(self) -> PriceSeries:
        """Return the series as what is only estimated."""
        return PriceSeries(tuple(replace(period, estimated=True) for period in self.periods))

    @property
    def known_until(self) -> datetime | None:
        """The end of the last period that is known, or None where nothing is."""
        ends = (period.end for period in reversed(self.periods) if not period.estimated)
        return next(ends, None)

    @property
    def known(self) -> PriceSeries:
        """What is known of the series."""
        return PriceSeries(tuple(period for period in self.periods if not period.estimated))

    def has_all(self, start: datetime, end: datetime) -> bool:
        """Whether there is a price, known or estimated, at every moment between two instants."""
        hours = self._sum(start, end).hours + self._sum(start, end, estimated=True).hours
        return hours >= (end - start) / _HOUR - _TOLERANCE_H

    def reaches_beyond(self, moment: datetime) -> bool:
        """Whether the series has a price, known or estimated, later than a moment."""
        return bool(self.periods) and self.periods[-1].end > moment

    @cached_property
    def mean(self) -> float:
        """The time-weighted mean of all that is known, else of all there is; 0 for nothing."""
        if not self.periods:
            return 0.0
        start, end = self.periods[0].start, self.periods[-1].end
        known = self._sum(start, end)
        part = known if known.hours else self._sum(start, end, estimated=True)
        return part.integral / part.hours

    def average(self, start: datetime, end: datetime) -> float | None:
        """Return the average price between two instants, or None where it is not known."""
        if not self.covers(start, end):
            return None
        known = self._sum(start, end)
        return known.integral / known.hours

    def covers(self, start: datetime, end: datetime) -> bool:
        """Whether the price is known at every moment between two instants."""
        # The difference of two local times is not the time between them as the clocks change.
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        return self._sum(start, end).hours >= (end - start) / _HOUR - _TOLERANCE_H

    def price_at(self, moment: datetime) -> float | None:
        """Return the price at a moment, known or estimated, or None where there is none."""
        period = self.period_at(moment)
        return None if period is None else period.price

    def period_at(self, moment: datetime) -> Period | None:
        """Return the period, known or estimated, that a moment is in; None where there is none."""
        index = bisect_right(self.periods, moment, key=_start_of) - 1
        if index < 0 or self.periods[index].end <= moment:
            return None
        return self.periods[index]

    def resample(self, horizon: Horizon, time_zone: tzinfo | None = None) -> Resampled:
        """Return the time-weighted average price of each step of a horizon.

        What is not known is an estimate, and marked as one: the estimate of the series itself,
        else the price at the same local time of the last day that is known, else the mean.

        Args:
            horizon: The steps.
            time_zone: Where people live by that local time; Home Assistant's by default.
        """
        zone = time_zone or dt_util.get_default_time_zone()
        prices: list[float] = []
        estimated: list[bool] = []
        for start, end in pairwise(horizon.edges):
            hours = (end - start) / _HOUR
            known = self._sum(start, end)
            is_gap = hours - known.hours > min(_TOLERANCE_H, hours / 2)
            estimated.append(is_gap)
            if not is_gap:
                prices.append(known.integral / known.hours)
                continue
            guessed = self._sum(start, end, estimated=True)
            rest = max(0.0, hours - known.hours - guessed.hours)
            unknown = rest * self.as_before(start, end, zone) if rest > _TOLERANCE_H else 0.0
            hours = known.hours + guessed.hours + (rest if rest > _TOLERANCE_H else 0.0)
            prices.append((known.integral + guessed.integral + unknown) / hours)
        return Resampled(tuple(prices), tuple(estimated))

    def as_before(self, start: datetime, end: datetime, zone: tzinfo) -> float:
        """Guess the average price between two instants from the last day that is known then."""
        for days in range(1, LOOK_BACK_DAYS + 1):
            earlier = days_before(start, days, zone)
            if (price := self.average(earlier, earlier + (end - start))) is not None:
                return price
        return self.mean

    def _index_at(self, moment: datetime) -> int:
        return max(0, bisect_right(self.periods, moment, key=_start_of) - 1)

    def _sum(self, start: datetime, end: datetime, *, estimated: bool = False) -> _Part:
        """Integrate the prices known, or estimated, between two instants."""
        index = self._index_at(start)
        integral = hours = 0.0
        while index < len(self.periods) and self.periods[index].start < end:
            period = self.periods[index]
            index += 1
            if period.estimated is estimated:
                overlap = max(0.0, (min(period.end, end) - max(period.start, start)) / _HOUR)
                integral += overlap * period.price
                hours += overlap
        return _Part(integral, hours)


def days_before(moment: datetime, days: int, zone: tzinfo) -> datetime:
    """Return the same local time some days before, in UTC.

    Arithmetic on local time keeps the time of day across a change of the clocks.
    """
    return (moment.astimezone(zone) - timedelta(days=days)).astimezone(UTC)


def _start_of(period: Period) -> datetime:
    return period.start


def _in_utc(period: Period) -> Period:
    return replace(period, start=period.start.astimezone(UTC), end=period.end.astimezone(UTC))


type _Rank = tuple[bool, timedelta | int, int]


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
        result.append((rank, replace(period, start=start, end=end)))
    return tuple(period for _, period in result)
