"""The plan without a solver: in the right order of wishes, and nearly as cheap as it can be."""

from itertools import pairwise, product
import random

import numpy as np
import pytest

from custom_components.optivgi.scheduler import EV, Problem, Schedule, SinglePhase, Taper
from custom_components.optivgi.scheduler.go.cheapest import ChargingCosts, plan_cheapest, worthwhile
from custom_components.optivgi.scheduler.quantities.demand import Demand, NetworkLimits
from custom_components.optivgi.scheduler.sharing.rationing import ration

from .builders import approx, car, limits, planned, printed, problem, solve, starts, total_cost
from .flows import accepted_kwh


def go(asked: Problem) -> Schedule:
    return solve("go", asked)


def test_no_solver_is_imported() -> None:
    code = (
        "import sys\n"
        "from custom_components.optivgi.scheduler import get_algorithm\n"
        "get_algorithm('go')\n"
        "print({'pulp', 'highspy'} & set(sys.modules))"
    )
    assert printed(code) == "set()"


# What is due at once.


def test_the_least_is_charged_at_once_and_the_rest_by_price() -> None:
    asked = problem([0.4, 0.4, 0.1, 0.1], car(energy_kwh=15, min_energy_kwh=4))
    assert limits(go(asked)) == approx([4, 0, 11, 0])


def test_the_least_of_one_comes_before_all_of_another() -> None:
    asked = problem(
        [0.1, 0.1],
        car("urgent", (0, 1), energy_kwh=10),
        car("empty", energy_kwh=5, min_energy_kwh=5),
        limit_kw=10,
    )
    assert limits(go(asked), "empty") == approx([5, 0])
    assert limits(go(asked), "urgent") == approx([5, 0])


def test_the_least_is_charged_from_the_grid_where_only_surplus_is_wanted() -> None:
    asked = problem(
        [0.3, 0.3, 0.3],
        car(energy_kwh=9, min_energy_kwh=2, surplus_only=True),
        pv_kw=[0, 3, 4],
    )
    assert limits(go(asked)) == approx([2, 3, 4])


def test_what_is_due_at_once_comes_before_those_in_that_mode() -> None:
    asked = problem(
        [0.1, 0.1],
        car("now", energy_kwh=10, at_once=True),
        car("low", energy_kwh=20, min_energy_kwh=10),
        limit_kw=10,
    )
    schedule = go(asked)
    assert limits(schedule, "low") == approx([10, 0])
    assert limits(schedule, "now") == approx([0, 10])


# Limits of wires and batteries.


def test_circuits_are_kept_and_others_use_what_is_cheap() -> None:
    asked = problem(
        [0.1, 0.3],
        car("a", energy_kwh=8, circuit="garage"),
        car("b", energy_kwh=8, circuit="garage"),
        car("c", energy_kwh=8),
        circuits={"garage": {"limit_kw": 10}},
    )
    schedule = go(asked)
    garage = [limits(schedule, "a")[step] + limits(schedule, "b")[step] for step in range(2)]
    assert garage == approx([10, 6])
    assert limits(schedule, "c") == approx([8, 0])


def test_a_shortage_on_one_circuit_does_not_make_others_pay() -> None:
    asked = problem(
        [0.4, 0.1],
        car("a", energy_kwh=8, circuit="garage"),
        car("b", energy_kwh=8, circuit="garage"),
        *(car(f"c{index}", energy_kwh=8) for index in range(8)),
        circuits={"garage": {"limit_kw": 5}},
    )
    schedule = go(asked)
    assert planned(schedule, "a").energy_kwh == approx(5)
    assert planned(schedule, "b").energy_kwh == approx(5)
    assert all(limits(schedule, f"c{index}") == approx([0, 8]) for index in range(8))


def test_an_impossible_wish_does_not_drag_the_others_down() -> None:
    asked = problem(
        [0.1, 0.1, 0.1],
        car("greedy", (0, 1), energy_kwh=500),
        car("modest", energy_kwh=11),
        limit_kw=11,
    )
    schedule = go(asked)
    assert planned(schedule, "modest").energy_kwh == approx(11)
    assert planned(schedule, "greedy").energy_kwh == approx(11)


