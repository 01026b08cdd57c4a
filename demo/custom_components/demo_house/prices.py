"""Day-ahead prices that look real: a low at night, two peaks, a dip at noon, some noise.

The prices of a day depend on its date alone. Knows nothing of Home Assistant.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
import math
import random

STEP = timedelta(minutes=15)
PUBLISHED_AT = time(13)
"""When the prices of the next day become known, local time."""


@dataclass(frozen=True, slots=True)
class Price:
    """The price of one quarter of an hour, in EUR/kWh."""

    start: datetime
    end: datetime
    value: float


def day_prices(day: date, zone: tzinfo) -> list[Price]:
    """The prices of a local day: 96, or 92 and 100 when the clock changes."""
    start = datetime.combine(day, time(), zone).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    rng = random.Random(day.toordinal())  # noqa: S311 - a market, not secrets
    level = 0.085 + 0.03 * rng.random() - (0.02 if day.weekday() >= 5 else 0)
    summer = (1 - math.cos(2 * math.pi * (day.timetuple().tm_yday + 10) / 365)) / 2
    drift = 0.0
    prices = []
    while start < end:
        local = start.astimezone(zone)
        hour = local.hour + local.minute / 60
        drift = 0.8 * drift + rng.gauss(0, 0.0035)
        value = (
            level
            + 0.055 * _bump(hour, 8.0, 1.4)
            + 0.095 * _bump(hour, 18.5, 2.0)
            - (0.025 + 0.085 * summer) * _bump(hour, 13.5, 2.4)
            - 0.040 * _bump(hour, 3.5, 2.8)
            + drift
        )
        until = start + STEP
        prices.append(Price(local, until.astimezone(zone), round(value, 5)))
        start = until
    return prices


def known_prices(now: datetime) -> tuple[list[Price], list[Price]]:
    """The prices of today and, once they are published, of tomorrow, at this local time."""
    zone = now.tzinfo
    if zone is None:
        raise ValueError("A local time needs its time zone")
    today = now.date()
    tomorrow = day_prices(today + timedelta(days=1), zone) if now.time() >= PUBLISHED_AT else []
    return day_prices(today, zone), tomorrow


def _bump(hour: float, at: float, width: float) -> float:
    return math.exp(-(((hour - at) / width) ** 2))
