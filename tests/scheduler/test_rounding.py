"""Plans in the steps that chargers can be set to."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.optivgi.scheduler import (
    EV,
    GridConnection,
    Horizon,
    PeakTariff,
    Problem,
    SinglePhase,
    Taper,
    get_algorithm,
)
from custom_components.optivgi.scheduler.quantities.demand import Array, Demand, NetworkLimits

from .builders import START, approx, assert_sound, car, giving, limits, objective, problem, solve
from .test_conformance import problems, thoroughly
from .test_costs import told

AMPERE_KW = 0.69
"""Of a three-phase charger."""


def amps(*values: float) -> list[float]:
    """Return the power of three phases at so many amperes."""
    return [value * AMPERE_KW for value in values]


def stepped(ev_id: str = "car", stay: tuple[float, float] = (0, 1000), **fields: Any) -> EV:
    """Return a car on a charger for 6 to 16 A in whole amperes."""
    return car(
        ev_id,
        stay,
        **{
            "min_power_kw": 6 * AMPERE_KW,
            "max_power_kw": 16 * AMPERE_KW,
            "power_step_kw": AMPERE_KW,
        }
        | fields,
    )


def test_what_rounding_takes_goes_to_the_cheapest_steps() -> None:
    """10 kWh in two hours would be 5 kW each; in steps it is 8 A, then 7 A."""
    asked = problem(
        (0.1, 0.1), car(energy_kwh=10, min_power_kw=4.14, power_step_kw=AMPERE_KW), limit_kw=5.6
    )
    plan = get_algorithm("optimal").solve(asked, time_limit_s=10)
    assert_sound(asked, plan)
    assert limits(plan) == approx([8 * AMPERE_KW, 7 * AMPERE_KW])


def test_what_is_beyond_the_need_is_not_made_up_for() -> None:
    """A plan brings up to one step too much where that is paid for; rounding adds nothing to it."""
    asked = problem(
        (-0.125, 0.0),
        car(energy_kwh=5, max_power_kw=11.14, min_power_kw=4.14, power_step_kw=AMPERE_KW),
        step_h=0.5,
        limit_kw=[9.0, 5.0],
        pv_kw=[0.75, 0.0],
    )
    plan = get_algorithm("optimal").solve(asked, time_limit_s=10)
    assert_sound(asked, plan)


def test_a_car_without_steps_uses_what_the_other_leaves() -> None:
    """12 kW for both: the stepped one takes whole amperes, the other all of the rest."""
    asked = problem(
        (0.1, 0.4, 0.5),
        car("stepped", energy_kwh=9, min_power_kw=4.14, power_step_kw=AMPERE_KW),
        car("free", energy_kwh=9, min_power_kw=1.38),
        limit_kw=12,
    )
    plan = get_algorithm("optimal").solve(asked, time_limit_s=10)
    assert_sound(asked, plan)
    assert plan.total_kw[0] == pytest.approx(12)
    assert plan.evs[0].shortfall_kwh < AMPERE_KW
    assert plan.evs[1].shortfall_kwh == 0


def test_rounding_is_part_of_the_gap() -> None:
    asked = problem((0.1, 0.2), stepped(energy_kwh=5), limit_kw=50)
    plan = told(asked, (5, 0), gap=0.01)
    assert limits(plan) == approx([8 * AMPERE_KW, 0])
    assert plan.gap == pytest.approx(0.01 + 5.52 / 5 - 1)


def test_a_gap_says_something_where_the_bill_is_nothing() -> None:
    """What the second hour pays for is all but what the first one costs: 0.2 cents are left."""
    asked = problem((0.1, -0.1), stepped(energy_kwh=9.98), limit_kw=50)
    plan = told(asked, (5, 4.98), gap=0.01)
    rounded = abs(objective(plan) - 0.002)
    assert rounded > 0.02
    # It is relative to a tenth of what 9.98 kWh cost at the highest price.
    assert plan.gap == pytest.approx(0.01 + max(0.0, objective(plan) - 0.002) / 0.0998)


def test_without_steps_nothing_is_rounded() -> None:
    asked = problem((0.1, 0.2), car(energy_kwh=5, min_power_kw=4.14), limit_kw=50)
    assert limits(get_algorithm("optimal").solve(asked, time_limit_s=10)) == approx([5, 0])


# Given powers, so that only the rounding is looked at.


def test_powers_on_a_step_stay_as_they_are() -> None:
    powers = amps(6, 0, 16, 11)
    assert limits(told(problem((0.4, 0.1, 0.2, 0.3), stepped(energy_kwh=22)), powers)) == approx(
        powers
    )


def test_surplus_is_still_followed() -> None:
    """What rounding takes goes to where most surplus is left, not to the first step."""
    asked = problem(
        (0.3, 0.3, 0.3), stepped(energy_kwh=14.3), pv_kw=(4.2, 5.9, 4.2), export_price=0.05
    )
    assert limits(told(asked, (4.2, 5.9, 4.2))) == approx(amps(6, 9, 6))
    tied = problem((0.3, 0.3), stepped(energy_kwh=9), pv_kw=(4.2, 6.3), export_price=0.05)
    assert limits(told(tied, (4.2, 4.8))) == approx(amps(6, 8))


def test_a_car_for_surplus_only_never_draws_more_than_that() -> None:
    asked = problem((0.3, 0.3), stepped(energy_kwh=20, surplus_only=True), pv_kw=(5.9, 4.6))
    assert limits(told(asked, (5.9, 4.6))) == approx(amps(8, 6))


@pytest.mark.parametrize("name", ["optimal", "go"])
def test_what_surplus_is_for_beyond_the_need_is_never_imported(name: str) -> None:
    extra = stepped(energy_kwh=0, extra_energy_kwh=20, extra_from_surplus=True)
    schedule = solve(name, problem((0.3, 0.3), extra, pv_kw=(5.9, 4.6)))
    assert all(kw <= sun for kw, sun in zip(limits(schedule), (5.9, 4.6), strict=True))
    assert limits(schedule)[0] > 0


def test_others_take_no_surplus_from_a_car_for_surplus_only() -> None:
    asked = problem(
        (0.1,),
        stepped("any", energy_kwh=5),
        stepped("sun", energy_kwh=5, surplus_only=True),
        pv_kw=10,
    )
    plan = told(asked, (5,), (5,))
    assert [limits(plan, ev)[0] for ev in ("any", "sun")] == approx(amps(7, 7))


def test_what_is_due_at_once_is_made_up_for_at_once() -> None:
    """5 kWh are due in the first hour, though the second is cheaper."""
    asked = problem((0.5, 0.1), stepped(energy_kwh=9.14, min_energy_kwh=5))
    plan = told(asked, (5, 4.14), floor_kw={"car": np.array([5.0, 0])})
    assert limits(plan) == approx(amps(8, 6))
    assert limits(told(asked, (5, 4.14))) == approx(amps(7, 7))


def test_a_circuit_leaves_no_room_for_the_next_step() -> None:
    asked = problem(
        (0.1, 0.3), stepped(energy_kwh=10.1, circuit="shed"), circuits={"shed": {"limit_kw": 5.6}}
    )
    assert limits(told(asked, (5.6, 4.5))) == approx(amps(8, 7))


def test_limits_that_are_between_steps_for_hours_need_one_step_more() -> None:
    """5.6 kW for four hours is 8 A and 0.32 kWh: with the fifth hour at 6 A, 5 A less before."""
    asked = problem((0.2, 0.1, 0.1, 0.1, 0.4), stepped(energy_kwh=22.4), limit_kw=5.6)
    plan = told(asked, (5.6, 5.6, 5.6, 5.6, 0))
    assert limits(plan)[4] == approx(6 * AMPERE_KW)
    assert sum(limits(plan)) < 22.4 + AMPERE_KW
    assert plan.evs[0].shortfall_kwh == 0


def test_one_phase_has_smaller_steps_and_a_minimum_of_its_own() -> None:
    single = SinglePhase(phase="L1", min_power_kw=1.38, max_power_kw=3.68)
    asked = problem((0.1, 0.2), stepped(energy_kwh=6.5, single_phase=single), phase_limit_kw=3)
    plan = told(asked, (1.7, 4.8), single_phase={"car": np.array([True, False])})
    # 1.7 kW is 7 A on one phase; 0.09 and 0.66 kWh are missing, for which it takes 4 A more.
    assert limits(plan) == approx([11 * 0.23, 6 * AMPERE_KW])


def test_a_battery_that_takes_less_is_offered_the_next_step() -> None:
    asked = problem(
        (0.1, 0.1), stepped(energy_kwh=16, taper=(Taper(energy_kwh=11, max_power_kw=5),))
    )
    plan = told(asked, (11, 5))
    # 11 kWh and 5 kWh, and 13 s at 5 kW in the first hour.
    assert plan.evs[0].energy_kwh == approx(16 + (1 - 11 / 11.04) * 5)
    assert limits(plan) == approx(amps(16, 8))


def test_what_is_given_back_stays() -> None:
    can = giving(stored_kwh=0, max_power_kw=9)
    asked = problem((0.1, 0.2, 0.5, 0.05), stepped(energy_kwh=5, discharge=can))
    gives = np.array([0, 0, 9.4, 0])
    plan = told(asked, (5, 4.4, 0, 5), discharge_kw={"car": gives})
    assert plan.evs[0].discharge_kw == approx(list(gives))
    # What is given has been charged before, not in the cheapest hour after.
    assert sum(limits(plan)[:2]) >= 9.4
    assert plan.evs[0].energy_kwh >= 5 - 1e-9


def test_no_new_highest_import_where_another_step_will_do() -> None:
    """The peak is planned at 5 kW; the cheapest hour must not become 5.52."""
    peak = PeakTariff(price_per_kw=9, interval_h=1)
    asked = problem((0.1, 0.3, 0.4), stepped(energy_kwh=9.3), peak_tariffs=(peak,))
    assert limits(told(asked, (5, 4.3, 0))) == approx(amps(7, 7, 0))
    free = problem((0.1, 0.3, 0.4), stepped(energy_kwh=9.3))
    assert limits(told(free, (5, 4.3, 0))) == approx(amps(8, 6, 0))


def test_one_step_more_instead_of_a_new_highest_import() -> None:
    peak = PeakTariff(price_per_kw=9, interval_h=1)
    asked = problem((0.1, 0.1, 0.4), stepped(energy_kwh=10.4), peak_tariffs=(peak,))
    plan = told(asked, (5.2, 5.2, 0))
    assert max(limits(plan)) <= 5.2
    assert plan.evs[0].shortfall_kwh == 0


def test_energy_comes_before_the_highest_import() -> None:
    peak = PeakTariff(price_per_kw=9, interval_h=1)
    asked = problem((0.1, 0.1), stepped(energy_kwh=10.4), peak_tariffs=(peak,))
    plan = told(asked, (5.2, 5.2))
    assert plan.evs[0].shortfall_kwh == 0
    # Both rise by little, rather than one of them by two steps.
    assert limits(plan) == approx(amps(8, 8))


def test_the_quarters_of_an_hour_share_what_it_may_rise() -> None:
    """Two half hours of 5 kW are one billing interval: neither may rise alone beyond it."""
    peak = PeakTariff(price_per_kw=9, interval_h=1)
    asked = problem((0.1,) * 4, stepped(energy_kwh=10), step_h=0.5, peak_tariffs=(peak,))
    plan = told(asked, (5, 5, 5, 5))
    hourly = [sum(limits(plan)[:2]) / 2, sum(limits(plan)[2:]) / 2]
    # 10 kWh do not fit below 5 kW in whole steps: one of the hours has to rise by half a step.
    assert sorted(hourly) == approx(sorted([(amps(7.5)[0]), (amps(7)[0])]))


@given(asked=problems(power_step_kw=0.23), data=st.data())
@settings(thoroughly, max_examples=100)
def test_rounding_keeps_every_limit_and_loses_little(asked: Problem, data: st.DataObject) -> None:
    """Whatever was planned within the limits: powers on a step, no limit broken, no more lost."""
    network = NetworkLimits.of(asked)
    powers: list[Array] = []
    for ev in asked.evs:
        left = network.surplus_only() if ev.surplus_only and not ev.at_once else network
        demand = Demand.of(asked, ev, left)
        part = data.draw(st.lists(st.floats(0, 1), min_size=len(asked.horizon), max_size=30))
        spread = demand.ceiling_kw - ev.min_power_kw
        own = np.where(
            demand.ceiling_kw > 0, ev.min_power_kw + spread * part[: len(asked.horizon)], 0.0
        )
        own[own > demand.ceiling_kw] = 0.0
        powers.append(own)
        network = network.without([demand], [own])
    if any(ev.surplus_only and not ev.at_once for ev in asked.evs):
        return
    asked = replace(
        asked,
        evs=tuple(
            replace(ev, energy_kwh=float(np.dot(asked.present_h(ev), own)) * ev.efficiency)
            for ev, own in zip(asked.evs, powers, strict=True)
        ),
    )
    plan = told(asked, *powers)
    for ev, answer, own in zip(asked.evs, plan.evs, powers, strict=True):
        portions = (np.array(answer.limit_kw) - ev.min_power_kw) / 0.23
        on = np.array(answer.limit_kw) > 0
        assert np.abs(portions - np.rint(portions))[on].max(initial=0) < 1e-4
        planned = float(np.dot(asked.present_h(ev), own)) * ev.efficiency
        longest = max(asked.horizon.step_h)
        assert answer.energy_kwh <= planned + 0.23 * longest * ev.efficiency + 1e-6
        assert answer.energy_kwh >= planned - 0.23 * sum(asked.present_h(ev)) * ev.efficiency - 1e-6
    for step, total in enumerate(plan.total_kw):
        assert total <= asked.capacity_kw[step] + 1e-6


def test_what_comes_sooner_is_not_charged_twice() -> None:
    """A portion too much, moved to the first step, left another one too much behind."""
    room = (0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    car = EV(
        id="a",
        arrival=START + timedelta(minutes=75),
        departure=START + timedelta(minutes=255),
        energy_kwh=0.125,
        max_power_kw=2.3,
        power_step_kw=0.23,
        at_once=True,
    )
    asked = Problem(
        horizon=Horizon(start=START, step_h=(0.125, *[0.5] * 9)),
        site=GridConnection(limit_kw=room, import_price=(0.0,) * 10, pv_kw=(0.0,) * 10),
        evs=(car,),
    )
    late = np.zeros(10)
    late[7] = 0.25
    (answer,) = told(asked, late).evs
    assert answer.limit_kw == pytest.approx((0.0, 0.0, 0.0, 0.46, *[0.0] * 6))
