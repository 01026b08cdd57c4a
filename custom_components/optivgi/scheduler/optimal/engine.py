"""Plans one subproblem: chooses between the ways to solve it.

Plain charging is planned on its relaxation (relaxation.py, dive.py), which takes milliseconds for a
household and fractions of a second for hundreds of cars. Where that leaves too much unproven, and
the subproblem is small, and for what the relaxation cannot express, the whole integer program is
searched (formulation.py, search.py).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..errors import NoSolutionError
from ..quantities.demand import Demand
from ..quantities.tolerances import NEGLIGIBLE_KWH
from .clock import SolveClock
from .plain.direct import plan_directly
from .plain.dive import LACKING_KWH, MARGIN_KWH, CandidatePlan, Dive
from .plain.recombination import Recombination
from .plain.relaxation import Relaxation
from .solution import Replan, Solution
from .subproblem import EXACT_CHOICES, POLISHED_CHOICES, PROVEN_GAP, SMALLEST_MONEY, Subproblem

EXACT_STEPS = 24
"""Up to so many powers the best plan on the chargers' own steps of power is sought."""
FEW_CARS = 4
"""Up to so many cars whose starts cost are not planned on the relaxation first: it is far off."""
TINY_START = 1e-4
"""What a start counts for where it is free, relative to the highest price per kWh."""


def solve_subproblem(subproblem: Subproblem, clock: SolveClock) -> tuple[Solution, list[float]]:
    """Find the cheapest plan for what the cars of a subproblem can fairly get.

    Args:
        subproblem: The cars.
        clock: The time there is.

    Returns:
        The plan, and the energy each car was to get by it.

    Raises:
        NoSolutionError: There was no time for any plan.
    """
    return _charge(subproblem, clock) if _is_plain(subproblem) else _search_all(subproblem, clock)


def _charge(subproblem: Subproblem, clock: SolveClock) -> tuple[Solution, list[float]]:
    """Plan what the relaxation expresses."""
    if not _has_few_steps(subproblem):
        with clock.stage("direct"):
            direct = plan_directly(subproblem, few_starts=_is_searchable(subproblem))
        if direct is not None:
            return direct, [demand.need_kwh for demand in subproblem.demands]
    solution, needs, scarce, dive = _plan_plain(subproblem, clock)
    if _has_few_steps(subproblem) and not scarce:
        exact = _search(replace(subproblem, whole_steps=True), clock, scarce=False)
        if exact is not None:
            return exact, [
                max(need, demand.energy_kwh(power))
                for need, demand, power in zip(
                    needs, subproblem.demands, exact.power_kw, strict=True
                )
            ]
    if not scarce and _leaves_short(subproblem, solution):
        # Minimum powers were in the way; the whole program may know a way around.
        full = _search(_with_tiny_start_cost(subproblem), clock, scarce=False)
        if full is not None:
            solution, needs = full, [demand.need_kwh for demand in subproblem.demands]
    if not _is_good(subproblem, solution):
        asked = subproblem.with_need(needs)
        better = _search(
            _with_tiny_start_cost(asked),
            clock,
            scarce=scarce,
            known=solution,
            replan=dive.replanned,
        )
        solution = better or solution
    with clock.stage("even out"):
        return dive.even_out(solution), needs


def _search_all(subproblem: Subproblem, clock: SolveClock) -> tuple[Solution, list[float]]:
    """Plan what only the whole integer program expresses."""
    needs = [demand.need_kwh for demand in subproblem.demands]
    special = _search(subproblem, clock, scarce=False)
    if special is None:
        # Not everybody can get everything.
        plain, needs, *_ = _plan_plain(_simplified(subproblem), clock)
        needs = [
            min(need, demand.energy_kwh(power))
            for need, demand, power in zip(needs, subproblem.demands, plain.power_kw, strict=True)
        ]
        special = _search(subproblem.with_need(needs), clock, scarce=True)
        if special is None:
            # No time for more; nothing is proven then.
            special = replace(plain, objective=0.0, bound=None)
    return special, needs


def _is_plain(subproblem: Subproblem) -> bool:
    """Tell whether the relaxation expresses all there is about a subproblem."""
    forced = (subproblem.prices.sell > subproblem.prices.buy) & (subproblem.network.surplus_kw > 0)
    return (
        subproblem.meter is None
        and not forced.any()
        and all(
            demand.ev.single_phase is None and demand.ev.discharge is None
            for demand in subproblem.demands
        )
    )


def _has_few_steps(subproblem: Subproblem) -> bool:
    """Tell whether the best plan on the chargers' own steps of power can be sought."""
    return (
        any(demand.ev.power_step_kw > 0 for demand in subproblem.demands)
        and _choices(subproblem.demands, starts=True) <= EXACT_STEPS
    )


def _simplified(subproblem: Subproblem) -> Subproblem:
    """Return a subproblem without what is not plain."""
    return replace(
        subproblem,
        meter=None,
        demands=[
            replace(demand, ev=replace(demand.ev, single_phase=None, discharge=None))
            for demand in subproblem.demands
        ],
    )


