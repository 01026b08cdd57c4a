"""The HTTP API, the live notifications, and the door for charge points."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict
import hmac
import json
from typing import Any

from aiohttp import encode_basic_auth, web
from pydantic import BaseModel, ValidationError

from .book import ConflictError, ReservationRequest, SessionRequest
from .charge_points import LINKS, serve
from .notifications import Notifications
from .planner import Planner
from .site import Site, plan_of

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PING_S = 20
MAX_BYTES = 64 * 1024


def _json(value: Any, status: int = 200) -> web.Response:
    return web.json_response(value, status=status, dumps=lambda v: json.dumps(v, default=str))


async def _asked[T: BaseModel](request: web.Request, kind: type[T]) -> T:
    """Read what is asked.

    Raises:
        HTTPBadRequest: It is not that; the message begins with the field.
    """
    try:
        return kind.model_validate_json(await request.read())
    except ValidationError as err:
        first = err.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"])) or "input"
        raise web.HTTPBadRequest(text=f"{field}: {first['msg']}") from None


class Api:
    """Answers requests; everything is kept and planned elsewhere."""

    def __init__(
        self, site: Site, planner: Planner, notifications: Notifications, token: str
    ) -> None:
        """Prepare it.

        Args:
            site: What it shows and changes.
            planner: Who has to know of changes.
            notifications: What it hands on.
            token: What clients of HTTP and of the notifications have to present.
        """
        self._site = site
        self._book = site.book
        self._planner = planner
        self._notifications = notifications
        self._token = token.encode()

    def application(self) -> web.Application:
        """Return what aiohttp serves."""
        app = web.Application(middlewares=[self._guarded], client_max_size=MAX_BYTES)
        app.add_routes(
            [
                web.get("/plan", self._plan),
                web.get("/chargers", self._chargers),
                web.put("/sessions/{charger}", self._put_session),
                web.get("/reservations", self._reservations),
                web.post("/reservations", self._post_reservation),
                web.delete("/reservations/{number:[0-9]{1,9}}", self._delete_reservation),
                web.get("/live", self._live),
                web.get("/ocpp/{charger}", self._ocpp),
            ]
        )
        return app

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let in who has the token, or, as a charge point, its password."""
        given = request.headers.get("Authorization", "")
        if request.path.startswith("/ocpp/"):
            if not self._knows(request.match_info.get("charger", ""), given):
                headers = {"WWW-Authenticate": 'Basic realm="OCPP"'}
                raise web.HTTPUnauthorized(headers=headers)
        elif not hmac.compare_digest(given.encode(), b"Bearer " + self._token):
            raise web.HTTPUnauthorized(headers={"WWW-Authenticate": "Bearer"})
        return await handler(request)

    def _knows(self, name: str, given: str) -> bool:
        secrets = {one.id: one.password for one in self._site.configuration.chargers}
        if name not in secrets:
            return False
        expected = encode_basic_auth(name, secrets[name].get_secret_value())
        return hmac.compare_digest(given.encode(), expected.encode())

    # What people and their software ask for

    async def _plan(self, _: web.Request) -> web.Response:
        schedule = self._site.schedule
        if schedule is None:
            raise web.HTTPServiceUnavailable(text="there is no plan yet")
        return _json(plan_of(schedule))

    async def _chargers(self, _: web.Request) -> web.Response:
        return _json({name: self._charger(name) for name in self._site.points})

    def _charger(self, name: str) -> dict[str, Any]:
        point, session = self._site.points[name], self._book.sessions.get(name)
        return {
            "connected": point.link is not None,
            "obeys": point.obeys,
            "holds": None if point.held is None else point.held.changes,
            "session": None if session is None else asdict(session),
        }

    async def _put_session(self, request: web.Request) -> web.Response:
        asked = await _asked(request, SessionRequest)
        try:
            session = self._book.change(request.match_info["charger"], asked)
        except ConflictError as err:
            raise web.HTTPConflict(text=str(err)) from None
        self._planner.plan_soon()
        return _json(asdict(session))

    async def _reservations(self, _: web.Request) -> web.Response:
        return _json({n: one.model_dump() for n, one in self._book.reservations.items()})

    async def _post_reservation(self, request: web.Request) -> web.Response:
        asked = await _asked(request, ReservationRequest)
        try:
            number = self._book.reserve(asked)
        except ConflictError as err:
            raise web.HTTPConflict(text=str(err)) from None
        self._planner.plan_soon()
        return _json({"id": number}, status=201)

    async def _delete_reservation(self, request: web.Request) -> web.Response:
        if self._book.reservations.pop(int(request.match_info["number"]), None) is None:
            raise web.HTTPNotFound
        self._planner.plan_soon()
        return web.Response(status=204)

    async def _live(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(heartbeat=PING_S)
        with self._notifications.listening() as queue:
            await socket.prepare(request)
            sending = asyncio.create_task(self._send_all(socket, queue))
            # Reading notices when the client leaves; what it says does not matter.
            async for _ in socket:
                pass
            sending.cancel()
        return socket

    @staticmethod
    async def _send_all(
        socket: web.WebSocketResponse, queue: asyncio.Queue[dict[str, Any] | None]
    ) -> None:
        with suppress(ConnectionError):
            while (event := await queue.get()) is not None:
                await socket.send_str(json.dumps(event, default=str))
        await socket.close()

    # Charge points

    async def _ocpp(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["charger"]
        socket = web.WebSocketResponse(heartbeat=PING_S, protocols=tuple(LINKS))
        await socket.prepare(request)
        if socket.ws_protocol is None:
            await socket.close(message=b"no known version of OCPP")
            return socket
        await serve(name, socket, self._book, self._site.points[name], self._on_charger)
        return socket

    def _on_charger(self, name: str) -> None:
        self._notifications.notify("charger", {"charger": name, **self._charger(name)})
        self._planner.plan_soon()
