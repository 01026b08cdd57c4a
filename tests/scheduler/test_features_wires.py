"""What wires carry: each feature beside the plan without it, both known by hand."""

from dataclasses import replace
import math
from typing import Any

from hypothesis import given, settings
import pytest

from custom_components.optivgi.scheduler import Circuit, Problem, ShortfallCause, SinglePhase
from custom_components.optivgi.scheduler.last_resort import charge_by_urgency

from .builders import (
    approx,
    assert_sound,
    car,
    limits,
    optimal,
    planned,
    problem,
    solve,
    switches,
)
from .test_conformance import ALGORITHMS, everything, thoroughly

DEARER = [0.1, 0.3]


def test_a_site_limit_of_its_own_for_each_step() -> None:
    same = optimal(problem(DEARER, car(energy_kwh=11), limit_kw=11))
    own = optimal(problem(DEARER, car(energy_kwh=11), limit_kw=(3, 11)))
    assert limits(same) == approx([11, 0])
    assert limits(own) == approx([3, 8])


def test_pv_production_leaves_more_of_the_limit() -> None:
    without = optimal(problem(DEARER, car(energy_kwh=11), limit_kw=6, base_load_kw=1))
    sun = optimal(problem(DEARER, car(energy_kwh=11), limit_kw=6, base_load_kw=1, pv_kw=(4, 0)))
    assert limits(without) == approx([5, 5])
    assert limits(sun) == approx([9, 2])


def test_a_limit_below_the_base_load_is_nothing_for_cars_and_no_error() -> None:
    asked = problem([0.1, 0.2, 0.3], car(energy_kwh=5), limit_kw=(2, -1, 9), base_load_kw=4)
    assert limits(optimal(asked)) == approx([0, 0, 5])


@pytest.mark.parametrize(("second", "first_hour"), [("L1", 7.4), ("L2", 14.8)])
def test_one_phase_cars_collide_on_the_same_phase_only(second: Any, first_hour: float) -> None:
    asked = problem(
        DEARER,
        car("a", energy_kwh=7.4, max_power_kw=7.4, phases=("L1",)),
        car("b", energy_kwh=7.4, max_power_kw=7.4, phases=(second,)),
        phase_limit_kw=7.4,
    )
    schedule = optimal(asked)
    assert schedule.total_kw == approx([first_hour, 14.8 - first_hour])


@pytest.mark.parametrize(("rotated", "most"), [(("L2", "L3"), 5.0), (("L1", "L2"), 1.3)])
def test_phase_rotation_of_a_two_phase_car(rotated: Any, most: float) -> None:
    """A car's two phases are those of the site, whatever its charger calls them."""
    asked = problem(
        [0.1],
        car("two", energy_kwh=7.4, max_power_kw=7.4, phases=rotated, at_once=True),
        car("one", energy_kwh=7.4, max_power_kw=7.4, phases=("L1",)),
        phase_limit_kw=5,
    )
    schedule = optimal(asked)
    assert limits(schedule, "two") == approx([7.4])
    assert limits(schedule, "one") == approx([most])


@pytest.mark.parametrize(
    ("phases", "most"),
    [(("L2",), 4.0), (("L1", "L2"), 8.0), (("L1", "L2", "L3"), 11.0), (("L3",), 9.0)],
)
def test_phase_limits_of_three_series(phases: Any, most: float) -> None:
    limit = {"L1": (5, 5), "L2": (4, 4), "L3": (9, 9)}
    asked = problem(DEARER, car(energy_kwh=11, phases=phases), phase_limit_kw=limit)
    assert limits(optimal(asked)) == approx([most, min(most, 11 - most)])


def test_phase_limits_may_change_within_the_horizon() -> None:
    limit = {"L1": (2, 6), "L2": 100, "L3": 100}
    asked = problem(DEARER, car(energy_kwh=8, phases=("L1",)), phase_limit_kw=limit)
    assert limits(optimal(asked)) == approx([2, 6])


