"""Which of the states of charge that a car reports are believed.

The cloud services of cars now and then report 0 or 100 %, or an old value, for some minutes. A
plan that followed would start a full car or stop an empty one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from .soc import FULL_SOC, ReportedSoc

PATIENCE: Final = timedelta(minutes=15)
"""What is reported for so long is believed even where it cannot be."""
TOLERANCE_SOC: Final = 5.0
"""Cars are so far off, in %, when they warm up, or correct themselves."""
# Cars are seldom driven below this: 0 % from above it is a failing cloud.
_NEARLY_EMPTY_SOC: Final = 10.0


@dataclass(frozen=True, kw_only=True)
class PlausibleSoc:
    """What the state of charge of a car may have become since it was last reported, in %."""

    min_soc: float = 0.0
    max_soc: float = FULL_SOC

    def includes(self, soc: float) -> bool:
        """Return whether a state of charge can be, give or take what cars are off."""
        return self.min_soc - TOLERANCE_SOC <= soc <= self.max_soc + TOLERANCE_SOC


@dataclass(kw_only=True)
class SocTrack:
    """What a car has reported of its state of charge.

    Attributes:
        soc: The last one that is believed, in %; None before any is.
        at: When it was last reported.
        seen: The last one reported, believed or not.
        doubted_since: Since when those reported are not believed; None while they are.
    """

    soc: float | None = None
    at: datetime | None = None
    seen: float | None = None
    doubted_since: datetime | None = None

    def take(self, reported: ReportedSoc, plausible: PlausibleSoc, now: datetime) -> None:
        """Believe what is reported, or wait whether the car goes on to report it.

        It is believed where it is plausible, where the car moves on from there a little, or
        where it stays for a while. Exactly 0 % is what failing clouds report: that is believed of
        a car that was nearly empty, or of which nothing else is known.
        """
        if self.at is not None and reported.at < self.at:
            # Clouds mix what they have just heard with what they heard before.
            return
        if reported.soc == self.seen and self.doubted_since is None:
            if reported.soc == self.soc and reported.is_news:
                self.at = reported.at
            return
        before, self.seen = self.seen, reported.soc
        if self._is_plausible(reported.soc, plausible) or self._is_confirmed(
            reported.soc, before, now
        ):
            self.soc, self.at, self.doubted_since = reported.soc, reported.at, None
        elif self.doubted_since is None or reported.soc != before:
            self.doubted_since = now

    def _is_plausible(self, soc: float, plausible: PlausibleSoc) -> bool:
        if soc == 0 and (self.soc is None or self.soc > _NEARLY_EMPTY_SOC):
            return False
        return plausible.includes(soc)

    def _is_confirmed(self, soc: float, before: float | None, now: datetime) -> bool:
        if self.doubted_since is None or before is None or (soc == 0 and self.soc is not None):
            return False
        if soc == before:
            return now - self.doubted_since >= PATIENCE
        return abs(soc - before) <= TOLERANCE_SOC

    @property
    def doubted(self) -> float | None:
        """The state of charge that is reported and not believed, in %; None where there is none."""
        return None if self.doubted_since is None else self.seen

    def dismiss(self) -> None:
        """Go on without what is reported at the moment, until the car reports something else."""
        self.doubted_since = None
