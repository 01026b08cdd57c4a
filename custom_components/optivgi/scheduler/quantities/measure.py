"""What a difference of money is compared with, so that its part says something. Plain Python."""

import math

from ..model import Problem

PART_OF_WORTH = 0.1
"""Differences are relative to the bill, but at least to this part of what the energy is worth.

What is sold pays for what is bought now and then, and a part of next to nothing is any number.
"""
NOTHING = 1e-9
"""Where energy is worth nothing, too, a difference is compared with this."""


def measure_of(problem: Problem, bill: float) -> float:
    """Return what differences between plans for a problem are relative to, at a bill."""
    highest = max(map(abs, (*problem.decision_price, *problem.export_price)))
    energy_kwh = math.fsum(ev.wanted_kwh / ev.efficiency for ev in problem.evs)
    energy_kwh += math.fsum(battery.capacity_kwh for battery in problem.batteries)
    return max(abs(bill), PART_OF_WORTH * highest * energy_kwh, NOTHING)
