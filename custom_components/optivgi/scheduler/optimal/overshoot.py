"""How far a car may exceed its need: a minimum power can be too coarse to meet it exactly."""

from ..quantities.demand import Demand

OVERSHOOT = 1e-5
"""What a kWh too many counts for beyond its price, relative to the highest price."""


def is_coarse(demand: Demand) -> bool:
    """Whether some amounts of energy cannot be met exactly with 0 or minimum ... maximum."""
    cells = demand.ceiling_kw > 0
    minimum = demand.ev.min_power_kw
    if minimum <= 0 or not cells.any():
        return demand.ev.single_phase is not None
    return 2 * minimum > float(demand.ceiling_kw[cells].min()) or demand.need_kwh < minimum * float(
        demand.gain_kwh[cells].max()
    )


def possible_overshoot_kwh(demand: Demand) -> float:
    """Return the most by which a car can have to exceed its need as its minimum is too coarse."""
    minimum = demand.ev.min_power_kw
    if demand.ev.single_phase is not None:
        minimum = max(minimum, demand.ev.single_phase.min_power_kw)
    slot = minimum * float(demand.gain_kwh.max(initial=0.0))
    # The least that can be charged at all is enough for a need below it.
    return slot if demand.need_kwh >= slot else slot - demand.need_kwh
