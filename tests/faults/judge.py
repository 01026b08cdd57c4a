"""A fault, or two at a time, in an evening's charging; and what must hold all the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
import logging
import math
from typing import Any, Final

import pytest

from tests.house import House

from .fault import AILING, SOUND, Fault
from .stand import PER_PHASE, Stand
from .world import SLOWEST_A, VOLT, Car, Charger, World

WIRINGS: Final[Mapping[str, Mapping[str, Any]]] = {
    "total": {},
    "phases": {**PER_PHASE, "power_entity": None},
    "both": PER_PHASE,
}
"""What of the meter the site is set up with."""
OVEN_A: Final = 6.0
"""What the house draws of each phase for a minute and a half while the fault holds."""
LONGEST_OVER_S: Final = 30.0
"""A fuse carries a third more for about a minute."""
BACK_WITHIN_S: Final = 330.0
"""After a load of minutes a charger waits for the next one before it gives its car more."""
FUSE_A: Final = 25.0
NEARLY_FULL_A: Final = 21.0
"""What all cars draw of that beside the house, when all is well: to a step of each."""


@dataclass
class Share:
    """What a sound car had to get in any case while a fault held, and what it got.

    Attributes:
        least_kwh: Its min power whenever there had been room for it for a while.
        before_kwh: What it had got until then.
    """

    before_kwh: float
    least_kwh: float = 0.0
    got_kwh: float = 0.0
    crowded_at: float = -math.inf


@dataclass
class Evening:
    """Cars charge as fast as they can; a fault comes and goes.

    Attributes:
        settles_s: After so long they do.
        oven_a: What the house draws more for a while.
        holds_s: So long the fault holds after that.
        back_within_s: After so long a charger counts on what it has room for.
        longest_over_s: No fuse carries more for longer than this.
        recovered_a: What they draw at least when all is well again; None for all there is.
        around: Loggers of what is around the integration, whose errors are the faults' own.
    """

    stand: Stand
    faults: Sequence[Fault]
    settles_s: float = 60.0
    oven_a: float = OVEN_A
    holds_s: float = 600.0
    back_within_s: float = BACK_WITHIN_S
    longest_over_s: float = LONGEST_OVER_S
    recovered_a: float | None = None
    around: frozenset[str] = frozenset()
    shares: dict[str, Share] = field(default_factory=dict)
    began: float = 0.0
    words: dict[str, set[str]] = field(default_factory=dict)
    issues: set[str] = field(default_factory=set)

    async def async_begin(self) -> None:
        """Let all cars charge."""
        stand, world = self.stand, self.stand.world
        await stand.async_set_up()
        for charger in world.chargers:
            charger.plugged = True
        await stand.async_step(3)
        for charger in world.chargers:
            await stand.async_mode(charger.name, "now")
        await stand.async_run(self.settles_s, 3)
        assert self.drawn_a > self.nearly_full_a, "they charge at first"
        stand.forget()

    async def async_suffer(self) -> None:
        """Let the faults hold for minutes; the house needs an oven in the second one."""
        stand, world = self.stand, self.stand.world
        self.began = world.now
        self.shares = {c.name: Share(c.delivered_kwh) for c in world.chargers if c.name != AILING}
        for fault in self.faults:
            await fault.async_begin(stand)
        await self._async_count(30, 3)
        world.house_kw = [kw + self.oven_a * VOLT for kw in world.house_kw]
        await self._async_count(60, 3)
        await self._async_count(30, 10)
        world.house_kw = [kw - self.oven_a * VOLT for kw in world.house_kw]
        await self._async_count(self.holds_s, 15)
        for name, share in self.shares.items():
            share.got_kwh = world[name].delivered_kwh - share.before_kwh
        self.words, self.issues = {n: set(said) for n, said in stand.said.items()}, stand.issues

    async def _async_count(self, seconds: float, step_s: float) -> None:
        """Let time pass, and count what sound cars could draw at least."""
        world = self.stand.world
        end = world.now + seconds - 1e-6
        while world.now < end:
            await self.stand.async_step(step_s)
            for name, share in self.shares.items():
                charger = world[name]
                others_a = max(
                    kw / VOLT - (charger.drawn_a if phase in charger.phases() else 0.0)
                    for phase, kw in enumerate(world.load_kw())
                )
                if others_a + SLOWEST_A + 1 > world.fuse_a:
                    share.crowded_at = world.now
                elif world.now - share.crowded_at > self.back_within_s:
                    share.least_kwh += SLOWEST_A * VOLT * 3 * step_s / 3600

    @property
    def drawn_a(self) -> float:
        """What all cars draw."""
        return sum(charger.drawn_a for charger in self.stand.world.chargers)

    @property
    def nearly_full_a(self) -> float:
        """What they draw at least when all is well: what there is, to a step of each."""
        return NEARLY_FULL_A + self.stand.world.fuse_a - FUSE_A

    async def async_mend(self) -> None:
        """Put all right, and give it until after the next plan."""
        stand = self.stand
        for fault in self.faults:
            await fault.async_end(stand)
        await stand.async_release()
        await stand.async_run(540, 15)

    # What must hold

    def judge(self, log: Sequence[logging.LogRecord]) -> None:
        """Assert it."""
        stand, world = self.stand, self.stand.world
        wrong = []
        if world.longest_over_s > self.longest_over_s:
            wrong.append(f"overload of {world.longest_over_s:.0f} s: {world.worst}")
        wrong += [
            f"{name} got {share.got_kwh:.2f} of {share.least_kwh:.2f} kWh"
            for name, share in self.shares.items()
            if share.got_kwh < 0.8 * share.least_kwh
        ]
        allowed = {AILING: min(f.writes for f in self.faults), **dict.fromkeys(self.shares, 12)}
        for name, most in allowed.items():
            if (count := stand.ours(name, self.began)) > most + 8:
                wrong.append(f"{count} commands to {name}: {self._sent_to(name)}")
        for fault in self.faults:
            said = self.words.get(fault.said_by, set())
            if fault.says and not said & fault.says:
                wrong.append(f"{fault.name}: {fault.said_by} says only {sorted(said)}")
            if fault.issue and not any(i.startswith(fault.issue) for i in self.issues):
                wrong.append(f"{fault.name}: only the issues {sorted(self.issues)}")
        recovers = all(fault.recovers for fault in self.faults)
        wanted_a = self.nearly_full_a if self.recovered_a is None else self.recovered_a
        if recovers and self.drawn_a < wanted_a:
            states = [stand.hass.states.get(f"sensor.{c.name}_status") for c in world.chargers]
            shown = [(s.state, s.attributes.get("reason")) for s in states if s is not None]
            wrong.append(f"afterwards they draw {self.drawn_a:.1f} A: {shown}")
        wrong += sorted(stand.complaints)
        wrong += [f"log: {text}" for text in errors(log, self.around)]
        assert not wrong, "\n".join(wrong)

    def _sent_to(self, name: str) -> str:
        return ", ".join(
            f"{w.at - self.began:.0f} s {w.service} {w.value or ''}"
            for w in self.stand.writes
            if w.charger == name and w.ours and w.at >= self.began
        )


def errors(log: Sequence[logging.LogRecord], around: frozenset[str] = frozenset()) -> list[str]:
    """Return what was logged as an error, or with a traceback."""
    return [
        f"{record.name}: {record.getMessage()}"
        for record in log
        if (record.levelno >= logging.ERROR and record.name not in around)
        or (record.exc_info and "optivgi" in record.name)
    ]


def world(*others: Charger) -> World:
    """Return two chargers, and others, on a connection that carries one and a half of two."""
    alpha = Charger(name=AILING, car=Car())
    bravo = Charger(
        name=SOUND,
        car=Car(),
        unit="W",
        minimum=0,
        maximum=11040,
        step=10,
        has_switch=False,
        limit=0,
    )
    return World([alpha, bravo, *others], fuse_a=FUSE_A + 12 * len(others))


async def async_judge(
    house: House,
    caplog: pytest.LogCaptureFixture,
    wiring: str,
    *faults: Fault,
    others: Sequence[Charger] = (),
    **cars: Any,
) -> Evening:
    """Live through an evening with faults, and assert what must hold."""
    there = world(*others)
    site = {**WIRINGS[wiring], "fuse_a": there.fuse_a}
    evening = Evening(Stand(house, there, site, of_car=cars), faults)
    await async_live_through(evening, caplog)
    return evening


async def async_live_through(evening: Evening, caplog: pytest.LogCaptureFixture) -> None:
    """Live through an evening, and assert what must hold."""
    caplog.set_level(logging.WARNING)
    try:
        await evening.async_begin()
        await evening.async_suffer()
        await evening.async_mend()
    finally:
        await evening.stand.async_release()
    evening.judge([*caplog.get_records("setup"), *caplog.get_records("call")])
