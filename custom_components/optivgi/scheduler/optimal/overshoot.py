"""How far a car may exceed its need: a minimum power can be too coarse to meet it exactly."""

from ..quantities.demand import Array, Demand

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
    more = slot if demand.need_kwh >= slot else slot - demand.need_kwh
    return max(0.0, min(more, demand.ev.room_kwh - demand.need_kwh - demand.extra_kwh))


def overshoot_price(demand: Demand, buy: Array, sell: Array) -> float:
    """Return what a kWh too many counts for: as much as being paid for it may bring, and a trifle.

    Args:
        demand: The car.
        buy: What an imported kWh costs per step,
        sell: and one that would be exported, both relative to the highest price.
    """
    lowest = min(float(buy.min()), float(sell.min()), 0.0)
    return OVERSHOOT - lowest / demand.ev.efficiency
