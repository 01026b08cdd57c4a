"""When the rows of a table count: from when, until when.

A row may name when it begins, when it ends, or both; it may leave out its time zone, its day, or
its time altogether. What is ambiguous gives several axes, for the price of now to decide between.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise, permutations
from typing import Any, Final
from zoneinfo import ZoneInfo

from .moments import Clock, ClockTime, on_days
from .quotes import number
from .spans import LENGTHS, close, close_backwards
from .tables import Table
from .words import (
    BEGIN,
    DAY,
    DAYS,
    END,
    HOUR,
    PART_OF_DAY,
    ROLLING,
    STEP_WORDS,
    UTC_WORDS,
    words_of,
)

_DAY: Final = timedelta(days=1)
_MARKET: Final = ZoneInfo("Europe/Brussels")
"""The days of Europe's day-ahead market, wherever it is read."""
_MINUTE: Final = timedelta(minutes=1)
_FEWEST_HOURS: Final = 23
"""Of a day, as summer time begins."""
_MOST: Final = 0.6
"""The share of rows that have to have what makes a column: some are empty or broken."""

_QUARTER: Final = timedelta(minutes=15)
"""The market time unit of European day-ahead prices."""
_MAX_HOURS: Final = 50
"""So many figures may be the hours of two days; more are quarters of an hour."""
_FROM_THEN: Final = -1
"""In the place of days: figures go on from an instant that stands beside them."""
_FROM_NOW: Final = -2
"""In the place of days: figures go on from now."""
_UNUSUAL: Final = 1.5
"""What speaks against UTC without saying so: a list that begins now may begin at its midnight."""
_NOW: Final = timedelta(hours=3)
"""A list that begins so near to now may go on from now: UTC is up to two hours away in Europe."""
_PROOF: Final = -10.0
"""The weight of a guess that needs the price of now to be believed."""


@dataclass(frozen=True)
class Axis:
    """One way to understand when rows count.

    Attributes:
        spans: From when until when each row counts, None for those that say nothing.
        columns: The cells that say so.
        weight: How likely it is without the price of now.
        from_end: Rows are named by their end.
        shifted: Times without a zone are read as UTC.
        days: Rows without any time divide so many days, or go on from somewhere; 0 for rows that
            have times.
    """

    spans: tuple[tuple[datetime, datetime] | None, ...]
    columns: frozenset[str]
    weight: float
    from_end: bool = False
    shifted: bool = False
    days: int = 0

    @property
    def mode(self) -> tuple[bool, bool, int]:
        """What distinguishes it from other ways to read the same rows."""
        return self.from_end, self.shifted, self.days

    def row_at(self, moment: datetime) -> int | None:
        """Return the row that counts at a moment."""
        for index, span in enumerate(self.spans):
            if span is not None and span[0] <= moment < span[1]:
                return index
        return None

    @property
    def needs_proof(self) -> bool:
        """Whether nothing but the price of now speaks for it."""
        return self.weight < 0


def day_of(words: Iterable[str]) -> int | None:
    """Return how many days from now the day is that some words name; None where none does."""
    found = list(words)
    if "next" in found and "day" in found:
        return 1
    return next((DAYS[word] for word in found if word in DAYS), None)


def find_axes(table: Table, clock: Clock) -> list[Axis]:
    """Return every way to understand when the rows of a table count, the likeliest first."""
    stamps = {key: [clock.stamp(row.get(key)) for row in table.rows] for key in table.keys}
    dated = {
        key: [stamp if isinstance(stamp, datetime) else None for stamp in column]
        for key, column in stamps.items()
        if _has_most(column, datetime)
    }
    dated = {key: column for key, column in dated.items() if _changes(column)}
    if not dated:
        dated = _from_days_and_times(table, stamps, clock)
    found = list(_of_dated(dated, clock)) if dated else list(_of_positions(table, stamps, clock))
    return sorted(found, key=lambda axis: -axis.weight)


