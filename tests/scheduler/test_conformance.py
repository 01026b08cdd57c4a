"""What every algorithm has to keep, on random problems; a new algorithm joins by its name."""

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from custom_components.optivgi.scheduler import (
    EV,
    PHASES,
    Algorithm,
    Problem,
    Schedule,
    algorithm_names,
    get_algorithm,
)

from .builders import assert_sound, car, problem, total_cost

ALGORITHMS = algorithm_names()

each_algorithm = pytest.mark.parametrize("name", ALGORITHMS)
thoroughly = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False).map(lambda value: round(value, 3))


@st.composite
def cars(draw: st.DrawFn, /, ev_id: str, hours: float, **fixed: Any) -> EV:
    arrival = draw(numbers(-2, hours))
    minimum = draw(st.sampled_from((0.0, 1.38, 4.14)))
    mode = draw(st.sampled_from(("smart", "smart", "at_once", "surplus_only")))
    fields: dict[str, Any] = {
        "energy_kwh": draw(st.sampled_from((0.0, 0.3, 5.0, 20.0, 80.0))),
        "min_power_kw": minimum,
        "max_power_kw": minimum + draw(st.sampled_from((0.0, 2.3, 7.0))),
        "power_step_kw": draw(st.sampled_from((0.0, 0.0, 0.23, 0.69))),
        "efficiency": draw(st.sampled_from((1.0, 0.88))),
        "phases": draw(st.sampled_from((PHASES, ("L1",), ("L3",), ("L1", "L2")))),
        "priority": draw(st.sampled_from((1.0, 1.0, 3.0))),
        "at_once": mode == "at_once",
        "surplus_only": mode == "surplus_only",
        "charging": draw(st.booleans()),
    } | fixed
    return car(ev_id, (arrival, arrival + draw(numbers(0, hours))), **fields)


@st.composite
def problems(draw: st.DrawFn, /, **fixed: Any) -> Problem:
    steps = draw(st.integers(1, 12))
    step_h = [draw(numbers(0.05, 0.5)), *[draw(st.sampled_from((0.25, 0.5, 1.0)))] * (steps - 1)]
    count = draw(st.integers(0, 4))
    evs = [draw(cars(f"car-{index}", sum(step_h), **fixed)) for index in range(count)]

    def series(low: float, high: float) -> list[float]:
        return draw(st.lists(numbers(low, high), min_size=steps, max_size=steps))

    site: dict[str, Any] = {}
    if draw(st.booleans()):
        site |= {"pv_kw": series(0, 12), "export_price": series(-0.1, 0.2)}
    if draw(st.booleans()):
        site["base_load_kw"] = series(-1, 9)
    if draw(st.booleans()):
        site["phase_limit_kw"] = series(-1, 6)
    return problem(
        series(-0.2, 0.5),
        *evs,
        step_h=step_h,
        limit_kw=series(-2, 25),
        start_cost=draw(st.sampled_from((0.0, 0.05))),
        **site,
    )


def solve(name: str, asked: Problem) -> Schedule:
    return get_algorithm(name).solve(asked, time_limit_s=30)


@each_algorithm
@given(asked=problems())
@thoroughly
def test_every_plan_keeps_every_limit(name: str, asked: Problem) -> None:
    assert_sound(asked, solve(name, asked))


@each_algorithm
@given(asked=problems())
@settings(thoroughly, max_examples=15)
def test_the_same_problem_gets_the_same_plan(name: str, asked: Problem) -> None:
    first, second = solve(name, asked), solve(name, asked)
    assert first == replace(second, build_ms=first.build_ms, solve_ms=first.solve_ms)


@given(asked=problems(at_once=False, surplus_only=False, min_power_kw=0.0))
@settings(thoroughly, max_examples=60)
def test_the_optimum_never_costs_more_than_charging_at_plug_in(asked: Problem) -> None:
    asked = replace(asked, start_cost=0.0)
    schedule = solve("optimal", asked)
    if any(ev.shortfall_kwh for ev in schedule.evs) or any(
        sell > buy for buy, sell in zip(asked.site.import_price, asked.export_price, strict=True)
    ):
        return
    at_once = sum(ev.cost_at_once for ev in schedule.evs)
    assert schedule.cost <= at_once + 0.01 * abs(at_once) + 1e-4


@given(asked=problems(at_once=False, surplus_only=False))
@settings(thoroughly, max_examples=40)
def test_the_heuristic_is_never_cheaper_where_it_delivers_the_same(asked: Problem) -> None:
    best, other = solve("optimal", asked), solve("go", asked)
    assert best.gap is not None
    same = all(
        abs(mine.energy_kwh - theirs.energy_kwh) < 1e-3
        for mine, theirs in zip(best.evs, other.evs, strict=True)
    )
    # A car that comes or goes within a step makes the shares of PV surplus a matter of definition.
    if same:
        gain = total_cost(asked, best) - total_cost(asked, other)
        assert gain <= 0.011 * max(1.0, abs(total_cost(asked, best)))


@each_algorithm
def test_nobody_wants_anything(name: str) -> None:
    schedule = solve(name, problem([0.1, 0.2]))
    assert schedule.evs == ()
    assert schedule.total_kw == (0.0, 0.0)


def test_algorithms_call_themselves_by_their_registered_names() -> None:
    for name in ALGORITHMS:
        algorithm = get_algorithm(name)
        assert isinstance(algorithm, Algorithm)
        assert algorithm.name == name
        assert solve(name, problem([0.1], car())).algorithm == name
