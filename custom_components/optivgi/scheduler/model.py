"""What a scheduler is asked (Problem) and what it answers (Schedule).

Every quantity carries its unit in its name: _kw and _kwh at the plug unless said otherwise,
_h hours.
Prices are in the site's currency per kWh. Instants are timezone-aware and in UTC.
A sequence "per step" has one value for each step of the Problem's Horizon, in order.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import accumulate, pairwise
import math
from typing import Literal

type Phase = Literal["L1", "L2", "L3"]
type PerStep = tuple[float, ...]

PHASES: tuple[Phase, ...] = ("L1", "L2", "L3")


class ProblemError(ValueError):
    """A Problem contradicts itself; the message names the field and what it must be."""

    def __init__(self, field_name: str, message: str) -> None:
        """Keep the field's path, such as ``evs[0].energy_kwh``, beside the message."""
        super().__init__(f"{field_name}: {message}")
        self.field_name = field_name


def _require(condition: bool, field_name: str, message: str) -> None:
    if not condition:
        raise ProblemError(field_name, message)


def _require_number(value: float, field_name: str, *, minimum: float | None = None) -> None:
    _require(math.isfinite(value), field_name, f"must be a finite number, not {value}")
    if minimum is not None:
        _require(value >= minimum, field_name, f"must be at least {minimum:g}, not {value:g}")


def _require_instant(value: datetime, field_name: str) -> None:
    _require(value.tzinfo is not None, field_name, "must have a time zone")


