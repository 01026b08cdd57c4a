"""Fit what the plan wants into what the connection can carry right now, by reducing only.

What the house takes comes and goes. The car with the most time to spare gives way first, so that
the others go on as planned.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import groupby, takewhile
import math
from typing import NamedTuple

from .model import PHASES, Phase
from .model.network import SITE, NetworkPart

PRESSED_H = 0.5
"""A car with less time to spare than this may miss its departure by giving way."""
_TOLERANCE_KW = 1e-6
"""Sums of loads are no more exact than this."""


class Load(NamedTuple):
    """A power that is drawn.

    Attributes:
        kw: From all its phases together.
        phases: Those that it is spread over.
        circuits: Ids of the circuits that carry it, besides the site.
    """

    kw: float
    phases: tuple[Phase, ...]
    circuits: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What one charger wants now.

    Attributes:
        id: The charger.
        wanted_kw: The limit it should get.
        min_kw: The minimum it can charge at; below that it gets 0.
        phases: The phases its car draws from.
        circuits: Ids of the circuits it hangs on.
        urgency: How little time it has to spare before its departure, in hours below none;
            infinite where it charges at once. The larger the sooner it is served.
    """

    id: str
    wanted_kw: float
    min_kw: float
    phases: tuple[Phase, ...]
    circuits: tuple[str, ...] = ()
    urgency: float

    def load(self, kw: float) -> Load:
        """Return what it is to the network when it draws so much."""
        return Load(kw, self.phases, self.circuits)

    @property
    def pressed(self) -> bool:
        """Whether it may miss its departure if it gets less than it wants."""
        return -PRESSED_H < self.urgency < math.inf

    def draws_from(self, part: NetworkPart) -> bool:
        """Tell whether it draws through a part of the site."""
        return (part.circuit is None or part.circuit in self.circuits) and (
            part.phase is None or part.phase in self.phases
        )


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """What all chargers may draw: together, from each phase, and through each circuit.

    Attributes:
        total_kw: From all phases together.
        phase_kw: From each phase: one number that holds for all, or one for each; None where
            phases are not limited.
        phases: Those that there are.
        silent: Those of which nobody knows what is left.
        circuits: By id, what each circuit leaves those that hang on it.
    """

    total_kw: float
    phase_kw: float | Mapping[Phase, float] | None = None
    phases: tuple[Phase, ...] = PHASES
    silent: tuple[Phase, ...] = ()
    circuits: Mapping[str, Capacity] = field(default_factory=dict)

    def left(self, circuit: str | None = None) -> Iterator[tuple[NetworkPart, float]]:
        """Yield each limited part with what is left of it; below 0 where it carries too much.

        Args:
            circuit: The circuit that this is about; None for the site and all its circuits.
        """
        yield NetworkPart(circuit), self.total_kw
        each = self.phase_kw
        if each is not None:
            for phase in self.phases:
                kw = each[phase] if isinstance(each, Mapping) else each
                yield NetworkPart(circuit, phase), kw
        for circuit_id, capacity in self.circuits.items():
            yield from capacity.left(circuit_id)

    def beside(self, loads: Sequence[Load]) -> Capacity:
        """Return what is left beside loads."""
        each = self.phase_kw
        through: dict[str, list[Load]] = {circuit_id: [] for circuit_id in self.circuits}
        for load in loads if through else ():
            for circuit_id in load.circuits:
                through[circuit_id].append(load)
        return replace(
            self,
            total_kw=self.total_kw - load_kw(loads, None),
            phase_kw=None
            if each is None
            else {
                phase: (each[phase] if isinstance(each, Mapping) else each) - load_kw(loads, phase)
                for phase in self.phases
            },
            circuits={
                circuit_id: capacity.beside(through[circuit_id])
                for circuit_id, capacity in self.circuits.items()
            },
        )

    def fits(self, loads: Iterable[Load]) -> bool:
        """Tell whether loads fit together."""
        return not FreeRoom(self, loads).overfull()

    def is_known_for(self, load: Load) -> bool:
        """Tell whether it is known what is left on all that carries a load."""
        parts = (self, *(self.circuits[circuit_id] for circuit_id in load.circuits))
        return all(part.silent == () or set(part.silent).isdisjoint(load.phases) for part in parts)


class FreeRoom:
    """What is left of a capacity while loads are put into it one by one, and taken out again."""

    def __init__(self, capacity: Capacity, loads: Iterable[Load] = ()) -> None:
        """Begin with what a capacity leaves beside loads; what is overloaded leaves nothing."""
        self.kw = {part: max(0.0, kw) for part, kw in capacity.left()}
        for load in loads:
            self.take(load)

    def copy(self) -> FreeRoom:
        """Return another one that begins with the same."""
        room = FreeRoom.__new__(FreeRoom)
        room.kw = dict(self.kw)
        return room

    def take(self, load: Load) -> None:
        """Put in a load; a negative one is given back."""
        add_load(self.kw, load._replace(kw=-load.kw))

    def overfull(self) -> list[NetworkPart]:
        """Return the parts that do not carry what was put in."""
        return [part for part, left_kw in self.kw.items() if left_kw < -_TOLERANCE_KW]

    def tightest(self, phases: tuple[Phase, ...], circuits: tuple[str, ...]) -> NetworkPart:
        """Return the part that leaves least to who draws from phases, through circuits."""
        limited = [pair for pair in _shares(phases, circuits) if pair[0] in self.kw]
        return min(limited, key=lambda pair: self.kw[pair[0]] / pair[1])[0]

    def fits(self, load: Load) -> bool:
        """Tell whether one more load fits; other circuits than its own do not matter."""
        return all(
            self.kw[part] - load.kw * share >= -_TOLERANCE_KW
            for part, share in _shares(load.phases, load.circuits)
            if part in self.kw
        )


