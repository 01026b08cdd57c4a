"""The site at runtime: its limits, its meter, its chargers and the cars known to it."""

import asyncio
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain
import math

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..bindings.chargers.charger import Charger
from ..bindings.house.meter import bind_meter
from ..bindings.house.power_sensor import PowerSensor
from ..bindings.vehicle import Vehicle
from ..cars.match_vehicles import FoundBy, VehicleMatch, match_vehicles
from ..cars.presence import Sighting
from ..cars.soc_track import PlausibleSoc
from ..charging.charging_point import ChargingPoint
from ..charging.state_of_charge import history_of
from ..const import (
    CONF_BASE_LOAD_KW,
    CONF_CIRCUIT,
    CONF_EVEN_PHASES,
    CONF_OBSERVE,
    CONF_PHASES,
    CONF_PV_ENTITY,
    CONF_VOLTAGE,
    DEFAULT_VOLTAGE,
    SUBENTRY_CHARGER,
    SUBENTRY_VEHICLE,
)
from ..reservations.book import ReservationBook
from ..scheduler.allocation import Capacity, Load
from ..scheduler.model import PHASES
from ..settings.memory import ChargerSettings, MemoryStore, VehicleSettings
from .house_load import HouseLoad
from .limits import connection_limit_kw, phase_limit_kw
from .meter_responses import MeterResponses
from .outlook import bind_outlook
from .site_circuit import bind_circuits, circuit_paths


