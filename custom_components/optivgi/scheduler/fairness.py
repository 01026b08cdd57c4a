"""Who gets how much when the wires cannot carry what all want.

Max-min fairness: the largest weighted missing fraction is made as small as it can be, then the
next largest, and so on (leximin). Where only one limit binds this wastes no energy (Megiddo,
"Optimal flows in networks with multiple sources and sinks", 1974).
"""

from collections.abc import Sequence

import numpy as np
from pulp import HiGHS, LpMinimize, LpProblem, LpVariable, lpSum_vars_coefs

from .algorithm import NoSolutionError
from .demand import Demand, Wires

ROUNDS = 12
"""Groups of equally short cars told apart; whoever is left after that shares by total energy."""
MARGIN_KWH = 1e-5
"""Kept below the computed energies, so that rounding cannot make them unreachable."""

NO_LEVEL = 1e-9
"""A level, or the price of one, below this is none."""
NO_LIMIT = 1e6
"""Right-hand side that no missing fraction reaches."""


def fair_needs(demands: Sequence[Demand], wires: Wires, *, time_limit_s: float) -> list[float]:
    """Return how much energy each demand should get, minimum powers left aside.

    Args:
        demands: Who wants how much.
        wires: What may be drawn.
        time_limit_s: Limit for each of the at most ROUNDS + 1 linear programs.

    Returns:
        Energy into the battery per demand, at most its need.
    """
    program = LpProblem("fairness", LpMinimize)
    worst = program.add_variable("worst", 0)
    missing = _add_cars(program, demands, wires)
    levels = [
        program.addConstraint(
            lpSum_vars_coefs([(short, demand.ev.priority / demand.need_kwh), (worst, -1.0)]) <= 0
        )
        for demand, short in zip(demands, missing, strict=True)
    ]
    solver = HiGHS(msg=False, threads=1, presolve="off", timeLimit=time_limit_s)
    program.setObjective(lpSum_vars_coefs([(worst, 1.0)]))
    active = set(range(len(demands)))
    for _ in range(ROUNDS):
        if not active or not program.solve(solver).has_solution:
            break
        level = float(worst.varValue or 0.0)
        if level <= NO_LEVEL:
            break
        # A row with a price is as short in every optimum: its level is settled.
        settled = {index for index in active if abs(levels[index].pi or 0.0) > NO_LEVEL} or active
        for index in settled:
            demand = demands[index]
            most = level * demand.need_kwh / demand.ev.priority + MARGIN_KWH
            missing[index].upBound = min(demand.need_kwh, most)
            levels[index].changeRHS(NO_LIMIT)
        active = active - settled
    for level_row in levels:
        level_row.changeRHS(NO_LIMIT)
    program.setObjective(lpSum_vars_coefs([(short, 1.0) for short in missing]))
    if not program.solve(solver).has_solution:
        raise NoSolutionError("no fair shares were found in time")
    return [
        max(0.0, demand.need_kwh - max(0.0, short.varValue or 0.0) - MARGIN_KWH)
        for demand, short in zip(demands, missing, strict=True)
    ]


def _add_cars(program: LpProblem, demands: Sequence[Demand], wires: Wires) -> list[LpVariable]:
    """Add power, energy and capacity; return the energy each demand misses, in kWh."""
    power: list[dict[int, LpVariable]] = []
    missing = []
    for index, demand in enumerate(demands):
        cells = {
            int(step): program.add_variable(f"x_{index}_{step}", 0, float(demand.ceiling_kw[step]))
            for step in np.flatnonzero(demand.ceiling_kw)
        }
        short = program.add_variable(f"q_{index}", 0, demand.need_kwh)
        energy = [(x, float(demand.gain_kwh[step])) for step, x in cells.items()]
        program.addConstraint(lpSum_vars_coefs([*energy, (short, 1.0)]) == demand.need_kwh)
        power.append(cells)
        missing.append(short)
    for row, capacity in enumerate(wires.capacity_kw):
        for step, limit in enumerate(capacity):
            terms = [
                (cells[step], float(demand.share[row]))
                for demand, cells in zip(demands, power, strict=True)
                if step in cells and demand.share[row] > 0
            ]
            if len(terms) > 1:
                program.addConstraint(lpSum_vars_coefs(terms) <= float(limit))
    return missing
