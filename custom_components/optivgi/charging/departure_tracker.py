"""When the car at a charger leaves: what is set for it, and the departure it is charged for."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Final

from homeassistant.util import dt as dt_util

from ..bindings.vehicle import Vehicle
from ..cars.departures import Departure, DepartureRules, DepartureSource
from ..cars.reservation import Reservation
from ..errors import RefusedError, in_utc
from ..settings.memory import ChargerSettings, Memory, Session, VehicleSettings

FURTHEST_ONCE: Final = timedelta(days=7)
"""A departure that is said once is at most so far ahead."""


def one_off_departure(at: datetime, now: datetime, target_soc: float | None = None) -> Departure:
    """Return a departure that counts once.

    Raises:
        RefusedError: It has passed, or is too far ahead to be plausible.
    """
    at = in_utc(at)
    shown = f"{dt_util.as_local(at):%Y-%m-%d %H:%M}"
    if at <= now:
        raise RefusedError("departure_past", departure=shown)
    if at > now + FURTHEST_ONCE:
        raise RefusedError("departure_too_far", departure=shown, days=str(FURTHEST_ONCE.days))
    return Departure(at=at, source=DepartureSource.ONCE, target_soc=target_soc)


def next_departure(
    vehicle: Vehicle | None,
    settings: ChargerSettings | VehicleSettings,
    now: datetime,
    reservation: Reservation | None = None,
) -> Departure:
    """Return when a car leaves next by all rules and settings.

    Args:
        vehicle: The car, or None for a guest.
        settings: What is set for it.
        now: The present.
        reservation: The one that it has come for.
    """
    rules = DepartureRules(
        daily=settings.departure,
        weekly={} if vehicle is None else vehicle.weekly,
        events=() if vehicle is None or vehicle.calendar is None else vehicle.calendar.known,
        announced=tuple(_announced(settings.once, reservation)),
    )
    return rules.after(now, dt_util.get_default_time_zone())


def _announced(once: Departure | None, reservation: Reservation | None) -> Iterator[Departure]:
    reserved_soc = None if reservation is None else reservation.target_soc
    if once is not None:
        yield once if once.target_soc is not None else replace(once, target_soc=reserved_soc)
    if reservation is not None:
        yield Departure(
            at=reservation.departure,
            source=DepartureSource.RESERVATION,
            target_soc=reserved_soc,
        )


class DepartureTracker:
    """Keeps, for one charger, the departure of the car that is there or expected."""

    def __init__(
        self, charger_id: str, memory: Memory, vehicle: Callable[[], Vehicle | None]
    ) -> None:
        """Remember where settings and session are kept; ``vehicle`` returns the selected car."""
        self._charger_id = charger_id
        self._memory = memory
        self._vehicle = vehicle

    @property
    def _session(self) -> Session:
        return self._memory.sessions[self._charger_id]

    @property
    def _settings(self) -> ChargerSettings | VehicleSettings:
        """What is set for the car, or here for guests."""
        if (vehicle := self._vehicle()) is not None:
            return self._memory.vehicles[vehicle.id]
        return self._memory.chargers[self._charger_id]

    @property
    def daily(self) -> time:
        """The local time of day at which the car has to be ready, where nothing else is said."""
        return self._settings.departure

    @daily.setter
    def daily(self, value: time) -> None:
        self._settings.departure = value
        self.forget()

    def set_once(self, once: Departure | None) -> None:
        """Set a departure that counts until it passes or the car is unplugged; None for none."""
        self._settings.once = once
        self.forget()

    def forget(self) -> None:
        """Look up again what the car is charged for, after a setting changed."""
        self._session.departure = self._session.departure_said = None

    @property
    def calendar_missing(self) -> str | None:
        """The entity of departures, while it is not available."""
        vehicle = self._vehicle()
        if vehicle is None or vehicle.calendar is None or vehicle.calendar.events is not None:
            return None
        return vehicle.calendar.entity_id

    def next(self, now: datetime) -> Departure:
        """Return when the car leaves next."""
        return next_departure(self._vehicle(), self._settings, now, self._session.reservation)

    def current(self, now: datetime) -> Departure:
        """Return the departure the car is charged for; the next one where none is yet."""
        session = self._session
        if session.departure is None or session.departure_said is None:
            return self.next(now)
        return session.departure_said

    def upcoming(self, now: datetime) -> Departure:
        """Return the departure the car is charged for, or the one after it where that is missed."""
        current = self.current(now)
        return current if current.at > now else self.next(now)

    def following(self, now: datetime) -> Departure:
        """Return the departure after the one the car is charged for: that of a car that stays."""
        return self.next(self.current(now).at)

    def carry_on(self, now: datetime, *, served: bool) -> None:
        """Keep the departure the car is charged for.

        Args:
            now: The present.
            served: Nothing is missing: a departure that has passed is over. One that passes with
                energy missing stands until that is there.
        """
        session = self._session
        once = self._settings.once
        kept = session.departure
        if kept is not None and kept <= now and not served:
            return
        if once is not None and once.at <= now:
            self._settings.once = None
        reservation = session.reservation
        if reservation is not None and reservation.departure <= now:
            session.reservation = None
        session.departure_said = self.next(now)
        session.departure = session.departure_said.at

    def unplugged(self) -> None:
        """End what was said for the stay that is over."""
        self._settings.once = None

    def overdue(self, now: datetime) -> bool:
        """Return whether the departure it is charged for has passed with energy still missing."""
        return self._session.departure is not None and self._session.departure <= now

    def target_soc(self, usual: float | None) -> float | None:
        """Return what is wanted by this departure in %; None where no target is known."""
        said = self._session.departure_said
        if usual is None or said is None or said.target_soc is None:
            return usual
        return said.target_soc

    @property
    def clock(self) -> time:
        """The local time of day of the departure the car is charged for."""
        said = self._session.departure_said
        if said is None or said.source is DepartureSource.DAILY:
            return self.daily
        return dt_util.as_local(said.at).time()
