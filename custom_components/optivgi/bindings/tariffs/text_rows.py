"""Lists that are written as plain text: CSV, a line for each time, or numbers in one line.

Which cell is a time and which one the price is not decided here: the rows go the way of all others.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
import csv
import re
from typing import Final

DELIMITERS: Final = ("\t", ";", "|", ",")
"""What stands between cells, the clearest first: commas are decimal marks as well."""
_MIN_IN_LINE: Final = 12
"""So many figures in one line are a list; fewer may be coordinates, a version or a colour."""
_MOST: Final = 0.6
"""The share of lines that have as many cells as a row: titles and notes stand between them."""
_MAX_INTEGER_DIGITS: Final = 4
"""A longer number before a comma is no part of a price: seconds since 1970, a date."""
_HOUR: Final = "hour"
_HOURS_OF_A_DAY: Final = (tuple(range(24)), tuple(range(1, 25)))

_FIGURE = re.compile(r"\s*[-+]?\d")
_INTEGER = re.compile(rf"[-+]?\d{{1,{_MAX_INTEGER_DIGITS}}}")
_FRACTION = re.compile(r"\d+")

type _Rows = list[list[str]]


def rows_in_text(text: str) -> list[dict[str, str]] | list[str] | None:
    """Return the rows that a text holds, each cell under its name or its place.

    Numbers or times in one line are a list of these. None where a text is no list.
    """
    lines = [line for line in text.lstrip("\ufeff").splitlines() if line.strip()]
    for delimiter in DELIMITERS:
        if len(lines) == 1 and lines[0].count(delimiter) + 1 >= _MIN_IN_LINE:
            cells = [cell.strip() for cell in lines[0].strip(delimiter + " ").split(delimiter)]
            return cells if all(map(_FIGURE.match, cells)) else None
        if len(lines) > 1 and (rows := _rows(lines, delimiter)):
            return rows
    return None


def is_line(value: object) -> bool:
    """Whether something in a list may be a line of a table, with more than one cell."""
    return isinstance(value, str) and any(delimiter in value for delimiter in DELIMITERS)


def _rows(lines: Sequence[str], delimiter: str) -> list[dict[str, str]]:
    """Return rows of cells; nothing where lines are not alike."""
    if sum(delimiter in line for line in lines) < _MOST * len(lines):
        return []
    try:
        parsed = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
        found = [[cell.strip() for cell in cells] for cells in parsed]
    except csv.Error:
        return []
    header = next((cells for cells in found[:-1] if len(cells) > 1), [])
    header = [] if any(map(_FIGURE.match, header)) else header
    body = found[found.index(header) + 1 :] if header else found
    if delimiter == ",":
        body = _with_decimal_commas(body, len(header) or None)
    width, count = Counter(map(len, body)).most_common(1)[0] if body else (1, 0)
    alike = [cells for cells in body if len(cells) == width]
    if width == 1 or count < _MOST * len(body) or not any(map(_FIGURE.match, alike[0])):
        return []
    names = _names(header, width) if len(header) == width else _places(alike, width)
    return [dict(zip(names, cells, strict=True)) for cells in alike]


def _names(header: Iterable[str], width: int) -> list[str]:
    """Return the names of columns; one that is missing or there twice is its place."""
    names: list[str] = []
    for place, name in enumerate(header):
        names.append(name if name and name not in names else str(width + place))
    return names


def _places(rows: _Rows, width: int) -> list[str]:
    """Return the names of columns without any: their place, and which one counts hours."""
    hours = next((place for place in range(width) if _counts_hours(rows, place)), None)
    return [_HOUR if place == hours else str(place) for place in range(width)]


def _counts_hours(rows: _Rows, place: int) -> bool:
    cells = [row[place] for row in rows]
    return all(map(str.isdecimal, cells)) and tuple(map(int, cells)) in _HOURS_OF_A_DAY


def _with_decimal_commas(rows: _Rows, width: int | None) -> _Rows:
    """Return rows whose numbers were cut at their decimal comma with these made whole.

    With a header it is known how many cells there should be. Without one, two whole numbers at the
    end are one with a comma, unless they are an hour and a price of a day.
    """
    if width is None and all(len(row) == 2 for row in rows) and _counts_hours(rows, 0):  # noqa: PLR2004
        return rows
    return [_whole(row, width) for row in rows]


def _whole(cells: list[str], width: int | None) -> list[str]:
    whole: list[str] = []
    rest = list(cells)
    while rest:
        last = rest.pop()
        too_many = width is None or len(rest) + 1 + len(whole) > width
        if too_many and rest and _FRACTION.fullmatch(last) and _INTEGER.fullmatch(rest[-1]):
            last = f"{rest.pop()},{last}"
        whole.insert(0, last)
    return whole
