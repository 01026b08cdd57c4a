"""The prices of every source in these tests: an hour costs 20 cents and its number in cents."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from homeassistant.util import dt as dt_util

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
HOUR = timedelta(hours=1)

type Day = list[tuple[datetime, datetime, float]]


def price_at(moment: datetime) -> float:
    return (20 + moment.astimezone(AMSTERDAM).hour) / 100


def hours(days: int = 0, minutes: int = 60) -> Day:
    """Return the local slots of a day with their prices."""
    local = dt_util.utcnow().astimezone(AMSTERDAM)
    midnight = datetime(local.year, local.month, local.day, tzinfo=AMSTERDAM)
    moment = (midnight + timedelta(days=days)).astimezone(UTC)
    end = (midnight + timedelta(days=days + 1)).astimezone(UTC)
    slots: Day = []
    while moment < end:
        after = moment + timedelta(minutes=minutes)
        slots.append((moment.astimezone(AMSTERDAM), after.astimezone(AMSTERDAM), price_at(moment)))
        moment = after
    return slots


def both(minutes: int = 60) -> Day:
    return hours(0, minutes) + hours(1, minutes)
