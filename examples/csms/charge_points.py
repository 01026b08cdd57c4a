"""The connections to charge points, over OCPP 1.6 and 2.0.1.

Handlers run in the loop that also receives answers, so they only write down what they are sent,
and have a plan made; nothing is asked of a charge point in them.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from aiohttp import WSMsgType, web
from ocpp.routing import on
from ocpp.v16 import ChargePoint as Library16, call as call16, call_result as result16
from ocpp.v16.enums import Action as Action16
from ocpp.v201 import ChargePoint as Library201, call as call201, call_result as result201
from ocpp.v201.enums import Action as Action201

from .book import Book
from .delivery import ChargePointState
from .limits import Limits
from .profiles import profile_16, profile_201

ANSWER_S = 5
"""A charge point that does not answer within so many seconds delays others no longer."""
HEARTBEAT_S = 300
CONNECTOR = 1
REGISTER = "Energy.Active.Import.Register"


class Socket:
    """A WebSocket of aiohttp as the ``ocpp`` library wants it."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        """Wrap one."""
        self._socket = socket

    async def recv(self) -> str:
        """Return the next text.

        Raises:
            ConnectionResetError: The connection is closed.
        """
        message = await self._socket.receive()
        if message.type is not WSMsgType.TEXT:
            raise ConnectionResetError
        return str(message.data)

    async def send(self, text: str) -> None:
        """Send a text."""
        await self._socket.send_str(text)


def now_text() -> str:
    """Return the present as OCPP writes it."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def meter_kwh(values: list[dict[str, Any]]) -> float | None:
    """Return the newest energy register of all phases in meter values, in kWh."""
    found = None
    for value in values:
        for sample in value["sampled_value"]:
            unit = sample.get("unit") or sample.get("unit_of_measure", {}).get("unit", "Wh")
            if sample.get("measurand", REGISTER) == REGISTER and "phase" not in sample:
                found = float(sample["value"]) / (1 if unit == "kWh" else 1000)
    return found


class _Reports:
    """What a charge point reports, in the same words for both versions of OCPP."""

    def __init__(
        self, name: str, book: Book, state: ChargePointState, changed: Callable[[str], None]
    ) -> None:
        self._name = name
        self._book = book
        self._state = state
        self._changed = changed

    def booted(self) -> None:
        """Not every charger keeps its profiles when it starts."""
        self._state.held = None
        self._changed(self._name)

    def began(self, meter: float | None) -> None:
        if self._name not in self._book.sessions:
            self._book.begin(self._name, meter)
            self._changed(self._name)

    def measured(self, values: list[dict[str, Any]]) -> None:
        meter = meter_kwh(values)
        if meter is not None and self._name in self._book.sessions:
            self._book.sessions[self._name].measure(meter)

    def ended(self) -> None:
        self._book.end(self._name)
        self._changed(self._name)


class Link16(Library16):
    """A charge point of OCPP 1.6."""

    def __init__(self, name: str, socket: Socket, reports: _Reports) -> None:
        """Speak over a connection."""
        super().__init__(name, socket, response_timeout=ANSWER_S)
        self._reports = reports

    async def send_limits(self, limits: Limits, now: datetime) -> bool:
        """Send a profile; return whether it was accepted."""
        profile = profile_16(limits, now)
        request = call16.SetChargingProfile(connector_id=CONNECTOR, cs_charging_profiles=profile)
        answer = await self.call(request, suppress=False)
        return bool(answer.status == "Accepted")

    @on(Action16.boot_notification)
    def _on_boot(self, **_: Any) -> result16.BootNotification:
        self._reports.booted()
        return result16.BootNotification(now_text(), HEARTBEAT_S, "Accepted")

    @on(Action16.heartbeat)
    def _on_heartbeat(self, **_: Any) -> result16.Heartbeat:
        return result16.Heartbeat(now_text())

    @on(Action16.status_notification)
    def _on_status(self, **_: Any) -> result16.StatusNotification:
        return result16.StatusNotification()

    @on(Action16.authorize)
    def _on_authorize(self, **_: Any) -> result16.Authorize:
        return result16.Authorize({"status": "Accepted"})

    @on(Action16.start_transaction)
    def _on_start(self, meter_start: float, **_: Any) -> result16.StartTransaction:
        self._reports.began(meter_start / 1000)
        number = int(datetime.now(UTC).timestamp())
        return result16.StartTransaction(number, {"status": "Accepted"})

    @on(Action16.meter_values)
    def _on_meter(self, meter_value: list[dict[str, Any]], **_: Any) -> result16.MeterValues:
        self._reports.measured(meter_value)
        return result16.MeterValues()

    @on(Action16.stop_transaction)
    def _on_stop(self, **_: Any) -> result16.StopTransaction:
        self._reports.ended()
        return result16.StopTransaction()


class Link201(Library201):
    """A charging station of OCPP 2.0.1."""

    def __init__(self, name: str, socket: Socket, reports: _Reports) -> None:
        """Speak over a connection."""
        super().__init__(name, socket, response_timeout=ANSWER_S)
        self._reports = reports

    async def send_limits(self, limits: Limits, now: datetime) -> bool:
        """Send a profile; return whether it was accepted."""
        profile = profile_201(limits, now)
        request = call201.SetChargingProfile(evse_id=CONNECTOR, charging_profile=profile)
        answer = await self.call(request, suppress=False)
        return bool(answer.status == "Accepted")

    @on(Action201.boot_notification)
    def _on_boot(self, **_: Any) -> result201.BootNotification:
        self._reports.booted()
        return result201.BootNotification(now_text(), HEARTBEAT_S, "Accepted")

    @on(Action201.heartbeat)
    def _on_heartbeat(self, **_: Any) -> result201.Heartbeat:
        return result201.Heartbeat(now_text())

    @on(Action201.status_notification)
    def _on_status(self, **_: Any) -> result201.StatusNotification:
        return result201.StatusNotification()

    @on(Action201.authorize)
    def _on_authorize(self, **_: Any) -> result201.Authorize:
        return result201.Authorize({"status": "Accepted"})

    @on(Action201.transaction_event)
    def _on_transaction(
        self, event_type: str, meter_value: list[dict[str, Any]] | None = None, **_: Any
    ) -> result201.TransactionEvent:
        if event_type == "Ended":
            self._reports.ended()
        else:
            # A transaction that began while nobody was connected is noticed as it goes on.
            self._reports.began(meter_kwh(meter_value or []))
            self._reports.measured(meter_value or [])
        return result201.TransactionEvent()


LINKS: dict[str, type[Link16 | Link201]] = {"ocpp1.6": Link16, "ocpp2.0.1": Link201}
"""By WebSocket subprotocol."""


async def serve(
    name: str,
    socket: web.WebSocketResponse,
    book: Book,
    state: ChargePointState,
    changed: Callable[[str], None],
) -> None:
    """Serve a charge point until its connection ends; the newest connection is the one used.

    Args:
        name: Its identity.
        socket: The connection, with an agreed subprotocol.
        book: Where its sessions are kept.
        state: What is known of it.
        changed: Called with its identity when a plan has to follow.
    """
    reports = _Reports(name, book, state, changed)
    link = LINKS[str(socket.ws_protocol)](name, Socket(socket), reports)
    state.link, state.failed = link, None
    changed(name)
    try:
        await link.start()
    except ConnectionResetError:
        pass
    finally:
        if state.link is link:
            state.link = None
            changed(name)
