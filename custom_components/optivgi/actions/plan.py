"""Actions: make a new plan, and read the plan."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..const import DOMAIN
from ..errors import no_plan, tried
from ..explain.concerns import concerns_of
from ..explain.reasons import in_plain_types
from ..explain.reservations import reservations_of
from ..explain.situation import Situation
from ..explain.status import describe
from ..planning.plan import Plan
from ..planning.why import Why, whys_of
from ..runtime import OptivgiConfigEntry
from ..scheduler.last_resort import LAST_PLAN
from .explain import constraint_of, rounded_a
from .permissions import async_require_control, async_require_read
from .targets import find_site

SERVICE_RESCHEDULE: Final = "reschedule"
SERVICE_GET_SCHEDULE: Final = "get_schedule"

_SCHEMA: Final = vol.Schema({vol.Optional(ATTR_CONFIG_ENTRY_ID): str})


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    hass.services.async_register(
        DOMAIN,
        SERVICE_RESCHEDULE,
        _async_reschedule,
        schema=_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    hass.services.async_register(
        DOMAIN,
        SERVICE_GET_SCHEDULE,
        _async_get_schedule,
        schema=_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )


async def _async_reschedule(call: ServiceCall) -> ServiceResponse:
    """Make a new plan now, and answer with it where that is asked for."""
    entry = find_site(call)
    await async_require_control(call, entry)
    coordinator = entry.runtime_data.coordinator
    await coordinator.async_refresh()
    if not coordinator.last_update_success:
        raise no_plan(coordinator.last_exception)
    await entry.runtime_data.controller.async_apply()
    schedule = coordinator.data.schedule
    if schedule.algorithm == LAST_PLAN:
        # What was planned before goes on; that is not what was asked for.
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="planning_unsolved",
            translation_placeholders={"algorithms": tried(schedule.failures)},
        )
    return schedule_response(call.hass, entry) if call.return_response else None


async def _async_get_schedule(call: ServiceCall) -> ServiceResponse:
    """Answer with the plan that is followed."""
    entry = find_site(call)
    await async_require_read(call, entry)
    return schedule_response(call.hass, entry)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else dt_util.as_local(moment).isoformat()


def schedule_response(hass: HomeAssistant, entry: OptivgiConfigEntry) -> dict[str, Any]:
    """Return the plan in plain types: kW, kWh, local ISO times, the site's currency.

    Raises:
        HomeAssistantError: No plan could ever be made.
    """
    runtime = entry.runtime_data
    plan: Plan | None = runtime.coordinator.data
    if plan is None:
        raise no_plan(runtime.coordinator.last_exception)
    site, schedule = plan.problem.site, plan.schedule
    edges = schedule.horizon.edges
    estimated = site.estimated or (False,) * len(schedule.horizon)
    return {
        "site": {
            "name": entry.title,
            "limit_kw": runtime.site.limit_kw,
            "base_load_kw": plan.base_load_kw,
            "planned_peak_kw": schedule.peak_kw,
            "cost": schedule.cost,
            "peak_cost": schedule.cost_split.peak,
            "co2_kg": plan.co2_kg,
            "currency": hass.config.currency,
            "made_at": _iso(plan.made_at),
            "price_error": plan.price_error,
        },
        "chargers": [
            _charger_response(hass, entry, plan, charger_id) for charger_id in runtime.site.points
        ],
        "prices": [
            {"start": _iso(start), "end": _iso(end), "price": price, "estimated": guessed}
            for start, end, price, guessed in zip(
                edges[:-1], edges[1:], site.import_price, estimated, strict=True
            )
        ],
        "reservations": reservations_of(runtime.site, plan),
        "concerns": concerns_of(runtime.site, plan, runtime.texts, dt_util.utcnow()),
        "solver": {
            "status": str(schedule.status),
            "algorithm": schedule.algorithm,
            "ms": round(schedule.build_ms + schedule.solve_ms, 2),
            "gap": schedule.gap,
            "failures": list(schedule.failures),
        },
    }


def _charger_response(
    hass: HomeAssistant, entry: OptivgiConfigEntry, plan: Plan, charger_id: str
) -> dict[str, Any]:
    runtime = entry.runtime_data
    point, state = runtime.site.points[charger_id], runtime.controller.states[charger_id]
    now = dt_util.utcnow()
    status = describe(
        Situation(point=point, state=state, plan=plan, now=now, currency=hass.config.currency)
    )
    answer, request = plan.answer(charger_id), plan.request(charger_id)
    whys, index = whys_of(plan, charger_id), plan.schedule.horizon.index_at(now)
    return {
        "id": charger_id,
        "name": point.charger.name,
        "mode": str(point.settings.mode),
        "vehicle": None if point.vehicle is None else point.vehicle.name,
        "status": str(status.word),
        "reason": runtime.texts.text(status.reasons, now),
        "reason_code": str(status.code),
        "reasons": in_plain_types(status.reasons),
        "limit_kw": state.limit_kw,
        "constraint": None
        if whys is None or index is None
        else _constraint(whys.at(index), plan.circuit_names),
        "departure": _iso(None if request is None else request.departure),
        "needed_kwh": 0.0 if request is None else request.energy_kwh,
        "energy_kwh": plan.energy_kwh(charger_id),
        "battery_kwh": 0.0 if answer is None else answer.energy_kwh,
        "shortfall_kwh": 0.0 if answer is None else answer.shortfall_kwh,
        "cost": 0.0 if answer is None else answer.cost,
        "cost_if_charged_at_once": 0.0 if answer is None else answer.cost_at_once,
        "next_start": _iso(plan.next_start(charger_id, now)),
        "expected_finish": _iso(plan.expected_finish(charger_id)),
        "plan": [
            {
                "start": _iso(step.start),
                "end": _iso(step.end),
                "limit_kw": step.limit_kw,
                "phases": step.phases,
                "currents_a": {}
                if whys is None
                else rounded_a(whys.currents_a(number, point.charger.voltage)),
                "price": step.price,
                "estimated": step.estimated,
                "constraint": None
                if whys is None
                else constraint_of(whys.at(number), plan.circuit_names),
            }
            for number, step in enumerate(plan.steps(charger_id))
        ],
    }


def _constraint(why: Why, circuits: Mapping[str, str]) -> dict[str, Any]:
    """Return what binds now, and what comes next."""
    return constraint_of(why, circuits) | {
        "next_at": _iso(why.end),
        "next_kw": why.next_kw,
        "next_constraint": None if why.next_reason is None else str(why.next_reason.kind),
    }
