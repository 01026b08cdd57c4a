"""From a power per EV and step to the Schedule that a Problem is answered with."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .demand import Array, Demand, Wires
from .greedy import charge_at_once
from .model import EVSchedule, Problem, Schedule, ShortfallCause, SolveStatus
from .rounding import round_to_steps

REPORTED_KWH = 0.01
"""A shortfall below this is not worth telling: rounding, not a missing kilometre."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a plan came about, as Schedule tells it."""

    algorithm: str
    status: SolveStatus
    gap: float | None = None
    build_ms: float = 0.0
    solve_ms: float = 0.0


def costs(problem: Problem, power_kw: Sequence[Array]) -> list[float]:
    """Return what each EV's energy costs.

    PV surplus is used before the grid is, and costs what exporting it would have earned. The EVs
    share it in proportion to what they draw; where they are present for different parts of a
    step, those present longer come first.

    Args:
        problem: The prices, and the EVs in their order.
        power_kw: The power of each EV, per step.

    Returns:
        The cost of each EV, in the site's currency.
    """
    if not problem.evs:
        return []
    power = np.array(power_kw)
    hours = np.array([problem.present_h(ev) for ev in problem.evs])
    surplus = np.array(problem.surplus_kw)
    buy = np.array(problem.site.import_price)
    sell = np.array(problem.export_price)
    from_surplus = power * np.minimum(1.0, surplus / np.maximum(power.sum(axis=0), 1e-12))
    drawing = power > 0
    longest = np.where(drawing, hours, 0.0).max(axis=0)
    uneven = (drawing & (hours < longest - 1e-9)).any(axis=0) & (surplus > 0)
    for step in np.flatnonzero(uneven):
        left = float(surplus[step])
        for length in sorted(set(hours[:, step]), reverse=True):
            group = hours[:, step] == length
            drawn = float(power[group, step].sum())
            taken = min(left, drawn)
            from_surplus[group, step] = power[group, step] * (taken / drawn if drawn else 0.0)
            left -= taken
    money = hours * (buy * (power - from_surplus) + sell * from_surplus)
    return [float(value) for value in money.sum(axis=1)]


def build_schedule(problem: Problem, power_kw: Sequence[Array], outcome: Outcome) -> Schedule:
    """Tell a plan: energy, cost, shortfall and its cause for each EV.

    Args:
        problem: What was asked.
        power_kw: The power of each EV, per step, in the order of the Problem's EVs.
        outcome: How the plan came about.
    """
    wires = Wires.of(problem)
    demands = [Demand.of(problem, ev, wires) for ev in problem.evs]
    exact = sum(costs(problem, power_kw))
    round_to_steps(problem, demands, wires, power_kw)
    paid = costs(problem, power_kw)
    early = charge_at_once(demands, wires)
    unplanned = costs(problem, early)
    evs = []
    for demand, power, cost, early_power, early_cost in zip(
        demands, power_kw, paid, early, unplanned, strict=True
    ):
        energy = demand.energy_kwh(power)
        early_energy = demand.energy_kwh(early_power)
        # Charging at once may leave a car short; what it gets is compared at equal energy.
        cost_at_once = early_cost * (energy / early_energy if early_energy > REPORTED_KWH else 1.0)
        shortfall = demand.ev.energy_kwh - energy
        short = shortfall > REPORTED_KWH
        evs.append(
            EVSchedule(
                id=demand.ev.id,
                limit_kw=tuple(float(value) for value in power),
                energy_kwh=energy,
                cost=cost,
                # A car in that mode does charge at once.
                cost_at_once=cost if demand.ev.at_once else cost_at_once,
                shortfall_kwh=shortfall if short else 0.0,
                shortfall_cause=_cause(demand) if short else None,
            )
        )
    return Schedule(
        horizon=problem.horizon,
        evs=tuple(evs),
        algorithm=outcome.algorithm,
        status=outcome.status,
        cost=sum(ev.cost for ev in evs),
        gap=_widened(outcome.gap, exact, sum(paid)),
        build_ms=outcome.build_ms,
        solve_ms=outcome.solve_ms,
    )


def _widened(gap: float | None, exact: float, paid: float) -> float | None:
    """Return a gap that also counts what rounding to the chargers' steps has cost."""
    if gap is None or paid <= exact or exact <= 0:
        return gap
    return gap + (paid - exact) / exact


def _cause(demand: Demand) -> ShortfallCause:
    """Return why an EV does not get what it wants: its own limits before those of others."""
    ev = demand.ev
    power = ev.max_power_kw if ev.max_power_kw >= ev.min_power_kw else 0.0
    if float(demand.gain_kwh.sum()) * power < ev.energy_kwh - REPORTED_KWH:
        return ShortfallCause.WINDOW
    return ShortfallCause.SURPLUS if ev.surplus_only else ShortfallCause.SITE_LIMIT


def settle(demands: Sequence[Demand], wires: Wires, power_kw: Sequence[Array]) -> None:
    """Remove in place what a solver's tolerances left: powers in the gap, hairs over a limit."""
    for demand, power in zip(demands, power_kw, strict=True):
        minimum = demand.ev.min_power_kw
        np.clip(power, 0.0, demand.ceiling_kw, out=power)
        power[power < max(minimum / 2, 1e-5)] = 0.0
        power[(power > 0) & (power < minimum)] = minimum
    for row, capacity in enumerate(wires.capacity_kw):
        load = sum(
            (demand.share[row] * power for demand, power in zip(demands, power_kw, strict=True)),
            np.zeros_like(capacity),
        )
        for step in np.flatnonzero(load > capacity):
            over = float(load[step] - capacity[step])
            for demand, power in zip(demands, power_kw, strict=True):
                if over <= 0 or demand.share[row] == 0 or power[step] == 0:
                    continue
                spare = float(power[step]) - demand.ev.min_power_kw
                given = min(spare, over / float(demand.share[row]))
                if given > 0:
                    power[step] -= given
                    over -= given * float(demand.share[row])