def test_a_battery_that_slows_down_is_given_the_time_it_needs() -> None:
    ev = car(energy_kwh=12, taper=(Taper(energy_kwh=9, max_power_kw=2),))
    asked = problem([0.3, 0.1, 0.2, 0.3], ev)
    schedule = go(asked)
    energy = accepted_kwh(ev, asked.present_h(ev), limits(schedule))
    assert energy == pytest.approx(12, abs=1e-3)
    assert limits(schedule)[1] == approx(11)
    assert limits(schedule)[2] <= 2 + 1e-6, "no more than the battery takes"


def test_at_once_it_slows_down_as_well() -> None:
    ev = car(energy_kwh=12, at_once=True, taper=(Taper(energy_kwh=9, max_power_kw=2),))
    schedule = go(problem([0.1, 0.1, 0.1], ev))
    assert planned(schedule).energy_kwh == pytest.approx(12, abs=1e-3)
    assert limits(schedule)[0] == approx(11)
    assert limits(schedule)[1] == approx(2)


def test_at_once_is_as_fast_as_the_battery_allows_within_a_step() -> None:
    """Slowing down in the middle of an hour, it makes use of the full power before."""
    ev = car(energy_kwh=10, at_once=True, taper=(Taper(energy_kwh=8, max_power_kw=3),))
    assert limits(go(problem([0.1, 0.1], ev)))[0] == approx(11)


def test_never_more_than_the_limit() -> None:
    schedule = go(problem([0.1, 0.1], car(energy_kwh=15, limit_energy_kwh=6)))
    assert planned(schedule).energy_kwh == approx(6)


# Energy beyond the need.


def test_extra_energy_is_taken_where_it_is_cheap_enough() -> None:
    asked = problem(
        [0.3, 0.04, 0.2, 0.06],
        car(energy_kwh=5, extra_energy_kwh=30, extra_below_price=0.05, max_power_kw=10),
    )
    schedule = go(asked)
    assert limits(schedule) == approx([0, 10, 0, 0])
    assert planned(schedule).extra_kwh == approx(5)


def test_extra_energy_is_taken_from_the_surplus_nobody_needs() -> None:
    asked = problem(
        [0.1, 0.3],
        car("extra", energy_kwh=0, extra_energy_kwh=10, extra_from_surplus=True),
        car("solar", energy_kwh=3, surplus_only=True),
        pv_kw=[0, 5],
    )
    schedule = go(asked)
    assert limits(schedule, "solar") == approx([0, 3])
    assert limits(schedule, "extra") == approx([0, 2])


def test_a_car_that_only_uses_surplus_buys_no_extra_energy() -> None:
    extra = car(energy_kwh=0, extra_energy_kwh=10, extra_below_price=0.2, surplus_only=True)
    assert limits(go(problem([0.1, 0.1], extra))) == approx([0, 0])


def test_cheap_extra_energy_leaves_the_surplus_to_nobody_else_in_the_same_step() -> None:
    asked = problem(
        [0.1, 0.3],
        car("extra", energy_kwh=0, extra_energy_kwh=20, extra_below_price=0.2, max_power_kw=10),
        car("solar", energy_kwh=3, surplus_only=True),
        pv_kw=[5, 5],
    )
    schedule = go(asked)
    # Beside what is drawn from the grid there is no surplus: that step is not for the other.
    assert limits(schedule, "extra") == approx([10, 0])
    assert limits(schedule, "solar") == approx([0, 3])


# Money.


def test_an_estimate_counts_as_little_as_it_is_trusted() -> None:
    prices = [0.3, 0.2, 0.05]
    known = problem(prices, car())
    doubtful = problem(prices, car(), estimated=[False, False, True], estimate_trust=0.0)
    assert limits(go(known)) == approx([0, 0, 10])
    assert limits(go(doubtful)) == approx([0, 10, 0])


