"""A sensor that repeats one value while cars charge: its gateway goes on, its meter does not."""

from datetime import datetime, timedelta
from typing import Final

from .habit import MAX_SILENCE, MeterHabit

_CHANGES: Final = 20
"""After so many changes it is known for how long a sensor usually shows the same."""
_REPEATS: Final = 5
"""Fewer may be chance; of a current in tenths of an ampere, for one."""
_FACTOR: Final = 3
"""So many times as long as ever is no chance."""
_FORGOTTEN: Final = 1 / 5000
"""Of how long it has shown the same, with each change: half in three hours of one each 3 s."""
_LIVELY_KW: Final = 1.0
"""What a car draws at this wavers by some watts with each report."""


class Standstill:
    """Whether a sensor has stood still; kept apart from whether it reports at all.

    A coarse sensor shows the same for long. How long is learned, whatever is drawn; what is called
    a standstill and ends is taken for half a habit, so that it is called one seldom.
    """

    def __init__(self, habit: MeterHabit) -> None:
        """Know of no report yet; ``habit`` keeps for how long it usually shows the same."""
        self._habit = habit
        self._since: datetime | None = None
        self._last: datetime | None = None
        self._repeats = 0
        self._changes = 0
        self._found = False

    def note(self, at: datetime, *, repeated: bool) -> None:
        """Take up a report; ``repeated`` where it shows the same as the one before."""
        if repeated and self._since is not None:
            self._last = at
            self._repeats += 1
            return
        self._learn()
        self._since = self._last = at
        self._repeats, self._found = 0, False
        self._changes += 1

    @property
    def _lasted_s(self) -> float:
        """For how long it has shown the same, as far as it has reported."""
        if self._since is None or self._last is None:
            return 0.0
        return (self._last - self._since).total_seconds()

    def _learn(self) -> None:
        habit = self._habit
        lasted_s = self._lasted_s
        if self._found:
            lasted_s = min(lasted_s, 2 * max(habit.unchanged_s, MAX_SILENCE.total_seconds()))
        habit.unchanged_s = max(lasted_s, (1 - _FORGOTTEN) * habit.unchanged_s)

    def observe(self, drawn_kw: float) -> None:
        """Find out whether it stands still; ``drawn_kw`` is what cars draw behind it."""
        silence = self._habit.longest_silence
        if silence is None or self._changes < _CHANGES or self._repeats < _REPEATS:
            return
        lasted = timedelta(seconds=self._lasted_s)
        usual = timedelta(seconds=self._habit.unchanged_s)
        if drawn_kw > _LIVELY_KW and lasted > max(silence, _FACTOR * usual):
            self._found = True

    @property
    def found(self) -> bool:
        """Whether it stands still, until it shows something else."""
        return self._found
