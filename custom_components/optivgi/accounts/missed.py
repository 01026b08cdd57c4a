"""Why a car will have less than it is to get, as long as it is there."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from ..charging.charging_point import ChargingPoint
from ..const import Mode
from ..planning.plan import Plan
from ..scheduler.model import ShortfallCause
from ..scheduler.readiness import READY_WITHIN_KWH
from ..sessions.ledger import MissedWhy

_CAUSES: Final[Mapping[ShortfallCause, MissedWhy]] = {
    ShortfallCause.WINDOW: MissedWhy.TIME,
    ShortfallCause.SITE_LIMIT: MissedWhy.ROOM,
    ShortfallCause.SURPLUS: MissedWhy.SUN,
    ShortfallCause.CAR_LIMIT: MissedWhy.CAR,
}
ON_TIME: Final = timedelta(minutes=2)
"""Who leaves no earlier than this before the departure leaves as planned."""


def missing_kwh(point: ChargingPoint) -> float | None:
    """Return what is missing in a car's battery; None where nothing definite was asked for."""
    if point.settings.mode is Mode.OFF:
        return None
    need = point.need
    if point.settings.mode is Mode.NOW and need.goal is None:
        # It charges until the car stops by itself.
        return None
    return 0.0 if need.kwh <= READY_WITHIN_KWH else need.kwh


def reason_for(point: ChargingPoint, plan: Plan | None, now: datetime) -> MissedWhy:
    """Return what explains it if a car leaves now with energy missing."""
    if point.session.held:
        return MissedWhy.BY_HAND
    if point.takes_nothing:
        return MissedWhy.CAR
    answer = None if plan is None else plan.answer(point.charger.id)
    if answer is not None and answer.shortfall_cause is not None:
        return _CAUSES[answer.shortfall_cause]
    departure = point.departure_tracker.current(now).at
    return MissedWhy.LEFT_EARLY if now < departure - ON_TIME else MissedWhy.UNKNOWN
