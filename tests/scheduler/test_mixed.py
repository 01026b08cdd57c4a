"""Homes in which what makes plans difficult comes together: limits, steps of power, storage, sun.

Each is small enough for a plain integer program to say what the best plan costs.
"""

from collections.abc import Sequence
import random
from typing import Any

import pytest

from custom_components.optivgi.scheduler import (
    EV,
    Battery,
    Discharge,
    PeakTariff,
    PriceStep,
    Problem,
    SinglePhase,
    Taper,
)

from .builders import car, problem, solve, storage
from .expectations import claims_only_what_holds

KINDS = (
    "giving battery limit",
    "giving battery",
    "giving limit",
    "giving taper",
    "giving battery taper peak limit phase",
    "limit",
    "limit peak",
    "limit extra",
    "solar battery",
    "solar battery peak once minimum",
    "giving battery extra single",
    "minimum once",
    "taper limit solar",
    "battery peak limit",
    "single taper",
    "once phase",
    "free peak",
    "several peak solar",
    "stepped peak",
    "stepped peak battery",
    "stores",
    "stores limit peak",
    "stores giving",
)
EACH = 6
"""Homes of each kind."""


def home(kind: str, seed: int) -> Problem:
    """Return a home of a kind; the same for the same seed."""
    draw = random.Random(f"{kind} {seed}")  # noqa: S311 - the same homes each time
    steps, length = draw.choice((4, 6, 8)), draw.choice((1.0, 0.5, 0.25))
    step_h = [length] * steps
    if draw.random() < 0.3:
        step_h[0] = length * draw.choice((0.2, 0.5, 0.77))
    prices = [round(draw.uniform(0.02, 0.5), 3) for _ in range(steps)]
    site: dict[str, Any] = {"limit_kw": draw.choice((8, 11, 13.8, 17.25, 25))}
    if "solar" in kind or draw.random() < 0.5:
        site["pv_kw"] = [round(max(0.0, draw.uniform(-3, 9)), 2) for _ in prices]
    if draw.random() < 0.6:
        site["base_load_kw"] = [round(draw.uniform(0.2, 2.5), 2) for _ in prices]
    if draw.random() < 0.7:
        site["export_price"] = [round(min(price, 0.7 * price), 3) for price in prices]
    if "peak" in kind:
        price = round(draw.uniform(0.1, 3), 2)
        site["peak_tariffs"] = (_tariff(draw, kind, price, length),)
    if "phase" in kind:
        site["phase_limit_kw"] = draw.choice((4.6, 5.75, 8.05))
    if "battery" in kind:
        capacity = round(draw.uniform(5, 12), 1)
        site["battery"] = storage(
            capacity_kwh=capacity,
            stored_kwh=round(draw.uniform(0, capacity), 1),
            charge_efficiency=0.95,
            discharge_efficiency=0.95,
            end_price=draw.choice((None, 0.1, 0.2)),
        )
    if "stores" in kind:
        site["battery"] = [_store(draw, f"store-{number}") for number in range(2)]
        site["pv_kw"] = [round(max(0.0, draw.uniform(-3, 9)), 2) for _ in prices]
    evs = [_car(draw, f"car-{number}", kind, step_h) for number in range(draw.choice((1, 1, 2, 3)))]
    start_cost = draw.choice((0.0, 0.0, 0.05))
    return problem(prices, *evs, step_h=step_h, start_cost=start_cost, **site)


def _tariff(draw: random.Random, kind: str, price: float, interval_h: float) -> PeakTariff:
    """Return a tariff on the highest power, of the kinds that a home is of."""
    fields: dict[str, Any] = {}
    if "free" in kind:
        fields["free_kw"] = round(draw.uniform(1, 8), 1)
    if "several" in kind:
        fields |= {"distinct_days": False, "top_days": draw.choice((2, 3))}
        fields["day_peaks_kw"] = tuple(round(draw.uniform(0, 6), 1) for _ in range(2))
    if "stepped" in kind:
        limits = sorted(round(draw.uniform(0.5, 15), 1) for _ in range(3))
        fields["price_steps"] = tuple(
            PriceStep(above_kw=limit, price=round(draw.uniform(0.1, 3), 2)) for limit in limits
        )
        price = draw.choice((0.0, price))
    return PeakTariff(price_per_kw=price, interval_h=interval_h, **fields)


