"""The tariffs on the highest power that are known, by country."""

from datetime import date
from typing import Final

from . import rows_be, rows_elsewhere, rows_no, rows_se
from .preset import PeakPreset

ROWS: Final = (*rows_be.ROWS, *rows_no.ROWS, *rows_se.ROWS, *rows_elsewhere.ROWS)


def preset_of(preset_id: str, day: date) -> PeakPreset | None:
    """Return what holds on a day: the last that has begun, else the first; None where unknown."""
    rows = sorted((row for row in ROWS if row.id == preset_id), key=lambda row: row.valid_from)
    begun = [row for row in rows if row.valid_from <= day]
    return begun[-1] if begun else next(iter(rows), None)


def preset_names(country: str | None = None) -> dict[str, str]:
    """Return the names of all, by id, in order: those of a country first."""
    names = {row.id: row.name for row in ROWS}
    own = f"{country} "
    in_order = sorted(
        names.items(), key=lambda item: (not item[1].startswith(own), item[1].casefold())
    )
    return dict(in_order)
