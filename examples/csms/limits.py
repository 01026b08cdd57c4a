"""What a charger may draw over time: steps, the last of which holds for ever."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from optivgi_scheduler import Horizon, PerStep


@dataclass(frozen=True)
class Limits:
    """Limits in kW.

    Attributes:
        changes: When a limit begins, and the limit; in order. Before the first, it holds too.
    """

    changes: tuple[tuple[datetime, float], ...]

    @classmethod
    def planned(cls, horizon: Horizon, limit_kw: PerStep) -> Limits:
        """Return those of a plan: after its end, nothing until there is a new one."""
        return cls(tuple(zip(horizon.edges, (*limit_kw, 0.0), strict=True)))

    @classmethod
    def constant(cls, now: datetime, limit_kw: float) -> Limits:
        """Return the same limit for ever."""
        return cls(((now, limit_kw),))

    def at(self, moment: datetime) -> float:
        """Return the limit at a moment."""
        index = bisect_right(self.changes, moment, key=lambda change: change[0]) - 1
        return self.changes[max(0, index)][1]

    def since(self, now: datetime) -> Limits:
        """Return the same from now on, without what has passed and without empty changes."""
        kept = [(now, self.at(now))]
        for begin, limit_kw in self.changes:
            if begin > now and limit_kw != kept[-1][1]:
                kept.append((begin, limit_kw))
        return Limits(tuple(kept))

    def cut(self, count: int) -> Limits:
        """Return the first changes; where there are more, nothing may be drawn after these."""
        if len(self.changes) <= count:
            return self
        begin, _ = self.changes[count - 1]
        return Limits((*self.changes[: count - 1], (begin, 0.0)))

    def with_other(self, other: Limits, pick: Callable[[float, float], float]) -> Limits:
        """Return the lower of two limits at each moment, or the higher: pick is min or max."""
        begins = sorted({begin for begin, _ in self.changes + other.changes})
        return Limits(tuple((begin, pick(self.at(begin), other.at(begin))) for begin in begins))

    def in_steps(self, horizon: Horizon) -> PerStep:
        """Return the highest limit within each step."""
        edges = horizon.edges
        highest = [self.at(begin) for begin in edges[:-1]]
        for begin, limit in self.changes:
            index = horizon.index_at(begin)
            if index is not None:
                highest[index] = max(highest[index], limit)
        return tuple(highest)
