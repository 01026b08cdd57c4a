"""Keeps the plan that is being followed unless a new one is clearly better.

Among plans of nearly the same cost a solver picks any, and another one each time it is asked;
cars and contactors suffer from that, people lose trust in it. So the earlier plan is shifted to
the present, mended where the need has moved a little, and kept where it still does the job.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from .demand import Array, Demand, Wires
from .model import EV, EVSchedule, Horizon, PerStep, Problem, Schedule
from .report import costs, settle

BETTER_BY = 0.005
"""A new plan has to cost less by this part of its cost,"""
BETTER_BY_STARTS = 1.0
"""and by the cost of so many starts."""
TOLERATED_KWH = 0.05
"""Energy that a kept plan may miss, or charge beyond the need."""
TOLERATED_KW = 0.05
"""What the power of a car that charges at once may differ by."""
_TOLERANCE_KW = 1e-6


def keep_calm(problem: Problem, fresh: Schedule, earlier: Schedule | None) -> Schedule:
    """Return the earlier plan, brought up to date, where it is nearly as good as a fresh one.

    Args:
        problem: What the fresh plan was made for.
        fresh: A plan for it.
        earlier: The plan that is being followed, or None.

    Returns:
        A plan for the problem. What cars can charge at once or from surplus is never less than
        in the fresh plan.
    """
    if earlier is None or not problem.evs:
        return fresh
    power = _carry_over(problem, fresh, earlier)
    if power is None:
        return fresh
    paid = costs(problem, power)
    margin = max(BETTER_BY * abs(fresh.cost), BETTER_BY_STARTS * problem.start_cost)
    evs = tuple(
        _told(problem, ev, answer, series, cost)
        for ev, answer, series, cost in zip(problem.evs, fresh.evs, power, paid, strict=True)
    )
    if sum(paid) > fresh.cost + margin:
        return fresh
    gap = fresh.gap
    if gap is not None and fresh.cost > 0:
        gap = max(gap, gap + (sum(paid) - fresh.cost) / fresh.cost)
    return replace(fresh, evs=evs, cost=sum(paid), gap=gap, kept=True)


def _told(problem: Problem, ev: EV, answer: EVSchedule, power: Array, cost: float) -> EVSchedule:
    energy = float(np.dot(problem.present_h(ev), power)) * ev.efficiency
    missing = ev.energy_kwh - energy
    return replace(
        answer,
        limit_kw=tuple(float(value) for value in power),
        energy_kwh=energy,
        cost=cost,
        shortfall_kwh=max(0.0, missing) if answer.shortfall_cause is not None else 0.0,
    )


def _carry_over(problem: Problem, fresh: Schedule, earlier: Schedule) -> list[Array] | None:
    """Return the earlier plan on the steps of the problem, mended; None where it does not fit."""
    wires = Wires.of(problem)
    demands = [Demand.of(problem, ev, wires) for ev in problem.evs]
    power: list[Array] = []
    for ev, demand in zip(problem.evs, demands, strict=True):
        own = earlier.ev(ev.id)
        if own is None:
            return None
        series = _shifted(own.limit_kw, earlier.horizon, problem.horizon)
        series[demand.hours <= 0] = 0.0
        power.append(series)
    settle(demands, wires, power)
    for ev, series, answer in zip(problem.evs, power, fresh.evs, strict=True):
        if (ev.at_once or ev.surplus_only) and not np.allclose(
            series, answer.limit_kw, rtol=0.0, atol=TOLERATED_KW
        ):
            return None
    room = wires.capacity_kw - sum(
        np.outer(demand.share, series) for demand, series in zip(demands, power, strict=True)
    )
    if np.any(room < -_TOLERANCE_KW):
        return None
    prices = np.array(problem.site.import_price)
    for demand, series, answer in zip(demands, power, fresh.evs, strict=True):
        if not _mend(demand, series, answer.energy_kwh, prices, room):
            return None
    return power


def _shifted(limits: PerStep, earlier: Horizon, horizon: Horizon) -> Array:
    """Return limits per step of an earlier horizon on the steps of another one."""
    starts = np.array([edge.timestamp() for edge in earlier.edges])
    middles = np.array(
        [(begin.timestamp() + end.timestamp()) / 2 for begin, end in pairwise(horizon.edges)]
    )
    index = np.searchsorted(starts, middles, side="right") - 1
    known = (index >= 0) & (index < len(limits))
    series: Array = np.where(known, np.array(limits)[np.clip(index, 0, len(limits) - 1)], 0.0)
    return series


def _mend(demand: Demand, power_kw: Array, energy_kwh: float, prices: Array, room: Array) -> bool:
    """Change in place the power of steps in which a car charges until the energy is right.

    Cheap steps are raised and dear ones lowered, the last among equals first and the present one
    only in the end, so that what is done now stays. Returns whether that suffices.
    """
    missing = energy_kwh - demand.energy_kwh(power_kw)
    if abs(missing) <= TOLERATED_KWH:
        return True
    on = [int(step) for step in np.flatnonzero(power_kw > 0)]
    used = demand.share > 0
    way = 1.0 if missing > 0 else -1.0
    for step in sorted(on, key=lambda step: (step == 0, way * prices[step], -step)):
        if abs(missing) <= _TOLERANCE_KW:
            break
        gain = float(demand.gain_kwh[step])
        free = float((room[used, step] / demand.share[used]).min())
        lowest = demand.ev.min_power_kw - power_kw[step]
        highest = min(free, demand.ceiling_kw[step] - power_kw[step])
        change = float(np.clip(missing / gain, min(lowest, 0.0), max(highest, 0.0)))
        if (portion_kw := demand.ev.power_step_kw) > 0:
            # Whole portions only; rather one too many than one too few.
            portions = np.ceil(change / portion_kw - _TOLERANCE_KW)
            most = np.floor(max(highest, 0.0) / portion_kw + _TOLERANCE_KW)
            change = float(min(portions, most)) * portion_kw
        power_kw[step] += change
        room[:, step] -= demand.share * change
        missing -= change * gain
    portion = demand.ev.power_step_kw * float(demand.gain_kwh.max(initial=0.0))
    return -max(TOLERATED_KWH, portion) <= missing <= TOLERATED_KWH
