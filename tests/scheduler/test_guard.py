"""The guard: what chargers are commanded on the way from one limit to another overloads nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
import math
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.optivgi.scheduler import Phase
from custom_components.optivgi.scheduler.allocation import Capacity, Load
from custom_components.optivgi.scheduler.guard import (
    Change,
    ChargerDecision,
    ChargerInput,
    GuardDecision,
    GuardInput,
    HeldBack,
    Steps,
    from_json,
    guard,
    to_json,
)
from custom_components.optivgi.scheduler.recovery import LONGEST_WAIT, Recovery

NOW = datetime(2026, 11, 20, 19, tzinfo=UTC)
AMPERE_KW = 0.69
STEPS = Steps(minimum=6 * AMPERE_KW, maximum=16 * AMPERE_KW, step=AMPERE_KW)
MIN_KW, MAX_KW = 6 * AMPERE_KW, 16 * AMPERE_KW


def charger(name: str, limit_kw: float = 0.0, **fields: Any) -> ChargerInput:
    """Return a charger for whole amperes whose car wants all it can get."""
    values: dict[str, Any] = {
        "phases": ("L1", "L2", "L3"),
        "wanted_kw": MAX_KW,
        "min_kw": MIN_KW,
        "steps": STEPS,
        "limit_kw": limit_kw,
        "may_draw_kw": limit_kw,
    }
    return ChargerInput(id=name, **(values | fields))


def given_to(*chargers: ChargerInput, total_kw: float = 17.25, **fields: Any) -> GuardInput:
    values: dict[str, Any] = {"now": NOW, "capacity": Capacity(total_kw=total_kw)}
    return GuardInput(chargers=chargers, **(values | fields))


def blind(*phases: Phase) -> Capacity:
    """Return a connection of which nobody knows what is left on some phases."""
    return Capacity(total_kw=17.25, silent=phases)


def test_an_increase_waits_for_who_makes_room_for_it() -> None:
    less = charger("a", MAX_KW, wanted_kw=0.0)
    decided = guard(given_to(less, charger("b"))).chargers
    assert (decided["a"].limit_kw, decided["a"].change) == (0.0, Change.DECREASE)
    assert (decided["b"].limit_kw, decided["b"].change) == (pytest.approx(MAX_KW), Change.WAIT)
    let_go = replace(less, limit_kw=0.0, may_draw_kw=0.0)
    assert guard(given_to(let_go, charger("b"))).chargers["b"].change is Change.INCREASE


def test_a_command_under_way_counts_before_it_is_shown() -> None:
    """Both may have more by the plan, but one that is to have less has not let go of it yet."""
    slow = charger("a", wanted_kw=8.0, under_way_kw=8.0)
    letting_go = charger("c", 8.0, wanted_kw=0.0)
    decided = guard(given_to(slow, charger("b", wanted_kw=8.0), letting_go)).chargers
    assert decided["b"].change is Change.WAIT


def test_two_increases_of_one_decision_know_of_each_other() -> None:
    letting_go = charger("c", 8.0, wanted_kw=0.0)
    both = [charger(name, wanted_kw=8.0) for name in "ab"]
    decided = guard(given_to(*both, letting_go)).chargers
    assert [decided[name].change for name in "ab"] == [Change.INCREASE, Change.WAIT]


def test_others_have_what_a_stuck_one_leaves_them_at_once() -> None:
    """It draws 12 A whatever it is sent, 3 A of which count as nobody's; 18.1 A were left."""
    capacity_kw = (18.1 - 3) * AMPERE_KW
    stuck = charger("a", 12 * AMPERE_KW, may_draw_kw=9 * AMPERE_KW, under_way_kw=9 * AMPERE_KW)
    stuck = replace(stuck, stuck=True)
    sound = charger("b", 9 * AMPERE_KW)
    decided = guard(given_to(stuck, sound, total_kw=capacity_kw)).chargers
    assert decided["b"].limit_kw == pytest.approx(6 * AMPERE_KW)
    assert decided["b"].change is Change.DECREASE
    again = decided["a"]
    # It may only be slow: it is sent its part, as if it were to follow.
    assert (again.limit_kw, again.change) == (pytest.approx(7 * AMPERE_KW), Change.DECREASE)
    off = guard(given_to(replace(stuck, wanted_kw=0.0), sound, total_kw=capacity_kw)).chargers
    assert off["a"].limit_kw == 0


