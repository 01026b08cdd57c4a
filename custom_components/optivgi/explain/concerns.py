"""What was asked and cannot be, as people read it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from ..planning.plan import Plan
from ..reservations.book import ev_id
from ..scheduler.model import Concern, ConcernKind, Horizon
from ..site.site import Site
from .reason_code import ReasonCode
from .reason_texts import ReasonTexts
from .reasons import CodedReason, because, in_plain_types

_BEYOND: Final[Mapping[ConcernKind, ReasonCode]] = {
    ConcernKind.BEYOND_LIMIT: ReasonCode.BEYOND_LIMIT,
    ConcernKind.BEYOND_STAY: ReasonCode.BEYOND_STAY,
    ConcernKind.BEYOND_HORIZON: ReasonCode.BEYOND_HORIZON,
}
_MIN_ABOVE: Final[Mapping[ConcernKind, ReasonCode]] = {
    ConcernKind.MIN_ABOVE_MAX: ReasonCode.MIN_ABOVE_MAX,
    ConcernKind.MIN_ABOVE_ROOM: ReasonCode.MIN_ABOVE_ROOM,
}


def names_of(site: Site) -> Mapping[str, str]:
    """Return what the EVs of plans are called: by their charger, or by their reservation."""
    return {point.charger.id: point.charger.name for point in site.points.values()} | {
        ev_id(booked.reservation.id): booked.reservation.name for booked in site.reservations.all()
    }


def concerns_of(site: Site, plan: Plan, texts: ReasonTexts, now: datetime) -> list[dict[str, Any]]:
    """Return what a plan cannot do, each with its code, its placeholders and its text."""
    names = names_of(site)
    horizon = plan.schedule.horizon
    reasons = [
        _overload(concern, horizon, plan.circuit_names)
        if concern.ev is None
        else _of_car(concern, names.get(concern.ev, concern.ev))
        for concern in plan.schedule.concerns
    ]
    return [
        {"text": texts.sentence(reason, now), **plain}
        for reason, plain in zip(reasons, in_plain_types(reasons), strict=True)
    ]


def _of_car(concern: Concern, name: str) -> CodedReason:
    kind, figures = concern.kind, concern.figures
    if kind in _BEYOND:
        wanted_kwh, possible_kwh = figures["wanted_kwh"], figures["possible_kwh"]
        return because(_BEYOND[kind], name=name, wanted_kwh=wanted_kwh, possible_kwh=possible_kwh)
    if kind in _MIN_ABOVE:
        min_kw, max_kw = figures["min_kw"], figures["max_kw"]
        return because(_MIN_ABOVE[kind], name=name, min_kw=min_kw, max_kw=max_kw)
    if kind is ConcernKind.MIN_ABOVE_LIMIT:
        min_kwh, room_kwh = figures["min_kwh"], figures["room_kwh"]
        return because(ReasonCode.MIN_ABOVE_LIMIT, name=name, min_kwh=min_kwh, room_kwh=room_kwh)
    return because(ReasonCode.LEAVES_FIRST, name=name)


def _overload(concern: Concern, horizon: Horizon, names: Mapping[str, str]) -> CodedReason:
    """Say when a part of the site carries too much without any car."""
    figures, of_steps = concern.figures, len(horizon)
    steps, excess_kw = figures["steps"], figures["excess_kw"]
    at = horizon.edges[int(figures["first_step"])]
    if concern.circuit is not None:
        name = names.get(concern.circuit, concern.circuit)
        return because(
            ReasonCode.CIRCUIT_OVERLOADED,
            circuit="/".join(filter(None, (name, concern.phase))),
            steps=steps,
            of_steps=of_steps,
            at=at,
            excess_kw=excess_kw,
        )
    if concern.phase is not None:
        return because(
            ReasonCode.PHASE_OVERLOADED,
            phase=concern.phase,
            steps=steps,
            of_steps=of_steps,
            at=at,
            excess_kw=excess_kw,
        )
    return because(
        ReasonCode.SITE_OVERLOADED, steps=steps, of_steps=of_steps, at=at, excess_kw=excess_kw
    )
