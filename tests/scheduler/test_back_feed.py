"""What flows back: through which limits, on which phases, and from how full a battery."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
import pytest

from custom_components.optivgi.scheduler import EV, PHASES, Problem, Schedule, SinglePhase

from .builders import approx, car, giving, optimal, planned, problem, storage, switches
from .test_conformance import everything, thoroughly

CHEAP_THEN_DEAR = [0.1, 0.5]
SELLING: dict[str, Any] = {"export_price": (0.0, 0.4)}


def giver(ev_id: str = "car", **fields: Any) -> EV:
    """Return a car that need not be charged, and gains by charging early and giving late."""
    return car(ev_id, **({"energy_kwh": 0, "discharge": giving(max_power_kw=8.0)} | fields))


def returned(schedule: Schedule, step: int = 1) -> float:
    """Return what all cars give together."""
    return sum(ev.discharge_kw[step] for ev in schedule.evs)


def peak(schedule: Schedule, part: str) -> tuple[float, int]:
    found = next(peak for peak in schedule.peaks if peak.id == part)
    return found.peak_kw, found.step


def test_cars_together_give_no_more_than_their_circuit_carries() -> None:
    two = [giver(name, circuit="garage") for name in ("a", "b")]
    asked = problem(CHEAP_THEN_DEAR, *two, circuits={"garage": {"limit_kw": 10}}, **SELLING)
    assert returned(optimal(asked)) == approx(10)
    assert peak(optimal(asked), "garage") == approx((10, 0))


def test_cars_together_give_no_more_than_their_phase_carries() -> None:
    on_one = [giver(name, phases=("L2",), max_power_kw=8.0) for name in ("a", "b")]
    asked = problem(CHEAP_THEN_DEAR, *on_one, phase_limit_kw=9, **SELLING)
    assert returned(optimal(asked)) == approx(9)


@pytest.mark.parametrize(("limit", "expected"), [(9.0, 9.0), (20.0, 16.0)])
def test_each_conductor_carries_a_part_of_what_is_given_between_two_phases(
    limit: float, expected: float
) -> None:
    pair = [giver(name, phases=("L1", "L2"), line_to_line=True) for name in ("a", "b")]
    asked = problem(CHEAP_THEN_DEAR, *pair, phase_limit_kw=limit / 3**0.5, **SELLING)
    assert returned(optimal(asked)) == approx(expected)


def test_what_loads_use_need_not_flow_back() -> None:
    two = [giver(name) for name in ("a", "b")]
    asked = problem(CHEAP_THEN_DEAR, *two, limit_kw=(99, 10), base_load_kw=3, **SELLING)
    schedule = optimal(asked)
    assert returned(schedule) == approx(13)
    assert peak(schedule, "site") == approx((10, 1))


def test_sun_that_flows_back_leaves_less_for_cars() -> None:
    two = [giver(name) for name in ("a", "b")]
    asked = problem(CHEAP_THEN_DEAR, *two, limit_kw=(99, 10), pv_kw=(0, 4), **SELLING)
    assert returned(optimal(asked)) == approx(6)


def test_a_car_that_draws_makes_no_room_for_one_that_gives() -> None:
    """It may stop at any time."""
    late = car("late", (1, 2), energy_kwh=5)
    asked = problem(CHEAP_THEN_DEAR, giver(), late, limit_kw=(99, 6), **SELLING)
    assert planned(optimal(asked)).discharge_kw == approx([0, 6])


def test_cars_and_a_home_battery_share_the_way_back() -> None:
    battery = storage(stored_kwh=10, max_discharge_kw=5, end_price=0.0)
    asked = problem(CHEAP_THEN_DEAR, giver(), limit_kw=(99, 9), battery=battery, **SELLING)
    schedule = optimal(asked)
    assert returned(schedule) - schedule.battery_kw[1] == approx(9)
    assert peak(schedule, "site") == approx((9, 1))


def test_a_home_battery_with_a_plan_of_its_own_gives_first() -> None:
    battery = storage(stored_kwh=10, given_kw=(0.0, -3.0))
    asked = problem(CHEAP_THEN_DEAR, giver(), limit_kw=(99, 9), battery=battery, **SELLING)
    assert returned(optimal(asked)) == approx(6)


# Switching phases.


def switcher(**fields: Any) -> EV:
    one = SinglePhase(phase="L1", min_power_kw=1.4, max_power_kw=3.7, max_switches=9)
    return giver(min_power_kw=4.1, single_phase=replace(one, **fields))


def test_a_car_that_switches_gives_on_all_its_phases() -> None:
    """3.7 kW of sun are charged on one phase, and given back on three."""
    asked = problem(
        [0.5, 0.5],
        switcher(),
        limit_kw=30,
        phase_limit_kw=2.0,
        pv_phase_kw={"L1": (3.7, 0)},
        **SELLING,
    )
    schedule = optimal(asked)
    assert planned(schedule).limit_kw == approx([3.7, 0])
    assert planned(schedule).single_phase == (True, False)
    assert planned(schedule).discharge_kw == approx([0, 3.7])


def test_a_car_that_may_not_switch_back_cannot_give() -> None:
    asked = problem(CHEAP_THEN_DEAR, switcher(active=True, max_switches=1), limit_kw=3.7, **SELLING)
    schedule = optimal(asked)
    # On all phases it cannot charge, and from what it has it may not give more than it charged.
    assert planned(schedule).energy_kwh == approx(0)
    assert switches(asked.evs[0], planned(schedule)) <= 1


def test_what_is_charged_on_one_phase_can_be_given() -> None:
    empty = giving(stored_kwh=0, max_power_kw=8.0)
    asked = problem(CHEAP_THEN_DEAR, replace(switcher(), discharge=empty), limit_kw=3.7, **SELLING)
    assert planned(optimal(asked)).discharge_kw == approx([0, 3.7])


@given(everything())
@settings(thoroughly, max_examples=150)
def test_a_car_never_charges_while_it_gives(asked: Problem) -> None:
    single = SinglePhase(phase="L3", min_power_kw=1.38, max_power_kw=3.68, max_switches=3)
    loaded = tuple(
        replace(ev, phases=PHASES, line_to_line=False, single_phase=single)
        if ev.discharge is not None
        else ev
        for ev in asked.evs
    )
    optimal(replace(asked, evs=loaded))
