"""Plain charging: its relaxation, plans that need none, and sharing what minimum powers leave."""

import random
from typing import Any

from benchmarks.households import evening
import numpy as np
import pytest

from custom_components.optivgi.scheduler import (
    EV,
    PHASES,
    Phase,
    Problem,
    get_algorithm,
)
from custom_components.optivgi.scheduler.optimal.clock import SolveClock
from custom_components.optivgi.scheduler.optimal.plain.direct import plan_directly
from custom_components.optivgi.scheduler.optimal.plain.relaxation import Relaxation
from custom_components.optivgi.scheduler.optimal.program.builder import load_relaxation
from custom_components.optivgi.scheduler.optimal.program.formulation import build
from custom_components.optivgi.scheduler.optimal.subproblem import EnergyPrices, Subproblem
from custom_components.optivgi.scheduler.quantities.demand import Demand, NetworkLimits

from .builders import approx, assert_sound, car, limits, optimal, planned, printed, problem, solve


def subproblem_of(asked: Problem) -> Subproblem:
    """Return all cars of a Problem as one group that is planned by price."""
    network = NetworkLimits.of(asked)
    return Subproblem(
        demands=[Demand.of(asked, ev, network) for ev in asked.evs],
        network=network,
        prices=EnergyPrices(
            buy=np.array(asked.decision_price),
            sell=np.array(asked.export_price),
            start_cost=asked.start_cost,
        ),
        step_h=np.array(asked.horizon.step_h),
    )


def relaxed(subproblem: Subproblem) -> Relaxation:
    """Return the solved relaxation of a group."""
    relaxation = Relaxation(subproblem, SolveClock(10))
    relaxation.solve_first()
    return relaxation


