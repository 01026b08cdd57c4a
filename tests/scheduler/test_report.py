"""What a Schedule tells beside powers, reasons and money."""

from typing import Any

import numpy as np
import pytest

from custom_components.optivgi.scheduler import (
    PHASES,
    Concern,
    ConcernKind,
    ResourcePeak,
    ShortfallCause,
    SinglePhase,
    Taper,
)

from .builders import approx, at, car, giving, hold_battery, problem, storage
from .test_costs import told

# How far each part is used.


def test_each_limited_part_tells_its_tightest_step() -> None:
    asked = problem(
        (0.1, 0.1, 0.1),
        car(energy_kwh=9, circuit="garage"),
        limit_kw=(20, 20, 9),
        base_load_kw=(1, 5, 2),
        pv_kw=(0, 0, 3),
        phase_limit_kw=8,
        circuits={"garage": {"limit_kw": 7, "base_load_kw": 0.5, "phase_limit_kw": (6, 6, 2.2)}},
    )
    assert told(asked, (6, 3, 0)).peaks == (
        # 9 - (2 - 3), 20 - 8 and 20 - 7 are left.
        ResourcePeak(id="site", peak_kw=approx(-1), limit_kw=9, step=2),
        *(ResourcePeak(id=f"L{n}", peak_kw=approx(8 / 3), limit_kw=8, step=1) for n in (1, 2, 3)),
        ResourcePeak(id="garage", peak_kw=approx(6.5), limit_kw=7, step=0),
        *(
            ResourcePeak(id=f"garage/L{n}", peak_kw=approx(0.5 / 3), limit_kw=2.2, step=2)
            for n in (1, 2, 3)
        ),
    )


def test_peaks_count_a_base_load_above_the_limit_and_batteries_that_charge() -> None:
    asked = problem((0.1,), base_load_kw=12, limit_kw=10, battery=storage(given_kw=(3.0,)))
    assert told(asked).peaks == (ResourcePeak(id="site", peak_kw=15, limit_kw=10, step=0),)
    planned = problem((0.1,), base_load_kw=2, limit_kw=10, battery=storage())
    assert told(planned, battery_kw={"battery": np.array([3.0])}).peaks[0].peak_kw == approx(5)
    # What a battery gives may end any time.
    assert told(planned, battery_kw={"battery": np.array([-3.0])}).peaks[0].peak_kw == approx(2)


def test_one_phase_loads_its_phase_only() -> None:
    single = SinglePhase(phase="L2", min_power_kw=1.38, max_power_kw=3.68)
    asked = problem((0.1,), car(energy_kwh=3, single_phase=single), phase_limit_kw=5)
    plan = told(asked, (3.0,), single_phase={"car": np.array([True])})
    assert [peak.peak_kw for peak in plan.peaks] == approx([3, 0, 3, 0])
    assert plan.evs[0].single_phase == (True,)


# Energy.


@pytest.mark.parametrize(
    ("fields", "power", "cause"),
    [
        ({"energy_kwh": 10}, 10, None),
        ({"energy_kwh": 12}, 11, ShortfallCause.WINDOW),
        ({"energy_kwh": 10}, 8, ShortfallCause.SITE_LIMIT),
        ({"energy_kwh": 10, "surplus_only": True}, 8, ShortfallCause.SURPLUS),
        ({"energy_kwh": 10, "surplus_only": True, "at_once": True}, 8, ShortfallCause.SITE_LIMIT),
        ({"energy_kwh": 10, "limit_energy_kwh": 8}, 8, ShortfallCause.CAR_LIMIT),
        ({"energy_kwh": 10, "limit_energy_kwh": 8}, 5, ShortfallCause.SITE_LIMIT),
        ({"energy_kwh": 30, "limit_energy_kwh": 20}, 11, ShortfallCause.WINDOW),
        ({"energy_kwh": 10, "min_power_kw": 12}, 0, ShortfallCause.WINDOW),
        (
            {"energy_kwh": 10, "taper": (Taper(energy_kwh=2, max_power_kw=4),)},
            10,
            ShortfallCause.WINDOW,
        ),
    ],
)
def test_what_is_missing_and_why(
    fields: dict[str, Any], power: float, cause: ShortfallCause | None
) -> None:
    limit = power if cause is ShortfallCause.SITE_LIMIT else 100
    answer = told(problem((0.1,), car(**fields), limit_kw=limit), (power,)).evs[0]
    assert answer.shortfall_cause is cause
    assert answer.shortfall_kwh == approx(fields["energy_kwh"] - answer.energy_kwh)


def test_energy_beyond_the_target_is_told_up_to_what_was_offered() -> None:
    offered: dict[str, Any] = {"extra_energy_kwh": 3, "extra_below_price": 0.2}
    assert told(problem((0.1,), car(energy_kwh=5, **offered)), (7,)).evs[0].extra_kwh == approx(2)
    assert told(problem((0.1,), car(energy_kwh=5, **offered)), (9,)).evs[0].extra_kwh == approx(3)
    assert told(problem((0.1,), car(energy_kwh=5)), (7,)).evs[0].extra_kwh == 0


def test_what_is_given_back_is_taken_from_the_battery_with_its_losses() -> None:
    asked = problem((0.1, 0.5), car(energy_kwh=4, efficiency=0.9, discharge=giving(efficiency=0.8)))
    answer = told(asked, (10, 0), discharge_kw={"car": np.array([0, 4.0])}).evs[0]
    assert answer.energy_kwh == approx(10 * 0.9 - 4 / 0.8)
    assert answer.discharge_kw == (0, 4)


