"""What a car cannot draw, as the site's meter shows too little for that. Plain Python.

A car that uses one phase of three, at a charger that measures nothing, is thought to draw three
times what it does, and that much of what the house takes goes unseen.
"""

from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Final

_CERTAIN_AFTER: Final = timedelta(minutes=2)
"""Meters of chargers report each minute: what one shows of before is over by then."""
_REPORTS: Final = 3
"""One may be read again and again; the meter shows the same in between."""
_HARDLY: Final = 1.2
"""No converter of three phases stops at less than this part of the minimum of 6 A."""
_TOLERANCE: Final = 1.08
"""Meters and voltages differ by so much."""


class DrawBound:
    """Watches for how long a car has been shown to draw from no more than one phase."""

    def __init__(self) -> None:
        """Know of nothing yet."""
        self._since: datetime | None = None
        self._reports: set[Hashable] = set()

    def forget(self) -> None:
        """Begin anew."""
        self._since = None
        self._reports.clear()

    def note(
        self,
        now: datetime,
        report: Hashable,
        *,
        most_kw: float,
        min_kw: float,
        allowed_kw: float,
        phases: int,
    ) -> bool:
        """Take up a bound while the car charges.

        Args:
            now: The present.
            report: What distinguishes this report of the meter from others.
            most_kw: The most it can draw: all that the meter shows beside what is known.
            min_kw: The minimum of a car that uses all phases.
            allowed_kw: What the charger allows, were it to use all phases.
            phases: How many the charger has.

        Returns:
            Whether it certainly uses one phase: more would have to draw more.
        """
        # Two phases take their part of what is allowed, and all take hardly their minimum.
        needs_kw = min(_HARDLY * min_kw, 2 * allowed_kw / phases)
        if most_kw * _TOLERANCE >= needs_kw:
            self.forget()
            return False
        self._since = self._since or now
        self._reports.add(report)
        return len(self._reports) >= _REPORTS and now - self._since >= _CERTAIN_AFTER
