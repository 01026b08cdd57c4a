"""What simulated charge points of all versions of OCPP have in common.

They speak over a real websocket, through the `ocpp` library.
"""

from abc import abstractmethod
import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from datetime import datetime
from typing import Any

import websockets

from ocpp.messages import MessageType, unpack

from .hardware import MIN_A, VOLTAGE, Car, Hardware, Quirks
from .profile_store import TX, RefusedError

UNITS_16 = {"A": "Current", "W": "Power"}


class ChargePoint:
    """What charge points of both versions have in common: a connection, and a person at it."""

    subprotocol: str
    v201: bool

    def __init__(self, identity: str, quirks: Quirks | None = None) -> None:
        """Build it; it is not connected yet."""
        self.identity = identity
        self.hardware = Hardware(quirks or Quirks(), v201=self.v201)
        self.mute = False
        self.left_unanswered = asyncio.Event()
        self.thinks_about: str | None = None
        """What a request says that it answers only once it may."""
        self.may_answer = asyncio.Event()
        self.refuses = False
        self.refuses_custom = False
        """Whether it refuses all but what the integration sends it of its own."""
        self.received: list[dict[str, Any]] = []
        """Every profile that arrived, taken or not, as it was written."""
        self._socket: websockets.ClientConnection | None = None
        self._listening: asyncio.Task[None] | None = None
        self._doing: set[asyncio.Task[None]] = set()
        self._measured_at: dict[int, datetime] = {}
        self._ignored_one = False
        self.started = 0
        """How often it was asked to start a transaction."""
        self.may_start = True
        """Whether it starts one that it is asked for."""
        self.link: Any = None

    @abstractmethod
    def make_link(self, socket: websockets.ClientConnection) -> Any:
        """Return what speaks OCPP over a connection."""

    @abstractmethod
    async def async_boot(self) -> None:
        """Introduce itself to the central system."""

    @abstractmethod
    async def async_tell_status(self, connector: int) -> None:
        """Send a connector's status."""

    @abstractmethod
    async def async_begin(self, connector: int) -> None:
        """Start a transaction."""

    @abstractmethod
    async def async_end(self, connector: int, reason: str = "Local") -> None:
        """End the transaction; the reason says who did."""

    @abstractmethod
    async def async_measure(self, connector: int) -> None:
        """Send meter values."""

    async def async_connect(self, port: int) -> None:
        """Connect to a central system and boot."""
        self._socket = await websockets.connect(
            f"ws://127.0.0.1:{port}/{self.identity}",
            subprotocols=[websockets.Subprotocol(self.subprotocol)],
            ping_interval=None,
        )
        self.link = self.make_link(self._socket)
        self._listening = asyncio.create_task(self._listen())
        await self.async_boot()
        for connector in self.hardware.connectors:
            await self.async_tell_status(connector)

    @property
    def connected(self) -> bool:
        """Whether it is connected, as far as it knows."""
        return self._listening is not None and not self._listening.done()

    async def _listen(self) -> None:
        with suppress(websockets.ConnectionClosed):
            await self.link.start()

    async def async_disconnect(self) -> None:
        """Close the connection, if there is one."""
        for doing in self._doing:
            doing.cancel()
        if self._socket is not None and self._listening is not None:
            await self._socket.close()
            await self._listening
            self._socket = self._listening = None

    async def async_plug_in(self, connector: int = 1, car: Car | None = None) -> None:
        """Plug a car in; the charge point starts by itself, unless it waits for a command."""
        self.hardware.connectors[connector].car = car or Car()
        await self.async_tell_status(connector)
        if not self.hardware.quirks.waits_for_start:
            await self.async_begin(connector)
        await self.async_report()

    def start_soon(self, connector: int) -> str:
        """Start a transaction after this answer."""
        self.started += 1
        place = self.hardware.connectors[connector]
        if place.car is None or place.transaction is not None or not self.may_start:
            return "Rejected"
        self._do_soon(self.async_begin(connector))
        return "Accepted"

    def stop_soon(self, transaction_id: int | str) -> str:
        """End a transaction after this answer."""
        for connector, place in self.hardware.connectors.items():
            if place.transaction is not None and place.transaction.id == transaction_id:
                self._do_soon(self.async_end(connector, "Remote"))
                return "Accepted"
        return "Rejected"

    def _do_soon(self, what: Coroutine[Any, Any, None]) -> None:
        async def do() -> None:
            # One that is not answered goes on, as real ones do.
            with suppress(TimeoutError):
                await what
                await self.async_report()

        doing = asyncio.create_task(do())
        self._doing.add(doing)
        doing.add_done_callback(self._doing.discard)

    async def async_finish(self) -> bool:
        """Wait until it has done what it was asked for; return whether there was anything."""
        if not self._doing:
            return False
        await asyncio.wait(self._doing)
        return True

    async def async_unplug(self, connector: int = 1) -> None:
        """Unplug the car."""
        place = self.hardware.connectors[connector]
        if place.transaction is not None:
            # It ends before the plug is free.
            await self.async_end(connector, "EVDisconnected")
        place.car, place.had_transaction = None, False
        await self.async_report()

    async def async_report(self) -> None:
        """Send what is sent regularly: statuses and meter values."""
        for connector, place in self.hardware.connectors.items():
            if place.transaction is not None:
                place.had_transaction = True
                suspended = self.hardware.status(connector) == "SuspendedEVSE"
                if suspended and self.hardware.quirks.ends_at_zero:
                    await self.async_end(connector, "Other")
            await self.async_tell_status(connector)
            if self._is_to_measure(connector):
                await self.async_measure(connector)

    def _is_to_measure(self, connector: int) -> bool:
        """Whether meter values are due; each transaction begins with some."""
        now = self.hardware.now
        transaction = self.hardware.connectors[connector].transaction
        last = self._measured_at.get(connector)
        if transaction is None or (
            last is not None
            and last >= transaction.started
            and now - last < self.hardware.quirks.meter_interval
        ):
            return False
        self._measured_at[connector] = now
        return True

    def install(self, connector: int, profile: dict[str, Any]) -> None:
        """Take a profile or raise RefusedError."""
        hardware = self.hardware
        self.received.append(profile)
        own = {"charging_profile_id", "id"} & profile.keys()
        if self.refuses or (self.refuses_custom and profile[own.pop()] >= 7000):
            raise RefusedError("Refuses")
        place = hardware.connectors.get(connector)
        if (
            profile["charging_profile_purpose"] == TX
            and not hardware.quirks.tx_while_suspended
            and hardware.status(connector) == "SuspendedEVSE"
        ):
            raise RefusedError("Suspended")
        if hardware.quirks.station_only and connector > 0:
            raise RefusedError("NoSuchConnector")
        transaction = None if place is None else place.transaction
        before, known = hardware.store.profiles, [hardware.limit_a(c) for c in hardware.connectors]
        hardware.store.install(connector, profile, transaction, len(hardware.connectors))
        allowed = [hardware.limit_a(c) for c in hardware.connectors]
        resumes = min(known) < MIN_A <= min(allowed)
        if hardware.quirks.ignores_after_zero and resumes and not self._ignored_one:
            hardware.store.profiles = before
        self._ignored_one = resumes

    def measured(self, connector: int) -> list[dict[str, Any]]:
        """Return what is measured at a connector, in the words of OCPP."""
        hardware, quirks = self.hardware, self.hardware.quirks
        values: list[dict[str, Any]] = []
        if "Current.Offered" in quirks.measures:
            limit_a = hardware.limit_a(connector)
            values.append({"value": limit_a, "measurand": "Current.Offered"})
        if "Power.Offered" in quirks.measures:
            # What it offers on all of its phases, whichever the car has.
            watts = round(hardware.limit_a(connector) * 3 * VOLTAGE, 1)
            values.append({"value": watts, "measurand": "Power.Offered", "unit": "W"})
        if "Current.Import" in quirks.measures:
            values += [
                {"value": drawn, "measurand": "Current.Import", "phase": f"L{phase + 1}"}
                for phase, drawn in enumerate(hardware.drawn_a(connector))
            ]
        if "Power.Active.Import" in quirks.measures:
            watts = round(sum(hardware.drawn_a(connector)) * VOLTAGE, 1)
            values.append({"value": watts, "measurand": "Power.Active.Import", "unit": "W"})
        return values

    @property
    def configuration(self) -> dict[str, str]:
        """What it reports of itself, by the keys of OCPP 1.6."""
        quirks = self.hardware.quirks
        keys = {
            "NumberOfConnectors": str(quirks.connectors),
            "SupportedFeatureProfiles": "Core,SmartCharging",
            "ChargingScheduleAllowedChargingRateUnit": ",".join(
                UNITS_16[unit] for unit in sorted(quirks.units)
            ),
            "ChargeProfileMaxStackLevel": str(quirks.max_stack_level),
            "ChargingScheduleMaxPeriods": str(quirks.max_periods),
            "MaxChargingProfilesInstalled": "10",
        }
        if quirks.says_so:
            keys["ConnectorSwitch3to1PhaseSupported"] = str(quirks.switches_phases).lower()
        return {key: value for key, value in keys.items() if key not in quirks.hides}


class Hearing:
    """Lets a charge point be mute, where requests arrive and nothing happens, or slow."""

    owner: ChargePoint

    async def route_message(self, raw_msg: str) -> None:
        """Drop requests while mute; wait with those that it thinks about."""
        owner, is_request = self.owner, unpack(raw_msg).message_type_id == MessageType.Call
        unheard = owner.hardware.quirks.mute_for_absolute and '"Absolute"' in raw_msg
        if (owner.mute or unheard) and is_request:
            owner.left_unanswered.set()
            return
        if owner.thinks_about and owner.thinks_about in raw_msg and is_request:
            owner.left_unanswered.set()
            await owner.may_answer.wait()
        await super().route_message(raw_msg)  # type: ignore[misc]
