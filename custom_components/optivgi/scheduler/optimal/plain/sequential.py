"""Plans cars one after the other, in many orders.

Each car is planned exactly around the ones before it, by dynamic programming. What it takes from
the ones after it, it pays at the prices that network limits and surplus have in the relaxation: so
it leaves room where others need it more. All orders are tried at once, in whole arrays: a step of
one car costs as much time as the same step of fifty.
"""

from dataclasses import dataclass
from itertools import permutations
from math import perm
import random

import numpy as np
from numpy.typing import NDArray

from ...quantities.demand import Array
from ...quantities.tolerances import NEGLIGIBLE_KW, PORTION_ROUNDING
from ..subproblem import OBJECTIVE_SCALE, Subproblem
from .matrix import SHORTAGE, Matrix

type Order = tuple[int, ...]
type Whole = NDArray[np.int64]

MAX_ORDERS = 24
"""Orders that are tried: all of them for up to four cars."""
MAX_PORTIONS = 400
"""A need is not split finer than this: time and memory grow with it."""
NEVER = 1e30
"""What costs this much is not done."""
SEQUENCE_PORTIONS = 3
"""Portions of energy in what a step at minimum power gives; exact powers are found afterwards."""
SEQUENCE_LEVELS = 5
"""Powers tried between the minimum and the maximum."""


@dataclass(frozen=True, kw_only=True)
class DualPrices:
    """What a kW more would be worth to others, in money of the site.

    Attributes:
        capacity: For each row of the network and step.
        surplus: For each step.
        energy: What a kWh more in its battery costs each car.
    """

    capacity: Array
    surplus: Array
    energy: Array

    @classmethod
    def of(cls, matrix: Matrix, duals: Array) -> DualPrices:
        """Read the prices from the multipliers of a program's rows."""
        network = matrix.subproblem.network
        capacity, surplus = np.zeros_like(network.capacity_kw), np.zeros_like(network.surplus_kw)
        at, rows, steps = matrix.capacity_rows
        capacity[rows, steps] = np.maximum(0.0, -duals[at])
        at, steps = matrix.surplus_rows
        surplus[steps] = np.maximum(0.0, -duals[at])
        money = matrix.subproblem.prices.unit / OBJECTIVE_SCALE
        energy = duals[matrix.energy_rows]
        return cls(capacity=capacity * money, surplus=surplus * money, energy=energy * money)


def sequential_plans(
    subproblem: Subproblem,
    prices: DualPrices,
    *,
    begun: Array | None = None,
    again: int | None = None,
) -> list[Array]:
    """Return plans for all cars, the cheapest first; each has one row for each car.

    Args:
        subproblem: The cars; nothing that is planned at the meter, no switching of phases.
        prices: What is paid for what other cars could use.
        begun: A plan to change; without it all cars are planned.
        again: Of how many cars at once the plan is made anew; every choice of them is tried.
    """
    table = SequenceTable(subproblem)
    count = len(subproblem.demands)
    orders = _orders(count, count if again is None else min(again, count))
    empty = np.zeros((count, len(subproblem.step_h))) if begun is None else begun
    planned: dict[tuple[frozenset[int], Order], Array] = {}
    for order in orders:
        without = empty.copy()
        without[list(order)] = 0.0
        planned[frozenset(order), ()] = without
    for done in range(1, len(orders[0]) + 1):
        turns = sorted({(frozenset(order), order[:done]) for order in orders}, key=_by_order)
        others = np.array([planned[cars, order[:-1]] for cars, order in turns])
        last = done == len(orders[0])
        powers = table.solve(
            np.array([order[-1] for _, order in turns]),
            subproblem.network.capacity_kw - np.einsum("cr,ict->irt", table.share, others),
            others.sum(axis=1),
            prices,
            is_last=last,
        )
        for turn, plan, power in zip(turns, others, powers, strict=True):
            plan[turn[1][-1]] = power
            planned[turn] = plan
    plans = [planned[frozenset(order), order] for order in orders]
    return sorted(plans, key=table.cost)


def _by_order(turn: tuple[frozenset[int], Order]) -> tuple[Order, list[int]]:
    return turn[1], sorted(turn[0])


def _orders(count: int, length: int) -> list[Order]:
    """Return all orders of so many cars, or as many as are tried; always the same ones."""
    if perm(count, length) <= MAX_ORDERS:
        return list(permutations(range(count), length))
    chance = random.Random(count)  # noqa: S311 - reproducible, not secret
    return [tuple(chance.sample(range(count), length)) for _ in range(MAX_ORDERS)]


