"""What a try-out shows of a charger: how fast it answers, and what stops it. Plain Python."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
import math
from typing import Final

from ..scheduler.model import Phase
from .take import Take
from .yielding import is_above

_HOLDS_FOR: Final = timedelta(seconds=3)
"""A car that pauses for a blink, or a meter that drops one value, has not followed."""
_TOLERANCE: Final = 0.1
"""Chargers round what they show: to whole amperes, or to the watts of another voltage."""
ANSWERS_WITHIN: Final = timedelta(seconds=30)
"""Clouds need twenty seconds at their slowest; what has no effect by then has none."""
_ON_PHASE: Final = 0.7
"""The part of what a car draws from one phase that the meter shows there, at least,"""
_ELSEWHERE: Final = 0.3
"""and the part by which other phases may change meanwhile."""
_ROUNDING_KW: Final = 1e-6
"""A step away is as near as a step, however numbers are kept."""
_MARGIN: Final = 1.5
"""The next answer may take longer than the one that was seen."""
_MARGIN_S: Final = 5
"""Meters of the house lag as well; and people read numbers in steps of five."""
_SHORTEST_S: Final = 10
"""Meters of houses report each ten seconds, and are compared with the charger's."""


def near_kw(min_kw: float, step_kw: float) -> float:
    """Return how far what a charger shows may be from its min current, in kW.

    Args:
        min_kw: What a car draws at that.
        step_kw: By how much two limits of the charger differ.
    """
    return max(step_kw, _TOLERANCE * min_kw) + _ROUNDING_KW


class TrialStep(StrEnum):
    """What a charger is commanded while it is tried out."""

    MIN = "min"
    """Its min current, and to start."""
    SWITCH = "switch"
    """To stop, by what switches it."""
    ZERO = "zero"
    """A limit of 0."""


@dataclass(frozen=True, kw_only=True)
class TrialSample:
    """What is seen of a charger at one moment.

    Attributes:
        at: When.
        allowed_kw: What its car may draw by what its entities show; None where they do not.
        drawing: Whether the car draws; None where nothing has shown that since the command.
        drawn_kw: What it draws; None where that is not measured, or was not since the command.
        phases_kw: What each phase of the connection carries; empty where that is not measured.
    """

    at: datetime
    allowed_kw: float | None
    drawing: bool | None
    drawn_kw: float | None = None
    phases_kw: Mapping[Phase, float] = field(default_factory=dict)


