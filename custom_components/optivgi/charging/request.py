"""The charging request of the car at a charger."""

from datetime import datetime

from ..const import Mode
from ..scheduler.model import EV, PHASES
from ..scheduler.readiness import READY_WITHIN_KWH
from .charging_point import ChargingPoint


def request_at(point: ChargingPoint, now: datetime, horizon_end: datetime) -> EV | None:
    """Return what the car at a charger is to get, or None where there is nothing to plan.

    Its powers are what it draws, which is a part of its limit where it does not use all phases.
    """
    if not point.plugged or not point.controllable or point.settings.mode is Mode.OFF:
        return None
    need = point.need
    if (needed_kwh := need.kwh) <= READY_WITHIN_KWH or point.takes_nothing:
        return None
    departure = point.departure_tracker.current(now).at
    now_mode = point.settings.mode is Mode.NOW
    overdue = point.departure_tracker.overdue(now)
    phases, take = point.phases, point.uptake.take
    part = take.part(phases)
    min_kw, max_kw = point.range_kw
    return EV(
        id=point.charger.id,
        arrival=now,
        departure=horizon_end if overdue or now_mode else departure,
        energy_kwh=needed_kwh,
        min_power_kw=min_kw * part,
        max_power_kw=max(min_kw * part, take.drawn_kw(max_kw, phases)),
        power_step_kw=point.charger.step_kw(point.reading, phases) * part,
        efficiency=point.efficiency,
        min_energy_kwh=need.at_once_kwh,
        phases=PHASES[:phases],
        phases_used=take.phases,
        at_once=now_mode or (overdue and point.settings.mode is Mode.SMART),
        surplus_only=point.settings.mode is Mode.SOLAR_ONLY,
        charging=point.reading.drawing,
    )
