"""The calendar: one event for each stretch of charging, and whether it can be relied upon."""

from datetime import timedelta
from http import HTTPStatus
import re
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from tests.house import House

CALENDAR = "calendar.garage_schedule"
# Two cheap stretches, of an hour each, with expensive hours between them
TWO_DIPS = [0.30] * 24 + [0.10] + [0.50] * 2 + [0.10] + [0.50] * 2 + [0.30] * 18


@pytest.fixture
def night(house: House) -> House:
    """Return a house where two stretches of the night are the cheapest."""
    house.set_hourly_prices(TWO_DIPS)
    house.set_soc("zoe", 45)
    return house


async def events(house: House, start: str, end: str) -> list[dict[str, Any]]:
    """Ask Home Assistant's own action for the events between two local times."""
    response: Any = await house.hass.services.async_call(
        "calendar",
        "get_events",
        {"entity_id": CALENDAR, "start_date_time": start, "end_date_time": end},
        blocking=True,
        return_response=True,
    )
    found: list[dict[str, Any]] = response[CALENDAR]["events"]
    return found


async def test_calendar_is_empty_without_a_car(house: House) -> None:
    await house.async_set_up_site()
    assert house.state(CALENDAR).state == "off"
    assert await events(house, "2026-11-20 00:00:00", "2026-11-23 00:00:00") == []


async def test_numbers_have_the_decimal_mark_of_the_language(
    hass: HomeAssistant, night: House
) -> None:
    hass.config.language = "de"
    await night.async_set_up_site()
    await night.async_plug_in("garage")
    shown = night.state(night.entity_id("calendar", "garage", "schedule")).attributes
    assert re.fullmatch(r"Zoe \(Garage\): \d+,\d kWh", shown["message"])
    assert re.search(r"\d,\d kW\b.*\d,\d\d EUR", shown["description"])


async def test_steps_of_a_stretch_are_one_event(night: House) -> None:
    await night.async_set_up_site()
    await night.async_plug_in("garage")
    first, second = await events(night, "2026-11-20 00:00:00", "2026-11-23 00:00:00")
    assert first["start"] == "2026-11-21T00:00:00+01:00"
    assert second["start"] >= "2026-11-21T03:00:00+01:00"
    assert first["end"] == "2026-11-21T01:00:00+01:00"
    energies = [float(event["summary"].split()[-2]) for event in (first, second)]
    assert sum(energies) == pytest.approx(17.5 / 0.9, abs=0.2)
    assert first["summary"] == f"Zoe (Garage): {energies[0]:.1f} kWh"
    assert first["description"] == f"Up to 11.0 kW, {energies[0] * 0.1:.2f} EUR"

    # The next one is what the entity shows; while it is under way it is on.
    state = night.state(CALENDAR)
    assert (state.state, state.attributes["message"]) == ("off", first["summary"])
    await night.async_advance(timedelta(hours=4, minutes=10))
    await night.async_settle()
    assert night.state(CALENDAR).state == "on"


async def test_range_is_half_open(night: House) -> None:
    await night.async_set_up_site()
    await night.async_plug_in("garage")
    first, second = await events(night, "2026-11-20 00:00:00", "2026-11-23 00:00:00")
    assert await events(night, "2026-11-20 20:00:00", "2026-11-21 00:00:00") == []
    assert await events(night, "2026-11-20 20:00:00", "2026-11-21 00:01:00") == [first]
    assert await events(night, first["end"], second["start"]) == []
    assert await events(night, first["start"], second["end"]) == [first, second]
    assert await events(night, second["end"], "2026-11-23T00:00:00+01:00") == []


async def test_interface_of_the_frontend(
    hass: HomeAssistant, night: House, hass_client: ClientSessionGenerator
) -> None:
    await async_setup_component(hass, "http", {})
    await night.async_set_up_site()
    await night.async_plug_in("garage")
    client = await hass_client()
    now = dt_util.utcnow()
    response = await client.get(
        f"/api/calendars/{CALENDAR}",
        params={"start": now.isoformat(), "end": (now + timedelta(days=1)).isoformat()},
    )
    assert response.status == HTTPStatus.OK
    found = await response.json()
    assert found[0]["start"]["dateTime"] == "2026-11-21T00:00:00+01:00"
    assert [event["status"] for event in found] == ["confirmed", "confirmed"]
    assert len({event["uid"] for event in found}) == 2


async def test_charging_by_estimated_prices_is_tentative(
    hass: HomeAssistant, house: House, hass_client: ClientSessionGenerator
) -> None:
    """Today's last hours are known and cheap; tomorrow's night is a guess."""
    await async_setup_component(hass, "http", {})
    house.set_hourly_prices([0.10] * 5 + [0.30] * 16 + [0.01] + [0.30] * 2)
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    client = await hass_client()
    response = await client.get(
        f"/api/calendars/{CALENDAR}",
        params={"start": "2026-11-20T00:00:00Z", "end": "2026-11-22T00:00:00Z"},
    )
    today, *later = await response.json()
    assert today["start"]["dateTime"] == "2026-11-20T21:00:00+01:00"
    assert today["status"] == "confirmed"
    assert "estimated" not in today["description"]
    assert later
    assert {event["status"] for event in later} == {"tentative"}
    assert all("prices partly estimated" in event["description"] for event in later)


async def test_guest_is_called_by_the_charger(night: House) -> None:
    await night.async_set_up_site()
    await night.async_plug_in("garage")
    await night.async_select("select.garage_vehicle", "guest")
    found = await events(night, "2026-11-20 00:00:00", "2026-11-23 00:00:00")
    assert all(event["summary"].startswith("Garage: ") for event in found)


async def test_charging_that_goes_on_stays_one_event(house: House) -> None:
    """Each plan begins at the present; what began before keeps its start."""
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    starts = set()
    for _ in range(5):
        event = house.state(CALENDAR)
        assert event.state == "on"
        starts.add(event.attributes["start_time"])
        await house.async_advance(timedelta(minutes=5))
    assert len(starts) == 1
