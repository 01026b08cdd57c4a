"""Cars that draw their minimum all the time until they have what they want, and surplus besides.

Their minimum is due at once, like any other floor under a plan. What the sun gives beyond it they
take last, so that they take nothing from others; and as that fills them sooner, they end sooner.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from ..model import EV, Problem
from ..quantities.demand import Array, Demand, NetworkLimits
from ..quantities.tolerances import NEGLIGIBLE_KW
from .greedy import charge_at_once


def by_priority(evs: Iterable[EV]) -> list[EV]:
    """Return EVs in the order in which they take what is left."""
    return sorted(evs, key=lambda ev: -ev.priority)


def at_its_minimum(ev: EV) -> EV:
    """Return an EV that can draw no more than its minimum."""
    return replace(ev, max_power_kw=min(ev.min_power_kw, ev.max_power_kw), single_phase=None)


def sooner_by_surplus(
    demand: Demand, power_kw: Array, left: NetworkLimits, problem: Problem
) -> Array:
    """Return a plan raised to the surplus that is left, and ended as soon as it brings as much.

    Args:
        demand: The car, on the network that is left for it.
        power_kw: What it is planned to draw.
        left: What all others leave, surplus included.
        problem: Where it comes from.
    """
    pays = np.array(problem.export_price) <= np.array(problem.decision_price)
    sunny = np.where(pays, np.minimum(left.surplus_kw, demand.ceiling_kw), 0.0)
    # Off is off: what is beyond the minimum is taken by who charges already.
    raised = np.where(power_kw > NEGLIGIBLE_KW, np.maximum(power_kw, sunny), 0.0)
    if (raised <= power_kw + NEGLIGIBLE_KW).all():
        return power_kw
    enough = demand.energy_kwh(demand.tapered(power_kw))
    if demand.ev.possible_extra_kwh <= 0:
        # A last step at the minimum may bring more than is wanted.
        enough = min(enough, demand.ev.wanted_kwh)
    free = replace(demand, ceiling_kw=raised, floor_kw=np.zeros_like(power_kw), need_kwh=enough)
    (sooner,) = charge_at_once([free], left)
    return sooner
