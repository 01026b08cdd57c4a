"""Brings a plan to the steps that chargers can be set to, without losing energy over it.

A charger that takes whole amperes can only be told less than a plan in between. Left alone that
adds up over a night: the car is late, or is charged in dearer steps. So powers are rounded here,
and what one car cannot use goes to where energy is cheapest.
"""

from collections.abc import Sequence

import numpy as np

from .demand import NEGLIGIBLE_KWH, Array, Demand, Wires
from .model import Problem

_ROUNDING = 1e-6
"""What a number of steps may be off by sums of powers."""


def round_to_steps(
    problem: Problem, demands: Sequence[Demand], wires: Wires, power_kw: Sequence[Array]
) -> None:
    """Change powers in place so that each is on a step of its EV.

    The steps in which a car charges stay the same. Within them, energy that rounding takes is
    put where it costs least and where the wires have room. A car may get up to one step of power
    in one slot beyond its need, rather than less than it.

    Args:
        problem: The prices.
        demands: The EVs on the grid.
        wires: What may be drawn by all of them.
        power_kw: The power of each EV, per step; changed in place.
    """
    if not any(demand.ev.power_step_kw > 0 for demand in demands):
        return
    wanted = [demand.energy_kwh(power) for demand, power in zip(demands, power_kw, strict=True)]
    for demand, power in zip(demands, power_kw, strict=True):
        power[:] = _floor(demand, power)
    room = wires.capacity_kw - sum(
        np.outer(demand.share, power) for demand, power in zip(demands, power_kw, strict=True)
    )
    # Those with steps first: the others can use any remainder.
    order = sorted(range(len(demands)), key=lambda index: demands[index].ev.power_step_kw <= 0)
    for index in order:
        demand = demands[index]
        if demand.ev.surplus_only:
            continue
        prices = np.array(problem.site.import_price)
        if demand.ev.at_once:
            prices = np.arange(len(prices), dtype=np.float64)
        _refill(demand, power_kw[index], wanted[index], prices, room)


def _floor(demand: Demand, power_kw: Array) -> Array:
    """Return powers rounded down to the steps of an EV; what does not reach the first is 0."""
    minimum, step = demand.ev.min_power_kw, demand.ev.power_step_kw
    if step <= 0:
        return power_kw
    steps = np.floor((power_kw - minimum) / step + _ROUNDING)
    rounded: Array = np.where(steps < 0, 0.0, minimum + steps * step)
    return np.where(power_kw > 0, np.minimum(rounded, power_kw), 0.0)


def _refill(demand: Demand, power_kw: Array, energy_kwh: float, prices: Array, room: Array) -> None:
    """Spread an EV's energy anew over the steps in which it charges, cheapest first, in place."""
    minimum, step = demand.ev.min_power_kw, demand.ev.power_step_kw
    on = power_kw > 0
    if not on.any():
        return
    room += np.outer(demand.share, power_kw)
    used = demand.share > 0
    headroom = np.minimum((room[used] / demand.share[used, None]).min(axis=0), demand.ceiling_kw)
    filled = np.where(on, np.minimum(minimum, headroom), 0.0)
    missing = energy_kwh - demand.energy_kwh(filled)
    for slot in sorted(map(int, np.flatnonzero(on)), key=lambda slot: (prices[slot], slot)):
        if missing <= NEGLIGIBLE_KWH:
            break
        gain = float(demand.gain_kwh[slot])
        most = float(headroom[slot] - filled[slot])
        raised = min(most, missing / gain)
        if step > 0:
            whole = np.ceil(raised / step - _ROUNDING) * step
            raised = (
                whole if whole <= most + _ROUNDING else np.floor(most / step + _ROUNDING) * step
            )
        filled[slot] += max(0.0, raised)
        missing -= raised * gain
    power_kw[:] = filled
    room -= np.outer(demand.share, power_kw)