class SequenceTable:
    """The cheapest ways for many cars to have so much energy, step by step."""

    def __init__(self, subproblem: Subproblem) -> None:
        """Look at the cars once."""
        demands = subproblem.demands
        self.subproblem = subproblem
        self.hours = np.array([demand.hours for demand in demands])
        self.gain = np.array([demand.gain_kwh for demand in demands])
        self.ceiling = np.array([demand.ceiling_kw for demand in demands])
        self.floor = np.array([demand.floor_kw for demand in demands])
        self.share = np.array([demand.share for demand in demands])
        self.need = np.array([demand.need_kwh for demand in demands])
        self.charging = np.array([demand.ev.charging for demand in demands])
        self.minimum = np.maximum([demand.ev.min_power_kw for demand in demands], NEGLIGIBLE_KW)
        smallest = np.maximum(self.minimum, self.ceiling.max(axis=1) / 16)
        self.portion = np.maximum(
            self.gain.max(axis=1) * smallest / SEQUENCE_PORTIONS, self.need / MAX_PORTIONS
        )
        self.portion[self.portion <= 0] = 1.0
        early = subproblem.prices.unit * subproblem.early
        self.surplus = subproblem.network.surplus_kw
        self.buy, self.sell = subproblem.prices.buy + early, subproblem.prices.sell + early

    def cost(self, planned: Array) -> float:
        """Return what a plan costs, starts and what is missing included."""
        subproblem = self.subproblem
        cheap = np.minimum(planned.sum(axis=0), subproblem.network.surplus_kw)
        money = (self.hours * planned * self.buy).sum()
        money -= (subproblem.step_h * cheap * (self.buy - self.sell)).sum()
        on = planned > 0
        starts = np.count_nonzero(on & ~np.column_stack([self.charging, on[:, :-1]]))
        missing = np.maximum(0.0, self.need - (self.gain * planned).sum(axis=1)).sum()
        shortage = SHORTAGE * subproblem.prices.unit * missing
        return float(money + subproblem.prices.start_cost * starts + shortage)

    def car_cost(self, car: int, power_kw: Array, taken_kw: Array) -> float:
        """Return what a car's power costs beside what others take, starts and shortage included."""
        cheap = np.minimum(power_kw, np.maximum(0.0, self.surplus - taken_kw))
        money = np.dot(self.hours[car], self.buy * power_kw - (self.buy - self.sell) * cheap)
        on = np.concatenate(([self.charging[car]], power_kw > 0))
        starts = np.count_nonzero(on[1:] & ~on[:-1])
        missing = max(0.0, float(self.need[car] - np.dot(self.gain[car], power_kw)))
        prices = self.subproblem.prices
        return float(money + prices.start_cost * starts + SHORTAGE * prices.unit * missing)

    def solve(
        self,
        cars: Whole,
        left_kw: Array,
        taken_kw: Array,
        prices: DualPrices | None = None,
        *,
        is_last: bool = True,
    ) -> Array:
        """Return the cheapest power per step of some cars, each around a plan of others.

        Args:
            cars: Which car each row of the answer is for.
            left_kw: What the others leave of each row of the network, for each of these cars.
            taken_kw: What the others draw together, for each of these cars.
            prices: What is paid for what others could use,
            is_last: unless nobody comes after.
        """
        share, hours, gain = self.share[cars], self.hours[cars], self.gain[cars]
        used = share[:, :, None] > 0
        room = np.divide(left_kw, share[:, :, None], out=np.full(left_kw.shape, np.inf), where=used)
        low = np.maximum(self.floor[cars], self.minimum[cars, None])
        high = np.minimum(self.ceiling[cars], room.min(axis=1))
        possible = (high >= low - NEGLIGIBLE_KW) & (hours > 0) & (self.ceiling[cars] > 0)
        high = np.maximum(high, low)
        surplus = np.maximum(0.0, self.surplus - taken_kw)
        # The price of a kW is constant below the surplus, and above it.
        levels = self._levels(low, high, surplus, gain / self.portion[cars, None])
        money = hours * self.buy * levels
        saving = hours * (self.buy - self.sell)
        if prices is not None and not is_last:
            money += (share @ prices.capacity) * levels
            saving = np.maximum(0.0, saving - prices.surplus)
        money -= saving * np.minimum(levels, surplus)
        money[:, ~possible] = NEVER
        if prices is not None:
            # Where going on costs more than another start, nobody is on.
            value = prices.energy[cars, None] * gain
            lost = (money - value * levels).min(axis=0) > self.subproblem.prices.start_cost
            money[:, lost & (self.floor[cars] <= 0)] = NEVER
        steps = np.flatnonzero((money[0] < NEVER).any(axis=0))
        portions = np.floor(levels * gain / self.portion[cars, None] + PORTION_ROUNDING).astype(
            np.int64
        )
        ways = _CheapestWays(self, cars, portions[:, :, steps], money[:, :, steps], steps)
        power = np.zeros_like(hours)
        power[:, steps] = ways.powers(levels[:, :, steps])
        return power

    @staticmethod
    def _levels(low: Array, high: Array, surplus: Array, portions_per_kw: Array) -> Array:
        """Return the powers that are tried: from the minimum to the maximum, and the surplus."""
        per_kw = np.where(portions_per_kw > 0, portions_per_kw, 1.0)
        part = np.linspace(0.0, 1.0, SEQUENCE_LEVELS)[1:-1, None, None]
        between = np.concatenate([low + part * (high - low), surplus[None]])
        whole = np.floor(between * per_kw + PORTION_ROUNDING) / per_kw
        return np.concatenate([low[None], np.clip(whole, low, high), high[None]])


