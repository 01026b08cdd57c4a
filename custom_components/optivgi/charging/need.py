"""How much energy the car at a charger still needs, and whether it has that."""

from dataclasses import dataclass
from datetime import time
from typing import Final

from ..bindings.chargers.connection import Connection
from ..bindings.charging_options import ChargingOptions
from ..cars.soc import FULL_SOC
from ..const import Mode
from ..scheduler.model import Discharge
from ..scheduler.readiness import ASK_AGAIN_SOC, is_ready
from ..settings.memory import Session, TemporaryMode
from .state_of_charge import SOC_RESOLUTION, StateOfCharge

# "Now" charges until the car stops by itself; no household car takes more than this.
_FULL_KWH: Final = 100.0


@dataclass(frozen=True, kw_only=True)
class Need:
    """What the car at a charger is to get.

    Attributes:
        charge: What is known of its state of charge; None for a guest.
        session: Its session.
        efficiency: Energy into the battery per energy drawn.
        mode: How it is to charge.
        temporary: What ends that mode by itself; None where it stays.
        wanted_soc: The state of charge wanted by departure in %; None for a guest.
        min_soc: The state of charge up to which it charges at once in %; None for a guest.
        stops_at_soc: The state of charge beyond which it is not charged in %; None for a guest.
        goes_beyond: It charges beyond what is wanted where that is cheap.
        departure: The local time it is wanted by.
        energy_kwh: Energy to add where the state of charge is not known.
        connection: What the charger says of it.
        drawing: Whether it draws power.
    """

    charge: StateOfCharge | None
    session: Session
    efficiency: float
    mode: Mode
    temporary: TemporaryMode | None
    wanted_soc: float | None
    min_soc: float | None
    stops_at_soc: float | None
    goes_beyond: bool
    departure: time
    energy_kwh: float
    connection: Connection
    drawing: bool

    @property
    def _target(self) -> float | None:
        """The state of charge to reach in %; None for a guest."""
        target = self.wanted_soc
        if self.mode is Mode.NOW:
            asked = None if self.temporary is None else self.temporary.soc
            target = FULL_SOC if asked is None else asked
        if target is None or self.stops_at_soc is None:
            return target
        return min(target, self.stops_at_soc)

    @property
    def is_cut(self) -> bool:
        """Whether less is charged than is wanted, as a limit is below that."""
        stops_at, wanted = self.stops_at_soc, self.wanted_soc
        return stops_at is not None and wanted is not None and stops_at < wanted

    @property
    def extra_kwh(self) -> float:
        """Energy beyond what is wanted that it takes where that is cheap."""
        goal, charge, stops_at = self.goal, self.charge, self.stops_at_soc
        if goal is None or charge is None or stops_at is None or not self.goes_beyond:
            return 0.0
        return max(0.0, charge.missing_kwh(stops_at) - charge.missing_kwh(goal[0]))

    def discharge(self, options: ChargingOptions, max_given_kw: float) -> Discharge | None:
        """Return what the car may give back; None where it may not, or its charge is not known."""
        charge, keep_soc = self.charge, options.discharge_soc
        if charge is None or charge.soc is None or keep_soc is None or max_given_kw <= 0:
            return None
        if self.mode is not Mode.SMART:
            return None
        battery_kwh = charge.vehicle.battery_kwh
        stored_kwh = charge.soc / FULL_SOC * battery_kwh
        highest_soc = FULL_SOC if self.stops_at_soc is None else self.stops_at_soc
        capacity_kwh = max(stored_kwh, highest_soc / FULL_SOC * battery_kwh)
        return Discharge(
            max_power_kw=max_given_kw,
            min_power_kw=0.0,
            stored_kwh=stored_kwh,
            capacity_kwh=capacity_kwh,
            min_stored_kwh=min(keep_soc / FULL_SOC * battery_kwh, capacity_kwh),
            efficiency=self.efficiency,
            wear_cost=options.discharge_cost,
        )

    def later_kwh(self, target_soc: float) -> float:
        """Return the energy beyond what is wanted that a later target needs, in %."""
        goal, charge, stops_at = self.goal, self.charge, self.stops_at_soc
        if goal is None or charge is None:
            return 0.0
        later_soc = target_soc if stops_at is None else min(target_soc, stops_at)
        return max(0.0, charge.missing_kwh(later_soc) - charge.missing_kwh(goal[0]))

    @property
    def room_kwh(self) -> float | None:
        """Energy up to a limit beyond what is wanted; None where that is not known.

        What is wanted by itself may be exceeded by a step at min power.
        """
        if self.extra_kwh <= 0 or self.charge is None or self.stops_at_soc is None:
            return None
        return self.charge.missing_kwh(self.stops_at_soc)

    @property
    def goal(self) -> tuple[float, time] | None:
        """The state of charge to reach in %, and by when; None where that is not known."""
        if self.charge is None or self.charge.soc is None or (target := self._target) is None:
            return None
        booked = self.session.reservation
        if booked is not None and booked.energy_kwh is not None:
            return None
        return target, self.departure

    @property
    def is_satisfied(self) -> bool:
        """Whether the car has what it needs; once it has, a trifle does not count."""
        goal, charge = self.goal, self.charge
        if goal is None or charge is None:
            return False
        before = self.session.ready_for == goal
        reached = charge.soc if before else charge.highest
        if reached is None:
            return False
        return is_ready(
            before=before,
            missing_soc=goal[0] - reached,
            battery_kwh=charge.vehicle.battery_kwh,
        )

    @property
    def ends_by_itself(self) -> bool:
        """Whether an amount is charged at once, after which another mode goes on."""
        return self.mode is Mode.NOW and self.temporary is not None

    @property
    def kwh(self) -> float:
        """Energy still wanted in the battery."""
        temporary = self.temporary
        if self.mode is not Mode.NOW or temporary is None or temporary.energy_kwh is None:
            return self._whole_kwh
        since_kwh = (self.session.delivered_kwh - temporary.from_kwh) * self.efficiency
        return min(self._whole_kwh, max(0.0, temporary.energy_kwh - since_kwh))

    @property
    def _whole_kwh(self) -> float:
        """Energy wanted where no amount was asked for."""
        if self.goal is not None:
            return 0.0 if self.is_satisfied else self._missing_kwh
        if self.connection is Connection.FINISHED:
            return 0.0
        wanted = _FULL_KWH if self.mode is Mode.NOW else self._wanted_kwh
        missing = wanted - self.session.delivered_kwh * self.efficiency
        booked = self.session.reservation
        if booked is not None and booked.energy_kwh is not None:
            return max(0.0, missing)
        # A state of charge that is not trusted may still show that more is missing.
        return max(missing, self._missing_kwh)

    @property
    def _missing_kwh(self) -> float:
        """Energy missing to the target by all that is known, trusted or not."""
        charge, target = self.charge, self._target
        return 0.0 if charge is None or target is None else charge.missing_kwh(target)

    @property
    def at_once_kwh(self) -> float:
        """Energy wanted at once, whatever the price."""
        charge, min_soc = self.charge, self.min_soc
        if charge is None or charge.soc is None or min_soc is None:
            return 0.0
        if not self.drawing and min_soc - charge.soc <= ASK_AGAIN_SOC:
            return 0.0
        return min(self.kwh, charge.missing_kwh(min_soc))

    @property
    def _wanted_kwh(self) -> float:
        """Energy wanted in the battery since plug-in, where no state of charge is known."""
        if (booked := self.session.reservation) is None:
            return self.energy_kwh
        charge = self.charge
        return booked.needed_kwh(None if charge is None else charge.vehicle.battery_kwh, None)

    def expects_soc(self, reported: float) -> bool:
        """Return whether a state of charge is about what the plan assumes anyway."""
        goal = self.goal
        soc = None if self.charge is None else self.charge.soc
        if goal is None or soc is None:
            return False
        target, _ = goal
        if self.session.ready_for == goal:
            return reported >= target - ASK_AGAIN_SOC
        # Reaching the target is what the plan waits for.
        return abs(soc - reported) < SOC_RESOLUTION and (reported < target) == (soc < target)
