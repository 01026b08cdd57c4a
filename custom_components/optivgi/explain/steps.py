"""A step of a charger's plan in sentences: what binds, what that costs, what comes next."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..planning.plan import NOTHING_KW
from ..planning.why import CHEAPER_ELSEWHERE, RoomLeft, Why
from ..scheduler.model import ReasonKind
from .reason_code import ReasonCode
from .reasons import CodedReason, because

_NO_MONEY: Final = 0.005
"""Less than this is shown as 0.00."""
_MISSING_KWH: Final = 0.1
"""Less than this is not worth a word."""
_PLAIN: Final[Mapping[ReasonKind, ReasonCode]] = {
    ReasonKind.ABSENT: ReasonCode.WHY_ABSENT,
    ReasonKind.MIN_SOC: ReasonCode.WHY_MIN_SOC,
    ReasonKind.MIN_ALWAYS: ReasonCode.WHY_MIN_ALWAYS,
    ReasonKind.AT_ONCE: ReasonCode.WHY_AT_ONCE,
    ReasonKind.DEADLINE: ReasonCode.WHY_DEADLINE,
    ReasonKind.TAPER: ReasonCode.WHY_TAPER,
    ReasonKind.MIN_POWER: ReasonCode.WHY_MIN_POWER,
    ReasonKind.KEPT: ReasonCode.WHY_KEPT,
    ReasonKind.EXTRA: ReasonCode.WHY_EXTRA,
    ReasonKind.DISCHARGE: ReasonCode.WHY_DISCHARGE,
    ReasonKind.START: ReasonCode.WHY_START,
    ReasonKind.PEAK: ReasonCode.WHY_PEAK,
}
"""What binds where nothing else is to be named."""
_SUN: Final[Mapping[bool, ReasonCode]] = {
    True: ReasonCode.WHY_SUN,
    False: ReasonCode.WHY_WAITS_FOR_SUN,
}
"""By whether the car charges."""
_DEARER: Final[Mapping[ReasonKind, ReasonCode]] = {
    ReasonKind.PRICE: ReasonCode.WHY_PRICE,
    ReasonKind.ESTIMATE: ReasonCode.WHY_ESTIMATE,
}
"""By whether the price is an estimate."""

_MONEY: Final[Mapping[bool, ReasonCode]] = {
    True: ReasonCode.WOULD_COST,
    False: ReasonCode.COSTS,
}
"""By whether charging here would cost more; all else keeps it from costing less."""


@dataclass(frozen=True, kw_only=True)
class StepFacts:
    """What is known of a step.

    Attributes:
        why: What decides.
        room: What the part that binds leaves.
        other: The name of the car that takes most of it; None where none does.
        circuit: The name of the circuit that binds; None where none does.
        price: Of a kWh.
        currency: Of all money.
        voltage: From phase to neutral.
    """

    why: Why
    room: RoomLeft
    other: str | None
    circuit: str | None
    price: float
    currency: str
    voltage: float


@dataclass(frozen=True, kw_only=True)
class Alternative:
    """What another start would come to.

    Attributes:
        at: When the car would start.
        more_cost: What all cars together would cost more.
        more_missing_kwh: What they would miss more at departure.
        finish: When the car would be done; None where it would get nothing.
    """

    at: datetime
    more_cost: float
    more_missing_kwh: float
    finish: datetime | None


def about_step(facts: StepFacts) -> Iterator[CodedReason]:
    """Yield what happens in a step, why, what that costs, and what comes next."""
    why = facts.why
    if why.limit_kw > NOTHING_KW:
        yield because(ReasonCode.STEP_CHARGES, at=why.start, until=why.end, limit_kw=why.limit_kw)
    else:
        yield because(ReasonCode.STEP_WAITS, at=why.start, until=why.end)
    yield from _binding(facts)
    if why.next_kw is None:
        return
    if why.next_kw > NOTHING_KW:
        yield because(ReasonCode.STEP_GOES_ON, at=why.end, limit_kw=why.next_kw)
    elif why.limit_kw > NOTHING_KW:
        yield because(ReasonCode.STEP_STOPS, at=why.end)


def about_start(alternative: Alternative, currency: str) -> CodedReason:
    """Return what another start would come to."""
    at, more = alternative.at, alternative.more_cost
    if alternative.more_missing_kwh >= _MISSING_KWH:
        missing_kwh = alternative.more_missing_kwh
        return because(ReasonCode.START_TOO_LATE, at=at, missing_kwh=missing_kwh)
    if more >= _NO_MONEY:
        return because(ReasonCode.START_COSTS_MORE, at=at, money=more, currency=currency)
    if more <= -_NO_MONEY:
        return because(ReasonCode.START_COSTS_LESS, at=at, money=-more, currency=currency)
    return because(ReasonCode.START_COSTS_THE_SAME, at=at)


def _binding(facts: StepFacts) -> Iterator[CodedReason]:
    why, reason = facts.why, facts.why.reason
    charges = why.limit_kw > NOTHING_KW
    match reason.kind:
        case ReasonKind.PRICE | ReasonKind.ESTIMATE:
            extra = reason.cost_per_kwh
            yield because(_DEARER[reason.kind], extra_price=extra, currency=facts.currency)
        case ReasonKind.CHEAP:
            yield because(ReasonCode.WHY_CHEAP, price=facts.price, currency=facts.currency)
        case ReasonKind.PV:
            yield because(_SUN[charges])
        case ReasonKind.SITE | ReasonKind.PHASE | ReasonKind.CIRCUIT:
            yield _room(facts)
        case _:
            yield because(_PLAIN[reason.kind])
    if why.cost >= _NO_MONEY:
        yield because(
            _MONEY[reason.kind in CHEAPER_ELSEWHERE], money=why.cost, currency=facts.currency
        )


def _room(facts: StepFacts) -> CodedReason:
    """Return what a limit of the site leaves, and which car takes most of it."""
    room, other, until = facts.room, facts.other, facts.room.other_until
    left_kw, left_a = room.left_kw, room.left_kw * 1000 / facts.voltage
    if facts.why.reason.kind is ReasonKind.PHASE:
        phase = room.part.phase or ""
        if other is None or until is None:
            return because(ReasonCode.WHY_PHASE, phase=phase, left_a=left_a)
        return because(
            ReasonCode.WHY_PHASE_SHARED, phase=phase, left_a=left_a, other=other, until=until
        )
    if facts.why.reason.kind is ReasonKind.CIRCUIT:
        circuit = facts.circuit or ""
        if other is None or until is None:
            return because(ReasonCode.WHY_CIRCUIT, circuit=circuit, left_kw=left_kw)
        return because(
            ReasonCode.WHY_CIRCUIT_SHARED,
            circuit=circuit,
            left_kw=left_kw,
            other=other,
            until=until,
        )
    if other is None or until is None:
        return because(ReasonCode.WHY_SITE, left_kw=left_kw)
    return because(ReasonCode.WHY_SITE_SHARED, left_kw=left_kw, other=other, until=until)
