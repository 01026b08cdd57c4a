"""Calendars: when each charger is planned to charge, and which cars are expected."""

from abc import abstractmethod
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, override

from homeassistant.components.calendar import (
    EVENT_END,
    EVENT_RRULE,
    EVENT_START,
    EVENT_SUMMARY,
    CalendarEntity,
    CalendarEntityDescription,
    CalendarEntityFeature,
    CalendarEvent,
    CalendarEventStatus,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util
from homeassistant.util.ulid import ulid_now

from .bindings.vehicle import Vehicle
from .cars.reservation import GUEST_NAME, Reservation, read_summary, write_summary
from .entity import ChargerEntity, SiteEntity
from .errors import RefusedError, in_utc
from .planning.plan import Block, Plan
from .reservations.book import Booked
from .runtime import OptivgiConfigEntry

PARALLEL_UPDATES = 0

SCHEDULE: Final = CalendarEntityDescription(key="schedule", initial_color="#4caf50")
RESERVATIONS: Final = CalendarEntityDescription(key="reservations", initial_color="#1e88e5")


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


class EventText(StrEnum):
    """What an event says beside its title: a key of the translations."""

    PLANNED = "calendar_planned"
    ESTIMATED = "calendar_estimated"
    """Planned by prices that are partly estimated."""
    HERE = "calendar_here"
    """The car that was expected has come."""


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


class ScheduleCalendar(ChargerEntity, ListedCalendar):
    """When a charger is planned to charge."""

    _listed: tuple[Plan, Vehicle | None, str, list[CalendarEvent]] | None = None

    @override
    def events(self) -> list[CalendarEvent]:
        plan: Plan | None = self.coordinator.data
        if plan is None:
            return []
        listed, vehicle, language = self._listed, self.point.vehicle, self._runtime.texts.language
        # Each state that is written asks three times.
        if (
            listed is None
            or listed[0] is not plan
            or listed[1] is not vehicle
            or listed[2] != language
        ):
            blocks = plan.blocks(self.point.charger.id)
            listed = plan, vehicle, language, [self._event(block) for block in blocks]
            self._listed = listed
        return listed[3]

    def _event(self, block: Block) -> CalendarEvent:
        who = self.point.charger.name
        if self.point.vehicle is not None:
            who = f"{self.point.vehicle.name} ({who})"
        texts = self._runtime.texts
        return CalendarEvent(
            start=dt_util.as_local(block.start),
            end=dt_util.as_local(block.end),
            summary=f"{who}: {texts.number(block.energy_kwh, 1)} kWh",
            description=texts.say(
                EventText.ESTIMATED if block.estimated else EventText.PLANNED,
                power=texts.number(block.peak_kw, 1),
                cost=texts.number(block.cost, 2),
                currency=self.hass.config.currency,
            ),
            uid=f"{self.point.charger.id}-{block.start.isoformat()}",
            # A price that is a guess may move the charging.
            status=CalendarEventStatus.TENTATIVE
            if block.estimated
            else CalendarEventStatus.CONFIRMED,
        )


class ReservationCalendar(SiteEntity, ListedCalendar):
    """The reservations of a site, to be looked at and changed."""

    _attr_supported_features = (
        CalendarEntityFeature.CREATE_EVENT
        | CalendarEntityFeature.DELETE_EVENT
        | CalendarEntityFeature.UPDATE_EVENT
    )

    def __init__(self, entry: OptivgiConfigEntry) -> None:
        """Show the reservations of a site."""
        super().__init__(entry, RESERVATIONS)
        self._entry = entry

    @property
    @override
    def available(self) -> bool:
        """What people have entered is there even when no plan can be made."""
        return True

    @override
    def events(self) -> list[CalendarEvent]:
        return [self._event(booked) for booked in self.site.reservations.all()]

    def _event(self, booked: Booked) -> CalendarEvent:
        reservation = booked.reservation
        point = self.site.points.get(reservation.charger_id or "")
        return CalendarEvent(
            start=dt_util.as_local(reservation.arrival),
            end=dt_util.as_local(reservation.departure),
            summary=write_summary(reservation, None if point is None else point.charger.name),
            description=None
            if booked.point is None
            else self._runtime.texts.say(EventText.HERE, charger=booked.point.charger.name),
            uid=reservation.id,
        )

    @override
    async def async_create_event(self, **kwargs: Any) -> None:
        now = dt_util.utcnow()
        blank = Reservation(id=ulid_now(), name="", arrival=now, departure=now, made_at=now)
        self._put(self._read(kwargs, blank))

    @override
    async def async_update_event(
        self,
        uid: str,
        event: dict[str, Any],
        recurrence_id: str | None = None,
        recurrence_range: str | None = None,
    ) -> None:
        self._put(self._read(event, self.site.reservations.find(uid).reservation))

    @override
    async def async_delete_event(
        self,
        uid: str,
        recurrence_id: str | None = None,
        recurrence_range: str | None = None,
    ) -> None:
        self.site.reservations.remove(uid)
        self._entry.runtime_data.async_settings_changed()

    def _put(self, reservation: Reservation) -> None:
        self.site.reservations.put(reservation, dt_util.utcnow())
        self._entry.runtime_data.async_settings_changed()

    def _read(self, event: dict[str, Any], known: Reservation) -> Reservation:
        """Return a reservation as an event has it; what events do not hold stays."""
        if event.get(EVENT_RRULE):
            raise RefusedError("reservation_recurring")
        summary = event[EVENT_SUMMARY]
        if (request := read_summary(summary)) is None:
            raise RefusedError("reservation_not_understood", summary=summary)
        point = None
        if request.charger is not None:
            point = self.site.point_named(request.charger)
            if point is None:
                raise RefusedError("charger_unknown", charger=request.charger)
        vehicle = self.site.vehicle_named(request.name)
        return replace(
            known,
            name=(request.name or GUEST_NAME) if vehicle is None else vehicle.name,
            arrival=_moment(event[EVENT_START]),
            departure=_moment(event[EVENT_END]),
            charger_id=None if point is None else point.charger.id,
            vehicle_id=None if vehicle is None else vehicle.id,
            energy_kwh=request.energy_kwh,
            target_soc=request.target_soc,
        )


def _moment(entered: datetime | date) -> datetime:
    """Return when an event begins or ends; whole days do so at midnight."""
    if isinstance(entered, datetime):
        return in_utc(entered)
    return in_utc(dt_util.start_of_local_day(entered))
