"""Plans for cars whose starts cost: one after the other, at prices that count starts.

The relaxation knows no starts, so rounding it spreads charging over every dip of the price, and its
bound is some percents too low. With starts in it (startup.py) the bound is good, and its prices let
each car be planned by itself with regard to the others (sequential.py).
"""

from ..subproblem import is_proven
from .dive import LACKING_KWH, CandidatePlan, Dive
from .sequential import DualPrices, sequential_plans
from .startup import StartupModel

KEPT = 4
"""Of the plans made at some prices, so many of the cheapest get exact powers."""
AGAIN = 3
"""Cars of the best plan that are planned anew at once, where there are more."""


def plan_starts(dive: Dive, start_cost: float) -> tuple[CandidatePlan | None, float]:
    """Plan the cars of a relaxation that has been solved.

    Args:
        dive: What gives plans their exact powers.
        start_cost: What a start costs.

    Returns:
        The cheapest plan that serves all cars, if there is one; and what every plan costs at
        least, in the site's currency.

    Raises:
        NoSolutionError: The time was up before anything was proven.
    """
    relaxation = dive.relaxation
    # Nothing is decided yet, whatever has been before.
    relaxation.bound(relaxation.floor, relaxation.ceiling)
    relaxation.solve()
    plain = DualPrices.of(relaxation.matrix, relaxation.duals)
    startup = StartupModel(relaxation, start_cost)
    bound = startup.solve()
    # Without starts prices differ more from step to step: that makes other plans.
    both = (DualPrices.of(relaxation.matrix, startup.duals), plain)
    best: CandidatePlan | None = None
    several = min(AGAIN, len(dive.subproblem.demands) - 1)
    for again in (None, several) if several > 1 else (None,):
        for prices in both:
            enough = best is not None and is_proven(dive.subproblem, best.money, bound)
            if enough or relaxation.clock.is_up or (again is not None and best is None):
                break
            begun = None if again is None or best is None else best.power_kw
            plans = sequential_plans(dive.subproblem, prices, begun=begun, again=again)
            different = {(power > 0).tobytes(): power > 0 for power in plans}
            for on in list(different.values())[:KEPT]:
                candidate = dive.fixed(on)
                if candidate.missing_kwh <= LACKING_KWH and candidate.better_than(best):
                    best = candidate
    return best, bound
