"""What was asked and cannot be: one sentence each, for whoever set it up."""

from collections.abc import Sequence

import numpy as np

from ..model import Problem
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
) -> tuple[str, ...]:
    """Return what no plan can do, as sentences.

    Args:
        problem: What was asked.
        demands: Its EVs, each as if it were alone.
        network: What may be drawn.
        limit_kw: The limit of each row of the network.
        base_kw: What each row carries without EVs.
    """
    sentences = [
        sentence
        for row, part in enumerate(network.parts)
        if (sentence := _overload(problem, part, base_kw[row] - limit_kw[row]))
    ]
    for asked, demand in zip(problem.evs, demands, strict=True):
        if asked.departure <= asked.arrival:
            sentences.append(
                f"{asked.id} is to leave before it arrives, so nothing can be charged."
            )
            continue
        blocked = _blocked(demand, network)
        if blocked:
            sentences.append(blocked)
        wanted = asked.wanted_kwh
        if asked.energy_kwh > wanted + _NOTICED_KWH:
            sentences.append(
                f"{asked.id} wants {_formatted(asked.energy_kwh)} kWh, but is never to take more "
                f"than {_formatted(wanted)} kWh."
            )
        if not blocked and wanted > demand.need_kwh + _NOTICED_KWH:
            end = "it leaves" if asked.departure <= problem.horizon.end else "the plan ends"
            sentences.append(
                f"{asked.id} wants {_formatted(wanted)} kWh, but can take at most "
                f"{_formatted(demand.need_kwh)} kWh before {end}."
            )
    return tuple(sentences)


def _overload(problem: Problem, part: NetworkPart, excess_kw: Array) -> str:
    """Say that a part of the site is overloaded without any EV; nothing where it is not."""
    over = np.flatnonzero(excess_kw > NEGLIGIBLE_KW)
    if not len(over):
        return ""
    begin = problem.horizon.edges[int(over[0])]
    return (
        f"The base load alone exceeds the limit of {_spoken(part)} in {len(over)} of "
        f"{len(excess_kw)} steps, first in step {over[0]} at {begin:%Y-%m-%d %H:%M} UTC, by up to "
        f"{_formatted(float(excess_kw.max()))} kW."
    )


def _blocked(demand: Demand, network: NetworkLimits) -> str:
    """Say why an EV can never charge while it is there; nothing where it can."""
    ev = demand.ev
    present = demand.hours > 0
    if ev.wanted_kwh <= _NOTICED_KWH or not present.any():
        return ""
    if (demand.ceiling_kw > 0).any() or (demand.single_ceiling(network) > 0).any():
        return ""
    min_kw = ev.min_power_kw if ev.single_phase is None else ev.single_phase.min_power_kw
    max_kw = ev.max_power_kw
    if ev.single_phase is not None:
        max_kw = max(max_kw, ev.single_phase.max_power_kw)
    min_kw = min(min_kw, ev.min_power_kw)
    if min_kw > max_kw or max_kw <= 0:
        return (
            f"{ev.id} needs at least {_formatted(min_kw)} kW to charge, but may draw at most "
            f"{_formatted(max_kw)} kW."
        )
    least_kwh = min_kw * ev.efficiency * float(demand.hours[present].min())
    if least_kwh > ev.room_kwh:
        return (
            f"{ev.id} gets at least {_formatted(least_kwh)} kWh when it charges at all, but is "
            f"never to take more than {_formatted(ev.room_kwh)} kWh."
        )
    carried = float(network.headroom_kw(demand.share)[present].max())
    return (
        f"{ev.id} needs at least {_formatted(min_kw)} kW to charge, but its limits leave at most "
        f"{_formatted(carried)} kW while it is there."
    )


def _spoken(part: NetworkPart) -> str:
    """Return what to call a part of the site in a sentence."""
    whole = f"circuit {part.circuit}" if part.circuit is not None else ""
    if part.phase is None:
        return whole or "the site"
    return f"phase {part.phase} of {whole}" if whole else f"phase {part.phase}"


def _formatted(value: float) -> str:
    """Write a number with as many digits as a person reads."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
