"""What was asked and cannot be, for whoever set it up."""

from collections.abc import Iterator, Sequence

import numpy as np

from ..model import Concern, ConcernKind, Problem
from ..model.network import NetworkPart
from ..quantities.demand import Array, Demand, NetworkLimits
from ..quantities.tolerances import NEGLIGIBLE_KW

_NOTICED_KWH = 0.01
"""Less missing than this is not worth a word."""


def concerns(
    problem: Problem,
    demands: Sequence[Demand],
    network: NetworkLimits,
    limit_kw: Array,
    base_kw: Array,
) -> Iterator[Concern]:
    """Yield what no plan can do.

    Args:
        problem: What was asked.
        demands: Its EVs, each as if it were alone.
        network: What may be drawn.
        limit_kw: The limit of each row of the network.
        base_kw: What each row carries without EVs.
    """
    for row, part in enumerate(network.parts):
        yield from _overload(part, base_kw[row] - limit_kw[row])
    for ev, demand in zip(problem.evs, demands, strict=True):
        if ev.departure <= ev.arrival:
            yield Concern(kind=ConcernKind.LEAVES_FIRST, ev=ev.id)
            continue
        blocked = _blocked(demand, network)
        if blocked is not None:
            yield blocked
        wanted = ev.wanted_kwh
        if ev.energy_kwh > wanted + _NOTICED_KWH:
            figures = {"wanted_kwh": ev.energy_kwh, "possible_kwh": wanted}
            yield Concern(kind=ConcernKind.BEYOND_LIMIT, ev=ev.id, figures=figures)
        if blocked is None and wanted > demand.need_kwh + _NOTICED_KWH:
            leaves = ev.departure <= problem.horizon.end
            yield Concern(
                kind=ConcernKind.BEYOND_STAY if leaves else ConcernKind.BEYOND_HORIZON,
                ev=ev.id,
                figures={"wanted_kwh": wanted, "possible_kwh": float(demand.need_kwh)},
            )


def _overload(part: NetworkPart, excess_kw: Array) -> Iterator[Concern]:
    """Yield that a part of the site is overloaded without any EV; nothing where it is not."""
    over = np.flatnonzero(excess_kw > NEGLIGIBLE_KW)
    if len(over):
        yield Concern(
            kind=ConcernKind.OVERLOADED,
            circuit=part.circuit,
            phase=part.phase,
            figures={
                "steps": float(len(over)),
                "first_step": float(over[0]),
                "excess_kw": float(excess_kw.max()),
            },
        )


def _blocked(demand: Demand, network: NetworkLimits) -> Concern | None:
    """Return why an EV can never charge while it is there; None where it can."""
    ev = demand.ev
    present = demand.hours > 0
    if ev.wanted_kwh <= _NOTICED_KWH or not present.any():
        return None
    if (demand.ceiling_kw > 0).any() or (demand.single_ceiling(network) > 0).any():
        return None
    min_kw, max_kw = ev.min_power_kw, ev.max_power_kw
    if ev.single_phase is not None:
        min_kw = min(min_kw, ev.single_phase.min_power_kw)
        max_kw = max(max_kw, ev.single_phase.max_power_kw)
    if min_kw > max_kw or max_kw <= 0:
        figures = {"min_kw": min_kw, "max_kw": max_kw}
        return Concern(kind=ConcernKind.MIN_ABOVE_MAX, ev=ev.id, figures=figures)
    min_kwh = min_kw * ev.efficiency * float(demand.hours[present].min())
    if min_kwh > ev.room_kwh:
        figures = {"min_kwh": min_kwh, "room_kwh": ev.room_kwh}
        return Concern(kind=ConcernKind.MIN_ABOVE_LIMIT, ev=ev.id, figures=figures)
    carried_kw = float(network.headroom_kw(demand.share)[present].max())
    figures = {"min_kw": min_kw, "max_kw": carried_kw}
    return Concern(kind=ConcernKind.MIN_ABOVE_ROOM, ev=ev.id, figures=figures)
