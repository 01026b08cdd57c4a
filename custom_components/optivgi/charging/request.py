"""The charging request of the car at a charger."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from ..const import Mode
from ..scheduler.model import EV, PHASES, SinglePhase
from ..scheduler.readiness import READY_WITHIN_KWH
from .charging_point import ChargingPoint

_SLOW_A: Final = 16.0
"""What cars draw that charge from one phase, also at chargers that offer more."""
_STEP_H: Final = 0.25
"""How long most steps of a plan are."""
_IN_GOOD_TIME_H: Final = 0.5
"""Measuring takes minutes, and a plan that is made then may need to begin at once."""


def is_due_to_measure(point: ChargingPoint, ev: EV, others_h: float, now: datetime) -> bool:
    """Return whether it is time to see how much a car takes that nobody has seen charging.

    That is when it could need all the time until its departure, were it to charge from one phase
    and others to need the connection meanwhile.

    Args:
        point: Where it is.
        ev: What has been planned for it.
        others_h: For how long the other cars need all that the connection carries.
        now: The present.
    """
    vehicle = point.vehicle
    declared = vehicle is not None and vehicle.phases is not None
    if (
        point.taking.uptake.is_known
        or declared
        or point.phases == 1
        or point.reading.power_kw is None
    ):
        return False
    # One that follows its plan by itself may end its transaction when it is stopped again.
    if point.charger.follows_profiles or point.settings.mode is not Mode.SMART:
        return False
    slowest_kw = min(point.range_kw[1] / point.phases, _SLOW_A * point.charger.voltage / 1000)
    left_h = (ev.departure - now) / timedelta(hours=1)
    needed_h = ev.energy_kwh / ev.efficiency / slowest_kw
    return 0 < left_h <= needed_h + others_h + _IN_GOOD_TIME_H


def request_at(point: ChargingPoint, now: datetime, horizon_end: datetime) -> EV | None:
    """Return what the car at a charger is to get, or None where there is nothing to plan.

    Its powers are what it draws, which is a part of its limit where it does not use all phases.
    """
    takes_nothing = point.takes_nothing and point.supposed_kwh is None
    if point.settings.mode is Mode.OFF or takes_nothing:
        return None
    if (request := supposed_request(point, now, horizon_end)) is None:
        return None
    if request.energy_kwh > READY_WITHIN_KWH or request.discharge is not None:
        return _staying(request, point, now, horizon_end)
    if request.departure - point.options.preheat <= now < request.departure:
        return _preheating(request)
    if request.extra_energy_kwh > READY_WITHIN_KWH:
        return replace(request, energy_kwh=0.0)
    return None


def _staying(request: EV, point: ChargingPoint, now: datetime, horizon_end: datetime) -> EV:
    """Return a request with what the car wants by the departure after, if it is still there."""
    usual_soc = point.target_soc
    if request.at_once or usual_soc is None:
        return request
    following = point.departure_tracker.following(now)
    target_soc = usual_soc if following.target_soc is None else following.target_soc
    later_kwh = point.need.later_kwh(target_soc)
    if later_kwh <= READY_WITHIN_KWH or request.departure >= horizon_end:
        return request
    if following.at > horizon_end:
        # Its part within what is planned; the rest is for plans to come.
        later_kwh *= (horizon_end - request.departure) / (following.at - request.departure)
    return replace(
        request, later_energy_kwh=later_kwh, later_departure=min(following.at, horizon_end)
    )


def _preheating(request: EV) -> EV:
    """Return what a car may draw that is charged and prepares to leave: its minimum, until then."""
    hours = (request.departure - request.arrival) / timedelta(hours=1)
    return replace(
        request,
        energy_kwh=request.min_power_kw * request.efficiency * hours,
        max_power_kw=request.min_power_kw,
        extra_energy_kwh=0.0,
        discharge=None,
        limit_energy_kwh=None,
        at_once=True,
    )


def supposed_request(point: ChargingPoint, now: datetime, horizon_end: datetime) -> EV | None:
    """Return what the car at a charger wants, and may take beyond that, whether it is to get it.

    None where no car is, or somebody else commands the charger.
    """
    if not point.plugged or not point.controllable:
        return None
    need, options, supposed_kwh = point.need, point.options, point.supposed_kwh
    departure = point.departure_tracker.current(now).at
    now_mode = point.settings.mode is Mode.NOW
    overdue = point.departure_tracker.overdue(now)
    single = _single_phase(point, now)
    # A plan that may switch is made for all phases, on however many it is now.
    phases = point.phases if single is None else point.taking.all_phases
    take = point.taking.take_on(phases)
    min_kw, max_kw = take.range_kw(*point.range_on(phases), phases)
    return EV(
        id=point.charger.id,
        arrival=now,
        departure=horizon_end if overdue or now_mode else departure,
        energy_kwh=_wanted_kwh(point, min_kw) if supposed_kwh is None else supposed_kwh,
        min_power_kw=min_kw,
        max_power_kw=max_kw,
        power_step_kw=point.charger.step_kw(point.reading, phases) * take.part(phases),
        efficiency=point.efficiency,
        min_energy_kwh=need.at_once_kwh,
        priority=options.weight,
        discharge=None if overdue else need.discharge(options, point.max_given_kw),
        limit_energy_kwh=need.room_kwh,
        extra_energy_kwh=need.extra_kwh,
        extra_below_price=options.extra_below_price,
        extra_from_surplus=options.extra_from_solar,
        phases=point.taking.load_phases if single is None else PHASES,
        circuit=next(iter(point.circuits), None),
        phases_used=None if single is not None or point.taking.own_phases else take.phases,
        single_phase=single,
        at_once=now_mode or (overdue and point.settings.mode is not Mode.SOLAR_ONLY),
        surplus_only=point.settings.mode is Mode.SOLAR_ONLY,
        min_always=point.settings.mode is Mode.MIN_SOLAR,
        charging=point.reading.drawing,
    )


def _wanted_kwh(point: ChargingPoint, min_kw: float) -> float:
    """Return the energy to plan for, in the battery.

    An amount that is charged at once is charged at full power, and its mode ends when it is there.
    A plan that gave no more would stretch it, so that the last step comes to the min power.
    """
    need = point.need
    return need.kwh + (min_kw * _STEP_H * point.efficiency if need.ends_by_itself else 0.0)


def _single_phase(point: ChargingPoint, now: datetime) -> SinglePhase | None:
    """Return how a charger can switch to one phase while this car is there; None where it cannot.

    A car that draws from fewer phases than it is offered gains nothing by that.
    """
    switching, taking = point.switching, point.taking
    everywhere = taking.all_phases
    if (
        everywhere < len(PHASES)
        or switching.locked is not None
        or not switching.may_switch(point.session, point.vehicle)
        or taking.take_on(everywhere).phases is not None
    ):
        return None
    min_kw, max_kw = taking.take_on(1).range_kw(*point.range_on(1), 1)
    if min_kw >= point.range_on(everywhere)[0]:
        # Its limit does not go below what three phases need anyway.
        return None
    return SinglePhase(
        phase=taking.one_phase,
        min_power_kw=min_kw,
        max_power_kw=max_kw,
        active=switching.mode.heading == 1,
        max_switches=switching.plannable(point.session, now),
    )
