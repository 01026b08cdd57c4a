"""The problems to measure are the same at every run, and what their names say."""

from benchmarks.instances import CASES, OVERSUBSCRIPTION, Case, _problem, case_named, make
from benchmarks.relaxation import least_shortage_kwh, most_kwh
from benchmarks.shares import oversubscribe, reachable_kwh
import pytest

from custom_components.optivgi.scheduler import Problem

SMALL = [case for case in CASES if case.cars <= 50]


def present_fraction(problem: Problem) -> float:
    """Return the part of all (car, step) cells in which the car is there."""
    hours = [sum(problem.present_h(ev)) for ev in problem.evs]
    return sum(hours) / (len(hours) * sum(problem.horizon.step_h))


@pytest.mark.parametrize("case", SMALL, ids=lambda case: case.name)
def test_a_problem_is_the_same_at_every_run(case: Case) -> None:
    first = make(case, start_cost=False)
    _problem.cache_clear()
    assert make(case, start_cost=False) == first
    assert make(case, start_cost=False, seed=2) != first


@pytest.mark.parametrize("case", SMALL, ids=lambda case: case.name)
def test_a_case_is_what_its_name_says(case: Case) -> None:
    problem = make(case, start_cost=True)
    assert case.name.endswith(f"-{len(problem.evs)}-{len(problem.horizon)}")
    assert problem.start_cost > 0
    assert least_shortage_kwh(problem) == pytest.approx(0, abs=1e-6)


def test_the_names_are_unique_and_cover_what_is_promised() -> None:
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)
    garages = [f"garage-{cars}-96" for cars in (10, 50, 100, 200, 500, 1000)]
    homes = [f"home-{cars}-{steps}" for cars in (1, 2, 4) for steps in (96, 192)]
    rest = ["dense-100-96", "dense-500-96", "over-100-96", "over-500-96", "minute-50-480"]
    assert {*garages, *homes, *rest} <= set(names)


def test_cars_in_a_garage_are_there_for_part_of_the_time() -> None:
    garage = make(case_named("garage-100-96"), start_cost=False)
    assert 0.35 < present_fraction(garage) < 0.45
    assert present_fraction(make(case_named("dense-100-96"), start_cost=False)) == 1


def test_an_oversubscribed_site_asks_for_more_than_it_can_deliver_but_not_any_car_alone() -> None:
    problem = make(Case("over-10-48", 10, 48, "over"), start_cost=False)
    asked = sum(ev.energy_kwh for ev in problem.evs)
    assert asked == pytest.approx(OVERSUBSCRIPTION * most_kwh(problem), rel=1e-3)
    assert all(ev.energy_kwh < reachable_kwh(problem, ev) for ev in problem.evs)


def test_a_site_that_can_deliver_everything_cannot_be_oversubscribed() -> None:
    with pytest.raises(ValueError, match="whatever is asked"):
        oversubscribe(make(case_named("home-1-96"), start_cost=False), OVERSUBSCRIPTION)
