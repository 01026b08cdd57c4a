"""Problems whose plan is known by hand, one for each thing the scheduler can do."""

from typing import Any

import pytest

from custom_components.optivgi.scheduler import ShortfallCause, SolveStatus, algorithm_names

from .builders import approx, car, limits, optimal, problem, solve, starts

both = pytest.mark.parametrize("name", algorithm_names())


@both
def test_the_cheapest_steps_are_used(name: str) -> None:
    schedule = solve(name, problem([0.3, 0.1, 0.4, 0.2], car(energy_kwh=15)))
    assert limits(schedule) == approx([0, 11, 0, 4])
    assert schedule.cost == approx(11 * 0.1 + 4 * 0.2)
    assert schedule.evs[0].cost_at_once == approx(11 * 0.3 + 4 * 0.1)
    assert schedule.evs[0].energy_kwh == approx(15)


@both
def test_ties_charge_earlier(name: str) -> None:
    schedule = solve(name, problem([0.2] * 24, car(energy_kwh=25)))
    # In the first hours that suffice, at the full power or at a constant one.
    assert sum(limits(schedule)[:3]) == approx(25)


def test_ties_charge_earlier_in_quarter_hours_with_a_minimum() -> None:
    asked = problem(
        [0.2] * 96, car(energy_kwh=10.5, min_power_kw=4.14), step_h=0.25, start_cost=0.02
    )
    schedule = optimal(asked)
    assert sum(limits(schedule)[:4]) * 0.25 == approx(10.5)


@both
def test_nothing_is_free_to_waste(name: str) -> None:
    assert limits(solve(name, problem([0.0, 0.0], car(energy_kwh=4)))) == approx([4, 0])


@both
def test_negative_prices_do_not_overcharge(name: str) -> None:
    asked = problem([0.1, -0.3, -0.2], car(energy_kwh=13, min_power_kw=4.0))
    schedule = solve(name, asked)
    assert schedule.evs[0].energy_kwh == approx(13)
    assert limits(schedule)[0] == 0


@both
def test_charging_stays_between_arrival_and_departure(name: str) -> None:
    asked = problem([0.1, 0.2, 0.3, 0.1], car(stay=(1, 3), energy_kwh=12))
    assert limits(solve(name, asked)) == approx([0, 11, 1, 0])


@both
def test_energy_counts_only_while_the_car_is_there(name: str) -> None:
    asked = problem([0.1, 0.2], car(stay=(0.5, 2), energy_kwh=6.5))
    assert limits(solve(name, asked)) == approx([11, 1])


@both
def test_steps_may_differ_in_length(name: str) -> None:
    asked = problem([0.1, 0.2, 0.3], car(energy_kwh=5), step_h=(0.1, 0.25, 1.0))
    assert limits(solve(name, asked)) == approx([11, 11, 5 - 1.1 - 2.75])


@both
def test_losses_are_bought_too(name: str) -> None:
    schedule = solve(name, problem([0.1, 0.2], car(energy_kwh=9, efficiency=0.9)))
    assert limits(schedule) == approx([10, 0])
    assert schedule.cost == approx(1.0)


@both
def test_the_last_slot_is_trimmed_and_no_power_is_below_the_minimum(name: str) -> None:
    # 12 kWh are 11 + 1, but 1 kW is below the minimum.
    schedule = solve(name, problem([0.1, 0.2, 0.3], car(energy_kwh=12, min_power_kw=4)))
    assert limits(schedule) == approx([8, 4, 0])


@both
def test_at_once_trims_the_last_slot_too(name: str) -> None:
    schedule = solve(name, problem([0.1] * 3, car(energy_kwh=12, min_power_kw=4, at_once=True)))
    assert limits(schedule) == approx([8, 4, 0])


@both
def test_less_than_a_slot_at_minimum_is_one_slot(name: str) -> None:
    schedule = solve(name, problem([0.3, 0.2], car(energy_kwh=1, min_power_kw=4)))
    assert limits(schedule) == approx([0, 4])
    assert schedule.evs[0].shortfall_kwh == 0


