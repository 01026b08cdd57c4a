"""Plans that keep what is imported below a level, where the highest power has a price.

Up to the peaks there have been, and those of the house alone, importing more costs nothing extra.
A plan within that is tried first, then higher levels, until all get what they would get without.
The cheapest of these plans is taken, or the one without a level.
"""

from collections.abc import Callable

import numpy as np

from ..model import Problem
from ..quantities.costs import Flows, bill_of
from ..quantities.demand import Array, Demand, NetworkLimits
from ..quantities.peaks import Billing
from ..quantities.tolerances import NEGLIGIBLE_KW

type Planner[Plan] = Callable[[Array | None], Plan]

_HALVINGS = 5
"""Of what a level is raised by at most."""
_LESS_KWH = 0.01
"""So much less than without a level a car may get."""


def cheapest_below_peaks[Plan](
    problem: Problem,
    planner: Planner[Plan],
    power_of: Callable[[Plan], list[Array]],
    *,
    is_up: Callable[[], bool],
) -> Plan:
    """Return the cheapest plan in which every car gets what it would get without a peak tariff.

    Args:
        problem: What is asked.
        planner: Plans with so much for all cars together, per step; None: with all there is.
        power_of: The power of each EV in a plan.
        is_up: Whether there is no time for another plan.
    """
    free = planner(None)
    tariffs = [tariff for tariff in problem.site.peak_tariffs if tariff.is_priced]
    if not tariffs or not problem.evs:
        return free
    billings = [Billing.of(tariff, problem.horizon) for tariff in tariffs]
    network = NetworkLimits.of(problem)
    demands = [Demand.of(problem, ev, network) for ev in problem.evs]
    wanted = _served_kwh(demands, power_of(free)) - _LESS_KWH
    best, lowest_cost = free, _net_cost(problem, demands, power_of(free))
    room = _room_below_kw(problem, billings, 0.0)
    low, raised = 0.0, 0.0
    high = float((np.sum(power_of(free), axis=0) - room).max())
    if high <= NEGLIGIBLE_KW:
        return free
    for _ in range(1 + _HALVINGS):
        if is_up():
            break
        plan = planner(_room_below_kw(problem, billings, raised))
        if (_served_kwh(demands, power_of(plan)) < wanted).any():
            low = raised
        else:
            high = raised
            cost = _net_cost(problem, demands, power_of(plan))
            if cost < lowest_cost:
                best, lowest_cost = plan, cost
        if high == 0:
            break
        raised = (low + high) / 2
    return best


def _room_below_kw(problem: Problem, billings: list[Billing], raised_kw: float) -> Array:
    """Return what all cars may draw together if peaks rise by so much, per step."""
    house = Flows.of(problem, np.zeros((len(problem.evs), len(problem.horizon))))
    level = np.full(len(problem.horizon), np.inf)
    for billing in billings:
        counted = billing.counted_kw(house.import_kw)
        max_kw = billing.free_up_to_kw(counted) + raised_kw - billing.offset_kw
        whole = np.maximum(billing.per_interval(billing.share), 1e-9)
        np.minimum.at(level, billing.step, (max_kw / whole)[billing.interval])
    room: Array = np.maximum(level - house.house_kw, 0.0)
    return room


def _served_kwh(demands: list[Demand], power_kw: list[Array]) -> Array:
    """Return how much of what it wants each gets."""
    return np.array(
        [
            min(demand.energy_kwh(demand.tapered(power)), demand.ev.wanted_kwh)
            for demand, power in zip(demands, power_kw, strict=True)
        ]
    )


def _net_cost(problem: Problem, demands: list[Demand], power_kw: list[Array]) -> float:
    """Return the true bill of a plan."""
    accepted = [demand.tapered(power) for demand, power in zip(demands, power_kw, strict=True)]
    return bill_of(Flows.of(problem, accepted))
