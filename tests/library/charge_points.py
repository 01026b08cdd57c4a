"""Simulated charge points of both versions of OCPP, in one car park that measures its fuses.

They keep to the profile that they hold, and without one draw their maximum, as real ones do. What
is drawn is summed up whenever one of them takes a profile: at no time may that be too much.
"""

from abc import ABC, abstractmethod
import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, override

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, encode_basic_auth
from ocpp.routing import on
from ocpp.v16 import ChargePoint as Library16, call as call16, call_result as result16
from ocpp.v16.enums import Action as Action16
from ocpp.v201 import ChargePoint as Library201, call as call201, call_result as result201
from ocpp.v201.enums import Action as Action201

MAX_A = 16.0


class CarPark:
    """Charge points by identity, and the fuses that they hang on."""

    def __init__(self, fuses: dict[str, tuple[float, Iterable[str]]]) -> None:
        """Begin without charge points.

        Args:
            fuses: The A per phase of each, and the identities of the charge points behind it.
        """
        self.fuses = {name: (limit, set(behind)) for name, (limit, behind) in fuses.items()}
        self.points: dict[str, SimulatedPoint] = {}
        self.watched = False
        self.overloads: list[str] = []

    def check(self) -> None:
        """Look at each fuse: now, and at each later moment, should the central system be gone."""
        now = datetime.now(UTC)
        moments = [now + timedelta(minutes=quarter * 15) for quarter in range(49)]
        for name, (limit, behind) in self.fuses.items():
            points = [point for point in self.points.values() if point.identity in behind]
            for moment in moments if self.watched else ():
                total = sum(point.limit_a(moment) for point in points)
                if total > limit + 1e-6:
                    self.overloads.append(f"{name}: {total} A at {moment}")


class SimulatedPoint(ABC):
    """A charge point with one connector."""

    protocol: str

    def __init__(self, identity: str, park: CarPark) -> None:
        """Build it; it is not connected yet."""
        self.identity = identity
        self.park = park
        self.profile: dict[str, Any] | None = None
        self.refuses = False
        self.socket: ClientWebSocketResponse | None = None
        self.link: Any = None
        self._listening: asyncio.Task[None] | None = None
        park.points[identity] = self

    async def connect(self, client: ClientSession, address: str, password: str) -> None:
        """Connect and boot."""
        self.socket = await client.ws_connect(
            f"{address}/ocpp/{self.identity}",
            protocols=[self.protocol],
            headers={"Authorization": encode_basic_auth(self.identity, password)},
        )
        self.link = self.make_link()
        self._listening = asyncio.create_task(self._listen())
        await self.boot()

    async def _listen(self) -> None:
        with suppress(ConnectionResetError):
            await self.link.start()

    async def recv(self) -> str:
        """Receive, as the library wants it."""
        assert self.socket is not None
        message = await self.socket.receive()
        if message.type is not WSMsgType.TEXT:
            raise ConnectionResetError
        return str(message.data)

    async def send(self, text: str) -> None:
        """Send, as the library wants it."""
        assert self.socket is not None
        await self.socket.send_str(text)

    async def disconnect(self) -> None:
        """Lose the connection; the profile stays."""
        if self.socket is not None and self._listening is not None:
            await self.socket.close()
            await self._listening

    def install(self, profile: dict[str, Any]) -> str:
        """Take a profile, in the words of either version."""
        if self.refuses:
            return "Rejected"
        assert profile["charging_profile_purpose"] == "TxDefaultProfile"
        schedule = profile["charging_schedule"]
        self.profile = schedule[0] if isinstance(schedule, list) else schedule
        self.park.check()
        return "Accepted"

    def limit_a(self, moment: datetime) -> float:
        """Return what it may draw at a moment, in A per phase."""
        if self.profile is None:
            return MAX_A
        start = datetime.fromisoformat(self.profile["start_schedule"])
        offset = (moment - start).total_seconds()
        limit = MAX_A
        for period in self.profile["charging_schedule_period"]:
            if period["start_period"] <= offset:
                limit = float(period["limit"])
        return limit

    @abstractmethod
    def make_link(self) -> Any:
        """Return what speaks OCPP."""

    @abstractmethod
    async def boot(self) -> None:
        """Introduce itself."""

    @abstractmethod
    async def plug_in(self) -> None:
        """Begin a transaction."""

    @abstractmethod
    async def unplug(self) -> None:
        """End it."""


def _now() -> str:
    return datetime.now(UTC).isoformat()


class Simulated16(SimulatedPoint):
    """One of OCPP 1.6."""

    protocol = "ocpp1.6"

    @override
    def make_link(self) -> Any:
        point = self

        class Link(Library16):
            @on(Action16.set_charging_profile)
            def on_profile(
                self, connector_id: int, cs_charging_profiles: dict[str, Any]
            ) -> result16.SetChargingProfile:
                return result16.SetChargingProfile(point.install(cs_charging_profiles))

        return Link(self.identity, self)

    @override
    async def boot(self) -> None:
        await self.link.call(call16.BootNotification("model", "vendor"), suppress=False)

    @override
    async def plug_in(self) -> None:
        start = call16.StartTransaction(1, "tag", 5000, _now())
        self.number = (await self.link.call(start, suppress=False)).transaction_id

    async def measure(self, wh: int) -> None:
        """Send its energy meter, which was at 5 kWh when the car came."""
        values = [{"timestamp": _now(), "sampled_value": [{"value": str(wh)}]}]
        await self.link.call(call16.MeterValues(1, values), suppress=False)

    @override
    async def unplug(self) -> None:
        stop = call16.StopTransaction(6000, _now(), self.number)
        await self.link.call(stop, suppress=False)


class Simulated201(SimulatedPoint):
    """One of OCPP 2.0.1."""

    protocol = "ocpp2.0.1"

    @override
    def make_link(self) -> Any:
        point = self

        class Link(Library201):
            @on(Action201.set_charging_profile)
            def on_profile(
                self, evse_id: int, charging_profile: dict[str, Any]
            ) -> result201.SetChargingProfile:
                return result201.SetChargingProfile(point.install(charging_profile))

        return Link(self.identity, self)

    @override
    async def boot(self) -> None:
        station = {"model": "model", "vendor_name": "vendor"}
        await self.link.call(call201.BootNotification(station, "PowerUp"), suppress=False)

    async def _report(self, kind: str, trigger: str) -> None:
        event = call201.TransactionEvent(
            kind, _now(), trigger, 0, {"transaction_id": f"tx {self.identity}"}, evse={"id": 1}
        )
        await self.link.call(event, suppress=False)

    @override
    async def plug_in(self) -> None:
        await self._report("Started", "CablePluggedIn")

    @override
    async def unplug(self) -> None:
        await self._report("Ended", "EVDeparted")
