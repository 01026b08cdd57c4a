"""OptimalAlgorithm: the cheapest plan within all limits, by PuLP on HiGHS.

What is due at once comes first: cars in that mode, and what others need to reach their minimum
state of charge. Then the cars that are planned by price, together with what else is planned at the
meter; then those that may only use what PV surplus is left, and energy beyond the target from it.
In each subproblem energy comes before money: first how much every car can fairly get, then the
cheapest way to do it. The two are never weighed against each other: a gap of 1 % is 1 % of the
money.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
import math
from typing import ClassVar, override

import numpy as np
from numpy.typing import NDArray

from ..algorithm import Algorithm
from ..model import EV, Problem, Schedule, SolveStatus
from ..quantities.demand import Array, Demand, NetworkLimits
from ..quantities.solve_result import ShadowPrices, SolveResult
from ..quantities.tolerances import NEGLIGIBLE_KWH
from ..report.report import build_schedule, clean_powers
from ..sharing.greedy import charge_at_once
from ..sharing.shortage import SHORT, missing_fractions
from .clock import SolveClock
from .engine import solve_subproblem
from .plain.dive import offer_to
from .plain.tapered import best_tapered_plan
from .solution import Solution, modes
from .subproblem import PROVEN_GAP, SMALLEST_MONEY, EnergyPrices, Meter, Subproblem

TAPERED_KWH = 0.01
"""Energy that a battery may refuse by a plan without its being made again."""


@dataclass(kw_only=True)
class _Progress:
    """What the stages have found so far.

    Attributes:
        clock: The time there is.
        step_h: Length of each step.
        power_kw: What each EV draws on all its phases, by its id.
        single_kw: What each draws on one phase.
        discharge_kw: What each gives back.
        floor_kw: What was due at once of each.
        share: What each row of the network carries of one kW of each, and on one phase.
        extra_kwh: What each gets beyond its target by price.
    """

    clock: SolveClock
    step_h: Array
    power_kw: dict[str, Array] = field(default_factory=dict)
    single_kw: dict[str, Array] = field(default_factory=dict)
    discharge_kw: dict[str, Array] = field(default_factory=dict)
    floor_kw: dict[str, Array] = field(default_factory=dict)
    demands: dict[str, Demand] = field(default_factory=dict)
    extra_kwh: dict[str, float] = field(default_factory=dict)
    battery_kw: Array | None = None
    objective: float = 0.0
    bound: float | None = 0.0
    capacity_prices: Array | None = None
    energy_prices: dict[str, float] = field(default_factory=dict)

    def network_for(self, network: NetworkLimits, evs: Sequence[EV]) -> NetworkLimits:
        """Return what all other EVs leave of the network limits, and the battery's charging."""
        members = {ev.id for ev in evs}
        others = [demand for ev_id, demand in self.demands.items() if ev_id not in members]
        left = network.without(others, [self.power_kw[demand.ev.id] for demand in others])
        single = [demand for demand in others if demand.ev.id in self.single_kw]
        left = left.without(
            [replace(demand, share=demand.single_share) for demand in single],
            [self.single_kw[demand.ev.id] for demand in single],
        )
        return left.beside_battery(self.battery_kw)

    def modes(self, problem: Problem) -> dict[str, NDArray[np.bool]]:
        """Return in which steps the EVs that can switch are on one phase: never while they give."""
        return {
            ev.id: modes(
                ev.single_phase,
                self.single_kw[ev.id],
                self.power_kw[ev.id] + self.discharge_kw.get(ev.id, 0.0),
            )
            for ev in problem.evs
            if ev.single_phase is not None and ev.id in self.single_kw
        }


