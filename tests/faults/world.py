"""The world outside: wires, house, meter, chargers and cars, each of which can be broken.

Nothing of the integration is imported here, nor of Home Assistant, so that no assumption is
shared. Powers are in kW, currents in A of each phase, times in seconds since the world began.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
import math
import random
from typing import Final

VOLT: Final = 0.23
"""kV between a phase and neutral."""
SLOWEST_A: Final = 6.0
"""No car charges at less (IEC 61851-1)."""
SEEN_WITHIN_S: Final = 30.0
"""A meter that reports less often sees a rise when it is too late."""
MEMORY_S: Final = 120.0
"""What was further back is asked for by nobody."""


@dataclass
class History[T]:
    """What something was, and since when."""

    values: deque[tuple[float, T]] = field(default_factory=deque)

    def note(self, now: float, value: T) -> None:
        """Note what it is from now on."""
        self.values.append((now, value))
        while len(self.values) > 1 and self.values[1][0] <= now - MEMORY_S:
            self.values.popleft()

    def at(self, moment: float) -> T:
        """Return what it was at a moment, as far back as is known."""
        found = self.values[0][1]
        for since, value in self.values:
            if since > moment:
                break
            found = value
        return found


@dataclass(kw_only=True)
class Car:
    """A car: its battery, its converter, its moods.

    Attributes:
        phases: How many it charges from.
        max_a: What its converter takes of each.
        tapers_from: Above this state of charge in % it takes less and less.
        wants: It takes what it may.
        sleeps_at_zero: Once stopped it begins again only after a command that wakes it.
    """

    battery_kwh: float = 60.0
    soc: float = 30.0
    phases: int = 3
    max_a: float = 16.0
    tapers_from: float = 95.0
    efficiency: float = 0.9
    wants: bool = True
    sleeps_at_zero: bool = False
    asleep: bool = False

    def takes_a(self, allowed_a: float) -> float:
        """Return what it takes of each of its phases at a limit."""
        if not self.wants or self.asleep or allowed_a < SLOWEST_A - 0.01 or self.soc >= 100:
            return 0.0
        most_a = self.max_a
        if self.soc > self.tapers_from:
            most_a *= max(0.1, (100 - self.soc) / (100 - self.tapers_from))
        return min(allowed_a, most_a)


@dataclass(kw_only=True)
class Charger:
    """A charger: what it holds, what it shows, what it gives; and how it may be broken.

    Attributes:
        unit: Of its limit, A or W.
        has_switch: It is started and stopped by a switch; else by a limit of 0.
        first_phase: The phase of the house that its first one is connected to.
        follows_s: So long after a command it obeys.
        shows_s: So long after a command its entities show it.
        refuses: It takes no command.
        hangs_s: It answers so late.
        deaf_to_limit: It takes a limit and keeps the one it has.
        deaf_to_switch: It takes what its switch is shown and keeps on.
        leaks: It shows what it was shown, and gives its car all that is there.
        away: Its entities are unavailable.
        taken_over: Somebody else commands it.
        steps_a: It gives only these currents, the next lower one of what it is commanded.
        word: What its status says, whatever is.
        limit_says: What its limit shows, whatever is.
        power_says: What its power sensor makes of the truth; None where it says nothing.
    """

    name: str
    car: Car
    unit: str = "A"
    minimum: float = 6.0
    maximum: float = 16.0
    step: float = 1.0
    has_switch: bool = True
    first_phase: int = 0
    follows_s: float = 2.0
    shows_s: float = 1.0
    limit: float = 16.0
    is_on: bool = False
    plugged: bool = False
    refuses: Exception | None = None
    hangs_s: float = 0.0
    deaf_to_limit: bool = False
    deaf_to_switch: bool = False
    leaks: bool = False
    away: bool = False
    taken_over: bool = False
    steps_a: tuple[float, ...] = ()
    word: str | None = None
    limit_says: str | None = None
    power_says: Callable[[float], str | float | None] | None = None
    drawn_a: float = 0.0
    delivered_kwh: float = 0.0
    shown: tuple[float, bool] = (16.0, False)
    _truth: deque[tuple[float, float, bool]] = field(default_factory=deque)
    _shows: deque[tuple[float, float, bool]] = field(default_factory=deque)

    @property
    def disobeys(self) -> bool:
        """Whether commands do not change what it gives."""
        broken = self.deaf_to_limit or self.deaf_to_switch or self.leaks
        broken = broken or self.away or self.taken_over
        return broken or self.refuses is not None or self.hangs_s > 0

    @property
    def allowed_a(self) -> float:
        """What its car may draw of each phase."""
        if self.leaks:
            return self.maximum if self.unit == "A" else self.maximum / 1000 / VOLT / 3
        if self.has_switch and not self.is_on:
            return 0.0
        return self.limit if self.unit == "A" else self.limit / 1000 / VOLT / 3

    @property
    def power_kw(self) -> float:
        """What its car draws."""
        return self.drawn_a * VOLT * self.car.phases

    @property
    def held(self) -> tuple[float, bool]:
        """What it has taken last, in force or not."""
        return self._truth[-1][1:] if self._truth else (self.limit, self.is_on)

    def command(self, now: float, *, limit: float | None = None, on: bool | None = None) -> None:
        """Take a command."""
        before_limit, before_on = self.held
        if limit is not None and not self.deaf_to_limit:
            before_limit = math.floor(limit / self.step + 1e-6) * self.step
            before_limit = max((a for a in self.steps_a if a <= limit), default=before_limit)
        if on is not None and not self.deaf_to_switch:
            if on and not before_on:
                self.car.asleep = False
            before_on = on
        self._truth.append((now + self.follows_s, before_limit, before_on))
        self._shows.append((now + self.shows_s, before_limit, before_on))

    def phases(self) -> list[int]:
        """Return the phases of the house that its car draws from."""
        return [(self.first_phase + index) % 3 for index in range(self.car.phases)]

    def move(self, now: float, seconds: float) -> None:
        """Let time pass."""
        while self._truth and self._truth[0][0] <= now:
            _, self.limit, self.is_on = self._truth.popleft()
        while self._shows and self._shows[0][0] <= now:
            self.shown = self._shows.popleft()[1:]
        wants_a = self.car.takes_a(self.allowed_a) if self.plugged else 0.0
        if self.drawn_a and not wants_a and self.car.sleeps_at_zero:
            self.car.asleep = True
        # A converter follows a lower limit at once, a higher one by an ampere a second.
        self.drawn_a = min(wants_a, max(self.drawn_a, SLOWEST_A) + seconds) if wants_a else 0.0
        kwh = self.power_kw * seconds / 3600
        self.delivered_kwh += kwh
        self.car.soc = min(
            100.0, self.car.soc + 100 * kwh * self.car.efficiency / self.car.battery_kwh
        )


@dataclass
class Meter:
    """What counts at the connection, each phase and all; and how it may be broken.

    Attributes:
        every_s: How often it reports.
        late_s: How old is what it reports.
        silent: It reports nothing at all.
        says: What it makes of the truth, in W, by sensor (0 to 2 are the phases, 3 is all); a
            number, a word, or None to report nothing.
        stuck: It reports what it reported last, again and again.
        off_w: So far beside the truth each report may be, to either side, in W,
        off_part: and as a part of it.
    """

    every_s: float = 3.0
    late_s: float = 0.0
    silent: bool = False
    says: Callable[[int, float], str | float | None] | None = None
    stuck: bool = False
    off_w: float = 0.0
    off_part: float = 0.0
    reported_at: float = -math.inf
    reported_w: tuple[float, ...] = ()
    _chance: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311

    def report_w(self, now: float, true_w: Iterable[float]) -> tuple[float, ...]:
        """Return what it shows of the truth; what it says instead is not its business."""
        if not (self.stuck and self.reported_w):
            # No two reports of a meter are alike.
            self.reported_w = tuple(self._beside(w) + (now % 7) / 10 for w in true_w)
        self.reported_at = now
        return self.reported_w

    def _beside(self, watts: float) -> float:
        """Return what a report is off."""
        off = self._chance.uniform(-1, 1)
        return watts * (1 + off * self.off_part) + off * self.off_w


@dataclass
class World:
    """All of it.

    Attributes:
        fuse_a: What each phase carries.
        house_kw: What the house draws of each phase.
    """

    chargers: list[Charger]
    fuse_a: float = 25.0
    house_kw: list[float] = field(default_factory=lambda: [0.2, 0.2, 0.2])
    meter: Meter = field(default_factory=Meter)
    now: float = 0.0
    over_s: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    longest_over_s: float = 0.0
    worst: str = ""
    _loads: History[tuple[float, ...]] = field(default_factory=History)

    def __post_init__(self) -> None:
        """Begin."""
        self._loads.note(self.now, self.load_kw())

    def __getitem__(self, name: str) -> Charger:
        """Return a charger by its name."""
        return next(charger for charger in self.chargers if charger.name == name)

    def load_kw(self) -> tuple[float, ...]:
        """Return what is drawn of each phase."""
        load = list(self.house_kw)
        for charger in self.chargers:
            for phase in charger.phases():
                load[phase] += charger.drawn_a * VOLT
        return tuple(load)

    def move(self, seconds: float) -> None:
        """Let time pass, in steps in which nothing of importance happens twice."""
        left = seconds
        while left > 0:
            part = min(left, 1.0)
            left -= part
            self.now += part
            for charger in self.chargers:
                charger.move(self.now, part)
            self._loads.note(self.now, self.load_kw())
            self._watch_fuse(part)

    def metered_w(self) -> list[float]:
        """Return what a sound meter would report now: each phase, and all."""
        phases = [1000 * kw for kw in self._loads.at(self.now - self.meter.late_s)]
        return [*phases, math.fsum(phases)]

    def _watch_fuse(self, seconds: float) -> None:
        """Note for how long more flows than the fuses carry, and somebody could give way."""
        for phase, kw in enumerate(self.load_kw()):
            over = kw > self.fuse_a * VOLT + 0.05 and self._could_give_way(phase)
            self.over_s[phase] = self.over_s[phase] + seconds if over else 0.0
            if self.over_s[phase] > self.longest_over_s:
                self.longest_over_s = self.over_s[phase]
                drawn = ", ".join(f"{c.name} {c.drawn_a:.1f} A" for c in self.chargers)
                self.worst = (
                    f"L{phase + 1} {kw / VOLT:.1f} A at {self.now:.0f} s "
                    f"(house {self.house_kw[phase] / VOLT:.1f} A, {drawn})"
                )

    @property
    def is_blind(self) -> bool:
        """Whether what the house draws cannot be known."""
        meter = self.meter
        lies = meter.says is not None or meter.stuck
        return meter.silent or lies or meter.every_s > SEEN_WITHIN_S

    def _could_give_way(self, phase: int) -> bool:
        """Return whether something that obeys draws more of a phase than it may in any case.

        Cars keep their min current where nobody can know what is free.
        """
        keeps_a = SLOWEST_A + 0.2 if self.is_blind else 0.1
        return any(
            phase in charger.phases() and charger.drawn_a > keeps_a
            for charger in self.chargers
            if not charger.disobeys
        )
