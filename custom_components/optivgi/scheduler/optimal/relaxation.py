"""The linear relaxation of plain charging, kept alive to be solved again and again.

Cars with a minimum power and nothing else that needs whole numbers: a plan for them is found by
solving this program, fixing what it leaves between 0 and the minimum, and solving it again. PuLP
builds it; every solve after the first works on the live HiGHS object that PuLP leaves behind,
because that takes a fraction of loading the model anew.

    x  power             kW    floor ... ceiling                     for each car and step
    q  shortage          kWh   >= 0, in pieces, dearer than any energy
    o  overshoot         kWh   at most one step at minimum power
    a  additional energy kWh   at most what may be charged beyond the need
    u  part from surplus kW    u <= x,  u <= surplus * x / minimum,  sum u <= surplus

By the second row on u, a fraction of the minimum power uses no more than that fraction of a
surplus that is smaller than the minimum. With it, the relaxation is nearly tight.
"""

from highspy import Highs, HighsModelStatus, HighsVarType, kHighsInf
import numpy as np
from numpy.typing import NDArray
from pulp import LpMinimize, LpProblem, LpVariable, lpSum_vars_coefs

from ..algorithm import NoSolutionError
from ..quantities.demand import Array
from .builder import OBJECTIVE_SCALE, Group, Terms, load
from .clock import Clock, set_option
from .formulation import OVERSHOOT, is_coarse, possible_overshoot_kwh

type Indices = NDArray[np.int32]

SHORTAGE = 30.0
"""What a missing kWh counts for, relative to the highest price: more than any plan can save."""
PIECES = 30
"""Pieces in which a shortage is counted when it is to be shared."""
PASSES = 2
"""Times the need is cut into pieces, the second time around what was found the first time."""
EXACT_PASSES = 8
"""The same where that takes no time."""
FEW_CELLS = 1500
RANKING = 0.01
"""Part by which the earliness of a car counts more than that of the one before it."""
CHANGE = 2e-7
"""What a change of power counts for, per kW and relative to the highest price per kWh."""
NONE = -1
DUAL_SIMPLEX, PRIMAL_SIMPLEX = 1, 4
UNCLEAR = (HighsModelStatus.kUnknown, HighsModelStatus.kNotset, HighsModelStatus.kSolveError)
FEASIBLE_POINT = 2
"""What HiGHS calls kSolutionStatusFeasible; highspy gives the status as a number."""