class Site:
    """One grid connection and everything behind it that charges."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, store: MemoryStore) -> None:
        """Build the site from its config entry and what is remembered of it."""
        data = entry.data
        self.name = entry.title
        self.observing: bool = entry.options.get(CONF_OBSERVE, False)
        """It is planned for, and nothing is written to chargers and cars."""
        self.store = store
        self.voltage: float = data.get(CONF_VOLTAGE, DEFAULT_VOLTAGE)
        self.phases = int(data[CONF_PHASES])
        self.limit_kw = connection_limit_kw(data)
        self.phase_limit_kw = phase_limit_kw(data)
        memory = store.memory
        self.meter = bind_meter(
            hass,
            {**data, **entry.options},
            voltage=self.voltage,
            habit=memory.meter,
            of_phases=memory.phases,
        )
        self.vehicles = {
            subentry.subentry_id: Vehicle(hass, subentry.subentry_id, subentry.title, subentry.data)
            for subentry in entry.get_subentries_of_type(SUBENTRY_VEHICLE)
        }
        for vehicle in self.vehicles.values():
            configured = (vehicle.target_soc, vehicle.departure)
            known = store.memory.vehicles.get(vehicle.id)
            if known is None or known.configured != configured:
                store.memory.vehicles[vehicle.id] = replace(
                    known or VehicleSettings(),
                    target_soc=vehicle.target_soc,
                    departure=vehicle.departure,
                    configured=configured,
                )
        chargers = list(entry.get_subentries_of_type(SUBENTRY_CHARGER))
        self._paths = circuit_paths(entry)
        self.points = {
            subentry.subentry_id: ChargingPoint(
                Charger(
                    hass,
                    subentry.subentry_id,
                    subentry.title,
                    subentry.data,
                    self.voltage,
                    remembered=memory.chargers.setdefault(subentry.subentry_id, ChargerSettings()),
                ),
                self.vehicles,
                store.memory,
                site_phases=self.phases,
                usual_vehicle=self._usual_vehicle(subentry.subentry_id, len(chargers)),
                circuits=self.path(subentry.data.get(CONF_CIRCUIT)),
            )
            for subentry in chargers
        }
        self._charger_ids: dict[str | None, str] = {}
        self.house = HouseLoad(
            self.meter,
            self.points,
            assumed_kw=data.get(CONF_BASE_LOAD_KW, 0.0),
            phases=self.phases,
            even=data.get(CONF_EVEN_PHASES, False),
            pv=PowerSensor(hass, data[CONF_PV_ENTITY]) if CONF_PV_ENTITY in data else None,
        )
        self.circuits = bind_circuits(hass, entry, self.points, memory)
        self.responses = MeterResponses(self.meter, self.points, self.house.pv)
        self.outlook = bind_outlook(
            hass,
            data,
            self.house,
            [point.charger.power_entity for point in self.points.values()],
            voltage=self.voltage,
        )
        self.reservations = ReservationBook(
            self.points, self.vehicles, store.memory, site_phases=self.phases
        )

    def _usual_vehicle(self, charger_id: str, chargers: int) -> Vehicle | None:
        """Return the car that usually charges somewhere; one car and one charger need no word."""
        vehicles = list(self.vehicles.values())
        if len(vehicles) == 1 and chargers == 1:
            return vehicles[0]
        return next((v for v in vehicles if v.usual_charger == charger_id), None)

    def path(self, circuit_id: str | None) -> tuple[str, ...]:
        """Return a circuit and those it hangs on; nothing where that is the site itself."""
        return self._paths.get(circuit_id or "", ())

    def houses_of(self, charger_id: str) -> Iterator[HouseLoad]:
        """Yield what else is drawn through the connection and each circuit of a charger."""
        yield self.house
        for circuit_id in self.points[charger_id].circuits:
            yield self.circuits[circuit_id].house

    @property
    def houses(self) -> list[HouseLoad]:
        """What else is drawn through the connection, and through each circuit."""
        return [self.house, *(circuit.house for circuit in self.circuits.values())]

    @property
    def meter_ids(self) -> list[str]:
        """The sensors of all meters: that of the connection and those of circuits."""
        return list(chain.from_iterable(house.meter.entity_ids for house in self.houses))

    def note_report(self, entity_id: str, at: datetime, *, repeated: bool = False) -> None:
        """Learn how often meters report, from the time of one report."""
        for house in self.houses:
            house.meter.note_report(entity_id, at, repeated=repeated)

    def lend(self, charger_id: str, load: Load | None) -> None:
        """Leave room, on all that carries it, for what somebody else may have a charger draw.

        Args:
            charger_id: The charger, one of the site's or a new one.
            load: What it may draw that the meters do not show yet; None for no longer.
        """
        self.house.lend(charger_id, load)
        for circuit in self.circuits.values():
            carries = load is not None and circuit.id in load.circuits
            circuit.house.lend(charger_id, load if carries else None)

    @property
    def drawn_kw(self) -> float:
        """What the cars that are here draw, by the chargers' own meters or by their limits."""
        return math.fsum(point.load.drawn_kw for point in self.points.values() if point.plugged)

    def point_named(self, name: str) -> ChargingPoint | None:
        """Return the charger of a name, however it is capitalised."""
        return next(
            (p for p in self.points.values() if p.charger.name.casefold() == name.casefold()), None
        )

    def vehicle_named(self, name: str) -> Vehicle | None:
        """Return the car of a name, however it is capitalised."""
        return next(
            (v for v in self.vehicles.values() if v.name.casefold() == name.casefold()), None
        )

    def point_of(self, vehicle: Vehicle) -> ChargingPoint | None:
        """Return the charger where a car is, or where it is expected next; None for nowhere."""
        charger_id = self._charger_ids.get(vehicle.id)
        return None if charger_id is None else self.points[charger_id]

    def observe(self, now: datetime, changed: Collection[str] | None = None) -> None:
        """Read chargers and meters, and carry the sessions on.

        Args:
            now: The present.
            changed: The chargers that have reported anything: others are read now and then, as
                reading hundreds takes its time. By default all are read.
        """
        points = [
            point
            for charger_id, point in self.points.items()
            if changed is None or charger_id in changed or point.is_due(now)
        ]
        before = [point.plugged for point in points]
        for point in points:
            point.observe(now)
        self._find_vehicles(now)
        came_or_left = before != [point.plugged for point in points]
        if self.reservations.carry_on(now) or came_or_left:
            self.store.save_soon()
        for point in points:
            point.observe_vehicle(now)
        if changed is None:
            self._hear_of_the_others(now)
        for house in self.houses:
            house.observe(now)
        self.responses.observe(now)
        self.outlook.observe(now)

    async def async_read_departures(self, now: datetime) -> None:
        """Read the calendars that tell when cars leave, all at the same time."""
        calendars = (vehicle.calendar for vehicle in self.vehicles.values())
        await asyncio.gather(
            *(calendar.async_read(now) for calendar in calendars if calendar is not None)
        )

    def last_departure(self, now: datetime, until: datetime) -> datetime:
        """Return when the last car leaves that is here or comes, at most the end of what counts."""
        here = (
            point.departure_tracker.current(now).at
            for point in self.points.values()
            if point.plugged
        )
        return min(until, max((now, *here, *self.reservations.departures(arriving_before=until))))

    def select_vehicle(self, charger_id: str, vehicle_id: str | None, now: datetime) -> None:
        """Say which car is at a charger, None for a guest; a car is at no other one then."""
        for point in self.points.values():
            if vehicle_id is not None and point.settings.vehicle_id == vehicle_id:
                point.occupant.deselect()
        selected = VehicleMatch(vehicle_id=vehicle_id, found_by=FoundBy.SELECTED)
        self.points[charger_id].settle_vehicle(selected)
        self._find_vehicles(now)

    def _find_vehicles(self, now: datetime) -> None:
        """Find out which car is at which charger."""
        places = [point.place for point in self.points.values()]
        sightings = self._sightings()
        histories = self.store.memory.histories
        last_said = {
            vehicle_id: history.sighting
            for vehicle_id, history in histories.items()
            if history.sighting is not None and vehicle_id not in sightings
        }
        found = match_vehicles(places, sightings, now, last_said, self.vehicles)
        for charger_id, finding in found.items():
            self.points[charger_id].settle_vehicle(finding)
        self._charger_ids = {finding.vehicle_id: where for where, finding in found.items()}

    def _hear_of_the_others(self, now: datetime) -> None:
        """Remember what cars tell that are at no charger: they may be silent when they come."""
        here = {point.settings.vehicle_id for point in self.points.values()}
        for vehicle in self.vehicles.values():
            if vehicle.id not in here and (reported := vehicle.reported_soc()) is not None:
                track = history_of(vehicle, self.store.memory.histories).track
                track.take(reported, PlausibleSoc(), now)

    def _sightings(self) -> dict[str, Sighting]:
        """Return what the cars say about where they are, since when they have said so."""
        sightings = {}
        for vehicle in self.vehicles.values():
            if (said := vehicle.sighting()) is None:
                continue
            history = history_of(vehicle, self.store.memory.histories)
            if history.sighting is None or history.sighting.presence is not said.presence:
                history.sighting = said
            # States are new after a restart.
            sightings[vehicle.id] = history.sighting
        return sightings

    @property
    def connection(self) -> Capacity:
        """What chargers might draw if nothing else took anything."""
        return Capacity(
            total_kw=self.limit_kw,
            phase_kw=self.phase_limit_kw,
            phases=PHASES[: self.phases],
            circuits={circuit.id: circuit.connection for circuit in self.circuits.values()},
        )

    def capacity(self, now: datetime) -> Capacity:
        """Return what chargers may draw now."""
        capacity = self.house.capacity(
            now, limit_kw=self.limit_kw, phase_limit_kw=self.phase_limit_kw
        )
        circuits = {circuit.id: circuit.capacity(now) for circuit in self.circuits.values()}
        return replace(capacity, circuits=circuits)
