"""What follows from a finished plan, for all EVs and steps at once.

A row for each EV, a column for each step; what holds for an EV as a whole is a single column,
what holds for a step as a whole a single row. Each is computed when it is first asked for.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..quantities.costs import Flows
from ..quantities.demand import Array
from ..quantities.peaks import Billing
from ..quantities.solve_result import SolveResult
from ..quantities.tolerances import NEGLIGIBLE_KW, NEGLIGIBLE_KWH
from .fleet import Flags, Fleet

SAME_PRICE = 1e-6
"""Prices per kWh that differ by less are the same."""
NO_ROOM_KW = 1e-4
"""Less room than this is none: what solvers and rounding leave."""
_SHORT_KWH = 0.01
"""A car that misses more than this would take whatever it can get."""
_PEAK_KW = 1e-3
"""Import this close to the highest is at the highest."""


@dataclass(kw_only=True)
class Facts:
    """A finished plan and what follows from it: arrays with a row for each EV.

    Attributes:
        fleet: The EVs.
        flows: What they draw and give.
        power_kw: Their limits.
        result: What the algorithm knows beyond that.
    """

    fleet: Fleet
    flows: Flows
    power_kw: Array
    result: SolveResult

    @cached_property
    def on(self) -> Flags:
        """Whether it charges."""
        return self.power_kw > NEGLIGIBLE_KW

    @cached_property
    def present(self) -> Flags:
        """Whether it is there."""
        return self.fleet.hours > 0

    @cached_property
    def gives(self) -> Flags:
        """Whether it gives energy back."""
        return self.flows.given_kw > NEGLIGIBLE_KW

    @cached_property
    def stored_kwh(self) -> Array:
        """Energy that has come into the battery by the end of each step."""
        efficiency = [
            1.0 if demand.ev.discharge is None else demand.ev.discharge.efficiency
            for demand in self.fleet.demands
        ]
        charged = self.fleet.gain_kwh * self.flows.drawn_kw
        given = self.fleet.hours * self.flows.given_kw / np.array(efficiency)[:, None]
        return np.cumsum(charged - given, axis=1)

    @cached_property
    def before_kwh(self) -> Array:
        """The same by its begin."""
        return np.pad(self.stored_kwh, ((0, 0), (1, 0)))[:, :-1]

    @cached_property
    def wanted_kwh(self) -> Array:
        """What each wants, as far as its battery may hold it, as a column."""
        cars = [demand.ev for demand in self.fleet.demands]
        return np.array([[ev.wanted_kwh] for ev in cars])

    @cached_property
    def short(self) -> Flags:
        """Whether it will miss energy at departure, as a column."""
        return self.stored_kwh[:, -1:] < self.wanted_kwh - _SHORT_KWH

    @cached_property
    def after_last(self) -> Flags:
        """Whether it neither charges nor gives in a step, nor in any later one."""
        moves = self.on | self.gives
        return ~np.logical_or.accumulate(moves[:, ::-1], axis=1)[:, ::-1]

    @cached_property
    def done(self) -> Flags:
        """Whether nothing is left to be charged."""
        nothing = (self.wanted_kwh <= NEGLIGIBLE_KWH) & ~self.may_take_extra
        charged = self.on.any(axis=1, keepdims=True)
        return self.after_last & ~self.short & (nothing | charged)

    @cached_property
    def may_take_extra(self) -> Flags:
        """Whether it would take more than it wants where that is cheap, as a column."""
        return np.array(
            [
                [
                    ev.possible_extra_kwh > NEGLIGIBLE_KWH
                    and (ev.extra_below_price is not None or ev.extra_from_surplus)
                ]
                for ev in (demand.ev for demand in self.fleet.demands)
            ]
        )

    @cached_property
    def solar(self) -> Flags:
        """Whether it may draw nothing but PV surplus, as a column."""
        return np.array(
            [[demand.ev.surplus_only and not demand.ev.at_once] for demand in self.fleet.demands]
        )

    @cached_property
    def at_once(self) -> Flags:
        """Whether it charges at once, whatever the price, as a column."""
        return np.array([[demand.ev.at_once] for demand in self.fleet.demands])

    @cached_property
    def due(self) -> Flags:
        """Whether what it charges is the part that is to be charged at once."""
        known = np.array([[demand.ev.id in self.result.floor_kw] for demand in self.fleet.demands])
        by_floor = self.fleet.floor_kw > self.power_kw / 2
        due: Flags = self.on & np.where(known, by_floor, self._due_by_energy)
        return due

    @cached_property
    def _due_by_energy(self) -> Flags:
        """Whether it does not have the energy yet that it is to have at once."""
        min_energy = np.array([[demand.ev.min_energy_kwh] for demand in self.fleet.demands])
        lacking: Flags = self.before_kwh < np.minimum(min_energy, self.wanted_kwh) - _SHORT_KWH
        return lacking

    @cached_property
    def always(self) -> Flags:
        """Whether what it charges is the minimum that it draws all the time."""
        steady = np.array([[demand.ev.is_steady] for demand in self.fleet.demands])
        return steady & self.due & ~self._due_by_energy

    @cached_property
    def beyond(self) -> Flags:
        """Whether most of what it charges is more than it wants."""
        middle = (self.before_kwh + self.stored_kwh) / 2
        return self.on & self.may_take_extra & (middle > self.wanted_kwh + NEGLIGIBLE_KWH)

    # What energy costs.

    @cached_property
    def buy(self) -> Array:
        """What a kWh from the grid counts for, per step."""
        return np.array(self.fleet.problem.decision_price)

    @cached_property
    def sell(self) -> Array:
        """What a kWh of PV surplus would earn, per step."""
        return np.array(self.fleet.problem.export_price)

    @cached_property
    def solar_share(self) -> Array:
        """How much of what the EVs draw is PV surplus, per step."""
        drawn = self.flows.drawn_kw.sum(axis=0)
        share: Array = np.minimum(1.0, self.flows.surplus_kw / np.maximum(drawn, 1e-12))
        return np.where(drawn > NEGLIGIBLE_KW, share, 0.0)

    @cached_property
    def sun_left_kw(self) -> Array:
        """PV surplus that nobody draws, per step."""
        left: Array = np.maximum(self.flows.surplus_kw - self.flows.drawn_kw.sum(axis=0), 0.0)
        return left

    @cached_property
    def paid(self) -> Array:
        """What a kWh drawn costs, per step in which anybody draws."""
        return self.solar_share * self.sell + (1 - self.solar_share) * self.buy

    @cached_property
    def entry(self) -> Array:
        """What a kWh more costs: where it charges, any; where it does not, of the least it can."""
        min_kw = np.where(self.on, NO_ROOM_KW, np.maximum(self.fleet.min_kw, NO_ROOM_KW))
        sunny = np.minimum(1.0, self.sun_left_kw / min_kw)
        entry: Array = sunny * self.sell + (1 - sunny) * self.buy
        return entry

    @cached_property
    def chosen(self) -> Flags:
        """The steps that were chosen by price."""
        free = self.on & ~self.due & ~self.beyond
        return np.where(free.any(axis=1, keepdims=True), free, self.on)

    @cached_property
    def most_expensive(self) -> Array:
        """The highest price among the other steps that were chosen; none: minus infinity.

        Of a car that takes only what is more than it wants, that is the price up to which it does.
        """
        prices = np.where(self.chosen, self.paid, -np.inf)
        first = prices.argmax(axis=1)
        highest = prices.max(axis=1, keepdims=True)
        rows = np.arange(len(prices))
        prices[rows, first] = -np.inf
        second = prices.max(axis=1)
        most_expensive = np.broadcast_to(highest, prices.shape).copy()
        most_expensive[rows, first] = second
        below = np.array(
            [
                [-np.inf if ev.extra_below_price is None else ev.extra_below_price]
                for ev in (demand.ev for demand in self.fleet.demands)
            ]
        )
        idle = ~self.on.any(axis=1, keepdims=True)
        return np.where(idle & self.may_take_extra, below, most_expensive)

    @cached_property
    def worth(self) -> Array:
        """What a kWh drawn elsewhere costs, as far as known; not a number where it is not."""
        worth = np.where(np.isfinite(self.most_expensive), self.most_expensive, np.nan)
        shadow = self.result.shadow
        if shadow is None:
            return worth
        marginal = np.array(
            [
                [shadow.energy.get(demand.ev.id, np.nan) * demand.ev.efficiency]
                for demand in self.fleet.demands
            ]
        )
        return np.where(np.isnan(worth), marginal, worth)

    @cached_property
    def wants_more(self) -> Flags:
        """Whether it would take a kWh more in this step: instead of an expensive one, or at all."""
        return self.short | self.at_once | (self.entry <= self.most_expensive + SAME_PRICE)

    @cached_property
    def waits_for_sun(self) -> Flags:
        """Whether most of all that it charges is PV surplus, or would be, as a column."""
        energy = self.fleet.gain_kwh * self.flows.drawn_kw
        sunny = (energy * self.solar_share).sum(axis=1, keepdims=True)
        idle = ~self.on.any(axis=1, keepdims=True)
        priced = np.array(
            [[demand.ev.extra_below_price is not None] for demand in self.fleet.demands]
        )
        waits_for_sun: Flags = (sunny > energy.sum(axis=1, keepdims=True) / 2) | (
            idle & ~self.short & self.may_take_extra & ~priced
        )
        return waits_for_sun

    @cached_property
    def guessed(self) -> Flags:
        """Whether the price of a step, or most of those that were chosen, is an estimate."""
        estimated = np.array(self.fleet.problem.site.estimated, dtype=bool)
        if not estimated.any():
            return np.zeros_like(self.on)
        energy = np.where(self.chosen, self.fleet.gain_kwh * self.flows.drawn_kw, 0.0)
        chosen = (energy * estimated).sum(axis=1, keepdims=True)
        guessed: Flags = estimated | (chosen > energy.sum(axis=1, keepdims=True) / 2)
        return guessed

    # What is in the way of more.

    @cached_property
    def _room(self) -> tuple[Array, NDArray[np.intp]]:
        left = self.fleet.left_kw(self.power_kw)
        return self.fleet.room_kw(left)

    @cached_property
    def room_kw(self) -> Array:
        """How much more the network limits allow."""
        return self._room[0]

    @cached_property
    def binding(self) -> NDArray[np.intp]:
        """Which row of the network allows least, or is said by the multipliers to cost most."""
        tightest = self._room[1]
        shadow = self.result.shadow
        if shadow is None:
            return tightest
        # Of rows that are all used up, multipliers tell which one matters.
        by_kind = self.fleet.kinds[:, :, None] * shadow.capacity[None]
        left = self.fleet.left_kw(self.power_kw)[None]
        by_kind = np.where(left <= NO_ROOM_KW, by_kind, 0.0)
        most_expensive = by_kind.argmax(axis=1)
        cost = by_kind.max(axis=1)
        steps = np.arange(tightest.shape[1])
        known = cost[self.fleet.kind, steps] > 0
        return np.where(known, most_expensive[self.fleet.kind, steps], tightest)

    @cached_property
    def shadow_cost(self) -> Array:
        """What the binding row costs, per kWh drawn; 0 where not known."""
        shadow = self.result.shadow
        if shadow is None:
            return np.zeros_like(self.power_kw)
        steps = np.arange(self.power_kw.shape[1])
        share = self.fleet.kinds[self.fleet.kind, self.binding]
        per_kw = shadow.capacity[self.binding, steps]
        shadow_cost: Array = per_kw * share / np.maximum(self.fleet.hours, 1e-9)
        return shadow_cost

    @cached_property
    def at_max(self) -> Flags:
        """Whether it charges with all that the car can draw."""
        spare = np.maximum(self.fleet.portion_kw, NO_ROOM_KW) - NEGLIGIBLE_KW
        return self.on & (self.power_kw > self.fleet.max_kw - spare)

    @cached_property
    def no_room(self) -> Flags:
        """Whether the network limits are used up, as far as its limit can be set."""
        portion = np.where(self.on, self.fleet.portion_kw - NEGLIGIBLE_KW, 0.0)
        no_room: Flags = self.room_kw < np.maximum(portion, NO_ROOM_KW)
        return no_room

    @cached_property
    def too_little(self) -> Flags:
        """Whether there is room left, but less than the minimum of a car that is off."""
        max_kw = np.minimum(self.room_kw, self.fleet.max_kw)
        return ~self.on & (max_kw < self.fleet.min_kw - NEGLIGIBLE_KW)

    @cached_property
    def raises_peak(self) -> Flags:
        """Whether the least that it could draw more would raise a peak that is paid for."""
        problem = self.fleet.problem
        room = np.full(len(problem.horizon), np.inf)
        imported = self.flows.import_kw
        for tariff in problem.site.peak_tariffs:
            if tariff.is_priced:
                room = np.minimum(room, Billing.of(tariff, problem.horizon).room_kw(imported))
        if not np.isfinite(room).any():
            return np.zeros_like(self.on)
        portion = np.maximum(self.fleet.portion_kw, _PEAK_KW)
        more = np.where(self.on, portion, np.maximum(self.fleet.min_kw, portion))
        bought = np.maximum(more - self.sun_left_kw, 0.0)
        longer = np.array(problem.horizon.step_h) / np.maximum(self.fleet.hours, 1e-9)
        raises_peak: Flags = bought > np.maximum(room * longer - _PEAK_KW, _PEAK_KW / 2)
        return raises_peak

    @cached_property
    def tapers(self) -> Flags:
        """Whether the battery does not take more than this."""
        capped = np.zeros_like(self.on)
        for row, demand in enumerate(self.fleet.demands):
            if not demand.ev.taper:
                continue
            reached = np.array([point.energy_kwh for point in demand.ev.taper])
            rates = np.array([np.inf, *(point.max_power_kw for point in demand.ev.taper)])
            passed = np.searchsorted(reached, self.stored_kwh[row] - NEGLIGIBLE_KWH)
            allowed = np.maximum(rates[passed], self.fleet.min_kw[row])
            capped[row] = (self.power_kw[row] >= allowed - NO_ROOM_KW) & (
                allowed < self.fleet.max_kw[row] - NO_ROOM_KW
            )
        return self.on & capped

    @cached_property
    def indispensable(self) -> Flags:
        """Whether the car would be late without this step: all others have too little to spare."""
        reachable = np.minimum(self.fleet.max_kw, self.power_kw + np.maximum(self.room_kw, 0.0))
        reachable = np.where(reachable >= self.fleet.min_kw - NEGLIGIBLE_KW, reachable, 0.0)
        reachable = np.where(self.gives, 0.0, reachable)
        own = self.fleet.gain_kwh * self.power_kw
        spare = np.maximum(self.fleet.gain_kwh * reachable - own, 0.0)
        elsewhere = spare.sum(axis=1, keepdims=True) - spare
        too_much = np.maximum(self.stored_kwh[:, -1:] - self.wanted_kwh, 0.0)
        indispensable: Flags = self.on & (own > elsewhere + too_much + _SHORT_KWH)
        return indispensable

    @cached_property
    def lonely(self) -> Flags:
        """Whether charging in this step would be a start of its own."""
        going = np.array([[demand.ev.charging] for demand in self.fleet.demands])
        before = np.concatenate((going, self.on[:, :-1]), axis=1)
        after = np.pad(self.on, ((0, 0), (0, 1)))[:, 1:]
        lonely: Flags = ~self.on & ~before & ~after
        return lonely

    @cached_property
    def gain_of_start(self) -> Array:
        """What charging in this step, instead of in the most expensive, would save."""
        max_kw = np.clip(self.room_kw, 0.0, self.fleet.max_kw)
        cheaper = np.where(np.isfinite(self.most_expensive), self.most_expensive - self.entry, 1e9)
        return np.where(self.fleet.hours > 0, cheaper * self.fleet.hours * max_kw, 0.0)