class _CheapestWays:
    """The cheapest ways of some cars to have at least so many portions, from step to step.

    Only some steps are looked at; between two that do not follow each other nobody is on.
    """

    def __init__(
        self,
        table: SequenceTable,
        cars: Whole,
        portions: Whole,
        money: Array,
        steps: NDArray[np.intp],
    ) -> None:
        self.portions, self.money = portions, money
        self.count, self.steps = money.shape[1:]
        self.needed = np.ceil(table.need[cars] / table.portion[cars] - PORTION_ROUNDING).astype(
            np.int64
        )
        self.forced = (table.floor[cars] > 0)[:, steps]
        self.start_cost = table.subproblem.prices.start_cost
        pauses = np.diff(steps, prepend=-1) > 1
        self.going_on = np.where(pauses, self.start_cost, 0.0).tolist()
        """What being on costs somebody who was on in the step before."""
        self.width = int(self.needed.max(initial=0)) + 1
        shape = (self.steps + 1, self.count, self.width)
        # Least cost of being off, and on, with so many portions, before each step and at the end;
        # and of going to be on. Single precision is a third faster, and fine enough to choose by.
        self.off, self.on, self.going = (np.empty(shape, dtype=np.float32) for _ in range(3))
        self.off[0] = self.on[0] = NEVER
        charging = table.charging[cars]
        self.on[0, charging, 0] = self.off[0, ~charging, 0] = 0.0
        self._forward()

    def _forward(self) -> None:
        pad = int(self.portions.max(initial=0))
        padded = np.empty((self.count, pad + self.width), dtype=np.float32)
        money = self.money.astype(np.float32)
        before = padded[:, pad:]
        flat = padded.reshape(-1)
        rows = (np.arange(self.count) * (pad + self.width) + pad)[:, None] + np.arange(self.width)
        forced = np.any(self.forced, axis=0).tolist()
        source = np.empty(0, dtype=np.int64)
        for step in range(self.steps):
            off, on = self.off[step], self.on[step]
            np.minimum(on + self.going_on[step], off + self.start_cost, out=before)
            self.going[step] = before
            # Who needs less than a level gives has it from nothing.
            padded[:, :pad] = before[:, :1]
            portions = self.portions[:, :, step]
            if step == 0 or (portions != self.portions[:, :, step - 1]).any():
                source = rows - portions[:, :, None]
            tried = flat.take(source, mode="clip")
            tried += money[:, :, step, None]
            tried.min(axis=0, out=self.on[step + 1])
            np.minimum(off, on, out=self.off[step + 1])
            if forced[step]:
                self.off[step + 1, self.forced[:, step]] = NEVER

    def powers(self, levels: Array) -> Array:
        """Return the power per step of each car's cheapest way to what it needs."""
        power = np.zeros((self.count, self.steps))
        rows = np.arange(self.count)
        amount = self._reached()
        is_on = (self.on[-1] < self.off[-1])[rows, amount]
        for step in range(self.steps - 1, -1, -1):
            had = np.maximum(0, amount - self.portions[:, :, step])
            level = (self.going[step][rows, had] + self.money[:, :, step]).argmin(axis=0)
            power[:, step] = np.where(is_on, levels[level, rows, step], 0.0)
            amount = np.where(is_on, had[level, rows], amount)
            started = is_on * (self.start_cost - self.going_on[step])
            is_on = self.on[step][rows, amount] < self.off[step][rows, amount] + started
        return power

    def _reached(self) -> Whole:
        """Return how many portions each car gets: what it needs, or the most that is possible."""
        possible = np.minimum(self.off[-1], self.on[-1]) < NEVER / 2
        possible &= np.arange(self.width) <= self.needed[:, None]
        last: Whole = self.width - 1 - possible[:, ::-1].argmax(axis=1)
        return last
