"""Calendars: when each charger is planned to charge, and which cars are expected."""

from typing import override

from homeassistant.components.calendar import (
    CalendarEntityDescription,
    CalendarEvent,
    CalendarEventStatus,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .entity import ChargerEntity
from .listed_calendar import ListedCalendar
from .planning.plan import Block, Plan
from .reservations.calendar import ReservationCalendar
from .runtime import OptivgiConfigEntry

PARALLEL_UPDATES = 0

SCHEDULE = CalendarEntityDescription(key="schedule", initial_color="#4caf50")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: OptivgiConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the calendar of each charger, and that of the reservations."""
    async_add_entities([ReservationCalendar(entry)])
    for point in entry.runtime_data.site.points.values():
        async_add_entities(
            [ScheduleCalendar(entry, point, SCHEDULE)], config_subentry_id=point.charger.id
        )


class ScheduleCalendar(ChargerEntity, ListedCalendar):
    """When a charger is planned to charge."""

    @override
    def events(self) -> list[CalendarEvent]:
        plan: Plan | None = self.coordinator.data
        if plan is None:
            return []
        return [self._event(block) for block in plan.blocks(self.point.charger.id)]

    def _event(self, block: Block) -> CalendarEvent:
        currency = self.hass.config.currency
        who = self.point.charger.name
        if self.point.vehicle is not None:
            who = f"{self.point.vehicle.name} ({who})"
        return CalendarEvent(
            start=dt_util.as_local(block.start),
            end=dt_util.as_local(block.end),
            summary=f"{who}: {block.energy_kwh:.1f} kWh",
            description=f"Up to {block.peak_kw:.1f} kW, {block.cost:.2f} {currency}"
            + (", prices partly estimated" if block.estimated else ""),
            uid=f"{self.point.charger.id}-{block.start.isoformat()}",
            # A price that is a guess may move the charging.
            status=CalendarEventStatus.TENTATIVE
            if block.estimated
            else CalendarEventStatus.CONFIRMED,
        )
