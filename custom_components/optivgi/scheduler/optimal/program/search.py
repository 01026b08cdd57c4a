"""Finds a good plan in a ChargingModel, and proves how good it is.

The linear relaxation is nearly tight and takes milliseconds; the bare integer program takes
seconds. So the relaxation comes first. What it leaves undecided is rounded in a few re-solves
(a dive) until little is left, and only that little is given to the integer solver. A household
whose proven gap is still too large then gets the whole integer program, with that plan as start.

PuLP builds the model and solves the relaxation; everything after works on the live HiGHS object
that PuLP leaves behind, because a re-solve there takes a fraction of loading the model again.
"""

from collections.abc import Sequence

from highspy import Highs, HighsModelStatus, HighsVarType, kHighsInf
import numpy as np

from ...errors import NoSolutionError
from ...quantities.demand import Array
from ..clock import SolveClock
from ..highs import FEASIBLE_POINT, Indices, set_option
from ..solution import Replan, Solution
from ..subproblem import (
    EXACT_CHOICES,
    HALF,
    OBJECTIVE_SCALE,
    POLISHED_CHOICES,
    PROVEN_GAP,
    SMALLEST_MONEY,
)
from .builder import Cells, ChargingModel, load_relaxation

GOOD_ENOUGH_GAP = 0.005
"""A plan proven this close to the optimum is not improved further."""
POLISH_NODES = 400
"""Nodes of the search tree for that; a count, not a time, so that plans do not depend on load."""
WINDOW_CHOICES = 40
"""Choices that a stretch of time has which is decided at once."""
WINDOW_NODES = 20
"""Nodes of the search tree for that at most."""
DIVE_ROUNDS = 12
"""Re-solves at most before the rest goes to the integer solver."""
DIVE_SHARE = 0.34
"""Share of the open choices that each of them makes."""
FEW_CHOICES = 30
"""Undecided choices that the integer solver decides in milliseconds."""
WHOLE = 1e-6
"""How far from a whole number a choice may be to count as made."""


