"""What each charger is to get now: by mode and plan, as far as the guard lets it.

Nothing is written here, neither to chargers nor to what is known of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
import math
from typing import Final

from ..bindings.house.power_sensor import MeterFault
from ..charging.charging_point import ChargingPoint
from ..charging.request import is_due_to_measure
from ..const import Mode
from ..planning.plan import NOTHING_KW, Plan
from ..scheduler.guard import Cap, ChargerInput, GuardDecision, GuardInput, Steps, guard
from ..scheduler.model import EV
from ..scheduler.recovery import Recovery
from ..site.site import Site
from .giving import giving
from .state import Cause, Command, ControlState, Decision

# A plan that nobody renewed for so long is not followed any more.
_PLAN_EXPIRES: Final = timedelta(minutes=30)
_AT_ONCE: Final = frozenset({Cause.SAFE, Cause.SWITCHING})
"""Why less cannot wait until a charger may be written again."""
_LEFT_ALONE: Final = 1.15
"""A limit so far above what a car takes keeps little from others, and one command less is sent."""

type Note = Callable[[GuardInput, GuardDecision, Mapping[str, float | None]], None]
"""Takes what the guard went by, what it came to, and what each charger is to be sent."""


def decide(
    site: Site,
    plan: Plan | None,
    states: Mapping[str, ControlState],
    now: datetime,
    *,
    awaits_plan: bool,
    caps: tuple[Cap, ...] = (),
    note: Note | None = None,
) -> dict[str, Decision]:
    """Return what each charger of a site is to get, by id, the most urgent first.

    Args:
        site: The site, as it was last observed.
        plan: The plan to follow.
        states: What was decided before, by charger.
        now: The present.
        awaits_plan: The first plan is about to come: until then, chargers are left as they are.
        caps: What keeps all of them below what the wires carry.
        note: Keeps what is decided, and by what.
    """
    followed = None if plan is None or now - plan.made_at > _PLAN_EXPIRES else plan
    wanted = {
        charger_id: _wanted(point, followed, states[charger_id], now, awaits_plan=awaits_plan)
        for charger_id, point in site.points.items()
    }
    given = GuardInput(
        now=now,
        capacity=site.capacity(now),
        connection=site.connection,
        caps=caps,
        unplanned=site.house.unplanned(now, {} if plan is None else plan.uncontrolled_kw),
        chargers=tuple(
            replace(
                charger_input(point, states[charger_id], now),
                wanted_kw=_carried(point, wanted[charger_id][0]),
                urgency=_urgency(point, plan, now),
                at_once=point.settings.mode is Mode.OFF or wanted[charger_id][1] in _AT_ONCE,
            )
            for charger_id, point in site.points.items()
        ),
    )
    answer = guard(given)
    decided = answer.chargers
    back = giving(site, followed, decided, now)
    decisions = {
        charger_id: Decision(
            cause=wanted[charger_id][1] if own.held_back is None else Cause(own.held_back),
            command=back.get(charger_id)
            or (None if own.limit_kw is None else _command(site.points[charger_id], own.limit_kw)),
            change=own.change,
            urgent=own.urgent,
            recovery=own.recovery,
            blind=own.blind,
            silent=_faulty(site, charger_id, MeterFault.SILENT) if own.blind else (),
            impossible=_faulty(site, charger_id, MeterFault.BEYOND) if own.blind else (),
            circuit=None if own.circuit is None else site.circuits[own.circuit].name,
        )
        for charger_id, own in decided.items()
    }
    if note is not None:
        commands = {
            charger_id: None if decision.command is None else decision.command.value
            for charger_id, decision in decisions.items()
        }
        note(given, answer, commands)
    return decisions


def _faulty(site: Site, charger_id: str, fault: MeterFault) -> tuple[str, ...]:
    """Return the sensors with a fault of what carries a charger."""
    return tuple(
        entity_id for house in site.houses_of(charger_id) for entity_id in house.meter.faulty(fault)
    )


def charger_input(point: ChargingPoint, state: ControlState, now: datetime) -> ChargerInput:
    """Return what a charger is and does, for the guard; what it should get is not in it."""
    limit, part = point.reading.limit, point.taking.load_part
    under_way_kw = 0.0
    if state.sent is not None and point.plugged and point.controllable:
        under_way_kw = state.sent[0].limit_kw * part
    load = point.load
    may_draw_kw = load.controlled_kw(now)
    if part < 1:
        may_draw_kw = max(may_draw_kw * part, min(may_draw_kw, load.metered_kw))
    return ChargerInput(
        id=point.charger.id,
        phases=point.taking.load_phases,
        circuits=point.circuits,
        wanted_kw=None,
        min_kw=point.range_kw[0] * part,
        steps=Steps()
        if limit is None
        else limit.steps_kw(phases=point.phases, voltage=point.charger.voltage).times(part),
        limit_kw=(point.limit_kw or 0.0) * part,
        may_draw_kw=may_draw_kw,
        under_way_kw=under_way_kw,
        recovery=_recovery(point, state),
        stuck=point.is_stuck(now),
    )


def _recovery(point: ChargingPoint, state: ControlState) -> Recovery | None:
    """Return how this car was made to give way, unless a mode was selected since."""
    recovery = state.recovery
    if recovery is None or not point.plugged:
        return None
    selected_at = point.selected_at
    return None if selected_at is not None and selected_at > recovery.at else recovery


def _wanted(
    point: ChargingPoint,
    plan: Plan | None,
    state: ControlState,
    now: datetime,
    *,
    awaits_plan: bool,
) -> tuple[float | None, Cause]:
    """Return the limit a charger should have by mode and plan; None to leave it as it is."""
    if (cause := _left_alone(point)) is not None:
        return None, cause
    if point.settings.mode is Mode.OFF:
        return 0.0, Cause.PLAN
    if state.phases_due is not None:
        return 0.0, Cause.SWITCHING
    if point.takes_nothing:
        # Whenever it wants some it can begin, and no limit is sent to it in vain meanwhile.
        return point.range_kw[0], Cause.TAKES_NOTHING
    if plan is None:
        return (None, Cause.WAITING) if awaits_plan else (point.range_kw[0], Cause.SAFE)
    return _planned(point, plan, state, now)


def _planned(
    point: ChargingPoint, plan: Plan, state: ControlState, now: datetime
) -> tuple[float | None, Cause]:
    """Return the limit a charger should have by its plan; None to leave it as it is."""
    power_kw = plan.power_kw_at(point.charger.id, now)
    if power_kw is None:
        return None, Cause.WAITING
    ev = plan.request(point.charger.id)
    if power_kw <= NOTHING_KW or ev is None:
        if ev is not None and _is_measured(point, plan, ev, state, now):
            # That shows its phases, which matter most, and costs next to nothing.
            return point.range_kw[0], Cause.MEASURING
        return 0.0, Cause.PLAN
    limit_kw = plan.limit_for(ev, power_kw)
    if (
        point.taking.uptake.take.max_kw is not None
        and power_kw > ev.max_power_kw - ev.power_step_kw
    ):
        limit_kw = max(limit_kw, _beyond(point, plan.limit_for(ev, ev.max_power_kw)))
    if point.switching.switch is not None:
        # It may be on another number of phases than it was planned for.
        limit_kw = min(limit_kw, point.range_kw[1])
    return limit_kw, Cause.PLAN


def _is_measured(
    point: ChargingPoint, plan: Plan, ev: EV, state: ControlState, now: datetime
) -> bool:
    """Return whether a car that waits charges to be measured.

    One that takes something else than was planned for goes on until the next plan, which knows.
    """
    if is_due_to_measure(point, ev, plan.others_h(ev.id), now):
        return True
    if state.cause is not Cause.MEASURING:
        return False
    _, max_kw = point.taking.take_on(point.phases).range_kw(*point.range_kw, point.phases)
    return abs(max_kw - ev.max_power_kw) > NOTHING_KW


def _beyond(point: ChargingPoint, limit_kw: float) -> float:
    """Return a limit at which a car can show whether it takes more than was measured.

    A limit that is a little above that is left alone: batteries take less and less.
    """
    ampere_kw = point.charger.voltage * point.phases / 1000
    step_kw = max(point.charger.step_kw(point.reading, point.phases), ampere_kw)
    above_kw = min(limit_kw + 2 * step_kw, point.range_kw[1])
    present_kw = point.limit_kw or 0.0
    is_near = above_kw <= present_kw <= max(above_kw * _LEFT_ALONE, above_kw + 2 * step_kw)
    return present_kw if is_near else above_kw


def _left_alone(point: ChargingPoint) -> Cause | None:
    """Return why a charger is left as it is; None where it is not."""
    if point.reading.missing:
        return Cause.UNAVAILABLE
    if not point.plugged:
        return Cause.IDLE
    if point.is_leaving:
        return Cause.WAITING
    return Cause.HELD if point.session.held or point.lent else None


def _urgency(point: ChargingPoint, plan: Plan | None, now: datetime) -> float:
    """Return how little time a car has to spare, in hours below none."""
    ev = None if plan is None else plan.request(point.charger.id)
    if ev is None:
        return -math.inf
    if ev.at_once:
        return math.inf
    needed_h = ev.energy_kwh / ev.efficiency / ev.max_power_kw if ev.max_power_kw else 0.0
    return needed_h - (ev.departure - now) / timedelta(hours=1)


def _carried(point: ChargingPoint, limit_kw: float | None) -> float | None:
    """Return what the phases of a car carry of a limit."""
    return None if limit_kw is None else limit_kw * point.taking.load_part


def _command(point: ChargingPoint, carried_kw: float) -> Command:
    """Return what a charger is to be sent for what the phases of its car are to carry."""
    return command_for(point, carried_kw / point.taking.load_part)


def command_for(point: ChargingPoint, limit_kw: float) -> Command:
    """Return what a charger is to be sent for a limit: the most that it accepts within that."""
    limit = point.reading.limit
    value = 0.0
    if limit is not None:
        value = limit.from_kw(limit_kw, phases=point.phases, voltage=point.charger.voltage)
        limit_kw = limit.to_kw(value, phases=point.phases, voltage=point.charger.voltage)
    return Command(value=value, limit_kw=limit_kw)
