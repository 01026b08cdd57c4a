"""What a charger may draw from now on, for those that follow it by themselves.

Nobody may be there to make room for them, so that they get no more than the plan leaves beside
what the others draw until they are told otherwise.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
import math
from typing import Final

from ..bindings.chargers.ocpp.charging_profile import PlannedLimits
from ..charging.charging_point import ChargingPoint
from ..const import Mode
from ..planning.plan import Plan
from ..scheduler.model import PHASES, Horizon, PerStep, Phase, Problem
from ..site.outlook import NOWCAST

_DAY_H: Final = 24.0
"""A profile of one constant limit lasts a day; a new one is due long before."""


class PlannedLoads:
    """What the chargers of a site may draw in each step of a plan, should nobody be there then."""

    def __init__(self, plan: Plan, others: Iterable[ChargingPoint], now: datetime) -> None:
        """Add up what is planned, and what those go on with that do nothing by themselves.

        Args:
            plan: The plan to follow.
            others: The chargers that nobody may be there to tell their plan when it is time.
            now: The present.
        """
        self.plan = plan
        problem = plan.problem
        self._carries = _carries_by_night(problem)
        planned = {
            ev.id: (answer.limit_kw, ev.phases)
            for ev, answer in zip(problem.evs, plan.schedule.evs, strict=True)
        }
        self._own = dict(planned)
        for point in others:
            limits_kw, phases = planned.get(
                point.charger.id, ((0.0,) * len(problem.horizon), PHASES[: point.phases])
            )
            # Who is planned more than now will be told so before.
            goes_on_kw = self._goes_on(point, now)
            planned[point.charger.id] = tuple(map(max, limits_kw, goes_on_kw, strict=True)), phases
        self._drawn = {
            phase: _added([_share(kw, phases, phase) for kw, phases in planned.values()])
            for phase in self._carries
        }

    def _goes_on(self, point: ChargingPoint, now: datetime) -> PerStep:
        """Return what a charger goes on with in each step that is not told anything any more."""
        horizon = self.plan.problem.horizon
        if not point.plugged:
            return (0.0,) * len(horizon)
        # In the near future, what is foreign is a part of the base load.
        later = horizon.start + NOWCAST
        soon_kw = point.controlled_kw(now)
        left_kw = max(point.may_draw_kw(now), point.foreign_kw(now, metered=False))
        return tuple(left_kw if start >= later else soon_kw for start in horizon.edges[:-1])

    def room_kw(self, point: ChargingPoint) -> PerStep:
        """Return what a charger that follows its plan by itself finds left in each step."""
        own = PHASES[: point.phases]
        limits_kw, phases = self._own[point.charger.id]
        rooms = [
            tuple(
                max(0.0, carries - drawn + planned) * (len(own) if phase else 1)
                for carries, drawn, planned in zip(
                    self._carries[phase],
                    self._drawn[phase],
                    _share(limits_kw, phases, phase),
                    strict=True,
                )
            )
            for phase in self._carries
            if phase is None or phase in own
        ]
        return tuple(map(min, zip(*rooms, strict=True)))


def _carries_by_night(problem: Problem) -> Mapping[Phase | None, PerStep]:
    """Return what the wires leave the chargers, together and by phase, should the sun not shine."""
    site = replace(problem.site, pv_kw=(), pv_phase_kw=())
    dark = replace(problem, site=site)
    rows: dict[Phase | None, tuple[PerStep, PerStep]] = {None: (dark.capacity_kw, site.limit_kw)}
    if site.phase_limit_kw:
        by_phase = zip(dark.phase_capacity_kw, site.phase_limits_kw, strict=True)
        rows.update(zip(PHASES, by_phase, strict=True))
    # Surplus of now is a negative load.
    return {
        phase: tuple(map(min, leaves, limit, strict=True))
        for phase, (leaves, limit) in rows.items()
    }


def _added(series: Iterable[PerStep]) -> PerStep:
    return tuple(map(math.fsum, zip(*series, strict=True)))


def _share(limits_kw: PerStep, phases: tuple[Phase, ...], phase: Phase | None) -> PerStep:
    """Return how much of limits is drawn from a phase, from all together (None)."""
    if phase is None:
        return limits_kw
    if phase not in phases:
        return (0.0,) * len(limits_kw)
    return tuple(kw / len(phases) for kw in limits_kw)


def limits_ahead(point: ChargingPoint, loads: PlannedLoads | None, now: datetime) -> PlannedLimits:
    """Return what a charger may draw by mode and plan, and once nobody plans any more.

    That is the least that cars charge at, so that none is left empty; nothing where the mode is
    Off. Without a plan it is that, too.

    Args:
        point: The charger.
        loads: What all may draw by the plan to follow; None where there is none.
        now: The present.
    """
    least_kw, _ = point.range_kw
    if point.settings.mode is Mode.OFF:
        return _constant(0.0, now)
    if loads is None:
        return _constant(least_kw, now)
    horizon = loads.plan.schedule.horizon
    answer = loads.plan.answer(point.charger.id)
    if answer is None:
        return PlannedLimits(horizon=horizon, limit_kw=(0.0,) * len(horizon), safe_kw=least_kw)
    present = horizon.index_at(now)
    # What there is room for at present is told besides.
    limits_kw = tuple(
        limit_kw if step == present else min(limit_kw, room)
        for step, (limit_kw, room) in enumerate(
            zip(answer.limit_kw, loads.room_kw(point), strict=True)
        )
    )
    return PlannedLimits(horizon=horizon, limit_kw=limits_kw, safe_kw=least_kw)


def _constant(limit_kw: float, now: datetime) -> PlannedLimits:
    hour = now.replace(minute=0, second=0, microsecond=0)
    horizon = Horizon(start=hour, step_h=(_DAY_H,))
    return PlannedLimits(horizon=horizon, limit_kw=(limit_kw,), safe_kw=limit_kw)
