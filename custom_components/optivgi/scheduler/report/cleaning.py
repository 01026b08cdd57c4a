"""Clears a solver's answer of what its tolerances left."""

from collections.abc import Sequence

import numpy as np

from ..quantities.demand import Array, Demand, NetworkLimits


def clean_powers(
    demands: Sequence[Demand], network: NetworkLimits, power_kw: Sequence[Array]
) -> None:
    """Remove in place what a solver's tolerances left: powers in the gap, hairs over a limit."""
    if not demands:
        return
    for demand, power in zip(demands, power_kw, strict=True):
        minimum = demand.ev.min_power_kw
        np.clip(power, demand.floor_kw, demand.ceiling_kw, out=power)
        power[power < max(minimum / 2, 1e-5)] = 0.0
        power[(power > 0) & (power < minimum)] = minimum
    shares = np.array([demand.share for demand in demands])
    load = shares.T @ np.array(power_kw)
    for row, step in zip(*np.nonzero(load > network.capacity_kw), strict=True):
        over = float(shares[:, row] @ [power[step] for power in power_kw])
        over -= float(network.capacity_kw[row, step])
        for demand, power in zip(demands, power_kw, strict=True):
            part = float(demand.share[row])
            if over <= 0:
                break
            min_kw = max(demand.ev.min_power_kw, float(demand.floor_kw[step]))
            given = min(float(power[step]) - min_kw, over / part) if part > 0 else 0.0
            if given > 0:
                power[step] -= given
                over -= given * part
