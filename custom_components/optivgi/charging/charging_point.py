"""A charger of the site together with its settings, its session and the car at it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from homeassistant.util import dt as dt_util

from ..bindings.chargers.charger import Charger, ChargerReading
from ..bindings.chargers.connection import Connection
from ..bindings.charging_options import ChargingOptions
from ..bindings.vehicle import Vehicle
from ..cars.match_vehicles import SAME_PLUG_WITHIN, Place, VehicleMatch
from ..const import DEFAULT_EFFICIENCY, Mode
from ..scheduler.allocation import Load
from ..scheduler.model import Phase
from ..scheduler.readiness import READY_WITHIN_KWH
from ..settings.memory import Memory, Session, TemporaryMode, VehicleSettings
from ..truth.obedience import Obedience
from .commanded import Commanded
from .departure_tracker import DepartureTracker
from .finish import Finish
from .leaving import JUST_NOW, Leaving
from .load import ChargerLoad
from .need import Need
from .occupant import Occupant
from .phase_switching import PhaseSwitching
from .state_of_charge import (
    ENTERED_BEFORE,
    Circumstances,
    StateOfCharge,
    history_of,
)
from .taking import Taking

_READ_AGAIN: Final = timedelta(seconds=5)
"""So often a charger is read though it has reported nothing: waiting times end within it."""


class ChargingPoint:
    """One charger in use: what the user wants there, and what has happened so far."""

    def __init__(
        self,
        charger: Charger,
        vehicles: Mapping[str, Vehicle],
        memory: Memory,
        *,
        site_phases: int,
        usual_vehicle: Vehicle | None,
        circuits: tuple[str, ...] = (),
    ) -> None:
        """Take up the settings and the session where a restart interrupted them.

        Args:
            charger: The charger.
            vehicles: The cars known to the site.
            memory: What survived the restart.
            site_phases: How many phases the connection has.
            usual_vehicle: The car that usually charges there.
            circuits: Ids of the circuits that the charger hangs on, the innermost first.
        """
        self.charger = charger
        self.circuits = circuits
        """Ids of the circuits it hangs on, the innermost first."""
        self.reading: ChargerReading = charger.read()
        self._vehicles = vehicles
        self._memory = memory
        self.settings = memory.chargers[charger.id]
        self.occupant = Occupant(
            charger.id, self.settings, vehicles, usual_vehicle, guest_tags=charger.guest_tags
        )
        self.session = memory.sessions.setdefault(charger.id, Session())
        self.departure_tracker = DepartureTracker(charger.id, memory, lambda: self.vehicle)
        self._accounted_at: datetime | None = None
        self.commanded = Commanded(
            charger.settle, lambda: charger.by_itself_kw(self.reading, self.phases)
        )
        self._finish = Finish()
        self._leaving: Leaving | None = None
        self._drew_at: datetime | None = None
        self._began_at: datetime | None = None
        self.obedience = Obedience()
        """Whether it gives the car no more than it says."""
        self.switching = PhaseSwitching(charger, self.settings)
        """On how many phases the charger is, and whether that may be changed."""
        self.switching.note(dt_util.utcnow(), self.reading)
        self._offered = self.switching.offered
        self.taking = Taking(
            charger,
            memory,
            site_phases=site_phases,
            offered=lambda: self.switching.offered,
            vehicle=lambda: self.vehicle,
            soc=lambda: self.soc,
        )
        """What the car takes, and from which phases."""
        self.selected_at: datetime | None = None
        """When the mode was selected: who does that does not wait for what was before."""
        self._last_limit_kw: float | None = None
        self.lent = False
        """It is being tried out, by somebody who commands it meanwhile."""
        self.supposed_kwh: float | None = None
        """What its car would still need, had it been charged by plan; None unless only observed."""
        self.missing_since: datetime | None = None
        """Since when it cannot be read; None where it can."""
        self._state_of_charge: StateOfCharge | None = None

    # What the user wants

    @property
    def vehicle(self) -> Vehicle | None:
        """The car that is there, or None for a guest."""
        return self.occupant.vehicle

    @property
    def vehicles(self) -> Mapping[str, Vehicle]:
        """The cars that can be selected, by id."""
        return self._vehicles

    @property
    def _targets(self) -> VehicleSettings | None:
        vehicle = self.vehicle
        return None if vehicle is None else self._memory.vehicles[vehicle.id]

    @property
    def vehicle_settings(self) -> tuple[object, ...]:
        """All that the user has set for the car that is here; nothing for a guest."""
        return () if self._targets is None else tuple(vars(self._targets).values())

    @property
    def target_soc(self) -> float | None:
        """The state of charge wanted by departure in %; None for a guest."""
        targets = self._targets
        return None if targets is None else targets.target_soc

    @target_soc.setter
    def target_soc(self, value: float) -> None:
        if self._targets is not None:
            self._targets.target_soc = value

    @property
    def wanted_soc(self) -> float | None:
        """The state of charge wanted by the departure it is charged for, in %."""
        return self.departure_tracker.target_soc(self.target_soc)

    def select_mode(self, mode: Mode, temporary: TemporaryMode | None = None) -> None:
        """Change the mode; whatever the user did by hand before counts no more.

        Args:
            mode: The mode.
            temporary: What ends it by itself; None where it stays.
        """
        self.settings.mode, self.selected_at = mode, dt_util.utcnow()
        self.settings.temporary = temporary
        self.session.finished = False
        self.resume()
        self._finish = Finish()
        self.taking.uptake.ask_again()

    def hold(self, rival: str | None = None) -> None:
        """Leave the charger to a person, or to who else commands it."""
        self.session.held, self.session.held_by, self.session.held_until = True, rival, None

    def resume(self) -> None:
        """Command the charger again, whoever else did."""
        self.session.held, self.session.held_by, self.session.held_until = False, None, None
        self.session.phases_held = False
        self.switching.mode.refresh()

    @property
    def is_set_aside(self) -> bool:
        """Whether the plan is not followed for now, and would be if that were resumed."""
        return self.session.held or self.settings.temporary is not None

    def resume_plan(self) -> None:
        """Command the charger again in the mode that stays."""
        self.resume()
        self._end_temporary_mode()

    @property
    def mode_after(self) -> Mode:
        """The mode that comes after one that ends by itself, were it to begin now."""
        if self.settings.temporary is not None:
            return self.settings.temporary.then
        return Mode.SMART if self.settings.mode is Mode.NOW else self.settings.mode

    def _end_temporary_mode(self) -> None:
        """Go back to the mode that stays; what was done by hand meanwhile is left as it is."""
        if (temporary := self.settings.temporary) is None:
            return
        if self.settings.mode is Mode.OFF:
            # A departure that was skipped is not one that was missed.
            self.departure_tracker.forget()
        self.settings.mode, self.settings.temporary = temporary.then, None

    @property
    def min_soc(self) -> float | None:
        """The state of charge up to which it charges at once in %; None for a guest."""
        return None if self._targets is None else self._targets.min_soc

    @min_soc.setter
    def min_soc(self, value: float) -> None:
        if self._targets is not None:
            self._targets.min_soc = value

    @property
    def limit_soc(self) -> float | None:
        """The state of charge beyond which it is never charged in %; None for a guest."""
        return None if self._targets is None else self._targets.limit_soc

    @limit_soc.setter
    def limit_soc(self, value: float) -> None:
        if self._targets is not None:
            self._targets.limit_soc = value

    @property
    def options(self) -> ChargingOptions:
        """How the car is charged beside its target; a guest as its charger says."""
        vehicle = self.vehicle
        return self.charger.guest_options if vehicle is None else vehicle.options

    @property
    def stops_at_soc(self) -> float | None:
        """The state of charge beyond which it is not charged, in %: ours or the car's own limit.

        What we have written to the car for its target is no limit that a person has set.
        """
        limit_soc, vehicle = self.limit_soc, self.vehicle
        if limit_soc is None or vehicle is None:
            return limit_soc
        own_soc = vehicle.own_limit_soc
        is_ours = vehicle.limit is not None and own_soc == self.session.limit_written
        return limit_soc if own_soc is None or is_ours else min(limit_soc, own_soc)

    @property
    def highest_soc(self) -> float | None:
        """The highest state of charge it may come to where that is cheap, in %."""
        limit_soc, wanted_soc = self.limit_soc, self.wanted_soc
        if limit_soc is None or wanted_soc is None:
            return wanted_soc
        return limit_soc if self.options.goes_beyond_target else min(limit_soc, wanted_soc)

    @property
    def max_given_kw(self) -> float:
        """What the car may give back here at most, in kW; 0 where it may not."""
        if self.options.discharge_soc is None or self.charger.profiles is not None:
            return 0.0
        return self.charger.max_given_kw(self.reading, self.phases)

    @property
    def energy_kwh(self) -> float:
        """Energy to add where the state of charge is not known."""
        of_visit = self.session.energy_kwh
        return self.settings.energy_kwh if of_visit is None else of_visit

    @energy_kwh.setter
    def energy_kwh(self, value: float) -> None:
        if self.occupant.is_visitor:
            # A guest's target does not hold for the next car.
            self.session.energy_kwh = value
        else:
            self.settings.energy_kwh = value

    def settle_vehicle(self, finding: VehicleMatch) -> None:
        """Take a car to be there; what was known of another one does not count."""
        if self.occupant.assign(finding):
            self.session.forget_vehicle()
            self.taking.begin()

    @property
    def place(self) -> Place:
        """What is known here for finding out which car is where."""
        charge = self.state_of_charge
        is_proven = charge is not None and charge.rises_here
        return self.occupant.place(self.session, is_proven=is_proven)

    # What happens at the charger

    @property
    def phases(self) -> int:
        """How many phases the car draws from here."""
        return self.taking.phases

    def note_phases(self, now: datetime, carried_kw: Mapping[Phase, float]) -> None:
        """Take up what the phases of the connection carry, by its meter."""
        reading = self.reading
        is_seen = self.commanded.is_seen_by(reading.measured_at)
        if is_seen if self.charger.power_entity is not None else reading.drawing:
            drawn_kw, min_kw = reading.power_kw, self.range_kw[0]
            self.taking.note_phases(now, drawn_kw, min_kw, carried_kw)

    @property
    def efficiency(self) -> float:
        """Energy into the battery per energy drawn."""
        charge = self.state_of_charge
        return DEFAULT_EFFICIENCY if charge is None else charge.efficiency

    @property
    def plugged(self) -> bool:
        """Whether a car is plugged in."""
        return self.session.plugged_at is not None

    @property
    def is_leaving(self) -> bool:
        """Whether the charger says that the car has left, and that is not certain yet."""
        return self.plugged and self._leaving is not None

    @property
    def controllable(self) -> bool:
        """Whether limits may be written: the charger is there, and nobody else commands it."""
        return not (self.reading.missing or self.session.held or self.lent)

    @property
    def range_kw(self) -> tuple[float, float]:
        """The min and max power of the car here, in kW."""
        return self.range_on(self.phases)

    def range_on(self, phases: int) -> tuple[float, float]:
        """Return the min and max power of the car here, in kW, on so many phases."""
        min_kw, max_kw = self.charger.range_kw(self.reading, phases)
        vehicle = self.vehicle
        if vehicle is not None and vehicle.max_a is not None:
            max_kw = min(max_kw, vehicle.max_a * self.charger.voltage * phases / 1000)
        booked = self.session.reservation
        if booked is not None and booked.max_power_kw is not None:
            max_kw = min(max_kw, booked.max_power_kw)
        return min_kw, max(min_kw, max_kw)

    @property
    def limit_kw(self) -> float | None:
        """What the car may draw by what stands in the charger, in kW."""
        return self.charger.limit_kw(self.reading, self.phases)

    def is_due(self, now: datetime) -> bool:
        """Return whether it was not read for a while."""
        return self._accounted_at is None or now - self._accounted_at >= _READ_AGAIN

    def observe(self, now: datetime) -> None:
        """Read the charger, and carry the session on."""
        self.account(now)
        if (until := self.session.held_until) is not None and now >= until:
            self.resume()
        temporary = self.settings.temporary
        if temporary is not None and temporary.until is not None and now >= temporary.until:
            self._end_temporary_mode()
        before, self.reading = self.reading, self.charger.read()
        self._observe_phases(now)
        if self.reading.ended_by_hand and not before.ended_by_hand:
            self.hold()
        if self.reading.missing:
            self.missing_since = self.missing_since or now
        else:
            self.missing_since = None
        if (limit_kw := self.limit_kw) is not None:
            self._last_limit_kw = limit_kw
        connection = self.reading.connection
        self._leaving = self._leaving if connection is Connection.UNPLUGGED else None
        if connection is Connection.UNPLUGGED and self.plugged:
            was_drawing = self._drew_at is not None and now - self._drew_at <= JUST_NOW
            self._leaving = self._leaving or Leaving(now, was_drawing=was_drawing)
            if self._leaving.is_certain(now, self.reading.power_kw, self.reading.measured_at):
                self._unplugged(now)
            else:
                self.reading = replace(self.reading, connection=before.connection)
        elif connection.plugged and not self.plugged:
            self._plugged_in(now)
        if (plugged_at := self.session.plugged_at) is not None:
            tag = self.charger.read_tag(plugged_at - SAME_PLUG_WITHIN)
            # Some forget it when the transaction ends.
            self.session.tag = tag or self.session.tag
        self._note_drawing(now)
        self._observe_finish(now)
        self._observe_truth(now)

    def _observe_phases(self, now: datetime) -> None:
        """Take up on how many phases the charger is; what it takes of those is another matter."""
        self.switching.note(now, self.reading)
        if self.switching.offered != self._offered:
            self._offered = self.switching.offered
            self.taking.begin()

    def drew_within(self, within: timedelta, now: datetime) -> bool:
        """Return whether the car has drawn anything lately."""
        return self._drew_at is not None and now - self._drew_at < within

    def _note_drawing(self, now: datetime) -> None:
        """Note when it drew last, and since when its charger says so."""
        if self.reading.drawing:
            self._drew_at = now
        is_charging = self.reading.connection is Connection.CHARGING
        self._began_at = (self._began_at or now) if is_charging else None

    @property
    def takes_nothing(self) -> bool:
        """Whether the car may draw and does not, and nothing says why.

        One that is to use nothing but the sun is not left able to begin at any time.
        """
        if self.settings.mode is Mode.SOLAR_ONLY:
            return False
        return (
            self.taking.uptake.takes_nothing and self.reading.connection is not Connection.FINISHED
        )

    def _observe_truth(self, now: datetime) -> None:
        """Compare what the charger shows to allow with what is measured."""
        reading = self.reading
        if not self.plugged or reading.missing:
            self.obedience.begin()
            return
        if reading.power_kw is not None:
            self.commanded.compare(reading.measured_at, reading.power_kw)
            self.switching.mode.compare(
                now, allowed_kw=self.limit_kw or 0.0, drawn_kw=reading.power_kw
            )
        is_seen = self.commanded.is_seen_by(reading.measured_at)
        drawn_kw = reading.power_kw if is_seen else None
        self.taking.note(now, reading, drawn_kw, self.range_kw[0])
        if drawn_kw is not None and (allowed_kw := self.limit_kw) is not None:
            self.obedience.note(now, allowed_kw=allowed_kw, drawn_kw=drawn_kw)

    def _observe_finish(self, now: datetime) -> None:
        """Believe that the car takes no more only where it could have drawn; it is plugged in."""
        says_so = self.reading.connection is Connection.FINISHED
        drawing = self.reading.drawing
        told_to_stop = self.commanded.is_below(self.range_kw[0])
        if not says_so or drawing:
            self.session.finished = False
        elif not told_to_stop and self._finish.is_credible(now):
            self.session.finished = True
        # A command that is on its way may stop the car for a moment, or for good.
        undisturbed = self.plugged and not told_to_stop and not self.load.settling(now)
        allowed = undisturbed and self.charger.lets_draw(self.reading)
        self._finish.note(now, allowed=allowed, drawing=drawing)
        if says_so and not self.session.finished:
            self.reading = replace(self.reading, connection=Connection.PLUGGED, stopped=True)

    def observe_vehicle(self, now: datetime) -> None:
        """Take up what the car that is here reports, and carry on when it leaves."""
        if (charge := self.state_of_charge) is not None:
            circumstances = Circumstances(
                max_kw=self.range_kw[1],
                metered=self.reading.power_kw is not None,
                finished=self.reading.connection is Connection.FINISHED,
            )
            before = self.session.soc_told
            charge.observe(now, circumstances)
            if before is not None and self.session.soc_told != before:
                self.taking.uptake.ask_again()
        if self.plugged and self.controllable and self.settings.mode is not Mode.OFF:
            self.departure_tracker.carry_on(now, served=self.needed_kwh <= READY_WITHIN_KWH)
        need = self.need
        is_served = need.kwh <= READY_WITHIN_KWH or self.session.finished
        if self.plugged and self.settings.mode is Mode.NOW and is_served:
            # Where an amount was asked for, the mode before goes on, also for who takes less.
            self._end_temporary_mode()
            need = self.need
        self.session.ready_for = need.goal if need.is_satisfied else None

    def _plugged_in(self, now: datetime) -> None:
        entered = self.session
        self._memory.sessions[self.charger.id] = self.session = Session(
            plugged_at=now, energy_kwh=entered.energy_kwh
        )
        self._finish = Finish()
        self.switching.mode.refresh()
        self.taking.begin()
        if entered.soc_typed_at is not None and now - entered.soc_typed_at <= ENTERED_BEFORE:
            self.session.soc, self.session.soc_told = entered.soc, entered.soc_told
            self.session.soc_typed_at = entered.soc_typed_at
        self.commanded.begin(now)

    def _unplugged(self, now: datetime) -> None:
        if (charge := self.state_of_charge) is not None:
            charge.leave(now)
        self.departure_tracker.unplugged()
        self._memory.sessions[self.charger.id] = self.session = Session()
        self._finish = Finish()
        if self.settings.mode is Mode.NOW:
            self.settings.mode, self.settings.temporary = self.mode_after, None
        self.occupant.leave()
        self.taking.end()

    def account(self, now: datetime) -> None:
        """Add to the session what was drawn since the last call."""
        since = self._accounted_at
        if since is not None and now <= since:
            # Plans begin at whole seconds, a little before they are asked for.
            return
        if since is not None and self.plugged:
            hours, given_kw = (now - since) / timedelta(hours=1), self.reading.given_kw
            # What is given takes as much more from the battery as what is drawn brings it less.
            net_kw = self.load.drawn_kw - given_kw / self.efficiency**2
            self.session.delivered_kwh += hours * net_kw
            self.session.given_kwh += hours * given_kw
        self._accounted_at = now

    @property
    def load(self) -> ChargerLoad:
        """Its load on the connection."""
        last_kw = self._last_limit_kw
        return ChargerLoad(
            reading=self.reading,
            commanded=self.commanded,
            plugged=self.plugged,
            controllable=self.controllable,
            limit_kw=self.limit_kw,
            last_kw=self.range_kw[1] if last_kw is None else last_kw,
            part=self.taking.load_part,
            used=self.taking.part,
            began_at=self._began_at,
        )

    def carried(self, kw: float) -> Load:
        """Return what the network carries when the car here draws so much."""
        return Load(kw, self.taking.load_phases, self.circuits)

    def note_command(self, now: datetime, limit_kw: float, gives_kw: float = 0.0) -> None:
        """Remember the command to the charger."""
        self.commanded.note(now, limit_kw, self.load.present_kw, gives_kw=gives_kw)

    def note_confirmed(self) -> None:
        """Remember that the charger has shown to follow, where it measures what it gives."""
        if self.reading.power_kw is not None:
            self.commanded.confirm(self.reading.power_kw)

    def is_stuck(self, now: datetime) -> bool:
        """Return whether it goes on giving its car more than it was commanded."""
        if not (self.plugged and self.controllable and self.commanded.in_vain):
            return False
        return self.load.uncontrolled_kw(now, metered=True) > 0

    # What follows for the plan

    @property
    def state_of_charge(self) -> StateOfCharge | None:
        """What is known of the state of charge; None for a guest."""
        if (vehicle := self.vehicle) is None:
            return None
        charge = self._state_of_charge
        if charge is None or charge.vehicle is not vehicle or charge.session is not self.session:
            # Asked for a dozen times in each look at the site.
            history = history_of(vehicle, self._memory.histories)
            charge = StateOfCharge(vehicle=vehicle, session=self.session, history=history)
            self._state_of_charge = charge
        return charge

    @property
    def soc(self) -> float | None:
        """The state of charge in %; None where it is not known."""
        charge = self.state_of_charge
        return None if charge is None else charge.soc

    @property
    def need(self) -> Need:
        """What the car that is here still needs."""
        reading = self.reading
        return Need(
            charge=self.state_of_charge,
            session=self.session,
            efficiency=self.efficiency,
            mode=self.settings.mode,
            temporary=self.settings.temporary,
            wanted_soc=self.wanted_soc,
            min_soc=self.min_soc,
            stops_at_soc=self.stops_at_soc,
            goes_beyond=self.options.goes_beyond_target,
            departure=self.departure_tracker.clock,
            energy_kwh=self.energy_kwh,
            connection=reading.connection,
            drawing=reading.drawing,
        )

    @property
    def needed_kwh(self) -> float:
        """Energy still wanted in the battery."""
        return self.need.kwh
