"""OptimalAlgorithm: the cheapest plan within all limits, by PuLP on HiGHS.

Cars that charge at once come first, then those that are planned by price, then those that may
only use what PV surplus is left. Within a group all cars are planned together. In each group
energy comes before money: first how much every car can fairly get, then the cheapest way to do it.
The two are never weighed against each other, so a gap of 1 % is 1 % of the money.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
import time
from typing import ClassVar, override

import numpy as np

from .algorithm import Algorithm
from .demand import NEGLIGIBLE_KWH, Array, Demand, Wires
from .fairness import fair_needs
from .formulation import ChargingModel, Tariff, build
from .greedy import charge_at_once
from .model import EV, Problem, Schedule, SolveStatus
from .report import Outcome, build_schedule, settle
from .search import PROVEN_GAP, SMALLEST_MONEY, Found, Search
from .shortage import SHORT, missing_fractions

MISSING_FRACTION = 0.001
"""What a fair plan may miss of its shares, on average, where minimum powers do not allow them."""


@dataclass(kw_only=True)
class _Stage:
    """What the stages have found so far."""

    wires: Wires
    deadline: float
    power_kw: dict[str, Array] = field(default_factory=dict)
    objective: float = 0.0
    bound: float = 0.0
    proven: bool = True
    build_s: float = 0.0


class OptimalAlgorithm(Algorithm):
    """Plans all EVs by linear and integer programming, with a proven gap."""

    name: ClassVar[str] = "optimal"

    @override
    def solve(self, problem: Problem, *, time_limit_s: float) -> Schedule:
        begin = time.perf_counter()
        stage = _Stage(wires=Wires.of(problem), deadline=begin + time_limit_s)
        buy = np.array(problem.site.import_price)
        sell = np.array(problem.export_price)
        elapsed = np.concatenate(([0.0], np.cumsum(problem.horizon.step_h)[:-1]))
        zero = np.zeros(len(problem.horizon))
        at_once = [ev for ev in problem.evs if ev.at_once]
        smart = [ev for ev in problem.evs if not ev.at_once and not ev.surplus_only]
        solar = [ev for ev in problem.evs if not ev.at_once and ev.surplus_only]
        self._charge_at_once(problem, at_once, stage, elapsed)
        self._plan(
            problem,
            smart,
            stage,
            elapsed,
            Tariff(buy=buy, sell=sell, start_cost=problem.start_cost),
        )
        everything = stage.wires
        stage.wires = everything.surplus_only()
        self._plan(
            problem,
            solar,
            stage,
            elapsed,
            Tariff(buy=sell, sell=sell, start_cost=problem.start_cost),
        )
        gap = self._gap(problem, stage) if stage.proven else None
        total = time.perf_counter() - begin
        return build_schedule(
            problem,
            [stage.power_kw.get(ev.id, zero) for ev in problem.evs],
            Outcome(
                algorithm=self.name,
                status=SolveStatus.OPTIMAL
                if gap is not None and gap <= PROVEN_GAP
                else SolveStatus.FEASIBLE,
                gap=gap,
                build_ms=stage.build_s * 1000,
                solve_ms=(total - stage.build_s) * 1000,
            ),
        )

    @staticmethod
    def _gap(problem: Problem, stage: _Stage) -> float:
        highest = max(map(abs, (*problem.site.import_price, *problem.export_price)))
        return max(0.0, stage.objective - stage.bound) / max(
            abs(stage.objective), SMALLEST_MONEY * (highest or 1.0)
        )

    def _charge_at_once(
        self, problem: Problem, evs: Sequence[EV], stage: _Stage, elapsed: Array
    ) -> None:
        """Charge cars as early as possible; share what is too little by linear programming."""
        demands = _demands(problem, evs, stage.wires)
        if not demands:
            return
        power = charge_at_once(demands, stage.wires)
        if len(demands) > 1 and missing_fractions(demands, power)[0] > SHORT:
            # Time is the price here: the cheapest plan is the earliest.
            hours = np.ones_like(elapsed) + elapsed
            found, _ = self._fair_and_cheap(
                demands,
                Wires(
                    capacity_kw=stage.wires.capacity_kw,
                    surplus_kw=np.zeros_like(stage.wires.surplus_kw),
                ),
                Tariff(buy=hours, sell=hours),
                stage,
                elapsed,
            )
            fair = found.power_kw
            settle(demands, stage.wires, fair)
            if missing_fractions(demands, fair) < missing_fractions(demands, power):
                power = fair
        self._take(demands, power, stage)

    def _plan(
        self, problem: Problem, evs: Sequence[EV], stage: _Stage, elapsed: Array, tariff: Tariff
    ) -> None:
        """Plan cars by price."""
        demands = _demands(problem, evs, stage.wires)
        if not demands:
            return
        found, fair = self._fair_and_cheap(demands, stage.wires, tariff, stage, elapsed)
        stage.objective += found.objective
        stage.bound += found.bound
        power = found.power_kw
        settle(fair, stage.wires, power)
        self._take(fair, power, stage)

    @staticmethod
    def _take(demands: Sequence[Demand], power: Sequence[Array], stage: _Stage) -> None:
        """Add a group's power to the plan and take it from the wires."""
        for demand, series in zip(demands, power, strict=True):
            stage.power_kw[demand.ev.id] = series
        stage.wires = stage.wires.without(demands, power)

    def _fair_and_cheap(
        self,
        demands: Sequence[Demand],
        wires: Wires,
        tariff: Tariff,
        stage: _Stage,
        elapsed: Array,
    ) -> tuple[Found, list[Demand]]:
        """Find the cheapest plan for what the cars can fairly get; return it and those needs."""
        model = self._build(stage, demands, wires, tariff, elapsed)
        found = self._search(model, stage)
        if found is not None:
            return found, list(demands)
        # Not everybody can get everything.
        reached = self._share(demands, wires, stage, elapsed)
        fair = [
            demand.asking(min(demand.need_kwh, demand.energy_kwh(power)))
            for demand, power in zip(demands, reached, strict=True)
        ]
        model = self._build(stage, fair, wires, tariff, elapsed, scarce=True)
        found = self._search(model, stage, known=reached)
        if found is None:
            # No time to make it cheap; nothing is proven then.
            stage.proven = False
            found = Found(power_kw=list(reached), objective=0.0, bound=0.0)
        return found, fair

    def _share(
        self, demands: Sequence[Demand], wires: Wires, stage: _Stage, elapsed: Array
    ) -> Sequence[Array]:
        """Return a plan that gives every car its fair share, as far as minimum powers allow."""
        left = max(0.05, stage.deadline - time.perf_counter())
        needs = fair_needs(demands, wires, time_limit_s=left)
        fair = [demand.asking(need) for demand, need in zip(demands, needs, strict=True)]
        nothing = np.zeros_like(elapsed)
        free = Tariff(buy=nothing, sell=nothing)
        model = self._build(stage, fair, wires, free, elapsed, scarce=True, service=True)
        found = self._search(model, stage, accepted=MISSING_FRACTION * len(fair))
        early = charge_at_once(demands, wires)
        if found is None:
            return early
        settle(demands, wires, found.power_kw)
        fairer = missing_fractions(demands, found.power_kw) <= missing_fractions(demands, early)
        return found.power_kw if fairer else early

    @staticmethod
    def _build(
        stage: _Stage,
        demands: Sequence[Demand],
        wires: Wires,
        tariff: Tariff,
        elapsed: Array,
        *,
        scarce: bool = False,
        service: bool = False,
    ) -> ChargingModel:
        begin = time.perf_counter()
        model = build(demands, wires, tariff, elapsed, scarce=scarce, service=service)
        stage.build_s += time.perf_counter() - begin
        return model

    @staticmethod
    def _search(
        model: ChargingModel,
        stage: _Stage,
        *,
        accepted: float | None = None,
        known: Sequence[Array] | None = None,
    ) -> Found | None:
        search = Search(model, deadline=stage.deadline, accepted=accepted)
        return search.run(stage.wires.capacity_kw.shape[1], known=known)


def _demands(problem: Problem, evs: Sequence[EV], wires: Wires) -> list[Demand]:
    """Put those EVs on the grid that can get anything at all."""
    demands = (Demand.of(problem, ev, wires) for ev in evs)
    return [demand for demand in demands if demand.need_kwh > NEGLIGIBLE_KWH]
