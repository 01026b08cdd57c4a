"""How often a sensor reports, and so when its silence means that it is dead; what it showed."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

# A meter that used to report every few seconds and falls silent is dead. One that only
# reports changes may rest for hours, so silence is judged by the sensor's own habit.
_SILENCE_FACTOR: Final = 20
# Short gaps of radio and gateways are no failure.
_MIN_SILENCE: Final = timedelta(minutes=2)
# Enough that one odd interval does not make the habit; minutes at most for live meters.
_HABIT_REPORTS: Final = 10


@dataclass(kw_only=True)
class MeterHabit:
    """How often a sensor reports; kept across restarts.

    Attributes:
        interval_s: Usual time between two reports; None before the second one.
        reports: How many intervals were seen.
        surplus_kw: The highest export while no charger was drawing, by the average of
            minutes, in kW.
    """

    interval_s: float | None = None
    reports: int = 0
    surplus_kw: float = 0.0

    def note(self, interval_s: float) -> None:
        """Take up the time between two reports; one long outage is no habit."""
        if self.interval_s is None:
            self.interval_s = interval_s
        else:
            believed = min(interval_s, self.interval_s * _HABIT_REPORTS)
            self.interval_s += (believed - self.interval_s) / _HABIT_REPORTS
        self.reports += 1

    @property
    def longest_silence(self) -> timedelta | None:
        """After how long without a report something is wrong; None while that is not known."""
        if self.interval_s is None or self.reports < _HABIT_REPORTS:
            return None
        return max(_MIN_SILENCE, timedelta(seconds=self.interval_s * _SILENCE_FACTOR))
