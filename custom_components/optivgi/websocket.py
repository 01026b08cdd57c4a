"""The plan of a site over the WebSocket, kept up to date: what the card shows."""

from datetime import datetime
from typing import Any, Final

from homeassistant.components import websocket_api
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
)
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .actions.permissions import require_read
from .const import DOMAIN
from .explain.past import RECENT
from .explain.picture import PictureOfNow, picture_of_now, picture_of_plan
from .explain.picture_of_past import picture_of_former_plan, picture_of_past
from .planning.plan import Plan
from .runtime import OptivgiConfigEntry

SUBSCRIBE: Final = f"{DOMAIN}/plan/subscribe"
PAST: Final = f"{DOMAIN}/plan/past"
FORMER: Final = f"{DOMAIN}/plan/former"
_AT_MOST_EVERY_S: Final = 1.0
"""Meters report each second, and no eye follows faster than that."""
_EACH_CHARGER_S: Final = 0.02
"""So much longer for each charger: pictures of hundreds take the event loop's time."""


@callback
def async_setup_websocket(hass: HomeAssistant) -> None:
    """Register the commands."""
    for command in (_subscribe, _past, _async_former):
        websocket_api.async_register_command(hass, command)


@websocket_api.websocket_command(
    {vol.Required("type"): SUBSCRIBE, vol.Optional(ATTR_CONFIG_ENTRY_ID): str}
)
@callback
def _subscribe(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Send the plan of a site, and again whatever of it changes.

    Each message has ``state``: ``loaded``; ``not_loaded`` while the site is starting, or failed
    to; ``no_site`` where there is none. Loaded, it has ``now``, and where the plan is new ``plan``
    and ``past``.
    """
    feed = PlanFeed(hass, connection, msg["id"], msg.get(ATTR_CONFIG_ENTRY_ID))
    feed.require_access()
    connection.subscriptions[msg["id"]] = feed.async_end
    connection.send_result(msg["id"])
    feed.async_begin()


@websocket_api.websocket_command(
    {vol.Required("type"): PAST, vol.Optional(ATTR_CONFIG_ENTRY_ID): str}
)
@callback
def _past(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Answer with all that is kept of what was drawn, and what had been planned for it."""
    if (entry := _loaded(hass, connection, msg)) is not None:
        runtime = entry.runtime_data
        connection.send_result(msg["id"], picture_of_past(runtime.site, runtime.past))


@websocket_api.websocket_command(
    {
        vol.Required("type"): FORMER,
        vol.Optional(ATTR_CONFIG_ENTRY_ID): str,
        vol.Required("at"): vol.Coerce(float),
    }
)
@websocket_api.async_response
async def _async_former(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Answer with the plan that was followed at a time; None where that is not kept."""
    if (entry := _loaded(hass, connection, msg)) is None:
        return
    runtime = entry.runtime_data
    moment = dt_util.utc_from_timestamp(msg["at"])
    chapter = await hass.async_add_executor_job(runtime.controller.record.at, moment)
    found = None if chapter is None else picture_of_former_plan(runtime.site, chapter)
    connection.send_result(msg["id"], found)


def _loaded(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> OptivgiConfigEntry | None:
    """Return the site that is asked about; where it is not there, answer that.

    Raises:
        Unauthorized: The user may not see it.
    """
    entry = _find(hass, msg.get(ATTR_CONFIG_ENTRY_ID))
    if entry is None or entry.state is not ConfigEntryState.LOADED:
        connection.send_error(msg["id"], websocket_api.ERR_NOT_FOUND, "not_loaded")
        return None
    require_read(hass, connection.user, entry)
    return entry


def _find(hass: HomeAssistant, entry_id: str | None) -> OptivgiConfigEntry | None:
    """Return a site; the first one where none is named."""
    entries = hass.config_entries.async_entries(DOMAIN, include_ignore=False)
    return next((entry for entry in entries if entry_id in {None, entry.entry_id}), None)


class PlanFeed:
    """Keeps one subscriber up to date, over reloads of the site."""

    def __init__(
        self,
        hass: HomeAssistant,
        connection: ActiveConnection,
        message_id: int,
        entry_id: str | None,
    ) -> None:
        """Serve a subscriber.

        Args:
            hass: Home Assistant.
            connection: Theirs.
            message_id: Of the subscription.
            entry_id: The site; None for the first one.
        """
        self._hass = hass
        self._connection = connection
        self._message_id = message_id
        self._entry_id = entry_id
        self._entry: OptivgiConfigEntry | None = None
        self._plan: Plan | None = None
        self._now: PictureOfNow | None = None
        self._stop_listening: CALLBACK_TYPE | None = None
        self._stop_waiting: CALLBACK_TYPE | None = None
        self._stop_following: CALLBACK_TYPE | None = None

    def require_access(self) -> None:
        """Refuse a user who may not see the site.

        Raises:
            Unauthorized: The user may not.
        """
        if (entry := self._find()) is not None:
            require_read(self._hass, self._connection.user, entry)

    @callback
    def async_begin(self) -> None:
        """Send what there is, and go on with what changes."""
        self._stop_following = async_dispatcher_connect(
            self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._on_entry_change
        )
        self._attach()

    @callback
    def async_end(self) -> None:
        """Let go of everything."""
        self._detach()
        if self._stop_following is not None:
            self._stop_following()
            self._stop_following = None

    @callback
    def _on_entry_change(self, change: ConfigEntryChange, entry: ConfigEntry) -> None:
        if entry.domain != DOMAIN:
            return
        found = self._find()
        loaded = found is not None and found.state is ConfigEntryState.LOADED
        if loaded != (self._entry is not None) or found is None:
            self._attach()

    def _find(self) -> OptivgiConfigEntry | None:
        return _find(self._hass, self._entry_id)

    @callback
    def _attach(self) -> None:
        """Listen to the site if it is there, and say so."""
        self._detach()
        entry = self._find()
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            self._send({"state": "no_site" if entry is None else "not_loaded"})
            return
        self._entry = entry
        self._stop_listening = entry.runtime_data.coordinator.async_add_listener(self._show_soon)
        self._show()

    @callback
    def _detach(self) -> None:
        for stop in (self._stop_listening, self._stop_waiting):
            if stop is not None:
                stop()
        self._stop_listening = self._stop_waiting = None
        self._entry = self._plan = self._now = None

    @callback
    def _show_soon(self) -> None:
        """Show what is new, together with what else is in the next moment."""

        @callback
        def show(_: datetime) -> None:
            self._stop_waiting = None
            self._show()

        if self._stop_waiting is None and self._entry is not None:
            chargers = len(self._entry.runtime_data.site.points)
            self._stop_waiting = async_call_later(
                self._hass, _AT_MOST_EVERY_S + _EACH_CHARGER_S * chargers, show
            )

    @callback
    def _show(self) -> None:
        """Send what has changed since the last time."""
        entry = self._entry
        if entry is None:
            return
        runtime = entry.runtime_data
        plan: Plan | None = runtime.coordinator.data
        at = dt_util.utcnow()
        now = picture_of_now(self._hass, runtime.site, plan, runtime.controller.states, at)
        message: dict[str, Any] = {"state": "loaded", "entry_id": entry.entry_id}
        if plan is not self._plan and plan is not None:
            message["plan"] = picture_of_plan(runtime.site, plan)
            message["past"] = picture_of_past(runtime.site, runtime.past, since=at - RECENT)
        elif now == self._now:
            return
        message["now"] = now
        self._plan, self._now = plan, now
        self._send(message)

    def _send(self, message: dict[str, Any]) -> None:
        self._connection.send_event(self._message_id, message)
