"""Finds the lists that may be an entity's prices, each read in the likeliest way.

The score of each is what speaks for it: that the row of now is the price that is shown, that its
days are whole, that its figures are what electricity costs, and, least of all, its names.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain
import math
from typing import Any, Final

from .axes import Axis, day_of, find_axes
from .figures import Figures, ShownPrice, evidence, find_figures, is_listed, is_plausible, scaled
from .moments import Clock
from .quotes import Quote
from .tables import Table, find_tables
from .words import EXPORT, GUESS, KIND, LIST_OF_PRICES, NO_LIST_OF_PRICES, SOME_OF_THE_DAY, words_of

_LAG: Final = timedelta(minutes=2)
"""A state may still be of the slot before for so long."""
_IMPLAUSIBLE: Final = 6.0
"""What speaks against figures that electricity does not cost: more than any name."""
_LISTED: Final = 2.0
"""What it counts that some row of a list, if not that of now, is what is shown."""
_FROM_END: Final = 1.5
"""What shows that rows are named by their end counts less: it may be a sensor of the next hour."""
_NO_TIMES: Final = 4.0
"""What speaks against rows without times where others have some."""
_NAMED_PRICES: Final = 0.5
"""A name is a hint only: it decides between equals."""
_EXPORTED: Final = 2.0
"""What it counts that both the entity and a list are called exports."""
_SOME: Final = 4.0
"""What speaks against a list of a day's cheapest hours: it is not all there is."""
_OTHER: Final = 6.0
"""What speaks against a list of something else than electricity prices, such as gas."""
_YESTERDAY: Final = -1
_MAX_KINDS: Final = 6
"""Kinds of rows in one list: what is bought and sold, by tariff."""
_CERTAIN: Final = 2.5
"""So much the price of now has to say for what nothing else speaks for."""
_NEEDS_PROOF: Final = -5.0
"""Nothing but the price of now speaks for what weighs less."""
_PROVEN: Final = 4.0
"""What it counts that the price of an earlier moment has shown when rows of a shape count: more
than whole days, no more than the price of now."""
_PROVEN_KEY: Final = 2.0
"""What it counts that it has shown which figure is the price: more than most names."""


@dataclass(frozen=True)
class Proof:
    """How the price of some moment has shown that rows are to be read.

    Attributes:
        mode: When they count.
        key: Which of their figures is the price.
        per_kwh: What turns that into money per kWh; None where units say so.
    """

    mode: tuple[bool, bool, int]
    key: str
    per_kwh: float | None = None


type Proven = dict[frozenset[str], Proof]
"""How rows of a shape were shown to be meant."""


@dataclass(frozen=True)
class PriceList:
    """A list that may be the prices.

    Attributes:
        table: Where it was found.
        key: Its column of prices.
        quotes: What it says, in order of time.
        score: How much speaks for it.
        has_times: Its rows say when they count; else their place in the list does.
    """

    table: Table
    key: str
    quotes: tuple[Quote, ...]
    score: float
    has_times: bool

    @property
    def name(self) -> tuple[str, ...]:
        """Its path without what names the day: parts of one list have the same."""
        words = chain.from_iterable(words_of(key) for key in self.table.path)
        return tuple(
            word
            for word in words
            if day_of((word,)) is None and word not in ("next", "day", "raw") and not word.isdigit()
        )

    @property
    def shape(self) -> tuple[frozenset[str], str]:
        """What its rows look like."""
        return frozenset(self.table.keys), self.key

    @property
    def is_some_of_a_day(self) -> bool:
        """Whether its name says that it is no whole list, such as a day's cheapest hours."""
        return not SOME_OF_THE_DAY.isdisjoint(self.table.words)

    @property
    def is_guess(self) -> bool:
        """Whether its name says that it is a forecast."""
        return not GUESS.isdisjoint(self.table.words)


def find_price_lists(
    attributes: Mapping[str, Any],
    clock: Clock,
    shown: ShownPrice,
    proven: Proven | None = None,
) -> list[PriceList]:
    """Return every list that may be prices."""
    shapes: dict[frozenset[str], list[Table]] = {}
    for found in find_tables(attributes, clock):
        for table in _parts(found, clock):
            if table.rows and day_of(table.words) != _YESTERDAY:
                shapes.setdefault(frozenset(table.keys), []).append(table)
    return [
        candidate
        for shape, tables in shapes.items()
        for candidate in _lists_of(shape, tables, clock, shown, {} if proven is None else proven)
    ]


def _parts(table: Table, clock: Clock) -> list[Table]:
    """Return a table, or its parts where each time is in it once for each of some kinds."""
    if not table.rows or find_axes(table, clock):
        return [table]
    for key in table.keys:
        cells = [row.get(key) for row in table.rows]
        kinds = {cell for cell in cells if isinstance(cell, str)}
        if not 1 < len(kinds) <= _MAX_KINDS or not all(isinstance(cell, str) for cell in cells):
            continue
        parts = [
            replace(
                table,
                path=(*table.path, kind),
                rows=tuple(row for row in table.rows if row.get(key) == kind),
            )
            for kind in sorted(kinds)
        ]
        if all(find_axes(part, clock) for part in parts):
            return parts
    return [table]


@dataclass(frozen=True)
class _Way:
    """A way to read rows of one shape: when they count, and which of their figures is the price."""

    mode: tuple[bool, bool, int]
    key: str
    per_kwh: float | None


