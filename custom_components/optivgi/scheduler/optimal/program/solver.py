"""Solves a ChargingModel: its linear relaxation, then the whole program from the best plan known.

PuLP builds the model and hands it to HiGHS; all that follows works on the live solver, because
solving it again there takes a fraction of loading it. Choices are decided first, with powers free
in between; whole steps of power come last, from a plan that has been rounded. Searches end at a
number of nodes, not of seconds, so that plans do not depend on how busy the machine is.
"""

from collections.abc import Iterator, Sequence

from highspy import HighsModelStatus, HighsVarType
import numpy as np
from pulp import LpVariable

from ...errors import NoSolutionError
from ...quantities.demand import Array
from ...quantities.tolerances import NEGLIGIBLE_KWH
from ..clock import SolveClock
from ..highs import FEASIBLE_POINT, Indices, set_option
from ..solution import Solution
from ..subproblem import HALF, OBJECTIVE_SCALE, SMALLEST_MONEY, Subproblem
from .builder import Cells, ChargingModel, load_relaxation

ROUNDS = 12
"""Rounds of rounding at most; the solver decides what is open then."""
ROUNDED = 0.34
"""Part of the open choices that each of them makes."""
WHOLE = 1e-6
"""How far from a whole number a choice may be to count as made."""
SEARCHED = 0.9
"""A search ends at this part of the gap asked for: what comes after it may cost a little."""