def test_a_start_is_weighed_against_what_it_saves() -> None:
    prices = [0.10, 0.11, 0.10, 0.30, 0.10]
    ev = car(energy_kwh=33, min_power_kw=4)
    assert limits(go(problem(prices, ev))) == approx([11, 0, 11, 0, 11])
    one = go(problem(prices, ev, start_cost=0.1))
    assert limits(one) == approx([11, 11, 11, 0, 0])


def test_a_pause_with_nothing_drawn_is_not_a_way_around_a_start() -> None:
    asked = problem([0.10, 0.11, 0.10], car(energy_kwh=22), start_cost=0.05)
    assert starts(asked, go(asked)) == 1


def test_two_cars_change_their_turns_where_that_is_cheaper() -> None:
    """The more urgent one takes the cheap step first, though the other has no other one."""
    asked = problem(
        [0.30, 0.10, 0.11, 0.12],
        car("a", (0, 4), energy_kwh=20, max_power_kw=10),
        car("b", (0, 2), energy_kwh=9, max_power_kw=10),
        limit_kw=10,
    )
    schedule = go(asked)
    assert schedule.cost == approx(9 * 0.10 + 1 * 0.10 + 10 * 0.11 + 9 * 0.12)
    assert sum(ev.shortfall_kwh for ev in schedule.evs) == 0


@pytest.mark.parametrize("seed", range(30))
def test_the_cheapest_plan_of_one_car_is_nearly_the_optimum(seed: int) -> None:
    """Compared with all ways to be on and off, filled with the cheapest energy."""
    dice = random.Random(seed)  # noqa: S311 - no secret
    prices = [round(dice.uniform(0.05, 0.4), 2) for _ in range(8)]
    ev = car(
        energy_kwh=dice.choice([3, 8, 15, 27]),
        min_power_kw=dice.choice([0, 1.4, 4.1]),
        max_power_kw=dice.choice([4.6, 11]),
        charging=dice.random() < 0.5,
    )
    asked = problem(
        prices,
        ev,
        start_cost=dice.choice([0.0, 0.03, 0.2]),
        pv_kw=[round(dice.uniform(0, 6), 1) for _ in prices],
        export_price=0.04,
    )
    schedule = go(asked)
    best = min(filter(None, (_cost_of(asked, ev, on) for on in product((False, True), repeat=8))))
    assert planned(schedule).shortfall_kwh == 0
    assert total_cost(asked, schedule) <= best * 1.03 + 1e-6


def _cost_of(asked: Problem, ev: EV, on: tuple[bool, ...]) -> float | None:
    """Return what charging in these steps costs at least; None where they do not suffice."""
    parts: list[tuple[float, float]] = []
    missing, cost = ev.energy_kwh, 0.0
    for step in (step for step, charges in enumerate(on) if charges):
        solar = asked.surplus_kw[step]
        least = ev.min_power_kw
        sell, buy = asked.export_price[step], asked.site.import_price[step]
        cost += sell * min(least, solar) + buy * max(0.0, least - solar)
        missing -= least
        parts += [
            (sell, max(0.0, min(solar, ev.max_power_kw) - least)),
            (buy, ev.max_power_kw - max(least, min(solar, ev.max_power_kw))),
        ]
    for price, power in sorted(parts):
        taken = max(0.0, min(power, missing))
        cost += price * taken
        missing -= taken
    if missing > 1e-9:
        return None
    begun = sum(after and not before for before, after in pairwise((ev.charging, *on)))
    return cost + asked.start_cost * begun


@pytest.mark.parametrize("seed", range(20))
def test_starts_and_gaps_are_weighed_exactly(seed: int) -> None:
    dice = np.random.default_rng(seed)
    value = dice.normal(0, 1, 8).round(2)
    start_cost = float(dice.choice([0.1, 0.5, 2.0]))
    charging = bool(dice.random() < 0.5)

    def worth(steps: tuple[bool, ...]) -> float:
        begun = sum(b and not a for a, b in pairwise((charging, *steps)))
        return float(value[list(steps)].sum()) - start_cost * begun

    found = tuple(map(bool, worthwhile(value, start_cost, charging=charging)))
    best = max(map(worth, product((False, True), repeat=8)))
    assert worth(found) == pytest.approx(best)


