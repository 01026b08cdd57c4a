"""How short a plan leaves each car, for telling which of two plans is fairer."""

from collections.abc import Sequence

from ..quantities.demand import Array, Demand

SHORT = 1e-4
"""Missing fraction that counts as a shortage."""


def missing_fractions(demands: Sequence[Demand], power_kw: Sequence[Array]) -> list[float]:
    """Return each demand's missing fraction times its priority, the worst first.

    Comparing two such lists compares plans by max-min fairness.
    """
    missing = (
        max(0.0, 1.0 - demand.energy_kwh(demand.tapered(power)) / demand.need_kwh)
        * demand.ev.priority
        for demand, power in zip(demands, power_kw, strict=True)
        if demand.need_kwh > 0
    )
    # Rounded, so that a hair does not decide between plans.
    return sorted((round(value, 4) for value in missing), reverse=True)


def counted_shortage(demands: Sequence[Demand], power_kw: Sequence[Array]) -> float:
    """Return what is missed counts for where it is shared: each kWh 1, and up to 3 more.

    The more of its need a car misses already, times its priority, the more the next kWh counts.
    """
    highest = max(demand.ev.priority for demand in demands)
    counted = 0.0
    for demand, power in zip(demands, power_kw, strict=True):
        missed = max(0.0, demand.need_kwh - demand.energy_kwh(demand.tapered(power)))
        if missed > 0:
            level = demand.ev.priority * missed / demand.need_kwh
            # The mean of what all of its missed energy counts.
            counted += missed * (1 + 1.5 * level / highest)
    return counted
