"""Cars that are planned together and what they are planned by, for every way to solve it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..model import PROVEN_GAP, Battery, Horizon, PeakTariff
from ..quantities.demand import Array, Demand, NetworkLimits
from ..quantities.peaks import peak_cost

type Commitment = NDArray[np.bool]
"""Whether each car (row) charges in each step (column), as in unit commitment."""

HALF = 0.5
"""A choice between 0 and 1 counts as made for the side on which it lies of this."""
EARLINESS = 1e-6
"""What an hour later counts for, per kWh and relative to the highest price: decides ties only."""
CHANGE = 2e-7
"""What a change of power counts for, per kW and likewise: less than an hour later."""
SMALLEST_MONEY = 0.01
"""Gaps are relative to the cost, but never to less than this share of the highest price."""
NO_PRICE = 1e-9
"""A price below this is none: nothing is divided by it."""
OBJECTIVE_SCALE = 1000.0
"""The highest price becomes this much, so that ties are above the solver's 1e-7 tolerance."""
EXACT_CHOICES = 48
"""Up to so many on/off choices the optimum itself is sought."""
POLISHED_CHOICES = 1500
"""Up to so many the whole integer program is tried; beyond, it takes minutes and memory."""


def elapsed_h(step_h: Array) -> Array:
    """Return the hours from now to the beginning of each step."""
    return np.concatenate(([0.0], np.cumsum(step_h)[:-1]))


@dataclass(frozen=True, kw_only=True)
class EnergyPrices:
    """What energy and starts cost: per kWh and step, and per start."""

    buy: Array
    sell: Array
    start_cost: float = 0.0

    @property
    def unit(self) -> float:
        """The highest price, or 1 where all energy is free: makes the model free of currencies."""
        highest = float(max(np.abs(self.buy).max(), np.abs(self.sell).max()))
        return highest if highest > NO_PRICE else 1.0


@dataclass(frozen=True, kw_only=True)
class Meter:
    """The site at its meter.

    Attributes:
        horizon: The steps.
        net_kw: What the meter sees without what is planned, per step; negative for export.
        batteries: The home batteries to plan.
        tariffs: Prices for the highest power.
        export_limit_kw: The most that may be exported, per step; infinite for no limit.
    """

    horizon: Horizon
    net_kw: Array
    batteries: tuple[Battery, ...]
    tariffs: tuple[PeakTariff, ...]
    export_limit_kw: Array

    def bill(self, buy: Array, sell: Array) -> float:
        """Return what the site pays without what is planned."""
        hours = np.array(self.horizon.step_h)
        flowing = np.maximum(self.net_kw, -self.export_limit_kw)
        price = np.where(self.net_kw > 0, buy, sell)
        peaks = (peak_cost(tariff, self.horizon, self.net_kw) for tariff in self.tariffs)
        return float(np.dot(hours, price * flowing)) + sum(peaks)


@dataclass(frozen=True, kw_only=True)
class Subproblem:
    """Cars that are planned together, and what they are planned by.

    Attributes:
        demands: The cars; their needs must be reachable by each alone.
        network: What they may draw, their floors included, and the PV surplus left for them.
        prices: What energy and starts cost.
        step_h: Length of each step.
        meter: What else is planned at the meter with them; None where that is nothing.
        whole_steps: Whether powers must be on the steps that chargers can be set to; only for the
            whole integer program, and small ones.
    """

    demands: Sequence[Demand]
    network: NetworkLimits
    prices: EnergyPrices
    step_h: Array
    meter: Meter | None = None
    whole_steps: bool = False

    @property
    def elapsed_h(self) -> Array:
        """Hours from now to the beginning of each step."""
        return elapsed_h(self.step_h)

    def with_need(self, needs_kwh: Sequence[float]) -> Subproblem:
        """Return the same subproblem asking for other amounts of energy."""
        demands = [
            demand.with_need(need) for demand, need in zip(self.demands, needs_kwh, strict=True)
        ]
        return replace(self, demands=demands)

    @property
    def early(self) -> Array:
        """What a kWh counts for by its time, per step and relative to the highest price."""
        return EARLINESS * self.elapsed_h


def is_proven(subproblem: Subproblem, money: float, bound: float) -> bool:
    """Tell whether a plan at this cost is proven to be nearly the cheapest."""
    measure = max(abs(money), SMALLEST_MONEY * subproblem.prices.unit)
    return money - bound <= PROVEN_GAP * measure
