"""Who gets how much where minimum powers leave too little for all.

Energy is free here: what each car misses counts, and its starts. What it gets so is its need in
the plan by price.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..model import PROVEN_GAP
from ..quantities.costs import count_starts
from ..quantities.demand import Demand
from ..sharing.shortage import counted_shortage
from .clock import SolveClock
from .program.formulation import build
from .program.solver import ProgramSolver
from .solution import Solution
from .subproblem import EnergyPrices, Subproblem

NODES = 200
"""Nodes of the search tree at most."""
START_KWH = 0.5
"""What a start counts for: nobody is paused so that another one gets a minute more."""


def fairest_shares(
    subproblem: Subproblem, clock: SolveClock, known: Solution | None
) -> Solution | None:
    """Return the fairest plan there is, whatever it costs; None where none was found.

    Args:
        subproblem: The cars.
        clock: The time there is.
        known: A plan to begin with, which may be as fair.
    """
    prices, meter = subproblem.prices, subproblem.meter
    free, start_kwh = np.zeros_like(prices.buy), START_KWH if prices.start_cost > 0 else 0.0
    asked = replace(
        subproblem,
        prices=EnergyPrices(buy=free, sell=free, start_cost=start_kwh),
        meter=None if meter is None else replace(meter, tariffs=()),
    )
    solver = ProgramSolver(build(asked, sharing=True), asked, clock)
    start = None if known is None else [power for power, _ in known.flows()]
    if not solver.relax():
        return None
    found = solver.search(whole=False, gap=PROVEN_GAP, nodes=NODES, start=start, is_last=False)
    if found is None or known is None:
        return found

    def counted(solution: Solution) -> float:
        powers = [power for power, _ in solution.flows()]
        starts = count_starts([demand.ev for demand in asked.demands], np.array(powers))
        return counted_shortage(asked.demands, powers) + start_kwh * starts

    return known if counted(known) <= counted(found) else found


def gained_kwh(demands: Sequence[Demand], solution: Solution) -> list[float]:
    """Return what a plan brings each car, up to its need."""
    return [
        min(demand.need_kwh, demand.energy_kwh(demand.tapered(power, given_kw=given)))
        for demand, (power, given) in zip(demands, solution.flows(), strict=True)
    ]
