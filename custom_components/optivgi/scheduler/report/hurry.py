"""Lets cars that charge at once use what the others leave them, sooner.

What is shared in fractions, and then brought to whole steps of power, leaves room in early steps.
"""

import numpy as np
from numpy.typing import NDArray

from ..quantities.costs import Flows
from ..quantities.demand import Array
from ..quantities.tolerances import NEGLIGIBLE_KW, NEGLIGIBLE_KWH, REPORTED_KWH
from .changed_car import ChangedCar
from .excess import lower
from .fleet import Fleet
from .rounding import RaisedCar, Room


def hurry(fleet: Fleet, flows: Flows, power_kw: Array) -> Array:
    """Return powers with which no EV that charges at once could have its energy sooner.

    Args:
        fleet: The EVs.
        flows: What they draw of that power, as their batteries take it, and what they give.
        power_kw: What they may draw, per step.
    """
    rows = [row for row, demand in enumerate(fleet.demands) if demand.ev.at_once]
    if not power_kw[rows].any():
        return power_kw
    power = power_kw.copy()
    room = Room.after(fleet, flows, power)
    for row in sorted(rows, key=lambda row: -fleet.demands[row].ev.priority):
        car = ChangedCar(fleet, row, RaisedCar(fleet, row, power, room))
        for step in range(len(car.power_kw) - 1):
            _hasten(car, step)
    return power_kw if np.array_equal(power, power_kw) else power


def _hasten(car: ChangedCar, step: int) -> None:
    """Draw more in a step, and as much less in later ones, where that is possible."""
    gain, before = car.demand.gain_kwh, car.power_kw.copy()
    later = step + 1 + np.flatnonzero(before[step + 1 :])
    later_kwh = gain[later] * before[later]
    if not later_kwh.sum() > REPORTED_KWH:
        return
    rise_kw = float(car.raised.max_rise_kw(under_peak=False)[step])
    if rise_kw * gain[step] <= REPORTED_KWH:
        return
    # All that comes later; or all but the least that can be charged in the first step after.
    for moved_kwh in (later_kwh.sum(), later_kwh.sum() - gain[later[0]] * car.min_kw[later[0]]):
        power = car.at_most(step, before[step] + min(rise_kw, float(moved_kwh / gain[step])))
        if power > before[step] + NEGLIGIBLE_KW and _is_moved(car, step, power, later):
            return


def _is_moved(car: ChangedCar, step: int, power_kw: float, later: NDArray[np.intp]) -> bool:
    """Draw that much in a step and less in later ones; return whether it is the same energy."""
    energy_kwh, before = car.net_kwh, car.power_kw.copy()
    if car.demand.ev.extra_energy_kwh <= 0:
        # Whole portions may have brought more than is wanted, which is not worth another one.
        energy_kwh = min(energy_kwh, car.demand.ev.wanted_kwh)
    if car.set(step, power_kw):
        lower(car, later[::-1], energy_kwh)
        portion_kwh = float((car.portion_kw * car.demand.gain_kwh).max())
        allowed_kwh = energy_kwh + max(portion_kwh, REPORTED_KWH) - 2 * NEGLIGIBLE_KWH
        is_less_later = not np.array_equal(car.power_kw[later], before[later])
        is_enough = car.net_kwh <= min(allowed_kwh, car.demand.ev.room_kwh) + NEGLIGIBLE_KWH
        if is_less_later and is_enough:
            return True
        for at in np.flatnonzero(car.power_kw != before).tolist():
            car.raised.change(at, float(before[at] - car.power_kw[at]))
    return False
