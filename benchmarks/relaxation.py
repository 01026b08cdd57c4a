"""The bare linear relaxation of a Problem: the yardstick, written apart from the scheduler.

For EV i in step t, where it is present for h hours and can draw up to its maximum:

    x  power              kW     0 ... maximum: no minimum power, no starts
    q  shortage           kWh    0 ... need
    n  from the grid      kW     beyond PV surplus, for each step with surplus
    y  surplus is used    0 ... 1

    minimise    sum h * (p * x + (buy - sell) * n) + penalty * q     p: sell price in steps with
                                                                     surplus, else buy price
    subject to  need <= sum efficiency * h * x + q <= need + a step at minimum power
                sum share * x <= capacity             for the site and each phase, in each step
                n >= sum x - surplus * y,  y <= sum x / minimum

Its optimum bounds the money and the shortage of any plan from below. Two variants answer other
questions about the same wires: how much energy can be delivered at all, and which fraction of its
need every EV can get.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
import time

import highspy
import numpy as np
from numpy.typing import NDArray

from custom_components.optivgi.scheduler import PHASES, Problem

type Array = NDArray[np.float64]
type Indices = NDArray[np.int32]

PENALTY = 30.0
"""What a kWh too little counts for, relative to the highest price: more than any way round."""
NEGLIGIBLE_KWH = 1e-6
OPTIONS: dict[str, str | int | bool] = {
    "output_flag": False,
    "presolve": "off",
    "solver": "simplex",
    "threads": 1,
}


@dataclass(kw_only=True)
class Relaxed:
    """What a linear program of this module found.

    Attributes:
        money: Cost of all energy, in the site's currency.
        shortage_kwh: Energy that is missing in the batteries.
        run_ms: Time HiGHS took, without building and passing the model.
    """

    money: float
    shortage_kwh: float
    run_ms: float


@dataclass(frozen=True, kw_only=True)
class Cells:
    """The steps in which each EV is there, one cell for each.

    Attributes:
        ev: Number of the EV, per cell.
        step: Number of the step, per cell.
        hours: How long the EV can charge, per cell.
        gain_kwh: Energy into the battery per kW, per cell.
    """

    ev: Indices
    step: Indices
    hours: Array
    gain_kwh: Array

    @classmethod
    def of(cls, problem: Problem) -> Cells:
        """Find the cells of a Problem."""
        hours = np.array([problem.present_h(ev) for ev in problem.evs], dtype=np.float64)
        ev, step = np.nonzero(hours > 0)
        efficiency = np.array([ev.efficiency for ev in problem.evs])
        return cls(
            ev=ev.astype(np.int32),
            step=step.astype(np.int32),
            hours=hours[ev, step],
            gain_kwh=hours[ev, step] * efficiency[ev],
        )


@dataclass(kw_only=True)
class _Program:
    """A linear program that grows by blocks of columns and rows."""

    cost: list[Array] = field(default_factory=list)
    lower: list[Array] = field(default_factory=list)
    upper: list[Array] = field(default_factory=list)
    row_lower: list[Array] = field(default_factory=list)
    row_upper: list[Array] = field(default_factory=list)
    entries: list[tuple[Indices, Indices, Array]] = field(default_factory=list)
    columns: int = 0
    rows: int = 0

    def add_columns(self, cost: Array, upper: Array) -> Indices:
        """Add columns from 0 to an upper bound; return their numbers."""
        numbers = np.arange(self.columns, self.columns + len(cost), dtype=np.int32)
        self.cost.append(cost)
        self.lower.append(np.zeros(len(cost)))
        self.upper.append(upper)
        self.columns += len(cost)
        return numbers

    def add_rows(self, lower: Array, upper: Array) -> Indices:
        """Add rows between two bounds, still without coefficients; return their numbers."""
        numbers = np.arange(self.rows, self.rows + len(lower), dtype=np.int32)
        self.row_lower.append(lower)
        self.row_upper.append(upper)
        self.rows += len(lower)
        return numbers

    def put(self, rows: Indices, columns: Indices, values: Array) -> None:
        """Set coefficients."""
        self.entries.append((rows, columns, values))

    def passed(self) -> highspy.Highs:
        """Return HiGHS with this program, ready to run."""
        rows, columns, values = (np.concatenate(part) for part in zip(*self.entries, strict=True))
        order = np.lexsort((columns, rows))
        starts = np.zeros(self.rows + 1, dtype=np.int32)
        np.cumsum(np.bincount(rows, minlength=self.rows), out=starts[1:])
        lp = highspy.HighsLp()
        lp.num_col_ = self.columns
        lp.num_row_ = self.rows
        lp.col_cost_ = np.concatenate(self.cost)
        lp.col_lower_ = np.concatenate(self.lower)
        lp.col_upper_ = np.concatenate(self.upper)
        lp.row_lower_ = np.concatenate(self.row_lower)
        lp.row_upper_ = np.concatenate(self.row_upper)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = starts
        lp.a_matrix_.index_ = columns[order]
        lp.a_matrix_.value_ = values[order]
        highs = highspy.Highs()  # type: ignore[no-untyped-call]
        for name, value in OPTIONS.items():
            _expect(highs.setOptionValue(name, value), f"option {name}")
        _expect(highs.passModel(lp), "the model")
        return highs

    def solve(self) -> tuple[Array, float]:
        """Return the optimal columns, and how long the bare run took in ms."""
        highs = self.passed()
        begin = time.perf_counter()
        status = highs.run()
        run_ms = (time.perf_counter() - begin) * 1000
        _expect(status, "the run")
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise RuntimeError(f"HiGHS: {highs.modelStatusToString(highs.getModelStatus())}")
        return np.array(highs.getSolution().col_value), run_ms


def _expect(status: highspy.HighsStatus, what: str) -> None:
    if status != highspy.HighsStatus.kOk:
        raise RuntimeError(f"HiGHS does not accept {what}: {status}")


def relax(problem: Problem) -> Relaxed:
    """Solve the relaxation: least money, with a penalty for shortage that outweighs it."""
    buy = np.array(problem.site.import_price)
    sell = np.array(problem.export_price)
    surplus = np.array(problem.surplus_kw)
    cells = Cells.of(problem)
    program = _Program()
    price = np.where(surplus > 0, sell, buy)[cells.step]
    power = _add_power(program, problem, cells, cells.hours * price)
    highest = float(max(np.abs(buy).max(), np.abs(sell).max())) or 1.0
    need = np.array([ev.energy_kwh for ev in problem.evs])
    short = program.add_columns(np.full(len(need), PENALTY * highest), need)
    minimum = np.array([ev.min_power_kw for ev in problem.evs])
    overshoot = np.zeros(len(need))
    np.maximum.at(overshoot, cells.ev, cells.gain_kwh * minimum[cells.ev])
    energy = program.add_rows(need, need + overshoot)
    program.put(energy[cells.ev], power, cells.gain_kwh)
    program.put(energy, short, np.ones(len(need)))
    _add_capacity(program, problem, cells, power)
    _add_surplus(program, problem, cells, power)
    values, run_ms = program.solve()
    shortage = values[short]
    total = float(np.dot(np.concatenate(program.cost), values))
    return Relaxed(
        money=total - float(np.dot(program.cost[1], shortage)),
        shortage_kwh=float(shortage.sum()),
        run_ms=run_ms,
    )


def most_kwh(problem: Problem, needs_kwh: Sequence[float] | None = None) -> float:
    """Return the most energy that can come into the batteries, none getting more than its need.

    Args:
        problem: The EVs and the wires.
        needs_kwh: Needs of the EVs in place of those in the Problem.
    """
    cells = Cells.of(problem)
    program = _Program()
    power = _add_power(program, problem, cells, -cells.gain_kwh)
    need = np.array(needs_kwh if needs_kwh is not None else [ev.energy_kwh for ev in problem.evs])
    energy = program.add_rows(np.zeros(len(need)), need)
    program.put(energy[cells.ev], power, cells.gain_kwh)
    _add_capacity(program, problem, cells, power)
    values, _ = program.solve()
    return float(np.dot(cells.gain_kwh, values))


def least_shortage_kwh(problem: Problem) -> float:
    """Return the least energy that has to be missing, whatever the money."""
    return max(0.0, sum(ev.energy_kwh for ev in problem.evs) - most_kwh(problem))


def fairest_fraction(problem: Problem) -> float:
    """Return the largest fraction of its need that every EV can get."""
    cells = Cells.of(problem)
    program = _Program()
    power = _add_power(program, problem, cells, np.zeros(len(cells.ev)))
    fraction = program.add_columns(np.array([-1.0]), np.array([1.0]))
    need = np.array([ev.energy_kwh for ev in problem.evs])
    energy = program.add_rows(np.zeros(len(need)), np.full(len(need), highspy.kHighsInf))
    program.put(energy[cells.ev], power, cells.gain_kwh)
    program.put(energy, np.repeat(fraction, len(need)), -need)
    _add_capacity(program, problem, cells, power)
    values, _ = program.solve()
    return float(values[fraction[0]])


def _add_power(program: _Program, problem: Problem, cells: Cells, cost: Array) -> Indices:
    maximum = np.array([ev.max_power_kw for ev in problem.evs])
    return program.add_columns(cost, maximum[cells.ev])


def shares(problem: Problem) -> Array:
    """Return what the site and each phase carry of one kW an EV draws: a row for each of them."""
    rows = [[1.0] * len(problem.evs)]
    if problem.phase_capacity_kw:
        rows += [[(phase in ev.phases) / len(ev.phases) for ev in problem.evs] for phase in PHASES]
    return np.array(rows)


def capacities_kw(problem: Problem) -> Array:
    """Return what the site and each phase can carry, per step: a row for each of them."""
    return np.array([problem.capacity_kw, *problem.phase_capacity_kw])


def _add_capacity(program: _Program, problem: Problem, cells: Cells, power: Indices) -> None:
    """Add the rows of the site and the phases, where all EVs together could exceed them."""
    maximum = np.array([ev.max_power_kw for ev in problem.evs])
    for share, capacity in zip(shares(problem), capacities_kw(problem), strict=True):
        carried = share[cells.ev]
        possible = np.bincount(
            cells.step, weights=carried * maximum[cells.ev], minlength=len(capacity)
        )
        binding = possible > capacity
        number = np.full(len(capacity), -1, dtype=np.int32)
        limit = capacity[binding]
        number[binding] = program.add_rows(np.full(len(limit), -highspy.kHighsInf), limit)
        used = binding[cells.step] & (carried > 0)
        program.put(number[cells.step[used]], power[used], carried[used])


def _add_surplus(program: _Program, problem: Problem, cells: Cells, power: Indices) -> None:
    """Add the grid's part in steps with PV surplus; it starts where the surplus ends.

    Surplus is only there for a car that charges at its minimum power at least: without y, the
    relaxation would use surplus that no car can use.
    """
    surplus = np.array(problem.surplus_kw)
    some = surplus > 0
    some &= np.bincount(cells.step, minlength=len(surplus)) > 0
    if not some.any():
        return
    steps = np.flatnonzero(some)
    hours = np.array(problem.horizon.step_h)[steps]
    spread = np.array(problem.site.import_price)[steps] - np.array(problem.export_price)[steps]
    grid = program.add_columns(hours * spread, np.full(len(steps), highspy.kHighsInf))
    using = program.add_columns(np.zeros(len(steps)), np.ones(len(steps)))
    position = np.full(len(surplus), -1, dtype=np.int32)
    position[steps] = np.arange(len(steps), dtype=np.int32)
    inside = some[cells.step]
    at = position[cells.step[inside]]
    minus_infinity = np.full(len(steps), -highspy.kHighsInf)
    zeros = np.zeros(len(steps))
    balance = program.add_rows(minus_infinity, zeros)
    program.put(balance[at], power[inside], np.ones(len(at)))
    program.put(balance, grid, -np.ones(len(steps)))
    program.put(balance, using, -surplus[steps])
    minimum = np.array([ev.min_power_kw for ev in problem.evs])[cells.ev[inside]]
    if (minimum <= 0).any():
        return
    starting = program.add_rows(minus_infinity, zeros)
    program.put(starting[at], power[inside], -1 / minimum)
    program.put(starting, using, np.ones(len(steps)))
