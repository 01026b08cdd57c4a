"""What was possible: by a linear program that knows all of a night beforehand."""

from collections.abc import Mapping, Sequence

import pulp

from .world import HOUR, SLOWEST_A, VOLT, Home

SLOT_S = 900
"""What the house leaves is averaged over a quarter of an hour."""
MISSING_COSTS = 1000.0
"""For a kWh: more than any price."""
MARGIN = 1.03
"""What is possible only just is a matter of rounding: it counts neither way."""


def _slots(home: Home, begin: float, end: float) -> list[tuple[float, list[float]]]:
    """Return each slot of a night with what the house leaves of each phase on average.

    Less than any car charges at is nothing.
    """
    fuse_kw, least_kw = home.house.fuse_a * VOLT, SLOWEST_A * VOLT
    found = []
    moment = begin
    while moment < end:
        samples = [home.house.phase_kw(moment + second) for second in range(0, SLOT_S, 60)]
        rooms = [[fuse_kw - load for load in phase] for phase in zip(*samples, strict=True)]
        usable = [[room if room >= least_kw else 0.0 for room in phase] for phase in rooms]
        found.append((moment, [sum(phase) / len(phase) for phase in usable]))
        moment += SLOT_S
    return found


def solve(
    home: Home, stays: Mapping[int, tuple[float, float]], need_kwh: Mapping[int, float]
) -> tuple[float, dict[int, float]]:
    """Return the least cost of what is needed, and what is missing of each car's need in kWh.

    Args:
        home: The home.
        stays: When each car comes and leaves.
        need_kwh: What each has to draw.
    """
    begin = min(come for come, _ in stays.values()) // SLOT_S * SLOT_S
    slots = _slots(home, begin, max(leave for _, leave in stays.values()))
    program = pulp.LpProblem("night", pulp.LpMinimize)
    power: dict[tuple[int, int], pulp.LpVariable] = {}
    missing: dict[int, pulp.LpVariable] = {}
    cost: list[tuple[pulp.LpVariable, float]] = []
    for index, (come, leave) in stays.items():
        box = home.boxes[index]
        most_kw = min(box.max_a, box.car.max_a) * VOLT * box.car.phases
        missing[index] = program.add_variable(f"missing_{index}", 0)
        energy = [(missing[index], 1.0)]
        for slot, (moment, _) in enumerate(slots):
            hours = max(0.0, min(leave, moment + SLOT_S) - max(come, moment)) / HOUR
            if hours:
                kw = power[index, slot] = program.add_variable(f"kw_{index}_{slot}", 0, most_kw)
                energy.append((kw, hours))
                cost.append((kw, hours * price_at(home.prices, moment)))
        program.addConstraint(pulp.lpSum_vars_coefs(energy) == need_kwh[index])
        cost.append((missing[index], MISSING_COSTS))
    for slot, (_, rooms) in enumerate(slots):
        for phase in range(3):
            drawn = [
                (power[index, slot], 1 / home.boxes[index].car.phases)
                for index in stays
                if (index, slot) in power
                and (phase - home.boxes[index].first_phase) % 3 < home.boxes[index].car.phases
            ]
            if drawn:
                program.addConstraint(pulp.lpSum_vars_coefs(drawn) <= rooms[phase])
    program.setObjective(pulp.lpSum_vars_coefs(cost))
    program.solve(pulp.HiGHS(msg=False, threads=1))
    left = {index: float(variable.value() or 0.0) for index, variable in missing.items()}
    total = sum((variable.value() or 0.0) * price for variable, price in cost)
    return total - MISSING_COSTS * sum(left.values()), left


def price_at(prices: Sequence[float], moment: float) -> float:
    """Return the price at a moment; the first day began 16 h before it."""
    return prices[int(moment // HOUR) + 16]
