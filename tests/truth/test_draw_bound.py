"""A car that is shown to draw too little for more than one phase."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st

from custom_components.optivgi.truth.draw_bound import DrawBound

BEGIN = datetime(2026, 11, 20, 19, tzinfo=UTC)
MIN_KW = 4.14


def certain_after(
    most_kw: float, allowed_kw: float, *, reports: int = 12, every_s: int = 20
) -> bool:
    """Return whether it is certain in the end that a car uses one phase of three."""
    bound = DrawBound()
    certain = False
    for report in range(reports):
        certain = bound.note(
            BEGIN + timedelta(seconds=every_s * report),
            report,
            most_kw=most_kw,
            min_kw=MIN_KW,
            allowed_kw=allowed_kw,
            phases=3,
        )
    return certain


@given(
    current_a=st.floats(6, 16),
    used=st.sampled_from((2, 3)),
    house_kw=st.floats(0, 5),
)
def test_a_car_on_more_phases_is_never_held_to_be_on_one(
    current_a: float, used: int, house_kw: float
) -> None:
    """It draws what it is allowed, from 6 A on, by a meter that may show 5 % too little."""
    drawn_kw = 0.23 * current_a * used
    assert not certain_after(0.95 * (drawn_kw + house_kw), 3 * 0.23 * current_a)


@given(current_a=st.floats(8, 16), house_kw=st.floats(0, 0.7))
def test_a_car_on_one_phase_beside_a_quiet_house_is_found(
    current_a: float, house_kw: float
) -> None:
    assert certain_after(0.23 * current_a + house_kw, 3 * 0.23 * current_a)


def test_one_report_that_is_shown_for_long_is_no_proof() -> None:
    bound = DrawBound()
    for minute in range(30):
        now = BEGIN + timedelta(minutes=minute)
        assert not bound.note(now, "same", most_kw=2, min_kw=MIN_KW, allowed_kw=11, phases=3)


def test_a_moment_is_no_proof() -> None:
    assert not certain_after(2.0, 11.0, reports=12, every_s=10)
    assert certain_after(2.0, 11.0, reports=13, every_s=10)
