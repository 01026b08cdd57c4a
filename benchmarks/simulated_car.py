"""A simulated car at a charger of its own: when it is there, what it takes, what it tells.

States of charge are in % of the battery, powers are drawn at the plug.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
import math
import random

from custom_components.optivgi.scheduler.guard import Steps
from custom_components.optivgi.scheduler.model import EV, PHASES, Phase, Taper
from custom_components.optivgi.scheduler.readiness import is_ready
from custom_components.optivgi.scheduler.recovery import Recovery

FULL_SOC = 100.0
SOC_RESOLUTION = 1.0
"""Cars tell it in steps of this; less of a difference to what was counted tells nothing."""
_MINUTE_H = 1 / 60
_TAPER_BAND = 5.0
_TOLERANCE_KW = 1e-6


@dataclass(frozen=True, kw_only=True)
class Stay:
    """A time for which a car is plugged in.

    Attributes:
        arrival: When it is plugged in.
        departure: When it leaves, whatever its state of charge.
        used_kwh: What the trip before took from the battery.
        target_soc: The state of charge wanted at departure, in %.
    """

    arrival: datetime
    departure: datetime
    used_kwh: float
    target_soc: float = 80.0


@dataclass(frozen=True, kw_only=True)
class SimulatedCar:
    """A car at a charger of its own, and when it is there.

    Attributes:
        id: Unique at the site.
        battery_kwh: What its battery holds.
        max_power_kw: The most that charger and car allow.
        min_power_kw: The least the charger can offer besides nothing.
        power_step_kw: The charger takes the minimum plus whole steps of this; 0 for any.
        phases: The phases of the site it draws from.
        efficiency: Energy into the battery per energy drawn.
        believed_efficiency: The same as the plan takes it to be; None for the true one.
        draws: Share of an offered power that it really takes.
        taper_soc: From this state of charge on the battery takes less and less, in %.
        taper_floor: Share of its full power that it still takes right before 100 %.
        initial_soc: State of charge before the first trip, in %.
        stays: When it is plugged in, in order.
    """

    id: str
    battery_kwh: float
    max_power_kw: float
    min_power_kw: float = 0.0
    power_step_kw: float = 0.0
    phases: tuple[Phase, ...] = PHASES
    efficiency: float = 0.9
    believed_efficiency: float | None = None
    draws: float = 1.0
    taper_soc: float = 80.0
    taper_floor: float = 0.12
    initial_soc: float = 80.0
    stays: tuple[Stay, ...] = ()

    def accepts_kw(self, soc: float) -> float:
        """Return the most it draws at a state of charge."""
        if soc >= FULL_SOC:
            return 0.0
        left = min(1.0, (FULL_SOC - soc) / max(FULL_SOC - self.taper_soc, _TOLERANCE_KW))
        return self.max_power_kw * (self.taper_floor + (1 - self.taper_floor) * left)

    @property
    def steps(self) -> Steps:
        """The powers that the charger can be told."""
        return Steps(minimum=self.min_power_kw, step=self.power_step_kw)

    def taper_from(self, soc: float, target_soc: float) -> tuple[Taper, ...]:
        """Return what the battery takes from a state of charge on, in bands of a few %."""
        first = max(soc, self.taper_soc)
        bands = max(0, math.ceil((target_soc - first) / _TAPER_BAND))
        return tuple(
            Taper(
                energy_kwh=(begin - soc) / FULL_SOC * self.battery_kwh,
                # The middle of a band stands for all of it.
                max_power_kw=self.accepts_kw(min(begin + _TAPER_BAND / 2, FULL_SOC - 1e-3)),
            )
            for begin in (first + index * _TAPER_BAND for index in range(bands))
        )


@dataclass(frozen=True, kw_only=True)
class Departure:
    """How a car left: when, with how much in its battery, and how much was wanted."""

    car_id: str
    at: datetime
    soc: float
    target_soc: float
    battery_kwh: float

    @property
    def missing_soc(self) -> float:
        """What is missing, in % of the battery."""
        return max(0.0, self.target_soc - self.soc)

    @property
    def missing_kwh(self) -> float:
        """What is missing in the battery."""
        return self.missing_soc / FULL_SOC * self.battery_kwh


class Plug:
    """A car at its charger, as it is and as the site knows it."""

    def __init__(self, car: SimulatedCar, seed: int) -> None:
        """Begin with the car away."""
        self.car = car
        self.stay: Stay | None = None
        self.soc = car.initial_soc
        self.limit_kw = 0.0
        self.drawn_kw = 0.0
        self.reduced = False
        self.recovery: Recovery | None = None
        self.efficiency = car.believed_efficiency or car.efficiency
        self.ready = False
        """Whether nothing is wanted any more, as far as the site knows."""
        self._waiting = list(reversed(car.stays))
        self._seed = seed
        self._told_soc = 0.0
        self._known_soc = 0.0

    def come_and_go(self, now: datetime) -> Departure | None:
        """Let the car leave or arrive, should it be time to; return how it left."""
        left = None
        if self.stay is not None and self.stay.departure <= now:
            left = Departure(
                car_id=self.car.id,
                at=self.stay.departure,
                soc=self.soc,
                target_soc=self.stay.target_soc,
                battery_kwh=self.car.battery_kwh,
            )
            self.stay = None
            self.limit_kw = self.drawn_kw = 0.0
            self.recovery = None
        if self.stay is None and self._waiting and self._waiting[-1].arrival <= now:
            self.stay = self._waiting.pop()
            used_soc = self.stay.used_kwh / self.car.battery_kwh * FULL_SOC
            self.soc = max(0.0, self.soc - used_soc)
            self._known_soc = -FULL_SOC
            self.ready = False
        return left

    def tell_soc(self, now: datetime, noise_soc: float) -> None:
        """Let the car tell its state of charge: in whole %, and not quite right."""
        chance = random.Random(f"{self._seed}/{self.car.id}/{now}")  # noqa: S311 - no secret
        told = round((self.soc + chance.gauss(0, noise_soc)) / SOC_RESOLUTION) * SOC_RESOLUTION
        self._told_soc = min(FULL_SOC, max(0.0, told))
        # What was counted since tells more, as long as the two agree.
        if abs(self._told_soc - self._known_soc) >= SOC_RESOLUTION:
            self._known_soc = self._told_soc
        self._settle()

    def charge(self) -> float:
        """Let a minute pass; return the energy drawn, in kWh."""
        accepted = min(self.limit_kw * self.car.draws, self.car.accepts_kw(self.soc))
        room_kwh = (FULL_SOC - self.soc) / FULL_SOC * self.car.battery_kwh
        self.drawn_kw = min(accepted, room_kwh / self.car.efficiency / _MINUTE_H)
        drawn_kwh = self.drawn_kw * _MINUTE_H
        self.soc += drawn_kwh * self.car.efficiency / self.car.battery_kwh * FULL_SOC
        self._known_soc += drawn_kwh * self.efficiency / self.car.battery_kwh * FULL_SOC
        self._settle()
        return drawn_kwh

    def _settle(self) -> None:
        """Decide whether the car is ready; once it is, it is not started for a trifle."""
        if self.stay is None:
            return
        highest = max(self._known_soc, self._told_soc)
        missing = self.stay.target_soc - (self._known_soc if self.ready else highest)
        self.ready = is_ready(
            before=self.ready, missing_soc=missing, battery_kwh=self.car.battery_kwh
        )

    @property
    def needed_kwh(self) -> float:
        """Energy still wanted in the battery, as far as the site knows."""
        if self.stay is None or self.ready:
            return 0.0
        return max(0.0, self.stay.target_soc - self._known_soc) / FULL_SOC * self.car.battery_kwh

    def request(self, now: datetime) -> EV | None:
        """Return what is asked for the car, or None where nothing is."""
        if self.stay is None or self.ready:
            return None
        return EV(
            id=self.car.id,
            arrival=now,
            departure=self.stay.departure,
            energy_kwh=self.needed_kwh,
            max_power_kw=self.car.max_power_kw,
            min_power_kw=self.car.min_power_kw,
            power_step_kw=self.car.power_step_kw,
            efficiency=self.efficiency,
            phases=self.car.phases,
            taper=self.car.taper_from(self._known_soc, self.stay.target_soc),
            charging=self.drawn_kw > 0,
        )

    def urgency_h(self, now: datetime) -> float:
        """Return how little time the car has to spare, in hours below none."""
        if self.stay is None:
            return -math.inf
        needed_h = self.needed_kwh / self.efficiency / self.car.max_power_kw
        return needed_h - (self.stay.departure - now) / timedelta(hours=1)

    def share_of(self, phase: Phase | None) -> float:
        """Return what a phase, or None for all together, carries of each kW the car draws."""
        if phase is None:
            return 1.0
        return (phase in self.car.phases) / len(self.car.phases)
