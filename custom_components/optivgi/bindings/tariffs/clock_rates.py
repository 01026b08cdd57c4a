"""Rates by the clock that an entity lists: so much from 00:00 to 05:00, so much else.

They are known for as long as one likes, unlike a list of prices with dates.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from homeassistant.const import WEEKDAYS

from ...const import CONF_FROM, CONF_PRICE, CONF_WEEKDAYS
from .axes import day_of
from .figures import Figures, ShownPrice, find_figures, is_plausible, scaled
from .moments import Clock, ClockTime
from .tables import Table, decoded, flat, is_list
from .words import BEGIN, DAY_NAMES, END, SETS_OF_DAYS, words_of

_DAY_MIN: Final = 24 * 60
"""A day by the clock on the wall, however long it is."""
_MAX_RATES: Final = 8
"""More rates than any tariff by the clock has: what has more is a list of a day's prices."""
_MAX_DEPTH: Final = 3
"""How deep rates are looked for: a contract, its rates, and when they count."""
_CENTS: Final = 0.01
"""What rates are in that would be a hundred times what electricity costs."""


@dataclass(frozen=True)
class Rate:
    """A price by the clock.

    Attributes:
        cells: What its row says.
        spans: From and until which minute of the day it counts, with the days; none for always
            where no other does.
    """

    cells: Mapping[str, Any]
    spans: tuple[tuple[int, int, frozenset[str]], ...]


def read_clock_rates(
    attributes: Mapping[str, Any], clock: Clock, shown: ShownPrice
) -> list[dict[str, Any]]:
    """Return the rows of a table of prices by time of day; nothing where there is none.

    The whole day has to have a price, and the price of now has to be what the entity shows.
    """
    for rates in _find_rates(attributes, clock):
        prices = _prices(rates, shown)
        if prices is None:
            continue
        days = {day: _day(day, rates, prices) for day in WEEKDAYS}
        if any(plan is None for plan in days.values()):
            continue
        local = clock.now.astimezone(clock.zone)
        minute = local.hour * 60 + local.minute
        today = days[WEEKDAYS[local.weekday()]] or {}
        now = today[max(start for start in today if start <= minute)]
        if shown.figure is None or shown.is_price(now):
            return list(_rows(days))
    return []


def _find_rates(value: Any, clock: Clock, path: tuple[str, ...] = ()) -> Iterator[list[Rate]]:
    """Yield what may be the rates of a tariff: rows, or mappings under their names."""
    value = decoded(value)
    if len(path) > _MAX_DEPTH or day_of(words_of(path[-1] if path else "")) is not None:
        return
    if isinstance(value, Mapping):
        items = list(value.values())
    elif is_list(value):
        items = list(value)
    else:
        return
    rows = [item for item in items if isinstance(item, Mapping)]
    if 1 <= len(rows) <= _MAX_RATES:
        rates = [Rate(flat(row), tuple(_spans(row, clock))) for row in rows]
        if any(rate.spans for rate in rates):
            yield rates
    parts = value.items() if isinstance(value, Mapping) else enumerate(rows)
    for key, part in parts:
        yield from _find_rates(part, clock, (*path, str(key)))


def _spans(row: Mapping[str, Any], clock: Clock) -> Iterator[tuple[int, int, frozenset[str]]]:
    """Yield when a rate counts, as its row says, or the rows within it."""
    times = {key: clock.stamp(cell) for key, cell in row.items() if isinstance(cell, str)}
    begins = [key for key in times if BEGIN.intersection(words_of(key))]
    ends = [key for key in times if END.intersection(words_of(key))]
    if begins and ends:
        begin, end = times[begins[0]], times[ends[0]]
        days = _days(row)
        if isinstance(begin, ClockTime) and isinstance(end, ClockTime) and days:
            yield begin.minutes % _DAY_MIN, end.minutes or _DAY_MIN, days
        return
    for part in row.values():
        for inner in part if is_list(part) else ():
            if isinstance(inner, Mapping):
                yield from _spans(inner, clock)


def _days(row: Mapping[str, Any]) -> frozenset[str]:
    """Return the days that a row names; all where it names none, none where that is unclear."""
    for key, cell in row.items():
        if not cell or not {"days", "weekdays", "weekday", "dow"}.intersection(words_of(key)):
            continue
        names = cell if is_list(cell) else [cell]
        words = [word for name in names for word in words_of(str(name))]
        found: set[str] = set()
        for word in words:
            if word in SETS_OF_DAYS:
                found |= SETS_OF_DAYS[word]
            elif word in DAY_NAMES:
                found.add(DAY_NAMES[word])
            else:
                return frozenset()
        return frozenset(found)
    return frozenset(WEEKDAYS)


def _prices(rates: Sequence[Rate], shown: ShownPrice) -> list[float] | None:
    """Return the price of each rate per kWh, from the figure that all of them have."""
    table = Table(("rates",), tuple(rate.cells for rate in rates))
    found = [
        figures for figures in find_figures(table, frozenset(), shown) if None not in figures.values
    ]
    for figures in sorted(found, key=lambda figures: -figures.hint):
        right = scaled(figures, shown)
        if not is_plausible(right, shown):
            right = Figures(right.key, right.values, shown.per_kwh * _CENTS, right.hint)
        if is_plausible(right, shown):
            prices = [right.price(index, shown) for index in range(len(rates))]
            return [price for price in prices if price is not None]
    return None


def _day(day: str, rates: Sequence[Rate], prices: Sequence[float]) -> dict[int, float] | None:
    """Return from which minute of a day on which price counts; None where some has none."""
    always = [price for rate, price in zip(rates, prices, strict=True) if not rate.spans]
    changes: list[tuple[int, int, float]] = []
    for rate, price in zip(rates, prices, strict=True):
        for begin, end, days in rate.spans:
            if day in days:
                parts = [(begin, end)] if begin < end else [(begin, _DAY_MIN), (0, end)]
                changes += [(start, until, price) for start, until in parts if start < until]
    edges = sorted({0, _DAY_MIN, *(edge for change in changes for edge in change[:2])})
    plan: dict[int, float] = {}
    for start, _ in pairwise(int(edge) for edge in edges):
        found = {price for begin, end, price in changes if begin <= start < end}
        found = found or set(always)
        if len(found) != 1:
            return None
        plan[start] = found.pop()
    return plan


def _rows(days: Mapping[str, Mapping[int, float] | None]) -> Iterator[dict[str, Any]]:
    for day, plan in days.items():
        for minute, price in (plan or {}).items():
            yield {
                CONF_FROM: f"{minute // 60:02}:{minute % 60:02}:00",
                CONF_PRICE: price,
                CONF_WEEKDAYS: [day],
            }
