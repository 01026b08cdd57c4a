"""What the site's meter shows in answer to the limits of chargers that measure nothing themselves.

A charger that is sent another limit makes the meter step by what its car draws more or less. How
far, which way and on which phases tells what the car takes, and whether the meter counts exported
energy as drawn or in another unit. One answer may be chance, as the house goes on meanwhile; some
that agree are not. Plain Python.
"""

from collections import deque
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from ..scheduler.model import Phase

CLEAR_KW: Final = 1.38
"""A step by less is lost in what the house does: 6 A on one phase."""
_AGREEING: Final = 4
"""So many answers that agree are no chance."""
_NEAR: Final = 0.12
"""Parts of a step that differ by less are the same: voltages, meters and the house make 10 %."""
_SAME_KW: Final = 0.05
"""Limits that differ by less are the same."""
_THOUSANDTH: Final = 1e-3
"""What a kW is of a MW, and a W of a kW."""
_ONE_PHASE: Final = 0.8
"""The part of a step that shows on the phase of a car that uses one."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What the meter shows in kW, and by which report."""

    total_kw: float
    phases_kw: Mapping[Phase, float]
    report: Hashable


@dataclass(frozen=True, kw_only=True)
class Answer:
    """How the meter answered a step.

    Attributes:
        part: Of the step, as if the car used all phases of its charger.
        phase: The only phase that showed it; None where several did, or that is not measured.
    """

    part: float
    phase: Phase | None


@dataclass
class Answers:
    """The last answers to one charger."""

    last: deque[Answer] = field(default_factory=lambda: deque(maxlen=_AGREEING))

    def phases_used(self, phases: int) -> int | None:
        """Return from how many of its charger's phases the car draws; None while unknown."""
        if len(self.last) < _AGREEING:
            return None
        parts = [abs(answer.part) for answer in self.last]
        for used in range(1, phases + 1):
            if all(abs(part - used / phases) <= _NEAR for part in parts):
                return used
        return None

    @property
    def phase(self) -> Phase | None:
        """The phase of a car that draws from one; None while unknown."""
        phases = {answer.phase for answer in self.last}
        return phases.pop() if len(self.last) == _AGREEING and len(phases) == 1 else None

    @property
    def scale(self) -> float | None:
        """What the meter's values must be multiplied by to be right; None where that is not clear.

        A car on one of three phases shows a third of the step.
        """
        if len(self.last) < _AGREEING:
            return None
        parts = [answer.part for answer in self.last]
        size = median(map(abs, parts))
        # A car that has stopped taking anything answers with nothing at all.
        if not all(part * parts[0] > 0 and size / 2 <= abs(part) <= 2 * size for part in parts):
            return None
        sign = 1.0 if parts[0] > 0 else -1.0
        for factor in (1.0, _THOUSANDTH, 1 / _THOUSANDTH):
            if 0.25 <= size * factor <= 1.25:  # noqa: PLR2004
                return sign * factor
        return None


@dataclass(kw_only=True)
class _Step:
    """A step under way.

    Attributes:
        charger: Whose limit has changed; None where several have, and nothing can be concluded.
        at: When it last did.
        from_kw: What it was.
        before: What the meter showed.
    """

    charger: str | None
    at: datetime
    from_kw: float
    before: Shown | None


class StepResponse:
    """Watches the meter while the limits of chargers change that measure nothing themselves."""

    def __init__(self, settle: timedelta) -> None:
        """Begin with no answer.

        Args:
            settle: How long a limit takes to show at the meter.
        """
        self.answers: dict[str, Answers] = {}
        self._settle = settle
        self._limits: dict[str, float] = {}
        self._before: Shown | None = None
        self._step: _Step | None = None

    def forget(self, charger: str) -> None:
        """Forget a car that has left."""
        self.answers.pop(charger, None)

    def note(
        self, now: datetime, limits_kw: Mapping[str, float], measured: set[str], shown: Shown | None
    ) -> bool:
        """Take up what chargers allow their cars now, and what the meter shows.

        Args:
            now: The present.
            limits_kw: What each charger allows, as if its car used all phases.
            measured: Those that measure what they give: nothing needs to be found out there.
            shown: What the meter shows; None where that is nothing.

        Returns:
            Whether there is a new answer.
        """
        known, self._limits = self._limits, dict(limits_kw)
        changed = {
            charger
            for charger, kw in limits_kw.items()
            if abs(kw - known.get(charger, 0.0)) > _SAME_KW
        }
        step = self._step
        if changed:
            charger = next(iter(changed)) if len(changed) == 1 else None
            if step is None:
                from_kw = 0.0 if charger is None else known.get(charger, 0.0)
                self._step = _Step(charger=charger, at=now, from_kw=from_kw, before=self._before)
            else:
                step.at = now
                step.charger = charger if charger == step.charger else None
            return False
        if step is None or now - step.at < self._settle:
            self._before = shown if step is None else self._before
            return False
        if shown is None or (step.before is not None and shown.report == step.before.report):
            # It has not reported since.
            return False
        self._step, self._before = None, shown
        if step.charger is None or step.charger in measured or step.before is None:
            return False
        step_kw = limits_kw[step.charger] - step.from_kw
        if abs(step_kw) < CLEAR_KW:
            return False
        answers = self.answers.setdefault(step.charger, Answers())
        answers.last.append(_answer(step.before, shown, step_kw))
        return True

    @property
    def scale(self) -> float | None:
        """What the meter's values must be multiplied by; None where answers do not agree on it."""
        scales = {one.scale for one in self.answers.values()} - {None}
        return scales.pop() if len(scales) == 1 else None


def _answer(before: Shown, after: Shown, step_kw: float) -> Answer:
    """Return which part of a step the meter shows, and whether it is on one phase."""
    of_phases = {
        phase: (kw - before.phases_kw[phase]) / step_kw
        for phase, kw in after.phases_kw.items()
        if phase in before.phases_kw
    }
    part = (after.total_kw - before.total_kw) / step_kw
    alone = [phase for phase, kw in of_phases.items() if kw >= _ONE_PHASE * abs(part)]
    return Answer(part=part, phase=alone[0] if len(alone) == 1 and part else None)
