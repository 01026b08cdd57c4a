"""Switching a charger between one and three phases: whether it may be, and on how many it is."""

from datetime import datetime
from typing import Final

from ..bindings.chargers.charger import Charger, ChargerReading
from ..bindings.chargers.phase_switch import ALL
from ..bindings.vehicle import Vehicle
from ..const import PhaseLock
from ..settings.memory import ChargerSettings, Session
from ..truth.phase_mode import PhaseMode

_LOCKED: Final = {PhaseLock.ONE: 1, PhaseLock.THREE: ALL}


class PhaseSwitching:
    """What is known of the phases that a charger can switch; a charger that cannot has all."""

    def __init__(self, charger: Charger, settings: ChargerSettings) -> None:
        """Go on where a restart interrupted.

        Args:
            charger: The charger.
            settings: Keeps what was switched, and on how many phases a person wants it.
        """
        self.switch = charger.phase_switch
        """How it is switched; None where it cannot be, or its profiles do that."""
        self._charger = charger
        self._settings = settings
        self._all = charger.phases
        self.mode = PhaseMode(
            settings.phase_record,
            all_phases=self._all,
            shown=self.switch is not None and self.switch.shows,
        )
        """On how many phases it is."""

    @property
    def offered(self) -> int:
        """How many phases it offers a car, as far as that is certain; all where it is not."""
        if self.switch is None or (
            self.switch.profiles is not None and self.switch.profiles.failed
        ):
            return self._all
        return self.mode.offered

    def note(self, now: datetime, reading: ChargerReading) -> None:
        """Take up what the charger shows."""
        if self.switch is not None:
            self.mode.note(now, reading.phases, self.switch.pause)
            if (profiles := self.switch.profiles) is not None:
                profiles.number_phases = self.mode.record.commanded
        self._charger.offered_phases = self.offered

    @property
    def locked(self) -> int | None:
        """On how many phases a person wants it; None where the plan decides."""
        return _LOCKED.get(self._settings.phase_lock)

    def may_switch(self, session: Session, vehicle: Vehicle | None) -> bool:
        """Return whether it can be switched at all while this car is there."""
        if self.switch is None or self.mode.record.failed:
            return False
        # What follows profiles is stopped by them, and knows of no other number of phases.
        if self._charger.follows_profiles != (self.switch.profiles is not None):
            return False
        if session.phases_held or (vehicle is not None and vehicle.keeps_phases):
            return False
        return self.switch.is_there

    def left(self, session: Session, now: datetime) -> int:
        """Return how often it may still be switched by the budgets of session and day."""
        if self.switch is None:
            return 0
        record = self.mode.record
        of_session = 0 if session.plugged_at is None else record.since(session.plugged_at)
        left = min(self.switch.per_session - of_session, self.switch.per_day - record.of_a_day(now))
        return max(0, left)

    def plannable(self, session: Session, now: datetime) -> int:
        """Return how often a plan may switch it: there is always one left for all phases.

        A car that was left on one phase might not be ready.
        """
        left = self.left(session, now)
        if self.mode.heading == self._all:
            return left // 2 * 2
        return 1 + max(0, left - 1) // 2 * 2

    def is_soon_after(self, now: datetime) -> bool:
        """Return whether it was switched so lately that it is left as it is."""
        switches = self.mode.record.switches
        return (
            self.switch is not None and bool(switches) and now - switches[-1] < self.switch.interval
        )
