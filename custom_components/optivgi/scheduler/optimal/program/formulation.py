"""The charging model as mathematics: a mixed-integer linear program, built by PuLP.

For EV i in step t, where it is present for h hours and can draw something:

    x  power                kW        floor ... ceiling
    z  on or off            0 or 1    minimum * z <= x <= ceiling * z
    k  steps of power       0, 1, ..  x = minimum * z + step * k,  where these must be whole
    v  start                >= 0      v >= z(t) - z(t-1)
    u  part from surplus    kW        u <= x,  u <= min(surplus, ceiling) * z
    o  overshoot            kWh       at most one step at minimum power
    a  additional energy    kWh       at most what may be charged beyond the need

    minimise    sum h * (buy * x - (buy - sell) * u) + start_cost * v - below * a / efficiency
                + earliness + overshoot
    subject to  sum efficiency * h * x - o - a = need         for each EV
                sum share * x <= capacity                     for each limited part and step
                sum u <= surplus                              for each step with PV surplus

Binding u to its own z makes the relaxation nearly tight: without it a fractional z could use all
of a surplus that is smaller than the minimum power. Only present cells become variables, and only
rows that could bind become rows.

Where minimum powers leave no room for what everybody needs, energy is free at first and what each
car misses counts instead: the more the more it misses already. What it gets so is its need then.

Where a battery, cars that give energy back, or a price for the highest power are part of it, money
is counted at the meter instead of at each car: see meter.py. Switching between one and three
phases: see phases.py.
"""

import numpy as np
from pulp import LpVariable, lpSum_vars_coefs

from ...quantities.demand import Demand
from ...quantities.tolerances import NEGLIGIBLE_KWH
from ..overshoot import is_coarse, overshoot_price, possible_overshoot_kwh
from ..subproblem import HALF, Subproblem
from .builder import Builder, Cells, ChargingModel, Terms
from .meter import add_discharge, add_meter
from .phases import add_single_phase
from .taper import add_taper

PIECES = 30
"""Pieces in which what a car misses is counted."""
SMALLEST_KW = 0.01
"""Who is on draws at least so much: else a car without a minimum would go on with nothing."""


def build(
    subproblem: Subproblem,
    *,
    scarce: bool = False,
    early_taper: bool = False,
    sharing: bool = False,
) -> ChargingModel:
    """Build the program for cars that are planned together.

    Args:
        subproblem: The cars.
        scarce: The needs are shares of what is too little. Every car may then exceed its need by
            one step at minimum power, not only those whose power is too coarse to meet it exactly.
        early_taper: Batteries that take less as they fill do so a little early: see taper.py.
        sharing: Not everybody can get everything, and who gets how much is the question: what
            is missed may be more, and counts.
    """
    builder = _CarBuilder(subproblem, early_taper=early_taper, sharing=sharing)
    for index, demand in enumerate(subproblem.demands):
        builder.add_demand(index, demand, overshoot=scarce or sharing or is_coarse(demand))
    if subproblem.meter is not None:
        add_meter(builder, subproblem.meter)
    builder.add_capacity()
    builder.add_surplus()
    return builder.finish()


def _at(step: int, *kinds: Cells) -> list[LpVariable]:
    """Return the variables that there are for a step."""
    return [cells[step] for cells in kinds if step in cells]


