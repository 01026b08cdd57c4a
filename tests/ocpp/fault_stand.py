"""The world of the faults, with charge points of OCPP in it, over real sockets."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, cast, override

from demo.custom_components.ocpp.charge_point import ChargePoint
from demo.custom_components.ocpp.charge_point_16 import ChargePoint16
from demo.custom_components.ocpp.charge_point_201 import ChargePoint201
from demo.custom_components.ocpp.hardware import Car as HardwareCar, Quirks

from tests.faults.stand import Stand, Write
from tests.faults.world import VOLT, Car, Charger

from .bench import Bench
from .home import charger_data

# Of a present step Home Assistant is still to say what remains.
_NEXT_STEPS: Final = timedelta(minutes=16)
_AHEAD: Final = tuple(_NEXT_STEPS + timedelta(minutes=30 * n) for n in range(30))
_FOR_EVER: Final = timedelta(days=9)
_TOLERANCE_A: Final = 0.2
STORED_WITHIN_S: Final = 30.0
"""Who comes back with less than it held, or more, is commanded within this."""
_TURNS: Final = 200
"""What goes over a socket takes some more turns of the event loop."""


@dataclass(kw_only=True)
class Station(Charger):
    """A charger of the world that is a charge point: it does what its profiles say.

    Attributes:
        point: The charge point.
    """

    point: ChargePoint
    has_switch: bool = False

    @property
    @override
    def disobeys(self) -> bool:
        """Whether commands do not change what it gives."""
        point = self.point
        deaf = point.refuses or point.refuses_custom or point.mute
        deaf = deaf or point.hardware.quirks.ignores_profiles or self.taken_over
        return deaf or self.hangs_s > 0 or not point.connected

    @override
    def move(self, now: float, seconds: float) -> None:
        """Let time pass."""
        self.drawn_a = max(self.point.hardware.drawn_a()) if self.plugged else 0.0
        kwh = self.power_kw * seconds / 3600
        self.delivered_kwh += kwh
        self.car.soc = min(100.0, self.car.soc + 90 * kwh / self.car.battery_kwh)

    def stored_a(self, ahead: timedelta) -> float:
        """Return what it is to give its car by what it has stored, whether it obeys or not.

        Without a transaction that is nothing until somebody lets it begin.
        """
        hardware = self.point.hardware
        connector = hardware.connectors[1]
        if connector.transaction is None:
            return 0.0
        limit_a = hardware.store.limit_a(
            1, hardware.now + ahead, connector.transaction, hardware.quirks.hardware_a
        )
        return min(limit_a, self.car.max_a)


@dataclass
class OcppStand(Stand):
    """Home Assistant with a central system, and charge points that drive the chargers.

    Attributes:
        dead: Home Assistant is gone; charge points go on.
        house_a: What the house usually draws of each phase.
    """

    bench: Bench = field(kw_only=True)
    turns: int = _TURNS
    dead: bool = False
    house_a: float = 0.0
    _received: dict[str, int] = field(default_factory=dict)
    _thinking: set[str] = field(default_factory=set)
    _reporting: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _stored_over_since: float | None = None

    @property
    def stations(self) -> list[Station]:
        """The chargers."""
        return cast("list[Station]", self.world.chargers)

    def station(self, name: str) -> Station:
        """Return one of them."""
        return cast("Station", self.world[name])

    @override
    async def async_set_up(self) -> None:
        """Set the central system up, connect the charge points, and set the site up."""
        self.count_threads()
        self.house_a = max(self.world.house_kw) / VOLT
        self.hass.loop.set_debug(enabled=False)
        for station in self.stations:
            self.bench.charge_points.append(station.point)
            self.bench.central.add(station.point.identity, station.point.identity)
        await self.bench.central.async_set_up()
        await self.async_connect()
        await self.async_add_site()

    async def async_connect(self) -> None:
        """Connect all charge points that are not."""
        for station in self.stations:
            if not station.point.connected:
                await station.point.async_connect(self.bench.central.port)

    @override
    def charger_data(self, charger: Charger) -> dict[str, Any]:
        return charger_data(cast("Station", charger).point.identity)

    @override
    def show_charger(self, charger: Charger) -> None:
        """It reports by its connection."""

    @override
    async def async_report(self) -> None:
        """Let the charge points report, and look at what they were sent."""
        for station in self.stations:
            point = station.point
            if not point.connected:
                continue
            if station.plugged and point.hardware.connectors[1].car is None:
                car = station.car
                await point.async_plug_in(car=HardwareCar(phases=car.phases, max_a=car.max_a))
            await self._async_hear(station)
            known = self._received.get(station.name, 0)
            self._received[station.name] = len(point.received)
            # A number becomes several profiles, by the integration's doing.
            for _ in point.received[known : known + 1]:
                self.writes.append(Write(self.world.now, station.name, "profile", None, ours=True))
        self._look_at_stored()

    async def _async_hear(self, station: Station) -> None:
        """Let a charge point report; a slow one says nothing while it thinks."""
        point = station.point
        if not station.hangs_s:
            await point.async_report()
            return
        point.thinks_about = "TxDefaultProfile"
        if point.left_unanswered.is_set():
            if not point.may_answer.is_set() and station.name not in self._thinking:
                self._thinking.add(station.name)
                self.after(station.hangs_s, lambda: self._answer(station))
            return
        reporting = self._reporting.get(station.name)
        if reporting is None or reporting.done():
            reporting = asyncio.create_task(_async_report(point))
            self._reporting[station.name] = reporting
        for _ in range(self.turns):
            await asyncio.sleep(0)

    def _answer(self, station: Station) -> None:
        """Let a charge point answer what it has thought about."""
        point = station.point
        self._thinking.discard(station.name)
        point.left_unanswered.clear()
        point.may_answer.set()
        if station.hangs_s:
            self.soon(self._async_think_again(point))

    async def _async_think_again(self, point: ChargePoint) -> None:
        """What is asked next is thought about, too."""
        for _ in range(self.turns):
            await asyncio.sleep(0)
        point.may_answer.clear()

    def _look_at_stored(self) -> None:
        """Complain where all that is stored would be too much after Home Assistant has died."""
        left_a = self.world.fuse_a - self.house_a
        most_a = max(
            sum(station.stored_a(ahead) for station in self.stations)
            for ahead in (*_AHEAD, _FOR_EVER)
        )
        if most_a <= left_a + _TOLERANCE_A:
            self._stored_over_since = None
            return
        if self._stored_over_since is None:
            self._stored_over_since = self.world.now
        if self.world.now - self._stored_over_since > STORED_WITHIN_S:
            each = ", ".join(
                f"{s.name} {max(s.stored_a(a) for a in (*_AHEAD, _FOR_EVER)):.1f}"
                for s in self.stations
            )
            self.complaints.add(
                f"stored since {self._stored_over_since:.0f} s: {most_a:.1f} of {left_a:.1f} A "
                f"({each})"
            )

    @override
    async def async_step(self, seconds: float) -> None:
        """Let so much time pass at once, in Home Assistant if that lives."""
        if not self.dead:
            await super().async_step(seconds)
            return
        self.house.freezer.tick(timedelta(seconds=seconds))
        self.world.move(seconds)
        self._look_at_stored()

    @override
    def listen(self) -> None:
        """Take up what is said; that profiles failed stands beside what a charger does."""
        super().listen()
        for station in self.stations:
            state = self.hass.states.get(f"sensor.{station.name}_status")
            if state is not None:
                codes = {reason["code"] for reason in state.attributes.get("reasons", ())}
                self.said[station.name] |= codes & {"profiles_failed"}

    @override
    async def async_release(self) -> None:
        """Let go of what hangs."""
        for station in self.stations:
            station.hangs_s = 0.0
            station.point.thinks_about = None
            self._answer(station)
        await super().async_release()
        for reporting in self._reporting.values():
            reporting.cancel()


async def _async_report(point: ChargePoint) -> None:
    """Report; what is not heard because it thinks meanwhile is given up."""
    with suppress(TimeoutError):
        await point.async_report()


def station(name: str, version: str, quirks: Quirks | None = None) -> Station:
    """Return a charger of the world that is a charge point."""
    kind = {"1.6": ChargePoint16, "2.0.1": ChargePoint201}[version]
    return Station(name=name, car=Car(), point=kind(f"box_{name}", quirks))
