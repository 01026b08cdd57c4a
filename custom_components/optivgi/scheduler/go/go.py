"""GoAlgorithm: a plan without a solver, always and at once.

What is due at once comes first: cars that charge at once, and the energy that others are to have
whatever the price, and the minimum they draw all the time. Then the cars that are planned by price,
the most urgent first: each takes the cheapest energy that is left. If that leaves somebody short,
all of them share what there is as early as possible instead, and then move to what is cheaper
without anybody losing: energy comes before money. Whoever takes energy beyond its need where that
is cheap does so next. Cars that only use PV surplus take what is left of it, and so, in the end,
does energy beyond the need of others, and who charges all the time.

Where the highest power has a price, all that is done within several levels of import, too.

It never discharges, leaves a home battery alone and does not switch phases back and forth.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import permutations
import time
from typing import ClassVar, override

import numpy as np
from numpy.typing import NDArray

from ..algorithm import Algorithm
from ..model import EV, Problem, Schedule, SolveStatus
from ..quantities.demand import Array, Demand, NetworkLimits
from ..quantities.solve_result import SolveResult
from ..quantities.tolerances import NEGLIGIBLE_KWH
from ..report.report import build_schedule
from ..sharing.rationing import ration
from ..sharing.shortage import SHORT, missing_fractions
from ..sharing.steady import (
    at_its_minimum,
    by_priority,
    on_one_phase,
    on_the_phases_for_now,
    sooner_by_surplus,
)
from .below_peaks import cheapest_below_peaks
from .cheapest import ChargingCosts, plan_cheapest

_EXCHANGED = 6
"""Among so many cars it is tried whether two of them should change their turns."""
_EXCHANGE_ROUNDS = 3
"""Bounds the time: each round tries all pairs."""
_GAIN = 1e-6
"""Money that makes an exchange worth while."""


class GoAlgorithm(Algorithm):
    """Takes the cheapest energy, car by car in the order of urgency."""

    name: ClassVar[str] = "go"

    @override
    def solve(self, problem: Problem, *, time_limit_s: float) -> Schedule:
        begin = time.perf_counter()
        plan = plan_quickly(problem, time_limit_s)
        return report_quick(problem, plan, solve_ms=(time.perf_counter() - begin) * 1000)


@dataclass(frozen=True, kw_only=True)
class QuickPlan:
    """A plan made in milliseconds, by the ids of the EVs.

    Attributes:
        power_kw: What each draws, per step.
        due_kw: The part of that which is due at once, of those that have such a part.
        one_phase: In which steps chargers that can switch are on one phase.
    """

    power_kw: dict[str, Array]
    due_kw: dict[str, Array]
    one_phase: dict[str, NDArray[np.bool]]


def report_quick(problem: Problem, plan: QuickPlan, *, solve_ms: float = 0.0) -> Schedule:
    """Return a quick plan as a Schedule."""
    return build_schedule(
        problem,
        [plan.power_kw[ev.id] for ev in problem.evs],
        SolveResult(
            algorithm=GoAlgorithm.name,
            status=SolveStatus.FEASIBLE,
            solve_ms=solve_ms,
            floor_kw=plan.due_kw,
            single_phase=plan.one_phase,
        ),
    )


def plan_quickly(problem: Problem, time_limit_s: float) -> QuickPlan:
    """Plan all EVs below the level of import that is cheapest.

    Args:
        problem: What is asked.
        time_limit_s: After so long nothing more is tried; a first plan is always made.
    """
    end = time.perf_counter() + time_limit_s
    asked, one_phase = _on_their_phases(problem)
    plan = cheapest_below_peaks(
        asked,
        lambda room_kw: _plan_all(asked, room_kw, end),
        lambda plan: list(plan.power.values()),
        is_up=lambda: time.perf_counter() >= end,
    )
    return QuickPlan(power_kw=plan.power, due_kw=plan.due, one_phase=one_phase)


def _plan_all(problem: Problem, room_kw: Array | None, end: float) -> _PartialPlan:
    """Plan all EVs; by price they draw no more than the room that is given, together."""
    partial = _PartialPlan(problem, end)
    partial.charge_at_once()
    curtailed = problem.site.export_limit_kw
    buy, sell = np.array(problem.decision_price), np.array(problem.export_price)
    by_price = ChargingCosts(
        buy=buy,
        sell=sell,
        start_cost=problem.start_cost,
        export_limit_kw=np.array(problem.site.export_limit_kw) if curtailed else None,
    )
    from_surplus = replace(by_price, buy=sell)
    if room_kw is not None:
        partial.keep_within(room_kw)
    at_once = [ev for ev in problem.evs if ev.at_once]
    smart = [ev for ev in problem.evs if not ev.at_once and not ev.surplus_only]
    partial.plan(smart, by_price)
    partial.take_cheap_extra([*at_once, *smart], by_price)
    solar = [ev for ev in problem.evs if not ev.at_once and ev.surplus_only]
    partial.plan(solar, from_surplus, surplus_only=True)
    partial.take_surplus_extra(from_surplus)
    partial.take_surplus_steadily()
    return partial


class _PartialPlan:
    """What every EV draws so far, and what that leaves to whose turn it is."""

    def __init__(self, problem: Problem, end: float) -> None:
        self.problem, self.end = problem, end
        self.network = NetworkLimits.of(problem)
        self.power = {ev.id: np.zeros(len(problem.horizon)) for ev in problem.evs}
        self._share = {ev.id: self.network.share_of(problem, ev) for ev in problem.evs}
        self._capacity = self.network.capacity_kw.copy()
        self._surplus = self.network.surplus_kw.copy()
        self.due: dict[str, Array] = {}
        """The part of the power of EVs that is due at once, by their ids."""

    def keep_within(self, room_kw: Array) -> None:
        """Leave no more than this to all EVs together, what they draw already included."""
        drawn = np.sum(list(self.power.values()), axis=0)
        self._capacity[0] = np.minimum(self._capacity[0], room_kw - drawn)

    def take(self, ev: EV, power_kw: Array) -> None:
        """Let an EV draw this, and what it drew before no more."""
        change = power_kw - self.power[ev.id]
        self._capacity -= np.outer(self._share[ev.id], change)
        self._surplus -= change
        self.power[ev.id] = power_kw

    def left_for(self, evs: Sequence[EV], *, surplus_only: bool = False) -> NetworkLimits:
        """Return what the others leave to some EVs, what these draw included."""
        capacity = np.maximum(self._capacity, 0.0)
        surplus = self._surplus.copy()
        if surplus_only:
            capacity[0] = np.minimum(capacity[0], np.maximum(surplus, 0.0))
        for ev in evs:
            if self.power[ev.id].any():
                capacity += np.outer(self._share[ev.id], self.power[ev.id])
                surplus += self.power[ev.id]
        return NetworkLimits(
            parts=self.network.parts,
            capacity_kw=capacity,
            surplus_kw=np.maximum(surplus, 0.0),
            backfeed_kw=self.network.backfeed_kw,
        )

    def charge_at_once(self) -> None:
        """Take what is due at once: the energy that cars must have, then cars in that mode."""
        empty = [ev for ev in self.problem.evs if ev.min_energy_kwh > 0]
        self._take_early(empty, [min(ev.min_energy_kwh, ev.wanted_kwh) for ev in empty])
        steady = [ev for ev in self.problem.evs if ev.is_steady]
        self._take_early([at_its_minimum(ev) for ev in steady], [ev.wanted_kwh for ev in steady])
        self.due = {ev.id: self.power[ev.id].copy() for ev in [*empty, *steady]}
        at_once = [ev for ev in self.problem.evs if ev.at_once]
        self._take_early(at_once, [ev.wanted_kwh for ev in at_once])

    def _take_early(self, evs: Sequence[EV], energy_kwh: Sequence[float]) -> None:
        """Let some EVs share, as early as possible, what the others leave."""
        left = self.left_for(evs)
        asked = [
            Demand.of(self.problem, ev, left, energy_kwh=energy, floor_kw=self.power[ev.id])
            for ev, energy in zip(evs, energy_kwh, strict=True)
        ]
        demands = [demand for demand in asked if demand.need_kwh > NEGLIGIBLE_KWH]
        for demand, power in zip(demands, ration(demands, left), strict=True):
            self.take(demand.ev, power)

    def plan(self, evs: Sequence[EV], prices: ChargingCosts, *, surplus_only: bool = False) -> None:
        """Let some EVs take their turns, by price as long as nobody loses by that.

        Args:
            evs: Whose turn it is.
            prices: What to save.
            surplus_only: They may draw nothing but PV surplus, beside what is due at once.
        """
        group = _Batch(self, evs, prices, surplus_only=surplus_only)
        if not group.demands:
            return
        group.plan_in_order()
        missing = group.missing()
        if missing[0] > SHORT:
            by_price = group.powers()
            group.ration()
            if group.missing() < missing:
                group.plan_in_order()
            else:
                group.restore(by_price)
        if len(group.demands) <= _EXCHANGED:
            group.exchange()

    def take_cheap_extra(self, evs: Sequence[EV], prices: ChargingCosts) -> None:
        """Let EVs charge beyond their need where that costs less than they would pay.

        That comes before those that use nothing but surplus: in a step in which these charge, all
        together may draw no more than there is of it.
        """
        for ev in by_priority(evs):
            if ev.extra_below_price is not None:
                network = self.left_for([ev])
                cheap = prices.buy < ev.extra_below_price
                room = np.where(cheap, network.headroom_kw(self._share[ev.id]), 0.0)
                self._take_extra(ev, network, room, prices)

    def take_surplus_extra(self, prices: ChargingCosts) -> None:
        """Let EVs charge beyond their need what surplus nobody else wants."""
        for ev in by_priority(self.problem.evs):
            if ev.extra_from_surplus:
                network = self.left_for([ev], surplus_only=True)
                self._take_extra(ev, network, network.headroom_kw(self._share[ev.id]), prices)

    def take_surplus_steadily(self) -> None:
        """Let those that charge all the time take what surplus is left, and end the sooner."""
        for ev in by_priority(ev for ev in self.problem.evs if ev.is_steady):
            left = self.left_for([ev])
            demand = Demand.of(self.problem, ev, left)
            power = sooner_by_surplus(demand, self.power[ev.id], left, self.problem)
            self.take(demand.ev, power)
            self.due[ev.id] = np.minimum(self.due[ev.id], power)

    def _take_extra(
        self, ev: EV, network: NetworkLimits, room: Array, prices: ChargingCosts
    ) -> None:
        if ev.possible_extra_kwh <= NEGLIGIBLE_KWH:
            return
        demand = Demand.of(
            self.problem,
            ev,
            network,
            energy_kwh=ev.wanted_kwh + ev.possible_extra_kwh,
            floor_kw=self.power[ev.id],
        )
        self.take(demand.ev, plan_cheapest(demand, room, network.surplus_kw, prices))


class _Batch:
    """EVs that are planned together, each in its turn."""

    def __init__(
        self, partial: _PartialPlan, evs: Sequence[EV], prices: ChargingCosts, *, surplus_only: bool
    ) -> None:
        self.partial = partial
        self.prices = prices
        self.surplus_only = surplus_only
        demands = [
            Demand.of(
                partial.problem,
                ev,
                partial.left_for([ev], surplus_only=surplus_only),
                floor_kw=partial.power[ev.id],
            )
            for ev in evs
        ]
        self.demands = sorted(
            (demand for demand in demands if demand.need_kwh > NEGLIGIBLE_KWH),
            key=_relative_urgency,
        )

    def plan_in_order(self) -> None:
        """Let each car take the cheapest energy that is left for it."""
        for demand in self.demands:
            self.partial.take(demand.ev, self._cheapest(demand)[0])

    def _cheapest(self, demand: Demand) -> tuple[Array, float]:
        """Return a car's cheapest power beside the others, and its cost."""
        left = self.partial.left_for([demand.ev], surplus_only=self.surplus_only)
        power = plan_cheapest(demand, left.headroom_kw(demand.share), left.surplus_kw, self.prices)
        return power, self.prices.cost(demand, power, left.surplus_kw)

    def ration(self) -> None:
        """Let all share what there is, as early as possible."""
        for demand in self.demands:
            self.partial.take(demand.ev, demand.floor_kw)
        network = self.partial.left_for(
            [demand.ev for demand in self.demands], surplus_only=self.surplus_only
        )
        self.restore(ration(self.demands, network))

    def missing(self) -> list[float]:
        """Return what each misses, the worst first."""
        return missing_fractions(self.demands, self.powers())

    def powers(self) -> list[Array]:
        """Return what each draws."""
        return [self.partial.power[demand.ev.id] for demand in self.demands]

    def restore(self, powers: Sequence[Array]) -> None:
        """Let each draw what it drew before."""
        for demand, power in zip(self.demands, powers, strict=True):
            self.partial.take(demand.ev, power)

    def exchange(self) -> None:
        """Plan two cars anew, in the other order, as long as that is cheaper and nobody loses."""
        for _ in range(_EXCHANGE_ROUNDS):
            found = False
            for first, second in permutations(self.demands, 2):
                if time.perf_counter() >= self.partial.end:
                    return
                found |= self._exchange(first, second)
            if not found:
                return

    def _exchange(self, first: Demand, second: Demand) -> bool:
        before, missing = self.powers(), self.missing()
        pair = (second, first)
        cost = self._cost_without(pair)
        self.partial.take(first.ev, first.floor_kw)
        self.partial.take(second.ev, second.floor_kw)
        new_cost = 0.0
        for demand in (first, second):
            power, own = self._cheapest(demand)
            self.partial.take(demand.ev, power)
            new_cost += own
        if new_cost < cost - _GAIN and self.missing() <= missing:
            return True
        self.restore(before)
        return False

    def _cost_without(self, pair: Sequence[Demand]) -> float:
        """Return what the site saves if these cars draw no more than they must."""
        cost = 0.0
        for demand in pair:
            left = self.partial.left_for([demand.ev])
            own = self.partial.power[demand.ev.id]
            cost += self.prices.cost(demand, own, left.surplus_kw)
            self.partial.take(demand.ev, demand.floor_kw)
        return cost


