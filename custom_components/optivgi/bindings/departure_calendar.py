"""When a car leaves by an entity of the user's: a calendar, a schedule or a date and time."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ..cars.departures import instant
from ..const import LOGGER
from .quantity import valid_state

CALENDAR_DOMAINS: Final = ("calendar", "input_datetime", "schedule")
# Longer than the longest plan (four days), and every weekly event is in it once.
_LOOK_AHEAD: Final = timedelta(days=7)
# A little less than the five minutes between plans, so that each plan reads it again.
_READ_AGAIN: Final = timedelta(minutes=4)
# A calendar in the cloud must not hold up the plan; what was read before counts then.
_WAIT_S: Final = 5.0
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class DepartureCalendar:
    """An entity that reports departures; read ahead, so that nothing waits for it later."""

    def __init__(self, hass: HomeAssistant, entity_id: str, text: str | None) -> None:
        """Name the entity, and the text that an event's title has to contain."""
        self.entity_id = entity_id
        self.events: tuple[datetime | date, ...] | None = None
        """Departures of the next seven days; None while the entity cannot be read."""
        self._hass = hass
        self._text = (text or "").strip().casefold()
        self._read_at: datetime | None = None
        self._read_from: State | None = None

    @property
    def known(self) -> tuple[datetime | date, ...]:
        """Departures; none while the entity cannot be read."""
        return self.events or ()

    async def async_read(self, now: datetime) -> None:
        """Read what has changed, and every few minutes what calendars do not report."""
        state = valid_state(self._hass, self.entity_id)
        fresh = self._read_at is not None and now - self._read_at < _READ_AGAIN
        if fresh and state is self._read_from:
            return
        self._read_at, self._read_from = now, state
        try:
            async with asyncio.timeout(_WAIT_S):
                events = tuple(await self._async_events(state, now))
        except (HomeAssistantError, LookupError, TimeoutError, TypeError, ValueError) as error:
            if self.events is not None:
                LOGGER.warning("Departures cannot be read from %s: %s", self.entity_id, error)
            self.events = None
            return
        self.events = events

    async def _async_events(self, state: State | None, now: datetime) -> list[datetime | date]:
        if state is None:
            raise HomeAssistantError(f"{self.entity_id} is not available")
        if state.domain == "input_datetime":
            return list(_from_date_and_time(state, now))
        if state.domain == "schedule":
            return list(_from_schedule(await self._async_call("schedule", "get_schedule"), now))
        answer = await self._async_call(
            "calendar",
            "get_events",
            start_date_time=dt_util.as_local(now),
            end_date_time=dt_util.as_local(now + _LOOK_AHEAD),
        )
        return [
            _start_of(event)
            for event in answer["events"]
            if self._text in str(event.get("summary", "")).casefold()
        ]

    async def _async_call(self, domain: str, action: str, **data: Any) -> Mapping[str, Any]:
        response = await self._hass.services.async_call(
            domain,
            action,
            data,
            blocking=True,
            return_response=True,
            target={"entity_id": self.entity_id},
        )
        answer: Any = (response or {})[self.entity_id]
        if not isinstance(answer, Mapping):
            raise TypeError(f"{self.entity_id} answers {answer!r}")
        return answer


def _start_of(event: Mapping[str, Any]) -> datetime | date:
    """Return when an event begins: its day, where it lasts whole days."""
    start = str(event["start"])
    if (moment := dt_util.parse_datetime(start)) is not None and "T" in start:
        return moment
    return date.fromisoformat(start)


def _from_schedule(week: Mapping[str, Any], now: datetime) -> Iterator[datetime]:
    """Yield when each of a schedule's blocks begins: the car is away while it is on."""
    zone = dt_util.get_default_time_zone()
    today = dt_util.as_local(now).date()
    for days in range(_LOOK_AHEAD.days + 1):
        day = today + timedelta(days=days)
        for block in week[_DAYS[day.weekday()]]:
            yield instant(day, _time_of(block["from"]), zone)


def _time_of(state: Any) -> time:
    return state if isinstance(state, time) else time.fromisoformat(str(state))


def _from_date_and_time(state: State, now: datetime) -> Iterator[datetime | date]:
    """Yield the moment, the day, or the time of every day that the user has entered."""
    zone = dt_util.get_default_time_zone()
    has_date, has_time = state.attributes.get("has_date"), state.attributes.get("has_time")
    if has_date and has_time:
        yield datetime.fromisoformat(state.state).replace(tzinfo=zone)
    elif has_date:
        yield date.fromisoformat(state.state)
    else:
        today = dt_util.as_local(now).date()
        clock = time.fromisoformat(state.state)
        for days in range(_LOOK_AHEAD.days + 1):
            yield instant(today + timedelta(days=days), clock, zone)
