"""What cars ask for: each feature beside the plan without it, both known by hand."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.optivgi.scheduler import ShortfallCause, SolveStatus, Taper

from .builders import approx, car, limits, optimal, planned, problem, starts


def test_a_future_car_is_planned_with_those_that_are_there() -> None:
    prices = [0.3, 0.3, 0.1, 0.2]
    here = car("here", (-5, 4), energy_kwh=11)
    announced = car("announced", (2, 3), energy_kwh=11)
    alone = optimal(problem(prices, here, limit_kw=11))
    both = optimal(problem(prices, here, announced, limit_kw=11))
    assert limits(alone, "here") == approx([0, 0, 11, 0])
    assert limits(both, "here") == approx([0, 0, 0, 11])
    assert limits(both, "announced") == approx([0, 0, 11, 0])


def test_arrival_and_departure_within_a_step_count_for_their_part_of_it() -> None:
    prices = [0.1, 0.3, 0.2]
    whole = optimal(problem(prices, car(energy_kwh=9.25)))
    part = optimal(problem(prices, car(stay=(0.5, 2.25), energy_kwh=9.25)))
    assert limits(whole) == approx([9.25, 0, 0])
    # Half an hour and a quarter of one at 11 kW leave 1 kWh for the dear step.
    assert limits(part) == approx([11, 1, 11])
    assert part.cost == approx(5.5 * 0.1 + 1 * 0.3 + 2.75 * 0.2)


def test_efficiency_makes_a_car_draw_more_than_it_stores() -> None:
    prices = [0.2, 0.1]
    without = optimal(problem(prices, car(energy_kwh=11)))
    lossy = optimal(problem(prices, car(energy_kwh=11, efficiency=0.8)))
    assert limits(without) == approx([0, 11])
    assert limits(lossy) == approx([2.75, 11])
    assert lossy.evs[0].energy_kwh == approx(11)
    assert lossy.cost == approx(2.75 * 0.2 + 11 * 0.1)


def test_semi_continuous_power_is_nothing_or_at_least_the_minimum() -> None:
    sun: dict[str, Any] = {"pv_kw": (2, 2, 0), "export_price": 0.05}
    free = optimal(problem([0.3] * 3, car(energy_kwh=4), **sun))
    coarse = optimal(problem([0.3] * 3, car(energy_kwh=4, min_power_kw=4), **sun))
    assert limits(free) == approx([2, 2, 0])
    assert limits(coarse) == approx([4, 0, 0])
    assert coarse.cost - free.cost == approx(2 * (0.3 - 0.05))


def test_power_steps_leave_what_is_below_the_next_one() -> None:
    amperes: dict[str, Any] = {"min_power_kw": 4.14, "power_step_kw": 0.69}
    smooth = optimal(problem([0.1, 0.2], car(energy_kwh=11), limit_kw=7))
    coarse = optimal(problem([0.1, 0.2], car(energy_kwh=11.04, **amperes), limit_kw=7))
    assert limits(smooth) == approx([7, 4])
    assert limits(coarse) == approx([4.14 + 4 * 0.69, 4.14])


def test_power_steps_charge_no_more_than_one_step_too_much_at_negative_prices() -> None:
    tenths = car(energy_kwh=0.3, max_power_kw=2.3, power_step_kw=0.23)
    schedule = optimal(problem([-0.1, -0.2], tenths, step_h=0.25))
    # 1.2 kW would be enough.
    assert limits(schedule) == approx([0, 6 * 0.23])


# Taper: 10 kW up to 5 kWh, 4 kW from there on.

SLOWER = (Taper(energy_kwh=5, max_power_kw=4),)
FALLING = [0.5, 0.4, 0.3, 0.2, 0.1, 0.05]


def test_taper_makes_a_car_start_earlier() -> None:
    plain = car(energy_kwh=13, max_power_kw=10)
    without = optimal(problem(FALLING, plain, step_h=0.5))
    slower = optimal(problem(FALLING, replace(plain, taper=SLOWER), step_h=0.5))
    assert limits(without) == approx([0, 0, 0, 6, 10, 10])
    # 5 kWh at 10 kW first; then 2 kWh in each half hour, so that the last five are all needed.
    assert limits(slower)[:2] == approx([0, 10])
    assert all(power >= 4 - 1e-4 for power in limits(slower)[2:])
    assert slower.evs[0].shortfall_kwh == 0
    assert slower.cost == approx(5 * 0.4 + 2 * (0.3 + 0.2 + 0.1 + 0.05))


@pytest.mark.parametrize(
    ("step_h", "steps", "expected"),
    [(1.0, 1, 7.0), (0.5, 2, 7.0), (0.5, 3, 9.0), (0.25, 4, 7.0), (1.0, 2, 11.0)],
)
def test_taper_limits_what_the_battery_takes(step_h: float, steps: int, expected: float) -> None:
    asked = problem([0.1] * steps, car(energy_kwh=20, max_power_kw=10, taper=SLOWER), step_h=step_h)
    schedule = optimal(asked)
    assert schedule.evs[0].energy_kwh == approx(expected)
    assert schedule.evs[0].shortfall_kwh == approx(20 - expected)
    assert schedule.evs[0].shortfall_cause is ShortfallCause.WINDOW


@pytest.mark.parametrize(("steps", "expected"), [(1, 5.0), (2, 8.0), (3, 9.0), (4, 10.0)])
def test_taper_rates_come_in_their_order(steps: int, expected: float) -> None:
    taper = (Taper(energy_kwh=5, max_power_kw=6), Taper(energy_kwh=8, max_power_kw=2))
    asked = problem(
        [0.5, 0.3, 0.2, 0.1][:steps], car(energy_kwh=10, max_power_kw=10, taper=taper), step_h=0.5
    )
    # Slow energy cannot be had before the fast, however cheap the late steps are.
    assert optimal(asked).evs[0].energy_kwh == approx(expected)


def test_taper_leaves_room_for_another_car() -> None:
    full = car("full", energy_kwh=7, max_power_kw=10, taper=SLOWER)
    other = car("other", (0.5, 1), energy_kwh=3)
    schedule = optimal(problem([0.1, 0.1], full, other, step_h=0.5, limit_kw=10))
    assert limits(schedule, "full") == approx([10, 4])
    assert limits(schedule, "other") == approx([0, 6])


def test_taper_limits_what_is_due_at_once() -> None:
    taper = (Taper(energy_kwh=0, max_power_kw=4.015), Taper(energy_kwh=1, max_power_kw=2.015))
    wish = car(stay=(0.1, 1.35), energy_kwh=20, max_power_kw=8.38, min_energy_kwh=30, taper=taper)
    schedule = optimal(problem([0.1] * 5, wish, step_h=0.25))
    # It is there for 9 minutes of the first step and for all of the others.
    fast = 1 / 4.015
    assert schedule.evs[0].energy_kwh == approx(1 + (1.15 - fast) * 2.015)


# Tiers: what is due at once, what is wanted, what may come on top.


def test_min_energy_comes_at_once_even_when_dear() -> None:
    prices = [0.9, 0.1, 0.2]
    without = optimal(problem(prices, car(energy_kwh=15)))
    empty = optimal(problem(prices, car(energy_kwh=15, min_energy_kwh=5)))
    assert limits(without) == approx([0, 11, 4])
    assert limits(empty) == approx([5, 10, 0])


def test_min_energy_goes_on_in_the_next_step_where_one_does_not_suffice() -> None:
    asked = problem([0.9, 0.8, 0.1, 0.2], car(energy_kwh=15, min_energy_kwh=8), limit_kw=5)
    assert limits(optimal(asked)) == approx([5, 3, 5, 2])


def test_min_energy_goes_before_the_targets_of_others() -> None:
    shared = (car("empty"), car("other"))
    without = optimal(problem([0.1], *shared, limit_kw=10))
    empty = replace(shared[0], min_energy_kwh=10)
    schedule = optimal(problem([0.1], empty, shared[1], limit_kw=10))
    assert [ev.energy_kwh for ev in without.evs] == approx([5, 5])
    assert [ev.energy_kwh for ev in schedule.evs] == approx([10, 0])


def test_min_energy_goes_before_a_car_that_charges_at_once() -> None:
    hurry = car("hurry", energy_kwh=10, at_once=True)
    without = optimal(problem([0.1], car("empty"), hurry, limit_kw=10))
    schedule = optimal(problem([0.1], car("empty", min_energy_kwh=8), hurry, limit_kw=10))
    assert planned(without, "hurry").energy_kwh == approx(10)
    assert planned(schedule, "empty").energy_kwh == approx(8)
    assert planned(schedule, "hurry").energy_kwh == approx(2)


def test_min_energies_that_do_not_fit_are_shared() -> None:
    shared = [car(name, energy_kwh=10, min_energy_kwh=8) for name in ("a", "b")]
    schedule = optimal(problem([0.1, 0.9], *shared, car("c", (0, 1), energy_kwh=10), limit_kw=10))
    assert [ev.energy_kwh for ev in schedule.evs] == approx([10, 10, 0])
    assert limits(schedule, "a")[0] + limits(schedule, "b")[0] == approx(10)


def test_limit_energy_stops_a_car_and_is_told() -> None:
    prices = [0.1, -0.1, 0.2]
    without = optimal(problem(prices, car(energy_kwh=20)))
    full = optimal(problem(prices, car(energy_kwh=20, limit_energy_kwh=12)))
    assert without.evs[0].energy_kwh == approx(20)
    assert without.evs[0].shortfall_cause is None
    assert limits(full) == approx([1, 11, 0])
    assert full.evs[0].shortfall_kwh == approx(8)
    assert full.evs[0].shortfall_cause is ShortfallCause.CAR_LIMIT


def test_limit_energy_also_stops_what_is_due_at_once() -> None:
    asked = problem([0.1, 0.1], car(energy_kwh=20, min_energy_kwh=10, limit_energy_kwh=6))
    assert limits(optimal(asked)) == approx([6, 0])


EXTRA_PRICES = [0.3, 0.1, 0.05, 0.2]


@pytest.mark.parametrize(
    ("below", "expected"),
    [(None, [0, 0, 11, 0]), (0.08, [0, 0, 11, 0]), (0.15, [0, 11, 11, 0]), (9, [0, 11, 11, 9])],
)
def test_extra_energy_below_a_price(below: float | None, expected: list[float]) -> None:
    wish = car(energy_kwh=11, extra_energy_kwh=20, extra_below_price=below)
    schedule = optimal(problem(EXTRA_PRICES, wish))
    assert limits(schedule) == approx(expected)
    assert schedule.evs[0].extra_kwh == approx(sum(expected) - 11)
    assert schedule.evs[0].shortfall_kwh == 0


def test_extra_energy_is_never_more_expensive_than_reported() -> None:
    # 4 kWh at 0.4 to be ready do not make the third step cheap.
    wish = car(energy_kwh=15, extra_energy_kwh=9, extra_below_price=0.15)
    schedule = optimal(problem([0.4, 0.1, 0.3], wish))
    assert limits(schedule) == approx([0, 11, 4])
    assert schedule.evs[0].extra_kwh == approx(0)


def test_extra_energy_ends_at_the_limit_of_the_car() -> None:
    wish = car(energy_kwh=11, extra_energy_kwh=20, extra_below_price=0.15, limit_energy_kwh=15)
    schedule = optimal(problem(EXTRA_PRICES, wish))
    assert limits(schedule) == approx([0, 4, 11, 0])
    assert schedule.evs[0].extra_kwh == approx(4)


def test_extra_energy_takes_nothing_that_another_car_wants() -> None:
    wish = car("wish", energy_kwh=0, extra_energy_kwh=20, extra_below_price=0.15)
    wants = car("wants", (0, 1), energy_kwh=11)
    alone = optimal(problem([0.1, 0.12], wish, limit_kw=11))
    schedule = optimal(problem([0.1, 0.12], wish, wants, limit_kw=11))
    assert limits(alone, "wish") == approx([11, 9])
    assert limits(schedule, "wish") == approx([0, 11])
    assert limits(schedule, "wants") == approx([11, 0])


def test_extra_energy_from_surplus_that_would_be_exported() -> None:
    sun: dict[str, Any] = {"pv_kw": (5, 0, 2), "base_load_kw": 1, "export_price": 0.1}
    wish = car(energy_kwh=0, extra_energy_kwh=20)
    without = optimal(problem([0.3] * 3, wish, **sun))
    schedule = optimal(problem([0.3] * 3, replace(wish, extra_from_surplus=True), **sun))
    assert limits(without) == approx([0, 0, 0])
    assert limits(schedule) == approx([4, 0, 1])
    assert schedule.evs[0].extra_kwh == approx(5)
    assert schedule.cost == approx(5 * 0.1)


def test_extra_energy_from_surplus_draws_nothing_from_the_grid() -> None:
    wish = car(energy_kwh=0, extra_energy_kwh=20, extra_from_surplus=True, min_power_kw=4)
    schedule = optimal(problem([0.3, 0.3], wish, pv_kw=(3, 6)))
    assert limits(schedule) == approx([0, 6])


def test_extra_energy_comes_after_the_target_from_the_same_surplus() -> None:
    wish = car("wish", energy_kwh=0, extra_energy_kwh=20, extra_from_surplus=True)
    schedule = optimal(problem([0.3], wish, car("wants", energy_kwh=4), pv_kw=(6,)))
    assert limits(schedule, "wants") == approx([4])
    assert limits(schedule, "wish") == approx([2])


# Who gets what is too little, and what is told.


def test_priority_decides_who_misses_less() -> None:
    equal = (car("a", energy_kwh=15), car("b", energy_kwh=15))
    first = optimal(problem([0.1, 0.1], *equal, limit_kw=10))
    asked = problem([0.1, 0.1], replace(equal[0], priority=4), equal[1], limit_kw=10)
    assert [ev.shortfall_kwh for ev in first.evs] == pytest.approx([5, 5], abs=1e-3)
    assert [ev.shortfall_kwh for ev in optimal(asked).evs] == pytest.approx([2, 8], abs=1e-3)


def test_an_impossible_wish_is_told_and_drags_nobody() -> None:
    brief = car("brief", (0, 1), energy_kwh=60)
    patient = car("patient", energy_kwh=20)
    possible = optimal(problem([0.1] * 4, replace(brief, energy_kwh=11), patient, limit_kw=22))
    asked = optimal(problem([0.1] * 4, brief, patient, limit_kw=22))
    assert limits(asked, "brief") == approx(limits(possible, "brief"))
    assert planned(asked, "patient").shortfall_kwh == 0
    assert planned(asked, "brief").shortfall_kwh == approx(49)
    assert planned(asked, "brief").shortfall_cause is ShortfallCause.WINDOW
    assert not possible.concerns
    assert any(concern.ev == "brief" for concern in asked.concerns)


def test_start_cost_merges_blocks_of_charging() -> None:
    prices = [0.10, 0.11, 0.10, 0.11, 0.10]
    cheap = problem(prices, car(energy_kwh=33, min_power_kw=4))
    calm = replace(cheap, start_cost=0.2)
    assert starts(cheap, optimal(cheap)) == 3
    schedule = optimal(calm)
    assert starts(calm, schedule) == 1
    assert schedule.cost_split.starts == approx(0.2)
    assert schedule.status is SolveStatus.OPTIMAL


def test_charging_on_is_not_a_start() -> None:
    prices = [0.12, 0.30, 0.10]
    begins = car(energy_kwh=11, min_power_kw=4)
    anew = optimal(problem(prices, begins, start_cost=0.5))
    on = optimal(problem(prices, replace(begins, charging=True), start_cost=0.5))
    assert limits(anew) == approx([0, 0, 11])
    assert limits(on) == approx([11, 0, 0])
    assert anew.cost_split.starts == approx(0.5)
    assert on.cost_split.starts == approx(0)
