"""Plans a small subproblem whose starts cost: car by car, and by recombining good plans.

The relaxation knows no starts, so rounding it spreads charging over every dip of the price, and its
bound is some percents too low. With starts in it (startup.py) the bound is good; its prices let
each car be planned by itself with regard to the others (sequential.py). Good plans are then
recombined: what they agree on stays, the rest is decided anew (branching.py), which is little. The
integer solver, which takes seconds, is asked last.
"""

from collections.abc import Iterator
from dataclasses import replace

from highspy import kHighsInf
import numpy as np

from ...errors import NoSolutionError
from ..subproblem import SMALLEST_MONEY, Commitment
from .branching import Branching, Space
from .dive import LACKING_KWH, CandidatePlan, Dive
from .relaxation import Relaxation
from .sequential import DualPrices, sequential_plans
from .startup import StartupModel

KEPT = 4
"""Of the sequential plans, so many of the cheapest get exact powers."""
PAIRS = 6
"""Pairs recombined at most before other plans are made."""
RECOMBINATION_SOLVES = 24
"""Solves spent on each pair, of about a millisecond each."""
SOLVES = 6
"""Solves spent on raising the bound between other efforts,"""
MANY_SOLVES = 60
"""and when there is nothing cheaper left. It pays where little is missing:"""
NEARLY = 1.12
"""a gap this many times the one asked for."""
AGAIN = 3
"""Cars of the best plan that are planned anew at once, in subproblems with more."""
PARENTS = 2
"""Of the sequential plans at some prices, so many are recombined by the integer solver."""
RECOMBINATION_NODES = 50
"""Nodes of its search tree: a count, not a time, so that plans do not depend on load."""
NARROW = 0.6
"""Part of the cells up to which a program of its own is worth making for what is open."""
MARGIN = 0.95
"""Looking for plans stops at this part of the gap: what comes after may cost a little."""