def test_what_is_due_is_kept_when_planning_by_price() -> None:
    asked = problem([0.4, 0.1, 0.1], car(energy_kwh=12))
    floor = np.array([2.0, 0.0, 0.0])
    demand = Demand.of(asked, asked.evs[0], NetworkLimits.of(asked), floor_kw=floor)
    prices = ChargingCosts(buy=np.array(asked.decision_price), sell=np.zeros(3))
    power = plan_cheapest(demand, np.full(3, 100.0), np.zeros(3), prices)
    assert power.tolist() == approx([2, 10, 0])


# Fairness.


def test_who_leaves_early_is_not_left_with_less() -> None:
    asked = problem(
        [0.1, 0.1],
        car("early", (0, 1), energy_kwh=10),
        car("late", (0, 2), energy_kwh=14),
        limit_kw=10,
    )
    schedule = go(asked)
    missing = {ev.id: ev.shortfall_kwh for ev in schedule.evs}
    assert sum(missing.values()) == approx(4)
    assert missing["early"] / 10 == pytest.approx(1 / 6, abs=0.03)
    assert missing["late"] / 14 == pytest.approx(1 / 6, abs=0.03)


def test_priority_makes_a_shortfall_smaller() -> None:
    asked = problem(
        [0.1],
        car("vip", energy_kwh=10, priority=3.0),
        car("other", energy_kwh=10),
        limit_kw=12,
    )
    schedule = go(asked)
    assert planned(schedule, "vip").shortfall_kwh == pytest.approx(2, abs=0.3)
    assert planned(schedule, "other").shortfall_kwh == pytest.approx(6, abs=0.3)


def test_a_crowd_of_commuters_is_served_evenly() -> None:
    """All want the same share more than there is, whoever leaves when."""
    dice = random.Random(1)  # noqa: S311 - no secret
    evs = []
    for index in range(30):
        arrival = dice.randrange(12)
        stay = dice.randrange(3, 12)
        evs.append(
            car(
                f"car-{index}",
                (arrival, min(24, arrival + stay)),
                energy_kwh=dice.uniform(10, 30),
                min_power_kw=1.38,
            )
        )
    asked = problem([0.1] * 24, *evs, limit_kw=20)
    network = NetworkLimits.of(asked)
    demands = [Demand.of(asked, ev, network) for ev in asked.evs]
    served = [
        demand.energy_kwh(power) / demand.need_kwh
        for demand, power in zip(demands, ration(demands, network), strict=True)
    ]
    bound = max(
        1 - sum(20.0 for _ in range(first, last)) / due
        for first in range(24)
        for last in range(first + 1, 25)
        if (
            due := sum(
                demand.need_kwh
                for demand in demands
                if demand.hours[:first].sum() == 0 and demand.hours[last:].sum() == 0
            )
        )
    )
    assert 1 - min(served) <= bound + 0.08


# Phases.


def test_one_phase_is_used_where_all_would_need_too_much() -> None:
    single = SinglePhase(phase="L1", min_power_kw=1.38, max_power_kw=3.68)
    asked = problem(
        [0.3, 0.3],
        car(energy_kwh=10, min_power_kw=4.14, surplus_only=True, single_phase=single),
        pv_kw=[2, 3],
    )
    schedule = go(asked)
    assert limits(schedule) == approx([2, 3])
    assert planned(schedule).single_phase == (True, True)


def test_all_phases_are_used_where_they_can_be() -> None:
    single = SinglePhase(phase="L1", min_power_kw=1.38, max_power_kw=3.68, active=True)
    asked = problem([0.3, 0.1], car(energy_kwh=10, min_power_kw=4.14, single_phase=single))
    schedule = go(asked)
    assert limits(schedule) == approx([0, 10])
    assert planned(schedule).single_phase == (False, False)
