"""Finds what may be a list of prices: rows of cells, wherever and however a source keeps them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
import json
import re
from typing import Any, Final

from .moments import Clock, ClockTime
from .quotes import number_with_unit
from .text_rows import is_line, rows_in_text
from .words import words_of

VALUE: Final = "value"
"""The column of what stands alone: in a list of numbers, or under a time as its key."""
KEY: Final = "key"
"""The column of what was the key of a mapping."""

_MAX_DEPTH: Final = 8
"""How deep lists are looked for: an answer of a server kept as it is has its homes, days and hours
some steps below where it begins, with one to spare."""
_MAX_CELLS: Final = 12
"""Rows that are lists: a time or two and some figures. Longer ones are something else."""
_MIN_TIMES: Final = 3
"""Keys that look like times of day, from which on they are: one or two may be anything else."""
_MIN_HOURS: Final = 23
"""Keys that end with a plain number, from which on they are the hours of a day."""

# "price_00h", "price_next_day_02h_d" (the second one as summer time ends), "02:15", "hour_7"
_CLOCK_KEY = re.compile(
    r"(?P<stem>.*?)(?P<hour>[01]?\d|2[0-4])"
    r"(?P<mark>[:h](?P<minute>[0-5]\d)?(?::00)?)?(?P<turn>_[12d])?"
)


@dataclass(frozen=True)
class Table:
    """Rows of cells that stand together.

    Attributes:
        path: The keys that lead there.
        rows: The cells of each row by their keys, without any nesting.
        beside: What stands beside the rows: a unit, a date.
    """

    path: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]
    beside: Mapping[str, Any] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all rows, in the order in which they first appear."""
        return tuple(dict.fromkeys(key for row in self.rows for key in row))

    @property
    def words(self) -> frozenset[str]:
        """The words that the table goes by."""
        return frozenset(word for key in self.path for word in words_of(key))


def find_tables(
    value: Any,
    clock: Clock,
    path: tuple[str, ...] = (),
    beside: Mapping[str, Any] | None = None,
) -> Iterator[Table]:
    """Yield every table in a value: in mappings and lists, and in texts that hold some."""
    beside = beside or {}
    value = decoded(value)
    if len(path) > _MAX_DEPTH:
        return
    if isinstance(value, Mapping):
        yield from _times_as_keys(value, clock, path, beside)
        yield from _lists_side_by_side(value, clock, path)
        scalars = {key: part for key, part in value.items() if _is_scalar(part)}
        for key, part in value.items():
            yield from find_tables(part, clock, (*path, str(key)), {**beside, **scalars})
    elif is_list(value):
        yield from _list(value, clock, path, beside)


def is_empty_list(value: Any) -> bool:
    """Whether something may hold rows later on, but has none now."""
    return (is_list(value) or isinstance(value, Mapping)) and not value


def _list(
    items: Sequence[Any], clock: Clock, path: tuple[str, ...], beside: Mapping[str, Any]
) -> Iterator[Table]:
    mappings = [item for item in items if isinstance(item, Mapping)]
    if mappings:
        yield Table(path, tuple(flat(item) for item in mappings), beside)
        for index, item in enumerate(mappings):
            scalars = {key: part for key, part in item.items() if _is_scalar(part)}
            for key, part in item.items():
                if not _is_scalar(part):
                    where = (*path, str(index), str(key))
                    yield from find_tables(part, clock, where, {**beside, **scalars})
        return
    lists = [
        item
        for item in items
        if is_list(item) and 1 < len(item) <= _MAX_CELLS and all(map(_is_scalar, item))
    ]
    if lists:
        yield Table(
            path,
            tuple({str(index): cell for index, cell in enumerate(item)} for item in lists),
            beside,
        )
    elif items and all(item is None or number_with_unit(item) is not None for item in items):
        yield Table(path, tuple({VALUE: item} for item in items), beside)
    elif items and all(map(is_line, items)) and (rows := rows_in_text("\n".join(items))):
        yield Table(path, tuple(flat(row) for row in rows), beside)


def _times_as_keys(
    value: Mapping[Any, Any], clock: Clock, path: tuple[str, ...], beside: Mapping[str, Any]
) -> Iterator[Table]:
    """Yield the rows of a mapping whose keys are times: by the calendar, or of a day."""
    dated = [key for key in value if not isinstance(clock.stamp(key), ClockTime | None)]
    rows = tuple({KEY: key, **flat(value[key])} for key in dated if _is_row(value[key]))
    if rows:
        yield Table(path, rows, beside)
    stems: dict[str, list[tuple[re.Match[str], Any]]] = {}
    # Hours from and to, as in 08-09
    hours: list[dict[str, Any]] = []
    for key, part in value.items():
        if key in dated or not _is_row(part):
            continue
        match = _CLOCK_KEY.fullmatch(str(key))
        if match is not None and not match["stem"][:1].isdigit():
            stems.setdefault(match["stem"], []).append((match, part))
        elif clock.stamp(key) is not None:
            hours.append({KEY: key, **flat(part)})
    if len(hours) >= _MIN_TIMES:
        yield Table(path, tuple(hours), beside)
    for stem, found in stems.items():
        if len(found) >= (_MIN_TIMES if all(match["mark"] for match, _ in found) else _MIN_HOURS):
            yield Table(
                (*path, stem),
                tuple({KEY: _clock_text(match), **flat(part)} for match, part in found),
                beside,
            )


def _clock_text(match: re.Match[str]) -> str:
    turn = {"_1": "_1", "_2": "_2", "_d": "_2"}.get(match["turn"] or "", "")
    return f"{match['hour']}:{match['minute'] or '00'}{turn}"


def _lists_side_by_side(
    value: Mapping[Any, Any], clock: Clock, path: tuple[str, ...]
) -> Iterator[Table]:
    """Yield the rows that lists of the same length make, where one of them has times."""
    lengths: dict[int, dict[str, Sequence[Any]]] = {}
    for key, part in value.items():
        part = decoded(part)  # noqa: PLW2901
        if is_list(part) and len(part) > 1 and all(_is_scalar(item) for item in part):
            lengths.setdefault(len(part), {})[str(key)] = part
    for columns in lengths.values():
        if any(clock.stamp(column[0]) is not None for column in columns.values()):
            scalars = {key: part for key, part in value.items() if _is_scalar(part)}
            rows = zip(*columns.values(), strict=True)
            yield Table(path, tuple(dict(zip(columns, row, strict=True)) for row in rows), scalars)


def decoded(value: Any) -> Any:
    """Return what a text holds as JSON or as rows of cells; anything else as it is."""
    if not isinstance(value, str):
        return value
    if value.lstrip()[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return rows_in_text(value) or value


def flat(row: Any) -> dict[str, Any]:
    """Return the cells of a row, those in mappings within it included."""
    if not isinstance(row, Mapping):
        return {VALUE: row}
    cells: dict[str, Any] = {}
    for key, part in row.items():
        if isinstance(part, Mapping):
            cells |= {f"{key} {inner}": cell for inner, cell in flat(part).items()}
        elif _is_scalar(part):
            cells[str(key)] = part
    return cells


def _is_row(value: Any) -> bool:
    """Whether something may be the row of a time: a figure, or a mapping with some."""
    if isinstance(value, Mapping):
        return any(number_with_unit(cell) is not None for cell in flat(value).values())
    return number_with_unit(value) is not None


def is_list(value: Any) -> bool:
    """Whether something is a list, and no text."""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _is_scalar(value: Any) -> bool:
    return not isinstance(value, Mapping) and not is_list(value)