def test_a_charger_with_one_power_rounds_up() -> None:
    asked = problem([0.3, 0.2, 0.1], car(energy_kwh=5, min_power_kw=3.6, max_power_kw=3.6))
    schedule = optimal(asked)
    assert limits(schedule) == approx([0, 3.6, 3.6])
    assert schedule.status is SolveStatus.OPTIMAL


@both
def test_base_load_and_limit_leave_room_for_one(name: str) -> None:
    asked = problem(
        [0.1, 0.2, 0.3],
        car("a", energy_kwh=8, min_power_kw=4),
        car("b", energy_kwh=8, min_power_kw=4),
        limit_kw=12,
        base_load_kw=(6, 2, 2),
    )
    schedule = solve(name, asked)
    assert all(ev.shortfall_kwh == 0 for ev in schedule.evs)
    # 6 kW are too little for both at once, and 6 + 2 kWh would be below the minimum.
    assert schedule.total_kw == approx([4, 8, 4])


@both
def test_one_phase_cars_share_a_phase(name: str) -> None:
    asked = problem(
        [0.1, 0.2],
        car("a", energy_kwh=5, max_power_kw=7, phases=("L1",)),
        car("b", energy_kwh=5, max_power_kw=7, phases=("L1",)),
        car("c", energy_kwh=5, max_power_kw=7, phases=("L2",)),
        phase_limit_kw=5.5,
    )
    schedule = solve(name, asked)
    assert schedule.total_kw == approx([10.5, 4.5])
    assert limits(schedule, "c") == approx([5, 0])


@both
def test_surplus_costs_what_exporting_it_would_earn(name: str) -> None:
    asked = problem(
        [0.2, 0.3, 0.3], car(energy_kwh=6), pv_kw=(0, 7, 0), base_load_kw=1, export_price=0.08
    )
    schedule = solve(name, asked)
    assert limits(schedule) == approx([0, 6, 0])
    assert schedule.cost == approx(6 * 0.08)


@both
def test_energy_beyond_the_surplus_comes_from_the_cheapest_step(name: str) -> None:
    asked = problem([0.2, 0.3, 0.1], car(energy_kwh=9), pv_kw=(0, 5, 0), export_price=0.05)
    schedule = solve(name, asked)
    assert limits(schedule) == approx([0, 5, 4])
    assert schedule.cost == approx(5 * 0.05 + 4 * 0.1)


def test_exporting_may_earn_more_than_importing_costs() -> None:
    # The first 5 kW there cost 0.2 each, only what comes on top costs 0.05.
    asked = problem([0.05, 0.12], car(energy_kwh=5), pv_kw=(5, 0), export_price=0.2)
    schedule = optimal(asked)
    assert limits(schedule) == approx([0, 5])
    assert schedule.cost == approx(0.6)


@both
def test_starts_cost_makes_one_run(name: str) -> None:
    prices = [0.10, 0.11, 0.10, 0.11, 0.10]
    free = optimal(problem(prices, car(energy_kwh=33)))
    asked = problem(prices, car(energy_kwh=33, min_power_kw=4), start_cost=0.2)
    schedule = solve(name, asked)
    assert starts(asked, free) == 3
    if name == "optimal":
        assert starts(asked, schedule) == 1


def test_a_car_that_charges_goes_on_rather_than_starting_anew() -> None:
    prices = [0.12, 0.30, 0.10]
    begins = optimal(problem(prices, car(energy_kwh=11, min_power_kw=4), start_cost=0.5))
    charging = car(energy_kwh=11, min_power_kw=4, charging=True)
    goes_on = optimal(problem(prices, charging, start_cost=0.5))
    assert limits(begins) == approx([0, 0, 11])
    assert limits(goes_on) == approx([11, 0, 0])


