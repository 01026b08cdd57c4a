"""Whether a car takes no more, where the charger's status says so."""

from datetime import datetime, timedelta
from typing import Final

# A car that was allowed power again begins within this, if it wants any.
_WAKES_WITHIN: Final = timedelta(minutes=5)


class Finish:
    """How long a car has had the chance to draw, so that it can be said to take no more.

    Many chargers say the same when they stopped the car themselves, as OCPP's Finishing and
    SuspendedEV at 0 A: that says nothing of what the car would take.
    """

    def __init__(self) -> None:
        """Know of no chance yet."""
        self._since: datetime | None = None
        self._drew = False

    def is_credible(self, now: datetime) -> bool:
        """Return whether a car that draws nothing would draw if it wanted to."""
        if self._since is None:
            return False
        return self._drew or now - self._since >= _WAKES_WITHIN

    def note(self, now: datetime, *, allowed: bool, drawing: bool) -> None:
        """Take up whether the car may draw, by all commands, and whether it does."""
        if not allowed:
            self._since, self._drew = None, False
            return
        self._since = self._since or now
        self._drew = self._drew or drawing
