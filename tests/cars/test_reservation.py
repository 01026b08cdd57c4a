"""Reservations: what a title asks for, and what it comes to in energy."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.optivgi.cars.reservation import (
    Reservation,
    TitleRequest,
    read_summary,
    write_summary,
)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
NAMES = st.text(st.characters(categories=["L"]), max_size=12)
AMOUNTS = st.integers(1, 1999).map(lambda tenths: tenths / 10)


def reservation(**changes: Any) -> Reservation:
    """Return a reservation from noon for six hours."""
    known: dict[str, Any] = {
        "id": "one",
        "name": "Guest",
        "arrival": NOON,
        "departure": NOON + timedelta(hours=6),
    }
    return Reservation(**(known | changes))


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ("Tesla 20 kWh", TitleRequest(name="Tesla", energy_kwh=20, target_soc=None, charger=None)),
        ("Guest 80 %", TitleRequest(name="Guest", energy_kwh=None, target_soc=80, charger=None)),
        ("20kwh", TitleRequest(name="", energy_kwh=20, target_soc=None, charger=None)),
        (
            " Aunt May 12,5 KWH ",
            TitleRequest(name="Aunt May", energy_kwh=12.5, target_soc=None, charger=None),
        ),
        ("Model 3 80%", TitleRequest(name="Model 3", energy_kwh=None, target_soc=80, charger=None)),
        (
            "Zoe 20 kWh @ Left garage",
            TitleRequest(name="Zoe", energy_kwh=20, target_soc=None, charger="Left garage"),
        ),
    ],
)
def test_titles_that_are_understood(summary: str, expected: TitleRequest) -> None:
    assert read_summary(summary) == expected


@pytest.mark.parametrize(
    "summary", ["", "Tesla", "Tesla 20", "Tesla kWh", "20 km", "Tesla 20 kWh please", "1.2.3 kWh"]
)
def test_titles_that_are_not(summary: str) -> None:
    assert read_summary(summary) is None


@given(NAMES, AMOUNTS, st.booleans(), st.none() | NAMES.filter(bool))
def test_what_is_written_is_read_again(
    name: str, amount: float, in_kwh: bool, charger: str | None
) -> None:
    wanted = reservation(name=name, **{"energy_kwh" if in_kwh else "target_soc": amount})
    requested = read_summary(write_summary(wanted, charger))
    assert requested is not None
    assert (requested.name, requested.charger) == (name, charger)
    assert (requested.energy_kwh, requested.target_soc) == (wanted.energy_kwh, wanted.target_soc)


@pytest.mark.parametrize(
    ("changes", "battery_kwh", "soc", "needed_kwh"),
    [
        ({"energy_kwh": 12}, 50, 90, 12),
        ({"target_soc": 80, "arrival_soc": 20}, 50, 60, 30),
        ({"target_soc": 80}, 50, 60, 10),
        ({"target_soc": 80}, 50, None, 25),
        ({"target_soc": 80}, None, None, 30),
        ({"target_soc": 50}, 50, 60, 0),
    ],
)
def test_energy_that_is_needed(
    changes: dict[str, Any], battery_kwh: float | None, soc: float | None, needed_kwh: float
) -> None:
    assert reservation(**changes).needed_kwh(battery_kwh, soc) == pytest.approx(needed_kwh)


@given(st.integers(-10, 10), st.integers(1, 10))
def test_overlaps_whoever_asks_and_not_where_one_leaves_as_the_other_comes(
    begins: int, lasts: int
) -> None:
    arrival = NOON + timedelta(hours=begins)
    other = reservation(arrival=arrival, departure=arrival + timedelta(hours=lasts))
    assert other.overlaps(reservation()) is reservation().overlaps(other)
    assert other.overlaps(reservation()) is (begins < 6 and begins + lasts > 0)