def _has_most(column: Sequence[Any], kind: type) -> bool:
    return sum(isinstance(cell, kind) for cell in column) >= _MOST * len(column) > 0


def _changes(column: Sequence[datetime | None]) -> bool:
    """Whether a column goes on from row to row, unlike when they were fetched."""
    known = [cell for cell in column if cell is not None]
    different = {cell.replace(tzinfo=None, fold=0) for cell in known}
    return len(different) >= _MOST * len(known)


# Rows that name a day and a time


def _of_dated(columns: Mapping[str, Sequence[datetime | None]], clock: Clock) -> Iterator[Axis]:
    zones: list[tzinfo] = [clock.zone]
    naive = any(
        cell is not None and cell.tzinfo is None for column in columns.values() for cell in column
    )
    if naive and clock.now.astimezone(clock.zone).utcoffset():
        zones.append(UTC)
    for zone in zones:
        resolved = {
            key: clock.resolve(column, UTC if UTC_WORDS.intersection(words_of(key)) else zone)
            for key, column in columns.items()
        }
        shifted = zone is not clock.zone
        for axis in _of_resolved(resolved, clock):
            weight = axis.weight - shifted * _UNUSUAL - (shifted and _begins_now(axis, clock))
            yield replace(axis, weight=weight, shifted=shifted)


def _begins_now(axis: Axis, clock: Clock) -> bool:
    """Whether a list goes on from now: that it begins at some midnight is chance, then."""
    first = min((span[0] for span in axis.spans if span is not None), default=clock.now)
    return abs(first - clock.now) < _NOW


def _of_resolved(columns: Mapping[str, Sequence[datetime | None]], clock: Clock) -> Iterator[Axis]:
    used = frozenset(columns)
    if pair := _pair(columns):
        begin, end = (columns[key] for key in pair)
        yield _axis(close(begin, end), used, clock, weight=1)
        return
    key = max(columns, key=lambda key: _named(key, BEGIN) - _named(key, END))
    if _named(key, END) and not _named(key, BEGIN):
        yield _axis(close_backwards(columns[key]), used, clock, weight=1, from_end=True)
        return
    usual = _axis(close(columns[key], None), used, clock, weight=1)
    yield usual
    if not _named(key, BEGIN):
        first = min((span for span in usual.spans if span is not None), default=None)
        begins_now = first is not None and first[0] <= clock.now < first[1]
        yield _axis(close_backwards(columns[key]), used, clock, weight=-begins_now, from_end=True)


def _named(key: str, names: frozenset[str]) -> bool:
    return not names.isdisjoint(words_of(key))


def _pair(columns: Mapping[str, Sequence[datetime | None]]) -> tuple[str, str] | None:
    """Return the columns of begin and end: the one is always later, by no more than a day."""
    best: tuple[int, tuple[str, str]] | None = None
    for one, two in permutations(columns, 2):
        lengths = [
            end - begin
            for begin, end in zip(columns[one], columns[two], strict=True)
            if begin is not None and end is not None
        ]
        if lengths and all(timedelta(0) < length <= _DAY for length in lengths):
            named = _named(one, BEGIN) + _named(two, END)
            if best is None or named > best[0]:
                best = named, (one, two)
    if best is not None:
        return best[1]
    # An end that is broken here and there still has its name.
    begins = [key for key in columns if _named(key, BEGIN)]
    ends = [key for key in columns if _named(key, END) and key not in begins]
    return (begins[0], ends[0]) if begins and ends else None


def _axis(
    spans: Sequence[tuple[datetime, datetime] | None],
    used: frozenset[str],
    clock: Clock,
    *,
    weight: float,
    from_end: bool = False,
) -> Axis:
    known = [span for span in spans if span is not None]
    if known:
        first, last = min(span[0] for span in known), max(span[1] for span in known)
        weight += max(
            _is_midnight(first, zone) + _is_midnight(last, zone) for zone in (clock.zone, _MARKET)
        )
    return Axis(tuple(spans), used, weight, from_end)


