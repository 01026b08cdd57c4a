"""Live notifications to everybody who listens; nobody who is slow delays the others."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

WAITING = 200
"""Who has so many notifications waiting does not read them, and is sent no more."""

type Queue = asyncio.Queue[dict[str, Any] | None]


class Notifications:
    """Hands events on to all queues."""

    def __init__(self) -> None:
        """Begin without listeners."""
        self._queues: set[Queue] = set()

    def notify(self, kind: str, content: Any) -> None:
        """Send an event to all."""
        for queue in list(self._queues):
            if queue.qsize() < WAITING:
                queue.put_nowait({"type": kind, "content": content})
            else:
                self._queues.discard(queue)
                queue.put_nowait(None)

    @contextmanager
    def listening(self) -> Iterator[Queue]:
        """Give a queue of events; None is the last one."""
        queue: Queue = asyncio.Queue()
        self._queues.add(queue)
        try:
            yield queue
        finally:
            self._queues.discard(queue)
