"""How far each limited part of the site is used, base load and home battery included."""

from collections.abc import Iterable, Mapping

import numpy as np

from ..model import Problem, ResourcePeak
from ..model.network import NetworkPart, PartLimit
from ..quantities.demand import Array


def limits_and_base_kw(problem: Problem) -> tuple[Array, Array]:
    """Return the limit of each part and what it carries without EVs; below 0 where PV flows back.

    Both have a row for each row of NetworkLimits.
    """
    parts = problem.part_limits.values()
    return np.array([part.limit_kw for part in parts]), np.array([part.used_kw for part in parts])


def resource_peaks(
    limits: Mapping[NetworkPart, PartLimit], load_kw: Array, back_kw: Array
) -> tuple[ResourcePeak, ...]:
    """Return how far each part is used in the step in which the least is left of it.

    Where something planned gives back, what flows towards the grid counts like what comes from it:
    whichever is more.

    Args:
        limits: The parts and their limits.
        load_kw: What is planned beside the base load: EVs, and a home battery's charging. A row for
            each part, a column for each step.
        back_kw: What EVs and a home battery are planned to give back, likewise.
    """
    limit_kw = np.array([part.limit_kw for part in limits.values()])
    room_kw = np.array([part.backfeed_kw for part in limits.values()])
    used = np.array([part.used_kw for part in limits.values()]) + load_kw
    returned = np.where(back_kw > 0, back_kw + limit_kw - room_kw, -np.inf)
    carried = np.maximum(used, returned)
    tightest = (limit_kw - carried).argmin(axis=1)
    return tuple(
        ResourcePeak(
            id=name,
            peak_kw=float(carried[row, step]),
            limit_kw=float(limit_kw[row, step]),
            step=int(step),
        )
        for row, (name, step) in enumerate(zip(_names(limits), tightest, strict=True))
    )


def _names(parts: Iterable[NetworkPart]) -> list[str]:
    """Return a name for each part, as people know it; another one where that is taken."""
    names: list[str] = []
    for part in parts:
        name = str(part)
        while name in names:
            name = f"circuit {name}"
        names.append(name)
    return names
