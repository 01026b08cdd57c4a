"""Why a charger does not charge yet: what the plan itself has decided that by."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from ..planning.plan import Plan
from ..scheduler.model import Reason, ReasonKind
from .reason_code import ReasonCode
from .reasons import CodedReason, because

# Prices are shown with three digits: what differs by less looks the same.
_SAME_PRICE: Final = 0.0005
_NO_ROOM: Final = {ReasonKind.SITE, ReasonKind.PHASE, ReasonKind.CIRCUIT, ReasonKind.MIN_POWER}
_MORE_EXPENSIVE: Final = {ReasonKind.PRICE, ReasonKind.ESTIMATE}
_BY_PRICE: Final[Mapping[bool, ReasonCode]] = {
    True: ReasonCode.WAITS_FOR_ESTIMATED_PRICE,
    False: ReasonCode.WAITS_FOR_PRICE,
}
"""By whether the price is an estimate."""


def why_it_waits(
    plan: Plan, charger_id: str, start: datetime, now: datetime, currency: str
) -> CodedReason:
    """Return why a charger waits for a later start: room, price or sun, if it is any of these."""
    present, later = plan.reason_at(charger_id, now), plan.reason_at(charger_id, start)
    if present is not None and (obstacle := _obstacle(present, start, plan)) is not None:
        return obstacle
    if present is not None and present.kind is ReasonKind.PEAK:
        money = plan.cost_of_kw_more(now)
        return because(ReasonCode.WAITS_FOR_PEAK, at=start, money=money, currency=currency)
    less = _cheaper_by(plan, now, start)
    saved_kg = _cleaner_by(plan, now, start)
    if saved_kg * plan.problem.site.co2_price > max(0.0, less or 0.0):
        return because(ReasonCode.WAITS_FOR_CO2, at=start, saved_g=saved_kg * 1000)
    if less is not None and less >= _SAME_PRICE:
        code = _BY_PRICE[_is_estimated(plan, start)]
        return because(code, at=start, saved_price=less, currency=currency)
    if later is not None and later.kind is ReasonKind.PV:
        return because(ReasonCode.WAITS_FOR_SUN, at=start)
    return _instead_of_now(present, less, start, currency)


def _obstacle(present: Reason, start: datetime, plan: Plan) -> CodedReason | None:
    """Return what is in the way of charging now; None where nothing is but its price."""
    match present.kind:
        case ReasonKind.SITE:
            return because(ReasonCode.WAITS_FOR_ROOM, at=start)
        case ReasonKind.PHASE:
            return because(ReasonCode.WAITS_FOR_PHASE, at=start, phase=present.detail)
        case ReasonKind.CIRCUIT:
            name = plan.circuit_names.get(present.detail, present.detail)
            return because(ReasonCode.WAITS_FOR_CIRCUIT, at=start, circuit=name)
        case ReasonKind.MIN_POWER:
            return because(ReasonCode.WAITS_FOR_MIN_POWER, at=start)
        case ReasonKind.PV:
            return because(ReasonCode.WAITS_FOR_SUN, at=start)
    return None


def _instead_of_now(
    present: Reason | None, less: float | None, start: datetime, currency: str
) -> CodedReason:
    """Return what is to be said of charging now where that is not more expensive by its price."""
    kind = None if present is None else present.kind
    if kind is ReasonKind.START:
        return because(ReasonCode.STARTS_ONCE, at=start)
    if present is not None and kind in _MORE_EXPENSIVE and present.cost_per_kwh >= _SAME_PRICE:
        extra = present.cost_per_kwh
        return because(
            ReasonCode.NOW_MORE_EXPENSIVE, at=start, extra_price=extra, currency=currency
        )
    if less is not None and abs(less) < _SAME_PRICE:
        return because(ReasonCode.NOW_AS_CHEAP, at=start)
    if kind is ReasonKind.KEPT:
        return because(ReasonCode.NOW_HARDLY_CHEAPER, at=start)
    return because(ReasonCode.STARTS_AT, at=start)


def why_it_never_starts(plan: Plan, charger_id: str) -> CodedReason:
    """Return why nothing is planned for a car that needs something."""
    answer = plan.answer(charger_id)
    kinds = set() if answer is None else {reason.kind for reason in answer.reasons}
    if kinds.isdisjoint(_NO_ROOM):
        return because(ReasonCode.NOTHING_PLANNED)
    return because(ReasonCode.NO_ROOM)


def _cheaper_by(plan: Plan, now: datetime, start: datetime) -> float | None:
    """Return how much less a kWh costs later; None where that is not known."""
    horizon, prices = plan.schedule.horizon, plan.problem.site.import_price
    now_index, start_index = horizon.index_at(now), horizon.index_at(start)
    if now_index is None or start_index is None:
        return None
    return prices[now_index] - prices[start_index]


def _cleaner_by(plan: Plan, now: datetime, start: datetime) -> float:
    """Return how much less CO2 a kWh causes later, in kg; 0 where that is not known."""
    horizon, co2 = plan.schedule.horizon, plan.problem.site.co2_kg_per_kwh
    now_index, start_index = horizon.index_at(now), horizon.index_at(start)
    if not co2 or now_index is None or start_index is None:
        return 0.0
    return co2[now_index] - co2[start_index]


def _is_estimated(plan: Plan, moment: datetime) -> bool:
    """Return whether the price of a moment is an estimate."""
    estimated, index = plan.problem.site.estimated, plan.schedule.horizon.index_at(moment)
    return bool(estimated) and index is not None and estimated[index]
