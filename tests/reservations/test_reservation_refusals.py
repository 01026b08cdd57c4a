"""Reservations that cannot be meant, or for which there is no charger."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util
import pytest
from tests.house import ENGLISH, House, subentry
from tests.reservations.reserving import add, reservations


@pytest.fixture
async def home(house: House) -> House:
    """Return a house with all chargers and cars, none plugged in."""
    await house.async_set_up_site()
    return house


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"energy": 5, "departure": "2026-11-20 21:00:00"}, "reservation_order"),
        (
            {
                "energy": 5,
                "arrival": "2026-11-20 10:00:00",
                "departure": "2026-11-20 19:00:00",
            },
            "reservation_past",
        ),
        (
            {
                "energy": 5,
                "arrival": "9999-11-22 10:00:00",
                "departure": "9999-11-22 19:00:00",
            },
            "reservation_far",
        ),
        ({}, "reservation_target"),
        ({"energy": 5, "target_soc": 80}, "reservation_target"),
        ({"energy": 0}, "reservation_energy"),
        ({"energy": 201}, "reservation_energy"),
        ({"target_soc": 101}, "reservation_soc"),
        ({"target_soc": 50, "arrival_soc": -1}, "reservation_soc"),
        ({"target_soc": 50, "arrival_soc": 50}, "reservation_nothing_missing"),
        # A guest of whom nothing is known is taken to come with 30 %.
        ({"target_soc": 30}, "reservation_nothing_missing"),
        ({"energy": 5, "max_power": 3}, "reservation_power"),
        ({"energy": 5, "max_power": "nan"}, "reservation_power"),
        ({"energy": 5, "max_power": "inf"}, "reservation_power"),
        ({"energy": 5, "departure": "9999-11-22 19:00:00"}, "reservation_long"),
        ({"energy": 5, "arrival": "0001-01-01 00:00:00"}, "moment_impossible"),
        ({"energy": 5, "departure": "0001-01-01 00:00:00"}, "moment_impossible"),
        ({"energy": 5, "charger": "Shed"}, "charger_unknown"),
        ({"energy": 5, "vehicle": "Tesla"}, "vehicle_unknown"),
    ],
)
async def test_implausible_reservations_are_refused(
    home: House, data: Mapping[str, Any], reason: str
) -> None:
    with pytest.raises(ServiceValidationError) as error:
        await add(home, **data)
    assert error.value.translation_key == reason
    assert reason in ENGLISH["exceptions"]
    assert await reservations(home) == []


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ({"charger": "Garage"}, {"charger": "Garage"}, "reservation_overlaps"),
        (
            {"charger": "Garage", "vehicle": "Zoe"},
            {"charger": "Carport", "vehicle": "Zoe"},
            "reservation_overlaps",
        ),
        ({"charger": "Garage"}, {"charger": "Carport"}, None),
        ({"charger": "Garage"}, {}, None),
        (
            {"charger": "Garage"},
            {
                "charger": "Garage",
                "arrival": "2026-11-21 06:00:00",
                "departure": "2026-11-21 08:00:00",
            },
            None,
        ),
    ],
)
async def test_overlapping_reservations(
    home: House, first: dict[str, Any], second: dict[str, Any], reason: str | None
) -> None:
    await add(home, energy=5, name="Aunt May", **first)
    if reason is None:
        await add(home, energy=5, **second)
        return
    with pytest.raises(ServiceValidationError) as error:
        await add(home, energy=5, **second)
    assert error.value.translation_key == reason
    assert "2026-11-20 22:00" in str(error.value)


async def test_no_more_cars_than_chargers(home: House) -> None:
    await add(home, energy=5)
    await add(home, energy=5, charger="Garage")
    with pytest.raises(ServiceValidationError) as error:
        await add(home, energy=5)
    assert error.value.translation_key == "reservation_no_charger_free"


async def test_site_without_chargers_takes_none(house: House) -> None:
    await house.async_set_up_site(subentry("zoe", "vehicle", "Zoe", {"battery_kwh": 50}))
    with pytest.raises(ServiceValidationError) as error:
        await add(house, energy=5)
    assert error.value.translation_key == "reservation_no_charger"


async def test_an_automation_that_runs_wild_is_stopped(home: House) -> None:
    for day in range(1, 101):
        for hour in (8, 14):
            arrival, departure = (
                f"{dt_util.utcnow() + timedelta(days=day, hours=at):%Y-%m-%d %H:%M:%S}"
                for at in (hour, hour + 2)
            )
            await add(home, energy=5, arrival=arrival, departure=departure)
    with pytest.raises(ServiceValidationError) as error:
        await add(home, energy=5)
    assert error.value.translation_key == "reservation_too_many"
    assert len(await reservations(home)) == 200
