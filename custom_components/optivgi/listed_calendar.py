"""A calendar of events that are all known at once."""

from abc import abstractmethod
from datetime import datetime
from typing import override

from homeassistant.components.calendar import CalendarEntity, CalendarEvent
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util


class ListedCalendar(CalendarEntity):
    """Shows a list of events, the earliest first."""

    @abstractmethod
    def events(self) -> list[CalendarEvent]:
        """Return all events."""

    @property
    @override
    def event(self) -> CalendarEvent | None:
        """The event under way, or the next one."""
        now = dt_util.utcnow()
        return next((event for event in self.events() if event.end_datetime_local > now), None)

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        return [
            event
            for event in self.events()
            if event.end_datetime_local > start_date and event.start_datetime_local < end_date
        ]
