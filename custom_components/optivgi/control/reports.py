"""Which chargers a look has to look at: at hundreds, most have reported nothing since the last.

A look costs as many readings as there are chargers, and many of them report each second. The power
of a charger can wait for a second then; what the meter shows and whatever else happens cannot.
"""

from asyncio import Handle
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..site.site import Site

_EACH: Final = 20
"""Up to so many chargers, all are looked at with each report: that takes a few milliseconds."""
_WITHIN_S: Final = 1.0
"""So long reports of power are gathered: a good meter reports as often."""


class NewReports:
    """What chargers and meter have reported since the last look."""

    def __init__(self, hass: HomeAssistant, site: Site, look: Callable[[], None]) -> None:
        """Know of no report; ``look`` is called when it is time to look at them."""
        self._hass = hass
        self._look = look
        self._meter = frozenset(site.meter_ids)
        chargers = [point.charger for point in site.points.values()]
        self._is_large = len(chargers) > _EACH
        self._chargers: dict[str, set[str]] = {}
        for charger in chargers:
            for entity_id in charger.entity_ids:
                self._chargers.setdefault(entity_id, set()).add(charger.id)
        self._powers = {charger.power_entity for charger in chargers}
        self._changed: set[str] = set()
        self._all = True
        self._awaited: CALLBACK_TYPE | None = None
        self._next: Handle | None = None

    @callback
    def note(self, entity_id: str) -> None:
        """Take up that an entity has reported."""
        if not self._is_large:
            self._look()
            return
        if (charger_ids := self._chargers.get(entity_id)) is not None:
            self._changed |= charger_ids
        elif entity_id not in self._meter:
            self._all = True
        if entity_id in self._powers:
            if self._awaited is None:
                self._awaited = async_call_later(self._hass, _WITHIN_S, self._on_time)
        elif self._next is None:
            # What arrives together is looked at together.
            self._next = self._hass.loop.call_soon(self._look)

    @callback
    def _on_time(self, _: datetime) -> None:
        self._awaited = None
        self._look()

    @callback
    def need_all(self) -> None:
        """Have all looked at next time."""
        self._all = True

    @callback
    def take(self) -> Collection[str] | None:
        """Return which chargers to look at now; None for all."""
        self.stop()
        changed = None if self._all or not self._is_large else self._changed
        self._changed, self._all = set(), False
        return changed

    @callback
    def stop(self) -> None:
        """Wait for no further report."""
        if self._awaited is not None:
            self._awaited()
            self._awaited = None
        if self._next is not None:
            self._next.cancel()
            self._next = None
