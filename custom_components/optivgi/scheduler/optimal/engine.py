"""Plans one group of cars: chooses between the ways to solve it.

Plain charging is planned on its relaxation (relaxation.py, dive.py), which takes milliseconds for
a household and fractions of a second for hundreds of cars. Where that leaves too much unproven,
and the group is small, and for what the relaxation cannot express, the whole integer program is
searched (formulation.py, search.py).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..errors import NoSolutionError
from ..quantities.demand import NEGLIGIBLE_KWH, Demand
from .clock import Clock
from .found import Found, Replan
from .plain.crossing import Crossing
from .plain.direct import plan_directly
from .plain.dive import LACKING_KWH, MARGIN_KWH, Dive, Plan
from .plain.relaxation import Relaxation
from .subproblem import EXACT_CHOICES, POLISHED_CHOICES, PROVEN_GAP, SMALLEST_MONEY, Group

EXACT_STEPS = 24
"""Up to so many powers the best plan on the chargers' own steps of power is sought."""
FEW_CARS = 4
"""Up to so many cars whose starts cost are not planned on the relaxation first: it is far off."""
TINY_START = 1e-4
"""What a start counts for where it is free, relative to the highest price per kWh."""


def plan_group(group: Group, clock: Clock) -> tuple[Found, list[float]]:
    """Find the cheapest plan for what the cars of a group can fairly get.

    Args:
        group: The cars.
        clock: The time there is.

    Returns:
        The plan, and the energy each car was to get by it.

    Raises:
        NoSolutionError: There was no time for any plan.
    """
    return _charge(group, clock) if _is_plain(group) else _search_all(group, clock)


def _charge(group: Group, clock: Clock) -> tuple[Found, list[float]]:
    """Plan what the relaxation expresses."""
    if not _has_few_steps(group):
        with clock.stage("direct"):
            direct = plan_directly(group, calm=_is_searchable(group))
        if direct is not None:
            return direct, [demand.need_kwh for demand in group.demands]
    found, needs, scarce, dive = _plan_plain(group, clock)
    if _has_few_steps(group) and not scarce:
        exact = _search(replace(group, whole_steps=True), clock, scarce=False)
        if exact is not None:
            return exact, [
                max(need, demand.energy_kwh(power))
                for need, demand, power in zip(needs, group.demands, exact.power_kw, strict=True)
            ]
    if not scarce and _is_short(group, found):
        # Minimum powers were in the way; the whole program may know a way around.
        full = _search(_with_tiny_starts(group), clock, scarce=False)
        if full is not None:
            found, needs = full, [demand.need_kwh for demand in group.demands]
    if not _is_good(group, found):
        asked = group.asking(needs)
        better = _search(
            _with_tiny_starts(asked),
            clock,
            scarce=scarce,
            known=found,
            replan=dive.replanned,
        )
        found = better or found
    with clock.stage("calm"):
        return dive.even_out(found), needs


def _search_all(group: Group, clock: Clock) -> tuple[Found, list[float]]:
    """Plan what only the whole integer program expresses."""
    needs = [demand.need_kwh for demand in group.demands]
    special = _search(group, clock, scarce=False)
    if special is None:
        # Not everybody can get everything.
        plain, needs, *_ = _plan_plain(_simplified(group), clock)
        needs = [
            min(need, demand.energy_kwh(power))
            for need, demand, power in zip(needs, group.demands, plain.power_kw, strict=True)
        ]
        special = _search(group.asking(needs), clock, scarce=True)
        if special is None:
            # No time for more; nothing is proven then.
            special = replace(plain, objective=0.0, bound=None)
    return special, needs


def _is_plain(group: Group) -> bool:
    """Tell whether the relaxation expresses all there is about a group."""
    forced = (group.tariff.sell > group.tariff.buy) & (group.wires.surplus_kw > 0)
    return (
        group.meter is None
        and not forced.any()
        and all(
            demand.ev.single_phase is None and demand.ev.discharge is None
            for demand in group.demands
        )
    )


def _has_few_steps(group: Group) -> bool:
    """Tell whether the best plan on the chargers' own steps of power can be sought."""
    return (
        any(demand.ev.power_step_kw > 0 for demand in group.demands)
        and _choices(group.demands, starts=True) <= EXACT_STEPS
    )


def _simplified(group: Group) -> Group:
    """Return a group without what is not plain."""
    return replace(
        group,
        meter=None,
        demands=[
            replace(demand, ev=replace(demand.ev, single_phase=None, discharge=None))
            for demand in group.demands
        ],
    )


def _choices(demands: Sequence[Demand], *, starts: bool) -> int:
    """Return how many powers are a choice between off and on."""
    return sum(
        int(np.count_nonzero(demand.ceiling_kw))
        for demand in demands
        if demand.ev.min_power_kw > 0 or starts
    )


def _is_short(group: Group, found: Found) -> bool:
    """Tell whether a plan leaves a car short that it need not, in a group that can be searched."""
    return _is_searchable(group) and any(
        demand.energy_kwh(power) < demand.need_kwh - LACKING_KWH
        for demand, power in zip(group.demands, found.power_kw, strict=True)
    )


def _pays_for_starts(group: Group) -> bool:
    """Tell whether starts cost in a group that is small enough to look closer."""
    return (
        group.tariff.start_cost > 0
        and _is_searchable(group)
        and not any(demand.extra_kwh > 0 for demand in group.demands)
    )


