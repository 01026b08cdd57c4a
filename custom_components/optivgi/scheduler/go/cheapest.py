"""The cheapest plan of one car against what the others leave it, without a solver.

What a kWh is worth decides: a step is charged in where that pays, at the level where it pays
most, and starts are weighed against gaps exactly. The worth is raised until the energy suffices.
"""

from dataclasses import dataclass
import math

import numpy as np
from numpy.typing import NDArray

from ..quantities.demand import Array, Demand
from ..quantities.tolerances import NEGLIGIBLE_KW, NEGLIGIBLE_KWH
from ..sharing.greedy import trim

type StepMask = NDArray[np.bool]

_HALVINGS = 24
"""Of the range of worths; its width is then below a billionth of the first."""
_NEARLY_ENOUGH = 0.1
"""Of what one step brings: so much beyond the need, steps are as good as chosen."""
_WAYS = 3
"""Of the ways found so far, how many are filled and compared."""
_RAISES = 12
"""Doublings of what a worth is raised by until enough is charged."""
_SAME_WORTH = 1e-9
"""Worths that differ by less are one."""
_DUE = 1e12
"""Worth of a step in which the car draws anyway."""
_MIN_POWER_SHARE = 0.05
"""Of its power, what a car without a minimum power is taken to draw while it charges."""
_TAPER_ROUNDS = 8
"""Attempts at making up for what a battery does not accept."""


@dataclass(frozen=True, kw_only=True)
class ChargingCosts:
    """What energy and starts count for.

    Attributes:
        buy: Of a kWh from the grid, per step.
        sell: Of a kWh of PV surplus, per step.
        start_cost: Of a start.
        export_limit_kw: Surplus beyond this costs nothing, per step; none for no limit.
    """

    buy: Array
    sell: Array
    start_cost: float = 0.0
    export_limit_kw: Array | None = None

    def _free_kw(self, power_kw: Array, surplus_kw: Array) -> Array:
        """Return how much of a power would be curtailed if it were not drawn."""
        if self.export_limit_kw is None:
            return np.zeros_like(surplus_kw)
        free: Array = np.minimum(power_kw, np.maximum(surplus_kw - self.export_limit_kw, 0.0))
        return free

    def cost(self, demand: Demand, power_kw: Array, surplus_kw: Array) -> float:
        """Return what a car's power costs with its starts, where so much surplus is left for it."""
        on = power_kw > 0
        before = np.concatenate(([demand.ev.charging], on[:-1]))
        starts = int(np.count_nonzero(on & ~before))
        return float(np.sum(self._money(demand, power_kw, surplus_kw))) + self.start_cost * starts

    def _money(self, demand: Demand, power_kw: Array, surplus_kw: Array) -> Array:
        own = np.minimum(power_kw, surplus_kw)
        paid = own - self._free_kw(power_kw, surplus_kw)
        money: Array = demand.hours * (self.sell * paid + self.buy * (power_kw - own))
        return money

    def levels(
        self, demand: Demand, min_kw: Array, max_kw: Array, surplus_kw: Array
    ) -> tuple[Array, Array]:
        """Return the powers between which the price of a kWh is one and the same, and their cost.

        Args:
            demand: The car.
            min_kw: The minimum it draws while it charges, per step.
            max_kw: The maximum it may draw, per step.
            surplus_kw: PV surplus left for it, per step.

        Returns:
            Two arrays with a row for the minimum, one for all surplus, and one for the maximum;
            another after the minimum for what would be curtailed, where there is a limit on that.
        """
        cheap = self.sell < self.buy
        middle = np.where(cheap, np.clip(surplus_kw, min_kw, max_kw), max_kw)
        rows = [min_kw, middle, max_kw]
        if self.export_limit_kw is not None:
            free_kw = np.clip(self._free_kw(max_kw, surplus_kw), min_kw, middle)
            rows.insert(1, np.where(self.sell > 0, free_kw, min_kw))
        powers = np.array(rows)
        return powers, np.array([self._money(demand, row, surplus_kw) for row in powers])


def plan_cheapest(
    demand: Demand, room_kw: Array, surplus_kw: Array, prices: ChargingCosts
) -> Array:
    """Return a car's cheapest power per step that brings the energy it needs, or else the most.

    Args:
        demand: The car; what is due at once of it is kept.
        room_kw: The maximum it may draw beside the others, per step, what is due included.
        surplus_kw: PV surplus that the others leave, per step.
        prices: What to save.
    """
    floor = demand.floor_kw
    max_kw = np.minimum(demand.ceiling_kw, room_kw)
    max_kw[max_kw < max(demand.ev.min_power_kw, NEGLIGIBLE_KW)] = 0.0
    max_kw = np.maximum(max_kw, floor)
    min_kw = np.where(max_kw > 0, np.maximum(demand.ev.min_power_kw, floor), 0.0)
    if prices.start_cost > 0:
        # Charging with nothing is a pause, with a start after it.
        min_kw = np.maximum(min_kw, _MIN_POWER_SHARE * max_kw)
    min_kw = np.minimum(min_kw, max_kw)
    if not demand.ev.taper:
        return _WorthSearch(demand, min_kw, max_kw, surplus_kw, prices).power(demand.need_kwh)
    return _with_taper(demand, min_kw, max_kw, surplus_kw, prices)


