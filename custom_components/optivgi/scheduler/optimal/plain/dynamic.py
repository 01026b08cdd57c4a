"""The best plan for one car alone, by dynamic programming.

What the others draw is given. The car's energy is counted in portions; time runs forward, and for
each number of portions and for "off" and "on" the cheapest way to get there is remembered. Minimum
power and starts, which make integer programs hard, cost nothing extra here.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ...quantities.demand import Array, Demand
from ...quantities.tolerances import NEGLIGIBLE_KW, NEGLIGIBLE_KWH

PORTIONS_PER_MINIMUM = 6
"""Portions in what a step at minimum power gives: as amperes in the minimum current, 6 A."""
LEVELS = 8
"""Powers tried between the minimum and the maximum."""
MAX_PORTIONS = 400
"""A need is not split finer than this: time and memory grow with it."""
NEVER = 1e30


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What a car can have, the others' power being given.

    Attributes:
        ceiling_kw: The maximum it can draw, per step; 0 where it cannot charge.
        surplus_kw: PV surplus that nobody else uses, per step.
        buy: What imported energy costs, per kWh and step.
        sell: What PV surplus costs, per kWh and step.
        start_cost: What a start costs.
        shortage_cost: What a kWh in the battery is worth that is missing in the end.
    """

    ceiling_kw: Array
    surplus_kw: Array
    buy: Array
    sell: Array
    start_cost: float
    shortage_cost: float

    def cost(self, demand: Demand, power_kw: Array) -> float:
        """Return what a power per step costs, starts and shortage included."""
        cheap = np.minimum(power_kw, self.surplus_kw)
        money = float(np.dot(demand.hours, self.buy * (power_kw - cheap) + self.sell * cheap))
        on = power_kw > 0
        before = np.concatenate(([demand.ev.charging], on[:-1]))
        missing = max(0.0, demand.need_kwh - demand.energy_kwh(power_kw))
        starts = int(np.count_nonzero(on & ~before))
        return money + self.start_cost * starts + self.shortage_cost * missing


def best_plan(demand: Demand, offer: Offer) -> Array:
    """Return the cheapest power per step for one car.

    The answer is exact up to the portions that energy is counted in and the powers tried.

    Args:
        demand: The car and the energy it is to get; steps with a floor stay on.
        offer: What it can have, and at what price.
    """
    minimum = max(demand.ev.min_power_kw, NEGLIGIBLE_KW)
    possible = (offer.ceiling_kw >= minimum - NEGLIGIBLE_KW) & (demand.hours > 0)
    power = np.zeros_like(offer.ceiling_kw)
    if not possible.any() or demand.need_kwh <= NEGLIGIBLE_KWH:
        return power
    chosen = np.flatnonzero(possible)
    stay = slice(int(chosen[0]), int(chosen[-1]) + 1)
    power[stay] = _ChargingTable(demand, offer, stay, possible[stay], minimum).solve()
    _give_back(demand, power, offer)
    return power


def _give_back(demand: Demand, power_kw: Array, offer: Offer) -> None:
    """Take away in place what exceeds the need, the most expensive first; all that is on stays."""
    excess = demand.energy_kwh(power_kw) - demand.need_kwh
    min_kw = np.maximum(demand.ev.min_power_kw, demand.floor_kw)
    for step in np.argsort(-offer.buy, kind="stable").tolist():
        if excess <= 0:
            return
        gain = float(demand.gain_kwh[step])
        given = min(excess, (float(power_kw[step]) - float(min_kw[step])) * gain)
        if given > 0:
            power_kw[step] -= given / gain
            excess -= given


class _ChargingTable:
    """The cheapest ways to have so many portions, step by step."""

    def __init__(
        self, demand: Demand, offer: Offer, stay: slice, possible: NDArray[np.bool], minimum: float
    ) -> None:
        gain, hours = demand.gain_kwh[stay], demand.hours[stay]
        floor = np.maximum(demand.floor_kw[stay], minimum)
        ceiling = np.maximum(offer.ceiling_kw[stay], floor)
        surplus = offer.surplus_kw[stay]
        part = np.linspace(0.0, 1.0, LEVELS)[:, None]
        # What PV surplus alone can give is where the price changes.
        self.levels = np.vstack(
            [floor + part * (ceiling - floor), np.clip(surplus, floor, ceiling)]
        )
        smallest = max(demand.ev.min_power_kw, float(ceiling.max()) / 16)
        portion = max(
            float(gain.max()) * smallest / PORTIONS_PER_MINIMUM, demand.need_kwh / MAX_PORTIONS
        )
        # Steps that cannot be charged in must not lead out of the table.
        gain = np.where(possible, gain, 0.0)
        exact = self.levels * gain / portion
        self.portions = np.floor(exact + 1e-6).astype(np.int64)
        # Between the minimum and the maximum, powers are brought to whole portions: nothing is
        # lost.
        inner = slice(1, LEVELS - 1), LEVELS
        for rows in inner:
            whole = self.levels[rows] * np.divide(
                self.portions[rows],
                exact[rows],
                out=np.ones_like(exact[rows]),
                where=exact[rows] > 0,
            )
            self.levels[rows] = np.where(whole >= floor, whole, self.levels[rows])
        self.needed = int(np.ceil(demand.need_kwh / portion - 1e-6))
        self.width = self.needed + int(self.portions.max()) + 1
        cheap = np.minimum(self.levels, surplus)
        self.money = hours * (offer.buy[stay] * (self.levels - cheap) + offer.sell[stay] * cheap)
        self.money[:, ~possible] = NEVER
        self.start_cost = offer.start_cost
        self.missing = offer.shortage_cost * portion
        self.forced = demand.floor_kw[stay] > 0
        self.charging = demand.ev.charging and stay.start == 0

    def solve(self) -> Array:
        """Return the cheapest power in each step of the stay."""
        count = self.levels.shape[1]
        pad = int(self.portions.max())
        off, on = np.full(self.width, NEVER), np.full(self.width, NEVER)
        (on if self.charging else off)[0] = 0.0
        shape = (count, self.width)
        chosen = np.empty(shape, dtype=np.int8)
        continued, stopped = np.empty(shape, dtype=bool), np.empty(shape, dtype=bool)
        padded = np.full(self.width + pad, NEVER)
        # What is reached with so many portions less, for any number of them, as a view.
        fewer = sliding_window_view(padded, self.width)
        begins = pad - self.portions.T
        money = self.money.T[:, :, None]
        every = np.arange(self.width)
        for step in range(count):
            started = off + self.start_cost
            np.less_equal(on, started, out=continued[step])
            np.less(on, off, out=stopped[step])
            np.minimum(on, started, out=padded[pad:])
            tried = fewer[begins[step]] + money[step]
            best = tried.argmin(axis=0)
            chosen[step] = best
            off = np.full(self.width, NEVER) if self.forced[step] else np.minimum(off, on)
            on = tried.min(axis=0)
        end = np.minimum(off, on) + self.missing * np.maximum(0, self.needed - every)
        portions = int(end.argmin())
        is_on = bool(on[portions] < off[portions])
        power = np.zeros(count)
        for step in range(count - 1, -1, -1):
            if is_on:
                level = int(chosen[step, portions])
                power[step] = self.levels[level, step]
                portions -= int(self.portions[level, step])
                is_on = bool(continued[step, portions])
            else:
                is_on = bool(stopped[step, portions])
        return power