@cache
def _shares(
    phases: tuple[Phase, ...], circuits: tuple[str, ...]
) -> tuple[tuple[NetworkPart, float], ...]:
    """Return which part of a load each part of the site carries, limited or not."""
    return tuple(
        (NetworkPart(circuit, phase), 1.0 if phase is None else 1 / len(phases))
        for circuit in (None, *circuits)
        for phase in (None, *phases)
    )


def load_kw(loads: Iterable[Load], phase: Phase | None) -> float:
    """Return the load of all phases together (None), or that of one of them."""
    if phase is None:
        return math.fsum(load.kw for load in loads)
    return math.fsum(load.kw / len(load.phases) for load in loads if phase in load.phases)


def add_load(rows: dict[NetworkPart, float], load: Load) -> None:
    """Add a load to the parts that carry it, as far as those are limited."""
    for part, share in _shares(load.phases, load.circuits):
        if part in rows:
            rows[part] += load.kw * share


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
    room = FreeRoom(capacity, (claim.load(claim.min_kw) for claim in served))
    while full := room.overfull():
        # Who gives way within a circuit makes room outside it as well.
        part = next((part for part in reversed(full) if part.circuit is not None), full[0])
        pausing = next(claim for claim in reversed(served) if claim.draws_from(part))
        served.remove(pausing)
        room.take(pausing.load(-pausing.min_kw))
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
        self.full: dict[str, NetworkPart] = {}
        for _, equals in groupby(served, key=lambda claim: claim.urgency):
            self._share(list(equals))

    def _share(self, equals: Sequence[Claim]) -> None:
        """Give equals all that is left, or the same part of what they want of it."""
        limit_kw, free_kw = self.limit_kw, self.room.kw
        while equals:
            # Only what they draw through: a site may have many circuits.
            wanted_kw: dict[NetworkPart, float] = {}
            for claim in equals:
                more_kw = claim.wanted_kw - limit_kw[claim.id]
                for part, carried in _shares(claim.phases, claim.circuits):
                    if part in free_kw:
                        wanted_kw[part] = wanted_kw.get(part, 0.0) + more_kw * carried
            share, full = 1.0, None
            for part, wanted in wanted_kw.items():
                carries = free_kw[part]
                if wanted > _TOLERANCE_KW and carries < share * wanted:
                    share, full = max(0.0, carries / wanted), part
            for claim in equals:
                limit_kw[claim.id] += share * (claim.wanted_kw - limit_kw[claim.id])
            for part, wanted in wanted_kw.items():
                free_kw[part] -= share * wanted
            if full is None:
                return
            # Those on what is full have their share; the others go on.
            self.full.update((c.id, full) for c in equals if c.draws_from(full))
            equals = [claim for claim in equals if not claim.draws_from(full)]


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
    full = {grant.full.get(claim.id, SITE) for claim in short}
    in_the_way = [c for c in reversed(waiting) if any(map(c.draws_from, full))]

    def without(pausing: Sequence[Claim]) -> _Grant:
        left = room.copy()
        for claim in pausing:
            left.take(claim.load(-claim.min_kw))
        return _Grant(grant.served, left)

    def granted_kw(given: _Grant) -> float:
        return math.fsum(given.limit_kw[claim.id] for claim in short)

    several = _as_many_as_needed(in_the_way, short, grant)
    for count, pausing in ((len(several), several), *((1, [one]) for one in in_the_way)):
        if not pausing:
            continue
        better = without(pausing)
        # Each further one in the same place gives less: where the last helps, all do.
        fewer = grant if count == 1 else without(pausing[:-1])
        if granted_kw(better) > granted_kw(fewer) + _TOLERANCE_KW:
            for claim in pausing:
                waiting.remove(claim)
                room.take(claim.load(-claim.min_kw))
            return better
    return None


def _as_many_as_needed(
    in_the_way: Sequence[Claim], short: Sequence[Claim], grant: _Grant
) -> Sequence[Claim]:
    """Return those to pause together, as hundreds one by one take long; none for less than two."""
    if not in_the_way:
        return ()
    given_way = in_the_way[0].load(in_the_way[0].min_kw)
    lacking: dict[NetworkPart, float] = dict.fromkeys(grant.room.kw, 0.0)
    given_back = dict(lacking)
    for claim in short:
        add_load(lacking, claim.load(claim.wanted_kw - grant.limit_kw[claim.id]))
    add_load(given_back, given_way)
    count = min(
        (math.floor(kw / given_back[row]) for row, kw in lacking.items() if given_back[row] > 0),
        default=0,
    )
    place = given_way[1:]
    several = list(
        takewhile(lambda claim: (claim.phases, claim.circuits) == place, in_the_way[:count])
    )
    return several if len(several) > 1 else ()
