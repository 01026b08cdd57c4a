"""The world outside: house, meter, chargers and cars, with physics of its own.

Nothing here is imported from the integration, so that neither shares an assumption with the other.
Powers are in kW, currents in A, times in seconds since the first afternoon, 16:00.
"""

from collections import deque
from dataclasses import dataclass, field
import math
import random
from typing import Final

VOLT: Final = 0.23
"""kV between a phase and neutral."""
HOUR: Final = 3600.0
DAY: Final = 24 * HOUR
AFTERNOON: Final = 16
"""The local hour at which the world begins."""
SLOWEST_A: Final = 6.0
"""No car charges at less (IEC 61851-1)."""


@dataclass(kw_only=True)
class Car:
    """A car, its battery, and what its converter does.

    Attributes:
        battery_kwh: What the battery holds in truth.
        phases: How many it charges from.
        max_a: What its converter takes of each.
        efficiency: Into the battery per drawn.
        tapers_from: Above this state of charge in % it takes less and less.
        reports_each_s: How often it tells its state of charge.
        starts_after_s: How long it takes to begin.
        soc: Its state of charge in %.
        target_soc: What its owner wants in the morning.
        leaves_at: The hour of its departure.
        trips_kwh: What it uses each day.
        comes_at: The hour at which it comes, each day.
    """

    name: str
    battery_kwh: float
    phases: int
    max_a: float
    efficiency: float
    tapers_from: float
    reports_each_s: float
    starts_after_s: float
    soc: float
    target_soc: float
    leaves_at: float
    trips_kwh: list[float]
    comes_at: list[float]

    def takes_a(self, limit_a: float) -> float:
        """Return what it takes of each of its phases at a limit."""
        if limit_a < SLOWEST_A - 0.01 or self.soc >= 100:
            return 0.0
        most_a = self.max_a
        if self.soc > self.tapers_from:
            left = (100 - self.soc) / (100 - self.tapers_from)
            most_a *= 0.15 + 0.85 * left
        return min(limit_a, most_a)


@dataclass(kw_only=True)
class Box:
    """A charger: what it was commanded, what it shows, what it gives.

    Attributes:
        max_a: What it can give.
        first_phase: On which phase of the house its first one is connected.
        follows_after_s: How long a command takes to reach the car.
        shows_after_s: And to show at its entities.
        power_each_s: How often its meter reports; 0 where it has none.
    """

    name: str
    car: Car
    max_a: float
    first_phase: int
    follows_after_s: float
    shows_after_s: float
    power_each_s: float
    limit_a: float = 6.0
    is_on: bool = False
    shown: tuple[float, bool] = (6.0, False)
    plugged: bool = False
    drawn_a: float = 0.0
    delivered_kwh: float = 0.0
    _allows: deque[tuple[float, float]] = field(default_factory=deque)
    _shows: deque[tuple[float, float, bool]] = field(default_factory=deque)
    _allowed_a: float = 0.0
    _starts_at: float | None = None
    commands: list[float] = field(default_factory=list)
    increases: list[float] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)

    def command(self, now: float, *, limit_a: float | None = None, on: bool | None = None) -> None:
        """Take a command over its interface."""
        before = self.limit_a if self.is_on else 0.0
        if limit_a is not None:
            self.limit_a = float(int(limit_a))
        if on is not None:
            self.is_on = on
        after = self.limit_a if self.is_on else 0.0
        self.commands.append(now)
        if after != before:
            self.increases.append(now)
        self._allows.append((now + self.follows_after_s, after))
        self._shows.append((now + self.shows_after_s, self.limit_a, self.is_on))

    def move(self, now: float, seconds: float) -> None:
        """Let time pass: commands arrive, the battery fills."""
        while self._allows and self._allows[0][0] <= now:
            self._allowed_a = self._allows.popleft()[1]
        while self._shows and self._shows[0][0] <= now:
            _, limit_a, is_on = self._shows.popleft()
            self.shown = limit_a, is_on
        wants_a = self.car.takes_a(self._allowed_a) if self.plugged else 0.0
        if not wants_a:
            self._starts_at = None
            self.drawn_a = 0.0
            return
        if self.drawn_a == 0.0:
            if self._starts_at is None:
                self._starts_at = now + self.car.starts_after_s
            if now < self._starts_at:
                return
            self.starts.append(now)
        # A converter follows a lower limit within seconds, a higher one in half a minute.
        step_a = 2.0 * seconds if wants_a < self.drawn_a else 1.0 * seconds
        self.drawn_a += max(-step_a, min(step_a, wants_a - self.drawn_a))
        self.drawn_a = max(self.drawn_a, min(SLOWEST_A, wants_a))
        kwh = self.power_kw * seconds / HOUR
        self.delivered_kwh += kwh
        stored_kwh = kwh * self.car.efficiency
        self.car.soc = min(100.0, self.car.soc + 100 * stored_kwh / self.car.battery_kwh)

    @property
    def power_kw(self) -> float:
        """What its car draws."""
        return self.drawn_a * VOLT * self.car.phases

    def phase_a(self) -> list[float]:
        """Return what it draws of each phase of the house."""
        currents = [0.0, 0.0, 0.0]
        for phase in range(self.car.phases):
            currents[(self.first_phase + phase) % 3] = self.drawn_a
        return currents

    @property
    def status(self) -> str:
        """What its status entity says."""
        if not self.plugged:
            return "Available"
        if self.drawn_a:
            return "Charging"
        return "SuspendedEV" if self._allowed_a >= SLOWEST_A else "SuspendedEVSE"


