"""What is known of telling a charger: tries, refusals, and how often it was written."""

from datetime import UTC, datetime, timedelta

from custom_components.optivgi.bindings.chargers.ocpp.report import ProfileReport
from custom_components.optivgi.control.state import Cause, Command, ControlState, Decision, Step
from custom_components.optivgi.scheduler.recovery import Recovery

NOW = datetime(2026, 11, 20, 19, tzinfo=UTC)
LESS, MORE = Command(value=6, limit_kw=4.14), Command(value=16, limit_kw=11.04)
AT_ONCE = timedelta()


def begun(state: ControlState, after_s: float, *, command: Command = LESS) -> bool:
    """Begin to set a limit so long after the first time."""
    return state.begin(command, Step.SET_LIMIT, NOW + timedelta(seconds=after_s), AT_ONCE)


def test_only_zero_stops() -> None:
    stopping = [Command(value=value, limit_kw=0.0).stops for value in (0.0, 0.5, 1.0, 6.0)]
    assert stopping == [True, False, False, False]


def test_the_same_is_not_told_while_it_may_be_on_its_way() -> None:
    state = ControlState()
    assert state.attempts == 0
    assert [begun(state, after) for after in (0, 29, 30)] == [True, False, True]
    assert state.attempts == 2
    assert begun(state, 31, command=MORE)
    assert state.sent == (MORE, Step.SET_LIMIT)
    assert state.attempts == 2


def test_what_fails_again_and_again_is_told_more_seldom() -> None:
    state = ControlState()
    for after in (0, 30, 60):
        begun(state, after)
    assert state.failing
    assert not begun(state, 359)
    assert begun(state, 360)


def test_a_confirmed_command_ends_tries_and_refusals() -> None:
    state = ControlState()
    begun(state, 0)
    state.refuse("too hot")
    assert state.error == "too hot"
    state.confirm(Command(value=10, limit_kw=6.9))
    assert (state.sent, state.sent_at, state.error, state.attempts) == (None, None, None, 0)
    assert state.writes_of_a_day(NOW) == 1


def test_writes_of_more_than_a_day_ago_count_no_more() -> None:
    state = ControlState()
    for hours in (0, 12, 25):
        begun(state, hours * 3600)
    assert state.writes_of_a_day(NOW + timedelta(hours=25)) == 2


def test_a_profile_counts_as_written_once() -> None:
    state = ControlState()
    for _ in range(2):
        state.follow(ProfileReport(sent_at=NOW))
    state.follow(None)
    assert state.profile is None
    assert state.writes_of_a_day(NOW) == 1


def test_a_decision_replaces_the_one_before() -> None:
    state = ControlState()
    recovery = Recovery(since=NOW, at=NOW, left_kw=4.2, before_kw=11.04)
    state.decide(
        Decision(cause=Cause.METER, command=LESS, recovery=recovery, silent=("sensor.p1",))
    )
    assert (state.cause, state.limit_kw, state.silent) == (Cause.METER, 4.14, ("sensor.p1",))
    assert state.recovery == recovery
    state.give(MORE)
    assert (state.cause, state.limit_kw) == (Cause.METER, 11.04)
    state.decide(Decision(cause=Cause.IDLE))
    assert state == ControlState(cause=Cause.IDLE)
