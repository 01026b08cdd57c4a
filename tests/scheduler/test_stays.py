"""Cars that may stay beyond their departure: a target by then, and a softer one after."""

import asyncio
from dataclasses import replace
import json
from pathlib import Path
import subprocess
import sys
from typing import Any

from hypothesis import given, settings, strategies as st

from custom_components.optivgi.scheduler import EV, Problem, Runner, Schedule
from custom_components.optivgi.scheduler.serialization import problem_to_json, to_dict

from .builders import approx, at, car, limits, objective, planned, problem
from .oracle import least_bill
from .test_conformance import numbers


def staying(ev_id: str = "car", leaves: float = 2, later: float = 6, **fields: Any) -> EV:
    """Return a car that leaves, or else wants 11 kWh more by another hour."""
    known = {"energy_kwh": 11.0, "later_energy_kwh": 11.0, "later_departure": at(later)}
    return car(ev_id, (0, leaves), **(known | fields))


def run(asked: Problem, earlier: Schedule | None = None) -> Schedule:
    async def cycle() -> Schedule:
        runner = Runner(time_limit_s=20)
        try:
            return await runner.solve(asked, earlier)
        finally:
            runner.shutdown(wait=True)

    return asyncio.run(cycle())


PRICES = [0.3, 0.2, 0.3, 0.1, 0.3, 0.3]


def test_it_is_ready_by_departure_and_charges_on_where_it_is_cheap() -> None:
    schedule = run(problem(PRICES, staying()))
    assert [ev.id for ev in schedule.evs] == ["car"]
    assert limits(schedule) == approx([0, 11, 0, 11, 0, 0])
    ev = planned(schedule)
    assert (ev.energy_kwh, ev.later_kwh, ev.shortfall_kwh) == (approx(22), approx(11), 0)
    assert ev.cost == schedule.cost == approx(11 * 0.3)
    assert len(ev.reasons) == len(PRICES)


def test_without_it_nothing_is_planned_after_departure() -> None:
    assert limits(run(problem(PRICES, staying(later_energy_kwh=0)))) == approx([0, 11, 0, 0, 0, 0])


def test_it_gives_way_to_who_wants_it_by_departure() -> None:
    other = car("other", (3, 4), energy_kwh=11)
    schedule = run(problem(PRICES, staying(later=4), other, limit_kw=11))
    assert limits(schedule, "other") == approx([0, 0, 0, 11, 0, 0])
    assert limits(schedule) == approx([0, 11, 11, 0, 0, 0])
    crowded = run(problem(PRICES, staying(later=4), replace(other, arrival=at(2), energy_kwh=22)))
    alone = run(problem(PRICES, replace(other, arrival=at(2), energy_kwh=22)))
    assert limits(crowded, "other") == limits(alone, "other")


def test_what_is_missing_later_is_no_shortfall() -> None:
    other = car("other", (2, 4), energy_kwh=22)
    schedule = run(problem(PRICES, staying(later=4), other, limit_kw=11))
    assert planned(schedule, "other").shortfall_kwh == 0
    assert planned(schedule).shortfall_kwh == 0
    assert planned(schedule).later_kwh <= 0.05
    assert schedule.concerns == ()


def test_its_limit_holds_for_both() -> None:
    schedule = run(problem(PRICES, staying(limit_energy_kwh=15)))
    assert planned(schedule).energy_kwh == approx(15)


def test_a_departure_within_a_step_leaves_that_step_to_the_first() -> None:
    schedule = run(problem([0.3, 0.3, 0.1, 0.1], staying(leaves=1.5, energy_kwh=16.5)))
    assert limits(schedule) == approx([11, 11, 11, 0])


def test_the_plan_that_is_followed_stays() -> None:
    """Among equals it does, also after the departure."""
    asked = problem([0.3, 0.2, 0.3, 0.1, 0.1, 0.3], staying())
    first = run(asked)
    moved = replace(
        first,
        evs=tuple(replace(ev, limit_kw=(0.0, 11.0, 0.0, 0.0, 11.0, 0.0)) for ev in first.evs),
    )
    again = run(asked, moved)
    assert again.kept
    assert limits(again) == approx([0, 11, 0, 0, 11, 0])


def test_the_command_plans_it(tmp_path: Path) -> None:
    asked = problem(PRICES, staying())
    (tmp_path / "problem.json").write_text(problem_to_json(asked))
    done = subprocess.run(  # noqa: S603 - our own code
        [
            sys.executable,
            "-m",
            "custom_components.optivgi.scheduler",
            str(tmp_path / "problem.json"),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(done.stdout)
    assert [ev["later_kwh"] for ev in answer["evs"]] == [approx(11)]
    assert answer["evs"][0]["limit_kw"] == to_dict(run(asked))["evs"][0]["limit_kw"]


@given(
    prices=st.lists(numbers(0.05, 0.5), min_size=4, max_size=7),
    leaves=st.integers(1, 3),
    first=st.sampled_from((3.0, 8.0, 11.0)),
    more=st.sampled_from((0.5, 4.0, 9.0)),
    minimum=st.sampled_from((0.0, 1.38)),
)
@settings(max_examples=40, deadline=None, derandomize=True, database=None)
def test_the_bill_is_that_of_two_cars_one_after_the_other(
    prices: list[float], leaves: int, first: float, more: float, minimum: float
) -> None:
    end = len(prices)
    ev = staying(
        leaves=leaves, later=end, energy_kwh=first, later_energy_kwh=more, min_power_kw=minimum
    )
    one = replace(ev, later_energy_kwh=0.0, later_departure=None)
    two = replace(one, id="two", arrival=at(leaves), departure=at(end), energy_kwh=more)
    schedule = run(problem(prices, ev))
    best = least_bill(problem(prices, one, two))
    assert best is not None
    assert planned(schedule).energy_kwh >= first + more - 1e-3
    assert objective(schedule) <= best.money * 1.01 + 1e-3
