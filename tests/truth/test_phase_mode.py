"""On how many phases a charger is: by what it was commanded, what it reports and what is drawn."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.optivgi.truth.phase_mode import PhaseMode, PhaseRecord

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PAUSE = timedelta(seconds=30)
MINUTE = timedelta(minutes=1)


def switched(*, shown: bool = False, to: Sequence[int] = (1,)) -> PhaseMode:
    """Return a charger that was switched, minutes ago."""
    mode = PhaseMode(PhaseRecord(), all_phases=3, shown=shown)
    at = NOW - len(to) * 10 * MINUTE
    for phases in to:
        mode.begin(phases, at)
        mode.note(at + PAUSE, phases if shown else None, PAUSE)
        at += 10 * MINUTE
    return mode


def draw(mode: PhaseMode, minutes: float, drawn_kw: float, allowed_kw: float) -> None:
    """Let a car draw for a while."""
    for seconds in range(0, round(minutes * 60) + 1, 10):
        at = NOW + timedelta(seconds=seconds)
        mode.compare(at, allowed_kw=allowed_kw, drawn_kw=drawn_kw)


def test_all_phases_count_until_a_switch_is_over() -> None:
    mode = PhaseMode(PhaseRecord(), all_phases=3, shown=True)
    mode.begin(1, NOW)
    for reported, seconds, offered in ((3, 10, 3), (1, 20, 3), (None, 40, 3), (1, 40, 1)):
        mode.note(NOW + timedelta(seconds=seconds), reported, PAUSE)
        assert (mode.offered, mode.heading) == (offered, 1)


def test_a_single_wrong_report_of_power_proves_nothing() -> None:
    mode = switched()
    draw(mode, 0, 11.04, 3.68)
    draw(mode, 1, 3.68, 3.68)
    assert mode.offered == 1
    assert mode.is_proven


@pytest.mark.parametrize("shown", [False, True])
def test_more_than_one_phase_can_carry_is_drawn_from_others(*, shown: bool) -> None:
    mode = switched(shown=shown)
    draw(mode, 1, 6.9, 2.3)
    assert mode.offered == 3
    assert mode.record.failed
    # Somebody switches it where it is.
    mode.note(NOW + MINUTE, 3 if shown else None, PAUSE)
    mode.note(NOW + 2 * MINUTE, 1 if shown else None, PAUSE)
    assert mode.offered == (1 if shown else 3)


@pytest.mark.parametrize(("before_kw", "fails"), [(11.04, True), (3.68, False)])
def test_car_that_used_three_phases_and_uses_one_was_not_switched(
    before_kw: float, *, fails: bool
) -> None:
    """One that never used more may be built so."""
    mode = PhaseMode(PhaseRecord(), all_phases=3, shown=False)
    draw(mode, 1, before_kw, 11.04)
    mode.begin(1, NOW - 20 * MINUTE)
    mode.note(NOW - 19 * MINUTE, None, PAUSE)
    mode.begin(3, NOW - 2 * MINUTE)
    mode.note(NOW - MINUTE, None, PAUSE)
    draw(mode, 4, 3.6, 11.04)
    assert mode.record.failed is fails


@given(
    st.lists(
        st.tuples(
            st.sampled_from(("begin 1", "begin 3", "give up", "refresh", "note")),
            st.sampled_from((None, 1, 3)),
            st.integers(1, 120),
            st.sampled_from((0.0, 2.3, 3.68, 11.04)),
        ),
        max_size=30,
    ),
    st.booleans(),
)
def test_one_phase_is_never_assumed_of_what_is_not_known_to_be_on_one(
    happened: list[tuple[str, int | None, int, float]], shown: bool
) -> None:
    mode = PhaseMode(PhaseRecord(), all_phases=3, shown=shown)
    now, is_lost = NOW, False
    for what, reported, seconds, drawn_kw in happened:
        now += timedelta(seconds=seconds)
        if what.startswith("begin"):
            mode.begin(int(what[-1]), now)
            is_lost = False
        elif what == "give up":
            mode.give_up()
            is_lost = not shown
        elif what == "refresh":
            mode.refresh()
        mode.note(now, reported if shown else None, PAUSE)
        mode.compare(now, allowed_kw=drawn_kw, drawn_kw=drawn_kw)
        if mode.offered == 1:
            assert not mode.is_under_way
            assert not is_lost
            assert (reported if shown else mode.record.commanded) == 1
