"""What is done when no algorithm answers: within all limits, whatever was planned before."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
import pytest

from custom_components.optivgi.scheduler import (
    Horizon,
    Problem,
    SinglePhase,
    SolveStatus,
    Taper,
    get_algorithm,
)
from custom_components.optivgi.scheduler.last_resort import charge_by_urgency, follow_last_plan

from .builders import approx, assert_sound, car, limits, planned, printed, problem
from .flows import accepted_kwh
from .test_conformance import everything, problems, thoroughly


@given(asked=everything())
@settings(thoroughly, max_examples=200)
def test_an_emergency_keeps_every_limit(asked: Problem) -> None:
    schedule = charge_by_urgency(asked)
    assert_sound(asked, schedule)
    assert schedule.status is SolveStatus.FALLBACK


@given(before=problems(), asked=everything())
@settings(thoroughly, max_examples=200)
def test_the_last_plan_keeps_every_limit_of_the_present(before: Problem, asked: Problem) -> None:
    for last in (before, asked):
        earlier = get_algorithm("go").solve(last, time_limit_s=5)
        schedule = follow_last_plan(asked, earlier)
        if schedule is not None:
            assert_sound(asked, schedule)


def test_neither_numpy_nor_a_solver_is_needed() -> None:
    code = (
        "import sys\n"
        "from custom_components.optivgi.scheduler import last_resort, runner\n"
        "print({'numpy', 'pulp', 'highspy'} & set(sys.modules))"
    )
    assert printed(code) == "set()"


def test_the_last_plan_is_shifted_to_the_present() -> None:
    before = problem([0.3, 0.1, 0.3], car(energy_kwh=11))
    earlier = get_algorithm("go").solve(before, time_limit_s=5)
    later = Horizon(start=before.horizon.start + timedelta(minutes=30), step_h=(0.5, 1.0, 1.0))
    schedule = follow_last_plan(replace(before, horizon=later), earlier)
    assert schedule is not None
    assert limits(schedule) == approx([0, 11, 0])
    assert planned(schedule).energy_kwh == approx(11)
    assert schedule.cost == approx(1.1)


def test_the_last_plan_is_cut_down_to_what_fits_by_now() -> None:
    cars = (car("a", energy_kwh=8, min_power_kw=4), car("b", (0, 5), energy_kwh=8, min_power_kw=4))
    earlier = get_algorithm("go").solve(problem([0.1, 0.2], *cars), time_limit_s=5)
    asked = problem([0.1, 0.2], *cars, car("new"), limit_kw=(10, 20))
    schedule = follow_last_plan(asked, earlier)
    assert schedule is not None
    assert_sound(asked, schedule)
    assert sorted((limits(schedule, "a"), limits(schedule, "b"))) == [(0, 0), (8, 0)]
    # The plan does not know it, but somebody has to charge it.
    assert limits(schedule, "new") == approx([1.38, 1.38])


@pytest.mark.parametrize("hours", [-5, 5])
def test_a_plan_for_another_time_says_nothing(hours: float) -> None:
    asked = problem([0.1, 0.1], car())
    earlier = get_algorithm("go").solve(asked, time_limit_s=5)
    moved = Horizon(start=asked.horizon.start + timedelta(hours=hours), step_h=(1.0, 1.0))
    assert follow_last_plan(replace(asked, horizon=moved), earlier) is None
    assert follow_last_plan(asked, None) is None
    assert follow_last_plan(asked, charge_by_urgency(asked)) is None


def test_a_car_charges_at_its_least_from_now_on() -> None:
    """At that power, a car that waited would not be ready."""
    asked = problem([0.9] * 6 + [0.1] * 2, car(stay=(0, 8), energy_kwh=22, min_power_kw=4))
    assert limits(charge_by_urgency(asked)) == approx([4, 4, 4, 4, 4, 4, 0, 0])


def test_the_most_urgent_is_first_where_not_all_fit() -> None:
    asked = problem(
        [0.1, 0.1, 0.1],
        car("later", (0, 3), energy_kwh=20, min_power_kw=4),
        car("soon", (0, 1), energy_kwh=10, min_power_kw=4),
        limit_kw=6,
    )
    schedule = charge_by_urgency(asked)
    assert limits(schedule, "soon") == approx([4, 0, 0])
    assert limits(schedule, "later") == approx([0, 4, 4])


def test_a_full_battery_takes_no_more() -> None:
    ev = car(
        stay=(0, 3),
        energy_kwh=6,
        at_once=True,
        min_power_kw=2,
        taper=(Taper(energy_kwh=1, max_power_kw=1),),
    )
    asked = problem([0.1, 0.1, 0.1], ev)
    schedule = charge_by_urgency(asked)
    told = planned(schedule).energy_kwh
    assert told == approx(accepted_kwh(ev, asked.present_h(ev), limits(schedule)))
    assert told == approx(6)


def test_the_last_plan_does_not_switch_phases_more_often_than_allowed() -> None:
    single = SinglePhase(phase="L1", min_power_kw=1.38, max_power_kw=3.68, max_switches=1)
    asked = problem([0.1] * 4, car(energy_kwh=20, min_power_kw=4.14, single_phase=single))
    own = get_algorithm("go").solve(asked, time_limit_s=5)
    flickering = replace(
        planned(own), limit_kw=(2.0, 5.0, 2.0, 5.0), single_phase=(True, False, True, False)
    )
    schedule = follow_last_plan(asked, replace(own, evs=(flickering,)))
    assert schedule is not None
    assert_sound(asked, schedule)
    assert limits(schedule)[0] == approx(2)
    assert planned(schedule).single_phase == (True,) * 4
