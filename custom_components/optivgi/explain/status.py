"""What a charger does and why: a word for automations, and reasons for people."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ..bindings.chargers.connection import Connection
from ..bindings.chargers.ocpp.report import ProfileProblem
from ..charging.charging_point import ChargingPoint
from ..const import Mode
from ..control.state import Cause, ControlState
from ..errors import as_part
from ..planning.plan import Plan
from ..scheduler.readiness import READY_WITHIN_KWH
from .charging import why_beyond, why_it_charges
from .limited import why_blind, why_limited
from .notes import what_fails, what_the_need_is_based_on, what_the_operator_allows
from .reason_code import ReasonCode
from .reasons import CodedReason, because
from .shortfall import why_short
from .situation import Situation
from .waiting import why_it_never_starts, why_it_waits


class ChargerStatus(StrEnum):
    """What a charger does."""

    CHARGING = "charging"
    STARTING = "starting"
    """It may charge, and does not draw power yet."""
    WAITING = "waiting"
    """It will charge later, when that costs less or there is room."""
    WAITING_SOLAR = "waiting_solar"
    FINISHED = "finished"
    OFF = "off"
    DISCHARGING = "discharging"
    """It gives back of the car's battery."""
    UNPLUGGED = "unplugged"
    HELD = "held"
    PLANNING = "planning"
    """A car has just been plugged in or a setting changed; the plan is about to come."""
    OUT_OF_REACH = "out_of_reach"
    NOT_FOLLOWING = "not_following"
    """It does not follow its commands."""


_SWITCHES: Final[Mapping[bool, ReasonCode]] = {
    False: ReasonCode.SWITCHES_TO_ONE_PHASE,
    True: ReasonCode.SWITCHES_TO_THREE_PHASES,
}
"""By whether that is more than one phase."""


@dataclass(frozen=True, kw_only=True)
class Status:
    """A word, and the reasons for it.

    Attributes:
        word: What the charger does.
        reasons: Why, the main reason first; then what else is worth a sentence.
    """

    word: ChargerStatus
    reasons: tuple[CodedReason, ...]

    @property
    def code(self) -> ReasonCode:
        """The main reason."""
        return self.reasons[0].code

    def noting(self, notes: Iterable[CodedReason]) -> Status:
        """Return this status with more to say."""
        return Status(word=self.word, reasons=(*self.reasons, *notes))


def describe(situation: Situation) -> Status:
    """Say what a charger does and why, and what it or the calendar fails to do."""
    status = _describe(situation)
    return status.noting(what_fails(situation)) if situation.point.plugged else status


def _status(word: ChargerStatus, *reasons: CodedReason) -> Status:
    return Status(word=word, reasons=reasons)


def _may_charge(situation: Situation, *reasons: CodedReason) -> Status:
    """Return the status of a charger that may charge, or would if it got anything."""
    if not situation.state.limit_kw:
        return _status(ChargerStatus.WAITING, *reasons)
    drawing = situation.point.reading.drawing
    return _status(ChargerStatus.CHARGING if drawing else ChargerStatus.STARTING, *reasons)


def _describe(situation: Situation) -> Status:
    point, state = situation.point, situation.state
    if (out_of_reach := _out_of_reach(situation)) is not None:
        return out_of_reach
    if state.cause is Cause.HELD:
        return _status(ChargerStatus.HELD, _why_held(point))
    if state.failing or point.obedience.is_broken(situation.now):
        return _status(ChargerStatus.NOT_FOLLOWING, _why_not_following(point, state))
    if point.settings.mode is Mode.OFF:
        return _status(ChargerStatus.OFF, _why_off(point))
    if point.takes_nothing:
        return _idle(situation)
    notes = (*what_the_operator_allows(situation), *what_the_need_is_based_on(situation))
    return _by_plan(situation).noting(notes)


def _out_of_reach(situation: Situation) -> Status | None:
    """Say why a charger cannot be commanded; None where it can."""
    point, state = situation.point, situation.state
    if state.cause is Cause.UNAVAILABLE:
        return _status(ChargerStatus.OUT_OF_REACH, _what_is_missing(point))
    if not point.plugged or point.is_leaving:
        why = because(ReasonCode.NO_CAR)
        status_entity = point.charger.status_entity
        if status_entity is not None and point.reading.connection is Connection.UNKNOWN:
            why = because(ReasonCode.PLUG_UNKNOWN, entity=status_entity)
        return _status(ChargerStatus.UNPLUGGED, why)
    profile = state.profile
    if profile is not None and profile.problem is ProfileProblem.OFFLINE:
        return _status(ChargerStatus.OUT_OF_REACH, because(ReasonCode.CHARGER_OFFLINE))
    return None


def _what_is_missing(point: ChargingPoint) -> CodedReason:
    match tuple(point.reading.missing):
        case (entity,):
            return because(ReasonCode.CHARGER_ENTITY_MISSING, entity=entity)
        case entities:
            return because(ReasonCode.CHARGER_ENTITIES_MISSING, entities=entities)


