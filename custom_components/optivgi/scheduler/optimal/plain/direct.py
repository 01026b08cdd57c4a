"""Plans that need no program: where every car can have its cheapest steps, or all cost the same.

Car by car, whoever can wait least first, each takes the cheapest steps, and among equals the
earliest, of what the others have left. That is the cheapest plan, and proven so, if all get what
they need and either

- nobody wants what others have taken: each plan is the best of the car alone, or
- energy costs the same whenever it is drawn: then all plans that bring it cost the same,

and, where starts cost, nobody starts more often than once. In all other cases there is no answer
here, and the relaxation is solved.
"""

import numpy as np
from numpy.typing import NDArray

from ...quantities.demand import Array, Demand
from ...quantities.tolerances import NEGLIGIBLE_KW, NEGLIGIBLE_KWH
from ..solution import Solution
from ..subproblem import Subproblem

type StepOrder = NDArray[np.intp]


def plan_directly(subproblem: Subproblem, *, few_starts: bool) -> Solution | None:
    """Return the cheapest plan where that can be known without a program; else None.

    Args:
        subproblem: Cars in plain charging.
        few_starts: Nobody may start more often than needed, even where starts are free.
    """
    demands, prices = subproblem.demands, subproblem.prices
    if _is_more_than_prices(subproblem):
        return None
    possible = prices.buy[_usable_steps(subproblem)]
    is_flat = bool((possible == possible[0]).all())
    order = np.argsort(prices.buy / prices.unit + subproblem.early, kind="stable")
    power = [np.zeros(len(order)) for _ in demands]
    left = subproblem.network.capacity_kw.copy()
    starts = 0
    for index in np.argsort(_latest_starts_h(subproblem), kind="stable").tolist():
        demand = demands[index]
        room = _own_room_kw(demand, left)
        own = _first_steps(demand, room if is_flat else demand.ceiling_kw, order, prices.buy)
        if own is None or (own > room + NEGLIGIBLE_KW).any():
            return None
        begins = _begins(own, charging=demand.ev.charging)
        if (few_starts or prices.start_cost > 0) and begins > (not demand.ev.charging):
            return None
        starts += begins
        power[index] = own
        left -= np.outer(demand.share, own)
    money = prices.start_cost * starts
    money += sum(
        float(np.dot(demand.hours * prices.buy, own))
        for demand, own in zip(demands, power, strict=True)
    )
    return Solution(
        power_kw=power,
        objective=money,
        bound=money,
        capacity_prices=np.zeros_like(left),
        energy_prices=[
            float(prices.buy[own > 0].max(initial=0.0)) / demand.ev.efficiency
            for demand, own in zip(demands, power, strict=True)
        ],
    )


def _usable_steps(subproblem: Subproblem) -> NDArray[np.bool]:
    """Return the steps in which anybody can charge."""
    possible: NDArray[np.bool] = np.any(
        [demand.ceiling_kw > 0 for demand in subproblem.demands], axis=0
    )
    return possible


def _is_more_than_prices(subproblem: Subproblem) -> bool:
    """Tell whether more counts than what each of the energy needed costs in which step."""
    buy, surplus = subproblem.prices.buy, subproblem.network.surplus_kw
    possible = _usable_steps(subproblem)
    special = (buy < 0) | ((surplus > 0) & (buy != subproblem.prices.sell))
    return (
        not possible.any()
        or bool(special[possible].any())
        or any(demand.extra_kwh > 0 or demand.floor_kw.any() for demand in subproblem.demands)
    )


def _latest_starts_h(subproblem: Subproblem) -> list[float]:
    """Return when each car would have to start at the latest if it had all that it can draw."""
    begin = subproblem.elapsed_h
    latest = []
    for demand in subproblem.demands:
        possible = np.flatnonzero(demand.ceiling_kw)
        fastest = float(demand.ceiling_kw.max()) * demand.ev.efficiency
        end = float(begin[possible[-1]]) if len(possible) else 0.0
        latest.append(end - demand.need_kwh / max(fastest, NEGLIGIBLE_KW))
    return latest


def _own_room_kw(demand: Demand, left_kw: Array) -> Array:
    """Return the most that a car can draw of what is left, per step."""
    used = demand.share > 0
    left = (left_kw[used] / demand.share[used, None]).min(axis=0)
    room: Array = np.minimum(demand.ceiling_kw, np.where(left > NEGLIGIBLE_KW, left, 0.0))
    return room


def _first_steps(demand: Demand, room_kw: Array, order: StepOrder, price: Array) -> Array | None:
    """Return a car's power when it takes steps in an order until it has all; None if it cannot.

    Nor may there be less room on the way than its minimum power: together the cars might use it.
    """
    power = np.zeros_like(room_kw)
    if demand.need_kwh <= NEGLIGIBLE_KWH:
        return power
    steps = order[room_kw[order] > 0]
    gain, min_kw = demand.gain_kwh, demand.ev.min_power_kw
    reached = np.cumsum((gain * room_kw)[steps])
    if not len(steps) or reached[-1] < demand.need_kwh - NEGLIGIBLE_KWH:
        return None
    last = int(np.searchsorted(reached, demand.need_kwh - NEGLIGIBLE_KWH))
    chosen = steps[: last + 1]
    if float(room_kw[chosen].min()) < min_kw:
        return None
    power[chosen] = room_kw[chosen]
    at = chosen[-1]
    power[at] -= max(0.0, float(reached[last]) - demand.need_kwh) / gain[at]
    lacking = (min_kw - float(power[at])) * gain[at]
    if lacking <= 0:
        return power
    # The last step would be below the minimum power: others that cost the same give some of theirs.
    power[at] = min_kw
    for step in chosen[-2::-1].tolist():
        if price[step] != price[at]:
            break
        given = min(lacking, float(power[step] - min_kw) * gain[step])
        power[step] -= given / gain[step]
        lacking -= given
        if lacking <= 0:
            return power
    return None


def _begins(power_kw: Array, *, charging: bool) -> int:
    """Return how often charging begins."""
    on = np.concatenate(([charging], power_kw > 0))
    return int(np.count_nonzero(on[1:] & ~on[:-1]))
