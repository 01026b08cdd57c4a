"""Why a charger does not charge yet: what the plan itself has decided that by."""

from datetime import datetime
from typing import Final

from ..planning.plan import Plan
from ..scheduler.model import Reason, ReasonKind
from .clock import clock

# Prices are shown with three digits: what differs by less looks the same.
_SAME_PRICE: Final = 0.0005
_NO_ROOM: Final = {
    ReasonKind.SITE: "when there is room",
    ReasonKind.PHASE: "when there is room on {detail}",
    ReasonKind.CIRCUIT: "when there is room in {detail}",
    ReasonKind.MIN_POWER: "when there is room for its min power",
}
_MORE_EXPENSIVE: Final = {ReasonKind.PRICE, ReasonKind.ESTIMATE}


def why_it_waits(plan: Plan, charger_id: str, start: datetime, now: datetime, currency: str) -> str:
    """Return why a charger waits for a later start: room, price or sun, if it is any of these."""
    at = clock(start, now)
    present, later = _reason(plan, charger_id, now), _reason(plan, charger_id, start)
    kind = None if present is None else present.kind
    if present is not None and present.kind in _NO_ROOM:
        return f"Waits for {at}, {_NO_ROOM[present.kind].format(detail=present.detail)}."
    if kind is ReasonKind.PV:
        return f"Waits for {at}, when solar surplus is expected."
    less = _cheaper_by(plan, now, start)
    if less is not None and less >= _SAME_PRICE:
        guess = " by estimate" if _is_estimated(plan, start) else ""
        return f"Waits for {at}, when a kWh costs {less:.3f} {currency} less{guess}."
    if later is not None and later.kind is ReasonKind.PV:
        return f"Waits for {at}, when solar surplus is expected."
    return f"Planned to start at {at}{_instead_of_now(present, less, currency)}."


def _instead_of_now(present: Reason | None, less: float | None, currency: str) -> str:
    """Return what is to be said of charging now where that is not more expensive by its price."""
    kind = None if present is None else present.kind
    if kind is ReasonKind.START:
        return "; starting twice would cost more than it saves"
    if present is not None and kind in _MORE_EXPENSIVE and present.cost_per_kwh >= _SAME_PRICE:
        return f"; charging now would cost {present.cost_per_kwh:.3f} {currency} more per kWh"
    if less is not None and abs(less) < _SAME_PRICE:
        return "; charging now would cost the same"
    return "; charging now would hardly cost less" if kind is ReasonKind.KEPT else ""


def why_it_never_starts(plan: Plan, charger_id: str) -> str:
    """Return why nothing is planned for a car that needs something."""
    answer = plan.answer(charger_id)
    kinds = set() if answer is None else {reason.kind for reason in answer.reasons}
    if kinds.isdisjoint(_NO_ROOM):
        return "No charging is planned."
    return "There is no room to charge."


def _reason(plan: Plan, charger_id: str, moment: datetime) -> Reason | None:
    """Return the plan's own reason for what a charger gets at a moment, where it has one."""
    answer, index = plan.answer(charger_id), plan.schedule.horizon.index_at(moment)
    if answer is None or index is None or not answer.reasons:
        return None
    return answer.reasons[index]


def _cheaper_by(plan: Plan, now: datetime, start: datetime) -> float | None:
    """Return how much less a kWh costs later; None where that is not known."""
    horizon, prices = plan.schedule.horizon, plan.problem.site.import_price
    now_index, start_index = horizon.index_at(now), horizon.index_at(start)
    if now_index is None or start_index is None:
        return None
    return prices[now_index] - prices[start_index]


def _is_estimated(plan: Plan, moment: datetime) -> bool:
    """Return whether the price of a moment is an estimate."""
    estimated, index = plan.problem.site.estimated, plan.schedule.horizon.index_at(moment)
    return bool(estimated) and index is not None and estimated[index]
