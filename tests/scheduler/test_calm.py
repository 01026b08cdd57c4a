"""The plan that is followed stays, unless a new one is clearly better."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.optivgi.scheduler import EV, Horizon, Problem, Schedule, get_algorithm
from custom_components.optivgi.scheduler.calm import BETTER_BY, TOLERATED_KWH, keep_calm

from .builders import approx, assert_sound, car, limits, problem
from .test_conformance import problems, solve, thoroughly

EQUAL = (0.2, 0.2, 0.2, 0.2)


def planned(asked: Problem, *power: float) -> Schedule:
    """Return a plan for one car that somebody made some time before."""
    fresh = solve("optimal", asked)
    return replace(fresh, evs=(replace(fresh.evs[0], limit_kw=power),))


def test_among_equals_the_plan_that_runs_stays() -> None:
    asked = problem(EQUAL, car(energy_kwh=11))
    assert limits(solve("optimal", asked)) == approx([11, 0, 0, 0]), "earlier among equals"
    kept = keep_calm(asked, solve("optimal", asked), planned(asked, 0, 0, 11, 0))
    assert kept.kept
    assert limits(kept) == approx([0, 0, 11, 0])


def test_a_clearly_better_plan_is_taken() -> None:
    asked = problem((0.1, 0.2, 0.2, 0.2), car(energy_kwh=11))
    taken = keep_calm(asked, solve("optimal", asked), planned(asked, 0, 0, 11, 0))
    assert not taken.kept
    assert limits(taken) == approx([11, 0, 0, 0])


def test_a_start_saved_is_worth_its_cost() -> None:
    prices = (0.199, 0.2, 0.2, 0.2)
    asked = problem(prices, car(energy_kwh=11), start_cost=0.02)
    assert keep_calm(asked, solve("optimal", asked), planned(asked, 0, 0, 11, 0)).kept


@pytest.mark.parametrize(
    "changed",
    [
        car(energy_kwh=30),
        car(stay=(0, 2), energy_kwh=11),
        car(energy_kwh=11, max_power_kw=7),
        car("another", energy_kwh=11),
        car(energy_kwh=11, at_once=True),
    ],
    ids=["more", "leaves earlier", "slower", "another car", "now"],
)
def test_a_plan_that_no_longer_does_the_job_goes(changed: EV) -> None:
    before = problem(EQUAL, car(energy_kwh=11))
    asked = problem(EQUAL, changed)
    assert not keep_calm(asked, solve("optimal", asked), planned(before, 0, 0, 11, 0)).kept


def test_a_plan_that_no_longer_fits_the_wires_goes() -> None:
    asked = problem(EQUAL, car(energy_kwh=11), limit_kw=(20, 20, 5, 20))
    taken = keep_calm(asked, solve("optimal", asked), planned(asked, 0, 0, 11, 0))
    assert_sound(asked, taken)
    assert not taken.kept


def test_a_need_that_moved_a_little_is_mended_later_not_now() -> None:
    asked = problem(EQUAL, car(energy_kwh=16.2, min_power_kw=1.38))
    kept = keep_calm(asked, solve("optimal", asked), planned(asked, 8, 0, 8, 0))
    assert kept.kept
    assert limits(kept) == approx([8, 0, 8.2, 0])


def test_the_earlier_plan_is_shifted_to_the_present() -> None:
    before = problem(EQUAL, car(energy_kwh=11))
    earlier = planned(before, 0, 0, 11, 0)
    later = Horizon(start=before.horizon.start + timedelta(minutes=90), step_h=(0.5, 1.0, 1.0, 1.0))
    asked = replace(before, horizon=later)
    kept = keep_calm(asked, solve("optimal", asked), earlier)
    assert kept.kept
    assert limits(kept) == approx([0, 11, 0, 0])


@given(asked=problems(), other=problems(), name=st.sampled_from(["optimal", "go"]))
@thoroughly
def test_what_comes_out_is_sound(asked: Problem, other: Problem, name: str) -> None:
    """Whatever was planned before, limits are kept and next to nothing is lost."""
    fresh = solve(name, asked)
    for earlier in (solve(name, other), fresh):
        calm = keep_calm(asked, fresh, earlier)
        assert_sound(asked, calm)
        margin = max(BETTER_BY * abs(fresh.cost), asked.start_cost) + 1e-6
        # A kept plan may charge a portion more.
        portions = sum(
            max(TOLERATED_KWH, ev.power_step_kw) * max(map(abs, asked.site.import_price))
            for ev in asked.evs
        )
        assert calm.cost <= fresh.cost + margin + portions
        for ev, one, two in zip(asked.evs, calm.evs, fresh.evs, strict=True):
            portion = max(TOLERATED_KWH, ev.power_step_kw * ev.efficiency)
            assert one.energy_kwh >= two.energy_kwh - portion


def test_a_plan_made_again_from_the_same_is_the_same() -> None:
    asked = problem(
        (0.3, 0.1, 0.2, 0.1),
        car("a", energy_kwh=18, min_power_kw=4.14, power_step_kw=0.69),
        car("b", energy_kwh=12, min_power_kw=1.38),
        limit_kw=14,
    )
    first = solve("optimal", asked)
    again = keep_calm(asked, get_algorithm("optimal").solve(asked, time_limit_s=10), first)
    assert [ev.limit_kw for ev in again.evs] == [approx(ev.limit_kw) for ev in first.evs]
