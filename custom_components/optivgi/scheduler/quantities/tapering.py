"""What a battery takes as it fills: less from each of its taper points on. Plain Python."""

import math

from ..model.problem import EV


def rate_kw(ev: EV, stored_kwh: float, power_kw: float, *, min_kw: float | None = None) -> float:
    """Return the power at which a car charges that may draw so much.

    A battery that would take less than the charger's minimum power is taken to draw that:
    limits cannot be lower, and the last percents hardly matter.

    Args:
        ev: The car.
        stored_kwh: How much more its battery holds by then than at the beginning.
        power_kw: What it may draw.
        min_kw: Its minimum on the phases it is on; by default that on all of them.
    """
    lowest = ev.min_power_kw if min_kw is None else min_kw
    allowed = math.inf
    for point in ev.taper:
        if point.energy_kwh > stored_kwh:
            break
        allowed = max(point.max_power_kw, lowest)
    return min(power_kw, allowed)


def accepted_kw(
    ev: EV, stored_kwh: float, power_kw: float, gain_kwh: float, *, min_kw: float | None = None
) -> float:
    """Return the mean power a car draws in a step, slowing down at each taper point it reaches.

    Args:
        ev: The car.
        stored_kwh: How much more its battery holds by then than at the beginning.
        power_kw: What it may draw.
        gain_kwh: Energy into the battery in the step, per kW.
        min_kw: Its minimum on the phases it is on; by default that on all of them.
    """
    lowest = ev.min_power_kw if min_kw is None else min_kw
    left, energy, rate = 1.0, 0.0, power_kw
    for point in ev.taper:
        room = point.energy_kwh - stored_kwh - energy
        if room > 0 and rate > 0:
            time = min(left, room / (rate * gain_kwh))
            energy += time * rate * gain_kwh
            left -= time
            if left <= 0:
                return energy / gain_kwh
        rate = min(power_kw, max(point.max_power_kw, lowest))
    return energy / gain_kwh + left * rate
