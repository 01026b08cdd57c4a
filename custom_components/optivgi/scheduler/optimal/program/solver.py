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
from ..subproblem import OBJECTIVE_SCALE, SMALLEST_MONEY, Subproblem
from .builder import Cells, ChargingModel, load_relaxation
from .dives import Columns, Dives, Rounded

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
            [var for cells in _portions(model) for var in cells.values()]
        )
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
        only_dive: bool = False,
    ) -> Solution | None:
        """Search for a solution.

        Args:
            whole: Steps of power must be whole, too.
            gap: Distance from the bound at which to stop, relative to the cost.
            nodes: Nodes of the search tree at most.
            start: What each car draws in a plan to begin with.
            bound_holds: What is proven of the model is true of what it stands for.
            dive: Begin with rounding the relaxation in many ways, as large programs want,
            only_dive: and end with that, where it finds a solution.
            is_last: No other search comes after it; else half of the time is left to that.

        Returns:
            The best one found; None where there is none, or none was found.
        """
        accepted = max(1e-6, SEARCHED * gap * self._measure)
        rounded = self._rounded(accepted, whole=whole) if dive else None
        known: dict[int, float] = {}
        if rounded is not None:
            if only_dive or rounded.objective - self._bound <= accepted:
                return self._solution(rounded)
            known = dict(enumerate(rounded.values.tolist()))
        elif start is not None:
            known = dict(self._known(start))
        solver, everything = self._solver, np.concatenate((self._choices, self._portions))
        kinds = np.full(len(everything), HighsVarType.kInteger)
        kinds[len(self._choices) :] = HighsVarType.kInteger if whole else HighsVarType.kContinuous
        solver.changeColsIntegrality(len(everything), everything, kinds)
        set_option(solver, "presolve", "choose")
        set_option(solver, "mip_rel_gap", 0.0)
        set_option(solver, "mip_abs_gap", accepted)
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
        values = np.array(solver.getSolution().col_value)
        objective = float(info.objective_function_value)
        return self._solution(Rounded(values=values, objective=objective, basis=solver.getBasis()))

    def _rounded(self, accepted: float, *, whole: bool) -> Rounded | None:
        """Return the best solution that rounding finds, up to one that is near enough."""
        model = self._model
        steps = list(model.choice_steps)
        for cells in _portions(model) if whole else ():
            steps += list(cells)
        columns = np.concatenate((self._choices, self._portions))[: len(steps)]
        dives = Dives(
            self._solver,
            self._clock,
            Columns(
                columns=columns,
                steps=np.array(steps, dtype=np.int32),
                first=np.arange(len(columns)) < len(self._choices),
            ),
        )
        return dives.best(enough=self._bound + accepted)

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
    def _bound(self) -> float:
        """The bound in units of the objective."""
        return self.bound / self._model.money_per_objective

    @property
    def _measure(self) -> float:
        """What a gap is relative to, in units of the objective."""
        return max(abs(self._bound), SMALLEST_MONEY * OBJECTIVE_SCALE)

    def _raise_bound(self, objective: float) -> None:
        self.bound = max(self.bound, objective * self._model.money_per_objective)

    def _solution(self, found: Rounded) -> Solution:
        model, values = self._model, found.values
        battery = {
            battery_id: self._series(cells, values)
            - self._series(model.battery_discharge[battery_id], values)
            for battery_id, cells in model.battery_charge.items()
        }
        money = found.objective * model.money_per_objective
        return Solution(
            power_kw=[self._series(cells, values) for cells in model.power],
            single_kw=[self._series(cells, values) for cells in model.single],
            discharge_kw=[self._series(cells, values) for cells in model.discharge],
            battery_kw=battery,
            objective=money,
            bound=min(self.bound, money),
        )

    def _series(self, cells: Cells, values: Array) -> Array:
        series = np.zeros(self._steps)
        for step, var in cells.items():
            series[step] = values[self._column[var.id]]
        return series


def _portions(model: ChargingModel) -> list[Cells]:
    """Return the whole steps of power of each car, then of each on one phase."""
    return [*model.portions, *model.single_portions]