@both
def test_at_once_ignores_prices_and_goes_before_the_others(name: str) -> None:
    asked = problem(
        [0.9, -0.5, 0.1],
        car("smart", energy_kwh=10),
        car("now", energy_kwh=20, at_once=True),
        limit_kw=11,
    )
    schedule = solve(name, asked)
    assert limits(schedule, "now") == approx([11, 9, 0])
    assert limits(schedule, "smart") == approx([0, 2, 8])
    now = schedule.ev("now")
    assert now is not None
    assert now.cost == now.cost_at_once


@both
def test_two_at_once_share_by_need(name: str) -> None:
    asked = problem(
        [0.1, 0.1],
        car("a", energy_kwh=10, at_once=True),
        car("b", energy_kwh=20, max_power_kw=22, at_once=True),
        limit_kw=10,
    )
    schedule = solve(name, asked)
    assert [ev.energy_kwh for ev in schedule.evs] == approx([20 / 3, 40 / 3])


@both
def test_surplus_only_takes_what_the_others_leave(name: str) -> None:
    asked = problem(
        [0.3, 0.3, 0.3],
        car("sun", energy_kwh=20, surplus_only=True, min_power_kw=1.4),
        car("now", energy_kwh=2, at_once=True),
        pv_kw=(5, 2, 4),
        base_load_kw=1,
    )
    schedule = solve(name, asked)
    # 4, 1 and 3 kW of surplus; 2 kW of the first are taken, the second is below the minimum.
    assert limits(schedule, "sun") == approx([2, 0, 3])
    sun = schedule.ev("sun")
    assert sun is not None
    assert sun.shortfall_kwh == approx(15)
    assert sun.shortfall_cause is ShortfallCause.SURPLUS
    assert sun.cost == approx(0)


@both
def test_no_capacity_means_no_charging(name: str) -> None:
    asked = problem([0.1, 0.1], car(min_power_kw=4), limit_kw=(0, 3), base_load_kw=5)
    schedule = solve(name, asked)
    assert limits(schedule) == (0, 0)
    assert schedule.evs[0].shortfall_cause is ShortfallCause.SITE_LIMIT


@both
def test_an_impossible_wish_does_not_drag_the_others(name: str) -> None:
    asked = problem(
        [0.1] * 4,
        car("brief", stay=(0, 1), energy_kwh=60),
        car("patient", energy_kwh=20),
        limit_kw=22,
    )
    schedule = solve(name, asked)
    brief, patient = schedule.evs
    assert brief.energy_kwh == approx(11)
    assert brief.shortfall_kwh == approx(49)
    assert brief.shortfall_cause is ShortfallCause.WINDOW
    assert patient.energy_kwh == approx(20)


@both
def test_a_shortage_is_shared_by_equal_fractions(name: str) -> None:
    asked = problem(
        [0.1, 0.2], car("a", energy_kwh=10), car("b", energy_kwh=20, max_power_kw=22), limit_kw=10
    )
    schedule = solve(name, asked)
    assert [ev.energy_kwh for ev in schedule.evs] == pytest.approx([20 / 3, 40 / 3], abs=1e-3)
    assert {ev.shortfall_cause for ev in schedule.evs} == {ShortfallCause.SITE_LIMIT}


def test_a_shortage_is_shared_by_priority() -> None:
    asked = problem(
        [0.1, 0.1],
        car("a", energy_kwh=15, priority=2),
        car("b", energy_kwh=15),
        limit_kw=10,
    )
    # 10 of 30 kWh are missing: one third of them from a, two thirds from b.
    schedule = optimal(asked)
    assert [ev.shortfall_kwh for ev in schedule.evs] == pytest.approx([10 / 3, 20 / 3], abs=1e-3)


def test_who_is_not_in_the_bottleneck_gets_everything() -> None:
    asked = problem(
        [0.1, 0.1],
        car("a", energy_kwh=10, stay=(0, 1)),
        car("b", energy_kwh=10, stay=(0, 1)),
        car("c", energy_kwh=10, stay=(1, 2)),
        limit_kw=10,
    )
    schedule = optimal(asked)
    assert [ev.energy_kwh for ev in schedule.evs] == pytest.approx([5, 5, 10], abs=1e-3)


