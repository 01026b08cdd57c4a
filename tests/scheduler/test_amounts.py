"""How much a car gets: never more than it may, no more than it asked, no less than there is."""

from dataclasses import replace
import random
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.optivgi.scheduler import (
    PHASES,
    ConcernKind,
    Problem,
    ShortfallCause,
    Taper,
)
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
    (concern,) = schedule.concerns
    assert (concern.kind, concern.ev) == (ConcernKind.MIN_ABOVE_LIMIT, "VW")
    assert concern.figures == {"min_kwh": 4, "room_kwh": 3}


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


# No less than there is.


@each_algorithm
def test_who_is_short_gets_what_minimum_powers_leave(name: str) -> None:
    """Together they draw 6.9 of 10 kW, as another one would need 4."""
    two = [car(ev, energy_kwh=50, min_power_kw=4.0, max_power_kw=7) for ev in ("a", "b")]
    schedule = solve(name, problem([0.1, 0.2], *two, limit_kw=10))
    assert schedule.total_kw == approx([10, 10])


def test_as_many_are_served_as_can_charge_at_a_time() -> None:
    """Of fifty, four charge in each of three hours; nobody twice before another once."""
    evs = [car(str(index), energy_kwh=18, **FIXED) for index in range(50)]
    schedule = optimal(problem([0.1, 0.2, 0.3], *evs, limit_kw=17))
    assert sorted(ev.energy_kwh for ev in schedule.evs)[-12:] == approx([4] * 12)


def test_who_is_served_worst_comes_first() -> None:
    evs = [car(name, energy_kwh=20, **FIXED, priority=p) for name, p in (("low", 1), ("high", 2))]
    schedule = optimal(problem([0.1], *evs, limit_kw=5))
    assert planned(schedule, "high").energy_kwh == approx(4)


@each_algorithm
def test_what_is_filled_in_keeps_the_sun_for_those_who_charge_from_nothing_else(name: str) -> None:
    solar = car("solar", energy_kwh=20, surplus_only=True, min_power_kw=1.4)
    other = car("other", energy_kwh=50, max_power_kw=7)
    schedule = solve(name, problem([0.2] * 4, solar, other, pv_kw=(0, 6, 6, 0), limit_kw=9))
    assert planned(schedule, "other").energy_kwh <= 28


@each_algorithm
@given(asked=everything())
@settings(thoroughly, max_examples=150)
def test_no_car_is_short_beside_what_it_could_have(name: str, asked: Problem) -> None:
    solve(name, asked)


def crowd(seed: int, count: int) -> Problem:
    """Return a problem in which there is too little for many cars of all kinds."""
    rng = random.Random(seed)  # noqa: S311 - reproducible, not secret
    steps, step_h = rng.choice((4, 12)), rng.choice((0.25, 1.0))
    evs = []
    for index in range(count):
        phases = rng.choice((PHASES, PHASES, ("L1",), ("L2",), ("L3",), ("L1", "L2")))
        minimum = rng.choice((0.0, 1.38, 1.38, 1.38)) * len(phases)
        begin = rng.uniform(-1, 0.8 * steps * step_h)
        sometimes: dict[str, Any] = {
            "at_once": True,
            "surplus_only": True,
            "charging": True,
            "limit_energy_kwh": rng.uniform(0, 20),
            "min_energy_kwh": rng.uniform(0, 10),
            "taper": (Taper(energy_kwh=rng.uniform(0, 10), max_power_kw=3.0),),
        }
        evs.append(
            car(
                str(index),
                (begin, begin + rng.uniform(0.1, steps * step_h)),
                energy_kwh=rng.choice((0.5, 3, 10, 30, 60)),
                min_power_kw=minimum,
                max_power_kw=max(minimum, rng.choice((3.68, 7.4, 11.04))),
                power_step_kw=rng.choice((0, 0, 0.23 * len(phases))),
                efficiency=rng.choice((1, 0.9)),
                phases=phases,
                priority=rng.choice((1, 1, 3)),
                circuit=rng.choice((None, "garage", "row")),
                **{key: value for key, value in sometimes.items() if rng.random() < 0.1},
            )
        )
    limit = rng.uniform(3, count)
    return problem(
        [rng.uniform(-0.1, 0.4) for _ in range(steps)],
        *evs,
        step_h=step_h,
        limit_kw=limit,
        phase_limit_kw=limit / rng.choice((2, 3)),
        pv_kw=[rng.choice((0, rng.uniform(0, limit))) for _ in range(steps)],
        export_price=0.05,
        circuits={
            "garage": {"limit_kw": 0.6 * limit},
            "row": {"parent": "garage", "phase_limit_kw": 0.2 * limit},
        },
        start_cost=rng.choice((0.0, 0.05)),
    )


@each_algorithm
@pytest.mark.parametrize("seed", range(40))
def test_no_car_of_a_crowd_is_short_beside_what_it_could_have(name: str, seed: int) -> None:
    solve(name, crowd(seed, 2 + seed % 11), time_limit_s=3)


@each_algorithm
@pytest.mark.parametrize(("seed", "count"), [(1, 100), (2, 200), (3, 300)])
def test_no_car_of_hundreds_is_short_beside_what_it_could_have(
    name: str, seed: int, count: int
) -> None:
    solve(name, crowd(seed, count), time_limit_s=5)


@each_algorithm
def test_a_car_that_charges_at_once_is_no_slower_before_a_step_that_is_filled(name: str) -> None:
    """Its charger knows two powers, and the higher one fits in one step only."""
    ev = car(
        energy_kwh=13.7, min_power_kw=4.14, max_power_kw=11.04, power_step_kw=6.9, at_once=True
    )
    asked = problem([0.3, 0.1, 0.4, 0.2], ev, limit_kw=(6, 9, 12, 4.25))
    assert limits(solve(name, asked)) == approx([4.14, 4.14, 11.04, 0])
