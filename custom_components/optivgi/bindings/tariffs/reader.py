"""Reads the prices of whatever an entity has: every list that may be prices, and the best of them.

What an entity shows as its price of now is the evidence by which times without a zone, rows named
by their end, net and gross, and units are distinguished. Where it decides nothing, what is usual
does.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
import math
from statistics import median
from typing import Any, Final

from .axes import find_axes
from .figures import NOTHING_SHOWN, ShownPrice
from .moments import Clock
from .price_lists import PriceList, Proven, find_price_lists
from .quotes import Quote, number_with_unit
from .tables import Table, find_tables, is_empty_list
from .words import GUESSED_ROW, words_of

FORECAST_START_KEY: Final = "forecast_start"
"""Attribute with the instant from which on a list of prices goes on as a forecast."""
MANY_ROWS: Final = 12
"""So many rows with times and numbers are meant to be a day's prices."""

_HOUR: Final = timedelta(hours=1)
_DAYS: Final = timedelta(days=2)
"""Today and tomorrow: what may be published."""
_BY_COVERAGE: Final = 6.0
"""What a list counts that covers all of today and tomorrow: more than the price of now."""
_GAPS: Final = 3.0
"""What speaks against a list that has more gaps than prices: it is some of another one."""
_ALIKE: Final = 0.01
"""Lists that say the same may have been rounded differently."""
_SAME_SHARE: Final = 0.9
"""The share of rows that say the same in two lists of the same prices: some may be newer."""
_LEVELS: Final = 6.0
"""Lists that continue each other are at one level: net and gross, not EUR and cents."""


def read_quotes(
    attributes: Mapping[str, Any],
    clock: Clock,
    shown: ShownPrice = NOTHING_SHOWN,
    proven: Proven | None = None,
) -> list[Quote]:
    """Return every price that an entity's attributes hold; nothing where they hold none.

    Args:
        attributes: What to look through, at any depth.
        clock: When that was written.
        shown: What the entity shows beside it.
        proven: What earlier readings have shown; what this one shows is added.
    """
    found = _ranked(attributes, clock, shown, proven)
    # The cheapest hours beside a list that is called a forecast do not make that a guess.
    known = [prices for prices in found if not prices.is_guess and not prices.is_some_of_a_day]
    quotes = join(known or found, shown)
    if known:
        guesses = join([prices for prices in found if prices.is_guess], shown)
        quotes += [replace(quote, estimated=True) for quote in guesses]
    elif quotes:
        quotes = _guessed(quotes, found[0], clock, shown)
    begin = clock.stamp(attributes.get(FORECAST_START_KEY))
    if isinstance(begin, datetime) and (since := clock.resolve([begin], clock.zone)[0]):
        quotes = [replace(q, estimated=q.estimated or q.start >= since) for q in quotes]
    return quotes


def read_rows(value: Any, clock: Clock) -> list[Quote]:
    """Return the prices of a list that is known to be one, such as the answer of an action."""
    found = _ranked({"prices": value}, clock, NOTHING_SHOWN)
    return join(found, NOTHING_SHOWN)


def has_price_list(attributes: Mapping[str, Any], clock: Clock) -> bool:
    """Whether an attribute is there that holds prices at other times, be it empty now."""
    return any(is_empty_list(value) for value in attributes.values()) or any(
        table.rows and find_axes(table, clock) for table in find_tables(attributes, clock)
    )


def unread_lists(attributes: Mapping[str, Any], clock: Clock, shown: ShownPrice) -> tuple[str, ...]:
    """Return the attributes whose rows look like times with numbers, and could not be read."""
    read = {found.table.path[:1] for found in find_price_lists(attributes, clock, shown)}
    unread = {
        table.path[0]
        for table in find_tables(attributes, clock)
        if table.path and table.path[:1] not in read and _looks_like_prices(table, clock)
    }
    return tuple(sorted(unread))


def _looks_like_prices(table: Table, clock: Clock) -> bool:
    return len(table.rows) >= MANY_ROWS and any(
        number_with_unit(cell) is not None
        for axis in find_axes(table, clock)[:1]
        for key, cell in table.rows[0].items()
        if key not in axis.columns
    )


def _ranked(
    attributes: Mapping[str, Any], clock: Clock, shown: ShownPrice, proven: Proven | None = None
) -> list[PriceList]:
    """Return the lists that may be prices, the best first."""
    found = find_price_lists(attributes, clock, shown, proven)
    return sorted(_united(found, clock, shown), key=lambda candidate: -candidate.score)