class TrialResponse:
    """How a charger and its car answer to one command."""

    def __init__(
        self, step: TrialStep, before: TrialSample, *, min_kw: float, step_kw: float = 0.0
    ) -> None:
        """Know of no answer yet.

        Args:
            step: What it is commanded.
            before: What was seen right before that.
            min_kw: What a car draws at the min current.
            step_kw: By how much two limits of the charger differ.
        """
        self.step = step
        self.before = before
        self.shown_s: float | None = None
        """After how long its entities showed it; None while they do not."""
        self._sent_at = before.at
        self._min_kw = min_kw
        self._near_kw = near_kw(min_kw, step_kw)
        self._is_new = not self._follows(before)
        self._since: datetime | None = None
        self._last: TrialSample | None = None
        self._drawn_kw: float | None = None

    def note(self, sample: TrialSample) -> None:
        """Take up what is seen after the command; nothing more once it is followed."""
        if self.follows:
            return
        self._last = sample
        if self.shown_s is None and self._shows(sample):
            self.shown_s = self._after(sample.at)
        if sample.drawn_kw is not None:
            self._drawn_kw = sample.drawn_kw
        if not self._follows(sample):
            self._since = None
        elif self._since is None:
            self._since = sample.at

    @property
    def follows(self) -> bool:
        """Whether the car does what was commanded, and goes on doing it."""
        return (
            self._since is not None
            and self._last is not None
            and self._last.at - self._since >= _HOLDS_FOR
        )

    @property
    def verdict(self) -> bool | None:
        """Whether the command was followed; None where nothing shows it, or it is too early."""
        if self.follows:
            return True
        last = self._last
        if last is None or last.drawing is None or last.at - self._sent_at < ANSWERS_WITHIN:
            return None
        return False

    @property
    def followed_s(self) -> float | None:
        """After how long the car did it; None where it does not, or did so before."""
        if not self.follows or not self._is_new or self._since is None:
            return None
        return self._after(self._since)

    @property
    def drawn_kw(self) -> float | None:
        """What was measured last."""
        return self._drawn_kw

    @property
    def draws_too_much(self) -> bool:
        """Whether the car went on to draw more than commanded."""
        kw = self._drawn_kw
        return self.verdict is False and kw is not None and is_above(kw, self._limit_kw)

    @property
    def after(self) -> TrialSample:
        """What was seen last."""
        return self._last or self.before

    @property
    def _limit_kw(self) -> float:
        return self._min_kw if self.step is TrialStep.MIN else 0.0

    def _shows(self, sample: TrialSample) -> bool:
        kw = sample.allowed_kw
        return kw is not None and abs(kw - self._limit_kw) <= self._near_kw

    def _follows(self, sample: TrialSample) -> bool:
        if self.step is not TrialStep.MIN:
            return sample.drawing is False
        too_much = sample.drawn_kw is not None and is_above(sample.drawn_kw, self._min_kw)
        return sample.drawing is True and not too_much

    def _after(self, at: datetime) -> float:
        return (at - self._sent_at) / timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class TrialOutcome:
    """What was learned of a charger.

    Attributes:
        responses: How its commands were answered, one after the other.
        refused: The commands that its integration did not accept, with what it said.
        ended: Why it ended early; None where it did not.
        min_kw: What a car draws at the min current from all phases that it is offered.
        phases: How many those are.
        is_power: Its limit is a power, and not a current for each phase.
    """

    responses: Sequence[TrialResponse]
    refused: Mapping[TrialStep, str]
    ended: str | None = None
    min_kw: float = 0.0
    phases: int = 1
    is_power: bool = False

    def works(self, step: TrialStep) -> bool | None:
        """Return whether a command does what it is for; None where that is not known."""
        if step in self.refused:
            return False
        return None if (response := self.last(step)) is None else response.verdict

    def last(self, step: TrialStep) -> TrialResponse | None:
        """Return the answer to a command, the last one where it was given again."""
        return next((r for r in reversed(self.responses) if r.step is step), None)

    @property
    def phases_used(self) -> int | None:
        """From how many phases the car draws where those are fewer; None for all, or unknown.

        Nothing but fewer phases explains a part of the min current of all.
        """
        drawn_kw = self._drawn_at_min_kw
        if drawn_kw is None:
            return None
        take = Take().with_less(
            self.min_kw, drawn_kw, self.min_kw, self.phases, is_power=self.is_power
        )
        return take.phases if take.max_kw is None else None

    @property
    def phase(self) -> Phase | None:
        """The phase of the site that a car on one phase draws from; None while unknown.

        It is the one whose load rises when the car starts, or falls when it stops.
        """
        drawn_kw = self._drawn_at_min_kw
        if self.phases_used != 1 or drawn_kw is None:
            return None
        seen = set[Phase]()
        idle, drawing = self._phases_kw()
        for without in idle:
            for beside in drawing:
                seen |= _risen(without, beside, drawn_kw)
        return seen.pop() if len(seen) == 1 else None

    def _phases_kw(self) -> tuple[list[Mapping[Phase, float]], list[Mapping[Phase, float]]]:
        """Return what the phases carried while the car drew nothing, and while it drew."""
        idle: list[Mapping[Phase, float]] = []
        drawing: list[Mapping[Phase, float]] = []
        for response in self.responses:
            is_start = response.step is TrialStep.MIN
            if response.before.drawing is not None:
                (drawing if response.before.drawing else idle).append(response.before.phases_kw)
            if response.follows:
                (drawing if is_start else idle).append(response.after.phases_kw)
        return idle, drawing

    @property
    def _drawn_at_min_kw(self) -> float | None:
        first = next((r for r in self.responses if r.step is TrialStep.MIN), None)
        return first.drawn_kw if first is not None and first.follows else None

    @property
    def response_s(self) -> float | None:
        """The longest time until a command was followed, or else shown; None where none was."""
        followed = [r.followed_s for r in self.responses if r.followed_s is not None]
        shown = [r.shown_s for r in self.responses if r.shown_s is not None]
        return max(followed or shown, default=None)

    @property
    def settle_s(self) -> int | None:
        """How long to wait for a command to show, in s; None where no answer was seen."""
        if self.response_s is None:
            return None
        wait_s = self.response_s * _MARGIN + _MARGIN_S
        return max(_SHORTEST_S, math.ceil(wait_s / _MARGIN_S) * _MARGIN_S)

    @property
    def stops_by(self) -> TrialStep | None:
        """What stops the car, its switch first; None where nothing is known to."""
        ways = (TrialStep.SWITCH, TrialStep.ZERO)
        return next((way for way in ways if self.works(way)), None)

    @property
    def never_stops(self) -> bool:
        """Whether nothing that was tried stops the car."""
        tried = [self.works(way) for way in (TrialStep.SWITCH, TrialStep.ZERO)]
        return False in tried and self.stops_by is None and not self.ended


def _risen(
    without_kw: Mapping[Phase, float], beside_kw: Mapping[Phase, float], drawn_kw: float
) -> set[Phase]:
    """Return the phase that carries a load of one phase beside what it carried without; or none."""
    rises = {phase: beside_kw[phase] - kw for phase, kw in without_kw.items() if phase in beside_kw}
    clear = {phase for phase, kw in rises.items() if kw >= _ON_PHASE * drawn_kw}
    others = [kw for phase, kw in rises.items() if phase not in clear]
    is_alone = len(clear) == 1 and all(abs(kw) <= _ELSEWHERE * drawn_kw for kw in others)
    return clear if is_alone else set()