def random_cars(rng: random.Random, count: int, steps: int, least_kw: float) -> list[EV]:
    phases: tuple[tuple[Phase, ...], ...] = (PHASES, *((phase,) for phase in PHASES))
    cars = []
    for index in range(count):
        begin = rng.randrange(steps // 2)
        end = rng.randrange(begin + steps // 3, steps) + 1
        chosen = rng.choice(phases)
        cars.append(
            car(
                f"car-{index}",
                (begin / 2, end / 2),
                energy_kwh=rng.uniform(1, 4 * (end - begin) / 2),
                max_power_kw=rng.choice((7.4, 11.0)),
                min_power_kw=least_kw * len(chosen),
                phases=chosen,
                efficiency=rng.choice((0.9, 1.0)),
            )
        )
    return cars


# The relaxation.


@pytest.mark.parametrize("seed", range(12))
def test_the_relaxation_is_that_of_the_integer_program(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - reproducible, not secret
    steps = 12
    asked = problem(
        [rng.uniform(0.1, 0.4) for _ in range(steps)],
        *random_cars(rng, 4, steps, 0.0),
        step_h=0.5,
        limit_kw=25,
        phase_limit_kw=10,
        pv_kw=[rng.choice((0.0, rng.uniform(0, 8))) for _ in range(steps)],
        export_price=0.05,
    )
    subproblem = subproblem_of(asked)
    relaxation = relaxed(subproblem)
    if relaxation.missing_kwh.sum() > 1e-6:
        pytest.skip("not enough for all")
    # Without minimum powers and starts the integer program has nothing to choose.
    model = build(subproblem)
    solver = load_relaxation(model.program)
    solver.run()
    expected = solver.getInfo().objective_function_value * model.money_per_objective
    assert relaxation.money == pytest.approx(expected, abs=1e-7)


def test_plain_charging_needs_no_pulp() -> None:
    code = (
        "import sys\n"
        "from custom_components.optivgi.scheduler.optimal.plain import direct, dive, starts\n"
        "print({'pulp', 'highspy'} & set(sys.modules))"
    )
    assert printed(code) == "{'highspy'}"


def test_an_evening_is_proven() -> None:
    """By the program; whole amperes may cost something beyond what is proven."""
    gaps = []
    for seed in range(1, 8):
        plan = get_algorithm("optimal").solve(evening(3, seed), time_limit_s=30)
        assert "program" in plan.stages_ms
        assert plan.gap is not None
        assert not plan.ended_in
        gaps.append(plan.gap)
    assert sorted(gaps)[-2] < 0.011
    assert max(gaps) < 0.02


# Plans that need no program.


@pytest.mark.parametrize("flat", [True, False])
def test_a_plan_made_directly_is_as_cheap_as_the_relaxation(flat: bool) -> None:
    made = 0
    for seed in range(40):
        rng = random.Random(seed)  # noqa: S311 - reproducible, not secret
        steps = 16
        prices = [0.2 if flat else rng.uniform(0.1, 0.4) for _ in range(steps)]
        limit = 20 if flat else 30
        cars = random_cars(rng, 4, steps, rng.choice((0.0, 0.5)))
        asked = problem(prices, *cars, step_h=0.5, limit_kw=limit, phase_limit_kw=limit / 2)
        subproblem = subproblem_of(asked)
        found = plan_directly(subproblem, few_starts=False)
        if found is None:
            continue
        made += 1
        # Earlier is better than later by a millionth.
        assert found.objective == pytest.approx(relaxed(subproblem).money, abs=1e-4)
        assert found.bound == found.objective
        assert_sound(asked, optimal(asked))
    assert made >= 5


def test_at_one_price_cars_that_share_a_limit_need_no_program() -> None:
    asked = problem(
        [0.3] * 6,
        car("patient", energy_kwh=20),
        car("hurried", (0, 2), energy_kwh=20),
        limit_kw=11,
    )
    schedule = optimal(asked)
    assert {"direct", "relaxation"} & set(schedule.stages_ms) == {"direct"}
    assert limits(schedule, "hurried") == approx([11, 9, 0, 0, 0, 0])
    assert limits(schedule, "patient") == approx([0, 2, 11, 7, 0, 0])
    assert schedule.gap == 0


def test_the_last_step_of_a_direct_plan_is_at_least_at_minimum_power() -> None:
    schedule = optimal(problem([0.3] * 4, car(energy_kwh=12, min_power_kw=4)))
    assert "relaxation" not in schedule.stages_ms
    assert limits(schedule) == approx([8, 4, 0, 0])


@pytest.mark.parametrize(
    "hindered",
    [
        {"limit_kw": 12},  # Prices differ, and both want the cheapest step.
        {"pv_kw": [0, 0, 3, 0], "export_price": 0.05},  # Surplus has a price of its own.
        {"start_cost": 0.02},  # The cheapest steps are two starts.
    ],
)
def test_where_more_counts_than_prices_the_relaxation_is_solved(hindered: dict[str, Any]) -> None:
    asked = problem(
        [0.1, 0.3, 0.1, 0.3],
        car("first", energy_kwh=15),
        car("second", energy_kwh=15),
        **hindered,
    )
    assert plan_directly(subproblem_of(asked), few_starts=False) is None


def test_what_charging_at_once_costs_is_the_same_at_one_price() -> None:
    cars = [car("first", energy_kwh=15), car("second", (1, 5), energy_kwh=15)]
    for prices in ([0.3] * 5, [0.3] * 4 + [0.31]):
        schedule = solve("optimal", problem(prices, *cars, limit_kw=12))
        assert planned(schedule, "first").cost_at_once == pytest.approx(0.3 * 15)


# Too little for all.


@pytest.mark.parametrize(
    ("seed", "limit_kw", "phase_kw"), [(1, 50, 22), (3, 50, 22), (0, 40, 16), (3, 40, 16)]
)
def test_minimum_powers_leave_nobody_much_shorter_than_need_be(
    seed: int, limit_kw: float, phase_kw: float
) -> None:
    rng = random.Random(seed)  # noqa: S311 - reproducible, not secret
    steps, cars = 48, 45
    asked = problem(
        [rng.uniform(0.1, 0.4) for _ in range(steps)],
        *random_cars(rng, cars, steps, 1.38),
        step_h=0.5,
        limit_kw=limit_kw,
        phase_limit_kw=phase_kw,
    )
    subproblem = subproblem_of(asked)
    needs = np.array([demand.need_kwh for demand in subproblem.demands])
    # What each could get were there no minimum powers.
    fair = relaxed(subproblem).share(np.ones(cars))
    schedule = optimal(asked)
    assert_sound(asked, schedule)
    energy = np.array([answer.energy_kwh for answer in schedule.evs])
    assert float((1 - energy / needs).max()) <= float((1 - fair / needs).max()) + 0.01
    assert float((needs - energy).sum()) <= 1.01 * float((needs - fair).sum()) + 2
