"""Short ways to write Problems, and the checks that hold for every plan."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from custom_components.optivgi.scheduler import EV, PHASES, Horizon, Problem, Schedule, Site

START = datetime(2026, 11, 21, 18, tzinfo=UTC)
TOLERANCE = 1e-6


def at(hours: float) -> datetime:
    """Return the instant so many hours after the start."""
    return START + timedelta(hours=hours)


def car(ev_id: str = "car", stay: tuple[float, float] = (0, 1000), **fields: Any) -> EV:
    """Return an 11 kW car that stays from one hour to another."""
    values: dict[str, Any] = {"energy_kwh": 10.0, "max_power_kw": 11.0} | fields
    return EV(id=ev_id, arrival=at(stay[0]), departure=at(stay[1]), **values)


def problem(
    prices: Sequence[float],
    *evs: EV,
    step_h: float | Sequence[float] = 1.0,
    limit_kw: float | Sequence[float] = 100.0,
    start_cost: float = 0.0,
    **site: Any,
) -> Problem:
    """Return a Problem with one step for each price; single numbers hold for all steps."""
    steps = len(prices)

    def series(value: float | Sequence[float]) -> tuple[float, ...]:
        return (float(value),) * steps if isinstance(value, int | float) else tuple(value)

    return Problem(
        horizon=Horizon(start=START, step_h=series(step_h)),
        site=Site(
            limit_kw=series(limit_kw),
            import_price=tuple(prices),
            **{name: series(value) for name, value in site.items()},  # type: ignore[arg-type]
        ),
        evs=evs,
        start_cost=start_cost,
    )


def limits(schedule: Schedule, ev_id: str = "car") -> tuple[float, ...]:
    """Return the planned power of one EV."""
    ev = schedule.ev(ev_id)
    assert ev is not None
    return ev.limit_kw


def approx(values: Sequence[float] | float) -> Any:
    """Compare powers and energies up to what a solver may be off."""
    return pytest.approx(values, abs=1e-4)


def starts(asked: Problem, schedule: Schedule) -> int:
    """Count how often charging starts, what goes on not counted."""
    count = 0
    for ev, planned in zip(asked.evs, schedule.evs, strict=True):
        on = [ev.charging, *(power > 0 for power in planned.limit_kw)]
        count += sum(after and not before for before, after in pairwise(on))
    return count


def total_cost(asked: Problem, schedule: Schedule) -> float:
    """Return the money a plan is judged by: energy and starts."""
    return schedule.cost + asked.start_cost * starts(asked, schedule)


def independent_cost(asked: Problem, schedule: Schedule) -> float:
    """Return what the plan's energy costs, from the meter's point of view.

    Only for EVs that are there for whole steps.
    """
    cost = 0.0
    for step, hours in enumerate(asked.horizon.step_h):
        base, pv = asked.base_load_kw[step], asked.pv_kw[step]
        without = base - pv
        meter = without + schedule.total_kw[step]
        buy, sell = asked.site.import_price[step], asked.export_price[step]

        def bill(power: float, buy: float = buy, sell: float = sell) -> float:
            return power * (buy if power > 0 else sell)

        cost += hours * (bill(meter) - bill(without))
    return cost


def assert_sound(asked: Problem, schedule: Schedule) -> None:
    """Check what must hold for the plan of every algorithm, whatever was asked."""
    assert [ev.id for ev in schedule.evs] == [ev.id for ev in asked.evs]
    assert schedule.horizon == asked.horizon
    solar = [0.0] * len(asked.horizon)
    for ev, planned in zip(asked.evs, schedule.evs, strict=True):
        hours = asked.present_h(ev)
        for step, power in enumerate(planned.limit_kw):
            assert power >= 0
            assert power <= ev.max_power_kw + TOLERANCE
            assert power == 0 or power >= ev.min_power_kw - TOLERANCE, "in the gap below minimum"
            assert power == 0 or hours[step] > 0, "outside its stay"
            if ev.power_step_kw > 0 and power > 0:
                portions = (power - ev.min_power_kw) / ev.power_step_kw
                assert portions == pytest.approx(round(portions), abs=1e-4), "between steps"
            if ev.surplus_only and not ev.at_once:
                solar[step] += power
        energy = sum(h * p for h, p in zip(hours, planned.limit_kw, strict=True)) * ev.efficiency
        assert planned.energy_kwh == pytest.approx(energy, abs=1e-6)
        slot = max(ev.min_power_kw, ev.power_step_kw) * ev.efficiency * max(asked.horizon.step_h)
        assert energy <= ev.energy_kwh + slot + 1e-4, "more than wanted"
        missing = ev.energy_kwh - energy
        assert planned.shortfall_kwh == pytest.approx(missing if missing > 0.01 else 0, abs=1e-6)
        assert (planned.shortfall_cause is None) == (planned.shortfall_kwh == 0)
    for step, total in enumerate(schedule.total_kw):
        assert total <= asked.capacity_kw[step] + TOLERANCE, "over the site's limit"
        if solar[step] > 0:
            assert total <= asked.surplus_kw[step] + TOLERANCE, "more than the surplus"
        if asked.phase_capacity_kw:
            for phase in PHASES:
                load = sum(
                    planned.limit_kw[step] / len(ev.phases)
                    for ev, planned in zip(asked.evs, schedule.evs, strict=True)
                    if phase in ev.phases
                )
                assert load <= asked.phase_capacity_kw[step] + TOLERANCE, f"over {phase}"
    assert schedule.cost == pytest.approx(sum(ev.cost for ev in schedule.evs), abs=1e-9)