def test_a_line_to_line_charger_loads_each_conductor_with_more_than_half() -> None:
    between = car(energy_kwh=10, phases=("L1", "L2"))
    plain = optimal(problem(DEARER, between, phase_limit_kw=5))
    line = optimal(problem(DEARER, replace(between, line_to_line=True), phase_limit_kw=5))
    assert limits(plain) == approx([10, 0])
    assert limits(line) == approx([5 * math.sqrt(3), 10 - 5 * math.sqrt(3)])


@pytest.mark.parametrize(("used", "most"), [(None, 11.0), (3, 11.0), (2, 8.0), (1, 4.0)])
def test_a_car_on_unknown_phases_leaves_each_what_it_may_draw_there(used: Any, most: float) -> None:
    """The site carries what it draws, and no more."""
    alone = car(energy_kwh=11, phases_used=used)
    asked = problem(DEARER, alone, phase_limit_kw=4)
    assert limits(optimal(asked)) == approx([most, min(most, 11 - most)])
    assert limits(optimal(problem(DEARER, alone, limit_kw=9))) == approx([9, 2])


@pytest.mark.parametrize("name", ALGORITHMS)
def test_two_cars_on_one_unknown_phase_each_may_be_on_the_same(name: str) -> None:
    asked = problem(
        DEARER,
        car("a", energy_kwh=3, max_power_kw=3, phases_used=1),
        car("b", energy_kwh=3, max_power_kw=3, phases_used=1),
        phase_limit_kw=4,
    )
    schedule = solve(name, asked)
    assert schedule.total_kw == approx([4, 2])
    assert max(charge_by_urgency(asked).total_kw) <= 4 + 1e-6


def test_line_to_line_chargers_share_the_conductor_they_have_in_common() -> None:
    asked = problem(
        [0.1],
        car("a", energy_kwh=9, phases=("L1", "L2"), line_to_line=True),
        car("b", energy_kwh=9, phases=("L2", "L3"), line_to_line=True),
        phase_limit_kw=6,
    )
    # L2 carries both.
    assert optimal(asked).total_kw == approx([6 * math.sqrt(3)])
    single = replace(asked.evs[1], phases=("L3",), line_to_line=False)
    apart = replace(asked, evs=(asked.evs[0], single))
    assert optimal(apart).total_kw == approx([9 + 6])


@pytest.mark.parametrize(
    ("load", "most"),
    [({"base_load_kw": 4}, 5 - 4 / 3), ({"base_load_phase_kw": {"L1": 4}}, 1.0)],
)
def test_base_load_of_a_phase(load: Any, most: float) -> None:
    """What is known in total only is spread over the phases."""
    asked = problem(DEARER, car(energy_kwh=5, phases=("L1",)), phase_limit_kw=5, **load)
    assert limits(optimal(asked)) == approx([most, min(most, 5 - most)])


@pytest.mark.parametrize(
    ("sun", "most"),
    [({"pv_kw": 3}, 2.0), ({"pv_phase_kw": {"L1": 3}}, 4.0), ({"pv_phase_kw": {"L2": 3}}, 1.0)],
)
def test_pv_of_a_phase(sun: Any, most: float) -> None:
    asked = problem(
        [0.1],
        car(energy_kwh=9, phases=("L1",)),
        phase_limit_kw=5,
        base_load_phase_kw={"L1": 4},
        **sun,
    )
    assert limits(optimal(asked)) == approx([most])


# Circuits: a garage with a row of chargers in it.

CARS = (
    car("a", circuit="row", energy_kwh=7),
    car("b", circuit="row", energy_kwh=7),
    car("c", circuit="garage", energy_kwh=10),
    car("d", energy_kwh=11),
)
GARAGE: dict[str, Any] = {"garage": {"limit_kw": 12}, "row": {"parent": "garage", "limit_kw": 7}}


def test_circuits_limit_what_hangs_on_them() -> None:
    without = optimal(problem(DEARER, *(replace(ev, circuit=None) for ev in CARS)))
    schedule = optimal(problem(DEARER, *CARS, circuits=GARAGE))
    assert without.total_kw == approx([35, 0])
    row = [limits(schedule, "a")[step] + limits(schedule, "b")[step] for step in (0, 1)]
    assert row == approx([7, 7])
    # Child and parent: the garage carries the row, too.
    assert row[0] + limits(schedule, "c")[0] <= 12 + 1e-6
    assert limits(schedule, "d") == approx([11, 0])
    assert schedule.total_kw == approx([12 + 11, 12])


