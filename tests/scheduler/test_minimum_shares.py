"""Who gets how much where minimum powers leave no room for all, against every possibility tried."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import permutations
from typing import Any

from highspy import Highs, HighsVarType
from hypothesis import example, given, settings, strategies as st

from custom_components.optivgi.scheduler import EV, PeakTariff, Problem

from .builders import assert_sound, car, optimal, problem
from .test_conformance import thoroughly

HOURS = 2
FINE = 60
"""Pieces in which what is missed is counted here,"""
SLACK = 0.05
"""and what the planner's own, coarser pieces may be off."""


PEAK = PeakTariff(price_per_kw=0.05, interval_h=1.0)


def sharing(evs: Sequence[EV], limit_kw: float, **site: Any) -> Problem:
    """Return cars behind a connection for two hours."""
    return problem([0.5] * HOURS, *evs, limit_kw=limit_kw, **site)


@st.composite
def evenings(draw: st.DrawFn) -> Problem:
    evs = [
        car(
            f"car-{number}",
            (draw(st.integers(0, HOURS - 1)), HOURS),
            energy_kwh=draw(st.sampled_from((1.0, 2.0, 4.5))),
            max_power_kw=3.68,
            min_power_kw=draw(st.sampled_from((0.0, 1.38))),
            priority=draw(st.sampled_from((1.0, 2.0))),
        )
        for number in range(draw(st.integers(2, 3)))
    ]
    # Where the highest power is paid for, and where exports are, cars are planned in other ways.
    peaks: tuple[PeakTariff, ...] = draw(st.sampled_from(((), (PEAK,))))
    export_price = draw(st.sampled_from((0.0, 0.05)))
    limit_kw = draw(st.sampled_from((1.5, 2.5, 4.0, 5.0)))
    return sharing(evs, limit_kw, export_price=export_price, peak_tariffs=peaks)


SPARED = sharing(
    [
        car("short", (1, 2), energy_kwh=1.0, max_power_kw=3.68, min_power_kw=1.38),
        car("urgent", (1, 2), energy_kwh=1.0, max_power_kw=3.68, min_power_kw=1.38, priority=2.0),
        car("long", (0, 2), energy_kwh=4.5, max_power_kw=3.68, min_power_kw=1.38),
    ],
    4.0,
)
"""One gets most of what it needs before two others come; all three at once is too much."""


def could_get_kwh(asked: Problem, ev: EV) -> float:
    """Return what a car would get if it were alone: parts are of that."""
    hours = (ev.departure - ev.arrival).total_seconds() / 3600
    return min(ev.energy_kwh, hours * min(ev.max_power_kw, asked.site.limit_kw[0]))


def counted(asked: Problem, missed_kwh: Mapping[str, float]) -> float:
    """Return what is missed counts for: each kWh 1, and up to 3 more the more a car misses."""
    highest = max(ev.priority for ev in asked.evs)
    return sum(
        missed_kwh[ev.id] * (1 + 1.5 * ev.priority / highest * missed_kwh[ev.id] / need)
        for ev in asked.evs
        if (need := could_get_kwh(asked, ev)) > 0
    )


def fairest(asked: Problem) -> float:
    """Return what is missed counts for where it counts as little as it can."""
    solver = Highs()
    solver.silent()
    highest = max(ev.priority for ev in asked.evs)
    count: Any = 0.0
    loads: list[list[Any]] = [[] for _ in range(HOURS)]
    for ev in asked.evs:
        begin = int((ev.arrival - asked.horizon.start).total_seconds() / 3600)
        energy: Any = 0.0
        for hour in range(begin, HOURS):
            power = solver.addVariable(lb=0, ub=ev.max_power_kw)
            is_on = solver.addVariable(lb=0, ub=1, type=HighsVarType.kInteger)
            solver.addConstr(power <= ev.max_power_kw * is_on)
            solver.addConstr(power >= ev.min_power_kw * is_on)
            energy = energy + power
            loads[hour].append(power)
        need = could_get_kwh(asked, ev)
        for part in range(FINE):
            missed = solver.addVariable(lb=0, ub=need / FINE)
            count = count + (1 + 3 * ev.priority / highest * (part + 0.5) / FINE) * missed
            energy = energy + missed
        solver.addConstr(energy >= need)
    for load in filter(None, loads):
        solver.addConstr(sum(load) <= asked.site.limit_kw[0])
    solver.minimize(count)
    return float(solver.getInfo().objective_function_value)


@given(asked=evenings())
@settings(thoroughly, max_examples=40)
@example(asked=SPARED)
@example(asked=replace(SPARED, site=replace(SPARED.site, peak_tariffs=(PEAK,))))
@example(
    asked=replace(
        SPARED,
        site=replace(SPARED.site, export_price=(0.05,) * HOURS, peak_tariffs=(PEAK,)),
    )
)
def test_what_is_missed_is_shared_as_fairly_as_minimum_powers_allow(asked: Problem) -> None:
    best = fairest(asked)
    for evs in permutations(asked.evs):
        ordered = replace(asked, evs=evs)
        plan = optimal(ordered)
        assert_sound(ordered, plan)
        missed = {
            answer.id: max(0.0, could_get_kwh(asked, ev) - answer.energy_kwh)
            for ev, answer in zip(evs, plan.evs, strict=True)
        }
        assert counted(asked, missed) <= best + SLACK


def test_who_got_much_before_makes_room_for_two_who_come_later() -> None:
    plan = optimal(SPARED)
    assert {ev.id: round(ev.shortfall_kwh, 2) for ev in plan.evs} == {
        "short": 0.0,
        "urgent": 0.0,
        "long": 0.82,
    }


def test_nobody_is_paused_for_a_minute_of_somebody_else() -> None:
    """One could be off in the first minutes and be ready all the same: the other gains 90 Wh."""
    steps = [0.1, *[0.25] * 10]
    asked = problem(
        [0.3] * len(steps),
        car("ready", (0, 2.6), energy_kwh=4.6, max_power_kw=3.68, min_power_kw=1.38, charging=True),
        car("short", (0, 2.1), energy_kwh=10, max_power_kw=3.68, min_power_kw=1.38, charging=True),
        step_h=steps,
        limit_kw=4.2,
        start_cost=0.02,
    )
    plan = optimal(asked)
    assert_sound(asked, plan)
    ready, short = plan.evs
    assert all(ready.limit_kw)
    assert all(short.limit_kw[:9])
    assert ready.shortfall_kwh == 0
    assert short.energy_kwh >= 5.9
