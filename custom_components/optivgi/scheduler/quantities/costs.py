"""What a plan costs: each EV's part, and what the money is made of.

All at the meter. With n what the meter shows without the EVs (base load, home battery, minus
PV), P what they draw and G what they give, a step of h hours costs

    bill(n + P - G) - bill(n)        bill(x) = h * (x * import price if x > 0 else x * export price)

with x no lower than what may be exported: what is curtailed earns nothing. Of that

of which bill(n + P) - bill(n) is paid by those who draw and bill(n + P) - bill(n + P - G) is
earned by those who give. Where EVs come or go within a step that matters: what is given in a part
of it saves nothing in the rest, nor is the sun of the morning used by who comes at noon. So there
the step is cut into moments in which the same EVs are there, and each has its own bill.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
import math

import numpy as np

from ..model import EV, Battery, CostSplit, Problem
from .demand import Array
from .peaks import peak_cost
from .presence import Moments, presence_h
from .storage import BatteryPowers, charged_kw
from .tolerances import NEGLIGIBLE_KW

_SAME_H = 1e-9
"""Times that differ by less are the same."""
_NO_POWER_KW = 1e-12
"""Less than any power, to divide by where there is none."""


@dataclass(frozen=True, kw_only=True)
class Flows:
    """What a plan moves; a row for each EV of the Problem, a column for each step.

    Attributes:
        problem: What it is a plan for.
        hours: How long each EV is there in each step.
        drawn_kw: What each draws while it is there.
        given_kw: What each gives back while it is there.
        batteries_kw: What each planned home battery does: charging above 0, discharging below.
    """

    problem: Problem
    hours: Array
    drawn_kw: Array
    given_kw: Array
    batteries_kw: BatteryPowers

    @classmethod
    def of(
        cls,
        problem: Problem,
        drawn_kw: Sequence[Array] | Array,
        *,
        hours: Array | None = None,
        discharge_kw: Mapping[str, Array] | None = None,
        battery_kw: BatteryPowers | None = None,
    ) -> Flows:
        """Gather what a plan moves; what is not given is nothing.

        Args:
            problem: The prices, and the EVs in their order.
            drawn_kw: What each EV draws, per step.
            hours: How long each is there in each step, if known already.
            discharge_kw: What EVs give back, by their id.
            battery_kw: What each planned home battery does.
        """
        steps = len(problem.horizon)
        nothing = np.zeros(steps)
        shape = (len(problem.evs), steps)
        given = np.zeros(shape)
        for row, ev in enumerate(problem.evs if discharge_kw else ()):
            given[row] = (discharge_kw or {}).get(ev.id, nothing)
        return cls(
            problem=problem,
            hours=presence_h(problem.horizon, problem.evs) if hours is None else hours,
            drawn_kw=np.array(drawn_kw, dtype=np.float64).reshape(shape),
            given_kw=given,
            batteries_kw=battery_kw or {},
        )

    @cached_property
    def battery_kw(self) -> Array:
        """What all planned home batteries do together, per step."""
        nothing = np.zeros(len(self.problem.horizon))
        total: Array = np.sum([nothing, *self.batteries_kw.values()], axis=0)
        return total

    @property
    def house_kw(self) -> Array:
        """What the meter would show without EVs and without what is planned, per step."""
        problem = self.problem
        load = np.array(problem.base_load_kw) - np.array(problem.pv_kw)
        house_kw: Array = load + np.array(problem.given_charge_kw)
        return house_kw

    @property
    def surplus_kw(self) -> Array:
        """What the EVs can draw without importing, per step; the home battery comes first."""
        surplus: Array = np.maximum(-(self.house_kw + self.battery_kw), 0.0)
        return surplus

    @property
    def sun_kw(self) -> Array:
        """What PV leaves to cars that may draw nothing else: without what a battery gives."""
        charged = charged_kw(self.batteries_kw, len(self.problem.horizon))
        sun: Array = np.maximum(-(self.house_kw + charged), 0.0)
        return sun

    @cached_property
    def moments(self) -> Moments:
        """The steps, cut where EVs come and go and it matters for the bill who is there when."""
        horizon, moves = self.problem.horizon, (self.drawn_kw > 0) | (self.given_kw > 0)
        uneven = (moves & (self.hours < np.array(horizon.step_h) - _SAME_H)).any(axis=0)
        surplus = self.surplus_kw
        drawn = self.drawn_kw.sum(axis=0)
        curtailed = surplus - np.array(self.problem.export_limit_kw)
        bent = (surplus > 0) & (surplus < drawn) | (curtailed > 0) & (curtailed < drawn)
        bent |= (self.given_kw > 0).any(axis=0)
        if not (uneven & bent).any():
            return Moments.uncut(horizon, self.hours)
        return Moments.of(horizon, self.problem.evs, uneven & bent)

    @property
    def import_kw(self) -> Array:
        """The mean import of the whole site, per step."""
        moments = self.moments
        net = (self.house_kw + self.battery_kw)[moments.step]
        net += moments.total_kw(self.drawn_kw - self.given_kw)
        mean: Array = moments.per_step(moments.hours * np.maximum(net, 0.0))
        mean /= np.array(self.problem.horizon.step_h)
        return mean

    def energies(self) -> Energies:
        """Return where the energy comes from that EVs draw, and goes that they give."""
        moments = self.moments
        drawn, given = (moments.total_kw(power) for power in (self.drawn_kw, self.given_kw))
        sunny = np.minimum(1.0, self.surplus_kw[moments.step] / np.maximum(drawn, _NO_POWER_KW))
        house = (self.house_kw + self.battery_kw)[moments.step]
        needed = np.maximum(house + drawn, 0.0) / np.maximum(given, _NO_POWER_KW)
        solar = self.drawn_kw * moments.hours_of(sunny)
        saving = self.given_kw * moments.hours_of(np.minimum(1.0, needed))
        limit = np.array(self.problem.export_limit_kw)[moments.step]
        surplus = self.surplus_kw[moments.step]
        curtailed = np.maximum(surplus - limit, 0.0)
        free = np.minimum(1.0, curtailed / np.maximum(drawn, _NO_POWER_KW))
        out = [np.minimum(np.maximum(-(house + drawn - g), 0.0), limit) for g in (0.0, given)]
        paid = (out[1] - out[0]) / np.maximum(given, _NO_POWER_KW)
        return Energies(
            bought=self.drawn_kw * self.hours - solar,
            solar=solar,
            saving=saving,
            exported=self.given_kw * moments.hours_of(paid),
            curtailed=self.drawn_kw * moments.hours_of(free),
        )


@dataclass(frozen=True, kw_only=True)
class Energies:
    """What EVs draw and give, in kWh: a row for each, a column for each step.

    Attributes:
        bought: Drawn from the grid.
        solar: Drawn from PV surplus; all share it in proportion to what they draw.
        saving: Given back, and drawn by others at the site instead of from the grid.
        exported: Given back, and exported within the limit on that.
        curtailed: The part of solar that could not have been exported.
    """

    bought: Array
    solar: Array
    saving: Array
    exported: Array
    curtailed: Array


@dataclass(frozen=True, kw_only=True)
class Money:
    """What a plan costs, in the site's currency.

    Attributes:
        per_ev: What each EV pays for what it draws, less what it earns by giving back.
        split: What the money is made of.
    """

    per_ev: Array
    split: CostSplit

    @property
    def total(self) -> float:
        """The sum of all parts."""
        split = self.split
        return (
            split.grid
            + split.surplus
            + split.peak
            + split.co2
            + split.wear
            + split.starts
            + split.storage
        )


def money_of(flows: Flows, buy: Array | None = None) -> Money:
    """Return what a plan costs: each EV's part, and its parts by kind.

    The EVs' parts are grid, surplus and what giving back saves; the rest has no single cause.

    Args:
        flows: What the plan moves.
        buy: What a kWh imported counts for, per step, CO2 included; by default what it costs.
    """
    problem = flows.problem
    step_h = np.array(problem.horizon.step_h)
    priced = buy is not None
    buy = np.array(problem.site.import_price) if buy is None else buy
    sell = np.array(problem.export_price)
    kwh = flows.energies()
    paid_grid, paid_surplus = buy * kwh.bought, sell * (kwh.solar - kwh.curtailed)
    earned = buy * kwh.saving + sell * kwh.exported
    idle, moved = flows.house_kw, flows.house_kw + flows.battery_kw
    lowest = -np.array(problem.export_limit_kw)
    bills = [
        step_h * np.maximum(power, lowest) * np.where(power > 0, buy, sell)
        for power in (idle, moved)
    ]
    given_kwh = (flows.hours * flows.given_kw).sum(axis=1)
    wear = math.fsum(
        float(kwh) * ev.discharge.wear_cost
        for ev, kwh in zip(problem.evs, given_kwh, strict=True)
        if ev.discharge is not None
    )
    wear += math.fsum(
        battery.wear_cost * float(np.dot(step_h, np.maximum(-own, 0.0)))
        for battery, own in _planned(flows)
    )
    co2 = 0.0
    if problem.site.co2_price and problem.site.co2_kg_per_kwh and not priced:
        imported = (kwh.bought - kwh.saving).sum(axis=0)
        imported += step_h * (np.maximum(moved, 0.0) - np.maximum(idle, 0.0))
        co2 = problem.site.co2_price * float(np.dot(problem.site.co2_kg_per_kwh, imported))
    import_kw = flows.import_kw
    return Money(
        per_ev=(paid_grid + paid_surplus - earned).sum(axis=1),
        split=CostSplit(
            grid=float(paid_grid.sum()),
            surplus=float(paid_surplus.sum()),
            peak=math.fsum(
                peak_cost(tariff, problem.horizon, import_kw)
                - peak_cost(tariff, problem.horizon, idle)
                for tariff in problem.site.peak_tariffs
            ),
            co2=co2,
            wear=wear,
            starts=problem.start_cost * count_starts(problem.evs, flows.drawn_kw),
            storage=float(bills[1].sum() - bills[0].sum() - earned.sum()),
        ),
    )


def bill_of(flows: Flows) -> float:
    """Return the true bill of a plan, by which every plan is judged; in the site's currency.

    All that the plan adds to what the site pays, at the prices that count in decisions: energy,
    peaks, CO2, wear and starts; less what a home battery holds more in the end than in the
    beginning, and what energy beyond the targets is worth to its cars.

    Args:
        flows: What the plan moves; what batteries accept, where cars draw less than they may.
    """
    problem = flows.problem
    total = money_of(flows, np.array(problem.decision_price)).total
    for battery, own in _planned(flows):
        if battery.end_price is not None:
            stored = battery.stored_kwh_by(own.tolist(), problem.horizon.step_h)[-1]
            total -= battery.end_price * (stored - battery.stored_kwh)
    into = (flows.hours * flows.drawn_kw).sum(axis=1)
    for ev, drawn_kwh in zip(problem.evs, into, strict=True):
        if ev.extra_below_price is not None and ev.possible_extra_kwh > 0:
            extra = float(drawn_kwh) * ev.efficiency - ev.wanted_kwh
            extra = min(max(0.0, extra), ev.possible_extra_kwh)
            total -= ev.extra_below_price * extra / ev.efficiency
    return total


def costs(
    problem: Problem,
    power_kw: Sequence[Array],
    *,
    discharge_kw: Mapping[str, Array] | None = None,
    battery_kw: BatteryPowers | None = None,
) -> list[float]:
    """Return what each EV's energy costs.

    PV surplus is used before the grid is, and costs what exporting it would have earned. The EVs
    share it in proportion to what they draw, moment by moment. What they give back earns what it
    saves at the meter.

    Args:
        problem: The prices, and the EVs in their order.
        power_kw: What each EV draws, per step.
        discharge_kw: What EVs give back, per step, by their id.
        battery_kw: What each planned home battery does, per step: charging above 0.

    Returns:
        The cost of each EV, in the site's currency.
    """
    flows = Flows.of(problem, power_kw, discharge_kw=discharge_kw, battery_kw=battery_kw)
    return [float(value) for value in money_of(flows).per_ev]


def _planned(flows: Flows) -> Iterator[tuple[Battery, Array]]:
    """Yield the batteries that are planned, with what they do."""
    for battery in flows.problem.batteries:
        if battery.id in flows.batteries_kw:
            yield battery, flows.batteries_kw[battery.id]


def count_starts(evs: Iterable[EV], power_kw: Array) -> int:
    """Return how often charging starts; going on with it is not a start.

    Args:
        evs: The cars.
        power_kw: What they draw: a row for each, a column for each step.
    """
    on = power_kw > NEGLIGIBLE_KW
    going = np.array([[ev.charging] for ev in evs], dtype=bool).reshape(-1, 1)
    before = np.concatenate((going, on[:, :-1]), axis=1)
    return int(np.count_nonzero(on & ~before))
