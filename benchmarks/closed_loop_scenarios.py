"""Who lives where in the closed loop: a household with a few cars, and a garage with fifty.

All of it is random and the same at every run.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
import math

from custom_components.optivgi.scheduler import PHASES, Phase

from .closed_loop_prices import ZONE, dice, midnight
from .simulated_car import SimulatedCar, Stay
from .simulation import (
    MINUTE,
    Connection,
    DayAheadPrices,
    SimulatedSite,
)

VOLTAGE_KV = 0.23
FUSE_A = 25
SEED = 1


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A site over some days.

    Attributes:
        name: What it is called.
        cars: Who charges there.
        connection: What they hang on.
        start: The first midnight.
        days: How many days.
        plan_every: The time between two plans.
    """

    name: str
    cars: tuple[SimulatedCar, ...]
    connection: Connection
    start: datetime
    days: int
    plan_every: timedelta

    @property
    def end(self) -> datetime:
        """When the last car has left: whatever was charged by then was charged for a trip."""
        return max(stay.departure for car in self.cars for stay in car.stays)

    def site(self) -> SimulatedSite:
        """Return the site as it is at the start; the same each time."""
        return SimulatedSite(self.cars, self.connection, self.start, seed=SEED)


def household(prices: DayAheadPrices, first: date, days: int, cars: int) -> Scenario:
    """Return a house with 3 x 25 A and cars that are driven to work, or somewhere at weekends."""
    kinds = (_estate, _city_car, _van)
    return Scenario(
        name="household",
        cars=tuple(
            kinds[index % len(kinds)](index, tuple(_commuter(index, first, days)))
            for index in range(cars)
        ),
        connection=Connection(
            limit_kw=3 * FUSE_A * VOLTAGE_KV,
            phase_limit_kw=FUSE_A * VOLTAGE_KV,
            prices=prices,
            base_load_kw=_by_minute(_house_kw, midnight(first), days),
        ),
        start=midnight(first),
        days=days,
        plan_every=timedelta(minutes=5),
    )


def garage(prices: DayAheadPrices, first: date, days: int, cars: int) -> Scenario:
    """Return a garage whose connection carries 30 % of what its chargers can draw."""
    fleet = tuple(_garage_car(index, first, days) for index in range(cars))
    carries = 0.3 * sum(car.max_power_kw for car in fleet)
    base_kw = 0.1 * carries

    def building_kw(moment: datetime) -> float:
        return base_kw * (1 + 0.3 * dice(f"building/{moment}").uniform(-1, 1))

    return Scenario(
        name="garage",
        cars=fleet,
        connection=Connection(
            limit_kw=carries + base_kw,
            phase_limit_kw=(carries + base_kw) / 2.7,
            prices=prices,
            base_load_kw=_by_minute(building_kw, midnight(first), days),
        ),
        start=midnight(first),
        days=days,
        plan_every=timedelta(minutes=15),
    )


