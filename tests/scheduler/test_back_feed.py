"""What flows back: through which limits, on which phases, and from how full a battery."""

from typing import Any

import pytest

from custom_components.optivgi.scheduler import EV, Schedule

from .builders import approx, car, giving, optimal, planned, problem, storage

CHEAP_THEN_DEAR = [0.1, 0.5]
SELLING: dict[str, Any] = {"export_price": (0.0, 0.4)}


def giver(ev_id: str = "car", **fields: Any) -> EV:
    """Return a car that need not be charged, and gains by charging early and giving late."""
    return car(ev_id, **({"energy_kwh": 0, "discharge": giving(max_power_kw=8.0)} | fields))


def given(schedule: Schedule, step: int = 1) -> float:
    """Return what all cars give together."""
    return sum(ev.discharge_kw[step] for ev in schedule.evs)


def peak(schedule: Schedule, part: str) -> tuple[float, int]:
    found = next(peak for peak in schedule.peaks if peak.id == part)
    return found.peak_kw, found.step


def test_cars_together_give_no_more_than_their_circuit_carries() -> None:
    two = [giver(name, circuit="garage") for name in ("a", "b")]
    asked = problem(CHEAP_THEN_DEAR, *two, circuits={"garage": {"limit_kw": 10}}, **SELLING)
    assert given(optimal(asked)) == approx(10)
    assert peak(optimal(asked), "garage") == approx((10, 0))


def test_cars_together_give_no_more_than_their_phase_carries() -> None:
    on_one = [giver(name, phases=("L2",), max_power_kw=8.0) for name in ("a", "b")]
    asked = problem(CHEAP_THEN_DEAR, *on_one, phase_limit_kw=9, **SELLING)
    assert given(optimal(asked)) == approx(9)


@pytest.mark.parametrize(("limit", "expected"), [(9.0, 9.0), (20.0, 16.0)])
def test_each_conductor_carries_a_part_of_what_is_given_between_two_phases(
    limit: float, expected: float
) -> None:
    pair = [giver(name, phases=("L1", "L2"), line_to_line=True) for name in ("a", "b")]
    asked = problem(CHEAP_THEN_DEAR, *pair, phase_limit_kw=limit / 3**0.5, **SELLING)
    assert given(optimal(asked)) == approx(expected)


def test_what_loads_use_need_not_flow_back() -> None:
    two = [giver(name) for name in ("a", "b")]
    asked = problem(CHEAP_THEN_DEAR, *two, limit_kw=(99, 10), base_load_kw=3, **SELLING)
    schedule = optimal(asked)
    assert given(schedule) == approx(13)
    assert peak(schedule, "site") == approx((10, 1))


def test_sun_that_flows_back_leaves_less_for_cars() -> None:
    two = [giver(name) for name in ("a", "b")]
    asked = problem(CHEAP_THEN_DEAR, *two, limit_kw=(99, 10), pv_kw=(0, 4), **SELLING)
    assert given(optimal(asked)) == approx(6)


def test_a_car_that_draws_makes_no_room_for_one_that_gives() -> None:
    """It may stop at any time."""
    late = car("late", (1, 2), energy_kwh=5)
    asked = problem(CHEAP_THEN_DEAR, giver(), late, limit_kw=(99, 6), **SELLING)
    assert planned(optimal(asked)).discharge_kw == approx([0, 6])


def test_cars_and_a_home_battery_share_the_way_back() -> None:
    battery = storage(stored_kwh=10, max_discharge_kw=5, end_price=0.0)
    asked = problem(CHEAP_THEN_DEAR, giver(), limit_kw=(99, 9), battery=battery, **SELLING)
    schedule = optimal(asked)
    assert given(schedule) - schedule.battery_kw[1] == approx(9)
    assert peak(schedule, "site") == approx((9, 1))


def test_a_home_battery_with_a_plan_of_its_own_gives_first() -> None:
    battery = storage(stored_kwh=10, given_kw=(0.0, -3.0))
    asked = problem(CHEAP_THEN_DEAR, giver(), limit_kw=(99, 9), battery=battery, **SELLING)
    assert given(optimal(asked)) == approx(6)
