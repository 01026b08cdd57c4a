"""Households that pay for starts: what the bound proves, sequential plans, recombination."""

from dataclasses import replace
import random

from benchmarks.instances import case_named, make
import numpy as np
import pytest

from custom_components.optivgi.scheduler import EV, Problem
from custom_components.optivgi.scheduler.optimal.clock import SolveClock
from custom_components.optivgi.scheduler.optimal.engine import solve_subproblem
from custom_components.optivgi.scheduler.optimal.plain.branching import (
    Branching,
    Space,
    most_undecided,
)
from custom_components.optivgi.scheduler.optimal.plain.dive import Dive
from custom_components.optivgi.scheduler.optimal.plain.recombination import Recombination
from custom_components.optivgi.scheduler.optimal.plain.sequential import (
    DualPrices,
    sequential_plans,
)
from custom_components.optivgi.scheduler.optimal.plain.startup import StartupModel
from custom_components.optivgi.scheduler.optimal.program.builder import load_relaxation
from custom_components.optivgi.scheduler.optimal.program.formulation import build
from custom_components.optivgi.scheduler.optimal.program.search import ProgramSearch

from .builders import assert_sound, car, optimal, problem
from .test_plain_charging import random_cars, relaxed, subproblem_of

START_COST = 0.05
STEPS = 10


def small(seed: int, *, cars: int = 2) -> Problem:
    """Return a household in which cars compete for wires and sun, and all can be served."""
    rng = random.Random(seed)  # noqa: S311 - reproducible, not secret
    return problem(
        [rng.uniform(0.1, 0.4) for _ in range(STEPS)],
        *(modest(ev, rng) for ev in random_cars(rng, cars, STEPS, 1.4)),
        step_h=0.5,
        limit_kw=14,
        phase_limit_kw=5.5,
        pv_kw=[rng.choice((0.0, rng.uniform(0, 8))) for _ in range(STEPS)],
        export_price=0.05,
        start_cost=START_COST,
    )


def modest(ev: EV, rng: random.Random) -> EV:
    """Return the same car wanting little, and maybe charging already."""
    wants = rng.uniform(0.3, 0.5) * ev.energy_kwh + 1
    return car(
        ev.id,
        energy_kwh=wants,
        max_power_kw=ev.max_power_kw,
        min_power_kw=ev.min_power_kw,
        phases=ev.phases,
        efficiency=ev.efficiency,
        charging=rng.random() < 0.3,
    )


def cheapest(asked: Problem) -> float:
    """Return what the best plan costs, by the integer program in its other formulation."""
    model = build(subproblem_of(asked))
    found = ProgramSearch(model, SolveClock(60), STEPS).run()
    assert found is not None
    assert found.bound == pytest.approx(found.objective, rel=1e-4, abs=1e-5)
    return found.objective


@pytest.mark.parametrize("seed", range(10))
def test_with_starts_the_relaxation_is_that_of_the_integer_program(seed: int) -> None:
    asked = small(seed, cars=4)
    subproblem = subproblem_of(asked)
    relaxation = relaxed(subproblem)
    if relaxation.missing_kwh.sum() > 1e-6:
        return
    model = build(subproblem)
    other = load_relaxation(model.program)
    other.run()
    expected = other.getInfo().objective_function_value * model.money_per_objective
    assert StartupModel(relaxation, START_COST).solve() == pytest.approx(
        expected, rel=1e-6, abs=1e-7
    )


@pytest.mark.parametrize("paid", [False, True], ids=["prices", "negative prices"])
@pytest.mark.parametrize("seed", range(20))
def test_no_bound_is_above_the_best_plan_and_no_plan_below(seed: int, *, paid: bool) -> None:
    asked = small(seed)
    if paid:
        site = asked.site
        earned = tuple(price - 0.5 for price in site.import_price)
        exported = tuple(price - 0.5 for price in site.export_price)
        asked = replace(asked, site=replace(site, import_price=earned, export_price=exported))
    relaxation = relaxed(subproblem_of(asked))
    if relaxation.missing_kwh.sum() > 1e-6:
        return
    best = cheapest(asked)
    startup = StartupModel(relaxation, START_COST)
    root = startup.solve()
    raised = Branching(startup, startup.everything).raised_bound(np.inf, 60)
    assert root - 1e-6 <= raised <= best + 1e-4 * abs(best) + 1e-5
    dive = Dive(relaxed(subproblem_of(asked)))
    recombination = Recombination(dive, START_COST, 0.0)
    plan = recombination.run(dive.run(root))
    assert plan is not None
    assert recombination.bound <= best + 1e-4 * abs(best) + 1e-5
    assert best - 1e-4 * abs(best) - 1e-5 <= plan.money <= best + 0.1 * abs(best) + 0.01
    found, _ = solve_subproblem(subproblem_of(asked), SolveClock(60))
    assert found.bound is not None
    assert found.bound <= best + 1e-4 * abs(best) + 1e-5
    assert found.objective <= best + 0.01 * abs(best) + 1e-4


