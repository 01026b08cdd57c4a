"""What a scheduler answers: a Schedule, with a reason for every step."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
import math

from .checks import PerStep
from .horizon import Horizon
from .site import Phase


class ShortfallCause(StrEnum):
    """Why an EV will not get all the energy it wants by departure."""

    WINDOW = "window"
    """Its own power and the time it is plugged in do not suffice."""
    SITE_LIMIT = "site_limit"
    """The network limits, shared with the others, do not suffice."""
    SURPLUS = "surplus"
    """It charges from PV surplus only, and there is not enough."""
    CAR_LIMIT = "car_limit"
    """More is wanted than the battery may ever hold."""


class ReasonKind(StrEnum):
    """What decides an EV's limit in a step."""

    ABSENT = "absent"
    """The car is not there, or there is nothing to charge any more."""
    PRICE = "price"
    """Energy is cheaper in the steps that were chosen."""
    CHEAP = "cheap"
    """Energy is cheap here: the car charges as much as it needs or can."""
    SITE = "site"
    """The limit of the site, shared with others or the base load."""
    PHASE = "phase"
    """The limit of a phase; ``detail`` names it."""
    CIRCUIT = "circuit"
    """The limit of a circuit; ``detail`` names it."""
    MIN_SOC = "min_soc"
    """The part that is to be charged at once."""
    MIN_ALWAYS = "min_always"
    """The minimum that the car is to draw all the time."""
    AT_ONCE = "at_once"
    """The car is to charge at once, whatever the price."""
    DEADLINE = "deadline"
    """Without this step, the car would not be ready at departure."""
    PV = "pv"
    """PV surplus is used, or waited for."""
    PEAK = "peak"
    """More would raise the peak that is paid for."""
    TAPER = "taper"
    """The car's battery does not take more."""
    MIN_POWER = "min_power"
    """What is left is too little for the car's minimum power."""
    KEPT = "kept"
    """The earlier plan is kept, as another one would hardly be better."""
    ESTIMATE = "estimate"
    """Like PRICE, but the price is an estimate."""
    EXTRA = "extra"
    """Energy beyond the target, as it is cheap enough."""
    DISCHARGE = "discharge"
    """The car gives energy back, which is worth more now than later."""
    START = "start"
    """Another start would cost more than it saves."""


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why an EV has the limit that it has in a step.

    Attributes:
        kind: What decides.
        detail: Which one, where there are several: a circuit's id or a phase.
        cost_per_kwh: What that costs: how much cheaper a kWh more here would make the plan, or
            how much more expensive it is than the steps that were chosen; in the site's currency.
    """

    kind: ReasonKind
    detail: str = ""
    cost_per_kwh: float = 0.0


class ConcernKind(StrEnum):
    """What was asked and cannot be."""

    OVERLOADED = "overloaded"
    """A part of the site carries more than its limit without any EV: in so many ``steps``, from
    ``first_step`` on, by up to ``excess_kw``."""
    LEAVES_FIRST = "leaves_first"
    """It is to leave before it arrives."""
    BEYOND_LIMIT = "beyond_limit"
    """More is wanted than it may ever take: ``wanted_kwh``, ``possible_kwh``."""
    BEYOND_STAY = "beyond_stay"
    """More is wanted than it can take before it leaves: ``wanted_kwh``, ``possible_kwh``."""
    BEYOND_HORIZON = "beyond_horizon"
    """More is wanted than it can take before the plan ends: ``wanted_kwh``, ``possible_kwh``."""
    MIN_ABOVE_MAX = "min_above_max"
    """It needs more to charge than it may draw: ``min_kw``, ``max_kw``."""
    MIN_ABOVE_ROOM = "min_above_room"
    """It needs more to charge than its limits leave while it is there: ``min_kw``, ``max_kw``."""
    MIN_ABOVE_LIMIT = "min_above_limit"
    """It gets more when it charges at all than it may take: ``min_kwh``, ``room_kwh``."""


@dataclass(frozen=True, kw_only=True)
class Concern:
    """One thing that was asked and cannot be.

    Attributes:
        kind: What.
        ev: Id of the EV; None where it is about a part of the site.
        circuit: Id of the circuit; None for the site's own connection, and for an EV.
        phase: One of the phases of circuit or site; None for all together, and for an EV.
        figures: The numbers that the kind names, their unit at the end of their names.
    """

    kind: ConcernKind
    ev: str | None = None
    circuit: str | None = None
    phase: Phase | None = None
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ResourcePeak:
    """How far a limited part of the site is used at most.

    Attributes:
        id: "site", a phase, a circuit's id, or a circuit's id and phase as in "garage/L1".
        peak_kw: The most that the plan draws through it, everything else included.
        limit_kw: Its limit in that step.
        step: The step in which the least is left.
    """

    id: str
    peak_kw: float
    limit_kw: float
    step: int


@dataclass(frozen=True, kw_only=True)
class CostSplit:
    """What a plan's money is made of; all in the site's currency.

    Attributes:
        grid: Imported energy.
        surplus: PV surplus used, at what its export would have earned.
        peak: What the plan adds to tariffs on the highest power.
        co2: CO2 at its price; counts in decisions, not on the bill.
        wear: Wear of batteries that give energy; counts in decisions, not on the bill.
        starts: Starts at their cost; counts in decisions, not on the bill.
        storage: What discharging saves and charging of batteries costs.
    """

    grid: float = 0.0
    surplus: float = 0.0
    peak: float = 0.0
    co2: float = 0.0
    wear: float = 0.0
    starts: float = 0.0
    storage: float = 0.0


PROVEN_GAP = 0.01
"""A plan proven this close to the cheapest one counts as optimal."""


class SolveStatus(StrEnum):
    """How a Schedule came about."""

    OPTIMAL = "optimal"
    """Proven to be the cheapest, up to ``gap``."""
    FEASIBLE = "feasible"
    """Within all limits; not proven to be the cheapest."""
    FALLBACK = "fallback"
    """The wanted algorithm gave no answer; this one is another's."""


