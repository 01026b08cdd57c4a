"""The calendar of reservations: read, and written in Home Assistant's own calendar."""

from datetime import timedelta
from typing import Any

from homeassistant.exceptions import ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from tests.house import House

CALENDAR = "calendar.home_reservations"
TONIGHT = {"dtstart": "2026-11-20T22:00:00", "dtend": "2026-11-21T06:00:00"}


class Panel:
    """Home Assistant's calendar panel, as far as it matters here."""

    def __init__(self, house: House, client: Any) -> None:
        """Talk through a websocket."""
        self.house = house
        self._client = client

    async def send(self, kind: str, **data: Any) -> dict[str, Any]:
        """Send a command and let the plan follow."""
        await self._client.send_json_auto_id(
            {"type": f"calendar/event/{kind}", "entity_id": CALENDAR, **data}
        )
        answer: dict[str, Any] = await self._client.receive_json()
        await self.house.async_settle()
        return answer

    async def create(self, summary: str, **changes: Any) -> dict[str, Any]:
        """Add an event for tonight, if not said otherwise."""
        return await self.send("create", event={"summary": summary, **TONIGHT, **changes})

    async def events(self) -> list[dict[str, Any]]:
        """Return the events of the next week."""
        response: Any = await self.house.hass.services.async_call(
            "calendar",
            "get_events",
            {"entity_id": CALENDAR, "duration": timedelta(days=7)},
            blocking=True,
            return_response=True,
        )
        found: list[dict[str, Any]] = response[CALENDAR]["events"]
        return found

    async def reservations(self) -> list[dict[str, Any]]:
        """Return the reservations as our action lists them."""
        response: Any = await self.house.hass.services.async_call(
            "optivgi", "list_reservations", {}, blocking=True, return_response=True
        )
        found: list[dict[str, Any]] = response["reservations"]
        return found


@pytest.fixture
async def panel(house: House, hass_ws_client: WebSocketGenerator) -> Panel:
    """Return the calendar panel of a house with all chargers and cars."""
    await house.async_set_up_site()
    return Panel(house, await hass_ws_client(house.hass))


@pytest.mark.parametrize(
    ("summary", "told"),
    [
        ("Zoe 20 kWh", {"name": "Zoe", "vehicle": "Zoe", "energy_kwh": 20, "charger": None}),
        ("zoe 85%", {"name": "Zoe", "vehicle": "Zoe", "target_soc": 85, "energy_kwh": None}),
        ("Guest 80 %", {"name": "Guest", "vehicle": None, "target_soc": 80}),
        ("12,5 kWh", {"name": "Guest", "vehicle": None, "energy_kwh": 12.5}),
        ("Aunt May 7 kWh @ carport", {"name": "Aunt May", "charger": "Carport"}),
    ],
)
async def test_event_is_a_reservation(panel: Panel, summary: str, told: dict[str, Any]) -> None:
    assert (await panel.create(summary))["success"]
    (reserved,) = await panel.reservations()
    assert {key: reserved[key] for key in told} == told
    assert reserved["arrival"] == "2026-11-20T22:00:00+01:00"
    assert reserved["departure"] == "2026-11-21T06:00:00+01:00"
    assert reserved["planned_kwh"] > 5
    (event,) = await panel.events()
    assert (event["start"], event["end"]) == (reserved["arrival"], reserved["departure"])


async def test_whole_days_are_from_midnight_to_midnight(panel: Panel) -> None:
    await panel.create("Zoe 20 kWh", dtstart="2026-11-22", dtend="2026-11-23")
    (reserved,) = await panel.reservations()
    assert reserved["arrival"] == "2026-11-22T00:00:00+01:00"
    assert reserved["departure"] == "2026-11-23T00:00:00+01:00"


@pytest.mark.parametrize(
    ("summary", "changes", "named"),
    [
        ("Dinner", {}, "Dinner"),
        ("Zoe 20", {}, "Zoe 20"),
        ("Zoe 20 kWh @ Shed", {}, "Shed"),
        ("Zoe 0 kWh", {}, "0 kWh"),
        ("Zoe 20 kWh", {"rrule": "FREQ=DAILY;COUNT=3"}, "repeat"),
        (
            "Zoe 20 kWh",
            {"dtstart": "2026-11-19T22:00:00", "dtend": "2026-11-20T06:00:00"},
            "2026-11-20 06:00",
        ),
        ("Zoe 20 kWh", {"dtstart": "0001-01-01T00:00:00"}, "0001-01-01 00:00"),
        ("Zoe 20 kWh", {"dtstart": "0001-01-01", "dtend": "2026-12-01"}, "0001-01-01 00:00"),
    ],
)
async def test_implausible_events_are_refused(
    panel: Panel, summary: str, changes: dict[str, Any], named: str
) -> None:
    answer = await panel.create(summary, **changes)
    assert not answer["success"]
    assert named in answer["error"]["message"]
    assert await panel.reservations() == []


