"""The relaxation with starts: what every plan costs at least, and a way to better plans.

Beside the relaxation's own columns it has for each car and step

    z  on or off     0 ... 1    minimum * z <= x <= ceiling * z,  u <= min(surplus, ceiling) * z
    v  start         >= 0       v >= z(t) - z(t-1),  paid

With z in whole numbers it is the whole integer program of plain charging. Solved as it is, its
bound is within a percent of the best plan of a household. Its prices tell what a network limit, and
surplus, is worth to others (sequential.py).
"""

from collections.abc import Sequence

from highspy import HighsModelStatus, kHighsInf
import numpy as np

from ...errors import NoSolutionError
from ...quantities.demand import Array
from ..highs import Indices
from ..subproblem import OBJECTIVE_SCALE
from .matrix import NONE, copy_of
from .relaxation import Relaxation


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
        self._relaxation.clock.run(self._solver)
        status = self._solver.getModelStatus()
        if status != HighsModelStatus.kOptimal:
            raise NoSolutionError(f"the relaxation with starts ended with status '{status.name}'")
        return float(self._solver.getInfo().objective_function_value) * self._money

    @property
    def duals(self) -> Array:
        """The multiplier of each row, of the last solve."""
        return np.array(self._solver.getSolution().row_dual)