class ProgramSearch:
    """One search in one ChargingModel."""

    def __init__(
        self, model: ChargingModel, clock: SolveClock, steps: int, replan: Replan | None = None
    ) -> None:
        """Prepare the search; nothing is solved yet.

        Args:
            model: What to solve.
            clock: The time there is.
            steps: Number of steps of the horizon, for the shape of the answer.
            replan: What may improve a plan, given by the power of each car.
        """
        self._model = model
        self._clock = clock
        self._steps = steps
        self._replan = replan
        self._solver: Highs
        self._choices: Indices
        self._lower: Array
        self._upper: Array
        self._best: Array | None = None
        self._best_objective = kHighsInf
        self._bound = -kHighsInf

    def run(self, known: Sequence[Array] | None = None) -> Solution | None:
        """Search.

        Args:
            known: The power of a plan that is known to be possible, to begin with.

        Returns:
            The best plan found; None where none exists or none was found.

        Raises:
            NoSolutionError: The time was up before the relaxation was solved.
        """
        if not self._relax():
            return None
        values = np.array(self._solver.getSolution().col_value)
        if self._upper.max(initial=0.0) > 1:
            # Numbers of power steps: rounding them makes no sense, and only few are asked for.
            self._polish()
        elif len(self._choices):
            if known is not None:
                self._follow(known)
            if not self._good_enough():
                self._explore(values)
            if not self._good_enough():
                self._improve()
            if self._should_polish():
                self._polish()
        else:
            self._keep(values)
        return self._solution()

    def _relax(self) -> bool:
        """Solve the linear relaxation; return whether it has a solution."""
        program = self._model.program
        self._solver = load_relaxation(program)
        self._clock.run(self._solver)
        column = {var.id: index for index, var in enumerate(program.exported_variables())}
        self._column = column
        self._choices = np.array([column[var.id] for var in self._model.choices], dtype=np.int32)
        self._lower = np.array([var.lowBound or 0.0 for var in self._model.choices])
        self._upper = np.array([var.upBound or 0.0 for var in self._model.choices])
        status = self._solver.getModelStatus()
        if status == HighsModelStatus.kInfeasible:
            return False
        if status not in {HighsModelStatus.kOptimal, HighsModelStatus.kModelEmpty}:
            raise NoSolutionError(f"the relaxation ended with status '{status.name}'")
        self._bound = float(self._solver.getInfo().objective_function_value)
        return True

    def _dive(self, relaxed: Array) -> Array | None:
        """Round the relaxation's choices until few are open; the integer solver decides those.

        Args:
            relaxed: Values of all variables in the relaxation.

        Returns:
            The choices of the plan found, if any.
        """
        lower, upper = self._lower.copy(), self._upper.copy()
        values = relaxed
        for _ in range(DIVE_ROUNDS):
            chosen = values[self._choices]
            open_ = np.flatnonzero((chosen > WHOLE) & (chosen < 1 - WHOLE))
            if len(open_) <= FEW_CHOICES or self._clock.is_up:
                break
            # The clearest open choices. One that is rounded up decides more than one down.
            clarity = np.where(chosen[open_] >= HALF, 1 - chosen[open_], 2 * chosen[open_])
            limit = max(0.05, float(np.quantile(clarity, DIVE_SHARE)))
            rounded = open_[clarity <= limit]
            before = lower.copy(), upper.copy()
            lower[rounded] = upper[rounded] = np.round(chosen[rounded])
            if not self._resolve(lower, upper):
                lower, upper = before
                break
            values = np.array(self._solver.getSolution().col_value)
        chosen = values[self._choices]
        # First trust every whole choice of the last relaxation; then only those rounded above.
        plan = self._decide(
            np.where(chosen > 1 - WHOLE, 1.0, lower), np.where(chosen < WHOLE, 0.0, upper)
        )
        if plan is None and int((lower < upper).sum()) <= POLISHED_CHOICES:
            plan = self._decide(lower, upper)
        return plan

    def _explore(self, relaxed: Array) -> None:
        """Dive; then decide one stretch of time after the other anew, while that helps."""
        self._dive(relaxed)
        if self._replan is not None and self._best is not None and not self._good_enough():
            # Exact for each car, if not for all: it repairs what rounding has done to one.
            self._follow(self._replan(self._powers(self._steps)))
        steps = np.array(self._model.choice_steps)
        length = max(1, round(WINDOW_CHOICES * (steps.max() + 1) / len(steps)))
        for begin in range(0, int(steps.max()) + 1, length // 2 + 1):
            if self._best is None or self._good_enough():
                return
            made = np.round(self._best[self._choices])
            free = (steps >= begin) & (steps < begin + length)
            self._decide(
                np.where(free, self._lower, made),
                np.where(free, self._upper, made),
                nodes=WINDOW_NODES,
            )

    def _follow(self, known: Sequence[Array]) -> None:
        """Find the cheapest plan that is on and off when a known one is."""
        on = dict.fromkeys(map(int, self._choices), 0.0)
        for switches, power in zip(self._model.switches, known, strict=True):
            for step, var in switches.items():
                on[self._column[var.id]] = float(power[step] > 0)
        values = np.array([on[int(choice)] for choice in self._choices])
        if self._resolve(values, values):
            self._keep(np.array(self._solver.getSolution().col_value))

    def _good_enough(self) -> bool:
        """Whether more effort is not worth it: the plan is good, or the problem too large."""
        if self._clock.is_up:
            return True
        if len(self._choices) > POLISHED_CHOICES:
            return self._best is not None
        return self._best is not None and self._gap() <= PROVEN_GAP

    def _resolve(self, lower: Array, upper: Array) -> bool:
        """Solve the relaxation again between these bounds; return whether it has a solution."""
        self._bounds(lower, upper)
        self._clock.run(self._solver)
        return bool(self._solver.getModelStatus() == HighsModelStatus.kOptimal)

    def _bounds(self, lower: Array, upper: Array) -> None:
        self._solver.changeColsBounds(len(self._choices), self._choices, lower, upper)

    def _decide(
        self,
        lower: Array,
        upper: Array,
        *,
        stop_gap: float = GOOD_ENOUGH_GAP,
        nodes: int = POLISH_NODES,
    ) -> Array | None:
        """Solve the integer program between these bounds; return the choices of the plan found."""
        self._bounds(lower, upper)
        self._integer(HighsVarType.kInteger)
        exact = len(self._choices) <= EXACT_CHOICES
        set_option(self._solver, "presolve", "choose")
        set_option(self._solver, "mip_rel_gap", 0.0 if exact else stop_gap / 5)
        set_option(self._solver, "mip_abs_gap", 1e-6)
        set_option(self._solver, "mip_max_nodes", nodes)
        if not exact:
            set_option(self._solver, "objective_target", self._bound + self._tolerated(stop_gap))
        self._clock.run(self._solver, integer=True)
        info = self._solver.getInfo()
        plan = None
        if info.primal_solution_status == FEASIBLE_POINT:
            values = np.array(self._solver.getSolution().col_value)
            self._keep(values)
            plan = np.round(values[self._choices])
        self._integer(HighsVarType.kContinuous)
        set_option(self._solver, "presolve", "off")
        return plan

    def _integer(self, kind: HighsVarType) -> None:
        count = len(self._choices)
        self._solver.changeColsIntegrality(count, self._choices, np.full(count, kind))

    def _keep(self, values: Array) -> None:
        objective = float(self._solver.getInfo().objective_function_value)
        if objective < self._best_objective:
            self._best, self._best_objective = values, objective

    def _tolerated(self, gap: float) -> float:
        return gap * self._measure(self._bound)

    def _measure(self, objective: float) -> float:
        return max(abs(objective), SMALLEST_MONEY * OBJECTIVE_SCALE)

    def _gap(self) -> float:
        return (self._best_objective - self._bound) / self._measure(self._best_objective)

    def _improve(self) -> None:
        """Plan one car anew at a time, the others' on and off kept, while that helps."""
        column = self._column
        cars = [{column[var.id] for var in switches.values()} for switches in self._model.switches]
        if len(cars) == 1:
            return
        tried = 0
        car = 0
        while self._best is not None and tried < len(cars) and self._gap() > PROVEN_GAP:
            if self._clock.is_up:
                return
            before = self._best_objective
            made = np.round(self._best[self._choices])
            free = np.array([index in cars[car] for index in self._choices])
            self._decide(np.where(free, self._lower, made), np.where(free, self._upper, made))
            tried = 1 if self._best_objective < before - 1e-3 * abs(before) else tried + 1
            car = (car + 1) % len(cars)

    def _should_polish(self) -> bool:
        count = len(self._choices)
        if count > POLISHED_CHOICES or self._clock.is_up:
            return False
        goal = 1e-9 if count <= EXACT_CHOICES else PROVEN_GAP
        return self._best is None or self._gap() > goal

    def _polish(self) -> None:
        """Solve the whole integer program from the best plan known; improves the bound too."""
        if self._best is not None:
            everything = np.arange(len(self._best), dtype=np.int32)
            self._solver.setSolution(len(everything), everything, self._best)
        self._decide(self._lower, self._upper, stop_gap=PROVEN_GAP)
        info = self._solver.getInfo()
        if np.isfinite(info.mip_dual_bound):
            self._bound = max(self._bound, float(info.mip_dual_bound))

    def _powers(self, steps: int) -> list[Array]:
        return [self._series(cells, steps) for cells in self._model.power]

    def _solution(self) -> Solution | None:
        if self._best is None:
            return None
        model, steps = self._model, self._steps
        money = model.money_per_objective
        battery = None
        if model.battery_charge:
            battery = self._series(model.battery_charge, steps) - self._series(
                model.battery_discharge, steps
            )
        return Solution(
            power_kw=self._powers(steps),
            single_kw=[self._series(cells, steps) for cells in model.single],
            discharge_kw=[self._series(cells, steps) for cells in model.discharge],
            battery_kw=battery,
            objective=self._best_objective * money + model.constant,
            bound=min(self._bound, self._best_objective) * money + model.constant,
        )

    def _series(self, cells: Cells, steps: int) -> Array:
        series = np.zeros(steps)
        if self._best is not None:
            for step, var in cells.items():
                series[step] = self._best[self._column[var.id]]
        return series
