"""Departures from an entity: a calendar, a schedule, a date and time; and while it is gone."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any, override

from homeassistant.components.calendar import CalendarEntity, CalendarEvent
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_component import EntityComponent
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from tests.house import CHARGERS, ZOE_DATA, House, subentry

NEXT = "datetime.garage_next_departure"
WORK = [{"weekdays": ["sat"], "at": "10:00:00", "target_soc": 100}]
CALENDAR = "calendar.family"


class FamilyCalendar(CalendarEntity):
    """A calendar of the user's, of which nothing but its events is reported."""

    _attr_name = "Family"
    entity_id = CALENDAR

    def __init__(self) -> None:
        """Begin without events."""
        self.events: list[CalendarEvent] = []
        self.asked = 0

    @property
    @override
    def event(self) -> CalendarEvent | None:
        return next(iter(self.events), None)

    @override
    async def async_get_events(self, hass: HomeAssistant, start_date: Any, end_date: Any) -> Any:
        self.asked += 1
        return [
            event
            for event in self.events
            if event.start_datetime_local < end_date and event.end_datetime_local > start_date
        ]

    def add(self, summary: str, start: str, end: str) -> None:
        """Add an event of some hours, or of whole days."""
        parse = dt_util.parse_datetime if " " in start else dt_util.parse_date
        begins, ends = parse(start), parse(end)
        assert begins is not None
        assert ends is not None
        if " " in start:
            zone = dt_util.get_default_time_zone()
            begins, ends = begins.replace(tzinfo=zone), ends.replace(tzinfo=zone)  # type: ignore[call-arg]
        self.events.append(CalendarEvent(start=begins, end=ends, summary=summary))
        self.async_write_ha_state()


@pytest.fixture
async def family(hass: HomeAssistant, house: House) -> AsyncGenerator[FamilyCalendar]:
    """Yield a calendar without events."""
    assert await async_setup_component(hass, "calendar", {})
    calendar = FamilyCalendar()
    component: EntityComponent[CalendarEntity] = hass.data["calendar"]  # type: ignore[assignment]
    await component.async_add_entities([calendar])
    yield calendar
    # It waits for its events.
    await calendar.async_remove(force_remove=True)


async def async_set_up(house: House, entity_id: str, **zoe: Any) -> None:
    """Set up the site with a Zoe that leaves as an entity tells."""
    data = {**ZOE_DATA, "departure_entity": entity_id, **zoe}
    await house.async_set_up_site(*CHARGERS, subentry("zoe", "vehicle", "Zoe", data))


def planned(house: House) -> tuple[str, str]:
    """Return the next departure, and who said so."""
    source: str = house.state("sensor.garage_status").attributes["departure_source"]
    return house.state(NEXT).state, source


async def test_car_leaves_at_the_start_of_the_next_event(
    house: House, family: FamilyCalendar
) -> None:
    await async_set_up(house, CALENDAR, weekly_departures=WORK)
    family.add("Under way", "2026-11-20 19:00", "2026-11-20 21:00")
    family.add("Dentist", "2026-11-23 14:00", "2026-11-23 15:00")
    family.add("Work", "2026-11-23 08:15", "2026-11-23 17:00")
    await house.async_plug_in("garage")
    assert planned(house) == ("2026-11-23T07:15:00+00:00", "calendar")
    # A new event that starts first shows in the calendar's own state.
    family.events.insert(
        0,
        CalendarEvent(
            start=dt_util.now() + timedelta(hours=2),
            end=dt_util.now() + timedelta(hours=3),
            summary="Concert",
        ),
    )
    family.async_write_ha_state()
    await house.async_settle()
    assert planned(house) == ("2026-11-20T21:00:06+00:00", "calendar")


async def test_new_events_are_noticed_though_the_calendar_says_nothing(
    house: House, family: FamilyCalendar
) -> None:
    await async_set_up(house, CALENDAR)
    await house.async_plug_in("garage")
    assert planned(house) == ("2026-11-21T06:00:00+00:00", "daily")
    family.events.append(
        CalendarEvent(
            start=dt_util.now() + timedelta(days=2),
            end=dt_util.now() + timedelta(days=2, hours=3),
            summary="Trip",
        )
    )
    begins = dt_util.as_utc(family.events[0].start_datetime_local)
    for _ in range(6):
        await house.async_advance(timedelta(minutes=1))
    assert planned(house) == (begins.isoformat(timespec="seconds"), "calendar")


async def test_only_events_with_a_text_count(house: House, family: FamilyCalendar) -> None:
    await async_set_up(house, CALENDAR, departure_text="work")
    family.add("Dentist", "2026-11-21 09:00", "2026-11-21 10:00")
    family.add("WORKSHOP", "2026-11-22 09:00", "2026-11-22 10:00")
    await house.async_settle()
    assert house.state(NEXT).state == "2026-11-22T08:00:00+00:00"