def _store(draw: random.Random, name: str) -> Battery:
    """Return a home battery of its own kind; it may begin fuller or emptier than it may be."""
    capacity = round(draw.uniform(4, 10), 1)
    return storage(
        id=name,
        capacity_kwh=capacity,
        stored_kwh=round(draw.uniform(0, 1.15 * capacity), 1),
        min_stored_kwh=draw.choice((0.0, 1.0, 2.0)),
        max_charge_kw=draw.choice((1.5, 3.0, 5.0)),
        max_discharge_kw=draw.choice((1.5, 3.0, 5.0)),
        min_power_kw=draw.choice((0.0, 0.0, 0.8)),
        grid_charge=draw.random() < 0.5,
        may_export=draw.random() < 0.5,
        charge_efficiency=0.95,
        discharge_efficiency=0.95,
        wear_cost=draw.choice((0.0, 0.02)),
        end_price=draw.choice((None, 0.1, 0.25)),
    )


def _car(draw: random.Random, ev_id: str, kind: str, step_h: Sequence[float]) -> EV:
    portion = draw.choice((0.0, 0.23, 0.69, 0.69))
    minimum = 4.14 if portion == 0.69 else draw.choice((0.0, 1.38, 4.14))
    highest = draw.choice((11.04, 7.36, 6.9))
    total = sum(step_h)
    stay = (
        round(draw.uniform(0, total / 2), 2) if draw.random() < 0.3 else 0.0,
        round(draw.uniform(total * 0.6, total), 2) if draw.random() < 0.3 else total,
    )
    efficiency = draw.choice((1.0, 0.9, 0.93))
    need = round(draw.uniform(0.5, highest * (stay[1] - stay[0]) * efficiency * 0.9), 2)
    fields: dict[str, Any] = {}
    if "limit" in kind and draw.random() < 0.6:
        fields["limit_energy_kwh"] = round(need + draw.choice((0.0, 0.0, draw.uniform(0, 3))), 2)
    if "giving" in kind and draw.random() < 0.7:
        stored, more = round(draw.uniform(2, 40), 2), draw.choice((0.0, 3.0, 20.0))
        fields["discharge"] = Discharge(
            max_power_kw=draw.choice((3.7, 7.4, 11.0)),
            stored_kwh=stored,
            capacity_kwh=round(stored + need + more, 2),
            min_stored_kwh=min(draw.choice((0.0, 5.0, 10.0)), stored),
            efficiency=draw.choice((1.0, 0.9)),
            min_power_kw=draw.choice((0.0, 0.0, 1.4)),
            wear_cost=draw.choice((0.0, 0.02)),
        )
    if "taper" in kind and draw.random() < 0.7:
        fields["taper"] = (
            Taper(energy_kwh=round(need * 0.5, 2), max_power_kw=6.0),
            Taper(energy_kwh=round(need * 0.8, 2), max_power_kw=3.0),
        )
    if "extra" in kind and draw.random() < 0.4:
        fields["extra_energy_kwh"] = round(draw.uniform(0.5, 5), 2)
        fields["extra_below_price"] = round(draw.uniform(0.05, 0.3), 2)
    if "single" in kind and minimum == 4.14:
        fields["single_phase"] = SinglePhase(phase="L1", min_power_kw=1.38, max_power_kw=3.68)
    if "minimum" in kind and draw.random() < 0.4:
        fields["min_energy_kwh"] = round(need * draw.uniform(0.1, 1), 2)
    return car(
        ev_id,
        stay,
        energy_kwh=need,
        max_power_kw=highest,
        min_power_kw=minimum,
        power_step_kw=portion,
        efficiency=efficiency,
        surplus_only="solar" in kind and draw.random() < 0.6,
        at_once="once" in kind and draw.random() < 0.4,
        **fields,
    )


def is_expressed(asked: Problem) -> bool:
    """Tell whether the plain program says what the best plan costs."""
    return not any(
        ev.at_once or ev.surplus_only or ev.min_energy_kwh or ev.extra_below_price is not None
        for ev in asked.evs
    )


@pytest.mark.parametrize("kind", KINDS)
def test_plans_of_mixed_homes_keep_all_limits_and_claim_what_holds(kind: str) -> None:
    for seed in range(EACH):
        asked = home(kind, seed)
        schedule = solve("optimal", asked)
        if is_expressed(asked):
            claims_only_what_holds(asked, schedule)


@pytest.mark.parametrize("kind", KINDS)
def test_plans_made_quickly_keep_all_limits_too(kind: str) -> None:
    for seed in range(EACH):
        solve("go", home(kind, seed))
