"""One EV of a plan while its powers are changed: what it can be set to, and what that comes to."""

import math

import numpy as np

from ..model import Battery, Discharge
from ..quantities.demand import Array, Demand
from ..quantities.tolerances import NEGLIGIBLE_KW, NEGLIGIBLE_KWH, PORTION_ROUNDING
from .fleet import Fleet


class PlannedCar:
    """One EV, with its powers; they are changed in place.

    Attributes:
        demand: The EV.
        power_kw: What it may draw, per step.
        given_kw: What it gives back, per step.
    """

    def __init__(self, fleet: Fleet, row: int, power_kw: Array, given_kw: Array) -> None:
        """Take a row of each."""
        self.demand: Demand = fleet.demands[row]
        self.power_kw, self.given_kw = power_kw, given_kw
        self.min_kw, self.portion_kw = fleet.min_kw[row], fleet.portion_kw[row]
        self.max_kw, self.floor_kw = fleet.max_kw[row], fleet.floor_kw[row]

    @property
    def net_kwh(self) -> float:
        """How much more is in the battery in the end than in the beginning."""
        return self.net_kwh_with(self.power_kw, self.given_kw)

    def net_kwh_with(self, power_kw: Array, given_kw: Array) -> float:
        """Return the same for other powers."""
        give = self.demand.ev.discharge
        charged = self.demand.energy_kwh(
            self.demand.tapered(power_kw, given_kw=given_kw, min_kw=self.min_kw)
        )
        if give is None:
            return charged
        return charged - float(np.dot(self.demand.hours, given_kw)) / give.efficiency

    def at_most(self, step: int, power_kw: float) -> float:
        """Return the highest power, not above this one, that the charger can be set to."""
        min_kw, portion = float(self.min_kw[step]), float(self.portion_kw[step])
        if power_kw < max(min_kw - PORTION_ROUNDING, NEGLIGIBLE_KW):
            return 0.0
        if portion > 0:
            portions = math.floor((power_kw - min_kw) / portion + PORTION_ROUNDING)
            return min_kw + max(0, portions) * portion
        return max(min_kw, power_kw)

    def at_least(self, step: int, power_kw: float) -> float:
        """Return the lowest power, not below this one, that the charger can be set to."""
        min_kw, portion = float(self.min_kw[step]), float(self.portion_kw[step])
        if power_kw <= NEGLIGIBLE_KW:
            return 0.0
        if portion > 0:
            portions = math.ceil((power_kw - min_kw) / portion - PORTION_ROUNDING)
            return min_kw + max(0, portions) * portion
        return max(min_kw, power_kw)

    def set(self, step: int, power_kw: float) -> bool:
        """Change the power of a step; return whether the battery allows that, else leave it."""
        before = float(self.power_kw[step])
        self.power_kw[step] = power_kw
        if self._is_within_bounds():
            return True
        self.power_kw[step] = before
        return False

    def _is_within_bounds(self) -> bool:
        """Tell whether a battery that also gives is never emptier or fuller than it may be."""
        if not self.given_kw.any():
            return True
        power, given = self.power_kw.copy(), self.given_kw.copy()
        self.bring_within_bounds()
        same = np.array_equal(power, self.power_kw) and np.array_equal(given, self.given_kw)
        self.power_kw[:], self.given_kw[:] = power, given
        return same

    def bring_within_bounds(self) -> None:
        """Lower in place what the battery cannot take, or does not hold, as time passes."""
        demand = self.demand
        give = demand.ev.discharge
        if give is None:
            return
        stored = give.stored_kwh
        for step in np.flatnonzero(demand.hours > 0).tolist():
            if self.power_kw[step] > 0:
                gain = float(demand.gain_kwh[step])
                room = (demand.ev.full_kwh - stored) / gain
                power = float(self.power_kw[step])
                if (less := less_where_needed(power, room, gain)) < power:
                    self.power_kw[step] = self.at_most(step, less)
                power = float(self.power_kw[step])
                if power > 0:
                    more, min_kw = stored - give.stored_kwh, float(self.min_kw[step])
                    stored += gain * demand.accepted_kw(more, power, step, min_kw=min_kw)
            if self.given_kw[step] > 0:
                loss = float(demand.hours[step]) / give.efficiency
                room = above_minimum_kwh(give, stored) / loss
                power = less_where_needed(float(self.given_kw[step]), room, loss)
                is_enough = power >= give.min_power_kw - PORTION_ROUNDING
                self.given_kw[step] = power if is_enough else 0.0
                stored -= loss * float(self.given_kw[step])


def above_minimum_kwh(store: Battery | Discharge, stored_kwh: float) -> float:
    """Return what a store holds beyond what it is never discharged below."""
    return max(0.0, stored_kwh - store.min_stored_kwh)


def less_where_needed(power_kw: float, possible_kw: float, kwh_per_kw: float) -> float:
    """Return a power, or what is possible of it where that is less by more than rounding."""
    if (power_kw - possible_kw) * kwh_per_kw <= NEGLIGIBLE_KWH:
        return power_kw
    return max(0.0, possible_kw)
