"""Charging as early as the limits allow: what happens without a plan, and in mode "at once".

Time runs forward, step by step, and each step is shared among the cars that are there. A car's
minimum power is kept: it draws nothing or at least that. It draws what is due at once of it in
any case, and never more than its battery takes.
"""

from collections.abc import Sequence
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

from ..quantities.demand import Array, Demand, NetworkLimits
from ..quantities.tolerances import NEGLIGIBLE_KW, NEGLIGIBLE_KWH, ROUNDING_KW
from .shortage import SHORT, missing_fractions

_STEEPNESS = -4
"""How much more of a step a car gets that has less time to spare: a power of that time,"""
_MIN_SLACK_H = 0.1
"""which is taken to be at least this."""
_HALVINGS = 20
"""Of the powers between which the one is that fills a battery just in time."""


def trim(demand: Demand, power_kw: Array) -> None:
    """Take away in place what exceeds the need, from the last steps first.

    Args:
        demand: Whose power it is.
        power_kw: The power per step, changed in place; never brought below the minimum power, nor
            below what is due at once.
    """
    excess = demand.energy_kwh(demand.tapered(power_kw)) - demand.need_kwh
    gain = demand.gain_kwh
    min_kw = np.maximum(demand.ev.min_power_kw, demand.floor_kw)
    for step in map(int, np.flatnonzero((power_kw > min_kw) & (gain > 0))[::-1]):
        if excess <= 0:
            return
        given = min(excess, float((power_kw[step] - min_kw[step]) * gain[step]))
        power_kw[step] -= given / gain[step]
        excess -= given


class Sharing(Enum):
    """Who gets more of a step in which not everybody gets all."""

    EVENLY = auto()
    """In proportion to what each still needs: equal fractions for cars that share a window."""
    PUNCTUALLY = auto()
    """First what a car needs now as it is not there long enough otherwise, then evenly."""
    BY_SLACK = auto()
    """First the same, then whoever has the minimum time to spare."""


def charge_at_once(demands: Sequence[Demand], network: NetworkLimits) -> list[Array]:
    """Charge every demand as early as the network limits allow.

    Args:
        demands: Who charges.
        network: What may be drawn, what is due at once of these demands included.

    Returns:
        The power of each demand, per step.
    """
    if not demands:
        return []
    punctual = simulate(demands, network, Sharing.PUNCTUALLY)
    missing = missing_fractions(demands, punctual)
    if not missing or missing[0] <= SHORT:
        return punctual
    # Not all can be on time: who would be late must not take everything from the others.
    even = simulate(demands, network, Sharing.EVENLY)
    return even if missing_fractions(demands, even) < missing else punctual


def simulate(demands: Sequence[Demand], network: NetworkLimits, sharing: Sharing) -> list[Array]:
    """Let time run, and each step be shared in one way; return the power of each, per step."""
    fleet = _FleetState(demands, sharing)
    power = np.zeros((len(demands), network.capacity_kw.shape[1]))
    ends = fleet.ends_of_plenty(network.capacity_kw)
    step = 0
    while step < len(ends) and not fleet.is_done(step):
        end = ends[step]
        if end > step:
            power[:, step:end] = fleet.charge_freely(step, end)
            step = end
            continue
        power[:, step] = fleet.charge(step, network.capacity_kw[:, step])
        step += 1
    series = list(power)
    for demand, own in zip(demands, series, strict=True):
        trim(demand, own)
    return series


