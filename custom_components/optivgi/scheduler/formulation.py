"""The charging model as mathematics: a mixed-integer linear program, built by PuLP.

For EV i in step t, where it is present for h hours and can draw something:

    x  power                kW        0 ... ceiling
    z  on or off            0 or 1    minimum * z <= x <= ceiling * z
    v  start                >= 0      v >= z(t) - z(t-1)
    u  part from surplus    kW        u <= x,  u <= min(surplus, ceiling) * z
    o  overshoot            kWh       at most one step at minimum power

    minimise    sum h * (buy * x - (buy - sell) * u) + start_cost * v + earliness + overshoot
    subject to  sum efficiency * h * x - o = need         for each EV
                sum share * x <= capacity                 for each limited part and step
                sum u <= surplus                          for each step with PV surplus

Binding u to its own z makes the relaxation nearly tight: without it a fractional z could use all
of a surplus that is smaller than the minimum power. Only present cells become variables, and only
rows that could bind become rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from pulp import LpMinimize, LpProblem, LpVariable, lpSum_vars_coefs

from .demand import Array, Demand, Wires

type Terms = list[tuple[LpVariable, float]]

EARLINESS = 1e-6
"""What an hour later counts for, per kWh and relative to the highest price: decides ties only."""
OVERSHOOT = 0.01
"""What a kWh too many counts for beyond its price, relative to the highest price."""
OBJECTIVE_SCALE = 1000.0
"""The highest price becomes this much, so that ties are above the solver's 1e-7 tolerance."""


@dataclass(frozen=True, kw_only=True)
class Tariff:
    """What energy and starts cost: per kWh and step, and per start."""

    buy: Array
    sell: Array
    start_cost: float = 0.0

    @property
    def unit(self) -> float:
        """The highest price, or 1 where all energy is free: makes the model free of currencies."""
        highest = float(max(np.abs(self.buy).max(), np.abs(self.sell).max()))
        return highest if highest > 0 else 1.0


@dataclass(kw_only=True)
class ChargingModel:
    """The program and the variables to read from it.

    Attributes:
        program: The PuLP problem.
        power: x of each demand, by step.
        switches: z of each demand, by step; empty where it has no minimum and starts are free.
        choices: Every variable that must be whole.
        money_per_objective: What one unit of the objective is in the site's currency.
    """

    program: LpProblem
    power: list[dict[int, LpVariable]] = field(default_factory=list)
    switches: list[dict[int, LpVariable]] = field(default_factory=list)
    choices: list[LpVariable] = field(default_factory=list)
    money_per_objective: float = 1.0


def build(
    demands: Sequence[Demand],
    wires: Wires,
    tariff: Tariff,
    elapsed_h: Array,
    *,
    scarce: bool = False,
    service: bool = False,
) -> ChargingModel:
    """Build the program for cars that are planned together.

    Args:
        demands: The cars; their needs must be reachable.
        wires: What they may draw, and the PV surplus that is left for them.
        tariff: What it costs.
        elapsed_h: Hours from now to the beginning of each step.
        scarce: The needs are shares of what is too little. Every car may then exceed its need by
            one step at minimum power, not only those whose power is too coarse to meet it exactly.
        service: Minimise the missing fractions instead of the money: how close to their needs
            minimum powers let the cars get.
    """
    model = ChargingModel(
        program=LpProblem("charging", LpMinimize),
        money_per_objective=tariff.unit / OBJECTIVE_SCALE,
    )
    builder = _Builder(model, wires, tariff, elapsed_h)
    for index, demand in enumerate(demands):
        builder.add_demand(index, demand, overshoot=scarce or _is_coarse(demand), shortage=service)
    if service:
        builder.count_shortages()
    builder.add_capacity(demands)
    builder.add_surplus()
    builder.finish()
    return model


def _is_coarse(demand: Demand) -> bool:
    """Whether some amounts of energy cannot be met exactly with 0 or minimum ... maximum."""
    cells = demand.ceiling_kw > 0
    minimum = demand.ev.min_power_kw
    return minimum > 0 and (
        2 * minimum > float(demand.ceiling_kw[cells].min())
        or demand.need_kwh < minimum * float(demand.gain_kwh[cells].max())
    )


