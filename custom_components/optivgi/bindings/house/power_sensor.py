"""A sensor that reports a power, or the current of one phase."""

from datetime import datetime, timedelta
from enum import StrEnum
import math
from typing import Final

from homeassistant.core import HomeAssistant, State

from ..quantity import is_current_unit, number, power_kw, to_ampere, unit, valid_state
from .habit import MeterHabit, Reports
from .standstill import Standstill

type Report = tuple[str, datetime]
"""What distinguishes one report of a sensor from another: its state, and when it came."""

type PowerReading = tuple[float, Report]
"""What a sensor shows in kW, and by which report."""

# Three times its current ends a fuse or a breaker within seconds, and no house meter averages over
# less than one: what is beyond is an overflow, or another unit.
BEYOND: Final = 3
# Integrations lose their devices for seconds, and bad values come one at a time. Shorter than a
# fuse needs for anything that is no short circuit.
_MOMENT: Final = timedelta(seconds=30)
_SETTLES_WITHIN: Final = timedelta(seconds=90)
"""The slowest meters of chargers show within this what was commanded. One charger that is commanded
again and again keeps nobody from the meter."""


class MeterFault(StrEnum):
    """Why nothing can be known of a sensor."""

    SILENT = "silent"
    """It is gone, shows no number, or has reported nothing, or nothing new, for too long."""
    BEYOND = "beyond"
    """It shows more than the connection can carry."""
    BELOW = "below"
    """It shows less than what is drawn behind it."""


def load_kw(state: State | None, voltage: float) -> float | None:
    """Return what a state reports of one phase, power or current, in kW; None where neither."""
    value = number(state)
    if value is not None and (name := unit(state)) is not None and is_current_unit(name):
        return to_ampere(value, name) * voltage / 1000
    return power_kw(state)


class PowerSensor:
    """One of the user's sensors, and whether it is alive."""

    def __init__(
        self,
        hass: HomeAssistant,
        entity_id: str,
        habit: MeterHabit | None = None,
        *,
        voltage: float | None = None,
        carries_kw: float = math.inf,
        scale: float = 1.0,
        scales_currents: bool = True,
        export_id: str | None = None,
    ) -> None:
        """Bind the sensor.

        Args:
            hass: Home Assistant.
            entity_id: The sensor.
            habit: What is remembered of it, if anything is.
            voltage: Between phase and neutral, where a current will do; else only a power does.
            carries_kw: What the wires that it measures are made for.
            scale: What its values are to be multiplied by to be right.
            scales_currents: That goes for currents, too.
            export_id: The sensor of what is exported, where this one shows only imports.
        """
        self.entity_id = entity_id
        self.export_id = export_id
        self.reading: PowerReading | None = None
        """The last that was possible; None before that, and once there was none for a while."""
        self._hass = hass
        self.habit = MeterHabit() if habit is None else habit
        """What is remembered of it."""
        self._reports = Reports(self.habit)
        self._standstill = Standstill(self.habit)
        self._voltage = voltage
        self.carries_kw = carries_kw
        """What the wires that it measures are made for."""
        self.scale = scale
        """What its values are multiplied by."""
        self._scales_currents = scales_currents
        self._missing: tuple[MeterFault, datetime] | None = None
        self._lost = False
        self._back_since: datetime | None = None

    @property
    def _state(self) -> State | None:
        return valid_state(self._hass, self.entity_id)

    @property
    def entity_ids(self) -> list[str]:
        """The sensor, and that of the export if there is one."""
        return [self.entity_id, *([] if self.export_id is None else [self.export_id])]

    @property
    def faulty_ids(self) -> list[str]:
        """Those of them that show nothing; the sensor itself where all show something."""
        gone = [e for e in self.entity_ids if valid_state(self._hass, e) is None]
        return gone or [self.entity_id]

    @property
    def _states(self) -> list[State]:
        """What they show; empty where one of them shows nothing."""
        states = [valid_state(self._hass, entity_id) for entity_id in self.entity_ids]
        known = [state for state in states if state is not None]
        return known if len(known) == len(states) else []

    @property
    def kw(self) -> float | None:
        """What it reports, in kW, possible or not; None where it reports nothing."""
        if not (states := self._states):
            return None
        state, exports = states[0], [power_kw(export) for export in states[1:]]
        kw = power_kw(state) if self._voltage is None else load_kw(state, self._voltage)
        if kw is None or (self.is_current and not self._scales_currents):
            return kw
        if any(export is None for export in exports):
            return None
        return (kw - math.fsum(filter(None, exports))) * self.scale

    @property
    def reported_at(self) -> datetime | None:
        """When it reported last what could be; None before that."""
        return None if self.reading is None else self.reading[1][1]

    @property
    def is_current(self) -> bool:
        """Whether it is a current that it reports."""
        return is_current_unit(unit(self._state))

    def note_report(self, at: datetime, *, repeated: bool = False) -> None:
        """Learn how often the sensor reports, from the time of one report.

        Args:
            at: When it came.
            repeated: It shows the same as the one before.
        """
        if self.kw is not None:
            self._reports.note(at, repeated=repeated)
            self._standstill.note(at, repeated=repeated)

    def observe(
        self,
        now: datetime,
        drawn_kw: float = 0.0,
        *,
        settling: bool = False,
        counts_chargers: bool = True,
    ) -> None:
        """Take up what it shows now, if that can be.

        Args:
            now: The present.
            drawn_kw: What chargers draw at most, which may have been more than the wires carry.
            settling: A command is on its way, so that this is more than they draw.
            counts_chargers: What they draw is part of what it shows.
        """
        states, kw = self._states, self.kw
        if not states or kw is None:
            self._miss(MeterFault.SILENT, now)
        elif abs(kw) > max(BEYOND * self.carries_kw, self.carries_kw + drawn_kw):
            self._miss(MeterFault.BEYOND, now)
        else:
            # Of two, the one that shows 0 may report nothing for hours.
            reported_at = max(state.last_reported for state in states)
            shown = " ".join(state.state for state in states)
            self.reading, self._missing = (kw, (shown, reported_at)), None
            self._reports.begin(reported_at)
        self._reports.observe(now)
        self._standstill.observe(drawn_kw if counts_chargers else 0.0)
        self._come_back(now, settling=settling)

    def _come_back(self, now: datetime, *, settling: bool) -> None:
        """Wait until it is known how much of what it shows is drawn by chargers.

        They were commanded less when it was lost, and what is known of the house is of before.
        """
        if self._own_fault is not None:
            self._lost, self._back_since = True, None
        elif self._lost:
            self._back_since = self._back_since or now
            if not settling or now - self._back_since >= _SETTLES_WITHIN:
                self._lost, self._back_since = False, None

    def _miss(self, fault: MeterFault, now: datetime) -> None:
        since = now if self._missing is None else self._missing[1]
        self._missing = (fault, since)
        if now - since >= _MOMENT:
            self.reading = None

    @property
    def fault(self) -> MeterFault | None:
        """Return why what it showed last says nothing of now; None where it does."""
        return self._own_fault or (MeterFault.SILENT if self._lost else None)

    @property
    def _own_fault(self) -> MeterFault | None:
        if self.reading is None:
            return MeterFault.SILENT if self._missing is None else self._missing[0]
        lifeless = self._reports.overdue or self._standstill.found
        return MeterFault.SILENT if self._missing is None and lifeless else None

    def ask(self, now: datetime) -> bool:
        """Return whether it is to be asked for a report now; it will be."""
        return self._reports.ask(now)
