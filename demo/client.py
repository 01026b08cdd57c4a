"""A small client of Home Assistant's REST and WebSocket interfaces."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
import time
from typing import Any, Self

import aiohttp

POLL_S = 0.5


class DemoError(Exception):
    """A step of the demo failed; the message says which and why."""


class RequestError(DemoError):
    """Home Assistant refused a request, or could not be reached."""


async def wait_for[T](what: str, probe: Callable[[], Awaitable[T | None]], seconds: float) -> T:
    """Ask again until there is an answer, and return it; a refused request is no answer."""
    end = time.monotonic() + seconds
    while True:
        refusal = ""
        try:
            if (answer := await probe()) is not None:
                return answer
        except RequestError as error:
            refusal = f": {error}"
        if time.monotonic() > end:
            raise DemoError(f"Waited {seconds:.0f} s in vain for {what}{refusal}")
        await asyncio.sleep(POLL_S)


_IDLE_S = 30
"""Nobody answers pings between two calls, so Home Assistant closes the socket after a while."""


class Client:
    """Talks to one Home Assistant, as its owner."""

    def __init__(self, url: str) -> None:
        """Talk to the Home Assistant at this address."""
        self.url = url
        self._session = aiohttp.ClientSession(base_url=url, timeout=aiohttp.ClientTimeout(total=60))
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._used_at = 0.0
        self._ids = count(1)
        self._token = ""

    async def __aenter__(self) -> Self:
        """Open the session."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close what was opened."""
        if self._socket is not None:
            await self._socket.close()
        await self._session.close()

    async def answers(self) -> bool | None:
        """Whether the server is up, None when it is not (yet)."""
        try:
            async with self._session.get("/manifest.json") as response:
                return True if response.ok else None
        except aiohttp.ClientError:
            return None

    async def log_in(self) -> None:
        """Log in the way a browser on a trusted network does."""
        flow = {
            "client_id": f"{self.url}/",
            "redirect_uri": f"{self.url}/?auth_callback=1",
            "handler": ["trusted_networks", None],
        }
        result = await self._request("POST", "/auth/login_flow", json=flow)
        if result["type"] != "create_entry":
            raise DemoError(f"The login wants more than the trusted network: {result}")
        form = {
            "grant_type": "authorization_code",
            "code": result["result"],
            "client_id": flow["client_id"],
        }
        self._token = (await self._request("POST", "/auth/token", data=form))["access_token"]

    async def get(self, path: str) -> Any:
        """GET an address below /api."""
        return await self._request("GET", f"/api/{path}")

    async def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """POST to an address below /api."""
        return await self._request("POST", f"/api/{path}", json=body or {})

    async def act(self, action: str, entity_id: str | None = None, **data: Any) -> None:
        """Perform an action such as `number.set_value`."""
        if entity_id is not None:
            data["entity_id"] = entity_id
        await self.post(f"services/{action.replace('.', '/')}", data)

    async def ask(self, action: str, **data: Any) -> dict[str, Any]:
        """Perform an action that answers, and return its answer."""
        path = f"services/{action.replace('.', '/')}?return_response"
        answer: dict[str, Any] = (await self.post(path, data))["service_response"]
        return answer

    async def call(self, command: str, **arguments: Any) -> Any:
        """Send a command over the WebSocket."""
        now = time.monotonic()
        if self._socket is not None and now - self._used_at > _IDLE_S:
            await self._socket.close()
            self._socket = None
        if self._socket is None:
            self._socket = await self._open_socket()
        self._used_at = now
        number = next(self._ids)
        await self._socket.send_json({"id": number, "type": command, **arguments})
        while True:
            message = await self._socket.receive_json(timeout=60)
            if message.get("id") != number:
                continue
            if not message["success"]:
                raise RequestError(f"{command}: {message['error']['message']}")
            return message["result"]

    async def _open_socket(self) -> aiohttp.ClientWebSocketResponse:
        socket = await self._session.ws_connect("/api/websocket", max_msg_size=0)
        await socket.receive_json(timeout=60)
        await socket.send_json({"type": "auth", "access_token": self._token})
        greeting = await socket.receive_json(timeout=60)
        if greeting["type"] != "auth_ok":
            raise DemoError(f"The WebSocket refuses the login: {greeting}")
        return socket

    async def _request(self, method: str, path: str, **arguments: Any) -> Any:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        try:
            async with self._session.request(
                method, path, headers=headers, **arguments
            ) as response:
                if not response.ok:
                    text = (await response.text())[:500]
                    raise RequestError(f"{method} {path}: {response.status} {text}")
                return await response.json()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise RequestError(f"{method} {path}: {error!r}") from error
