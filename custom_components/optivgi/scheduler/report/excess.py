"""Takes back what a plan charges beyond what was asked.

A minimum power or whole steps of power may not meet a need exactly; then a car gets up to one step
of that more, unless it is never to get more: then less. Beyond that no plan has a reason, except
that being paid for energy looks like one.
"""

from collections.abc import Iterable

import numpy as np

from ..quantities.costs import Flows
from ..quantities.demand import Array
from ..quantities.tolerances import NEGLIGIBLE_KWH
from .fleet import Fleet
from .planned_car import PlannedCar

_ROUNDS = 4
"""A battery that tapers takes a part again, in later steps, of what it is not given in one."""


def without_excess(fleet: Fleet, flows: Flows, power_kw: Array) -> Array:
    """Return powers with which no EV gets more than it asked and one step at its minimum.

    Args:
        fleet: The EVs.
        flows: What they draw of that power, as their batteries take it, and what they give.
        power_kw: What they may draw, per step.
    """
    cars = [demand.ev for demand in fleet.demands]
    net = fleet.net_kwh(flows)
    asked = np.array([ev.wanted_kwh + ev.possible_extra_kwh for ev in cars])
    allowed = np.array([ev.room_kwh for ev in cars])
    step = (fleet.gain_kwh * np.maximum(fleet.min_kw, fleet.portion_kw)).max(axis=1, initial=0.0)
    over = net > np.minimum(asked + step, allowed) + NEGLIGIBLE_KWH
    if not over.any():
        return power_kw
    power = power_kw.copy()
    expensive_first = np.argsort(-_marginal_price(flows), kind="stable")
    for row in np.flatnonzero(over).tolist():
        car = PlannedCar(fleet, row, power[row], flows.given_kw[row])
        steps = expensive_first[power[row][expensive_first] > 0]
        lower(car, steps, float(asked[row]))
        if car.net_kwh > allowed[row] + NEGLIGIBLE_KWH:
            _keep_below(car, float(allowed[row]))
    return power


def lower(car: PlannedCar, steps: Iterable[int], enough_kwh: float) -> None:
    """Lower what an EV draws, step by step, while it keeps enough; never what it gives.

    First it draws less where it charges; then, as long as that is still too much, it does not.
    What is less than a portion of a whole step stays: only a short one, as the present often is,
    could be lowered for it.
    """
    portion_kwh = float((car.portion_kw * car.demand.gain_kwh).max(initial=0.0))
    for off in (*(False,) * _ROUNDS, True):
        for step in map(int, steps):
            spare = car.net_kwh - enough_kwh
            if spare <= max(NEGLIGIBLE_KWH, portion_kwh - NEGLIGIBLE_KWH):
                return
            gain = float(car.demand.gain_kwh[step])
            needed = float(car.power_kw[step]) - spare / gain
            lowest = max(float(car.floor_kw[step]), 0.0 if off else float(car.min_kw[step]))
            power = car.at_least(step, max(needed, lowest))
            if power < car.power_kw[step]:
                car.set(step, power)


def _keep_below(car: PlannedCar, allowed_kwh: float) -> None:
    """Lower in place what brings an EV beyond what it may ever get, where that takes least."""
    gain = car.demand.gain_kwh
    left = set(np.flatnonzero(car.power_kw).tolist())
    while left and (excess := car.net_kwh - allowed_kwh) > NEGLIGIBLE_KWH:
        lower_kw = {at: car.at_most(at, car.power_kw[at] - excess / gain[at]) for at in left}
        loss_kwh = {at: (car.power_kw[at] - lower_kw[at]) * gain[at] for at in left}
        step = min(left, key=lambda at: (loss_kwh[at], at))
        car.set(step, lower_kw[step])
        left.remove(step)


def _marginal_price(flows: Flows) -> Array:
    """Return what a kWh less in each step saves: imported, or else not exported."""
    problem = flows.problem
    price: Array = np.where(
        flows.import_kw > 0, np.array(problem.decision_price), np.array(problem.export_price)
    )
    return price
