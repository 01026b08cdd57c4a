"""Households to measure with: ordinary evenings, and evenings on which everything comes together.

An evening runs from 17:00 to 07:00 in quarter-hours. Its one to three cars come home within two
hours and a half and leave within the last two; chargers take whole amperes, and a start costs two
cents. Combined evenings add what makes plans hard: see ``Kind``.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
import math
import random
from typing import Literal

from custom_components.optivgi.scheduler import (
    EV,
    PHASES,
    Battery,
    Discharge,
    GridConnection,
    Horizon,
    PeakTariff,
    Phase,
    Problem,
    SinglePhase,
    Taper,
)

type Kind = Literal["peak", "peak-battery", "peak-taper", "battery", "v2g", "v2g-peak", "phases"]

START = datetime(2026, 11, 21, 16, tzinfo=UTC)
STEP_H = 0.25
EVENING_STEPS = 56
START_COST = 0.02
VOLTAGE_KV = 0.23
MIN_A, FUSE_A = 6, 25


@dataclass(frozen=True)
class Combined:
    """A kind of combined evening, and how many are measured."""

    kind: Kind
    cars: int
    problems: int = 3


COMBINED = (
    Combined("peak", 1),
    Combined("peak", 2),
    Combined("peak", 3),
    Combined("peak-battery", 1),
    Combined("peak-battery", 2),
    Combined("peak-taper", 1),
    Combined("peak-taper", 2),
    Combined("battery", 2),
    Combined("v2g", 1),
    Combined("v2g", 2),
    Combined("v2g-peak", 1),
    Combined("phases", 1),
)


def evening(cars: int, seed: int, *, start_cost: float = START_COST) -> Problem:
    """Return an ordinary evening; the same for the same arguments."""
    rng = random.Random(f"evening-{cars}/{seed}")  # noqa: S311 - reproducible, not secret
    hours = [(17 + index * STEP_H) % 24 for index in range(EVENING_STEPS)]
    prices = tuple(
        0.22
        + 0.06 * math.sin((hour - 13) / 24 * 4 * math.pi)
        + 0.05 * math.sin((hour - 15) / 24 * 2 * math.pi)
        + rng.gauss(0, 0.012)
        for hour in hours
    )
    base = tuple(
        0.4 + 0.8 * math.exp(-(((hour - 19) / 2) ** 2)) + rng.expovariate(5) for hour in hours
    )
    return Problem(
        horizon=Horizon(start=START, step_h=(STEP_H,) * EVENING_STEPS),
        site=GridConnection(
            limit_kw=(3 * FUSE_A * VOLTAGE_KV,) * EVENING_STEPS,
            import_price=prices,
            export_price=(0.07,) * EVENING_STEPS,
            base_load_kw=base,
            phase_limit_kw=((FUSE_A * VOLTAGE_KV,) * EVENING_STEPS,),
        ),
        evs=tuple(_car(index, rng) for index in range(cars)),
        start_cost=start_cost,
    )


def _car(index: int, rng: random.Random) -> EV:
    three_phase = rng.random() < 0.6
    phases: tuple[Phase, ...] = PHASES if three_phase else (PHASES[rng.randrange(3)],)
    late = timedelta(minutes=rng.randrange(150)) if index else timedelta(0)
    early = timedelta(minutes=rng.randrange(120))
    most_a = 16 if three_phase else rng.choice((20, 32))
    return EV(
        id=f"car-{index}",
        arrival=START + late,
        departure=START + timedelta(hours=STEP_H * EVENING_STEPS) - early,
        energy_kwh=rng.uniform(8, 40 if three_phase else 25),
        max_power_kw=most_a * VOLTAGE_KV * len(phases),
        min_power_kw=MIN_A * VOLTAGE_KV * len(phases),
        power_step_kw=VOLTAGE_KV * len(phases),
        efficiency=0.9,
        phases=phases,
    )


def combined(what: Combined, seed: int) -> Problem:
    """Return a combined evening; the same for the same arguments."""
    rng = random.Random(f"{what.kind}-{what.cars}/{seed}")  # noqa: S311 - reproducible, not secret
    problem = evening(what.cars, seed)
    for part in what.kind.split("-"):
        problem = _ADDED[part](problem, rng)
    return problem


def _with_peak(problem: Problem, rng: random.Random) -> Problem:
    tariff = PeakTariff(
        price_per_kw=rng.uniform(2, 6),
        interval_h=rng.choice((0.25, 1.0)),
        today_kw=rng.uniform(0, 4),
    )
    return replace(problem, site=replace(problem.site, peak_tariffs=(tariff,)))


def _with_battery(problem: Problem, rng: random.Random) -> Problem:
    capacity = rng.uniform(5, 14)
    battery = Battery(
        id="battery",
        capacity_kwh=capacity,
        stored_kwh=rng.uniform(0.2, 0.9) * capacity,
        max_charge_kw=rng.uniform(2.5, 5),
        max_discharge_kw=rng.uniform(2.5, 5),
        min_stored_kwh=0.1 * capacity,
        wear_cost=rng.choice((0.0, 0.03)),
        end_price=rng.uniform(0.1, 0.2),
    )
    return replace(problem, batteries=(battery,))


def _with_taper(problem: Problem, rng: random.Random) -> Problem:
    def tapering(ev: EV) -> EV:
        begins = ev.energy_kwh * rng.uniform(0.5, 0.8)
        half = max(ev.min_power_kw, 0.5 * ev.max_power_kw)
        return replace(ev, taper=(Taper(energy_kwh=begins, max_power_kw=half),))

    return replace(problem, evs=tuple(map(tapering, problem.evs)))


def _with_v2g(problem: Problem, rng: random.Random) -> Problem:
    def giving(ev: EV) -> EV:
        stored = rng.uniform(12, 30)
        return replace(
            ev,
            discharge=Discharge(
                max_power_kw=ev.max_power_kw,
                min_power_kw=ev.min_power_kw,
                stored_kwh=stored,
                capacity_kwh=stored + ev.energy_kwh + rng.uniform(5, 20),
                min_stored_kwh=10,
                efficiency=0.92,
                wear_cost=0.02,
            ),
        )

    # Prices as far apart as giving back needs them to be.
    prices = problem.site.import_price
    mean = sum(prices) / len(prices)
    apart = tuple(mean + 2.5 * (price - mean) for price in prices)
    site = replace(problem.site, import_price=apart)
    return replace(problem, site=site, evs=tuple(map(giving, problem.evs)))


def _with_phases(problem: Problem, rng: random.Random) -> Problem:
    steps = len(problem.horizon)
    sunny = tuple(
        max(0.0, rng.gauss(2.5, 1.5)) if index < steps // 2 else 0.0 for index in range(steps)
    )

    def switching(ev: EV) -> EV:
        single = SinglePhase(
            phase="L1",
            min_power_kw=MIN_A * VOLTAGE_KV,
            max_power_kw=16 * VOLTAGE_KV,
            max_switches=4,
        )
        return replace(
            ev,
            phases=PHASES,
            min_power_kw=MIN_A * VOLTAGE_KV * 3,
            max_power_kw=16 * VOLTAGE_KV * 3,
            power_step_kw=VOLTAGE_KV * 3,
            single_phase=single,
        )

    site = replace(problem.site, pv_kw=sunny)
    return replace(problem, site=site, evs=tuple(map(switching, problem.evs)))


_ADDED: dict[str, Callable[[Problem, random.Random], Problem]] = {
    "peak": _with_peak,
    "battery": _with_battery,
    "taper": _with_taper,
    "v2g": _with_v2g,
    "phases": _with_phases,
}
