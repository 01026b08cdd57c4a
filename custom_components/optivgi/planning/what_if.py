"""What a plan would be if something else were asked: solved beside the plan that is followed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from homeassistant.core import HomeAssistant

from ..cars.soc import FULL_SOC
from ..charging.charging_point import ChargingPoint
from ..charging.request import supposed_request
from ..const import Mode
from ..scheduler.model import EV, GridConnection, PerStep, Problem, Schedule
from ..scheduler.readiness import READY_WITHIN_KWH
from ..scheduler.runner import Runner
from ..site.site import Site
from .plan import NOTHING_KW, Plan

_TIME_LIMIT_S: Final = 0.2
"""Who drags a departure over a picture sees what it costs within 0.3 s, all else included."""


@dataclass(frozen=True, kw_only=True)
class ChangedRequest:
    """What else might be asked for the car at a charger; None for what is asked.

    Attributes:
        target_soc: The state of charge wanted by departure, in %.
        energy_kwh: Energy wanted since plug-in where no state of charge is known.
        departure: When it leaves.
        mode: How it is charged.
        priority: The weight of what it would miss, against the others' 1.
    """

    target_soc: float | None = None
    energy_kwh: float | None = None
    departure: datetime | None = None
    mode: Mode | None = None
    priority: float | None = None


@dataclass(frozen=True, kw_only=True)
class Premise:
    """What else might be, in kW and the site's currency.

    Attributes:
        changes: What is asked otherwise, by charger.
        more_kw: So much more the connection would carry, of all phases together.
        more_phase_kw: So much more each phase would.
        price_offset: So much more a kWh would cost.
    """

    changes: Mapping[str, ChangedRequest] = field(default_factory=dict)
    more_kw: float = 0.0
    more_phase_kw: float = 0.0
    price_offset: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Supposed:
    """The plan that would be followed.

    Attributes:
        problem: What would be asked.
        schedule: What would be answered.
    """

    problem: Problem
    schedule: Schedule

    def finish(self, charger_id: str) -> datetime | None:
        """Return when the car at a charger would have what it gets; None where it gets nothing."""
        return finish_of(self.problem, self.schedule, charger_id)


class WhatIf:
    """Solves what is only asked for, in a thread of its own."""

    def __init__(self, hass: HomeAssistant, site: Site) -> None:
        """Start nothing before somebody asks."""
        self._hass = hass
        self._site = site
        self._runner = Runner(time_limit_s=_TIME_LIMIT_S)

    async def async_end(self) -> None:
        """Answer no more, and wait for the thread to end."""
        self._runner.shutdown()
        await self._hass.async_add_executor_job(partial(self._runner.shutdown, wait=True))

    async def async_suppose(
        self, plan: Plan, premise: Premise, *, hurried: str | None = None
    ) -> Supposed:
        """Return what the plan would be; the one that is followed stands where that is as good.

        Args:
            plan: The plan that is followed.
            premise: What is supposed.
            hurried: The charger whose car is charged at once, whatever the price.

        Raises:
            NoSolutionError: The site is being unloaded.
            ProblemError: What is supposed contradicts itself.
        """
        problem = supposed_problem(self._site, plan, premise)
        evs = tuple(replace(ev, at_once=ev.at_once or ev.id == hurried) for ev in problem.evs)
        problem = replace(problem, evs=evs)
        schedule = await self._runner.solve_with_reserve(problem, plan.reserve, plan.schedule)
        return Supposed(problem=problem, schedule=schedule)

    async def async_start_at(self, plan: Plan, charger_id: str, start: datetime) -> Supposed:
        """Return what the plan would be if a car charged from a moment on as early as it can.

        Raises:
            NoSolutionError: The site is being unloaded.
        """
        evs = tuple(
            replace(ev, arrival=max(ev.arrival, start), at_once=True, charging=False)
            if ev.id == charger_id
            else ev
            for ev in plan.problem.evs
        )
        problem = replace(plan.problem, evs=evs)
        schedule = await self._runner.solve_with_reserve(problem, plan.reserve)
        return Supposed(problem=problem, schedule=schedule)


def supposed_problem(site: Site, plan: Plan, premise: Premise) -> Problem:
    """Return what the scheduler would be asked, by what it was asked for a plan."""
    horizon = plan.problem.horizon
    known = {ev.id: ev for ev in plan.problem.evs}
    evs: dict[str, EV] = dict(known)
    for charger_id, changed in premise.changes.items():
        point = site.points[charger_id]
        request = _supposed_request(
            point, known.get(charger_id), changed, horizon.start, horizon.end
        )
        evs.pop(charger_id, None)
        if request is not None:
            evs[charger_id] = request
    return replace(
        plan.problem, site=_supposed_site(plan.problem.site, premise), evs=tuple(evs.values())
    )


def _supposed_site(known: GridConnection, premise: Premise) -> GridConnection:
    return replace(
        known,
        limit_kw=_more(known.limit_kw, premise.more_kw),
        phase_limit_kw=tuple(_more(each, premise.more_phase_kw) for each in known.phase_limit_kw),
        import_price=tuple(price + premise.price_offset for price in known.import_price),
    )


def _more(limits: PerStep, kw: float) -> PerStep:
    return tuple(max(0.0, limit + kw) for limit in limits)


def _supposed_request(
    point: ChargingPoint, known: EV | None, changed: ChangedRequest, start: datetime, end: datetime
) -> EV | None:
    """Return what would be asked for a car; None where there would be nothing to charge."""
    mode = changed.mode or point.settings.mode
    if mode is Mode.OFF or not point.plugged:
        return None
    asked_kwh = known.energy_kwh if known is not None else point.needed_kwh
    if point.settings.temporary is not None and (changed.mode or changed.target_soc):
        # An amount to charge at once says nothing about what else is wanted.
        asked_kwh = replace(point.need, temporary=None).kwh
    wanted_kwh = max(0.0, asked_kwh + _more_wanted_kwh(point, changed, mode))
    if wanted_kwh <= READY_WITHIN_KWH:
        return None
    request = known or supposed_request(point, start, end)
    if request is None:
        return None
    departure = changed.departure
    if departure is None:
        is_as_asked = known is not None and mode is point.settings.mode
        departure = request.departure if is_as_asked else point.departure_tracker.current(start).at
    at_once = mode is Mode.NOW
    return replace(
        request,
        energy_kwh=wanted_kwh,
        min_energy_kwh=min(request.min_energy_kwh, wanted_kwh),
        departure=end if at_once else max(start, min(departure, end)),
        at_once=at_once
        or (request.at_once and mode is point.settings.mode and not changed.departure),
        surplus_only=mode is Mode.SOLAR_ONLY,
        min_always=mode is Mode.MIN_SOLAR,
        priority=request.priority if changed.priority is None else changed.priority,
    )


def _more_wanted_kwh(point: ChargingPoint, changed: ChangedRequest, mode: Mode) -> float:
    """Return how much more energy would be wanted in the battery than is asked."""
    vehicle = point.vehicle
    if vehicle is None or point.soc is None or (usual := point.wanted_soc) is None:
        return 0.0 if changed.energy_kwh is None else changed.energy_kwh - point.energy_kwh
    asked_soc = FULL_SOC if point.settings.mode is Mode.NOW else max(usual, point.soc)
    wanted_soc = usual if changed.target_soc is None else changed.target_soc
    if mode is Mode.NOW:
        wanted_soc = FULL_SOC
    return (wanted_soc - asked_soc) / FULL_SOC * vehicle.battery_kwh


def finish_of(problem: Problem, schedule: Schedule, charger_id: str) -> datetime | None:
    """Return when a car has what it gets by a schedule; None where it gets nothing.

    Limits hold for whole steps; the last one may be more than is still missing.
    """
    answer = schedule.ev(charger_id)
    request = next((ev for ev in problem.evs if ev.id == charger_id), None)
    if answer is None or request is None:
        return None
    charging = [
        (start, hours, kw)
        for start, hours, kw in zip(
            problem.horizon.edges[:-1], problem.horizon.step_h, answer.limit_kw, strict=True
        )
        if kw > NOTHING_KW
    ]
    left_kwh = answer.energy_kwh
    for start, hours, kw in charging:
        gained_kwh = kw * hours * request.efficiency
        if gained_kwh >= left_kwh or (start, hours, kw) == charging[-1]:
            return start + timedelta(hours=hours * min(1.0, left_kwh / gained_kwh))
        left_kwh -= gained_kwh
    return None