@dataclass(frozen=True, kw_only=True)
class Horizon:
    """The time that is planned: consecutive steps from a start.

    Steps may differ in length; the first is usually what remains of the current slot.
    """

    start: datetime
    step_h: PerStep

    def __post_init__(self) -> None:
        """Refuse an empty horizon and steps without a length."""
        _require_instant(self.start, "horizon.start")
        _require(len(self.step_h) > 0, "horizon.step_h", "must have at least one step")
        for index, length in enumerate(self.step_h):
            _require_number(length, f"horizon.step_h[{index}]")
            _require(length > 0, f"horizon.step_h[{index}]", "must be longer than 0 h")

    @classmethod
    def aligned(cls, now: datetime, until: datetime, step: timedelta) -> Horizon:
        """Build steps whose boundaries are multiples of ``step`` since midnight UTC.

        The first step runs from ``now``, in whole seconds, to the next boundary; the last one
        contains ``until``.
        """
        start = now.astimezone(UTC).replace(microsecond=0)
        midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
        boundary = midnight + ((start - midnight) // step + 1) * step
        edges = [start, boundary]
        while edges[-1] < until:
            edges.append(edges[-1] + step)
        return cls(
            start=start,
            step_h=tuple((end - begin) / timedelta(hours=1) for begin, end in pairwise(edges)),
        )

    def __len__(self) -> int:
        """Return the number of steps."""
        return len(self.step_h)

    @cached_property
    def edges(self) -> tuple[datetime, ...]:
        """The boundaries of the steps: one more than there are steps."""
        offsets = accumulate(self.step_h, initial=0.0)
        # Whole seconds: sums of binary fractions must not move a boundary by a microsecond.
        return tuple(self.start + timedelta(seconds=round(offset * 3600, 3)) for offset in offsets)

    @property
    def end(self) -> datetime:
        """The end of the last step."""
        return self.edges[-1]

    def index_at(self, moment: datetime) -> int | None:
        """Return the step that contains a moment, or None outside the horizon."""
        for index, (begin, end) in enumerate(pairwise(self.edges)):
            if begin <= moment < end:
                return index
        return None

    def overlap_h(self, begin: datetime, end: datetime) -> PerStep:
        """Return how many hours of each step lie between two instants."""
        return tuple(
            max(0.0, (min(right, end) - max(left, begin)) / timedelta(hours=1))
            for left, right in pairwise(self.edges)
        )


@dataclass(frozen=True, kw_only=True)
class EV:
    """One charging request: a car that is plugged in, or one that is announced.

    Attributes:
        id: Unique within the Problem.
        arrival: When it can start to charge; in the past for a car that is plugged in.
        departure: When it has to be ready.
        energy_kwh: Energy wanted in the battery by departure.
        max_power_kw: The most it can draw.
        min_power_kw: The least it can draw while charging; it draws 0 or something in between.
        power_step_kw: Its limits are the minimum plus whole steps of this; 0 for any in between.
        efficiency: Energy into the battery per energy drawn.
        phases: The phases it draws from, equally.
        priority: Weight of its shortfall against those of others.
        at_once: Charge as early as the limits allow, whatever the price.
        surplus_only: Charge from PV surplus only.
        charging: It draws power now, so that charging on is not a start.
    """

    id: str
    arrival: datetime
    departure: datetime
    energy_kwh: float
    max_power_kw: float
    min_power_kw: float = 0.0
    power_step_kw: float = 0.0
    efficiency: float = 1.0
    phases: tuple[Phase, ...] = PHASES
    priority: float = 1.0
    at_once: bool = False
    surplus_only: bool = False
    charging: bool = False

    def check(self, path: str) -> None:
        """Raise ProblemError, with the path of this EV, where a field cannot be meant."""
        _require_instant(self.arrival, f"{path}.arrival")
        _require_instant(self.departure, f"{path}.departure")
        _require_number(self.energy_kwh, f"{path}.energy_kwh", minimum=0)
        _require_number(self.max_power_kw, f"{path}.max_power_kw", minimum=0)
        _require_number(self.min_power_kw, f"{path}.min_power_kw", minimum=0)
        _require_number(self.power_step_kw, f"{path}.power_step_kw", minimum=0)
        _require_number(self.priority, f"{path}.priority")
        _require(self.priority > 0, f"{path}.priority", "must be above 0")
        _require(0 < self.efficiency <= 1, f"{path}.efficiency", "must be above 0 and at most 1")
        _require(len(self.phases) > 0, f"{path}.phases", "must name at least one phase")
        _require(
            len(set(self.phases)) == len(self.phases) and set(self.phases) <= set(PHASES),
            f"{path}.phases",
            f"must be different phases of {', '.join(PHASES)}",
        )


@dataclass(frozen=True, kw_only=True)
class Site:
    """The grid connection that all chargers share.

    Attributes:
        limit_kw: The most the site may import, per step.
        import_price: Price of imported energy, per step.
        export_price: What exported energy earns, per step; empty for nothing.
        base_load_kw: Consumption of everything but the EVs, per step; empty for none.
        pv_kw: PV production, per step; empty for none.
        phase_limit_kw: The most one phase may carry, per step; empty where phases are not limited.
        estimated: Whether a step's price is an estimate; empty where all are known.
    """

    limit_kw: PerStep
    import_price: PerStep
    export_price: PerStep = ()
    base_load_kw: PerStep = ()
    pv_kw: PerStep = ()
    phase_limit_kw: PerStep = ()
    estimated: tuple[bool, ...] = ()

    def check(self, steps: int) -> None:
        """Raise ProblemError where a series has the wrong length or an impossible value."""
        for name, minimum, required in (
            ("limit_kw", None, True),
            ("import_price", None, True),
            ("export_price", None, False),
            ("base_load_kw", None, False),
            ("pv_kw", 0.0, False),
            ("phase_limit_kw", None, False),
        ):
            series: PerStep = getattr(self, name)
            _require(
                len(series) == steps or (not required and not series),
                f"site.{name}",
                f"must have one value for each of the {steps} steps, not {len(series)}",
            )
            for index, value in enumerate(series):
                _require_number(value, f"site.{name}[{index}]", minimum=minimum)
        _require(
            len(self.estimated) in {0, steps},
            "site.estimated",
            f"must have one value for each of the {steps} steps, not {len(self.estimated)}",
        )


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Everything a plan depends on, frozen at one moment.

    Attributes:
        horizon: The steps to plan.
        site: Limits, prices and loads of the site.
        evs: The charging requests.
        start_cost: What a start of charging counts for, in the site's currency; makes plans calm.
    """

    horizon: Horizon
    site: Site
    evs: tuple[EV, ...] = ()
    start_cost: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what contradicts itself, naming the field."""
        self.site.check(len(self.horizon))
        _require_number(self.start_cost, "start_cost", minimum=0)
        seen: set[str] = set()
        for index, ev in enumerate(self.evs):
            ev.check(f"evs[{index}]")
            _require(ev.id not in seen, f"evs[{index}].id", f"'{ev.id}' is there twice")
            seen.add(ev.id)

    @cached_property
    def capacity_kw(self) -> PerStep:
        """What the EVs may draw together, per step: never negative, whatever the house does."""
        return tuple(
            max(0.0, limit - base + pv)
            for limit, base, pv in zip(
                self.site.limit_kw, self.base_load_kw, self.pv_kw, strict=True
            )
        )

    @cached_property
    def phase_capacity_kw(self) -> PerStep:
        """What the EVs may draw from each phase, per step; empty where phases are not limited.

        The base load and the PV are taken as spread equally over the phases.
        """
        return (
            tuple(
                max(0.0, limit - (base - pv) / len(PHASES))
                for limit, base, pv in zip(
                    self.site.phase_limit_kw, self.base_load_kw, self.pv_kw, strict=True
                )
            )
            if self.site.phase_limit_kw
            else ()
        )

    @cached_property
    def surplus_kw(self) -> PerStep:
        """PV production beyond the base load, per step."""
        return tuple(
            max(0.0, pv - base) for base, pv in zip(self.base_load_kw, self.pv_kw, strict=True)
        )

    @property
    def base_load_kw(self) -> PerStep:
        """The site's base load with its default filled in, per step."""
        return self.site.base_load_kw or (0.0,) * len(self.horizon)

    @property
    def pv_kw(self) -> PerStep:
        """The site's PV production with its default filled in, per step."""
        return self.site.pv_kw or (0.0,) * len(self.horizon)

    @property
    def export_price(self) -> PerStep:
        """The site's export price with its default filled in, per step."""
        return self.site.export_price or (0.0,) * len(self.horizon)

    def present_h(self, ev: EV) -> PerStep:
        """Return for how long of each step an EV can charge.

        A limit holds all the step long; the energy it makes possible is that limit times
        these hours.
        """
        return self.horizon.overlap_h(ev.arrival, ev.departure)


class ShortfallCause(StrEnum):
    """Why an EV will not get all the energy it wants by departure."""

    WINDOW = "window"
    """Its own power and the time it is plugged in do not suffice."""
    SITE_LIMIT = "site_limit"
    """The site's limit, shared with the others, does not suffice."""
    SURPLUS = "surplus"
    """It charges from PV surplus only, and there is not enough."""


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
        limit_kw: The most it may draw, per step.
        energy_kwh: Energy into the battery.
        cost: Price of the energy it draws, in the site's currency.
        cost_at_once: The same if it charged at plug-in under the same limits.
        shortfall_kwh: Energy that will be missing in the battery at departure.
        shortfall_cause: Why, or None where nothing is missing.
    """

    id: str
    limit_kw: PerStep
    energy_kwh: float
    cost: float
    cost_at_once: float = 0.0
    shortfall_kwh: float = 0.0
    shortfall_cause: ShortfallCause | None = None


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """The plan for all EVs of a Problem.

    Attributes:
        horizon: The steps that were planned.
        evs: One entry for each EV of the Problem, in its order.
        algorithm: Name of the algorithm that made it.
        status: How it came about.
        cost: Price of all energy the EVs draw.
        gap: Proven distance from the optimum, relative to it; None where nothing is proven.
        build_ms: Time taken to build the model.
        solve_ms: Time taken to solve it.
        kept: Whether an earlier plan was kept, as a new one was hardly better.
        failures: What went wrong with the algorithms tried before, in order.
    """

    horizon: Horizon
    evs: tuple[EVSchedule, ...]
    algorithm: str
    status: SolveStatus
    cost: float = 0.0
    gap: float | None = None
    build_ms: float = 0.0
    solve_ms: float = 0.0
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

    def ev(self, ev_id: str) -> EVSchedule | None:
        """Return one EV's part of the plan, or None where it has none."""
        return next((ev for ev in self.evs if ev.id == ev_id), None)

    def limit_kw_at(self, ev_id: str, moment: datetime) -> float | None:
        """Return an EV's limit at a moment, or None where the plan says nothing about it."""
        index = self.horizon.index_at(moment)
        ev = self.ev(ev_id)
        return None if ev is None or index is None else ev.limit_kw[index]
