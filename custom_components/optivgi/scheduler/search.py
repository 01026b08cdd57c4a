"""Finds a good plan in a ChargingModel, and proves how good it is.

The linear relaxation is nearly tight and takes milliseconds; the bare integer program takes
seconds. So the relaxation comes first. What it leaves undecided is rounded in a few re-solves
(a dive) until little is left, and only that little is given to the integer solver. A household
whose proven gap is still too large then gets the whole integer program, with that plan as start.

PuLP builds the model and solves the relaxation; everything after works on the live HiGHS object
that PuLP leaves behind, because a re-solve there takes a fraction of loading the model again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
import time
from typing import cast

from highspy import Highs, HighsModelStatus, HighsStatus, HighsVarType, kHighsInf
import numpy as np
from numpy.typing import NDArray
from pulp import HiGHS

from .algorithm import NoSolutionError
from .demand import Array
from .formulation import OBJECTIVE_SCALE, ChargingModel

type Indices = NDArray[np.int32]

GOOD_ENOUGH_GAP = 0.005
"""A plan proven this close to the optimum is not improved further."""
PROVEN_GAP = 0.01
"""A plan proven this close counts as optimal; a household's is worked on until it is."""
EXACT_CHOICES = 120
"""Up to so many on/off choices the optimum itself is sought."""
POLISHED_CHOICES = 1500
"""Up to so many the whole integer program is tried; beyond, it takes minutes and memory."""
POLISH_NODES = 400
"""Nodes of the search tree for that; a count, not a time, so that plans do not depend on load."""
DIVE_ROUNDS = 12
"""Re-solves at most before the rest goes to the integer solver."""
DIVE_SHARE = 0.34
"""Share of the open choices that each of them makes."""
SMALL_REST = 30
"""Undecided choices that the integer solver decides in milliseconds."""
HALF = 0.5
FEASIBLE_POINT = 2
"""What HiGHS calls kSolutionStatusFeasible; highspy gives the status as a number."""
WHOLE = 1e-6
"""How far from a whole number a choice may be to count as made."""
SMALLEST_MONEY = 0.01
"""Gaps are relative to the cost, but never to less than this share of the highest price."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """A solution of a ChargingModel.

    Attributes:
        power_kw: Power of each demand, per step.
        objective: Its value, ties included, in the site's currency.
        bound: No plan can be below this.
    """

    power_kw: list[Array]
    objective: float
    bound: float


class Search:
    """One search in one ChargingModel."""

    def __init__(
        self, model: ChargingModel, *, deadline: float, accepted: float | None = None
    ) -> None:
        """Prepare the search.

        Args:
            model: What to solve.
            deadline: When to stop, on the clock of time.perf_counter().
            accepted: Distance from the bound that is good enough, in units of the objective
                before its scaling, instead of a relative gap.
        """
        self._accepted = accepted
        self._model = model
        self._deadline = deadline
        self._solver: Highs
        self._choices: Indices
        self._best: Array | None = None
        self._best_objective = kHighsInf
        self._bound = -kHighsInf

    def run(self, steps: int, *, known: Sequence[Array] | None = None) -> Found | None:
        """Search.

        Args:
            steps: Number of steps of the horizon, for the shape of the answer.
            known: The power of a plan that is known to be possible; when it is on and off is taken
                where nothing better is found.

        Returns:
            The best plan found; None where none exists or none was found.

        Raises:
            NoSolutionError: The time was up before the relaxation was solved.
        """
        if not self._relax():
            return None
        values = np.array(self._solver.getSolution().col_value)
        if len(self._choices):
            self._explore(values)
            if self._best is None and known is not None:
                self._follow(known)
            if not self._good_enough():
                self._improve()
            if self._should_polish():
                self._polish()
        else:
            self._keep(values)
        return self._found(steps)

    def _seconds_left(self) -> float:
        return max(0.0, self._deadline - time.perf_counter())

    def _relax(self) -> bool:
        """Solve the linear relaxation; return whether it has a solution."""
        program = self._model.program
        stats = program.solve(
            HiGHS(
                mip=False,
                msg=False,
                threads=1,
                timeLimit=max(0.05, self._seconds_left()),
                presolve="off",
                output_flag=False,
            )
        )
        self._solver = cast("Highs", program.solverModel)
        column = {var.id: index for index, var in enumerate(program.exported_variables())}
        self._column = column
        self._choices = np.array([column[var.id] for var in self._model.choices], dtype=np.int32)
        status = self._solver.getModelStatus()
        if status == HighsModelStatus.kInfeasible:
            return False
        if not stats.has_solution or status != HighsModelStatus.kOptimal:
            raise NoSolutionError(f"the relaxation ended with status '{stats.status.name}'")
        self._bound = float(self._solver.getInfo().objective_function_value)
        return True

    def _dive(self, relaxed: Array) -> Array | None:
        """Round the relaxation's choices until few are open; the integer solver decides those.

        Args:
            relaxed: Values of all variables in the relaxation.

        Returns:
            The choices of the plan found, if any.
        """
        count = len(self._choices)
        lower, upper = np.zeros(count), np.ones(count)
        values = relaxed
        for _ in range(DIVE_ROUNDS):
            chosen = values[self._choices]
            open_ = np.flatnonzero((chosen > WHOLE) & (chosen < 1 - WHOLE))
            if len(open_) <= SMALL_REST or self._seconds_left() <= 0:
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
        """Dive; then, for a household, decide anew where the plan and the relaxation differ."""
        plan = self._dive(relaxed)
        if plan is not None and not self._good_enough():
            views = np.array([plan, relaxed[self._choices]])
            self._decide(
                np.floor(views.min(axis=0) + WHOLE),
                np.ceil(views.max(axis=0) - WHOLE),
                stop_gap=PROVEN_GAP,
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
        if self._seconds_left() <= 0:
            return True
        if len(self._choices) > POLISHED_CHOICES:
            return self._best is not None
        if self._accepted is not None:
            return self._is_accepted()
        return self._best is not None and self._gap() <= PROVEN_GAP

    def _resolve(self, lower: Array, upper: Array) -> bool:
        """Solve the relaxation again between these bounds; return whether it has a solution."""
        self._bounds(lower, upper)
        self._limit_time()
        self._solver.run()
        return bool(self._solver.getModelStatus() == HighsModelStatus.kOptimal)

    def _bounds(self, lower: Array, upper: Array) -> None:
        self._solver.changeColsBounds(len(self._choices), self._choices, lower, upper)

    def _limit_time(self) -> None:
        # HiGHS counts the time of all runs of one object.
        self._set("time_limit", self._solver.getRunTime() + self._seconds_left())

    def _set(self, option: str, value: str | float) -> None:
        if self._solver.setOptionValue(option, value) != HighsStatus.kOk:
            raise NoSolutionError(f"the solver does not know the option {option}={value}")

    def _decide(
        self, lower: Array, upper: Array, *, stop_gap: float = GOOD_ENOUGH_GAP
    ) -> Array | None:
        """Solve the integer program between these bounds; return the choices of the plan found."""
        self._bounds(lower, upper)
        self._integer(HighsVarType.kInteger)
        exact = len(self._choices) <= EXACT_CHOICES and self._accepted is None
        self._set("presolve", "choose")
        self._set("mip_rel_gap", 0.0 if exact else stop_gap / 5)
        self._set("mip_abs_gap", 1e-6)
        self._set("mip_max_nodes", POLISH_NODES)
        if not exact:
            self._set("objective_target", self._bound + self._tolerated(stop_gap))
        self._limit_time()
        self._solver.run()
        info = self._solver.getInfo()
        plan = None
        if info.primal_solution_status == FEASIBLE_POINT:
            values = np.array(self._solver.getSolution().col_value)
            self._keep(values)
            plan = np.round(values[self._choices])
        self._integer(HighsVarType.kContinuous)
        self._set("presolve", "off")
        return plan

    def _integer(self, kind: HighsVarType) -> None:
        count = len(self._choices)
        self._solver.changeColsIntegrality(count, self._choices, np.full(count, kind))

    def _keep(self, values: Array) -> None:
        objective = float(self._solver.getInfo().objective_function_value)
        if objective < self._best_objective:
            self._best, self._best_objective = values, objective

    def _is_accepted(self) -> bool:
        return self._best_objective - self._bound <= self._tolerated(0.0)

    def _tolerated(self, gap: float) -> float:
        if self._accepted is not None:
            return self._accepted * OBJECTIVE_SCALE
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
            if self._seconds_left() <= 0:
                return
            before = self._best_objective
            made = np.round(self._best[self._choices])
            free = np.array([index in cars[car] for index in self._choices])
            self._decide(np.where(free, 0.0, made), np.where(free, 1.0, made))
            tried = 1 if self._best_objective < before - 1e-3 * abs(before) else tried + 1
            car = (car + 1) % len(cars)

    def _should_polish(self) -> bool:
        count = len(self._choices)
        if count > POLISHED_CHOICES or self._seconds_left() <= 0:
            return False
        if self._accepted is not None:
            return not self._is_accepted()
        goal = 1e-9 if count <= EXACT_CHOICES else PROVEN_GAP
        return self._best is None or self._gap() > goal

    def _polish(self) -> None:
        """Solve the whole integer program from the best plan known; improves the bound too."""
        if self._best is not None:
            everything = np.arange(len(self._best), dtype=np.int32)
            self._solver.setSolution(len(everything), everything, self._best)
        count = len(self._choices)
        self._decide(np.zeros(count), np.ones(count), stop_gap=PROVEN_GAP)
        info = self._solver.getInfo()
        if np.isfinite(info.mip_dual_bound):
            self._bound = max(self._bound, float(info.mip_dual_bound))

    def _found(self, steps: int) -> Found | None:
        if self._best is None:
            return None
        power = []
        for cells in self._model.power:
            series = np.zeros(steps)
            for step, var in cells.items():
                series[step] = self._best[self._column[var.id]]
            power.append(series)
        money = self._model.money_per_objective
        return Found(
            power_kw=power,
            objective=self._best_objective * money,
            bound=min(self._bound, self._best_objective) * money,
        )
