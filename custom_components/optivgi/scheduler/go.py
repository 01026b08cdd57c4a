"""GoAlgorithm: a plan without a solver, always and at once.

Cars that charge at once come first. Then the cars that are planned by price, the most urgent
first: each takes the cheapest energy that is left, slot by slot. If that leaves somebody short,
all of them share what there is as early as possible instead: energy comes before money. Cars
that only use PV surplus take what is left of it.
"""

from collections.abc import Sequence
import time
from typing import ClassVar, override

import numpy as np

from .algorithm import Algorithm
from .demand import NEGLIGIBLE_KWH, Array, Demand, Wires
from .greedy import charge_at_once, trim
from .model import EV, Problem, Schedule, SolveStatus
from .report import Outcome, build_schedule, settle
from .shortage import SHORT, missing_fractions


class GoAlgorithm(Algorithm):
    """Fills the cheapest slots, car by car in the order of urgency."""

    name: ClassVar[str] = "go"

    @override
    def solve(self, problem: Problem, *, time_limit_s: float) -> Schedule:
        begin = time.perf_counter()
        power = {ev.id: np.zeros(len(problem.horizon)) for ev in problem.evs}
        buy = np.array(problem.site.import_price)
        sell = np.array(problem.export_price)

        def take(evs: Sequence[EV], wires: Wires, *, cheapest: bool) -> Wires:
            demands = [Demand.of(problem, ev, wires) for ev in evs]
            demands = [demand for demand in demands if demand.need_kwh > NEGLIGIBLE_KWH]
            early = charge_at_once(demands, wires)
            chosen = early
            if cheapest and demands:
                by_price = _fill_by_urgency(demands, wires, buy, sell)
                missing = missing_fractions(demands, by_price)
                if missing[0] <= SHORT or missing <= missing_fractions(demands, early):
                    chosen = by_price
            settle(demands, wires, chosen)
            for demand, series in zip(demands, chosen, strict=True):
                power[demand.ev.id] = series
            return wires.without(demands, chosen)

        wires = take([ev for ev in problem.evs if ev.at_once], Wires.of(problem), cheapest=False)
        smart = [ev for ev in problem.evs if not ev.at_once and not ev.surplus_only]
        wires = take(smart, wires, cheapest=True)
        solar = [ev for ev in problem.evs if not ev.at_once and ev.surplus_only]
        take(solar, wires.surplus_only(), cheapest=False)
        elapsed_ms = (time.perf_counter() - begin) * 1000
        return build_schedule(
            problem,
            [power[ev.id] for ev in problem.evs],
            Outcome(algorithm=self.name, status=SolveStatus.FEASIBLE, solve_ms=elapsed_ms),
        )


def _fill_by_urgency(
    demands: Sequence[Demand], wires: Wires, buy: Array, sell: Array
) -> list[Array]:
    """Let each car take the cheapest energy that those more urgent left."""
    power = [np.zeros_like(buy) for _ in demands]
    left = wires
    for index in sorted(range(len(demands)), key=lambda index: _urgency(demands[index], index)):
        demand = demands[index]
        series = _fill_cheapest(demand, left, buy, sell)
        power[index] = series
        left = left.without([demand], [series])
    return power


def _urgency(demand: Demand, index: int) -> tuple[float, int]:
    """Order by the share of its stay that a car has to charge; priorities make it more urgent."""
    possible = float(np.dot(demand.gain_kwh, demand.ceiling_kw))
    return -demand.need_kwh / possible * demand.ev.priority, index


def _fill_cheapest(demand: Demand, wires: Wires, buy: Array, sell: Array) -> Array:
    """Return one car's power: the cheapest blocks of energy first, earlier ones among equals.

    A step offers a first block, from PV surplus as far as it goes and at least the minimum
    power, and a second one up to all that the car can draw there.
    """
    minimum = demand.ev.min_power_kw
    power = np.zeros_like(buy)
    ceiling = np.minimum(demand.ceiling_kw, wires.headroom_kw(demand.share))
    ceiling[ceiling < max(minimum, 1e-6)] = 0.0
    surplus = np.minimum(wires.surplus_kw, ceiling)
    first = np.where(sell < buy, np.clip(np.maximum(surplus, minimum), 0.0, ceiling), ceiling)
    first = np.where(surplus > 0, first, ceiling)
    blocks: list[tuple[float, int, int, float]] = []
    for step in map(int, np.flatnonzero(ceiling)):
        cheap = float(min(surplus[step], first[step]))
        price = (sell[step] * cheap + buy[step] * (first[step] - cheap)) / first[step]
        blocks.append((float(price), step, 0, float(first[step])))
        if ceiling[step] - first[step] > 1e-6:  # noqa: PLR2004 - more than rounding
            blocks.append((float(buy[step]), step, 1, float(ceiling[step])))
    blocks.sort()
    missing = demand.need_kwh
    taken: list[int] = []
    for _, step, _, level in blocks:
        if missing <= NEGLIGIBLE_KWH:
            break
        if level > power[step]:
            missing -= (level - power[step]) * float(demand.gain_kwh[step])
            power[step] = level
            taken.append(step)
    # The dearest of what was taken is given back first.
    trim(demand, power, list(dict.fromkeys(reversed(taken))))
    return power
