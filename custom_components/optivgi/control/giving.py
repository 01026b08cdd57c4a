"""Which chargers give back of their cars' batteries now, and how much: as planned at most.

Only where the house is seen. What flows back is carried by the same fuses as what is drawn, and
what the house takes makes no room for it: that may end at any time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ..charging.charging_point import ChargingPoint
from ..const import Mode
from ..planning.plan import NOTHING_KW, Plan
from ..scheduler.guard import ChargerDecision
from ..site.house_load import HouseLoad
from ..site.site import Site
from .state import Command


@dataclass(kw_only=True)
class _BackRoom:
    """What may still flow back through the connection, or a circuit, in kW.

    Attributes:
        total_kw: Through all phases together.
        phase_kw: Through each; None where phases are not limited.
    """

    total_kw: float
    phase_kw: float | None

    @classmethod
    def of(
        cls, house: HouseLoad, limit_kw: float, phase_limit_kw: float | None, now: datetime
    ) -> _BackRoom:
        """Return what is left beside what flows back already; it may all be on one phase."""
        load_kw = house.now_kw(now)
        if load_kw is None or house.meter.is_stale:
            return cls(total_kw=0.0, phase_kw=0.0)
        back_kw = min(0.0, load_kw)
        return cls(
            total_kw=limit_kw + back_kw,
            phase_kw=None if phase_limit_kw is None else phase_limit_kw + back_kw,
        )

    def for_phases(self, phases: int) -> float:
        """Return what may flow back on so many phases."""
        left = self.total_kw if self.phase_kw is None else phases * self.phase_kw
        return min(self.total_kw, left)

    def take(self, kw: float, phases: int) -> None:
        """Leave less by what one gives."""
        self.total_kw -= kw
        if self.phase_kw is not None:
            self.phase_kw -= kw / phases


def giving(
    site: Site, plan: Plan | None, decided: Mapping[str, ChargerDecision], now: datetime
) -> dict[str, Command]:
    """Return what chargers are sent that are to give back now, by id.

    Args:
        site: The site, as it was last observed.
        plan: The plan that is followed.
        decided: What the guard lets each charger draw.
        now: The present.
    """
    if plan is None or not any(any(ev.discharge_kw) for ev in plan.schedule.evs):
        return {}
    rooms = {"": _BackRoom.of(site.house, site.limit_kw, site.phase_limit_kw, now)}
    for circuit in site.circuits.values():
        rooms[circuit.id] = _BackRoom.of(
            circuit.house, circuit.limit_kw, circuit.phase_limit_kw, now
        )
    commands = {}
    for charger_id, own in decided.items():
        point = site.points[charger_id]
        if own.limit_kw != 0 or own.blind or not _may_give(point):
            continue
        through, phases = [rooms[""], *(rooms[part] for part in point.circuits)], point.phases
        wanted_kw = min(
            plan.given_kw_at(charger_id, now),
            point.max_given_kw,
            *(room.for_phases(phases) for room in through),
        )
        if (command := _command(point, wanted_kw)) is None:
            continue
        commands[charger_id] = command
        for room in through:
            room.take(command.gives_kw, phases)
    return commands


def _may_give(point: ChargingPoint) -> bool:
    """Return whether the car has more than what is to be left in it, for certain."""
    keep_soc, soc = point.options.discharge_soc, point.soc
    if keep_soc is None or soc is None or point.settings.mode is not Mode.SMART:
        return False
    return point.plugged and point.controllable and soc > keep_soc


def _command(point: ChargingPoint, wanted_kw: float) -> Command | None:
    """Return what a charger is sent to give back so much; None where that is nothing."""
    limit = point.reading.limit
    if limit is None or wanted_kw <= NOTHING_KW:
        return None
    phases, voltage = point.phases, point.charger.voltage
    value = limit.to_give(wanted_kw, phases=phases, voltage=voltage)
    gives_kw = -limit.to_kw(value, phases=phases, voltage=voltage)
    return Command(value=value, limit_kw=0.0, gives_kw=gives_kw) if gives_kw > 0 else None