class Relaxation:
    """One program for one group of cars."""

    def __init__(self, group: Group, clock: Clock) -> None:
        """Build the program; nothing is solved yet."""
        self.group = group
        self.clock = clock
        self.unit = group.tariff.unit
        self.money_per_objective = self.unit / OBJECTIVE_SCALE
        self.count, self.steps = len(group.demands), len(group.step_h)
        self.ceiling = np.array([demand.ceiling_kw for demand in group.demands])
        self.floor = np.array([demand.floor_kw for demand in group.demands])
        self.gain = np.array([demand.gain_kwh for demand in group.demands])
        self.need = np.array([demand.need_kwh for demand in group.demands])
        self.minimum = np.array([demand.ev.min_power_kw for demand in group.demands])
        self.cells = self.ceiling > 0
        self.column = np.full((self.count, self.steps), NONE, dtype=np.int32)
        self.shortage = np.zeros((self.count, 1), dtype=np.int32)
        self.capacity_rows: list[tuple[int, int, int]] = []
        """Row of the program, row of the wires, step."""
        self._program = LpProblem("relaxation", LpMinimize)
        self._variables: list[LpVariable] = []
        self._rows = 0
        self._objective: Terms = []
        self._costs = np.zeros(0)
        self._solver: Highs
        self._values: Array
        self._build()

    def _add(
        self, name: str, low: float, high: float | None, price: float
    ) -> tuple[LpVariable, int]:
        variable = self._program.add_variable(name, low, high)
        self._variables.append(variable)
        if price:
            self._objective.append((variable, OBJECTIVE_SCALE * price))
        return variable, len(self._variables) - 1

    def _row(self, terms: Terms, *, equal: float | None = None, upper: float = 0.0) -> int:
        expression = lpSum_vars_coefs(terms)
        self._program.addConstraint(
            expression == equal if equal is not None else expression <= upper
        )
        self._rows += 1
        return self._rows - 1

    def _build(self) -> None:
        tariff, wires = self.group.tariff, self.group.wires
        buy, sell = tariff.buy / self.unit, tariff.sell / self.unit
        surplus = (wires.surplus_kw > 0) & (buy != sell)
        early = self.group.early
        by_step: list[list[tuple[int, LpVariable]]] = [[] for _ in range(self.steps)]
        self.energy_rows = np.zeros(self.count, dtype=np.int32)
        for index, demand in enumerate(self.group.demands):
            hourly = demand.hours * (buy + early)
            energy: Terms = []
            for step in np.flatnonzero(self.cells[index]).tolist():
                x, at = self._add(
                    f"x_{index}_{step}",
                    float(self.floor[index, step]),
                    float(self.ceiling[index, step]),
                    float(hourly[step]),
                )
                self.column[index, step] = at
                by_step[step].append((index, x))
                energy.append((x, float(self.gain[index, step])))
            q, self.shortage[index, 0] = self._add(
                f"q_{index}", 0, float(self.need[index]), SHORTAGE
            )
            energy.append((q, 1.0))
            if is_coarse(demand):
                most = possible_overshoot_kwh(demand)
                o, _ = self._add(f"o_{index}", 0, most, OVERSHOOT)
                energy.append((o, -1.0))
            if demand.extra_kwh > 0:
                below = (demand.ev.extra_below_price or 0.0) / self.unit
                a, _ = self._add(f"a_{index}", 0, demand.extra_kwh, -below / demand.ev.efficiency)
                energy.append((a, -1.0))
            self.energy_rows[index] = self._row(energy, equal=float(self.need[index]))
        self._add_capacity(by_step)
        for step in np.flatnonzero(surplus).tolist():
            if by_step[step]:
                self._add_surplus(step, by_step[step], float(buy[step] - sell[step]))
        self._program.setObjective(lpSum_vars_coefs(self._objective))

    def _add_capacity(self, by_step: list[list[tuple[int, LpVariable]]]) -> None:
        capacity = self.group.wires.capacity_kw
        share = np.array([demand.share for demand in self.group.demands])
        possible = share.T @ self.ceiling
        for row, step in np.argwhere(possible > capacity).tolist():
            terms = [
                (x, float(share[index, row])) for index, x in by_step[step] if share[index, row] > 0
            ]
            # A single car's ceiling already holds what its wires can carry.
            if len(terms) > 1:
                at = self._row(terms, upper=float(capacity[row, step]))
                self.capacity_rows.append((at, row, step))

    def _add_surplus(self, step: int, drawn: list[tuple[int, LpVariable]], saving: float) -> None:
        available = float(self.group.wires.surplus_kw[step])
        parts: Terms = []
        for index, x in drawn:
            most = min(available, float(self.ceiling[index, step]))
            hours = float(self.group.demands[index].hours[step])
            u, _ = self._add(f"u_{index}_{step}", 0, most, -hours * saving)
            minimum = max(float(self.minimum[index]), float(self.floor[index, step]))
            scarce = 0 < most < minimum and self.floor[index, step] <= 0
            self._row([(u, 1.0), (x, -most / minimum if scarce else -1.0)])
            parts.append((u, 1.0))
        if len(parts) > 1:
            self._row(parts, upper=available)

    def solve_first(self) -> None:
        """Load the program into the solver, and solve it.

        Raises:
            NoSolutionError: It was not solved in time.
        """
        self._solver = load(self._program)
        self.clock.run(self._solver)
        exported = [variable.id for variable in self._program.exported_variables()]
        if exported != [variable.id for variable in self._variables]:
            raise NoSolutionError("the solver has the variables in another order")
        self._costs = np.array(self._solver.getLp().col_cost_)
        self._read()

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
        objective = float(np.dot(self._costs, self._values[: len(self._costs)]))
        shortage = float(
            np.dot(self._costs[self.shortage].ravel(), self._values[self.shortage].ravel())
        )
        return (objective - shortage) * self.money_per_objective

    def decide(self, open_: NDArray[np.bool], gap: float, nodes: int) -> bool:
        """Solve with some powers either 0 or between their bounds; return whether that worked.

        Args:
            open_: The cells to decide; their lower bounds must be their least powers.
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
        cells = self.column >= 0
        columns = self.column[cells]
        self._solver.changeColsBounds(len(columns), columns, lower[cells], upper[cells])

    def take_turns(self) -> None:
        """Let earliness count a little more for each car than for the one before it.

        Cars that share what there is would otherwise change places from step to step at random;
        with it, one of them charges first. In all solves it would make them several times slower.
        """
        early = OBJECTIVE_SCALE * self.group.early
        for index, demand in enumerate(self.group.demands):
            cells = self.cells[index]
            columns = self.column[index, cells]
            self._costs[columns] += RANKING * index * (demand.hours * early)[cells]
            self._solver.changeColsCost(len(columns), columns, self._costs[columns])

    def want(self, needs_kwh: Array, missing_kwh: Array | None = None) -> None:
        """Ask for other amounts of energy.

        Args:
            needs_kwh: Energy into the battery for each car.
            missing_kwh: What each may miss of it at most; by default all.
        """
        self.need = needs_kwh
        for row, need in zip(self.energy_rows.tolist(), needs_kwh.tolist(), strict=True):
            self._solver.changeRowBounds(row, need, need)
        spare = np.zeros((self.count, self.shortage.shape[1] - 1))
        missing = needs_kwh if missing_kwh is None else missing_kwh
        self._pieces(np.column_stack([missing, spare]), np.full(self.shortage.shape, SHORTAGE))

    def cheapest(self, needs_kwh: Array) -> float:
        """Return the least that so much energy can cost, minimum powers left aside."""
        self.bound(self.floor, self.ceiling)
        self.want(needs_kwh)
        return self.money if self.solve() else -np.inf

    def _pieces(self, widths: Array, prices: Array) -> None:
        columns = self.shortage.ravel()
        self._solver.changeColsBounds(len(columns), columns, np.zeros(len(columns)), widths.ravel())
        costs = OBJECTIVE_SCALE * prices.ravel()
        self._solver.changeColsCost(len(columns), columns, costs)
        self._costs[columns] = costs

    def share(self, priorities: Array) -> Array:
        """Find how much each car should get where not all can get everything.

        Every car's missing fraction, times its priority, is its level. What a kWh more counts
        for rises with the level in the same way for all, so that levels are evened out as far as
        the wires allow; where one limit binds this is max-min fairness and wastes no energy
        (Megiddo, "Optimal flows in networks with multiple sources and sinks", 1974). Levels are
        found in pieces that are made finer from pass to pass.

        Returns:
            Energy into the battery for each car.
        """
        if self.shortage.shape[1] == 1:
            self._add_pieces()
        need, highest = self.need, float(priorities.max())
        worth = need / priorities
        low, high = np.zeros(self.count), np.maximum(priorities, 1e-9)
        everything = np.arange(len(self._costs), dtype=np.int32)
        costs, free = self._costs.copy(), np.zeros(len(self._costs))
        self._solver.changeColsCost(len(everything), everything, free)
        few = int(self.cells.sum()) <= FEW_CELLS
        for _ in range(EXACT_PASSES if few else PASSES):
            inner = np.linspace(low, high, PIECES - 1, axis=1)
            edges = np.column_stack([np.zeros(self.count), inner, priorities])
            middles = (edges[:, :-1] + edges[:, 1:]) / 2
            self._pieces(np.diff(edges, axis=1) * worth[:, None], 1 + 3 * middles / highest)
            if not self.solve():
                break
            level = np.divide(self.missing_kwh, worth, out=np.zeros(self.count), where=worth > 0)
            width = (high - low) / (PIECES - 2)
            low = np.clip(level - width, 0.0, priorities)
            high = np.clip(level + width, low, priorities)
        fair = np.maximum(0.0, need - self.missing_kwh)
        self._solver.changeColsCost(len(everything), everything, costs)
        self._costs = costs
        return fair

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
        """Return what a kW more of each wire saves per step, and what a kWh more costs each car.

        Both in the site's currency, of the last solve.
        """
        dual = np.array(self._solver.getSolution().row_dual)
        capacity = np.zeros_like(self.group.wires.capacity_kw)
        for at, row, step in self.capacity_rows:
            capacity[row, step] = max(0.0, -float(dual[at]))
        energy: Array = dual[self.energy_rows]
        return capacity * self.money_per_objective, energy * self.money_per_objective
