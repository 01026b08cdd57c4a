"""What a plan is worth, computed from its powers alone and compared with the relaxation."""

from statistics import median
from typing import Any

import numpy as np

from custom_components.optivgi.scheduler import Problem, Schedule

from .relaxation import (
    NEGLIGIBLE_KWH,
    Array,
    capacities_kw,
    fairest_fraction,
    least_shortage_kwh,
    relax,
    shares,
)

type Row = dict[str, Any]

OFF_KW = 1e-6
"""A power below this is none."""
RELAXING_MS = 100.0
"""The relaxation is repeated for so long; its time is the yardstick, and short times are noisy."""
REPEATS = 15
"""But no more than so many times."""


def judge(problem: Problem, schedule: Schedule, *, relaxed: bool, fairness: bool) -> Row:
    """Return what a plan costs, delivers and violates; with the relaxation, how far it is off.

    Args:
        problem: What was asked.
        schedule: The plan.
        relaxed: Solve the relaxation, more than once for its time.
        fairness: Find the fraction that every car could get at best.
    """
    power = np.array([ev.limit_kw for ev in schedule.evs], dtype=np.float64)
    hours = np.array([problem.present_h(ev) for ev in problem.evs])
    efficiency = np.array([ev.efficiency for ev in problem.evs])
    minimum = np.array([ev.min_power_kw for ev in problem.evs])
    need = np.array([ev.energy_kwh for ev in problem.evs])
    delivered = (power * hours).sum(axis=1) * efficiency
    cost = money(problem, power)
    starts = count_starts(problem, power)
    unserved = float(np.maximum(need - delivered, 0.0).sum())
    over = shares(problem) @ power - capacities_kw(problem)
    row: Row = {
        "cost": cost,
        "starts": starts,
        "unserved_kwh": unserved,
        "overshoot_kwh": float(np.maximum(delivered - need, 0.0).sum()),
        "delivered_kwh": delivered.tolist(),
        "violation_kw": max(0.0, float(over.max())),
        "below_minimum": int(((power > OFF_KW) & (power < minimum[:, None] - OFF_KW)).sum()),
        "worst_missing_fraction": float(np.max(1 - np.minimum(delivered, need) / need)),
    }
    if relaxed:
        row |= _beside_relaxation(problem, row)
    if fairness:
        row["worst_missing_fraction_exact"] = max(0.0, 1 - fairest_fraction(problem))
    return row


def _beside_relaxation(problem: Problem, row: Row) -> Row:
    found = [relax(problem)]
    repeats = min(REPEATS, max(1, int(RELAXING_MS / found[0].run_ms)))
    found += [relax(problem) for _ in range(repeats)]
    shortage = found[0].shortage_kwh
    if shortage > NEGLIGIBLE_KWH:
        # The money may have been worth some shortage to it: ask for the shortage alone.
        shortage = min(shortage, least_shortage_kwh(problem))
    starting = sum(not ev.charging for ev in problem.evs)
    bound = found[0].money + problem.start_cost * starting
    objective = row["cost"] + problem.start_cost * row["starts"]
    comparable = shortage <= NEGLIGIBLE_KWH and bound > 0
    return {
        "lp_ms": median(one.run_ms for one in found[1:]),
        "unserved_lp_kwh": shortage,
        "lp_gap": (objective - bound) / bound if comparable else None,
    }


def money(problem: Problem, power: Array) -> float:
    """Return the cost of all energy: PV surplus is used first, and would have been sold.

    Only for problems whose EVs come and go at the boundaries of steps.
    """
    drawn = power.sum(axis=0)
    from_surplus = np.minimum(drawn, problem.surplus_kw)
    buy, sell = np.array(problem.site.import_price), np.array(problem.export_price)
    step_money = buy * (drawn - from_surplus) + sell * from_surplus
    return float(np.dot(problem.horizon.step_h, step_money))


def count_starts(problem: Problem, power: Array) -> int:
    """Return how often a car begins to charge; one that charges already need not."""
    on = power > OFF_KW
    before = np.array([[ev.charging] for ev in problem.evs])
    return int((on & ~np.hstack((before, on[:, :-1]))).sum())
