"""Which phases a car draws from that uses fewer than its charger has. Plain Python."""

from collections.abc import Mapping
from typing import Final

from ..scheduler.model import Phase

_CERTAIN_AFTER: Final = 3
"""Reports: meters of house and charger are apart in time."""
_TOLERANCE: Final = 0.9
"""Meters and voltages differ by so much."""
_CLEAR_KW: Final = 1.0
"""Less than this may be anything."""


class PhaseUse:
    """Rules out phases that carry less than the car draws from each of its own.

    The sun may hide what a car draws: then all are ruled out in the end, and it begins anew.
    """

    def __init__(self, known: Phase | None = None) -> None:
        """Know of nothing yet but the phase that cars drew from there before which use one."""
        self.phases: tuple[Phase, ...] = () if known is None else (known,)
        """Those it draws from; empty while that is not known."""
        self._left = frozenset(self.phases)
        self._reports = 0 if known is None else _CERTAIN_AFTER

    def forget(self) -> None:
        """Begin anew: it contradicts what was seen before, or another car has come."""
        self.phases, self._left, self._reports = (), frozenset(), 0

    def note(self, drawn_kw: float, used: int, carried_kw: Mapping[Phase, float]) -> None:
        """Take up what phases carry in all.

        Args:
            drawn_kw: What the car draws, measured at the same time.
            used: From how many phases.
            carried_kw: What each of those carries that its charger is connected to.
        """
        of_each_kw = drawn_kw / used
        if of_each_kw < _CLEAR_KW:
            return
        can_be = {phase for phase, kw in carried_kw.items() if kw >= _TOLERANCE * of_each_kw}
        left = (self._left or frozenset(carried_kw)) & can_be
        if len(left) < used:
            self.forget()
            return
        self._reports = self._reports + 1 if left == self._left else 1
        self._left = left
        certain = len(left) == used and self._reports >= _CERTAIN_AFTER
        self.phases = tuple(sorted(left)) if certain else ()
