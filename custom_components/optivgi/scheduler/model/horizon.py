"""The time grid of a plan: consecutive steps, which may differ in length."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import accumulate, pairwise
import math

from .checks import PerStep, require, require_instant, require_number

_NONE = timedelta(0)
"""No time at all."""
_SHORTEST_H = 1e-5
"""36 ms: boundaries are known to a millisecond."""
_LONGEST_STEP_H = 7 * 24
_LONGEST_H = 366 * 24


@dataclass(frozen=True, kw_only=True)
class Horizon:
    """The time that is planned: consecutive steps from a start.

    Steps may differ in length; the first is usually what remains of the current slot.
    """

    start: datetime
    step_h: PerStep

    def __post_init__(self) -> None:
        """Refuse an empty horizon, and steps of no length or longer than a plan can be."""
        require_instant(self.start, "horizon.start")
        require(len(self.step_h) > 0, "horizon.step_h", "must have at least one step")
        for index, length in enumerate(self.step_h):
            require_number(
                length,
                f"horizon.step_h[{index}]",
                minimum=_SHORTEST_H,
                maximum=_LONGEST_STEP_H,
            )
        require(
            math.fsum(self.step_h) <= _LONGEST_H,
            "horizon.step_h",
            f"must not be longer than {_LONGEST_H} h together",
        )

    @classmethod
    def aligned(
        cls,
        now: datetime,
        until: datetime,
        step: timedelta,
        *,
        coarse_from: datetime | None = None,
        coarse_step: timedelta | None = None,
    ) -> Horizon:
        """Build steps whose boundaries are multiples of ``step`` since midnight UTC.

        The first step runs from ``now``, in whole seconds, to the next boundary; the last one
        contains ``until``.

        Args:
            now: The start.
            until: So far at least.
            step: Length of a step.
            coarse_from: From the first boundary of a coarse step after this instant on
            coarse_step: steps have this length instead, a multiple of ``step``.
        """
        start = now.astimezone(UTC).replace(microsecond=0)
        midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
        boundary = midnight + ((start - midnight) // step + 1) * step
        edges = [start, boundary]
        while edges[-1] < until:
            is_far = coarse_from is not None and edges[-1] >= coarse_from
            if is_far and coarse_step is not None and (edges[-1] - midnight) % coarse_step == _NONE:
                step = coarse_step
            edges.append(edges[-1] + step)
        return cls(
            start=start,
            step_h=tuple((end - begin) / timedelta(hours=1) for begin, end in pairwise(edges)),
        )

    def __len__(self) -> int:
        """Return the number of steps."""
        return len(self.step_h)

    @cached_property
    def edges(self) -> tuple[datetime, ...]:
        """The boundaries of the steps: one more than there are steps."""
        offsets = accumulate(self.step_h, initial=0.0)
        # Whole seconds: sums of binary fractions must not move a boundary by a microsecond.
        return tuple(self.start + timedelta(seconds=round(offset * 3600, 3)) for offset in offsets)

    @property
    def end(self) -> datetime:
        """The end of the last step."""
        return self.edges[-1]

    def index_at(self, moment: datetime) -> int | None:
        """Return the step that contains a moment, or None outside the horizon."""
        for index, (begin, end) in enumerate(pairwise(self.edges)):
            if begin <= moment < end:
                return index
        return None

    def overlap_h(self, begin: datetime, end: datetime) -> PerStep:
        """Return how many hours of each step lie between two instants."""
        if end <= begin:
            return (0.0,) * len(self)
        edges = self.edges
        first = max(0, bisect_right(edges, begin) - 1)
        last = min(len(self), bisect_left(edges, end))
        hours = list((0.0,) * first + self.step_h[first:last] + (0.0,) * (len(self) - last))
        for index in {first, last - 1} & set(range(first, last)):
            covered = min(edges[index + 1], end) - max(edges[index], begin)
            if covered < edges[index + 1] - edges[index]:
                hours[index] = max(0.0, covered / timedelta(hours=1))
        return tuple(hours)
