"""Charging as early as the limits allow: what happens without a plan, and in mode "at once".

Time runs forward, step by step. Whoever is short of time gets what keeps it on time first; what
is left is filled in proportion to what each still needs, which gives equal fractions to cars
that share a window. A car's minimum power is kept: it draws nothing or at least that.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .demand import NEGLIGIBLE_KW, NEGLIGIBLE_KWH, Array, Demand, Wires
from .shortage import SHORT, missing_fractions

ROUNDING_KW = 1e-9
"""What sums of powers may be off."""


def trim(demand: Demand, power_kw: Array, order: Sequence[int] | None = None) -> None:
    """Take away in place what exceeds the need, from the last steps first.

    Args:
        demand: Whose power it is.
        power_kw: The power per step, changed in place; never brought below the minimum power.
        order: The steps in the order in which to give up energy, instead of last first.
    """
    excess = demand.energy_kwh(power_kw) - demand.need_kwh
    steps = order if order is not None else [int(step) for step in np.flatnonzero(power_kw)[::-1]]
    for step in steps:
        if excess <= 0:
            return
        gain = float(demand.gain_kwh[step])
        spare = (power_kw[step] - demand.ev.min_power_kw) * gain
        given = min(excess, max(0.0, spare))
        if gain > 0 and given > 0:
            power_kw[step] -= given / gain
            excess -= given


def charge_at_once(demands: Sequence[Demand], wires: Wires) -> list[Array]:
    """Charge every demand as early as the wires allow.

    Args:
        demands: Who charges.
        wires: What may be drawn.

    Returns:
        The power of each demand, per step.
    """
    if not demands:
        return []
    punctual = _simulate(demands, wires, punctual=True)
    missing = missing_fractions(demands, punctual)
    if not missing or missing[0] <= SHORT:
        return punctual
    # Not all can be on time: who would be late must not take everything from the others.
    even = _simulate(demands, wires, punctual=False)
    return even if missing_fractions(demands, even) < missing else punctual


def _simulate(demands: Sequence[Demand], wires: Wires, *, punctual: bool) -> list[Array]:
    """Let time run; whoever would not be charged in time otherwise may come first."""
    fleet = _Fleet(demands, punctual=punctual)
    power = np.zeros((len(demands), wires.capacity_kw.shape[1]))
    for step in range(power.shape[1]):
        power[:, step] = fleet.charge(step, wires.capacity_kw[:, step])
    series = list(power)
    for demand, own in zip(demands, series, strict=True):
        trim(demand, own)
    return series


class _Fleet:
    """All cars at one moment of the simulation, one array entry for each."""

    def __init__(self, demands: Sequence[Demand], *, punctual: bool) -> None:
        self.punctual = punctual
        self.minimum = np.array([float(demand.ev.min_power_kw) for demand in demands])
        self.priority = np.array([float(demand.ev.priority) for demand in demands])
        self.share = np.array([demand.share for demand in demands])
        self.gain = np.array([demand.gain_kwh for demand in demands])
        self.ceiling = np.array([demand.ceiling_kw for demand in demands])
        self.missing = np.array([float(demand.need_kwh) for demand in demands])
        self.charging = np.array([demand.ev.charging for demand in demands])
        # What each could still charge from a step on, were it alone.
        possible = np.cumsum((self.gain * self.ceiling)[:, ::-1], axis=1)[:, ::-1]
        self.possible = np.pad(possible, ((0, 0), (0, 1)))

    def charge(self, step: int, capacity: Array) -> Array:
        """Let one step pass; return what each car draws, in kW."""
        drawn = np.zeros(len(self.missing))
        active = np.flatnonzero((self.missing > NEGLIGIBLE_KWH) & (self.ceiling[:, step] > 0))
        if len(active):
            gain = self.gain[active, step]
            wish = np.clip(
                self.missing[active] / gain, self.minimum[active], self.ceiling[active, step]
            )
            # Without this much, the rest could not be charged in the steps after.
            urgent = (self.missing[active] - self.possible[active, step + 1]) / gain
            drawn[active] = self._share_out(active, wish, urgent, capacity)
            self.missing[active] -= drawn[active] * gain
        self.charging = drawn > 0
        return drawn

    def _share_out(
        self, active: NDArray[np.intp], wish: Array, urgent: Array, capacity: Array
    ) -> Array:
        """Share a step's capacity among the active cars."""
        share = self.share[active]
        minimum = self.minimum[active]
        drawn = np.zeros(len(active))
        room = capacity.copy()
        order = np.lexsort(
            (active, ~self.charging[active], -self.priority[active], urgent <= NEGLIGIBLE_KW)
        )
        # Minimum powers first, or nobody might reach one.
        on = []
        for car in map(int, order):
            if (share[car] * minimum[car] <= room + ROUNDING_KW).all():
                drawn[car] = minimum[car]
                room = np.maximum(room - share[car] * minimum[car], 0.0)
                on.append(car)
        rising = np.zeros(len(active), dtype=bool)
        rising[on] = True
        weight = self.missing[active] * self.priority[active]
        for target in (np.minimum(urgent, wish), wish) if self.punctual else (wish,):
            _fill(drawn, target, weight=weight, share=share, room=room, rising=rising)
        return drawn


def _fill(
    drawn: Array, wish: Array, *, weight: Array, share: Array, room: Array, rising: NDArray[np.bool]
) -> None:
    """Raise in place what is drawn, in proportion to the weights, until nothing can rise."""
    while True:
        full = room <= NEGLIGIBLE_KW
        rising = rising & (wish - drawn > NEGLIGIBLE_KW) & ~(share[:, full] > 0).any(axis=1)
        if not rising.any():
            return
        load = weight[rising] @ share[rising]
        height = min(
            float(np.divide(room, load, out=np.full_like(room, np.inf), where=load > 0).min()),
            float(((wish - drawn)[rising] / weight[rising]).min()),
        )
        drawn[rising] += height * weight[rising]
        room -= height * load
