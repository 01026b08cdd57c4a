"""The linear relaxation of plain charging as columns and rows, for HiGHS.

    x  power             kW    floor ... ceiling                     for each car and step
    q  shortage          kWh   >= 0, in pieces, more expensive than any energy
    o  overshoot         kWh   at most one step at minimum power
    a  additional energy kWh   at most what may be charged beyond the need
    u  part from surplus kW    u <= x,  u <= surplus * x / minimum,  sum u <= surplus

By the second row on u, a fraction of the minimum power uses no more than that fraction of a
surplus that is smaller than the minimum. With it, the relaxation is nearly tight.

It is written down in whole arrays: naming each of thousands of columns and rows one by one, as a
modelling language does, takes several times as long as solving them.
"""

from highspy import Highs, HighsStatus, kHighsInf
import numpy as np
from numpy.typing import NDArray

from ...errors import NoSolutionError
from ...quantities.demand import Array
from ..highs import Indices, set_option
from ..overshoot import is_coarse, overshoot_price, possible_overshoot_kwh
from ..subproblem import OBJECTIVE_SCALE, Subproblem

SHORTAGE = 30.0
"""What a missing kWh counts for, relative to the highest price: more than any plan can save."""
NONE = -1
"""In place of a column where there is none."""
_OPTIONS: dict[str, str | float] = {"output_flag": False, "threads": 1, "presolve": "off"}


