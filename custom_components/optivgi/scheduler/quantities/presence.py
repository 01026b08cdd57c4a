"""When EVs are there: for how long of each step, and the moments in which the same ones are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from ..model import EV, Horizon
from .demand import Array


@dataclass(frozen=True, kw_only=True)
class Moments:
    """The steps of a horizon in order, some of them cut where EVs come and go.

    Attributes:
        step: Which step each moment is in.
        hours: How long each lasts.
        part: For how much of each moment (column) each EV (row) is there: all or nothing where its
            step is cut.
    """

    step: NDArray[np.intp]
    hours: Array
    part: Array

    @classmethod
    def of(cls, horizon: Horizon, evs: Sequence[EV], cut: NDArray[np.bool]) -> Moments:
        """Cut steps.

        Args:
            horizon: The steps.
            evs: Who comes and goes.
            cut: Which steps to cut.
        """
        edges, begin, end = _edges_s(horizon), *_stays_s(horizon, evs)
        step = np.searchsorted(edges, np.concatenate((begin, end)), side="right") - 1
        inside = (step >= 0) & (step < len(horizon))
        inside[inside] = cut[step[inside]]
        cuts = np.unique(np.concatenate((edges, np.concatenate((begin, end))[inside])))
        length = np.diff(cuts)
        there = np.minimum(cuts[1:], end[:, None]) - np.maximum(cuts[:-1], begin[:, None])
        middles = cuts[:-1] + length / 2
        return cls(
            step=np.searchsorted(edges, middles, side="right") - 1,
            hours=length / 3600,
            part=np.maximum(there, 0.0) / length,
        )

    @classmethod
    def uncut(cls, horizon: Horizon, hours: Array) -> Moments:
        """Take each step as it is; for how long each EV is there in each is known."""
        step_h = np.array(horizon.step_h)
        return cls(step=np.arange(len(horizon)), hours=step_h, part=hours / step_h)

    def total_kw(self, power_kw: Array) -> Array:
        """Return what a power of each EV, per step, comes to in each moment."""
        if not power_kw.any():
            return np.zeros(len(self.step))
        total: Array = (power_kw[:, self.step] * self.part).sum(axis=0)
        return total

    def hours_of(self, fraction: Array) -> Array:
        """Return for how many hours of each step each EV is there, times a fraction per moment."""
        return self.per_step(self.part * (self.hours * fraction))

    def per_step(self, values: Array) -> Array:
        """Return sums over the moments (last axis) of each step."""
        begins = np.searchsorted(self.step, np.arange(self.step[-1] + 1))
        sums: Array = np.add.reduceat(values, begins, axis=-1)
        return sums


def presence_h(horizon: Horizon, evs: Sequence[EV]) -> Array:
    """Return how many hours of each step each EV is there, a row for each."""
    edges, begin, end = _edges_s(horizon), *_stays_s(horizon, evs)
    there = np.minimum(edges[1:], end[:, None]) - np.maximum(edges[:-1], begin[:, None])
    hours: Array = np.maximum(there, 0.0) / 3600
    return hours


def _edges_s(horizon: Horizon) -> Array:
    return np.array([_since_s(horizon, edge) for edge in horizon.edges])


def _stays_s(horizon: Horizon, evs: Sequence[EV]) -> tuple[Array, Array]:
    """Return when each comes and goes, in seconds since the horizon begins."""
    arrivals = [_since_s(horizon, ev.arrival) for ev in evs]
    departures = [_since_s(horizon, ev.departure) for ev in evs]
    return np.array(arrivals, dtype=np.float64), np.array(departures, dtype=np.float64)


def _since_s(horizon: Horizon, moment: datetime) -> float:
    return (moment - horizon.start).total_seconds()