class _Builder:
    """Adds variables and rows to a ChargingModel."""

    def __init__(
        self, model: ChargingModel, wires: Wires, tariff: Tariff, elapsed_h: Array
    ) -> None:
        self.model = model
        self.program = model.program
        self.wires = wires
        self.buy = tariff.buy / tariff.unit
        self.sell = tariff.sell / tariff.unit
        self.start_cost = tariff.start_cost / tariff.unit
        self.elapsed_h = elapsed_h
        self.objective: Terms = []
        self.surplus_parts: dict[int, Terms] = {}
        self.drawn: dict[int, Terms] = {}
        self.shortages: Terms = []

    def add_demand(self, index: int, demand: Demand, *, overshoot: bool, shortage: bool) -> None:
        """Add one car: its cells, its switches and the row of its energy."""
        minimum = demand.ev.min_power_kw
        power: dict[int, LpVariable] = {}
        switches: dict[int, LpVariable] = {}
        energy: Terms = []
        gain = demand.gain_kwh
        early = EARLINESS * self.elapsed_h
        for step in map(int, np.flatnonzero(demand.ceiling_kw)):
            ceiling = float(demand.ceiling_kw[step])
            hours = float(demand.hours[step])
            x = self.program.add_variable(f"x_{index}_{step}", 0, ceiling)
            power[step] = x
            energy.append((x, float(gain[step])))
            self.objective.append((x, hours * float(self.buy[step] + early[step])))
            z = None
            if minimum > 0 or self.start_cost > 0:
                z = self.program.add_variable(f"z_{index}_{step}", 0, 1, "Integer")
                switches[step] = z
                self._row([(x, 1.0), (z, -ceiling)], upper=0.0)
                if minimum > 0:
                    self._row([(z, minimum), (x, -1.0)], upper=0.0)
                if self.start_cost > 0:
                    self._add_start(index, step, switches, charging=demand.ev.charging)
            if self.wires.surplus_kw[step] > 0 and self.buy[step] != self.sell[step]:
                self._add_surplus_part(index, step, x, z, demand)
        if overshoot:
            self._add_overshoot(index, demand, energy)
        if shortage and demand.need_kwh > 0:
            short = self.program.add_variable(f"q_{index}", 0, demand.need_kwh)
            energy.append((short, 1.0))
            self.shortages.append((short, demand.ev.priority / demand.need_kwh))
        self.program.addConstraint(lpSum_vars_coefs(energy) == demand.need_kwh)
        self.model.power.append(power)
        self.model.switches.append(switches)
        self.model.choices.extend(switches.values())

    def _row(self, terms: Terms, *, upper: float) -> None:
        self.program.addConstraint(lpSum_vars_coefs(terms) <= upper)

    def _add_start(
        self, index: int, step: int, switches: dict[int, LpVariable], *, charging: bool
    ) -> None:
        if step == 0 and charging:
            return
        start = self.program.add_variable(f"v_{index}_{step}", 0, 1)
        self.objective.append((start, self.start_cost))
        before = [(switches[step - 1], -1.0)] if step - 1 in switches else []
        self._row([(switches[step], 1.0), *before, (start, -1.0)], upper=0.0)

    def _add_surplus_part(
        self, index: int, step: int, x: LpVariable, z: LpVariable | None, demand: Demand
    ) -> None:
        most = min(float(self.wires.surplus_kw[step]), float(demand.ceiling_kw[step]))
        u = self.program.add_variable(f"u_{index}_{step}", 0, most)
        saving = float(demand.hours[step] * (self.buy[step] - self.sell[step]))
        self.objective.append((u, -saving))
        if z is not None:
            self._row([(u, 1.0), (z, -most)], upper=0.0)
        if z is None or most > demand.ev.min_power_kw:
            self._row([(u, 1.0), (x, -1.0)], upper=0.0)
        self.surplus_parts.setdefault(step, []).append((u, 1.0))
        self.drawn.setdefault(step, []).append((x, 1.0))

    def _add_overshoot(self, index: int, demand: Demand, energy: Terms) -> None:
        cells = demand.ceiling_kw > 0
        most = demand.ev.min_power_kw * float(demand.gain_kwh[cells].max())
        o = self.program.add_variable(f"o_{index}", 0, most)
        energy.append((o, -1.0))
        # The car stops when it is full: what it does not draw costs nothing. Only so much is
        # given back that no plan gains by too much energy.
        cheapest = np.where(self.wires.surplus_kw > 0, np.minimum(self.buy, self.sell), self.buy)[
            cells
        ].min()
        self.objective.append((o, OVERSHOOT - float(cheapest) / demand.ev.efficiency))

    def add_capacity(self, demands: Sequence[Demand]) -> None:
        """Add a row for each limited part and step where the cars together could exceed it."""
        for row, capacity in enumerate(self.wires.capacity_kw):
            possible = sum(
                (demand.share[row] * demand.ceiling_kw for demand in demands),
                np.zeros_like(capacity),
            )
            for step in map(int, np.flatnonzero(possible > capacity)):
                terms = [
                    (power[step], float(demand.share[row]))
                    for demand, power in zip(demands, self.model.power, strict=True)
                    if step in power and demand.share[row] > 0
                ]
                # A single car's ceiling already holds what its wires can carry.
                if len(terms) > 1:
                    self._row(terms, upper=float(capacity[step]))

    def add_surplus(self) -> None:
        """Share each step's PV surplus; where exporting earns more than importing costs, force it.

        Using less than the surplus there would look cheaper, but no meter allows it: the grid may
        only be used (choice w) when all of the surplus is.
        """
        for step, parts in self.surplus_parts.items():
            surplus = float(self.wires.surplus_kw[step])
            if len(parts) > 1:
                self._row(parts, upper=surplus)
            if self.sell[step] <= self.buy[step]:
                continue
            drawn = self.drawn[step]
            most = sum(float(x.upBound or 0.0) for x, _ in drawn)
            w = self.program.add_variable(f"w_{step}", 0, 1, "Integer")
            self.model.choices.append(w)
            unused = [(u, -1.0) for u, _ in parts]
            self._row([*drawn, *unused, (w, -most)], upper=0.0)
            if most < surplus:
                self._row([(w, 1.0)], upper=0.0)
            else:
                self._row([*unused, (w, surplus)], upper=0.0)

    def count_shortages(self) -> None:
        """Let missing fractions be all that counts."""
        self.objective = list(self.shortages)

    def finish(self) -> None:
        """Set the objective."""
        self.program.setObjective(
            lpSum_vars_coefs([(var, OBJECTIVE_SCALE * coef) for var, coef in self.objective])
        )
