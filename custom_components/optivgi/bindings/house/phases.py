"""The three sensors of the phases: what the house draws from each."""

from collections.abc import Mapping, Sequence
from datetime import datetime
import math
from typing import Final

from ...scheduler.allocation import Load, load_kw
from ...scheduler.model import PHASES, Phase
from .load import BaseLoad
from .power_sensor import PowerSensor, Report

# So far may sum and total be apart that are the same: they are read at different moments.
_SAME_KW: Final = 0.2
# Current clamps and a nominal voltage are not exact.
_SAME_PART: Final = 0.05


def signed_kw(kw: Sequence[float], total_kw: float | None) -> tuple[float, ...]:
    """Give currents that report no direction the sign of the total, where that is certain.

    All of them together make up the total only where all go the same way. Where some go one way
    and some the other they count as drawn, so that a phase is never thought emptier than it is.
    """
    if total_kw is None or total_kw >= 0 or min(kw) < 0:
        return tuple(kw)
    all_exported = abs(math.fsum(kw) + total_kw) <= max(_SAME_KW, _SAME_PART * abs(total_kw))
    return tuple(-value for value in kw) if all_exported else tuple(kw)


class PhaseMeter:
    """What the house draws from each of three phases, and which of them are silent."""

    def __init__(self, sensors: Sequence[PowerSensor], *, counts_chargers: bool) -> None:
        """Bind the sensors of L1, L2 and L3, or none of them."""
        self.sensors: Mapping[Phase, PowerSensor] = dict(zip(PHASES, sensors, strict=False))
        self.loads: Mapping[Phase, BaseLoad] = {
            phase: BaseLoad(sensor.habit) for phase, sensor in self.sensors.items()
        }
        self._counts_chargers = counts_chargers

    @property
    def raw_total_kw(self) -> float | None:
        """What all phases report together; None where one of them is silent, or there is none."""
        known = [sensor.reading[0] for sensor in self.sensors.values() if sensor.reading]
        return math.fsum(known) if known and len(known) == len(self.sensors) else None

    @property
    def carried_kw(self) -> Mapping[Phase, float] | None:
        """What each phase carries; None where one of them does not say so."""
        known = {phase: s.reading[0] for phase, s in self.sensors.items() if s.reading}
        return known if known and len(known) == len(self.sensors) and not self.silent else None

    @property
    def report(self) -> tuple[Report | None, ...]:
        """The last reports of all of them."""
        readings = (sensor.reading for sensor in self.sensors.values())
        return tuple(None if reading is None else reading[1] for reading in readings)

    def observe(self, chargers: Sequence[Load], now: datetime, *, settling: bool = False) -> None:
        """Take up what they show; ``chargers`` are what the chargers draw at most.

        That is more than they draw while a command is on its way: ``settling``.
        """
        for phase, sensor in self.sensors.items():
            sensor.observe(
                now,
                load_kw(chargers, phase),
                settling=settling,
                counts_chargers=self._counts_chargers,
            )

    @property
    def silent(self) -> frozenset[Phase]:
        """The phases whose sensor is gone, silent for too long, or wrong."""
        return frozenset(phase for phase, sensor in self.sensors.items() if sensor.fault)

    def base_loads_kw(
        self,
        chargers: Sequence[Load],
        now: datetime,
        *,
        total_kw: float | None = None,
        settling: bool = False,
        raising: bool = False,
        believed: bool = True,
    ) -> Mapping[Phase, float | None]:
        """Return the load on each phase without the chargers; None for one that is silent.

        Args:
            chargers: What the chargers draw at most, which a meter at the grid counts too.
            now: The present.
            total_kw: What is measured for all phases together, if that is.
            settling: A command is on its way, so that this may not be drawn yet.
            raising: A command for more is.
            believed: What is measured can be; else what was known before stays.
        """
        known = {phase: s.reading[0] for phase, s in self.sensors.items() if s.reading}
        if len(known) == len(PHASES) and all(s.is_current for s in self.sensors.values()):
            known = dict(zip(known, signed_kw(tuple(known.values()), total_kw), strict=True))
        result: dict[Phase, float | None] = dict.fromkeys(self.sensors)
        for phase, kw in known.items():
            drawn_kw = load_kw(chargers, phase) if self._counts_chargers else 0.0
            sensor = self.sensors[phase]
            result[phase] = self.loads[phase].take(
                None if sensor.reading is None else sensor.reading[1],
                kw - drawn_kw,
                now,
                settling=settling,
                raising=raising and self._counts_chargers,
                stale=sensor.fault is not None,
                believed=believed,
            )
        return result