def test_circuits_of_circuits_limit_grandchildren() -> None:
    deep = GARAGE | {"corner": {"parent": "row"}}
    asked = problem(DEARER, car(energy_kwh=11, circuit="corner"), circuits=deep)
    assert limits(optimal(asked)) == approx([7, 4])
    wide = {**deep, "garage": {"limit_kw": (5, 12)}}
    assert limits(optimal(problem(DEARER, asked.evs[0], circuits=wide))) == approx([5, 6])


def test_base_load_of_a_circuit_takes_from_it_and_its_parents_see_it_as_theirs() -> None:
    loaded = {"garage": {"limit_kw": 12, "base_load_kw": (6, 0)}, "row": GARAGE["row"]}
    asked = problem(DEARER, CARS[0], CARS[1], circuits=loaded, base_load_kw=(6, 0), limit_kw=100)
    schedule = optimal(asked)
    assert schedule.total_kw == approx([6, 7])
    site = optimal(replace(asked, site=replace(asked.site, limit_kw=(10, 10))))
    assert site.total_kw == approx([4, 7])


def test_a_circuit_below_its_base_load_is_nothing_for_cars() -> None:
    full = {"garage": {"limit_kw": (3, 12), "base_load_kw": 4}}
    asked = problem(DEARER, car(energy_kwh=5, circuit="garage"), circuits=full, base_load_kw=4)
    assert limits(optimal(asked)) == approx([0, 5])


@pytest.mark.parametrize(
    ("phases", "most"), [(("L1",), 2.0), (("L2",), 3.0), (("L1", "L2", "L3"), 6.0)]
)
def test_phases_of_circuits(phases: Any, most: float) -> None:
    sub = {"sub": {"phase_limit_kw": {"L1": 2, "L2": 3, "L3": 4}}}
    asked = problem(DEARER, car(energy_kwh=8, phases=phases, circuit="sub"), circuits=sub)
    assert limits(optimal(asked)) == approx([most, min(most, 8 - most)])
    assert (optimal(asked).evs[0].shortfall_cause is ShortfallCause.SITE_LIMIT) is (most < 4)


def test_phases_of_circuits_with_one_series_for_all() -> None:
    sub = {"sub": {"phase_limit_kw": 2}}
    asked = problem(
        [0.1],
        car("one", energy_kwh=8, phases=("L1",), circuit="sub"),
        car("same", energy_kwh=8, phases=("L1",), circuit="sub"),
        car("other", energy_kwh=8, phases=("L3",), circuit="sub"),
        circuits=sub,
    )
    assert optimal(asked).total_kw == approx([4])


# A charger that changes to one phase by itself: 4.14 to 11 kW on three, 1.38 to 3.68 kW on one.

ONE = SinglePhase(phase="L1", min_power_kw=1.38, max_power_kw=3.68)
CHANGING = car(energy_kwh=13, min_power_kw=4.14, single_phase=ONE)
SUN: dict[str, Any] = {"pv_kw": (2, 9, 2), "export_price": 0.05}


def test_single_phase_uses_little_surplus_and_three_phases_much() -> None:
    fixed = optimal(problem([0.4] * 3, replace(CHANGING, single_phase=None), **SUN))
    schedule = optimal(problem([0.4] * 3, CHANGING, **SUN))
    assert fixed.cost == approx(2.14 * 0.4 + 10.86 * 0.05)
    assert limits(schedule) == approx([2, 9, 2])
    assert schedule.evs[0].single_phase == (True, False, True)
    assert schedule.cost == approx(13 * 0.05)