class _FleetState:
    """All cars at one moment of the simulation, one array entry for each."""

    def __init__(self, demands: Sequence[Demand], sharing: Sharing) -> None:
        self.sharing = sharing
        self.demands = demands
        self.minimum = np.array([float(demand.ev.min_power_kw) for demand in demands])
        self.priority = np.array([float(demand.ev.priority) for demand in demands])
        self.share = np.array([demand.share for demand in demands])
        self.gain = np.array([demand.gain_kwh for demand in demands])
        self.ceiling = np.array([demand.ceiling_kw for demand in demands])
        self.floor = np.array([demand.floor_kw for demand in demands])
        self.need = np.array([float(demand.need_kwh) for demand in demands])
        self.stored = np.zeros(len(demands))
        self.charging = np.array([demand.ev.charging for demand in demands])
        self.tapering = {index for index, demand in enumerate(demands) if demand.ev.taper}
        max_kw = [demand.tapered(demand.ceiling_kw) for demand in demands]
        self.possible = _from_each_step_on(self.gain * np.array(max_kw))
        self.fastest = self.ceiling.max(axis=1)
        self.due = _from_each_step_on(self.gain * self.floor)

    def is_done(self, step: int) -> bool:
        """Tell whether nobody can charge any more from a step on."""
        wanting = (self.need - self.stored > NEGLIGIBLE_KWH) & (self.possible[:, step] > 0)
        return not wanting.any() and not self.due[:, step].any()

    def ends_of_plenty(self, capacity: Array) -> list[int]:
        """Return until when nothing has to be shared, from each step on: itself where it has.

        Nothing has to be where all who are there can draw all they can. Where batteries taper, or
        something is due at once, every step is looked at by itself.
        """
        steps = capacity.shape[1]
        if self.tapering or self.due.any():
            return list(range(steps))
        max_kw = np.where(self.ceiling > 0, np.maximum(self.ceiling, self.minimum[:, None]), 0.0)
        scarce = (self.share.T @ max_kw > capacity).any(axis=0)
        last = np.where(scarce, np.arange(steps), steps)
        ends: list[int] = np.minimum.accumulate(last[::-1])[::-1].tolist()
        return ends

    def charge_freely(self, begin: int, end: int) -> Array:
        """Let the steps from ``begin`` to ``end`` pass in which all get what they can draw."""
        gain, ceiling = self.gain[:, begin:end], self.ceiling[:, begin:end]
        full = np.column_stack([self.stored, gain * ceiling])
        missing = self.need[:, None] - np.cumsum(full, axis=1)[:, :-1]
        active = (ceiling > 0) & (missing > NEGLIGIBLE_KWH)
        min_kw = self.minimum[:, None]
        requested = np.divide(missing, gain, out=np.zeros_like(gain), where=active)
        drawn = np.where(active, np.clip(requested, min_kw, np.maximum(ceiling, min_kw)), 0.0)
        self.stored = np.cumsum(np.column_stack([self.stored, gain * drawn]), axis=1)[:, -1]
        self.charging = drawn[:, -1] > 0
        return drawn

    def charge(self, step: int, capacity: Array) -> Array:
        """Let one step pass; return what each car draws, in kW."""
        drawn = np.zeros(len(self.need))
        ceiling = np.maximum(self._accepted(step), self.floor[:, step])
        missing = self.need - self.stored - self.due[:, step + 1]
        floor = self.floor[:, step]
        active = ((ceiling > 0) & ((missing > NEGLIGIBLE_KWH) | (floor > 0))).nonzero()[0]
        if len(active):
            gain = self.gain[active, step]
            min_kw = np.maximum(self.minimum, floor)[active]
            max_kw = np.maximum(ceiling[active], min_kw)
            requested = np.minimum(np.maximum(missing[active] / gain, min_kw), max_kw)
            if self.tapering:
                self._allow_for_taper(active, requested, missing, ceiling, step)
            drawn[active] = self._share_out(step, active, requested, capacity)
            self._store(drawn, step)
        self.charging = drawn > 0
        return drawn

    def _accepted(self, step: int) -> Array:
        """Return the most each car can draw in a step, by how full its battery is by now."""
        ceiling: Array = self.ceiling[:, step]
        if not self.tapering:
            return ceiling
        ceiling = ceiling.copy()
        for index in self.tapering:
            if ceiling[index] > 0:
                stored = float(self.stored[index])
                ceiling[index] = self.demands[index].rate_kw(stored, float(ceiling[index]))
        return ceiling

    def _allow_for_taper(
        self, active: NDArray[np.intp], requested: Array, missing: Array, ceiling: Array, step: int
    ) -> None:
        """Raise requests in place where the battery takes less by the end of a step than before."""
        for at, index in enumerate(map(int, active)):
            if index not in self.tapering:
                continue
            demand, stored = self.demands[index], float(self.stored[index])
            low, high = float(requested[at]), float(ceiling[index])
            asked = float(missing[index]) / float(self.gain[index, step])
            if low >= high or demand.accepted_kw(stored, low, step) >= asked - NEGLIGIBLE_KW:
                continue
            for _ in range(_HALVINGS):
                middle = (low + high) / 2
                if demand.accepted_kw(stored, middle, step) < asked:
                    low = middle
                else:
                    high = middle
            requested[at] = high

    def _store(self, drawn: Array, step: int) -> None:
        """Put into the batteries what they take of a step's power."""
        taken = drawn.copy() if self.tapering else drawn
        for index in self.tapering:
            if drawn[index] > 0:
                stored = float(self.stored[index])
                taken[index] = self.demands[index].accepted_kw(stored, float(drawn[index]), step)
        self.stored += taken * self.gain[:, step]

    def _share_out(
        self, step: int, active: NDArray[np.intp], requested: Array, capacity: Array
    ) -> Array:
        """Share a step's capacity among the active cars."""
        share = self.share[active]
        if (requested @ share <= capacity + ROUNDING_KW).all():
            return requested
        floor = self.floor[active, step]
        minimum = np.maximum(self.minimum[active], floor)
        left = self.need[active] - self.stored[active]
        if by_slack := self.sharing is Sharing.BY_SLACK:
            slack_h = self._slack_h(active, left, step)
            weight = np.maximum(slack_h, _MIN_SLACK_H) ** _STEEPNESS
        else:
            weight = np.maximum(left, NEGLIGIBLE_KWH) * self.priority[active]
        # Without this much, the rest could not be charged in the steps after.
        urgent = (left - self.possible[active, step + 1]) / self.gain[active, step]
        going = ~self.charging[active]
        order = np.lexsort(
            (
                active,
                *((going, slack_h) if by_slack else (going,)),
                -self.priority[active],
                urgent <= NEGLIGIBLE_KW,
                floor <= 0,
            )
        )
        drawn = np.zeros(len(active))
        rising = np.zeros(len(active), dtype=np.bool)
        room = capacity
        # What cannot wait, then minimum powers, or nobody might reach one.
        soon = np.minimum(urgent, requested)
        hurried = self.sharing is not Sharing.EVENLY and bool((soon > NEGLIGIBLE_KW).any())
        for min_kw in (np.maximum(minimum, soon), minimum) if hurried else (minimum,):
            inside = _who_fits(order[~rising[order]], share * min_kw[:, None], room)
            drawn = np.where(inside, min_kw, drawn)
            rising |= inside
            room = np.maximum(capacity - drawn @ share, 0.0)
        for target in (soon, requested) if hurried else (requested,):
            room = _fill(drawn, target, weight=weight, share=share, room=room, rising=rising)
        return drawn

    def _slack_h(self, active: NDArray[np.intp], left: Array, step: int) -> Array:
        """Return how long each could do nothing from here and still be charged in time."""
        slack: Array = np.maximum(self.possible[active, step] - left, 0.0) / self.fastest[active]
        return slack


