"""The plan that is followed stays, unless a new one is clearly better."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
import pytest

from custom_components.optivgi.scheduler import (
    EV,
    BatterySchedule,
    Horizon,
    PeakTariff,
    Problem,
    ReasonKind,
    Schedule,
    SinglePhase,
    Taper,
    get_algorithm,
)
from custom_components.optivgi.scheduler.incumbent import BETTER_BY_SHORT, keep_incumbent
from custom_components.optivgi.scheduler.repair import BEYOND_KWH, MISSED_KWH

from .builders import (
    approx,
    assert_sound,
    car,
    giving,
    limits,
    objective,
    planned as part_of,
    problem,
    storage,
)
from .test_conformance import everything, problems, solve, thoroughly

EQUAL = (0.2, 0.2, 0.2, 0.2)


def planned(asked: Problem, *power: float, **others: tuple[float, ...]) -> Schedule:
    """Return a plan that somebody made some time before: of the first car, and others by id."""
    fresh = solve("go", asked)
    first = fresh.evs[0].id
    made = {first: power, **others}
    return replace(
        fresh, evs=tuple(replace(ev, limit_kw=made.get(ev.id, ev.limit_kw)) for ev in fresh.evs)
    )


def calm(asked: Problem, earlier: Schedule, name: str = "go") -> Schedule:
    """Return what becomes of an earlier plan, checked."""
    schedule = keep_incumbent(asked, solve(name, asked), earlier)
    assert_sound(asked, schedule)
    return schedule


def test_among_equals_the_plan_that_runs_stays() -> None:
    asked = problem(EQUAL, car(energy_kwh=11))
    assert limits(solve("optimal", asked)) == approx([11, 0, 0, 0]), "earlier among equals"
    kept = keep_incumbent(asked, solve("optimal", asked), planned(asked, 0, 0, 11, 0))
    assert kept.kept
    assert limits(kept) == approx([0, 0, 11, 0])


def test_a_clearly_better_plan_is_taken() -> None:
    asked = problem((0.1, 0.2, 0.2, 0.2), car(energy_kwh=11))
    taken = keep_incumbent(asked, solve("optimal", asked), planned(asked, 0, 0, 11, 0))
    assert not taken.kept
    assert limits(taken) == approx([11, 0, 0, 0])


@pytest.mark.parametrize(("less", "kept"), [(0.15, True), (0.5, False)])
def test_shares_of_too_little_stay_where_they_are_about_as_fair(less: float, *, kept: bool) -> None:
    cars = [car(name, energy_kwh=10, max_power_kw=3.68, min_power_kw=1.38) for name in ("a", "b")]
    asked = problem(EQUAL, *cars, limit_kw=4)
    fresh = solve("optimal", asked)
    assert [ev.energy_kwh for ev in fresh.evs] == pytest.approx([8, 8], abs=0.01)
    earlier = planned(asked, 2.0 - less, 2.0, 2.0, 2.0, b=(2.0 + less, 2.0, 2.0, 2.0))
    followed = keep_incumbent(asked, fresh, earlier)
    assert_sound(asked, followed)
    assert (followed.evs[0].energy_kwh < 8 - less / 2) is kept


def test_a_start_saved_is_worth_its_cost() -> None:
    prices = (0.199, 0.2, 0.2, 0.2)
    asked = problem(prices, car(energy_kwh=11), start_cost=0.02)
    assert keep_incumbent(asked, solve("optimal", asked), planned(asked, 0, 0, 11, 0)).kept


@pytest.mark.parametrize(
    "changed",
    [
        car(energy_kwh=30),
        car(stay=(0, 2), energy_kwh=11),
        car("another", energy_kwh=11),
        car(energy_kwh=11, at_once=True),
    ],
    ids=["more", "leaves earlier", "another car", "now"],
)
def test_a_plan_that_no_longer_does_the_job_goes(changed: EV) -> None:
    before = problem(EQUAL, car(energy_kwh=11))
    asked = problem(EQUAL, changed)
    assert not keep_incumbent(asked, solve("optimal", asked), planned(before, 0, 0, 11, 0)).kept


def test_a_plan_that_no_longer_fits_the_wires_goes() -> None:
    asked = problem(EQUAL, car(energy_kwh=11), limit_kw=(20, 20, 5, 5))
    taken = keep_incumbent(asked, solve("optimal", asked), planned(asked, 0, 0, 11, 0))
    assert_sound(asked, taken)
    assert not taken.kept


def test_a_need_that_moved_a_little_is_mended_later_not_now() -> None:
    asked = problem(EQUAL, car(energy_kwh=16.2, min_power_kw=1.38))
    kept = keep_incumbent(asked, solve("optimal", asked), planned(asked, 8, 0, 8, 0))
    assert kept.kept
    assert limits(kept) == approx([8, 0, 8.2, 0])


def test_the_earlier_plan_is_shifted_to_the_present() -> None:
    before = problem(EQUAL, car(energy_kwh=11))
    earlier = planned(before, 0, 0, 11, 0)
    later = Horizon(start=before.horizon.start + timedelta(minutes=90), step_h=(0.5, 1.0, 1.0, 1.0))
    asked = replace(before, horizon=later)
    kept = keep_incumbent(asked, solve("optimal", asked), earlier)
    assert kept.kept
    assert limits(kept) == approx([0, 11, 0, 0])


# What has moved is mended at the end, not now.


def test_a_need_that_grew_prolongs_the_charge() -> None:
    asked = problem(EQUAL, car(energy_kwh=24, min_power_kw=2), limit_kw=11)
    kept = calm(asked, planned(asked, 11, 11, 0, 0))
    assert kept.kept
    assert limits(kept) == approx([11, 11, 2, 0])


def test_a_need_that_shrank_shortens_the_charge() -> None:
    asked = problem(EQUAL, car(energy_kwh=13, min_power_kw=2))
    kept = calm(asked, planned(asked, 5, 5, 5, 5))
    assert kept.kept
    assert limits(kept) == approx([5, 5, 3, 0])


def test_less_room_for_a_while_is_made_up_for_at_the_end() -> None:
    cars = (car("a", energy_kwh=15, min_power_kw=2), car("b", energy_kwh=15, min_power_kw=2))
    asked = problem(EQUAL, *cars, limit_kw=(8, 10, 10, 10))
    kept = calm(asked, planned(asked, 5, 5, 5, 0, b=(5, 5, 5, 0)))
    assert kept.kept
    assert [limits(kept, ev)[1:3] for ev in ("a", "b")] == [(5, 5), (5, 5)]
    assert sum(limits(kept, ev)[0] for ev in ("a", "b")) == approx(8)
    assert [part_of(kept, ev).energy_kwh for ev in ("a", "b")] == approx([15, 15])


def test_who_takes_any_power_gives_way_for_a_hair_before_who_takes_whole_amperes() -> None:
    cars = (
        car("amperes", energy_kwh=14.49, min_power_kw=4.14, power_step_kw=0.69),
        car("watts", energy_kwh=15, min_power_kw=1.38),
    )
    asked = problem(EQUAL, *cars, limit_kw=(9.8, 20, 20, 20))
    kept = calm(asked, planned(asked, 4.83, 4.83, 4.83, 0, watts=(5, 5, 5, 0)))
    assert kept.kept
    assert limits(kept, "amperes") == approx([4.83, 4.83, 4.83, 0])
    assert limits(kept, "watts")[:2] == approx([4.97, 5])


def test_who_pauses_in_the_fresh_plan_pauses_where_not_all_fit() -> None:
    cars = (car("a", (0, 1), energy_kwh=5, min_power_kw=4), car("b", energy_kwh=10, min_power_kw=4))
    asked = problem(EQUAL, *cars, limit_kw=(6, 10, 10, 10))
    kept = calm(asked, planned(asked, 5, 0, 0, 0, b=(5, 5, 0, 0)))
    assert kept.kept
    assert limits(kept, "a") == approx([5, 0, 0, 0])
    assert limits(kept, "b")[0] == 0
    assert part_of(kept, "b").energy_kwh == approx(10)


def test_the_present_is_changed_last_even_where_it_is_cheapest() -> None:
    asked = problem((0.199, 0.2, 0.2, 0.2), car(energy_kwh=16.2, min_power_kw=1.38))
    kept = calm(asked, planned(asked, 8, 0, 8, 0))
    assert kept.kept
    assert limits(kept) == approx([8, 0, 8.2, 0])


def test_the_present_is_left_alone_for_what_may_be_too_much_anyway() -> None:
    """Five minutes are left of it; a car that is ready is stopped, whatever the plan says."""
    whole = {"min_power_kw": 4.14, "power_step_kw": 0.69}
    asked = problem(
        EQUAL,
        car(energy_kwh=8.28 / 12 - 0.15, **whole),
        step_h=(1 / 12, 1, 1, 1),
        start_cost=0.05,
    )
    kept = calm(asked, planned(asked, 8.28, 0, 0, 0))
    assert kept.kept
    assert limits(kept) == approx([8.28, 0, 0, 0])


def test_the_present_grows_by_a_step_of_the_charger_rather_than_giving_way_to_a_new_hour() -> None:
    asked = problem(EQUAL, car(energy_kwh=8.6, min_power_kw=4.14, power_step_kw=0.69))
    kept = calm(asked, planned(asked, 8.28, 0, 0, 0))
    assert kept.kept
    assert limits(kept) == approx([8.97, 0, 0, 0])


def test_a_better_plan_is_taken_without_a_change_at_present_where_that_costs_nothing() -> None:
    asked = problem((0.1, 0.3, 0.3, 0.1), car(energy_kwh=14, min_power_kw=1.38))
    assert limits(solve("go", asked)) == approx([11, 0, 0, 3])
    taken = calm(asked, planned(asked, 5, 0, 9, 0))
    assert not taken.kept
    assert limits(taken) == approx([5, 0, 0, 9])


def test_who_is_to_start_or_to_stop_for_a_better_plan_does() -> None:
    asked = problem((0.4, 0.1, 0.1, 0.1), car(energy_kwh=14))
    assert limits(calm(asked, planned(asked, 5, 9, 0, 0)))[0] == 0
    asked = problem((0.1, 0.4, 0.4, 0.4), car(energy_kwh=11))
    assert limits(calm(asked, planned(asked, 0, 0, 11, 0)))[0] == approx(11)


def test_one_whose_plan_no_longer_does_leaves_the_others_theirs() -> None:
    cars = (car("a", energy_kwh=10), car("b", (0, 2), energy_kwh=10))
    asked = problem(EQUAL, *cars)
    kept = calm(asked, planned(asked, 0, 0, 10, 0, b=(0, 0, 10, 0)))
    assert kept.kept
    assert limits(kept, "a") == approx([0, 0, 10, 0])
    assert part_of(kept, "b").energy_kwh == approx(10)


def test_limits_stay_level_while_a_battery_takes_less_by_itself() -> None:
    taper = tuple(
        Taper(energy_kwh=energy, max_power_kw=power) for energy, power in ((4, 8), (8, 6), (12, 4))
    )
    ev = car(stay=(0, 4), energy_kwh=20, min_power_kw=1.38, taper=taper)
    asked = problem((0.2, 0.21, 0.22, 0.23), ev)
    fresh = solve("optimal", asked)
    assert len(set(limits(fresh)[:3])) > 1
    # What was planned before does not do.
    taken = calm(asked, planned(asked, 0, 0, 0, 11), "optimal")
    assert limits(taken)[:3] == approx([limits(fresh)[0]] * 3)
    assert part_of(taken).energy_kwh == approx(part_of(fresh).energy_kwh)


# What a kept plan must not lose.


def test_the_least_state_of_charge_does_not_come_later() -> None:
    asked = problem(EQUAL, car(energy_kwh=10, min_energy_kwh=4))
    taken = calm(asked, planned(asked, 0, 0, 10, 0))
    assert not taken.kept
    assert limits(taken)[0] >= 4 - 1e-6
    assert calm(asked, planned(asked, 4, 0, 6, 0)).kept


def test_the_others_stay_where_one_has_to_follow_the_fresh_plan() -> None:
    cars = (car("calm", energy_kwh=10), car("now", energy_kwh=10, at_once=True))
    asked = problem(EQUAL, *cars, limit_kw=12)
    kept = calm(asked, planned(asked, 0, 0, 10, 0, now=(0, 0, 0, 10)))
    assert kept.kept
    assert limits(kept, "calm") == approx([0, 0, 10, 0])
    assert limits(kept, "now") == approx([10, 0, 0, 0])


def test_surplus_that_others_only_take_is_left_for_them() -> None:
    cars = (car("grid", energy_kwh=4), car("sun", energy_kwh=4, surplus_only=True))
    asked = problem(EQUAL, *cars, pv_kw=(0, 4, 0, 0), export_price=0.2)
    kept = calm(asked, planned(asked, 0, 4, 0, 0, sun=(0, 0, 0, 0)))
    assert limits(kept, "sun")[1] == approx(limits(solve("go", asked), "sun")[1])


def test_peaks_that_are_paid_for_count() -> None:
    peak = PeakTariff(price_per_kw=1.0, interval_h=1.0)
    asked = problem((0.2, 0.2), car(energy_kwh=10), peak_tariffs=(peak,))
    level = replace(
        solve("go", asked),
        evs=(replace(solve("go", asked).evs[0], limit_kw=(5.0, 5.0)),),
    )
    taken = keep_incumbent(asked, level, planned(asked, 10, 0))
    assert not taken.kept
    assert calm(replace(asked, site=replace(asked.site, peak_tariffs=())), level).kept


def test_an_estimate_that_is_not_trusted_does_not_move_a_plan() -> None:
    prices = (0.2, 0.4, 0.2, 0.2)
    doubtful = {"estimated": (False, True, False, False), "estimate_trust": 0.0}
    asked = problem(prices, car(energy_kwh=10), **doubtful)
    assert calm(asked, planned(asked, 0, 10, 0, 0)).kept
    known = problem(prices, car(energy_kwh=10))
    assert not calm(known, planned(known, 0, 10, 0, 0)).kept


def test_what_cannot_be_mended_is_planned_anew() -> None:
    single = SinglePhase(phase="L1", min_power_kw=1.38, max_power_kw=3.68, active=True)
    slow = problem(EQUAL, car(energy_kwh=3, min_power_kw=4.14, single_phase=single), limit_kw=3)
    assert not calm(slow, planned(slow, 0, 0, 3, 0)).kept
    asked = problem(EQUAL, car(energy_kwh=11), battery=storage())
    moving = BatterySchedule(id="battery", power_kw=(1.0, 0.0, 0.0, 0.0))
    fresh = replace(solve("go", asked), batteries=(moving,))
    assert keep_incumbent(asked, fresh, planned(asked, 0, 0, 11, 0)) is fresh
    gives = problem(EQUAL, car(energy_kwh=5, discharge=giving()))
    part = replace(solve("go", gives).evs[0], discharge_kw=(1.0, 0.0, 0.0, 0.0))
    fresh = replace(solve("go", gives), evs=(part,))
    assert keep_incumbent(gives, fresh, planned(gives, 0, 0, 5, 0)) is fresh


# What is told of it.


def test_a_kept_plan_says_so_where_it_differs() -> None:
    asked = problem(EQUAL, car(energy_kwh=11))
    fresh = solve("go", asked)
    kept = keep_incumbent(asked, fresh, planned(asked, 0, 0, 11, 0))
    kinds = [reason.kind for reason in part_of(kept).reasons]
    told = [reason.kind for reason in part_of(fresh).reasons]
    assert kinds == [ReasonKind.KEPT, told[1], ReasonKind.KEPT, told[3]]
    assert (kept.algorithm, kept.status) == (fresh.algorithm, fresh.status)


@pytest.mark.parametrize("name", ["optimal", "go"])
@given(asked=problems(), other=problems())
@settings(thoroughly, max_examples=40)
def test_what_comes_out_is_sound(name: str, asked: Problem, other: Problem) -> None:
    """Whatever was planned before, limits are kept and next to nothing is lost."""
    fresh = solve(name, asked)
    for earlier in (solve(name, other), fresh):
        schedule = keep_incumbent(asked, fresh, earlier)
        assert_sound(asked, schedule)
        margin = max(BETTER_BY_SHORT * abs(objective(fresh)), asked.start_cost) + 1e-6
        assert objective(schedule) <= objective(fresh) + margin
        for ev, one, two in zip(asked.evs, schedule.evs, fresh.evs, strict=True):
            portion = ev.power_step_kw * ev.efficiency * max(asked.horizon.step_h)
            assert one.energy_kwh >= two.energy_kwh - MISSED_KWH - 1e-6
            assert one.energy_kwh <= two.energy_kwh + max(BEYOND_KWH, portion) + 1e-6


@given(asked=everything(), other=everything())
@settings(thoroughly, max_examples=150)
def test_what_comes_out_is_sound_with_every_feature(asked: Problem, other: Problem) -> None:
    fresh = solve("go", asked)
    for earlier in (solve("go", other), fresh):
        schedule = keep_incumbent(asked, fresh, earlier)
        assert_sound(asked, schedule)
        again = keep_incumbent(asked, fresh, schedule)
        assert [ev.limit_kw for ev in again.evs] == [approx(ev.limit_kw) for ev in schedule.evs]


def test_a_plan_made_again_from_the_same_is_the_same() -> None:
    asked = problem(
        (0.3, 0.1, 0.2, 0.1),
        car("a", energy_kwh=18, min_power_kw=4.14, power_step_kw=0.69),
        car("b", energy_kwh=12, min_power_kw=1.38),
        limit_kw=14,
    )
    first = solve("optimal", asked)
    again = keep_incumbent(asked, get_algorithm("optimal").solve(asked, time_limit_s=10), first)
    assert [ev.limit_kw for ev in again.evs] == [approx(ev.limit_kw) for ev in first.evs]


def test_a_charge_goes_on_to_its_end_rather_than_waiting_for_a_step_that_fits_it() -> None:
    """Ten minutes of the slot are left, and not enough; the next would bring too much at least."""
    whole = {"min_power_kw": 4.14, "max_power_kw": 5.52, "power_step_kw": 0.69}
    ev = car(energy_kwh=1.0, charging=True, **whole)
    asked = problem((0.25,) * 4, ev, step_h=(1 / 6, 0.25, 0.25, 0.25), start_cost=0.02)
    assert limits(solve("optimal", asked))[0] == 0.0, "by the energy that it would be charged"
    kept = keep_incumbent(asked, solve("optimal", asked), planned(asked, 5.52, 4.14, 0, 0))
    assert_sound(asked, kept)
    assert kept.kept
    assert limits(kept) == approx([5.52, 4.14, 0, 0])
