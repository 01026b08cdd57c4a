"""What a house usually draws, by day of the week and hour of the day."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum
import math
from statistics import fmean
from typing import Final, Self

from homeassistant.util import dt as dt_util

_HOUR: Final = timedelta(hours=1)
_WEEK: Final = timedelta(weeks=1)
# Fewer hours than in a week show nothing of its days.
_MIN_HOURS: Final = 7 * 24
# A single day is no habit: below this the same hour of all days counts.
_MIN_DAYS: Final = 2
# Heating follows the weather and people go away: so much of what the last days were above or
# below their habits is taken to stay.
_LATELY: Final = timedelta(days=3)
# With this the errors in docs/house.md were measured.
_STAYS: Final = 0.7
# One evening in three weeks is a party, and no habit.
_USUAL: Final = 0.95


class DayClass(IntEnum):
    """Days on which people live alike."""

    WORKDAY = 0
    SATURDAY = 1
    SUNDAY = 2

    @classmethod
    def of(cls, local: datetime) -> Self:
        """Return that of a local time."""
        return cls(max(0, local.weekday() - 4))


def _usual_peak(kws: Sequence[float]) -> float:
    """Return what all but a few hours stay within."""
    ordered = sorted(kws)
    return ordered[math.ceil(_USUAL * len(ordered)) - 1]


def _full_hour(moment: datetime) -> datetime:
    """Return the beginning of the hour, UTC, as statistics have it."""
    return dt_util.as_utc(moment).replace(minute=0, second=0, microsecond=0)


@dataclass(frozen=True)
class LoadProfile:
    """The mean load of each hour of the day, for each class of days, at the level of late.

    Attributes:
        weeks: From so many weeks.
    """

    weeks: int
    _by_day: Mapping[tuple[DayClass, int], float]
    _by_hour: Mapping[int, float]
    _mean_kw: float
    _level_kw: float = 0.0
    _peak_by_hour: Mapping[int, float] = field(default_factory=dict)

    @classmethod
    def of(cls, hours: Mapping[datetime, float]) -> Self | None:
        """Build it from hourly means in kW by the beginning of the hour, UTC.

        None where there are too few; gaps do no harm.
        """
        if len(hours) < _MIN_HOURS:
            return None
        by_day: defaultdict[tuple[DayClass, int], list[float]] = defaultdict(list)
        by_hour: defaultdict[int, list[float]] = defaultdict(list)
        for start, kw in hours.items():
            local = dt_util.as_local(start)
            by_day[DayClass.of(local), local.hour].append(kw)
            by_hour[local.hour].append(kw)
        habit = cls(
            max(1, round((max(hours) - min(hours)) / _WEEK)),
            {key: fmean(kws) for key, kws in by_day.items() if len(kws) >= _MIN_DAYS},
            {hour: fmean(kws) for hour, kws in by_hour.items()},
            fmean(hours.values()),
            _peak_by_hour={hour: _usual_peak(kws) for hour, kws in by_hour.items()},
        )
        since = max(hours) - _LATELY
        beyond = fmean(kw - habit.hour_kw(at) for at, kw in hours.items() if at > since)
        return replace(habit, _level_kw=_STAYS * beyond)

    def hour_kw(self, start: datetime) -> float:
        """Return the mean load of the hour, UTC, that begins at an instant."""
        local = dt_util.as_local(start)
        kw = self._by_day.get((DayClass.of(local), local.hour))
        kw = self._by_hour.get(local.hour, self._mean_kw) if kw is None else kw
        return kw + self._level_kw

    def peak_kw(self, start: datetime, end: datetime) -> float:
        """Return what is usually the highest mean of the hours between two instants."""
        begin = _full_hour(start)
        hours = [begin + n * _HOUR for n in range(math.ceil((end - begin) / _HOUR))]
        return max(
            max(self.hour_kw(hour), self._peak_by_hour.get(dt_util.as_local(hour).hour, 0.0))
            for hour in hours
        )

    def mean_kw(self, start: datetime, end: datetime) -> float:
        """Return the mean load between two instants."""
        energy = []
        begin = start
        while begin < end:
            until = min(end, _full_hour(begin) + _HOUR)
            energy.append(self.hour_kw(_full_hour(begin)) * ((until - begin) / _HOUR))
            begin = until
        return math.fsum(energy) / ((end - start) / _HOUR)
