"""The linear relaxation of plain charging, kept alive to be solved again and again.

Cars with a minimum power and nothing else that needs whole numbers: a plan for them is found by
solving this program (matrix.py), fixing what it leaves between 0 and the minimum, and solving it
again. Every solve after the first works on the live HiGHS object, from where the last one ended,
because that takes a fraction of loading the program anew.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from highspy import Highs, HighsModelStatus, HighsVarType, kHighsInf
import numpy as np
from numpy.typing import NDArray

from ...errors import NoSolutionError
from ...quantities.demand import Array
from ..clock import SolveClock
from ..highs import FEASIBLE_POINT, set_option
from ..subproblem import CHANGE, OBJECTIVE_SCALE, Subproblem
from .matrix import SHORTAGE, Matrix

PIECES = 30
"""Pieces in which a shortage is counted when it is to be shared."""
PASSES = 2
"""Times the need is cut into pieces, the second time around what was found the first time."""
EXACT_PASSES = 8
"""The same where that takes no time."""
FEW_CELLS = 1500
"""Up to so many powers a pass takes a few milliseconds."""
NEAR = 0.05
"""Part of a need within which a shortage beyond the fair one comes to count most."""
RANKING = 0.01
"""Part by which the earliness of a car counts more than that of the one before it."""
DUAL_SIMPLEX, PRIMAL_SIMPLEX = 1, 4
"""Values of HiGHS' option simplex_strategy."""
UNCLEAR = (HighsModelStatus.kUnknown, HighsModelStatus.kNotset, HighsModelStatus.kSolveError)


