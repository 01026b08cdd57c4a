"""The best plan for one car whose battery takes less as it fills, by dynamic programming.

As in dynamic.py, but the energy a step brings depends on what is stored by then. So time runs
backward: for each step and amount stored, what it still costs to fill the battery from there.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...quantities.demand import Array, Demand
from ...quantities.tapering import accepted_kw
from ...quantities.tolerances import NEGLIGIBLE_KW
from .dynamic import LEVELS, NEVER, Offer

POINTS = 301
"""Amounts stored at which the cost is computed; in between it is taken as linear."""
FULL_KWH = 1e4
"""More than any battery takes in a step."""


@dataclass(frozen=True, kw_only=True)
class _Move:
    """A limit that may be set in a step: what is stored after it, and its price, per amount."""

    after_kwh: Array
    money: Array


def best_tapered_plan(demand: Demand, offer: Offer) -> Array:
    """Return the cheapest limit per step for a car that tapers.

    Args:
        demand: The car and the energy it is to get; steps with a floor stay on.
        offer: What it can have, and at what price.
    """
    return demand.without_waste(_TaperTable(demand, offer).solve())


class _TaperTable:
    """What it costs to fill the battery from each amount stored, from each step on."""

    def __init__(self, demand: Demand, offer: Offer) -> None:
        minimum = max(demand.ev.min_power_kw, NEGLIGIBLE_KW)
        self.demand, self.offer = demand, offer
        self.possible = (offer.ceiling_kw >= minimum - NEGLIGIBLE_KW) & (demand.hours > 0)
        floor = np.maximum(demand.floor_kw, minimum)
        ceiling = np.maximum(offer.ceiling_kw, floor)
        self.levels = floor + np.linspace(0.0, 1.0, LEVELS)[:, None] * (ceiling - floor)
        self.stored = np.linspace(0.0, demand.need_kwh, POINTS)

    def _after(self, limit_kw: float, gain_kwh: float) -> Array:
        """Return what is stored after a step, for each amount stored before it."""
        ev = self.demand.ev
        edges = np.array([0.0, *(point.energy_kwh for point in ev.taper), FULL_KWH])
        allowed = (max(point.max_power_kw, ev.min_power_kw) for point in ev.taper)
        rates = np.array([limit_kw, *(min(limit_kw, rate) for rate in allowed)])
        # Parts of a step until each edge is reached; the battery fills along that line.
        passed = np.concatenate(([0.0], np.cumsum(np.diff(edges) / (rates * gain_kwh))))
        now = np.interp(self.stored, edges, passed)
        # The car stops when it has what it needs.
        full: Array = np.minimum(np.interp(now + 1.0, passed, edges), self.demand.need_kwh)
        return full

    def _move(self, step: int, level: int) -> _Move:
        gain = float(self.demand.gain_kwh[step])
        after = self._after(float(self.levels[level, step]), gain)
        return _Move(after_kwh=after, money=self._money(step, after - self.stored))

    def _money(self, step: int, energy_kwh: Array) -> Array:
        drawn = energy_kwh / self.demand.ev.efficiency
        cheap = np.minimum(drawn, self.offer.surplus_kw[step] * self.demand.hours[step])
        money: Array = self.offer.buy[step] * (drawn - cheap) + self.offer.sell[step] * cheap
        return money

    def solve(self) -> Array:
        """Return the cheapest limit in each step."""
        count = len(self.demand.hours)
        missing = self.demand.need_kwh - self.stored
        last = self.offer.shortage_cost * missing
        # What it costs from each step on, having been off, and having been on, before it.
        ahead = [(last, last)]
        for step in range(count - 1, -1, -1):
            off, on = ahead[-1]
            if not self.possible[step]:
                ahead.append((off, off))
                continue
            moves = [self._move(step, level) for level in range(LEVELS)]
            go = np.min(
                [move.money + np.interp(move.after_kwh, self.stored, on) for move in moves], axis=0
            )
            rest = np.full(POINTS, NEVER) if self.demand.floor_kw[step] > 0 else off
            ahead.append((np.minimum(rest, go + self.offer.start_cost), np.minimum(rest, go)))
        ahead.reverse()
        return self._follow(ahead)

    def _follow(self, ahead: list[tuple[Array, Array]]) -> Array:
        """Go forward from an empty store, choosing what is cheapest from where it has come to."""
        power = np.zeros(len(self.demand.hours))
        stored, was_on = 0.0, self.demand.ev.charging
        for step in np.flatnonzero(self.possible).tolist():
            off, on = ahead[step + 1]
            best = NEVER
            if self.demand.floor_kw[step] <= 0:
                best = float(np.interp(stored, self.stored, off))
            start = 0.0 if was_on else self.offer.start_cost
            chosen, reached = 0.0, stored
            for limit in self.levels[:, step].tolist():
                after = self._stored_after(stored, limit, step)
                money = float(self._money(step, np.array([after - stored]))[0]) + start
                ahead_cost = float(np.interp(after, self.stored, on))
                if money + ahead_cost < best - NEGLIGIBLE_KW:
                    best, chosen, reached = money + ahead_cost, limit, after
            power[step], was_on, stored = chosen, chosen > 0, reached
        return self._end(power)

    def _stored_after(self, stored: float, limit_kw: float, step: int) -> float:
        gain = float(self.demand.gain_kwh[step])
        taken = accepted_kw(self.demand.ev, stored, limit_kw, gain)
        return min(self.demand.need_kwh, stored + taken * gain)

    def _end(self, power: Array) -> Array:
        """Lower in place the last limit to what is still needed then."""
        on: NDArray[np.intp] = np.flatnonzero(power)
        if len(on):
            demand = self.demand
            step = int(on[-1])
            power[step] = 0.0
            rest = demand.need_kwh - demand.energy_kwh(demand.tapered(power))
            min_kw = max(demand.ev.min_power_kw, float(demand.floor_kw[step]))
            highest = float(self.levels[-1, step])
            power[step] = min(highest, max(min_kw, rest / float(demand.gain_kwh[step])))
            if demand.energy_kwh(demand.tapered(power)) < demand.need_kwh:
                # Slowed down within the step, it needs all it can get.
                power[step] = highest
        return power
