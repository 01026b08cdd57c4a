"""What holds between the plans of Problems that differ in one thing, or in time."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain, combinations, pairwise
import math
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings, strategies as st
import pytest

from custom_components.optivgi.scheduler import (
    EV,
    PHASES,
    Horizon,
    PeakTariff,
    Problem,
    Runner,
    Schedule,
)

from .builders import (
    approx,
    car,
    limits,
    objective,
    optimal,
    problem,
    storage,
)
from .test_conformance import numbers, problems, thoroughly


@st.composite
def plain_cars(draw: st.DrawFn, /, ev_id: str, steps: int, minimum: st.SearchStrategy[float]) -> EV:
    """A car that stays for whole steps and asks for nothing but energy."""
    arrival = draw(st.integers(0, steps - 1))
    fields: dict[str, Any] = {
        "energy_kwh": draw(st.sampled_from((0.0, 1.0, 4.5, 9.0, 20.0))),
        "max_power_kw": draw(st.sampled_from((3.68, 7.4, 11.0))),
        "min_power_kw": draw(minimum),
        "efficiency": draw(st.sampled_from((1.0, 0.9))),
        "phases": draw(st.sampled_from((PHASES, ("L1",), ("L2", "L3")))),
        "priority": draw(st.sampled_from((1.0, 2.0))),
        "charging": draw(st.booleans()),
    }
    return car(ev_id, (arrival, draw(st.integers(arrival + 1, steps))), **fields)


@st.composite
def households(draw: st.DrawFn, /, least: int = 2) -> Problem:
    """A small problem without anything that is charged before or after the others."""
    steps = draw(st.integers(least, 6))
    count = draw(st.integers(1, 3))
    start_cost = draw(st.sampled_from((0.0, 0.05)))
    # A car without a minimum may idle at next to nothing instead of starting anew.
    minimum = st.just(1.38) if start_cost else st.sampled_from((0.0, 0.0, 1.38))
    evs = [draw(plain_cars(f"car-{index}", steps, minimum)) for index in range(count)]

    def series(low: float, high: float) -> tuple[float, ...]:
        return tuple(draw(st.lists(numbers(low, high), min_size=steps, max_size=steps)))

    site: dict[str, Any] = {"base_load_kw": series(0, 2), "export_price": 0.05}
    if draw(st.booleans()):
        site["pv_kw"] = series(0, 8)
    if draw(st.booleans()):
        site["phase_limit_kw"] = draw(numbers(2, 9))
    if draw(st.booleans()):
        site["peak_tariffs"] = (
            PeakTariff(price_per_kw=draw(st.sampled_from((0.05, 2.0))), interval_h=1.0),
        )
    if draw(st.booleans()):
        site |= {"co2_kg_per_kwh": series(0, 1), "co2_price": 0.1}
    return problem(
        series(0.06, 0.5),
        *evs,
        limit_kw=draw(numbers(4, 25)),
        start_cost=start_cost,
        battery=draw(st.sampled_from((None, None, storage(stored_kwh=4.0)))),
        **site,
    )


def is_met(schedule: Schedule) -> bool:
    return all(ev.shortfall_kwh == 0 for ev in schedule.evs)


def slack(asked: Problem, *schedules: Schedule) -> float:
    """Return what money may differ by: the gaps, and what minimum powers charge too much."""
    highest = max(abs(price) for price in asked.decision_price)
    portions = sum(ev.min_power_kw for ev in asked.evs)
    gaps = sum((one.gap or 0.0) * max(abs(objective(one)), 0.01) for one in schedules)
    return 1e-3 + gaps + highest * portions * max(asked.horizon.step_h)


def assert_no_worse(asked: Problem, eased: Problem) -> None:
    """Check that a problem made easier is served at least as well, for no more money."""
    before, after = optimal(asked), optimal(eased)
    if not is_met(before):
        return
    assert is_met(after)
    assert objective(after) <= objective(before) + slack(asked, before, after)
    if before.bound is not None and after.bound is not None:
        assert after.bound <= objective(before) + slack(asked, before)


@given(asked=households(), more=numbers(0, 10))
@settings(thoroughly, max_examples=150)
def test_more_capacity_never_makes_a_plan_worse(asked: Problem, more: float) -> None:
    site = asked.site
    wider = replace(
        site,
        limit_kw=tuple(limit + more for limit in site.limit_kw),
        phase_limit_kw=tuple(
            tuple(limit + more for limit in phase) for phase in site.phase_limit_kw
        ),
    )
    assert_no_worse(asked, replace(asked, site=wider))


@given(asked=households(), before=st.integers(0, 2), after=st.integers(0, 2))
@settings(thoroughly, max_examples=150)
def test_a_longer_stay_never_makes_a_plan_worse(asked: Problem, before: int, after: int) -> None:
    first = asked.evs[0]
    longer = replace(
        first,
        arrival=first.arrival - timedelta(hours=before),
        departure=first.departure + timedelta(hours=after),
    )
    assert_no_worse(asked, replace(asked, evs=(longer, *asked.evs[1:])))


@given(asked=households(), step=st.integers(0, 5), part=numbers(0.2, 1))
@settings(thoroughly, max_examples=150)
def test_a_lower_price_never_raises_a_bill(asked: Problem, step: int, part: float) -> None:
    # A battery's savings shrink with the price of what it would have replaced.
    asked = replace(asked, batteries=())
    cheaper = tuple(
        max(0.05, price * part) if index == step else price
        for index, price in enumerate(asked.site.import_price)
    )
    assert_no_worse(asked, replace(asked, site=replace(asked.site, import_price=cheaper)))


@given(asked=households(), factor=st.sampled_from((0.01, 3.0, 30_000.0)))
@settings(thoroughly, max_examples=120)
def test_another_currency_only_changes_the_figures(asked: Problem, factor: float) -> None:
    site = asked.site
    scaled = replace(
        asked,
        start_cost=asked.start_cost * factor,
        site=replace(
            site,
            import_price=tuple(price * factor for price in site.import_price),
            export_price=tuple(price * factor for price in site.export_price),
            co2_price=site.co2_price * factor,
            peak_tariffs=tuple(
                replace(tariff, price_per_kw=tariff.price_per_kw * factor)
                for tariff in site.peak_tariffs
            ),
        ),
    )
    one, other = optimal(asked), optimal(scaled)
    assert [ev.energy_kwh for ev in one.evs] == pytest.approx(
        [ev.energy_kwh for ev in other.evs], abs=0.02
    )
    assert objective(other) / factor == pytest.approx(objective(one), abs=slack(asked, one, other))


@given(asked=households(), order=st.permutations(range(3)))
@settings(thoroughly, max_examples=120)
def test_the_order_of_cars_does_not_matter(asked: Problem, order: list[int]) -> None:
    evs = tuple(asked.evs[index] for index in order if index < len(asked.evs))
    one, other = optimal(asked), optimal(replace(asked, evs=evs))
    assert is_met(one) == is_met(other)
    first, second = (sorted(fractions(asked, plan)) for plan in (one, other))
    if any(ev.min_power_kw for ev in evs):
        # Several choices of who gets a minimum power may be as fair as can be.
        first, second = ([max(shares), sum(shares)] for shares in (first, second))
    assert first == pytest.approx(second, abs=0.02)
    if is_met(one):
        assert objective(one) == pytest.approx(objective(other), abs=slack(asked, one, other))


def fractions(asked: Problem, schedule: Schedule) -> list[float]:
    """Return which part of what it wants each car misses, times its priority."""
    return [
        ev.priority * answer.shortfall_kwh / ev.energy_kwh if ev.energy_kwh else 0.0
        for ev in asked.evs
        if (answer := schedule.ev(ev.id)) is not None
    ]


# How much energy there is for all: by the theorem of the maximum flow and the minimum cut.


@st.composite
def garages(draw: st.DrawFn) -> Problem:
    """Cars without minimum powers under one limit."""
    steps = draw(st.integers(1, 6))
    step_h = [draw(st.sampled_from((0.25, 0.5, 1.0)))] * steps
    evs = []
    for index in range(draw(st.integers(1, 4))):
        arrival = draw(st.integers(0, steps - 1))
        departure = draw(st.integers(arrival + 1, steps))
        evs.append(
            car(
                f"car-{index}",
                (arrival * step_h[0], departure * step_h[0]),
                energy_kwh=draw(st.sampled_from((0.5, 2.0, 5.0, 9.0, 30.0))),
                max_power_kw=draw(st.sampled_from((3.68, 7.4, 11.0))),
                priority=draw(st.sampled_from((1.0, 1.0, 2.0))),
            )
        )
    prices = draw(st.lists(numbers(0.05, 0.5), min_size=steps, max_size=steps))
    limit = draw(st.lists(numbers(0, 20), min_size=steps, max_size=steps))
    return problem(prices, *evs, step_h=step_h, limit_kw=limit)


def most_kwh(asked: Problem, evs: tuple[EV, ...]) -> float:
    """Return what the limit and their own power let some cars have together, without end."""
    return sum(
        min(
            asked.site.limit_kw[step] * hours,
            sum(ev.max_power_kw * asked.present_h(ev)[step] for ev in evs),
        )
        for step, hours in enumerate(asked.horizon.step_h)
    )


def reachable(asked: Problem) -> list[float]:
    """Return what each car wants, as far as it could get it alone."""
    return [min(ev.energy_kwh, most_kwh(asked, (ev,))) for ev in asked.evs]


def groups(asked: Problem) -> list[tuple[int, ...]]:
    """Return all groups of cars, by their numbers."""
    count = range(len(asked.evs))
    return list(chain.from_iterable(combinations(count, size + 1) for size in count))


@given(asked=garages())
@settings(thoroughly, max_examples=200)
def test_the_energy_for_all_is_the_most_that_flows(asked: Problem) -> None:
    needs = reachable(asked)
    cuts = [
        most_kwh(asked, tuple(asked.evs[index] for index in group))
        + sum(need for index, need in enumerate(needs) if index not in group)
        for group in groups(asked)
    ]
    most = min(sum(needs), *cuts)
    assert sum(ev.energy_kwh for ev in optimal(asked).evs) == pytest.approx(most, abs=1e-2)


@given(asked=garages())
@settings(thoroughly, max_examples=200)
def test_the_worst_part_that_is_missing_is_as_small_as_it_can_be(asked: Problem) -> None:
    needs = reachable(asked)
    worst = 0.0
    for group in groups(asked):
        over = sum(needs[index] for index in group) - most_kwh(
            asked, tuple(asked.evs[index] for index in group)
        )
        weight = sum(needs[index] / asked.evs[index].priority for index in group)
        if weight > 0:
            worst = max(worst, over / weight)
    schedule = optimal(asked)
    missing = [
        ev.priority * (need - answer.energy_kwh) / need
        for ev, answer, need in zip(asked.evs, schedule.evs, needs, strict=True)
        if need > 0.01
    ]
    assume(all(need > 0.01 or need == 0 for need in needs))
    # Where a car misses all it wants, its priority cannot make it miss more.
    if worst <= 1:
        assert max(missing, default=0.0) == pytest.approx(worst, abs=2e-3)
    # Nothing is missing exactly where there is enough for everybody.
    short = [need - answer.energy_kwh for need, answer in zip(needs, schedule.evs, strict=True)]
    assert (worst <= 1e-9) == (max(short, default=0.0) <= 1e-4)


# The same plan again, and the remainder of a plan.


def rerun(asked: Problem, earlier: Schedule) -> Schedule:
    """Return what the Runner answers where a plan is being followed."""

    async def cycle() -> Schedule:
        runner = Runner(("optimal",), time_limit_s=30)
        try:
            return await runner.solve(asked, earlier)
        finally:
            runner.shutdown(wait=True)

    return asyncio.run(cycle())


@given(asked=problems())
@settings(thoroughly, max_examples=60)
def test_planning_again_changes_nothing(asked: Problem) -> None:
    first = optimal(asked)
    again = rerun(asked, first)
    assert [ev.limit_kw for ev in again.evs] == [approx(ev.limit_kw) for ev in first.evs]


@given(asked=households(least=3))
@settings(thoroughly, max_examples=100)
def test_a_step_later_the_rest_of_the_plan_is_still_the_best(asked: Problem) -> None:
    asked = replace(asked, batteries=(), site=replace(asked.site, peak_tariffs=()))
    plan = optimal(asked)
    assume(is_met(plan))
    rest = remainder(asked, plan)
    later = optimal(rest)
    assert is_met(later)
    # What the first step cost, with its starts, and the rest as planned.
    tail = replace(
        plan,
        horizon=rest.horizon,
        evs=tuple(replace(ev, limit_kw=ev.limit_kw[1:]) for ev in plan.evs),
    )
    planned_rest = bill(rest, tail)
    assert bill(rest, later) == pytest.approx(planned_rest, abs=slack(asked, plan, later))
    kept = rerun(rest, plan)
    assert [ev.limit_kw for ev in kept.evs] == [approx(ev.limit_kw[1:]) for ev in plan.evs]


def remainder(asked: Problem, plan: Schedule) -> Problem:
    """Return the problem a step later, everything having gone as planned."""
    site = asked.site
    series = {
        name: getattr(site, name)[1:]
        for name in (
            "limit_kw",
            "import_price",
            "export_price",
            "base_load_kw",
            "pv_kw",
            "co2_kg_per_kwh",
        )
    }
    hours = asked.horizon.step_h[0]
    evs = tuple(
        replace(
            ev,
            energy_kwh=max(0.0, ev.energy_kwh - answer.limit_kw[0] * hours * ev.efficiency),
            charging=answer.limit_kw[0] > 0,
        )
        for ev, answer in zip(asked.evs, plan.evs, strict=True)
    )
    return replace(
        asked,
        horizon=Horizon(start=asked.horizon.edges[1], step_h=asked.horizon.step_h[1:]),
        site=replace(
            site, **series, phase_limit_kw=tuple(phase[1:] for phase in site.phase_limit_kw)
        ),
        evs=evs,
    )


def bill(asked: Problem, plan: Schedule) -> float:
    """Return the money of some cars' powers, CO2 and starts included."""
    money = 0.0
    for step, hours in enumerate(asked.horizon.step_h):
        total = sum(ev.limit_kw[step] for ev in plan.evs)
        surplus = min(total, asked.surplus_kw[step])
        money += hours * surplus * asked.export_price[step]
        money += hours * (total - surplus) * asked.decision_price[step]
    for ev, answer in zip(asked.evs, plan.evs, strict=True):
        on = [ev.charging, *(power > 0 for power in answer.limit_kw)]
        begun = sum(after and not before for before, after in pairwise(on))
        money += asked.start_cost * begun
    return money


