"""What the car at a charger takes of a limit, and from which phases."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from ..bindings.chargers.charger import Charger, ChargerReading
from ..bindings.vehicle import Vehicle
from ..scheduler.model import PHASES, Phase
from ..settings.memory import Memory
from ..truth.phase_use import PhaseUse
from ..truth.step_response import Answers
from ..truth.take import Take
from ..truth.uptake import Uptake
from .state_of_charge import history_of

_TAPERS_FROM_SOC: Final = 80.0
"""From here on batteries take less and less, which says nothing of the next time."""


class Taking:
    """What the car takes that is at a charger: how much of a limit, and from which phases."""

    def __init__(
        self,
        charger: Charger,
        memory: Memory,
        *,
        site_phases: int,
        offered: Callable[[], int],
        vehicle: Callable[[], Vehicle | None],
        soc: Callable[[], float | None],
    ) -> None:
        """Take up what is remembered of the car that is there, or expected.

        Args:
            charger: The charger.
            memory: Keeps what cars took, and which phase a charger is connected to.
            site_phases: How many phases the connection has.
            offered: Returns how many phases the charger offers, which may change.
            vehicle: Returns the car that is there; None for a guest.
            soc: Returns its state of charge in %; None where that is not known.
        """
        self._charger = charger
        self._settings = memory.chargers[charger.id]
        self._histories = memory.histories
        self._site_phases = site_phases
        self._offered = offered
        self._vehicle = vehicle
        self._soc = soc
        self._phases: dict[str | None, int] = {}
        self.uptake = self._expected()
        """How much the car takes."""
        self._phase_use = PhaseUse(self._settings.phase)

    # From which phases

    @property
    def phases(self) -> int:
        """How many phases the car draws from here, as many as its charger offers."""
        return min(self.all_phases, self._offered())

    @property
    def all_phases(self) -> int:
        """How many phases the car draws from here where its charger offers all it has."""
        phases = self._phases.get(self._settings.vehicle_id)
        if phases is None:
            # Asked for a dozen times in each look at the site, and it does not change.
            vehicle = self._vehicle()
            of_vehicle = None if vehicle is None else vehicle.phases
            phases = min(self._site_phases, self._charger.phases, of_vehicle or len(PHASES))
            self._phases[self._settings.vehicle_id] = phases
        return phases

    @property
    def part(self) -> float:
        """The part of a limit that the car draws, which may use fewer phases than it is offered."""
        return self.uptake.take.part(self.phases)

    @property
    def _phases_used(self) -> int | None:
        """From how many phases of the site it draws; None for all of them."""
        used = min(self.uptake.take.phases or self.phases, self.phases)
        return None if used == self._site_phases else used

    @property
    def uses_one_phase(self) -> bool:
        """Whether it is known to draw from one phase of several."""
        return self._phases_used == 1

    @property
    def own_phases(self) -> tuple[Phase, ...]:
        """The phases that it draws from where those are not all; empty while unknown."""
        known = self._phase_use.phases
        if not known and self._charger.phase_order is not None:
            # That is believed until something else is measured.
            known = self.phase_order[: self._phases_used or 0]
        return known if len(known) == self._phases_used else ()

    @property
    def phase_order(self) -> tuple[Phase, ...]:
        """The phases of the site that the charger is connected to, its own L1 first."""
        order = self._charger.phase_order
        return PHASES if order is None or self._site_phases < len(PHASES) else order

    @property
    def one_phase(self) -> Phase:
        """The phase that a car draws from here where its charger offers one."""
        return self._settings.phase or self.phase_order[0]

    @property
    def load_phases(self) -> tuple[Phase, ...]:
        """The phases that it may draw from.

        One that has been set up with one phase is taken to be on L1, or on what its phase rotation
        begins with, until it has shown another.
        """
        return self.own_phases or self.phase_order[: self.phases]

    @property
    def load_part(self) -> float:
        """The part of a limit that ``load_phases`` carry: all while it is not known which do."""
        return self.part if self.own_phases else 1.0

    def note_phases(
        self,
        now: datetime,
        drawn_kw: float | None,
        min_kw: float,
        carried_kw: Mapping[Phase, float],
    ) -> None:
        """Take up what the phases of the connection carry while a car charges, by its meter.

        Args:
            now: The present.
            drawn_kw: What the charger has measured since the last command; None where it measures
                nothing.
            min_kw: The minimum that a car draws there, were it to use all phases.
            carried_kw: What each phase carries.
        """
        used = self._phases_used
        if used is None:
            return
        offered = {phase: carried_kw[phase] for phase in PHASES[: self._site_phases]}
        if drawn_kw is not None:
            self._phase_use.note(drawn_kw, used, offered)
        elif used == 1:
            self._phase_use.note_unmeasured(now, min_kw / self.phases, offered)
        self._remember_phase()

    def _remember_phase(self) -> None:
        """Remember which phase it is: how a charger is connected does not change with the car."""
        if self._phases_used == 1:
            self._settings.phase = next(iter(self._phase_use.phases), None)

    # How much

    def note(
        self, now: datetime, reading: ChargerReading, drawn_kw: float | None, min_kw: float
    ) -> None:
        """Take up what is drawn of what the charger offers.

        Args:
            now: The present.
            reading: What its entities report.
            drawn_kw: What is measured; None where nothing was since the last command.
            min_kw: The minimum that the car can charge at.
        """
        allowed_kw = self._charger.limit_kw(reading, self.phases)
        if allowed_kw is None:
            return
        if drawn_kw and (offered_kw := self._charger.offered_kw(self.phases)) is not None:
            # What something else limits is no limit of the car.
            allowed_kw = min(allowed_kw, offered_kw)
        before = self.uptake.take, self.uptake.is_known
        self.uptake.note(
            now,
            allowed_kw=allowed_kw,
            min_kw=min_kw,
            drawn_kw=drawn_kw,
            phases=self.phases,
            is_power=reading.limit is not None and reading.limit.is_power,
        )
        if (self.uptake.take, self.uptake.is_known) != before:
            self._remember_take()

    def note_answers(self, answers: Answers) -> None:
        """Take up how the site's meter answers, where the charger measures nothing itself.

        A car that takes less than it may on all its phases looks like one that uses fewer; only
        a third of three is too little for that.
        """
        used = answers.phases_used(self.phases)
        if used not in {1, self.phases}:
            return
        if answers.phase is not None and used == 1:
            self._phase_use = PhaseUse(answers.phase)
        self.note_phases_used(used)

    def note_phases_used(self, used: int) -> None:
        """Take up from how many of its phases the car draws, where the charger measures nothing."""
        self.uptake.take = Take(phases=used if used < self.phases else None)
        self.uptake.is_known = True
        self._remember_phase()
        self._remember_take()

    def note_tried(self, used: int, phase: Phase | None) -> None:
        """Take up what a try-out has shown: from how many phases the car draws, and which it is."""
        if phase is not None:
            self._phase_use = PhaseUse(phase)
        self.note_phases_used(used)

    def _remember_take(self) -> None:
        """Remember what the car took, unless it may only be nearly full."""
        vehicle, soc = self._vehicle(), self._soc()
        if vehicle is not None and soc is not None and soc <= _TAPERS_FROM_SOC:
            history_of(vehicle, self._histories).takes[self.phases] = self.uptake.take

    # Which car

    def begin(self) -> None:
        """Another car is there, or expected."""
        self.uptake = self._expected()

    def end(self) -> None:
        """The car has left; the next one may use other phases."""
        self.begin()
        self._phase_use = PhaseUse(self._settings.phase)

    def _expected(self) -> Uptake:
        """Return what is known of what the car takes that is here, or expected."""
        take = self._remembered_take(self.phases)
        return Uptake() if take is None else Uptake(take=take, is_known=True)

    def _remembered_take(self, phases: int) -> Take | None:
        vehicle = self._vehicle()
        return None if vehicle is None else history_of(vehicle, self._histories).takes.get(phases)

    def take_on(self, phases: int) -> Take:
        """Return what the car takes, as far as that is known, where so many phases are offered."""
        if phases == self.phases:
            return self.uptake.take
        return self._remembered_take(phases) or Take()
