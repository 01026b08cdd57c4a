"""Prices for the closed loop: real ones from a folder, else generated ones that look real.

A folder holds files ``prices-*.csv`` with a first line ``start_utc,...``, then the start of each
price in UTC and the price per kWh. The step is that of the file; gaps take the price before.
"""

import csv
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise
import math
from pathlib import Path
import random
from zoneinfo import ZoneInfo

from .simulation import DayAheadPrices

ZONE = ZoneInfo("Europe/Helsinki")
STEP = timedelta(minutes=15)
BEFORE = timedelta(days=7)
"""So long before the start prices are known, for the estimates of those to come."""
DEFAULT_START = date(2023, 3, 6)
"""Thirty days from here have a change of the clocks, and prices as they usually are."""


@dataclass(frozen=True, kw_only=True)
class Market:
    """Prices and where they come from."""

    prices: DayAheadPrices
    source: str


def dice(what: str) -> random.Random:
    """Return chance that is the same at every run, for each of the things it decides about."""
    return random.Random(what)  # noqa: S311 - weather and markets, not secrets


def midnight(day: date, zone: tzinfo = ZONE) -> datetime:
    """Return the instant at which a local day begins."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def market(folder: Path | None, first: date, days: int) -> Market:
    """Return the prices of some days: real ones where the folder has all of them."""
    start, end = midnight(first) - BEFORE, midnight(first + timedelta(days=days + 2))
    for path in sorted(folder.glob("prices-*.csv")) if folder is not None else ():
        known = _read(path)
        if known and min(known) <= start and max(known) >= end - timedelta(days=1):
            step = min(later - earlier for earlier, later in pairwise(sorted(known)))
            return Market(prices=_series(known, start, end, step), source=path.name)
    return Market(prices=_generated(start, end), source="generated")


def _read(path: Path) -> dict[datetime, float]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        return {datetime.fromisoformat(row[0]).astimezone(UTC): float(row[1]) for row in rows}


def _series(
    known: dict[datetime, float], start: datetime, end: datetime, step: timedelta
) -> DayAheadPrices:
    values: list[float] = []
    moment = start
    while moment < end:
        values.append(known.get(moment, values[-1] if values else 0.0))
        moment += step
    return DayAheadPrices(start=start, step=step, values=tuple(values), zone=ZONE)


def _generated(start: datetime, end: datetime) -> DayAheadPrices:
    """Make quarter-hour prices: two peaks a day, another level each day, noise that lingers."""
    values: list[float] = []
    moment = start
    drift = 0.0
    while moment < end:
        local = moment.astimezone(ZONE)
        # Each day has its own luck, so that no other length of the period changes its prices.
        today = dice(f"prices/{local.date()}")
        level = today.uniform(0.03, 0.14)
        spread = today.uniform(0.3, 1.2)
        now = dice(f"prices/{moment}")
        drift = 0.8 * drift + now.gauss(0, 0.004)
        hour = local.hour + local.minute / 60
        shape = 0.05 * _bump(hour, 8, 1.5) + 0.09 * _bump(hour, 18.5, 2) - 0.04 * _bump(hour, 3, 3)
        values.append(round(level + spread * shape + drift, 5))
        moment += STEP
    return DayAheadPrices(start=start, step=STEP, values=tuple(values), zone=ZONE)


def _bump(hour: float, at: float, width: float) -> float:
    return math.exp(-(((hour - at) / width) ** 2))
