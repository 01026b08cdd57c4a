"""Limits as charging profiles of OCPP 1.6 and 2.0.1.

A TxDefaultProfile with absolute times: a charger goes on with the plan when the central system is
gone, and stops at the plan's end. It has neither duration nor validity, after which a charger
would have no limit at all.
"""

from datetime import UTC, datetime, timedelta
import math
from typing import Any

from .configuration import kw_of
from .limits import Limits

MIN_A = 6.0
"""A car cannot charge with less (IEC 61851)."""
CLOCK_SLACK = timedelta(minutes=1)
"""Clocks differ a little, and a profile that has not begun limits nothing."""
PROFILE_ID = 100


def _ampere(limit_kw: float) -> float:
    """Return a limit in A per phase, with the one decimal that OCPP allows, rounded down."""
    ampere = math.floor(limit_kw / kw_of(1) * 10 + 1e-6) / 10
    return ampere if ampere >= MIN_A else 0.0


def _schedule(limits: Limits, now: datetime) -> dict[str, Any]:
    start = (now - CLOCK_SLACK).astimezone(UTC).replace(microsecond=0)
    periods: list[dict[str, Any]] = []
    for begin, limit_kw in limits.since(now).changes:
        offset = 0 if begin <= now else math.ceil((begin - start).total_seconds())
        periods.append({"startPeriod": offset, "limit": _ampere(limit_kw)})
    return {
        "startSchedule": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": periods,
    }


def _head() -> dict[str, Any]:
    return {
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Absolute",
    }


def profile_16(limits: Limits, now: datetime) -> dict[str, Any]:
    """Return a profile of OCPP 1.6."""
    return {"chargingProfileId": PROFILE_ID, **_head(), "chargingSchedule": _schedule(limits, now)}


def profile_201(limits: Limits, now: datetime) -> dict[str, Any]:
    """Return a profile of OCPP 2.0.1."""
    schedule = {"id": PROFILE_ID, **_schedule(limits, now)}
    return {"id": PROFILE_ID, **_head(), "chargingSchedule": [schedule]}
