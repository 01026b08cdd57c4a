"""How much of what a car draws reaches its battery, learned from what it reports."""

from dataclasses import dataclass
from typing import Final

from .soc import FULL_SOC

MIN_SPAN_SOC: Final = 10.0
"""Cars report whole %: over less than this they report too little."""
# Chargers lose some 5 to 25 %; outside of this an entry is wrong, or the car charged elsewhere.
_PLAUSIBLE: Final = (0.7, 1.0)
# Three sessions outweigh what was configured, one odd session does not.
_WEIGHT: Final = 0.3


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A state of charge beside the meter.

    Attributes:
        soc: What the car reported, in %.
        drawn_kwh: What it had drawn when it reported that.
    """

    soc: float
    drawn_kwh: float


@dataclass(kw_only=True)
class LearnedEfficiency:
    """Energy into the battery per energy drawn.

    Attributes:
        configured: What the user entered, where it starts; another entry restarts it.
        value: What is used.
        sessions: How many sessions it was learned from.
    """

    configured: float
    value: float
    sessions: int = 0

    def learn(self, first: Reading, last: Reading, battery_kwh: float) -> None:
        """Learn from two readings of a session, where they are far apart and can be right."""
        span, drawn_kwh = last.soc - first.soc, last.drawn_kwh - first.drawn_kwh
        if span < MIN_SPAN_SOC or drawn_kwh <= 0:
            return
        measured = span / FULL_SOC * battery_kwh / drawn_kwh
        low, high = _PLAUSIBLE
        if low <= measured <= high:
            self.value += _WEIGHT * (measured - self.value)
            self.sessions += 1