def _by_minute(
    load_kw: Callable[[datetime], float], start: datetime, days: int
) -> Callable[[datetime], float]:
    minutes = [load_kw(start + index * MINUTE) for index in range((days + 2) * 1440)]
    return lambda moment: minutes[min((moment - start) // MINUTE, len(minutes) - 1)]


def _house_kw(moment: datetime) -> float:
    """Return what a household draws: people cook, a heat pump cycles, the sauna is on Saturdays."""
    local = moment.astimezone(ZONE)
    hour = local.hour + local.minute / 60
    awake = min(1.0, _bump(hour, 7.2, 1.5) + _bump(hour, 19, 3) + 0.3 * _bump(hour, 13, 3.5))
    load = 0.25 + 0.7 * awake
    load += 2.4 * (_chance(moment, 20, "heat pump") < 0.45)
    load += 2.0 * (_chance(moment, 4, "kettle") < 0.12 * awake)
    load += 3.0 * (_chance(moment, 2, "hob") < 0.6) * _bump(hour, 18, 0.7)
    load += 2.0 * (_chance(moment, 45, "washing") < 0.15 * awake)
    sauna = local.weekday() == 5 and 19 <= hour < 20.5
    load += 6.0 * (sauna and _chance(moment, 3, "sauna") < 0.8)
    return load * _noise(moment)


def _bump(hour: float, at: float, width: float) -> float:
    distance = min(abs(hour - at), 24 - abs(hour - at))
    return math.exp(-((distance / width) ** 2))


def _chance(moment: datetime, minutes: int, what: str) -> float:
    """Return a number from 0 to 1 that stays for some minutes."""
    return dice(f"{what}/{moment.timestamp() // (60 * minutes)}").random()


def _noise(moment: datetime) -> float:
    return 1 + 0.05 * dice(f"noise/{moment}").uniform(-1, 1)


def _power(amperes: float, phases: int) -> float:
    return amperes * phases * VOLTAGE_KV


def _car(
    name: str, battery_kwh: float, max_a: float, phases: tuple[Phase, ...], stays: tuple[Stay, ...]
) -> SimulatedCar:
    """Return a car that charges a bit worse than anybody knows, at a whole-ampere charger."""
    return SimulatedCar(
        id=name,
        battery_kwh=battery_kwh,
        max_power_kw=_power(max_a, len(phases)),
        min_power_kw=_power(6, len(phases)),
        power_step_kw=_power(1, len(phases)),
        phases=phases,
        efficiency=0.88,
        believed_efficiency=0.9,
        draws=0.98,
        stays=stays,
    )


def _estate(index: int, stays: tuple[Stay, ...]) -> SimulatedCar:
    return _car(f"estate-{index}", 77, 16, PHASES, stays)


def _city_car(index: int, stays: tuple[Stay, ...]) -> SimulatedCar:
    return _car(f"city-{index}", 42, 20, (PHASES[index % 3],), stays)


def _van(index: int, stays: tuple[Stay, ...]) -> SimulatedCar:
    return _car(f"van-{index}", 60, 11, PHASES, stays)


def _at(day: date, hour: float) -> datetime:
    """Return a local time of day, in whole minutes, in UTC."""
    naive = datetime.combine(day, time()) + round(hour * 60) * MINUTE
    return naive.replace(tzinfo=ZONE).astimezone(UTC)


def _commuter(index: int, first: date, days: int) -> Iterator[Stay]:
    """Yield the stays at home of a car: nights, and days off."""
    rng = dice(f"commuter/{index}")
    scale = (1.0, 0.55, 0.8)[index % 3]
    came, used = _at(first, 0), scale * rng.uniform(5, 20)
    for offset in range(days):
        day = first + timedelta(days=offset)
        if day.weekday() < 5:
            leaves = rng.uniform(6.4, 8.3)
            returns = rng.choices((rng.uniform(15.8, 19.5), rng.uniform(21.5, 23.7)), (5, 1))[0]
            trip = scale * rng.uniform(6, 24)
        elif rng.random() < 0.65:
            leaves = rng.uniform(9, 13)
            returns = leaves + rng.uniform(1.5, 7)
            trip = scale * rng.uniform(4, 45)
        else:
            continue
        target = 100.0 if rng.random() < 0.1 else 80.0
        yield Stay(arrival=came, departure=_at(day, leaves), used_kwh=used, target_soc=target)
        came, used = _at(day, returns), trip


def _garage_car(index: int, first: date, days: int) -> SimulatedCar:
    """Return a car of somebody who works there by day, or lives there."""
    rng = dice(f"garage/{index}")
    works = rng.random() < 0.6
    stays = []
    for offset in range(days):
        day = first + timedelta(days=offset)
        if works:
            stay = _at(day, rng.uniform(6.7, 9.5)), _at(day, rng.uniform(15, 18))
        else:
            morning = day + timedelta(days=1)
            stay = _at(day, rng.uniform(16.5, 21)), _at(morning, rng.uniform(6, 8.5))
        used = rng.uniform(6, 24)
        stays.append(Stay(arrival=stay[0], departure=stay[1], used_kwh=used))
    three_phase = rng.random() < 0.6
    phases: tuple[Phase, ...] = PHASES if three_phase else (PHASES[index % 3],)
    return _car(
        f"car-{index:02}",
        rng.choice((42, 58, 77)),
        16 if three_phase else 32,
        phases,
        tuple(stays),
    )
