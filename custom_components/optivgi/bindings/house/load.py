"""A load that is read again and again: its highest of the last moments, and its averages."""

from collections import deque
from collections.abc import Hashable
from datetime import datetime, timedelta
import math
from typing import Final

from ...scheduler.reserve import LoadVolatility
from .habit import MeterHabit

# Smooths kettles and clouds, and soon follows an oven.
_LATELY: Final = timedelta(minutes=2)
# Longer than cooking lasts, short enough to follow the time of day.
_USUALLY: Final = timedelta(hours=2)
_PEAK_HOLD: Final = timedelta(seconds=30)
"""Noise, and what motors take when they start, counts for so long. How long is waited for who comes
back, such as a hob's thermostat, is what the guard decides."""


class RunningAverage:
    """An exponential average of readings that come at any times."""

    def __init__(self, over: timedelta) -> None:
        """Forget a reading by all but 1/e within this time."""
        self.value: float | None = None
        """The average; None before the first reading."""
        self._over = over
        self._reading = 0.0
        self._taken_at: datetime | None = None

    def take(self, reading: float, at: datetime) -> None:
        """Go on to a time with the reading before; from then on, this one holds."""
        if self.value is None or self._taken_at is None:
            self.value = reading
        else:
            weight = 1 - math.exp(-max(0.0, (at - self._taken_at) / self._over))
            self.value += (self._reading - self.value) * weight
        self._reading, self._taken_at = reading, at


class BaseLoad:
    """What everything but the chargers draws, in kW, at the connection or on one phase.

    Positive is consumption, negative is PV surplus.
    """

    def __init__(self, habit: MeterHabit) -> None:
        """Know nothing yet; ``habit`` is what is learned of the sensor that measures it."""
        self._habit = habit
        self.lately = RunningAverage(_LATELY)
        """That of the last minutes, for plans: those need not follow each kettle."""
        self.usually = RunningAverage(_USUALLY)
        """That of the last hours."""
        self.volatility = LoadVolatility()
        self._settled_kw: float | None = None
        self._report: Hashable = None
        self._unsettled = self._raising = False
        self._recent: deque[tuple[datetime, float]] = deque()

    def take(
        self,
        report: Hashable,
        load_kw: float,
        now: datetime,
        *,
        settling: bool,
        raising: bool = False,
        stale: bool = False,
        believed: bool = True,
    ) -> float:
        """Take up what was measured, and return the highest of the last half minute.

        What comes and goes is not given to the cars, and meters that report different times do not
        look like a house that needs less.

        Args:
            report: What distinguishes this report of the sensor from the one before.
            load_kw: The load, were this a new report.
            now: The present.
            settling: A command is on its way; then a load that seems lower than before is not
                believed.
            raising: A command for more is, so that this report may be of before it.
            stale: The sensor is silent: what it reported last stays, until it reports again.
            believed: The report can be; else what was known before stays.
        """
        held = not believed or (stale and report == self._report)
        if held and self._recent:
            return max(kw for _, kw in self._recent)
        # Once for each report: what chargers draw later is no part of it. And again when a command
        # has arrived that was on its way then: a charger's meter that reports a change first must
        # not look like a change of the house. Of one that may be of before a command for more,
        # what is drawn by that is no part.
        is_new = report != self._report
        if is_new or not self._recent or (self._unsettled and not settling):
            self._raising = raising or (self._raising and not is_new)
            if self._settled_kw is not None and (settling or self._raising):
                load_kw = max(load_kw, self._settled_kw)
            # Meters that report at different times make rises that are none.
            if is_new and self._settled_kw is not None and not (settling or self._unsettled):
                self._habit.note_rise(load_kw - self._settled_kw)
            if not settling or self._settled_kw is None:
                self._settled_kw = load_kw
            self._report, self._unsettled = report, settling
            self._recent.append((now, load_kw))
        _, load_kw = self._recent[-1]
        if self.lately.value is not None:
            self.volatility.take(load_kw - self.lately.value, now)
        self.lately.take(load_kw, now)
        self.usually.take(load_kw, now)
        while len(self._recent) > 1 and now - self._recent[0][0] >= _PEAK_HOLD:
            self._recent.popleft()
        return max(kw for _, kw in self._recent)
