"""Which of the states of charge that a car tells are believed.

The clouds of cars now and then tell 0 or 100 %, or an old value, for some minutes. A plan that
followed would start a full car or stop an empty one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from .soc import FULL_SOC, ToldSoc

PATIENCE: Final = timedelta(minutes=15)
"""What is told for so long is believed even where it cannot be."""
TOLERANCE_SOC: Final = 5.0
"""Cars are so far off, in %, when they warm up, or correct themselves."""
_NEARLY_EMPTY_SOC: Final = 10.0


@dataclass(frozen=True, kw_only=True)
class Possible:
    """What the state of charge of a car may have become since it was last told, in %."""

    least: float = 0.0
    most: float = FULL_SOC

    def includes(self, soc: float) -> bool:
        """Tell whether a state of charge can be, give or take what cars are off."""
        return self.least - TOLERANCE_SOC <= soc <= self.most + TOLERANCE_SOC


@dataclass(kw_only=True)
class SocTrack:
    """What a car has told of its state of charge.

    Attributes:
        soc: The last one that is believed, in %; None before any is.
        at: When it was last told.
        seen: The last one told, believed or not.
        doubted_since: Since when those told are not believed; None while they are.
    """

    soc: float | None = None
    at: datetime | None = None
    seen: float | None = None
    doubted_since: datetime | None = None

    def take(self, told: ToldSoc, possible: Possible, now: datetime) -> None:
        """Believe what is told, or wait whether the car goes on to tell it.

        It is believed where it is possible, where the car moves on from there a little, or
        where it stays for a while. Exactly 0 % is what failing clouds tell: that is believed of
        a car that was nearly empty, or of which nothing else is known.
        """
        if self.at is not None and told.at < self.at:
            # Clouds mix what they have just heard with what they heard before.
            return
        if told.soc == self.seen and self.doubted_since is None:
            if told.soc == self.soc and told.is_news:
                self.at = told.at
            return
        before, self.seen = self.seen, told.soc
        if self._is_plausible(told.soc, possible) or self._is_confirmed(told.soc, before, now):
            self.soc, self.at, self.doubted_since = told.soc, told.at, None
        elif self.doubted_since is None or told.soc != before:
            self.doubted_since = now

    def _is_plausible(self, soc: float, possible: Possible) -> bool:
        if soc == 0 and (self.soc is None or self.soc > _NEARLY_EMPTY_SOC):
            return False
        return possible.includes(soc)

    def _is_confirmed(self, soc: float, before: float | None, now: datetime) -> bool:
        if self.doubted_since is None or before is None or (soc == 0 and self.soc is not None):
            return False
        if soc == before:
            return now - self.doubted_since >= PATIENCE
        return abs(soc - before) <= TOLERANCE_SOC

    @property
    def doubted(self) -> float | None:
        """The state of charge that is told and not believed, in %; None where there is none."""
        return None if self.doubted_since is None else self.seen

    def dismiss(self) -> None:
        """Go on without what is told at the moment, until the car tells something else."""
        self.doubted_since = None