def test_a_stuck_one_gets_the_minimum_where_nobody_knows_what_is_free() -> None:
    stuck = replace(charger("a", 12 * AMPERE_KW), stuck=True)
    decided = guard(given_to(stuck, capacity=blind("L1"))).chargers["a"]
    assert (decided.limit_kw, decided.blind) == (pytest.approx(MIN_KW), True)


def test_who_waits_for_room_takes_none_from_a_smaller_one() -> None:
    letting_go = charger("c", 8.0, wanted_kw=0.0)
    decided = guard(given_to(charger("a"), charger("b", wanted_kw=MIN_KW), letting_go)).chargers
    assert [decided[name].change for name in "ab"] == [Change.WAIT, Change.INCREASE]


def test_the_most_urgent_goes_up_first() -> None:
    letting_go = charger("c", 8.0, wanted_kw=0.0)
    calm, urgent = charger("a", wanted_kw=8.0), charger("b", wanted_kw=8.0, urgency=0.5)
    decided = guard(given_to(calm, urgent, letting_go)).chargers
    assert list(decided) == ["b", "a", "c"]
    assert [decided[name].change for name in "ab"] == [Change.WAIT, Change.INCREASE]


def test_a_charger_that_draws_nothing_takes_no_room() -> None:
    idle = charger("a", wanted_kw=0.0)
    decided = guard(given_to(idle, charger("b"), total_kw=MAX_KW)).chargers
    assert decided["b"].change is Change.INCREASE


def test_a_command_under_way_stays_an_increase() -> None:
    decided = guard(given_to(charger("a", under_way_kw=MAX_KW))).chargers["a"]
    assert decided.change is Change.INCREASE


@pytest.mark.parametrize(
    ("limit_kw", "at_once", "others_kw", "urgent"),
    [
        (MAX_KW, False, 0.0, False),
        (MAX_KW, True, 0.0, True),
        (MIN_KW, True, 0.0, False),
        (MAX_KW, False, MAX_KW, True),
    ],
    ids=["by plan", "at once", "no less", "crowded"],
)
def test_less_waits_only_where_nothing_depends_on_it(
    limit_kw: float, at_once: bool, others_kw: float, urgent: bool
) -> None:
    """A charger is to get its minimum, and the house leaves room for that."""
    less = charger("a", limit_kw, wanted_kw=MIN_KW, at_once=at_once)
    decided = guard(given_to(less, charger("b", others_kw, wanted_kw=0.0))).chargers["a"]
    assert (decided.limit_kw, decided.change) == (MIN_KW, Change.DECREASE)
    assert decided.held_back is None
    assert decided.urgent is urgent


def test_a_larger_command_under_way_is_taken_back_at_once() -> None:
    decided = guard(given_to(charger("a", wanted_kw=MIN_KW, under_way_kw=MAX_KW))).chargers
    assert (decided["a"].limit_kw, decided["a"].change) == (MIN_KW, Change.DECREASE)


def test_what_the_house_took_comes_back_when_it_has_been_calm_for_a_while() -> None:
    held = charger("a", MAX_KW)
    reduced = guard(given_to(held, total_kw=7.0)).chargers["a"]
    assert reduced.held_back is HeldBack.HOUSE_LOAD
    assert reduced.urgent
    assert reduced.recovery == gave_way(NOW, left_kw=7.0)
    limit_kw = reduced.limit_kw or 0.0
    assert limit_kw == pytest.approx(10 * AMPERE_KW)
    after = replace(held, limit_kw=limit_kw, may_draw_kw=limit_kw, recovery=reduced.recovery)
    for later, change in (
        (LONGEST_WAIT - timedelta(seconds=1), Change.DECREASE),
        (LONGEST_WAIT, Change.INCREASE),
    ):
        decided = guard(given_to(after, now=NOW + later)).chargers["a"]
        assert decided.change is change


def gave_way(at: datetime, left_kw: float = 0.0) -> Recovery:
    """A charger that had to give what it had."""
    return Recovery(since=at, at=at, left_kw=left_kw, before_kw=MAX_KW)


