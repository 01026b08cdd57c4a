"""What may be expected of the money of a plan, judged by a program of our own (oracle.py)."""

from custom_components.optivgi.scheduler import Battery, Problem, Schedule, SolveStatus
from custom_components.optivgi.scheduler.model import PerStep

from .builders import objective
from .oracle import least_bill

NEARLY = 0.01
"""Part of the best bill by which a plan that is said to be optimal may be above it."""


def energies(schedule: Schedule) -> dict[str, float]:
    return {ev.id: ev.energy_kwh for ev in schedule.evs}


def stored_more_kwh(asked: Problem, battery: Battery, power_kw: PerStep) -> float:
    stored = 0.0
    for hours, power in zip(asked.horizon.step_h, power_kw, strict=True):
        kept = battery.charge_efficiency if power > 0 else 1 / battery.discharge_efficiency
        stored += hours * power * kept
    return stored


def bill_of(asked: Problem, schedule: Schedule) -> float:
    """Return all that counts in decisions, as least_bill counts it."""
    money = objective(schedule)
    for battery, own in zip(asked.batteries, schedule.batteries, strict=True):
        if battery.end_price is not None:
            money -= battery.end_price * stored_more_kwh(asked, battery, own.power_kw)
    return money


def claims_only_what_holds(asked: Problem, schedule: Schedule) -> None:
    """What is called optimal is so, and no plan for as much energy is below what is proven."""
    tapers = any(ev.taper for ev in asked.evs)
    best = least_bill(asked, energies(schedule), time_limit_s=10.0)
    if tapers and best is None:
        # There a battery slows down for the whole step: less is possible.
        return
    assert best is not None
    if schedule.status is SolveStatus.OPTIMAL:
        assert bill_of(asked, schedule) <= best.money + NEARLY * abs(best.money) + 1e-4
    if schedule.bound is not None and not tapers:
        proven = bill_of(asked, schedule) - objective(schedule) + schedule.bound
        # The program may leave each car a hair short.
        assert proven <= best.money + 5e-4
