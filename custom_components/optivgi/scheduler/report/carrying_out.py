"""From planned powers to what chargers can be set to and batteries follow."""

from dataclasses import replace

from ..quantities.costs import Flows
from ..quantities.demand import Array
from .excess import without_excess
from .filling import fill_up
from .fleet import Fleet
from .hurry import hurry
from .rounding import round_to_steps
from .stores import evs_within_bounds


def carried_out(fleet: Fleet, planned: Flows) -> tuple[Array, Flows, float]:
    """Return what chargers can be set to and batteries can follow of a plan.

    Returns:
        The limits, what flows then, and how much energy was filled in for EVs that were short.
    """
    power = round_to_steps(fleet, planned)
    power, given = evs_within_bounds(fleet, planned, power)
    flows = replace(planned, drawn_kw=fleet.accepted_kw(power, given), given_kw=given)
    power = without_excess(fleet, flows, power)
    flows = replace(flows, drawn_kw=fleet.accepted_kw(power, given))
    filled = fill_up(fleet, flows, power)
    filled = hurry(fleet, replace(flows, drawn_kw=fleet.accepted_kw(filled, given)), filled)
    if filled is power:
        return power, flows, 0.0
    full = replace(flows, drawn_kw=fleet.accepted_kw(filled, given))
    return filled, full, float((fleet.net_kwh(full) - fleet.net_kwh(flows)).sum())