class OptimalAlgorithm(Algorithm):
    """Plans all EVs by linear and integer programming, with a proven gap."""

    name: ClassVar[str] = "optimal"

    def __init__(self) -> None:
        """Be ready; nothing is solved yet."""
        self._clock: SolveClock | None = None

    @override
    def cancel(self) -> None:
        """Let a solve that runs in another thread come to its end at once."""
        if (clock := self._clock) is not None:
            clock.stop()

    @override
    def solve(self, problem: Problem, *, time_limit_s: float) -> Schedule:
        clock = self._clock = SolveClock(time_limit_s)
        network = NetworkLimits.of(problem)
        progress = _Progress(clock=clock, step_h=np.array(problem.horizon.step_h))
        at_once = [ev for ev in problem.evs if ev.at_once]
        smart = [ev for ev in problem.evs if not ev.at_once and not ev.surplus_only]
        solar = [ev for ev in problem.evs if not ev.at_once and ev.surplus_only]
        empty = [ev for ev in problem.evs if ev.min_energy_kwh > 0]
        min_energy_kwh = {ev.id: min(ev.min_energy_kwh, ev.wanted_kwh) for ev in empty}
        with clock.stage("at once"):
            self._charge_at_once(problem, empty, min_energy_kwh, network, progress)
            progress.floor_kw = dict(progress.power_kw)
            wanted = {ev.id: ev.wanted_kwh for ev in at_once}
            self._charge_at_once(problem, at_once, wanted, network, progress)
        self._plan_by_price(problem, smart, network, progress)
        self._plan_surplus(problem, solar, smart, network, progress)
        gap = self._gap(problem, progress)
        return self._report(problem, progress, gap)

    def _report(self, problem: Problem, progress: _Progress, gap: float | None) -> Schedule:
        zero = np.zeros(len(problem.horizon))
        power = [
            progress.power_kw.get(ev.id, zero) + progress.single_kw.get(ev.id, zero)
            for ev in problem.evs
        ]
        build_ms = progress.clock.stages_ms.get("build", 0.0)
        shadow = None
        if progress.capacity_prices is not None:
            shadow = ShadowPrices(capacity=progress.capacity_prices, energy=progress.energy_prices)
        schedule = build_schedule(
            problem,
            power,
            SolveResult(
                algorithm=self.name,
                status=SolveStatus.OPTIMAL
                if gap is not None and gap <= PROVEN_GAP
                else SolveStatus.FEASIBLE,
                gap=gap,
                build_ms=build_ms,
                solve_ms=progress.clock.elapsed_ms - build_ms,
                stages_ms=progress.clock.stages_ms,
                floor_kw=progress.floor_kw,
                shadow=shadow,
                battery_kw=progress.battery_kw,
                discharge_kw=progress.discharge_kw,
                single_phase=progress.modes(problem),
            ),
        )
        guessing = problem.site.estimate_trust < 1 and any(problem.site.estimated)
        if schedule.gap is None or guessing:
            # What is proven of prices that are not believed says nothing about the money.
            return schedule
        split = schedule.cost_split
        total = math.fsum(getattr(split, name) for name in split.__dataclass_fields__)
        return replace(schedule, bound=total - schedule.gap * abs(total))

    @staticmethod
    def _gap(problem: Problem, progress: _Progress) -> float | None:
        if progress.bound is None:
            return None
        unit = _by_price(problem).unit
        return max(0.0, progress.objective - progress.bound) / max(
            abs(progress.objective), SMALLEST_MONEY * unit
        )

    def _charge_at_once(
        self,
        problem: Problem,
        evs: Sequence[EV],
        energy_kwh: Mapping[str, float],
        network: NetworkLimits,
        progress: _Progress,
    ) -> None:
        """Charge as early as possible; share what is too little by linear programming."""
        network = progress.network_for(network, evs)
        demands = _worth_planning(
            _without_flexibility(
                Demand.of(
                    problem,
                    ev,
                    network,
                    energy_kwh=energy_kwh[ev.id],
                    floor_kw=progress.floor_kw.get(ev.id),
                )
            )
            for ev in evs
        )
        if not demands:
            return
        power = charge_at_once(demands, network)
        if len(demands) > 1 and missing_fractions(demands, power)[0] > SHORT:
            # Time is the price here: the cheapest plan is the earliest.
            elapsed = np.concatenate(([0.0], np.cumsum(progress.step_h)[:-1]))
            hours = 1.0 + elapsed
            solution, _ = solve_subproblem(
                Subproblem(
                    demands=demands,
                    network=replace(network, surplus_kw=np.zeros_like(network.surplus_kw)),
                    prices=EnergyPrices(buy=hours, sell=hours),
                    step_h=progress.step_h,
                ),
                progress.clock,
            )
            clean_powers(demands, network, solution.power_kw)
            if missing_fractions(demands, solution.power_kw) < missing_fractions(demands, power):
                power = solution.power_kw
        for demand, series in zip(demands, power, strict=True):
            progress.demands[demand.ev.id] = demand
            progress.power_kw[demand.ev.id] = series

    def _plan_by_price(
        self, problem: Problem, evs: Sequence[EV], network: NetworkLimits, progress: _Progress
    ) -> None:
        left = progress.network_for(network, evs)
        demands = _worth_planning(
            replace(
                Demand.of(problem, ev, left, floor_kw=progress.floor_kw.get(ev.id)),
                extra_kwh=ev.possible_extra_kwh if ev.extra_below_price is not None else 0.0,
            )
            for ev in evs
        )
        meter = self._meter(problem, evs, demands, progress)
        if not demands and (meter is None or meter.battery is None):
            return
        subproblem = Subproblem(
            demands=demands,
            network=left,
            prices=_by_price(problem),
            step_h=progress.step_h,
            meter=meter,
        )
        self._plan(subproblem, progress)
        for demand in demands:
            if demand.extra_kwh > 0:
                reached = demand.energy_kwh(progress.power_kw[demand.ev.id])
                progress.extra_kwh[demand.ev.id] = max(0.0, reached - demand.ev.wanted_kwh)

    @staticmethod
    def _meter(
        problem: Problem, evs: Sequence[EV], demands: Sequence[Demand], progress: _Progress
    ) -> Meter | None:
        """Return what is planned at the meter together with the cars, if anything is."""
        battery = problem.battery
        if battery is not None and battery.given_kw:
            battery = None
        tariffs = problem.site.peak_tariffs if demands or battery is not None else ()
        gives = any(ev.discharge is not None for ev in evs)
        if battery is None and not tariffs and not gives:
            return None
        members = {demand.ev.id for demand in demands}
        net = np.array(problem.base_load_kw) - np.array(problem.pv_kw)
        if problem.battery is not None and problem.battery.given_kw:
            # What it gives is not for the cars.
            net = net + np.maximum(np.array(problem.battery.given_kw), 0.0)
        for ev_id, power in progress.power_kw.items():
            if ev_id not in members:
                net = net + power * progress.demands[ev_id].hours / progress.step_h
        return Meter(
            horizon=problem.horizon,
            net_kw=net,
            battery=battery,
            tariffs=tariffs,
        )

    def _plan_surplus(
        self,
        problem: Problem,
        solar: Sequence[EV],
        smart: Sequence[EV],
        network: NetworkLimits,
        progress: _Progress,
    ) -> None:
        """Plan what may only be drawn from PV surplus: whole cars, and energy beyond targets."""
        extra = [
            ev
            for ev in smart
            if ev.extra_from_surplus
            and ev.possible_extra_kwh > progress.extra_kwh.get(ev.id, 0.0) + NEGLIGIBLE_KWH
            and ev.id not in progress.single_kw
        ]
        evs = [*solar, *extra]
        if not evs:
            return
        left = progress.network_for(network, evs)
        floors = {ev.id: progress.power_kw.get(ev.id) for ev in evs}
        taken = sum(
            (floor for floor in floors.values() if floor is not None),
            np.zeros(len(left.surplus_kw)),
        )
        capacity = left.capacity_kw.copy()
        capacity[0] = np.minimum(capacity[0], np.maximum(left.surplus_kw, taken))
        left = replace(left, capacity_kw=capacity)
        demands = []
        for ev in evs:
            wanted = ev.wanted_kwh + (ev.possible_extra_kwh if ev in extra else 0.0)
            if ev in solar and ev.extra_from_surplus:
                wanted += ev.possible_extra_kwh
            demands.append(Demand.of(problem, ev, left, energy_kwh=wanted, floor_kw=floors[ev.id]))
        demands = _worth_planning(demands)
        if demands:
            sell = np.array(problem.export_price)
            self._plan(
                Subproblem(
                    demands=demands,
                    network=left,
                    prices=EnergyPrices(buy=sell, sell=sell, start_cost=problem.start_cost),
                    step_h=progress.step_h,
                ),
                progress,
            )

    def _plan(self, subproblem: Subproblem, progress: _Progress) -> None:
        """Plan a subproblem; where batteries would not accept what was planned, those cars anew."""
        solution, needs = solve_subproblem(subproblem, progress.clock)
        with progress.clock.stage("taper"):
            for index, demand in enumerate(subproblem.demands):
                if not demand.ev.taper or demand.ev.single_phase or demand.ev.discharge:
                    continue
                accepted = demand.energy_kwh(demand.tapered(solution.power_kw[index]))
                if accepted < needs[index] - TAPERED_KWH:
                    self._plan_tapered(subproblem, solution, index, needs[index])
        self._take(subproblem, solution, needs, progress)

    @staticmethod
    def _plan_tapered(
        subproblem: Subproblem, solution: Solution, index: int, need_kwh: float
    ) -> None:
        """Plan a car whose battery takes less as it fills anew, in place, around the others."""
        demand = subproblem.demands[index].with_need(need_kwh)
        planned = np.array(solution.power_kw)
        left = subproblem.network.without(subproblem.demands, list(planned)).beside_battery(
            solution.battery_kw
        )
        offer, _ = offer_to(subproblem, demand, planned, index, left)
        fresh = best_tapered_plan(demand, offer)
        old = planned[index]
        if demand.energy_kwh(demand.tapered(fresh)) > demand.energy_kwh(demand.tapered(old)):
            solution.power_kw[index] = fresh
            # The bound holds still: a battery that takes less never makes a plan cheaper.
            solution.objective += offer.cost(demand, demand.tapered(fresh)) - offer.cost(
                demand, old
            )

    @staticmethod
    def _take(
        subproblem: Subproblem,
        solution: Solution,
        needs: Sequence[float],
        progress: _Progress,
    ) -> None:
        """Add a subproblem's plan to what has been found."""
        demands = subproblem.with_need(needs).demands
        clean_powers(demands, subproblem.network, solution.power_kw)
        for index, (demand, power) in enumerate(zip(demands, solution.power_kw, strict=True)):
            ev_id = demand.ev.id
            progress.demands[ev_id] = demand
            progress.power_kw[ev_id] = demand.without_waste(power)
            if solution.single_kw and demand.ev.single_phase is not None:
                single = solution.single_kw[index]
                single[single < demand.ev.single_phase.min_power_kw / 2] = 0.0
                progress.single_kw[ev_id] = single
            if solution.discharge_kw and demand.ev.discharge is not None:
                progress.discharge_kw[ev_id] = np.where(
                    solution.discharge_kw[index] > NEGLIGIBLE_KWH, solution.discharge_kw[index], 0.0
                )
            if solution.energy_prices:
                progress.energy_prices[ev_id] = solution.energy_prices[index]
        if solution.battery_kw is not None:
            progress.battery_kw = solution.battery_kw
        if solution.capacity_prices is not None:
            known = progress.capacity_prices
            progress.capacity_prices = (
                solution.capacity_prices if known is None else known + solution.capacity_prices
            )
        progress.objective += solution.objective
        if progress.bound is not None:
            progress.bound = None if solution.bound is None else progress.bound + solution.bound


def _by_price(problem: Problem) -> EnergyPrices:
    """Return what energy and starts count for where a plan is made by price."""
    return EnergyPrices(
        buy=np.array(problem.decision_price),
        sell=np.array(problem.export_price),
        start_cost=problem.start_cost,
    )


def _worth_planning(demands: Iterable[Demand]) -> list[Demand]:
    """Return the demands of cars that can get, or give, anything at all."""
    return [
        demand
        for demand in demands
        if demand.need_kwh > NEGLIGIBLE_KWH
        or (demand.extra_kwh > NEGLIGIBLE_KWH and demand.ceiling_kw.any())
        or demand.ev.discharge is not None
    ]


def _without_flexibility(demand: Demand) -> Demand:
    """Return a demand without what only planning by price can use."""
    return replace(demand, ev=replace(demand.ev, single_phase=None, discharge=None))
