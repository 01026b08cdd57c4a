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
