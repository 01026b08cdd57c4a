"""Which states of charge are believed, and what is learned from them."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.optivgi.cars.learned_efficiency import LearnedEfficiency, Reading
from custom_components.optivgi.cars.soc import ReportedSoc
from custom_components.optivgi.cars.soc_track import PATIENCE, TOLERANCE_SOC, PlausibleSoc, SocTrack

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def track_of(*reported: tuple[int, float], possible: PlausibleSoc) -> SocTrack:
    """Return what is believed of a car at 40 % after it reported values, each at a minute."""
    track = SocTrack(soc=40, at=NOON, seen=40)
    for minute, soc in reported:
        now = NOON + minute * MINUTE
        track.take(ReportedSoc(soc=soc, at=now), possible, now)
    return track


@pytest.mark.parametrize(
    ("reported", "believed", "doubted"),
    [
        # What can be: up to 50 %, and what cars are off
        ([(1, 45)], 45, None),
        ([(1, 55)], 55, None),
        ([(1, 35)], 35, None),
        ([(1, 56)], 40, 56),
        ([(1, 34)], 40, 34),
        # It comes back, or goes on elsewhere.
        ([(1, 100), (2, 41)], 41, None),
        ([(1, 100), (2, 40)], 40, None),
        ([(1, 70), (2, 71)], 71, None),
        ([(1, 70), (2, 65)], 65, None),
        ([(1, 70), (2, 100)], 40, 100),
        # It stays.
        ([(1, 70), (15, 70)], 40, 70),
        ([(1, 70), (16, 70)], 70, None),
        ([(1, 100), (10, 70), (16, 70)], 40, 70),
        ([(1, 100), (10, 70), (25, 70)], 70, None),
        # Nothing
        ([(1, 0)], 40, 0),
        ([(1, 0), (600, 0)], 40, 0),
        ([(1, 0), (20, 3)], 3, None),
        ([(1, 3), (2, 0)], 40, 0),
    ],
)
def test_what_is_believed(
    reported: list[tuple[int, float]], believed: float, doubted: float | None
) -> None:
    track = track_of(*reported, possible=PlausibleSoc(min_soc=40, max_soc=50))
    assert (track.soc, track.doubted) == (believed, doubted)


def test_time_is_that_of_the_last_telling_but_for_a_repetition_after_a_pause() -> None:
    track = SocTrack(soc=40, at=NOON, seen=40)
    for minute, is_news, expected in [(10, False, 0), (20, True, 20), (30, False, 20)]:
        now = NOON + minute * MINUTE
        track.take(ReportedSoc(soc=40, at=now, is_news=is_news), PlausibleSoc(), now)
        assert track.at == NOON + expected * MINUTE


def test_what_was_so_before_is_no_news() -> None:
    track = SocTrack(soc=40, at=NOON, seen=40)
    track.take(ReportedSoc(soc=60, at=NOON - MINUTE), PlausibleSoc(), NOON + MINUTE)
    assert (track.soc, track.seen, track.at) == (40, 40, NOON)


SOCS = st.integers(0, 100).map(float)


@settings(max_examples=300, deadline=None)
@given(reported=st.lists(st.tuples(st.integers(1, 12), SOCS), max_size=30), low=SOCS, high=SOCS)
def test_nothing_impossible_is_believed_at_once(
    reported: list[tuple[int, float]], low: float, high: float
) -> None:
    possible = PlausibleSoc(min_soc=min(low, high), max_soc=max(low, high))
    track = SocTrack(soc=40, at=NOON, seen=40)
    now, before, since = NOON, 40.0, NOON
    for minutes, soc in reported:
        now += minutes * MINUTE
        since = since if soc == before else now
        known = track.soc
        track.take(ReportedSoc(soc=soc, at=now), possible, now)
        assert track.at is not None
        assert track.at <= now
        assert track.soc in (known, soc)
        if track.soc != known and not possible.includes(soc):
            near = soc != before and abs(soc - before) <= TOLERANCE_SOC
            assert near or now - since >= PATIENCE
        if soc == 0:
            assert known is not None
            assert track.soc == known or known <= 10
        before = soc


@pytest.mark.parametrize(
    ("span", "drawn", "expected"),
    [
        (20, 12.5, 0.9 + 0.3 * (0.8 - 0.9)),
        (20, 10.0, 0.9 + 0.3 * (1.0 - 0.9)),
        # Too little to tell
        (9, 5.0, 0.9),
        (-20, 5.0, 0.9),
        # It drew more elsewhere, or its battery is smaller than entered.
        (20, 9.0, 0.9),
        (20, 15.0, 0.9),
        (20, 0.0, 0.9),
    ],
)
def test_efficiency_is_learned_from_what_can_be(span: float, drawn: float, expected: float) -> None:
    learned = LearnedEfficiency(configured=0.9, value=0.9)
    learned.learn(Reading(soc=40, drawn_kwh=3), Reading(soc=40 + span, drawn_kwh=3 + drawn), 50)
    assert learned.value == pytest.approx(expected)
    assert learned.sessions == (expected != 0.9)


@settings(max_examples=200, deadline=None)
@given(
    readings=st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100), st.floats(0, 200))),
    battery_kwh=st.floats(1, 200),
)
def test_learned_efficiency_stays_plausible(
    readings: list[tuple[float, float, float]], battery_kwh: float
) -> None:
    learned = LearnedEfficiency(configured=0.85, value=0.85)
    for first, last, drawn in readings:
        learned.learn(
            Reading(soc=first, drawn_kwh=0), Reading(soc=last, drawn_kwh=drawn), battery_kwh
        )
        assert 0.7 <= learned.value <= 1.0
