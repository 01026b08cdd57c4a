"""A Problem on the step grid: what each EV asks for, and what the wires can still carry."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .model import EV, PHASES, Problem

type Array = NDArray[np.float64]

NEGLIGIBLE_KW = 1e-6
"""A power below this is none: 1 mW, above the solver's tolerances."""
NEGLIGIBLE_KWH = 1e-6
"""An energy below this is none."""


@dataclass(frozen=True, kw_only=True)
class Wires:
    """What may still be drawn from each limited part of the site.

    Attributes:
        capacity_kw: One row for each limited part (the site, then each phase), one column for
            each step.
        surplus_kw: PV surplus nobody uses yet, per step.
    """

    capacity_kw: Array
    surplus_kw: Array

    @classmethod
    def of(cls, problem: Problem) -> Wires:
        """Return the wires of a Problem before any EV draws from them."""
        rows = [problem.capacity_kw]
        if problem.phase_capacity_kw:
            rows += [problem.phase_capacity_kw] * len(PHASES)
        return cls(
            capacity_kw=np.array(rows, dtype=np.float64),
            surplus_kw=np.array(problem.surplus_kw, dtype=np.float64),
        )

    def share_of(self, ev: EV) -> Array:
        """Return what each row carries of one kW that an EV draws."""
        phases = [(phase in ev.phases) / len(ev.phases) for phase in PHASES]
        return np.array([1.0, *phases][: len(self.capacity_kw)])

    def headroom_kw(self, share: Array) -> Array:
        """Return the most that something with these shares may draw, per step."""
        used = share > 0
        room: Array = (self.capacity_kw[used] / share[used, None]).min(axis=0)
        return room

    def without(self, demands: Sequence[Demand], power_kw: Sequence[Array]) -> Wires:
        """Return what is left when these demands draw that power."""
        capacity = self.capacity_kw.copy()
        surplus = self.surplus_kw.copy()
        for demand, power in zip(demands, power_kw, strict=True):
            capacity -= np.outer(demand.share, power)
            surplus -= power
        return Wires(capacity_kw=np.maximum(capacity, 0.0), surplus_kw=np.maximum(surplus, 0.0))

    def surplus_only(self) -> Wires:
        """Return the same wires for cars that may draw nothing but PV surplus."""
        capacity = self.capacity_kw.copy()
        capacity[0] = np.minimum(capacity[0], self.surplus_kw)
        return replace(self, capacity_kw=capacity)


@dataclass(frozen=True, kw_only=True)
class Demand:
    """One EV on the step grid.

    Attributes:
        ev: The request this comes from.
        hours: How long it can charge in each step.
        ceiling_kw: The most it can draw were it alone, per step; 0 where that is below its minimum.
        need_kwh: Energy into the battery to aim for: what it wants, clamped to what it could get
            were it alone.
        share: What each row of the Wires carries of one kW it draws.
    """

    ev: EV
    hours: Array
    ceiling_kw: Array
    need_kwh: float
    share: Array

    @classmethod
    def of(cls, problem: Problem, ev: EV, wires: Wires) -> Demand:
        """Put an EV on the grid, under the limits that the wires leave."""
        share = wires.share_of(ev)
        hours = np.array(problem.present_h(ev))
        ceiling = np.minimum(ev.max_power_kw, wires.headroom_kw(share))
        # A capacity computed from sums may miss the minimum by a rounding error only.
        nearly = (ceiling < ev.min_power_kw) & (ceiling >= ev.min_power_kw - 1e-9)
        ceiling[nearly] = ev.min_power_kw
        possible = (hours > 0) & (ceiling >= ev.min_power_kw) & (ceiling > NEGLIGIBLE_KW)
        ceiling = np.where(possible, ceiling, 0.0)
        reachable = float(np.dot(hours, ceiling)) * ev.efficiency
        need = min(ev.energy_kwh, reachable)
        return cls(
            ev=ev,
            hours=hours,
            ceiling_kw=ceiling,
            need_kwh=need if need > NEGLIGIBLE_KWH else 0.0,
            share=share,
        )

    def asking(self, need_kwh: float) -> Demand:
        """Return the same demand for another amount of energy."""
        return replace(self, need_kwh=need_kwh)

    def energy_kwh(self, power_kw: Array) -> float:
        """Return the energy into the battery that a power per step makes."""
        return float(np.dot(self.hours, power_kw)) * self.ev.efficiency

    @property
    def gain_kwh(self) -> Array:
        """Energy into the battery per kW drawn, per step."""
        return self.hours * self.ev.efficiency
