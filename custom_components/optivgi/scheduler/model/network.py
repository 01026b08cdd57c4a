"""The limited parts of a site: its connection, circuits, and the phases of these. Plain Python.

A part is known by which circuit and which phase it is, never by a name that is made of these: a
circuit may be called like a phase, or like another circuit and its phase.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
import math
from typing import NamedTuple

from .checks import PerStep
from .site import LINE_SHARE, PHASES, Circuit, GridConnection, PerPhase, Phase


class NetworkPart(NamedTuple):
    """A part of the site that has a limit.

    Attributes:
        circuit: Id of a circuit; None for the site's own connection.
        phase: One of its phases; None for all of them together.
    """

    circuit: str | None = None
    phase: Phase | None = None

    def __str__(self) -> str:
        """Return what to call it in reports: "site", "L1", "garage" or "garage/L1"."""
        return "/".join(filter(None, self)) or "site"


SITE = NetworkPart()
"""The site's own connection, all phases together."""
BATTERY_SHARES = {SITE: 1.0} | {NetworkPart(phase=phase): 1 / len(PHASES) for phase in PHASES}
"""What each part carries of one kW of the home battery, which is connected to all phases."""


@dataclass(frozen=True, kw_only=True)
class PartLimit:
    """What limits one part, and what it carries without EVs and without what is planned.

    Attributes:
        limit_kw: Its limit, per step.
        load_kw: Base load less PV, per step; below 0 where that flows back.
        given_kw: What home batteries with plans of their own are charged with, per step,
        back_kw: and what they give.
    """

    limit_kw: PerStep
    load_kw: PerStep
    given_kw: PerStep
    back_kw: PerStep

    @cached_property
    def used_kw(self) -> PerStep:
        """What it carries without EVs at most, per step: a battery may give less than planned."""
        return tuple(load + own for load, own in zip(self.load_kw, self.given_kw, strict=True))

    @cached_property
    def capacity_kw(self) -> PerStep:
        """What may be drawn through it, per step; never negative, whatever the house does."""
        return tuple(
            max(0.0, limit - used) for limit, used in zip(self.limit_kw, self.used_kw, strict=True)
        )

    @cached_property
    def backfeed_kw(self) -> PerStep:
        """What may be given back through it, per step: its limit, and what its loads use up."""
        return tuple(
            max(0.0, limit + load - own)
            for limit, load, own in zip(self.limit_kw, self.load_kw, self.back_kw, strict=True)
        )


def part_limits(
    site: GridConnection, circuits: Iterable[Circuit], given_kw: Sequence[PerStep]
) -> dict[NetworkPart, PartLimit]:
    """Return all parts that are limited, the site itself first.

    What is only known in total is taken as spread equally over the phases.

    Args:
        site: The connection.
        circuits: The limited parts of it.
        given_kw: What each home battery with a plan of its own does, per step: charging above 0.
    """
    nothing = (0.0,) * len(site.limit_kw)
    given = _added(nothing, ((max(0.0, kw) for kw in own) for own in given_kw))
    back = _added(nothing, ((max(0.0, -kw) for kw in own) for own in given_kw))

    def net(base: PerStep, pv: PerStep) -> PerStep:
        return tuple(load - sun for load, sun in zip(base, pv, strict=True))

    load = net(site.total_base_load_kw, site.total_pv_kw)
    found = {SITE: PartLimit(limit_kw=site.limit_kw, load_kw=load, given_kw=given, back_kw=back)}
    for index, (phase, limit) in enumerate(zip(PHASES, site.phase_limits_kw, strict=False)):
        found[NetworkPart(phase=phase)] = PartLimit(
            limit_kw=limit,
            load_kw=net(site.phase_base_load_kw(index), site.phase_pv_kw(index)),
            given_kw=_third(given),
            back_kw=_third(back),
        )
    for circuit in circuits:
        base = circuit.base_load_kw or nothing
        if circuit.limit_kw:
            found[NetworkPart(circuit.id)] = PartLimit(
                limit_kw=circuit.limit_kw, load_kw=base, given_kw=nothing, back_kw=nothing
            )
        for phase, limit in zip(PHASES, _each_phase(circuit.phase_limit_kw), strict=False):
            found[NetworkPart(circuit.id, phase)] = PartLimit(
                limit_kw=limit, load_kw=_third(base), given_kw=nothing, back_kw=nothing
            )
    return found


def part_shares(
    circuits: Iterable[Circuit],
    phases: Sequence[Phase],
    *,
    line_to_line: bool = False,
    phases_used: int | None = None,
) -> dict[NetworkPart, float]:
    """Return what each part carries of one kW that an EV draws, limited or not.

    Args:
        circuits: The circuits it hangs on.
        phases: The phases it draws from, equally.
        line_to_line: It is connected between the two phases.
        phases_used: From how many of them it draws; None for all. Each may be one of these.
    """
    part = LINE_SHARE if line_to_line else 1 / (phases_used or len(phases))
    shares: dict[NetworkPart, float] = {}
    for circuit in (None, *(circuit.id for circuit in circuits)):
        shares[NetworkPart(circuit)] = 1.0
        shares |= {NetworkPart(circuit, phase): part for phase in phases}
    return shares


def _added(nothing: PerStep, series: Iterable[Iterable[float]]) -> PerStep:
    return tuple(math.fsum(step) for step in zip(nothing, *series, strict=True))


def _third(series: PerStep) -> PerStep:
    return tuple(value / len(PHASES) for value in series)


def _each_phase(limits: PerPhase) -> PerPhase:
    return limits * len(PHASES) if len(limits) == 1 else limits
