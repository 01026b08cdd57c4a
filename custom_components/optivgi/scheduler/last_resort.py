"""Plans for when no algorithm gives one: plain Python, so that nothing is left that can be missing.

The plan that was followed goes on, cut down to what the limits allow by now. Where there is none,
every car charges at its minimum power, those with the minimum time to spare first. Both keep every
limit, cost what they cost, and are no replacement for a plan.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
import math

from .model import (
    EV,
    EVSchedule,
    PerStep,
    Problem,
    Schedule,
    ShortfallCause,
    SolveStatus,
)
from .model.network import NetworkPart, part_shares
from .quantities.tapering import accepted_kw
from .quantities.tolerances import NEGLIGIBLE_KWH, REPORTED_KWH, ROUNDING_KW

LAST_PLAN = "last_plan"
"""What Schedule.algorithm says of the plan that goes on,"""
EMERGENCY = "emergency"
"""and of charging by urgency."""
MIN_KW = 1.38
"""What a car without a minimum power is then given: 6 A on one phase."""


def follow_last_plan(problem: Problem, earlier: Schedule | None) -> Schedule | None:
    """Return the plan that was followed, shifted to the present and cut down to the limits.

    Cars that it does not know charge at their minimum power beside it. None where it says nothing
    about the present.

    Args:
        problem: What is asked now.
        earlier: The plan that was followed.
    """
    if earlier is None or earlier.algorithm == EMERGENCY:
        return None
    if earlier.horizon.index_at(problem.horizon.start) is None:
        return None
    if not any(earlier.ev(ev.id) for ev in problem.evs):
        return None
    before = {ev.id: own for ev in problem.evs if (own := earlier.ev(ev.id)) is not None}
    middles = [begin + (end - begin) / 2 for begin, end in pairwise(problem.horizon.edges)]
    index = [earlier.horizon.index_at(middle) for middle in middles]

    def requested_kw(car: _ChargingCar, step: int) -> float:
        own, then = before.get(car.ev.id), index[step]
        if own is None:
            return car.emergency_kw
        return 0.0 if then is None else own.limit_kw[then]

    def mode(car: _ChargingCar, step: int) -> bool:
        own, then = before.get(car.ev.id), index[step]
        if own is None or then is None or not own.single_phase:
            return car.on_one_phase
        return own.single_phase[then]

    return _run(problem, LAST_PLAN, requested_kw, mode)


def charge_by_urgency(problem: Problem) -> Schedule:
    """Return a plan in which cars charge at their minimum power, the most urgent first.

    They do so from now on, not only when time gets short: at that power a car that waited would
    not be ready.
    """
    return _run(
        problem, EMERGENCY, lambda car, step: car.emergency_kw, lambda car, step: car.on_one_phase
    )


@dataclass(kw_only=True)
class _ChargingCar:
    """A car while a plan is carried out step by step."""

    ev: EV
    hours: PerStep
    on_one_phase: bool
    switches: int = 0
    stored_kwh: float = 0.0
    limits_kw: list[float] = field(default_factory=list)
    modes: list[bool] = field(default_factory=list)
    paid: float = 0.0

    @property
    def range_kw(self) -> tuple[float, float]:
        """The minimum and the maximum it draws on the phases it is on."""
        single = self.ev.single_phase
        if single is not None and self.on_one_phase:
            return single.min_power_kw, single.max_power_kw
        return self.ev.min_power_kw, self.ev.max_power_kw

    @property
    def portion_kw(self) -> float:
        """By what its limits can be raised."""
        if self.ev.single_phase is not None and self.on_one_phase:
            return self.ev.power_step_kw / len(self.ev.phases)
        return self.ev.power_step_kw

    @property
    def emergency_kw(self) -> float:
        """What it is given in an emergency."""
        min_kw, max_kw = self.range_kw
        return min(max(min_kw, MIN_KW), max_kw)

    @property
    def missing_kwh(self) -> float:
        """Energy that it may still take."""
        return self.ev.wanted_kwh + self.ev.possible_extra_kwh - self.stored_kwh

    @property
    def cause(self) -> ShortfallCause:
        """Why it does not get what it wants: its own limits before those of others."""
        single = self.ev.single_phase
        highest = max(self.ev.max_power_kw, 0.0 if single is None else single.max_power_kw)
        possible = math.fsum(self.hours) * highest * self.ev.efficiency
        if self.ev.energy_kwh > self.ev.room_kwh + REPORTED_KWH:
            return ShortfallCause.CAR_LIMIT
        if possible < self.ev.wanted_kwh - REPORTED_KWH:
            return ShortfallCause.WINDOW
        needs_surplus = self.ev.surplus_only and not self.ev.at_once
        return ShortfallCause.SURPLUS if needs_surplus else ShortfallCause.SITE_LIMIT

    def spare_h(self, step: int) -> float:
        """Return how long it could do nothing from a step on and still be ready."""
        wanted = self.ev.wanted_kwh - self.stored_kwh
        if wanted <= NEGLIGIBLE_KWH:
            return math.inf
        fastest_kw = self.ev.max_power_kw * self.ev.efficiency
        needed = wanted / fastest_kw if fastest_kw > 0 else math.inf
        return math.fsum(self.hours[step:]) - needed

    def switch(self, *, on_one_phase: bool) -> None:
        """Change the phases it draws from, where its charger can and may."""
        single = self.ev.single_phase
        if single is None or on_one_phase == self.on_one_phase:
            return
        if self.switches < single.max_switches:
            self.on_one_phase = on_one_phase
            self.switches += 1

    def on_a_portion(self, power_kw: float, gain_kwh: float) -> float:
        """Return the highest power it can be set to, not above this one nor for more than it takes.

        Args:
            power_kw: What it might be set to.
            gain_kwh: Energy into the battery in this step, per kW.
        """
        min_kw, max_kw = self.range_kw
        power = min(power_kw, max_kw)
        if gain_kwh <= 0 or self.missing_kwh <= NEGLIGIBLE_KWH or power < min_kw - ROUNDING_KW:
            return 0.0
        power = max(min_kw, min(power, self.missing_kwh / gain_kwh))
        if self.portion_kw > 0:
            portions = math.floor((power - min_kw) / self.portion_kw + 1e-6)
            power = min_kw + portions * self.portion_kw
        if self.stored_kwh + power * gain_kwh > self.ev.room_kwh + NEGLIGIBLE_KWH:
            return 0.0
        return power if power > 1e-6 else 0.0  # noqa: PLR2004 - less than 1 mW is nothing


class _Headroom:
    """What can still be drawn in one step from each limited part of the site."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._left: dict[NetworkPart, float] = {}
        self.surplus_kw = 0.0

    def begin(self, step: int) -> None:
        """Go to a step in which nobody draws yet."""
        limits = self._problem.part_limits
        self._left = {part: limit.capacity_kw[step] for part, limit in limits.items()}
        self.surplus_kw = self._problem.surplus_kw[step]

    def _shares(self, car: _ChargingCar) -> dict[NetworkPart, float]:
        ev, circuits = car.ev, self._problem.circuits_of(car.ev)
        if ev.single_phase is not None and car.on_one_phase:
            shares = part_shares(circuits, (ev.single_phase.phase,))
        else:
            shares = part_shares(
                circuits, ev.phases, line_to_line=ev.line_to_line, phases_used=ev.phases_used
            )
        return {part: share for part, share in shares.items() if part in self._left}

    def room_kw(self, car: _ChargingCar) -> float:
        """Return the most a car may draw."""
        return min(self._left[part] / share for part, share in self._shares(car).items())

    def take(self, car: _ChargingCar, power_kw: float) -> None:
        """Let a car draw."""
        for part, share in self._shares(car).items():
            self._left[part] = max(0.0, self._left[part] - share * power_kw)
        self.surplus_kw = max(0.0, self.surplus_kw - power_kw)


