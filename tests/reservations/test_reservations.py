"""Reservations: room is left for cars that are still to come, and they take it over."""

from datetime import datetime, timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest
from tests.house import CHARGERS, VEHICLES, ZOE_DATA, House, charger_of, subentry
from tests.reservations.reserving import add, remove, reservations

FLAT = [0.30] * 48


@pytest.fixture
async def home(house: House) -> House:
    """Return a house with all chargers and cars, none plugged in."""
    house.set_hourly_prices(FLAT)
    await house.async_set_up_site()
    return house


# Planned for


async def test_reservation_is_listed_with_what_is_planned_for_it(home: House) -> None:
    added = await add(home, energy=18, charger="Carport", name="Aunt May", max_power=5)
    (reserved,) = await reservations(home)
    plan = reserved.pop("plan")
    assert reserved == {
        "id": added["id"],
        "name": "Aunt May",
        "state": "expected",
        "charger": "Carport",
        "vehicle": None,
        "arrival": "2026-11-20T22:00:00+01:00",
        "departure": "2026-11-21T06:00:00+01:00",
        "energy_kwh": 18,
        "target_soc": None,
        "arrival_soc": None,
        "max_power_kw": 5,
        "planned_kwh": pytest.approx(18, abs=0.2),
        "shortfall_kwh": pytest.approx(0, abs=0.01),
        "cost": pytest.approx(18 / 0.9 * 0.30, abs=0.1),
    }
    assert plan[0]["start"] >= "2026-11-20T22:00:00"
    assert plan[-1]["end"] <= "2026-11-21T06:00:00"
    assert max(block["peak_kw"] for block in plan) <= 5
    assert (await home.async_schedule())["reservations"][0]["id"] == added["id"]


async def test_room_is_left_for_a_car_that_comes_later(house: House) -> None:
    """Both need the cheap night, so the one that is here begins in the expensive evening."""
    house.set_hourly_prices([0.30] * 22 + [0.10] * 8 + [0.30] * 18)
    known = subentry("zoe", "vehicle", "Zoe", {**ZOE_DATA, "phases": "3"})
    await house.async_set_up_site(*CHARGERS, known, VEHICLES[1], data={"limit_kw": 12})
    house.set_soc("zoe", 10)
    await house.async_plug_in("garage")
    assert house.state("sensor.garage_status").state == "waiting"
    assert house.garage_kw == 0
    added = await add(house, energy=70, charger="Carport", vehicle="Leaf")
    assert house.garage_kw > 4
    (reserved,) = await reservations(house)
    assert reserved["shortfall_kwh"] < 1
    assert charger_of(await house.async_schedule(), "Garage")["shortfall_kwh"] < 1
    await remove(house, added["id"])
    assert house.garage_kw == 0


@pytest.mark.parametrize(
    ("asked", "needed"),
    [
        ({"energy": 12}, 12),
        ({"target_soc": 80, "arrival_soc": 30, "vehicle": "Zoe"}, 25),
        ({"target_soc": 80, "vehicle": "Zoe"}, 20),
        ({"target_soc": 80}, 30),
    ],
)
async def test_energy_of_a_reservation(home: House, asked: dict[str, Any], needed: float) -> None:
    """By itself, by the car's battery and sensor, or by what is assumed of guests."""
    await add(home, **asked)
    (reserved,) = await reservations(home)
    assert reserved["planned_kwh"] == pytest.approx(needed, abs=0.3)


async def test_reservation_beyond_the_day_makes_plans_reach_further(home: House) -> None:
    await add(home, arrival="2026-11-22 20:00:00", departure="2026-11-23 07:00:00", energy=10)
    prices = (await home.async_schedule())["prices"]
    assert prices[-1]["end"] == "2026-11-23T07:00:00+01:00"
    (reserved,) = await reservations(home)
    assert reserved["planned_kwh"] == pytest.approx(10, abs=0.2)