def _is_midnight(moment: datetime, zone: tzinfo) -> bool:
    return moment.astimezone(zone).time() == time.min


# Rows that name a day and a time in two cells, or a time only


def _from_days_and_times(
    table: Table, stamps: Mapping[str, Sequence[Any]], clock: Clock
) -> dict[str, list[datetime | None]]:
    """Return columns of points in time, put together from days and times of day."""
    times = {
        key: [cell if isinstance(cell, ClockTime) else None for cell in column]
        for key, column in stamps.items()
        if _has_most(column, ClockTime)
    }
    times = times or _hours(table)
    if not times:
        return {}
    dates = next(
        (
            [_date_of(cell, clock) for cell in column]
            for column in stamps.values()
            if _has_most(column, date)
        ),
        None,
    )
    day = _day_of(table, clock) or clock.day(0)
    rows = len(table.rows)
    found = {}
    for key, column in times.items():
        known = [cell.minutes for cell in column if cell is not None]
        backwards = sum(b < a for a, b in pairwise(known)) > len(known) / 2
        order = -1 if backwards else 1
        days = [day] * rows if dates is None else dates
        on_the_wall = on_days(column[::order], days[::order], rolling=dates is None)[::order]
        found[key] = [
            passed or at
            for passed, at in zip(_as_they_pass(column, days, clock), on_the_wall, strict=True)
        ]
    if dates is not None:
        found = {key: column for key, column in found.items() if _changes(column)}
    return found


