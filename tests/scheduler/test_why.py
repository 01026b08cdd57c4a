"""Why each car has the limit that it has: one reason for every step, against known answers."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.optivgi.scheduler import (
    PeakTariff,
    Problem,
    Reason,
    ReasonKind as Kind,
    SinglePhase,
    Taper,
)
from custom_components.optivgi.scheduler.model.network import NetworkPart
from custom_components.optivgi.scheduler.quantities.demand import Array, NetworkLimits
from custom_components.optivgi.scheduler.report.why import ShadowPrices

from .builders import approx, car, giving, problem, storage
from .test_conformance import problems, thoroughly
from .test_costs import told


def why(
    asked: Problem, *powers: Sequence[float] | Array, row: int = 0, **result: Any
) -> tuple[Reason, ...]:
    return told(asked, *powers, **result).evs[row].reasons


def kinds(reasons: Sequence[Reason]) -> list[Kind]:
    return [reason.kind for reason in reasons]


# By price.


def test_cheap_where_it_charges_and_price_where_it_does_not() -> None:
    asked = problem((0.3, 0.1, 0.25, 0.2), car(energy_kwh=11))
    reasons = why(asked, (0, 11, 0, 0))
    assert kinds(reasons) == [Kind.PRICE, Kind.CHEAP, Kind.ABSENT, Kind.ABSENT]
    assert reasons[0].cost_per_kwh == approx(0.2)
    assert reasons[1].cost_per_kwh == 0


def test_the_dearest_step_that_was_chosen_is_what_others_are_compared_with() -> None:
    asked = problem((0.35, 0.1, 0.3), car(energy_kwh=15))
    reasons = why(asked, (0, 11, 4))
    assert kinds(reasons) == [Kind.PRICE, Kind.CHEAP, Kind.CHEAP]
    assert reasons[0].cost_per_kwh == approx(0.05)


def test_absent_before_arrival_after_departure_and_without_a_wish() -> None:
    asked = problem((0.3, 0.1, 0.2, 0.3), car("a", (1, 3), energy_kwh=5), car("b", energy_kwh=0))
    powers = (0, 5, 0, 0), (0, 0, 0, 0)
    assert kinds(why(asked, *powers)) == [Kind.ABSENT, Kind.CHEAP, Kind.ABSENT, Kind.ABSENT]
    assert set(kinds(why(asked, *powers, row=1))) == {Kind.ABSENT}


@pytest.mark.parametrize("estimated", [(True, False), (False, True)])
def test_an_estimate_on_either_side_is_told(estimated: tuple[bool, bool]) -> None:
    asked = problem((0.3, 0.1), car(energy_kwh=10), estimated=estimated)
    reasons = why(asked, (0, 10))
    assert kinds(reasons) == [Kind.ESTIMATE, Kind.CHEAP]
    assert reasons[0].cost_per_kwh == approx(0.2)


def test_co2_at_its_price_is_part_of_the_price() -> None:
    asked = problem((0.1, 0.2), car(energy_kwh=10), co2_kg_per_kwh=(0.5, 0.0), co2_price=1.0)
    assert why(asked, (0, 10))[0] == Reason(kind=Kind.PRICE, cost_per_kwh=0.4)


def test_deadline_where_every_other_step_is_needed_too() -> None:
    asked = problem((0.3, 0.1), car(energy_kwh=16.5))
    assert kinds(why(asked, (5.5, 11))) == [Kind.DEADLINE, Kind.DEADLINE]


def test_no_deadline_where_another_step_could_do_it() -> None:
    asked = problem((0.3, 0.1), car(energy_kwh=11))
    assert kinds(why(asked, (0, 11))) == [Kind.PRICE, Kind.CHEAP]


def test_a_car_that_cannot_be_ready_needs_every_step() -> None:
    asked = problem((0.3, 0.1), car(energy_kwh=50))
    assert kinds(why(asked, (11, 11))) == [Kind.DEADLINE, Kind.DEADLINE]


# By limits.


def test_the_site_limits_a_cheaper_step() -> None:
    asked = problem((0.1, 0.3), car(energy_kwh=10), limit_kw=8, base_load_kw=2)
    reasons = why(asked, (6, 4))
    assert reasons[0] == Reason(kind=Kind.SITE, cost_per_kwh=0.2)
    assert reasons[1].kind is not Kind.SITE


def test_a_phase_limits_a_cheaper_step_and_is_named() -> None:
    asked = problem(
        (0.1, 0.3, 0.4),
        car(energy_kwh=5, max_power_kw=7, phases=("L2",)),
        phase_limit_kw={"L1": 9, "L2": 3, "L3": 9},
    )
    assert why(asked, (3, 2, 0))[0] == Reason(kind=Kind.PHASE, detail="L2", cost_per_kwh=0.2)


@pytest.mark.parametrize("circuit", [{"limit_kw": 6}, {"phase_limit_kw": 2}])
def test_a_circuit_limits_a_cheaper_step_and_is_named(circuit: dict[str, Any]) -> None:
    asked = problem(
        (0.1, 0.3, 0.4),
        car(energy_kwh=8, circuit="garage/left"),
        circuits={"garage/left": circuit},
    )
    assert why(asked, (6, 2, 0))[0] == Reason(
        kind=Kind.CIRCUIT, detail="garage/left", cost_per_kwh=0.2
    )


def test_another_car_has_taken_all_there_is() -> None:
    asked = problem((0.1, 0.3), car("a", energy_kwh=8), car("b", energy_kwh=8), limit_kw=8)
    assert why(asked, (8, 0), (0, 8), row=1)[0] == Reason(kind=Kind.SITE, cost_per_kwh=0.2)


def test_a_short_car_is_limited_whatever_the_price() -> None:
    asked = problem((0.5, 0.1), car(energy_kwh=20), limit_kw=8)
    reasons = why(asked, (8, 8))
    assert kinds(reasons) == [Kind.SITE, Kind.SITE]
    assert reasons[0].cost_per_kwh == 0


def test_what_is_left_is_below_the_minimum() -> None:
    asked = problem(
        (0.1, 0.3),
        car("a", energy_kwh=6),
        car("b", energy_kwh=5, min_power_kw=4.14),
        limit_kw=8,
    )
    assert why(asked, (6, 0), (0, 5), row=1)[0] == Reason(kind=Kind.MIN_POWER, cost_per_kwh=0.2)


def test_a_minimum_that_is_never_reached() -> None:
    asked = problem((0.1,), car(min_power_kw=4.14), limit_kw=3)
    assert kinds(why(asked, (0,))) == [Kind.MIN_POWER]


def test_a_limit_below_the_base_load() -> None:
    asked = problem((0.1,), car(min_power_kw=4.14), limit_kw=3, base_load_kw=4)
    assert kinds(why(asked, (0,))) == [Kind.SITE]


def test_less_room_than_one_step_of_power_is_none() -> None:
    asked = problem(
        (0.1, 0.3), car(energy_kwh=9.66, min_power_kw=4.14, power_step_kw=0.69), limit_kw=5.7
    )
    assert why(asked, (5.52, 4.14))[0] == Reason(kind=Kind.SITE, cost_per_kwh=0.2)


def test_multipliers_tell_which_limit_binds_and_what_it_costs() -> None:
    """Site and phases are used up alike; a kW on L3 would save 6 ct for half an hour."""
    asked = problem((0.1, 0.3), car(energy_kwh=4), step_h=0.5, limit_kw=6, phase_limit_kw=2)
    parts = NetworkLimits.of(asked).parts
    capacity = np.zeros((len(parts), 2))
    capacity[parts.index(NetworkPart(phase="L3")), 0] = 0.06
    shadow = ShadowPrices(capacity=capacity)
    reasons = why(asked, (6, 2), shadow=shadow)
    # The car draws a third from L3: 0.06 / 3 for 0.5 kWh.
    assert reasons[0] == Reason(kind=Kind.PHASE, detail="L3", cost_per_kwh=0.04)
    assert why(asked, (6, 2))[0] == Reason(kind=Kind.SITE, cost_per_kwh=0.2)


def test_a_battery_that_is_planned_takes_from_the_site() -> None:
    asked = problem((0.1, 0.3), car(energy_kwh=10), limit_kw=8, battery=storage())
    assert why(asked, (6, 4), battery_kw={"battery": np.array([2.0, 0.0])})[0].kind is Kind.SITE


# By sun.


def test_pv_where_surplus_is_used_and_waited_for() -> None:
    asked = problem((0.3, 0.3), car(energy_kwh=4), pv_kw=(0, 5), export_price=0.1)
    reasons = why(asked, (0, 4))
    assert kinds(reasons) == [Kind.PV, Kind.PV]
    assert [reason.cost_per_kwh for reason in reasons] == approx([0.2, 0])


def test_surplus_that_earns_as_much_is_not_the_reason() -> None:
    asked = problem((0.3, 0.1), car(energy_kwh=4), pv_kw=(0, 5), export_price=0.1)
    assert kinds(why(asked, (0, 4)))[1] is Kind.CHEAP


def test_a_car_for_surplus_only_waits_for_it() -> None:
    asked = problem(
        (0.1, 0.3, 0.3), car(energy_kwh=9, min_power_kw=3, surplus_only=True), pv_kw=(0, 2, 5)
    )
    assert kinds(why(asked, (0, 0, 5))) == [Kind.PV, Kind.PV, Kind.PV]


# What comes first.


def test_what_is_due_at_once_and_what_is_not() -> None:
    asked = problem((0.5, 0.4, 0.1), car(energy_kwh=20, min_energy_kwh=9))
    floor = np.array([9.0, 0, 0])
    reasons = why(asked, (9, 0, 11), floor_kw={"car": floor})
    assert kinds(reasons) == [Kind.MIN_SOC, Kind.PRICE, Kind.CHEAP]
    # Compared with the step that was chosen, not with the one that had to be.
    assert reasons[1].cost_per_kwh == approx(0.3)
    assert kinds(why(asked, (9, 0, 11))) == kinds(reasons)


def test_what_is_due_at_once_is_limited_by_the_wires() -> None:
    asked = problem((0.5, 0.5, 0.1), car(energy_kwh=12, min_energy_kwh=12), limit_kw=8)
    assert kinds(why(asked, (8, 4, 0))) == [Kind.SITE, Kind.MIN_SOC, Kind.ABSENT]


def test_a_car_that_charges_at_once() -> None:
    asked = problem((0.5, 0.1), car(energy_kwh=11, at_once=True))
    assert kinds(why(asked, (11, 0))) == [Kind.AT_ONCE, Kind.ABSENT]
    limited = problem((0.5, 0.6, 0.1), car(energy_kwh=11, at_once=True), limit_kw=(0, 8, 8))
    assert kinds(why(limited, (0, 8, 3))) == [Kind.SITE, Kind.SITE, Kind.AT_ONCE]


# By the car.


def test_the_battery_does_not_take_more() -> None:
    asked = problem(
        (0.1, 0.1, 0.3), car(energy_kwh=14, taper=(Taper(energy_kwh=11, max_power_kw=3),))
    )
    assert kinds(why(asked, (11, 3, 0))) == [Kind.CHEAP, Kind.TAPER, Kind.ABSENT]


def test_energy_beyond_the_target() -> None:
    asked = problem((0.1, 0.1, 0.5), car(energy_kwh=11, extra_energy_kwh=30, extra_below_price=0.2))
    assert kinds(why(asked, (11, 11, 0))) == [Kind.CHEAP, Kind.EXTRA, Kind.ABSENT]


def test_too_dear_for_energy_beyond_the_target() -> None:
    asked = problem((0.5,), car(energy_kwh=0, extra_energy_kwh=9, extra_below_price=0.2))
    assert why(asked, (0,)) == (Reason(kind=Kind.PRICE, cost_per_kwh=0.3),)
    solar = problem((0.5,), car(energy_kwh=0, extra_energy_kwh=9, extra_from_surplus=True))
    assert kinds(why(solar, (0,))) == [Kind.PV]


def test_one_phase_reaches_its_own_most() -> None:
    single = SinglePhase(phase="L1", min_power_kw=1.38, max_power_kw=3.68)
    asked = problem((0.1, 0.3), car(energy_kwh=3.68, min_power_kw=4.14, single_phase=single))
    mode = {"car": np.array([True, False])}
    assert kinds(why(asked, (3.68, 0), single_phase=mode)) == [Kind.CHEAP, Kind.ABSENT]


def test_giving_back() -> None:
    asked = problem((0.1, 0.5), car(energy_kwh=0, discharge=giving()), base_load_kw=5)
    reasons = why(asked, (5, 0), discharge_kw={"car": np.array([0, 5.0])})
    assert reasons[1].kind is Kind.DISCHARGE


# By what else costs.


def test_the_highest_import_is_not_raised() -> None:
    peak = PeakTariff(price_per_kw=5, interval_h=1)
    asked = problem((0.1, 0.3, 0.4), car(energy_kwh=10), base_load_kw=1, peak_tariffs=(peak,))
    reasons = why(asked, (5, 5, 0))
    assert reasons[0] == Reason(kind=Kind.PEAK, cost_per_kwh=0.2)
    # An earlier peak of the month leaves room: then it is not the reason.
    earlier = replace(peak, day_peaks_kw=(20.0,))
    free = replace(asked, site=replace(asked.site, peak_tariffs=(earlier,)))
    assert why(free, (5, 5, 0))[0].kind is not Kind.PEAK


def test_even_the_minimum_would_raise_the_highest_import() -> None:
    peak = PeakTariff(price_per_kw=5, interval_h=1)
    asked = problem(
        (0.1, 0.3),
        car(energy_kwh=5, min_power_kw=4),
        base_load_kw=(3, 0),
        peak_tariffs=(peak,),
    )
    assert why(asked, (0, 5))[0] == Reason(kind=Kind.PEAK, cost_per_kwh=0.2)


def test_another_start_would_cost_more_than_it_saves() -> None:
    asked = problem((0.19, 0.3, 0.2, 0.2), car(energy_kwh=22), start_cost=0.2)
    reasons = why(asked, (0, 0, 11, 11))
    assert kinds(reasons) == [Kind.START, Kind.PRICE, Kind.CHEAP, Kind.CHEAP]
    assert reasons[0].cost_per_kwh == approx(0.01)


def test_a_start_that_would_save_more_is_not_the_reason() -> None:
    asked = problem((0.1, 0.3, 0.2, 0.2), car(energy_kwh=22), start_cost=0.2)
    assert kinds(why(asked, (0, 0, 11, 11)))[0] is not Kind.START


def test_a_plan_that_is_kept_says_so() -> None:
    asked = problem((0.1, 0.3, 0.2, 0.2), car(energy_kwh=22))
    assert kinds(why(asked, (0, 0, 11, 11), kept=True))[:2] == [Kind.KEPT, Kind.PRICE]


# Always.


@given(asked=problems(), data=st.data())
@settings(thoroughly, max_examples=100)
def test_every_step_has_exactly_one_reason_and_no_absurd_cost(
    asked: Problem, data: st.DataObject
) -> None:
    """Whatever is drawn, even what no algorithm would plan."""
    shape = (len(asked.evs), len(asked.horizon))
    powers = np.array(
        [
            [
                data.draw(st.sampled_from((0.0, ev.min_power_kw, ev.max_power_kw)))
                if present > 0
                else 0.0
                for present in asked.present_h(ev)
            ]
            for ev in asked.evs
        ]
    ).reshape(shape)
    plan = told(asked, *powers)
    for ev, answer in zip(asked.evs, plan.evs, strict=True):
        assert len(answer.reasons) == len(asked.horizon)
        for reason, power, present in zip(
            answer.reasons, answer.limit_kw, asked.present_h(ev), strict=True
        ):
            assert isinstance(reason, Reason)
            assert 0 <= reason.cost_per_kwh <= 10
            assert (reason.kind is Kind.ABSENT) <= (power == 0)
            if present == 0:
                assert reason.kind is Kind.ABSENT
            assert (reason.detail != "") == (reason.kind in {Kind.PHASE, Kind.CIRCUIT})
