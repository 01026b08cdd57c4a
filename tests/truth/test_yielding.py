"""Whether a charger gives way is seen by its own meter, and not anew with each command."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.optivgi.truth.yielding import Yielding

BEGIN = datetime(2026, 11, 20, 19, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


def commanded(limit_kw: float, drawn_kw: float) -> Yielding:
    yielding = Yielding()
    yielding.note_command(at(0), limit_kw, drawn_kw)
    return yielding


def test_who_draws_on_fails_after_a_quarter_of_a_minute() -> None:
    yielding = commanded(6.0, 8.0)
    for second in range(2, 14, 2):
        yielding.note(at(second), 8.0)
    assert not yielding.fails
    yielding.note(at(16), 8.0)
    assert yielding.fails


def test_a_lower_command_does_not_begin_the_time_anew() -> None:
    yielding = commanded(6.0, 8.0)
    yielding.note(at(10), 8.0)
    yielding.note_command(at(11), 5.0, 8.0)
    yielding.note(at(16), 8.0)
    assert yielding.fails


def test_one_that_follows_late_is_believed_again() -> None:
    yielding = commanded(6.0, 8.0)
    yielding.note(at(16), 8.0)
    yielding.note(at(20), 6.1)
    assert not yielding.fails
    yielding.note(at(50), 6.1)
    assert not yielding.fails


def test_a_measurement_of_before_the_command_says_nothing() -> None:
    yielding = commanded(6.0, 8.0)
    yielding.note(at(-1), 8.0)
    yielding.note(None, 8.0)
    assert not yielding.fails
    yielding.note_command(at(60), 5.0, 8.0)
    yielding.note(at(59), 8.0)
    assert not yielding.fails


@pytest.mark.parametrize("drawn_kw", [6.4, 6.59])
def test_meters_and_limits_differ_a_little(drawn_kw: float) -> None:
    yielding = commanded(6.0, drawn_kw)
    yielding.note(at(60), drawn_kw)
    assert not yielding.fails


def test_one_that_begins_to_draw_more_by_itself_fails() -> None:
    yielding = commanded(6.0, 6.0)
    for second in range(0, 40, 10):
        yielding.note(at(100 + second), 11.0)
    assert yielding.fails


def test_a_higher_command_allows_what_is_drawn() -> None:
    yielding = commanded(6.0, 8.0)
    yielding.note(at(16), 8.0)
    yielding.note_command(at(20), 8.0, 8.0)
    assert not yielding.fails
