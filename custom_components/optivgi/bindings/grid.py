"""The site's power sensor: how much of the connection the house takes now, and usually."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
import math
from typing import Final

from homeassistant.core import HomeAssistant

from ..const import PowerCovers
from ..scheduler.reserve import Unrest
from .quantity import power_kw, valid_state

# The house is taken to go on as now for this long, then as it did on average.
NOWCAST: Final = timedelta(minutes=30)
_LATELY: Final = timedelta(minutes=2)
_USUALLY: Final = timedelta(hours=2)
_PEAK_HOLD: Final = timedelta(seconds=60)

# A meter that used to report every few seconds and falls silent is dead. One that only
# reports changes may rest for hours, so silence is judged by the sensor's own habit.
_SILENCE_FACTOR: Final = 20
_MIN_SILENCE: Final = timedelta(minutes=2)
_HABIT_REPORTS: Final = 10


@dataclass(kw_only=True)
class MeterHabit:
    """How often a sensor reports; kept across restarts.

    Attributes:
        interval_s: Usual time between two reports; None before the second one.
        reports: How many intervals were seen.
    """

    interval_s: float | None = None
    reports: int = 0

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


class RunningAverage:
    """An exponential average of readings that come at any times."""

    def __init__(self, over: timedelta) -> None:
        """Forget a reading by all but 1/e within this time."""
        self.value: float | None = None
        """The average; None before the first reading."""
        self._over = over
        self._reading = 0.0
        self._taken_at: datetime | None = None

    def take(self, reading: float, at: datetime) -> None:
        """Go on to a time with the reading before; from then on, this one holds."""
        if self.value is None or self._taken_at is None:
            self.value = reading
        else:
            weight = 1 - math.exp(-max(0.0, (at - self._taken_at) / self._over))
            self.value += (self._reading - self.value) * weight
        self._reading, self._taken_at = reading, at


class GridMeter:
    """Base load of the site: everything behind the connection but the chargers.

    Positive is consumption, negative is PV surplus, in kW.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entity_id: str | None,
        covers: PowerCovers,
        habit: MeterHabit | None = None,
    ) -> None:
        """Bind the sensor; ``habit`` is what is remembered of it."""
        self.entity_id = entity_id
        self.lately = RunningAverage(_LATELY)
        """The base load of the last minutes in kW, for plans: those need not follow each kettle."""
        self.usually = RunningAverage(_USUALLY)
        """The base load of the last hours in kW."""
        self.unrest = Unrest()
        self._hass = hass
        self._covers = covers
        self._habit = MeterHabit() if habit is None else habit
        self._reported_at: datetime | None = None
        self._settled_kw: float | None = None
        self._taken: tuple[str, datetime, bool] | None = None
        self._recent: deque[tuple[datetime, float]] = deque()

    @property
    def counts_chargers(self) -> bool:
        """Whether what chargers draw is part of what is measured."""
        return self.entity_id is not None and self._covers is PowerCovers.GRID

    def note_report(self, at: datetime) -> None:
        """Learn how often the sensor reports, from the time of one report."""
        if self._raw_kw() is None:
            return
        if self._reported_at is not None and at > self._reported_at:
            self._habit.note((at - self._reported_at).total_seconds())
        self._reported_at = at

    def is_stale(self, now: datetime) -> bool:
        """Whether the sensor should be there to be read, but is gone or silent for too long."""
        if self.entity_id is None:
            return False
        state = valid_state(self._hass, self.entity_id)
        if state is None or self._raw_kw() is None:
            return True
        silence = self._habit.longest_silence
        return silence is not None and now - (self._reported_at or state.last_reported) > silence

    def _raw_kw(self) -> float | None:
        return power_kw(valid_state(self._hass, self.entity_id))

    def base_load_kw(
        self, chargers_kw: float, now: datetime, *, settling: bool = False
    ) -> float | None:
        """Return the load of everything but the chargers; None where the sensor is silent.

        It is the highest of the last minute: what comes and goes is not given to the cars, and
        meters that tell different times do not look like a house that needs less.

        Args:
            chargers_kw: What the chargers draw at most, which the meter at the grid counts too.
            now: The present.
            settling: A command is on its way, so that this may not be drawn yet; then a load
                that seems lower than before is not believed.
        """
        state = valid_state(self._hass, self.entity_id)
        if state is None or (raw_kw := power_kw(state)) is None:
            return None
        # Once for each report, and again when the command has arrived: a charger's meter that
        # tells a change first must not look like a change of the house.
        report = (state.state, state.last_reported, settling)
        if report != self._taken:
            self._taken = report
            house_kw = raw_kw - chargers_kw if self.counts_chargers else raw_kw
            if settling and self._settled_kw is not None:
                house_kw = max(house_kw, self._settled_kw)
            else:
                self._settled_kw = house_kw
            self._recent.append((now, house_kw))
        _, house_kw = self._recent[-1]
        if self.lately.value is not None:
            self.unrest.take(house_kw - self.lately.value, now)
        self.lately.take(house_kw, now)
        self.usually.take(house_kw, now)
        while len(self._recent) > 1 and now - self._recent[0][0] >= _PEAK_HOLD:
            self._recent.popleft()
        return max(kw for _, kw in self._recent)
