"""What is planned, as a few points: for charts that read an attribute."""

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from typing import Any

from homeassistant.util import dt as dt_util

from ..const import STEP
from ..planning.plan import Plan

_SAME_KW = 0.01
"""Powers that differ by less look the same in a chart."""


def forecast_of(plan: Plan, charger_id: str | None = None) -> list[dict[str, Any]]:
    """Return from when on which power is planned: local ISO times, kW, the end of the plan last.

    Args:
        plan: The plan.
        charger_id: Of one charger; None for all together.
    """
    answer = None if charger_id is None else plan.answer(charger_id)
    if charger_id is not None and answer is None:
        return []
    series = plan.schedule.total_kw if answer is None else answer.limit_kw
    first, *edges = plan.schedule.horizon.edges
    # What runs began before: a begin that moves with each plan would be written down each time.
    slot_s = STEP.total_seconds()
    edges.insert(0, dt_util.utc_from_timestamp(first.timestamp() // slot_s * slot_s))
    changes = [
        (at, kw)
        for (before, kw), at in zip(pairwise((-1.0, *series)), edges[:-1], strict=True)
        if abs(kw - before) >= _SAME_KW
    ]
    return _points([*changes, (edges[-1], 0.0)])


def _points(changes: Iterable[tuple[datetime, float]]) -> list[dict[str, Any]]:
    return [{"time": dt_util.as_local(at).isoformat(), "value": round(kw, 3)} for at, kw in changes]
