"""Why a charger gets less than it should: what else takes the room, or that nobody knows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from ..control.state import Cause, ControlState
from .reason_code import ReasonCode
from .reasons import CodedReason, because

_LEAVE: Final[Mapping[Cause, ReasonCode]] = {
    Cause.HOUSE_LOAD: ReasonCode.HOUSE_LEAVES,
    Cause.OTHER_CHARGERS: ReasonCode.CHARGERS_LEAVE,
    Cause.HOUSE_AND_CHARGERS: ReasonCode.HOUSE_AND_CHARGERS_LEAVE,
    Cause.PEAK: ReasonCode.PEAK_LEAVES,
    Cause.OPERATOR: ReasonCode.OPERATOR_LEAVES,
}
_LEAVE_TOO_LITTLE: Final[Mapping[Cause, ReasonCode]] = {
    Cause.HOUSE_LOAD: ReasonCode.HOUSE_LEAVES_TOO_LITTLE,
    Cause.OTHER_CHARGERS: ReasonCode.CHARGERS_LEAVE_TOO_LITTLE,
    Cause.HOUSE_AND_CHARGERS: ReasonCode.HOUSE_AND_CHARGERS_LEAVE_TOO_LITTLE,
    Cause.PEAK: ReasonCode.PEAK_LEAVES_TOO_LITTLE,
    Cause.OPERATOR: ReasonCode.OPERATOR_LEAVES_TOO_LITTLE,
}


def why_limited(state: ControlState, now: datetime) -> tuple[CodedReason, ...]:
    """Return why a charger gets less than it should; nothing where it gets all."""
    if state.cause is Cause.METER:
        return why_blind(state)
    if state.cause is Cause.RECOVERY:
        return (_why_recovering(state, now), *why_blind(state))
    if state.cause not in _LEAVE:
        return ()
    if state.circuit is not None:
        leaves = _why_circuit(state, state.circuit)
    elif state.limit_kw:
        leaves = because(_LEAVE[state.cause], limit_kw=state.limit_kw)
    else:
        leaves = because(_LEAVE_TOO_LITTLE[state.cause])
    return (leaves, *why_blind(state))


def _why_circuit(state: ControlState, circuit: str) -> CodedReason:
    """Name the circuit: what else is on it is nobody's concern elsewhere."""
    if state.limit_kw:
        return because(ReasonCode.CIRCUIT_LEAVES, limit_kw=state.limit_kw, circuit=circuit)
    return because(ReasonCode.CIRCUIT_LEAVES_TOO_LITTLE, circuit=circuit)


def why_blind(state: ControlState) -> tuple[CodedReason, ...]:
    """Return why nobody knows what is free for a charger; nothing where that is known."""
    if not state.blind:
        return ()
    match state.silent, state.impossible:
        case (entity,), _:
            return (because(ReasonCode.METER_SILENT, entity=entity),)
        case (_, *_), _:
            return (because(ReasonCode.METERS_SILENT, entities=state.silent),)
        case _, (entity,):
            return (because(ReasonCode.METER_IMPOSSIBLE, entity=entity),)
        case _, (_, *_):
            return (because(ReasonCode.METERS_IMPOSSIBLE, entities=state.impossible),)
    return (because(ReasonCode.METER_TOO_LOW),)


def _why_recovering(state: ControlState, now: datetime) -> CodedReason:
    """Say until when a charger does not follow the house load back up."""
    until = now if state.recovery is None else state.recovery.ends_at
    if state.limit_kw:
        return because(ReasonCode.RECOVERS, limit_kw=state.limit_kw, until=until)
    return because(ReasonCode.WAITS_TO_RECOVER, until=until)