@dataclass(frozen=True, kw_only=True)
class EVSchedule:
    """What one EV gets.

    Attributes:
        id: The EV's id.
        limit_kw: The maximum it may draw, per step.
        energy_kwh: Energy into the battery.
        cost: Price of the energy it draws, in the site's currency.
        cost_at_once: The same if it charged at plug-in under the same limits.
        shortfall_kwh: Energy that will be missing in the battery at departure.
        shortfall_cause: Why, or None where nothing is missing.
        extra_kwh: Energy into the battery beyond what was wanted, as it was cheap.
        later_kwh: The part of energy_kwh that it gets after its departure, if it is still there.
        single_phase: Whether it charges on one phase, per step; empty where it cannot switch.
        discharge_kw: What it gives back, per step; empty where it cannot.
        reasons: Why the limit is what it is, per step.
    """

    id: str
    limit_kw: PerStep
    energy_kwh: float
    cost: float
    cost_at_once: float = 0.0
    shortfall_kwh: float = 0.0
    shortfall_cause: ShortfallCause | None = None
    extra_kwh: float = 0.0
    later_kwh: float = 0.0
    single_phase: tuple[bool, ...] = ()
    discharge_kw: PerStep = ()
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BatterySchedule:
    """What one home battery is to do.

    Attributes:
        id: The battery's id.
        power_kw: What it is to do, per step: charging above 0, discharging below; empty where it is
            not planned.
        hold: Whether it must not discharge, as it would drain into a car, per step; empty where it
            is planned.
    """

    id: str
    power_kw: PerStep = ()
    hold: tuple[bool, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """The plan for all EVs of a Problem.

    Attributes:
        horizon: The steps that were planned.
        evs: One entry for each EV of the Problem, in its order.
        algorithm: Name of the algorithm that made it.
        status: How it came about.
        cost: Price of all energy the EVs draw.
        cost_at_once: The same had everyone charged at plug-in under the same limits.
        cost_split: What the money is made of.
        bound: No plan that serves everybody as well can have a lower sum of ``cost_split``; None
            where nothing is proven.
        gap: Proven distance from the optimum, relative to it, but at least to a tenth of what the
            energy would cost at the highest price; None where nothing is proven.
        build_ms: Time taken to build the model.
        solve_ms: Time taken to solve it.
        stages_ms: Time taken by each stage, in order.
        ended_in: The first stage that was cut off for want of time, so that another run may come to
            another plan; empty where there was enough.
        peaks: How far each limited part of the site is used.
        peak_level_kw: For each tariff on the highest power, per step: up to which mean, times the
            weight of its time, the interval of that step may rise without costing more than
            planned; empty where nothing has a price.
        batteries: One entry for each home battery of the Problem, in its order.
        concerns: What was asked and cannot be.
        kept: Whether an earlier plan was kept, as a new one was hardly better.
        failures: What went wrong with the algorithms tried before, in order.
    """

    horizon: Horizon
    evs: tuple[EVSchedule, ...]
    algorithm: str
    status: SolveStatus
    cost: float = 0.0
    cost_at_once: float = 0.0
    cost_split: CostSplit = field(default_factory=CostSplit)
    bound: float | None = None
    gap: float | None = None
    build_ms: float = 0.0
    solve_ms: float = 0.0
    stages_ms: dict[str, float] = field(default_factory=dict)
    ended_in: str = ""
    peaks: tuple[ResourcePeak, ...] = ()
    peak_level_kw: tuple[PerStep, ...] = ()
    batteries: tuple[BatterySchedule, ...] = ()
    concerns: tuple[Concern, ...] = ()
    kept: bool = False
    failures: tuple[str, ...] = field(default=())

    @cached_property
    def total_kw(self) -> PerStep:
        """What all EVs may draw together, per step."""
        if not self.evs:
            return (0.0,) * len(self.horizon)
        return tuple(
            math.fsum(step) for step in zip(*(ev.limit_kw for ev in self.evs), strict=True)
        )

    @property
    def peak_kw(self) -> float:
        """The most that all EVs may draw together in any step."""
        return max(self.total_kw)

    @property
    def is_short(self) -> bool:
        """Whether the network cannot carry what all EVs need in time."""
        return any(ev.shortfall_cause is ShortfallCause.SITE_LIMIT for ev in self.evs)

    def ev(self, ev_id: str) -> EVSchedule | None:
        """Return one EV's part of the plan, or None where it has none."""
        return self._by_id.get(ev_id)

    @cached_property
    def _by_id(self) -> Mapping[str, EVSchedule]:
        """The EVs by id: each look at hundreds of chargers asks for each."""
        return {ev.id: ev for ev in reversed(self.evs)}

    def battery(self, battery_id: str) -> BatterySchedule | None:
        """Return one home battery's part of the plan, or None where it has none."""
        return next((one for one in self.batteries if one.id == battery_id), None)

    def limit_kw_at(self, ev_id: str, moment: datetime) -> float | None:
        """Return an EV's limit at a moment, or None where the plan says nothing about it."""
        index = self.horizon.index_at(moment)
        ev = self.ev(ev_id)
        return None if ev is None or index is None else ev.limit_kw[index]
