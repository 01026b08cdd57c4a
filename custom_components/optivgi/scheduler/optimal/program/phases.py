"""Chargers that switch between one and three phases by themselves.

    x1  power on one phase   kW        minimum1 * z1 <= x1 <= ceiling1 * z1
    m   mode                 0 or 1    z1 <= m,  z <= 1 - m;  where it gives back, m = 0
    s   switch               >= 0      s >= |m(t) - m(t-1)|,  sum s <= budget

The mode is kept while the car is off, so that a pause does not hide a switch.
"""

import numpy as np
from pulp import LpVariable

from ...quantities.demand import Demand
from .builder import Builder, Cells, Terms

type SingleCells = dict[int, tuple[LpVariable, LpVariable]]
"""Power and on/off on one phase, by step."""


def add_single_phase(
    builder: Builder,
    index: int,
    demand: Demand,
    *,
    power: Cells,
    switches: Cells,
    energy: Terms,
) -> SingleCells:
    """Add what a car can draw on one phase, and its budget of switches; return the cells."""
    single = demand.ev.single_phase
    if single is None:
        return {}
    cells: SingleCells = {}
    ceiling = demand.single_ceiling(builder.network)
    for step in map(int, np.flatnonzero(ceiling)):
        x = builder.variable(f"x1_{index}_{step}", 0, float(ceiling[step]))
        z = builder.choice(f"z1_{index}_{step}")
        builder.row([(x, 1.0), (z, -float(ceiling[step]))], upper=0.0)
        builder.row([(z, single.min_power_kw), (x, -1.0)], upper=0.0)
        energy.append((x, float(demand.gain_kwh[step])))
        builder.carry(x, step, demand.single_share)
        cells[step] = x, z
    switched: Terms = []
    before: LpVariable | None = None
    # What gives back does so on all phases, also where it could not charge.
    there = np.flatnonzero(demand.hours).tolist() if demand.ev.discharge is not None else ()
    for step in sorted({*power, *cells, *there}):
        mode = builder.choice(f"m_{index}_{step}")
        builder.modes[index, step] = mode
        if step in cells:
            builder.row([(cells[step][1], 1.0), (mode, -1.0)], upper=0.0)
        if step in switches:
            builder.row([(switches[step], 1.0), (mode, 1.0)], upper=1.0)
        switch = builder.variable(f"s_{index}_{step}", 0, 1)
        switched.append((switch, 1.0))
        if before is None:
            was = float(single.active)
            builder.row([(mode, 1.0), (switch, -1.0)], upper=was)
            builder.row([(mode, -1.0), (switch, -1.0)], upper=-was)
        else:
            builder.row([(mode, 1.0), (before, -1.0), (switch, -1.0)], upper=0.0)
            builder.row([(mode, -1.0), (before, 1.0), (switch, -1.0)], upper=0.0)
        before = mode
    builder.row(switched, upper=float(single.max_switches))
    return cells