class Relaxation:
    """One program for one subproblem."""

    def __init__(self, subproblem: Subproblem, clock: SolveClock) -> None:
        """Build the program; nothing is solved yet."""
        self.subproblem = subproblem
        self.clock = clock
        self.unit = subproblem.prices.unit
        self.money_per_objective = self.unit / OBJECTIVE_SCALE
        matrix = self.matrix = Matrix(subproblem)
        self.count = len(subproblem.demands)
        self.ceiling, self.floor, self.gain = matrix.ceiling, matrix.floor, matrix.gain
        self.need, self.minimum, self.cells = matrix.need, matrix.minimum, matrix.cells
        self.column, self.shortage = matrix.column, matrix.shortage
        self.energy_rows = matrix.energy_rows
        self._lower, self._upper = self.floor, self.ceiling
        self._costs = np.zeros(0)
        self._solver: Highs
        self._values: Array

    def solve_first(self) -> None:
        """Load the program into the solver, and solve it.

        Raises:
            NoSolutionError: It was not solved in time.
        """
        self._solver, self._costs = self.matrix.load()
        self.clock.run(self._solver)
        self._read()

    @property
    def solver(self) -> Highs:
        """The solver that holds the program, as the last solve left it."""
        return self._solver

    @property
    def duals(self) -> Array:
        """The multiplier of each row, of the last solve."""
        return np.array(self._solver.getSolution().row_dual)

    def solve(self) -> bool:
        """Solve again, from where the last solve ended; return whether there is a solution.

        Raises:
            NoSolutionError: The time was up.
        """
        self.clock.run(self._solver)
        if self._solver.getModelStatus() == HighsModelStatus.kInfeasible:
            return False
        self._read()
        return True

    def _read(self) -> None:
        if self._solver.getModelStatus() in UNCLEAR:
            # Numerically stuck, which the dual simplex is now and then: begin anew with the primal.
            self._solver.clearSolver()
            set_option(self._solver, "simplex_strategy", PRIMAL_SIMPLEX)
            self.clock.run(self._solver)
            set_option(self._solver, "simplex_strategy", DUAL_SIMPLEX)
        status = self._solver.getModelStatus()
        if status != HighsModelStatus.kOptimal:
            raise NoSolutionError(f"the relaxation ended with status '{status.name}'")
        self._values = np.array(self._solver.getSolution().col_value)

    @property
    def power_kw(self) -> Array:
        """Power of each car in each step, of the last solve."""
        found = np.where(self.column >= 0, self._values[self.column], 0.0)
        return np.clip(found, 0.0, self.ceiling)

    @property
    def missing_kwh(self) -> Array:
        """Energy that each car lacks, of the last solve."""
        missing: Array = self._values[self.shortage].sum(axis=1)
        return missing

    @property
    def money(self) -> float:
        """The last solve's objective without what shortages count for, in the site's currency."""
        # Not a dot product: its threads take longer to wake than this takes.
        parts = self._costs * self._values[: len(self._costs)]
        return float(parts.sum() - parts[self.shortage].sum()) * self.money_per_objective

    def decide(self, open_: NDArray[np.bool], gap: float, nodes: int) -> bool:
        """Solve with some powers either 0 or between their bounds; return whether that worked.

        Args:
            open_: The cells to decide; their lower bounds must be their minimum powers.
            gap: Relative distance from the optimum at which to stop.
            nodes: Nodes of the search tree at most; a count, so that plans do not depend on load.
        """
        columns = self.column[open_]
        count = len(columns)

        def make(kind: HighsVarType) -> None:
            self._solver.changeColsIntegrality(count, columns, np.full(count, kind))

        make(HighsVarType.kSemiContinuous)
        set_option(self._solver, "presolve", "choose")
        set_option(self._solver, "mip_rel_gap", gap)
        set_option(self._solver, "mip_max_nodes", nodes)
        self.clock.run(self._solver, integer=True)
        found = self._solver.getInfo().primal_solution_status == FEASIBLE_POINT
        if found:
            self._values = np.array(self._solver.getSolution().col_value)
        make(HighsVarType.kContinuous)
        set_option(self._solver, "presolve", "off")
        return found

    def bound(self, lower: Array, upper: Array) -> None:
        """Set between what the power of each car must be in each step."""
        changed = self.cells & ((lower != self._lower) | (upper != self._upper))
        columns = self.column[changed]
        self._solver.changeColsBounds(len(columns), columns, lower[changed], upper[changed])
        self._lower, self._upper = lower.copy(), upper.copy()

    def rank_ties(self) -> None:
        """Let earliness count a little more for each car than for the one before it.

        Cars that share what there is would otherwise change places from step to step at random;
        with it, one of them charges first. In all solves it would make them several times slower.
        """
        early = OBJECTIVE_SCALE * self.subproblem.early
        for index, demand in enumerate(self.subproblem.demands):
            cells = self.cells[index]
            columns = self.column[index, cells]
            self._costs[columns] += RANKING * index * (demand.hours * early)[cells]
            self._solver.changeColsCost(len(columns), columns, self._costs[columns])

    def set_needs(self, needs_kwh: Array) -> None:
        """Ask for other amounts of energy into the batteries; each car may miss all of it."""
        self.need = needs_kwh
        for row, need in zip(self.energy_rows.tolist(), needs_kwh.tolist(), strict=True):
            self._solver.changeRowBounds(row, need, need)
        spare = np.zeros((self.count, self.shortage.shape[1] - 1))
        self._pieces(np.column_stack([needs_kwh, spare]), np.full(self.shortage.shape, SHORTAGE))

    def cheapest(self, needs_kwh: Array) -> float:
        """Return the least that so much energy can cost, minimum powers left aside."""
        self.bound(self.floor, self.ceiling)
        self.set_needs(needs_kwh)
        return self.money if self.solve() else -np.inf

    def _pieces(self, widths: Array, prices: Array) -> None:
        columns = self.shortage.ravel()
        self._solver.changeColsBounds(len(columns), columns, np.zeros(len(columns)), widths.ravel())
        costs = OBJECTIVE_SCALE * prices.ravel()
        self._solver.changeColsCost(len(columns), columns, costs)
        self._costs[columns] = costs

    def share(self, priorities: Array) -> Array:
        """Find how much each car should get where not all can get everything.

        Every car's missing fraction, times its priority, is its level. What a kWh more counts for
        rises with the level in the same way for all, so that levels are evened out as far as the
        network limits allow; where one limit binds this is max-min fairness and wastes no energy
        (Megiddo, "Optimal flows in networks with multiple sources and sinks", 1974). Levels are
        found in pieces that are made finer from pass to pass.

        Returns:
            Energy into the battery for each car.
        """
        need, highest = self.need, float(priorities.max())
        worth = need / priorities
        low, high = np.zeros(self.count), np.maximum(priorities, 1e-9)
        few = int(self.cells.sum()) <= FEW_CELLS
        with self._without_money():
            for _ in range(EXACT_PASSES if few else PASSES):
                inner = np.linspace(low, high, PIECES - 1, axis=1)
                edges = np.column_stack([np.zeros(self.count), inner, priorities])
                middles = (edges[:, :-1] + edges[:, 1:]) / 2
                self._pieces(np.diff(edges, axis=1) * worth[:, None], 1 + 3 * middles / highest)
                if not self.solve():
                    break
                level = self._levels(worth)
                width = (high - low) / (PIECES - 2)
                low = np.clip(level - width, 0.0, priorities)
                high = np.clip(level + width, low, priorities)
            return np.maximum(0.0, need - self.missing_kwh)

    def share_beyond(self, fair_kwh: Array, priorities: Array) -> Array:
        """Find how much each car should get where not all can get even what is fair.

        As ``share`` does, but what counts is what a car's level is above that of its fair share,
        and soon as much as it ever does.

        Args:
            fair_kwh: What each would get without minimum powers.
            priorities: How much a missing part of a car's need counts.
        """
        worth = self.need / priorities
        near = NEAR * float(priorities.max())
        missing = np.maximum(0.0, self.need - fair_kwh)
        level = np.divide(missing, worth, out=np.zeros(self.count), where=worth > 0)[:, None]
        beyond = near * np.linspace(0.0, 1.0, PIECES - 1) ** 2
        inner = np.minimum(level + beyond, priorities[:, None])
        edges = np.column_stack([np.zeros(self.count), inner, priorities])
        middles = (edges[:, :-1] + edges[:, 1:]) / 2
        prices = 1 + 3 * np.clip((middles - level) / near, 0.0, 1.0)
        with self._without_money():
            self._pieces(np.diff(edges, axis=1) * worth[:, None], prices)
            found = self.solve()
            return np.maximum(0.0, self.need - self.missing_kwh) if found else fair_kwh

    def _levels(self, worth: Array) -> Array:
        """Return the missing part of each car's need, times its priority."""
        return np.divide(self.missing_kwh, worth, out=np.zeros(self.count), where=worth > 0)

    @contextmanager
    def _without_money(self) -> Iterator[None]:
        """Let nothing count but shortages, in pieces."""
        if self.shortage.shape[1] == 1:
            self._add_pieces()
        everything = np.arange(len(self._costs), dtype=np.int32)
        costs = self._costs.copy()
        self._solver.changeColsCost(len(everything), everything, np.zeros(len(costs)))
        try:
            yield
        finally:
            self._solver.changeColsCost(len(everything), everything, costs)
            self._costs = costs

    def _add_pieces(self) -> None:
        more = self.count * (PIECES - 1)
        first, zero = len(self._costs), np.zeros(self.count * (PIECES - 1))
        self._solver.addCols(
            more,
            zero,
            zero,
            zero,
            more,
            np.arange(more, dtype=np.int32),
            np.repeat(self.energy_rows, PIECES - 1),
            np.ones(more),
        )
        added = np.arange(first, first + more, dtype=np.int32).reshape(self.count, PIECES - 1)
        self.shortage = np.column_stack([self.shortage, added])
        self._costs = np.concatenate((self._costs, zero))

    def even_out(self, on: NDArray[np.bool]) -> bool:
        """Solve with changes of power from step to step counted, less than any price.

        Afterwards only the powers are of use.

        Args:
            on: What is on; only between steps in which a car charges is a change of power one.

        Returns:
            Whether there is a solution.
        """
        pairs = np.argwhere(on[:, 1:] & on[:, :-1])
        count = len(pairs)
        if not count:
            return True
        now = self.column[pairs[:, 0], pairs[:, 1] + 1]
        before = self.column[pairs[:, 0], pairs[:, 1]]
        first = self._solver.getNumCol()
        change = np.arange(first, first + count, dtype=np.int32)
        empty = np.zeros(0, dtype=np.int32)
        self._solver.addCols(
            count,
            np.full(count, OBJECTIVE_SCALE * CHANGE),
            np.zeros(count),
            np.full(count, kHighsInf),
            0,
            np.zeros(count, dtype=np.int32),
            empty,
            np.zeros(0),
        )
        for sign in (1.0, -1.0):
            self._solver.addRows(
                count,
                np.full(count, -kHighsInf),
                np.zeros(count),
                3 * count,
                3 * np.arange(count, dtype=np.int32),
                np.column_stack([now, before, change]).ravel(),
                np.tile([sign, -sign, -1.0], count),
            )
        return self.solve()

    def shadow_prices(self) -> tuple[Array, Array]:
        """Return what a kW more of each limit saves per step, and what a kWh more costs each car.

        Both in the site's currency, of the last solve.
        """
        dual = np.array(self._solver.getSolution().row_dual)
        capacity = np.zeros_like(self.subproblem.network.capacity_kw)
        at, rows, steps = self.matrix.capacity_rows
        capacity[rows, steps] = np.maximum(0.0, -dual[at])
        energy: Array = dual[self.energy_rows]
        return capacity * self.money_per_objective, energy * self.money_per_objective