class Matrix:
    """The program of one subproblem.

    Attributes:
        subproblem: The cars.
        ceiling: The most each can draw, a row for each car, a column for each step.
        floor: What each draws in any case.
        gain: Energy into the battery per kW drawn.
        minimum: The minimum power of each car.
        need: The energy each is to get.
        cells: Where a car can charge.
        column: The column of each x; NONE where the car cannot charge.
        shortage: The column of each q.
        energy_rows: The row of each car's energy.
        capacity_rows: Row of the program, row of the network, and step of each limit that could
            bind.
        part: The column of each u; NONE where there is no surplus.
        surplus_rows: Row of the program and step of each sum of u.
    """

    def __init__(self, subproblem: Subproblem) -> None:
        """Write the program down."""
        self.subproblem = subproblem
        demands = subproblem.demands
        self.ceiling = np.array([demand.ceiling_kw for demand in demands])
        self.floor = np.array([demand.floor_kw for demand in demands])
        self.hours = np.array([demand.hours for demand in demands])
        efficiency = np.array([demand.ev.efficiency for demand in demands])
        self.gain = self.hours * efficiency[:, None]
        self.need = np.array([demand.need_kwh for demand in demands])
        self.minimum = np.array([demand.ev.min_power_kw for demand in demands])
        self.share = np.array([demand.share for demand in demands])
        self.cells = self.ceiling > 0
        self.part = np.full(self.cells.shape, NONE, dtype=np.int32)
        self.surplus_rows = np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp)
        self._columns: list[tuple[Array, Array, Array]] = []
        """Cost, lower and upper bound, block by block."""
        self._entries: list[
            tuple[Indices | NDArray[np.intp], Indices | NDArray[np.intp], Array]
        ] = []
        """Row, column and coefficient."""
        self._row_upper: list[Array] = []
        unit = subproblem.prices.unit
        self.buy, self.sell = subproblem.prices.buy / unit, subproblem.prices.sell / unit
        self._add_cars(efficiency, unit)
        self._add_capacity()
        self._add_surplus()

    def _add_cars(self, efficiency: Array, unit: float) -> None:
        """Add x, q, o and a, car by car, and the row of each car's energy."""
        demands = self.subproblem.demands
        # Beside its cells, a car has these columns: cost, upper bound, and part in its energy.
        last: list[list[tuple[float, float, float]]] = []
        for index, demand in enumerate(demands):
            own = [(SHORTAGE, demand.need_kwh, 1.0)]
            if is_coarse(demand):
                price = overshoot_price(demand, self.buy, self.sell)
                own.append((price, possible_overshoot_kwh(demand), -1.0))
            if demand.extra_kwh > 0:
                below = (demand.ev.extra_below_price or 0.0) / unit
                own.append((-below / float(efficiency[index]), demand.extra_kwh, -1.0))
            last.append(own)
        cells = self.cells.sum(axis=1)
        others = np.array([len(own) for own in last])
        begin = np.concatenate(([0], np.cumsum(cells + others)))
        count = int(begin[-1])
        cars = np.nonzero(self.cells)[0]
        x = begin[cars] + np.arange(len(cars)) - np.repeat(np.cumsum(cells) - cells, cells)
        self.column = np.full(self.cells.shape, NONE, dtype=np.int32)
        self.column[self.cells] = x
        self.shortage = (begin[:-1] + cells).astype(np.int32).reshape(-1, 1)
        other = np.setdiff1d(np.arange(count), x, assume_unique=True)
        values = np.array([column for own in last for column in own])
        cost, lower, upper, factor = (
            np.zeros(count),
            np.zeros(count),
            np.zeros(count),
            np.ones(count),
        )
        cost[x] = (self.hours * (self.buy + self.subproblem.early))[self.cells]
        lower[x], upper[x] = self.floor[self.cells], self.ceiling[self.cells]
        factor[x] = self.gain[self.cells]
        cost[other], upper[other], factor[other] = values.T
        self._columns.append((cost, lower, upper))
        self.energy_rows = np.arange(len(demands), dtype=np.int32)
        self._entries.append(
            (np.repeat(np.arange(len(demands)), cells + others), np.arange(count), factor)
        )
        self._row_upper.append(self.need)

    def _add_capacity(self) -> None:
        """Add a row for each limited part and step in which several cars could exceed it."""
        capacity = self.subproblem.network.capacity_kw
        # A single car's ceiling already keeps within its network limits.
        several = (self.share > 0).T.astype(np.intp) @ self.cells > 1
        limited = (self.share.T @ self.ceiling > capacity) & several
        rows, steps = np.nonzero(limited)
        at = np.full(limited.shape, NONE)
        at[limited] = len(self.need) + np.arange(len(rows))
        self.capacity_rows = at[limited], rows, steps
        for row in np.unique(rows).tolist():
            cars, steps = np.nonzero(self.cells & limited[row] & (self.share[:, row] > 0)[:, None])
            self._entries.append((at[row, steps], self.column[cars, steps], self.share[cars, row]))
        self._row_upper.append(capacity[limited])

    def _add_surplus(self) -> None:
        """Add u with its rows, step by step, where surplus costs other than what is imported."""
        surplus = self.subproblem.network.surplus_kw
        sunny = (surplus > 0) & (self.buy != self.sell)
        steps, cars = np.nonzero((self.cells & sunny).T)
        if not len(steps):
            return
        count = len(steps)
        max_part_kw = np.minimum(surplus[steps], self.ceiling[cars, steps])
        floor = self.floor[cars, steps]
        minimum = np.maximum(self.minimum[cars], floor)
        scarce = (max_part_kw > 0) & (max_part_kw < minimum) & (floor <= 0)
        per_kw = np.where(scarce, max_part_kw / np.where(minimum > 0, minimum, 1.0), 1.0)
        first = sum(len(cost) for cost, *_ in self._columns)
        u = first + np.arange(count)
        self.part[cars, steps] = u
        saving = self.hours[cars, steps] * (self.buy - self.sell)[steps]
        self._columns.append((-saving, np.zeros(count), max_part_kw))
        # After the rows of a step's cars comes the row of what they share.
        shared, together = np.unique(steps, return_inverse=True)
        several = np.bincount(together) > 1
        before: NDArray[np.intp] = np.cumsum(several) - several
        row = sum(map(len, self._row_upper)) + np.arange(count) + before[together]
        after = np.flatnonzero(np.diff(steps, append=NONE))
        sums = np.where(several, row[after] + 1, NONE)
        self.surplus_rows = sums[several], shared[several]
        self._entries.append((row, u, np.ones(count)))
        self._entries.append((row, self.column[cars, steps], -per_kw))
        parts = several[together]
        self._entries.append((sums[together][parts], u[parts], np.ones(int(parts.sum()))))
        upper = np.zeros(count + int(several.sum()))
        upper[sums[several] - sum(map(len, self._row_upper))] = surplus[shared[several]]
        self._row_upper.append(upper)

    def load(self) -> tuple[Highs, Array]:
        """Return a solver that holds the program, ready to run, and the cost of each column.

        Raises:
            NoSolutionError: The solver does not accept it.
        """
        solver = _new_solver()
        cost, lower, upper = (np.concatenate(part) for part in zip(*self._columns, strict=True))
        cost *= OBJECTIVE_SCALE
        none = np.zeros(0, dtype=np.int32)
        added = [
            solver.addCols(len(cost), cost, lower, upper, 0, none, none, np.zeros(0)),
        ]
        rows, columns, values = (np.concatenate(part) for part in zip(*self._entries, strict=True))
        order = np.lexsort((columns, rows))
        row_upper = np.concatenate(self._row_upper)
        row_lower = np.full(len(row_upper), -kHighsInf)
        row_lower[self.energy_rows] = self.need
        starts = np.searchsorted(rows[order], np.arange(len(row_upper))).astype(np.int32)
        added.append(
            solver.addRows(
                len(row_upper),
                row_lower,
                row_upper,
                len(values),
                starts,
                columns[order].astype(np.int32),
                values[order],
            )
        )
        if HighsStatus.kError in added:
            raise NoSolutionError("the solver does not accept the program")
        return solver, cost


def copy_of(solver: Highs) -> Highs:
    """Return another solver with the same program, which begins where that one is."""
    other = _new_solver()
    other.passModel(solver.getModel())
    other.setBasis(solver.getBasis())
    return other


def _new_solver() -> Highs:
    solver = Highs()  # type: ignore[no-untyped-call]
    for option, value in _OPTIONS.items():
        set_option(solver, option, value)
    return solver
