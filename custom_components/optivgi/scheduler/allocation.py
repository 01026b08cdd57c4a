"""Fit what the plan wants into what the connection can carry right now, by reducing only.

What the house takes comes and goes. The car with the most time to spare gives way first, so that
the others go on as planned.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, takewhile
import math

from .model import PHASES, Phase

PRESSED_H = 0.5
"""A car with less time to spare than this may miss its departure by giving way."""
_TOLERANCE_KW = 1e-6
"""Sums of loads are no more exact than this."""
type Load = tuple[float, tuple[Phase, ...]]
"""A power in kW, spread over its phases."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What one charger wants now.

    Attributes:
        id: The charger.
        wanted_kw: The limit it should get.
        min_kw: The minimum it can charge at; below that it gets 0.
        phases: The phases its car draws from.
        urgency: How little time it has to spare before its departure, in hours below none;
            infinite where it charges at once. The larger the sooner it is served.
    """

    id: str
    wanted_kw: float
    min_kw: float
    phases: tuple[Phase, ...]
    urgency: float

    @property
    def pressed(self) -> bool:
        """Whether it may miss its departure if it gets less than it wants."""
        return -PRESSED_H < self.urgency < math.inf

    def draws_from(self, phase: Phase | None) -> bool:
        """Tell whether it draws from a phase; from all together (None) everybody does."""
        return phase is None or phase in self.phases


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """What all chargers may draw: together, and from each of the phases where those are limited.

    Attributes:
        total_kw: From all phases together.
        phase_kw: From each phase: one number that holds for all, or one for each; None where
            phases are not limited.
        phases: Those that there are.
    """

    total_kw: float
    phase_kw: float | Mapping[Phase, float] | None = None
    phases: tuple[Phase, ...] = PHASES

    def rows(self) -> Iterator[tuple[Phase | None, float]]:
        """Yield a phase, or None for all together, with what it carries; never below 0."""
        yield None, max(0.0, self.total_kw)
        each = self.phase_kw
        if each is not None:
            for phase in self.phases:
                yield phase, max(0.0, each[phase] if isinstance(each, Mapping) else each)

    def beside(self, loads: Sequence[Load]) -> Capacity:
        """Return what is left beside loads."""
        each = self.phase_kw
        return replace(
            self,
            total_kw=self.total_kw - load_kw(loads, None),
            phase_kw=None
            if each is None
            else {
                phase: (each[phase] if isinstance(each, Mapping) else each) - load_kw(loads, phase)
                for phase in self.phases
            },
        )

    def fits(self, loads: Iterable[Load]) -> bool:
        """Tell whether loads fit together."""
        return not FreeRoom(self, loads).overfull()


class FreeRoom:
    """What is left of a capacity while loads are put into it one by one, and taken out again."""

    def __init__(self, capacity: Capacity, loads: Iterable[Load] = ()) -> None:
        """Begin with what a capacity leaves beside loads."""
        self.kw = dict(capacity.rows())
        for power_kw, phases in loads:
            self.take(power_kw, phases)

    def copy(self) -> FreeRoom:
        """Return another one that begins with the same."""
        room = FreeRoom.__new__(FreeRoom)
        room.kw = dict(self.kw)
        return room

    def take(self, power_kw: float, phases: Sequence[Phase]) -> None:
        """Put in a load; a negative one is given back."""
        add_load(self.kw, -power_kw, phases)

    def overfull(self) -> list[Phase | None]:
        """Return the rows that do not carry what was put in."""
        return [phase for phase, left_kw in self.kw.items() if left_kw < -_TOLERANCE_KW]

    def fits(self, power_kw: float, phases: Sequence[Phase]) -> bool:
        """Tell whether all fits together, one more load included."""
        self.take(power_kw, phases)
        fits = not self.overfull()
        self.take(-power_kw, phases)
        return fits


def load_kw(loads: Iterable[Load], phase: Phase | None) -> float:
    """Return the load of all phases together (None), or that of one of them."""
    if phase is None:
        return math.fsum(power for power, _ in loads)
    return math.fsum(power / len(phases) for power, phases in loads if phase in phases)


def add_load(rows: dict[Phase | None, float], power_kw: float, phases: Sequence[Phase]) -> None:
    """Add a load to the rows it is part of, as far as those are limited."""
    rows[None] += power_kw
    each_kw = power_kw / len(phases)
    for phase in phases:
        if phase in rows:
            rows[phase] += each_kw


def allocate(claims: Sequence[Claim], capacity: Capacity) -> dict[str, float]:
    """Return a limit in kW for each claim; none is above what it wants.

    Where the minimum powers of all do not fit together, the least urgent chargers on what is too
    full get 0, one by one; likewise where one that is pressed would have to give way beside one
    that is not. What is left above the minimum powers goes to the most urgent first. Equals share
    it, as far as the phases of each go.
    """
    served = sorted(
        (
            claim
            for claim in claims
            if claim.wanted_kw > 0 and claim.wanted_kw >= claim.min_kw - _TOLERANCE_KW
        ),
        key=lambda claim: (-claim.urgency, claim.id),
    )
    room = FreeRoom(capacity, ((claim.min_kw, claim.phases) for claim in served))
    while full := room.overfull():
        pausing = next(claim for claim in reversed(served) if claim.draws_from(full[0]))
        served.remove(pausing)
        room.take(-pausing.min_kw, pausing.phases)
    # Only who can wait gives way to those that are pressed, and all of these come before them.
    waiting = [claim for claim in served if claim.urgency <= -PRESSED_H]
    first = [claim for claim in served if claim.urgency > -PRESSED_H]
    grant = _Grant(first, room)
    while (better := _with_fewer(waiting, grant, room)) is not None:
        grant = better
    granted = grant.limit_kw | _Grant(waiting, grant.room).limit_kw
    return {claim.id: granted.get(claim.id, 0.0) for claim in claims}


class _Grant:
    """What is left beside the minimum of all is given by urgency.

    Attributes:
        served: Who gets something, in the order of urgency.
        room: What is left then.
        limit_kw: The limit of each.
        full: What was full for those that do not get all they want.
    """

    def __init__(self, served: Sequence[Claim], room: FreeRoom) -> None:
        """Give what is left beside the minimum of all."""
        self.served, self.room = served, room.copy()
        self.limit_kw = {claim.id: min(claim.min_kw, claim.wanted_kw) for claim in served}
        self.full: dict[str, Phase | None] = {}
        for _, equals in groupby(served, key=lambda claim: claim.urgency):
            self._share(list(equals))

    def _share(self, equals: Sequence[Claim]) -> None:
        """Give equals all that is left, or the same part of what they want of it."""
        limit_kw, free_kw = self.limit_kw, self.room.kw
        while equals:
            wanted_kw = dict.fromkeys(free_kw, 0.0)
            for claim in equals:
                add_load(wanted_kw, claim.wanted_kw - limit_kw[claim.id], claim.phases)
            share, full = 1.0, None
            for phase, carries in free_kw.items():
                wanted = wanted_kw[phase]
                if wanted > _TOLERANCE_KW and carries < share * wanted:
                    share, full = max(0.0, carries / wanted), (phase,)
            for claim in equals:
                limit_kw[claim.id] += share * (claim.wanted_kw - limit_kw[claim.id])
            for phase, wanted in wanted_kw.items():
                free_kw[phase] -= share * wanted
            if full is None:
                return
            # Those on what is full have their share; the others go on.
            self.full.update((c.id, full[0]) for c in equals if c.draws_from(full[0]))
            equals = [claim for claim in equals if not claim.draws_from(full[0])]


def _with_fewer(waiting: list[Claim], grant: _Grant, room: FreeRoom) -> _Grant | None:
    """Leave out the least urgent that take something from those that cannot wait.

    They are taken out of ``waiting`` and of the room then.

    Returns:
        What the others get; None where nobody is in their way.
    """
    short = [
        claim
        for claim in grant.served
        if claim.pressed and grant.limit_kw[claim.id] < claim.wanted_kw - _TOLERANCE_KW
    ]
    full = {grant.full.get(claim.id) for claim in short}
    in_the_way = [c for c in reversed(waiting) if any(map(c.draws_from, full))]

    def without(pausing: Sequence[Claim]) -> _Grant:
        left = room.copy()
        for claim in pausing:
            left.take(-claim.min_kw, claim.phases)
        return _Grant(grant.served, left)

    def granted_kw(given: _Grant) -> float:
        return math.fsum(given.limit_kw[claim.id] for claim in short)

    several = _as_many_as_needed(in_the_way, short, grant)
    for count, pausing in ((len(several), several), *((1, [one]) for one in in_the_way)):
        if not pausing:
            continue
        better = without(pausing)
        # Each further one with the same phases gives less: where the last helps, all do.
        fewer = grant if count == 1 else without(pausing[:-1])
        if granted_kw(better) > granted_kw(fewer) + _TOLERANCE_KW:
            for claim in pausing:
                waiting.remove(claim)
                room.take(-claim.min_kw, claim.phases)
            return better
    return None


def _as_many_as_needed(
    in_the_way: Sequence[Claim], short: Sequence[Claim], grant: _Grant
) -> Sequence[Claim]:
    """Return those to pause together, as hundreds one by one take long; none for less than two."""
    if not in_the_way:
        return ()
    phases = in_the_way[0].phases
    lacking: dict[Phase | None, float] = dict.fromkeys(grant.room.kw, 0.0)
    given_back = dict(lacking)
    for claim in short:
        add_load(lacking, claim.wanted_kw - grant.limit_kw[claim.id], claim.phases)
    add_load(given_back, in_the_way[0].min_kw, phases)
    count = min(
        (math.floor(kw / given_back[row]) for row, kw in lacking.items() if given_back[row] > 0),
        default=0,
    )
    several = list(takewhile(lambda claim: claim.phases == phases, in_the_way[:count]))
    return several if len(several) > 1 else ()