def left_kw(decided: ChargerDecision, now: datetime) -> float:
    """What a charger was left that does not get more yet; else anything."""
    recovery = decided.recovery
    return math.inf if recovery is None or not recovery.waits(now) else recovery.left_kw


def recovered(*looks: tuple[int, float], **own: Any) -> list[float]:
    """Return the limits of a charger at seconds at which the house leaves so much."""
    held = charger("a", MAX_KW, **own)
    limits = []
    for second, total_kw in looks:
        given = given_to(held, total_kw=total_kw, now=NOW + timedelta(seconds=second))
        decided = guard(given).chargers["a"]
        limit_kw = decided.limit_kw or 0.0
        held = replace(held, limit_kw=limit_kw, may_draw_kw=limit_kw, recovery=decided.recovery)
        limits.append(round(limit_kw, 2))
    return limits


def test_a_cause_of_seconds_is_not_waited_for_long() -> None:
    """It is back after a minute, with the half for which its highest value counts."""
    assert recovered((0, 7.0), (60, 20.0), (70, 20.0), (80, 20.0)) == [6.9, 6.9, 6.9, MAX_KW]


def test_one_that_comes_again_and_again_is_waited_for_longer_each_time() -> None:
    """Every two minutes for a quarter of an hour: without that it would be 14 commands."""
    looks = ((second, 7.0 if second % 120 < 10 else 20.0) for second in range(0, 900, 10))
    assert sum(one != other for one, other in pairwise(recovered(*looks))) == 8


def test_one_that_comes_all_night_is_waited_for_no_longer_than_a_lasting_one() -> None:
    night = ((second, 7.0 if second % 600 < 10 else 20.0) for second in range(0, 36_000, 10))
    limits = recovered(*night)
    assert limits.count(MAX_KW) > len(limits) // 3


def test_a_cause_that_lasts_is_waited_for() -> None:
    looks = [(0, 7.0), (60, 7.0), (70, 20.0), (290, 20.0), (300, 20.0)]
    assert recovered(*looks) == [6.9, 6.9, 6.9, 6.9, MAX_KW]


def test_a_cause_that_only_paused_is_no_short_one() -> None:
    looks = [(0, 7.0), (60, 20.0), (70, 8.0), (80, 8.0), (90, 20.0), (290, 20.0), (300, 20.0)]
    assert recovered(*looks) == [6.9] * 6 + [MAX_KW]


def test_one_that_grows_while_it_lasts_is_still_the_same() -> None:
    """What it leaves in the end is little more than before, so that it may go on."""
    looks = [(0, 7.0), (60, 5.0), (70, 8.0), (200, 8.0), (350, 8.0), (360, 8.0)]
    assert recovered(*looks) == [6.9, *[7 * 0.69] * 4, 7.59]


def test_one_that_comes_seldom_is_waited_for_no_longer_each_time() -> None:
    once = ((0, 7.0), (60, 20.0), (80, 20.0))
    looks = [(700 * turn + second, kw) for turn in range(6) for second, kw in once]
    assert recovered(*looks) == [6.9, 6.9, MAX_KW] * 6


def test_it_is_over_when_there_is_room_for_what_is_wanted_now() -> None:
    """It had more before, and the house does not leave that again."""
    looks = [(0, 7.0), (60, 9.0), (70, 9.0), (80, 9.0)]
    assert recovered(*looks, wanted_kw=8.0) == [6.9, 6.9, 6.9, pytest.approx(11 * AMPERE_KW)]


CONNECTION = Capacity(total_kw=17.25)