async def test_reservation_of_next_week_waits_for_its_time(home: House) -> None:
    await add(home, arrival="2026-11-27 20:00:00", departure="2026-11-28 07:00:00", energy=10)
    (reserved,) = await reservations(home)
    assert (reserved["planned_kwh"], reserved["plan"]) == (0, [])
    prices = (await home.async_schedule())["prices"]
    start, end = prices[0], prices[-1]
    assert datetime.fromisoformat(end["end"]) - datetime.fromisoformat(start["start"]) < timedelta(
        hours=25
    )


async def test_stay_that_goes_on_beyond_what_is_planned_counts_in_part(home: House) -> None:
    """Four of eight days are planned, so half of the energy is."""
    await add(home, arrival="2026-11-20 20:00:00", departure="2026-11-28 20:00:00", energy=20)
    (reserved,) = await reservations(home)
    assert reserved["planned_kwh"] == pytest.approx(10, abs=0.3)
    assert reserved["shortfall_kwh"] == pytest.approx(0, abs=0.01)


async def test_car_that_is_known_draws_what_it_can(home: House) -> None:
    assert home.entry is not None
    zoe = home.entry.subentries["zoe"]
    data = {**zoe.data, "phases": "1", "max_a": 10}
    home.hass.config_entries.async_update_subentry(home.entry, zoe, data=data)
    await home.async_settle()
    await add(home, vehicle="Zoe", energy=10)
    (reserved,) = await reservations(home)
    assert max(block["peak_kw"] for block in reserved["plan"]) == pytest.approx(2.3)


# Taken over


async def test_car_that_comes_takes_its_reservation_over(home: House) -> None:
    await home.async_select("select.carport_vehicle", "guest")
    added = await add(home, energy=12, charger="Carport", name="Aunt May")
    await home.async_advance(timedelta(hours=1, minutes=30))
    await home.async_plug_in("carport")
    (reserved,) = await reservations(home)
    assert (reserved["id"], reserved["state"]) == (added["id"], "here")
    assert reserved["planned_kwh"] == pytest.approx(12, abs=0.2)
    carport = charger_of(await home.async_schedule(), "Carport")
    assert carport["needed_kwh"] == pytest.approx(12)
    assert carport["departure"] == "2026-11-21T06:00:00+01:00"
    attributes = home.state("sensor.carport_status").attributes
    assert attributes["departure_source"] == "reservation"
    # Planned once: nothing is added for the reservation itself.
    site = (await home.async_schedule())["site"]
    assert site["cost"] == pytest.approx(12 / 0.9 * 0.30, abs=0.1)

    await home.async_unplug("carport")
    assert await reservations(home) == []


async def test_energy_of_a_reservation_counts_for_a_car_with_a_sensor(home: House) -> None:
    await add(home, energy=5, charger="Garage", vehicle="Zoe")
    await home.async_advance(timedelta(hours=1, minutes=30))
    await home.async_plug_in("garage")
    assert home.state("sensor.garage_status").attributes["needed_kwh"] == pytest.approx(5)


async def test_target_of_a_reservation_counts_for_the_car(home: House) -> None:
    await add(home, target_soc=95, vehicle="Zoe")
    await home.async_advance(timedelta(hours=2))
    await home.async_plug_in("garage")
    (reserved,) = await reservations(home)
    assert (reserved["state"], reserved["charger"]) == ("here", "Garage")
    assert home.state("sensor.garage_status").attributes["needed_kwh"] == pytest.approx(27.5)
    assert home.value("number.garage_target") == 80


@pytest.mark.parametrize(
    ("data", "wait_h", "taken"),
    [
        ({}, 0.5, True),
        ({"arrival": "2026-11-21 00:00:00"}, 1.5, False),
        ({"charger": "Garage"}, 2, False),
        ({"vehicle": "Zoe"}, 2, False),
        ({"vehicle": "Leaf", "charger": "Carport"}, 2, True),
        ({}, 9.9, True),
    ],
)
async def test_who_takes_a_reservation_over(
    home: House, data: dict[str, Any], wait_h: float, taken: bool
) -> None:
    """Leaf comes to the carport: early or late, expected there or not."""
    await add(home, energy=12, **data)
    await home.async_advance(timedelta(hours=wait_h))
    await home.async_plug_in("carport")
    (reserved,) = await reservations(home)
    assert (reserved["state"] == "here") is taken


