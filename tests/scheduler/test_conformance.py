"""What every algorithm has to keep, on random problems; a new algorithm joins by its name."""

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from custom_components.optivgi.scheduler import (
    EV,
    PHASES,
    Algorithm,
    Battery,
    Discharge,
    PeakTariff,
    PriceStep,
    Problem,
    Schedule,
    SinglePhase,
    Taper,
    algorithm_names,
    get_algorithm,
)

from .builders import assert_sound, car, giving, objective, problem, storage, total_cost
from .flows import independent_cost, independent_peak_cost

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
    mode = draw(st.sampled_from(("smart", "smart", "at_once", "surplus_only", "min_always")))
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
        "min_always": mode == "min_always",
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


@st.composite
def loaded_cars(draw: st.DrawFn, /, ev_id: str, hours: float, **fixed: Any) -> EV:
    """A car with some of all the features there are."""
    ev = draw(cars(ev_id, hours))
    often = st.sampled_from((False, False, True))
    fields: dict[str, Any] = {
        "circuit": draw(st.sampled_from((None, "garage", "row"))),
        "line_to_line": len(ev.phases) == 2 and draw(st.booleans()),
        "min_energy_kwh": draw(st.sampled_from((0.0, 0.0, 2.0, 30.0))),
        "limit_energy_kwh": draw(st.sampled_from((None, None, 0.0, 8.0, 50.0))),
    }
    if not fields["line_to_line"] and "single_phase" not in fixed and draw(often):
        fields["phases_used"] = draw(st.integers(1, len(ev.phases)))
    if draw(often):
        fields |= {
            "extra_energy_kwh": draw(numbers(0, 20)),
            "extra_below_price": draw(st.sampled_from((None, -0.05, 0.15, 0.4))),
            "extra_from_surplus": draw(st.booleans()),
        }
    feature = draw(st.sampled_from(("", "", "taper", "single_phase", "discharge")))
    if feature == "taper":
        first, low = draw(numbers(0, 6)), draw(numbers(1, 4))
        fields["taper"] = (
            Taper(energy_kwh=first, max_power_kw=low + 2),
            Taper(energy_kwh=first + draw(numbers(0.5, 4)), max_power_kw=low),
        )
    elif feature == "single_phase" and len(ev.phases) == 3 and "phases_used" not in fields:
        fields["single_phase"] = SinglePhase(
            phase=draw(st.sampled_from(PHASES)),
            min_power_kw=1.38,
            max_power_kw=3.68,
            active=draw(st.booleans()),
            max_switches=draw(st.integers(0, 3)),
        )
    elif feature == "discharge":
        fields["discharge"] = draw(discharges())
    return replace(ev, **(fields | fixed))


@st.composite
def discharges(draw: st.DrawFn) -> Discharge:
    capacity = draw(numbers(5, 60))
    return giving(
        max_power_kw=draw(numbers(0, 8)),
        min_power_kw=draw(st.sampled_from((0.0, 1.0))),
        capacity_kwh=capacity,
        stored_kwh=draw(numbers(0, capacity)),
        min_stored_kwh=draw(numbers(0, capacity)),
        efficiency=draw(st.sampled_from((1.0, 0.9))),
        wear_cost=draw(st.sampled_from((0.0, 0.1))),
    )


@st.composite
def batteries(draw: st.DrawFn, steps: int, number: int) -> Battery:
    capacity = draw(numbers(1, 12))
    given = draw(st.lists(numbers(-4, 4), min_size=steps, max_size=steps))
    return storage(
        id=f"battery-{number}",
        capacity_kwh=capacity,
        stored_kwh=draw(numbers(0, 1.2 * capacity)),
        min_power_kw=draw(st.sampled_from((0.0, 0.0, 0.8))),
        grid_charge=draw(st.booleans()),
        may_export=draw(st.booleans()),
        min_stored_kwh=draw(numbers(0, capacity)),
        max_charge_kw=draw(numbers(0, 6)),
        max_discharge_kw=draw(numbers(0, 6)),
        charge_efficiency=draw(st.sampled_from((1.0, 0.92))),
        discharge_efficiency=draw(st.sampled_from((1.0, 0.92))),
        wear_cost=draw(st.sampled_from((0.0, 0.05))),
        end_price=draw(st.sampled_from((None, 0.0, 0.2))),
        given_kw=draw(st.sampled_from(((), (), tuple(given)))),
    )


STEPS_OF_PRICE = (PriceStep(above_kw=2, price=3.0), PriceStep(above_kw=6, price=5.0))


@st.composite
def home_batteries(draw: st.DrawFn, steps: int) -> tuple[Battery, ...]:
    count = draw(st.sampled_from((0, 1, 1, 2)))
    return tuple(draw(batteries(steps, number)) for number in range(count))


