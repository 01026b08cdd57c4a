"""Good plans of large programs, by rounding: in several ways first, then parts of the best anew.

The relaxation of these programs is close to the best plan and takes milliseconds, while the cuts
and heuristics of a search in integers take seconds before the first of them helps. A dive rounds
the clearest choices, solves again, and so on until none is open. Where little is left to gain, or
nothing was gained for a while, it ends; all is counted in dives, not in seconds, so that plans do
not depend on how busy the machine is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
import math

from highspy import Highs, HighsBasis, HighsModelStatus
import numpy as np
from numpy.typing import NDArray

from ...quantities.demand import Array
from ..clock import SolveClock
from ..highs import Indices
from ..subproblem import HALF

type Mask = NDArray[np.bool]
type Rounding = tuple[float, float]

WAYS: tuple[Rounding, ...] = ((0.5, 0.1), (0.15, 0.02), (0.34, 0.05), (0.05, 0.01))
"""Part of the open choices that each round of a dive makes, and how clear one is made anyway.

Few at a time follow the relaxation closely, many keep what belongs together: on ten households each
of them was the best somewhere.
"""
WHOLE = 1e-6
"""How far from a whole number a choice may be to count as made."""
FEW_WAYS = 2
"""So many of them are worth their time where a part is made anew."""
DIVES = 100
"""Dives into parts of the best plan at most,"""
IN_VAIN = 30
"""and so many in a row that find nothing better."""
GAIN = 1e-4
"""Part of the distance from the bound that counts as better."""
WINDOWS = (4, 6, 10)
"""Parts of the horizon of which two are opened together: what leaves one may go to the other."""


@dataclass(frozen=True, kw_only=True)
class Columns:
    """What must be whole in a program.

    Attributes:
        columns: Its columns.
        steps: The step each is in; negative for those of all steps.
        first: What is made first, the rest when all of it is: choices, then whole steps of power.
    """

    columns: Indices
    steps: Indices
    first: Mask


@dataclass(frozen=True, kw_only=True)
class Rounded:
    """A solution in which all choices are made.

    Attributes:
        values: The value of every column.
        objective: What it counts for.
        basis: Where the solver was then.
    """

    values: Array
    objective: float
    basis: HighsBasis


class Dives:
    """Rounds the choices of a live solver that holds a solved relaxation."""

    def __init__(self, solver: Highs, clock: SolveClock, whole: Columns) -> None:
        """Look at the relaxation.

        Args:
            solver: It.
            clock: The time there is.
            whole: What must be whole.
        """
        self._solver, self._clock, self._whole = solver, clock, whole
        program = solver.getLp()
        self._lower = np.array(program.col_lower_)[whole.columns]
        self._upper = np.array(program.col_upper_)[whole.columns]
        self._bound = self._objective
        self._random = np.random.default_rng(0)

    def best(self, *, enough: float) -> Rounded | None:
        """Return the best solution found, with powers in between where none with whole steps was.

        Args:
            enough: An objective that is good enough.

        Returns:
            It; None where no dive came to one.
        """
        best = self._rounded(self._lower, self._upper, WAYS, first=True)
        if best is not None:
            best = self._improved(best, enough, first=True)
        first = self._whole.first
        if best is not None and not first.all():
            # Powers follow the choices; then both are looked at together.
            made = best.values[self._whole.columns].round()
            lower, upper = np.where(first, made, self._lower), np.where(first, made, self._upper)
            whole = self._rounded(lower, upper, WAYS)
            best = best if whole is None else self._improved(whole, enough)
        columns = self._whole.columns
        self._solver.changeColsBounds(len(columns), columns, self._lower, self._upper)
        return best

    def _rounded(
        self, lower: Array, upper: Array, ways: Iterable[Rounding], *, first: bool = False
    ) -> Rounded | None:
        """Return the best of dives in some ways."""
        best: Rounded | None = None
        for way in ways:
            below = np.inf if best is None else best.objective
            best = self._dive(lower, upper, way, below, first=first) or best
        return best

    def _improved(self, best: Rounded, enough: float, *, first: bool = False) -> Rounded:
        """Return the best that is found when parts of a solution are made anew."""
        in_vain = 0
        for number in range(DIVES):
            if best.objective <= enough or in_vain >= IN_VAIN or self._clock.is_up:
                break
            made = best.values[self._whole.columns].round()
            free = self._part(number)
            if first:
                free |= ~self._whole.first
            lower, upper = np.where(free, self._lower, made), np.where(free, self._upper, made)
            # Most stays as it is there, so the way from there is short.
            self._solver.setBasis(best.basis)
            below = best.objective - GAIN * (best.objective - self._bound)
            way = WAYS[self._random.integers(FEW_WAYS)]
            found = self._dive(lower, upper, way, below, first=first)
            in_vain = 0 if found is not None else in_vain + 1
            best = found or best
        return best

    def _part(self, number: int) -> Mask:
        """Return what is made anew: what is in two parts of the horizon, or in no step."""
        steps = self._whole.steps
        horizon = 1 + int(steps.max())
        length = math.ceil(horizon / WINDOWS[number % len(WINDOWS)])
        begins = self._random.integers(0, horizon - length + 1, 2)
        after = steps[:, None] - begins
        free: Mask = ((after >= 0) & (after < length)).any(axis=1) | (steps < 0)
        return free

    def _dive(
        self, lower: Array, upper: Array, way: Rounding, below: float, *, first: bool
    ) -> Rounded | None:
        """Round what is open between bounds; None where that ends in nothing, or not below.

        Args:
            lower: Bounds of what must be whole,
            upper: and their upper ones.
            way: How it is rounded.
            below: What its objective must be below.
            first: Round only what is made first.
        """
        lower, upper = lower.copy(), upper.copy()
        part, clear_anyway = way
        solved = not self._clock.is_up and self._solve(lower, upper)
        while solved and self._objective < below:
            values = self._values()
            made = values[self._whole.columns]
            above = made - np.floor(made + WHOLE)
            is_open = (above > WHOLE) & (lower < upper)
            if first:
                is_open &= self._whole.first
            if not is_open.any():
                basis = self._solver.getBasis()
                return Rounded(values=values, objective=self._objective, basis=basis)
            if self._clock.is_up:
                break
            if (choices := is_open & self._whole.first).any():
                is_open = choices
            # One that is rounded up decides more than one that is rounded down.
            unclear = np.where(above >= HALF, 1 - above, 2 * above)
            clear = is_open & (
                unclear <= max(clear_anyway, float(np.quantile(unclear[is_open], part)))
            )
            before = lower.copy(), upper.copy()
            lower[clear] = upper[clear] = np.round(made[clear])
            solved = self._solve(lower, upper)
            if not solved:
                # All that was clear would not do together: the likeliest of it is rounded up.
                lower, upper = before
                likeliest = np.flatnonzero(clear)
                up = likeliest[np.argmax(above[likeliest])]
                lower[up] = np.ceil(made[up])
                solved = self._solve(lower, upper)
        return None

    def _solve(self, lower: Array, upper: Array) -> bool:
        columns = self._whole.columns
        self._solver.changeColsBounds(len(columns), columns, lower, upper)
        self._clock.run(self._solver)
        return self._solver.getModelStatus() == HighsModelStatus.kOptimal

    @property
    def _objective(self) -> float:
        return float(self._solver.getInfo().objective_function_value)

    def _values(self) -> Array:
        return np.array(self._solver.getSolution().col_value)
