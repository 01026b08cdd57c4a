"""Fit what the plan wants into what the connection can carry right now, by reducing only."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
import math

_TOLERANCE_KW = 1e-6


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What one charger wants now.

    Attributes:
        id: The charger.
        wanted_kw: The limit it should get.
        least_kw: The least it can charge at; below that it gets 0.
        phases: How many phases its car draws from, L1 first.
        urgency: Who is served first where not all can be; the larger the sooner.
    """

    id: str
    wanted_kw: float
    least_kw: float
    phases: int
    urgency: float


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """What all chargers may draw: together, and from each of the phases where those are limited."""

    total_kw: float
    phase_kw: float | None = None
    phases: int = 3

    def rows(self) -> Iterator[tuple[int | None, float]]:
        """Yield a phase, or None for all together, with what it carries; never below 0."""
        yield None, max(0.0, self.total_kw)
        if self.phase_kw is not None:
            for phase in range(self.phases):
                yield phase, max(0.0, self.phase_kw)

    def fits(self, powers: Iterable[tuple[float, int]]) -> bool:
        """Tell whether powers in kW, each on so many phases, fit together."""
        loads = list(powers)
        return all(
            _load(loads, phase) <= capacity + _TOLERANCE_KW for phase, capacity in self.rows()
        )


def _load(powers: Sequence[tuple[float, int]], phase: int | None) -> float:
    """Return the load of all phases together, or that of one of them."""
    if phase is None:
        return math.fsum(power for power, _ in powers)
    return math.fsum(power / phases for power, phases in powers if phase < phases)


def allocate(claims: Sequence[Claim], capacity: Capacity) -> dict[str, float]:
    """Return a limit in kW for each claim; none is above what it wants.

    Where the least powers of all do not fit together, the least urgent chargers get 0, one
    by one. The others are reduced by the same share of what they want above their least.
    """
    limits = {claim.id: 0.0 for claim in claims}
    served = sorted(
        (
            claim
            for claim in claims
            if claim.wanted_kw > 0 and claim.wanted_kw >= claim.least_kw - _TOLERANCE_KW
        ),
        key=lambda claim: (-claim.urgency, claim.id),
    )
    while served and not capacity.fits((claim.least_kw, claim.phases) for claim in served):
        served.pop()

    least = [(claim.least_kw, claim.phases) for claim in served]
    above = [(max(0.0, claim.wanted_kw - claim.least_kw), claim.phases) for claim in served]
    share = 1.0
    for phase, carries in capacity.rows():
        if (wanted := _load(above, phase)) > 0:
            share = min(share, (carries - _load(least, phase)) / wanted)
    share = max(0.0, share)
    for claim, (extra, _) in zip(served, above, strict=True):
        limits[claim.id] = claim.least_kw + share * extra
    return limits