# The nights on which clocks change.


@pytest.mark.parametrize(("day", "hours"), [((2027, 3, 28), 23), ((2026, 10, 25), 25)])
@pytest.mark.parametrize("minutes", [15, 60])
def test_nights_on_which_clocks_change(day: tuple[int, int, int], hours: int, minutes: int) -> None:
    zone = ZoneInfo("Europe/Berlin")
    begin = datetime(*day, tzinfo=zone)
    end = datetime(day[0], day[1], day[2] + 1, tzinfo=zone)
    horizon = Horizon.aligned(begin, end, timedelta(minutes=minutes))
    assert all(edge.utcoffset() == timedelta(0) for edge in horizon.edges)
    assert {after - before for before, after in pairwise(horizon.edges)} == {
        timedelta(minutes=minutes)
    }
    assert sum(horizon.step_h) == pytest.approx(hours)
    assert horizon.end == end
    steps = len(horizon)
    asked = replace(problem([0.2] * steps), horizon=horizon)
    stays = EV(id="car", arrival=begin, departure=end, energy_kwh=11.0 * hours, max_power_kw=11.0)
    schedule = optimal(replace(asked, evs=(stays,)))
    assert schedule.evs[0].shortfall_kwh == 0
    assert min(limits(schedule)) == approx(11)
    assert math.isclose(sum(schedule.total_kw) * minutes / 60, 11 * hours, rel_tol=1e-6)