def _on_their_phases(problem: Problem) -> tuple[Problem, dict[str, NDArray[np.bool]]]:
    """Return the problem without chargers that switch: each stays on one way to be connected.

    That is one phase where on all of them it could never charge.

    Returns:
        The problem, and for each EV whose charger can switch whether it is on one phase, per step.
    """
    problem, chosen = on_the_phases_for_now(problem)
    network = NetworkLimits.of(problem)
    evs = []
    for ev in problem.evs:
        single = ev.single_phase
        if single is None or single.max_switches < 1:
            evs.append(ev)
            continue
        solar = ev.surplus_only and not ev.at_once and ev.min_energy_kwh <= 0
        on_all = replace(ev, single_phase=None)
        on_one = on_one_phase(ev, single)
        left = network.surplus_only() if solar else network
        able = [Demand.of(problem, way, left).ceiling_kw.any() for way in (on_all, on_one)]
        switched = able == [False, True]
        evs.append(on_one if switched else on_all)
        chosen[ev.id] = np.full(len(problem.horizon), switched)
    return replace(problem, evs=tuple(evs)), chosen


def _relative_urgency(demand: Demand) -> float:
    """Order by the share of its stay that a car has to charge; priorities make it more urgent."""
    possible = float(np.dot(demand.gain_kwh, demand.ceiling_kw))
    return -demand.need_kwh / possible * demand.ev.priority
