"""How often a sensor reports, and so when its silence means that it is dead; what it showed."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

# One report may be lost, and the next one be late.
_SILENCE_FACTOR: Final = 3
# Gateways restart and radio fails for that long.
_MIN_SILENCE: Final = timedelta(seconds=30)
# A fuse bears a third more than its rating for an hour, but twice of it for minutes only.
MAX_SILENCE: Final = timedelta(minutes=3)
"""After so long a report says nothing of now, however seldom a sensor reports."""
# Enough that one odd interval does not make the habit; minutes at most for live meters.
_HABIT_REPORTS: Final = 10
# The last ones: a meter that was replaced is known within these.
_RECENT: Final = 15
# Not the mean: one outage is no habit, nor are two reports at almost the same moment.
_USUAL_PART: Final = 0.75
# As far from the middle on the other side.
_SHORT_PART: Final = 0.25
# Whoever reports by a clock has intervals that differ by less than this.
_REGULAR: Final = 1.5
# Who reports changes has some that differ by more.
_IRREGULAR: Final = 3
# The controller looks this often.
_LOOK: Final = timedelta(seconds=10)
# When it does not for so long, the computer slept, and what was reported meanwhile is lost.
_SLEPT: Final = timedelta(seconds=30)
# Within this an integration answers when it is asked.
_ANSWER: Final = timedelta(seconds=15)
# Who does not answer is asked half as often each time: clouds do not like to be asked in vain.
_ASK_SELDOM: Final = timedelta(minutes=5)
# A fuse does not notice what rises while a meter is silent for less.
_SLOW_S: Final = 30
# What rises once is no habit, what does so again and again is left free: by half of what is missing
# each time. What is not left free is drawn for one or two reports, which a fuse bears.
_RISE_LEARNED: Final = 0.5
# With a report a minute half is forgotten within six hours, so dinner does not count all night.
_RISE_FORGOTTEN: Final = 1 / 500
# A refrigerator alone makes more of a change within this.
_UNCHANGED: Final = timedelta(minutes=30)


@dataclass(kw_only=True)
class MeterHabit:
    """How often a sensor reports; kept across restarts.

    Attributes:
        interval_s: Usual time between two reports; None before the second one.
        reports: How many intervals were seen.
        surplus_kw: The highest export while no charger was drawing, by the average of
            minutes, in kW.
        changes_only: It reports only what has changed.
        rise_kw: By how much the load usually rises from one report to the next, where it does.
        unchanged_s: The longest that it has shown the same lately, over several reports.
    """

    interval_s: float | None = None
    reports: int = 0
    surplus_kw: float = 0.0
    changes_only: bool = False
    rise_kw: float = 0.0
    unchanged_s: float = 0.0

    @property
    def longest_silence(self) -> timedelta | None:
        """After how long without a report something is wrong; None while that is not known."""
        if self.interval_s is None or self.reports < _HABIT_REPORTS:
            return None
        usual = timedelta(seconds=self.interval_s * _SILENCE_FACTOR)
        return min(MAX_SILENCE, max(_MIN_SILENCE, usual))

    def note_rise(self, rise_kw: float) -> None:
        """Learn how much the load rises from one report to the next; the highest count most."""
        above_kw = rise_kw - self.rise_kw
        learned_kw = _RISE_LEARNED * above_kw if above_kw > 0 else -_RISE_FORGOTTEN * self.rise_kw
        self.rise_kw += learned_kw

    @property
    def margin_kw(self) -> float:
        """What to leave free for what the load may have risen to since the last report."""
        slow = self.longest_silence is not None and (self.interval_s or 0.0) > _SLOW_S
        return self.rise_kw if slow else 0.0


class Reports:
    """The reports of a sensor as they come, and whether the next one is overdue."""

    def __init__(self, habit: MeterHabit) -> None:
        """Know of none yet; ``habit`` is what is learned from them."""
        self._habit = habit
        self._last: datetime | None = None
        self._before: datetime | None = None
        self._changed: datetime | None = None
        self._asked: datetime | None = None
        self._ask_again = _ANSWER
        self._silent = False
        self._looked: datetime | None = None
        self._unseen = timedelta(0)
        self._intervals: deque[float] = deque(maxlen=_RECENT)

    def begin(self, at: datetime) -> None:
        """Take up the last one from before anybody looked."""
        if self._last is None:
            self._last = self._changed = at

    def note(self, at: datetime, *, repeated: bool) -> None:
        """Take up one; ``repeated`` where it shows the same as the one before."""
        if self._last is not None and at <= self._last:
            return
        asked = self._asked is not None and at - self._asked <= _ANSWER
        if not repeated or self._changed is None:
            self._changed = at
        if self._last is not None and not (repeated and asked):
            self._learn((at - self._last).total_seconds(), repeated=repeated)
        self._before, self._last, self._unseen = self._last, at, timedelta(0)
        self._ask_again = _ANSWER

    def _learn(self, interval_s: float, *, repeated: bool) -> None:
        habit = self._habit
        habit.reports += 1
        self._intervals.append(interval_s)
        known = len(self._intervals)
        ordered = sorted(self._intervals)
        usual_s = ordered[int(_USUAL_PART * known)]
        # What was known before a restart is worth more than the first few.
        if habit.interval_s is None or known >= min(habit.reports, _HABIT_REPORTS):
            habit.interval_s = usual_s
        if repeated:
            habit.changes_only = False
        elif known >= _HABIT_REPORTS:
            short_s = ordered[int(_SHORT_PART * known)]
            if usual_s >= _IRREGULAR * short_s:
                habit.changes_only = True
            elif usual_s <= _REGULAR * short_s:
                habit.changes_only = False

    def observe(self, now: datetime) -> None:
        """Find out whether the next one is overdue.

        Once it was, it takes two that are not too far apart to believe the sensor again: what
        reports every few minutes would be believed and not all the time.
        """
        if self._looked is not None and self._last is not None:
            unseen = now - max(self._looked, self._last)
            self._unseen += unseen - _LOOK if unseen > _SLEPT else timedelta(0)
        self._looked = now
        silence = self._habit.longest_silence
        if silence is None or self._last is None:
            self._silent = False
        elif now - self._last - self._unseen > silence or self._stands_still(now):
            self._silent = True
        elif self._before is None or self._last - self._before <= silence:
            self._silent = False

    def _stands_still(self, now: datetime) -> bool:
        """Return whether nothing has changed for so long that answers prove nothing."""
        changed = self._changed
        return self._habit.changes_only and changed is not None and now - changed > _UNCHANGED

    @property
    def overdue(self) -> bool:
        """Whether the sensor has fallen silent."""
        return self._silent

    def ask(self, now: datetime) -> bool:
        """Return whether the sensor is to be asked now; it will be.

        One that reports only changes may be alive and have nothing to report.
        """
        silence = self._habit.longest_silence
        if silence is None or self._last is None or not self._habit.changes_only:
            return False
        quiet = now - self._last
        if quiet < (_ANSWER if self._silent else 2 * silence / 3):
            return False
        if self._asked is not None and now - self._asked < self._ask_again:
            return False
        self._asked, self._ask_again = now, min(_ASK_SELDOM, 2 * self._ask_again)
        return True
