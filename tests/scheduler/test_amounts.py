"""How much a car gets: never more than it may, no more than it asked, no less than there is."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.optivgi.scheduler import Problem, ShortfallCause
from custom_components.optivgi.scheduler.last_resort import charge_by_urgency

from .builders import (
    TOLERANCE_KWH,
    approx,
    assert_sound,
    car,
    limits,
    optimal,
    planned,
    problem,
    solve,
)
from .test_conformance import ALGORITHMS, everything, thoroughly

each_algorithm = pytest.mark.parametrize("name", ALGORITHMS)
FIXED: dict[str, Any] = {"min_power_kw": 4.0, "max_power_kw": 4.0}
"""A car that draws 4 kW or nothing."""
MODES: list[dict[str, Any]] = [
    {},
    {"at_once": True},
    {"min_energy_kwh": 30.0},
    {"extra_energy_kwh": 9.0, "extra_below_price": 1.0},
    {"power_step_kw": 0.7, "max_power_kw": 6.8},
]


# Never more than it may.


@each_algorithm
@pytest.mark.parametrize("mode", MODES, ids=str)
@pytest.mark.parametrize(("limit", "expected"), [(3.9, 0.0), (4.0, 4.0), (9.0, 8.0)])
def test_a_limit_is_never_exceeded_by_the_least_a_car_draws(
    name: str, mode: dict[str, Any], limit: float, expected: float
) -> None:
    ev = car(**({"energy_kwh": 30.0, "limit_energy_kwh": limit} | FIXED | mode))
    answer = planned(solve(name, problem([0.1, -0.2, 0.3, 0.1], ev)))
    assert expected - TOLERANCE_KWH <= answer.energy_kwh <= limit + TOLERANCE_KWH
    assert answer.shortfall_cause is ShortfallCause.CAR_LIMIT


@each_algorithm
def test_a_limit_below_the_least_a_car_draws_is_told(name: str) -> None:
    asked = problem([0.1, 0.2], car("VW", energy_kwh=3, limit_energy_kwh=3, **FIXED))
    schedule = solve(name, asked)
    assert limits(schedule, "VW") == approx([0, 0])
    assert schedule.warnings == (
        "VW gets at least 4 kWh when it charges at all, but is never to take more than 3 kWh.",
    )


@each_algorithm
def test_what_comes_close_to_a_limit_is_spread_to_meet_it(name: str) -> None:
    """Two hours at 4 kW are too much: one at 5 is not."""
    ev = car(energy_kwh=5, limit_energy_kwh=5, min_power_kw=4.0)
    assert sorted(limits(solve(name, problem([0.3, 0.1, 0.2], ev)))) == approx([0, 0, 5])


@given(asked=everything(), limit=st.floats(0, 9))
@settings(thoroughly, max_examples=60)
@each_algorithm
def test_no_car_gets_more_than_it_may(name: str, asked: Problem, limit: float) -> None:
    evs = tuple(replace(ev, limit_energy_kwh=limit) for ev in asked.evs)
    limited = replace(asked, evs=evs)
    solve(name, limited)
    assert_sound(limited, charge_by_urgency(limited))


# No more than it asked.


@each_algorithm
@pytest.mark.parametrize("start_cost", [0.0, 0.05])
@pytest.mark.parametrize("mode", MODES[:2] + MODES[4:], ids=str)
def test_being_paid_for_energy_is_no_reason_to_take_more(
    name: str, mode: dict[str, Any], start_cost: float
) -> None:
    """10 kWh are 3 hours at 4 kW, or 2 at 5: never 4 hours."""
    coarse = {"min_power_kw": 4.0, "max_power_kw": 5.0}
    ev = car(**({"energy_kwh": 10.0} | coarse | mode))
    asked = problem([-0.2, -0.1, -0.3, -0.4, -0.1, -0.2], ev, start_cost=start_cost)
    answer = planned(solve(name, asked))
    assert 10 - TOLERANCE_KWH <= answer.energy_kwh <= 10.7


@each_algorithm
def test_energy_beyond_a_target_counts_once(name: str) -> None:
    ev = car(energy_kwh=1, extra_energy_kwh=5, extra_below_price=0.2, max_power_kw=4)
    rival = car("rival", energy_kwh=90, max_power_kw=3)
    asked = problem([-0.1] * 5, ev, rival, limit_kw=(7, 6, 6, 3, 3))
    assert planned(solve(name, asked)).energy_kwh <= 6 + TOLERANCE_KWH


def test_a_car_that_must_take_more_takes_as_little_as_it_can() -> None:
    asked = problem([-0.2, -0.1, -0.3], car(energy_kwh=5, **FIXED))
    assert limits(optimal(asked)) == approx([4, 0, 4])
