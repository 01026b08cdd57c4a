"""What energy and power cost: each feature beside the plan without it, both known by hand."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.optivgi.scheduler import PeakTariff, PriceStep, Problem, Schedule

from .builders import approx, car, limits, objective, optimal, problem
from .flows import independent_cost, independent_peak_cost, peak_kw


def priced(asked: Problem) -> Schedule:
    """Return the best plan, its money compared with what the meter and the tariffs say."""
    schedule = optimal(asked)
    split = schedule.cost_split
    assert split.grid + split.surplus + split.storage == approx(independent_cost(asked, schedule))
    assert split.peak == approx(independent_peak_cost(asked, schedule))
    assert schedule.cost == approx(split.grid + split.surplus)
    return schedule


def test_surplus_counts_at_what_its_export_would_earn() -> None:
    prices = [0.2, 0.3, 0.3]
    sun: dict[str, Any] = {"pv_kw": (0, 7, 0), "base_load_kw": 1}
    poor = priced(problem(prices, car(energy_kwh=6), export_price=0.08, **sun))
    rich = priced(problem(prices, car(energy_kwh=6), export_price=0.25, **sun))
    assert limits(poor) == approx([0, 6, 0])
    assert poor.cost_split.surplus == approx(6 * 0.08)
    assert poor.cost_split.grid == approx(0)
    assert limits(rich) == approx([6, 0, 0])


def test_surplus_is_topped_up_where_the_grid_is_cheapest() -> None:
    asked = problem([0.2, 0.3, 0.1], car(energy_kwh=9), pv_kw=(0, 5, 0), export_price=0.05)
    schedule = priced(asked)
    assert limits(schedule) == approx([0, 5, 4])
    assert schedule.cost_split.surplus == approx(5 * 0.05)
    assert schedule.cost_split.grid == approx(4 * 0.1)


def test_export_that_earns_more_than_import_costs_is_not_used_up_first() -> None:
    asked = problem([0.05, 0.12], car(energy_kwh=5), pv_kw=(5, 0), export_price=0.2)
    assert limits(priced(asked)) == approx([0, 5])


def test_negative_prices_draw_all_that_is_wanted_and_no_more() -> None:
    asked = problem([0.1, -0.3, -0.2], car(energy_kwh=13))
    schedule = priced(asked)
    assert limits(schedule) == approx([0, 11, 2])
    assert schedule.cost == approx(-11 * 0.3 - 2 * 0.2)


@pytest.mark.parametrize(("export", "expected"), [(0.0, [0, 5]), (-0.1, [5, 0])])
def test_negative_export_prices_make_surplus_worth_using(
    export: float, expected: list[float]
) -> None:
    asked = problem([0.3, -0.05], car(energy_kwh=5), pv_kw=(5, 0), export_price=export)
    assert limits(priced(asked)) == approx(expected)


# Estimates: known prices of 0.25 and 0.35, a low and a high estimate.


@pytest.mark.parametrize(("trust", "step"), [(1.0, 2), (0.5, 2), (0.2, 0), (0.0, 0)])
def test_a_low_estimate_is_not_trusted(trust: float, step: int) -> None:
    asked = problem(
        [0.25, 0.35, 0.1],
        car(energy_kwh=5),
        estimated=(False, False, True),
        estimate_trust=trust,
    )
    schedule = optimal(asked)
    expected = [0.0, 0.0, 0.0]
    expected[step] = 5
    assert limits(schedule) == approx(expected)
    # What is told is the price as it is given.
    assert schedule.cost == approx(5 * (0.1 if step == 2 else 0.25))


@pytest.mark.parametrize(("trust", "expected"), [(1.0, [11, 4, 0]), (0.0, [11, 0, 4])])
def test_a_high_estimate_is_not_trusted_either(trust: float, expected: list[float]) -> None:
    asked = problem(
        [0.2, 0.4, 0.5],
        car(energy_kwh=15),
        estimated=(False, False, True),
        estimate_trust=trust,
    )
    assert limits(optimal(asked)) == approx(expected)


def test_co2_at_its_price_changes_the_order() -> None:
    co2: dict[str, Any] = {"co2_kg_per_kwh": (0.5, 0.1)}
    free = optimal(problem([0.20, 0.22], car(energy_kwh=5), **co2))
    schedule = optimal(problem([0.20, 0.22], car(energy_kwh=5), co2_price=0.1, **co2))
    assert limits(free) == approx([5, 0])
    assert limits(schedule) == approx([0, 5])
    assert free.cost_split.co2 == 0
    assert schedule.cost_split.co2 == approx(5 * 0.1 * 0.1)
    assert schedule.cost == approx(5 * 0.22)
    assert objective(schedule) == approx(5 * 0.22 + 5 * 0.1 * 0.1)


def test_co2_does_not_count_for_surplus() -> None:
    asked = problem(
        [0.2, 0.3],
        car(energy_kwh=4),
        co2_kg_per_kwh=(0.1, 2.0),
        co2_price=0.5,
        pv_kw=(0, 4),
        export_price=0.1,
    )
    schedule = optimal(asked)
    assert limits(schedule) == approx([0, 4])
    assert schedule.cost_split.co2 == approx(0)


# Capacity tariffs: 10 per kW unless said otherwise, far more than any price of energy.


def capacity(**fields: Any) -> tuple[PeakTariff, ...]:
    return (PeakTariff(**({"price_per_kw": 10.0, "interval_h": 1.0} | fields)),)


def test_capacity_tariff_flattens_charging() -> None:
    asked = problem([0.2] * 4, car(energy_kwh=12))
    assert max(limits(optimal(asked))) >= 6
    schedule = priced(problem([0.2] * 4, car(energy_kwh=12), peak_tariffs=capacity()))
    assert limits(schedule) == approx([3, 3, 3, 3])
    assert schedule.cost_split.peak == approx(30)


@pytest.mark.parametrize(
    ("interval_h", "hour"),
    [(0.25, [2.75] * 4), (0.5, [5.5, 0, 5.5, 0]), (1.0, [11, 0, 0, 0])],
)
def test_capacity_tariff_counts_the_mean_of_its_interval(
    interval_h: float, hour: list[float]
) -> None:
    asked = problem(
        [0.1, 0.2, 0.3, 0.4] * 2,
        car(energy_kwh=5.5),
        step_h=0.25,
        peak_tariffs=capacity(interval_h=interval_h),
    )
    schedule = priced(asked)
    assert limits(schedule) == approx(hour * 2)
    assert schedule.cost_split.peak == approx(27.5)


@pytest.mark.parametrize("known", [{"today_kw": 5.0}, {"day_peaks_kw": (2.0, 5.0)}])
def test_capacity_tariff_is_free_up_to_the_peak_so_far(known: dict[str, Any]) -> None:
    prices = [0.1, 0.3, 0.3, 0.3]
    asked = problem(prices, car(energy_kwh=12), peak_tariffs=capacity(**known))
    schedule = priced(asked)
    assert limits(schedule)[0] == approx(5)
    assert max(limits(schedule)) == approx(5)
    assert schedule.cost_split.peak == approx(0)
    assert schedule.cost == approx(5 * 0.1 + 7 * 0.3)


def test_capacity_tariff_counts_the_base_load_and_pv_with_the_cars() -> None:
    asked = problem(
        [0.2] * 3,
        car(energy_kwh=10),
        base_load_kw=(4, 1, 1),
        pv_kw=(0, 0, 2),
        peak_tariffs=capacity(),
    )
    # The base load has a peak of 4 kW already: 0, 3 and 5 kWh do not add to it, 2 more do.
    schedule = priced(asked)
    assert limits(schedule) == approx([2 / 3, 3 + 2 / 3, 5 + 2 / 3])
    assert schedule.cost_split.peak == approx(20 / 3)


@pytest.mark.parametrize(
    ("top_days", "known", "expected"),
    [(1, (6.0,), [6, 5]), (2, (8.0, 6.0), [11, 0]), (3, (8.0, 6.0, 5.0), [11, 0])],
)
def test_capacity_tariff_on_the_highest_few_days(
    top_days: int, known: tuple[float, ...], expected: list[float]
) -> None:
    """A kW more costs its price by the number of days: 0.2 by one, or 0.1 by two."""
    tariff = capacity(price_per_kw=0.2, top_days=top_days, day_peaks_kw=known)
    schedule = priced(problem([0.1, 0.25], car(energy_kwh=11), peak_tariffs=tariff))
    assert limits(schedule) == approx(expected)


def test_capacity_tariff_takes_one_peak_of_each_day() -> None:
    tariff = capacity(top_days=2, day_peaks_kw=(5.0,), today_kw=5.0, day=(0, 0, 1, 1))
    asked = problem([0.1, 0.1, 0.2, 0.2], car(energy_kwh=21), peak_tariffs=tariff)
    # Two highest of three days: one day may rise by 0.5 kW at half the price, whichever it is.
    schedule = priced(asked)
    assert schedule.cost_split.peak == approx(10 * 0.5 / 2)
    assert peak_kw(asked, tariff[0], schedule) == approx(5.25)
    assert limits(schedule) == approx([5.5, 5.5, 5, 5])


def test_capacity_tariff_only_counts_within_its_time_window() -> None:
    always = priced(problem([0.2] * 4, car(energy_kwh=8), peak_tariffs=capacity()))
    window = capacity(weight=(1.0, 1.0, 0.0, 0.0))
    schedule = priced(problem([0.2] * 4, car(energy_kwh=8), peak_tariffs=window))
    assert limits(always) == approx([2, 2, 2, 2])
    assert limits(schedule)[:2] == approx([0, 0])
    assert schedule.cost_split.peak == approx(0)


def test_capacity_tariff_counts_nights_half() -> None:
    nights = capacity(weight=(1.0, 1.0, 0.5, 0.5))
    schedule = priced(problem([0.2] * 4, car(energy_kwh=12), peak_tariffs=nights))
    assert limits(schedule) == approx([2, 2, 4, 4])
    assert schedule.cost_split.peak == approx(20)


@pytest.mark.parametrize(
    ("imported", "first", "rest"), [(0.0, 16 / 3, 8 / 3), (1.0, 8 / 3, 10 / 3)]
)
def test_capacity_tariff_counts_what_its_first_interval_had_before(
    imported: float, first: float, rest: float
) -> None:
    """A horizon that begins in the middle of a half hour, 1 kWh or none having been imported."""
    asked = problem(
        [0.2] * 5,
        car(energy_kwh=4),
        step_h=0.25,
        begin_h=0.25,
        peak_tariffs=capacity(interval_h=0.5, imported_kwh=imported),
    )
    schedule = priced(asked)
    highest = rest
    assert limits(schedule)[0] == approx(first)
    for begin in (1, 3):
        assert sum(limits(schedule)[begin : begin + 2]) / 2 == approx(rest)
    assert schedule.cost_split.peak == approx(10 * (highest - imported / 0.5))


def test_capacity_tariff_is_free_up_to_a_threshold() -> None:
    """3 kW cost nothing, as where so much is billed anyway; a kW beyond costs all the same."""
    asked = problem([0.1, 0.3, 0.3, 0.3], car(energy_kwh=10), peak_tariffs=capacity(free_kw=3.0))
    schedule = priced(asked)
    assert limits(schedule)[0] == approx(3)
    assert schedule.cost_split.peak == approx(0)
    more = priced(replace(asked, evs=(car(energy_kwh=14),)))
    assert limits(more) == approx([3.5] * 4)
    assert more.cost_split.peak == approx(5)


@pytest.mark.parametrize(
    ("distinct_days", "expected"), [(True, [6, 6, 0, 0]), (False, [10, 2, 0, 0])]
)
def test_capacity_tariff_on_any_hours_or_one_of_each_day(
    distinct_days: bool, expected: list[float]
) -> None:
    """Two hours count. Of one day it is the higher, or both: then it matters not which is high."""
    tariff = capacity(top_days=2, distinct_days=distinct_days, price_per_kw=0.3)
    asked = problem([0.1, 0.11, 0.5, 0.5], car(energy_kwh=12, max_power_kw=10), peak_tariffs=tariff)
    schedule = priced(asked)
    assert limits(schedule) == approx(expected)
    counted = 6 / 2 if distinct_days else (10 + 2) / 2
    assert schedule.cost_split.peak == approx(0.3 * counted)


@pytest.mark.parametrize(("price", "expected"), [(0.05, [11, 0]), (0.5, [6, 5]), (0.35, [6, 5])])
def test_capacity_tariff_by_steps(price: float, expected: list[float]) -> None:
    """Above 6 kW it costs more, however far above; up to that, the cheap hour is used."""
    tariff = capacity(
        price_per_kw=0.0,
        price_steps=(PriceStep(above_kw=2, price=0.01), PriceStep(above_kw=6, price=price)),
    )
    asked = problem([0.1, 0.15], car(energy_kwh=11), peak_tariffs=tariff)
    schedule = priced(asked)
    assert limits(schedule) == approx(expected)
    assert schedule.cost_split.peak == approx(0.01 + (price if expected[0] > 6 else 0))


def test_steps_of_a_tariff_count_the_days_before() -> None:
    """The mean of three days is 4 kW with 2 kW today; it may be 5 kW for nothing."""
    tariff = capacity(
        price_per_kw=0.0,
        price_steps=(PriceStep(above_kw=5, price=9),),
        top_days=3,
        day_peaks_kw=(5.0, 5.0),
        today_kw=2.0,
    )
    asked = problem([0.1, 0.3], car(energy_kwh=8), peak_tariffs=tariff)
    schedule = priced(asked)
    assert limits(schedule) == approx([5, 3])
    assert schedule.cost_split.peak == approx(0)


def test_two_capacity_tariffs_add_up() -> None:
    tariffs = capacity(weight=(1.0, 1.0, 0.0, 0.0)) + capacity(price_per_kw=1.0)
    schedule = priced(problem([0.2] * 4, car(energy_kwh=8), peak_tariffs=tariffs))
    assert limits(schedule) == approx([0, 0, 4, 4])
    assert schedule.cost_split.peak == approx(4)


def test_a_low_price_of_peaks_is_weighed_against_energy() -> None:
    for price, expected in ((0.05, [11, 0]), (0.3, [5.5, 5.5])):
        tariff = capacity(price_per_kw=price)
        asked = problem([0.1, 0.2], car(energy_kwh=11), peak_tariffs=tariff)
        assert limits(priced(asked)) == approx(expected)


def test_what_is_wanted_goes_before_any_price() -> None:
    dear = problem([50.0, 80.0], car(energy_kwh=20), peak_tariffs=capacity(price_per_kw=1000.0))
    schedule = priced(replace(dear, start_cost=100.0))
    assert schedule.evs[0].shortfall_kwh == 0
    assert limits(schedule) == approx([10, 10])
