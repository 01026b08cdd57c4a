"""The relaxation with starts: what every plan costs at least, and a way to better plans.

Beside the relaxation's own columns it has for each car and step

    z  on or off     0 ... 1    minimum * z <= x <= ceiling * z,  u <= min(surplus, ceiling) * z
    v  start         >= 0       v >= z(t) - z(t-1),  paid

With z in whole numbers it is the whole integer program of plain charging. Solved as it is, its
bound is within a percent of the best plan of a household. Its prices tell what a network limit, and
surplus, is worth to others (sequential.py); good plans are recombined in it: what they agree on
stays, the integer solver decides the rest.
"""

from collections.abc import Sequence

from highspy import Highs, HighsModelStatus, HighsVarType, kHighsInf
import numpy as np

from ...errors import NoSolutionError
from ...quantities.demand import Array
from ..highs import FEASIBLE_POINT, Indices, set_option
from ..subproblem import HALF, OBJECTIVE_SCALE, Commitment
from .branching import Choice, Space
from .matrix import NONE, copy_of
from .relaxation import Relaxation

SOLVED_GAP = 2e-3
"""Relative distance from the best of what is open at which the integer solver stops."""


class StartupModel:
    """The program of one Relaxation, which has been solved, with starts."""

    def __init__(self, relaxation: Relaxation, start_cost: float) -> None:
        """Add what starts need to a copy of the relaxation.

        Args:
            relaxation: What to begin with; it is left as it is.
            start_cost: What a start costs, in the site's currency.
        """
        self._relaxation, self._matrix = relaxation, relaxation.matrix
        self._money = relaxation.money_per_objective
        self._solver = copy_of(relaxation.solver)
        self._whole: Highs | None = None
        cells = self._matrix.cells
        count = int(cells.sum())
        on = np.full(cells.shape, NONE, dtype=np.int32)
        on[cells] = self._solver.getNumCol() + np.arange(count)
        self._on: Indices = on[cells]
        self._low = (self._matrix.floor > 0)[cells].astype(np.float64)
        self._add_columns(OBJECTIVE_SCALE * start_cost / relaxation.unit)
        self._add_powers(on)
        self._add_starts(on)

    def _add_columns(self, cost: float) -> None:
        count = len(self._on)
        self._solver.addCols(
            2 * count,
            np.repeat([0.0, cost], count),
            np.concatenate([self._low, np.zeros(count)]),
            np.ones(2 * count),
            0,
            np.zeros(2 * count, dtype=np.int32),
            np.zeros(0, dtype=np.int32),
            np.zeros(0),
        )

    def _add_powers(self, on: Indices) -> None:
        """Add what a car draws, and takes of the surplus, when it is on."""
        matrix, cells = self._matrix, self._matrix.cells
        power, count = matrix.column[cells], len(self._on)
        minimum = np.broadcast_to(matrix.minimum[:, None], cells.shape)[cells]
        none = np.zeros(count)
        self._add_rows([power, self._on], [1.0, -matrix.ceiling[cells]], none)
        self._add_rows([power, self._on], [-1.0, minimum], none)
        parts = matrix.part != NONE
        max_part_kw = np.minimum(matrix.subproblem.network.surplus_kw, matrix.ceiling)[parts]
        part, none = matrix.part[parts], np.zeros(len(max_part_kw))
        self._add_rows([part, on[parts]], [1.0, -max_part_kw], none)
        self._add_rows([part, matrix.column[parts]], [1.0, -1.0], none)

    def _add_starts(self, on: Indices) -> None:
        """Add that being on after having been off is a start."""
        matrix, cells = self._matrix, self._matrix.cells
        start = self._on + len(self._on)
        before = np.column_stack([np.full(len(on), NONE), on[:, :-1]])[cells]
        inner = before != NONE
        self._add_rows(
            [self._on[inner], before[inner], start[inner]],
            [1.0, -1.0, -1.0],
            np.zeros(int(inner.sum())),
        )
        cars, steps = np.nonzero(cells)
        charging = np.array([demand.ev.charging for demand in matrix.subproblem.demands])
        first = (charging[cars] & (steps == 0))[~inner]
        self._add_rows([self._on[~inner], start[~inner]], [1.0, -1.0], first.astype(np.float64))

    def _add_rows(
        self, columns: Sequence[Indices], factors: Sequence[Array | float], upper: Array
    ) -> None:
        """Add rows: the sum of factors times columns is at most ``upper``."""
        each, count = len(columns), len(upper)
        entries = [np.broadcast_to(factor, count) for factor in factors]
        self._solver.addRows(
            count,
            np.full(count, -kHighsInf),
            upper,
            each * count,
            each * np.arange(count, dtype=np.int32),
            np.column_stack(columns).ravel(),
            np.column_stack(entries).ravel(),
        )

    def solve(self) -> float:
        """Solve the program.

        Returns:
            What every plan that serves all cars costs at least, in the site's currency.

        Raises:
            NoSolutionError: It was not solved in time.
        """
        answer = self.solve_with((), self.everything)
        if answer is None:
            raise NoSolutionError("the relaxation with starts has no solution")
        return answer[0]

    @property
    def everything(self) -> Space:
        """All that is possible."""
        return Space(always=self._matrix.floor > 0, possible=self._matrix.cells)

    def disagreement(self, plans: Sequence[Commitment]) -> Space:
        """Return what plans do not agree on."""
        floor = self._matrix.floor > 0
        return Space(always=np.all(plans, axis=0) | floor, possible=np.any(plans, axis=0) | floor)

    def solve_with(self, made: tuple[Choice, ...], space: Space) -> tuple[float, Array] | None:
        """Solve the program with some choices made.

        Args:
            made: The choices.
            space: What else is open.

        Returns:
            The least cost, in the site's currency, and how far each car is on in each step; None
            where the choices contradict each other.

        Raises:
            NoSolutionError: It was not solved in time.
        """
        low, high = space.always.astype(np.float64), space.possible.astype(np.float64)
        for car, step, is_on in made:
            low[car, step] = high[car, step] = float(is_on)
        cells = self._matrix.cells
        self._solver.changeColsBounds(len(self._on), self._on, low[cells], high[cells])
        self._relaxation.clock.run(self._solver)
        status = self._solver.getModelStatus()
        if status == HighsModelStatus.kInfeasible:
            return None
        if status != HighsModelStatus.kOptimal:
            raise NoSolutionError(f"the relaxation with starts ended with status '{status.name}'")
        on = np.zeros(self._matrix.cells.shape)
        on[self._matrix.cells] = np.array(self._solver.getSolution().col_value)[self._on]
        return float(self._solver.getInfo().objective_function_value) * self._money, on

    @property
    def duals(self) -> Array:
        """The multiplier of each row, of the last solve."""
        return np.array(self._solver.getSolution().row_dual)

    def decided(
        self, best: Commitment, space: Space, target: float, nodes: int
    ) -> Commitment | None:
        """Let the integer solver decide what is open.

        Args:
            best: What is on in the best plan known, to begin with.
            space: What is open; that plan must be in it.
            target: Money at which to stop, in the site's currency.
            nodes: Nodes of the search tree at most; a count, so that plans do not depend on load.

        Returns:
            What is on then, if there is an answer.
        """
        cells = self._matrix.cells
        columns, count = self._on, len(self._on)
        solver = self._integer_solver()
        low, high = space.always.astype(np.float64), space.possible.astype(np.float64)
        solver.changeColsBounds(count, columns, low[cells], high[cells])
        set_option(solver, "mip_max_nodes", nodes)
        set_option(solver, "objective_target", target / self._money)
        solver.setSolution(count, columns, best[cells].astype(np.float64))
        self._relaxation.clock.run(solver, integer=True)
        if solver.getInfo().primal_solution_status != FEASIBLE_POINT:
            return None
        found = np.zeros(cells.shape, dtype=bool)
        found[cells] = np.array(solver.getSolution().col_value)[columns] > HALF
        return found

    def _integer_solver(self) -> Highs:
        """Return a solver of its own for whole choices: the other one keeps where it is."""
        if self._whole is None:
            count = len(self._on)
            self._whole = copy_of(self._solver)
            self._whole.changeColsIntegrality(
                count, self._on, np.full(count, HighsVarType.kInteger)
            )
            set_option(self._whole, "presolve", "choose")
            set_option(self._whole, "mip_rel_gap", SOLVED_GAP)
        return self._whole
