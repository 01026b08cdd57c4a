"""When a car leaves next, by all that is said about it.

What is said once comes before a reservation, that before a calendar, that before the week's table,
and that before the time of every day. Days and times of day are local, instants are in UTC.
"""

import calendar
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Any, Final

from .soc import FULL_SOC

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WORKDAYS: Final = "workdays"
"""Stands for Monday to Friday in a row of the week's table."""

# A week later every day has come again; one more, as today's time may have passed.
_LOOK_AHEAD_DAYS: Final = 8


class DepartureSource(StrEnum):
    """Who said when a car leaves."""

    ONCE = "once"
    RESERVATION = "reservation"
    CALENDAR = "calendar"
    WEEKLY = "weekly"
    DAILY = "daily"


@dataclass(frozen=True, kw_only=True)
class Departure:
    """An instant at which a car leaves.

    Attributes:
        at: When, in UTC.
        source: Who said so.
        target_soc: State of charge wanted by then in %; None for what is wanted anyway.
    """

    at: datetime
    source: DepartureSource = DepartureSource.DAILY
    target_soc: float | None = None


def instant(day: date, clock: time, zone: tzinfo) -> datetime:
    """Return a local time of a day as an instant.

    A time that is skipped when clocks go forward comes as much later as they are moved; of one
    that comes twice the first counts, so that the car is ready for either.
    """
    return datetime.combine(day, clock, zone).astimezone(UTC)


@dataclass(frozen=True, kw_only=True)
class DayRule:
    """When the car leaves on a day of the week, and what it then wants, if that is special."""

    at: time
    target_soc: float | None = None


class WeeklyTableError(ValueError):
    """A table of departures contradicts itself or cannot be understood."""

    def __init__(self, reason: str, named: str) -> None:
        """Keep the reason as a key, and the row or day it is about."""
        super().__init__(f"{reason}: {named}")
        self.reason = reason
        self.named = named


def read_weekly_table(rows: Iterable[Mapping[str, Any]]) -> Mapping[str, DayRule]:
    """Return the departure of each day of the week that has one.

    Args:
        rows: ``weekdays``, of which one may be all workdays, ``at`` as text, and maybe
            ``target_soc``.

    Raises:
        WeeklyTableError: A row lacks something, is not plausible, or names a day again.
    """
    table: dict[str, DayRule] = {}
    for row in rows:
        shown = ", ".join(f"{key}: {value}" for key, value in row.items())
        try:
            at = time.fromisoformat(str(row["at"]))
            target = row.get("target_soc")
            soc = None if target is None else float(target)
            days = tuple(_expanded(row["weekdays"]))
        except (KeyError, TypeError, ValueError) as error:
            raise WeeklyTableError("weekly_row_invalid", shown) from error
        is_soc = soc is None or 0 < soc <= FULL_SOC
        if not days or not set(days) <= set(WEEKDAYS) or not is_soc:
            raise WeeklyTableError("weekly_row_invalid", shown)
        for day in dict.fromkeys(days):
            if day in table:
                raise WeeklyTableError("weekly_day_twice", calendar.day_name[WEEKDAYS.index(day)])
            table[day] = DayRule(at=at, target_soc=soc)
    return table


def _expanded(days: Iterable[str]) -> Iterator[str]:
    for day in days:
        yield from WEEKDAYS[:5] if day == WORKDAYS else (day,)


@dataclass(frozen=True, kw_only=True)
class DepartureRules:
    """All that is said about when a car leaves.

    Attributes:
        daily: Local time of day, for every day that nothing else is said about.
        weekly: Departures by day of the week; days that are not in it have none. Empty for none.
        events: What a calendar says: instants, or whole days, on which it leaves as on any other.
        announced: What was said for this very time, the most important first.
    """

    daily: time
    weekly: Mapping[str, DayRule] = field(default_factory=dict)
    events: tuple[datetime | date, ...] = ()
    announced: tuple[Departure, ...] = ()

    def after(self, now: datetime, zone: tzinfo) -> Departure:
        """Return the next departure after an instant."""
        for departure in self.announced:
            if departure.at > now:
                return departure
        of_events = min(self._of_events(now, zone), key=lambda one: one.at, default=None)
        return of_events or next(self._of_days(now, zone))

    def _of_events(self, now: datetime, zone: tzinfo) -> Iterator[Departure]:
        for event in self.events:
            if isinstance(event, datetime):
                at, soc = event.astimezone(UTC), None
            else:
                rule = self.weekly.get(WEEKDAYS[event.weekday()], DayRule(at=self.daily))
                at, soc = instant(event, rule.at, zone), rule.target_soc
            if at > now:
                yield Departure(at=at, source=DepartureSource.CALENDAR, target_soc=soc)

    def _of_days(self, now: datetime, zone: tzinfo) -> Iterator[Departure]:
        today = now.astimezone(zone).date()
        source = DepartureSource.WEEKLY if self.weekly else DepartureSource.DAILY
        for days in range(_LOOK_AHEAD_DAYS + 1):
            day = today + timedelta(days=days)
            rule = (
                self.weekly.get(WEEKDAYS[day.weekday()]) if self.weekly else DayRule(at=self.daily)
            )
            if rule is not None and (at := instant(day, rule.at, zone)) > now:
                yield Departure(at=at, source=source, target_soc=rule.target_soc)
