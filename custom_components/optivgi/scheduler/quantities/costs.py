"""What a plan costs: each EV's part, and what the money is made of.

All at the meter. With n what the meter shows without the EVs (base load, home battery, minus
PV), P what they draw and G what they give, a step of h hours costs

    bill(n + P - G) - bill(n)        bill(x) = h * (x * import price if x > 0 else x * export price)

of which bill(n + P) - bill(n) is paid by those who draw and bill(n + P) - bill(n + P - G) is
earned by those who give.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import math

import numpy as np

from ..model import CostSplit, Problem
from .demand import Array
from .peaks import peak_cost
from .tolerances import NEGLIGIBLE_KW


@dataclass(frozen=True, kw_only=True)
class Flows:
    """What a plan moves; a row for each EV of the Problem, a column for each step.

    Attributes:
        problem: What it is a plan for.
        hours: How long each EV is there in each step.
        drawn_kw: What each draws while it is there.
        given_kw: What each gives back while it is there.
        battery_kw: What the home battery is planned to do: charging above 0, discharging below.
    """

    problem: Problem
    hours: Array
    drawn_kw: Array
    given_kw: Array
    battery_kw: Array

    @classmethod
    def of(
        cls,
        problem: Problem,
        drawn_kw: Sequence[Array] | Array,
        *,
        hours: Array | None = None,
        discharge_kw: Mapping[str, Array] | None = None,
        battery_kw: Array | None = None,
    ) -> Flows:
        """Gather what a plan moves; what is not given is nothing.

        Args:
            problem: The prices, and the EVs in their order.
            drawn_kw: What each EV draws, per step.
            hours: How long each is there in each step, if known already.
            discharge_kw: What EVs give back, by their id.
            battery_kw: What the home battery is planned to do.
        """
        steps = len(problem.horizon)
        nothing = np.zeros(steps)
        shape = (len(problem.evs), steps)
        given = np.zeros(shape)
        for row, ev in enumerate(problem.evs if discharge_kw else ()):
            given[row] = (discharge_kw or {}).get(ev.id, nothing)
        return cls(
            problem=problem,
            hours=presence_h(problem) if hours is None else hours,
            drawn_kw=np.array(drawn_kw, dtype=np.float64).reshape(shape),
            given_kw=given,
            battery_kw=nothing if battery_kw is None else np.asarray(battery_kw),
        )

    @property
    def house_kw(self) -> Array:
        """What the meter would show without EVs and without what is planned, per step."""
        problem = self.problem
        load = np.array(problem.base_load_kw) - np.array(problem.pv_kw)
        if problem.battery is not None and problem.battery.given_kw:
            # Its discharging may end any time, or is held back where cars draw.
            load += np.maximum(problem.battery.given_kw, 0.0)
        house_kw: Array = load
        return house_kw

    @property
    def surplus_kw(self) -> Array:
        """What the EVs can draw without importing, per step; the home battery comes first."""
        surplus: Array = np.maximum(-(self.house_kw + self.battery_kw), 0.0)
        return surplus

    @property
    def import_kw(self) -> Array:
        """The mean import of the whole site, per step."""
        step_h = np.array(self.problem.horizon.step_h)
        cars = ((self.drawn_kw - self.given_kw) * self.hours).sum(axis=0) / step_h
        mean: Array = np.maximum(self.house_kw + self.battery_kw + cars, 0.0)
        return mean

    def from_surplus_kw(self) -> Array:
        """Return how much of what each EV draws is PV surplus.

        They share it in proportion to what they draw; where they are present for different parts
        of a step, those present longer come first.
        """
        power, hours, surplus = self.drawn_kw, self.hours, self.surplus_kw
        used: Array = power * np.minimum(1.0, surplus / np.maximum(power.sum(axis=0), 1e-12))
        if not len(power) or not surplus.any():
            return used
        drawing = power > 0
        longest = np.where(drawing, hours, 0.0).max(axis=0)
        uneven = (drawing & (hours < longest - 1e-9)).any(axis=0) & (surplus > 0)
        for step in np.flatnonzero(uneven):
            left = float(surplus[step])
            for length in np.unique(hours[drawing[:, step], step])[::-1]:
                group = drawing[:, step] & (hours[:, step] == length)
                total = float(power[group, step].sum())
                taken = min(left, total)
                used[group, step] = power[group, step] * (taken / total)
                left -= taken
        return used

    def saving_share(self) -> Array:
        """Return how much of what EVs give replaces import, per step; the rest is exported."""
        step_h = np.array(self.problem.horizon.step_h)
        given = (self.given_kw * self.hours).sum(axis=0) / step_h
        drawn = (self.drawn_kw * self.hours).sum(axis=0) / step_h
        imported = np.maximum(self.house_kw + self.battery_kw + drawn, 0.0)
        share: Array = np.minimum(1.0, imported / np.maximum(given, 1e-12))
        return share


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


def money_of(flows: Flows) -> Money:
    """Return what a plan costs: each EV's part, and its parts by kind.

    The EVs' parts are grid, surplus and what giving back saves; the rest has no single cause.
    """
    problem = flows.problem
    step_h = np.array(problem.horizon.step_h)
    buy = np.array(problem.site.import_price)
    sell = np.array(problem.export_price)
    solar = flows.from_surplus_kw()
    bought = flows.drawn_kw - solar
    paid_grid = flows.hours * buy * bought
    paid_surplus = flows.hours * sell * solar
    saving = flows.saving_share()
    earned = flows.hours * flows.given_kw * (saving * buy + (1 - saving) * sell)
    idle, moved = flows.house_kw, flows.house_kw + flows.battery_kw
    bills = [step_h * power * np.where(power > 0, buy, sell) for power in (idle, moved)]
    given_kwh = (flows.hours * flows.given_kw).sum(axis=1)
    wear = math.fsum(
        float(kwh) * ev.discharge.wear_cost
        for ev, kwh in zip(problem.evs, given_kwh, strict=True)
        if ev.discharge is not None
    )
    if problem.battery is not None:
        from_battery = float(np.dot(step_h, np.maximum(-flows.battery_kw, 0.0)))
        wear += problem.battery.wear_cost * from_battery
    co2 = 0.0
    if problem.site.co2_price and problem.site.co2_kg_per_kwh:
        imported = (flows.hours * bought).sum(axis=0)
        imported -= saving * (flows.hours * flows.given_kw).sum(axis=0)
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
            starts=problem.start_cost * count_starts(problem, flows.drawn_kw),
            storage=float(bills[1].sum() - bills[0].sum() - earned.sum()),
        ),
    )


def costs(
    problem: Problem,
    power_kw: Sequence[Array],
    *,
    discharge_kw: Mapping[str, Array] | None = None,
    battery_kw: Array | None = None,
) -> list[float]:
    """Return what each EV's energy costs.

    PV surplus is used before the grid is, and costs what exporting it would have earned. The EVs
    share it in proportion to what they draw; where they are present for different parts of a
    step, those present longer come first. What they give back earns what it saves at the meter.

    Args:
        problem: The prices, and the EVs in their order.
        power_kw: What each EV draws, per step.
        discharge_kw: What EVs give back, per step, by their id.
        battery_kw: What the home battery is planned to do, per step: charging above 0.

    Returns:
        The cost of each EV, in the site's currency.
    """
    flows = Flows.of(problem, power_kw, discharge_kw=discharge_kw, battery_kw=battery_kw)
    return [float(value) for value in money_of(flows).per_ev]


def count_starts(problem: Problem, power_kw: Array) -> int:
    """Return how often charging starts; going on with it is not a start."""
    on = power_kw > NEGLIGIBLE_KW
    going = np.array([[ev.charging] for ev in problem.evs], dtype=bool).reshape(-1, 1)
    before = np.concatenate((going, on[:, :-1]), axis=1)
    return int(np.count_nonzero(on & ~before))


def presence_h(problem: Problem) -> Array:
    """Return how many hours of each step each EV is there, a row for each."""
    horizon = problem.horizon
    edges = np.array([(edge - horizon.start).total_seconds() for edge in horizon.edges])
    arrivals = [(ev.arrival - horizon.start).total_seconds() for ev in problem.evs]
    departures = [(ev.departure - horizon.start).total_seconds() for ev in problem.evs]
    begin = np.maximum(edges[:-1], np.array(arrivals).reshape(-1, 1))
    end = np.minimum(edges[1:], np.array(departures).reshape(-1, 1))
    hours: Array = np.maximum(end - begin, 0.0) / 3600
    return hours
