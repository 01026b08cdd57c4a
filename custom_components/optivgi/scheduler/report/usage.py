"""How far each limited part of the site is used, base load and home battery included."""

from collections.abc import Iterable

import numpy as np

from ..model import Problem, ResourcePeak
from ..model.network import NetworkPart
from ..quantities.demand import Array


def limits_and_base_kw(problem: Problem) -> tuple[Array, Array]:
    """Return the limit of each part and what it carries without EVs; below 0 where PV flows back.

    Both have a row for each row of NetworkLimits.
    """
    parts = problem.part_limits.values()
    return np.array([part.limit_kw for part in parts]), np.array([part.used_kw for part in parts])


def resource_peaks(
    parts: Iterable[NetworkPart], limit_kw: Array, base_kw: Array, load_kw: Array
) -> tuple[ResourcePeak, ...]:
    """Return how far each part is used in the step in which the least is left of it.

    Args:
        parts: The parts.
        limit_kw: Their limits.
        base_kw: What they carry without EVs.
        load_kw: What is planned beside that: EVs, and a home battery's charging.
    """
    total = base_kw + load_kw
    tightest = (limit_kw - total).argmin(axis=1)
    return tuple(
        ResourcePeak(
            id=name,
            peak_kw=float(total[row, step]),
            limit_kw=float(limit_kw[row, step]),
            step=int(step),
        )
        for row, (name, step) in enumerate(zip(_names(parts), tightest, strict=True))
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
