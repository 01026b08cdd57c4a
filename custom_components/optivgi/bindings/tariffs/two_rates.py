"""A price at peak hours and one at off-peak hours, with a schedule of those.

The two prices and the schedule are in attributes or entities of their own, as around the HDO of the
Czech Republic and the off-peak hours of France.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
import re
from typing import Any, Final

from homeassistant.core import State

from .axes import day_of
from .figures import ShownPrice
from .moments import Clock
from .named_values import NamedValue, named_values
from .quotes import Quote
from .tables import is_list
from .words import BEGIN, END, words_of

_DAY: Final = timedelta(days=1)
_DAYS: Final = range(-1, 8)
"""For so long a schedule without a date is used; a plan is no longer."""
_SPAN: Final = re.compile(
    r"(\d{1,2}):(\d{2})(?::\d{2})?\s*(?:-|\u2013|to|do|bis)\s*(\d{1,2}):(\d{2})"
)
_DAY_MIN: Final = 24 * 60
"""A day by the clock on the wall."""

type _Spans = list[tuple[int, int]]
"""From and until which minute of the day."""


def read_two_rates(states: Iterable[State], clock: Clock, shown: ShownPrice) -> list[Quote]:
    """Return the prices of days whose off-peak hours are known; nothing where they are not two.

    Args:
        states: The picked entity and those of its integration.
        clock: The time of now.
        shown: What the picked entity shows: the price of now.
    """
    named = [value for state in states for value in named_values(state)]
    prices: dict[bool, set[float]] = {True: set(), False: set()}
    for value in named:
        price = value.price(shown.currency)
        if price is not None and value.is_peak is not None:
            prices[value.is_peak].add(price)
    if any(len(found) != 1 for found in prices.values()):
        return []
    peak, off_peak = prices[True].pop(), prices[False].pop()
    schedule = _schedule(named)
    quotes = [
        quote
        for days in _DAYS
        if (spans := schedule.get(days, schedule.get(None))) is not None
        for quote in _day(clock.day(days), spans, peak, off_peak, clock)
    ]
    now = [quote.value for quote in quotes if quote.start <= clock.now < quote.end]
    return quotes if now and shown.is_price(now[0]) else []


def _schedule(named: Iterable[NamedValue]) -> dict[int | None, _Spans]:
    """Return the off-peak hours by the days from now, or under None for all days."""
    found: dict[int | None, _Spans] = {}
    for value in named:
        if value.is_peak is not True and (spans := list(_spans(value.value))):
            days = day_of(value.words)
            if value.is_peak is False or days is not None:
                found.setdefault(days, spans)
    return found


def _spans(value: Any) -> Iterator[tuple[int, int]]:
    """Yield the spans of a schedule, however it is written."""
    if isinstance(value, str):
        for match in _SPAN.finditer(value):
            begin_h, begin_min, end_h, end_min = map(int, match.groups())
            yield begin_h * 60 + begin_min, end_h * 60 + end_min
    elif is_list(value):
        for part in value:
            yield from _spans(part)
    elif isinstance(value, dict):
        begin = [part for key, part in value.items() if BEGIN.intersection(words_of(str(key)))]
        end = [part for key, part in value.items() if END.intersection(words_of(str(key)))]
        if begin and end:
            yield from _spans(f"{begin[0]}-{end[0]}")


def _day(day: date, spans: _Spans, peak: float, off_peak: float, clock: Clock) -> Iterator[Quote]:
    edges = {0, _DAY_MIN}
    parts: _Spans = []
    for begin, end in spans:
        parts += [(begin, end)] if begin < end else [(begin, _DAY_MIN), (0, end)]
    edges.update(edge for part in parts for edge in part)
    for start, until in pairwise(sorted(edges)):
        cheap = any(begin <= start < end for begin, end in parts)
        begins, ends = _instant(day, start, clock), _instant(day, until, clock)
        if begins < ends:
            yield Quote(begins, ends, off_peak if cheap else peak, per_kwh=1.0)


def _instant(day: date, minute: int, clock: Clock) -> datetime:
    midnight = datetime.combine(day, time.min) + timedelta(minutes=minute)
    return midnight.replace(tzinfo=clock.zone).astimezone(UTC)
