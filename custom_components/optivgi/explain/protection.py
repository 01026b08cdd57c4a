"""How well the fuse is protected by what measures the house, and what would improve that."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from ..bindings.house.meter import GridMeter
from ..bindings.house.power_sensor import PowerSensor
from ..site.site import Site
from .reason_code import ReasonCode
from .reasons import CodedReason, because

# Chargers follow a command within about ten seconds, so a meter that is slower is what is waited
# for; and its intervals vary a little.
_FAST_S: Final = 12.0


_WITHOUT_PHASES: Final = {False: ReasonCode.PHASES_UNKNOWN, True: ReasonCode.PICK_PHASES}
"""What to improve where phases are not measured, by whether the house is said to be even."""


class ProtectionGrade(StrEnum):
    """What the cars give way by, the best first."""

    PER_PHASE = "per_phase"
    """Each phase is measured every ten seconds or more often."""
    PER_PHASE_SLOW = "per_phase_slow"
    """Each phase is measured, less often."""
    TOTAL = "total"
    """All phases together are measured every ten seconds or more often."""
    TOTAL_SLOW = "total_slow"
    """All phases together are measured, less often."""
    UNPROVEN = "unproven"
    """It is not known yet how often the meter reports, so its silence goes unnoticed."""
    SILENT = "silent"
    """The meter shows nothing that counts now: each car gets its min current."""
    NONE = "none"
    """Nothing measures the house."""


@dataclass(frozen=True, kw_only=True)
class Protection:
    """A grade, and what it rests on.

    Attributes:
        grade: The grade.
        reports_every_s: The usual time between two reports of the meter; None while unknown.
        silent_after_s: After how long without a report it counts as silent; None while unknown.
        left_free_kw: What is left free for what a slow meter has not seen yet.
        improve: What would improve the grade.
    """

    grade: ProtectionGrade
    reports_every_s: float | None = None
    silent_after_s: float | None = None
    left_free_kw: float = 0.0
    improve: tuple[CodedReason, ...] = ()


def protection_of(site: Site) -> Protection:
    """Return how well the fuse of a site is protected."""
    meter = site.meter
    if not meter.entity_ids:
        return Protection(grade=ProtectionGrade.NONE, improve=(because(ReasonCode.PICK_METER),))
    sensors = _used(meter)
    habits = [sensor.habit for sensor in sensors]
    intervals = [habit.interval_s for habit in habits if habit.interval_s is not None]
    silences = [habit.longest_silence for habit in habits]
    known = [silence for silence in silences if silence is not None]
    every_s = max(intervals, default=None)
    proven = len(known) == len(habits) and every_s is not None
    by_phase = len(sensors) > 1 or site.phases == 1
    grade = _grade(meter, every_s=every_s if proven else None, by_phase=by_phase)
    return Protection(
        grade=grade,
        reports_every_s=None if every_s is None else round(every_s, 1),
        silent_after_s=max(known) / timedelta(seconds=1) if proven else None,
        left_free_kw=round(meter.margin_kw, 2),
        improve=tuple(_improvements(site, every_s, by_phase=by_phase)),
    )


def _used(meter: GridMeter) -> list[PowerSensor]:
    """Return the sensors that cars give way by: those of the phases, unless one of them is gone."""
    phases = list(meter.phases.sensors.values())
    if phases and (meter.total is None or not meter.phases.silent):
        return phases
    return [] if meter.total is None else [meter.total]


def _grade(meter: GridMeter, *, every_s: float | None, by_phase: bool) -> ProtectionGrade:
    if meter.fault is not None:
        return ProtectionGrade.SILENT
    if every_s is None:
        return ProtectionGrade.UNPROVEN
    if by_phase:
        slow = every_s > _FAST_S
        return ProtectionGrade.PER_PHASE_SLOW if slow else ProtectionGrade.PER_PHASE
    return ProtectionGrade.TOTAL_SLOW if every_s > _FAST_S else ProtectionGrade.TOTAL


def _improvements(site: Site, every_s: float | None, *, by_phase: bool) -> Iterator[CodedReason]:
    meter = site.meter
    for entity_id in meter.entities_at_fault:
        yield because(ReasonCode.SENSOR_USELESS, entity=entity_id)
    if not by_phase and not meter.phases.sensors:
        yield because(_WITHOUT_PHASES[site.house.phase_part < 1])
    if every_s is not None and every_s > _FAST_S:
        if free_kw := meter.margin_kw:
            yield because(ReasonCode.METER_SLOW_COSTS, interval_s=every_s, left_free_kw=free_kw)
        else:
            yield because(ReasonCode.METER_SLOW, interval_s=every_s)
    unmetered = [p.charger.name for p in site.points.values() if p.charger.power_entity is None]
    if unmetered and meter.counts_chargers:
        yield because(ReasonCode.PICK_CHARGER_POWER, chargers=tuple(unmetered))
