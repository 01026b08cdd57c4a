"""What was possible: by a linear program that knows all of a night beforehand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulp

from .world import HOUR, SLOWEST_A, VOLT, Home

SLOT_S = 900
"""What the house leaves is averaged over a quarter of an hour."""
MISSING_COSTS = 1000.0
"""For a kWh: more than any price."""
MARGIN = 1.03
"""What is possible only just is a matter of rounding: it counts neither way."""
LONGEST_S = 60.0
"""Programs with starts may take long;"""
GAP = 0.001
"""so close to the best is enough."""


def _slots(home: Home, begin: float, end: float) -> list[tuple[float, list[float]]]:
    """Return each slot of a night with what the house leaves of each phase on average.

    Less than any car charges at is nothing.
    """
    fuse_kw, least_kw = home.house.fuse_a * VOLT, SLOWEST_A * VOLT
    found = []
    moment = begin
    while moment < end:
        samples = [home.house.phase_kw(moment + second) for second in range(0, SLOT_S, 60)]
        rooms = [[fuse_kw - load for load in phase] for phase in zip(*samples, strict=True)]
        usable = [[room if room >= least_kw else 0.0 for room in phase] for phase in rooms]
        found.append((moment, [sum(phase) / len(phase) for phase in usable]))
        moment += SLOT_S
    return found


@dataclass(frozen=True, kw_only=True)
class Known:
    """What who knows all of a night beforehand makes of it.

    Attributes:
        cost: What is drawn costs so much.
        missing_kwh: What is missing of each car's need.
        starts: How often each car begins to charge; empty where that was not asked.
    """

    cost: float
    missing_kwh: dict[int, float]
    starts: dict[int, int]


class _Night:
    """The program of one night, with what each car may draw in each slot."""

    def __init__(self, home: Home, stays: Mapping[int, tuple[float, float]]) -> None:
        begin = min(come for come, _ in stays.values()) // SLOT_S * SLOT_S
        self.home, self.stays = home, stays
        self.slots = _slots(home, begin, max(leave for _, leave in stays.values()))
        self.program = pulp.LpProblem("night", pulp.LpMinimize)
        self.power: dict[tuple[int, int], pulp.LpVariable] = {}
        self.missing: dict[int, pulp.LpVariable] = {}
        self.begins: dict[tuple[int, int], pulp.LpVariable] = {}
        self.cost: list[tuple[pulp.LpVariable, float]] = []

    def hours(self, index: int, slot: int) -> float:
        """Return for how long of a slot a car is there."""
        (come, leave), moment = self.stays[index], self.slots[slot][0]
        return max(0.0, min(leave, moment + SLOT_S) - max(come, moment)) / HOUR

    def max_kw(self, index: int) -> float:
        """Return what a car takes at most."""
        box = self.home.boxes[index]
        return min(box.max_a, box.car.max_a) * VOLT * box.car.phases

    def add_car(self, index: int, need_kwh: float) -> None:
        """Let a car draw what it needs, or pay for what is missing."""
        self.missing[index] = self.program.add_variable(f"missing_{index}", 0)
        energy = [(self.missing[index], 1.0)]
        for slot, (moment, _) in enumerate(self.slots):
            if hours := self.hours(index, slot):
                kw = self.program.add_variable(f"kw_{index}_{slot}", 0, self.max_kw(index))
                self.power[index, slot] = kw
                energy.append((kw, hours))
                self.cost.append((kw, hours * price_at(self.home.prices, moment)))
        self.program.addConstraint(pulp.lpSum_vars_coefs(energy) == need_kwh)
        self.cost.append((self.missing[index], MISSING_COSTS))

    def add_starts(self, start_cost: float) -> None:
        """Let each car draw its minimum or nothing, and pay for each time it begins."""
        least_kw = SLOWEST_A * VOLT
        on: dict[tuple[int, int], pulp.LpVariable] = {}
        for (index, slot), kw in self.power.items():
            draws = self.program.add_variable(f"on_{index}_{slot}", 0, 1, "Binary")
            begins = self.program.add_variable(f"begins_{index}_{slot}", 0, 1)
            phases = self.home.boxes[index].car.phases
            self.program.addConstraint(kw <= self.max_kw(index) * draws)
            self.program.addConstraint(kw >= phases * least_kw * draws)
            before = on.get((index, slot - 1))
            self.program.addConstraint(begins >= (draws if before is None else draws - before))
            on[index, slot], self.begins[index, slot] = draws, begins
            self.cost.append((begins, start_cost))

    def add_phases(self) -> None:
        """Let each phase carry what the house leaves."""
        boxes = self.home.boxes
        for slot, (_, rooms) in enumerate(self.slots):
            for phase in range(3):
                drawn = [
                    (self.power[index, slot], 1 / boxes[index].car.phases)
                    for index in self.stays
                    if (index, slot) in self.power
                    and (phase - boxes[index].first_phase) % 3 < boxes[index].car.phases
                ]
                if drawn:
                    self.program.addConstraint(pulp.lpSum_vars_coefs(drawn) <= rooms[phase])


def solve(
    home: Home,
    stays: Mapping[int, tuple[float, float]],
    need_kwh: Mapping[int, float],
    *,
    start_cost: float | None = None,
) -> Known:
    """Return what is possible at the least cost.

    Args:
        home: The home.
        stays: When each car comes and leaves.
        need_kwh: What each has to draw.
        start_cost: What a start counts for; None where starts, and the minimum that cars charge
            at, do not matter.
    """
    night = _Night(home, stays)
    for index in stays:
        night.add_car(index, need_kwh[index])
    if start_cost is not None:
        night.add_starts(start_cost)
    night.add_phases()
    night.program.setObjective(pulp.lpSum_vars_coefs(night.cost))
    night.program.solve(pulp.HiGHS(msg=False, threads=1, timeLimit=LONGEST_S, gapRel=GAP))
    missing = {index: float(one.value() or 0.0) for index, one in night.missing.items()}
    drawn = [(night.power[key], night.hours(*key), night.slots[key[1]][0]) for key in night.power]
    starts = dict.fromkeys(stays, 0) if start_cost is not None else {}
    for (index, _), begins in night.begins.items():
        starts[index] += round(begins.value() or 0.0)
    return Known(
        cost=sum(
            (kw.value() or 0.0) * hours * price_at(home.prices, at) for kw, hours, at in drawn
        ),
        missing_kwh=missing,
        starts=starts,
    )


def price_at(prices: Sequence[float], moment: float) -> float:
    """Return the price at a moment; the first day began 16 h before it."""
    return prices[int(moment // HOUR) + 16]
