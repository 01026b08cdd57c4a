"""What every part of the charging model is built with: variables, rows, an objective."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

import numpy as np
from pulp import HiGHS, LpMinimize, LpProblem, LpVariable, lpSum_vars_coefs

from ..quantities.demand import Array, Demand, Wires

if TYPE_CHECKING:
    from highspy import Highs

    from .meter import Meter

type Terms = list[tuple[LpVariable, float]]
type Cells = dict[int, LpVariable]
"""Variables of one car or of the site, by step."""

EARLINESS = 1e-6
"""What an hour later counts for, per kWh and relative to the highest price: decides ties only."""
SMALLEST_MONEY = 0.01
"""Gaps are relative to the cost, but never to less than this share of the highest price."""
NO_PRICE = 1e-9
"""A price below this is none: nothing is divided by it."""
OBJECTIVE_SCALE = 1000.0
"""The highest price becomes this much, so that ties are above the solver's 1e-7 tolerance."""


@dataclass(frozen=True, kw_only=True)
class Tariff:
    """What energy and starts cost: per kWh and step, and per start."""

    buy: Array
    sell: Array
    start_cost: float = 0.0

    @property
    def unit(self) -> float:
        """The highest price, or 1 where all energy is free: makes the model free of currencies."""
        highest = float(max(np.abs(self.buy).max(), np.abs(self.sell).max()))
        return highest if highest > NO_PRICE else 1.0


@dataclass(frozen=True, kw_only=True)
class Group:
    """Cars that are planned together, and what they are planned by.

    Attributes:
        demands: The cars; their needs must be reachable by each alone.
        wires: What they may draw, their floors included, and the PV surplus left for them.
        tariff: What energy costs.
        step_h: Length of each step.
        meter: What else is planned at the meter with them; None where that is nothing.
        whole_steps: Whether powers must be on the steps that chargers can be set to; only for the
            whole integer program, and small ones.
    """

    demands: Sequence[Demand]
    wires: Wires
    tariff: Tariff
    step_h: Array
    meter: Meter | None = None
    whole_steps: bool = False

    @property
    def elapsed_h(self) -> Array:
        """Hours from now to the beginning of each step."""
        return np.concatenate(([0.0], np.cumsum(self.step_h)[:-1]))

    def asking(self, needs_kwh: Sequence[float]) -> Group:
        """Return the same group asking for other amounts of energy."""
        demands = [
            demand.asking(need) for demand, need in zip(self.demands, needs_kwh, strict=True)
        ]
        return replace(self, demands=demands)

    @property
    def early(self) -> Array:
        """What a kWh counts for by its time, per step and relative to the highest price."""
        return EARLINESS * self.elapsed_h


@dataclass(kw_only=True)
class ChargingModel:
    """The program and the variables to read from it.

    Attributes:
        program: The PuLP problem.
        power: x of each demand, by step.
        single: The same on one phase, for those that can switch.
        discharge: What each demand gives back, by step.
        battery_charge: What the home battery is charged with, by step.
        battery_discharge: What it gives, by step.
        switches: z of each demand, by step; empty where it has no minimum and starts are free.
        choices: Every variable that must be whole,
        choice_steps: and the step each is about.
        money_per_objective: What one unit of the objective is in the site's currency.
        constant: What is to be added to the objective, in the site's currency.
    """

    program: LpProblem
    power: list[Cells] = field(default_factory=list)
    single: list[Cells] = field(default_factory=list)
    discharge: list[Cells] = field(default_factory=list)
    battery_charge: Cells = field(default_factory=dict)
    battery_discharge: Cells = field(default_factory=dict)
    switches: list[Cells] = field(default_factory=list)
    choices: list[LpVariable] = field(default_factory=list)
    choice_steps: list[int] = field(default_factory=list)
    money_per_objective: float = 1.0
    constant: float = 0.0


class Builder:
    """Adds variables and rows to a ChargingModel."""

    def __init__(self, group: Group) -> None:
        """Begin an empty model."""
        self.group = group
        tariff = group.tariff
        self.unit = tariff.unit
        self.model = ChargingModel(
            program=LpProblem("charging", LpMinimize),
            money_per_objective=self.unit / OBJECTIVE_SCALE,
        )
        self.program = self.model.program
        self.wires = group.wires
        self.buy = tariff.buy / self.unit
        self.sell = tariff.sell / self.unit
        self.start_cost = tariff.start_cost / self.unit
        self.objective: Terms = []
        self.loads: dict[tuple[int, int], Terms] = {}
        """What each row of the wires carries in each step."""
        self.drawn: dict[int, Terms] = {}
        """What the planned cars draw on average in each step, less what they give."""

    def variable(
        self, name: str, low: float, high: float | None, *, at: int | None = None
    ) -> LpVariable:
        """Add a variable; a choice in a step, which must be whole, where ``at`` is given."""
        made = self.program.add_variable(name, low, high, "Continuous" if at is None else "Integer")
        if at is not None:
            self.model.choices.append(made)
            self.model.choice_steps.append(at)
        return made

    def row(self, terms: Terms, *, upper: float) -> None:
        """Add a row: the sum of the terms is at most ``upper``."""
        self.program.addConstraint(lpSum_vars_coefs(terms) <= upper)

    def pay(self, variable: LpVariable, price: float) -> None:
        """Add to the objective, in units of the highest price."""
        self.objective.append((variable, price))

    def carry(self, variable: LpVariable, step: int, share: Array) -> None:
        """Count a power against the wires."""
        for row in map(int, np.flatnonzero(share)):
            self.loads.setdefault((row, step), []).append((variable, float(share[row])))

    def draw(self, variable: LpVariable, step: int, part: float) -> None:
        """Count a power, or with a negative part what is given, at the meter."""
        self.drawn.setdefault(step, []).append((variable, part))

    def add_capacity(self) -> None:
        """Add a row for each limited part and step where what is planned could exceed it."""
        for (row, step), terms in sorted(self.loads.items()):
            capacity = float(self.wires.capacity_kw[row, step])
            possible = sum(float(var.upBound or 0.0) * share for var, share in terms)
            # A single car's ceiling already holds what its wires can carry.
            if len(terms) > 1 and possible > capacity:
                self.row(terms, upper=capacity)

    def finish(self) -> ChargingModel:
        """Set the objective."""
        self.program.setObjective(
            lpSum_vars_coefs([(var, OBJECTIVE_SCALE * coef) for var, coef in self.objective])
        )
        return self.model


def load(program: LpProblem) -> Highs:
    """Return a solver that holds a program's linear relaxation, ready to run.

    PuLP would also read the solution back into its variables, which takes as long as solving.
    """
    solver = HiGHS(mip=False, msg=False, threads=1, presolve="off", output_flag=False)
    solver.createAndConfigureSolver(program)
    solver.buildSolverModel(program)
    return cast("Highs", program.solverModel)
