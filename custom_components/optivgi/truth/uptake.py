"""Whether a car takes anything of what it may, and how much. Plain Python."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from .take import Take

_NOTHING_AFTER: Final = timedelta(minutes=10)
"""A car that sleeps, or balances its battery, begins within this if it wants any."""
_NOTHING_KW: Final = 0.1
"""Chargers' own consumption, and what their meters are off."""
_SAME_KW: Final = 0.05
"""Limits that differ by less are the same."""
_LESS_AFTER: Final = timedelta(seconds=90)
"""Cars take half a minute to reach what they may draw; a plan is to know within three."""
_SEEN_WITHIN: Final = timedelta(minutes=5)
"""Who has not shown by then what it takes will not: its meter is too slow, or it does not begin."""
_LESS: Final = 0.85
"""Voltage and meters make 10 %; who draws a smaller part of what is expected takes less."""


@dataclass(kw_only=True)
class _Less:
    """A time in which a car draws less than expected at one limit."""

    since: datetime
    allowed_kw: float
    drawn_kw: float


@dataclass
class Uptake:
    """What one car takes, while it is at a charger.

    Attributes:
        take: How much of a limit it draws, as far as that is known.
        is_known: It was seen charging, or could have been for minutes.
        takes_nothing: The car may draw, and has drawn nothing for minutes.
        nothing_since: Since when it may draw and draws nothing; None where it may not, or does.
    """

    take: Take = field(default_factory=Take)
    is_known: bool = False
    takes_nothing: bool = False
    nothing_since: datetime | None = None
    _allowed_since: datetime | None = None
    _as_expected_since: datetime | None = None
    _less: _Less | None = None

    def note(
        self,
        now: datetime,
        *,
        allowed_kw: float,
        min_kw: float,
        drawn_kw: float | None,
        phases: int,
        is_power: bool = False,
    ) -> None:
        """Take up a measurement of after the last command.

        Args:
            now: The present.
            allowed_kw: What the car may draw, were it to use all phases.
            min_kw: The minimum it can charge at, likewise.
            drawn_kw: What is measured; None where nothing was since the last command.
            phases: How many phases its charger offers it.
            is_power: The limit is a power, and not a current for each phase.
        """
        if allowed_kw >= min_kw - _SAME_KW:
            self._allowed_since = self._allowed_since or now
            self.is_known = self.is_known or now - self._allowed_since >= _SEEN_WITHIN
        if drawn_kw is not None and drawn_kw > _NOTHING_KW:
            self.ask_again()
            if allowed_kw >= min_kw - _SAME_KW:
                self._learn(now, allowed_kw, min_kw, drawn_kw, phases, is_power=is_power)
        elif allowed_kw < min_kw - _SAME_KW:
            self.nothing_since = self._less = None
        elif self.nothing_since is None:
            self.nothing_since = now
        elif drawn_kw is not None and now - self.nothing_since >= _NOTHING_AFTER:
            self.takes_nothing = True

    def ask_again(self) -> None:
        """Give the car another chance: a person wants that, or its state of charge has changed."""
        self.nothing_since, self.takes_nothing = None, False

    def _learn(
        self,
        now: datetime,
        allowed_kw: float,
        min_kw: float,
        drawn_kw: float,
        phases: int,
        *,
        is_power: bool,
    ) -> None:
        """Compare what is drawn with what is expected at this limit."""
        self.take = self.take.with_more(allowed_kw, drawn_kw, phases, is_power=is_power)
        if drawn_kw >= _LESS * self.take.drawn_kw(allowed_kw, phases):
            self._less = None
            self._as_expected_since = self._as_expected_since or now
            self.is_known = self.is_known or now - self._as_expected_since >= _LESS_AFTER
            return
        self._as_expected_since, less = None, self._less
        if less is None or abs(less.allowed_kw - allowed_kw) > _SAME_KW:
            self._less = _Less(since=now, allowed_kw=allowed_kw, drawn_kw=drawn_kw)
            return
        less.drawn_kw = max(less.drawn_kw, drawn_kw)
        if now - less.since >= _LESS_AFTER:
            self.take = self.take.with_less(
                allowed_kw, less.drawn_kw, min_kw, phases, is_power=is_power
            )
            self._less, self.is_known = None, True
