"""The action that says what something else would cost, without doing it."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from homeassistant.const import ATTR_CONFIG_ENTRY_ID, ATTR_MODE
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..charging.charging_point import ChargingPoint
from ..const import CONF_FUSE_A, DOMAIN, Mode
from ..errors import RefusedError, in_utc, no_plan
from ..planning.plan import Plan
from ..planning.what_if import ChangedRequest, Premise, Supposed, WhatIf, finish_of
from ..runtime import OptivgiConfigEntry
from ..scheduler.errors import NoSolutionError
from ..scheduler.model import EVSchedule, ProblemError, ReasonKind
from ..site.limits import connection_limit_kw, phase_limit_kw
from .permissions import async_require_read
from .targets import ATTR_CHARGER, ATTR_VEHICLE, TARGET_FIELDS, Target, find_target

SERVICE_WHAT_IF: Final = "what_if"
ATTR_TARGET_SOC: Final = "target_soc"
ATTR_ENERGY: Final = "energy"
ATTR_DEPARTURE: Final = "departure"
ATTR_PRIORITY: Final = "priority"
ATTR_FUSE: Final = "fuse"
ATTR_PRICE_OFFSET: Final = "price_offset"
ATTR_CHANGES: Final = "changes"
ATTR_ALSO: Final = "also"


class Question(StrEnum):
    """What is answered besides, of one car."""

    EARLIEST_READY = "earliest_ready"
    """When it can be ready at the earliest."""
    CHEAPEST_DEPARTURE = "cheapest_departure"
    """How much cheaper it would be to leave up to two hours later."""
    TEN_PERCENT_MORE = "ten_percent_more"
    """What 10 % more would cost."""


_LATER: Final = tuple(timedelta(minutes=minutes) for minutes in (30, 60, 90, 120))
"""Departures that people would still agree to."""
_MORE_SOC: Final = 10.0
"""In %: about 40 km."""
_CHANGE: Final = {
    vol.Optional(ATTR_TARGET_SOC): vol.All(vol.Coerce(float), vol.Range(min=1, max=100)),
    vol.Optional(ATTR_ENERGY): vol.All(vol.Coerce(float), vol.Range(min=0, max=200)),
    vol.Optional(ATTR_DEPARTURE): cv.datetime,
    vol.Optional(ATTR_MODE): vol.Coerce(Mode),
    vol.Optional(ATTR_PRIORITY): vol.All(vol.Coerce(float), vol.Range(min=0.1, max=10)),
}
_ONE: Final = vol.Schema(
    {vol.Optional(ATTR_CHARGER): str, vol.Optional(ATTR_VEHICLE): str, **_CHANGE}
)
_SCHEMA: Final = vol.Schema(
    {
        **TARGET_FIELDS,
        **_CHANGE,
        vol.Optional(ATTR_CHANGES): vol.All(cv.ensure_list, [_ONE]),
        vol.Optional(ATTR_FUSE): vol.All(vol.Coerce(float), vol.Range(min=1, max=10_000)),
        vol.Optional(ATTR_PRICE_OFFSET): vol.Coerce(float),
        vol.Optional(ATTR_ALSO): vol.All(cv.ensure_list, [vol.Coerce(Question)]),
    }
)


@callback
def async_setup_what_if_service(hass: HomeAssistant) -> None:
    """Register the action."""
    hass.services.async_register(
        DOMAIN,
        SERVICE_WHAT_IF,
        _async_what_if,
        schema=_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )


async def _async_what_if(call: ServiceCall) -> ServiceResponse:
    """Answer with the plan that would be, beside the one that is followed."""
    target = find_target(call)
    entry = target.entry
    await async_require_read(call, entry)
    plan: Plan | None = entry.runtime_data.coordinator.data
    if plan is None:
        raise no_plan(entry.runtime_data.coordinator.last_exception)
    changes: dict[str, ChangedRequest] = {}
    own = _point_of(target)
    if own is not None:
        changes[own.charger.id] = _changes(call.data)
    elif {str(key) for key in _CHANGE} & call.data.keys():
        raise RefusedError("what_if_of_whom")
    for change in call.data.get(ATTR_CHANGES, ()):
        named = find_target(
            ServiceCall(
                call.hass,
                call.domain,
                call.service,
                {**change, ATTR_CONFIG_ENTRY_ID: entry.entry_id},
                call.context,
            )
        )
        if (point := _point_of(named)) is None:
            raise RefusedError("what_if_of_whom")
        changes[point.charger.id] = _changes(change)
    premise = _premise(call, entry, changes)
    what_if = entry.runtime_data.what_if
    try:
        supposed = await what_if.async_suppose(plan, premise)
        answer = _answer(entry, plan, supposed)
        also = call.data.get(ATTR_ALSO, ())
        if also and own is None:
            raise RefusedError("what_if_of_whom")
        for question in also:
            assert own is not None  # noqa: S101 - refused above
            answer[str(question)] = await _ANSWERS[question](what_if, plan, premise, own)
    except (NoSolutionError, ProblemError) as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="planning_stopped",
            translation_placeholders={},
        ) from err
    return answer


def _point_of(target: Target) -> ChargingPoint | None:
    """Return the charger that is named, or where the car is that is named.

    Raises:
        RefusedError: The car is at no charger.
    """
    if target.vehicle is None:
        return target.point
    point = target.entry.runtime_data.site.point_of(target.vehicle)
    if point is None or not point.plugged:
        raise RefusedError("what_if_not_here", vehicle=target.vehicle.name)
    return point


def _changes(data: dict[str, Any]) -> ChangedRequest:
    departure = data.get(ATTR_DEPARTURE)
    return ChangedRequest(
        target_soc=data.get(ATTR_TARGET_SOC),
        energy_kwh=data.get(ATTR_ENERGY),
        departure=None if departure is None else in_utc(departure),
        mode=data.get(ATTR_MODE),
        priority=data.get(ATTR_PRIORITY),
    )


def _premise(
    call: ServiceCall, entry: OptivgiConfigEntry, changes: dict[str, ChangedRequest]
) -> Premise:
    premise = Premise(changes=changes, price_offset=call.data.get(ATTR_PRICE_OFFSET, 0.0))
    if (fuse := call.data.get(ATTR_FUSE)) is None:
        return premise
    site, data = entry.runtime_data.site, {**entry.data, CONF_FUSE_A: fuse}
    each = phase_limit_kw(data)
    more_phase_kw = 0.0
    if each is not None and site.phase_limit_kw is not None:
        more_phase_kw = each - site.phase_limit_kw
    return replace(
        premise,
        more_kw=connection_limit_kw(data) - site.limit_kw,
        more_phase_kw=more_phase_kw,
    )


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else dt_util.as_local(moment).isoformat(timespec="seconds")


def _answer(entry: OptivgiConfigEntry, plan: Plan, supposed: Supposed) -> dict[str, Any]:
    """Return what would be, and how it differs: local ISO times, kWh, the site's currency."""
    before, after = plan.schedule, supposed.schedule
    return {
        "currency": entry.runtime_data.coordinator.hass.config.currency,
        "cost": round(after.cost, 4),
        "cost_change": round(after.cost - before.cost, 4),
        "saved": round(after.cost_at_once - after.cost, 4),
        "peak_kw": round(after.peak_kw, 3),
        "chargers": [
            _of_charger(entry, plan, supposed, charger_id)
            for charger_id in entry.runtime_data.site.points
            if before.ev(charger_id) is not None or after.ev(charger_id) is not None
        ],
        "algorithm": after.algorithm,
        "gap": after.gap,
        "ms": round(after.build_ms + after.solve_ms, 2),
    }