def test_minimum_powers_that_do_not_fit_together_take_turns() -> None:
    asked = problem(
        [0.1, 0.2],
        car("a", energy_kwh=6, min_power_kw=4),
        car("b", energy_kwh=6, min_power_kw=4),
        limit_kw=6,
    )
    schedule = optimal(asked)
    assert schedule.total_kw == approx([6, 6])
    assert all(ev.shortfall_kwh == 0 for ev in schedule.evs)


def test_two_identical_minimum_powers_in_one_step_serve_one() -> None:
    asked = problem(
        [0.1],
        car("a", energy_kwh=6, min_power_kw=4),
        car("b", energy_kwh=6, min_power_kw=4),
        limit_kw=6,
    )
    assert sorted(ev.energy_kwh for ev in optimal(asked).evs) == approx([0, 6])


def test_a_crowded_garage_is_shared_fairly_in_spite_of_minimum_powers() -> None:
    cars = [
        car(f"car-{index}", energy_kwh=12 + index, min_power_kw=4.14, max_power_kw=11)
        for index in range(6)
    ]
    asked = problem([0.2 + 0.01 * step for step in range(16)], *cars, step_h=0.25, limit_kw=13.5)
    schedule = optimal(asked)
    possible = 13.5 * 4 / sum(ev.energy_kwh for ev in cars)
    fractions = [
        planned.energy_kwh / ev.energy_kwh for ev, planned in zip(cars, schedule.evs, strict=True)
    ]
    assert min(fractions) == pytest.approx(possible, rel=0.02)
    assert sum(ev.energy_kwh for ev in schedule.evs) == pytest.approx(13.5 * 4, rel=0.005)


@both
def test_a_minimum_above_the_maximum_cannot_charge(name: str) -> None:
    schedule = solve(name, problem([0.1], car(min_power_kw=4, max_power_kw=3)))
    assert limits(schedule) == (0,)
    assert schedule.evs[0].shortfall_cause is ShortfallCause.WINDOW


def test_the_household_is_proven() -> None:
    asked = problem(
        [0.2 + 0.1 * (index % 7) / 7 for index in range(96)],
        car("a", energy_kwh=30, min_power_kw=4.14),
        car("b", energy_kwh=20, min_power_kw=1.38, max_power_kw=7.4, phases=("L2",)),
        step_h=0.25,
        limit_kw=17.25,
        phase_limit_kw=5.75,
        base_load_kw=0.5,
        start_cost=0.02,
    )
    schedule = optimal(asked)
    assert schedule.status is SolveStatus.OPTIMAL
    assert schedule.gap is not None
    assert schedule.gap <= 0.01
    assert schedule.build_ms > 0
    assert schedule.solve_ms > 0


def test_a_garage_too_large_to_search_is_shared_fairly_in_spite_of_minimum_powers() -> None:
    """Only one of the cars fits at a time, though the limit seems to suffice for nearly two."""
    cars = [
        car(f"car-{index}", energy_kwh=6, min_power_kw=4.14, max_power_kw=4.5)
        for index in range(24)
    ]
    prices = [0.1 + 0.001 * (step % 7) for step in range(96)]
    schedule = optimal(problem(prices, *cars, step_h=0.25, limit_kw=8))
    energies = [ev.energy_kwh for ev in schedule.evs]
    assert sum(energies) > 24 * 4.4
    assert min(energies) > 4.4


def test_charging_at_once_is_compared_at_powers_that_can_be_set() -> None:
    steps: dict[str, Any] = {"min_power_kw": 4.14, "power_step_kw": 0.69}
    rising = [0.1, 0.2, 0.3]
    schedule = optimal(problem(rising, car(energy_kwh=11.04, **steps), limit_kw=6.0))
    # 5.52 kW can be set of the 6 kW there are.
    assert schedule.cost_at_once == approx(5.52 * 0.1 + 5.52 * 0.2)
