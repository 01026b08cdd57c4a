"""The last command to a charger, and how far its power may still differ from that."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from ..truth.yielding import Yielding

SLOW_METER: Final = timedelta(seconds=60)
"""Chargers' meters report each minute or more often; others do not follow what happens."""
# Limits are rounded to what chargers take.
_SAME_KW: Final = 0.05


class Commanded:
    """The last command to a charger, as far as its power is estimated from it."""

    def __init__(self, settle: timedelta, by_itself_kw: Callable[[], float | None]) -> None:
        """Know of no command yet.

        Args:
            settle: How long a command may take to show at the meters.
            by_itself_kw: Returns what the charger may allow a car without a command; None
                where that is nothing.
        """
        self.refuses = False
        """It was sent its limit again and again, or answered that it does not accept it."""
        self._settle = settle
        self._by_itself_kw = by_itself_kw
        self._at: datetime | None = None
        self._max_kw = 0.0
        self._commanded_kw: float | None = None
        self.given_kw = 0.0
        """The most it was commanded to give back, now and by the command before."""
        self.raises = False
        """The last command was for more than the one before."""
        self._gives_kw = 0.0
        self._yielding = Yielding()

    def begin(self, now: datetime) -> None:
        """A car has come, which may begin by itself, by what was sent for the next car."""
        self.forget()
        if self._by_itself_kw() is not None:
            self._at, self._max_kw = now, 0.0

    def note(
        self, now: datetime, limit_kw: float, drawn_kw: float, *, gives_kw: float = 0.0
    ) -> None:
        """Remember the command, and until when the charger may still follow the one before."""
        self.given_kw, self._gives_kw = max(self._gives_kw, gives_kw), gives_kw
        before_kw = drawn_kw if self._commanded_kw is None else self._commanded_kw
        self.raises = limit_kw > before_kw + _SAME_KW
        self._at, self._max_kw, self._commanded_kw = now, max(limit_kw, drawn_kw), limit_kw
        self._yielding.note_command(now, limit_kw, drawn_kw)

    def compare(self, measured_at: datetime | None, drawn_kw: float) -> None:
        """Take up what its own meter shows."""
        self._yielding.note(measured_at, drawn_kw)

    def confirm(self, drawn_kw: float) -> None:
        """No longer assume its power from before: its own meter shows that it has followed.

        What it is thought to draw hides as much of what the house takes.
        """
        if self._commanded_kw is not None:
            self._max_kw = max(self._commanded_kw, drawn_kw)

    def forget(self) -> None:
        """Forget the last command: it is controlled in another way from now on."""
        self._commanded_kw = None
        self.given_kw = self._gives_kw = 0.0
        self._yielding = Yielding()

    def is_below(self, limit_kw: float) -> bool:
        """Return whether it was commanded less than a limit."""
        return self._commanded_kw is not None and self._commanded_kw < limit_kw - _SAME_KW

    def is_seen_by(self, measured_at: datetime | None) -> bool:
        """Return whether a measurement is of after the last command has had time to show."""
        if measured_at is None:
            return False
        return self._at is None or measured_at - self._at >= self._settle

    def is_kept(self, measured_at: datetime, drawn_kw: float) -> bool:
        """Return whether its own meter shows, since the command, no more than was commanded."""
        if self._at is None or self._commanded_kw is None:
            return False
        return measured_at > self._at and drawn_kw <= self._commanded_kw + _SAME_KW

    def settling(self, now: datetime) -> bool:
        """Return whether a command may still be on its way to car and meters."""
        return self._at is not None and now - self._at < self._settle

    def awaited_kw(self, now: datetime, measured_at: datetime | None) -> float | None:
        """Return what was commanded where a meter that reports each minute has not shown it yet.

        What it shows of before would look like a house that takes what the car does.
        """
        if self._at is None or measured_at is None or self.is_seen_by(measured_at):
            return None
        return self._commanded_kw if now - self._at < self._settle + SLOW_METER else None

    def attributed_kw(self, drawn_kw: float) -> float:
        """Return the max power that it may draw while a command is on its way.

        Args:
            drawn_kw: What it draws by its own meter.
        """
        return max(drawn_kw, self._max_kw, self._by_itself_kw() or 0.0)

    def excess_kw(self, now: datetime, drawn_kw: float, limit_kw: float) -> float:
        """Return what the car may draw beyond the commanded limit.

        Args:
            now: The present.
            drawn_kw: What it draws by its own meter.
            limit_kw: What it may draw by what stands in the charger.
        """
        if self._commanded_kw is None:
            return 0.0
        if self.refuses:
            return max(0.0, drawn_kw - self._commanded_kw, limit_kw - self._commanded_kw)
        if self.settling(now) and not self._yielding.fails:
            return 0.0
        # It cannot stop, or gives the car more than commanded.
        return max(0.0, drawn_kw - self._commanded_kw)

    @property
    def in_vain(self) -> bool:
        """Whether it was commanded, and does not do it: others have to make room for it."""
        return self.refuses or self._yielding.fails
