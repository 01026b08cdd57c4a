"""What a try-out concludes from what is seen of a charger, whatever that is."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.optivgi.truth.trial import (
    ANSWERS_WITHIN,
    TrialOutcome,
    TrialResponse,
    TrialSample,
    TrialStep,
)

BEGIN = datetime(2026, 11, 20, 19, tzinfo=UTC)
MIN_KW = 4.14
PATIENCE_S = ANSWERS_WITHIN.total_seconds()


def sample(seconds: float, drawn_kw: float | None, allowed_kw: float | None = None) -> TrialSample:
    drawing = None if drawn_kw is None else drawn_kw > 0.1
    return TrialSample(
        at=BEGIN + timedelta(seconds=seconds),
        allowed_kw=allowed_kw,
        drawing=drawing,
        drawn_kw=drawn_kw,
    )


def answered(
    step: TrialStep, before_kw: float, seen: Sequence[tuple[float, float | None]]
) -> TrialResponse:
    """Return the answer to a command, by what is drawn so many seconds after it."""
    response = TrialResponse(step, sample(0, before_kw), min_kw=MIN_KW)
    for seconds, drawn_kw in seen:
        response.note(sample(seconds, drawn_kw))
    return response


@pytest.mark.parametrize(
    ("step", "before_kw", "seen", "verdict", "followed_s"),
    [
        (TrialStep.MIN, 0, [(1, 0), (8, 4.1), (11, 4.1)], True, 8),
        (TrialStep.MIN, 11, [(1, 11), (5, 7), (9, 4.3), (12, 4.2)], True, 9),
        (TrialStep.MIN, 4.1, [(0, 4.1), (3, 4.1)], True, None),
        (TrialStep.MIN, 11, [(1, 11), (20, 11), (30, 11)], False, None),
        (TrialStep.MIN, 0, [(1, 0), (30, 0)], False, None),
        (TrialStep.MIN, 0, [(1, None), (30, None)], None, None),
        (TrialStep.SWITCH, 4.1, [(1, 4.1), (4, 0), (7, 0)], True, 4),
        (TrialStep.SWITCH, 4.1, [(1, 4.1), (10, 0), (12, 4.1), (30, 4.1)], False, None),
        (TrialStep.ZERO, 4.1, [(1, 4.1), (20, 4.1)], None, None),
    ],
    ids=[
        "starts", "slows down", "did so before", "ignores its limit", "draws nothing",
        "is not measured", "stops", "stops for a blink", "is cut short",
    ],
)  # fmt: skip
def test_what_is_drawn_says_whether_a_command_is_followed(
    step: TrialStep,
    before_kw: float,
    seen: list[tuple[float, float | None]],
    verdict: bool | None,
    followed_s: float | None,
) -> None:
    response = answered(step, before_kw, seen)
    assert response.verdict is verdict
    assert response.followed_s == followed_s


@pytest.mark.parametrize(
    ("allowed_kw", "step_kw", "shown"),
    [(4.14, 0.0, True), (4.0, 0.0, True), (4.83, 0.69, True), (5.5, 0.69, False), (11, 0.0, False)],
)
def test_a_charger_may_round_what_it_shows(allowed_kw: float, step_kw: float, shown: bool) -> None:
    response = TrialResponse(TrialStep.MIN, sample(0, 0), min_kw=MIN_KW, step_kw=step_kw)
    response.note(sample(2, 0, allowed_kw))
    assert response.shown_s == (2 if shown else None)


def test_one_that_draws_more_than_it_may_is_found() -> None:
    assert answered(TrialStep.MIN, 11, [(1, 11), (30, 11)]).draws_too_much
    assert not answered(TrialStep.MIN, 0, [(1, 0), (30, 0)]).draws_too_much
    assert answered(TrialStep.ZERO, 4.1, [(1, 4.1), (30, 4.1)]).draws_too_much


@pytest.mark.parametrize(
    ("switch", "zero", "refused", "stops_by", "never"),
    [
        (True, None, (), TrialStep.SWITCH, False),
        (True, True, (), TrialStep.SWITCH, False),
        (False, True, (), TrialStep.ZERO, False),
        (False, False, (), None, True),
        (None, False, (), None, True),
        (None, None, (TrialStep.ZERO,), None, True),
        (None, None, (), None, False),
    ],
)
def test_the_switch_stops_it_else_0_else_nothing(
    switch: bool | None,
    zero: bool | None,
    refused: tuple[TrialStep, ...],
    stops_by: TrialStep | None,
    never: bool,
) -> None:
    seen = {True: [(1.0, 0.0), (5.0, 0.0)], False: [(1.0, 4.1), (30.0, 4.1)]}
    responses = [
        answered(step, 4.1, seen[works])
        for step, works in ((TrialStep.SWITCH, switch), (TrialStep.ZERO, zero))
        if works is not None
    ]
    outcome = TrialOutcome(responses=responses, refused=dict.fromkeys(refused, "no"))
    assert (outcome.stops_by, outcome.never_stops) == (stops_by, never)
    assert not TrialOutcome(responses=responses, refused={}, ended="room").never_stops


KW = st.one_of(st.none(), st.floats(0, 12))
SEEN = st.lists(st.tuples(st.floats(0.1, 9), KW), max_size=25)


def _in_order(steps: list[tuple[float, float | None]]) -> list[tuple[float, float | None]]:
    """Return samples at rising times, from the seconds between them."""
    at, found = 0.0, []
    for seconds, kw in steps:
        at += seconds
        found.append((at, kw))
    return found


@given(st.sampled_from(TrialStep), st.floats(0, 12), SEEN)
def test_nothing_is_concluded_that_was_not_seen(
    step: TrialStep, before_kw: float, steps: list[tuple[float, float | None]]
) -> None:
    seen = _in_order(steps)
    response = answered(step, before_kw, seen)
    if response.verdict is False:
        assert seen[-1][0] >= PATIENCE_S
        assert seen[-1][1] is not None
    if response.follows and step is not TrialStep.MIN:
        assert any(kw is not None and kw <= 0.1 for _, kw in seen)
    if response.follows and step is TrialStep.MIN:
        assert any(kw is not None and 0.1 < kw <= MIN_KW + 0.5 for _, kw in seen)
    if (followed_s := response.followed_s) is not None:
        assert 0 <= followed_s <= seen[-1][0] - 3 + 1e-6


@given(st.sampled_from(TrialStep), st.floats(0, 12), SEEN, SEEN)
def test_what_was_followed_stays_so(
    step: TrialStep,
    before_kw: float,
    steps: list[tuple[float, float | None]],
    more: list[tuple[float, float | None]],
) -> None:
    first = answered(step, before_kw, _in_order(steps))
    if first.follows:
        later = answered(step, before_kw, _in_order([*steps, *more]))
        assert (later.verdict, later.followed_s) == (True, first.followed_s)


@given(st.lists(st.floats(0.1, 60), min_size=1, max_size=3))
def test_the_time_to_wait_is_longer_than_any_answer(times: list[float]) -> None:
    responses = [
        answered(TrialStep.ZERO, 4.1, [(0.05, 4.1), (seconds, 0), (seconds + 4, 0)])
        for seconds in times
    ]
    outcome = TrialOutcome(responses=responses, refused={})
    settle_s = outcome.settle_s
    assert settle_s is not None
    assert settle_s % 5 == 0
    assert settle_s >= max(10, *(r.followed_s or 0 for r in responses))


def test_where_nothing_answers_no_time_is_learned() -> None:
    silent = answered(TrialStep.MIN, 0, [(1, 0), (30, 0)])
    assert TrialOutcome(responses=[silent], refused={}).settle_s is None
