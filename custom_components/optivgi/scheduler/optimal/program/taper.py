"""Batteries that take less as they fill, in the program.

    w  reached   0 or 1    stored <= energy of the point + more * w,  x <= allowed where w

Where ``stored`` is what there is before a step, every plan that the battery takes is one of the
program's: what is proven of it holds. But in the step in which a point is reached, the battery may
take less than planned. Where it is what there is after the step, the battery takes every plan,
though it could take a little more in that step: then what is proven does not hold.
"""

from collections.abc import Sequence

from pulp import LpVariable

from ...quantities.demand import Demand
from .builder import Builder, Terms

type Cell = tuple[int, Sequence[LpVariable], Terms]
"""A step, the powers that may be drawn in it, and what these and giving change in the battery."""


def add_taper(
    builder: Builder, index: int, demand: Demand, cells: Sequence[Cell], *, early: bool
) -> None:
    """Let a car draw no more than its battery takes, having got so much energy before.

    Args:
        builder: What to add to.
        index: The car's number,
        demand: and what it is to get.
        cells: When it can charge, or give.
        early: A point counts as reached in the step in which it is reached, not from the next on.
    """
    points = demand.ev.taper
    if not points:
        return
    stored: LpVariable | None = None
    most = 0.0
    before: list[LpVariable | None] = [None] * len(points)
    empties = demand.ev.discharge is not None
    for step, powers, gain in cells:
        counted, before_kwh = stored, most
        most += sum(max(0.0, factor) * float(x.upBound or 0.0) for x, factor in gain)
        after = builder.variable(f"e_{index}_{step}", None, most)
        chain = [(after, 1.0), *((x, -factor) for x, factor in gain)]
        builder.equal(chain if stored is None else [*chain, (stored, -1.0)], 0.0)
        stored = after
        if early:
            counted, before_kwh = after, most
        for number, point in enumerate(points):
            if counted is None or before_kwh <= point.energy_kwh:
                continue
            reached = builder.choice(f"w_{index}_{step}_{number}", step)
            more = before_kwh - point.energy_kwh
            builder.row([(counted, 1.0), (reached, -more)], upper=point.energy_kwh)
            if (earlier := before[number]) is not None and not empties:
                builder.row([(earlier, 1.0), (reached, -1.0)], upper=0.0)
            before[number] = reached
            for x in powers:
                highest = float(x.upBound or 0.0)
                allowed = max(point.max_power_kw, _min_power_kw(demand, x))
                if highest > allowed:
                    builder.row([(x, 1.0), (reached, highest - allowed)], upper=highest)


def _min_power_kw(demand: Demand, x: LpVariable) -> float:
    """Return the minimum of a power: on one phase, or on all of them."""
    single = demand.ev.single_phase
    if single is not None and x.name.startswith("x1_"):
        return single.min_power_kw
    return demand.ev.min_power_kw