def _of_charger(
    entry: OptivgiConfigEntry, plan: Plan, supposed: Supposed, charger_id: str
) -> dict[str, Any]:
    point = entry.runtime_data.site.points[charger_id]
    before, after = plan.answer(charger_id), supposed.schedule.ev(charger_id)
    was = 0.0 if before is None else before.cost
    cost = 0.0 if after is None else after.cost
    cause = None if after is None else after.shortfall_cause
    edges = supposed.schedule.horizon.edges
    return {
        "id": charger_id,
        "name": point.charger.name,
        "vehicle": None if point.vehicle is None else point.vehicle.name,
        "cost": round(cost, 4),
        "cost_change": round(cost - was, 4),
        "battery_kwh": 0.0 if after is None else round(after.energy_kwh, 3),
        "finish": _iso(supposed.finish(charger_id)),
        "finish_before": _iso(finish_of(plan.problem, plan.schedule, charger_id)),
        "shortfall_kwh": 0.0 if after is None else round(after.shortfall_kwh, 3),
        "shortfall_cause": None if cause is None else str(cause),
        "binds": [] if after is None else _binding(plan, after),
        "plan": []
        if after is None
        else [
            {"start": _iso(start), "end": _iso(end), "limit_kw": round(kw, 3)}
            for start, end, kw in zip(edges[:-1], edges[1:], after.limit_kw, strict=True)
            if kw > 0
        ],
    }


