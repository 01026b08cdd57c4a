"""Car parks to measure with, the same at every run."""

from datetime import UTC, datetime, timedelta
import math
import random

from optivgi_scheduler import EV, Circuit, GridConnection, Horizon, Problem

START = datetime(2026, 11, 21, 16, tzinfo=UTC)
STEPS = 96
STEP_H = 0.25
CHARGER_KW, MIN_KW = 11.04, 4.14
SHARE = 0.3
"""What the connection carries of what all chargers together could draw."""


def make_site(number: int, cars: int) -> Problem:
    """Return a car park on two circuits for 24 h, each car there for 4 to 14 h of them."""
    rng = random.Random(f"{number}/{cars}")  # noqa: S311 - reproducible, not secret
    prices = tuple(
        0.25 + 0.08 * math.sin((16 + step * STEP_H - 13) / 24 * 4 * math.pi) + rng.gauss(0, 0.012)
        for step in range(STEPS)
    )
    limit_kw = max(CHARGER_KW, SHARE * cars * CHARGER_KW)
    return Problem(
        horizon=Horizon(start=START, step_h=(STEP_H,) * STEPS),
        site=GridConnection(
            limit_kw=(limit_kw,) * STEPS,
            import_price=prices,
            base_load_kw=tuple(rng.uniform(0, 0.1) * limit_kw for _ in range(STEPS)),
        ),
        circuits=tuple(Circuit(id=name, limit_kw=(0.7 * limit_kw,) * STEPS) for name in "ab"),
        evs=tuple(_car(index, rng) for index in range(cars)),
        start_cost=0.02,
    )


def _car(index: int, rng: random.Random) -> EV:
    arrival = START + timedelta(hours=rng.uniform(0, 12))
    stay_h = rng.uniform(4, 14)
    return EV(
        id=f"car {index}",
        arrival=arrival,
        departure=min(arrival + timedelta(hours=stay_h), START + timedelta(hours=24)),
        energy_kwh=min(rng.uniform(5, 40), 0.6 * stay_h * CHARGER_KW),
        min_power_kw=MIN_KW,
        max_power_kw=CHARGER_KW,
        efficiency=0.9,
        circuit="ab"[index % 2],
    )
