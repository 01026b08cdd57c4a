"""What a charger may draw from now on, for those that follow it by themselves.

Nobody may be there to make room for them, so that they get no more than the plan leaves beside
what the others draw until they are told otherwise.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from ..bindings.house.phases import Load
from ..charging.charging_point import ChargingPoint
from ..const import Mode
from ..plan import Plan
from ..scheduler.allocation import load_kw
from ..scheduler.charging_profile import PlannedLimits
from ..scheduler.model import PHASES, Horizon, PerStep, Phase

_DAY_H: Final = 24.0


def limits_ahead(
    point: ChargingPoint, plan: Plan | None, now: datetime, others: Mapping[str, Load]
) -> PlannedLimits:
    """Return what a charger may draw by mode and plan, and once nobody plans any more.

    That is the least that cars charge at, so that none is left empty; nothing where the mode is
    Off. Without a plan it is that, too.

    Args:
        point: The charger.
        plan: The plan to follow; None where there is none.
        now: The present.
        others: What each charger may draw that does nothing by itself.
    """
    least_kw, _ = point.range_kw
    if point.settings.mode is Mode.OFF:
        return _constant(0.0, now)
    if plan is None:
        return _constant(least_kw, now)
    horizon = plan.schedule.horizon
    answer = plan.answer(point.charger.id)
    if answer is None:
        return PlannedLimits(horizon=horizon, limit_kw=(0.0,) * len(horizon), safe_kw=least_kw)
    room_kw = _room_kw(point, plan, others)
    present = horizon.index_at(now)
    # What there is room for at present is told besides.
    limits_kw = tuple(
        limit_kw if step == present else min(limit_kw, room)
        for step, (limit_kw, room) in enumerate(zip(answer.limit_kw, room_kw, strict=True))
    )
    return PlannedLimits(horizon=horizon, limit_kw=limits_kw, safe_kw=least_kw)


def _constant(limit_kw: float, now: datetime) -> PlannedLimits:
    hour = now.replace(minute=0, second=0, microsecond=0)
    horizon = Horizon(start=hour, step_h=(_DAY_H,))
    return PlannedLimits(horizon=horizon, limit_kw=(limit_kw,), safe_kw=limit_kw)


def _room_kw(point: ChargingPoint, plan: Plan, others: Mapping[str, Load]) -> PerStep:
    """Return what the plan leaves a charger in each step, if the others stay as they are.

    Who is planned more than that will be told so before.
    """
    own = PHASES[: point.phases]
    problem = plan.problem
    rows: dict[Phase | None, PerStep] = {None: problem.capacity_kw}
    rows.update(zip(PHASES, problem.phase_capacity_kw, strict=False))
    rooms: list[float] = []
    for step in range(len(problem.horizon)):
        loads = dict(others)
        for ev, answer in zip(problem.evs, plan.schedule.evs, strict=True):
            if ev.id != point.charger.id:
                present_kw, _ = others.get(ev.id, (0.0, ev.phases))
                loads[ev.id] = max(present_kw, answer.limit_kw[step]), ev.phases
        rooms.append(
            min(
                (carries[step] - load_kw(loads.values(), phase)) * (len(own) if phase else 1)
                for phase, carries in rows.items()
                if phase is None or phase in own
            )
        )
    return tuple(max(0.0, room) for room in rooms)
