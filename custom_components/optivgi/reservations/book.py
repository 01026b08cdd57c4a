"""The reservations of a site: kept, planned for, and taken over by the cars that come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from homeassistant.util import dt as dt_util

from ..bindings.vehicle import Vehicle
from ..cars.reservation import Reservation
from ..charging.charging_point import ChargingPoint
from ..const import DEFAULT_EFFICIENCY, STEP
from ..errors import RefusedError
from ..scheduler.model import EV, PHASES, Horizon
from ..scheduler.readiness import READY_WITHIN_KWH
from ..settings.memory import Memory
from ..truth.take import Take
from .checks import check_reservation

_EV_PREFIX: Final = "reservation:"
COMES_EARLY: Final = timedelta(hours=2)
"""A car that is plugged in so long before its arrival is taken for the one that is expected."""


def ev_id(reservation_id: str) -> str:
    """Return the id that a reservation has in plans."""
    return _EV_PREFIX + reservation_id


@dataclass(frozen=True, kw_only=True)
class Booked:
    """A reservation, and the charger where its car is by now; None while it is expected."""

    reservation: Reservation
    point: ChargingPoint | None


class ReservationBook:
    """Keeps the reservations of a site in its memory."""

    def __init__(
        self,
        points: Mapping[str, ChargingPoint],
        vehicles: Mapping[str, Vehicle],
        memory: Memory,
        *,
        site_phases: int,
    ) -> None:
        """Take up what is remembered; chargers and cars that are no more stand for any."""
        self._points = points
        self._vehicles = vehicles
        self._memory = memory
        self._site_phases = site_phases

    def all(self) -> tuple[Booked, ...]:
        """Return the cars that are expected and those that have come, by arrival."""
        there = [
            Booked(reservation=point.session.reservation, point=point)
            for point in self._points.values()
            if point.session.reservation is not None
        ]
        expected = [
            Booked(reservation=reservation, point=None)
            for reservation in self._memory.reservations.values()
        ]
        return tuple(sorted(there + expected, key=lambda booked: booked.reservation.arrival))

    def find(self, reservation_id: str) -> Booked:
        """Return a reservation; raise RefusedError where there is none of that id."""
        for booked in self.all():
            if booked.reservation.id == reservation_id:
                return booked
        raise RefusedError("reservation_unknown", id=reservation_id)

    def put(self, wanted: Reservation, now: datetime) -> None:
        """Keep a new reservation, or the new version of one.

        Raises:
            RefusedError: It is not plausible, or there is no charger for it.
        """
        if not self._points:
            raise RefusedError("reservation_no_charger")
        every = self.all()
        check_reservation(
            wanted, [booked.reservation for booked in every], tuple(self._points.values()), now
        )
        for booked in every:
            if booked.reservation.id == wanted.id and booked.point is not None:
                booked.point.session.reservation = wanted
                booked.point.departure_tracker.forget()
                return
        self._memory.reservations[wanted.id] = wanted

    def awaits(self, vehicle: Vehicle) -> bool:
        """Return whether a car is expected, and plans are made for how full it is."""
        return any(one.vehicle_id == vehicle.id for one in self._memory.reservations.values())

    def remove(self, reservation_id: str) -> None:
        """Forget a reservation; a car that has come for it is charged as any other from now on."""
        booked = self.find(reservation_id)
        if booked.point is None:
            del self._memory.reservations[reservation_id]
            return
        booked.point.session.reservation = None
        booked.point.departure_tracker.forget()

    def occupied_until(self, reservation: Reservation, now: datetime) -> datetime | None:
        """Return when the car leaves that will still be at the charger; None where none will be."""
        point = self._points.get(reservation.charger_id or "")
        if point is None or not point.plugged or self._matches(reservation, point):
            return None
        leaves = point.departure_tracker.current(now).at
        return leaves if leaves > reservation.arrival else None

    def carry_on(self, now: datetime) -> bool:
        """Let cars that have come take over their reservations, and drop those that are past.

        Where another car turns out to be there than a reservation names, that waits on.

        Returns:
            Whether anything has changed.
        """
        waiting = self._memory.reservations
        before = set(waiting)
        for point in self._points.values():
            taken = point.session.reservation
            if taken is not None and not self._is_for(taken, point):
                waiting[taken.id] = taken
                point.session.reservation = None
                point.departure_tracker.forget()
        for reservation in sorted(waiting.values(), key=lambda one: one.arrival):
            if reservation.departure <= now:
                del waiting[reservation.id]
                continue
            for point in self._points.values():
                if point.session.reservation is None and self._matches(reservation, point):
                    point.session.reservation = waiting.pop(reservation.id)
                    point.departure_tracker.forget()
                    break
        return set(waiting) != before

    def _matches(self, reservation: Reservation, point: ChargingPoint) -> bool:
        """Return whether the car at a charger is the one that is expected."""
        plugged_at = point.session.plugged_at
        if plugged_at is None or plugged_at >= reservation.departure:
            return False
        if plugged_at < reservation.arrival - COMES_EARLY:
            return False
        if reservation.charger_id in self._points and reservation.charger_id != point.charger.id:
            return False
        if reservation.vehicle_id in self._vehicles:
            return self._is_for(reservation, point)
        # Who announces a guest does not mean the car that is there.
        return reservation.made_at is None or plugged_at >= reservation.made_at

    def _is_for(self, reservation: Reservation, point: ChargingPoint) -> bool:
        """Return whether the car at a charger is the one that a reservation names, if any."""
        wanted = self._vehicles.get(reservation.vehicle_id or "")
        return wanted in {None, point.vehicle}

    def departures(self, arriving_before: datetime) -> tuple[datetime, ...]:
        """Return when the cars leave that are expected before an instant."""
        expected = self._memory.reservations.values()
        return tuple(one.departure for one in expected if one.arrival < arriving_before)

    def expected_evs(self, horizon: Horizon) -> tuple[EV, ...]:
        """Return the charging requests of the cars that come later."""
        if not self._points:
            return ()
        requests = (self._ev(one, horizon) for one in self._memory.reservations.values())
        return tuple(request for request in requests if request is not None)

    def _ev(self, reservation: Reservation, horizon: Horizon) -> EV | None:
        # A car that is late is not there yet: what it will need is not taken from now.
        arrival = max(reservation.arrival, horizon.start + STEP)
        if arrival >= min(horizon.end, reservation.departure):
            return None
        vehicle = self._vehicles.get(reservation.vehicle_id or "")
        needed_kwh = reservation.needed_kwh(
            None if vehicle is None else vehicle.battery_kwh,
            None if vehicle is None else vehicle.read_soc(),
        )
        if reservation.departure > horizon.end:
            # Its part within what is planned; the rest is for plans to come.
            stay = reservation.departure - arrival
            needed_kwh *= (horizon.end - arrival) / stay
        if needed_kwh <= READY_WITHIN_KWH:
            return None
        point = self._likely_point(reservation, vehicle)
        phases = min(
            self._site_phases,
            point.charger.phases,
            len(PHASES) if vehicle is None or vehicle.phases is None else vehicle.phases,
        )
        min_kw, max_kw = point.charger.range_kw(point.reading, phases)
        if vehicle is not None and vehicle.max_a is not None:
            max_kw = min(max_kw, vehicle.max_a * point.charger.voltage * phases / 1000)
        if reservation.max_power_kw is not None:
            max_kw = min(max_kw, reservation.max_power_kw)
        history = None if vehicle is None else self._memory.histories.get(vehicle.id)
        take = Take() if history is None else history.takes.get(phases, Take())
        min_kw, max_kw = take.range_kw(min_kw, max_kw, phases)
        return EV(
            id=ev_id(reservation.id),
            arrival=dt_util.as_utc(arrival),
            departure=min(reservation.departure, horizon.end),
            energy_kwh=needed_kwh,
            min_power_kw=min_kw,
            max_power_kw=max_kw,
            power_step_kw=point.charger.step_kw(point.reading, phases) * take.part(phases),
            efficiency=DEFAULT_EFFICIENCY if vehicle is None else vehicle.efficiency,
            phases=point.taking.phase_order[:phases],
            circuit=next(iter(point.circuits), None),
            phases_used=take.phases,
            priority=(point.charger.guest_options if vehicle is None else vehicle.options).weight,
        )

    def _likely_point(self, reservation: Reservation, vehicle: Vehicle | None) -> ChargingPoint:
        """Return where the car will charge, or would most likely."""
        usual = None if vehicle is None else vehicle.usual_charger
        for charger_id in (reservation.charger_id, usual):
            if (point := self._points.get(charger_id or "")) is not None:
                return point
        points = list(self._points.values())
        return next((point for point in points if not point.plugged), points[0])
