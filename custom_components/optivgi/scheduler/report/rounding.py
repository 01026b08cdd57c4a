"""Brings a plan to the steps that chargers can be set to, without losing energy over it.

A charger that takes whole amperes can only be set to less than a plan in between. Left alone that
adds up over a night: the car is late. So powers are rounded down, and what that takes is charged
where it costs least: first in the steps in which the car charges anyway, without a new highest
import that is to be paid for, then in one step more, then at whatever price.
"""

from dataclasses import dataclass, field
import math

import numpy as np
from numpy.typing import NDArray

from ..model import EV
from ..quantities.costs import Flows
from ..quantities.demand import Array
from ..quantities.peaks import Billing
from ..quantities.tolerances import NEGLIGIBLE_KW, NEGLIGIBLE_KWH, PORTION_ROUNDING
from .fleet import Flags, Fleet

_WORTH_A_STEP_KWH = 0.1
"""Less than this missing is not worth charging in one step more: 500 m."""


def round_to_steps(fleet: Fleet, flows: Flows) -> Array:
    """Return the powers of a plan on the steps of their chargers.

    A car may get up to one portion of power in one step beyond its need, rather than less than it.

    Args:
        fleet: The EVs.
        flows: What they were planned to draw and give; what they give stays as it is.
    """
    planned = flows.drawn_kw
    if not len(fleet) or not (fleet.portion_kw > 0).any():
        return planned
    power = _floor(fleet, planned)
    due = _due_kwh(fleet, planned - power)
    short = (
        np.minimum(fleet.energy_kwh(planned, flows.given_kw), _wanted_kwh(fleet))
        - fleet.energy_kwh(power, flows.given_kw)
        - due
    )
    released = power < planned - NEGLIGIBLE_KW
    room = Room.after(fleet, flows, power)
    priority = np.array([demand.ev.priority for demand in fleet.demands])
    stepped = fleet.portion_kw.max(axis=1) > 0
    for index in map(int, np.lexsort((np.arange(len(fleet)), -priority, ~stepped))):
        if stepped[index] and due[index] + short[index] > NEGLIGIBLE_KWH:
            RaisedCar(fleet, index, power, room).regain(float(due[index]), float(short[index]))
        elif not stepped[index] and not fleet.demands[index].ev.at_once:
            steps = released.any(axis=0) & (power[index] > 0)
            if steps.any():
                RaisedCar(fleet, index, power, room).move_to(steps)
    return power


def _due_kwh(fleet: Fleet, taken_kw: Array) -> Array:
    """Return how much of what rounding took from each battery was due at once."""
    due: Array = (fleet.gain_kwh * np.where(fleet.floor_kw > 0, taken_kw, 0.0)).sum(axis=1)
    return due


def _wanted_kwh(fleet: Fleet) -> Array:
    """Return the most that each battery is to get: a plan may bring more where prices are below 0.

    What is given back is charged again, so those that can have no such limit. What only surplus is
    for beyond the need is not imported where rounding took of it.
    """

    def most_kwh(ev: EV) -> float:
        if ev.discharge is not None:
            return math.inf
        is_owed = ev.surplus_only or ev.extra_below_price is not None
        return ev.wanted_kwh + (ev.possible_extra_kwh if is_owed else 0.0)

    return np.array([most_kwh(demand.ev) for demand in fleet.demands])


def _floor(fleet: Fleet, power_kw: Array) -> Array:
    """Return powers rounded down to whole portions; what does not reach the minimum is 0."""
    min_kw, portion = fleet.min_kw, fleet.portion_kw
    whole = np.floor((power_kw - min_kw) / np.where(portion > 0, portion, 1.0) + PORTION_ROUNDING)
    rounded = np.where(whole < 0, 0.0, min_kw + whole * portion)
    rounded = np.where(portion > 0, np.minimum(rounded, power_kw), power_kw)
    floored: Array = np.where(power_kw > 0, rounded, 0.0)
    return floored


