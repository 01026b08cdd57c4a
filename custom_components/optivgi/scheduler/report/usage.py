"""How far each limited part of the site is used, base load and home battery included."""

import numpy as np

from ..model import PHASES, Problem, ResourcePeak
from ..quantities.demand import SITE, Array


def limits_and_base_kw(problem: Problem, names: tuple[str, ...]) -> tuple[Array, Array]:
    """Return the limit of each part and what it carries without EVs; below 0 where PV flows back.

    Args:
        problem: The site and its circuits.
        names: The parts, as the row of NetworkLimits are named.
    """
    site, steps = problem.site, len(problem.horizon)
    given = () if problem.battery is None else problem.battery.given_kw
    charging = np.maximum(given, 0.0) if given else np.zeros(steps)
    rows: dict[str, tuple[Array, Array]] = {
        SITE: (
            np.array(site.limit_kw),
            np.array(problem.base_load_kw) + charging - np.array(problem.pv_kw),
        )
    }
    for index, phase in enumerate(PHASES if site.phase_limits_kw else ()):
        base = np.array(site.phase_base_load_kw(index)) - np.array(site.phase_pv_kw(index))
        rows[phase] = np.array(site.phase_limits_kw[index]), base + charging / len(PHASES)
    for circuit in problem.circuits:
        own = np.array(circuit.base_load_kw or (0.0,) * steps)
        if circuit.limit_kw:
            rows[circuit.id] = np.array(circuit.limit_kw), own
        limits = circuit.phase_limit_kw
        for phase, limit in zip(PHASES, limits * 3 if len(limits) == 1 else limits, strict=False):
            rows[f"{circuit.id}/{phase}"] = np.array(limit), own / len(PHASES)
    return np.array([rows[name][0] for name in names]), np.array([rows[name][1] for name in names])


def resource_peaks(
    names: tuple[str, ...], limit_kw: Array, base_kw: Array, load_kw: Array
) -> tuple[ResourcePeak, ...]:
    """Return how far each part is used in the step in which the least is left of it.

    Args:
        names: The parts.
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
        for row, (name, step) in enumerate(zip(names, tightest, strict=True))
    )
