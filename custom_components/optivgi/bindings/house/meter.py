"""The site's meter: how much of the connection the house takes now, and usually."""

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
import math
from typing import Any, Final

from homeassistant.core import HomeAssistant

from ...const import (
    CONF_EXPORT_POWER_ENTITY,
    CONF_FUSE_A,
    CONF_LIMIT_KW,
    CONF_METER_FACTOR,
    CONF_METER_INVERTED,
    CONF_PHASES,
    CONF_POWER_COVERS,
    CONF_POWER_ENTITY,
    PHASE_ENTITIES,
    PowerCovers,
)
from ...scheduler.allocation import Load, load_kw
from ...scheduler.model import PHASES, Phase
from .doubt import Doubt
from .habit import MeterHabit
from .load import BaseLoad
from .phases import PhaseMeter
from .power_sensor import MeterFault, PowerSensor

# A common main fuse of a house with three phases, or of a flat.
_USUAL_FUSE_A: Final = 25


class GridMeter:
    """Base load of the site: everything behind the connection but the chargers.

    Positive is consumption, negative is PV surplus, in kW. A sensor reports it for all phases, or
    three sensors do so together.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entity_id: str | None,
        covers: PowerCovers,
        habit: MeterHabit | None = None,
        phases: Sequence[PowerSensor] = (),
        *,
        carries_kw: float = math.inf,
        scale: float = 1.0,
        export_id: str | None = None,
    ) -> None:
        """Bind the sensors.

        Args:
            hass: Home Assistant.
            entity_id: The sensor for all phases.
            covers: What is measured.
            habit: What is remembered of that sensor.
            phases: The sensors of the phases.
            carries_kw: What the connection is made for.
            scale: What the values of that sensor are to be multiplied by to be right.
            export_id: The sensor of what is exported, where that sensor shows only imports.
        """
        self.carries_kw = carries_kw
        """What the connection is made for."""
        self.scale = scale
        """What was measured is to be multiplied by this to be right."""
        habit = MeterHabit() if habit is None else habit
        self.load = BaseLoad(habit)
        self.doubt = Doubt(hass, habit)
        self._covers = covers
        self.total = (
            None
            if entity_id is None
            else PowerSensor(
                hass, entity_id, habit, carries_kw=carries_kw, scale=scale, export_id=export_id
            )
        )
        """The sensor for all phases, if there is one."""
        self.phases = PhaseMeter(phases, counts_chargers=covers is PowerCovers.GRID)

    @property
    def _sensors(self) -> list[PowerSensor]:
        total = [] if self.total is None else [self.total]
        return [*total, *self.phases.sensors.values()]

    @property
    def entity_ids(self) -> list[str]:
        """All its sensors; none where nothing is measured."""
        return [entity_id for sensor in self._sensors for entity_id in sensor.entity_ids]

    @property
    def statistic_ids(self) -> list[str]:
        """The sensors that make up the load of all phases in the recorder's statistics."""
        if self.total is not None:
            return [self.total.entity_id]
        return self.entity_ids

    @property
    def export_ids(self) -> list[str]:
        """The sensors of what is exported, to be taken from that."""
        export_id = None if self.total is None else self.total.export_id
        return [] if export_id is None else [export_id]

    @property
    def counts_chargers(self) -> bool:
        """Whether what chargers draw is part of what is measured."""
        return bool(self._sensors) and self._covers is PowerCovers.GRID

    def note_report(self, entity_id: str, at: datetime, *, repeated: bool = False) -> None:
        """Learn how often one of the sensors reports, from the time of one report."""
        for sensor in self._sensors:
            if entity_id in sensor.entity_ids:
                sensor.note_report(at, repeated=repeated)

    @property
    def fault(self) -> MeterFault | None:
        """Why what is measured says nothing of now; None where it does, or nothing measures.

        Where the sensor for all phases is gone, the three of the phases will do.
        """
        if self.doubt.lasting:
            return MeterFault.BELOW
        faults = [sensor.fault for sensor in self.phases.sensors.values()]
        of_phases = next((fault for fault in faults if fault is not None), None)
        if self.total is None:
            return of_phases
        fault = self.total.fault
        return fault if of_phases is not None or not faults else None

    @property
    def reported_at(self) -> datetime | None:
        """When the last of its sensors that count reported; None while one of them never has."""
        times = [sensor.reported_at for sensor in self._sensors if sensor.fault is None]
        known = [at for at in times if at is not None]
        return min(known) if known and len(known) == len(times) else None

    @property
    def is_stale(self) -> bool:
        """Whether it should be there to be read, but is gone, silent for too long, or wrong."""
        return self.fault is not None

    def faulty(self, fault: MeterFault) -> tuple[str, ...]:
        """Return its sensors that have one fault."""
        return tuple(e for s in self._sensors if s.fault is fault for e in s.faulty_ids)

    @property
    def is_over(self) -> bool:
        """Whether it shows more than the connection is made for, of all phases or of one."""
        total_kw, phases = self.total_kw, self.phases.sensors.values()
        return (total_kw is not None and total_kw > self.carries_kw) or any(
            sensor.reading is not None and sensor.reading[0] > sensor.carries_kw
            for sensor in phases
        )

    @property
    def margin_kw(self) -> float:
        """What to leave free for what the house may draw more than was reported last."""
        if self.total is not None:
            return self.total.habit.margin_kw
        return max((s.habit.margin_kw for s in self.phases.sensors.values()), default=0.0)

    @property
    def entities_at_fault(self) -> list[str]:
        """Its sensors that show nothing that counts."""
        at_fault = [s for s in self._sensors if self.doubt.lasting or s.fault is not None]
        return [entity_id for sensor in at_fault for entity_id in sensor.faulty_ids]

    @property
    def implausible(self) -> dict[str, float | None]:
        """What its sensors show in kW that show what cannot be; by their names."""
        return {
            sensor.entity_id: sensor.kw
            for sensor in self._sensors
            if self.doubt.lasting or sensor.fault is MeterFault.BEYOND
        }

    def ask(self, now: datetime) -> list[str]:
        """Return its sensors that are to be asked for a report now; they will be."""
        asked = [sensor for sensor in self._sensors if sensor.ask(now)]
        return [entity_id for sensor in asked for entity_id in sensor.entity_ids]

    @property
    def total_kw(self) -> float | None:
        """What the sensor for all phases reports; None without one that is alive."""
        total = self.total
        if total is None or total.reading is None or total.fault is not None:
            return None
        return total.reading[0]

    @property
    def reading(self) -> tuple[float, Hashable] | None:
        """What is measured in kW and by which report; the three where the one is silent."""
        total = self.total
        phases_kw = self.phases.raw_total_kw
        reading = None if total is None else total.reading
        stale = total is None or total.fault is not None
        if reading is None or (stale and phases_kw is not None):
            return None if phases_kw is None else (phases_kw, self.phases.report)
        return reading

    def observe(self, chargers: Sequence[Load], now: datetime, *, settling: bool = False) -> None:
        """Take up what the sensors show, if that can be.

        Args:
            chargers: What the chargers draw at most.
            now: The present.
            settling: A command is on its way, so that this is more than they draw.
        """
        # A meter that counts no chargers needs to know nothing of theirs.
        settling = settling and self.counts_chargers
        if self.total is not None:
            self.total.observe(
                now,
                load_kw(chargers, None),
                settling=settling,
                counts_chargers=self.counts_chargers,
            )
        self.phases.observe(chargers, now, settling=settling)

    def compare(
        self,
        metered_kw: float,
        pv_kw: float | None,
        now: datetime,
        metered_at: datetime | None = None,
    ) -> None:
        """Compare what is measured with what chargers draw by their own meters.

        Args:
            metered_kw: What they draw; not while a command is on its way to them.
            pv_kw: What PV gives; None where it is not measured.
            now: The present.
            metered_at: When the last of their own meters said so; None while one has not.
        """
        if self.counts_chargers and (reading := self.reading) is not None:
            raw_kw, report = reading
            self.doubt.compare(report, raw_kw, metered_kw, pv_kw, now, drawn_at=metered_at)

    def min_kw(self, metered_kw: float, pv_kw: float | None, now: datetime) -> float:
        """Return the least that the house may take, which is negative where the sun gives more.

        What chargers without a meter of their own are thought to draw, and do not, looks like a
        house that gives power.

        Args:
            metered_kw: What chargers draw by their own meters.
            pv_kw: What PV gives; None where it is not measured.
            now: The present.
        """
        given_kw = self.doubt.sun_kw(pv_kw, now)
        if (reading := self.reading) is not None:
            own_kw = metered_kw if self.counts_chargers else 0.0
            given_kw = max(given_kw, own_kw - reading[0])
        return -max(0.0, given_kw)

    def base_load_kw(
        self,
        chargers_kw: float,
        now: datetime,
        *,
        settling: bool = False,
        raising: bool = False,
    ) -> float | None:
        """Return the load of everything but the chargers; None where that is not known.

        It is the highest of the last half minute.

        Args:
            chargers_kw: What the chargers draw at most, which the meter at the grid counts too.
            now: The present.
            settling: A command is on its way, so that this may not be drawn yet.
            raising: A command for more is.
        """
        known_kw = self.load.lately.value
        believed = self.doubt.believed
        if (reading := self.reading) is None or (known_kw is None and not believed):
            return None
        if known_kw is not None:
            self.doubt.note_surplus(-known_kw, chargers_kw, now)
        raw_kw, report = reading
        base_kw = raw_kw - chargers_kw if self.counts_chargers else raw_kw
        return self.load.take(
            report,
            base_kw,
            now,
            settling=settling,
            raising=raising and self.counts_chargers,
            stale=self.is_stale,
            believed=believed,
        )