@dataclass(kw_only=True)
class Room:
    """What is left for the EVs together, kept up to date while they are raised.

    Attributes:
        fleet: The EVs.
        given_kw: What each gives back.
        solar: In which steps somebody draws who may draw nothing but PV surplus.
        left_kw: What each row of the network has left.
        sun_kw: PV surplus that nobody draws; below 0 where they draw more.
        solar_kw: The same with what a home battery gives.
        import_kw: The mean import of the site; below 0 where it exports.
        tariffs: The billing intervals of tariffs on the highest power,
        free_kw: up to what each of these may rise without making the plan more expensive.
        buy: What a kWh imported counts for.
        sell: What a kWh of surplus would earn.
    """

    fleet: Fleet
    given_kw: Array
    solar: Flags
    left_kw: Array
    sun_kw: Array
    solar_kw: Array
    import_kw: Array
    buy: Array
    sell: Array
    tariffs: list[Billing] = field(default_factory=list)
    free_kw: list[Array] = field(default_factory=list)

    @classmethod
    def after(cls, fleet: Fleet, flows: Flows, power_kw: Array) -> Room:
        """Return what is left when the EVs draw that power, under the peaks that were planned."""
        problem = fleet.problem
        step_h = np.array(problem.horizon.step_h)
        tariffs = [
            Billing.of(tariff, problem.horizon)
            for tariff in problem.site.peak_tariffs
            if tariff.is_priced
        ]
        only = [demand.ev.surplus_only and not demand.ev.at_once for demand in fleet.demands]
        cars = ((power_kw - flows.given_kw) * fleet.hours).sum(axis=0) / step_h
        return cls(
            fleet=fleet,
            given_kw=flows.given_kw,
            solar=np.asarray((power_kw > fleet.floor_kw)[only].any(axis=0)),
            left_kw=fleet.left_kw(power_kw),
            sun_kw=flows.sun_kw - power_kw.sum(axis=0),
            solar_kw=flows.surplus_kw - power_kw.sum(axis=0),
            import_kw=flows.house_kw + flows.battery_kw + cars,
            buy=np.array(problem.decision_price),
            sell=np.array(problem.export_price),
            tariffs=tariffs,
            free_kw=[
                billing.free_up_to_kw(billing.counted_kw(flows.import_kw)) for billing in tariffs
            ],
        )

    def peak_room_kw(self) -> Array:
        """Return how much more may be imported in each step at no higher peak."""
        room = np.full_like(self.import_kw, np.inf)
        for billing, free in zip(self.tariffs, self.free_kw, strict=True):
            np.minimum(room, billing.room_kw(self.import_kw, free), out=room)
        peak_room_kw: Array = room + np.maximum(-self.import_kw, 0.0)
        return peak_room_kw

    def peak_rise(self, more_kw: Array) -> Array:
        """Return what the tariffs cost more if a single step imported so much more, per step."""
        rise = np.zeros(len(more_kw))
        for billing, free in zip(self.tariffs, self.free_kw, strict=True):
            spare = (free - billing.counted_kw(self.import_kw))[billing.interval]
            over = np.zeros(len(more_kw))
            np.maximum.at(over, billing.step, billing.share * more_kw[billing.step] - spare)
            rise += billing.rise_cost(billing.counted_kw(self.import_kw), over)
        return rise

    def accept_peaks(self) -> None:
        """Let what is imported by now be what the plan pays for."""
        self.free_kw = [
            billing.free_up_to_kw(billing.counted_kw(self.import_kw)) for billing in self.tariffs
        ]