def _run(
    problem: Problem,
    name: str,
    requested_kw: Callable[[_ChargingCar, int], float],
    mode: Callable[[_ChargingCar, int], bool],
) -> Schedule:
    """Carry requests out step by step within the network limits, the most urgent car first.

    Args:
        problem: What is asked.
        name: What the plan is called.
        requested_kw: What a car would like to draw in a step, in kW.
        mode: Whether it would like to do so on one phase.
    """
    cars = [
        _ChargingCar(
            ev=ev,
            hours=problem.present_h(ev),
            on_one_phase=ev.single_phase is not None and ev.single_phase.active,
        )
        for ev in problem.evs
    ]
    network = _Headroom(problem)
    for step in range(len(problem.horizon)):
        network.begin(step)
        for car in _in_turn(cars, step):
            car.switch(on_one_phase=mode(car, step))
            gain = car.hours[step] * car.ev.efficiency
            room = min(requested_kw(car, step), network.room_kw(car))
            if _needs_surplus(car):
                room = min(room, network.surplus_kw)
            power = car.on_a_portion(room, gain)
            accepted = accepted_kw(car.ev, car.stored_kwh, power, gain) if power > 0 else 0.0
            solar = min(accepted, network.surplus_kw)
            network.take(car, power)
            car.limits_kw.append(power)
            car.modes.append(car.on_one_phase)
            car.stored_kwh += accepted * gain
            car.paid += car.hours[step] * (
                solar * problem.export_price[step]
                + (accepted - solar) * problem.site.import_price[step]
            )
    return Schedule(
        horizon=problem.horizon,
        evs=tuple(map(_ev_schedule, cars)),
        algorithm=name,
        status=SolveStatus.FALLBACK,
        cost=math.fsum(car.paid for car in cars),
        cost_at_once=math.fsum(car.paid for car in cars),
    )


def _needs_surplus(car: _ChargingCar) -> bool:
    due = car.ev.at_once or car.stored_kwh < car.ev.min_energy_kwh - NEGLIGIBLE_KWH
    return car.ev.surplus_only and not due


def _in_turn(cars: Iterable[_ChargingCar], step: int) -> list[_ChargingCar]:
    """Return the cars in the order of their turns: who depends on surplus last, then by urgency."""
    return sorted(
        cars,
        key=lambda car: (_needs_surplus(car), car.spare_h(step), -car.ev.priority, car.ev.id),
    )


def _ev_schedule(car: _ChargingCar) -> EVSchedule:
    ev = car.ev
    missing = ev.energy_kwh - car.stored_kwh
    short = missing > REPORTED_KWH
    return EVSchedule(
        id=ev.id,
        limit_kw=tuple(car.limits_kw),
        energy_kwh=car.stored_kwh,
        cost=car.paid,
        cost_at_once=car.paid,
        shortfall_kwh=missing if short else 0.0,
        shortfall_cause=car.cause if short else None,
        extra_kwh=max(0.0, car.stored_kwh - ev.wanted_kwh) if ev.possible_extra_kwh else 0.0,
        single_phase=() if ev.single_phase is None else tuple(car.modes),
        discharge_kw=() if ev.discharge is None else (0.0,) * len(car.limits_kw),
    )
