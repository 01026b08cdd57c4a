"""What a tariff on the highest power costs, from the power imported in each step.

Metered is the mean power of each billing interval. Intervals and steps need not agree: an
interval may hold several steps, a step several intervals, and the first interval may have begun
before the horizon. So the mean of an interval is a sum over its parts, each in one step:

    mean_k = weight_first * imported_kwh / interval_h [first interval]
             + sum over parts (weight_t * part_h / interval_h * import_kw_t)

What of the last interval lies beyond the horizon counts as nothing imported.
"""

from dataclasses import dataclass
from datetime import UTC

import numpy as np
from numpy.typing import NDArray

from ..model import Horizon, PeakTariff, PerStep
from ..model.checks import MOST
from ..model.site import SAME_PEAK_KW
from .demand import Array

_SHORTEST_H = 1e-7
"""Parts of an interval shorter than this are rounding errors of the boundaries."""


@dataclass(frozen=True, kw_only=True)
class Billing:
    """The billing intervals of one tariff that the horizon touches, and their parts in its steps.

    An interval has few parts, or a step many intervals, so parts are listed, in order of time.

    Attributes:
        tariff: The tariff.
        interval: Which interval each part is of,
        step: which step it is in,
        share: and how much a kW imported throughout that step adds to what counts of that interval,
            weight included; only where that is anything.
        offset_kw: What the energy imported before the horizon adds to it, per interval.
        day: Which of the days of the horizon each interval belongs to, from 0; each is one of its
            own where a day may have several of the highest.
    """

    tariff: PeakTariff
    interval: NDArray[np.intp]
    step: NDArray[np.intp]
    share: Array
    offset_kw: Array
    day: NDArray[np.intp]

    @classmethod
    def of(cls, tariff: PeakTariff, horizon: Horizon) -> Billing:
        """Cut the steps of a horizon into the intervals of a tariff."""
        steps = len(horizon)
        start = horizon.start.astimezone(UTC)
        midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
        edges_h = np.array([(edge - midnight).total_seconds() / 3600 for edge in horizon.edges])
        length = tariff.interval_h
        first = int(np.floor(edges_h[0] / length + _SHORTEST_H))
        last = int(np.ceil(edges_h[-1] / length - _SHORTEST_H))
        cuts = np.concatenate((edges_h, np.arange(first, last + 1) * length))
        cuts = np.unique(np.clip(cuts, edges_h[0], edges_h[-1]))
        cuts = cuts[np.diff(cuts, prepend=-1.0) > _SHORTEST_H]
        parts_h = np.diff(cuts)
        middles = cuts[:-1] + parts_h / 2
        step = np.clip(np.searchsorted(edges_h, middles, side="right") - 1, 0, steps - 1)
        interval = np.clip((middles / length).astype(np.intp) - first, 0, last - first - 1)
        weight = np.array(tariff.weight) if tariff.weight else np.ones(steps)
        share = parts_h / length * weight[step]
        counts = share > 0
        offset = np.zeros(last - first)
        offset[0] = weight[0] * tariff.imported_kwh / length
        days = np.array(tariff.day) if tariff.day else np.zeros(steps, dtype=np.intp)
        _, days = np.unique(days, return_inverse=True)
        # An interval belongs to the day in which it begins.
        _, begins = np.unique(interval, return_index=True)
        day = days[step[begins]] if tariff.distinct_days else np.arange(len(offset))
        return cls(
            tariff=tariff,
            interval=interval[counts],
            step=step[counts],
            share=share[counts],
            offset_kw=offset,
            day=day,
        )

    def counted_kw(self, import_kw: Array) -> Array:
        """Return what counts of each interval: its mean import times the weight of its time."""
        imported = np.maximum(import_kw, 0.0)[self.step]
        return self.per_interval(self.share * imported) + self.offset_kw

    def per_interval(self, values: Array) -> Array:
        """Return sums over the parts of each interval."""
        sums = np.zeros(len(self.offset_kw))
        np.add.at(sums, self.interval, values)
        return sums

    def day_peaks_kw(self, counted_kw: Array) -> Array:
        """Return the highest of each day of the horizon, with what the first one had before."""
        peaks = np.zeros(int(self.day.max()) + 1)
        np.maximum.at(peaks, self.day, counted_kw)
        peaks[0] = max(peaks[0], self.tariff.today_kw)
        return peaks

    def cost(self, counted_kw: Array) -> float:
        """Return what the tariff costs for the billing period, earlier peaks included."""
        return self.tariff.cost(self.mean_kw(counted_kw))

    def mean_kw(self, counted_kw: Array) -> float:
        """Return the mean of the highest, earlier peaks included; what is missing counts as 0."""
        return float(self._highest(self.day_peaks_kw(counted_kw)).sum()) / self.tariff.top_days

    def rise_cost(self, counted_kw: Array, beyond_kw: Array) -> Array:
        """Return what the tariff costs more if one interval rises beyond what it is free up to.

        Args:
            counted_kw: What counts of each interval.
            beyond_kw: How far beyond, for any number of cases.
        """
        rise: Array = np.maximum(beyond_kw, 0.0) / self.tariff.top_days
        cost: Array = self.tariff.price_per_kw * rise
        if self.tariff.price_steps:
            free_kw = self.tariff.free_up_to_kw(self.mean_kw(counted_kw))
            for step in self.tariff.price_steps:
                passes = (free_kw <= step.above_kw + SAME_PEAK_KW) & (
                    free_kw + rise > step.above_kw + SAME_PEAK_KW
                )
                cost += step.price * passes
        return cost

    def free_up_to_kw(self, counted_kw: Array) -> Array:
        """Return up to what each interval may rise without making the tariff cost more.

        That is the highest of its day, or the lowest that counts, if its day does not count; and
        what the mean may rise by at no cost, shared by the days that may all rise.
        """
        peaks = self.day_peaks_kw(counted_kw)
        highest = self._highest(peaks)
        top = self.tariff.top_days
        counting = float(highest[-1]) if len(highest) == top else 0.0
        mean_kw = float(highest.sum()) / top
        rise_kw = (self.tariff.free_up_to_kw(mean_kw) - mean_kw) * top / min(top, len(peaks))
        free: Array = np.maximum(peaks, counting)[self.day] + rise_kw
        return free

    def level_kw(self, import_kw: Array) -> PerStep:
        """Return what the interval of each step may rise to at what a plan costs, per step."""
        free = np.minimum(self.free_up_to_kw(self.counted_kw(import_kw)), MOST)
        level = np.full(len(import_kw), MOST)
        np.minimum.at(level, self.step, free[self.interval])
        return tuple(level.tolist())

    def _highest(self, peaks_kw: Array) -> Array:
        """Return what counts of all days, the highest first."""
        every = np.concatenate((np.array(self.tariff.day_peaks_kw, dtype=np.float64), peaks_kw))
        return np.sort(every)[::-1][: self.tariff.top_days]

    def room_kw(self, import_kw: Array, free_up_to_kw: Array | None = None) -> Array:
        """Return how much more each step may import without making the tariff cost more.

        Args:
            import_kw: What is imported, per step.
            free_up_to_kw: Up to what the intervals may rise; by default what this import allows.
        """
        counted = self.counted_kw(import_kw)
        free = self.free_up_to_kw(counted) if free_up_to_kw is None else free_up_to_kw
        room = np.full(len(import_kw), np.inf)
        np.minimum.at(room, self.step, (free - counted)[self.interval] / self.share)
        room_kw: Array = np.maximum(room, 0.0)
        return room_kw


def peak_cost(tariff: PeakTariff, horizon: Horizon, import_kw: Array) -> float:
    """Return what a tariff costs for the billing period if that much is imported.

    The price of the mean of the highest days, those before the horizon included. Days that are
    still missing count as nothing: they will come, and the final bill is divided by their full
    number.

    Args:
        tariff: The tariff.
        horizon: The steps.
        import_kw: The mean import of the site in each step; exports count as nothing.
    """
    billing = Billing.of(tariff, horizon)
    return billing.cost(billing.counted_kw(import_kw))