def test_a_plan_that_is_known_does_not_narrow_the_bound() -> None:
    """What a dive has decided must be open again."""
    asked = small(3)
    relaxation = relaxed(subproblem_of(asked))
    dive = Dive(relaxation)
    known = dive.fixed(np.ones_like(relaxation.cells))
    recombination = Recombination(dive, START_COST, 0.0)
    plan = recombination.run(known)
    assert plan is not None
    assert plan.money <= known.money
    assert recombination.bound <= cheapest(asked) + 1e-4


@pytest.mark.parametrize("seed", range(6))
def test_sequential_plans_keep_the_limits_and_the_minimum(seed: int) -> None:
    asked = small(seed, cars=5)
    subproblem = subproblem_of(asked)
    relaxation = relaxed(subproblem)
    share = np.array([demand.share for demand in subproblem.demands])
    minimum = np.array([demand.ev.min_power_kw for demand in subproblem.demands])[:, None]
    for power in sequential_plans(subproblem, DualPrices.of(relaxation.matrix, relaxation.duals)):
        assert (share.T @ power <= subproblem.network.capacity_kw + 1e-6).all()
        assert ((power == 0) | (power >= minimum - 1e-9)).all()
        assert (power <= relaxation.ceiling + 1e-6).all()


def test_prices_leave_the_sun_to_who_needs_it() -> None:
    """Car a could charge in both suns, car b is there in the first one only."""
    asked = problem(
        [0.4, 0.4, 0.4, 0.4],
        car("a", energy_kwh=4, min_power_kw=1.5, max_power_kw=4),
        car("b", (0, 2), energy_kwh=4, min_power_kw=1.5, max_power_kw=4),
        limit_kw=20,
        pv_kw=[0, 4, 4, 0],
        export_price=0.0,
        start_cost=0.01,
    )
    subproblem = subproblem_of(asked)
    relaxation = relaxed(subproblem)
    startup = StartupModel(relaxation, 0.01)
    startup.solve()
    priced = DualPrices.of(relaxation.matrix, startup.duals)
    free = replace(
        priced,
        capacity=np.zeros_like(subproblem.network.capacity_kw),
        surplus=np.zeros(len(asked.horizon)),
    )
    # With nothing to pay for what b could use, a takes the first sun if it is asked first.
    alone = sequential_plans(subproblem, free, begun=np.zeros((2, 4)), again=1)
    assert any(power[0, 1] > 0 for power in alone)
    best = sequential_plans(subproblem, priced)[0]
    assert best[0].round(3).tolist() == [0, 0, 4, 0]
    assert best[1].round(3).tolist() == [0, 4, 0, 0]


def test_being_on_through_an_expensive_step_is_not_cheaper_than_another_start() -> None:
    """Steps that are left out, as they cannot pay, must not let a car go on for nothing."""
    asked = problem(
        [0.1, 0.9, 0.1, 0.2, 0.9],
        car(energy_kwh=8, min_power_kw=2, max_power_kw=4),
        limit_kw=20,
        start_cost=0.5,
    )
    subproblem = subproblem_of(asked)
    relaxation = relaxed(subproblem)
    startup = StartupModel(relaxation, 0.5)
    startup.solve()
    (plan,) = sequential_plans(subproblem, DualPrices.of(relaxation.matrix, startup.duals))
    assert plan[0].round(3).tolist() == [0, 0, 4, 4, 0]


def test_the_middle_of_the_longest_undecided_stretch_is_decided() -> None:
    on = np.array([[0, 0.5, 1, 0, 0, 0, 0], [0, 0.4, 0.4, 0.4, 0.4, 0.4, 0]])
    assert most_undecided(on) == (1, 3)
    assert most_undecided(np.round(on)) is None


def test_what_contradicts_itself_is_no_plan() -> None:
    class Impossible:
        def solve_with(self, made: object, space: object) -> None:
            return None

    nothing = np.zeros((1, 3), dtype=bool)
    branching = Branching(Impossible(), Space(always=nothing, possible=nothing))
    assert branching.found(1.0, 0.0, 5) is None
    assert branching.raised_bound(1.0, 5) == 1.0


@pytest.mark.parametrize("seed", [1, 3, 4])
def test_a_household_of_four_cars_is_proven(seed: int) -> None:
    asked = make(case_named("home-4-192"), start_cost=True, seed=seed)
    schedule = optimal(asked)
    assert_sound(asked, schedule)
    assert schedule.gap is not None
    assert schedule.gap <= 0.01
    assert all(answer.shortfall_kwh == 0 for answer in schedule.evs)
