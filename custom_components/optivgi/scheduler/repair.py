"""Repairs a plan: changes it as little as possible until it fits the limits and brings the energy.

What is done now stays, if it can: changes are made at the end of a charge, among steps of the
same price, and the present step is touched last.
"""

from collections.abc import Sequence
import math

import numpy as np

from .quantities.demand import Array, Demand, NetworkLimits
from .quantities.tolerances import NEGLIGIBLE_KW, PORTION_ROUNDING

MISSED_KWH = 0.01
"""Energy that a repaired plan may miss;"""
BEYOND_KWH = 0.05
"""or bring beyond the need, or beyond a whole portion of power more than it."""
_TURNS = 8
"""Steps by which a charge may be prolonged, at most."""


def cut_down(
    demands: Sequence[Demand],
    network: NetworkLimits,
    power_kw: Sequence[Array],
    fresh_kw: Sequence[Array],
    ours: Sequence[bool],
) -> bool:
    """Lower powers in place until they fit the network limits.

    Who can be set to any power gives way first, as others would give up a whole portion for a hair.
    Where all are at their minimum, those pause that pause in the fresh plan as well.

    Args:
        demands: Who charges.
        network: What may be drawn.
        power_kw: What each draws, per step.
        fresh_kw: What each draws by the fresh plan.
        ours: Who may be changed.

    Returns:
        Whether it fits.
    """
    shares = np.array([demand.share for demand in demands])
    load = shares.T @ np.array(power_kw)
    order = sorted(np.flatnonzero(ours), key=lambda index: demands[index].ev.power_step_kw > 0)
    for row, step in np.argwhere(load > network.capacity_kw + PORTION_ROUNDING):
        capacity = float(network.capacity_kw[row, step])

        def over(row: int = row, step: int = step, capacity: float = capacity) -> float:
            return float(shares[:, row] @ [series[step] for series in power_kw]) - capacity

        for index in order:
            if over() > 0 and shares[index, row] > 0:
                _give_way(demands[index], power_kw[index], step, over() / shares[index, row])
        for index in order:
            paused = fresh_kw[index][step] <= NEGLIGIBLE_KW
            if over() > PORTION_ROUNDING and shares[index, row] > 0 and paused:
                power_kw[index][step] = 0.0
        if over() > PORTION_ROUNDING:
            return False
    return True


def _give_way(demand: Demand, power_kw: Array, step: int, over_kw: float) -> None:
    """Lower a car's power in a step in place, by whole portions, not below its minimum."""
    spare = float(power_kw[step]) - demand.ev.min_power_kw
    portion = demand.ev.power_step_kw
    given = over_kw
    if portion > 0:
        given = math.ceil(over_kw / portion - PORTION_ROUNDING) * portion
        spare = math.floor(spare / portion + PORTION_ROUNDING) * portion
    power_kw[step] -= max(0.0, min(given, spare))


def repair(demand: Demand, power_kw: Array, energy_kwh: float, prices: Array, room: Array) -> bool:
    """Change in place the power of a car until it brings some energy.

    Args:
        demand: The car.
        power_kw: What it draws, per step.
        energy_kwh: What should come into its battery.
        prices: Of a kWh, per step; cheap steps are raised and expensive ones lowered.
        room: What is left of each row of the network, per step; changed in place.

    Returns:
        Whether that suffices.
    """
    work = _Repair(demand, power_kw, prices, room)
    if -BEYOND_KWH <= work.missing_kwh(energy_kwh) <= MISSED_KWH:
        return True
    work.lower(energy_kwh)
    work.raise_(energy_kwh)
    work.raise_present(energy_kwh, up_to_kw=demand.ev.power_step_kw)
    for _ in range(_TURNS):
        if work.missing_kwh(energy_kwh) <= MISSED_KWH or not work.prolong(energy_kwh):
            break
        work.lower(energy_kwh)
        work.raise_(energy_kwh)
    work.raise_present(energy_kwh)
    missing = work.missing_kwh(energy_kwh)
    return -work.beyond_kwh - PORTION_ROUNDING <= missing <= MISSED_KWH


def steady(demand: Demand, power_kw: Array, energy_kwh: float, prices: Array, room: Array) -> None:
    """Let limits in place stay the same while a battery takes less and less by itself.

    A limit that follows what the battery takes is one more to be sent in each step, for nothing.

    Args:
        demand: The car.
        power_kw: What it draws, per step.
        energy_kwh: What should come into its battery.
        prices: Of a kWh, per step.
        room: What is left of each row of the network, per step; changed in place.
    """
    if demand.ev.taper and demand.ev.min_energy_kwh <= 0:
        _Repair(demand, power_kw, prices, room).level(energy_kwh)


