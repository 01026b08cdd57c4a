"""A fault, or two at a time, in an evening's charging; and what must hold all the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
import logging
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
NEARLY_FULL_A: Final = 21.0
"""What both cars draw of 25 A beside the house, when all is well: to a step of each."""


@dataclass
class Evening:
    """Two cars charge as fast as they can; a fault comes and goes.

    Attributes:
        least_kwh: What the sound car had to get in any case while the fault held: its min power
            whenever there had been room for it for a while.
    """

    stand: Stand
    faults: Sequence[Fault]
    least_kwh: float = 0.0
    got_kwh: float = 0.0
    crowded_at: float = -BACK_WITHIN_S
    began: float = 0.0
    words: dict[str, set[str]] = field(default_factory=dict)
    issues: set[str] = field(default_factory=set)

    async def async_begin(self) -> None:
        """Let both cars charge."""
        stand, world = self.stand, self.stand.world
        await stand.async_set_up()
        for charger in world.chargers:
            charger.plugged = True
        await stand.async_step(3)
        for charger in world.chargers:
            await stand.async_mode(charger.name, "now")
        await stand.async_run(60, 3)
        assert sum(c.drawn_a for c in world.chargers) > NEARLY_FULL_A, "they charge at first"
        stand.forget()

    async def async_suffer(self) -> None:
        """Let the faults hold for twelve minutes; the house needs an oven in the second one."""
        stand, world = self.stand, self.stand.world
        self.began, before = world.now, world[SOUND].delivered_kwh
        for fault in self.faults:
            await fault.async_begin(stand)
        await self._async_count(30, 3)
        world.house_kw = [kw + OVEN_A * VOLT for kw in world.house_kw]
        await self._async_count(60, 3)
        await self._async_count(30, 10)
        world.house_kw = [kw - OVEN_A * VOLT for kw in world.house_kw]
        await self._async_count(600, 15)
        self.got_kwh = world[SOUND].delivered_kwh - before
        self.words, self.issues = {n: set(said) for n, said in stand.said.items()}, stand.issues

    async def _async_count(self, seconds: float, step_s: float) -> None:
        """Let time pass, and count what the sound car could draw at least."""
        world = self.stand.world
        end = world.now + seconds - 1e-6
        while world.now < end:
            await self.stand.async_step(step_s)
            others_a = max(
                kw / VOLT - (world[SOUND].drawn_a if phase in world[SOUND].phases() else 0.0)
                for phase, kw in enumerate(world.load_kw())
            )
            if others_a + SLOWEST_A + 1 > world.fuse_a:
                self.crowded_at = world.now
            elif world.now - self.crowded_at > BACK_WITHIN_S:
                self.least_kwh += SLOWEST_A * VOLT * 3 * step_s / 3600

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
        if world.longest_over_s > LONGEST_OVER_S:
            wrong.append(f"overload of {world.longest_over_s:.0f} s: {world.worst}")
        if self.got_kwh < 0.8 * self.least_kwh:
            wrong.append(f"the sound car got {self.got_kwh:.2f} of {self.least_kwh:.2f} kWh")
        allowed = {AILING: min(f.writes for f in self.faults), SOUND: 12}
        for name, most in allowed.items():
            if (count := stand.ours(name, self.began)) > most + 8:
                wrong.append(f"{count} commands to {name}: {self._sent_to(name)}")
        for fault in self.faults:
            said = self.words[fault.said_by]
            if fault.says and not said & fault.says:
                wrong.append(f"{fault.name}: {fault.said_by} says only {sorted(said)}")
            if fault.issue and not any(i.startswith(fault.issue) for i in self.issues):
                wrong.append(f"{fault.name}: only the issues {sorted(self.issues)}")
        drawn_a = sum(c.drawn_a for c in world.chargers)
        if all(fault.recovers for fault in self.faults) and drawn_a < NEARLY_FULL_A:
            states = [stand.hass.states.get(f"sensor.{c.name}_status") for c in world.chargers]
            shown = [(s.state, s.attributes.get("reason")) for s in states if s is not None]
            wrong.append(f"afterwards they draw {drawn_a:.1f} A: {shown}")
        wrong += [f"log: {text}" for text in errors(log)]
        assert not wrong, "\n".join(wrong)

    def _sent_to(self, name: str) -> str:
        return ", ".join(
            f"{w.at - self.began:.0f} s {w.service} {w.value or ''}"
            for w in self.stand.writes
            if w.charger == name and w.ours and w.at >= self.began
        )


def errors(log: Sequence[logging.LogRecord]) -> list[str]:
    """Return what was logged as an error, or with a traceback."""
    return [
        f"{record.name}: {record.getMessage()}"
        for record in log
        if record.levelno >= logging.ERROR or (record.exc_info and "optivgi" in record.name)
    ]


def world() -> World:
    """Return two chargers on a connection that carries one and a half of them."""
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
    return World([alpha, bravo])


async def async_judge(
    house: House, caplog: pytest.LogCaptureFixture, wiring: str, *faults: Fault, **cars: Any
) -> Evening:
    """Live through an evening with faults, and assert what must hold."""
    caplog.set_level(logging.WARNING)
    evening = Evening(Stand(house, world(), dict(WIRINGS[wiring]), of_car=cars), faults)
    try:
        await evening.async_begin()
        await evening.async_suffer()
        await evening.async_mend()
    finally:
        await evening.stand.async_release()
    evening.judge([*caplog.get_records("setup"), *caplog.get_records("call")])
    return evening
