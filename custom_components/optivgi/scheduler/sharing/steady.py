"""Cars that draw their minimum all the time until they have what they want, and surplus besides.

Their minimum is due at once, like any other floor under a plan. What the sun gives beyond it they
take last, so that they take nothing from others; and as that fills them sooner, they end sooner.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..model import EV, Problem, SinglePhase
from ..quantities.demand import Array, Demand, NetworkLimits
from ..quantities.tolerances import NEGLIGIBLE_KW
from .greedy import charge_at_once

_SOON_H: Final = 0.5
"""Clouds come and go: what lasts less is not worth a switch of phases."""
_LESS: Final = 0.75
"""A car that is on all phases stays there down to this part of their minimum: switches wear."""


def by_priority(evs: Iterable[EV]) -> list[EV]:
    """Return EVs in the order in which they take what is left."""
    return sorted(evs, key=lambda ev: -ev.priority)


def on_one_phase(ev: EV, single: SinglePhase) -> EV:
    """Return an EV whose charger could switch as one that is on one phase for good."""
    return replace(
        ev,
        single_phase=None,
        phases=(single.phase,),
        line_to_line=False,
        min_power_kw=single.min_power_kw,
        max_power_kw=single.max_power_kw,
        power_step_kw=ev.power_step_kw / len(ev.phases),
    )


def on_the_phases_for_now(problem: Problem) -> tuple[Problem, dict[str, NDArray[np.bool]]]:
    """Return a problem in which no car that charges all the time switches its phases.

    Its minimum is that of one phase. It is on all of them while they are needed to have it ready,
    or while what the sun leaves in the next half hour is enough for their minimum: the next plans
    decide that again.

    Returns:
        The problem, and for each such car that could switch whether it is on one phase, per step.
    """
    network = NetworkLimits.of(problem)
    chosen: dict[str, NDArray[np.bool]] = {}
    evs = []
    for ev in problem.evs:
        single = ev.single_phase
        if single is None or not ev.is_steady:
            evs.append(ev)
            continue
        on_all, on_one = replace(ev, single_phase=None), on_one_phase(ev, single)
        switched = single.active
        if single.max_switches > 0:
            one, several = (Demand.of(problem, way, network) for way in (on_one, on_all))
            able = float(np.dot(one.gain_kwh, one.ceiling_kw)) >= ev.wanted_kwh
            enough = _soon_kw(problem, network) >= ev.min_power_kw * (1 if switched else _LESS)
            switched = bool(one.ceiling_kw.any()) and able
            switched = switched and not (enough and several.ceiling_kw.any())
        evs.append(on_one if switched else on_all)
        chosen[ev.id] = np.full(len(problem.horizon), switched)
    return replace(problem, evs=tuple(evs)), chosen


def _soon_kw(problem: Problem, network: NetworkLimits) -> float:
    """Return what the sun leaves on average in the next half hour."""
    hours = np.array(problem.horizon.step_h)
    weight = np.clip(_SOON_H - (np.cumsum(hours) - hours), 0.0, hours)
    return float(np.dot(weight, network.surplus_kw) / weight.sum())


def at_its_minimum(ev: EV) -> EV:
    """Return an EV that can draw no more than its minimum."""
    return replace(ev, max_power_kw=min(ev.min_power_kw, ev.max_power_kw))


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
