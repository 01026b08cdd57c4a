"""What is kept of charging sessions, in a file of its own: it is long, and seldom changes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from pydantic import TypeAdapter, ValidationError

from ..const import DOMAIN, LOGGER
from ..sessions.history import MonthRow, SessionHistory
from ..sessions.record import SessionRecord
from ..sessions.sums import Sums

_VERSION: Final = 1
"""Of what is stored; Home Assistant migrates by it."""
_SAVE_DELAY_S: Final = 30.0
"""Cars that leave together are written once; a crash loses no more than this."""
_HISTORY: Final = TypeAdapter(SessionHistory)
_RECORD: Final = TypeAdapter(SessionRecord)
_ROW: Final = TypeAdapter(MonthRow)
_SUMS: Final = TypeAdapter(Sums)


class SessionStore:
    """Keeps the sessions of a site on disk."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Name the file by the site's config entry."""
        self._hass = hass
        # Thousands of sessions take their time: they are written out in a thread.
        self._store = Store[dict[str, Any]](
            hass, _VERSION, f"{DOMAIN}.{entry_id}.sessions", serialize_in_event_loop=False
        )
        self.history = SessionHistory()
        self._is_unsaved = False

    async def async_load(self) -> None:
        """Read what is kept; a session that cannot be understood costs only itself."""
        if (kept := await self._store.async_load()) is not None:
            self.history = _read(kept)

    def save_soon(self) -> None:
        """Write within half a minute; several changes are written once."""
        self._is_unsaved = True
        self._store.async_delay_save(self._snapshot(), _SAVE_DELAY_S)

    async def async_save(self) -> None:
        """Write now what is to be written soon."""
        if not self._is_unsaved:
            return
        self._is_unsaved = False
        await self._store.async_save(await self._hass.async_add_executor_job(self._snapshot()))

    async def async_remove(self) -> None:
        """Delete what is kept."""
        await self._store.async_remove()

    def _snapshot(self) -> Callable[[], dict[str, Any]]:
        """Return what writes out the sessions as they are now, in whichever thread.

        Sessions do not change; the sums of months do, seldom.
        """
        history = self.history
        frozen = replace(
            history,
            sessions=list(history.sessions),
            rows=[replace(row) for row in history.rows],
            totals=dict(history.totals),
            reset_at=dict(history.reset_at),
        )
        return lambda: _HISTORY.dump_python(frozen, mode="json")


def _read(kept: Any) -> SessionHistory:
    try:
        return _HISTORY.validate_python(kept)
    except ValidationError:
        kept = kept if isinstance(kept, dict) else {}
        history = SessionHistory(
            sessions=list(_valid(_RECORD, kept.get("sessions"))),
            rows=list(_valid(_ROW, kept.get("rows"))),
        )
        totals = kept.get("totals")
        for owner, sums in totals.items() if isinstance(totals, dict) else ():
            for valid in _valid(_SUMS, [sums]):
                history.totals[owner] = valid
        LOGGER.warning("Some charging sessions could not be read and are left out")
        return history


def _valid[T](adapter: TypeAdapter[T], values: Any) -> list[T]:
    """Return those of some values that can be understood."""
    found = []
    for value in values if isinstance(values, list) else ():
        try:
            found.append(adapter.validate_python(value))
        except ValidationError:
            continue
    return found
