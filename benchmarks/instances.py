"""Problems to measure with, the same at every run.

Households have a 17.25 kW connection (3 x 25 A at 230 V), 7 kWp of PV and cars that are there all
the time, which is the hardest case. Garages have cars that come and go, a limit of 30 % of what
all chargers together could draw, limits per phase, and no PV.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import math
import random

from custom_components.optivgi.scheduler import EV, PHASES, Horizon, Phase, Problem, Site

STEP_H = 0.25
START = datetime(2026, 11, 21, 16, tzinfo=UTC)
START_COST = 0.02
VOLTAGE_KV = 0.23


@dataclass(frozen=True)
class Case:
    """A kind of problem: its name, the number of cars and of quarter-hours, and its layout."""

    name: str
    cars: int
    steps: int
    garage: bool = False


CASES = (
    Case("home-1-96", 1, 96),
    Case("home-2-96", 2, 96),
    Case("home-2-192", 2, 192),
    Case("home-4-192", 4, 192),
    Case("garage-10-96", 10, 96, garage=True),
    Case("garage-50-96", 50, 96, garage=True),
    Case("garage-100-96", 100, 96, garage=True),
)


def make(case: Case, *, start_cost: bool, seed: int = 1) -> Problem:
    """Return a case's problem; the same for the same arguments."""
    rng = random.Random(f"{case.name}/{seed}")  # noqa: S311 - reproducible, not secret
    hours = [(START.hour + index * STEP_H) % 24 for index in range(case.steps)]
    # Day-ahead prices of 15 minutes: two peaks a day and noise from slot to slot.
    prices = tuple(
        0.22
        + 0.06 * math.sin((hour - 13) / 24 * 4 * math.pi)
        + 0.05 * math.sin((hour - 15) / 24 * 2 * math.pi)
        + rng.gauss(0, 0.012)
        for hour in hours
    )
    cars = [_car(case, index, rng) for index in range(case.cars)]
    if case.garage:
        limit = 0.3 * sum(car.max_power_kw for car in cars)
        site = Site(
            limit_kw=(limit,) * case.steps,
            import_price=prices,
            phase_limit_kw=(limit / 2.7,) * case.steps,
        )
    else:
        base = tuple(
            0.4 + 0.8 * math.exp(-(((hour - 19) / 2) ** 2)) + rng.expovariate(5) for hour in hours
        )
        pv = tuple(
            7 * max(0.0, math.sin((hour - 6) / 12 * math.pi)) * rng.uniform(0.5, 1)
            if 6 < hour < 18
            else 0.0
            for hour in hours
        )
        site = Site(
            limit_kw=(75 * VOLTAGE_KV,) * case.steps,
            import_price=prices,
            export_price=(0.07,) * case.steps,
            base_load_kw=base,
            pv_kw=pv,
            phase_limit_kw=(25 * VOLTAGE_KV,) * case.steps,
        )
    return Problem(
        horizon=Horizon(start=START, step_h=(STEP_H,) * case.steps),
        site=site,
        evs=tuple(cars),
        start_cost=START_COST if start_cost else 0.0,
    )


def _car(case: Case, index: int, rng: random.Random) -> EV:
    three_phase = index % 2 == 0
    phases: tuple[Phase, ...] = PHASES if three_phase else (PHASES[(index // 2) % 3],)
    minimum = 6 * VOLTAGE_KV * len(phases)
    maximum = 16 * VOLTAGE_KV * 3 if three_phase else 32 * VOLTAGE_KV
    if not three_phase and not case.garage:
        maximum = 20 * VOLTAGE_KV
    arrival, departure = 0, case.steps
    if case.garage:
        arrival = rng.randrange(case.steps // 2)
        departure = min(case.steps, arrival + rng.randrange(16, case.steps // 2))
    stay_h = (departure - arrival) * STEP_H
    energy = rng.uniform(15, 45) if three_phase else rng.uniform(10, 25)
    energy = min(energy, 0.6 * maximum * stay_h)
    return EV(
        id=f"car-{index}",
        arrival=START + timedelta(hours=arrival * STEP_H),
        departure=START + timedelta(hours=departure * STEP_H),
        energy_kwh=energy,
        max_power_kw=maximum,
        min_power_kw=minimum,
        efficiency=0.9,
        phases=phases,
    )
