"""What a Schedule tells, how steps of the horizon count, and how calm a plan is."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from custom_components.optivgi.scheduler import (
    Horizon,
    PeakTariff,
    Problem,
    ReasonKind,
    Schedule,
    SolveStatus,
    Taper,
)

from .builders import (
    START,
    approx,
    at,
    battery_kw,
    car,
    giving,
    limits,
    objective,
    optimal,
    planned,
    problem,
    starts,
    storage,
)

HOUSEHOLD = problem(
    [0.30, 0.10, 0.25, 0.12, 0.40, 0.20],
    car("a", energy_kwh=20, min_power_kw=4.14, circuit="garage"),
    car("b", (1, 5), energy_kwh=9, min_power_kw=1.38, max_power_kw=7.4, phases=("L2",)),
    limit_kw=17.25,
    phase_limit_kw=5.75,
    circuits={"garage": {"limit_kw": 9}},
    base_load_kw=0.6,
    pv_kw=(0, 0, 3, 3, 0, 0),
    export_price=0.08,
    peak_tariffs=(PeakTariff(price_per_kw=0.2),),
    co2_kg_per_kwh=0.3,
    co2_price=0.05,
    start_cost=0.02,
)


def test_everything_is_told() -> None:
    schedule = optimal(HOUSEHOLD)
    assert schedule.algorithm == "optimal"
    assert schedule.status is SolveStatus.OPTIMAL
    assert schedule.gap is not None
    assert 0 <= schedule.gap <= 0.01
    assert schedule.bound is not None
    assert schedule.bound <= objective(schedule) + 1e-6
    assert schedule.stages_ms
    assert all(value >= 0 for value in schedule.stages_ms.values())
    assert schedule.build_ms > 0
    assert schedule.solve_ms > 0
    assert not schedule.concerns
    assert not schedule.failures
    assert not schedule.kept


def test_the_parts_of_the_money_are_its_sum() -> None:
    schedule = optimal(HOUSEHOLD)
    split = schedule.cost_split
    assert schedule.cost == approx(split.grid + split.surplus)
    assert schedule.cost == approx(sum(ev.cost for ev in schedule.evs))
    assert split.starts == approx(0.02 * starts(HOUSEHOLD, schedule))
    surplus = sum(
        min(total, max(0.0, pv - 0.6)) * 0.08
        for total, pv in zip(schedule.total_kw, HOUSEHOLD.pv_kw, strict=True)
    )
    assert split.surplus == approx(surplus)
    from_grid = sum(
        max(0.0, total - max(0.0, pv - 0.6))
        for total, pv in zip(schedule.total_kw, HOUSEHOLD.pv_kw, strict=True)
    )
    assert split.co2 == approx(from_grid * 0.3 * 0.05)
    assert split.wear == split.storage == 0


def test_the_bound_is_the_money_where_the_best_plan_is_proven() -> None:
    schedule = optimal(problem([0.3, 0.1, 0.2], car(energy_kwh=15)))
    assert schedule.gap == approx(0)
    assert schedule.bound == approx(11 * 0.1 + 4 * 0.2)
    assert objective(schedule) == approx(11 * 0.1 + 4 * 0.2)


def test_every_step_has_a_reason() -> None:
    schedule = optimal(HOUSEHOLD)
    for ev in schedule.evs:
        assert len(ev.reasons) == len(HOUSEHOLD.horizon)
        assert all(reason.cost_per_kwh >= 0 for reason in ev.reasons)


TAPERED = car(energy_kwh=7, max_power_kw=10, taper=(Taper(energy_kwh=5, max_power_kw=4),))


@pytest.mark.parametrize(
    ("asked", "step", "kind", "detail"),
    [
        (problem([0.1, 0.2], car(stay=(1, 2))), 0, ReasonKind.ABSENT, ""),
        (problem([0.1, 0.2], car(energy_kwh=5)), 1, ReasonKind.ABSENT, ""),
        (problem([0.2, 0.1], car(energy_kwh=5)), 0, ReasonKind.PRICE, ""),
        (problem([0.1, 0.2], car(energy_kwh=5)), 0, ReasonKind.CHEAP, ""),
        (problem([0.1, 0.2], car(energy_kwh=9), limit_kw=6), 0, ReasonKind.SITE, ""),
        (
            problem(
                [0.1, 0.2],
                car(energy_kwh=9, phases=("L2",)),
                phase_limit_kw={"L1": 20, "L2": 6, "L3": 20},
            ),
            0,
            ReasonKind.PHASE,
            "L2",
        ),
        (
            problem(
                [0.1, 0.2],
                car(energy_kwh=9, circuit="garage"),
                circuits={"garage": {"limit_kw": 6}},
            ),
            0,
            ReasonKind.CIRCUIT,
            "garage",
        ),
        (problem([0.9, 0.1], car(min_energy_kwh=5)), 0, ReasonKind.MIN_SOC, ""),
        (problem([0.9, 0.1], car(at_once=True)), 0, ReasonKind.AT_ONCE, ""),
        (problem([0.9, 0.1], car(energy_kwh=22)), 0, ReasonKind.DEADLINE, ""),
        (problem([0.3, 0.3], car(energy_kwh=4), pv_kw=(0, 4)), 1, ReasonKind.PV, ""),
        (
            problem(
                [0.2, 0.2],
                car(energy_kwh=8),
                peak_tariffs=(PeakTariff(price_per_kw=9, interval_h=1),),
            ),
            0,
            ReasonKind.PEAK,
            "",
        ),
        (problem([0.1, 0.1], TAPERED, step_h=0.5), 1, ReasonKind.TAPER, ""),
        (
            problem([0.3, 0.1], car(energy_kwh=5), estimated=(True, False)),
            0,
            ReasonKind.ESTIMATE,
            "",
        ),
        (
            problem([0.1], car(energy_kwh=0, extra_energy_kwh=9, extra_below_price=0.2)),
            0,
            ReasonKind.EXTRA,
            "",
        ),
        (
            problem([0.6, 0.1], car(energy_kwh=0, discharge=giving()), base_load_kw=5),
            0,
            ReasonKind.DISCHARGE,
            "",
        ),
    ],
    ids=lambda value: value.name.lower() if isinstance(value, ReasonKind) else "",
)
def test_the_reason_of_a_step(asked: Problem, step: int, kind: ReasonKind, detail: str) -> None:
    reason = planned(optimal(asked)).reasons[step]
    assert reason.kind is kind
    assert reason.detail == detail


def test_how_far_each_part_of_the_site_is_used() -> None:
    schedule = optimal(HOUSEHOLD)
    peaks = {peak.id: peak for peak in schedule.peaks}
    assert set(peaks) >= {"site", "L1", "L2", "L3", "garage"}
    for peak in peaks.values():
        assert peak.peak_kw <= peak.limit_kw + 1e-6
        assert 0 <= peak.step < len(HOUSEHOLD.horizon)
    # What the meter shows: the cars with the base load, less the PV.
    step = peaks["site"].step
    meter = schedule.total_kw[step] + 0.6 - HOUSEHOLD.pv_kw[step]
    assert peaks["site"].peak_kw == approx(meter)
    assert peaks["garage"].peak_kw == approx(max(limits(schedule, "a")))


@pytest.mark.parametrize(
    "asked",
    [
        problem([0.1], car(energy_kwh=50)),
        problem([0.1, 0.1], car(stay=(0, 1), energy_kwh=20)),
        problem([0.1], car(energy_kwh=20, limit_energy_kwh=5)),
        problem([0.1], car(min_power_kw=4, max_power_kw=3)),
    ],
    ids=["too much", "too short", "too full", "minimum above maximum"],
)
def test_what_cannot_be_is_warned_of(asked: Problem) -> None:
    assert any(concern.ev == "car" for concern in optimal(asked).concerns)


def test_a_plan_without_cars_is_a_plan() -> None:
    schedule = optimal(problem([0.1, 0.2], base_load_kw=1))
    assert schedule.evs == ()
    assert objective(schedule) == 0
    assert schedule.total_kw == (0.0, 0.0)


# Steps of different lengths, and a first one that is only what remains of its slot.


def test_steps_of_different_lengths() -> None:
    step_h = (0.25, 5 / 60, 5 / 60, 0.25, 1.0, 1.0)
    prices = [0.1, 0.2, 0.15, 0.3, 0.25, 0.4]
    schedule = optimal(problem(prices, car(energy_kwh=8), step_h=step_h))
    first, third, second = 11 / 4, 11 / 12, 11 / 12
    assert limits(schedule) == approx([11, 11, 11, 0, 8 - first - second - third, 0])
    assert schedule.cost == approx(
        0.1 * first + 0.15 * third + 0.2 * second + 0.25 * (8 - first - second - third)
    )


def test_the_first_slot_is_what_remains_of_it() -> None:
    horizon = Horizon.aligned(at(0.2), at(2), timedelta(hours=1))
    assert horizon.step_h == approx((0.8, 1.0))
    asked = problem([0.1, 0.2], car(energy_kwh=10), step_h=horizon.step_h, begin_h=0.2)
    assert limits(optimal(asked)) == approx([11, 10 - 8.8])


# Calm: among equals the earliest, in one go, at a constant power.


def changes(power: tuple[float, ...]) -> int:
    levels = (0.0, *power, 0.0)
    return sum(abs(after - before) > 1e-3 for before, after in pairwise(levels))


@pytest.mark.parametrize("minimum", [0.0, 4.14])
@pytest.mark.parametrize("start_cost", [0.0, 0.02])
def test_equal_prices_are_charged_in_one_go(minimum: float, start_cost: float) -> None:
    wish = car(energy_kwh=33, min_power_kw=minimum)
    asked = problem([0.2] * 24, wish, step_h=0.5, start_cost=start_cost)
    schedule = optimal(asked)
    assert limits(schedule) == approx([11] * 6 + [0] * 18)


def test_equal_prices_are_charged_at_few_levels() -> None:
    asked = problem([0.2] * 24, car(energy_kwh=25, min_power_kw=1.38), step_h=0.5)
    schedule = optimal(asked)
    # All at one level, or all but the last step.
    assert changes(limits(schedule)) <= 3
    assert sum(limits(schedule)[:6]) * 0.5 >= 25 - 1e-3


@pytest.mark.parametrize("start_cost", [0.0, 0.02])
def test_cars_that_share_a_limit_do_not_take_turns_for_nothing(start_cost: float) -> None:
    cars = [car(f"car-{index}", energy_kwh=10, min_power_kw=1.38) for index in range(3)]
    asked = problem([0.2] * 16, *cars, step_h=0.25, limit_kw=12, start_cost=start_cost)
    schedule = optimal(asked)
    assert starts(asked, schedule) == 3
    # 30 kWh at 12 kW take ten steps; among equals they are not much later.
    assert sum(schedule.total_kw[:10]) * 0.25 >= 29
    for ev in schedule.evs:
        assert changes(ev.limit_kw) <= 4


@pytest.mark.parametrize(
    "fields",
    [
        {"base_load_kw": [0.5, 0.9, 0.7, 0.4] * 4},
        {"pv_kw": [0.0] * 8 + [0.3, 0.9] * 4, "export_price": 0.2},
    ],
    ids=["base load", "sun worth as much as the grid"],
)
def test_what_does_not_matter_does_not_make_a_zig_zag(fields: dict[str, Any]) -> None:
    asked = problem([0.2] * 16, car(energy_kwh=20), step_h=0.25, limit_kw=40, **fields)
    assert changes(limits(optimal(asked))) <= 3


def test_a_plan_is_the_same_each_time() -> None:
    def essence(schedule: Schedule) -> tuple[Any, ...]:
        return schedule.evs, battery_kw(schedule), schedule.bound, schedule.gap

    asked = problem(
        [0.2, 0.1, 0.3, 0.2],
        car("a", energy_kwh=20, min_power_kw=4.14),
        car("b", energy_kwh=15, min_power_kw=1.38),
        limit_kw=14,
        battery=storage(stored_kwh=3.0),
        base_load_kw=2,
        start_cost=0.02,
    )
    assert essence(optimal(asked)) == essence(optimal(asked))
    assert asked.horizon.start == START
