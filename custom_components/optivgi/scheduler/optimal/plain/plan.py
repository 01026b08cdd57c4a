"""Plans plain charging on its relaxation: rounded, shared out where it is too little."""

from collections.abc import Sequence

import numpy as np

from ...errors import NoSolutionError
from ...quantities.demand import Demand
from ...quantities.tolerances import NEGLIGIBLE_KWH
from ..clock import SolveClock
from ..solution import Solution
from ..subproblem import POLISHED_CHOICES, Subproblem, is_proven
from .dive import LACKING_KWH, MARGIN_KWH, CandidatePlan, Dive
from .relaxation import Relaxation
from .starts import plan_starts

FEW_CARS = 4
"""Up to so many cars whose starts cost are not planned on the relaxation first: it is far off."""


def count_choices(demands: Sequence[Demand]) -> int:
    """Return how many powers are a choice between off and on."""
    return sum(int(np.count_nonzero(demand.ceiling_kw)) for demand in demands)


def plan_on_relaxation(
    subproblem: Subproblem, clock: SolveClock
) -> tuple[Solution, list[float], bool, Dive]:
    """Plan on the relaxation.

    Returns:
        The plan, the energies aimed for, whether they are shares of what is too little, and what
        made the plan.
    """
    with clock.stage("build"):
        relaxation = Relaxation(subproblem, clock)
    with clock.stage("relaxation"):
        relaxation.solve_first()
    scarce = float(relaxation.missing_kwh.sum()) > LACKING_KWH
    if scarce:
        with clock.stage("shares"):
            priorities = np.array([demand.ev.priority for demand in subproblem.demands])
            fair = relaxation.share(priorities)
            due = (relaxation.gain * relaxation.floor).sum(axis=1)
            relaxation.set_needs(np.maximum(due, fair - MARGIN_KWH))
            if not relaxation.solve():
                raise NoSolutionError("no fair shares were found")
    bound = relaxation.money + _needed_starts(subproblem)
    dive = Dive(relaxation)
    candidate: CandidatePlan | None = None
    start_cost = subproblem.prices.start_cost
    searchable = count_choices(subproblem.demands) <= POLISHED_CHOICES
    count_starts = start_cost > 0 and searchable and not scarce
    if not count_starts or len(subproblem.demands) > FEW_CARS:
        with clock.stage("dive"):
            candidate = dive.run(bound)
    if count_starts and (candidate is None or not is_proven(subproblem, candidate.money, bound)):
        with clock.stage("starts"):
            other, proven = plan_starts(dive, start_cost)
            bound = max(bound, proven)
            candidate = other if other is not None and other.better_than(candidate) else candidate
    if candidate is None:
        with clock.stage("dive"):
            candidate = dive.run(bound)
    if candidate.missing_kwh > LACKING_KWH and not searchable:
        # Minimum powers leave less than the relaxation believes.
        scarce = True
    if scarce:
        with clock.stage("shares"):
            wanted = np.array([demand.need_kwh for demand in subproblem.demands])
            candidate = dive.share_out(candidate, wanted)
            # What is beyond a need is not one: it is taken where it is cheap enough.
            reached = np.minimum((relaxation.gain * candidate.power_kw).sum(axis=1), wanted)
            bound = relaxation.cheapest(reached) + _needed_starts(subproblem)
    capacity, energy = candidate.shadow_prices
    needs = [float(need) for need in relaxation.need]
    solution = Solution(
        power_kw=list(candidate.power_kw),
        objective=candidate.money,
        bound=min(bound, candidate.money),
        capacity_prices=capacity,
        energy_prices=[float(price) for price in energy],
    )
    return solution, needs, scarce, dive


def _needed_starts(subproblem: Subproblem) -> float:
    """Return what the starts cost that no plan can do without."""
    waiting = sum(
        demand.need_kwh > NEGLIGIBLE_KWH and not demand.ev.charging for demand in subproblem.demands
    )
    return subproblem.prices.start_cost * waiting
