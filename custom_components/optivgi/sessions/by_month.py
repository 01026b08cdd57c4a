"""What the slots of a session come to, by the month in which the energy was drawn."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from functools import reduce
import math

from .slot import Slot
from .sums import Sums

type Slots = Mapping[datetime, Slot]
"""The parts of a session by their start."""


def month_of(moment: datetime, zone: tzinfo) -> str:
    """Return the local month of a moment, as in 2026-11."""
    return f"{moment.astimezone(zone):%Y-%m}"


def cost_at_once(slots: Slots, kwh: float) -> float:
    """Return what energy would have cost from plug-in on, at full power within the limits.

    Args:
        slots: The session.
        kwh: The energy.
    """
    cost, left_kwh = 0.0, kwh
    for _, slot in sorted(slots.items()):
        taken_kwh = min(left_kwh, max(slot.room_kwh, slot.drawn.kwh))
        cost += slot.price.cost(slot.mixed(taken_kwh))
        left_kwh -= taken_kwh
        if left_kwh <= 0:
            break
    return cost


def sums_by_month(slots: Slots, zone: tzinfo) -> dict[str, Sums]:
    """Return what a session comes to.

    What charging at plug-in would have cost, or a plan that was only observed, is divided over the
    months as the energy is.

    Args:
        slots: The session.
        zone: Where people live.
    """
    drawn: dict[str, Sums] = {}
    for start, slot in sorted(slots.items()):
        month = month_of(start, zone)
        drawn[month] = drawn.get(month, Sums()).plus(_drawn_in(slot))
    if not drawn:
        return {}
    whole = total_of(drawn)
    energy_kwh = whole.kwh
    planned_kwh = math.fsum(slot.planned_kwh for slot in slots.values())
    beside = Sums(
        cost_at_once=cost_at_once(slots, energy_kwh),
        planned_kwh=planned_kwh,
        planned_cost=math.fsum(
            slot.price.cost(slot.mixed(slot.planned_kwh)) for slot in slots.values()
        ),
        observed_cost=planned_kwh * (whole.average_price or 0.0),
    )
    if energy_kwh <= 0:
        # A plan that was only observed may have charged what the car did not take.
        first = min(drawn)
        return {first: drawn[first].plus(beside)} if planned_kwh > 0 else {}
    return {
        month: sums.plus(beside.times(sums.kwh / energy_kwh))
        for month, sums in drawn.items()
        if sums.kwh > 0
    }


def total_of(months: Mapping[str, Sums]) -> Sums:
    """Return what all months come to."""
    return reduce(Sums.plus, months.values(), Sums())


def _drawn_in(slot: Slot) -> Sums:
    kwh, price = slot.drawn.kwh, slot.price
    return Sums(
        grid_kwh=slot.drawn.grid_kwh,
        sun_kwh=slot.drawn.sun_kwh,
        battery_kwh=slot.drawn.battery_kwh,
        cost=0.0 if price.import_price is None else price.cost(slot.drawn),
        estimated_kwh=kwh if price.estimated and price.import_price is not None else 0.0,
        unpriced_kwh=kwh if price.import_price is None else 0.0,
    )
