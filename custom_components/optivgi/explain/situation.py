"""What a status is read from."""

from dataclasses import dataclass
from datetime import datetime

from ..charging.charging_point import ChargingPoint
from ..control.state import ControlState
from ..planning.plan import Plan


@dataclass(frozen=True, kw_only=True)
class Situation:
    """All that a status is read from."""

    point: ChargingPoint
    state: ControlState
    plan: Plan | None
    now: datetime
    currency: str
