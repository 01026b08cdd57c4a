"""Whether a charger gives way when it is commanded less, by its own meter. Plain Python."""

from datetime import datetime, timedelta
from typing import Final

_TIME_TO_YIELD: Final = timedelta(seconds=15)
"""Clouds and cars take some seconds. With a meter that reports each ten seconds, and others that
give way instead, more than a fuse carries is drawn for half a minute at most."""
_TOLERANCE_KW: Final = 0.5
"""Chargers' meters and limits are never quite the same: 2 A on one phase."""
_TOLERANCE: Final = 0.1
"""The same for high powers, as a part of the limit: at 11 kW voltage alone makes 10 %."""


def is_above(drawn_kw: float, limit_kw: float) -> bool:
    """Return whether more is drawn than a limit and its meter can explain."""
    return drawn_kw > limit_kw + max(_TOLERANCE_KW, _TOLERANCE * limit_kw)


class Yielding:
    """Compares what a charger was commanded with what its own meter measures afterwards.

    Lower commands that follow do not begin the time anew: one that gives way to none of them would
    be waited for again and again.
    """

    def __init__(self) -> None:
        """Know of no command yet."""
        self._commanded_at: datetime | None = None
        self._commanded_kw: float | None = None
        self._above_since: datetime | None = None
        self._above_at: datetime | None = None

    def note_command(self, now: datetime, limit_kw: float, drawn_kw: float) -> None:
        """Take up a command, and what is drawn before it has any effect."""
        self._commanded_at, self._commanded_kw = now, limit_kw
        if not self._is_above(drawn_kw):
            self._above_since = self._above_at = None
        elif self._above_since is None:
            self._above_since, self._above_at = now, None

    def note(self, measured_at: datetime | None, drawn_kw: float) -> None:
        """Take up a measurement; one of before the last command says nothing of it."""
        if self._commanded_at is None or measured_at is None or measured_at <= self._commanded_at:
            return
        if not self._is_above(drawn_kw):
            self._above_since = self._above_at = None
            return
        self._above_since = self._above_since or measured_at
        self._above_at = measured_at

    @property
    def fails(self) -> bool:
        """Whether it has gone on drawing more than commanded for longer than that takes."""
        if self._above_since is None or self._above_at is None:
            return False
        return self._above_at - self._above_since >= _TIME_TO_YIELD

    def _is_above(self, drawn_kw: float) -> bool:
        return is_above(drawn_kw, self._commanded_kw or 0.0)
