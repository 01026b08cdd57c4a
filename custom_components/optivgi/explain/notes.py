"""What is said beside the reason of a status: what its need is based on, and what fails."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from ..bindings.chargers.ocpp.report import ProfileState
from ..charging.state_of_charge import Distrust, StateOfCharge
from ..const import Mode
from ..scheduler.readiness import READY_WITHIN_KWH
from .reason_code import ReasonCode
from .reasons import CodedReason, because
from .situation import Situation

# From here on hours are given as days.
_DAYS_FROM_H: Final = 48


def what_fails(situation: Situation) -> Iterator[CodedReason]:
    """Yield what works in another way than it is set up to."""
    missing = situation.point.departure_tracker.calendar_missing
    if missing is not None:
        yield because(ReasonCode.CALENDAR_MISSING, entity=missing)
    limited_a = situation.state.limited_elsewhere_a
    if limited_a is not None:
        yield because(ReasonCode.LIMITED_ELSEWHERE, limit_a=limited_a)
    profile = situation.state.profile
    if profile is not None and profile.state is ProfileState.FAILED:
        number = situation.point.charger.limit_shown_as
        yield because(ReasonCode.PROFILES_FAILED, entity=number)
    switching = situation.point.switching
    if switching.switch is not None and switching.mode.record.failed:
        yield because(ReasonCode.PHASES_NOT_SWITCHED)
    elif situation.point.session.phases_held:
        yield because(ReasonCode.PHASES_HELD)


def what_the_operator_allows(situation: Situation) -> Iterator[CodedReason]:
    """Yield what keeps the site, or its chargers, below what its wires carry."""
    plan = situation.plan
    if plan is None:
        return
    if plan.operator_kw is not None:
        yield because(ReasonCode.OPERATOR_LIMITS, limit_kw=plan.operator_kw)
    if plan.dimmed_kw is not None:
        yield because(ReasonCode.DIMMED, limit_kw=plan.dimmed_kw)


def what_the_need_is_based_on(situation: Situation) -> Iterator[CodedReason]:
    """Yield what is used where that is not the state of charge that the car reports."""
    yield from _soc_notes(situation)
    point = situation.point
    max_kw = point.range_kw[1]
    taken_kw = point.taking.uptake.take.drawn_kw(max_kw, point.phases)
    if taken_kw < max_kw:
        yield because(ReasonCode.TAKES_LESS, taken_kw=taken_kw)
    need, stops_at_soc = point.need, point.stops_at_soc
    if need.is_cut and stops_at_soc is not None and point.wanted_soc is not None:
        yield because(
            ReasonCode.LIMIT_BELOW_TARGET, limit_soc=stops_at_soc, target_soc=point.wanted_soc
        )
    if (booked := situation.point.session.reservation) is not None:
        yield because(ReasonCode.RESERVED, reservation=booked.name)


def _soc_notes(situation: Situation) -> Iterator[CodedReason]:
    point, charge = situation.point, situation.point.state_of_charge
    if point.settings.mode is Mode.NOW:
        return
    gets = _energy_notes(point.needed_kwh)
    booked = point.session.reservation
    if booked is not None and booked.energy_kwh is not None:
        yield from gets
    elif charge is None:
        if point.occupant.is_unknown:
            yield because(ReasonCode.CAR_UNKNOWN)
            yield from gets
            yield because(ReasonCode.SELECT_CAR)
    elif charge.soc is None:
        yield _why_unknown(charge, situation.now)
        yield from gets
        yield because(ReasonCode.ENTER_SOC)
    elif charge.doubted is not None:
        yield because(ReasonCode.SOC_IMPLAUSIBLE, reported_soc=charge.doubted, used_soc=charge.soc)


def _energy_notes(needed_kwh: float) -> Iterator[CodedReason]:
    if needed_kwh > READY_WITHIN_KWH:
        yield because(ReasonCode.GETS_ENERGY, needed_kwh=needed_kwh)


def _why_unknown(charge: StateOfCharge, now: datetime) -> CodedReason:
    if charge.at is None or charge.distrust is None:
        return because(ReasonCode.SOC_UNKNOWN)
    if charge.distrust is Distrust.BEFORE_DRIVE:
        return because(ReasonCode.SOC_BEFORE_DRIVE)
    hours = (now - charge.at) // timedelta(hours=1)
    if hours >= _DAYS_FROM_H:
        return because(ReasonCode.SOC_DAYS_OLD, days=hours // 24)
    if hours == 1:
        return because(ReasonCode.SOC_HOUR_OLD)
    return because(ReasonCode.SOC_HOURS_OLD, hours=hours)
