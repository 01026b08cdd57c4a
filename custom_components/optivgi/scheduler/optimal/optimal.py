"""OptimalAlgorithm: the cheapest plan within all limits, by PuLP on HiGHS.

What is due at once comes first: cars in that mode, and what others need to reach their least state
of charge. So does the minimum that some draw all the time. Then the cars that are planned by price,
together with what else is planned at the meter; then those that may only use what PV surplus is
left, and energy beyond the target from it; who charges all the time takes what is left then. In
each subproblem energy comes before money: first how much every car can fairly get, then the
cheapest way to do it. The two are never weighed against each other: a gap of 1 % is 1 % of the
money.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
import math
from typing import ClassVar, override

import numpy as np
from numpy.typing import NDArray

from ..algorithm import Algorithm
from ..errors import NoSolutionError
from ..go.go import report_quick
from ..model import EV, PROVEN_GAP, Problem, Schedule, SolveStatus
from ..quantities.demand import Demand, NetworkLimits
from ..quantities.measure import measure_of
from ..quantities.solve_result import ShadowPrices, SolveResult
from ..quantities.tolerances import NEGLIGIBLE_KWH
from ..report.report import build_schedule, clean_powers
from ..sharing.greedy import charge_at_once
from ..sharing.shortage import SHORT, missing_fractions
from ..sharing.steady import (
    at_its_minimum,
    by_priority,
    on_the_phases_for_now,
    sooner_by_surplus,
)
from .clock import SolveClock
from .engine import Engine
from .plain.plan import plan_on_relaxation
from .progress import Progress
from .subproblem import SMALLEST_MONEY, EnergyPrices, Meter, Subproblem, elapsed_h


class OptimalAlgorithm(Algorithm):
    """Plans all EVs by linear and integer programming, with a proven gap."""

    name: ClassVar[str] = "optimal"

    def __init__(self) -> None:
        """Be ready; nothing is solved yet."""
        self._clock: SolveClock | None = None
        self._engine: Engine | None = None
        self._asked: Problem | None = None
        self._on_one: dict[str, NDArray[np.bool]] = {}

    @override
    def cancel(self) -> None:
        """Let a solve that runs in another thread come to its end at once."""
        if (clock := self._clock) is not None:
            clock.stop()

    @override
    def plan_in_hand(self) -> Schedule | None:
        """Return the best plan so far, or the one made quickly before anything slow began."""
        engine = self._engine
        if engine is None:
            return None
        progress, quick = engine.in_hand, engine.quick_in_hand
        if progress is not None and {ev.id for ev in engine.problem.evs} <= set(progress.demands):
            return self._report(engine, progress)
        if quick is None or self._asked is None:
            return None
        return report_quick(self._asked, replace(quick, one_phase=quick.one_phase | self._on_one))

    @override
    def solve(self, problem: Problem, *, time_limit_s: float) -> Schedule:
        clock = self._clock = SolveClock(time_limit_s)
        self._asked = problem
        problem, self._on_one = on_the_phases_for_now(problem)
        engine = self._engine = Engine(problem, NetworkLimits.of(problem), clock)
        progress = Progress(step_h=np.array(problem.horizon.step_h))
        at_once = [ev for ev in problem.evs if ev.at_once]
        smart = [ev for ev in problem.evs if not ev.at_once and not ev.surplus_only]
        solar = [ev for ev in problem.evs if not ev.at_once and ev.surplus_only]
        empty = [ev for ev in problem.evs if ev.min_energy_kwh > 0]
        due = {ev.id: min(ev.min_energy_kwh, ev.wanted_kwh) for ev in empty}
        with clock.stage("at once"):
            progress = self._charge_at_once(engine, empty, due, progress)
            progress = replace(progress, floor_kw=dict(progress.power_kw))
            steady = [ev for ev in problem.evs if ev.is_steady]
            progress = self._charge_at_once(
                engine,
                [at_its_minimum(ev) for ev in steady],
                {ev.id: ev.wanted_kwh for ev in steady},
                progress,
            )
            progress = replace(progress, floor_kw=dict(progress.power_kw))
            wanted = {ev.id: ev.wanted_kwh for ev in at_once}
            progress = self._charge_at_once(engine, at_once, wanted, progress)
        progress = self._plan_by_price(engine, smart, progress)
        progress = self._plan_surplus(engine, solar, smart, progress)
        progress = self._take_surplus(engine, steady, progress)
        return self._report(engine, progress)

    def _report(self, engine: Engine, progress: Progress) -> Schedule:
        """Report a plan, and how far its true bill is from what is proven at most."""
        problem, finisher, clock = engine.problem, engine.finisher, engine.clock
        finished = finisher.finish(progress)
        gap: float | None = None
        above, proven = math.inf, False
        if math.isfinite(progress.slack):
            above = max(0.0, finished.bill - finisher.bill(progress) + progress.slack)
            gap = above / measure_of(problem, finished.bill)
            highest = max(map(abs, (*problem.decision_price, *problem.export_price)))
            # What is optimal is so of the bill itself, however small that is.
            smallest = SMALLEST_MONEY * (highest or 1.0)
            proven = above <= PROVEN_GAP * max(abs(finished.bill), smallest)
        build_ms = clock.stages_ms.get("build", 0.0)
        shadow = None
        if progress.capacity_prices is not None:
            shadow = ShadowPrices(capacity=progress.capacity_prices, energy=progress.energy_prices)
        schedule = build_schedule(
            self._asked or problem,
            list(finished.power_kw),
            SolveResult(
                algorithm=self.name,
                status=SolveStatus.OPTIMAL if proven else SolveStatus.FEASIBLE,
                gap=gap,
                build_ms=build_ms,
                solve_ms=clock.elapsed_ms - build_ms,
                stages_ms=clock.stages_ms,
                ended_in=clock.ended_in,
                floor_kw=progress.floor_kw,
                shadow=shadow,
                battery_kw=progress.battery_kw,
                discharge_kw=progress.discharge_kw,
                single_phase=progress.modes(problem) | self._on_one,
            ),
        )
        guessing = problem.site.estimate_trust < 1 and any(problem.site.estimated)
        if gap is None or guessing:
            # What is proven of prices that are not believed says nothing about the money.
            return schedule
        split = schedule.cost_split
        total = math.fsum(getattr(split, name) for name in split.__dataclass_fields__)
        return replace(schedule, bound=total - above)

    @staticmethod
    def _charge_at_once(
        engine: Engine, evs: Sequence[EV], energy_kwh: Mapping[str, float], progress: Progress
    ) -> Progress:
        """Charge as early as possible; share what is too little by linear programming."""
        problem, network = engine.problem, progress.network_for(engine.network, evs)
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
            return progress
        power = charge_at_once(demands, network)
        if len(demands) > 1 and missing_fractions(demands, power)[0] > SHORT:
            # Time is the price here: the cheapest plan is the earliest.
            hours = 1.0 + elapsed_h(progress.step_h)
            subproblem = Subproblem(
                demands=demands,
                network=replace(network, surplus_kw=np.zeros_like(network.surplus_kw)),
                prices=EnergyPrices(buy=hours, sell=hours),
                step_h=progress.step_h,
            )
            with suppress(NoSolutionError):
                solution, *_ = plan_on_relaxation(subproblem, engine.clock)
                clean_powers(demands, network, solution.power_kw)
                missing = missing_fractions(demands, solution.power_kw)
                power = solution.power_kw if missing < missing_fractions(demands, power) else power
        planned, drawn = dict(progress.demands), dict(progress.power_kw)
        for demand, series in zip(demands, power, strict=True):
            planned[demand.ev.id], drawn[demand.ev.id] = demand, series
        return replace(progress, demands=planned, power_kw=drawn)

    def _plan_by_price(self, engine: Engine, evs: Sequence[EV], progress: Progress) -> Progress:
        """Plan the cars that are planned by price, and what else is planned at the meter."""
        problem, left = engine.problem, progress.network_for(engine.network, evs)
        demands = _worth_planning(
            replace(
                Demand.of(problem, ev, left, floor_kw=progress.floor_kw.get(ev.id)),
                extra_kwh=ev.possible_extra_kwh if ev.extra_below_price is not None else 0.0,
            )
            for ev in evs
        )
        meter = self._meter(problem, evs, demands, progress)
        if not demands and (meter is None or not meter.batteries):
            return progress
        subproblem = Subproblem(
            demands=demands,
            network=left,
            prices=_by_price(problem),
            step_h=progress.step_h,
            meter=meter,
        )
        progress = engine.solve(subproblem, progress)
        extra = {
            demand.ev.id: max(
                0.0, demand.energy_kwh(progress.power_kw[demand.ev.id]) - demand.ev.wanted_kwh
            )
            for demand in demands
            if demand.extra_kwh > 0
        }
        return replace(progress, extra_kwh=extra)

    @staticmethod
    def _meter(
        problem: Problem, evs: Sequence[EV], demands: Sequence[Demand], progress: Progress
    ) -> Meter | None:
        """Return what is planned at the meter together with the cars, if anything is."""
        batteries = tuple(battery for battery in problem.batteries if not battery.given_kw)
        tariffs = problem.site.peak_tariffs if demands or batteries else ()
        gives = any(ev.discharge is not None for ev in evs)
        if not batteries and not tariffs and not gives and not _is_curtailed(problem):
            return None
        members = {demand.ev.id for demand in demands}
        # What batteries with plans of their own give is not for the cars.
        net = np.array(problem.base_load_kw) - np.array(problem.pv_kw)
        net = net + np.array(problem.given_charge_kw)
        for ev_id, power in progress.power_kw.items():
            if ev_id not in members:
                net = net + power * progress.demands[ev_id].hours / progress.step_h
        return Meter(
            horizon=problem.horizon,
            net_kw=net,
            batteries=batteries,
            tariffs=tariffs,
            export_limit_kw=np.array(problem.export_limit_kw),
        )

    @staticmethod
    def _plan_surplus(
        engine: Engine, solar: Sequence[EV], smart: Sequence[EV], progress: Progress
    ) -> Progress:
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
            return progress
        problem, left = engine.problem, progress.network_for(engine.network, evs)
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
        if not demands:
            return progress
        sell = np.array(problem.export_price)
        meter = None
        if _is_curtailed(problem):
            meter = OptimalAlgorithm._meter(problem, evs, demands, progress)
            if meter is not None:
                moved = sum(progress.battery_kw.values(), np.zeros(len(meter.net_kw)))
                meter = replace(meter, net_kw=meter.net_kw + moved, batteries=(), tariffs=())
        subproblem = Subproblem(
            demands=demands,
            network=left,
            prices=EnergyPrices(buy=sell, sell=sell, start_cost=problem.start_cost),
            step_h=progress.step_h,
            meter=meter,
        )
        return engine.solve(subproblem, progress)

    @staticmethod
    def _take_surplus(engine: Engine, steady: Sequence[EV], progress: Progress) -> Progress:
        """Let those that charge all the time take what surplus is left, and end the sooner."""
        for ev in by_priority(steady):
            others = (progress.single_kw, progress.discharge_kw)
            if ev.id not in progress.floor_kw or any(ev.id in other for other in others):
                continue
            left = progress.network_for(engine.network, [ev])
            demand = Demand.of(engine.problem, ev, left)
            power = sooner_by_surplus(demand, progress.power_kw[ev.id], left, engine.problem)
            floor = np.minimum(progress.floor_kw[ev.id], power)
            progress = replace(
                progress,
                power_kw=progress.power_kw | {ev.id: power},
                floor_kw=progress.floor_kw | {ev.id: floor},
            )
        return progress


def _is_curtailed(problem: Problem) -> bool:
    """Return whether PV could give more than may be exported."""
    pairs = zip(problem.surplus_kw, problem.export_limit_kw, strict=True)
    return any(surplus > limit for surplus, limit in pairs)


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