def _waver_kw(now: float, phase: int) -> float:
    """Return by how much what a house draws wavers: no meter shows the same watts all night."""
    return 0.003 * (math.sin(now / 37 + phase) + math.sin(now / 101 + 2 * phase))


@dataclass(frozen=True)
class Appliance:
    """Something that draws for a while, from one phase or from all (None)."""

    begin: float
    end: float
    kw: float
    phase: int | None


@dataclass(kw_only=True)
class House:
    """The house and its meter.

    Attributes:
        fuse_a: What each phase carries.
        base_kw: What it draws all the time, of each phase.
        appliances: What else it draws.
        meter_each_s: How often the meter reports.
        per_phase: It reports each phase.
        said_even: Its owner says that it draws the same from each.
        outages: When the meter reports nothing.
    """

    fuse_a: float
    base_kw: tuple[float, float, float]
    appliances: list[Appliance]
    meter_each_s: float
    per_phase: bool
    outages: list[tuple[float, float]]
    said_even: bool = False

    def phase_kw(self, now: float) -> list[float]:
        """Return what it draws of each phase."""
        load = [kw + _waver_kw(now, phase) for phase, kw in enumerate(self.base_kw)]
        for one in self.appliances:
            if one.begin <= now < one.end:
                for phase in range(3) if one.phase is None else (one.phase,):
                    load[phase] += one.kw / (3 if one.phase is None else 1)
        return load

    def moved(self, now: float, within: float) -> bool:
        """Return whether something was switched within some seconds."""
        switched = (moment for one in self.appliances for moment in (one.begin, one.end))
        return any(now - within <= moment <= now for moment in switched)

    def meter_is_out(self, now: float) -> bool:
        """Return whether the meter cannot be reached."""
        return any(begin <= now < end for begin, end in self.outages)


@dataclass(kw_only=True)
class Home:
    """A house with chargers and cars, some days long."""

    seed: int
    nights: int
    house: House
    boxes: list[Box]
    prices: list[float]
    """By hour from the first midnight on."""


