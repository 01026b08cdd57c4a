"""Who gets how much where the network cannot carry what all want, found without a solver.

All cars give up the same weighted part of what they need; that part is made as small as possible
by trying. What is left then goes to whoever can use it.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..quantities.demand import Array, Demand, NetworkLimits
from .greedy import Sharing, charge_at_once, simulate
from .shortage import SHORT, missing_fractions

_HALVINGS = 5
"""Of the range in which the missing part lies."""
_NEARLY = 0.01
"""A part of its share that a car may miss where minimum powers do not allow it."""


def ration(demands: Sequence[Demand], network: NetworkLimits) -> list[Array]:
    """Return early charging in which the worst served car is served as well as can be found.

    Args:
        demands: Who charges.
        network: What may be drawn, what is due at once of these demands included.
    """
    best = charge_at_once(demands, network)
    best_missing = missing_fractions(demands, best)
    if not best_missing or best_missing[0] <= SHORT:
        return best
    low, high = 0.0, best_missing[0]
    found: list[Array] | None = None
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        shares = [_giving_up(demand, middle) for demand in demands]
        plan = simulate(shares, network, Sharing.BY_SLACK)
        missing = missing_fractions(shares, plan)
        if missing and missing[0] > _NEARLY:
            low = middle
        else:
            high, found = middle, plan
    if found is not None:
        filled = _fill_up(demands, network, found)
        if missing_fractions(demands, filled) < best_missing:
            return filled
    return best


def _giving_up(demand: Demand, part: float) -> Demand:
    """Return a demand that gives up a weighted part of its need; not what is due at once."""
    due = demand.energy_kwh(demand.floor_kw)
    kept = demand.need_kwh * max(0.0, 1 - part / demand.ev.priority)
    return demand.with_need(max(kept, due))


def _fill_up(
    demands: Sequence[Demand], network: NetworkLimits, plan: Sequence[Array]
) -> list[Array]:
    """Share what a plan leaves among those who need more."""
    floors = [
        replace(demand, floor_kw=power, ceiling_kw=np.maximum(demand.ceiling_kw, power))
        for demand, power in zip(demands, plan, strict=True)
    ]
    return simulate(floors, network, Sharing.EVENLY)