@pytest.mark.parametrize(
    ("budget", "cost"),
    [
        (0, 2.14 * 0.4 + 10.86 * 0.05),
        (1, 2 * 0.4 + 11 * 0.05),
        (2, 2 * 0.4 + 11 * 0.05),
        (3, 13 * 0.05),
    ],
)
def test_single_phase_keeps_to_its_budget_of_changes(budget: int, cost: float) -> None:
    ev = replace(CHANGING, single_phase=replace(ONE, max_switches=budget))
    schedule = optimal(problem([0.4] * 3, ev, **SUN))
    assert switches(ev, schedule.evs[0]) <= budget
    assert schedule.evs[0].shortfall_kwh == 0
    assert schedule.cost == approx(cost)


@pytest.mark.parametrize("active", [True, False])
def test_a_charger_stays_on_its_phases_while_it_is_off(active: bool) -> None:
    ev = replace(CHANGING, energy_kwh=2, single_phase=replace(ONE, max_switches=1, active=active))
    schedule = optimal(problem([0.3, 0.1, 0.3, 0.3], ev, limit_kw=3))
    assert limits(schedule) == approx([0, 2, 0, 0])
    assert schedule.evs[0].single_phase == (active, True, True, True)


@pytest.mark.parametrize("active", [True, False])
def test_single_phase_without_changes_stays_in_the_mode_it_is_in(active: bool) -> None:
    ev = replace(CHANGING, single_phase=replace(ONE, max_switches=0, active=active))
    schedule = optimal(problem([0.4] * 3, ev, **SUN))
    assert set(schedule.evs[0].single_phase) == {active}
    assert schedule.evs[0].energy_kwh == approx(3 * 3.68 if active else 13)


def test_single_phase_draws_from_its_one_phase() -> None:
    weak = {"L1": 1.0, "L2": 3.0, "L3": 8.0}
    ev = replace(CHANGING, energy_kwh=3)
    stuck = optimal(problem([0.1], ev, phase_limit_kw=weak))
    assert limits(stuck) == (0,)
    other = replace(ev, single_phase=replace(ONE, phase="L2"))
    schedule = optimal(problem([0.1], other, phase_limit_kw=weak))
    assert limits(schedule) == approx([3])
    assert schedule.evs[0].single_phase == (True,)


def test_single_phase_charges_where_three_phases_have_too_little() -> None:
    house: dict[str, Any] = {"limit_kw": 6, "base_load_kw": 3}
    fixed = optimal(problem([0.1] * 2, replace(CHANGING, single_phase=None), **house))
    schedule = optimal(problem([0.1] * 2, CHANGING, **house))
    assert planned(fixed).energy_kwh == 0
    assert limits(schedule) == approx([3, 3])


def test_single_phase_charges_where_there_is_nothing_on_three_phases() -> None:
    ev = replace(CHANGING, min_power_kw=0, max_power_kw=0, single_phase=replace(ONE, active=True))
    assert limits(optimal(problem([0.1], ev, step_h=0.25))) == approx([3.68])


@pytest.mark.parametrize("garage", ["L1", "site", "row/L1", "garage/L2", ""])
@pytest.mark.parametrize("name", ALGORITHMS)
@given(asked=everything())
@settings(thoroughly, max_examples=15)
def test_a_circuit_may_have_any_name(name: str, garage: str, asked: Problem) -> None:
    """Whatever it is called, it limits what it limits, and no other limit is lost."""
    other = replace(
        asked,
        circuits=tuple(renamed(circuit, garage) for circuit in asked.circuits),
        evs=tuple(
            replace(ev, circuit=garage) if ev.circuit == "garage" else ev for ev in asked.evs
        ),
    )
    plain, named = solve(name, asked), solve(name, other)
    assert [ev.limit_kw for ev in named.evs] == [ev.limit_kw for ev in plain.evs]
    assert len({peak.id for peak in named.peaks}) == len(plain.peaks)
    emergency = charge_by_urgency(other)
    assert_sound(other, emergency)
    assert [ev.limit_kw for ev in emergency.evs] == [
        ev.limit_kw for ev in charge_by_urgency(asked).evs
    ]


def renamed(circuit: Circuit, garage: str) -> Circuit:
    return replace(
        circuit,
        id=garage if circuit.id == "garage" else circuit.id,
        parent=garage if circuit.parent == "garage" else circuit.parent,
    )
