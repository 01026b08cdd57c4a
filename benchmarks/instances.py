"""Problems to measure with, the same at every run.

Layouts:
    home: a household with a 17.25 kW connection (3 x 25 A at 230 V), 7 kWp of PV and cars that
        are there all the time, which is the hardest case.
    garage: cars that come and go, each there some 40 % of the time; a limit of 30 % of what all
        chargers together could draw, limits per phase, and no PV.
    dense: a garage where every car is there all the time.
    over: a garage where the cars ask for 115 % of what the wires can deliver, though each of them
        could get what it asks for were it alone.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
import math
import random
from typing import Literal

from custom_components.optivgi.scheduler import EV, PHASES, GridConnection, Horizon, Phase, Problem

from .shares import oversubscribe

type Layout = Literal["home", "garage", "dense", "over"]

START = datetime(2026, 11, 21, 16, tzinfo=UTC)
START_COST = 0.02
VOLTAGE_KV = 0.23
PRICE_MIN = 15
"""Day-ahead prices hold for so many minutes."""
OVERSUBSCRIPTION = 1.15
"""Energy asked for, over what can be delivered, where there is too little."""


@dataclass(frozen=True)
class Case:
    """A kind of problem.

    Attributes:
        name: Layout, number of cars and number of steps.
        cars: Number of cars.
        steps: Number of steps.
        layout: Where the cars are; see above.
        step_min: Minutes of a step.
        problems: How many problems of this kind are measured; few where one takes long.
    """

    name: str
    cars: int
    steps: int
    layout: Layout
    step_min: int = 15
    problems: int = 3

    @property
    def step_h(self) -> float:
        """Length of a step, in hours."""
        return self.step_min / 60


CASES = (
    *(
        Case(f"home-{cars}-{steps}", cars, steps, "home", problems=5)
        for steps in (96, 192)
        for cars in (1, 2, 4)
    ),
    Case("garage-10-96", 10, 96, "garage", problems=5),
    Case("garage-50-96", 50, 96, "garage"),
    Case("garage-100-96", 100, 96, "garage"),
    Case("garage-200-96", 200, 96, "garage", problems=2),
    Case("garage-500-96", 500, 96, "garage", problems=1),
    Case("garage-1000-96", 1000, 96, "garage", problems=1),
    Case("dense-100-96", 100, 96, "dense", problems=2),
    Case("dense-500-96", 500, 96, "dense", problems=1),
    Case("over-100-96", 100, 96, "over", problems=2),
    Case("over-500-96", 500, 96, "over", problems=1),
    Case("minute-50-480", 50, 480, "garage", step_min=1, problems=2),
)


def case_named(name: str) -> Case:
    """Return the case of that name."""
    return next(case for case in CASES if case.name == name)


def make(case: Case, *, start_cost: bool, seed: int = 1) -> Problem:
    """Return a case's problem; the same for the same arguments."""
    problem = _problem(case, seed)
    return replace(problem, start_cost=START_COST) if start_cost else problem


@cache
def _problem(case: Case, seed: int) -> Problem:
    """Return a problem where starts are free."""
    rng = random.Random(f"{case.name}/{seed}")  # noqa: S311 - reproducible, not secret
    prices = _prices(case, rng)
    cars = tuple(_car(case, index, rng) for index in range(case.cars))
    problem = Problem(
        horizon=Horizon(start=START, step_h=(case.step_h,) * case.steps),
        site=_household(case, prices, rng) if case.layout == "home" else _garage(prices, cars),
        evs=cars,
    )
    if case.layout == "over":
        return oversubscribe(problem, OVERSUBSCRIPTION)
    return problem


def _hours(case: Case) -> list[float]:
    """Return the hour of the day at which each step begins."""
    return [(START.hour + index * case.step_h) % 24 for index in range(case.steps)]


def _prices(case: Case, rng: random.Random) -> tuple[float, ...]:
    """Return day-ahead prices: two peaks a day, and noise from one price to the next."""
    prices: list[float] = []
    for index, hour in enumerate(_hours(case)):
        if index * case.step_min % PRICE_MIN:
            prices.append(prices[-1])
            continue
        prices.append(
            0.22
            + 0.06 * math.sin((hour - 13) / 24 * 4 * math.pi)
            + 0.05 * math.sin((hour - 15) / 24 * 2 * math.pi)
            + rng.gauss(0, 0.012)
        )
    return tuple(prices)


def _household(case: Case, prices: tuple[float, ...], rng: random.Random) -> GridConnection:
    hours = _hours(case)
    base = tuple(
        0.4 + 0.8 * math.exp(-(((hour - 19) / 2) ** 2)) + rng.expovariate(5) for hour in hours
    )
    pv = tuple(
        7 * max(0.0, math.sin((hour - 6) / 12 * math.pi)) * rng.uniform(0.5, 1)
        if 6 < hour < 18
        else 0.0
        for hour in hours
    )
    return GridConnection(
        limit_kw=(75 * VOLTAGE_KV,) * case.steps,
        import_price=prices,
        export_price=(0.07,) * case.steps,
        base_load_kw=base,
        pv_kw=pv,
        phase_limit_kw=((25 * VOLTAGE_KV,) * case.steps,),
    )


def _garage(prices: tuple[float, ...], cars: tuple[EV, ...]) -> GridConnection:
    steps = len(prices)
    limit = 0.3 * sum(car.max_power_kw for car in cars)
    return GridConnection(
        limit_kw=(limit,) * steps,
        import_price=prices,
        phase_limit_kw=((limit / 2.7,) * steps,),
    )


def _car(case: Case, index: int, rng: random.Random) -> EV:
    home = case.layout == "home"
    three_phase = index % 2 == 0
    phases: tuple[Phase, ...] = PHASES if three_phase else (PHASES[(index // 2) % 3],)
    minimum = 6 * VOLTAGE_KV * len(phases)
    maximum = 16 * VOLTAGE_KV * 3 if three_phase else (20 if home else 32) * VOLTAGE_KV
    arrival, departure = 0, case.steps
    if case.layout in {"garage", "over"}:
        arrival = rng.randrange(case.steps // 2)
        stay = rng.randrange(case.steps // 6, case.steps * 2 // 3)
        departure = min(case.steps, arrival + stay)
    stay_h = (departure - arrival) * case.step_h
    energy = rng.uniform(15, 45) if three_phase else rng.uniform(10, 25)
    # What is wanted on a shorter horizon is less, so that there is enough for everybody.
    energy = min(energy * min(1.0, case.steps * case.step_h / 24), 0.6 * maximum * stay_h)
    return EV(
        id=f"car-{index}",
        arrival=START + timedelta(hours=arrival * case.step_h),
        departure=START + timedelta(hours=departure * case.step_h),
        energy_kwh=energy,
        max_power_kw=maximum,
        min_power_kw=minimum,
        efficiency=0.9,
        phases=phases,
    )
