"""A stand-in for lbbrhzn/ocpp: its actions, and a real websocket behind them.

It hands on what it gets, and shows what was measured of the real integration, its traps
included.
"""

from collections.abc import Callable
import json
import logging
from typing import Any

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
import voluptuous as vol
import websockets

from .const import DOMAIN
from .entities import OcppEntity, entities_of
from .links import STATION, Link16, Link201, Station

ACTIONS = ("set_charge_rate", "clear_profile", "get_configuration")
_POSITIVE_INT = vol.All(int, vol.Range(min=0))
_SET_CHARGE_RATE = vol.Schema(
    {
        vol.Optional("devid"): str,
        vol.Optional("conn_id", default=0): _POSITIVE_INT,
        vol.Optional("limit_amps"): vol.All(vol.Coerce(float), vol.Range(min=0)),
        vol.Optional("limit_watts"): vol.All(vol.Coerce(int), vol.Range(min=0)),
        vol.Optional("custom_profile"): vol.Any(str, dict),
    }
)


class Central:
    """The central system of some charge points."""

    def __init__(self, hass: HomeAssistant, *, since_012: bool = True) -> None:
        """Know no charge point yet.

        Args:
            hass: Where it runs.
            since_012: Whether it is as of 0.12, with a limit for each session.
        """
        self.hass = hass
        self.since_012 = since_012
        self.timeout_s = 10.0
        self.tells_all_keys = True
        """Whether all of a charge point's configuration can be asked for at once."""
        self.calls: list[dict[str, Any]] = []
        """What `set_charge_rate` was called with."""
        self.probes: list[str | None] = []
        """What `get_configuration` was asked for."""
        self.stations: dict[str, Station] = {}
        self._server: websockets.Server | None = None

    def add(self, cpid: str, identity: str, connectors: int = 1) -> Station:
        """Add a charge point, before setting up."""
        station = self.stations[cpid] = Station(cpid, identity, connectors)
        return station

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server is not None
        return int(next(iter(self._server.sockets)).getsockname()[1])

    async def async_listen(self) -> None:
        """Listen on a free port of this machine."""
        self._server = await websockets.serve(
            self._on_connect,
            "127.0.0.1",
            0,
            subprotocols=[websockets.Subprotocol("ocpp1.6"), websockets.Subprotocol("ocpp2.0.1")],
            ping_interval=None,
        )

    async def async_kill(self) -> None:
        """Be gone from one moment to the next; nothing is said to anybody."""
        if self._server is not None:
            logging.getLogger("websockets.server").setLevel(logging.WARNING)
            for connection in list(self._server.connections):
                connection.transport.abort()
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def _on_connect(self, socket: websockets.ServerConnection) -> None:
        assert socket.request is not None
        identity = socket.request.path.strip("/")
        station = next(s for s in self.stations.values() if s.identity == identity)
        link = Link201 if socket.subprotocol == "ocpp2.0.1" else Link16
        if station.link is not None:
            station.metrics[STATION, "reconnects"] += 1
        station.link = link(station, socket, self.timeout_s)
        station.connected = True
        station.gone.clear()
        station.publish()
        try:
            await station.link.start()
        except websockets.ConnectionClosed:
            # Nothing is notified: entities keep their states.
            station.connected = False
            station.gone.set()

    def add_entities(self, platform: str, async_add: AddConfigEntryEntitiesCallback) -> None:
        """Add the entities of a platform; they show whatever is heard of their charge points."""
        for station in self.stations.values():
            mine = list(entities_of(station, platform, since_012=self.since_012))
            async_add(mine)
            station.on_change = _published(station.on_change, mine)

    def register_actions(self) -> None:
        """Offer the actions."""
        services = self.hass.services
        services.async_register(
            DOMAIN, "set_charge_rate", self._async_set_charge_rate, _SET_CHARGE_RATE
        )
        services.async_register(
            DOMAIN, "clear_profile", self._async_clear_profile, vol.Schema({"devid": str})
        )
        services.async_register(
            DOMAIN,
            "get_configuration",
            self._async_get_configuration,
            vol.Schema({"devid": str, "ocpp_key": str}),
            supports_response=SupportsResponse.ONLY,
        )

    def _link(self, call: ServiceCall) -> Link16 | Link201:
        """Return the charge point of a call; before 0.12 an unknown one was the first there is."""
        devid = call.data.get("devid")
        stations = self.stations.values()
        met = [station for station in stations if station.link is not None]
        named = [station for station in met if devid in {station.cpid, station.identity}]
        if not named and self.since_012 and devid is not None:
            raise HomeAssistantError(f"No charger found for device id {devid}")
        station = next(iter(named or [station for station in met if station.connected]))
        if not station.connected or station.link is None:
            raise HomeAssistantError(translation_domain=DOMAIN, translation_key="unavailable")
        return station.link

    async def _async_set_charge_rate(self, call: ServiceCall) -> None:
        self.calls.append(dict(call.data))
        link = self._link(call)
        profile = call.data.get("custom_profile")
        if profile is not None:
            if isinstance(profile, str):
                profile = json.loads(profile.replace("'", '"'))
            await link.async_set_custom_profile(call.data["conn_id"], profile)
        elif (limit_a := call.data.get("limit_amps")) is not None:
            await link.async_set_limit(call.data["conn_id"], limit_a)

    async def _async_clear_profile(self, call: ServiceCall) -> None:
        await self._link(call).async_clear_profiles()

    async def _async_get_configuration(self, call: ServiceCall) -> ServiceResponse:
        key = call.data.get("ocpp_key", "")
        self.probes.append(key or None)
        value = await self._link(call).async_get_configuration(key)
        if isinstance(value, dict) and not self.tells_all_keys:
            # Once, it was the value of whatever came first.
            value = next(iter(value.values()))
        return {"value": value}


def _published(before: Callable[[], None] | None, entities: list[OcppEntity]) -> Callable[[], None]:
    """Return what lets entities write their states, after those that were there before."""

    def publish() -> None:
        if before is not None:
            before()
        for entity in entities:
            if entity.hass is not None and entity.platform is not None:
                entity.async_write_ha_state()

    return publish