async def test_car_that_has_been_here_before_is_not_the_one_that_is_expected(home: House) -> None:
    await home.async_plug_in("carport")
    await home.async_advance(timedelta(minutes=5))
    added = await add(
        home,
        arrival="2026-11-21 04:00:00",
        departure="2026-11-21 10:00:00",
        energy=12,
        charger="Carport",
    )
    assert added["occupied_until"] == "2026-11-21T06:30:00+01:00"
    await home.async_advance(timedelta(hours=9))
    await home.async_settle()
    (reserved,) = await reservations(home)
    assert reserved["state"] == "expected"


@pytest.mark.parametrize(("vehicle", "taken"), [({}, False), ({"vehicle": "Leaf"}, True)])
async def test_car_that_is_here_is_no_guest_who_is_announced_now(
    home: House, vehicle: dict[str, Any], taken: bool
) -> None:
    """Even where it came no earlier than the guest may come."""
    await home.async_plug_in("carport")
    await home.async_advance(timedelta(minutes=5))
    added = await add(home, energy=12, charger="Carport", **vehicle)
    assert added["occupied_until"] == (None if taken else "2026-11-21T06:30:00+01:00")
    (reserved,) = await reservations(home)
    assert (reserved["state"] == "here") is taken


async def test_status_says_that_a_reservation_counts(home: House) -> None:
    """Or nobody knows why the car is not charged to its target."""
    await add(home, energy=5, charger="Garage", name="Trip")
    await home.async_advance(timedelta(hours=1))
    await home.async_plug_in("garage")
    status = "sensor.garage_status"
    assert (
        home.state(status).attributes["reason"].endswith('It has come for the reservation "Trip".')
    )
    (reserved,) = await reservations(home)
    await remove(home, reserved["id"])
    assert "Trip" not in home.state(status).attributes["reason"]


async def test_car_that_is_selected_later_takes_it_over_then(home: House) -> None:
    await home.async_select("select.carport_vehicle", "guest")
    await add(home, energy=12, charger="Carport", vehicle="Leaf")
    await home.async_advance(timedelta(hours=2))
    await home.async_plug_in("carport")
    (reserved,) = await reservations(home)
    assert reserved["state"] == "expected"
    await home.async_select("select.carport_vehicle", "Leaf")
    (reserved,) = await reservations(home)
    assert reserved["state"] == "here"


async def test_minimum_of_car_and_charger_counts_when_it_has_come(home: House) -> None:
    await add(home, energy=12, charger="Carport", max_power=5)
    await home.async_advance(timedelta(hours=2))
    await home.async_plug_in("carport")
    carport = charger_of(await home.async_schedule(), "Carport")
    assert 4 < max(step["limit_kw"] for step in carport["plan"]) <= 5


async def test_energy_that_a_guest_is_assumed_to_miss(home: House) -> None:
    await home.async_select("select.carport_vehicle", "guest")
    await add(home, target_soc=80, charger="Carport")
    await home.async_advance(timedelta(hours=2))
    await home.async_plug_in("carport")
    assert home.state("sensor.carport_status").attributes["needed_kwh"] == pytest.approx(30)


# Ended


async def test_car_that_does_not_come_is_not_waited_for_after_its_departure(home: House) -> None:
    await add(home, energy=12)
    await home.async_advance(timedelta(hours=5))
    await home.async_settle()
    (reserved,) = await reservations(home)
    # It is late: what is left of the night is kept for it, but nothing of the present.
    assert reserved["plan"][0]["start"] >= "2026-11-21T01:15:00"
    assert reserved["planned_kwh"] == pytest.approx(12, abs=0.2)
    await home.async_advance(timedelta(hours=5))
    await home.async_settle()
    assert await reservations(home) == []


async def test_reservation_is_removed(home: House) -> None:
    one = await add(home, energy=12, charger="Garage")
    two = await add(home, energy=5, charger="Carport")
    await remove(home, one["id"])
    assert [reserved["id"] for reserved in await reservations(home)] == [two["id"]]
    with pytest.raises(ServiceValidationError) as error:
        await remove(home, one["id"])
    assert error.value.translation_key == "reservation_unknown"


