"""A limit on what is exported: what PV could give beyond it earns nothing, and is free for cars."""

from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.optivgi.scheduler import Problem

from .builders import approx, car, limits, objective, problem, solve
from .flows import independent_cost
from .oracle import least_bill
from .test_conformance import each_algorithm, numbers

SUN: dict[str, Any] = {"pv_kw": (6, 6, 0), "export_price": (0.10, 0.12, 0.0)}


@each_algorithm
def test_what_would_be_curtailed_is_free(name: str) -> None:
    """The second hour earns more, and 4 kW of it could not be exported."""
    wish = car(energy_kwh=4, max_power_kw=6)
    free = solve(name, problem([0.3] * 3, wish, **SUN))
    limited = solve(name, problem([0.3] * 3, wish, export_limit_kw=(6, 2, 0), **SUN))
    assert limits(free) == approx([4, 0, 0])
    assert limits(limited) == approx([0, 4, 0])
    assert (free.cost, limited.cost) == (approx(0.4), approx(0))


@each_algorithm
def test_beyond_it_surplus_counts_as_before(name: str) -> None:
    asked = problem([0.3] * 3, car(energy_kwh=8, max_power_kw=6), export_limit_kw=2, **SUN)
    schedule = solve(name, asked)
    assert sum(limits(schedule)) == approx(8)
    assert schedule.cost == approx(0)
    assert independent_cost(asked, schedule) == approx(0)


@each_algorithm
def test_cars_for_surplus_only_take_first_what_would_be_lost(name: str) -> None:
    wish = car(energy_kwh=4, max_power_kw=6, surplus_only=True)
    asked = problem([0.3] * 3, wish, export_limit_kw=(6, 2, 0), **SUN)
    assert limits(solve(name, asked)) == approx([0, 4, 0])


@each_algorithm
def test_a_price_for_exporting_is_paid_up_to_the_limit_only(name: str) -> None:
    asked = problem(
        [0.3, 0.3], car(energy_kwh=3), pv_kw=(8, 8), export_price=(-0.1, 0.05), export_limit_kw=5
    )
    schedule = solve(name, asked)
    # 3 kWh of either hour are curtailed: drawing them changes nothing at the meter.
    assert schedule.cost == approx(0)


@each_algorithm
def test_a_car_that_leaves_within_a_step_uses_what_is_curtailed_while_it_is_there(
    name: str,
) -> None:
    wish = car(stay=(0, 0.5), energy_kwh=2, min_power_kw=4, max_power_kw=4)
    asked = problem([0.3], wish, pv_kw=(5,), export_price=(0.1,), export_limit_kw=2)
    schedule = solve(name, asked)
    # Of 4 kW for half an hour 3 were curtailed; the rest of the hour changes nothing.
    assert schedule.cost == approx(0.5 * 1 * 0.1)


@st.composite
def roofs(draw: st.DrawFn) -> Problem:
    """Cars and more sun than may be exported."""
    steps = draw(st.integers(2, 6))

    def series(low: float, high: float) -> tuple[float, ...]:
        return tuple(draw(st.lists(numbers(low, high), min_size=steps, max_size=steps)))

    cars = [
        car(
            f"car-{number}",
            (draw(st.integers(0, steps - 1)), steps),
            energy_kwh=draw(st.sampled_from((2.0, 6.0, 11.0))),
            min_power_kw=draw(st.sampled_from((0.0, 1.38, 4.14))),
        )
        for number in range(draw(st.integers(1, 2)))
    ]
    return problem(
        series(0.1, 0.5),
        *cars,
        pv_kw=series(0, 12),
        base_load_kw=series(0, 3),
        export_price=series(-0.2, 0.2),
        export_limit_kw=series(0, 6),
        start_cost=draw(st.sampled_from((0.0, 0.05))),
    )


@given(asked=roofs())
@settings(max_examples=60, deadline=None, derandomize=True, database=None)
def test_the_bill_is_the_least_there_is(asked: Problem) -> None:
    schedule = solve("optimal", asked)
    got = {ev.id: ev.energy_kwh for ev in schedule.evs}
    # Where exporting costs something, charging beyond the need would pay; it was not asked for.
    best = least_bill(asked, got, more=False, time_limit_s=10)
    assert best is not None
    assert objective(schedule) <= best.money + 0.01 * abs(best.money) + 1e-3
    energy = schedule.cost_split.grid + schedule.cost_split.surplus
    assert energy == pytest.approx(independent_cost(asked, schedule), abs=1e-4)