@pytest.mark.parametrize(
    ("house_kw", "others_kw", "who"),
    [
        (0.5, 0.0, None),
        (8.0, 0.0, HeldBack.HOUSE_LOAD),
        (0.5, 11.0, HeldBack.OTHER_CHARGERS),
        (8.0, 11.0, HeldBack.HOUSE_AND_CHARGERS),
        # Each alone would leave enough.
        (6.0, 6.0, HeldBack.HOUSE_AND_CHARGERS),
    ],
)
@pytest.mark.parametrize("uncontrolled", [False, True])
def test_who_takes_the_room_is_named(
    house_kw: float, others_kw: float, who: HeldBack | None, *, uncontrolled: bool
) -> None:
    """Others are a charger that has no plan yet, or one that draws what nobody commands."""
    phases = ("L1", "L2", "L3")
    decided = guard(
        given_to(
            charger("a", MAX_KW),
            *([] if uncontrolled else [charger("b", others_kw, wanted_kw=None)]),
            total_kw=17.25 - house_kw - (others_kw if uncontrolled else 0.0),
            connection=CONNECTION,
            unplanned=(Load(others_kw, phases),) if uncontrolled else (),
        )
    ).chargers["a"]
    assert decided.held_back is who


def test_minimum_powers_that_do_not_fit_are_no_fault_of_the_house() -> None:
    """Without a plan all get their minimum: five of 4.14 kW are more than the connection has."""
    five = [charger(name, MIN_KW, wanted_kw=MIN_KW) for name in "abcde"]
    decided = guard(given_to(*five, total_kw=17.0, connection=CONNECTION)).chargers["e"]
    assert (decided.limit_kw, decided.held_back) == (0.0, HeldBack.OTHER_CHARGERS)
    assert decided.recovery is None


def test_what_other_chargers_took_comes_back_at_once_as_far_as_the_house_leaves_it() -> None:
    """The house leaves 9.25 kW, another charger nothing; then both give back what they took."""
    other = charger("b", 8.0, wanted_kw=None)
    own = charger("a", MAX_KW)
    reduced = guard(given_to(own, other, total_kw=9.25, connection=CONNECTION)).chargers["a"]
    assert (reduced.limit_kw, reduced.held_back) == (0.0, HeldBack.HOUSE_AND_CHARGERS)
    assert reduced.recovery is not None
    assert reduced.recovery.left_kw == pytest.approx(9.25)
    after = replace(own, limit_kw=0.0, may_draw_kw=0.0, recovery=reduced.recovery)
    back = guard(given_to(after, total_kw=17.25)).chargers["a"]
    assert back.limit_kw == pytest.approx(13 * AMPERE_KW)
    assert (back.change, back.held_back) == (Change.INCREASE, HeldBack.RECOVERY)
    later = given_to(after, total_kw=17.25, now=NOW + LONGEST_WAIT)
    assert guard(later).chargers["a"].limit_kw == pytest.approx(MAX_KW)


def test_a_house_that_takes_one_ampere_is_noticed() -> None:
    decided = guard(given_to(charger("a", MAX_KW), total_kw=15.5 * AMPERE_KW)).chargers["a"]
    assert decided.limit_kw == pytest.approx(15 * AMPERE_KW)
    assert decided.held_back is HeldBack.HOUSE_LOAD
    assert decided.recovery is not None
    assert decided.recovery.at == NOW


def test_a_house_that_takes_no_more_lets_the_time_run() -> None:
    """Otherwise a charger that was held back once would wait for ever."""
    since = NOW - timedelta(minutes=4)
    held = charger("a", 10 * AMPERE_KW, recovery=gave_way(since))
    decided = guard(given_to(held, total_kw=10 * AMPERE_KW)).chargers["a"]
    assert decided.limit_kw == pytest.approx(10 * AMPERE_KW)
    assert (decided.held_back, decided.recovery) == (HeldBack.HOUSE_LOAD, gave_way(since))


def test_who_is_held_below_its_minimum_is_stopped() -> None:
    """Somebody else has set its limit so low; it is not to charge at less than it can."""
    held = charger("a", 2.0, steps=Steps(), recovery=gave_way(NOW - timedelta(minutes=1)))
    decided = guard(given_to(held)).chargers["a"]
    assert (decided.limit_kw, decided.held_back) == (0.0, HeldBack.RECOVERY)


def test_who_should_get_nothing_is_not_held_back() -> None:
    """Neither by a silent meter nor by the house; both are known all the same."""
    off = charger("a", MAX_KW, wanted_kw=0.0, recovery=gave_way(NOW))
    decided = guard(given_to(off, capacity=blind("L1"))).chargers["a"]
    nothing: dict[str, Any] = {
        "limit_kw": 0.0,
        "held_back": None,
        "blind": True,
        "recovery": gave_way(NOW),
    }
    assert decided == ChargerDecision(change=Change.DECREASE, urgent=False, **nothing)


