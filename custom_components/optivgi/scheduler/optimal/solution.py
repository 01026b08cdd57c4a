"""What planning one subproblem has come to."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..model import SinglePhase
from ..quantities.demand import Array
from ..quantities.storage import BatteryPowers


@dataclass(kw_only=True)
class Solution:
    """A plan for a Subproblem, one entry per car where not said otherwise.

    Attributes:
        power_kw: What each car draws on all its phases, per step.
        single_kw: What each draws on one phase after switching, per step; or empty.
        discharge_kw: What each gives back, per step; or empty.
        battery_kw: What each home battery that was planned is charged with, below 0 what it gives,
            per step and by its id.
        objective: What the plan counts for, starts and ties included, in the site's currency.
        bound: No plan for the same energies can be below this; None where nothing is proven.
        capacity_prices: What a kW more of each row of the network would save, per step; or None.
        energy_prices: What a kWh more would cost each car; or empty.
    """

    power_kw: list[Array]
    single_kw: list[Array] = field(default_factory=list)
    discharge_kw: list[Array] = field(default_factory=list)
    battery_kw: BatteryPowers = field(default_factory=dict)
    objective: float
    bound: float | None
    capacity_prices: Array | None = None
    energy_prices: list[float] = field(default_factory=list)

    def flows(self) -> Iterator[tuple[Array, Array | None]]:
        """Yield what each car may draw, on all its phases or on one, and what it gives back."""
        for index, on_all in enumerate(self.power_kw):
            power = on_all + self.single_kw[index] if self.single_kw else on_all
            yield power, self.discharge_kw[index] if self.discharge_kw else None


def modes(single: SinglePhase, on_one_kw: Array, on_all_kw: Array) -> NDArray[np.bool]:
    """Return in which steps a charger is on one phase; while it is off, it stays as it is.

    Args:
        single: What it can do.
        on_one_kw: What it draws on one phase, per step.
        on_all_kw: What it draws, or gives, on all.
    """
    known = np.where(on_one_kw > 0, 1, np.where(on_all_kw > 0, 0, -1))
    # The step in which that was last known, or the first of all, which is how it is now.
    known = np.concatenate(([int(single.active)], known))
    last = np.maximum.accumulate(np.where(known < 0, 0, np.arange(len(known))))
    on_one: NDArray[np.bool] = known[last] > 0
    return on_one[1:]
