"""What each car could draw at a moment, within all limits, beside what the others draw."""

from collections.abc import Mapping
from datetime import datetime

from ..charging.charging_point import ChargingPoint
from ..site.site import Site


def full_kw(point: ChargingPoint) -> tuple[float, float]:
    """Return what the car at a charger draws at its lowest and at its highest limit, in kW."""
    return point.taking.uptake.take.range_kw(*point.range_kw, point.phases)


def rooms_kw(site: Site, now: datetime) -> Mapping[str, float]:
    """Return what each car that is here could draw, by charger, in kW; 0 below its minimum.

    The cars that are there at the same time keep what they draw.
    """
    loads = {
        charger_id: point.carried(point.load.drawn_kw)
        for charger_id, point in site.points.items()
        if point.plugged
    }
    if not loads:
        return {}
    left = dict(site.capacity(now).beside(list(loads.values())).left())
    rooms = {}
    for charger_id, load in loads.items():
        min_kw, max_kw = full_kw(site.points[charger_id])
        room_kw = max_kw
        for part, left_kw in left.items():
            if part.circuit is not None and part.circuit not in load.circuits:
                continue
            if part.phase is None:
                room_kw = min(room_kw, left_kw + load.kw)
            elif part.phase in load.phases:
                room_kw = min(room_kw, left_kw * len(load.phases) + load.kw)
        rooms[charger_id] = room_kw if room_kw >= min_kw else 0.0
    return rooms