def test_who_is_blind_gets_the_minimum() -> None:
    decided = guard(given_to(charger("a", MAX_KW), capacity=blind("L2"))).chargers["a"]
    assert (decided.limit_kw, decided.held_back, decided.blind) == (MIN_KW, HeldBack.METER, True)


def test_who_is_not_commanded_is_left_what_it_may_draw() -> None:
    decided = guard(given_to(charger("a", MAX_KW, wanted_kw=None), charger("b"))).chargers
    left_alone: dict[str, Any] = {
        "limit_kw": None,
        "held_back": None,
        "blind": False,
        "recovery": None,
    }
    assert decided["a"] == ChargerDecision(change=Change.NONE, urgent=False, **left_alone)
    assert decided["b"].limit_kw == pytest.approx(9 * AMPERE_KW)


@pytest.mark.parametrize(
    ("steps", "value", "fits"),
    [
        (Steps(), 3.3, 3.3),
        (Steps(), 0.5, 0.5),
        (Steps(maximum=16), 40, 16),
        (Steps(minimum=6, maximum=16, step=1), 5.9, 0),
        (Steps(minimum=6, maximum=16, step=1), 6 - 1e-9, 6),
        (Steps(minimum=6, maximum=16, step=1), 9.99, 9),
        (Steps(minimum=6, maximum=16, step=1), 40, 16),
        (Steps(minimum=6, maximum=16, step=4), 40, 14),
        (Steps(minimum=6, maximum=16, step=0.01), 6 - 5e-7, 6),
        (Steps(minimum=-1, maximum=16, step=1), 0.5, 0),
        (Steps(minimum=-1, maximum=16, step=0.5), 0.5, 0.5),
        (Steps(minimum=6, maximum=32, values=(6, 10, 32)), 31, 10),
        (Steps(minimum=6, maximum=32, values=(6, 10, 32)), 5, 0),
    ],
)
def test_limits_are_rounded_down_to_what_a_charger_accepts(
    steps: Steps, value: float, fits: float
) -> None:
    assert steps.down(value) == pytest.approx(fits)


@st.composite
def houses(draw: st.DrawFn) -> GuardInput:
    """Return any chargers that do not draw too much to begin with."""
    powers = st.sampled_from([0.0, MIN_KW, 7.3, MAX_KW])
    phases = st.sampled_from([("L1", "L2", "L3"), ("L1",), ("L2",)])
    chargers = tuple(
        ChargerInput(
            id=f"charger {index}",
            phases=draw(phases),
            circuits=draw(st.sampled_from([(), ("shed",), ("wall", "shed")])),
            wanted_kw=draw(st.none() | powers),
            min_kw=draw(st.sampled_from([1.38, MIN_KW])),
            steps=draw(st.sampled_from([STEPS, Steps(), Steps(values=(MIN_KW, 8.0))])),
            urgency=draw(st.sampled_from([-math.inf, -9.0, -0.2, 1.0, math.inf])),
            at_once=draw(st.booleans()),
            limit_kw=(limit_kw := draw(powers)),
            may_draw_kw=limit_kw,
            under_way_kw=draw(powers),
            recovery=draw(st.none() | st.just(gave_way(NOW - timedelta(minutes=4)))),
        )
        for index in range(draw(st.integers(1, 4)))
    )
    each = draw(st.none() | st.sampled_from([5.75, 9.0]))
    silent = st.sampled_from([(), ("L2",)])
    circuits = {
        circuit: Capacity(
            total_kw=draw(st.floats(-1.0, 30.0)),
            phase_kw=draw(st.none() | st.just(4.6)),
            silent=draw(silent),
        )
        for circuit in ("shed", "wall")
    }
    total_kw = draw(st.floats(-1.0, 40.0))
    capacity = Capacity(total_kw=total_kw, phase_kw=each, silent=draw(silent), circuits=circuits)
    if not capacity.fits(charger.load for charger in chargers):
        chargers = tuple(
            replace(charger, limit_kw=0.0, may_draw_kw=0.0, under_way_kw=0.0)
            for charger in chargers
        )
    uncontrolled = draw(
        st.sampled_from(
            [(), (Load(3.0, ("L1",)),), (Load(9.0, ("L1", "L2", "L3"), ("wall", "shed")),)]
        )
    )
    return GuardInput(
        now=NOW,
        capacity=capacity,
        connection=draw(st.none() | st.just(replace(capacity, total_kw=40.0))),
        unplanned=uncontrolled,
        chargers=chargers,
    )