def _is_searchable(group: Group) -> bool:
    """Tell whether the whole integer program of a group is small enough to be searched."""
    return _choices(group.demands, starts=True) <= POLISHED_CHOICES


def _with_tiny_starts(group: Group) -> Group:
    """Return a group whose starts count for a trifle where they are free: fewer among equals."""
    tariff = group.tariff
    tiny = max(tariff.start_cost, TINY_START * tariff.unit)
    return replace(group, tariff=replace(tariff, start_cost=tiny))


def _is_good(group: Group, found: Found) -> bool:
    """Tell whether a plan is good enough, or the group too large for anything better."""
    if _choices(group.demands, starts=True) <= EXACT_CHOICES:
        # The best of all, and the calmest among equals.
        return False
    choices = _choices(group.demands, starts=group.tariff.start_cost > 0)
    if choices > POLISHED_CHOICES or found.bound is None or _pays_for_starts(group):
        # In the last case all that pays has been done.
        return True
    return _is_proven(group, found.objective, found.bound)


def _is_proven(group: Group, money: float, bound: float) -> bool:
    """Tell whether a plan is proven to be nearly the cheapest."""
    measure = max(abs(money), SMALLEST_MONEY * group.tariff.unit)
    return money - bound <= PROVEN_GAP * measure


def _plan_plain(group: Group, clock: Clock) -> tuple[Found, list[float], bool, Dive]:
    """Plan on the relaxation.

    Returns:
        The plan, the energies aimed for, whether they are shares of what is too little, and what
        made the plan.
    """
    with clock.stage("build"):
        relaxation = Relaxation(group, clock)
    with clock.stage("relaxation"):
        relaxation.solve_first()
    scarce = float(relaxation.missing_kwh.sum()) > LACKING_KWH
    if scarce:
        with clock.stage("shares"):
            priorities = np.array([demand.ev.priority for demand in group.demands])
            fair = relaxation.share(priorities)
            due = (relaxation.gain * relaxation.floor).sum(axis=1)
            relaxation.want(np.maximum(due, fair - MARGIN_KWH))
            if not relaxation.solve():
                raise NoSolutionError("no fair shares were found")
    bound = relaxation.money + _needed_starts(group)
    dive = Dive(relaxation)
    plan = None
    cross = not scarce and _pays_for_starts(group)
    if cross and len(group.demands) <= FEW_CARS:
        plan, bound = _cross(dive, None, bound)
    if plan is None:
        with clock.stage("dive"):
            plan = dive.run(bound)
        if cross and not _is_proven(group, plan.money, bound):
            better, bound = _cross(dive, plan, bound)
            plan = better or plan
    if plan.missing_kwh > LACKING_KWH and not _is_searchable(group):
        # Minimum powers leave less than the relaxation believes.
        scarce = True
    if scarce:
        with clock.stage("shares"):
            plan = dive.share_out(plan, np.array([demand.need_kwh for demand in group.demands]))
            reached = (relaxation.gain * plan.power_kw).sum(axis=1)
            bound = relaxation.cheapest(reached) + _needed_starts(group)
    capacity, energy = plan.shadow_prices
    needs = [float(need) for need in relaxation.need]
    found = Found(
        power_kw=list(plan.power_kw),
        objective=plan.money,
        bound=min(bound, plan.money),
        capacity_prices=capacity,
        energy_prices=[float(price) for price in energy],
    )
    if not scarce and plan.missing_kwh > LACKING_KWH:
        needs = [
            min(need, demand.energy_kwh(power))
            for need, demand, power in zip(needs, group.demands, plan.power_kw, strict=True)
        ]
    return found, needs, scarce, dive


def _cross(dive: Dive, known: Plan | None, bound: float) -> tuple[Plan | None, float]:
    """Look for a better plan, with starts in the relaxation; return it and what is proven."""
    with dive.relaxation.clock.stage("starts"):
        crossing = Crossing(dive, dive.group.tariff.start_cost, PROVEN_GAP)
        plan = crossing.run(known)
    return plan, max(bound, crossing.bound)


def _needed_starts(group: Group) -> float:
    """Return what the starts cost that no plan can do without."""
    waiting = sum(
        demand.need_kwh > NEGLIGIBLE_KWH and not demand.ev.charging for demand in group.demands
    )
    return group.tariff.start_cost * waiting


def _search(
    group: Group,
    clock: Clock,
    *,
    scarce: bool,
    known: Found | None = None,
    replan: Replan | None = None,
) -> Found | None:
    """Search the whole integer program; None where there is no plan, or none was found."""
    if clock.is_up and known is not None:
        return None
    # Plain charging mostly needs no program: PuLP is imported when the first one is built.
    from .program.formulation import build  # noqa: PLC0415
    from .program.search import Search  # noqa: PLC0415

    with clock.stage("build"):
        model = build(group, scarce=scarce)
    with clock.stage("search"):
        search = Search(model, clock, len(group.step_h), replan)
        found = search.run(None if known is None else known.power_kw)
    if found is None or known is None:
        return found
    found.capacity_prices, found.energy_prices = known.capacity_prices, known.energy_prices
    if found.bound is not None and known.bound is not None:
        found.bound = min(found.objective, max(found.bound, known.bound))
    return found
