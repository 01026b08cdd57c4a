"""Commands that are on their way: one charger that hangs keeps no other one waiting."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

from homeassistant.core import HomeAssistant

from ..const import DOMAIN, LOGGER

_WITHIN_S: Final = 2.0
"""So long one round of commands is waited for: a fuse carries a third more for about a minute, and
meters report every few seconds."""


class InFlight:
    """What is on its way to each charger, one thing at a time."""

    def __init__(self, hass: HomeAssistant, look_again: Callable[[], None]) -> None:
        """Nothing is on its way.

        Args:
            hass: Home Assistant.
            look_again: Called when something has arrived that was not waited for any more.
        """
        self._hass = hass
        self._look_again = look_again
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._late: set[str] = set()

    def is_busy(self, charger_id: str) -> bool:
        """Return whether something is on its way to a charger."""
        return charger_id in self._tasks

    def send(self, charger_id: str, what: Coroutine[Any, Any, None]) -> None:
        """Do something with a charger to which nothing is on its way.

        What does not have to wait for anything is done at once.
        """
        task = self._hass.async_create_task(what, f"{DOMAIN} command to {charger_id}")
        if task.done():
            self._end(charger_id, task)
        else:
            self._tasks[charger_id] = task
            task.add_done_callback(lambda done: self._end(charger_id, done))

    async def async_wait(self) -> None:
        """Wait for what was sent, no longer than the other chargers may have to."""
        waited_for = {
            charger_id: task
            for charger_id, task in self._tasks.items()
            if charger_id not in self._late
        }
        if not waited_for:
            return
        await asyncio.wait(waited_for.values(), timeout=_WITHIN_S)
        late = {charger_id for charger_id in waited_for if charger_id in self._tasks}
        if late:
            LOGGER.debug("Without an answer after %g s: %s", _WITHIN_S, ", ".join(sorted(late)))
            self._late |= late

    async def async_wait_for(self, charger_id: str) -> None:
        """Wait for what is on its way to one charger, however late."""
        while (task := self._tasks.get(charger_id)) is not None:
            await asyncio.wait({task})

    async def async_end(self) -> None:
        """Wait for all that is on its way, however late: nothing may arrive after what comes next.

        Each call is bounded by how long an integration may take to answer.
        """
        while self._tasks:
            await asyncio.wait(self._tasks.values())

    def _end(self, charger_id: str, task: asyncio.Task[None]) -> None:
        """Take note of an end, whatever it is: it is this charger's own."""
        self._tasks.pop(charger_id, None)
        if not task.cancelled() and (err := task.exception()) is not None:
            LOGGER.error("A command to charger %s failed", charger_id, exc_info=err)
        if charger_id in self._late:
            self._late.discard(charger_id)
            self._look_again()
