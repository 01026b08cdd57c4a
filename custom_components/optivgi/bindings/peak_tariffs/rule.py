"""What a tariff on the highest power says, as its price list does."""

import calendar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from homeassistant.const import WEEKDAYS

from ...const import HOLIDAY, MONTHS
from ...scheduler.model import PriceStep

ALL_DAYS: Final = frozenset({*WEEKDAYS, HOLIDAY})
ALL_MONTHS: Final = frozenset(MONTHS)
WORKDAYS: Final = frozenset(WEEKDAYS[:5])
"""Monday to Friday, without holidays."""


class PricePer(StrEnum):
    """What the price of a kW is for."""

    MONTH = "month"
    YEAR = "year"
    """Of the mean of twelve months: each month's peak counts for a twelfth of it."""
    DAY = "day"
    """Each day of the month costs as much, by the month's highest."""


@dataclass(frozen=True, kw_only=True)
class PeakWindow:
    """When a kW counts, by local time.

    Attributes:
        months: In these months,
        days: on these days; a holiday is none of the days of the week,
        start: from this time on,
        end: until this one, which may be on the next day; the same for all day.
        weight: What a kW counts for: 0.5 where nights count half.
    """

    months: frozenset[str] = ALL_MONTHS
    days: frozenset[str] = ALL_DAYS
    start: time = time(0)
    end: time = time(0)
    weight: float = 1.0

    def covers(self, local: datetime, *, holiday: bool) -> bool:
        """Return whether a local time is in it."""
        day = HOLIDAY if holiday else WEEKDAYS[local.weekday()]
        if MONTHS[local.month - 1] not in self.months or day not in self.days:
            return False
        at = local.time()
        if self.start < self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


@dataclass(frozen=True, kw_only=True)
class PeakPart:
    """One of the components of a tariff that add up, each with its own peaks.

    Attributes:
        price: What a kW costs.
        windows: When a kW counts, the first that covers a time; always where there are none.
        levels: What is paid from a number of kW on, instead of a price per kW: the number, and
            what is paid in all.
    """

    price: float = 0.0
    windows: tuple[PeakWindow, ...] = ()
    levels: tuple[tuple[float, float], ...] = ()

    def weight_at(self, local: datetime, *, holiday: bool) -> float:
        """Return what a kW counts for at a local time; 0 where it does not."""
        if not self.windows:
            return 1.0
        covering = (w.weight for w in self.windows if w.covers(local, holiday=holiday))
        return next(covering, 0.0)


@dataclass(frozen=True, kw_only=True)
class PeakRule:
    """A tariff on the highest power.

    Attributes:
        parts: Its components, the first of which is what people call their peak.
        interval: Of how long the mean counts.
        top: Of so many of the highest the mean is taken.
        distinct_days: Each of them is of another day.
        per: What prices are for.
        vat: What is added to prices, in %.
        free_kw: Costs nothing.
        floor_kw: Is paid at least.
        rolling_months: Of so many months the mean is billed.
    """

    parts: tuple[PeakPart, ...]
    interval: timedelta = timedelta(minutes=15)
    top: int = 1
    distinct_days: bool = True
    per: PricePer = PricePer.MONTH
    vat: float = 0.0
    free_kw: float = 0.0
    floor_kw: float = 0.0
    rolling_months: int = 1

    @property
    def shape(self) -> str:
        """What is counted, whatever it costs: of another shape, what was counted means nothing."""
        windows = [
            [(sorted(w.months), sorted(w.days), w.start, w.end, w.weight) for w in part.windows]
            for part in self.parts
        ]
        return repr((self.interval, self.top, self.distinct_days, windows))

    @property
    def by_day(self) -> bool:
        """Whether it makes a difference which days are holidays."""
        return any(w.days != ALL_DAYS for part in self.parts for w in part.windows)

    def month_price(self, price: float, day: date) -> float:
        """Return what a price comes to for the peak of the month that a day is in."""
        match self.per:
            case PricePer.YEAR:
                price /= 12
            case PricePer.DAY:
                price *= calendar.monthrange(day.year, day.month)[1]
        return price * (1 + self.vat / 100)

    def price_steps(self, part: PeakPart, day: date) -> tuple[PriceStep, ...]:
        """Return by how much the price of a month rises where a level begins."""
        steps = []
        before = 0.0
        for above_kw, price in sorted(part.levels):
            paid = self.month_price(price, day)
            steps.append(PriceStep(above_kw=above_kw, price=paid - before))
            before = paid
        # The lowest level is paid in any case.
        return tuple(step for step in steps if step.above_kw > 0)
