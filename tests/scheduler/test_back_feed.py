"""What flows back: through which limits, on which phases, and from how full a battery."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.optivgi.scheduler import (
    EV,
    PHASES,
    EVSchedule,
    Problem,
    Schedule,
    SinglePhase,
    SolveStatus,
    Taper,
)
from custom_components.optivgi.scheduler.quantities.solve_result import SolveResult
from custom_components.optivgi.scheduler.report.report import build_schedule

from .builders import (
    approx,
    assert_sound,
    battery_kw,
    car,
    giving,
    optimal,
    planned,
    problem,
    storage,
    switches,
)
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
    assert returned(schedule) - battery_kw(schedule)[1] == approx(9)
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
        replace(ev, phases=PHASES, line_to_line=False, phases_used=None, single_phase=single)
        if ev.discharge is not None
        else ev
        for ev in asked.evs
    )
    optimal(replace(asked, evs=loaded))


# From how full a battery.


def told(asked: Problem, drawn: Sequence[float], returned_kw: Sequence[float]) -> EVSchedule:
    """Return what is told of a plan for one car that gives."""
    result = SolveResult(
        algorithm="hand",
        status=SolveStatus.FEASIBLE,
        discharge_kw={"car": np.array(returned_kw)},
    )
    schedule = build_schedule(asked, [np.array(drawn)], result)
    assert_sound(asked, schedule)
    return planned(schedule)


def test_what_rounding_takes_cannot_be_given() -> None:
    """Of 5.9 kW whole steps of 2 leave 4, so 4 kWh can be given."""
    empty = giving(stored_kwh=0, max_power_kw=8.0)
    coarse = giver(power_step_kw=2.0, discharge=empty)
    asked = problem(CHEAP_THEN_DEAR, coarse, limit_kw=5.9, **SELLING)
    answer = told(asked, (5.9, 0), (0, 5.9))
    assert answer.limit_kw == approx([4, 0])
    assert answer.discharge_kw == approx([0, 4])


def test_what_tapers_cannot_be_given() -> None:
    empty = giving(stored_kwh=0, max_power_kw=8.0)
    slow = giver(discharge=empty, taper=(Taper(energy_kwh=3.0, max_power_kw=0.0),))
    answer = told(problem(CHEAP_THEN_DEAR, slow, **SELLING), (5, 0), (0, 5))
    assert answer.discharge_kw == approx([0, 3])


def test_less_than_the_least_a_car_can_give_is_nothing() -> None:
    empty = giving(stored_kwh=0, max_power_kw=8.0, min_power_kw=5.0)
    coarse = giver(power_step_kw=2.0, discharge=empty)
    asked = problem(CHEAP_THEN_DEAR, coarse, limit_kw=5.9, **SELLING)
    assert told(asked, (5.9, 0), (0, 5.9)).discharge_kw == approx([0, 0])


def test_who_gives_less_is_charged_with_less_again() -> None:
    """What is not given need not be charged afterwards."""
    some = giving(stored_kwh=4, max_power_kw=8.0, min_power_kw=5.0)
    coarse = giver(power_step_kw=2.0, discharge=some)
    asked = problem([0.1, 0.5, 0.1], coarse, limit_kw=(1.9, 9, 9), export_price=0.4)
    answer = told(asked, (1.9, 0, 4), (0, 5.9, 0))
    assert answer.discharge_kw == approx([0, 0, 0])
    assert answer.limit_kw == approx([0, 0, 0])


def test_who_gives_less_is_not_filled_beyond_its_battery() -> None:
    full = giving(stored_kwh=19, capacity_kwh=20, max_power_kw=8.0, min_power_kw=4.0)
    asked = problem([0.5, 0.5, 0.1], giver(power_step_kw=2.0, discharge=full), export_price=0.4)
    answer = told(asked, (1, 0, 6), (0, 3, 0))
    assert max(accumulate(answer.limit_kw)) <= 1


def test_a_battery_does_not_charge_only_to_give_at_once() -> None:
    """With energy worth nothing, what it does at once is stored nowhere."""
    asked = problem([0.0, 0.0, 0.3], pv_kw=(6, 6, 0), base_load_kw=(0, 0, 4), battery=storage())
    schedule = optimal(asked)
    assert -battery_kw(schedule)[2] == approx(4)
    assert sum(battery_kw(schedule)[:2]) == approx(4)


@given(asked=everything(), step_kw=st.sampled_from((0.23, 0.69, 3.0)))
@settings(thoroughly, max_examples=100)
def test_no_battery_is_emptier_than_it_may_be(asked: Problem, step_kw: float) -> None:
    cars = tuple(
        replace(ev, power_step_kw=step_kw, discharge=giving(max_power_kw=7.0, stored_kwh=1.0))
        for ev in asked.evs
    )
    free = tuple(max(0.0, price) for price in asked.site.import_price)
    optimal(replace(asked, evs=cars, site=replace(asked.site, import_price=free, export_price=())))
