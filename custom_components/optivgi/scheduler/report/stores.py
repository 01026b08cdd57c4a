"""Keeps batteries that also give between their least and their most, whatever became of a plan.

What is charged may have become less than planned, as chargers take whole steps of power or as the
battery tapers; then less can be given afterwards. And a solver may charge and give at once where
energy is worth nothing; of the difference more is stored than it counted on.
"""

import numpy as np

from ..model import Battery, PerStep, Problem
from ..quantities.costs import Flows
from ..quantities.demand import Array
from ..quantities.storage import BatteryPowers
from ..quantities.tolerances import NEGLIGIBLE_KW
from .excess import lower
from .fleet import Fleet
from .planned_car import PlannedCar, above_minimum_kwh, less_where_needed


def batteries_within_bounds(problem: Problem, battery_kw: BatteryPowers) -> dict[str, Array]:
    """Return what home batteries can do of what was planned, per step.

    Args:
        problem: Where they are.
        battery_kw: What was planned: charging above 0, discharging below.
    """
    return {
        battery.id: _within_bounds(battery, problem.horizon.step_h, battery_kw[battery.id])
        for battery in problem.batteries
        if battery.id in battery_kw
    }


def _within_bounds(battery: Battery, step_h: PerStep, battery_kw: Array) -> Array:
    stored = battery.stored_kwh
    possible = np.array(battery_kw, dtype=np.float64)
    for step, hours in enumerate(step_h):
        power = float(possible[step])
        if power > 0:
            gain = hours * battery.charge_efficiency
            room = max(0.0, battery.capacity_kwh - stored)
            power = less_where_needed(power, room / gain, gain)
            stored += power * gain
        elif power < 0:
            loss = hours / battery.discharge_efficiency
            power = -less_where_needed(-power, above_minimum_kwh(battery, stored) / loss, loss)
            stored += power * loss
        possible[step] = power if abs(power) >= battery.min_power_kw - NEGLIGIBLE_KW else 0.0
    return possible


def evs_within_bounds(fleet: Fleet, planned: Flows, power_kw: Array) -> tuple[Array, Array]:
    """Return what EVs may draw, and what they give, as far as their batteries can.

    Where one gives less than planned, it is charged with no more than planned either.

    Args:
        fleet: The EVs.
        planned: What they were planned to draw and give.
        power_kw: What they may draw of it, per step.
    """
    if not planned.given_kw.any():
        return power_kw, planned.given_kw
    power, given = power_kw.copy(), planned.given_kw.copy()
    for row in np.flatnonzero(given.any(axis=1)).tolist():
        car = PlannedCar(fleet, row, power[row], given[row])
        before = car.net_kwh_with(planned.drawn_kw[row], planned.given_kw[row])
        car.bring_within_bounds()
        lower(car, np.flatnonzero(power[row])[::-1], before)
    return power, given
