"""The solutions of one subproblem that have been found: the best of them, and what is proven of it.

Each is judged as it will be reported: brought to what chargers can be set to, with its true bill.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

import numpy as np

from ..errors import NoSolutionError
from ..quantities.demand import Array
from ..quantities.tolerances import NEGLIGIBLE_KWH
from .overshoot import possible_overshoot_kwh
from .plain.dive import LACKING_KWH
from .progress import FinishedPlan, Finisher, Progress
from .solution import Solution
from .subproblem import SMALLEST_MONEY, Subproblem, is_proven

SAME_MONEY = 1e-6
"""Bills that differ by less are the same."""
WAITING_H = 20 / 3600
"""How long a charger waits until it may draw more."""
LOST_KWH = 0.01
"""Energy that whole steps of power may cost a car,"""
SAME_KWH = 5e-3
"""and others. Smaller differences do not count."""


@dataclass(kw_only=True)
class SolutionCandidate:
    """A solution, with what it comes to in the end.

    Attributes:
        solution: It.
        progress: What there is with it.
        finished: The plan as it will be reported.
        missed_kwh: By how much cars are short of their needs, or get more than they have to.
        saved_by_missing: What that may save: a plan that serves everybody may cost so much more.
        worth: Its true bill, and what its changes of power cost.
    """

    solution: Solution
    progress: Progress
    finished: FinishedPlan
    missed_kwh: float
    saved_by_missing: float
    worth: float

    def better_than(self, other: SolutionCandidate | None, by: float) -> bool:
        """Return whether this serves the cars better, or as well for so much less."""
        if other is None:
            return True
        if abs(self.missed_kwh - other.missed_kwh) > NEGLIGIBLE_KWH:
            return self.missed_kwh < other.missed_kwh
        return self.worth <= other.worth - by


class Candidates:
    """What has been found for a subproblem.

    Attributes:
        needs: What each car is to get: less than it needs where there is too little for all.
        best: The best solution so far; None before the first.
        bound: No true bill of a solution can be below this.
    """

    def __init__(
        self, finisher: Finisher, subproblem: Subproblem, before: Progress, rows: Sequence[int]
    ) -> None:
        """Know of no solution yet.

        Args:
            finisher: What brings plans to the chargers' steps, and judges them.
            subproblem: The cars.
            before: What there is already.
            rows: Which EVs of the problem they are.
        """
        self._finisher, self._subproblem = finisher, subproblem
        self._before, self._rows = before, list(rows)
        self.needs = [demand.need_kwh for demand in subproblem.demands]
        self.best: SolutionCandidate | None = None
        self.bound = -np.inf
        self._capacity_prices: Array | None = None
        self._energy_prices: list[float] = []

    def offer(self, solution: Solution, by: float) -> SolutionCandidate | None:
        """Keep a solution if it serves the cars better than the best, or is cheaper by so much.

        Returns:
            It, if it is the best now; else None.
        """
        if solution.capacity_prices is not None:
            self._capacity_prices = solution.capacity_prices
            self._energy_prices = solution.energy_prices
        progress = self._before.taking(self._subproblem, solution, self.needs)
        finished = self._finisher.finish(progress)
        reached = finished.net_kwh[self._rows]
        if solution.bound is not None:
            # In terms of the true bill, so that bounds of different programs compare.
            solved = self._before.taking(self._subproblem, solution, self.needs, as_solved=True)
            exact = self._finisher.bill(solved)
            self.bound = max(self.bound, exact - solution.objective + solution.bound)
        candidate = SolutionCandidate(
            solution=solution,
            progress=progress,
            finished=finished,
            missed_kwh=self._missed_kwh(reached),
            saved_by_missing=self._saved_by_missing(reached),
            worth=finished.bill + self._lost_by_changes(finished.power_kw[self._rows]),
        )
        if not candidate.better_than(self.best, by):
            return None
        self.best = candidate
        return candidate

    def _lost_by_changes(self, power_kw: Array) -> float:
        """Return the money that changes of power cost.

        Who draws more waits until somebody else draws less; what is not charged meanwhile is made
        up for in other hours, if there are any at another price.
        """
        prices = self._subproblem.prices
        if not np.ptp(prices.buy):
            return 0.0
        rises = np.maximum(np.diff(power_kw, axis=1), 0.0).sum()
        return WAITING_H * float(rises) * prices.unit

    def _missed_kwh(self, reached_kwh: Array) -> float:
        """Return by how much cars are short of their needs, or get more than they have to."""
        missed = 0.0
        for demand, need, reached in zip(
            self._subproblem.demands, self.needs, reached_kwh.tolist(), strict=True
        ):
            ev = demand.ev
            # A whole step at its minimum too much is paid for, and nothing worse.
            most_kw = max(ev.power_step_kw, ev.min_power_kw)
            step = most_kw * float(demand.gain_kwh.max(initial=0.0))
            more = demand.extra_kwh + max(step, possible_overshoot_kwh(demand))
            short = need - reached - (LOST_KWH if ev.power_step_kw > 0 else SAME_KWH)
            over = reached - need - more - SAME_KWH
            missed += max(0.0, short, over)
        return missed

    def _saved_by_missing(self, reached_kwh: Array) -> float:
        """Return by how much a plan may be cheaper as cars are short of their needs.

        That is the highest price of what is missing, and a start where that is a whole step.
        """
        prices, saved = self._subproblem.prices, 0.0
        for demand, need, reached in zip(
            self._subproblem.demands, self.needs, reached_kwh.tolist(), strict=True
        ):
            if (short := need - reached) > NEGLIGIBLE_KWH:
                saved += short * prices.unit / demand.ev.efficiency
                gain = demand.gain_kwh[demand.ceiling_kw > 0]
                if short >= demand.ev.min_power_kw * float(gain.min(initial=np.inf)):
                    saved += prices.start_cost
        return saved

    def is_proven(self) -> bool:
        """Return whether what was solved, not yet in whole steps, is proven nearly the cheapest."""
        best = self.best
        if best is None or best.solution.bound is None:
            return False
        for demand, need, power in zip(
            self._subproblem.demands, self.needs, best.solution.power_kw, strict=True
        ):
            if demand.energy_kwh(power) < need - LACKING_KWH:
                return False
        return is_proven(self._subproblem, best.solution.objective, best.solution.bound)

    def is_good(self, gap: float) -> bool:
        """Return whether the best solution serves everybody and is proven nearly the cheapest.

        Args:
            gap: What is near enough, relative to its bill.
        """
        best = self.best
        if best is None or not self.serves_everybody:
            return False
        bill = best.finished.bill
        measure = max(abs(bill), SMALLEST_MONEY * self._subproblem.prices.unit)
        return bill - self.bound <= gap * measure

    @property
    def serves_everybody(self) -> bool:
        """Whether every car gets its need in the best solution."""
        return self.best is not None and self.best.missed_kwh <= LACKING_KWH

    def aim_for(self, needs_kwh: Sequence[float]) -> None:
        """Judge anew, by other needs: nothing is the best by these yet, and nothing proven."""
        self.needs, self.best, self.bound = list(needs_kwh), None, -np.inf

    def outcome(self) -> Progress:
        """Return what there is with the best solution.

        Raises:
            NoSolutionError: There is none.
        """
        best = self.best
        if best is None:
            raise NoSolutionError("no plan was found in time")
        solution = best.solution
        if solution.capacity_prices is None:
            solution = replace(
                solution, capacity_prices=self._capacity_prices, energy_prices=self._energy_prices
            )
        progress = self._before.taking(self._subproblem, solution, self.needs)
        slack = max(0.0, self._finisher.bill(progress) - self.bound) + best.saved_by_missing
        return replace(progress, slack=progress.slack + slack)

    def start_kw(self, *, whole: bool) -> list[Array] | None:
        """Return what each car draws in the best plan, brought to whole steps or not."""
        if self.best is None or whole:
            return None if self.best is None else self.finished_kw(self.best)
        solution = self.best.solution
        return [
            power + single
            for power, single in zip_longest(
                solution.power_kw, solution.single_kw, fillvalue=np.zeros(1)
            )
        ]

    def finished_kw(self, candidate: SolutionCandidate) -> list[Array]:
        """Return what each car of the subproblem may draw in the end."""
        return [candidate.finished.power_kw[row] for row in self._rows]

    def finished_flows_kw(self, candidate: SolutionCandidate) -> tuple[list[Array], list[Array]]:
        """Return what each car of the subproblem does draw in the end, and what it gives."""
        flows = candidate.finished.flows
        drawn, given = flows.drawn_kw, flows.given_kw
        return [drawn[row] for row in self._rows], [given[row] for row in self._rows]
