"""Whether a charger gives its car no more than it says that it allows. Plain Python."""

from datetime import datetime, timedelta
from typing import Final

from .yielding import is_above

_PATIENCE: Final = timedelta(seconds=60)
"""Meters lag, cars need seconds to slow down; a fuse carries a third more for about a minute."""


class Obedience:
    """Compares what a charger shows to allow with what its own meter measures."""

    def __init__(self) -> None:
        """Believe the charger."""
        self.exceeds_since: datetime | None = None
        """Since when more than allowed is measured; None where it is not."""

    def note(self, now: datetime, *, allowed_kw: float, drawn_kw: float) -> None:
        """Take up a measurement of after the last command."""
        if not is_above(drawn_kw, allowed_kw):
            self.exceeds_since = None
        elif self.exceeds_since is None:
            self.exceeds_since = now

    def begin(self) -> None:
        """Believe it again, as when a command has just been sent."""
        self.exceeds_since = None

    def is_broken(self, now: datetime) -> bool:
        """Return whether more than allowed is drawn, for so long that it is no delay."""
        return self.exceeds_since is not None and now - self.exceeds_since >= _PATIENCE