async def test_whole_day_means_the_usual_time(house: House, family: FamilyCalendar) -> None:
    await async_set_up(house, CALENDAR)
    family.add("Office", "2026-11-24", "2026-11-25")
    await house.async_settle()
    assert house.state(NEXT).state == "2026-11-24T06:00:00+00:00"


async def test_without_events_the_table_counts(house: House, family: FamilyCalendar) -> None:
    await async_set_up(house, CALENDAR, weekly_departures=WORK)
    await house.async_plug_in("garage")
    assert planned(house) == ("2026-11-21T09:00:00+00:00", "weekly")
    assert "usual departure counts" not in house.state("sensor.garage_status").attributes["reason"]


@pytest.mark.parametrize("state", ["unavailable", "unknown", None])
async def test_while_the_entity_is_gone_the_table_counts_and_the_status_says_so(
    hass: HomeAssistant, house: House, family: FamilyCalendar, state: str | None
) -> None:
    await async_set_up(house, CALENDAR, weekly_departures=WORK)
    family.add("Trip", "2026-11-22 09:00", "2026-11-22 10:00")
    await house.async_plug_in("garage")
    assert planned(house) == ("2026-11-22T08:00:00+00:00", "calendar")
    if state is None:
        hass.states.async_remove(CALENDAR)
    else:
        hass.states.async_set(CALENDAR, state)
    await house.async_settle()
    assert planned(house) == ("2026-11-21T09:00:00+00:00", "weekly")
    reason = house.state("sensor.garage_status").attributes["reason"]
    assert f"{CALENDAR} is not available" in reason
    family.async_write_ha_state()
    await house.async_settle()
    assert planned(house) == ("2026-11-22T08:00:00+00:00", "calendar")


async def test_calendar_that_fails_does_not_keep_plans_from_being_made(
    house: House, family: FamilyCalendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any) -> None:
        raise ValueError("broken on purpose")

    monkeypatch.setattr(family, "async_get_events", fail)
    await async_set_up(house, CALENDAR)
    await house.async_plug_in("garage")
    assert planned(house) == ("2026-11-21T06:00:00+00:00", "daily")
    assert house.state("sensor.garage_planned_energy").state != "unavailable"


async def test_calendar_is_not_asked_with_every_plan(house: House, family: FamilyCalendar) -> None:
    await async_set_up(house, CALENDAR)
    await house.async_plug_in("garage")
    asked = family.asked
    for target in (50, 60, 70):
        await house.hass.services.async_call(
            "number", "set_value", {"entity_id": "number.garage_target", "value": target}
        )
        await house.async_settle()
    assert family.asked == asked


# The schedule waits for its next block.
@pytest.mark.parametrize("expected_lingering_timers", [True])
async def test_car_is_away_while_a_schedule_is_on(hass: HomeAssistant, house: House) -> None:
    blocks = {
        "name": "Away",
        "monday": [{"from": "08:30:00", "to": "17:00:00"}],
        "sunday": [{"from": "11:00:00", "to": "12:00:00"}],
    }
    assert await async_setup_component(hass, "schedule", {"schedule": {"away": blocks}})
    await async_set_up(house, "schedule.away")
    await house.async_plug_in("garage")
    assert planned(house) == ("2026-11-22T10:00:00+00:00", "calendar")
    house.set_soc("zoe", 80)
    house.freezer.move_to("2026-11-22T10:00:10+00:00")
    await house.async_settle()
    assert planned(house) == ("2026-11-23T07:30:00+00:00", "calendar")


@pytest.mark.parametrize(
    ("kind", "value", "leaves"),
    [
        ({"has_date": True, "has_time": True}, "2026-11-23 06:20:00", "2026-11-23T05:20:00"),
        ({"has_date": True}, "2026-11-23", "2026-11-23T06:00:00"),
        ({"has_time": True}, "06:20:00", "2026-11-21T05:20:00"),
    ],
)
async def test_date_and_time_of_a_helper(
    hass: HomeAssistant, house: House, kind: dict[str, bool], value: str, leaves: str
) -> None:
    config = {"trip": {**kind, "initial": value}}
    assert await async_setup_component(hass, "input_datetime", {"input_datetime": config})
    await async_set_up(house, "input_datetime.trip")
    await house.async_plug_in("garage")
    assert planned(house) == (f"{leaves}+00:00", "calendar")


async def test_what_is_said_once_comes_before_the_calendar(
    house: House, family: FamilyCalendar
) -> None:
    await async_set_up(house, CALENDAR)
    family.add("Trip", "2026-11-22 09:00", "2026-11-22 10:00")
    await house.async_plug_in("garage")
    await house.hass.services.async_call(
        "optivgi",
        "set_departure",
        {"charger": "Garage", "departure": "2026-11-23 12:00:00"},
        blocking=True,
    )
    await house.async_settle()
    assert planned(house) == ("2026-11-23T11:00:00+00:00", "once")
