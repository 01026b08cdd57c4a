"""The site's meter: how much of the connection the house takes now, and usually."""

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from typing import Any

from homeassistant.core import HomeAssistant

from ...const import CONF_POWER_COVERS, CONF_POWER_ENTITY, PHASE_ENTITIES, PowerCovers
from ...scheduler.model import PHASES, Phase
from .doubt import Doubt
from .habit import MeterHabit
from .load import BaseLoad
from .phases import PhaseMeter
from .power_sensor import PowerSensor


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
    ) -> None:
        """Bind the sensors; ``habit`` is what is remembered of the one for all phases."""
        habit = MeterHabit() if habit is None else habit
        self.load = BaseLoad()
        self.doubt = Doubt(hass, habit)
        self._covers = covers
        self._total = None if entity_id is None else PowerSensor(hass, entity_id, habit)
        self.phases = PhaseMeter(phases, counts_chargers=covers is PowerCovers.GRID)

    @property
    def _sensors(self) -> list[PowerSensor]:
        total = [] if self._total is None else [self._total]
        return [*total, *self.phases.sensors.values()]

    @property
    def entity_ids(self) -> list[str]:
        """All its sensors; none where nothing is measured."""
        return [sensor.entity_id for sensor in self._sensors]

    @property
    def statistic_ids(self) -> list[str]:
        """The sensors that make up the load of all phases in the recorder's statistics."""
        if self._total is not None:
            return [self._total.entity_id]
        return self.entity_ids

    @property
    def counts_chargers(self) -> bool:
        """Whether what chargers draw is part of what is measured."""
        return bool(self._sensors) and self._covers is PowerCovers.GRID

    def note_report(self, entity_id: str, at: datetime) -> None:
        """Learn how often one of the sensors reports, from the time of one report."""
        for sensor in self._sensors:
            if sensor.entity_id == entity_id:
                sensor.note_report(at)

    def is_stale(self, now: datetime) -> bool:
        """Whether it should be there to be read, but is gone, silent for too long, or wrong.

        Where the sensor for all phases is, the three of the phases will do.
        """
        if self.doubt.lasting:
            return True
        if self._total is not None and not self._total.is_stale(now):
            return False
        if self.phases.sensors:
            return bool(self.phases.silent(now))
        return self._total is not None

    def silent_entities(self, now: datetime) -> tuple[str, ...]:
        """Return its sensors that are gone or silent for too long."""
        return tuple(sensor.entity_id for sensor in self._sensors if sensor.is_stale(now))

    def total_kw(self, now: datetime) -> float | None:
        """Return what the sensor for all phases reports; None without one that is alive."""
        return None if self._total is None or self._total.is_stale(now) else self._total.kw

    def _reading(self, now: datetime) -> tuple[float, Hashable] | None:
        """Return what is measured and by which report; the three where the one is silent."""
        total = self._total
        total_kw = None if total is None else total.kw
        phases_kw = self.phases.raw_total_kw
        if total is None or total_kw is None or (total.is_stale(now) and phases_kw is not None):
            return None if phases_kw is None else (phases_kw, self.phases.report)
        return total_kw, total.report

    def compare(self, metered_kw: float, pv_kw: float | None, now: datetime) -> None:
        """Compare what is measured with what chargers draw by their own meters.

        Args:
            metered_kw: What they draw; not while a command is on its way to them.
            pv_kw: What PV gives; None where it is not measured.
            now: The present.
        """
        if self.counts_chargers and (reading := self._reading(now)) is not None:
            raw_kw, report = reading
            self.doubt.compare(report, raw_kw, metered_kw, pv_kw, now)

    def base_load_kw(
        self, chargers_kw: float, now: datetime, *, settling: bool = False
    ) -> float | None:
        """Return the load of everything but the chargers; None where that is not known.

        It is the highest of the last minute.

        Args:
            chargers_kw: What the chargers draw at most, which the meter at the grid counts too.
            now: The present.
            settling: A command is on its way, so that this may not be drawn yet.
        """
        known_kw = self.load.lately.value
        believed = self.doubt.believed
        if (reading := self._reading(now)) is None or (known_kw is None and not believed):
            return None
        if known_kw is not None:
            self.doubt.note_surplus(-known_kw, chargers_kw)
        raw_kw, report = reading
        load_kw = raw_kw - chargers_kw if self.counts_chargers else raw_kw
        stale = not believed or self.is_stale(now)
        return self.load.take(report, load_kw, now, settling=settling, stale=stale)


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
        data: The configuration of the site.
        voltage: Between phase and neutral.
        habit: What is remembered of the sensor for all phases.
        of_phases: What is remembered of each phase's; new ones are added.
    """
    entity_ids = [data[key] for key in PHASE_ENTITIES if key in data]
    return GridMeter(
        hass,
        data.get(CONF_POWER_ENTITY),
        PowerCovers(data.get(CONF_POWER_COVERS, PowerCovers.GRID)),
        habit,
        [
            PowerSensor(hass, entity_id, of_phases.setdefault(phase, MeterHabit()), voltage=voltage)
            for phase, entity_id in zip(PHASES, entity_ids, strict=False)
        ],
    )