def _with_taper(
    demand: Demand, min_kw: Array, max_kw: Array, surplus_kw: Array, prices: ChargingCosts
) -> Array:
    """Plan with what the battery would accept by the plan before, until the energy suffices."""
    asked = demand.need_kwh
    able = max_kw
    for attempt in range(1, _TAPER_ROUNDS + 1):
        power = _WorthSearch(demand, np.minimum(min_kw, able), able, surplus_kw, prices).power(
            asked
        )
        missing = demand.need_kwh - demand.energy_kwh(demand.tapered(power))
        if missing <= NEGLIGIBLE_KWH:
            return _to_the_point(demand, power)
        asked += missing * attempt
        able = np.maximum(np.minimum(max_kw, demand.rates_kw(power)), demand.floor_kw)
    return _to_the_point(demand, max_kw.copy())


def _to_the_point(demand: Demand, power_kw: Array) -> Array:
    """Return limits that the battery makes use of, for no more than the need."""
    limits = demand.without_waste(power_kw)
    trim(demand, limits)
    return demand.without_waste(limits)


class _WorthSearch:
    """The search for what a kWh has to be worth to one car."""

    def __init__(
        self, demand: Demand, min_kw: Array, max_kw: Array, surplus: Array, prices: ChargingCosts
    ) -> None:
        self.demand = demand
        self.prices = prices
        self.surplus = surplus
        self.start_cost = prices.start_cost
        self.powers, self.costs = prices.levels(demand, min_kw, max_kw, surplus)
        self.energies = self.powers * demand.gain_kwh
        self.possible = max_kw > 0
        self.due = demand.floor_kw > 0
        where = np.flatnonzero(self.possible)
        self.span = slice(int(where[0]), int(where[-1]) + 1) if len(where) else slice(0, 0)
        gain = np.where(self.possible, demand.gain_kwh, 1.0)
        # Of a kWh in the battery, in each of the parts above the minimum power.
        raised = np.maximum(self.powers[1:] - self.powers[:-1], NEGLIGIBLE_KW)
        self.unit_cost = (self.costs[1:] - self.costs[:-1]) / raised / gain
        self.by_cost = np.argsort(self.unit_cost, axis=None, kind="stable")

    def power(self, need_kwh: float) -> Array:
        """Return the cheapest power for so much energy, or all where that is too little."""
        min_kwh, max_kwh = self.energies[0], self.energies[-1]
        if float(max_kwh.sum()) <= need_kwh:
            everything: Array = self.powers[-1].copy()
            return everything
        if float(min_kwh[self.due].sum()) >= need_kwh:
            due: Array = np.where(self.due, self.powers[0], 0.0)
            return due
        low, some, high, all_, energies = self._bracket(need_kwh)
        near = need_kwh + _NEARLY_ENOUGH * float(max_kwh.max())
        enough = [all_]
        for _ in range(_HALVINGS):
            if high - low < _SAME_WORTH or float(energies[all_].sum()) <= near:
                break
            middle = (low + high) / 2
            steps, taken = self._at(middle)
            if float(taken[steps].sum()) < need_kwh:
                low, some = middle, steps
            else:
                high, all_, energies = middle, steps, taken
            if float(max_kwh[steps].sum()) >= need_kwh:
                enough.append(steps)
        # Between two worths the energy may jump over the need; then several ways are worth a look.
        ways = [_grow(some & all_, all_, energies, need_kwh), *enough[-_WAYS:]]
        plans = [self._fill(steps, need_kwh) for steps in ways]
        return min(plans, key=lambda power: self._cost(power, need_kwh))

    def _cost(self, power_kw: Array, need_kwh: float) -> float:
        """Return what a plan costs; being paid for more than is needed is no gain."""
        cost = self.prices.cost(self.demand, power_kw, self.surplus)
        lowest = min(float(self.prices.buy.min()), float(self.prices.sell.min()), 0.0)
        excess = max(0.0, self.demand.energy_kwh(power_kw) - need_kwh)
        return round(cost - lowest * excess / self.demand.ev.efficiency, 9)

    def _bracket(self, need_kwh: float) -> tuple[float, StepMask, float, StepMask, Array]:
        """Return a worth at which too little is charged, one at which enough is, and the steps."""
        max_kwh = self.energies[-1]
        possible = self.possible
        each = self.costs[:, possible] / np.maximum(self.energies[:, possible], NEGLIGIBLE_KWH)
        unit = self.unit_cost[:, possible]
        low = min(float(each.min()), float(unit.min())) - _SAME_WORTH
        some, _ = self._at(low)
        high = max(float(each[-1].max()), float(unit.max())) + _SAME_WORTH
        # Above the highest price a start has to pay in the energy of one step, or in a part of it.
        more = self.start_cost / float(max_kwh.max())
        for _ in range(_RAISES):
            all_, energies = self._at(high)
            if float(energies[all_].sum()) >= need_kwh:
                return low, some, high, all_, energies
            low, some = high, all_
            high += more
            more *= 2
        return high, some, high, possible, max_kwh

    def _at(self, worth: float) -> tuple[StepMask, Array]:
        """Return the steps in which charging pays at a worth, and what energy each brings then."""
        values = worth * self.energies - self.costs
        level = np.argmax(values, axis=0)
        columns = np.arange(len(level))
        value = values[level, columns]
        value[self.due] += _DUE
        value[~self.possible] = -np.inf
        span = self.span
        steps = np.zeros(len(value), dtype=np.bool)
        charging = self.demand.ev.charging and span.start == 0
        steps[span] = worthwhile(value[span], self.start_cost, charging=charging)
        return steps, self.energies[level, columns]

    def _fill(self, steps: StepMask, need_kwh: float) -> Array:
        """Return the power in given steps: the least, and above it what is cheapest."""
        power = np.where(steps, self.powers[0], 0.0)
        missing = need_kwh - self.demand.energy_kwh(power)
        if missing <= 0:
            trim(self.demand, power)
            return power
        parts = np.where(steps, self.powers[1:] - self.powers[:-1], 0.0).ravel()[self.by_cost]
        gain = np.tile(self.demand.gain_kwh, len(self.unit_cost))[self.by_cost]
        brought = np.cumsum(parts * gain)
        whole = brought <= missing
        taken = np.where(whole, parts, 0.0)
        last = int(np.argmin(whole)) if not whole.all() else -1
        if last >= 0:
            before = float(brought[last - 1]) if last else 0.0
            taken[last] = (missing - before) / gain[last] if gain[last] > 0 else 0.0
        added = np.empty_like(taken)
        added[self.by_cost] = taken
        filled: Array = power + added.reshape(len(self.unit_cost), -1).sum(axis=0)
        return filled


