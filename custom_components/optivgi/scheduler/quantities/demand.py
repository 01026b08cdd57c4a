"""A Problem on the step grid: what each EV asks for, and what the network can still carry."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
import math

import numpy as np
from numpy.typing import NDArray

from ..model import EV, Phase, Problem
from ..model.network import BATTERY_SHARES, NetworkPart, part_shares
from .tapering import accepted_kw, rate_kw
from .tolerances import NEGLIGIBLE_KW, NEGLIGIBLE_KWH
from .whole_steps import reachable_kwh

type Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class NetworkLimits:
    """What may still be drawn from each limited part of the site.

    Attributes:
        parts: What each row is; the site itself is the first.
        capacity_kw: One row for each limited part, one column for each step.
        surplus_kw: PV surplus nobody uses yet, per step.
        backfeed_kw: What each part can carry back towards the grid, per step.
    """

    parts: tuple[NetworkPart, ...]
    capacity_kw: Array
    surplus_kw: Array
    backfeed_kw: Array
    _known: dict[Hashable, Array] = field(default_factory=dict, init=False, repr=False)
    """What has been asked before: many EVs are connected in the same way."""

    @classmethod
    def of(cls, problem: Problem) -> NetworkLimits:
        """Return the network limits of a Problem before any EV draws from them."""
        limits = problem.part_limits
        return cls(
            parts=tuple(limits),
            capacity_kw=np.array([part.capacity_kw for part in limits.values()]),
            surplus_kw=_nothing_below(np.array(problem.surplus_kw, dtype=np.float64)),
            backfeed_kw=np.array([part.backfeed_kw for part in limits.values()]),
        )

    def share_of(self, problem: Problem, ev: EV, phases: Sequence[Phase] | None = None) -> Array:
        """Return what each row carries of one kW that an EV draws.

        Args:
            problem: Where its circuits are.
            ev: The EV.
            phases: The phases it draws from, if not its own: one that has switched.
        """
        used = ev.phases if phases is None else phases
        line_to_line = ev.line_to_line and phases is None
        phases_used = ev.phases_used if phases is None else None
        way = used, line_to_line, phases_used, ev.circuit
        if way not in self._known:
            shares = part_shares(
                problem.circuits_of(ev), used, line_to_line=line_to_line, phases_used=phases_used
            )
            self._known[way] = self._row(shares)
        return self._known[way]

    def headroom_kw(self, share: Array) -> Array:
        """Return the most that something with these shares may draw, per step: to be read only."""
        return self._tightest(self.capacity_kw, share, "draw")

    def backfeed_room_kw(self, share: Array) -> Array:
        """Return the most that something with these shares may give back, likewise."""
        return self._tightest(self.backfeed_kw, share, "give")

    def _tightest(self, rows: Array, share: Array, name: str) -> Array:
        key = name, share.tobytes()
        if key not in self._known:
            used = share > 0
            room: Array = (rows[used] / share[used, None]).min(axis=0)
            room.flags.writeable = False
            self._known[key] = room
        return self._known[key]

    def without(self, demands: Sequence[Demand], power_kw: Sequence[Array]) -> NetworkLimits:
        """Return what is left when these demands draw that power."""
        capacity = self.capacity_kw.copy()
        surplus = self.surplus_kw.copy()
        if demands:
            power = np.array(power_kw)
            capacity -= np.array([demand.share for demand in demands]).T @ power
            surplus -= power.sum(axis=0)
        return replace(
            self,
            capacity_kw=np.maximum(capacity, 0.0),
            surplus_kw=_nothing_below(surplus),
        )

    @property
    def battery_share(self) -> Array:
        """What each row carries of one kW that home batteries are charged with, or gives."""
        return self._row(BATTERY_SHARES)

    def _row(self, shares: Mapping[NetworkPart, float]) -> Array:
        return np.array([shares.get(part, 0.0) for part in self.parts])

    def beside_giving(self, demands: Sequence[Demand], given_kw: Sequence[Array]) -> NetworkLimits:
        """Return what is left when these demands give so much back, per step."""
        if not any(power.any() for power in given_kw):
            return self
        shares = np.array([demand.share for demand in demands])
        left = self.backfeed_kw - shares.T @ np.array(given_kw)
        return replace(self, backfeed_kw=np.maximum(left, 0.0))

    def beside_batteries(self, charge: Array) -> NetworkLimits:
        """Return what home batteries leave that are charged with so much, per step.

        What they give adds nothing: it may end at any time.
        """
        if not charge.any():
            return self
        return replace(
            self,
            capacity_kw=np.maximum(0.0, self.capacity_kw - np.outer(self.battery_share, charge)),
            surplus_kw=_nothing_below(self.surplus_kw - charge),
        )

    def surplus_only(self) -> NetworkLimits:
        """Return the same limits for cars that may draw nothing but PV surplus."""
        capacity = self.capacity_kw.copy()
        capacity[0] = np.minimum(capacity[0], self.surplus_kw)
        return replace(self, capacity_kw=capacity)


@dataclass(frozen=True, kw_only=True)
class Demand:
    """One EV on the step grid.

    Attributes:
        ev: The request this comes from.
        hours: How long it can charge in each step.
        ceiling_kw: The maximum it can draw were it alone, per step; 0 where that is below its
            minimum.
        floor_kw: What it draws in any case, per step: energy that is due at once.
        need_kwh: Energy into the battery to aim for, with what the floor gives: what it wants,
            clamped to what it could get were it alone.
        share: What each row of the NetworkLimits carries of one kW it draws.
        single_share: The same on one phase, for a charger that can switch.
        backfeed_kw: The most it can give back were it alone, per step.
        extra_kwh: Energy beyond the need that it takes where that is cheap.
    """

    ev: EV
    hours: Array
    ceiling_kw: Array
    floor_kw: Array
    need_kwh: float
    share: Array
    single_share: Array
    backfeed_kw: Array
    extra_kwh: float = 0.0

    @classmethod
    def of(
        cls,
        problem: Problem,
        ev: EV,
        network: NetworkLimits,
        *,
        energy_kwh: float | None = None,
        floor_kw: Array | None = None,
    ) -> Demand:
        """Put an EV on the grid, under the limits that the network limits leave.

        Args:
            problem: Where it comes from.
            ev: The EV.
            network: What is left for it; what its own floor draws must not have been taken off.
            energy_kwh: Energy into the battery to aim for; by default all that it wants.
            floor_kw: What it draws in any case; by default nothing.
        """
        ev = _with_fixed_phases(ev)
        share = network.share_of(problem, ev)
        hours = np.array(problem.present_h(ev))
        floor = np.zeros_like(hours) if floor_kw is None else floor_kw
        possible = np.minimum(ev.max_power_kw, _most_in_a_step_kw(ev, hours))
        usable = _usable_kw(network, share, hours, ev.min_power_kw, possible)
        ceiling = np.maximum(usable, floor)
        demand = cls(
            ev=ev,
            hours=hours,
            ceiling_kw=ceiling,
            floor_kw=floor,
            need_kwh=0.0,
            share=share,
            single_share=share
            if ev.single_phase is None
            else network.share_of(problem, ev, (ev.single_phase.phase,)),
            backfeed_kw=network.backfeed_room_kw(share),
        )
        max_kw = ceiling
        if ev.single_phase is not None:
            max_kw = np.maximum(ceiling, demand.single_ceiling(network))
        wanted = ev.wanted_kwh if energy_kwh is None else energy_kwh
        need = demand.in_whole_steps(min(wanted, demand.energy_kwh(demand.tapered(max_kw))))
        # What is due at once is drawn in any case, accepted or not.
        need = max(need, demand.energy_kwh(floor))
        return demand.with_need(need if need > NEGLIGIBLE_KWH else 0.0)

    def single_ceiling(self, network: NetworkLimits) -> Array:
        """Return the maximum it can draw on one phase were it alone, per step.

        That is 0 where it cannot switch, and where energy is due at once: on three phases.
        """
        single = self.ev.single_phase
        if single is None:
            return np.zeros_like(self.hours)
        possible = np.minimum(single.max_power_kw, _most_in_a_step_kw(self.ev, self.hours))
        ceiling = _usable_kw(network, self.single_share, self.hours, single.min_power_kw, possible)
        return np.where(self.floor_kw > 0, 0.0, ceiling)

    def in_whole_steps(self, energy_kwh: float) -> float:
        """Return an energy, or what whole steps of power make of it where they must exceed it."""
        ev = self.ev
        gain = self.gain_kwh[self.ceiling_kw > 0]
        # Of batteries that slow down, and on one phase, smaller parts are possible.
        if ev.power_step_kw <= 0 or ev.taper or ev.single_phase is not None or not len(gain):
            return energy_kwh
        coarse = max(ev.power_step_kw, ev.min_power_kw) * float(gain.max())
        if ev.room_kwh > energy_kwh + coarse:
            return energy_kwh
        reachable = reachable_kwh(
            ev.room_kwh,
            min_kw=ev.min_power_kw,
            portion_kw=ev.power_step_kw,
            ceiling_kw=self.ceiling_kw,
            gain_kwh=self.gain_kwh,
        )
        return min(energy_kwh, reachable)

    def with_need(self, need_kwh: float) -> Demand:
        """Return the same demand for another amount of energy."""
        return replace(self, need_kwh=need_kwh)

    def energy_kwh(self, power_kw: Array) -> float:
        """Return the energy into the battery that a power per step makes."""
        return float(np.dot(self.hours, power_kw)) * self.ev.efficiency

    @property
    def gain_kwh(self) -> Array:
        """Energy into the battery per kW drawn, per step."""
        return self.hours * self.ev.efficiency

    def tapered(
        self, power_kw: Array, *, given_kw: Array | None = None, min_kw: Array | None = None
    ) -> Array:
        """Return the most of a power per step that the battery takes, as it fills.

        Within a step the car charges at the old power until a taper point is reached, then at the
        new one. A battery that would take less than the charger's minimum power is computed to
        take that: limits cannot be lower, and the last percents hardly matter.

        Args:
            power_kw: What it may draw, per step.
            given_kw: What it gives back, which empties the battery again.
            min_kw: Its minimum on the phases it is on; by default that on all of them.
        """
        if not self.ev.taper:
            return power_kw
        gain, lost = self.gain_kwh, self.lost_kwh(given_kw)
        reached = np.cumsum(power_kw * gain - lost)
        # Before the first taper point it takes all that it is given.
        full = reached > self.ev.taper[0].energy_kwh
        if not full.any():
            return power_kw
        slower = int(full.argmax())
        taken = power_kw.copy()
        stored = float(reached[slower - 1]) if slower else 0.0
        for step in range(slower, len(power_kw)):
            if power_kw[step] > 0:
                gained = float(gain[step])
                lowest = None if min_kw is None else float(min_kw[step])
                taken[step] = accepted = accepted_kw(
                    self.ev, stored, float(power_kw[step]), gained, min_kw=lowest
                )
                stored += accepted * gained
            stored -= float(lost[step])
        return taken

    def until_ready(self, power_kw: Array) -> Array:
        """Return a power per step as it is drawn until the car is ready, when it is stopped.

        A car that gives back, or charges all the time, is not.
        """
        ev = self.ev
        if ev.discharge is not None or ev.is_steady:
            return power_kw
        most_kwh = ev.wanted_kwh + ev.possible_extra_kwh + ev.later_energy_kwh
        reached = np.minimum(np.cumsum(power_kw * self.gain_kwh), most_kwh)
        gain = np.where(self.gain_kwh > 0, self.gain_kwh, 1.0)
        drawn: Array = np.diff(reached, prepend=0.0) / gain
        return drawn

    def lost_kwh(self, given_kw: Array | None) -> Array:
        """Return the energy that leaves the battery in each step in which it gives."""
        if given_kw is None or self.ev.discharge is None:
            return np.zeros_like(self.hours)
        lost: Array = self.hours * given_kw / self.ev.discharge.efficiency
        return lost

    def without_waste(self, power_kw: Array, *, given_kw: Array | None = None) -> Array:
        """Return the lowest limits under which the battery takes as much as under given ones."""
        if not self.ev.taper:
            return power_kw
        return np.minimum(power_kw, self.rates_kw(power_kw, given_kw=given_kw))

    def rates_kw(self, power_kw: Array, *, given_kw: Array | None = None) -> Array:
        """Return the power at which the battery would charge at the start of each step.

        Args:
            power_kw: What it is charged with, per step.
            given_kw: What it gives back.
        """
        taken = self.tapered(power_kw, given_kw=given_kw) * self.gain_kwh
        stored = np.cumsum(taken - self.lost_kwh(given_kw))
        before = np.concatenate(([0.0], stored[:-1]))
        return np.array([self.rate_kw(float(energy), math.inf) for energy in before])

    def rate_kw(self, stored_kwh: float, power_kw: float) -> float:
        """Return the power at which the battery charges that holds so much more by then."""
        return rate_kw(self.ev, stored_kwh, power_kw)

    def accepted_kw(
        self, stored_kwh: float, power_kw: float, step: int, *, min_kw: float | None = None
    ) -> float:
        """Return the mean power the battery takes in a step that holds so much more by then."""
        return accepted_kw(self.ev, stored_kwh, power_kw, float(self.gain_kwh[step]), min_kw=min_kw)


def _nothing_below(power_kw: Array) -> Array:
    """Return powers without what is negative, or only there by rounding: solvers stumble on it."""
    return np.where(power_kw > NEGLIGIBLE_KW, power_kw, 0.0)


def _with_fixed_phases(ev: EV) -> EV:
    """Return an EV that may not switch any more as one that cannot."""
    single = ev.single_phase
    if single is None or single.max_switches > 0:
        return ev
    if not single.active:
        return replace(ev, single_phase=None)
    return replace(
        ev,
        single_phase=None,
        phases=(single.phase,),
        min_power_kw=single.min_power_kw,
        max_power_kw=single.max_power_kw,
        power_step_kw=ev.power_step_kw / len(ev.phases),
    )


def _most_in_a_step_kw(ev: EV, hours: Array) -> Array:
    """Return the power that alone would bring an EV all it may ever get, per step.

    What gives back may get more in a step, having given before.
    """
    if ev.discharge is not None:
        return np.full(len(hours), math.inf)
    return ev.room_kwh / np.maximum(hours * ev.efficiency, NEGLIGIBLE_KWH)


def _usable_kw(
    network: NetworkLimits, share: Array, hours: Array, min_power_kw: float, max_power_kw: Array
) -> Array:
    """Return the most that can be drawn per step, 0 where that is below the minimum."""
    ceiling = np.minimum(max_power_kw, network.headroom_kw(share))
    # A capacity computed from sums may miss the minimum by a rounding error only.
    nearly = (ceiling < min_power_kw) & (ceiling >= min_power_kw - 1e-9)
    ceiling[nearly] = min_power_kw
    possible = (hours > 0) & (ceiling >= min_power_kw) & (ceiling > NEGLIGIBLE_KW)
    return np.where(possible, ceiling, 0.0)