async def test_event_is_changed_and_keeps_what_it_does_not_hold(panel: Panel) -> None:
    added: Any = await panel.house.hass.services.async_call(
        "optivgi",
        "add_reservation",
        {
            "arrival": "2026-11-20 22:00:00",
            "departure": "2026-11-21 06:00:00",
            "energy": 12,
            "charger": "Garage",
            "max_power": 5,
        },
        blocking=True,
        return_response=True,
    )
    (event,) = await panel.events()
    assert event["summary"] == "Guest 12 kWh @ Garage"
    changed = {"summary": "Leaf 14 kWh @ Carport", **TONIGHT, "dtend": "2026-11-21T05:00:00"}
    answer = await panel.send("update", uid=added["id"], event=changed)
    assert answer["success"]
    (reserved,) = await panel.reservations()
    assert reserved["id"] == added["id"]
    assert (reserved["vehicle"], reserved["charger"]) == ("Leaf", "Carport")
    assert (reserved["energy_kwh"], reserved["max_power_kw"]) == (14, 5)
    assert reserved["departure"] == "2026-11-21T05:00:00+01:00"


async def test_event_that_is_changed_into_nonsense_stays_as_it_was(panel: Panel) -> None:
    await panel.create("Zoe 20 kWh @ Garage")
    before = await panel.reservations()
    answer = await panel.send(
        "update", uid=before[0]["id"], event={"summary": "Zoe @ Garage", **TONIGHT}
    )
    assert not answer["success"]
    assert await panel.reservations() == before


async def test_event_is_deleted(panel: Panel) -> None:
    await panel.create("Zoe 20 kWh")
    (reserved,) = await panel.reservations()
    assert (await panel.send("delete", uid=reserved["id"]))["success"]
    assert (await panel.events(), await panel.reservations()) == ([], [])
    assert not (await panel.send("delete", uid=reserved["id"]))["success"]


async def test_event_of_a_car_that_is_here_is_changed(panel: Panel) -> None:
    house = panel.house
    await panel.create("Zoe 5 kWh @ Garage")
    await house.async_advance(timedelta(hours=2))
    await house.async_plug_in("garage")
    (reserved,) = await panel.reservations()
    assert reserved["state"] == "here"
    (event,) = await panel.events()
    assert event["description"] == "Here at Garage"
    later = {"summary": "Zoe 8 kWh @ Garage", **TONIGHT, "dtend": "2026-11-21T09:00:00"}
    assert (await panel.send("update", uid=reserved["id"], event=later))["success"]
    assert house.state("datetime.garage_next_departure").state == "2026-11-21T08:00:00+00:00"
    assert house.state("sensor.garage_status").attributes["needed_kwh"] == pytest.approx(8)


async def test_state_is_on_while_a_car_is_expected(panel: Panel) -> None:
    house = panel.house
    assert house.state(CALENDAR).state == "off"
    await panel.create("Zoe 5 kWh @ Garage")
    state = house.state(CALENDAR)
    assert (state.state, state.attributes["message"]) == ("off", "Zoe 5 kWh @ Garage")
    await house.async_advance(timedelta(hours=2, minutes=5))
    await house.async_settle()
    assert house.state(CALENDAR).state == "on"


async def test_action_of_calendars_adds_a_reservation(panel: Panel) -> None:
    data = {"entity_id": CALENDAR, "start_date_time": "2026-11-20 22:00:00"}
    data |= {"end_date_time": "2026-11-21 06:00:00"}
    create = panel.house.hass.services.async_call
    await create("calendar", "create_event", {**data, "summary": "Zoe 20 kWh"}, blocking=True)
    (reserved,) = await panel.reservations()
    assert reserved["vehicle"] == "Zoe"
    with pytest.raises(ServiceValidationError) as error:
        await create("calendar", "create_event", {**data, "summary": "Zoe"}, blocking=True)
    assert error.value.translation_key == "reservation_not_understood"
