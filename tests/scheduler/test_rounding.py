"""Plans in the steps that chargers can be set to."""

import pytest

from custom_components.optivgi.scheduler import get_algorithm

from .builders import approx, assert_sound, car, limits, problem

AMPERE_KW = 0.69


def test_what_rounding_takes_goes_to_the_cheapest_steps() -> None:
    """10 kWh in two hours would be 5 kW each; in steps it is 8 A, then 7 A."""
    asked = problem(
        (0.1, 0.1), car(energy_kwh=10, min_power_kw=4.14, power_step_kw=AMPERE_KW), limit_kw=5.6
    )
    plan = get_algorithm("optimal").solve(asked, time_limit_s=10)
    assert_sound(asked, plan)
    assert limits(plan) == approx([8 * AMPERE_KW, 7 * AMPERE_KW])


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
    asked = problem(
        (0.1, 0.2), car(energy_kwh=5, min_power_kw=4.14, power_step_kw=AMPERE_KW), limit_kw=50
    )
    plan = get_algorithm("optimal").solve(asked, time_limit_s=10)
    assert limits(plan) == approx([8 * AMPERE_KW, 0])
    assert plan.gap == pytest.approx(5.52 / 5 - 1, rel=0.01)


def test_without_steps_nothing_is_rounded() -> None:
    asked = problem((0.1, 0.2), car(energy_kwh=5, min_power_kw=4.14), limit_kw=50)
    assert limits(get_algorithm("optimal").solve(asked, time_limit_s=10)) == approx([5, 0])
