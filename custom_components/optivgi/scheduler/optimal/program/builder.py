"""What every part of the charging model is built with: variables, rows, an objective."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import numpy as np
from pulp import HiGHS, LpMinimize, LpProblem, LpVariable, lpSum_vars_coefs

from ...quantities.demand import Array, Demand
from ...quantities.tolerances import PORTION_ROUNDING
from ..subproblem import OBJECTIVE_SCALE, Subproblem

if TYPE_CHECKING:
    from highspy import Highs

type Terms = list[tuple[LpVariable, float]]
type Cells = dict[int, LpVariable]
"""Variables of one car or of the site, by step."""

ALWAYS = -1
"""The step of a choice that is not of one step."""


@dataclass(kw_only=True)
class ChargingModel:
    """The program and the variables to read from it.

    Attributes:
        program: The PuLP problem.
        power: x of each demand, by step.
        single: The same on one phase, for those that can switch.
        discharge: What each demand gives back, by step.
        battery_charge: What each home battery is charged with, by its id and step.
        battery_discharge: What each gives.
        switches: z of each demand, by step; empty where it has no minimum and starts are free.
        portions: How many whole steps of power above its minimum each demand draws, by step,
        single_portions: and the same on one phase.
        choices: Every choice between 0 and 1,
        choice_steps: and the step it is in, or ALWAYS.
        money_per_objective: What one unit of the objective is in the site's currency.
        constant: What is to be added to the objective, in the site's currency.
    """

    program: LpProblem
    power: list[Cells] = field(default_factory=list)
    single: list[Cells] = field(default_factory=list)
    discharge: list[Cells] = field(default_factory=list)
    battery_charge: dict[str, Cells] = field(default_factory=dict)
    battery_discharge: dict[str, Cells] = field(default_factory=dict)
    switches: list[Cells] = field(default_factory=list)
    portions: list[Cells] = field(default_factory=list)
    single_portions: list[Cells] = field(default_factory=list)
    choices: list[LpVariable] = field(default_factory=list)
    choice_steps: list[int] = field(default_factory=list)
    money_per_objective: float = 1.0
    constant: float = 0.0


class Builder:
    """Adds variables and rows to a ChargingModel."""

    def __init__(self, subproblem: Subproblem) -> None:
        """Begin an empty model."""
        self.subproblem = subproblem
        prices = subproblem.prices
        self.unit = prices.unit
        self.model = ChargingModel(
            program=LpProblem("charging", LpMinimize),
            money_per_objective=self.unit / OBJECTIVE_SCALE,
        )
        self.program = self.model.program
        self.network = subproblem.network
        self.buy = prices.buy / self.unit
        self.sell = prices.sell / self.unit
        self.start_cost = prices.start_cost / self.unit
        self.objective: Terms = []
        self.loads: dict[tuple[int, int], Terms] = {}
        """What each row of the network carries in each step,"""
        self.returns: dict[tuple[int, int], Terms] = {}
        """and what it carries back towards the grid."""
        self.modes: dict[tuple[int, int], LpVariable] = {}
        """Whether a car that can switch is on one phase in a step."""
        self.drawn: dict[int, list[LpVariable]] = {}
        """What the planned cars draw in each step."""

    def variable(self, name: str, low: float | None, high: float | None) -> LpVariable:
        """Add a variable."""
        return self.program.add_variable(name, low, high)

    def choice(self, name: str, step: int = ALWAYS, *, made: bool = False) -> LpVariable:
        """Add a choice between 0 and 1; one that is made already is 1."""
        choice = self.program.add_variable(name, float(made), 1.0, "Integer")
        self.model.choices.append(choice)
        self.model.choice_steps.append(step)
        return choice

    def row(self, terms: Terms, *, upper: float) -> None:
        """Add a row: the sum of the terms is at most ``upper``."""
        self.program.addConstraint(lpSum_vars_coefs(terms) <= upper)

    def equal(self, terms: Terms, right: float) -> None:
        """Add a row: the sum of the terms is ``right``."""
        self.program.addConstraint(lpSum_vars_coefs(terms) == right)

    def pay(self, variable: LpVariable, price: float) -> None:
        """Add to the objective, in units of the highest price."""
        self.objective.append((variable, price))

    def whole_kw(self, demand: Demand) -> float:
        """Return by what a car's powers differ; 0 where they may be any."""
        return demand.ev.power_step_kw if self.subproblem.whole_steps else 0.0

    def portions(
        self, name: str, x: LpVariable, z: LpVariable, minimum: float, size: float
    ) -> LpVariable:
        """Let a power be its minimum and steps of a size above it where it is on.

        Returns:
            How many steps; whether they must be whole is decided when it is solved.
        """
        maximum = max(0, int((float(x.upBound or 0.0) - minimum) / size + PORTION_ROUNDING))
        k = self.variable(name, 0, maximum)
        self.equal([(x, 1.0), (z, -minimum), (k, -size)], 0.0)
        self.row([(k, 1.0), (z, -maximum)], upper=0.0)
        return k

    def carry(self, variable: LpVariable, step: int, share: Array, *, back: bool = False) -> None:
        """Count a power against the network limits, of what is drawn or of what is given back."""
        loads = self.returns if back else self.loads
        for row in map(int, np.flatnonzero(share)):
            loads.setdefault((row, step), []).append((variable, float(share[row])))

    def add_capacity(self) -> None:
        """Add a row for each limited part and step where what is planned could exceed it.

        What is drawn makes no room for what is given, nor the other way round: either may end at
        any time.
        """
        network = self.network
        for loads, limit in (
            (self.loads, network.capacity_kw),
            (self.returns, network.backfeed_kw),
        ):
            for (row, step), terms in sorted(loads.items()):
                capacity = float(limit[row, step])
                possible = sum(float(var.upBound or 0.0) * share for var, share in terms)
                # A single one's ceiling already keeps within its network limits.
                if len(terms) > 1 and possible > capacity:
                    self.row(terms, upper=capacity)

    def finish(self) -> ChargingModel:
        """Set the objective."""
        self.program.setObjective(
            lpSum_vars_coefs([(var, OBJECTIVE_SCALE * coef) for var, coef in self.objective])
        )
        return self.model


def load_relaxation(program: LpProblem) -> Highs:
    """Return a solver that holds a program's linear relaxation, ready to run.

    PuLP would also read the solution back into its variables, which takes as long as solving.
    """
    solver = HiGHS(mip=False, msg=False, threads=1, presolve="off", output_flag=False)
    solver.createAndConfigureSolver(program)
    solver.buildSolverModel(program)
    return cast("Highs", program.solverModel)
