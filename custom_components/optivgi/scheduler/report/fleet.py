"""All EVs of a finished plan as arrays: a row for each EV, a column for each step.

Where a charger has switched to one phase, its minimum, its steps and the network limits it loads
are those of one phase; so these are per step.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..model import Problem
from ..quantities.costs import Flows
from ..quantities.demand import Array, Demand, NetworkLimits
from ..quantities.solve_result import SolveResult
from ..quantities.storage import BatteryPowers, charged_kw, released_kw

type Flags = NDArray[np.bool]


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """What the EVs of a Problem can do, whatever they are planned to.

    Attributes:
        problem: Where they come from.
        demands: The same EVs one by one.
        network: What they may draw together.
        hours: How long each is there in each step.
        gain_kwh: Energy into the battery per kW drawn throughout a step.
        single: Whether it is switched to one phase.
        min_kw: The minimum it draws while charging.
        max_kw: The maximum it can draw.
        portion_kw: Its limits are the minimum plus whole portions of this; 0 for any in between.
        floor_kw: What it is charged with at once, whatever the price.
        kinds: What each row of the network carries of one kW: a row for each kind of connection.
        kind: Which of these each EV has in each step,
        giving_kind: and which when it gives: it does so on all its phases.
        battery_kw: What planned home batteries do: charging above 0, discharging below.
    """

    problem: Problem
    demands: Sequence[Demand]
    network: NetworkLimits
    hours: Array
    gain_kwh: Array
    single: Flags
    min_kw: Array
    max_kw: Array
    portion_kw: Array
    floor_kw: Array
    kinds: Array
    kind: NDArray[np.intp]
    giving_kind: NDArray[np.intp]
    battery_kw: BatteryPowers

    @classmethod
    def of(
        cls,
        problem: Problem,
        demands: Sequence[Demand],
        network: NetworkLimits,
        result: SolveResult,
    ) -> Fleet:
        """Gather the EVs of a Problem."""
        steps = len(problem.horizon)
        cars = [demand.ev for demand in demands]
        single = np.zeros((len(cars), steps), dtype=bool)
        floor = np.zeros((len(cars), steps))
        for row, ev in enumerate(cars):
            if ev.single_phase is not None and ev.id in result.single_phase:
                single[row] = result.single_phase[ev.id]
            if ev.id in result.floor_kw:
                floor[row] = result.floor_kw[ev.id]

        def values(normal: list[float], switched: list[float]) -> Array:
            column: Array = np.array(normal, dtype=np.float64)[:, None]
            return np.where(single, np.array(switched, dtype=np.float64)[:, None], column)

        modes = [ev.single_phase for ev in cars]
        shares = np.array([(demand.share, demand.single_share) for demand in demands])
        shares = shares.reshape(-1, len(network.parts))
        kinds, kind = np.unique(shares, axis=0, return_inverse=True)
        kind = kind.reshape(-1, 2)
        hours = np.array([demand.hours for demand in demands]).reshape(-1, steps)
        return cls(
            problem=problem,
            demands=demands,
            network=network,
            hours=hours,
            gain_kwh=hours * np.array([ev.efficiency for ev in cars]).reshape(-1, 1),
            single=single,
            min_kw=values(
                [ev.min_power_kw for ev in cars],
                [0.0 if mode is None else mode.min_power_kw for mode in modes],
            ),
            max_kw=values(
                [ev.max_power_kw for ev in cars],
                [0.0 if mode is None else mode.max_power_kw for mode in modes],
            ),
            portion_kw=values(
                [ev.power_step_kw for ev in cars],
                [ev.power_step_kw / len(ev.phases) for ev in cars],
            ),
            floor_kw=floor,
            kinds=kinds,
            kind=np.where(single, kind[:, 1:], kind[:, :1]),
            giving_kind=kind[:, 0],
            battery_kw=result.battery_kw,
        )

    def __len__(self) -> int:
        """Return the number of EVs."""
        return len(self.demands)

    def load_kw(self, power_kw: Array) -> Array:
        """Return what each row of the network carries: of the EVs and of a battery that charges."""
        return self._carried_kw(power_kw, self.kind, charged_kw)

    def back_kw(self, given_kw: Array) -> Array:
        """Return what each row carries back: of EVs that give, and of a battery that does."""
        return self._carried_kw(given_kw, self.giving_kind[:, None], released_kw)

    def _carried_kw(
        self,
        power_kw: Array,
        kind: NDArray[np.intp],
        of_batteries: Callable[[BatteryPowers, int], Array],
    ) -> Array:
        steps = power_kw.shape[1]
        by_kind = np.zeros((len(self.kinds), steps))
        np.add.at(by_kind, (kind, np.arange(steps)), power_kw)
        load: Array = self.kinds.T @ by_kind
        return load + np.outer(self.network.battery_share, of_batteries(self.battery_kw, steps))

    def left_kw(self, power_kw: Array) -> Array:
        """Return what each row of the network has left; negative where it is loaded too much."""
        left: Array = self.network.capacity_kw - self.load_kw(power_kw)
        return left

    def room_kw(self, left_kw: Array) -> tuple[Array, NDArray[np.intp]]:
        """Return how much more each EV could draw in each step, and which row allows least."""
        room = np.full((len(self.kinds), *left_kw.shape), np.inf)
        share = np.broadcast_to(self.kinds[:, :, None], room.shape)
        np.divide(left_kw[None], share, out=room, where=share > 0)
        tightest = room.argmin(axis=1)
        tightest_room = np.take_along_axis(room, tightest[:, None], axis=1)[:, 0]
        steps = np.arange(left_kw.shape[1])
        return tightest_room[self.kind, steps], tightest[self.kind, steps]

    def accepted_kw(self, power_kw: Array, given_kw: Array) -> Array:
        """Return the mean power that the batteries take of what the EVs may draw.

        Args:
            power_kw: What they may draw.
            given_kw: What they give back.
        """
        if not any(demand.ev.taper for demand in self.demands):
            return power_kw
        rows = zip(self.demands, power_kw, given_kw, self.min_kw, strict=True)
        return np.array(
            [
                demand.tapered(own, given_kw=given, min_kw=min_kw)
                for demand, own, given, min_kw in rows
            ]
        )

    def net_kwh(self, flows: Flows) -> Array:
        """Return how much more is in each battery in the end: what comes in less what is given."""
        given = (self.hours * flows.given_kw).sum(axis=1)
        can = [demand.ev.discharge for demand in self.demands]
        losses = np.array([1.0 if give is None else give.efficiency for give in can])
        net: Array = (self.gain_kwh * flows.drawn_kw).sum(axis=1) - given / losses
        return net

    def energy_kwh(self, power_kw: Array, given_kw: Array) -> Array:
        """Return the energy that comes into each battery."""
        energy: Array = (self.gain_kwh * self.accepted_kw(power_kw, given_kw)).sum(axis=1)
        return energy
