"""What a car will miss of its target, and why."""

from collections.abc import Mapping
from typing import Final

from ..charging.charging_point import ChargingPoint
from ..const import Mode
from ..planning.plan import Plan
from ..scheduler.model import ShortfallCause
from .reason_code import ReasonCode
from .reasons import CodedReason, because

# Shortfalls below this are the rounding of limits to whole amperes, no reason to alarm anyone.
_SHORTFALL_KWH: Final = 0.25
_PUNCTUAL: Final = {Mode.SMART, Mode.MIN_SOLAR}
"""Modes that have a car ready by its departure."""
_SHORT: Final[Mapping[ShortfallCause | None, ReasonCode]] = {
    ShortfallCause.WINDOW: ReasonCode.SHORT_OF_TIME,
    ShortfallCause.SITE_LIMIT: ReasonCode.SHORT_OF_ROOM,
    ShortfallCause.SURPLUS: ReasonCode.SHORT_OF_SURPLUS,
}


def is_at_risk(point: ChargingPoint, plan: Plan) -> bool:
    """Return whether a car will miss its target by departure, as far as anyone can help it."""
    answer = plan.answer(point.charger.id)
    return (
        answer is not None
        and point.settings.mode in _PUNCTUAL
        and answer.shortfall_kwh > _SHORTFALL_KWH
    )


def why_short(point: ChargingPoint, plan: Plan) -> tuple[CodedReason, ...]:
    """Return what a car will miss; nothing where it will get all."""
    answer = plan.answer(point.charger.id)
    if answer is None or not is_at_risk(point, plan):
        return ()
    code = _SHORT.get(answer.shortfall_cause, ReasonCode.SHORT)
    return (because(code, missing_kwh=answer.shortfall_kwh),)
