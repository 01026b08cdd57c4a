"""The plan as one picture shows it: what changes with each plan, and what changes all the time.

Both in plain types, with units in their names and times in seconds since 1970. Numbers are rounded
to what can be seen: a picture of a hundred cars over four days is sent to phones.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypedDict

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from ..charging.charging_point import ChargingPoint
from ..const import DOMAIN
from ..control.state import ControlState
from ..planning.fullest import Fullest, fullest
from ..planning.plan import Plan
from ..reservations.book import ev_id
from ..scheduler.model import EVSchedule, Reason
from ..scheduler.model.network import NetworkPart
from ..site.site import Site
from .reasons import in_typed_parts
from .situation import Situation
from .status import describe

type Moment = float
"""Seconds since 1970."""


class PictureOfCar(TypedDict):
    """What one car gets: the one at a charger, or one that is reserved for.

    ``why`` names for each step a reason in the ``reasons`` of the plan.
    """

    charger: str | None
    reservation: str | None
    name: str | None
    limit_kw: list[float]
    why: list[int]
    energy_kwh: float
    battery_kwh: float
    cost: float
    cost_at_once: float
    shortfall_kwh: float
    arrival: Moment | None
    departure: Moment | None
    start: Moment | None
    finish: Moment | None


class PictureOfPlan(TypedDict):
    """What changes with each plan; series have a value for each step between two ``edges``.

    ``full`` has for each step the fullest part of the site: its number in ``parts``, what it
    carries and what it may carry, in kW.
    """

    made_at: Moment
    edges: list[Moment]
    price: list[float]
    export_price: list[float]
    estimated: list[bool]
    house_kw: list[float]
    solar_kw: list[float]
    batteries: list[dict[str, Any]]
    parts: list[dict[str, str | None]]
    full: list[tuple[int, float, float]]
    reasons: list[dict[str, Any]]
    cars: list[PictureOfCar]
    cost: float
    cost_at_once: float
    prices_known: bool
    price_error: bool
    gap: float | None
    algorithm: str


class PictureOfCharger(TypedDict):
    """A charger, and the car at it, at present."""

    id: str
    name: str
    circuit: str | None
    vehicle: str | None
    plugged: bool
    plugged_at: Moment | None
    mode: str
    status: str
    reasons: list[dict[str, Any]]
    trouble: bool
    limit_kw: float | None
    power_kw: float
    max_kw: float
    soc: float | None
    target_soc: float | None
    needed_kwh: float
    delivered_kwh: float
    departure: Moment
    entities: dict[str, str]


class PictureOfNow(TypedDict):
    """What changes all the time, and what the site is."""

    site: dict[str, Any]
    circuits: list[dict[str, Any]]
    chargers: list[PictureOfCharger]
    reservations: list[dict[str, Any]]
    batteries: list[dict[str, Any]]
    solar_kw: float | None
    house_kw: float | None
    power_kw: float | None
    planned: bool


def picture_of_plan(site: Site, plan: Plan) -> PictureOfPlan:
    """Return what is planned, for a picture."""
    problem, schedule = plan.problem, plan.schedule
    steps = len(schedule.horizon)
    reasons: dict[Reason | None, int] = {}
    parts: dict[NetworkPart, int] = {}
    full = fullest(problem, schedule, _rated_kw(site))
    reserved = {
        ev_id(booked.reservation.id): booked.reservation for booked in site.reservations.all()
    }
    cars: list[PictureOfCar] = []
    for answer in schedule.evs:
        car = _planned_car(plan, answer, reasons)
        if (booked := reserved.get(answer.id)) is not None:
            car |= {
                "charger": booked.charger_id,
                "reservation": booked.id,
                "name": booked.name,
            }
        cars.append(car)
    return {
        "made_at": plan.made_at.timestamp(),
        "edges": [edge.timestamp() for edge in schedule.horizon.edges],
        "price": _rounded(problem.site.import_price, 5),
        "export_price": _rounded(problem.site.export_price, 5),
        "estimated": list(problem.site.estimated or (False,) * steps),
        "house_kw": _rounded(problem.base_load_kw),
        "solar_kw": _rounded(problem.pv_kw) if any(problem.pv_kw) else [],
        "batteries": [
            {"id": battery.id, "power_kw": _rounded(battery.power_kw), "hold": list(battery.hold)}
            for battery in schedule.batteries
        ],
        "full": [_full(found, parts) for found in full],
        "parts": [
            {
                "circuit": None
                if part.circuit is None
                else plan.circuit_names.get(part.circuit, part.circuit),
                "phase": part.phase,
            }
            for part in parts
        ],
        "cars": cars,
        "reasons": [
            {
                "kind": None if reason is None else str(reason.kind),
                "detail": _detail(plan, reason),
                "cost_per_kwh": 0.0 if reason is None else round(reason.cost_per_kwh, 4),
            }
            for reason in reasons
        ],
        "cost": round(schedule.cost, 4),
        "cost_at_once": round(schedule.cost_at_once, 4),
        "prices_known": plan.prices_known,
        "price_error": plan.price_error is not None,
        "gap": schedule.gap,
        "algorithm": schedule.algorithm,
    }


def _detail(plan: Plan, reason: Reason | None) -> str:
    if reason is None:
        return ""
    return plan.circuit_names.get(reason.detail, reason.detail)


def _rounded(series: Iterable[float], digits: int = 3) -> list[float]:
    return [round(value, digits) for value in series]


def _full(found: Fullest, parts: dict[NetworkPart, int]) -> tuple[int, float, float]:
    number = parts.setdefault(found.part, len(parts))
    return number, round(found.used_kw, 3), round(found.limit_kw, 3)


def _rated_kw(site: Site) -> dict[NetworkPart, float]:
    """Return what phases may carry by their fuses."""
    rated: dict[NetworkPart, float] = {}
    for circuit_id, limit_kw in (
        (None, site.phase_limit_kw),
        *((circuit.id, circuit.phase_limit_kw) for circuit in site.circuits.values()),
    ):
        if limit_kw is not None:
            rated |= {NetworkPart(circuit_id, phase): limit_kw for phase in site.connection.phases}
    return rated


def _planned_car(plan: Plan, answer: EVSchedule, reasons: dict[Reason | None, int]) -> PictureOfCar:
    request = plan.request(answer.id)
    blocks = plan.blocks(answer.id)
    # Alike for a picture: a car may have hundreds that differ by less than is shown.
    why: Sequence[Reason | None] = [
        Reason(kind=reason.kind, detail=reason.detail, cost_per_kwh=round(reason.cost_per_kwh, 3))
        for reason in answer.reasons
    ]
    return {
        "charger": answer.id,
        "reservation": None,
        "name": None,
        "limit_kw": _rounded(answer.limit_kw),
        "why": [reasons.setdefault(reason, len(reasons)) for reason in why],
        "energy_kwh": round(plan.energy_kwh(answer.id), 3),
        "battery_kwh": round(answer.energy_kwh, 3),
        "cost": round(answer.cost, 4),
        "cost_at_once": round(answer.cost_at_once, 4),
        "shortfall_kwh": round(answer.shortfall_kwh, 3),
        "arrival": None if request is None else request.arrival.timestamp(),
        "departure": None if request is None else request.departure.timestamp(),
        "start": blocks[0].start.timestamp() if blocks else None,
        "finish": blocks[-1].end.timestamp() if blocks else None,
    }


_SHOWN_ENTITIES = {
    "status": "sensor",
    "mode": "select",
    "vehicle": "select",
    "target_soc": "number",
    "target_energy": "number",
    "next_departure": "datetime",
}
"""What of a charger can be set or looked at in a picture: by the key of each, its platform."""

_TROUBLE_KWH = 0.5
"""What is missing below this is nothing that a person would act on: 1 % of a small battery."""


def picture_of_now(
    hass: HomeAssistant,
    site: Site,
    plan: Plan | None,
    states: dict[str, ControlState],
    now: datetime,
) -> PictureOfNow:
    """Return what is at present, for a picture.

    Args:
        hass: Home Assistant.
        site: The site.
        plan: The plan that is followed; None where none could be made.
        states: What each charger gets.
        now: The present.
    """
    house_kw = site.house.now_kw(now)
    pv = site.house.pv
    return {
        "site": {
            "name": site.name,
            "limit_kw": round(site.limit_kw, 3),
            "phases": site.phases,
            "voltage": site.voltage,
            "fuse_a": site.fuse_a,
        },
        "circuits": [
            {
                "id": circuit.id,
                "name": circuit.name,
                "limit_kw": round(circuit.limit_kw, 3),
                "fuse_a": circuit.fuse_a,
            }
            for circuit in site.circuits.values()
        ],
        "chargers": [
            _charger(hass, point, states[charger_id], plan, now)
            for charger_id, point in site.points.items()
        ],
        "reservations": [
            {
                "id": booked.reservation.id,
                "name": booked.reservation.name,
                "charger": booked.reservation.charger_id,
                "arrival": booked.reservation.arrival.timestamp(),
                "departure": booked.reservation.departure.timestamp(),
                "target_soc": booked.reservation.target_soc,
                "energy_kwh": booked.reservation.energy_kwh,
            }
            for booked in site.reservations.all()
            if booked.point is None
        ],
        "batteries": [
            {
                "id": battery.id,
                "name": battery.name,
                "soc": None if battery.soc is None else round(battery.soc),
            }
            for battery in site.batteries.values()
        ],
        "house_kw": None if house_kw is None else round(house_kw, 2),
        "solar_kw": None if pv is None or pv.kw is None else round(max(0.0, pv.kw), 2),
        "power_kw": None if house_kw is None else round(house_kw + site.drawn_kw, 2),
        "planned": plan is not None,
    }


def _charger(
    hass: HomeAssistant, point: ChargingPoint, state: ControlState, plan: Plan | None, now: datetime
) -> PictureOfCharger:
    charger, session = point.charger, point.session
    status = describe(
        Situation(point=point, state=state, plan=plan, now=now, currency=hass.config.currency)
    )
    answer = None if plan is None else plan.answer(charger.id)
    return {
        "id": charger.id,
        "name": charger.name,
        "circuit": point.circuits[0] if point.circuits else None,
        "vehicle": None if point.vehicle is None else point.vehicle.name,
        "plugged": point.plugged,
        "plugged_at": None if session.plugged_at is None else session.plugged_at.timestamp(),
        "mode": str(point.settings.mode),
        "status": str(status.word),
        "reasons": in_typed_parts(status.reasons),
        "trouble": answer is not None
        and point.plugged
        and answer.shortfall_kwh > _TROUBLE_KWH
        and not session.shortage_accepted,
        "limit_kw": None if state.limit_kw is None else round(state.limit_kw, 3),
        "power_kw": round(point.load.drawn_kw, 2) if point.plugged else 0.0,
        "max_kw": round(point.range_kw[1], 3),
        "soc": None if point.soc is None else round(point.soc, 1),
        "target_soc": point.wanted_soc,
        "needed_kwh": round(point.needed_kwh, 2),
        "delivered_kwh": round(session.delivered_kwh, 2),
        "departure": point.departure_tracker.upcoming(now).at.timestamp(),
        "entities": _entities(hass, charger.id),
    }


def _entities(hass: HomeAssistant, charger_id: str) -> dict[str, str]:
    """Return the ids of a charger's entities that are in use, by their keys."""
    registry = er.async_get(hass)
    found = {
        key: registry.async_get_entity_id(platform, DOMAIN, f"{charger_id}_{key}")
        for key, platform in _SHOWN_ENTITIES.items()
    }
    return {key: entity_id for key, entity_id in found.items() if entity_id is not None}
