"""How often a charge point is written: the memory of some wears out by that.

Less is always written at once. So that it stays at a dozen profiles an hour however the house load
swings, more has to wait once there were many, and less is then written with something in reserve.
"""

from datetime import datetime, timedelta
from typing import Final

from .charging_profile import Wiring
from .following import SentProfile

_HOUR: Final = timedelta(hours=1)
# Two thirds of a dozen: what is left is for decreases.
_MANY: Final = 8
# Two more, each with a reserve; the last two are for the min current and for nothing.
_VERY_MANY: Final = 10
_RESERVE_A: Final = 2.0
"""So much a house swings that has swung eight times in an hour already."""
# Chargers that make room for each other are each written twice; plans that change all the time
# must not write all the time.
_HURRIES: Final = 4
# Three planning cycles: then what changes later waits for the next one as usual.
_HURRY_WITHIN: Final = timedelta(minutes=15)


class Wear:
    """When a connector was written within the last hour, and what follows from that."""

    def __init__(self) -> None:
        """Begin with a charge point that was not written."""
        self._written: list[datetime] = []

    def note(self, at: datetime) -> None:
        """Note that it is written."""
        self._written.append(at)

    def withdraw(self, at: datetime) -> None:
        """Note that it never got there."""
        self._written.remove(at)

    def _count(self, now: datetime) -> int:
        self._written = [at for at in self._written if now - at < _HOUR]
        return len(self._written)

    def many(self, now: datetime, *, pauses: bool = False) -> bool:
        """Return whether it was written so often that more has to wait.

        Args:
            now: The present.
            pauses: Its car gets nothing, so that it would wait for most of an hour.
        """
        return self._count(now) >= (_VERY_MANY if pauses else _MANY)

    def may_hurry(self, now: datetime) -> bool:
        """Return whether it was not written so often lately that what comes later can wait."""
        lately = sum(now - at < _HURRY_WITHIN for at in self._written)
        return lately < _HURRIES and self._count(now) < _VERY_MANY

    def spared_kw(
        self, cap_kw: float | None, sent: SentProfile | None, wiring: Wiring, now: datetime
    ) -> float | None:
        """Return a cap for the present that will not have to be lowered again soon.

        Args:
            cap_kw: What the connection leaves; None where that is not known.
            sent: What the charge point was sent last.
            wiring: How the car is connected.
            now: The present.
        """
        count = self._count(now)
        if cap_kw is None or sent is None or count < _MANY:
            return cap_kw
        per_ampere = wiring.voltage * wiring.phases / 1000
        cap_a = cap_kw / per_ampere
        if cap_a >= sent.allowed_a(now) or cap_a < wiring.min_a:
            return cap_kw
        reserve_a = _RESERVE_A if count < _VERY_MANY else cap_a
        return max(wiring.min_a, cap_a - reserve_a) * per_ampere