def _why_off(point: ChargingPoint) -> CodedReason:
    temporary = point.settings.temporary
    if temporary is not None and temporary.until is not None:
        return because(ReasonCode.SKIPPED, until=temporary.until)
    return because(ReasonCode.MODE_OFF)


def _why_held(point: ChargingPoint) -> CodedReason:
    if point.lent:
        return because(ReasonCode.TRIED_OUT)
    if (rival := point.session.held_by) is not None:
        return because(ReasonCode.RIVAL, rival=rival)
    return because(ReasonCode.OPERATED_BY_HAND)


def _why_not_following(point: ChargingPoint, state: ControlState) -> CodedReason:
    drawn_kw, limit_kw = point.reading.power_kw or 0.0, point.limit_kw or 0.0
    if state.error:
        return because(ReasonCode.LIMIT_REFUSED, error=as_part(state.error))
    if drawn_kw > limit_kw:
        return because(ReasonCode.DRAWS_TOO_MUCH, drawn_kw=drawn_kw, limit_kw=limit_kw)
    return because(ReasonCode.LIMIT_NOT_SHOWN)


def _idle(situation: Situation) -> Status:
    """Return the status of a charger whose car takes nothing, and what it could take."""
    limit_kw = situation.state.limit_kw or 0.0
    limited = why_limited(situation.state, situation.now)
    may_draw = () if limited else (because(ReasonCode.MAY_DRAW, limit_kw=limit_kw),)
    takes_nothing = because(ReasonCode.CAR_TAKES_NOTHING)
    return _status(ChargerStatus.STARTING, takes_nothing, *limited, *may_draw)


def _by_plan(situation: Situation) -> Status:
    state, plan = situation.state, situation.plan
    if state.cause is Cause.SAFE:
        return _may_charge(situation, because(ReasonCode.NO_PLAN))
    if plan is None or state.cause is Cause.WAITING:
        if limited := why_limited(state, situation.now):
            return _may_charge(situation, *limited)
        return _status(ChargerStatus.PLANNING, because(ReasonCode.PLAN_COMING))
    if state.cause is Cause.SWITCHING and state.phases_due is not None:
        return _status(ChargerStatus.WAITING, because(_SWITCHES[state.phases_due > 1]))
    if state.cause is Cause.MEASURING:
        return _may_charge(situation, because(ReasonCode.MEASURING))
    return _planned(situation, plan)


def _planned(situation: Situation, plan: Plan) -> Status:
    point, state = situation.point, situation.state
    request = plan.request(point.charger.id)
    if (given_kw := plan.given_kw_at(point.charger.id, situation.now)) and not state.limit_kw:
        return _status(ChargerStatus.DISCHARGING, _why_it_gives(situation, plan, given_kw))
    if point.needed_kwh <= READY_WITHIN_KWH:
        if request is not None and state.limit_kw and (why := why_beyond(point, request)):
            return _may_charge(situation, *why_limited(state, situation.now), why)
        return _status(ChargerStatus.FINISHED, _why_finished(point))
    if request is None:
        # A setting has just changed; the plan was made before.
        return _status(ChargerStatus.PLANNING, because(ReasonCode.PLAN_COMING))
    if limited := why_limited(state, situation.now):
        return _may_charge(situation, *limited, *why_short(point, plan))
    if state.limit_kw:
        return _may_charge(situation, *why_it_charges(situation, plan))
    return _waiting(situation, plan, surplus_only=request.surplus_only).noting(why_blind(state))


def _why_it_gives(situation: Situation, plan: Plan, given_kw: float) -> CodedReason:
    index = plan.schedule.horizon.index_at(situation.now) or 0
    price = plan.problem.site.import_price[index]
    return because(
        ReasonCode.DISCHARGES, given_kw=given_kw, price=price, currency=situation.currency
    )


def _waiting(situation: Situation, plan: Plan, *, surplus_only: bool) -> Status:
    charger_id, now = situation.point.charger.id, situation.now
    start = plan.next_start(charger_id, now)
    if surplus_only:
        sun = (
            because(ReasonCode.NO_SURPLUS)
            if start is None
            else because(ReasonCode.SURPLUS_EXPECTED, at=start)
        )
        return _status(ChargerStatus.WAITING_SOLAR, sun)
    why = (
        why_it_never_starts(plan, charger_id)
        if start is None
        else why_it_waits(plan, charger_id, start, now, situation.currency)
    )
    return _status(ChargerStatus.WAITING, why, *why_short(situation.point, plan))


def _why_finished(point: ChargingPoint) -> CodedReason:
    booked = point.session.reservation
    by_soc = booked is None or booked.energy_kwh is None
    if by_soc and point.soc is not None and point.wanted_soc is not None:
        stops_at = point.wanted_soc if point.stops_at_soc is None else point.stops_at_soc
        target = min(point.wanted_soc, stops_at)
        return because(ReasonCode.TARGET_REACHED, soc=point.soc, target_soc=target)
    if point.reading.connection is Connection.FINISHED:
        return because(ReasonCode.CAR_FULL)
    return because(ReasonCode.ENERGY_CHARGED, charged_kwh=point.session.delivered_kwh)