@dataclass
class _Weighed:
    """What speaks for a way to read rows, over all tables of their shape."""

    weight: float = -math.inf
    proof: float = 0.0


def _lists_of(
    shape: frozenset[str],
    tables: Sequence[Table],
    clock: Clock,
    shown: ShownPrice,
    proven: Proven,
) -> Iterator[PriceList]:
    """Yield each column of rows of a shape that may be prices, in the likeliest way to read it.

    All tables of a shape are read in the same way: the one with the row of now shows it.
    """
    weighed: dict[_Way, _Weighed] = {}
    read: dict[tuple[int, _Way], tuple[Axis, Figures]] = {}
    for index, table in enumerate(tables):
        for axis in find_axes(table, clock):
            for figures in find_figures(table, axis.columns, shown):
                way = _Way(axis.mode, figures.key, figures.per_kwh)
                read[index, way] = axis, figures
                sums = weighed.setdefault(way, _Weighed())
                sums.weight = max(sums.weight, _weight(axis, figures, shown))
                sums.proof = max(sums.proof, _proof(axis, figures, clock, shown))
    best = _best_ways(shape, weighed, proven)
    for key, way in best.items():
        for index, table in enumerate(tables):
            if (index, way) not in read:
                continue
            axis, figures = read[index, way]
            right = _in_money(shape, figures, shown, proven)
            score = weighed[way].weight + weighed[way].proof + _by_name(table, shown)
            score -= _NO_TIMES * bool(axis.days)
            if axis.row_at(clock.now) is not None:
                # Of two that are about now, the other one may have proven the way.
                score += _proof(axis, figures, clock, shown) - weighed[way].proof
            score += _IMPLAUSIBLE * (right is not figures)
            if axis.row_at(clock.now) is not None and is_listed(right, shown):
                score += _LISTED
            if quotes := _quotes(table, axis, right):
                yield PriceList(table, key, quotes, score, has_times=not axis.days)


def _best_ways(
    shape: frozenset[str], weighed: Mapping[_Way, _Weighed], proven: Proven
) -> dict[str, _Way]:
    """Return the best way to read each column, and remember one that the price of now proves."""
    known = proven.get(shape)
    best: dict[str, tuple[float, _Way]] = {}
    for way, sums in weighed.items():
        total = sums.weight + sums.proof
        if known is not None:
            sums.weight += _PROVEN * (way.mode == known.mode) + _PROVEN_KEY * (way.key == known.key)
            total = sums.weight + sums.proof
        is_guess = sums.weight < _NEEDS_PROOF and sums.proof < _CERTAIN
        if not is_guess and (way.key not in best or total > best[way.key][0]):
            best[way.key] = total, way
    if best:
        _, way = max(best.values(), key=lambda item: item[0])
        others = [sums.proof for other, sums in weighed.items() if other.mode != way.mode]
        if weighed[way].proof >= _CERTAIN > max(others, default=0.0):
            proven[shape] = Proof(way.mode, way.key)
    return {key: way for key, (_, way) in best.items()}


def _in_money(
    shape: frozenset[str], figures: Figures, shown: ShownPrice, proven: Proven
) -> Figures:
    """Return figures in a unit of their own, where the price of now shows or has shown one."""
    known = proven.get(shape)
    right = scaled(figures, shown)
    if right is not figures:
        mode = (False, False, 0) if known is None else known.mode
        proven[shape] = Proof(mode, figures.key, right.per_kwh)
    elif (
        known is not None
        and known.key == figures.key
        and known.per_kwh is not None
        and not is_plausible(figures, shown)
    ):
        return replace(figures, per_kwh=known.per_kwh)
    return right


def _weight(axis: Axis, figures: Figures, shown: ShownPrice) -> float:
    return axis.weight + figures.hint - (0 if is_plausible(figures, shown) else _IMPLAUSIBLE)


def _proof(axis: Axis, figures: Figures, clock: Clock, shown: ShownPrice) -> float:
    """Return what the price of now says for a way to read rows."""
    usual = not axis.from_end and not axis.shifted
    rows = [axis.row_at(clock.now), *([axis.row_at(clock.now - _LAG)] if usual else [])]
    proof = max(evidence(figures, row, shown) for row in rows)
    return proof - _FROM_END if axis.from_end and proof >= _CERTAIN else proof


def _quotes(table: Table, axis: Axis, figures: Figures) -> tuple[Quote, ...]:
    found = [
        Quote(span[0], span[1], value, figures.per_kwh, estimated=_says_guess(row))
        for row, span, value in zip(table.rows, axis.spans, figures.values, strict=True)
        if span is not None and value is not None
    ]
    return tuple(sorted(found, key=lambda quote: quote.start))


def _says_guess(row: Mapping[str, Any]) -> bool:
    """Whether a row says of itself that it is a forecast."""
    return any(
        not GUESS.isdisjoint(words_of(key))
        if cell is True
        else isinstance(cell, str) and key.lower() in KIND and not GUESS.isdisjoint(words_of(cell))
        for key, cell in row.items()
    )


def _by_name(table: Table, shown: ShownPrice) -> float:
    """Return what the names on the way to a table say for it: a hint."""
    words = table.words
    hint = _NAMED_PRICES * bool(words & LIST_OF_PRICES)
    hint -= _SOME * bool(words & SOME_OF_THE_DAY) + _OTHER * bool(words & NO_LIST_OF_PRICES)
    if words & EXPORT:
        hint += _EXPORTED if shown.words & EXPORT else -_NAMED_PRICES
    return hint