@dataclass
class RaisedCar:
    """One EV whose power is being changed, in place."""

    fleet: Fleet
    index: int
    power_kw: Array
    room: Room

    def regain(self, due_kwh: float, other_kwh: float) -> None:
        """Charge what rounding has taken: what was due at once, and what was not."""
        peaks = bool(self.room.tariffs)
        # Cars give energy back that they have charged before.
        early = bool((self.room.given_kw[self.index] > 0).any())
        due = self._raise_up(due_kwh, under_peak=False, early=True)
        missing = self._raise_up(due + other_kwh, under_peak=peaks, early=early)
        if missing > _WORTH_A_STEP_KWH and not early:
            missing = self._open(missing, under_peak=peaks)
        if peaks:
            self._raise_the_peak(missing, early=early)

    def _raise_the_peak(self, missing_kwh: float, *, early: bool) -> None:
        """Let the highest import rise by as little as possible, again and again, until it does.

        Each time a single portion goes where it costs least with what the peak rises by. Up to
        that peak all other steps are free then, so that it rises as water does in a vessel.
        """
        own = self.power_kw[self.index]
        portion, gain = self.fleet.portion_kw[self.index], self.fleet.gain_kwh[self.index]
        while missing_kwh > NEGLIGIBLE_KWH:
            fits = self.max_rise_kw(under_peak=False) > portion - PORTION_ROUNDING
            steps = np.flatnonzero((own > 0) & fits & (gain > 0))
            if not len(steps):
                return
            price = self.price[steps] * self.fleet.hours[self.index, steps] * portion[steps]
            rise = self.room.peak_rise(portion * self._part_of_step())[steps]
            order = np.argsort((price + rise) / (gain[steps] * portion[steps]), kind="stable")
            for step in steps[order].tolist():
                gained = self.change(step, float(portion[step]))
                if gained > NEGLIGIBLE_KWH and self._holds():
                    break
                self.change(step, -float(portion[step]))
            else:
                return
            self.room.accept_peaks()
            missing_kwh = self._raise_up(missing_kwh - gained, under_peak=True, early=early)

    def _part_of_step(self) -> Array:
        """Return for how much of each step the car is there."""
        part: Array = self.fleet.hours[self.index] / np.array(self.fleet.problem.horizon.step_h)
        return part

    def _raise_up(self, missing_kwh: float, *, under_peak: bool, early: bool) -> float:
        """Raise steps in which it charges by whole portions; return what is missing still."""
        if missing_kwh <= NEGLIGIBLE_KWH:
            return missing_kwh
        own = self.power_kw[self.index]
        portion = self.fleet.portion_kw[self.index]
        gain = self.fleet.gain_kwh[self.index]
        max_rise_kw = self.max_rise_kw(under_peak=under_peak)
        steps = np.flatnonzero((own > 0) & (max_rise_kw > portion - PORTION_ROUNDING))
        for step in map(int, steps) if early else self.cheapest_first(steps):
            whole = np.floor(max_rise_kw[step] / portion[step] + PORTION_ROUNDING)
            needed = np.ceil(missing_kwh / gain[step] / portion[step] - PORTION_ROUNDING)
            raised = float(min(whole, needed) * portion[step])
            gained = self.change(step, raised) if raised > 0 else 0.0
            if raised > 0 and (gained <= NEGLIGIBLE_KWH or not self._holds()):
                self.change(step, -raised)
                continue
            missing_kwh -= gained
            if missing_kwh <= NEGLIGIBLE_KWH:
                break
            if under_peak:
                # Steps of the same billing interval share what it may rise.
                max_rise_kw = self.max_rise_kw(under_peak=True)
        return missing_kwh

    def _holds(self) -> bool:
        """Return whether a battery that also gives never gets fuller than it may be."""
        can = self.fleet.demands[self.index].ev.discharge
        if can is None:
            return True
        change = self.fleet.gain_kwh[self.index] * self.power_kw[self.index]
        change -= self.fleet.hours[self.index] * self.room.given_kw[self.index] / can.efficiency
        full_kwh = self.fleet.demands[self.index].ev.full_kwh
        return float(can.stored_kwh + np.cumsum(change).max()) <= full_kwh + NEGLIGIBLE_KWH

    def _open(self, missing_kwh: float, *, under_peak: bool) -> float:
        """Charge in one step more, at least at the minimum, and less in the most expensive ones."""
        own = self.power_kw[self.index]
        min_kw = self.fleet.min_kw[self.index]
        max_rise_kw = self.max_rise_kw(under_peak=under_peak)
        off = np.flatnonzero(
            (own <= 0)
            & (min_kw > 0)
            & (max_rise_kw >= min_kw - PORTION_ROUNDING)
            & (self.fleet.gain_kwh[self.index] > 0)
        )
        beside = np.zeros(len(own) + 2, dtype=bool)
        beside[2:] = own > 0
        beside[:-2] |= own > 0
        # Next to a step in which it charges there is no new start.
        steps = self.cheapest_first(off[beside[1:-1][off]])
        if not steps:
            return missing_kwh
        missing_kwh -= self.change(steps[0], float(min_kw[steps[0]]))
        return self._lower(missing_kwh, kept=steps[0])

    def _lower(self, missing_kwh: float, *, kept: int | None = None) -> float:
        """Take whole portions of what is too much from the most expensive steps."""
        own = self.power_kw[self.index]
        min_kw = np.maximum(self.fleet.min_kw, self.fleet.floor_kw)[self.index]
        portion = self.fleet.portion_kw[self.index]
        gain = self.fleet.gain_kwh[self.index]
        for step in reversed(self.cheapest_first(np.flatnonzero(own > min_kw + NEGLIGIBLE_KW))):
            spare = np.floor((own[step] - min_kw[step]) / portion[step] + PORTION_ROUNDING)
            wanted = np.floor(-missing_kwh / gain[step] / portion[step] + PORTION_ROUNDING)
            lowered = float(max(0.0, min(spare, wanted)) * portion[step])
            if step != kept and lowered > 0:
                missing_kwh -= self.change(step, -lowered)
        return missing_kwh

    def move_to(self, cheaper: NDArray[np.bool]) -> None:
        """Move energy of a car without steps to cheaper ones, where rounding others left room."""
        own = self.power_kw[self.index]
        gain = self.fleet.gain_kwh[self.index]
        min_kw = np.maximum(self.fleet.min_kw, self.fleet.floor_kw)[self.index]
        max_rise_kw = self.max_rise_kw(under_peak=True)
        price = self.price
        for step in self.cheapest_first(np.flatnonzero(cheaper & (max_rise_kw > NEGLIGIBLE_KW))):
            sources = np.flatnonzero((own > min_kw + NEGLIGIBLE_KW) & (price > price[step] + 1e-9))
            free = float(max_rise_kw[step])
            for source in reversed(self.cheapest_first(sources)):
                moved = min(free * gain[step], (own[source] - min_kw[source]) * gain[source])
                self.change(source, -float(moved / gain[source]))
                self.change(step, float(moved / gain[step]))
                free -= float(moved / gain[step])
                if free <= NEGLIGIBLE_KW:
                    break

    def change(self, step: int, change_kw: float) -> float:
        """Change the power of one step; return the energy that this adds to the battery."""
        before = self._energy_kwh()
        # All that was drawn, taken away, may be a hair below nothing.
        self.power_kw[self.index, step] = max(0.0, self.power_kw[self.index, step] + change_kw)
        share = self.fleet.kinds[self.fleet.kind[self.index, step]]
        self.room.left_kw[:, step] -= share * change_kw
        self.room.sun_kw[step] -= change_kw
        self.room.solar_kw[step] -= change_kw
        hours = self.fleet.hours[self.index, step]
        self.room.import_kw[step] += change_kw * hours / self.fleet.problem.horizon.step_h[step]
        return self._energy_kwh() - before

    def _energy_kwh(self) -> float:
        demand = self.fleet.demands[self.index]
        return demand.energy_kwh(
            demand.tapered(
                self.power_kw[self.index],
                given_kw=self.room.given_kw[self.index],
                min_kw=self.fleet.min_kw[self.index],
            )
        )

    def max_rise_kw(self, *, under_peak: bool) -> Array:
        """Return by how much each step could be raised."""
        kinds = self.fleet.kinds[self.fleet.kind[self.index]].T
        left = self.room.left_kw
        room = np.divide(left, kinds, out=np.full(left.shape, np.inf), where=kinds > 0)
        own = self.power_kw[self.index]
        max_rise_kw: Array = np.minimum(room.min(axis=0), self.fleet.max_kw[self.index] - own)
        # Nor may others take the surplus from those who draw nothing else.
        only = self.room.solar | self.only_sun
        max_rise_kw = np.where(only, np.minimum(max_rise_kw, self.room.sun_kw), max_rise_kw)
        if under_peak and self.room.tariffs:
            step_h = np.array(self.fleet.problem.horizon.step_h)
            hours = self.fleet.hours[self.index]
            max_rise_kw = np.minimum(
                max_rise_kw, self.room.peak_room_kw() * step_h / np.maximum(hours, 1e-9)
            )
        free = (self.fleet.hours[self.index] > 0) & (self.room.given_kw[self.index] <= 0)
        return np.where(free, max_rise_kw, 0.0)

    @property
    def only_sun(self) -> bool:
        """Whether it may draw nothing but PV surplus."""
        ev = self.fleet.demands[self.index].ev
        return ev.surplus_only and not ev.at_once

    @property
    def price(self) -> Array:
        """What a kWh of the next portion costs, per step."""
        portion = np.maximum(self.fleet.portion_kw[self.index], NEGLIGIBLE_KW)
        sunny = np.clip(self.room.solar_kw / portion, 0.0, 1.0)
        price: Array = sunny * self.room.sell + (1 - sunny) * self.room.buy
        return price

    def cheapest_first(self, steps: NDArray[np.intp]) -> list[int]:
        """Return steps by their price; in their order for a car that charges at once."""
        ev = self.fleet.demands[self.index].ev
        if ev.at_once:
            return [int(step) for step in steps]
        return [int(step) for step in steps[np.argsort(self.price[steps], kind="stable")]]
