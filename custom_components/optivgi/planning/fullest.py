"""How full the site gets by a plan: the part with the least room left, in each step."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..scheduler.model import Phase, Problem, Schedule
from ..scheduler.model.network import NetworkPart, PartLimit, part_shares

type _Way = tuple[str | None, tuple[Phase, ...], bool, int | None]
"""How a car is connected."""


@dataclass(frozen=True, kw_only=True)
class Fullest:
    """The part of the site that has the least room left in a step.

    Attributes:
        part: Which one.
        used_kw: What it carries by the plan, everything else included.
        limit_kw: What it may carry.
    """

    part: NetworkPart
    used_kw: float
    limit_kw: float


def fullest(
    problem: Problem, schedule: Schedule, rated_kw: Mapping[NetworkPart, float]
) -> tuple[Fullest, ...]:
    """Return the fullest part in each step.

    Args:
        problem: What was planned.
        schedule: The plan.
        rated_kw: What parts may carry by their fuses. Where a plan keeps to less, as nobody knows
            which phase carries the house, the difference counts as used.
    """
    planned = _planned_kw(problem, schedule)
    parts = list(problem.part_limits.items())
    return tuple(
        max(
            (
                _in_step(part, limit, planned[part], rated_kw.get(part), step)
                for part, limit in parts
            ),
            key=lambda found: found.used_kw / max(found.limit_kw, 1e-9),
        )
        for step in range(len(schedule.horizon))
    )


def _in_step(
    part: NetworkPart, limit: PartLimit, planned: Sequence[float], rated_kw: float | None, step: int
) -> Fullest:
    limit_kw = limit.limit_kw[step]
    full_kw = limit_kw if rated_kw is None else max(limit_kw, rated_kw)
    return Fullest(
        part=part,
        used_kw=limit.used_kw[step] + planned[step] + full_kw - limit_kw,
        limit_kw=full_kw,
    )


def _planned_kw(problem: Problem, schedule: Schedule) -> Mapping[NetworkPart, list[float]]:
    """Return what is planned through each part, per step; cars connected alike summed up first."""
    steps = len(schedule.horizon)
    alike: dict[_Way, list[float]] = defaultdict(lambda: [0.0] * steps)
    shares: dict[_Way, Mapping[NetworkPart, float]] = {}
    for ev in problem.evs:
        answer = schedule.ev(ev.id)
        if answer is None:
            continue
        way = ev.circuit, ev.phases, ev.line_to_line, ev.phases_used
        if way not in shares:
            shares[way] = part_shares(
                problem.circuits_of(ev),
                ev.phases,
                line_to_line=ev.line_to_line,
                phases_used=ev.phases_used,
            )
        alike[way] = [one + more for one, more in zip(alike[way], answer.limit_kw, strict=True)]
    carried: dict[NetworkPart, list[float]] = defaultdict(lambda: [0.0] * steps)
    for way, planned in alike.items():
        for part, share in shares[way].items():
            carried[part] = [
                one + share * more for one, more in zip(carried[part], planned, strict=True)
            ]
    return carried
