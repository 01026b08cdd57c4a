"""Prices by time of day, and a constant one."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from custom_components.optivgi.bindings.tariffs import TariffError
from custom_components.optivgi.bindings.tariffs.constant import ConstantTariff
from custom_components.optivgi.bindings.tariffs.time_of_use import TimeOfUseTariff

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
DAY_AND_NIGHT = [{"from": "07:00:00", "price": 0.3}, {"from": "23:00:00", "price": 0.2}]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


async def read(
    rows: list[dict[str, Any]], start: datetime, end: datetime
) -> list[tuple[str, float]]:
    """Return when prices come into force by the clock on the wall."""
    series = await TimeOfUseTariff(rows, currency="EUR", time_zone=AMSTERDAM).async_read(start, end)
    assert series.covers(start, end)
    assert series.periods[0].start == start
    assert series.known_until == end
    return [
        (period.start.astimezone(AMSTERDAM).strftime("%a %H:%M"), period.price)
        for period in series.periods
    ]


async def test_day_and_night() -> None:
    assert await read(DAY_AND_NIGHT, at("2026-11-20T10:00"), at("2026-11-21T12:00")) == [
        ("Fri 10:00", 0.3),
        ("Fri 23:00", 0.2),
        ("Sat 07:00", 0.3),
    ]


@pytest.mark.parametrize(
    ("day", "night_h"), [("2026-03-28", 7), ("2026-10-24", 9), ("2026-11-20", 8)]
)
async def test_a_night_is_as_long_as_the_clocks_make_it(day: str, night_h: int) -> None:
    start = at(f"{day}T20:00")
    tariff = TimeOfUseTariff(DAY_AND_NIGHT, currency="EUR", time_zone=AMSTERDAM)
    series = await tariff.async_read(start, start + timedelta(hours=24))
    night = next(period for period in series.periods if period.price == 0.2)
    assert night.end - night.start == timedelta(hours=night_h)


async def test_a_time_that_is_skipped_in_spring() -> None:
    rows = [
        {"from": "00:00:00", "price": 0.1},
        {"from": "02:30:00", "price": 0.2},
        {"from": "03:00:00", "price": 0.3},
    ]
    assert await read(rows, at("2026-03-29T00:00"), at("2026-03-30T00:00")) == [
        ("Sun 00:00", 0.1),
        ("Sun 03:00", 0.3),
    ]


async def test_weekdays() -> None:
    workdays = ["mon", "tue", "wed", "thu", "fri"]
    rows = [
        {"from": "17:00:00", "price": 0.5, "weekdays": workdays},
        {"from": "00:00:00", "price": 0.2},
        {"from": "21:00:00", "price": 0.25, "weekdays": workdays},
    ]
    assert await read(rows, at("2026-11-19T23:00"), at("2026-11-23T18:00")) == [
        ("Thu 23:00", 0.25),
        ("Fri 00:00", 0.2),
        ("Fri 17:00", 0.5),
        ("Fri 21:00", 0.25),
        ("Sat 00:00", 0.2),
        ("Sun 00:00", 0.2),
        ("Mon 00:00", 0.2),
        ("Mon 17:00", 0.5),
    ]


async def test_a_row_of_some_days_counts_at_the_same_time() -> None:
    rows = [
        {"from": "00:00", "price": 0.1, "weekdays": ["sun"]},
        {"from": "00:00", "price": 0.2},
    ]
    assert await read(rows, at("2026-11-21T12:00"), at("2026-11-23T12:00")) == [
        ("Sat 12:00", 0.2),
        ("Sun 00:00", 0.1),
        ("Mon 00:00", 0.2),
    ]


async def test_a_band_may_begin_a_week_ago() -> None:
    rows = [{"from": "08:00", "price": "0.1", "weekdays": ["mon"]}]
    assert await read(rows, at("2026-11-23T07:00"), at("2026-11-23T07:30")) == [("Mon 07:00", 0.1)]


SUMMER = ["apr", "may", "jun", "jul", "aug", "sep"]
WINTER = ["oct", "nov", "dec", "jan", "feb", "mar"]
SEASONS = [
    {"from": "00:00:00", "price": 0.1, "months": SUMMER},
    {"from": "00:00:00", "price": 0.2, "months": WINTER},
    {"from": "16:00:00", "price": 0.4, "months": WINTER, "weekdays": ["mon", "wed"]},
    {"from": "20:00:00", "price": 0.2, "months": WINTER, "weekdays": ["mon", "wed"]},
]


async def test_seasons() -> None:
    assert await read(SEASONS, at("2026-09-29T12:00"), at("2026-10-01T12:00")) == [
        ("Tue 12:00", 0.1),
        ("Wed 00:00", 0.1),
        ("Thu 00:00", 0.2),
    ]
    assert await read(SEASONS, at("2026-10-05T12:00"), at("2026-10-06T12:00")) == [
        ("Mon 12:00", 0.2),
        ("Mon 16:00", 0.4),
        ("Mon 20:00", 0.2),
        ("Tue 00:00", 0.2),
    ]


async def test_a_band_may_begin_a_season_ago() -> None:
    """Winter has one row alone, which is in force until summer says otherwise."""
    rows = [
        {"from": "00:00:00", "price": 0.1, "months": ["apr"], "weekdays": ["mon"]},
        {"from": "00:00:00", "price": 0.2, "months": ["oct"], "weekdays": ["mon"]},
    ]
    assert await read(rows, at("2027-02-10T08:00"), at("2027-02-10T20:00")) == [("Wed 08:00", 0.2)]


@pytest.mark.parametrize(
    "row",
    [
        {"from": "25:00:00", "price": 0.2},
        {"price": 0.2},
        {"from": "07:00:00"},
        {"from": "07:00:00", "price": "cheap"},
        {"from": "07:00:00", "price": None},
        {"from": "07:00:00", "price": float("inf")},
        {"from": "07:00:00", "price": 0.2, "weekdays": ["someday"]},
        {"from": "07:00:00", "price": 0.2, "months": ["smarch"]},
    ],
)
def test_implausible_rows(row: dict[str, Any]) -> None:
    with pytest.raises(TariffError) as caught:
        TimeOfUseTariff([*DAY_AND_NIGHT, row], currency="EUR")
    assert caught.value.translation_key == "price_row_invalid"
    for key, value in row.items():
        assert f"{key}: {value}" in caught.value.placeholders["row"]


def test_no_rows() -> None:
    with pytest.raises(TariffError) as caught:
        TimeOfUseTariff([], currency="EUR")
    assert caught.value.translation_key == "price_rows_missing"


async def test_constant() -> None:
    start = datetime(2026, 11, 21, tzinfo=UTC)
    tariff = ConstantTariff(0.28, "EUR")
    series = await tariff.async_validate(start, start + timedelta(hours=30))
    assert [period.price for period in series.periods] == [0.28]
    assert series.covers(start, start + timedelta(hours=30))
    assert tariff.watched_entities == ()