def _choices(demands: Sequence[Demand], *, starts: bool) -> int:
    """Return how many powers are a choice between off and on."""
    return sum(
        int(np.count_nonzero(demand.ceiling_kw))
        for demand in demands
        if demand.ev.min_power_kw > 0 or starts
    )


def _leaves_short(subproblem: Subproblem, solution: Solution) -> bool:
    """Tell whether a plan leaves a car short that it need not, where that can be searched."""
    return _is_searchable(subproblem) and any(
        demand.energy_kwh(power) < demand.need_kwh - LACKING_KWH
        for demand, power in zip(subproblem.demands, solution.power_kw, strict=True)
    )


def _pays_for_starts(subproblem: Subproblem) -> bool:
    """Tell whether starts cost in a subproblem that is small enough to look closer."""
    return (
        subproblem.prices.start_cost > 0
        and _is_searchable(subproblem)
        and not any(demand.extra_kwh > 0 for demand in subproblem.demands)
    )


def _is_searchable(subproblem: Subproblem) -> bool:
    """Tell whether the whole integer program of a subproblem is small enough to be searched."""
    return _choices(subproblem.demands, starts=True) <= POLISHED_CHOICES


def _with_tiny_start_cost(subproblem: Subproblem) -> Subproblem:
    """Return a subproblem in which free starts count for a trifle: fewer among equals."""
    prices = subproblem.prices
    tiny = max(prices.start_cost, TINY_START * prices.unit)
    return replace(subproblem, prices=replace(prices, start_cost=tiny))


def _is_good(subproblem: Subproblem, solution: Solution) -> bool:
    """Tell whether a plan is good enough, or the subproblem too large for anything better."""
    if _choices(subproblem.demands, starts=True) <= EXACT_CHOICES:
        # The best of all, and among equals the one with the fewest starts.
        return False
    choices = _choices(subproblem.demands, starts=subproblem.prices.start_cost > 0)
    if choices > POLISHED_CHOICES or solution.bound is None or _pays_for_starts(subproblem):
        # In the last case all that pays has been done.
        return True
    return _is_proven(subproblem, solution.objective, solution.bound)


def _is_proven(subproblem: Subproblem, money: float, bound: float) -> bool:
    """Tell whether a plan is proven to be nearly the cheapest."""
    measure = max(abs(money), SMALLEST_MONEY * subproblem.prices.unit)
    return money - bound <= PROVEN_GAP * measure


def _plan_plain(
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
    candidate = None
    recombine = not scarce and _pays_for_starts(subproblem)
    if recombine and len(subproblem.demands) <= FEW_CARS:
        candidate, bound = _recombine(dive, None, bound)
    if candidate is None:
        with clock.stage("dive"):
            candidate = dive.run(bound)
        if recombine and not _is_proven(subproblem, candidate.money, bound):
            better, bound = _recombine(dive, candidate, bound)
            candidate = better or candidate
    if candidate.missing_kwh > LACKING_KWH and not _is_searchable(subproblem):
        # Minimum powers leave less than the relaxation believes.
        scarce = True
    if scarce:
        with clock.stage("shares"):
            candidate = dive.share_out(
                candidate, np.array([demand.need_kwh for demand in subproblem.demands])
            )
            reached = (relaxation.gain * candidate.power_kw).sum(axis=1)
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
    if not scarce and candidate.missing_kwh > LACKING_KWH:
        needs = [
            min(need, demand.energy_kwh(power))
            for need, demand, power in zip(
                needs, subproblem.demands, candidate.power_kw, strict=True
            )
        ]
    return solution, needs, scarce, dive


def _recombine(
    dive: Dive, known: CandidatePlan | None, bound: float
) -> tuple[CandidatePlan | None, float]:
    """Look for a better plan, with starts in the relaxation; return it and what is proven."""
    with dive.relaxation.clock.stage("starts"):
        recombination = Recombination(dive, dive.subproblem.prices.start_cost, PROVEN_GAP)
        candidate = recombination.run(known)
    return candidate, max(bound, recombination.bound)


def _needed_starts(subproblem: Subproblem) -> float:
    """Return what the starts cost that no plan can do without."""
    waiting = sum(
        demand.need_kwh > NEGLIGIBLE_KWH and not demand.ev.charging for demand in subproblem.demands
    )
    return subproblem.prices.start_cost * waiting


def _search(
    subproblem: Subproblem,
    clock: SolveClock,
    *,
    scarce: bool,
    known: Solution | None = None,
    replan: Replan | None = None,
) -> Solution | None:
    """Search the whole integer program; None where there is no plan, or none was found."""
    if clock.is_up and known is not None:
        return None
    # Plain charging mostly needs no program: PuLP is imported when the first one is built.
    from .program.formulation import build  # noqa: PLC0415
    from .program.search import ProgramSearch  # noqa: PLC0415

    with clock.stage("build"):
        model = build(subproblem, scarce=scarce)
    with clock.stage("search"):
        search = ProgramSearch(model, clock, len(subproblem.step_h), replan)
        solution = search.run(None if known is None else known.power_kw)
    if solution is None or known is None:
        return solution
    solution.capacity_prices, solution.energy_prices = known.capacity_prices, known.energy_prices
    if solution.bound is not None and known.bound is not None:
        solution.bound = min(solution.objective, max(solution.bound, known.bound))
    return solution
