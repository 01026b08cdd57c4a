"""The usual load: by day of the week and local hour, whatever clocks and gaps do."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from homeassistant.util import dt as dt_util
import pytest

from custom_components.optivgi.bindings.house.profile import LoadProfile

HOUR = timedelta(hours=1)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.fixture(autouse=True)
def _amsterdam() -> Iterator[None]:
    before = dt_util.get_default_time_zone()
    dt_util.set_default_time_zone(AMSTERDAM)
    yield
    dt_util.set_default_time_zone(before)


def hours(end: datetime, weeks: float, load: Callable[[datetime], float]) -> dict[datetime, float]:
    """Return what a house has drawn in the weeks before an instant."""
    count = round(weeks * 7 * 24)
    starts = [end - n * HOUR for n in range(count, 0, -1)]
    return {start: load(dt_util.as_local(start)) for start in starts}


def habits(local: datetime) -> float:
    """Return a load that differs by day and hour."""
    return (10 if local.weekday() == 5 else 20 if local.weekday() == 6 else 0) + local.hour / 10


def profile(measured: dict[datetime, float]) -> LoadProfile:
    found = LoadProfile.of(measured)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "day", [date(2026, 11, 23), date(2026, 11, 27), date(2026, 11, 28), date(2026, 11, 29)]
)
def test_each_hour_is_as_the_same_ones_were(day: date) -> None:
    """On Monday, Friday, Saturday and Sunday; the clock changed four weeks before."""
    usual = profile(hours(datetime(2026, 11, 21, 10, tzinfo=UTC), 6, habits))
    assert usual.weeks == 6
    for hour in range(24):
        local = datetime(day.year, day.month, day.day, hour, tzinfo=AMSTERDAM)
        start = local.astimezone(UTC)
        assert usual.mean_kw(start, start + HOUR) == pytest.approx(habits(local))


def test_it_is_the_local_hour_that_counts_when_the_clock_is_about_to_change() -> None:
    """Summer time ends on 25 October: what was at 7 is expected at 7."""
    usual = profile(hours(datetime(2026, 10, 24, 10, tzinfo=UTC), 6, habits))
    for hour in (0, 1, 3, 7, 23):
        local = datetime(2026, 10, 26, hour, tzinfo=AMSTERDAM)
        start = local.astimezone(UTC)
        assert usual.mean_kw(start, start + HOUR) == pytest.approx(habits(local))
    # The hour from 2 to 3 comes twice.
    twice = datetime(2026, 10, 25, 0, tzinfo=UTC)
    assert usual.mean_kw(twice, twice + 2 * HOUR) == pytest.approx(20.2)


def test_steps_of_any_length() -> None:
    usual = profile(hours(datetime(2026, 11, 21, 10, tzinfo=UTC), 6, habits))
    noon = datetime(2026, 11, 23, 11, tzinfo=UTC)
    quarter = timedelta(minutes=15)
    assert usual.mean_kw(noon, noon + quarter) == pytest.approx(1.2)
    assert usual.mean_kw(noon + 3 * quarter, noon + 5 * quarter) == pytest.approx(1.25)
    assert usual.mean_kw(noon, noon + 24 * HOUR) == pytest.approx(1.15)
    far = noon + timedelta(weeks=12)
    assert usual.mean_kw(far, far + HOUR) == pytest.approx(1.2)


def test_gaps_do_no_harm() -> None:
    """A week without the recorder, and no Saturday evening ever."""
    measured = hours(datetime(2026, 11, 21, 10, tzinfo=UTC), 5, habits)
    for start in list(measured):
        local = dt_util.as_local(start)
        if start.isocalendar().week == 45 or (local.weekday(), local.hour) == (5, 20):
            del measured[start]
    usual = profile(measured)
    monday = datetime(2026, 11, 23, 19, tzinfo=UTC)
    assert usual.mean_kw(monday, monday + HOUR) == pytest.approx(2.0)
    saturday = monday + timedelta(days=5)
    # As on all other days at that hour
    assert 2.0 < usual.mean_kw(saturday, saturday + HOUR) < 22.0


def test_local_hours_that_begin_at_half_past() -> None:
    dt_util.set_default_time_zone(ZoneInfo("Asia/Kolkata"))
    usual = profile(hours(datetime(2026, 11, 21, 10, tzinfo=UTC), 6, habits))
    for hour in range(24):
        start = datetime(2026, 11, 23, hour, tzinfo=UTC)
        assert usual.mean_kw(start, start + HOUR) == pytest.approx(habits(dt_util.as_local(start)))


def test_less_than_a_week_is_too_little() -> None:
    end = datetime(2026, 11, 21, 10, tzinfo=UTC)
    assert LoadProfile.of({}) is None
    assert LoadProfile.of(hours(end, 0.95, habits)) is None
    young = profile(hours(end, 1, habits))
    assert young.weeks == 1
    # One Saturday is no habit: 18:00 is as 18:00 was on all days.
    saturday = datetime(2026, 11, 28, 17, tzinfo=UTC)
    # In the last three days there were eleven hours of one, and so much of that stays.
    level = 0.7 * 11 * (10 - 30 / 7) / 72
    assert young.mean_kw(saturday, saturday + HOUR) == pytest.approx(1.8 + 30 / 7 + level)


def test_what_the_last_days_were_beyond_their_habits_stays_for_the_most_part() -> None:
    """Three cold days, or some away."""
    end = datetime(2026, 11, 21, 10, tzinfo=UTC)
    cold = end - timedelta(days=3)
    measured = hours(end, 6, habits)
    usual = profile(measured)
    colder = profile({at: kw + (2 if at >= cold else 0) for at, kw in measured.items()})
    noon = datetime(2026, 11, 23, 11, tzinfo=UTC)
    more = colder.mean_kw(noon, noon + HOUR) - usual.mean_kw(noon, noon + HOUR)
    assert 1.3 < more < 1.5
