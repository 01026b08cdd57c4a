"""Capacity that a plan leaves unused though a car that is short could have had it."""

from dataclasses import replace

from custom_components.optivgi.scheduler import EV, EVSchedule, Problem, Schedule

from .flows import (
    gave,
    given_kw,
    idle_kw,
    load_kw,
    net_kwh,
    parts_of,
    planned_kw,
    room_kw,
    stored_kwh,
)

SHORT_KWH = 0.0101
"""A car that misses more than this is told to be short, whatever the last digit."""
ROUNDING_KW = 1e-6


def unused(asked: Problem, schedule: Schedule) -> list[str]:
    """Return where a car that is short could have had more: who, in which step, how much."""
    found = []
    for ev, answer in zip(asked.evs, schedule.evs, strict=True):
        missing = ev.wanted_kwh - net_kwh(asked, ev, answer)
        for step in range(len(asked.horizon)) if missing > SHORT_KWH else ():
            more = _possible_kw(asked, schedule, ev, answer, step)
            if more > 0 and _is_of_use(asked, ev, answer, step, more):
                found.append(f"{ev.id} misses {missing:.3f} kWh: {more:.3f} kW in step {step}")
    return found


def idle(asked: Problem, schedule: Schedule) -> list[str]:
    """Return where a car that draws its minimum all the time does not, though it could."""
    found = []
    for ev, answer in zip(asked.evs, schedule.evs, strict=True):
        if not ev.min_always or ev.at_once or ev.min_power_kw <= 0 or ev.discharge is not None:
            continue
        for step, stored in enumerate(stored_kwh(asked, ev, answer)[:-1]):
            missing = ev.wanted_kwh - stored
            if missing > SHORT_KWH and answer.limit_kw[step] == 0:
                more = _possible_kw(asked, schedule, ev, answer, step)
                if more > 0 and _is_of_use(asked, ev, answer, step, ev.min_power_kw):
                    found.append(f"{ev.id} misses {missing:.3f} kWh and is off in step {step}")
    return found


def _possible_kw(
    asked: Problem, schedule: Schedule, ev: EV, answer: EVSchedule, step: int
) -> float:
    """Return how much more a car can be told to draw in a step, beside all others."""
    least, most, portion = ev.min_power_kw, ev.max_power_kw, ev.power_step_kw
    parts, own = parts_of(asked, ev), answer.limit_kw[step]
    if ev.single_phase is not None and answer.single_phase and answer.single_phase[step]:
        least, most = ev.single_phase.min_power_kw, ev.single_phase.max_power_kw
        parts, portion = parts_of(asked, ev, (ev.single_phase.phase,)), portion / len(ev.phases)
    if gave(answer, step) > 0 or asked.present_h(ev)[step] <= 0:
        return 0.0
    loads = load_kw(asked, schedule, step)
    rooms = room_kw(asked, step)
    room = min((rooms[row] - loads.get(row, 0.0)) / parts[row] for row in parts if row in rooms)
    if _is_for_sun(asked, schedule, ev, step):
        surplus = -idle_kw(asked, step) + min(0.0, given_kw(asked, step))
        surplus -= sum(max(0.0, own) for own in planned_kw(schedule, step))
        room = min(room, surplus - schedule.total_kw[step])
    room = min(room, most - own)
    if own == 0:
        first = least if least > 0 else portion
        return max(first, room if portion == 0 else 0.0) if first <= room else 0.0
    return (room + ROUNDING_KW) // portion * portion if portion > 0 else room


def _is_for_sun(asked: Problem, schedule: Schedule, ev: EV, step: int) -> bool:
    """Tell whether only surplus may be drawn in a step: by this car, or beside another one."""
    return any(
        one.surplus_only and not one.at_once and (one is ev or answer.limit_kw[step] > 0)
        for one, answer in zip(asked.evs, schedule.evs, strict=True)
    )


def _is_of_use(asked: Problem, ev: EV, answer: EVSchedule, step: int, more_kw: float) -> bool:
    """Tell whether more power in a step brings energy, and no more than the battery may hold."""
    least = ev.power_step_kw
    if answer.limit_kw[step] == 0 and ev.min_power_kw > 0:
        least = ev.min_power_kw
    for power, enough in ((more_kw, SHORT_KWH), (min(least, more_kw), 0.0)):
        raised = list(answer.limit_kw)
        raised[step] += power
        fuller = replace(answer, limit_kw=tuple(raised))
        energy = net_kwh(asked, ev, fuller)
        if energy <= net_kwh(asked, ev, answer) + enough and power > 0:
            return False
    return energy <= ev.room_kwh and _stays_within_its_capacity(asked, ev, fuller)


def _stays_within_its_capacity(asked: Problem, ev: EV, answer: EVSchedule) -> bool:
    can = ev.discharge
    if can is None:
        return True
    return max(stored_kwh(asked, ev, answer)) <= ev.room_kwh
