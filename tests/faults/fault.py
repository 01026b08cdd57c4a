"""What a fault is: something that changes the world at a moment, and how it is put right."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, override

from .stand import Stand
from .world import Car, Charger, Meter

AILING, SOUND = "alpha", "bravo"
"""The charger that is broken, and the one beside it."""


@dataclass(frozen=True, kw_only=True)
class Fault(ABC):
    """Something that goes wrong.

    Attributes:
        name: What it is, for the id of a test.
        said_by: The charger whose status is to tell of it.
        says: Words of status and codes of reasons one of which it has to say; empty where nothing
            has to be noticed.
        issue: What the id of the issue begins with by which a person is asked to act; empty where
            nobody has to.
        writes: So many commands to the ailing charger are more than enough while it holds.
        recovers: All is as before soon after it ends.
    """

    name: str
    said_by: str = AILING
    says: frozenset[str] = frozenset()
    issue: str = ""
    writes: int = 12
    recovers: bool = True

    @abstractmethod
    async def async_begin(self, stand: Stand) -> None:
        """Let it happen."""

    @abstractmethod
    async def async_end(self, stand: Stand) -> None:
        """Put it right."""


@dataclass(frozen=True, kw_only=True)
class Broken(Fault):
    """Something has another nature while the fault holds.

    Attributes:
        what: What is broken.
        becomes: Its attributes while it is.
    """

    what: Callable[[Stand], Charger | Car | Meter]
    becomes: dict[str, Any] = field(default_factory=dict)

    @override
    async def async_begin(self, stand: Stand) -> None:
        it = self.what(stand)
        stand.before[self.name] = {key: getattr(it, key) for key in self.becomes}
        for key, value in self.becomes.items():
            setattr(it, key, value)

    @override
    async def async_end(self, stand: Stand) -> None:
        for key, value in stand.before.pop(self.name, {}).items():
            setattr(self.what(stand), key, value)


@dataclass(frozen=True, kw_only=True)
class Passing(Broken):
    """The same, over by itself.

    Attributes:
        seconds: So long it lasts.
        every_s: After so long it comes again; 0 where it does not.
    """

    seconds: float
    every_s: float = 0.0

    @override
    async def async_begin(self, stand: Stand) -> None:
        it = self.what(stand)
        stand.before[self.name] = sound = {key: getattr(it, key) for key in self.becomes}

        def set_to(values: dict[str, Any]) -> None:
            for key, value in values.items():
                setattr(it, key, value)

        def come() -> None:
            if self.name not in stand.before:
                return
            set_to(self.becomes)
            stand.after(self.seconds, lambda: set_to(sound))
            if self.every_s:
                stand.after(self.every_s, come)

        come()


@dataclass(frozen=True, kw_only=True)
class Repeated(Fault):
    """Somebody does something again and again.

    Attributes:
        does: What.
        every_s: How often.
        first: What happens before.
        undoes: What puts it right.
    """

    does: Callable[[Stand], None]
    every_s: float
    first: Callable[[Stand], Any] | None = None
    undoes: Callable[[Stand], Any] | None = None

    @override
    async def async_begin(self, stand: Stand) -> None:
        stand.before[self.name] = {}
        if self.first is not None:
            await _done(self.first(stand))

        def act() -> None:
            if self.name in stand.before:
                self.does(stand)
                stand.after(self.every_s, act)

        act()

    @override
    async def async_end(self, stand: Stand) -> None:
        stand.before.pop(self.name, None)
        if self.undoes is not None:
            await _done(self.undoes(stand))


@dataclass(frozen=True, kw_only=True)
class Event(Fault):
    """Something happens once.

    Attributes:
        happens: What.
        undoes: What puts it right.
    """

    happens: Callable[[Stand], Any]
    undoes: Callable[[Stand], Any] | None = None

    @override
    async def async_begin(self, stand: Stand) -> None:
        await _done(self.happens(stand))

    @override
    async def async_end(self, stand: Stand) -> None:
        if self.undoes is not None:
            await _done(self.undoes(stand))


async def _done(waits: Awaitable[None] | None) -> None:
    """Wait for what was begun, if it is to be waited for."""
    if waits is not None:
        await waits


def words(*said: str) -> frozenset[str]:
    """Return what a status may say."""
    return frozenset(said)