def _binding(plan: Plan, answer: EVSchedule) -> list[dict[str, Any]]:
    """Return what decides when a car charges, the most expensive first."""
    steps: Counter[tuple[str, str]] = Counter()
    costs: dict[tuple[str, str], float] = {}
    for reason in answer.reasons:
        if reason.kind is not ReasonKind.ABSENT:
            key = str(reason.kind), plan.circuit_names.get(reason.detail, reason.detail)
            steps[key] += 1
            costs[key] = max(costs.get(key, 0.0), reason.cost_per_kwh)
    return [
        {"kind": kind, "detail": detail or None, "steps": steps[kind, detail]}
        | {"cost_per_kwh": round(costs[kind, detail], 4)}
        for kind, detail in sorted(costs, key=lambda key: -costs[key])
    ]


def _changing(premise: Premise, point: ChargingPoint, **more: Any) -> Premise:
    """Return a premise with something else for one car."""
    known = premise.changes.get(point.charger.id, ChangedRequest())
    changes = {**premise.changes, point.charger.id: replace(known, **more)}
    return replace(premise, changes=changes)


def _cost(supposed: Supposed, point: ChargingPoint) -> float:
    answer = supposed.schedule.ev(point.charger.id)
    return 0.0 if answer is None else answer.cost


async def _earliest_ready(
    what_if: WhatIf, plan: Plan, premise: Premise, point: ChargingPoint
) -> dict[str, Any]:
    """Return when a car has its target if it charges at once, and what that costs."""
    wanted = premise.changes.get(point.charger.id, ChangedRequest())
    without_end = _changing(premise, point, mode=Mode.SMART, departure=plan.schedule.horizon.end)
    hurried = await what_if.async_suppose(plan, without_end, hurried=point.charger.id)
    return {
        "at": _iso(hurried.finish(point.charger.id)),
        "cost": round(_cost(hurried, point), 4),
        "target_soc": wanted.target_soc or point.wanted_soc,
    }


async def _cheapest_departure(
    what_if: WhatIf, plan: Plan, premise: Premise, point: ChargingPoint
) -> dict[str, Any]:
    """Return the cheapest departure within two hours of the one that is planned for."""
    changed = premise.changes.get(point.charger.id, ChangedRequest())
    planned = changed.departure or point.departure_tracker.current(dt_util.utcnow()).at
    found = []
    for later in (timedelta(0), *_LATER):
        departure = planned + later
        supposed = await what_if.async_suppose(plan, _changing(premise, point, departure=departure))
        answer = supposed.schedule.ev(point.charger.id)
        missing_kwh = 0.0 if answer is None else answer.shortfall_kwh
        found.append((round(missing_kwh, 2), round(_cost(supposed, point), 4), departure))
    missing_kwh, cost, departure = min(found)
    return {
        "departure": _iso(departure),
        "cost": cost,
        "saved": round(found[0][1] - cost, 4),
        "shortfall_kwh": missing_kwh,
    }


async def _ten_percent_more(
    what_if: WhatIf, plan: Plan, premise: Premise, point: ChargingPoint
) -> dict[str, Any]:
    """Return what another 10 % would cost."""
    changed = premise.changes.get(point.charger.id, ChangedRequest())
    asked = changed.target_soc or point.wanted_soc
    if asked is None:
        raise RefusedError("what_if_no_soc", charger=point.charger.name)
    more = min(100.0, asked + _MORE_SOC)
    base = await what_if.async_suppose(plan, premise)
    supposed = await what_if.async_suppose(plan, _changing(premise, point, target_soc=more))
    answer = supposed.schedule.ev(point.charger.id)
    return {
        "target_soc": more,
        "cost": round(_cost(supposed, point) - _cost(base, point), 4),
        "shortfall_kwh": 0.0 if answer is None else round(answer.shortfall_kwh, 2),
    }


_ANSWERS: Final = {
    Question.EARLIEST_READY: _earliest_ready,
    Question.CHEAPEST_DEPARTURE: _cheapest_departure,
    Question.TEN_PERCENT_MORE: _ten_percent_more,
}
