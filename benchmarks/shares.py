"""Makes a Problem ask for more than there is."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from custom_components.optivgi.scheduler import EV, PHASES, Problem

REACHABLE = 0.95
"""No car asks for more of what it could get were it alone."""
EXACT = 1e-4
"""How exactly the energy asked for is met, relative to it."""
ROUNDS = 50


def oversubscribe(problem: Problem, factor: float) -> Problem:
    """Scale the needs until they are ``factor`` times what can be delivered.

    All needs grow by the same factor, but never beyond what a car can get were it alone.

    Args:
        problem: The EVs and the wires.
        factor: Energy to be asked for, over the most energy that can be delivered.

    Raises:
        ValueError: The wires can deliver even the largest needs.
    """
    # Not with the module: nothing but this needs the solver to make a Problem.
    from .relaxation import most_kwh  # noqa: PLC0415

    most = [REACHABLE * reachable_kwh(problem, ev) for ev in problem.evs]

    def scaled(scale: float) -> list[float]:
        return [min(scale * ev.energy_kwh, top) for ev, top in zip(problem.evs, most, strict=True)]

    @cache
    def excess(scale: float) -> float:
        needs = scaled(scale)
        return sum(needs) - factor * most_kwh(problem, needs)

    low, high = 1.0, 2.0
    while excess(low) >= 0:
        low, high = low / 2, low
    while excess(high) <= 0:
        if scaled(high) == most:
            raise ValueError("the wires can deliver whatever is asked for")
        low, high = high, 2 * high
    needs = scaled(_root(excess, low, high, EXACT * sum(scaled(high))))
    return replace(
        problem,
        evs=tuple(
            replace(ev, energy_kwh=need) for ev, need in zip(problem.evs, needs, strict=True)
        ),
    )


def reachable_kwh(problem: Problem, ev: EV) -> float:
    """Return the energy that could come into an EV's battery were it alone."""
    energy = 0.0
    for step, hours in enumerate(problem.present_h(ev)):
        phases = [
            series[step] * len(ev.phases)
            for phase, series in zip(PHASES, problem.phase_capacity_kw, strict=False)
            if phase in ev.phases
        ]
        energy += hours * min(ev.max_power_kw, problem.capacity_kw[step], *phases)
    return ev.efficiency * energy


def _root(function: Callable[[float], float], low: float, high: float, tolerance: float) -> float:
    """Return where a rising, nearly straight function is 0, by the Illinois method.

    Each call solves a linear program; a line through both ends takes a few of them where halving
    would take thirty.
    """
    below, above = function(low), function(high)
    moved = ""
    for _ in range(ROUNDS):
        middle = (low * above - high * below) / (above - below)
        value = function(middle)
        if abs(value) <= tolerance:
            return middle
        if value < 0:
            low, below = middle, value
            # An end that stays twice counts half, or it would stay for ever.
            above = above / 2 if moved == "low" else above
            moved = "low"
        else:
            high, above = middle, value
            below = below / 2 if moved == "high" else below
            moved = "high"
    return high
