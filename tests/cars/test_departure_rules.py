"""When a car leaves next, by what is said: always in the future, and none skipped."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.optivgi.cars.departures import (
    WEEKDAYS,
    DayRule,
    Departure,
    DepartureRules,
    DepartureSource,
    WeeklyTableError,
    instant,
    read_weekly_table,
)

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
WORK: list[dict[str, Any]] = [
    {"weekdays": ["mon", "tue", "wed", "thu", "fri"], "at": "07:00:00"},
    {"weekdays": ["sat"], "at": "10:00:00", "target_soc": 100},
]
ZONES = st.sampled_from(
    ["UTC", "Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo"]
).map(ZoneInfo)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=2000)).map(
    lambda since: datetime(2024, 1, 1, tzinfo=UTC) + since
)
CLOCKS = st.times().map(lambda clock: clock.replace(microsecond=0, fold=0))
SOC = st.none() | st.floats(1, 100)
TABLES = st.dictionaries(
    st.sampled_from(WEEKDAYS), st.builds(DayRule, at=CLOCKS, target_soc=SOC), max_size=7
)


def local(text: str) -> datetime:
    """Return a local time in Amsterdam."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


@given(MOMENTS, ZONES, CLOCKS, TABLES)
def test_next_departure_is_the_first_that_is_allowed_and_still_to_come(
    now: datetime, zone: ZoneInfo, daily: time, weekly: Mapping[str, DayRule]
) -> None:
    departure = DepartureRules(daily=daily, weekly=weekly).after(now, zone)
    assert departure.at > now
    assert departure.at.utcoffset() == timedelta(0)
    day = departure.at.astimezone(zone).date()
    rules = weekly or {name: DayRule(at=daily) for name in WEEKDAYS}
    rule = rules[WEEKDAYS[day.weekday()]]
    assert departure.at == instant(day, rule.at, zone)
    assert departure.target_soc == rule.target_soc
    assert departure.source is (DepartureSource.WEEKLY if weekly else DepartureSource.DAILY)
    between = now.astimezone(zone).date()
    while between < day:
        if (other := rules.get(WEEKDAYS[between.weekday()])) is not None:
            assert instant(between, other.at, zone) <= now
        between += timedelta(days=1)


@given(MOMENTS, ZONES, CLOCKS, TABLES, st.lists(st.timedeltas(timedelta(-9), timedelta(9))))
def test_what_matters_more_comes_first(
    now: datetime,
    zone: ZoneInfo,
    daily: time,
    weekly: Mapping[str, DayRule],
    ahead: list[timedelta],
) -> None:
    """Once, reservation, calendar, table or day; what has passed counts no more."""
    announced = tuple(
        Departure(at=now + by, source=source)
        for by, source in zip(
            ahead, (DepartureSource.ONCE, DepartureSource.RESERVATION), strict=False
        )
    )
    events = tuple(now + by for by in ahead[2:])
    rules = DepartureRules(daily=daily, weekly=weekly, events=events, announced=announced)
    departure = rules.after(now, zone)
    to_come = [one for one in announced if one.at > now]
    if to_come:
        assert departure == to_come[0]
    elif any(event > now for event in events):
        assert departure.source is DepartureSource.CALENDAR
        assert departure.at == min(event for event in events if event > now)
    else:
        assert departure == DepartureRules(daily=daily, weekly=weekly).after(now, zone)


@pytest.mark.parametrize(
    ("now", "leaves", "soc"),
    [
        ("2026-11-20T06:59:59", "2026-11-20T07:00", None),
        ("2026-11-20T07:00:00", "2026-11-21T10:00", 100),
        ("2026-11-21T10:00:00", "2026-11-23T07:00", None),
        ("2026-11-22T23:59:00", "2026-11-23T07:00", None),
    ],
)
def test_week(now: str, leaves: str, soc: float | None) -> None:
    rules = DepartureRules(daily=time(5), weekly=read_weekly_table(WORK))
    departure = rules.after(local(now), AMSTERDAM)
    assert (departure.at, departure.target_soc) == (local(leaves).astimezone(UTC), soc)