def _united(found: Sequence[PriceList], clock: Clock, shown: ShownPrice) -> list[PriceList]:
    """Make one of the parts of a list: the same rows under today's and tomorrow's name."""
    parts: dict[Any, list[PriceList]] = {}
    for candidate in found:
        parts.setdefault((candidate.name, candidate.shape), []).append(candidate)
    united = []
    for group in parts.values():
        first = max(group, key=lambda candidate: candidate.score)
        quotes = first.quotes
        for other in group:
            if other is not first and _agree(quotes, other.quotes, shown):
                quotes = _merged(quotes, other.quotes)
            elif other is not first:
                united.append(_rated(other, clock))
        united.append(_rated(replace(first, quotes=quotes), clock))
    return united


def _rated(candidate: PriceList, clock: Clock) -> PriceList:
    """Count how much of today and tomorrow a list covers, and its gaps."""
    start = clock.instant(clock.day(0))
    end = start + _DAYS
    covered = gaps = timedelta(0)
    for quote in candidate.quotes:
        covered += max(min(quote.end, end) - max(quote.start, start), timedelta(0))
    for one, two in pairwise(candidate.quotes):
        gaps += max(two.start - one.end, timedelta(0))
    score = candidate.score + _BY_COVERAGE * min(covered / _DAYS, 1.0)
    return replace(candidate, score=score - (_GAPS if gaps > covered / 2 else 0))


def join(found: Sequence[PriceList], shown: ShownPrice) -> list[Quote]:
    """Return the best list, continued by those that agree with it and go on where it ends."""
    if not found:
        return []
    best = found[0]
    joined = best.quotes
    for other in found[1:]:
        if other.is_some_of_a_day or other.table is best.table:
            continue
        if other.has_times is best.has_times and continues(joined, other.quotes, shown):
            joined = _merged(joined, other.quotes)
    return list(joined)


def continues(joined: Sequence[Quote], more: Sequence[Quote], shown: ShownPrice) -> bool:
    """Whether a list goes on where another one ends, and says the same where both speak."""
    if not joined:
        return False
    last = max(quote.end for quote in joined)
    first = min(quote.start for quote in joined)
    new = [quote for quote in more if quote.start >= last or quote.end <= first]
    if not new or not _agree(joined, more, shown):
        return False
    if min(abs(new[0].start - last), abs(first - new[-1].end)) > _HOUR:
        return False
    one, two = (median(abs(_price(quote, shown)) for quote in quotes) for quotes in (joined, new))
    return not one or not two or 1 / _LEVELS <= two / one <= _LEVELS


def overlap(some: Sequence[Quote], others: Sequence[Quote]) -> bool:
    """Whether two lists, in order of time, speak of the same time anywhere."""
    return bool(some and others) and (
        some[0].start < others[-1].end and others[0].start < some[-1].end
    )


def _price(quote: Quote, shown: ShownPrice) -> float:
    return quote.value * (shown.per_kwh if quote.per_kwh is None else quote.per_kwh)


def _agree(some: Sequence[Quote], others: Sequence[Quote], shown: ShownPrice) -> bool:
    """Whether two lists say the same of the time that both know."""
    starts = [quote.start for quote in some]
    same = both = 0
    for quote in others:
        index = bisect_right(starts, quote.start) - 1
        if index < 0 or some[index].end <= quote.start:
            continue
        both += 1
        same += math.isclose(
            _price(some[index], shown), _price(quote, shown), rel_tol=_ALIKE, abs_tol=1e-4
        )
    return same >= _SAME_SHARE * both


def _merged(some: Iterable[Quote], more: Iterable[Quote]) -> tuple[Quote, ...]:
    return tuple(sorted([*some, *more], key=lambda quote: quote.start))


def _guessed(quotes: list[Quote], best: PriceList, clock: Clock, shown: ShownPrice) -> list[Quote]:
    """Mark what is no price yet in a list that is called a forecast, and is all there is.

    Suppliers call the prices of a day ahead a forecast as well. Those end with a day; what goes on
    beyond tomorrow, or rolls on from now, is none of them.
    """
    if not best.is_guess:
        return quotes
    words = {word for key in best.table.keys for word in words_of(key)}
    tomorrow_ends = clock.instant(clock.day(2)) + _HOUR
    rolls = not words.isdisjoint(GUESSED_ROW)
    return [
        replace(
            quote,
            estimated=(quote.estimated or rolls or quote.start >= tomorrow_ends)
            # What runs is no estimate, if it is shown.
            and not (quote.start <= clock.now < quote.end and shown.is_price(_price(quote, shown))),
        )
        for quote in quotes
    ]
