"""The action that explains a step of a charger's plan, and what another start would cost."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

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
from ..const import DOMAIN
from ..errors import RefusedError, in_utc, no_plan
from ..explain.concerns import names_of
from ..explain.reasons import in_plain_types
from ..explain.steps import Alternative, StepFacts, about_start, about_step
from ..planning.plan import NOTHING_KW, Plan
from ..planning.why import RoomLeft, Why, Whys, whys_of
from ..runtime import OptivgiConfigEntry, OptivgiRuntime
from ..scheduler.errors import NoSolutionError
from ..scheduler.model import Phase, Schedule
from .permissions import async_require_read
from .targets import TARGET_FIELDS, Target, find_target

SERVICE_EXPLAIN: Final = "explain"
ATTR_TIME: Final = "time"

_LATER: Final = timedelta(hours=1)
"""A start so much later is what people ask about first."""
_SCHEMA: Final = vol.Schema({**TARGET_FIELDS, vol.Optional(ATTR_TIME): cv.datetime})


@callback
def async_setup_explain_service(hass: HomeAssistant) -> None:
    """Register the action."""
    hass.services.async_register(
        DOMAIN,
        SERVICE_EXPLAIN,
        _async_explain,
        schema=_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )


async def _async_explain(call: ServiceCall) -> ServiceResponse:
    """Answer with why a charger gets what it gets at a time."""
    target = find_target(call)
    await async_require_read(call, target.entry)
    point = _point_of(target)
    named = call.data.get(ATTR_TIME)
    moment = dt_util.utcnow() if named is None else in_utc(named)
    plan = await _async_plan_at(target.entry, moment)
    whys = whys_of(plan, point.charger.id)
    index = plan.schedule.horizon.index_at(moment)
    if whys is None or index is None:
        raise RefusedError("explain_not_planned", charger=point.charger.name)
    try:
        return await _async_answer(target.entry, point, plan, whys, index)
    except NoSolutionError as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="planning_stopped",
            translation_placeholders={},
        ) from err


def _point_of(target: Target) -> ChargingPoint:
    point = target.point
    if target.vehicle is not None:
        point = target.entry.runtime_data.site.point_of(target.vehicle)
        if point is None:
            raise RefusedError("what_if_not_here", vehicle=target.vehicle.name)
    if point is None:
        raise RefusedError("explain_which")
    return point


async def _async_plan_at(entry: OptivgiConfigEntry, moment: datetime) -> Plan:
    """Return the plan that holds at a time: the present one, or one of the last two days.

    Raises:
        RefusedError: That is too long ago, or beyond what is planned.
    """
    runtime = entry.runtime_data
    present: Plan | None = runtime.coordinator.data
    if present is None:
        raise no_plan(runtime.coordinator.last_exception)
    if moment < present.schedule.horizon.start:
        hass, record = runtime.coordinator.hass, runtime.controller.record
        chapter = await hass.async_add_executor_job(record.at, moment)
        present = present if chapter is None else chapter.plan
    if present.schedule.horizon.index_at(moment) is None:
        shown = f"{dt_util.as_local(moment):%Y-%m-%d %H:%M}"
        raise RefusedError("explain_unknown_time", time=shown)
    return present


async def _async_answer(
    entry: OptivgiConfigEntry, point: ChargingPoint, plan: Plan, whys: Whys, index: int
) -> dict[str, Any]:
    runtime, now = entry.runtime_data, dt_util.utcnow()
    site, texts, voltage = runtime.site, runtime.texts, point.charger.voltage
    circuits = {circuit.id: circuit.name for circuit in site.circuits.values()}
    why, room = whys.at(index), whys.room(index)
    currency, prices = runtime.coordinator.hass.config.currency, plan.problem.site
    other = None if room.other is None else names_of(site).get(room.other, room.other)
    facts = StepFacts(
        why=why,
        room=room,
        other=other,
        circuit=circuits.get(why.reason.detail),
        price=prices.import_price[index],
        currency=currency,
        voltage=voltage,
    )
    reasons = tuple(about_step(facts))
    found = [
        await _async_start_at(runtime, plan, point, start) for start in _starts(plan, point, index)
    ]
    starts = [about_start(alternative, currency) for alternative in found]
    return {
        "charger": point.charger.name,
        "vehicle": None if point.vehicle is None else point.vehicle.name,
        "made_at": _iso(plan.made_at),
        "start": _iso(why.start),
        "end": _iso(why.end),
        "limit_kw": round(why.limit_kw, 3),
        "currents_a": rounded_a(whys.currents_a(index, voltage)),
        "price": prices.import_price[index],
        "estimated": bool(prices.estimated) and prices.estimated[index],
        "currency": currency,
        "constraint": constraint_of(why, circuits),
        "room": _room(room, other, circuits, voltage),
        "next": None
        if why.next_kw is None or why.next_reason is None
        else {
            "at": _iso(why.end),
            "limit_kw": round(why.next_kw, 3),
            "constraint": str(why.next_reason.kind),
        },
        "text": texts.text((*reasons, *starts), now),
        "reasons": in_plain_types(reasons),
        "alternatives": [
            {
                "start": _iso(alternative.at),
                "cost_change": round(alternative.more_cost, 4),
                "missing_kwh": round(alternative.more_missing_kwh, 3),
                "finish": _iso(alternative.finish),
                "text": texts.sentence(reason, now),
            }
            for alternative, reason in zip(found, starts, strict=True)
        ],
    }


def constraint_of(why: Why, circuits: Mapping[str, str]) -> dict[str, Any]:
    """Return what binds, with its money, in plain types."""
    reason = why.reason
    return {
        "kind": str(reason.kind),
        "detail": circuits.get(reason.detail, reason.detail) or None,
        "cost_per_kwh": round(reason.cost_per_kwh, 4),
        "cost": round(why.cost, 4),
    }


def rounded_a(currents_a: Mapping[Phase, float]) -> dict[str, float]:
    """Return currents by phase as people read them."""
    return {phase: round(amperes, 2) for phase, amperes in currents_a.items()}


def _room(
    room: RoomLeft, other: str | None, circuits: Mapping[str, str], voltage: float
) -> dict[str, Any]:
    circuit, phase = room.part
    return {
        "circuit": None if circuit is None else circuits.get(circuit, circuit),
        "phase": phase,
        "left_kw": round(room.left_kw, 3),
        "left_a": None if phase is None else round(room.left_kw * 1000 / voltage, 2),
        "other": other,
        "other_until": _iso(room.other_until),
    }


def _starts(plan: Plan, point: ChargingPoint, index: int) -> Iterator[datetime]:
    """Yield when else the car could start: then, at once, and an hour later than planned."""
    horizon, charger_id = plan.schedule.horizon, point.charger.id
    request, steps = plan.request(charger_id), plan.steps(charger_id)
    if request is None or not steps:
        return
    begins = [step.start for step in steps if step.limit_kw > NOTHING_KW]
    candidates = [horizon.start]
    if steps[index].limit_kw <= NOTHING_KW:
        candidates.append(steps[index].start)
    if begins:
        candidates.append(begins[0] + _LATER)
    yield from (
        start
        for start in sorted(set(candidates))
        if request.arrival <= start < request.departure or start == horizon.start
        if start not in begins[:1]
    )


async def _async_start_at(
    runtime: OptivgiRuntime, plan: Plan, point: ChargingPoint, start: datetime
) -> Alternative:
    supposed = await runtime.what_if.async_start_at(plan, point.charger.id, start)
    before, after = plan.schedule, supposed.schedule
    return Alternative(
        at=start,
        more_cost=_money(after) - _money(before),
        more_missing_kwh=_missing_kwh(after) - _missing_kwh(before),
        finish=supposed.finish(point.charger.id),
    )


def _money(schedule: Schedule) -> float:
    """Return what is on the bill of a plan; what only counts in decisions is not."""
    split = schedule.cost_split
    return split.grid + split.surplus + split.peak + split.storage


def _missing_kwh(schedule: Schedule) -> float:
    return sum(ev.shortfall_kwh for ev in schedule.evs)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else dt_util.as_local(moment).isoformat(timespec="seconds")
