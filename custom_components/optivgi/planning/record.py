"""What was planned and decided in the last two days, small enough to be kept and downloaded."""

from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import ClassVar, Final
import zlib

from pydantic import ConfigDict, TypeAdapter

from ..scheduler.guard import GuardDecision, GuardInput
from ..scheduler.last_resort import EMERGENCY, LAST_PLAN
from ..scheduler.model import Problem, Schedule
from ..scheduler.reserve import Reserve
from .plan import Plan

KEPT: Final = timedelta(hours=48)
"""People ask in the evening why the car was not ready that morning, or the one before."""
_MOST_BYTES: Final = 6_000_000
"""So much memory at most, whatever the site; a house takes less for two days."""
_MOST_INPUTS: Final = 2_000
"""So many chargers are noted at most between two plans, each once per decision that is new."""


@dataclass(frozen=True, kw_only=True)
class DecidedLook:
    """What was decided of all chargers at one moment.

    Attributes:
        given: What the guard went by.
        decided: What it came to.
        commands: What each charger was to be sent, in the unit of its limit; None for nothing.
    """

    given: GuardInput
    decided: GuardDecision
    commands: Mapping[str, float | None]


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """A plan, and what was decided until the next one.

    Attributes:
        number: Which one since the site was loaded.
        made_at: When the plan was made.
        problem: What was asked.
        reserve: What was to be left free.
        schedule: What was answered.
        follows: The number of the plan that was followed before; None where there was none.
        looks: The decisions that differ from those before.
        left_out: How many more of these there were.
    """

    # JSON knows no infinity, which is how urgent somebody is who charges at once.
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(ser_json_inf_nan="strings")

    number: int
    made_at: datetime
    problem: Problem
    reserve: Reserve
    schedule: Schedule
    follows: int | None
    looks: tuple[DecidedLook, ...] = ()
    left_out: int = 0

    @property
    def plan(self) -> Plan:
        """The plan, as far as it is kept: without names, and without what the house did then."""
        return Plan(
            problem=self.problem,
            schedule=self.schedule,
            made_at=self.made_at,
            known_chargers=frozenset(ev.id for ev in self.schedule.evs),
            reserve=self.reserve,
        )


@dataclass(kw_only=True)
class _Open:
    """The chapter that is being written."""

    number: int
    plan: Plan
    follows: int | None
    looks: list[DecidedLook] = field(default_factory=list)
    left_out: int = 0
    inputs: int = 0

    def closed(self) -> Chapter:
        return Chapter(
            number=self.number,
            made_at=self.plan.made_at,
            problem=self.plan.problem,
            reserve=self.plan.reserve,
            schedule=self.plan.schedule,
            follows=self.follows,
            looks=tuple(self.looks),
            left_out=self.left_out,
        )


class PlanRecord:
    """The last two days, packed plan by plan."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._packed: deque[tuple[datetime, bytes]] = deque()
        self._closed: list[_Open] = []
        self._open: _Open | None = None
        self._count = 0
        self._followed: int | None = None
        self._last: tuple[GuardDecision, Mapping[str, float | None]] | None = None
        self._lock = Lock()

    def begin(self, plan: Plan) -> None:
        """Note a plan that is followed from now on."""
        if self._open is not None:
            self._closed.append(self._open)
        self._open = _Open(number=self._count, plan=plan, follows=self._followed)
        self._last = None
        if plan.schedule.algorithm not in {LAST_PLAN, EMERGENCY}:
            self._followed = self._count
        self._count += 1

    def note(
        self, given: GuardInput, decided: GuardDecision, commands: Mapping[str, float | None]
    ) -> None:
        """Note what was decided, where that differs from the last time."""
        chapter = self._open
        if chapter is None or self._last == (decided, commands):
            return
        self._last = decided, commands
        if chapter.inputs + len(given.chargers) > _MOST_INPUTS:
            chapter.left_out += 1
            return
        chapter.inputs += len(given.chargers)
        chapter.looks.append(DecidedLook(given=given, decided=decided, commands=commands))

    def pack(self) -> None:
        """Pack what is complete, and forget what is older than two days; for another thread."""
        with self._lock:
            closed, self._closed = self._closed, []
            for one in closed:
                self._packed.append((one.plan.made_at, packed(one.closed())))
            while self._packed and (
                self._packed[-1][0] - self._packed[0][0] > KEPT or self.size > _MOST_BYTES
            ):
                self._packed.popleft()

    @property
    def size(self) -> int:
        """How many bytes are kept."""
        return sum(len(data) for _, data in self._packed)

    def texts(self) -> list[str]:
        """Return all chapters in order, as texts; for another thread."""
        self.pack()
        with self._lock:
            kept = [data for _, data in self._packed]
        if self._open is not None:
            kept.append(packed(self._open.closed()))
        return [b64encode(data).decode() for data in kept]

    def at(self, moment: datetime) -> Chapter | None:
        """Return what held at a moment; None where that is not kept. For another thread."""
        self.pack()
        if self._open is not None and self._open.plan.made_at <= moment:
            return self._open.closed()
        with self._lock:
            found = [data for made_at, data in self._packed if made_at <= moment]
        return unpacked(found[-1]) if found else None


_CHAPTERS: Final[TypeAdapter[Chapter]] = TypeAdapter(Chapter)
"""Built at the first import: this takes milliseconds."""


def packed(chapter: Chapter) -> bytes:
    """Write a chapter."""
    return zlib.compress(_CHAPTERS.dump_json(chapter), level=6)


def unpacked(data: bytes) -> Chapter:
    """Read what was packed.

    Raises:
        ValueError: It is something else.
    """
    try:
        return _CHAPTERS.validate_json(zlib.decompress(data))
    except zlib.error as err:
        raise ValueError(str(err)) from err


def from_text(text: str) -> Chapter:
    """Read a chapter of ``PlanRecord.texts``.

    Raises:
        ValueError: It is something else.
    """
    return unpacked(b64decode(text, validate=True))
