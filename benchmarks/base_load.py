"""How well the load of a house is foreseen: by its habits, and by the average of two hours.

    .venv/bin/python -m benchmarks.base_load

Houses are made up, minute by minute: people who rise, cook and wash by the day of the week, a
fridge, a heat pump that follows the weather, and a week's holiday. Each hour of the last three
weeks, the next 24 hours are foreseen from what was measured before, beyond the first half hour,
which is taken to go on as it is in either way.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import math
import random
from statistics import fmean
from zoneinfo import ZoneInfo

from homeassistant.util import dt as dt_util

from custom_components.optivgi.bindings.house.load import RunningAverage
from custom_components.optivgi.bindings.house.profile import LoadProfile

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
ZONE = ZoneInfo("Europe/Amsterdam")
# The clock is set back in the fourth week.
START = datetime(2026, 9, 27, 22, tzinfo=UTC)
WEEKS = 10
LEARNED = timedelta(weeks=6)
FORESEEN_FROM = START + timedelta(weeks=7)
AHEAD_H = 24


@dataclass(frozen=True)
class House:
    """A household; powers in kW.

    Attributes:
        name: What to call it.
        heat_pump_kw: The most it heats with; 0 for none.
        punctual_min: By how much its people are early or late.
        away: The week in which nobody is at home.
    """

    name: str
    heat_pump_kw: float
    punctual_min: float
    away: int | None = None


HOUSES = (
    House("a flat", 0.0, 20),
    House("a family", 0.0, 30),
    House("a family, a week away", 0.0, 30, away=5),
    House("a heat pump", 3.0, 30),
    House("people of no habits", 0.0, 240),
)


def _habits(
    house: House, local: datetime, dice: random.Random
) -> list[tuple[datetime, int, float]]:
    """Return what is switched on in a day: when, for how many minutes, and its power."""
    weekend = local.weekday() >= 5
    sunday = local.weekday() == 6
    planned = [
        (9.0 if weekend else 6.8, 25, 1.8),
        (12.5, 40, 1.5) if weekend else (7.2, 10, 1.0),
        (18.2 if not sunday else 12.8, 55, 2.8),
        (20.0, 150, 0.35),
        (21.5, 70, 1.1),
    ]
    if weekend or local.weekday() == 2:
        planned += [(10.5, 90, 1.3), (14.0, 80, 1.6)]
    late = dice.gauss
    return [
        (local + timedelta(minutes=60 * hour + late(0, house.punctual_min)), minutes, kw)
        for hour, minutes, kw in planned
        if dice.random() < 0.85
    ]


def minutes(house: House, seed: int) -> Iterator[tuple[datetime, float]]:
    """Yield what a house draws in each minute."""
    dice = random.Random(seed)  # noqa: S311
    running: list[tuple[datetime, datetime, float]] = []
    cold = 0.0
    for index in range(WEEKS * 7 * 24 * 60):
        moment = START + index * MINUTE
        local = moment.astimezone(ZONE)
        away = house.away is not None and index // (7 * 24 * 60) == house.away
        if (local.hour, local.minute) == (0, 0):
            cold = 0.8 * cold + dice.gauss(0, 0.15)
            started = [] if away else _habits(house, local, dice)
            running += [
                (begin, begin + timedelta(minutes=length), kw) for begin, length, kw in started
            ]
            running = [use for use in running if use[1] > local]
        fridge = 0.12 if index % 50 < 20 else 0.02
        # Colder by the day, by the weather and by night
        part = 0.35 + 0.01 * index / 1440 + cold + 0.2 * math.cos((local.hour - 4) * math.pi / 12)
        heating = house.heat_pump_kw * min(1.0, max(0.0, part))
        used = sum(kw for begin, end, kw in running if begin <= local < end)
        yield moment, 0.15 + fridge + heating + used


@dataclass
class Errors:
    """How far expectations were off, in kW."""

    habits: list[float]
    recent: list[float]


def measure(house: House, seed: int) -> Errors:
    """Foresee a house hour by hour, both ways."""
    sums: dict[datetime, float] = {}
    recent = RunningAverage(timedelta(hours=2))
    at_hour: dict[datetime, float] = {}
    for moment, kw in minutes(house, seed):
        recent.take(kw, moment)
        hour = moment.replace(minute=0)
        sums[hour] = sums.get(hour, 0.0) + kw / 60
        if moment == hour and recent.value is not None:
            at_hour[hour] = recent.value
    errors = Errors([], [])
    for now in [hour for hour in sums if hour >= FORESEEN_FROM]:
        known: Mapping[datetime, float] = {
            h: kw for h, kw in sums.items() if now - LEARNED <= h < now
        }
        if (profile := LoadProfile.of(known)) is None:
            continue
        for start in (now + n * HOUR for n in range(1, AHEAD_H + 1)):
            if (real := sums.get(start)) is not None:
                errors.habits.append(profile.mean_kw(start, start + HOUR) - real)
                errors.recent.append(at_hour[now] - real)
    return errors


def main() -> None:
    """Print the mean absolute error of both ways, for each house."""
    dt_util.set_default_time_zone(ZONE)
    print("| House | Average of two hours | Same hours of six weeks | Better by |")
    print("|---|--:|--:|--:|")
    for house in HOUSES:
        runs = [measure(house, seed) for seed in range(3)]
        recent = fmean(abs(error) for run in runs for error in run.recent)
        habits = fmean(abs(error) for run in runs for error in run.habits)
        print(f"| {house.name} | {recent:.2f} kW | {habits:.2f} kW | {1 - habits / recent:.0%} |")


if __name__ == "__main__":
    main()