def _appliances(draw: random.Random, days: int, rich: float) -> list[Appliance]:
    """Return kettles, ovens, showers and a heat pump."""
    found = []
    for day in range(-1, days + 1):
        start = day * DAY - AFTERNOON * HOUR
        for hour, minutes, kw, chance in (
            (7, 4, 2.0, 0.9),
            (12, 5, 2.0, 0.5),
            (17.8, 45, 2.5, 0.7),
            (18.5, 5, 2.0, 0.9),
            (19.5, 90, 2.2, 0.5),
            (20.5, 60, 2.0, 0.4),
            (22, 4, 2.0, 0.4),
        ):
            if draw.random() < chance:
                begin = start + (hour + draw.gauss(0, 0.6)) * HOUR
                found.append(Appliance(begin, begin + minutes * 60, kw * rich, draw.randrange(3)))
        cycle = draw.uniform(1500, 4500)
        kw, phase = draw.uniform(1.5, 3.5) * rich, draw.choice([0, 1, 2, None])
        if draw.random() < 0.5:
            moment = start
            while moment < start + DAY:
                found.append(Appliance(moment, moment + cycle * draw.uniform(0.2, 0.5), kw, phase))
                moment += cycle
    return found


def _car(draw: random.Random, index: int, nights: int) -> Car:
    phases = draw.choices([1, 2, 3], [0.3, 0.1, 0.6])[0]
    battery = draw.uniform(30, 90)
    return Car(
        name=f"car_{index}",
        battery_kwh=battery,
        phases=phases,
        max_a=draw.choice([16, 16, 32] if phases < 3 else [10, 16, 16, 16]),
        efficiency=draw.uniform(0.85, 0.93),
        tapers_from=draw.uniform(78, 95),
        reports_each_s=draw.choice([60, 300, 900, 1800]),
        starts_after_s=draw.uniform(2, 25),
        soc=draw.uniform(20, 60),
        target_soc=draw.choice([70, 80, 80, 80, 90, 100]),
        leaves_at=draw.uniform(6, 9),
        trips_kwh=[min(0.5 * battery, draw.uniform(5, 30)) for _ in range(nights)],
        comes_at=[draw.uniform(16.2, 21) for _ in range(nights)],
    )


def make_home(seed: int, nights: int) -> Home:
    """Return a home: one or two cars, a large house with three, or a shared garage."""
    draw = random.Random(seed)  # noqa: S311 - the same each time
    count = draw.choices([1, 2, 3, 6], [0.35, 0.35, 0.15, 0.15])[0]
    fuse = {1: [16, 20, 25], 2: [20, 25, 35], 3: [25, 35], 6: [35, 50, 63]}[count]
    boxes = [
        Box(
            name=f"box_{index}",
            car=_car(draw, index, nights),
            max_a=draw.choice([16, 16, 16, 32]),
            first_phase=draw.randrange(3),
            follows_after_s=draw.uniform(1, 12),
            shows_after_s=draw.uniform(0.5, 8),
            power_each_s=draw.choices([5, 10, 30, 60, 0], [0.2, 0.3, 0.2, 0.2, 0.1])[0],
        )
        for index in range(count)
    ]
    outages = []
    if draw.random() < 0.3:
        begin = draw.uniform(2, 24 * nights - 10) * HOUR
        outages.append((begin, begin + draw.choice([20, 90, 600, 1800])))
    prices = []
    for _ in range(nights + 2):
        level, swing = draw.uniform(0.12, 0.35), draw.uniform(0.02, 0.12)
        shape = [-1, -1, -1, -1, -0.9, -0.5, 0.2, 0.9, 1, 0.5, 0, -0.3]
        shape += [-0.5, -0.5, -0.3, 0.1, 0.6, 1.2, 1.4, 1.2, 0.7, 0.2, -0.3, -0.7]
        prices += [round(level + swing * one + draw.gauss(0, 0.01), 4) for one in shape]
    return Home(
        seed=seed,
        nights=nights,
        house=House(
            fuse_a=float(draw.choice(fuse)),
            base_kw=(draw.uniform(0.05, 0.4), draw.uniform(0.05, 0.3), draw.uniform(0.02, 0.3)),
            appliances=_appliances(draw, nights, 0.6 if count > 3 else 1.0),
            meter_each_s=draw.choice([10, 10, 30, 60]),
            per_phase=draw.random() < 0.6,
            outages=outages,
        ),
        boxes=boxes,
        prices=prices,
    )
