"""What the stages of one solve have found so far, and what a plan comes to in the end."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ..model import EV, Problem, SolveStatus
from ..quantities.costs import Flows, bill_of
from ..quantities.demand import Array, Demand, NetworkLimits
from ..quantities.solve_result import SolveResult
from ..quantities.storage import BatteryPowers, charged_kw
from ..quantities.tolerances import NEGLIGIBLE_KWH
from ..report.carrying_out import carried_out
from ..report.fleet import Fleet
from ..report.report import clean_powers
from .solution import Solution, modes
from .subproblem import Subproblem


@dataclass(frozen=True, kw_only=True)
class Progress:
    """What the stages have found so far; every stage makes a new one.

    Attributes:
        step_h: Length of each step.
        power_kw: What each EV draws on all its phases, by its id.
        single_kw: What each draws on one phase.
        discharge_kw: What each gives back.
        floor_kw: What was due at once of each.
        demands: Each EV as it was planned.
        extra_kwh: What each gets beyond its target by price.
        battery_kw: What each planned home battery does, by its id.
        slack: By how much the true bill may be above that of the cheapest plan that serves
            everybody as well; infinite where nothing is proven.
        capacity_prices: What a kW more of each row of the network would save, per step.
        energy_prices: What a kWh more would cost each EV.
    """

    step_h: Array
    power_kw: dict[str, Array] = field(default_factory=dict)
    single_kw: dict[str, Array] = field(default_factory=dict)
    discharge_kw: dict[str, Array] = field(default_factory=dict)
    floor_kw: dict[str, Array] = field(default_factory=dict)
    demands: dict[str, Demand] = field(default_factory=dict)
    extra_kwh: dict[str, float] = field(default_factory=dict)
    battery_kw: BatteryPowers = field(default_factory=dict)
    slack: float = 0.0
    capacity_prices: Array | None = None
    energy_prices: dict[str, float] = field(default_factory=dict)

    def network_for(self, network: NetworkLimits, evs: Sequence[EV]) -> NetworkLimits:
        """Return what all other EVs leave of the network limits, and the batteries' charging."""
        members = {ev.id for ev in evs}
        others = [demand for ev_id, demand in self.demands.items() if ev_id not in members]
        left = network.without(others, [self.power_kw[demand.ev.id] for demand in others])
        single = [demand for demand in others if demand.ev.id in self.single_kw]
        left = left.without(
            [replace(demand, share=demand.single_share) for demand in single],
            [self.single_kw[demand.ev.id] for demand in single],
        )
        return left.beside_batteries(charged_kw(self.battery_kw, len(self.step_h)))

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

    def powers(self, problem: Problem) -> list[Array]:
        """Return what each EV of a problem draws, in its order."""
        zero = np.zeros(len(problem.horizon))
        return [
            self.power_kw.get(ev.id, zero) + self.single_kw.get(ev.id, zero) for ev in problem.evs
        ]

    def taking(
        self,
        subproblem: Subproblem,
        solution: Solution,
        needs_kwh: Sequence[float],
        *,
        as_solved: bool = False,
    ) -> Progress:
        """Return what there is with a subproblem's solution.

        Args:
            subproblem: The cars.
            solution: What is planned for them.
            needs_kwh: What they were to get.
            as_solved: Leave limits as they are, though batteries would not take all of them.
        """
        demands = subproblem.with_need(needs_kwh).demands
        powers = [power.copy() for power in solution.power_kw]
        clean_powers(demands, subproblem.network, powers)
        power, single = dict(self.power_kw), dict(self.single_kw)
        discharge, prices = dict(self.discharge_kw), dict(self.energy_prices)
        planned = dict(self.demands)
        for index, (demand, series) in enumerate(zip(demands, powers, strict=True)):
            ev_id = demand.ev.id
            planned[ev_id] = demand
            given = solution.discharge_kw[index] if solution.discharge_kw else None
            power[ev_id] = series if as_solved else demand.without_waste(series, given_kw=given)
            if solution.single_kw and demand.ev.single_phase is not None:
                one = solution.single_kw[index]
                single[ev_id] = np.where(one < demand.ev.single_phase.min_power_kw / 2, 0.0, one)
            if solution.discharge_kw and demand.ev.discharge is not None:
                given = solution.discharge_kw[index]
                discharge[ev_id] = np.where(given > NEGLIGIBLE_KWH, given, 0.0)
            if solution.energy_prices:
                prices[ev_id] = solution.energy_prices[index]
        capacity = self.capacity_prices
        if solution.capacity_prices is not None:
            known = 0.0 if capacity is None else capacity
            capacity = known + solution.capacity_prices
        return replace(
            self,
            power_kw=power,
            single_kw=single,
            discharge_kw=discharge,
            demands=planned,
            battery_kw=solution.battery_kw or self.battery_kw,
            capacity_prices=capacity,
            energy_prices=prices,
        )


@dataclass(frozen=True, kw_only=True)
class FinishedPlan:
    """A plan as it will be reported: on the steps of the chargers, and what batteries accept.

    Attributes:
        power_kw: What each EV of the problem may draw, per step.
        flows: What flows then.
        bill: Its true bill, see ``bill_of``.
        net_kwh: How much more is in the battery of each EV in the end.
    """

    power_kw: Array
    flows: Flows
    bill: float
    net_kwh: Array


class Finisher:
    """Brings plans for one problem to the steps of their chargers, and judges them."""

    def __init__(self, problem: Problem, network: NetworkLimits) -> None:
        """Look at a problem, and its network limits, once."""
        self.problem = problem
        self._network = network
        self._demands = [Demand.of(problem, ev, network) for ev in problem.evs]

    def bill(self, progress: Progress) -> float:
        """Return the true bill of a plan if cars drew exactly what is planned."""
        return bill_of(
            Flows.of(
                self.problem,
                progress.powers(self.problem),
                discharge_kw=progress.discharge_kw,
                battery_kw=progress.battery_kw,
            )
        )

    def finish(self, progress: Progress) -> FinishedPlan:
        """Return what a plan comes to."""
        result = SolveResult(
            algorithm="",
            status=SolveStatus.FEASIBLE,
            floor_kw=progress.floor_kw,
            battery_kw=progress.battery_kw,
            discharge_kw=progress.discharge_kw,
            single_phase=progress.modes(self.problem),
        )
        fleet = Fleet.of(self.problem, self._demands, self._network, result)
        planned = Flows.of(
            self.problem,
            progress.powers(self.problem),
            hours=fleet.hours,
            discharge_kw=progress.discharge_kw,
            battery_kw=progress.battery_kw,
        )
        power, flows, _ = carried_out(fleet, planned)
        return FinishedPlan(
            power_kw=power,
            flows=flows,
            bill=bill_of(flows),
            net_kwh=fleet.net_kwh(flows),
        )
