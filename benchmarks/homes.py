"""Whole households: everything that makes a plan hard, at once, over a day and a half.

From 18:00 to 06:00 of the day after tomorrow, in quarter-hours: a roof, a home battery, a tariff
on the highest hour, a car that can switch to one phase, and one on L2 behind a fuse of its own.
"""

from datetime import UTC, datetime, timedelta
import math
import random

from custom_components.optivgi.scheduler import (
    EV,
    PHASES,
    Battery,
    Circuit,
    GridConnection,
    Horizon,
    PeakTariff,
    Problem,
    SinglePhase,
)

from .households import FUSE_A, MIN_A, START_COST, STEP_H, VOLTAGE_KV

START = datetime(2026, 5, 21, 16, tzinfo=UTC)
STEPS = 144
GARAGE_A = 16


def home(seed: int) -> Problem:
    """Return a whole household; the same for the same seed."""
    rng = random.Random(f"home/{seed}")  # noqa: S311 - reproducible, not secret
    hours = [(18 + index * STEP_H) % 24 for index in range(STEPS)]
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
    sun = rng.uniform(2, 8)
    pv = tuple(
        max(0.0, sun * math.sin((hour - 6) / 14 * math.pi)) * rng.uniform(0.5, 1)
        if 6 < hour < 20
        else 0.0
        for hour in hours
    )
    tariff = PeakTariff(
        price_per_kw=rng.uniform(2, 6),
        interval_h=rng.choice((0.25, 1.0)),
        today_kw=rng.uniform(0, 4),
        day=tuple(int(index * STEP_H >= 6) + int(index * STEP_H >= 30) for index in range(STEPS)),
    )
    return Problem(
        horizon=Horizon(start=START, step_h=(STEP_H,) * STEPS),
        site=GridConnection(
            limit_kw=(3 * FUSE_A * VOLTAGE_KV,) * STEPS,
            phase_limit_kw=((FUSE_A * VOLTAGE_KV,) * STEPS,),
            import_price=prices,
            export_price=(0.07,) * STEPS,
            base_load_kw=base,
            pv_kw=pv,
            peak_tariffs=(tariff,),
        ),
        circuits=(Circuit(id="garage", phase_limit_kw=((GARAGE_A * VOLTAGE_KV,) * STEPS,)),),
        evs=(_switching(rng), _on_l2(rng)),
        batteries=(_battery(rng),),
        start_cost=START_COST,
    )


def _switching(rng: random.Random) -> EV:
    """Return a car for three phases that can switch to one, and stays for two nights."""
    return EV(
        id="switching",
        arrival=START + timedelta(minutes=rng.randrange(150)),
        departure=START + timedelta(hours=36, minutes=-rng.randrange(120)),
        energy_kwh=rng.uniform(15, 45),
        min_power_kw=3 * MIN_A * VOLTAGE_KV,
        max_power_kw=3 * 16 * VOLTAGE_KV,
        power_step_kw=3 * VOLTAGE_KV,
        efficiency=0.9,
        phases=PHASES,
        circuit="garage",
        single_phase=SinglePhase(
            phase="L1",
            min_power_kw=MIN_A * VOLTAGE_KV,
            max_power_kw=16 * VOLTAGE_KV,
            max_switches=4,
        ),
    )


def _on_l2(rng: random.Random) -> EV:
    """Return a car that charges from L2 only, and leaves for work after the first night."""
    return EV(
        id="on-l2",
        arrival=START + timedelta(minutes=rng.randrange(150)),
        departure=START + timedelta(hours=14, minutes=-rng.randrange(150)),
        energy_kwh=rng.uniform(8, 25),
        min_power_kw=MIN_A * VOLTAGE_KV,
        max_power_kw=16 * VOLTAGE_KV,
        power_step_kw=VOLTAGE_KV,
        efficiency=0.9,
        phases=("L2",),
        circuit="garage",
    )


def _battery(rng: random.Random) -> Battery:
    capacity = rng.uniform(5, 14)
    return Battery(
        id="battery",
        capacity_kwh=capacity,
        stored_kwh=rng.uniform(0.2, 0.9) * capacity,
        max_charge_kw=rng.uniform(2.5, 5),
        max_discharge_kw=rng.uniform(2.5, 5),
        min_stored_kwh=0.1 * capacity,
        wear_cost=rng.choice((0.0, 0.03)),
        end_price=rng.uniform(0.1, 0.2),
    )