def carried_kw(data: Mapping[str, Any], voltage: float) -> float:
    """Return what each phase of a connection is made for, in kW."""
    if CONF_FUSE_A in data:
        return float(data[CONF_FUSE_A] * voltage / 1000)
    # The power limit may be far below the fuse, which nobody entered.
    return max(float(data[CONF_LIMIT_KW]), _USUAL_FUSE_A * voltage / 1000)


def meter_scale(data: Mapping[str, Any]) -> float:
    """Return what the values of a site's meter are to be multiplied by to be right."""
    factor = float(data.get(CONF_METER_FACTOR, 1.0))
    return -factor if data.get(CONF_METER_INVERTED, False) else factor


def bind_meter(
    hass: HomeAssistant,
    data: Mapping[str, Any],
    *,
    voltage: float,
    habit: MeterHabit,
    of_phases: dict[Phase, MeterHabit],
) -> GridMeter:
    """Bind the sensors of a connection, and of its phases where those are measured.

    Args:
        hass: Home Assistant.
        data: The configuration of the site, with what corrects its meter.
        voltage: Between phase and neutral.
        habit: What is remembered of the sensor for all phases.
        of_phases: What is remembered of each phase's; new ones are added.
    """
    entity_ids = [data[key] for key in PHASE_ENTITIES if key in data]
    phase_kw = carried_kw(data, voltage)
    scale = meter_scale(data)
    return GridMeter(
        hass,
        data.get(CONF_POWER_ENTITY),
        PowerCovers(data.get(CONF_POWER_COVERS, PowerCovers.GRID)),
        habit,
        [
            PowerSensor(
                hass,
                entity_id,
                of_phases.setdefault(phase, MeterHabit()),
                voltage=voltage,
                carries_kw=phase_kw,
                scale=scale,
                # Currents have other signs and units than the power beside them.
                scales_currents=CONF_POWER_ENTITY not in data,
            )
            for phase, entity_id in zip(PHASES, entity_ids, strict=False)
        ],
        carries_kw=phase_kw * int(data[CONF_PHASES]),
        scale=scale,
        export_id=data.get(CONF_EXPORT_POWER_ENTITY),
    )
