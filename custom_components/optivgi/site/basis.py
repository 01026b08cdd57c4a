"""What is expected of a house rests on this: part of every plan, so it knows no Home Assistant."""

from dataclasses import dataclass
from enum import StrEnum


class LoadSource(StrEnum):
    """What the expected load of the house rests on."""

    HISTORY = "history"
    """The same hours of the last weeks."""
    RECENT = "recent"
    """The average of the last two hours."""
    ASSUMED = "assumed"
    """What was entered, as nothing measures it."""


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What an outlook rests on.

    Attributes:
        load: Where the expected load comes from.
        weeks: How many weeks of history it is.
        solar: Whether a solar forecast is planned with.
        solar_error: Why one that is wanted cannot be.
    """

    load: LoadSource = LoadSource.ASSUMED
    weeks: int | None = None
    solar: bool = False
    solar_error: str | None = None