def _from_each_step_on(energy: Array) -> Array:
    """Return the sum from each step to the last, with a column of zeros behind them."""
    return np.pad(np.cumsum(energy[:, ::-1], axis=1)[:, ::-1], ((0, 0), (0, 1)))


def _who_fits(order: NDArray[np.intp], load: Array, capacity: Array) -> NDArray[np.bool]:
    """Return who gets in where each in turn does so if there is room for it.

    Args:
        order: The indices of all, the first to be asked first.
        load: What each puts on each row of the network.
        capacity: What each row carries.
    """
    inside = np.zeros(len(load), dtype=np.bool)
    room = capacity + ROUNDING_KW
    waiting = order
    while True:
        waiting = waiting[(load[waiting] <= room).all(axis=1)] if len(waiting) else waiting
        if not len(waiting):
            return inside
        together = (np.cumsum(load[waiting], axis=0) <= room).all(axis=1)
        count = len(waiting) if together.all() else int(np.argmin(together))
        inside[waiting[:count]] = True
        room = room - load[waiting[:count]].sum(axis=0)
        waiting = waiting[count:]


def _fill(
    drawn: Array,
    requested: Array,
    *,
    weight: Array,
    share: Array,
    room: Array,
    rising: NDArray[np.bool],
) -> Array:
    """Raise in place what is drawn, in proportion to the weights, until nothing can rise.

    Returns:
        The room that is left.
    """
    uses = share > 0
    rising = rising & (requested - drawn > NEGLIGIBLE_KW)
    while rising.any():
        full = room <= NEGLIGIBLE_KW
        if full.any():
            rising &= ~(uses & full).any(axis=1)
        cars = rising.nonzero()[0]
        if not len(cars):
            break
        raised = _until_a_row_is_full((requested - drawn)[cars], weight[cars], share[cars], room)
        drawn[cars] += raised
        room = np.maximum(room - raised @ share[cars], 0.0)
        rising &= requested - drawn > NEGLIGIBLE_KW
    return room


def _until_a_row_is_full(rise: Array, weight: Array, share: Array, room: Array) -> Array:
    """Return by how much each can rise in proportion to its weight, and at most by its own rise."""
    heights = rise / weight
    order = np.argsort(heights, kind="stable")
    done = np.cumsum((share * rise[:, None])[order], axis=0)
    loads = (share * weight[:, None])[order]
    going = loads.sum(axis=0) - np.cumsum(loads, axis=0)
    load = done + heights[order, None] * going
    height = float(heights.max())
    for row in np.flatnonzero(load[-1] > room):
        # Between two cars that reach what they request, the load rises in a straight line.
        at = int(np.argmax(load[:, row] > room[row]))
        already = done[at - 1, row] if at else 0.0
        slope = going[at - 1, row] if at else loads[:, row].sum()
        if slope > 0:
            height = min(height, max(0.0, float((room[row] - already) / slope)))
    return np.minimum(rise, height * weight)