async def test_reservation_of_a_car_that_is_here_is_removed(home: House) -> None:
    added = await add(home, energy=5, charger="Garage")
    await home.async_advance(timedelta(hours=2))
    await home.async_plug_in("garage")
    await remove(home, added["id"])
    attributes = home.state("sensor.garage_status").attributes
    assert (attributes["needed_kwh"], attributes["departure_source"]) == (20, "daily")


async def test_stay_beyond_a_reservation_is_as_any_other(home: House) -> None:
    await add(home, energy=5, charger="Garage", vehicle="Zoe", departure="2026-11-21 00:00:00")
    await home.async_advance(timedelta(hours=2))
    await home.async_plug_in("garage")
    home.set_power("sensor.garage_power", 11000)
    await home.async_settle()
    await home.async_advance(timedelta(minutes=35))
    home.set_power("sensor.garage_power", 0)
    await home.async_advance(timedelta(hours=2))
    await home.async_settle()
    assert await reservations(home) == []
    attributes = home.state("sensor.garage_status").attributes
    assert attributes["departure_source"] == "daily"
    assert attributes["needed_kwh"] > 10


# Kept


async def test_reservations_survive_a_restart(
    hass: HomeAssistant, home: House, hass_storage: dict[str, Any]
) -> None:
    await add(home, energy=12, charger="Carport", name="Aunt May")
    await add(home, energy=5, charger="Garage", vehicle="Zoe")
    await home.async_advance(timedelta(hours=2))
    await home.async_plug_in("garage")
    before = await reservations(home)
    assert [one["state"] for one in before] == ["here", "expected"]
    assert await hass.config_entries.async_reload("site")
    await home.async_settle()
    after = await reservations(home)
    keys = ("id", "name", "state", "charger", "arrival", "departure", "energy_kwh")
    assert [{key: one[key] for key in keys} for one in after] == [
        {key: one[key] for key in keys} for one in before
    ]
    assert home.state("sensor.garage_status").attributes["needed_kwh"] == pytest.approx(5)
    (kept,) = hass_storage["optivgi.site"]["data"]["reservations"].values()
    assert (kept["name"], kept["arrival"]) == ("Aunt May", "2026-11-20T21:00:00Z")


async def test_reservation_for_a_charger_that_is_no_more_is_for_any(
    hass: HomeAssistant, home: House
) -> None:
    await add(home, energy=12, charger="Carport")
    assert home.entry is not None
    hass.config_entries.async_remove_subentry(home.entry, "carport")
    await home.async_settle()
    (reserved,) = await reservations(home)
    assert reserved["charger"] is None
    assert reserved["planned_kwh"] == pytest.approx(12, abs=0.2)


async def test_what_is_added_and_what_is_past_is_written_within_seconds(
    home: House, hass_storage: dict[str, Any]
) -> None:
    """With no car there, nothing else is written."""
    added = await add(home, energy=12)
    await home.async_advance(timedelta(seconds=10))
    assert list(hass_storage["optivgi.site"]["data"]["reservations"]) == [added["id"]]
    await home.async_advance(timedelta(hours=11))
    await home.async_settle()
    await home.async_advance(timedelta(seconds=10))
    assert hass_storage["optivgi.site"]["data"]["reservations"] == {}


async def test_reservation_of_a_vehicle_that_is_no_more_is_for_any(
    hass: HomeAssistant, home: House
) -> None:
    await add(home, energy=12, vehicle="Leaf")
    assert home.entry is not None
    hass.config_entries.async_remove_subentry(home.entry, "leaf")
    await home.async_settle()
    await home.async_advance(timedelta(hours=2))
    await home.async_plug_in("carport")
    (reserved,) = await reservations(home)
    assert (reserved["state"], reserved["vehicle"]) == ("here", None)


async def test_changes_are_planned_for_at_once(home: House) -> None:
    """Within seconds, not with the next plan by the clock."""
    added = await add(home, energy=12)
    (reserved,) = await reservations(home)
    assert reserved["plan"]
    assert home.value("sensor.home_planned_cost") == pytest.approx(4, abs=0.1)
    await remove(home, added["id"])
    assert home.value("sensor.home_planned_cost") == 0
