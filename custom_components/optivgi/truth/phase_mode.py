"""On how many phases a charger is that can switch: commanded, reported, measured. Plain Python.

What is not confirmed counts as all phases: that is never less on any of them at the same current.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

MANY_ATTEMPTS: Final = 3
"""A charger that was sent so often in vain does not switch."""
_SHOWN_WITHIN: Final = timedelta(seconds=60)
"""Chargers switch within seconds, clouds report that within a minute; then it is sent again."""
_ABOVE: Final = 1.15
"""Voltage and meters make 10 %: what draws so many times more than one phase may uses others."""
_ABOVE_KW: Final = 0.3
"""The same for low powers."""
_CERTAIN_AFTER: Final = timedelta(seconds=10)
"""A single report may be wrong. What was drawn before a switch is none of it: it was paused."""
_A_THIRD: Final = 0.85
"""Who draws less than this part of one phase may be limited by something else."""
_NEW_FOR: Final = timedelta(minutes=10)
"""Later than this after a switch, a car that draws a third may be nearly full."""
_A_THIRD_FOR: Final = timedelta(minutes=3)
"""Cars begin slowly."""
_DAY: Final = timedelta(days=1)
_KEPT: Final = 100
"""More switches than any budget of a session."""


@dataclass(kw_only=True)
class PhaseRecord:
    """What has to survive a restart in the middle of a switch.

    Attributes:
        commanded: The phases that were commanded last; None where none ever were.
        sent_at: When, while that is not confirmed.
        attempts: How often it was sent for this switch.
        failed: It was sent again and again in vain, or is measured not to have followed.
        disproved: It is measured not to be on as many phases as it shows.
        switches: When it was switched.
    """

    commanded: int | None = None
    sent_at: datetime | None = None
    attempts: int = 0
    failed: bool = False
    disproved: bool = False
    switches: list[datetime] = field(default_factory=list)

    def since(self, at: datetime) -> int:
        """Return how often it was switched since a moment."""
        return sum(switched >= at for switched in self.switches)

    def of_a_day(self, now: datetime) -> int:
        """Return how often it was switched within the last day."""
        return self.since(now - _DAY)


class PhaseMode:
    """On how many phases a charger charges, as far as that is certain."""

    def __init__(self, record: PhaseRecord, *, all_phases: int, shown: bool) -> None:
        """Go on where a restart interrupted.

        Args:
            record: What is kept.
            all_phases: How many it has.
            shown: Whether anything shows on how many it is.
        """
        self.record = record
        self._all = all_phases
        self._shown = shown
        self._reported: int | None = None
        self._above_since: datetime | None = None
        self._third_since: datetime | None = None
        self._most_kw = 0.0
        self._saw_all = False
        self.is_proven = False
        """It has shown that it switches."""

    @property
    def is_under_way(self) -> bool:
        """Whether it was commanded to switch, and that is not confirmed yet."""
        return self.record.sent_at is not None

    @property
    def offered(self) -> int:
        """On how many phases it may charge: all where that is not certain."""
        if self.is_under_way or self.record.disproved:
            return self._all
        known = self._reported if self._shown else self.record.commanded
        return self._all if known is None else known

    @property
    def heading(self) -> int:
        """On how many it is, or will be as soon as it has switched."""
        record = self.record
        return self.offered if not self.is_under_way else record.commanded or self._all

    def is_due_again(self, now: datetime) -> bool:
        """Return whether it does not show what it was sent, and is to be sent that again."""
        sent_at = self.record.sent_at
        return (
            sent_at is not None
            and self._shown
            and self._reported != self.record.commanded
            and now - sent_at >= _SHOWN_WITHIN
        )

    def begin(self, phases: int, now: datetime) -> None:
        """Note that it is commanded to switch."""
        record = self.record
        is_new = not self.is_under_way or record.commanded != phases
        record.attempts = 1 if is_new else record.attempts + 1
        if is_new:
            record.switches = [*record.switches, now][-_KEPT:]
        record.commanded, record.sent_at = phases, now
        record.disproved, self._above_since, self._third_since = False, None, None
        self._most_kw = 0.0

    def give_up(self) -> None:
        """Note that it does not switch: it is what it reports, or nobody knows."""
        record = self.record
        record.failed, record.sent_at = True, None
        record.disproved = record.disproved or not self._shown
        self.is_proven = False

    def refresh(self) -> None:
        """Give it another chance: another car has come, or a person wants that."""
        self.record.failed, self.record.attempts = False, 0
        self._saw_all, self._above_since, self._third_since = False, None, None

    def note(self, now: datetime, reported: int | None, pause: timedelta) -> None:
        """Take up what it reports.

        Args:
            now: The present.
            reported: On how many phases it is; None where nothing says so.
            pause: How long it is left alone after a switch.
        """
        self._reported = reported
        record = self.record
        if record.sent_at is None:
            if reported is not None and reported != record.commanded:
                # Somebody else has switched it since.
                record.disproved = False
            elif reported is not None and not record.disproved:
                # It has switched, however late.
                record.failed, self.is_proven = False, True
            return
        if now - record.sent_at < pause:
            return
        if not self._shown or reported == record.commanded:
            record.sent_at, record.attempts = None, 0
            self.is_proven = self._shown

    def compare(self, now: datetime, *, allowed_kw: float, drawn_kw: float) -> None:
        """Take up what is measured: that shows whether it has switched where nothing else does.

        More than one phase may carry is drawn from others. Who has drawn from all before, and
        draws from one right after it was to be all, has not been switched.

        Args:
            now: The present.
            allowed_kw: What the car may draw on as many phases as are assumed.
            drawn_kw: What is measured.
        """
        self._most_kw = max(self._most_kw, allowed_kw / self.offered)
        is_above = drawn_kw > self._most_kw * _ABOVE + _ABOVE_KW
        part_kw = allowed_kw / self.offered * _A_THIRD
        is_one = not is_above and drawn_kw > max(_ABOVE_KW, part_kw)
        if self.offered == self._all:
            self._above_since = None
            self._saw_all = self._saw_all or is_above
            switches = self.record.switches
            is_new = bool(switches) and now - switches[-1] <= _NEW_FOR
            stays = is_one and is_new and self._saw_all and self.record.commanded == self._all
            self._third_since = (self._third_since or now) if stays else None
            if self._third_since is not None and now - self._third_since >= _A_THIRD_FOR:
                self.give_up()
                self.record.disproved = True
        elif is_above:
            self._above_since = self._above_since or now
            if now - self._above_since >= _CERTAIN_AFTER:
                self.give_up()
                self.record.disproved = True
        else:
            self._above_since = None
            self.is_proven = self.is_proven or is_one
