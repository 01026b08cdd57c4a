"""Gives what a plan leaves unused to cars that are short.

Sharing what is too little leaves gaps: a share may be less than a car can draw at all, and what one
car does not use of a step may be too little, or come too late, for the car it was planned for. Here
no car stays short beside what it could have. The worst served come first, a part of their need at a
time: where they charge already, else in another step; where that costs least, and at no higher
peak as long as possible.
"""

import heapq
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from ..quantities.costs import Flows
from ..quantities.demand import Array
from ..quantities.tolerances import NEGLIGIBLE_KW, NEGLIGIBLE_KWH, PORTION_ROUNDING, REPORTED_KWH
from .changed_car import ChangedCar
from .excess import lower
from .fleet import Fleet
from .rounding import RaisedCar, Room

TURN = 0.1
"""Part of its need that a car gets before another one may be served worse."""
WORTH_KWH = REPORTED_KWH / 2
"""Less energy than this in a step is not worth another limit."""


def fill_up(fleet: Fleet, flows: Flows, power_kw: Array) -> Array:
    """Return powers with which no EV is short that could draw more beside the others.

    Args:
        fleet: The EVs.
        flows: What they draw of that power, as their batteries take it, and what they give.
        power_kw: What they may draw, per step.
    """
    wanted = np.array([demand.ev.wanted_kwh for demand in fleet.demands])
    short = np.flatnonzero(wanted - fleet.net_kwh(flows) > REPORTED_KWH)
    if not len(short):
        return power_kw
    power = power_kw.copy()
    room = Room.after(fleet, flows, power)
    cars = [_ShortCar(fleet, row, RaisedCar(fleet, row, power, room)) for row in short.tolist()]
    for under_peak in (True, False) if room.tariffs else (False,):
        _serve(cars, under_peak=under_peak)
    return power_kw if np.array_equal(power, power_kw) else power


def _serve(cars: list[_ShortCar], *, under_peak: bool) -> None:
    """Let cars take turns, the worst served first, until nobody who is short can have more."""
    served = True
    while served:
        served = False
        waiting = [(-car.level, index) for index, car in enumerate(cars) if car.is_short]
        heapq.heapify(waiting)
        while waiting:
            _, index = heapq.heappop(waiting)
            if cars[index].take_turn(under_peak=under_peak):
                served = True
                if cars[index].is_short:
                    heapq.heappush(waiting, (-cars[index].level, index))


class _ShortCar(ChangedCar):
    """An EV that misses something, and what the others leave it."""

    def __init__(self, fleet: Fleet, row: int, raised: RaisedCar) -> None:
        super().__init__(fleet, row, raised)
        self._start_cost = fleet.problem.start_cost
        self._first_kw = np.where(self.min_kw > 0, self.min_kw, self.portion_kw)
        self._useless = np.zeros(len(self.power_kw), dtype=bool)
        """Steps in which more power has brought nothing."""

    @property
    def missing_kwh(self) -> float:
        """Energy that it wants and does not get."""
        return self.demand.ev.wanted_kwh - self.net_kwh

    @property
    def is_short(self) -> bool:
        """Whether it misses more than rounding."""
        return self.missing_kwh > REPORTED_KWH

    @property
    def level(self) -> float:
        """The part of its need that is missing, times its priority."""
        ev = self.demand.ev
        return ev.priority * self.missing_kwh / max(ev.wanted_kwh, NEGLIGIBLE_KWH)

    def take_turn(self, *, under_peak: bool) -> bool:
        """Take a part of what is missing, if there is anything; return whether there was."""
        asked = min(self.missing_kwh, max(TURN * self.demand.ev.wanted_kwh, WORTH_KWH))
        rise_kw = self.raised.max_rise_kw(under_peak=under_peak)
        worth = (rise_kw * self.demand.gain_kwh >= WORTH_KWH) & ~self._useless
        on = self.power_kw > 0
        more = worth & on & (rise_kw >= self.portion_kw - PORTION_ROUNDING)
        begin = worth & ~on & (rise_kw >= self._first_kw - NEGLIGIBLE_KW)
        steps = chain(
            self.raised.cheapest_first(np.flatnonzero(more)),
            self._cheapest_to_begin(np.flatnonzero(begin)),
        )
        return any(self._draw_more(step, float(rise_kw[step]), asked) for step in steps)

    def _draw_more(self, step: int, rise_kw: float, asked_kwh: float) -> bool:
        """Draw more in a step, as much as is asked or a little less; return whether that helped."""
        before, gain = float(self.power_kw[step]), float(self.demand.gain_kwh[step])
        highest = self.at_most(step, before + rise_kw)
        target = min(highest, before + asked_kwh / gain)
        for power in (min(highest, self.at_least(step, target)), self.at_most(step, target)):
            if power > before + NEGLIGIBLE_KW and self._helps(step, power):
                return True
        self._useless[step] = True
        return False

    def _helps(self, step: int, power_kw: float) -> bool:
        """Change a step if that helps; where it is more than needed, draw less in others."""
        before, missing = self.power_kw.copy(), self.missing_kwh
        if not self.set(step, power_kw):
            return False
        others = np.flatnonzero((before > 0) & (np.arange(len(before)) != step))
        if self.demand.ev.at_once:
            # It is to be no slower before.
            others = others[others > step]
        lower(self, self.raised.cheapest_first(others)[::-1], self.demand.ev.wanted_kwh)
        allowed = self.net_kwh <= self.demand.ev.room_kwh + NEGLIGIBLE_KWH
        if allowed and self.missing_kwh < missing - NEGLIGIBLE_KWH:
            if self.raised.only_sun:
                self.raised.room.solar[step] = True
            return True
        for at in np.flatnonzero(self.power_kw != before).tolist():
            self.raised.change(at, float(before[at] - self.power_kw[at]))
        return False

    def _cheapest_to_begin(self, steps: NDArray[np.intp]) -> list[int]:
        """Return steps by what charging in them costs with the starts that it adds."""
        ordered = self.raised.cheapest_first(steps)
        if self._start_cost <= 0 or self.demand.ev.at_once:
            return ordered
        on = np.concatenate(([self.demand.ev.charging], self.power_kw > 0, [False])).astype(int)
        added = 1 - on[:-2] - on[2:]
        energy = self._first_kw * self.demand.gain_kwh
        cost = self.raised.price + self._start_cost * added / np.maximum(energy, WORTH_KWH)
        return sorted(ordered, key=lambda step: float(cost[step]))
