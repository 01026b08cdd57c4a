"""What a charger does and why, in a word for automations and a sentence for people."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ..bindings.chargers.connection import Connection
from ..bindings.chargers.ocpp.report import ProfileProblem, ProfileState
from ..charging.charging_point import ChargingPoint
from ..charging.state_of_charge import Distrust, StateOfCharge
from ..const import Mode
from ..control.state import Cause, ControlState
from ..errors import as_part
from ..planning.plan import NOTHING_KW, Plan
from ..scheduler.model import ShortfallCause
from ..scheduler.readiness import READY_WITHIN_KWH
from .clock import clock
from .waiting import why_it_never_starts, why_it_waits

# Shortfalls below this are the rounding of limits to whole amperes, no reason to alarm anyone.
SHORTFALL_KWH: Final = 0.25
# From this part of the steps on, prices are not what decides when a car charges.
_NEARLY_ALL: Final = 0.9
# From here on hours are given as days.
_DAYS_FROM_H: Final = 48


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
    UNPLUGGED = "unplugged"
    HELD = "held"
    PLANNING = "planning"
    """A car has just been plugged in or a setting changed; the plan is about to come."""
    UNAVAILABLE = "unavailable"
    NOT_FOLLOWING = "not_following"
    """It does not follow its commands."""


@dataclass(frozen=True, kw_only=True)
class Status:
    """A word and a sentence."""

    word: ChargerStatus
    reason: str


@dataclass(frozen=True, kw_only=True)
class Situation:
    """All that a status is read from."""

    point: ChargingPoint
    state: ControlState
    plan: Plan | None
    now: datetime
    currency: str


def describe(situation: Situation) -> Status:
    """Say what a charger does and why, and what it or the calendar fails to do."""
    status = _describe(situation)
    if not situation.point.plugged:
        return status
    return replace(status, reason=" ".join((status.reason, *_failing(situation))))


def _failing(situation: Situation) -> Iterator[str]:
    """Yield what works in another way than it is set up to."""
    missing = situation.point.departure_tracker.calendar_missing
    if missing is not None:
        yield f"{missing} is not available: the usual departure counts."
    profile = situation.state.profile
    if profile is not None and profile.state is ProfileState.FAILED:
        number = situation.point.charger.limit_shown_as
        yield f"It does not follow charging profiles, so {number} limits it."


def _describe(situation: Situation) -> Status:
    point, state = situation.point, situation.state
    if (out_of_reach := _out_of_reach(situation)) is not None:
        return out_of_reach
    if state.cause is Cause.HELD:
        until = "left alone until the car is unplugged or a mode is selected."
        rival = point.session.held_by
        what = "Operated by hand" if rival is None else f"{rival} keeps changing its limit"
        return Status(word=ChargerStatus.HELD, reason=f"{what}: {until}")
    if state.failing:
        return Status(
            word=ChargerStatus.NOT_FOLLOWING,
            reason=_why_not_following(point, state),
        )
    if state.cause is Cause.TAKES_NOTHING:
        may_draw = f"It may draw {state.limit_kw or 0.0:.1f} kW at any time."
        return Status(word=ChargerStatus.STARTING, reason=f"The car takes nothing. {may_draw}")
    if point.settings.mode is Mode.OFF:
        return Status(word=ChargerStatus.OFF, reason="The mode is Off.")
    status = _by_plan(situation)
    reservation = point.session.reservation
    expected = (
        "" if reservation is None else f' It has come for the reservation "{reservation.name}".'
    )
    return replace(status, reason=status.reason + _soc_note(situation) + expected)


def _why_not_following(point: ChargingPoint, state: ControlState) -> str:
    drawn_kw, limit_kw = point.reading.power_kw or 0.0, point.limit_kw or 0.0
    if state.error:
        return f"The charger does not accept its limit: {as_part(state.error)}."
    if drawn_kw > limit_kw:
        return f"It draws {drawn_kw:.1f} kW, though its limit is {limit_kw:.1f} kW."
    return "The charger does not accept its limit."


def _by_plan(situation: Situation) -> Status:
    state = situation.state
    if state.cause is Cause.SAFE:
        return _running(situation, "There is no plan, so it charges with the safe limit.")
    plan = situation.plan
    if plan is None or state.cause is Cause.WAITING:
        limited = _limited(situation, "")
        return limited or Status(word=ChargerStatus.PLANNING, reason="The plan is being made.")
    return _planned(situation, plan)


def _limited(situation: Situation, shortfall: str) -> Status | None:
    """Say what leaves a charger less than it should have; None where nothing does."""
    state = situation.state
    if state.cause is Cause.METER and state.limit_kw:
        return _running(situation, _why_blind(state) + shortfall)
    if state.cause is Cause.RECOVERY:
        return _recovering(situation, shortfall)
    if (who := _TAKES_ROOM.get(state.cause)) is None:
        return None
    if state.limit_kw:
        reason = f"{who} {state.limit_kw:.1f} kW at the moment."
        return _running(situation, reason + shortfall)
    return Status(
        word=ChargerStatus.WAITING, reason=f"{who} too little power at the moment." + shortfall
    )


def _why_blind(state: ControlState) -> str:
    if state.silent:
        are = "is" if len(state.silent) == 1 else "are"
        return f"{', '.join(state.silent)} {are} silent: safe limit."
    if state.impossible:
        shows = "shows" if len(state.impossible) == 1 else "show"
        shows += " more than the connection can carry"
        return f"{', '.join(state.impossible)} {shows}: safe limit."
    return "The meter shows less than the chargers draw: safe limit."


_TAKES_ROOM: Final = {
    Cause.HOUSE_LOAD: "The house leaves",
    Cause.OTHER_CHARGERS: "Other chargers leave",
    Cause.HOUSE_AND_CHARGERS: "The house and other chargers leave",
}


def _recovering(situation: Situation, shortfall: str) -> Status:
    """Say until when a charger does not follow the house load back up."""
    state, recovery = situation.state, situation.state.recovery
    until = None if recovery is None else recovery.ends_at
    at = "" if until is None else f" until {clock(until, situation.now)}"
    why = f"{at}: the house took more a short while ago." + shortfall
    if state.limit_kw:
        return _running(situation, f"Goes on with {state.limit_kw:.1f} kW{why}")
    return Status(word=ChargerStatus.WAITING, reason=f"Waits{why}")


def _out_of_reach(situation: Situation) -> Status | None:
    """Say why a charger cannot be commanded; None where it can."""
    point, state = situation.point, situation.state
    if state.cause is Cause.UNAVAILABLE:
        missing = ", ".join(point.reading.missing)
        return Status(
            word=ChargerStatus.UNAVAILABLE,
            reason=f"The charger cannot be controlled: {missing} is not available.",
        )
    if not point.plugged or point.is_leaving:
        reason = "No car is plugged in."
        if point.reading.connection is Connection.UNKNOWN:
            reason = f"{point.charger.status_entity} does not say whether a car is plugged in."
        return Status(word=ChargerStatus.UNPLUGGED, reason=reason)
    profile = state.profile
    if profile is not None and profile.problem is ProfileProblem.OFFLINE:
        return Status(
            word=ChargerStatus.UNAVAILABLE,
            reason="The charger has lost its connection. It goes on with the plan that it has.",
        )
    return None


def _planned(situation: Situation, plan: Plan) -> Status:
    point, state = situation.point, situation.state
    request = plan.request(point.charger.id)
    if request is None or point.needed_kwh <= READY_WITHIN_KWH:
        return _without_request(point)
    shortfall = _shortfall_reason(situation, plan)
    if (limited := _limited(situation, shortfall)) is not None:
        return limited
    if state.limit_kw:
        return _running(situation, _charging_reason(situation, plan, shortfall))
    start = plan.next_start(point.charger.id, situation.now)
    if start is not None and request.surplus_only:
        return Status(
            word=ChargerStatus.WAITING_SOLAR,
            reason=f"Waits for solar surplus, expected at {clock(start, situation.now)}.",
        )
    if start is not None:
        why = why_it_waits(plan, point.charger.id, start, situation.now, situation.currency)
        return Status(word=ChargerStatus.WAITING, reason=why + shortfall)
    if request.surplus_only:
        return Status(word=ChargerStatus.WAITING_SOLAR, reason="There is no solar surplus to use.")
    why = why_it_never_starts(plan, point.charger.id)
    return Status(word=ChargerStatus.WAITING, reason=why + shortfall)


def _without_request(point: ChargingPoint) -> Status:
    if point.needed_kwh <= READY_WITHIN_KWH:
        return Status(word=ChargerStatus.FINISHED, reason=_finished_reason(point))
    # A setting has just changed; the plan was made before.
    return Status(word=ChargerStatus.PLANNING, reason="The plan is being made.")


def _running(situation: Situation, reason: str) -> Status:
    drawing = situation.point.reading.drawing
    return Status(word=ChargerStatus.CHARGING if drawing else ChargerStatus.STARTING, reason=reason)


def _finished_reason(point: ChargingPoint) -> str:
    booked = point.session.reservation
    by_soc = booked is None or booked.energy_kwh is None
    if by_soc and point.soc is not None and point.wanted_soc is not None:
        return f"The car is at {point.soc:.0f} %, its target is {point.wanted_soc:.0f} %."
    if point.reading.connection is Connection.FINISHED:
        return "The car accepts no more energy."
    return f"{point.session.delivered_kwh:.1f} kWh have been charged, as requested."


def _charging_reason(situation: Situation, plan: Plan, shortfall: str) -> str:
    point = situation.point
    if point.settings.mode is Mode.NOW:
        return "Charges at once: the mode is Now." + shortfall
    if point.need.at_once_kwh > READY_WITHIN_KWH:
        return f"Charges at once up to {point.min_soc:.0f} %, whatever the price." + shortfall
    if point.settings.mode is Mode.SOLAR_ONLY:
        return "Charges with solar surplus." + shortfall
    if point.departure_tracker.overdue(situation.now):
        return "The departure has passed: charges on until the target is reached." + shortfall
    until = _until(situation, plan, shortfall)
    if _needs_all_the_time(point, plan):
        return f"Needs nearly all the time until departure.{until}"
    index = plan.schedule.horizon.index_at(situation.now)
    price = None if index is None else plan.problem.site.import_price[index]
    if price is None or _all_equal(plan.problem.site.import_price):
        return f"Charges as planned.{until}"
    return f"A kWh costs {price:.3f} {situation.currency} now, one of the best prices.{until}"


def _until(situation: Situation, plan: Plan, shortfall: str) -> str:
    """Say until when it charges; it is done then where nothing will be missing."""
    finish = plan.expected_finish(situation.point.charger.id)
    if finish is None:
        return shortfall
    at = clock(finish, situation.now)
    return f" Charges until {at};{shortfall}" if shortfall else f" Done at {at}."


def _needs_all_the_time(point: ChargingPoint, plan: Plan) -> bool:
    request = plan.request(point.charger.id)
    if request is None:
        return False
    before = [step for step in plan.steps(point.charger.id) if step.start < request.departure]
    charging = sum(step.limit_kw > NOTHING_KW for step in before)
    return charging >= _NEARLY_ALL * len(before)


def _all_equal(values: tuple[float, ...]) -> bool:
    return max(values) - min(values) < NOTHING_KW


def _soc_note(situation: Situation) -> str:
    """Say what is used where that is not the state of charge that the car reports."""
    point, charge = situation.point, situation.point.state_of_charge
    if point.settings.mode is Mode.NOW:
        return ""
    needed_kwh, booked = point.needed_kwh, point.session.reservation
    gets = ""
    if needed_kwh > READY_WITHIN_KWH:
        gets = f" It gets {needed_kwh:.1f} kWh more into its battery."
    if booked is not None and booked.energy_kwh is not None:
        return gets
    if charge is None:
        if point.occupant.is_unknown:
            asked = "Select the car, or Guest, as Vehicle."
            return f" It is not known which car this is.{gets} {asked}"
        return ""
    if charge.soc is None:
        why = _why_unknown(charge, situation.now)
        return f" {why}{gets} Enter the state of charge to charge to the target."
    if charge.doubted is not None:
        return (
            f" The car reports {charge.doubted:.0f} %, which is not plausible:"
            f" using {charge.soc:.0f} % instead."
        )
    return ""


def _why_unknown(charge: StateOfCharge, now: datetime) -> str:
    if charge.at is None or charge.distrust is None:
        return "The car's state of charge is not known."
    if charge.distrust is Distrust.BEFORE_DRIVE:
        return "The car has not reported its state of charge since it was away."
    hours = (now - charge.at) // timedelta(hours=1)
    return f"The car's state of charge is from {_ago(hours)} ago."


def _ago(hours: int) -> str:
    if hours >= _DAYS_FROM_H:
        return f"{hours // 24} days"
    return f"{hours} hours" if hours != 1 else "1 hour"


_SHORTFALL: Final = {
    ShortfallCause.WINDOW: "there is not enough time until departure",
    ShortfallCause.SITE_LIMIT: "the connection does not carry more",
    ShortfallCause.SURPLUS: "there is not enough solar surplus",
}


def _shortfall_reason(situation: Situation, plan: Plan) -> str:
    answer = plan.answer(situation.point.charger.id)
    if answer is None or not is_at_risk(situation.point, plan):
        return ""
    why = _SHORTFALL.get(answer.shortfall_cause) if answer.shortfall_cause else None
    missing = f" {answer.shortfall_kwh:.1f} kWh of the target will be missing"
    return missing + (f": {why}." if why else ".")


def is_at_risk(point: ChargingPoint, plan: Plan) -> bool:
    """Return whether a car will miss its target by departure, as far as anyone can help it."""
    answer = plan.answer(point.charger.id)
    return (
        answer is not None
        and point.settings.mode is Mode.SMART
        and answer.shortfall_kwh > SHORTFALL_KWH
    )
