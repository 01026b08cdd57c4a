"""Chargers that switch between one and three phases by themselves.

    x1  power on one phase   kW        minimum1 * z1 <= x1 <= ceiling1 * z1
    m   mode                 0 or 1    z1 <= m,  z <= 1 - m;  where it gives back, m = 0
    s   to one phase         >= 0      s >= m(t) - m(t-1),  2 * sum s - m(end) + m(0) <= budget

The mode is kept while the car is off, so that a pause does not hide a switch. It need not be whole:
where the car is on it is, and in between only how far it goes matters.
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
) -> tuple[SingleCells, Cells]:
    """Add what a car can draw on one phase, and its budget of switches.

    Returns:
        The cells, and how many steps of power there are in each, where these must be whole.
    """
    single = demand.ev.single_phase
    if single is None:
        return {}, {}
    cells: SingleCells = {}
    portions: Cells = {}
    ceiling = demand.single_ceiling(builder.network)
    size = builder.whole_kw(demand) / len(demand.ev.phases)
    for step in map(int, np.flatnonzero(ceiling)):
        x = builder.variable(f"x1_{index}_{step}", 0, float(ceiling[step]))
        z = builder.choice(f"z1_{index}_{step}", step)
        if size > 0:
            name = f"k1_{index}_{step}"
            portions[step] = builder.portions(name, x, z, single.min_power_kw, size)
        else:
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
        mode = builder.variable(f"m_{index}_{step}", 0, 1)
        builder.modes[index, step] = mode
        if step in cells:
            builder.row([(cells[step][1], 1.0), (mode, -1.0)], upper=0.0)
        if step in switches:
            builder.row([(switches[step], 1.0), (mode, 1.0)], upper=1.0)
        # To one phase; as often it goes back, but for where it begins and ends.
        switch = builder.variable(f"s_{index}_{step}", 0, 1)
        switched.append((switch, 2.0))
        if before is None:
            builder.row([(mode, 1.0), (switch, -1.0)], upper=float(single.active))
        else:
            builder.row([(mode, 1.0), (before, -1.0), (switch, -1.0)], upper=0.0)
        before = mode
    if before is not None:
        budget = float(single.max_switches - single.active)
        builder.row([*switched, (before, -1.0)], upper=budget)
    return cells, portions
