"""The plan without a solver, where the highest power has a price."""

import random

from custom_components.optivgi.scheduler import PeakTariff, Problem, Schedule

from .builders import (
    approx,
    assert_sound,
    car,
    limits,
    objective,
    planned,
    problem,
    solve,
)


def go(asked: Problem) -> Schedule:
    return solve("go", asked)


def test_the_highest_power_so_far_is_used_and_not_raised() -> None:
    tariff = PeakTariff(price_per_kw=5, interval_h=1, today_kw=4)
    asked = problem([0.1, 0.3, 0.3, 0.3], car(energy_kwh=12), peak_tariffs=(tariff,))
    assert limits(go(asked)) == approx([4, 4, 4, 0])


def test_a_peak_is_raised_as_far_as_the_cars_need_it() -> None:
    tariff = PeakTariff(price_per_kw=5, interval_h=1)
    asked = problem([0.1, 0.3], car(energy_kwh=12), peak_tariffs=(tariff,))
    schedule = go(asked)
    assert planned(schedule).energy_kwh == approx(12)
    assert max(limits(schedule)) <= 6.5


def test_a_peak_that_costs_less_than_dear_energy_is_raised() -> None:
    tariff = PeakTariff(price_per_kw=0.01, interval_h=1)
    asked = problem([0.1, 0.3], car(energy_kwh=10), peak_tariffs=(tariff,))
    assert limits(go(asked)) == approx([10, 0])


def test_what_is_due_at_once_may_raise_a_peak() -> None:
    tariff = PeakTariff(price_per_kw=5, interval_h=1)
    asked = problem([0.1, 0.3], car(energy_kwh=10, at_once=True), peak_tariffs=(tariff,))
    assert limits(go(asked)) == approx([10, 0])


def test_no_car_loses_energy_for_a_peak_and_most_of_its_cost_is_saved() -> None:
    paid = {"go": 0.0, "optimal": 0.0}
    for seed in range(12):
        rng = random.Random(seed)  # noqa: S311 - reproducible, not secret
        steps = 24
        cars = [
            car(
                f"car-{index}",
                (rng.randrange(4), rng.randrange(12, steps)),
                energy_kwh=rng.uniform(5, 25),
                min_power_kw=1.4,
            )
            for index in range(2)
        ]
        asked = problem(
            [rng.uniform(0.1, 0.4) for _ in range(steps)],
            *cars,
            limit_kw=17,
            base_load_kw=[rng.uniform(0.2, 3) for _ in range(steps)],
            peak_tariffs=(PeakTariff(price_per_kw=1.5, interval_h=1),),
        )
        for name in paid:
            schedule = solve(name, asked)
            assert_sound(asked, schedule)
            assert sum(answer.shortfall_kwh for answer in schedule.evs) == 0
            paid[name] += objective(schedule)
    assert paid["go"] <= 1.05 * paid["optimal"]