def test_one_day_a_week_comes_again_after_a_week() -> None:
    weekly = read_weekly_table([{"weekdays": ["fri"], "at": "07:00"}])
    rules = DepartureRules(daily=time(5), weekly=weekly)
    departure = rules.after(local("2026-11-20T07:00"), AMSTERDAM)
    assert departure.at == local("2026-11-27T07:00")


def test_time_that_does_not_exist_comes_later_that_day() -> None:
    """On 28 March 2027 clocks go from 02:00 to 03:00."""
    departure = DepartureRules(daily=time(2, 30)).after(local("2027-03-28T00:10"), AMSTERDAM)
    assert departure.at.astimezone(AMSTERDAM).isoformat() == "2027-03-28T03:30:00+02:00"
    following = DepartureRules(daily=time(2, 30)).after(departure.at, AMSTERDAM)
    assert following.at.astimezone(AMSTERDAM).isoformat() == "2027-03-29T02:30:00+02:00"


def test_time_that_comes_twice_counts_once_and_the_first_time() -> None:
    """On 25 October 2026 clocks go from 03:00 back to 02:00."""
    departure = DepartureRules(daily=time(2, 30)).after(local("2026-10-25T00:10"), AMSTERDAM)
    assert departure.at.astimezone(AMSTERDAM).isoformat() == "2026-10-25T02:30:00+02:00"
    following = DepartureRules(daily=time(2, 30)).after(departure.at, AMSTERDAM)
    assert following.at.astimezone(AMSTERDAM).isoformat() == "2026-10-26T02:30:00+01:00"


def test_whole_day_in_a_calendar_means_the_usual_time_of_that_day() -> None:
    weekly = read_weekly_table(WORK)
    now = local("2026-11-20T20:00")
    for day, leaves, soc in (
        (date(2026, 11, 21), "2026-11-21T10:00", 100),
        (date(2026, 11, 22), "2026-11-22T05:00", None),
    ):
        rules = DepartureRules(daily=time(5), weekly=weekly, events=(day,))
        departure = rules.after(now, AMSTERDAM)
        assert (departure.at, departure.target_soc) == (local(leaves), soc)
        assert departure.source is DepartureSource.CALENDAR


@pytest.mark.parametrize(
    ("row", "reason", "named"),
    [
        ({"weekdays": ["mon"]}, "weekly_row_invalid", "weekdays: ['mon']"),
        ({"weekdays": [], "at": "07:00"}, "weekly_row_invalid", "weekdays: [], at: 07:00"),
        ({"weekdays": ["mon"], "at": "soon"}, "weekly_row_invalid", "soon"),
        ({"weekdays": ["holiday"], "at": "07:00"}, "weekly_row_invalid", "holiday"),
        ({"weekdays": None, "at": "07:00"}, "weekly_row_invalid", "None"),
        ({"weekdays": ["mon"], "at": "07:00", "target_soc": -1}, "weekly_row_invalid", "-1"),
        ({"weekdays": ["mon"], "at": "07:00", "target_soc": 101}, "weekly_row_invalid", "101"),
        ({"weekdays": ["mon"], "at": "07:00", "target_soc": "x"}, "weekly_row_invalid", "x"),
        ({"weekdays": ["sat"], "at": "09:00"}, "weekly_day_twice", "Saturday"),
    ],
)
def test_implausible_rows_are_refused(row: Mapping[str, Any], reason: str, named: str) -> None:
    with pytest.raises(WeeklyTableError) as error:
        read_weekly_table([WORK[1], row])
    assert error.value.reason == reason
    assert named in error.value.named


def test_day_named_twice_in_a_row_is_one_day() -> None:
    table = read_weekly_table([{"weekdays": ["mon", "mon"], "at": "07:00"}])
    assert table == {"mon": DayRule(at=time(7))}


def test_workdays_are_one_choice_of_five_days() -> None:
    rows = [{"weekdays": ["workdays"], "at": "07:00"}, {"weekdays": ["sat"], "at": "10:00"}]
    table = read_weekly_table(rows)
    assert {day: rule.at for day, rule in table.items()} == {
        **dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), time(7)),
        "sat": time(10),
    }
    with pytest.raises(WeeklyTableError) as error:
        read_weekly_table([*rows, {"weekdays": ["tue"], "at": "09:00"}])
    assert (error.value.reason, error.value.named) == ("weekly_day_twice", "Tuesday")
