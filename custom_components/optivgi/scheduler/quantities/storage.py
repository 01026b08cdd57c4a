"""What home batteries do together: charging loads the wires, and nothing makes up for it."""

from collections.abc import Mapping

import numpy as np

from .demand import Array

type BatteryPowers = Mapping[str, Array]
"""What each planned battery does, by its id and per step: charging above 0, discharging below."""


def charged_kw(battery_kw: BatteryPowers, steps: int) -> Array:
    """Return what batteries are charged with in each step; none makes room by giving."""
    charging = [np.maximum(own, 0.0) for own in battery_kw.values()]
    total: Array = np.sum([np.zeros(steps), *charging], axis=0)
    return total


def released_kw(battery_kw: BatteryPowers, steps: int) -> Array:
    """Return what batteries give in each step, whatever others are charged with."""
    return charged_kw({name: -own for name, own in battery_kw.items()}, steps)