# Input at the edge of what makes sense.


@pytest.mark.parametrize(
    ("asked", "energy"),
    [
        (problem([0.1, 0.2], car(min_power_kw=4), limit_kw=0), 0.0),
        (problem([0.1, 0.2], car(min_power_kw=4), limit_kw=-3), 0.0),
        (problem([0.1, 0.2], car(min_power_kw=4), limit_kw=5, base_load_kw=7), 0.0),
        (problem([0.1, 0.2], car(), phase_limit_kw=0), 0.0),
        (problem([0.1, 0.2], car(energy_kwh=0)), 0.0),
        (problem([-0.1, -0.2], car(energy_kwh=0)), 0.0),
        (problem([-0.1, -0.2], car(energy_kwh=5)), 5.0),
        (problem([0.0, 0.0], car(energy_kwh=5), export_price=-0.1, pv_kw=3), 5.0),
        (problem([0.1, 0.2], car(energy_kwh=0.5, min_power_kw=4)), 4.0),
        (problem([0.1, 0.2], car(energy_kwh=1e-9)), 0.0),
        (problem([0.1, 0.2], car(stay=(5, 9))), 0.0),
        (problem([0.1, 0.2], car(stay=(-9, -5))), 0.0),
        (problem([0.1, 0.2], car(stay=(1, 0))), 0.0),
        (problem([0.1, 0.2], car(max_power_kw=0)), 0.0),
        (problem([1e-9], car(energy_kwh=5), step_h=1.0), 5.0),
        (problem([1e6], car(energy_kwh=5)), 5.0),
        (problem([0.1], car(energy_kwh=1e6)), 11.0),
        (problem([0.1], car(energy_kwh=5), step_h=1e-3), 0.011),
        (problem([0.1], car(energy_kwh=5), battery=storage(capacity_kwh=0.0)), 5.0),
        (problem([0.1], car(energy_kwh=5), circuits={"empty": {}}), 5.0),
        (problem([0.1], car(energy_kwh=5, circuit="off"), circuits={"off": {"limit_kw": 0}}), 0.0),
    ],
)
def test_the_edges_of_what_makes_sense(asked: Problem, energy: float) -> None:
    assert optimal(asked).evs[0].energy_kwh == approx(energy)
