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
from ..bindings.house.home_battery import HomeBattery
from ..bindings.house.imports import ImportSensors
from ..bindings.house.meter import bind_meter
from ..bindings.house.operator_limit import OperatorLimit
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
    CONF_EXPORT_LIMIT_KW,
    CONF_FUSE_A,
    CONF_OBSERVE,
    CONF_PHASES,
    CONF_PV_ENTITY,
    CONF_VOLTAGE,
    DEFAULT_VOLTAGE,
    SUBENTRY_BATTERY,
    SUBENTRY_CHARGER,
    SUBENTRY_VEHICLE,
)
from ..reservations.book import ReservationBook
from ..scheduler.allocation import Capacity, Load
from ..scheduler.guard import Cap, HeldBack
from ..scheduler.model import PHASES, PerStep
from ..settings.memory import BatteryMemory, ChargerSettings, MemoryStore, VehicleSettings
from .house_load import HouseLoad
from .isolation import Isolation
from .limits import connection_limit_kw, phase_limit_kw
from .meter_responses import MeterResponses
from .outlook import bind_outlook
from .peaks import bind_peaks
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
        self.isolation = Isolation()
        """What fails while the site is looked at stops nothing else."""
        self.voltage: float = data.get(CONF_VOLTAGE, DEFAULT_VOLTAGE)
        self.phases = int(data[CONF_PHASES])
        self.fuse_a: float | None = data.get(CONF_FUSE_A)
        self.limit_kw = connection_limit_kw(data)
        """What the connection may carry by its configuration."""
        self._phase_limit_kw = phase_limit_kw(data)
        self.export_limit_kw: float | None = data.get(CONF_EXPORT_LIMIT_KW)
        """The most that may be exported; None for no limit."""
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
        self.regulars = self._regulars()
        """The cars that usually charge at each charger, by its id."""
        self.operator = OperatorLimit(
            hass,
            data,
            memory.operator,
            voltage=self.voltage,
            phases=self.phases,
            chargers=len(chargers),
        )
        """What whoever runs the grid allows at present."""
        self.batteries = {
            subentry.subentry_id: HomeBattery(
                hass,
                subentry.subentry_id,
                subentry.title,
                subentry.data,
                memory.batteries.setdefault(subentry.subentry_id, BatteryMemory()).meter,
                phases=self.phases,
            )
            for subentry in entry.get_subentries_of_type(SUBENTRY_BATTERY)
        }
        batteries = list(self.batteries.values())
        self._charger_ids: dict[str | None, str] = {}
        self.house = HouseLoad(
            self.meter,
            self.points,
            assumed_kw=data.get(CONF_BASE_LOAD_KW, 0.0),
            phases=self.phases,
            even=data.get(CONF_EVEN_PHASES, False),
            pv=PowerSensor(hass, data[CONF_PV_ENTITY]) if CONF_PV_ENTITY in data else None,
            batteries=batteries,
        )
        self.circuits = bind_circuits(hass, entry, self.points, memory)
        self.responses = MeterResponses(self.meter, self.points, self.house.pv, batteries)
        self.outlook = bind_outlook(
            hass,
            data,
            self.house,
            [point.charger.power_entity for point in self.points.values()],
            [statistic for battery in batteries for statistic in battery.statistics],
            voltage=self.voltage,
        )
        self.peaks = bind_peaks(hass, entry, memory, store.save_soon)
        """The tariffs on the highest power, by id."""
        self.reservations = ReservationBook(
            self.points, self.vehicles, store.memory, site_phases=self.phases
        )

    def _usual_vehicle(self, charger_id: str, chargers: int) -> Vehicle | None:
        """Return the car that usually charges somewhere; one car and one charger need no word."""
        vehicles = list(self.vehicles.values())
        if len(vehicles) == 1 and chargers == 1:
            return vehicles[0]
        return next((v for v in vehicles if v.usual_charger == charger_id), None)

    def _regulars(self) -> dict[str, tuple[Vehicle, ...]]:
        """Return the cars that usually charge at each charger; one charger needs no word."""
        found: dict[str, list[Vehicle]] = {charger_id: [] for charger_id in self.points}
        only = next(iter(found)) if len(found) == 1 else ""
        for vehicle in self.vehicles.values():
            found.get(vehicle.usual_charger or only, []).append(vehicle)
        return {charger_id: tuple(vehicles) for charger_id, vehicles in found.items()}

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
        """The sensors of all meters: of the connection, of circuits, and of home batteries."""
        meters = [house.meter.entity_ids for house in self.houses]
        batteries = [battery.sensor.entity_ids for battery in self.batteries.values()]
        return list(chain.from_iterable([*meters, *batteries]))

    def note_report(self, entity_id: str, at: datetime, *, repeated: bool = False) -> None:
        """Learn how often meters report, from the time of one report."""
        for house in self.houses:
            house.meter.note_report(entity_id, at, repeated=repeated)
        for battery in self.batteries.values():
            if entity_id in battery.sensor.entity_ids:
                battery.sensor.note_report(at, repeated=repeated)

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

    @property
    def import_kw(self) -> float:
        """What the site imports now, as measured; by what is usual and drawn where it is not."""
        meter = self.house.meter
        reading = None if meter.is_stale else meter.reading
        if reading is None:
            return max(0.0, self.house.usual_kw + self.drawn_kw)
        beside_kw = 0.0 if meter.counts_chargers else self.drawn_kw
        return max(0.0, reading[0] + beside_kw)

    @property
    def import_sensors(self) -> ImportSensors:
        """The sensors that the recorder knows what was imported by."""
        meter = self.house.meter
        powers = [point.charger.power_entity for point in self.points.values()]
        beside = [] if meter.counts_chargers else [power for power in powers if power is not None]
        complete = meter.counts_chargers or len(beside) == len(powers)
        return ImportSensors(
            plus=meter.statistic_ids if complete else (),
            minus=meter.export_ids,
            beside=beside,
            scale=meter.scale,
            voltage=self.voltage,
        )

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
        tried = self.isolation.tried
        for point in points:
            tried(point.charger.name, point.observe, now)
        tried("the cars", self._find_vehicles, now)
        came_or_left = before != [point.plugged for point in points]
        if self.reservations.carry_on(now) or came_or_left:
            self.store.save_soon()
        for point in points:
            tried(f"the car at {point.charger.name}", point.observe_vehicle, now)
        if changed is None:
            tried("cars elsewhere", self._hear_of_the_others, now)
        tried("the operator's limit", self.operator.observe, now)
        for battery in self.batteries.values():
            tried(battery.name, battery.observe, now)
        for house in self.houses:
            if not tried(f"the meter {', '.join(house.meter.entity_ids)}", house.observe, now):
                house.forget()
        if self.peaks:
            import_kw = self.import_kw
            for peaks in self.peaks.values():
                tried("the highest power", peaks.observe, now, import_kw)
        tried("the meter's answers", self.responses.observe, now)
        tried("what is expected of the house", self.outlook.observe, now)

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
    def phase_limit_kw(self) -> float | None:
        """What each phase may carry now; None where phases are not limited one by one."""
        limit_kw = min(self._phase_limit_kw or math.inf, self.operator.phase_limit_kw)
        return limit_kw if math.isfinite(limit_kw) else None

    def planned_limit_kw(self, base_load_kw: PerStep, pv_kw: PerStep) -> PerStep:
        """Return what the connection may carry in each step, were the operator's limit to last.

        Nobody says when it ends, and a plan that relies on that may have a car late.

        Args:
            base_load_kw: What the house is expected to draw, per step.
            pv_kw: What PV is expected to give of that, per step; empty for nothing.
        """
        limit_kw = min(self.limit_kw, self.operator.limit_kw)
        given_kw = pv_kw or (0.0,) * len(base_load_kw)
        return tuple(
            # Of dimmed devices only counts what they take from the grid.
            min(limit_kw, self.operator.devices_kw + max(0.0, load - sun))
            for load, sun in zip(base_load_kw, given_kw, strict=True)
        )

    def operator_caps(self, now: datetime) -> tuple[Cap, ...]:
        """Return what chargers may draw together by the operator's word."""
        if not self.operator.is_limiting:
            return ()
        left_kw = self.house.capacity(
            now, limit_kw=self.operator.limit_kw, phase_limit_kw=None
        ).total_kw
        uncontrolled_kw = self.house.uncontrolled_kw(now)
        house_kw = self.house.now_kw(now)
        surplus_kw = 0.0 if house_kw is None else max(0.0, uncontrolled_kw - house_kw)
        left_kw = min(left_kw, self.operator.devices_kw - uncontrolled_kw + surplus_kw)
        return (Cap(reason=HeldBack.OPERATOR, total_kw=max(0.0, left_kw), at_once=True),)

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
