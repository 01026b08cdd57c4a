"""Reservations as people read them: what is requested, and what is planned for it."""

from datetime import datetime
from typing import Any

from homeassistant.util import dt as dt_util

from ..planning.plan import Plan
from ..reservations.book import Booked, ev_id
from ..site.site import Site


def reservations_of(site: Site, plan: Plan | None) -> list[dict[str, Any]]:
    """Return the reservations of a site, and what a plan has for them.

    In plain types: kWh, kW, %, local ISO times.
    """
    return [_reservation_response(site, plan, booked) for booked in site.reservations.all()]


def _reservation_response(site: Site, plan: Plan | None, booked: Booked) -> dict[str, Any]:
    reservation = booked.reservation
    point = booked.point or site.points.get(reservation.charger_id or "")
    vehicle = site.vehicles.get(reservation.vehicle_id or "")
    in_plan = ev_id(reservation.id) if booked.point is None else booked.point.charger.id
    answer = None if plan is None else plan.answer(in_plan)
    return {
        "id": reservation.id,
        "name": reservation.name,
        "state": "expected" if booked.point is None else "here",
        "charger": None if point is None else point.charger.name,
        "vehicle": None if vehicle is None else vehicle.name,
        "arrival": _iso(reservation.arrival),
        "departure": _iso(reservation.departure),
        "energy_kwh": reservation.energy_kwh,
        "target_soc": reservation.target_soc,
        "arrival_soc": reservation.arrival_soc,
        "max_power_kw": reservation.max_power_kw,
        "planned_kwh": 0.0 if answer is None else answer.energy_kwh,
        "shortfall_kwh": 0.0 if answer is None else answer.shortfall_kwh,
        "cost": 0.0 if answer is None else answer.cost,
        "plan": []
        if plan is None
        else [
            {
                "start": _iso(block.start),
                "end": _iso(block.end),
                "peak_kw": block.peak_kw,
                "estimated": block.estimated,
            }
            for block in plan.blocks(in_plan)
        ],
    }


def _iso(moment: datetime) -> str:
    return dt_util.as_local(moment).isoformat()
