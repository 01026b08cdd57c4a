"""What plans cost, against answers known by hand."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from custom_components.optivgi.scheduler import (
    CostSplit,
    Horizon,
    PeakTariff,
    Problem,
    Schedule,
    SolveStatus,
    Taper,
)
from custom_components.optivgi.scheduler.quantities.costs import Flows, money_of
from custom_components.optivgi.scheduler.quantities.demand import Array
from custom_components.optivgi.scheduler.quantities.peaks import Billing, peak_cost
from custom_components.optivgi.scheduler.report.report import SolveResult, build_schedule, costs

from .builders import approx, at, battery_kw, car, giving, optimal, problem, storage


def told(asked: Problem, *powers: Sequence[float] | Array, **result: Any) -> Schedule:
    """Return the Schedule for given powers."""
    return build_schedule(
        asked,
        [np.array(own, dtype=np.float64) for own in powers],
        SolveResult(algorithm="hand", status=SolveStatus.FEASIBLE, **result),
    )


def split(asked: Problem, *powers: Sequence[float] | Array, **result: Any) -> CostSplit:
    return told(asked, *powers, **result).cost_split


# Energy.


def test_grid_energy_costs_its_price() -> None:
    asked = problem((0.3, 0.1), car(energy_kwh=8), step_h=(1, 0.5))
    assert costs(asked, [np.array([4.0, 8.0])]) == approx([4 * 0.3 + 4 * 0.1])
    assert split(asked, (4, 8)).grid == approx(1.6)


def test_surplus_comes_first_and_costs_what_its_export_would_have_earned() -> None:
    asked = problem((0.3,), car(energy_kwh=8), pv_kw=5, base_load_kw=2, export_price=0.08)
    plan = told(asked, (8,))
    assert (plan.cost_split.grid, plan.cost_split.surplus) == approx((1.5, 0.24))
    assert plan.cost == approx(5 * 0.3 + 3 * 0.08)


def test_cars_share_surplus_in_proportion_to_what_they_draw() -> None:
    asked = problem((0.3,), car("a"), car("b"), pv_kw=3, export_price=0.1)
    # a draws 2 of 6 kW, so 1 of 3 kW of surplus.
    assert costs(asked, [np.array([2.0]), np.array([4.0])]) == approx([0.4, 0.8])


def test_who_is_there_at_a_time_shares_the_surplus_of_that_time() -> None:
    asked = problem((0.3,), car("all"), car("half", (0, 0.5)), pv_kw=3, export_price=0.1)
    # Together they draw 4 of 3 kW of sun for half an hour.
    both = 0.5 * (1.5 * 0.1 + 0.5 * 0.3)
    assert costs(asked, [np.array([2.0]), np.array([2.0])]) == approx([both + 0.5 * 2 * 0.1, both])


def test_who_comes_when_another_leaves_has_all_the_surplus() -> None:
    asked = problem(
        (0.3,), car("first", (0, 0.5)), car("then", (0.5, 1)), pv_kw=3, export_price=0.1
    )
    assert costs(asked, [np.array([3.0]), np.array([3.0])]) == approx([0.15, 0.15])


def test_what_is_given_in_a_part_of_a_step_saves_nothing_in_the_rest() -> None:
    asked = problem(
        (0.4,), car(stay=(0.75, 9), discharge=giving()), base_load_kw=1, export_price=0.1
    )
    flows = Flows.of(asked, [np.zeros(1)], discharge_kw={"car": np.array([4.0])})
    # 1 kW covers the load for a quarter of an hour, 3 kW are exported.
    assert money_of(flows).per_ev == approx([-0.25 * (0.4 + 3 * 0.1)])
    assert flows.import_kw == approx([0.75])


def test_a_given_battery_takes_surplus_before_the_cars() -> None:
    asked = problem(
        (0.3,), car(), pv_kw=5, export_price=0.1, battery=storage(given_kw=(2.0,), stored_kwh=0)
    )
    assert costs(asked, [np.array([4.0])]) == approx([3 * 0.1 + 1 * 0.3])


def test_nobody_costs_nothing() -> None:
    assert costs(problem((0.3,)), []) == []
    assert told(problem((0.3,))).cost_split == CostSplit()


def test_taper_is_charged_for_what_the_battery_takes() -> None:
    asked = problem((0.5,), car(energy_kwh=8, taper=(Taper(energy_kwh=0, max_power_kw=3),)))
    plan = told(asked, (8,))
    assert plan.evs[0].energy_kwh == approx(3)
    assert plan.cost == approx(1.5)


# Giving back, and the home battery.


def test_giving_back_earns_what_it_saves_at_the_meter() -> None:
    asked = problem((0.4,), car(energy_kwh=0, discharge=giving()), base_load_kw=2, export_price=0.1)
    plan = told(asked, (0,), discharge_kw={"car": np.array([5.0])})
    # 2 kW replace import, 3 kW are exported.
    assert plan.evs[0].cost == approx(-(2 * 0.4 + 3 * 0.1))
    assert plan.cost == approx(-1.1)
    assert plan.cost_split.storage == approx(-1.1)
    assert plan.cost_split.grid == 0
    assert plan.evs[0].discharge_kw == (5.0,)
    assert plan.evs[0].energy_kwh == approx(-5)


def test_giving_back_for_another_car_saves_its_import() -> None:
    asked = problem(
        (0.4,), car("taker", energy_kwh=5), car("giver", energy_kwh=0, discharge=giving())
    )
    plan = told(asked, (5,), (0,), discharge_kw={"giver": np.array([5.0])})
    assert [ev.cost for ev in plan.evs] == approx([2.0, -2.0])
    assert plan.cost_split.grid + plan.cost_split.storage == approx(0)


def test_wear_counts_per_energy_given() -> None:
    asked = problem(
        (0.4, 0.4),
        car(energy_kwh=0, discharge=giving(wear_cost=0.05)),
        base_load_kw=9,
        battery=storage(stored_kwh=5, wear_cost=0.02),
    )
    parts = split(
        asked,
        (0, 0),
        discharge_kw={"car": np.array([4.0, 0])},
        battery_kw={"battery": np.array([-3.0, 1.0])},
    )
    assert parts.wear == approx(4 * 0.05 + 3 * 0.02)


def test_a_planned_battery_is_paid_for_in_storage_and_its_surplus_is_not_the_cars() -> None:
    asked = problem(
        (0.1, 0.5), car(energy_kwh=4), base_load_kw=(0, 3), pv_kw=(6, 0), battery=storage()
    )
    plan = told(asked, (4, 0), battery_kw={"battery": np.array([3.0, -3.0])})
    # Of 6 kW of surplus the battery takes 3 (no export price), the car 3 and 1 from the grid.
    assert plan.cost == approx(0.1)
    assert plan.cost_split.storage == approx(-3 * 0.5)
    assert battery_kw(plan) == (3.0, -3.0)


# What counts in decisions only.


def test_starts_count_but_going_on_does_not() -> None:
    asked = problem((0.1,) * 4, car("a"), car("b", charging=True), start_cost=0.2)
    assert split(asked, (0, 2, 0, 2), (2, 2, 0, 2)).starts == approx(0.2 * 3)


def test_co2_counts_for_energy_from_the_grid_only() -> None:
    asked = problem((0.1,), car(energy_kwh=5), pv_kw=3, co2_kg_per_kwh=0.4, co2_price=0.05)
    assert split(asked, (5,)).co2 == approx(2 * 0.4 * 0.05)


def test_co2_of_what_is_not_imported_is_saved() -> None:
    asked = problem(
        (0.1,),
        car(energy_kwh=0, discharge=giving()),
        base_load_kw=4,
        battery=storage(stored_kwh=5),
        co2_kg_per_kwh=0.4,
        co2_price=0.05,
    )
    parts = split(
        asked, (0,), discharge_kw={"car": np.array([2.0])}, battery_kw={"battery": np.array([-1.0])}
    )
    assert parts.co2 == approx(-3 * 0.4 * 0.05)


# Without a plan.


def test_cost_at_once_is_the_same_energy_at_plug_in() -> None:
    asked = problem((0.5, 0.1), car("a", energy_kwh=6), car("b", energy_kwh=2, at_once=True))
    plan = told(asked, (0, 6), (2, 0))
    assert [ev.cost_at_once for ev in plan.evs] == approx([3.0, 1.0])
    assert plan.cost_at_once == approx(4.0)
    assert plan.cost == approx(0.6 + 1.0)


def test_cost_at_once_is_compared_at_equal_energy() -> None:
    asked = problem((0.5, 0.1), car(energy_kwh=6, surplus_only=True), pv_kw=(0, 3))
    assert told(asked, (0, 3)).cost_at_once == approx(1.5)


# Tariffs on the highest power.


def tariff(**fields: Any) -> PeakTariff:
    return PeakTariff(price_per_kw=10.0, **fields)


def hours(*step_h: float, begin_h: float = 0.0) -> Horizon:
    return Horizon(start=at(begin_h), step_h=step_h)


QUARTERS = hours(0.25, 0.25, 0.25, 0.25)


@pytest.mark.parametrize(
    ("interval_h", "expected_kw"),
    # The quarters draw 8, 0, 2 and 4 kW.
    [(0.25, 8.0), (0.5, 4.0), (1.0, 3.5)],
)
def test_what_counts_is_the_mean_of_the_interval(interval_h: float, expected_kw: float) -> None:
    cost = peak_cost(tariff(interval_h=interval_h), QUARTERS, np.array([8.0, 0, 2, 4]))
    assert cost == approx(10 * expected_kw)


def test_exports_do_not_lower_the_mean() -> None:
    assert peak_cost(tariff(interval_h=0.5), QUARTERS, np.array([8.0, -8, 0, 0])) == approx(40)


def test_a_step_longer_than_the_interval_fills_several() -> None:
    assert peak_cost(tariff(), hours(1, 2), np.array([3.0, 5])) == approx(50)
    assert len(Billing.of(tariff(), hours(1, 2)).day) == 12


def test_a_step_may_lie_across_intervals() -> None:
    # 20 minutes at 6 kW end 5 minutes into the second quarter, where nothing follows.
    assert peak_cost(tariff(), hours(1 / 3, 1 / 6), np.array([6.0, 0])) == approx(60)
    # The same 10 minutes earlier: 5 minutes of the first interval, then a whole one.
    assert peak_cost(tariff(), hours(1 / 12, begin_h=1 / 6), np.array([6.0])) == approx(20)


def test_the_first_interval_has_begun_before() -> None:
    begun = tariff(interval_h=1.0, imported_kwh=1.5)
    assert peak_cost(begun, hours(0.25, begin_h=0.75), np.array([4.0])) == approx(10 * 2.5)


def test_nights_at_half_weight() -> None:
    nightly = tariff(weight=(1.0, 0.5, 0.0))
    assert peak_cost(nightly, hours(1, 1, 1), np.array([4.0, 10.0, 50.0])) == approx(50)
    assert peak_cost(nightly, hours(1, 1, 1), np.array([6.0, 10.0, 50.0])) == approx(60)


def test_the_mean_of_the_three_highest_days() -> None:
    three = tariff(top_days=3, day_peaks_kw=(6.0, 3.0, 9.0), day=(4, 4, 5))
    # Today 5 and 7, tomorrow 2: 9, 7 and 6 count.
    assert peak_cost(three, hours(1, 1, 1), np.array([5.0, 7, 2])) == approx(10 * 22 / 3)


def test_days_that_are_still_missing_count_as_nothing() -> None:
    assert peak_cost(tariff(top_days=3), hours(1), np.array([6.0])) == approx(10 * 6 / 3)


def test_the_day_so_far_counts_for_its_own_day_only() -> None:
    today = tariff(top_days=2, today_kw=8.0, day=(0, 1))
    assert peak_cost(today, hours(1, 1), np.array([5.0, 3])) == approx(10 * (8 + 3) / 2)


def test_the_plan_pays_for_what_it_adds_to_the_month_so_far() -> None:
    earlier = tariff(interval_h=1.0, day_peaks_kw=(4.0,))
    site: dict[str, Any] = {"base_load_kw": 3, "peak_tariffs": (earlier,)}
    assert split(problem((0.1, 0.1), car(energy_kwh=2), **site), (1, 1)).peak == approx(0)
    assert split(problem((0.1, 0.1), car(energy_kwh=4), **site), (3, 1)).peak == approx(20)
    # A car that is there for half of the hour adds half of its power to the mean.
    half = car("c", (0, 0.5), energy_kwh=2)
    brief = problem((0.1,), half, peak_tariffs=(tariff(interval_h=1.0),))
    assert split(brief, (4,)).peak == approx(20)


def test_a_battery_may_lower_the_peak() -> None:
    asked = problem((0.1,), base_load_kw=5, battery=storage(stored_kwh=5), peak_tariffs=(tariff(),))
    assert split(asked, battery_kw={"battery": np.array([-2.0])}).peak == approx(-20)


def test_thousands_of_steps_and_intervals_take_little_memory() -> None:
    """A table of all of them would be 10 GB."""
    quarters = hours(*(0.25,) * 35_000)
    billing = Billing.of(tariff(interval_h=0.25), quarters)
    assert len(billing.share) == 35_000
    assert billing.counted_kw(np.full(35_000, 2.0)).max() == approx(2)


def test_a_long_step_of_many_intervals_is_one_row_of_a_program() -> None:
    asked = problem(
        (0.1, 0.15), car(energy_kwh=900), step_h=100, peak_tariffs=(tariff(interval_h=0.01),)
    )
    schedule = optimal(asked)
    assert schedule.cost_split.peak == approx(45)


def test_room_under_a_peak_is_shared_by_the_steps_of_an_interval() -> None:
    billing = Billing.of(tariff(interval_h=0.5), QUARTERS)
    # Means are 4 and 3 kW: 2 kW more in one of the later quarters.
    assert billing.room_kw(np.array([8.0, 0, 2, 4])) == approx([0, 0, 2, 2])


def test_room_up_to_the_lowest_day_that_counts() -> None:
    billing = Billing.of(tariff(top_days=1, day_peaks_kw=(9.0,)), QUARTERS)
    assert billing.room_kw(np.array([8.0, 0, 2, 4])) == approx([1, 9, 7, 5])
