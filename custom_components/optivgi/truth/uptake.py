"""Whether a car takes anything of what it may. Plain Python."""

from datetime import datetime, timedelta
from typing import Final

_NOTHING_AFTER: Final = timedelta(minutes=10)
"""A car that sleeps, or balances its battery, begins within this if it wants any."""
_NOTHING_KW: Final = 0.1
"""Chargers' own consumption, and what their meters are off."""
_SAME_KW: Final = 0.05
"""Limits that differ by less are the same."""


class Uptake:
    """What one car takes, while it is at a charger."""

    def __init__(self) -> None:
        """Know nothing of the car that has come."""
        self.nothing_since: datetime | None = None
        """Since when the car may draw and draws nothing; None where it may not, or does."""
        self.takes_nothing = False
        """The car may draw, and has drawn nothing for minutes."""

    def note(
        self, now: datetime, *, allowed_kw: float, min_kw: float, drawn_kw: float | None
    ) -> None:
        """Take up a measurement of after the last command.

        Args:
            now: The present.
            allowed_kw: What the car may draw.
            min_kw: The minimum it can charge at.
            drawn_kw: What is measured; None where nothing was since the last command.
        """
        if drawn_kw is not None and drawn_kw > _NOTHING_KW:
            self.ask_again()
        elif allowed_kw < min_kw - _SAME_KW:
            self.nothing_since = None
        elif self.nothing_since is None:
            self.nothing_since = now
        elif drawn_kw is not None and now - self.nothing_since >= _NOTHING_AFTER:
            self.takes_nothing = True

    def ask_again(self) -> None:
        """Give the car another chance: a person wants that, or its state of charge has changed."""
        self.nothing_since, self.takes_nothing = None, False