class Recombination:
    """One search for the best plan of a Relaxation that has been solved."""

    def __init__(self, dive: Dive, start_cost: float, gap: float) -> None:
        """Prepare the search.

        Args:
            dive: What gives plans their exact powers.
            start_cost: What a start costs.
            gap: Relative distance from the bound that is good enough.
        """
        self._dive = dive
        self._gap = gap
        self._start_cost = start_cost
        # Nothing is decided yet, whatever has been before.
        dive.relaxation.bound(dive.relaxation.floor, dive.relaxation.ceiling)
        dive.relaxation.solve()
        self._startup = StartupModel(dive.relaxation, start_cost)
        self._tree = Branching(self._startup, self._startup.everything)
        self._candidates: list[CandidatePlan] = []
        self._parents: list[CandidatePlan] = []
        self._recombined: set[tuple[bytes, bytes]] = set()
        self.bound = -kHighsInf
        """What every plan costs at least, in the site's currency."""

    def run(self, known: CandidatePlan | None = None) -> CandidatePlan | None:
        """Return the best plan found; None where none serves all cars, or there was no time.

        Args:
            known: A plan to begin with, if there is one.
        """
        if known is not None:
            self._keep(known)
        try:
            for _ in self._efforts():
                if self._is_good():
                    break
        except NoSolutionError:
            # No time, or the solver is stuck: what has been found holds.
            pass
        return self._candidates[0] if self._candidates else known

    def _efforts(self) -> Iterator[None]:
        """Try to find better plans and a higher bound, the cheapest effort first."""
        relaxation = self._dive.relaxation
        plain = DualPrices.of(relaxation.matrix, relaxation.duals)
        self.bound = self._startup.solve()
        yield
        # Without starts prices differ more from step to step: that makes other plans.
        both = (DualPrices.of(relaxation.matrix, self._startup.duals), plain)
        for prices in both:
            yield from self._plan_sequentially(prices)
        if not self._candidates:
            return
        if len(self._dive.subproblem.demands) > AGAIN:
            for prices in both:
                yield from self._plan_sequentially(prices, self._candidates[0])
        yield from self._look_in(self._startup.everything, MANY_SOLVES)
        yield from self._raise_bound(MANY_SOLVES)
        yield from self._decide()
        yield from self._raise_bound(MANY_SOLVES)

    def _is_good(self) -> bool:
        """Whether the best plan needs no more effort, or there is no time for any."""
        if self._dive.relaxation.clock.is_up:
            return True
        return bool(self._candidates) and self._candidates[0].money <= self._target(1.0)

    def _target(self, part: float) -> float:
        """Return the money at which so many times the gap asked for is left."""
        money = max(abs(self.bound), SMALLEST_MONEY * self._dive.subproblem.prices.unit)
        return self.bound + part * self._gap * money

    def _plan_sequentially(
        self, prices: DualPrices, begun: CandidatePlan | None = None
    ) -> Iterator[None]:
        """Plan all cars sequentially, or some of them anew; then recombine what came out."""
        plans = sequential_plans(
            self._dive.subproblem,
            prices,
            begun=None if begun is None else begun.power_kw,
            again=None if begun is None else AGAIN,
        )
        different = {(power > 0).tobytes(): power > 0 for power in plans}
        exact = [self._dive.fixed(on) for on in list(different.values())[:KEPT]]
        for candidate in exact:
            self._keep(candidate)
        if begun is None:
            self._parents += exact[:PARENTS]
        yield
        yield from self._raise_bound(SOLVES)
        yield from self._recombine_pairs()

    def _recombine_pairs(self) -> Iterator[None]:
        """Recombine the best plan with others."""
        for _ in range(PAIRS):
            other = next(self._partners(), None) if self._candidates else None
            if other is None:
                return
            best = _pattern(self._candidates[0])
            self._recombined.add((best.tobytes(), other.tobytes()))
            yield from self._look_in(
                self._startup.disagreement([best, other]), RECOMBINATION_SOLVES
            )

    def _partners(self) -> Iterator[Commitment]:
        best = _pattern(self._candidates[0])
        for other in map(_pattern, self._candidates[1:]):
            if (best.tobytes(), other.tobytes()) not in self._recombined:
                yield other

    def _look_in(self, space: Space, solves: int) -> Iterator[None]:
        """Look for a better plan by deciding one thing after the other."""
        branching = Branching(self._narrowed(space), space)
        found = branching.found(self._candidates[0].money, self._target(MARGIN), solves)
        if found is not None:
            self._keep(self._dive.fixed(found))
        yield
        yield from self._raise_bound(SOLVES)

    def _narrowed(self, space: Space) -> StartupModel:
        """Return the program of what is open only: where that is little, it is soon solved."""
        if space.possible.sum() > NARROW * self._dive.relaxation.cells.sum():
            return self._startup
        subproblem = self._dive.subproblem
        demands = [
            replace(demand, ceiling_kw=np.where(possible, demand.ceiling_kw, 0.0))
            for demand, possible in zip(subproblem.demands, space.possible, strict=True)
        ]
        relaxation = Relaxation(replace(subproblem, demands=demands), self._dive.relaxation.clock)
        relaxation.solve_first()
        return StartupModel(relaxation, self._start_cost)

    def _decide(self) -> Iterator[None]:
        """Let the integer solver recombine plans that were made at different prices."""
        best = min(
            self._parents,
            key=lambda candidate: (candidate.missing_kwh > LACKING_KWH, candidate.money),
        )
        space = self._startup.disagreement([_pattern(candidate) for candidate in self._parents])
        found = self._narrowed(space).decided(
            _pattern(best), space, self._target(MARGIN), RECOMBINATION_NODES
        )
        if found is not None:
            self._keep(self._dive.fixed(found))
        yield

    def _raise_bound(self, solves: int) -> Iterator[None]:
        """Where little is missing, prove that the plan is better than it seems."""
        if self._candidates and self._candidates[0].money <= self._target(NEARLY):
            money = self._candidates[0].money
            enough = money - self._gap * abs(money)
            self.bound = max(self.bound, self._tree.raised_bound(enough, solves))
            yield

    def _keep(self, candidate: CandidatePlan) -> None:
        """Put a plan among the others, if it serves all cars and is another one."""
        if candidate.missing_kwh > LACKING_KWH or any(
            np.array_equal(_pattern(candidate), _pattern(other)) for other in self._candidates
        ):
            return
        self._candidates.append(candidate)
        self._candidates.sort(key=lambda candidate: candidate.money)


def _pattern(candidate: CandidatePlan) -> Commitment:
    return candidate.power_kw > 0