def worthwhile(value: Array, start_cost: float, *, charging: bool) -> StepMask:
    """Return the steps in which to charge so that their values less the starts are the most.

    Args:
        value: Of charging in a step; minus infinity where that is impossible.
        start_cost: Of each start.
        charging: Whether charging goes on if the first step is one of them.
    """
    if start_cost <= 0:
        return value > 0
    off, on = 0.0, 0.0 if charging else -math.inf
    started: list[bool] = []
    stopped: list[bool] = []
    for own in value.tolist():
        start = off - start_cost > on
        stop = on > off
        started.append(start)
        stopped.append(stop)
        off, on = (on if stop else off), own + (off - start_cost if start else on)
    steps = np.zeros(len(value), dtype=np.bool)
    now = on > off
    for step in range(len(value) - 1, -1, -1):
        steps[step] = now
        now = not started[step] if now else stopped[step]
    return steps


def _grow(some: StepMask, all_: StepMask, energies: Array, need_kwh: float) -> StepMask:
    """Return steps between too few and enough: what prolongs a charge first, then the earliest.

    Args:
        some: Steps that are charged in anyway.
        all_: Steps that suffice together.
        energies: What each brings.
        need_kwh: What all together should bring.
    """
    steps = some.copy()
    missing = need_kwh - float(energies[steps].sum())
    more = all_ & ~some
    edges = np.flatnonzero(np.diff(np.concatenate(([0], more.view(np.int8), [0]))))
    runs = [range(begin, end) for begin, end in zip(edges[::2], edges[1::2], strict=True)]
    last = len(steps) - 1

    def follows(run: range) -> bool:
        return run.start > 0 and bool(some[run.start - 1])

    def precedes(run: range) -> bool:
        return run.stop <= last and bool(some[run.stop])

    runs.sort(key=lambda run: (-(follows(run) + precedes(run)), run.start))
    for run in runs:
        backwards = precedes(run) and not follows(run)
        for step in reversed(run) if backwards else run:
            if missing <= 0:
                return steps
            steps[step] = True
            missing -= float(energies[step])
    return steps
