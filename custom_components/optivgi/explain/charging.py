"""Why a charger charges now, as planned."""

from collections.abc import Iterator, Mapping
from statistics import fmean
from typing import Final

from ..charging.charging_point import ChargingPoint
from ..const import Mode
from ..planning.plan import NOTHING_KW, Plan
from ..scheduler.model import EV, ReasonKind
from ..scheduler.readiness import READY_WITHIN_KWH
from .reason_code import ReasonCode
from .reasons import CodedReason, because
from .shortfall import why_short
from .situation import Situation

# From this part of the steps on, prices are not what decides when a car charges.
_NEARLY_ALL: Final = 0.9
_MIN_SOLAR: Final[Mapping[ReasonKind, CodedReason]] = {
    ReasonKind.MIN_ALWAYS: because(ReasonCode.MIN_ALWAYS),
    ReasonKind.PV: because(ReasonCode.USES_SURPLUS),
}
"""Why a charger charges whose mode is Min + solar, where its price is not the reason."""


def why_it_charges(situation: Situation, plan: Plan) -> Iterator[CodedReason]:
    """Yield why a charger charges, until when, and what will be missing then."""
    point = situation.point
    short = why_short(point, plan)
    if (beyond_price := _beyond_price(situation, plan)) is not None:
        yield beyond_price
    else:
        yield _by_price(situation, plan)
        if plan.is_below_peak(point.charger.id, situation.now):
            money = plan.cost_of_kw_more(situation.now)
            yield because(ReasonCode.BELOW_PEAK, money=money, currency=situation.currency)
        finish = plan.expected_finish(point.charger.id)
        if finish is not None and short:
            yield because(ReasonCode.CHARGES_UNTIL, until=finish)
        elif finish is not None:
            yield because(ReasonCode.DONE_AT, at=finish)
    yield from short


def why_beyond(point: ChargingPoint, request: EV) -> CodedReason | None:
    """Return why a charger charges whose car has what it wants; None where a plan is old."""
    if request.at_once:
        return because(ReasonCode.PREHEATS, until=request.departure)
    if request.extra_energy_kwh > 0 and point.stops_at_soc is not None:
        return because(ReasonCode.BEYOND_TARGET, limit_soc=point.stops_at_soc)
    return None


def _beyond_price(situation: Situation, plan: Plan) -> CodedReason | None:
    """Return why a charger charges whatever the price; None where that counts."""
    point = situation.point
    if point.settings.mode is Mode.NOW:
        return _why_now(point)
    if point.need.at_once_kwh > READY_WITHIN_KWH and point.min_soc is not None:
        return because(ReasonCode.MIN_SOC, min_soc=point.min_soc)
    if point.settings.mode is Mode.SOLAR_ONLY:
        return because(ReasonCode.USES_SURPLUS)
    if point.departure_tracker.overdue(situation.now):
        return because(ReasonCode.OVERDUE)
    reason = plan.reason_at(point.charger.id, situation.now)
    if point.settings.mode is Mode.MIN_SOLAR and reason is not None:
        return _MIN_SOLAR.get(reason.kind)
    return None


def _why_now(point: ChargingPoint) -> CodedReason:
    """Return that a charger charges at once, and how much where that was said."""
    temporary = point.settings.temporary
    if temporary is not None and temporary.energy_kwh is not None:
        return because(ReasonCode.NOW_FOR_ENERGY, energy_kwh=temporary.energy_kwh)
    if temporary is not None and temporary.soc is not None:
        return because(ReasonCode.NOW_UP_TO, target_soc=temporary.soc)
    return because(ReasonCode.MODE_NOW)


def _by_price(situation: Situation, plan: Plan) -> CodedReason:
    if _needs_all_the_time(situation.point, plan):
        return because(ReasonCode.NEEDS_ALL_TIME)
    request = plan.request(situation.point.charger.id)
    index = plan.schedule.horizon.index_at(situation.now)
    if index is None or request is None:
        return because(ReasonCode.AS_PLANNED)
    # Only what is left until it leaves can be better or worse than now.
    starts = plan.schedule.horizon.edges[index:-1]
    left = [
        price
        for start, price in zip(starts, plan.problem.site.import_price[index:], strict=True)
        if start < request.departure
    ]
    if not left or left[0] > fmean(left) - NOTHING_KW:
        return because(ReasonCode.AS_PLANNED)
    return because(ReasonCode.GOOD_PRICE, price=left[0], currency=situation.currency)


def _needs_all_the_time(point: ChargingPoint, plan: Plan) -> bool:
    request = plan.request(point.charger.id)
    if request is None:
        return False
    before = [step for step in plan.steps(point.charger.id) if step.start < request.departure]
    charging = sum(step.limit_kw > NOTHING_KW for step in before)
    return charging >= _NEARLY_ALL * len(before)
