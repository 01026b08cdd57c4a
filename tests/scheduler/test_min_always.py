"""Cars that draw their minimum all the time: more from the sun, and where they must be ready."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.optivgi.scheduler import EV, Problem, ReasonKind, SinglePhase

from .builders import approx, car, limits, objective, planned, problem, solve
from .oracle import least_bill
from .test_conformance import each_algorithm, numbers

MIN_KW = 4.0


def steady(ev_id: str = "car", stay: tuple[float, float] = (0, 1000), **fields: Any) -> EV:
    """Return a car that draws 4 kW all the time."""
    return car(ev_id, stay, **({"min_power_kw": MIN_KW, "min_always": True} | fields))


@each_algorithm
def test_it_charges_at_its_minimum_from_arrival_on_whatever_the_price(name: str) -> None:
    asked = problem([0.9, 0.9, 0.1, 0.1], steady(energy_kwh=8))
    schedule = solve(name, asked)
    assert limits(schedule) == approx([4, 4, 0, 0])
    kinds = [reason.kind for reason in planned(schedule).reasons]
    assert kinds == [ReasonKind.MIN_ALWAYS] * 2 + [ReasonKind.ABSENT] * 2


@each_algorithm
def test_it_takes_the_surplus_and_ends_sooner(name: str) -> None:
    sun: dict[str, Any] = {"pv_kw": (0, 7, 7, 0, 0), "export_price": 0.05}
    schedule = solve(name, problem([0.3] * 5, steady(energy_kwh=16), **sun))
    assert limits(schedule) == approx([4, 7, 5, 0, 0])
    assert [reason.kind for reason in planned(schedule).reasons[:3]] == [
        ReasonKind.MIN_ALWAYS,
        ReasonKind.PV,
        ReasonKind.PV,
    ]


@each_algorithm
def test_what_it_needs_beyond_to_be_ready_comes_where_it_is_cheap(name: str) -> None:
    asked = problem([0.3, 0.1, 0.2], steady(stay=(0, 3), energy_kwh=20))
    assert limits(solve(name, asked)) == approx([4, 11, 5])


@each_algorithm
def test_its_minimum_goes_before_cars_planned_by_price(name: str) -> None:
    cheap = car("cheap", (0, 2), energy_kwh=11, min_power_kw=4)
    asked = problem([0.1, 0.2, 0.3], steady(energy_kwh=12), cheap, limit_kw=11)
    schedule = solve(name, asked)
    assert limits(schedule) == approx([4, 4, 4])
    assert limits(schedule, "cheap") == approx([7, 4, 0])


@each_algorithm
def test_two_of_them_share_the_surplus(name: str) -> None:
    asked = problem(
        [0.3] * 4,
        steady("first", energy_kwh=12, priority=2.0),
        steady("second", energy_kwh=12),
        pv_kw=(10, 10, 0, 0),
    )
    schedule = solve(name, asked)
    assert limits(schedule, "first") == approx([6, 6, 0, 0])
    assert limits(schedule, "second") == approx([4, 4, 4, 0])


@each_algorithm
def test_what_is_due_at_once_is_not_slowed_down(name: str) -> None:
    schedule = solve(name, problem([0.3] * 4, steady(energy_kwh=16, min_energy_kwh=11)))
    assert limits(schedule) == approx([11, 4, 4, 0])
    assert planned(schedule).reasons[0].kind is ReasonKind.MIN_SOC


@each_algorithm
def test_without_a_minimum_it_is_planned_by_price(name: str) -> None:
    schedule = solve(name, problem([0.3, 0.1], steady(energy_kwh=8, min_power_kw=0.0)))
    assert limits(schedule) == approx([0, 8])


def switching(stay: tuple[float, float] = (0, 1000), *, active: bool = False, **fields: Any) -> EV:
    """Return a car whose charger can switch: 1.4 to 3.7 kW on one phase."""
    single = SinglePhase(
        phase="L1", min_power_kw=1.4, max_power_kw=3.7, active=active, max_switches=6
    )
    return steady(stay=stay, single_phase=single, **fields)


@each_algorithm
def test_its_minimum_is_that_of_one_phase_where_its_charger_can_switch(name: str) -> None:
    schedule = solve(name, problem([0.3] * 4, switching(energy_kwh=4.2)))
    assert limits(schedule) == approx([1.4, 1.4, 1.4, 0])
    assert planned(schedule).single_phase[0]


@each_algorithm
def test_little_sun_is_taken_on_one_phase_and_much_on_all(name: str) -> None:
    for pv_kw, on_one, wanted_kwh in ((2.5, True, 9), (6.0, False, 12)):
        schedule = solve(
            name, problem([0.3] * 4, switching(energy_kwh=wanted_kwh), pv_kw=(pv_kw,) * 4)
        )
        assert planned(schedule).single_phase[0] is on_one
        assert limits(schedule)[0] == approx(pv_kw)


@each_algorithm
def test_it_is_on_all_phases_while_that_is_needed_to_be_ready(name: str) -> None:
    schedule = solve(name, problem([0.3] * 4, switching(stay=(0, 3), energy_kwh=20)))
    assert not any(planned(schedule).single_phase)
    assert sum(limits(schedule)) == approx(20)


@each_algorithm
def test_passing_clouds_switch_nothing(name: str) -> None:
    """Less than the minimum of three phases keeps them, but none switches up for that."""
    sun: dict[str, Any] = {"pv_kw": (3.5,) * 4}
    for active in (False, True):
        schedule = solve(name, problem([0.3] * 4, switching(active=active, energy_kwh=14), **sun))
        assert planned(schedule).single_phase[0] is active


@st.composite
def stays(draw: st.DrawFn) -> Problem:
    """One such car that needs more than minimum and sun bring while it stays."""
    steps = draw(st.integers(1, 6))
    step_h = draw(st.sampled_from((0.25, 1.0)))
    site: dict[str, Any] = {}
    if draw(st.booleans()):
        site["pv_kw"] = tuple(draw(st.lists(numbers(0, 14), min_size=steps, max_size=steps)))
        site["export_price"] = 0.04
    free_kw = [min(11.0, max(MIN_KW, kw)) for kw in site.get("pv_kw", (0.0,) * steps)]
    part = draw(numbers(0, 1))
    need = step_h * sum(kw + part * (11.0 - kw) for kw in free_kw)
    prices = draw(st.lists(numbers(0.05, 0.5), min_size=steps, max_size=steps))
    ev = steady(stay=(0, steps * step_h), energy_kwh=need)
    return problem(prices, ev, step_h=step_h, **site)


@given(asked=stays())
@settings(max_examples=60, deadline=None, derandomize=True, database=None)
def test_the_rest_is_the_cheapest_there_is(asked: Problem) -> None:
    """The minimum as a load of the house, and the rest of the car beside it: a plain problem."""
    (ev,) = asked.evs
    steps = len(asked.horizon)
    floor_kwh = MIN_KW * sum(asked.horizon.step_h)
    rest = replace(
        ev,
        min_always=False,
        min_power_kw=0.0,
        max_power_kw=ev.max_power_kw - MIN_KW,
        energy_kwh=ev.energy_kwh - floor_kwh,
    )
    house = replace(asked.site, base_load_kw=(MIN_KW,) * steps)
    beside = least_bill(replace(asked, site=house, evs=(rest,)))
    assert beside is not None
    floor = 0.0
    for hours, buy, sell, sun in zip(
        asked.horizon.step_h,
        asked.site.import_price,
        asked.export_price,
        asked.pv_kw,
        strict=True,
    ):
        floor += hours * (min(sun, MIN_KW) * sell + max(0.0, MIN_KW - sun) * buy)
    schedule = solve("optimal", asked)
    assert all(power >= MIN_KW - 1e-6 for power in limits(schedule))
    assert objective(schedule) == pytest.approx(floor + beside.money, rel=0.01, abs=1e-3)


@each_algorithm
@given(sun=st.lists(numbers(0, 14), min_size=2, max_size=12), need=st.integers(1, 60))
@settings(max_examples=60, deadline=None, derandomize=True, database=None)
def test_minimum_and_sun_are_taken_as_time_goes_by(name: str, sun: list[float], need: int) -> None:
    """Where the minimum alone suffices, nobody has to look ahead: each hour speaks for itself."""
    need_kwh = float(min(need, MIN_KW * len(sun)))
    expected, stored = [], 0.0
    for kw in sun:
        missing = need_kwh - stored
        most = max(MIN_KW, min(kw, 11.0))
        expected.append(0.0 if missing <= 1e-4 else max(MIN_KW, min(most, missing)))
        stored += expected[-1]
    # Where a last hour at the minimum brings too much, less of the sun is taken before.
    for hour in reversed(range(len(expected))):
        spare = max(0.0, min(expected[hour] - MIN_KW, sum(expected) - need_kwh))
        expected[hour] -= spare
    asked = problem([0.3] * len(sun), steady(energy_kwh=need_kwh), pv_kw=sun, export_price=0.05)
    assert limits(solve(name, asked)) == approx(expected)