class _CarBuilder(Builder):
    """Adds cars, and the PV surplus they share."""

    def __init__(self, subproblem: Subproblem, *, early_taper: bool, sharing: bool) -> None:
        super().__init__(subproblem)
        self._early_taper = early_taper
        self._sharing = sharing
        self._surplus_parts: dict[int, Terms] = {}
        self.early = subproblem.early

    def add_demand(self, index: int, demand: Demand, *, overshoot: bool) -> None:
        """Add one car: its cells, its switches and the row of its energy."""
        model = self.model
        energy: Terms = []
        power, switches = self._add_cells(index, demand, energy)
        portions: Cells = {}
        if (size := self.whole_kw(demand)) > 0:
            minimum = demand.ev.min_power_kw
            portions = {
                step: self.portions(f"k_{index}_{step}", x, switches[step], minimum, size)
                for step, x in power.items()
            }
        single, single_portions = add_single_phase(
            self, index, demand, power=power, switches=switches, energy=energy
        )
        one_phase = {step: x for step, (x, _) in single.items()}
        one_phase_switches = {step: z for step, (_, z) in single.items()}
        for cells, added in (
            (model.power, power),
            (model.switches, switches),
            (model.portions, portions),
            (model.single_portions, single_portions),
            (model.single, one_phase),
            (model.discharge, {}),
        ):
            cells.append(added)
        for step in sorted({*power, *single}):
            xs = _at(step, power, one_phase)
            zs = _at(step, switches, one_phase_switches)
            self._pay_energy(index, step, xs, zs, demand)
            if self.start_cost > 0:
                before = _at(step - 1, switches, one_phase_switches)
                self._add_start(index, step, zs, before, demand)
        if self.subproblem.meter is not None:
            add_discharge(self, index, demand, energy)
        if demand.ev.taper:
            self._add_taper(index, demand)
        self._balance_energy(index, demand, energy, overshoot=overshoot)

    def _add_cells(self, index: int, demand: Demand, energy: Terms) -> tuple[Cells, Cells]:
        """Add what a car can draw in each step, and whether it does."""
        power: Cells = {}
        switches: Cells = {}
        ev, gain = demand.ev, demand.gain_kwh
        special = ev.single_phase is not None or ev.discharge is not None
        switched = (
            ev.min_power_kw > 0 or self.start_cost > 0 or self.subproblem.whole_steps or special
        )
        for step in map(int, np.flatnonzero(demand.ceiling_kw)):
            ceiling, floor = float(demand.ceiling_kw[step]), float(demand.floor_kw[step])
            x = power[step] = self.variable(f"x_{index}_{step}", floor, ceiling)
            energy.append((x, float(gain[step])))
            self.carry(x, step, demand.share)
            if switched:
                # What has a floor is on.
                z = switches[step] = self.choice(f"z_{index}_{step}", step, made=floor > 0)
                if not self.whole_kw(demand):
                    self.row([(x, 1.0), (z, -ceiling)], upper=0.0)
                if ev.min_power_kw > 0 and not self.whole_kw(demand):
                    self.row([(z, ev.min_power_kw), (x, -1.0)], upper=0.0)
                elif ev.min_power_kw <= 0 < self.start_cost and ceiling >= SMALLEST_KW:
                    self.row([(z, SMALLEST_KW), (x, -1.0)], upper=0.0)
        return power, switches

    def _add_taper(self, index: int, demand: Demand) -> None:
        model, lost = self.model, demand.lost_kwh(np.ones_like(demand.hours))
        cells = []
        for step in map(int, np.flatnonzero(demand.hours)):
            powers = _at(step, model.power[index], model.single[index])
            change = [(x, float(demand.gain_kwh[step])) for x in powers]
            change += [(x, -float(lost[step])) for x in _at(step, model.discharge[index])]
            if change:
                cells.append((step, powers, change))
        add_taper(self, index, demand, cells, early=self._early_taper)

    def _pay_energy(
        self, index: int, step: int, xs: list[LpVariable], zs: list[LpVariable], demand: Demand
    ) -> None:
        """Count what a car draws in a step: at the meter, or at its price and from the surplus."""
        hours = float(demand.hours[step])
        early = float(self.early[step])
        at_meter = self.subproblem.meter is not None
        for x in xs:
            self.pay(x, hours * (early if at_meter else float(self.buy[step]) + early))
            self.drawn.setdefault(step, []).append(x)
        if not at_meter and self.network.surplus_kw[step] > 0 and self.buy[step] != self.sell[step]:
            self._add_surplus_part(index, step, xs, zs, demand)

    def _add_start(
        self,
        index: int,
        step: int,
        now: list[LpVariable],
        before: list[LpVariable],
        demand: Demand,
    ) -> None:
        if step == 0 and demand.ev.charging:
            return
        start = self.variable(f"v_{index}_{step}", 0, 1)
        self.pay(start, self.start_cost)
        self.row([*((z, 1.0) for z in now), *((z, -1.0) for z in before), (start, -1.0)], upper=0.0)

    def _add_surplus_part(
        self, index: int, step: int, xs: list[LpVariable], zs: list[LpVariable], demand: Demand
    ) -> None:
        maximum = min(float(self.network.surplus_kw[step]), float(demand.ceiling_kw[step]))
        if demand.ev.single_phase is not None:
            maximum = float(self.network.surplus_kw[step])
        u = self.variable(f"u_{index}_{step}", 0, maximum)
        self.pay(u, -float(demand.hours[step] * (self.buy[step] - self.sell[step])))
        if zs:
            self.row([(u, 1.0), *((z, -maximum) for z in zs)], upper=0.0)
        if not zs or maximum > demand.ev.min_power_kw or len(xs) > 1:
            self.row([(u, 1.0), *((x, -1.0) for x in xs)], upper=0.0)
        self._surplus_parts.setdefault(step, []).append((u, 1.0))

    def _balance_energy(
        self, index: int, demand: Demand, energy: Terms, *, overshoot: bool
    ) -> None:
        """Add the row of a car's energy."""
        if self.subproblem.whole_steps and demand.hours.any():
            # It is paid for: that is what choosing among whole steps is about.
            gain = demand.gain_kwh[demand.hours > 0]
            # A whole portion too many would never be needed.
            portion = (1 - 1e-6) * demand.ev.power_step_kw * float(gain.min())
            room = max(0.0, demand.ev.room_kwh - demand.need_kwh - demand.extra_kwh)
            maximum = max(min(portion, room), possible_overshoot_kwh(demand))
            o = self.variable(f"o_{index}", 0, maximum)
            energy.append((o, -1.0))
            self.pay(o, overshoot_price(demand, self.buy, self.sell))
        elif overshoot:
            self._add_overshoot(index, demand, energy)
        if demand.extra_kwh > 0:
            a = self.variable(f"a_{index}", 0, demand.extra_kwh)
            energy.append((a, -1.0))
            below = (demand.ev.extra_below_price or 0.0) / self.unit
            self.pay(a, -below / demand.ev.efficiency)
        if self._sharing and demand.need_kwh > NEGLIGIBLE_KWH:
            energy += self._miss(index, demand)
        self.program.addConstraint(lpSum_vars_coefs(energy) == demand.need_kwh)

    def _miss(self, index: int, demand: Demand) -> Terms:
        """Add what a car misses of its need, in pieces of which each counts for more.

        As the relaxation's shares do: a kWh counts 1, and up to 3 more the more of its need a car
        misses already, times its priority.
        """
        highest = max(other.ev.priority for other in self.subproblem.demands)
        pieces: Terms = []
        for piece in range(PIECES):
            missed = self.variable(f"s_{index}_{piece}", 0, demand.need_kwh / PIECES)
            level = demand.ev.priority * (piece + HALF) / PIECES
            self.pay(missed, 1 + 3 * level / highest)
            pieces.append((missed, 1.0))
        return pieces

    def _add_overshoot(self, index: int, demand: Demand, energy: Terms) -> None:
        o = self.variable(f"o_{index}", 0, possible_overshoot_kwh(demand))
        energy.append((o, -1.0))
        self.pay(o, overshoot_price(demand, self.buy, self.sell))

    def add_surplus(self) -> None:
        """Share each step's PV surplus; where exporting earns more than importing costs, force it.

        Using less than the surplus there would look cheaper, but no meter allows it: the grid may
        only be used (choice w) when all of the surplus is.
        """
        for step, parts in self._surplus_parts.items():
            surplus = float(self.network.surplus_kw[step])
            if len(parts) > 1:
                self.row(parts, upper=surplus)
            if self.sell[step] <= self.buy[step]:
                continue
            drawn = [(x, 1.0) for x in self.drawn[step]]
            maximum = sum(float(x.upBound or 0.0) for x, _ in drawn)
            w = self.choice(f"w_{step}", step)
            unused = [(u, -1.0) for u, _ in parts]
            self.row([*drawn, *unused, (w, -maximum)], upper=0.0)
            if maximum < surplus:
                self.row([(w, 1.0)], upper=0.0)
            else:
                self.row([*unused, (w, surplus)], upper=0.0)