def _as_they_pass(
    column: Sequence[ClockTime | None], days: Sequence[date | None], clock: Clock
) -> list[datetime | None]:
    """Return the times of rows that follow a day's hours as they pass; None for all others.

    Hours that are only counted show on the days of 23 or 25 hours: they are as many as that day
    has, one after the other. Times in UTC beside a local day go around within that day.
    """
    found: list[datetime | None] = [None] * len(column)
    for day in {day for day in days if day is not None}:
        start, end = clock.instant(day), clock.instant(day + _DAY)
        rows = [index for index in range(len(column)) if days[index] == day]
        at = [cell.minutes for index in rows if (cell := column[index]) is not None]
        if len(at) < len(rows) or len(rows) < _FEWEST_HOURS:
            continue
        step = (end - start) / len(rows)
        passed = [index * step // _MINUTE for index in range(len(rows))]
        in_utc = start.hour * 60 + start.minute
        if in_utc and at == [(in_utc + minutes) % (_DAY // _MINUTE) for minutes in passed]:
            order = rows
        elif end - start != _DAY and sorted(at) == passed:
            order = [index for _, index in sorted(zip(at, rows, strict=True))]
        else:
            continue
        for minutes, index in zip(passed, order, strict=True):
            found[index] = (start + minutes * _MINUTE).astimezone(clock.zone)
    return found


def _date_of(cell: Any, clock: Clock) -> date | None:
    """Return the day of a cell; some write its midnight."""
    if isinstance(cell, datetime):
        return (cell if cell.tzinfo is None else cell.astimezone(clock.zone)).date()
    return cell if isinstance(cell, date) else None


def _hours(table: Table) -> dict[str, list[ClockTime | None]]:
    """Return the columns that count a day's hours, or its quarters."""
    found = {}
    for key in table.keys:
        words = frozenset(words_of(key))
        figures = [number(row.get(key)) for row in table.rows]
        known = [int(figure) for figure in figures if figure is not None and figure == int(figure)]
        if len(known) < max(2, _MOST * len(figures)) or not words & (HOUR | PART_OF_DAY):
            continue
        first, last = min(known), max(known)
        # 1 to 24 are counted, 0 to 23 are times.
        is_counted = first == 1 and last >= 23  # noqa: PLR2004
        step = 60 if last <= 25 else 30 if last <= 50 else 15  # noqa: PLR2004
        if first < 0 or last > 100 or (step < 60 and not words & PART_OF_DAY):  # noqa: PLR2004
            continue
        found[key] = [
            None if figure is None else ClockTime((int(figure) - is_counted) * step)
            for figure in figures
        ]
    return found


def _day_of(table: Table, clock: Clock) -> date | None:
    """Return the day that a table says it is about: in its path, or beside it."""
    for key in reversed(table.path):
        stamp = clock.stamp(key)
        if isinstance(stamp, date):
            return stamp.date() if isinstance(stamp, datetime) else stamp
        if (days := day_of(words_of(key))) is not None:
            return clock.day(days)
    for key, value in table.beside.items():
        stamp = clock.stamp(value)
        if isinstance(stamp, datetime) or not ("dat" in key.lower() or _named(key, DAY)):
            continue
        if isinstance(stamp, date):
            return stamp
    return None


# Rows that name no time at all


def _of_positions(
    table: Table, stamps: Mapping[str, Sequence[Any]], clock: Clock
) -> Iterator[Axis]:
    if any(_has_most(column, date) for column in stamps.values()):
        return
    count = len(table.rows)
    if (start := _start_beside(table, clock)) is not None:
        yield _positions(_from(start, count, _step_beside(table)), _FROM_THEN, weight=1.0)
        return
    day = _day_of(table, clock)
    for days in (1,) if day is not None else (1, 2):
        if edges := _edges(day or clock.day(0), days, count, clock):
            yield _positions(edges, days, weight=0.0 if day is not None else _PROOF)
    if day is None and table.words & ROLLING:
        step = LENGTHS[-1] if count <= _MAX_HOURS else _QUARTER
        seconds = clock.now.timestamp() // step.total_seconds() * step.total_seconds()
        start = datetime.fromtimestamp(seconds, UTC)
        yield _positions(_from(start, count, step), _FROM_NOW, weight=_PROOF)


def _positions(edges: Sequence[datetime], days: int, *, weight: float) -> Axis:
    spans = [(begin, until) if begin < until else None for begin, until in pairwise(edges)]
    return Axis(tuple(spans), frozenset(), weight, days=days)


def _from(start: datetime, count: int, step: timedelta) -> list[datetime]:
    return [start + index * step for index in range(count + 1)]


def _start_beside(table: Table, clock: Clock) -> datetime | None:
    """Return the instant that stands beside figures as where they begin."""
    for key, value in table.beside.items():
        stamp = clock.stamp(value) if _named(key, BEGIN) else None
        if isinstance(stamp, datetime):
            return clock.resolve([stamp], clock.zone)[0]
    return None


def _step_beside(table: Table) -> timedelta:
    """Return the minutes, or seconds, that stand beside figures as the length of each."""
    for key, value in table.beside.items():
        figure = number(value) if _named(key, STEP_WORDS) else None
        for unit in (timedelta(minutes=1), timedelta(seconds=1), timedelta(hours=1)):
            if figure is not None and figure * unit in LENGTHS:
                return figure * unit
    return LENGTHS[-1] if len(table.rows) <= _MAX_HOURS else _QUARTER


def _edges(day: date, days: int, count: int, clock: Clock) -> list[datetime]:
    """Return when rows begin and end that divide days into equal parts; nothing if they cannot."""
    start, end = clock.instant(day), clock.instant(day + days * _DAY)
    if (length := (end - start) / count) in LENGTHS:
        return [start + index * length for index in range(count + 1)]
    if (length := days * _DAY / count) in LENGTHS:
        # 24 hours by the clock on the wall on a day that has 23 or 25 of them
        midnight = datetime.combine(day, time.min)
        return [
            (midnight + index * length).replace(tzinfo=clock.zone).astimezone(UTC)
            for index in range(count + 1)
        ]
    return []