@given(house=houses(), choices=st.data())
@settings(max_examples=100, deadline=None)
def test_nothing_is_overloaded_however_late_chargers_follow(
    house: GuardInput, choices: st.DataObject
) -> None:
    """Plans change and commands show when they like: what may be drawn never exceeds a limit."""
    for _ in range(8):
        assert house.capacity.fits(charger.load for charger in house.chargers)
        decided = guard(house).chargers
        chargers = []
        for charger in house.chargers:
            own = decided[charger.id]
            if own.change in {Change.DECREASE, Change.INCREASE}:
                limit_kw = own.limit_kw or 0.0
                assert limit_kw <= max(charger.wanted_kw or 0.0, 0.0) + 1e-5
                assert limit_kw == pytest.approx(charger.steps.down(limit_kw))
                if own.change is Change.INCREASE:
                    assert limit_kw <= left_kw(own, house.now) + 1e-5
                shown = choices.draw(st.booleans())
                may_draw_kw = limit_kw if shown else charger.limit_kw
                chargers.append(
                    replace(
                        charger,
                        limit_kw=may_draw_kw,
                        may_draw_kw=may_draw_kw,
                        under_way_kw=0.0 if shown else limit_kw,
                        recovery=own.recovery,
                    )
                )
            else:
                chargers.append(replace(charger, recovery=own.recovery))
        wants = st.sampled_from([None, 0.0, MIN_KW, MAX_KW])
        house = replace(
            house,
            now=house.now + timedelta(seconds=choices.draw(st.sampled_from([0, 10, 400]))),
            chargers=tuple(replace(own, wanted_kw=choices.draw(wants)) for own in chargers),
        )


@given(house=houses(), choices=st.data())
@settings(max_examples=100, deadline=None)
def test_what_comes_back_soon_is_no_more_than_the_house_left(
    house: GuardInput, choices: st.DataObject
) -> None:
    """Others come and go, and the house moves: nobody gets more before it was calm for a while."""
    for _ in range(6):
        decided = guard(house).chargers
        chargers = []
        for charger in house.chargers:
            own = decided[charger.id]
            limit_kw = charger.limit_kw
            if own.change in {Change.DECREASE, Change.INCREASE}:
                limit_kw = own.limit_kw or 0.0
            if own.change is Change.INCREASE:
                assert limit_kw <= left_kw(own, house.now) + 1e-5
            chargers.append(
                replace(
                    charger,
                    limit_kw=limit_kw,
                    may_draw_kw=limit_kw,
                    under_way_kw=0.0,
                    recovery=own.recovery,
                )
            )
        loads = [charger.load for charger in chargers]
        before = [charger.load for charger in house.chargers]
        assert house.capacity.fits(loads) or not house.capacity.fits(before)
        wants = st.sampled_from([None, 0.0, MIN_KW, MAX_KW])
        total_kw = choices.draw(st.floats(-1.0, 40.0))
        house = replace(
            house,
            now=house.now + timedelta(seconds=choices.draw(st.sampled_from([0, 10, 400]))),
            capacity=replace(house.capacity, total_kw=total_kw),
            chargers=tuple(replace(own, wanted_kw=choices.draw(wants)) for own in chargers),
        )


@given(house=houses())
@settings(max_examples=50, deadline=None)
def test_what_it_goes_by_and_comes_to_can_be_written_down(house: GuardInput) -> None:
    decided = guard(house)
    read = from_json(GuardInput, to_json(house))
    assert read == house
    assert guard(read) == decided
    assert from_json(GuardDecision, to_json(decided)) == decided
    backwards = replace(house, chargers=house.chargers[::-1])
    assert guard(backwards) == decided
