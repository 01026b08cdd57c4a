"""Fit what the plan wants into what the connection can carry right now, by reducing only.

What the house takes comes and goes. The car with the most time to spare gives way first, so that
the others go on as planned.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
        return not self.overfull(list(loads))

    def overfull(self, loads: Sequence[Load]) -> list[Phase | None]:
        """Return the rows that do not carry loads."""
        return [phase for phase, kw in self.rows() if load_kw(loads, phase) > kw + _TOLERANCE_KW]


def load_kw(loads: Iterable[Load], phase: Phase | None) -> float:
    """Return the load of all phases together (None), or that of one of them."""
    if phase is None:
        return math.fsum(power for power, _ in loads)
    return math.fsum(power / len(phases) for power, phases in loads if phase in phases)


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
    while full := capacity.overfull([(claim.min_kw, claim.phases) for claim in served]):
        served.remove(next(claim for claim in reversed(served) if claim.draws_from(full[0])))
    granted = _grant(served, capacity)
    while (pausing := _in_the_way(served, granted, capacity)) is not None:
        served.remove(pausing)
        granted = _grant(served, capacity)
    return {claim.id: granted.get(claim.id, 0.0) for claim in claims}


def _in_the_way(
    served: Sequence[Claim], granted: dict[str, float], capacity: Capacity
) -> Claim | None:
    """Return the least urgent claim that can wait and takes something from one that cannot."""
    short = [
        claim
        for claim in served
        if claim.pressed and granted[claim.id] < claim.wanted_kw - _TOLERANCE_KW
    ]
    if not short:
        return None
    before = math.fsum(granted[claim.id] for claim in short)
    for claim in reversed(served):
        if claim.urgency > -PRESSED_H:
            return None
        without = _grant([other for other in served if other is not claim], capacity)
        if math.fsum(without[other.id] for other in short) > before + _TOLERANCE_KW:
            return claim
    return None


def _grant(served: Sequence[Claim], capacity: Capacity) -> dict[str, float]:
    """Give all their minimum, then what is left by urgency; ``served`` comes in that order."""
    limits = {claim.id: min(claim.min_kw, claim.wanted_kw) for claim in served}
    free = {
        phase: carries - load_kw([(limits[claim.id], claim.phases) for claim in served], phase)
        for phase, carries in capacity.rows()
    }
    for urgency in dict.fromkeys(claim.urgency for claim in served):
        equals = [claim for claim in served if claim.urgency == urgency]
        while equals:
            above = [(claim.wanted_kw - limits[claim.id], claim.phases) for claim in equals]
            share, full = 1.0, None
            for phase, carries in free.items():
                if (wanted := load_kw(above, phase)) > _TOLERANCE_KW and carries < share * wanted:
                    share, full = max(0.0, carries / wanted), (phase,)
            for claim, (extra, _) in zip(equals, above, strict=True):
                limits[claim.id] += share * extra
            for phase in free:
                free[phase] -= share * load_kw(above, phase)
            # Those on what is full have their share; the others go on.
            equals = [] if full is None else [c for c in equals if not c.draws_from(full[0])]
    return limits
