"""Which phases a car draws from that uses fewer than its charger has. Plain Python."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from ..scheduler.model import Phase

_CERTAIN_AFTER: Final = 3
"""Reports: meters of house and charger are apart in time."""
_LASTS: Final = timedelta(minutes=4)
"""A kettle is done by then, which looks like a car at its minimum."""
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
        self._since: datetime | None = None

    def forget(self) -> None:
        """Begin anew: it contradicts what was seen before, or another car has come."""
        self.phases, self._left, self._reports, self._since = (), frozenset(), 0, None

    def note(self, drawn_kw: float, used: int, carried_kw: Mapping[Phase, float]) -> None:
        """Take up what phases carry in all.

        Args:
            drawn_kw: What the car draws, measured at the same time.
            used: From how many phases.
            carried_kw: What each of those carries that its charger is connected to.
        """
        of_each_kw = drawn_kw / used
        if of_each_kw >= _CLEAR_KW:
            self._rule_out(of_each_kw, used, carried_kw)
            self._conclude(used)

    def note_unmeasured(
        self, now: datetime, min_kw: float, carried_kw: Mapping[Phase, float]
    ) -> None:
        """Take up the same of a car that uses one phase while nothing measures what it draws.

        Its minimum may be little beside what the house does, and its charger may say that it
        charges when it does not: so what is seen has to last.

        Args:
            now: The present.
            min_kw: The minimum that it draws.
            carried_kw: What each phase carries.
        """
        before = self._left
        self._rule_out(min_kw, 1, carried_kw)
        if self._left != before or self._since is None:
            self._since = now
        if now - self._since >= _LASTS or self._left != frozenset(self.phases):
            self._conclude(1, lasted=now - self._since >= _LASTS)

    def _rule_out(self, of_each_kw: float, used: int, carried_kw: Mapping[Phase, float]) -> None:
        """Rule out phases that carry less than each of the car's own."""
        can_be = {phase for phase, kw in carried_kw.items() if kw >= _TOLERANCE * of_each_kw}
        left = (self._left or frozenset(carried_kw)) & can_be
        if len(left) < used:
            self.forget()
            return
        self._reports = self._reports + 1 if left == self._left else 1
        self._left = left

    def _conclude(self, used: int, *, lasted: bool = True) -> None:
        """Know the phases that are left, if these are no more than it uses."""
        certain = lasted and len(self._left) == used and self._reports >= _CERTAIN_AFTER
        self.phases = tuple(sorted(self._left)) if certain else ()