@st.composite
def tariffs(draw: st.DrawFn, steps: int) -> PeakTariff:
    return PeakTariff(
        price_per_kw=draw(st.sampled_from((0.0, 0.1, 5.0))),
        free_kw=draw(st.sampled_from((0.0, 0.0, 3.0))),
        price_steps=draw(st.sampled_from(((), (), STEPS_OF_PRICE))),
        distinct_days=draw(st.booleans()),
        interval_h=draw(st.sampled_from((0.25, 0.5, 1.0))),
        weight=draw(st.sampled_from(((), tuple(float(index % 2) for index in range(steps))))),
        top_days=draw(st.integers(1, 3)),
        day_peaks_kw=draw(st.sampled_from(((), (4.0,), (7.0, 3.0, 2.0)))),
        today_kw=draw(numbers(0, 5)),
        imported_kwh=draw(numbers(0, 1)),
        day=draw(st.sampled_from(((), tuple(2 * index // steps for index in range(steps))))),
    )


@st.composite
def everything(draw: st.DrawFn, /, **fixed: Any) -> Problem:
    """A small problem with some of all the features there are."""
    steps = draw(st.integers(1, 6))
    lengths = st.sampled_from((1 / 12, 0.25, 0.25, 0.5, 1.0))
    step_h = draw(st.lists(lengths, min_size=steps, max_size=steps))
    count = draw(st.integers(0, 3))
    evs = [draw(loaded_cars(f"car-{index}", sum(step_h), **fixed)) for index in range(count)]

    def series(low: float, high: float) -> tuple[float, ...]:
        return tuple(draw(st.lists(numbers(low, high), min_size=steps, max_size=steps)))

    def phases(low: float, high: float) -> dict[Any, Any]:
        return {phase: series(low, high) for phase in PHASES}

    site: dict[str, Any] = {"export_price": series(-0.1, 0.2) if draw(st.booleans()) else 0.05}
    if draw(st.booleans()):
        site |= {"pv_kw": series(0, 12)} if draw(st.booleans()) else {"pv_phase_kw": phases(0, 4)}
    if draw(st.booleans()):
        site["export_limit_kw"] = series(0, 5)
    if draw(st.booleans()):
        per_phase = draw(st.booleans())
        load = (
            {"base_load_phase_kw": phases(-1, 4)} if per_phase else {"base_load_kw": series(0, 9)}
        )
        site |= load
    if draw(st.booleans()):
        site["phase_limit_kw"] = phases(-1, 9) if draw(st.booleans()) else series(0, 9)
    if draw(st.booleans()):
        site |= {"co2_kg_per_kwh": series(0, 1), "co2_price": 0.1}
    if draw(st.booleans()):
        site["peak_tariffs"] = tuple(draw(st.lists(tariffs(steps), min_size=1, max_size=2)))
    if draw(st.booleans()):
        guesses = draw(st.lists(st.booleans(), min_size=steps, max_size=steps))
        site |= {"estimated": tuple(guesses), "estimate_trust": draw(numbers(0, 1))}
    garage = {"limit_kw": series(-1, 22), "base_load_kw": series(0, 3)}
    row = {"parent": "garage", "phase_limit_kw": phases(0, 7)}
    return problem(
        series(-0.2, 0.5),
        *evs,
        step_h=step_h,
        begin_h=draw(st.sampled_from((0.0, 0.1))),
        limit_kw=series(-2, 25),
        start_cost=draw(st.sampled_from((0.0, 0.05))),
        battery=draw(home_batteries(steps)),
        circuits={"row": row, "garage": garage},
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
@given(asked=everything())
@settings(thoroughly, max_examples=400)
def test_every_plan_keeps_every_limit_with_every_feature(name: str, asked: Problem) -> None:
    assert_sound(asked, solve(name, asked))


@each_algorithm
@given(asked=everything())
@settings(thoroughly, max_examples=100)
def test_the_money_is_what_the_meter_says(name: str, asked: Problem) -> None:
    asked = without_given_discharging(asked)
    schedule = solve(name, asked)
    split = schedule.cost_split
    # Whoever pays for what: together it is the bill, with the plan less without.
    energy = split.grid + split.surplus + split.storage
    if all(one.end_price is None or one.given_kw for one in asked.batteries):
        assert energy == pytest.approx(independent_cost(asked, schedule), abs=1e-4)
    assert split.peak == pytest.approx(independent_peak_cost(asked, schedule), abs=1e-4)
    # Decided by other prices than the bill's, a plan need not have the lowest bill.
    if schedule.bound is not None and asked.decision_price == asked.site.import_price:
        assert schedule.bound <= objective(schedule) + 1e-4


def without_given_discharging(asked: Problem) -> Problem:
    """Return the problem with batteries whose own plans give nothing: they need not, either."""
    batteries = [
        replace(battery, given_kw=tuple(max(0.0, power) for power in battery.given_kw))
        for battery in asked.batteries
    ]
    return replace(asked, batteries=tuple(batteries))


def without_times(schedule: Schedule) -> Schedule:
    return replace(schedule, build_ms=0.0, solve_ms=0.0, stages_ms={})


@each_algorithm
@given(asked=everything())
@settings(thoroughly, max_examples=40)
def test_the_same_problem_gets_the_same_plan(name: str, asked: Problem) -> None:
    assert without_times(solve(name, asked)) == without_times(solve(name, asked))


@given(asked=problems(at_once=False, surplus_only=False, min_always=False, min_power_kw=0.0))
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


@given(asked=problems(at_once=False, surplus_only=False, min_always=False))
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
