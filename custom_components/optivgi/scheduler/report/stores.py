"""Keeps batteries that also give between their least and their most, whatever became of a plan.

What is charged may have become less than planned, as chargers take whole steps of power or as the
battery tapers; then less can be given afterwards. And a solver may charge and give at once where
energy is worth nothing; of the difference more is stored than it reckoned with.
"""

import math

import numpy as np

from ..model import Battery, Discharge, Problem
from ..quantities.costs import Flows
from ..quantities.demand import Array, Demand
from ..quantities.tolerances import NEGLIGIBLE_KW, NEGLIGIBLE_KWH, PORTION_ROUNDING
from .fleet import Fleet


def battery_within_bounds(problem: Problem, battery_kw: Array | None) -> Array | None:
    """Return what the home battery can do of what was planned, per step.

    Args:
        problem: Where it is.
        battery_kw: What was planned: charging above 0, discharging below; None for nothing.
    """
    battery = problem.battery
    if battery is None or battery_kw is None:
        return battery_kw
    stored = battery.stored_kwh
    possible = np.array(battery_kw, dtype=np.float64)
    for step, hours in enumerate(problem.horizon.step_h):
        power = float(possible[step])
        if power > 0:
            gain = hours * battery.charge_efficiency
            power = _less_where_needed(power, (battery.capacity_kwh - stored) / gain, gain)
            stored += power * gain
        elif power < 0:
            loss = hours / battery.discharge_efficiency
            power = -_less_where_needed(-power, _above_minimum_kwh(battery, stored) / loss, loss)
            stored += power * loss
        possible[step] = power
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
        store = _Store(fleet, row)
        before = store.net_kwh(planned.drawn_kw[row], given[row])
        store.walk(power[row], given[row])
        store.give_up(power[row], given[row], before)
    return power, given


class _Store:
    """The battery of an EV as time passes."""

    def __init__(self, fleet: Fleet, row: int) -> None:
        self.demand: Demand = fleet.demands[row]
        self.min_kw, self.portion_kw = fleet.min_kw[row], fleet.portion_kw[row]
        self.floor_kw = fleet.floor_kw[row]

    def walk(self, power_kw: Array, given_kw: Array) -> None:
        """Lower in place what the battery cannot take, or does not hold."""
        demand = self.demand
        give = demand.ev.discharge
        if give is None:
            return
        stored, charged = give.stored_kwh, 0.0
        for step in np.flatnonzero(demand.hours > 0).tolist():
            if power_kw[step] > 0:
                gain = float(demand.gain_kwh[step])
                room = (give.capacity_kwh - stored) / gain
                power = _less_where_needed(float(power_kw[step]), room, gain)
                power_kw[step] = self._settable(step, power)
                taken = gain * demand.accepted_kw(charged, float(power_kw[step]), step)
                stored, charged = stored + taken, charged + taken
            if given_kw[step] > 0:
                loss = float(demand.hours[step]) / give.efficiency
                room = _above_minimum_kwh(give, stored) / loss
                power = _less_where_needed(float(given_kw[step]), room, loss)
                given_kw[step] = power if power >= give.min_power_kw - PORTION_ROUNDING else 0.0
                stored -= loss * float(given_kw[step])

    def give_up(self, power_kw: Array, given_kw: Array, enough_kwh: float) -> None:
        """Lower in place, from the end, what more is charged than enough; never what is given."""
        for step in np.flatnonzero(power_kw > 0)[::-1].tolist():
            spare = self.net_kwh(power_kw, given_kw) - enough_kwh
            if spare <= NEGLIGIBLE_KWH:
                return
            before = float(power_kw[step])
            needed = before - spare / float(self.demand.gain_kwh[step])
            power_kw[step] = max(self._enough(step, needed), float(self.floor_kw[step]))
            given = given_kw.copy()
            self.walk(power_kw, given)
            if (given < given_kw).any():
                power_kw[step] = before

    def net_kwh(self, power_kw: Array, given_kw: Array) -> float:
        """Return how much more is in the battery in the end than in the beginning."""
        give = self.demand.ev.discharge
        taken = (
            0.0 if give is None else float(np.dot(self.demand.hours, given_kw)) / give.efficiency
        )
        return self.demand.energy_kwh(self.demand.tapered(power_kw)) - taken

    def _settable(self, step: int, power_kw: float) -> float:
        """Return the highest power, not above this one, that the charger can be set to."""
        min_kw, portion = float(self.min_kw[step]), float(self.portion_kw[step])
        if power_kw < min_kw - PORTION_ROUNDING:
            return 0.0
        if portion > 0:
            return min_kw + math.floor((power_kw - min_kw) / portion + PORTION_ROUNDING) * portion
        return power_kw

    def _enough(self, step: int, power_kw: float) -> float:
        """Return the lowest power, not below this one, that the charger can be set to."""
        min_kw, portion = float(self.min_kw[step]), float(self.portion_kw[step])
        if power_kw <= NEGLIGIBLE_KW:
            return 0.0
        if portion > 0:
            portions = math.ceil((power_kw - min_kw) / portion - PORTION_ROUNDING)
            return min_kw + max(0, portions) * portion
        return max(min_kw, power_kw)


def _above_minimum_kwh(store: Battery | Discharge, stored_kwh: float) -> float:
    return max(0.0, stored_kwh - store.min_stored_kwh)


def _less_where_needed(power_kw: float, possible_kw: float, kwh_per_kw: float) -> float:
    """Return a power, or what is possible of it where that is less by more than rounding."""
    if (power_kw - possible_kw) * kwh_per_kw <= NEGLIGIBLE_KWH:
        return power_kw
    return max(0.0, possible_kw)