class _Repair:
    """One car's power while it is changed."""

    def __init__(self, demand: Demand, power_kw: Array, prices: Array, room: Array) -> None:
        self.demand = demand
        self.power = power_kw
        self.prices = prices
        self.room = room
        self.used = demand.share > 0

    @property
    def beyond_kwh(self) -> float:
        """What the last step may bring too much: the car is stopped when it is ready.

        That is a portion of power, or the minimum that it cannot do with less than.
        """
        ev = self.demand.ev
        last = max(self._on(), default=0)
        coarse_kwh = max(ev.power_step_kw, ev.min_power_kw) * float(self.demand.gain_kwh[last])
        return max(BEYOND_KWH, min(coarse_kwh, ev.room_kwh - ev.wanted_kwh))

    def missing_kwh(self, energy_kwh: float) -> float:
        """Return what is missing of an energy; negative where there is more."""
        return energy_kwh - self.demand.energy_kwh(self.demand.tapered(self.power))

    def _change(self, step: int, change_kw: float) -> None:
        self.power[step] += change_kw
        self.room[:, step] -= self.demand.share * change_kw

    def _highest_kw(self, step: int) -> float:
        """Return the most the car could draw in a step beside the others."""
        free = float((self.room[self.used, step] / self.demand.share[self.used]).min())
        return min(float(self.power[step]) + max(0.0, free), float(self.demand.ceiling_kw[step]))

    def _on(self) -> list[int]:
        return [int(step) for step in np.flatnonzero(self.power > 0)]

    def lower(self, energy_kwh: float) -> None:
        """Take away what is too much: from expensive steps first, from the last among equals.

        The present is left as it is for what may be too much anyway: the car is stopped when it
        is ready.
        """
        min_kw = self.demand.ev.min_power_kw
        portion = self.demand.ev.power_step_kw
        for step in sorted(self._on(), key=lambda step: (step == 0, -self.prices[step], -step)):
            excess = -self.missing_kwh(energy_kwh)
            gain = float(self.demand.gain_kwh[step])
            if excess <= (self.beyond_kwh if step == 0 else BEYOND_KWH) or gain <= 0:
                continue
            power = float(self.power[step])
            ends = step + 1 == len(self.power) or self.power[step + 1] <= 0
            if ends and step > 0 and excess >= power * gain:
                self._change(step, -power)
                continue
            less = min(excess / gain, power - min_kw)
            if portion > 0:
                less = math.floor(less / portion + PORTION_ROUNDING) * portion
            if less > 0:
                self._change(step, -less)

    def raise_(self, energy_kwh: float) -> None:
        """Add what is missing where it charges later: to cheap steps first, to the last first."""
        for step in sorted(self._on(), key=lambda step: (self.prices[step], -step)):
            if step > 0:
                self._raise_step(step, energy_kwh)

    def raise_present(self, energy_kwh: float, up_to_kw: float = math.inf) -> None:
        """Add what is missing to the present, if it charges and that takes no more than a limit."""
        if len(self.power) and self.power[0] > 0:
            self._raise_step(0, energy_kwh, up_to_kw)

    def _raise_step(self, step: int, energy_kwh: float, up_to_kw: float = math.inf) -> None:
        portion = self.demand.ev.power_step_kw
        missing = self.missing_kwh(energy_kwh)
        gain = float(self.demand.gain_kwh[step])
        if missing <= MISSED_KWH or gain <= 0 or missing / gain > up_to_kw + PORTION_ROUNDING:
            return
        max_rise_kw = self._highest_kw(step) - float(self.power[step])
        more = min(missing / gain, max_rise_kw)
        if portion > 0:
            # Rather one portion too many than one too few.
            portions = math.ceil(missing / gain / portion - PORTION_ROUNDING)
            more = min(portions, math.floor(max_rise_kw / portion + PORTION_ROUNDING)) * portion
        if more > 0:
            self._change(step, more)

    def prolong(self, energy_kwh: float) -> bool:
        """Let the cheapest charge last one step longer; return whether one can."""
        min_kw = self.demand.ev.min_power_kw
        off = self.power <= 0
        after = np.flatnonzero(off[1:] & ~off[:-1]) + 1
        able = [
            int(step)
            for step in after
            if self.demand.gain_kwh[step] > 0
            and self._highest_kw(int(step)) >= max(min_kw, NEGLIGIBLE_KW)
        ]
        if not able:
            return False
        step = min(able, key=lambda step: (self.prices[step], step))
        gain = float(self.demand.gain_kwh[step])
        power = min(max(min_kw, self.missing_kwh(energy_kwh) / gain), self._highest_kw(step))
        if (portion := self.demand.ev.power_step_kw) > 0:
            power = min_kw + math.floor((power - min_kw) / portion + PORTION_ROUNDING) * portion
        self._change(step, max(power, NEGLIGIBLE_KW * 2))
        return True

    def level(self, energy_kwh: float) -> None:
        """Take over the limit of the step before wherever that makes next to no difference."""
        portion = self.demand.ev.power_step_kw
        for step in self._on():
            before = float(self.power[step - 1]) if step else 0.0
            change = min(before, self._highest_kw(step)) - float(self.power[step])
            if portion > 0:
                change = math.floor(change / portion + PORTION_ROUNDING) * portion
            if before <= 0 or abs(change) <= NEGLIGIBLE_KW:
                continue
            self._change(step, change)
            missing = self.missing_kwh(energy_kwh)
            if not -self.beyond_kwh <= missing <= MISSED_KWH:
                self._change(step, -change)
