"""Cars and chargers with enough physics to test a plan against. Knows nothing of Home Assistant.

Currents are in A per phase, energies in kWh at the charger's meter, times in seconds.
"""

from dataclasses import dataclass, field
from enum import Enum, auto

VOLTAGE = 230
"""Between phase and neutral."""
PILOT_MIN_A = 6.0
"""IEC 61851: a charger cannot offer less than this other than by offering nothing."""
REACTION_S = 2.0
"""From a change of the offered current until the car begins to follow."""
RAMP_A_PER_S = 6.0
STEP_S = 1.0
"""Longest step of the integration."""


@dataclass(frozen=True, slots=True)
class CarModel:
    """What a car can do."""

    name: str
    battery_kwh: float
    phases: int
    """1, 2 or 3; a 1-phase car charges on L1."""
    max_a: float
    """The on-board charger's limit per phase."""
    efficiency: float = 0.9
    """From the charger's meter into the battery."""
    taper_soc: float = 80.0
    """From here on the battery takes less and less."""

    @property
    def title(self) -> str:
        """What its papers say."""
        return f"{self.battery_kwh:g} kWh, {self.phases}-phase"

    taper_floor: float = 0.12
    """Share of the full current that is left right before 100 %."""

    def acceptance_a(self, soc: float) -> float:
        """The current the car takes at most at this state of charge."""
        if soc >= 100:
            return 0.0
        if soc <= self.taper_soc:
            return self.max_a
        left = (100 - soc) / (100 - self.taper_soc)
        return self.max_a * (self.taper_floor + (1 - self.taper_floor) * left)


@dataclass(slots=True)
class Car:
    """A car with a battery that fills up."""

    model: CarModel
    soc: float
    current_a: float = 0.0
    """What it draws now, on each of its phases."""
    _wanted_a: float = 0.0
    _wait_s: float = 0.0

    @property
    def power_w(self) -> float:
        """What it draws now, over all phases."""
        return self.current_a * self.model.phases * VOLTAGE

    @property
    def full(self) -> bool:
        """Whether it takes no more."""
        return self.soc >= 100

    def step(self, offered_a: float, seconds: float) -> float:
        """Live through a short time with this current on offer; return the kWh drawn."""
        wanted_a = min(offered_a, self.model.acceptance_a(self.soc))
        if offered_a < PILOT_MIN_A:
            wanted_a = 0.0
        if (wanted_a > 0) != (self._wanted_a > 0) or abs(wanted_a - self._wanted_a) >= 1:
            self._wait_s = REACTION_S
        self._wanted_a = wanted_a
        if self._wait_s > 0:
            self._wait_s -= seconds
        else:
            most = RAMP_A_PER_S * seconds
            self.current_a += max(-most, min(most, wanted_a - self.current_a))
        drawn_kwh = self.power_w * seconds / 3_600_000
        gained = 100 * drawn_kwh * self.model.efficiency / self.model.battery_kwh
        self.soc = min(100.0, self.soc + gained)
        return drawn_kwh

    def unplug(self) -> None:
        """Stop at once, as a pulled plug does."""
        self.current_a = self._wanted_a = self._wait_s = 0.0


class Phase(Enum):
    """Where a charging session stands; each brand has its own words for these."""

    EMPTY = auto()
    PREPARING = auto()
    CHARGING = auto()
    PAUSED = auto()
    """The charger offers nothing."""
    FULL = auto()
    """The car takes nothing."""


@dataclass(slots=True)
class Charger:
    """A charger with one plug. Its limit is in A per phase or in W over all phases in use."""

    name: str
    phases: int
    max_a: float
    limit: float
    limit_in_w: bool = False
    enabled: bool = True
    first_phase: int = 0
    """The phase of the house that its own L1 is connected to; the others follow in turn."""
    energy_kwh: float = 0.0
    car: Car | None = None
    _drew: bool = field(default=False, repr=False)

    @property
    def model(self) -> str:
        """What its type plate says."""
        return f"{self.phases * self.max_a * VOLTAGE / 1000:.2g} kW, {self.phases}-phase"

    @property
    def used_phases(self) -> int:
        """The phases that the car at the plug uses."""
        return min(self.phases, self.car.model.phases) if self.car else self.phases

    @property
    def offered_a(self) -> float:
        """The current that the control pilot offers the car; 0 is a pause."""
        if not self.enabled:
            return 0.0
        limit_a = self.limit / (self.used_phases * VOLTAGE) if self.limit_in_w else self.limit
        # A limit written in whole watts must not fall through the floor by rounding.
        return min(limit_a, self.max_a) if limit_a > PILOT_MIN_A - 0.005 else 0.0

    @property
    def power_w(self) -> float:
        """What the car draws now."""
        return self.car.power_w if self.car else 0.0

    @property
    def current_a(self) -> tuple[float, float, float]:
        """What the car draws now from the house's L1, L2 and L3."""
        if self.car is None:
            return (0.0, 0.0, 0.0)
        drawn = [self.car.current_a if n < self.used_phases else 0.0 for n in range(3)]
        return (
            drawn[-self.first_phase % 3],
            drawn[(1 - self.first_phase) % 3],
            drawn[(2 - self.first_phase) % 3],
        )

    @property
    def phase(self) -> Phase:
        """Where the session stands."""
        if self.car is None:
            return Phase.EMPTY
        if self.car.current_a > 0:
            return Phase.CHARGING
        if self.offered_a == 0:
            return Phase.PAUSED
        if self.car.full:
            return Phase.FULL
        return Phase.PAUSED if self._drew else Phase.PREPARING

    def plug_in(self, car: Car | None) -> None:
        """Plug this car in, or pull the plug."""
        if self.car is not None and self.car is not car:
            self.car.unplug()
        self.car = car
        self._drew = False

    def step(self, seconds: float) -> None:
        """Live through this time."""
        if self.car is None:
            return
        while seconds > 0:
            part = min(seconds, STEP_S)
            # The pilot's floor is compared with a hair of tolerance, see offered_a.
            offered_a = self.offered_a
            drawn = self.car.step(max(offered_a, PILOT_MIN_A) if offered_a else 0.0, part)
            self.energy_kwh += drawn
            self._drew |= drawn > 0
            seconds -= part