class ProgramSolver:
    """One live solver for one ChargingModel.

    Attributes:
        bound: No solution can be below this, in the site's currency.
    """

    def __init__(self, model: ChargingModel, subproblem: Subproblem, clock: SolveClock) -> None:
        """Load the model; nothing is solved yet.

        Args:
            model: What to solve.
            subproblem: What it stands for.
            clock: The time there is.
        """
        self._model, self._clock = model, clock
        self._demands, self._steps = subproblem.demands, len(subproblem.step_h)
        self._solver = load_relaxation(model.program)
        # Gaps are relative to the money that is reported, not to what the house costs in any case.
        offset = model.constant / model.money_per_objective
        self._solver.changeObjectiveOffset(offset)
        self._column = {
            var.id: index for index, var in enumerate(model.program.exported_variables())
        }
        self._choices = self._columns_of(model.choices)
        self._portions = self._columns_of(
            [var for cells in model.portions for var in cells.values()]
        )
        self._values: Array | None = None
        self.bound = -np.inf

    def _columns_of(self, variables: Sequence[LpVariable]) -> Indices:
        return np.array([self._column[var.id] for var in variables], dtype=np.int32)

    @property
    def has_portions(self) -> bool:
        """Whether there are powers that must be whole steps."""
        return len(self._portions) > 0

    def choices(self, *, whole: bool) -> int:
        """Return how many choices there are, whole steps of power included or not."""
        return len(self._choices) + (len(self._portions) if whole else 0)

    def relax(self) -> bool:
        """Solve the linear relaxation; return whether it has a solution.

        Raises:
            NoSolutionError: The time was up before it was solved.
        """
        self._clock.run(self._solver)
        status = self._solver.getModelStatus()
        if status == HighsModelStatus.kInfeasible:
            return False
        if status not in {HighsModelStatus.kOptimal, HighsModelStatus.kModelEmpty}:
            raise NoSolutionError(f"the relaxation ended with status '{status.name}'")
        self._raise_bound(float(self._solver.getInfo().objective_function_value))
        return True

    def search(
        self,
        *,
        whole: bool,
        gap: float,
        nodes: int,
        start: Sequence[Array] | None = None,
        bound_holds: bool = True,
        is_last: bool = True,
        dive: bool = False,
    ) -> Solution | None:
        """Search for a solution.

        Args:
            whole: Steps of power must be whole, too.
            gap: Distance from the bound at which to stop, relative to the cost.
            nodes: Nodes of the search tree at most.
            start: What each car draws in a plan to begin with.
            bound_holds: What is proven of the model is true of what it stands for.
            dive: Begin with rounding the relaxation instead, as large programs want.
            is_last: No other search comes after it; else half of the time is left to that.

        Returns:
            The best one found; None where there is none, or none was found.
        """
        known = self._rounded() if dive else {}
        if not known and start is not None:
            known = dict(self._known(start))
        solver, everything = self._solver, np.concatenate((self._choices, self._portions))
        kinds = np.full(len(everything), HighsVarType.kInteger)
        kinds[len(self._choices) :] = HighsVarType.kInteger if whole else HighsVarType.kContinuous
        solver.changeColsIntegrality(len(everything), everything, kinds)
        set_option(solver, "presolve", "choose")
        set_option(solver, "mip_rel_gap", 0.0)
        set_option(solver, "mip_abs_gap", max(1e-6, SEARCHED * gap * self._measure))
        set_option(solver, "mip_max_nodes", nodes)

        if known:
            columns = np.array(list(known), dtype=np.int32)
            solver.setSolution(len(columns), columns, np.array(list(known.values()), np.float64))
        self._clock.run(solver, integer=True, part=1.0 if is_last else 0.5)
        info = solver.getInfo()
        if bound_holds and np.isfinite(info.mip_dual_bound):
            self._raise_bound(float(info.mip_dual_bound))
        if info.primal_solution_status != FEASIBLE_POINT:
            return None
        self._values = np.array(solver.getSolution().col_value)
        return self._solution(float(info.objective_function_value))

    def _rounded(self) -> dict[int, float]:
        """Round the relaxation's choices, the clearest first, and solve again after each round.

        Returns:
            The choices made, by their columns; what is left open the solver decides.
        """
        count, columns = len(self._choices), self._choices
        lower = np.array([float(var.lowBound or 0.0) for var in self._model.choices])
        upper = np.ones(count)
        original = lower.copy()
        for _ in range(ROUNDS):
            values = np.array(self._solver.getSolution().col_value)[columns]
            open_ = (values > WHOLE) & (values < 1 - WHOLE) & (lower < upper)
            if not open_.any() or self._clock.is_up:
                break
            # One that is rounded up decides more than one that is rounded down.
            unclear = np.where(values >= HALF, 1 - values, 2 * values)
            clear = open_ & (unclear <= max(0.05, float(np.quantile(unclear[open_], ROUNDED))))
            before = lower.copy(), upper.copy()
            lower[clear] = upper[clear] = np.round(values[clear])
            self._solver.changeColsBounds(count, columns, lower, upper)
            self._clock.run(self._solver)
            if self._solver.getModelStatus() != HighsModelStatus.kOptimal:
                lower, upper = before
                break
        made = (lower == upper) | (values <= WHOLE) | (values >= 1 - WHOLE)
        self._solver.changeColsBounds(count, columns, original, np.ones(count))
        return dict(zip(columns[made].tolist(), np.round(values[made]).tolist(), strict=True))

    def _known(self, power_kw: Sequence[Array]) -> Iterator[tuple[int, float]]:
        """Return the columns whose values follow from what each car draws, with these."""
        model = self._model
        exact = [self._suffices(index, power) for index, power in enumerate(power_kw)]
        for index, power in enumerate(power_kw):
            for step, z in model.switches[index].items():
                yield self._column[z.id], float(power[step] > 0)
            if not exact[index]:
                # The solver finds whole steps that do, for what is on and off.
                continue
            ev = self._demands[index].ev
            for step, k in model.portions[index].items():
                above = (float(power[step]) - ev.min_power_kw) / ev.power_step_kw
                yield self._column[k.id], float(max(0, round(above)))

    def _suffices(self, index: int, power_kw: Array) -> bool:
        """Whether a car gets what it needs; a little less, and no whole steps would do so."""
        demand = self._demands[index]
        return demand.energy_kwh(power_kw) >= demand.need_kwh - NEGLIGIBLE_KWH

    @property
    def _measure(self) -> float:
        """What a gap is relative to, in units of the objective."""
        money = abs(self.bound) / self._model.money_per_objective
        return max(money, SMALLEST_MONEY * OBJECTIVE_SCALE)

    def _raise_bound(self, objective: float) -> None:
        self.bound = max(self.bound, objective * self._model.money_per_objective)

    def _solution(self, objective: float) -> Solution:
        model = self._model
        battery = {
            battery_id: self._series(cells) - self._series(model.battery_discharge[battery_id])
            for battery_id, cells in model.battery_charge.items()
        }
        money = objective * model.money_per_objective
        return Solution(
            power_kw=[self._series(cells) for cells in model.power],
            single_kw=[self._series(cells) for cells in model.single],
            discharge_kw=[self._series(cells) for cells in model.discharge],
            battery_kw=battery,
            objective=money,
            bound=min(self.bound, money),
        )

    def _series(self, cells: Cells) -> Array:
        series = np.zeros(self._steps)
        if self._values is not None:
            for step, var in cells.items():
                series[step] = self._values[self._column[var.id]]
        return series