def test_a_charger_that_may_not_switch_any_more_stays_as_it_is() -> None:
    single = SinglePhase(
        phase="L1", min_power_kw=1.38, max_power_kw=3.68, active=True, max_switches=0
    )
    asked = problem((0.1, 0.1), car(energy_kwh=3, single_phase=single))
    assert told(asked, (3, 0)).evs[0].single_phase == (True, True)


# The home battery.


def test_a_battery_is_held_where_it_would_drain_into_cars() -> None:
    asked = problem(
        (0.1,) * 4,
        car(energy_kwh=9),
        pv_kw=(0, 0, 4, 0),
        battery=storage(stored_kwh=9, given_kw=(-2, 1, -1, -1)),
    )
    assert hold_battery(told(asked, (3, 3, 3, 0))) == (True, False, False, False)


def test_a_battery_left_to_itself_is_held_wherever_cars_import() -> None:
    asked = problem((0.1, 0.1), car(energy_kwh=5), battery=storage(stored_kwh=9))
    assert hold_battery(told(asked, (0, 5))) == (False, True)
    assert hold_battery(told(asked, (0, 5), battery_kw={"battery": np.zeros(2)})) == ()
    assert hold_battery(told(problem((0.1,), car()), (1,))) == ()


# Wishes that cannot be fulfilled.


type Said = tuple[ConcernKind, dict[str, float]]


def concerns(*evs: Any, prices: tuple[float, ...] = (0.1, 0.1), **fields: Any) -> list[Concern]:
    asked = problem(prices, *evs, **fields)
    return list(told(asked, *[(0,) * len(prices)] * len(evs)).concerns)


def of_vw(*evs: Any, **fields: Any) -> list[Said]:
    """Return what is said of the only car."""
    said = concerns(*evs, **fields)
    assert all((c.ev, c.circuit, c.phase) == ("VW", None, None) for c in said)
    return [(c.kind, dict(c.figures)) for c in said]


def test_nothing_to_warn_of() -> None:
    assert concerns(car(energy_kwh=20)) == []


def test_a_wish_that_is_too_much_for_the_stay() -> None:
    assert of_vw(car("VW", (0, 2), energy_kwh=30)) == [
        (ConcernKind.BEYOND_STAY, {"wanted_kwh": 30, "possible_kwh": 22})
    ]
    assert of_vw(car("VW", energy_kwh=30), limit_kw=9.25) == [
        (ConcernKind.BEYOND_HORIZON, {"wanted_kwh": 30, "possible_kwh": 18.5})
    ]


def test_a_wish_beyond_what_it_may_hold() -> None:
    assert of_vw(car("VW", energy_kwh=20, limit_energy_kwh=12)) == [
        (ConcernKind.BEYOND_LIMIT, {"wanted_kwh": 20, "possible_kwh": 12})
    ]


def test_a_wish_beyond_what_the_battery_of_a_car_that_gives_holds() -> None:
    asked = problem((0.1, 0.1), car("VW", energy_kwh=15, discharge=giving()))
    plan = told(asked, (10, 0))
    assert plan.evs[0].shortfall_cause is ShortfallCause.CAR_LIMIT
    figures = {"wanted_kwh": 15.0, "possible_kwh": 10.0}
    assert plan.concerns == (Concern(kind=ConcernKind.BEYOND_LIMIT, ev="VW", figures=figures),)


def test_a_departure_before_the_arrival() -> None:
    assert of_vw(car("VW", (2, 1))) == [(ConcernKind.LEAVES_FIRST, {})]


def test_a_minimum_above_the_maximum() -> None:
    assert of_vw(car("VW", min_power_kw=4.14, max_power_kw=3.7)) == [
        (ConcernKind.MIN_ABOVE_MAX, {"min_kw": 4.14, "max_kw": 3.7})
    ]


def test_a_minimum_above_what_its_circuit_carries() -> None:
    asked = car("VW", min_power_kw=4.14, circuit="shed")
    assert of_vw(asked, circuits={"shed": {"limit_kw": (2, 3)}}) == [
        (ConcernKind.MIN_ABOVE_ROOM, {"min_kw": 4.14, "max_kw": 3})
    ]


def test_one_phase_may_do_where_three_cannot() -> None:
    single = SinglePhase(phase="L1", min_power_kw=1.38, max_power_kw=3.68)
    few: dict[str, Any] = {"energy_kwh": 3, "min_power_kw": 4.14}
    assert concerns(car("VW", **few, single_phase=single), limit_kw=3) == []
    assert len(concerns(car("VW", **few), limit_kw=3)) == 1


def test_a_base_load_above_each_limit() -> None:
    said = concerns(
        prices=(0.1,) * 4,
        limit_kw=(9, 9, 5, 5),
        base_load_kw=(6, 7, 6.5, 3),
        phase_limit_kw=(9, 2.2, 9, 9),
        circuits={
            "shed": {"limit_kw": 1, "base_load_kw": (0, 2, 0, 0)},
            "hall": {"phase_limit_kw": 0.5, "base_load_kw": (0, 0, 0, 1.8)},
        },
    )
    assert {c.kind for c in said} == {ConcernKind.OVERLOADED}
    assert [(c.circuit, c.phase, c.figures["first_step"]) for c in said] == [
        (None, None, 2),
        *((None, phase, 1) for phase in PHASES),
        ("shed", None, 1),
        *(("hall", phase, 3) for phase in PHASES),
    ]
    assert said[0].figures == {"steps": 1, "first_step": 2, "excess_kw": 1.5}


# How it came about.


def test_what_the_algorithm_knows_is_passed_on() -> None:
    plan = told(problem((0.1,)), bound=1.5, stages_ms={"fair": 2.0}, gap=0.01, kept=True)
    assert (plan.bound, plan.stages_ms, plan.gap, plan.kept) == (1.5, {"fair": 2.0}, 0.01, True)
    assert plan.horizon.start == at(0)
    assert plan.algorithm == "hand"
