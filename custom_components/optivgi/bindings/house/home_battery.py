"""A home battery: what it does now, what it holds, and what it may hide of the house load."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
import math
from typing import Any, Final

from homeassistant.core import HomeAssistant

from ...cars.soc import FULL_SOC
from ...const import (
    CONF_CAPACITY_KWH,
    CONF_DISCHARGE_POWER_ENTITY,
    CONF_GRID_CHARGE,
    CONF_MAX_CHARGE_KW,
    CONF_MAX_DISCHARGE_KW,
    CONF_MAX_SOC,
    CONF_MAY_EXPORT,
    CONF_ON_PHASE,
    CONF_PLANNED_BY,
    CONF_POWER_ENTITY,
    CONF_POWER_INVERTED,
    CONF_RESERVE_SOC,
    CONF_SOC_ENTITY,
    DEFAULT_RESERVE_SOC,
    PlannedBy,
)
from ...scheduler.allocation import Load
from ...scheduler.model import PHASES, Phase
from ..soc import read_soc
from .battery_device import BatteryDevice
from .habit import MeterHabit
from .power_sensor import PowerSensor

_SILENCE_FACTOR: Final = 3
"""One report may be lost, and the next one be late."""
_MIN_SILENCE: Final = timedelta(minutes=3)
"""Inverters are read every half minute or so, and some skip a turn."""
_IDLE_KW: Final = 0.05
"""What inverters draw and show of themselves is no charging."""


class HomeBattery:
    """A battery beside the chargers, behind the same meter.

    Its power is in kW: positive while it charges, negative while it gives.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        battery_id: str,
        name: str,
        data: Mapping[str, Any],
        habit: MeterHabit,
        *,
        phases: int,
    ) -> None:
        """Bind its sensors.

        Args:
            hass: Home Assistant.
            battery_id: Its subentry.
            name: What it is called.
            data: Its configuration.
            habit: What is remembered of its power sensor.
            phases: How many the site has.
        """
        self.id = battery_id
        self.name = name
        self.capacity_kwh = float(data[CONF_CAPACITY_KWH])
        self.max_charge_kw = float(data[CONF_MAX_CHARGE_KW])
        self.max_discharge_kw = float(data[CONF_MAX_DISCHARGE_KW])
        self.reserve_soc = float(data.get(CONF_RESERVE_SOC, DEFAULT_RESERVE_SOC))
        self.max_soc = float(data.get(CONF_MAX_SOC, FULL_SOC))
        self.is_ours = data.get(CONF_PLANNED_BY) == PlannedBy.SITE
        """It is planned together with the cars; else its own system decides."""
        self.grid_charge = bool(data.get(CONF_GRID_CHARGE, False))
        self.may_export = bool(data.get(CONF_MAY_EXPORT, False))
        on_phase = str(data.get(CONF_ON_PHASE, "")).upper()
        self.phases: tuple[Phase, ...] = (
            *(phase for phase in PHASES[:phases] if phase == on_phase),
        ) or PHASES[:phases]
        """Those that carry its power, evenly."""
        self.soc: float | None = None
        """In %; None while it shows none."""
        self._hass = hass
        self._soc_entity: str = data[CONF_SOC_ENTITY]
        self._habit = habit
        self.sensor = PowerSensor(
            hass,
            data[CONF_POWER_ENTITY],
            habit,
            carries_kw=max(self.max_charge_kw, self.max_discharge_kw),
            scale=-1.0 if data.get(CONF_POWER_INVERTED, False) else 1.0,
            export_id=data.get(CONF_DISCHARGE_POWER_ENTITY),
        )
        device = BatteryDevice(hass, name, data)
        self.device = device if device.can_hold or device.can_charge else None
        """What holds or charges it; None where nothing is to."""
        self.commanded_kw = 0.0
        """What it was commanded to charge with, or is about to be; 0 for nothing."""
        self._now: datetime | None = None

    @property
    def entity_ids(self) -> list[str]:
        """What it is read by."""
        return [*self.sensor.entity_ids, self._soc_entity]

    @property
    def statistics(self) -> list[tuple[str, float]]:
        """The sensors of its power in the recorder, each with what makes charging positive."""
        power, *given = self.sensor.entity_ids
        return [(power, self.sensor.scale), *((one, -self.sensor.scale) for one in given)]

    def observe(self, now: datetime) -> None:
        """Take up what it shows."""
        self._now = now
        self.sensor.observe(now, counts_chargers=False)
        reported = read_soc(self._hass, self._soc_entity, None, self.capacity_kwh)
        self.soc = None if reported is None else reported.soc

    @property
    def is_silent(self) -> bool:
        """Whether nobody knows what it does now.

        One that reports changes only shows by its silence that nothing has changed.
        """
        reading, interval_s = self.sensor.reading, self._habit.interval_s
        if reading is None or self._now is None:
            return True
        if self._habit.changes_only or interval_s is None:
            return False
        silence = max(_MIN_SILENCE, timedelta(seconds=_SILENCE_FACTOR * interval_s))
        return self._now - reading[1][1] > silence

    @property
    def power_kw(self) -> float:
        """What it does now: positive while it charges; 0 while nobody knows."""
        reading = self.sensor.reading
        return 0.0 if reading is None or self.is_silent else reading[0]

    @property
    def charging_kw(self) -> float:
        """What it takes: it need not give way when a car does more."""
        return max(0.0, self.power_kw) if self.power_kw > _IDLE_KW else 0.0

    @property
    def taking_kw(self) -> float:
        """What it takes or is about to take: its sensor is late, and no room for others."""
        return max(self.charging_kw, self.commanded_kw)

    @property
    def can_give_kw(self) -> float:
        """The most that it may give now or in a moment: nothing once it is down to its reserve."""
        is_empty = self.soc is not None and self.soc <= self.reserve_soc
        return 0.0 if is_empty else self.max_discharge_kw

    @property
    def hidden_kw(self) -> float:
        """What it may give unseen: that may end any time, and the grid has to give it then."""
        return self.can_give_kw if self.is_silent else 0.0

    def load(self, kw: float) -> Load:
        """Return what a power of it is to the wires."""
        return Load(kw, self.phases)


def loads_of(batteries: Iterable[HomeBattery]) -> list[Load]:
    """Return what batteries do now, as far as it is known; what they give is below 0."""
    return [battery.load(battery.power_kw) for battery in batteries]


def power_kw(batteries: Iterable[HomeBattery]) -> float:
    """Return what batteries do together now: positive while they charge."""
    return math.fsum(battery.power_kw for battery in batteries)


def can_give_kw(batteries: Iterable[HomeBattery]) -> float:
    """Return the most that batteries may give now or in a moment."""
    return math.fsum(battery.can_give_kw for battery in batteries)
