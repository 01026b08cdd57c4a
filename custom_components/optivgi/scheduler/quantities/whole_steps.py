"""How close whole steps of power come to an energy that must not be exceeded. Plain Python."""

from itertools import product

import numpy as np
from numpy.typing import NDArray

from .tolerances import NEGLIGIBLE_KWH, PORTION_ROUNDING

_MOST_COMBINATIONS = 2000
"""More ways to charge in steps of other lengths are not looked at: so many are a hair apart."""
_SAME_DIGITS = 9
"""Steps whose energies per kW are equal to so many digits are of one length."""


def reachable_kwh(
    energy_kwh: float,
    *,
    min_kw: float,
    portion_kw: float,
    ceiling_kw: NDArray[np.float64],
    gain_kwh: NDArray[np.float64],
) -> float:
    """Return the most energy, not above one, that whole steps of power make.

    Args:
        energy_kwh: What must not be exceeded.
        min_kw: The minimum while charging.
        portion_kw: By what powers differ.
        ceiling_kw: The most in each step.
        gain_kwh: Energy into the battery per kW, per step.
    """
    steps = np.flatnonzero((ceiling_kw > 0) & (gain_kwh > 0))
    more = np.floor((ceiling_kw[steps] - min_kw) / portion_kw + PORTION_ROUNDING)
    lengths = np.round(gain_kwh[steps], _SAME_DIGITS)
    kinds, counts = np.unique(lengths, return_counts=True)
    by_count = [
        _Alike(float(gain), min_kw, portion_kw, more[lengths == gain])
        for gain in kinds[np.argsort(-counts, kind="stable")]
    ]
    if not by_count:
        return 0.0
    most, others = by_count[0], by_count[1:]
    totals = [0.0]
    for kind in others:
        energies = kind.energies_kwh(energy_kwh)
        if len(totals) * len(energies) > _MOST_COMBINATIONS:
            break
        totals = [sum(pair) for pair in product(totals, energies) if sum(pair) <= energy_kwh]
    return max(total + most.reachable_kwh(energy_kwh - total) for total in totals)


class _Alike:
    """Steps of one length."""

    def __init__(
        self, gain_kwh: float, min_kw: float, portion_kw: float, more: NDArray[np.float64]
    ) -> None:
        self._gain = gain_kwh
        # By how many steps charge: what that is at their minimum, and portions that fit above it.
        self._lowest_kw = min_kw * np.arange(len(more) + 1)
        self._portions = np.concatenate(([0.0], np.cumsum(np.sort(more)[::-1])))
        self._portion_kw = portion_kw

    def reachable_kwh(self, energy_kwh: float) -> float:
        """Return the most energy, not above one, that these steps make."""
        limit_kw = (energy_kwh + NEGLIGIBLE_KWH) / self._gain
        fits = self._lowest_kw <= limit_kw
        lowest = self._lowest_kw[fits]
        portions = np.floor((limit_kw - lowest) / self._portion_kw + PORTION_ROUNDING)
        highest = (lowest + np.minimum(portions, self._portions[fits]) * self._portion_kw).max()
        return min(energy_kwh, float(highest) * self._gain)

    def energies_kwh(self, most_kwh: float) -> list[float]:
        """Return all energies, up to one, that these steps make."""
        portions = np.arange(self._portions[-1] + 1)
        fits = portions <= self._portions[:, None]
        power_kw = self._lowest_kw[:, None] + portions * self._portion_kw
        found = np.unique(np.round(power_kw[fits] * self._gain, _SAME_DIGITS))
        possible: list[float] = found[found <= most_kwh].tolist()
        return possible
