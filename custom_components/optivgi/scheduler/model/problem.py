"""What a scheduler is asked: a Problem and its parts.

Every quantity carries its unit in its name: _kw and _kwh at the plug unless said otherwise,
_h hours. Prices are in the site's currency per kWh. Instants are timezone-aware and in UTC.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from .checks import (
    FINEST,
    PerStep,
    require,
    require_fraction,
    require_instant,
    require_number,
    require_portion,
)
from .horizon import Horizon
from .network import SITE, NetworkPart, PartLimit, part_limits
from .site import PHASES, Battery, Circuit, GridConnection, Phase

_HIGHEST_PRIORITY = 1 / FINEST


@dataclass(frozen=True, kw_only=True)
class Taper:
    """What a car's battery management allows from a state of charge on.

    Attributes:
        energy_kwh: Once the battery holds so much more than now,
        max_power_kw: the car draws at most this; more taper points lower it further.
    """

    energy_kwh: float
    max_power_kw: float


@dataclass(frozen=True, kw_only=True)
class SinglePhase:
    """How a three-phase charger that can switch by itself charges on one phase.

    Attributes:
        phase: The phase it then draws from.
        min_power_kw: The least it can then draw while charging.
        max_power_kw: The most.
        active: It is on one phase now.
        max_switches: How often it may change between one and three phases within the horizon.
    """

    phase: Phase
    min_power_kw: float
    max_power_kw: float
    active: bool = False
    max_switches: int = 4

    def check(self, path: str) -> None:
        """Raise ProblemError, with the path of this part, where a field is not plausible."""
        require(self.phase in PHASES, f"{path}.phase", f"must be one of {', '.join(PHASES)}")
        require_portion(self.min_power_kw, f"{path}.min_power_kw")
        require_number(self.max_power_kw, f"{path}.max_power_kw", minimum=0)
        require_number(self.max_switches, f"{path}.max_switches", minimum=0)


@dataclass(frozen=True, kw_only=True)
class Discharge:
    """What a car that can give energy back (V2G, V2H) may do.

    Attributes:
        max_power_kw: The most it gives, at the plug.
        min_power_kw: The least it gives while discharging.
        stored_kwh: Energy in its battery now, or at arrival.
        min_stored_kwh: Never discharged below this.
        capacity_kwh: Never charged above this.
        efficiency: Energy given at the plug per energy taken from the battery.
        wear_cost: What wear counts for, per kWh given.
    """

    max_power_kw: float
    stored_kwh: float
    capacity_kwh: float
    min_power_kw: float = 0.0
    min_stored_kwh: float = 0.0
    efficiency: float = 1.0
    wear_cost: float = 0.0

    def check(self, path: str) -> None:
        """Raise ProblemError, with the path of this part, where a field is not plausible."""
        for name in (
            "max_power_kw",
            "stored_kwh",
            "min_stored_kwh",
            "capacity_kwh",
            "wear_cost",
        ):
            require_number(getattr(self, name), f"{path}.{name}", minimum=0)
        require_portion(self.min_power_kw, f"{path}.min_power_kw")
        require_fraction(self.efficiency, f"{path}.efficiency")
        require(
            self.stored_kwh <= self.capacity_kwh,
            f"{path}.stored_kwh",
            f"must be at most capacity_kwh ({self.capacity_kwh:g}), not {self.stored_kwh:g}",
        )
        require(
            self.min_stored_kwh <= self.capacity_kwh,
            f"{path}.min_stored_kwh",
            f"must be at most capacity_kwh ({self.capacity_kwh:g}), not {self.min_stored_kwh:g}",
        )


@dataclass(frozen=True, kw_only=True)
class EV:
    """One charging request: a car that is plugged in, or one that is announced.

    Attributes:
        id: Unique within the Problem.
        arrival: When it can start to charge; in the past for a car that is plugged in.
        departure: When it has to be ready.
        energy_kwh: Energy wanted in the battery by departure.
        max_power_kw: The maximum it can draw.
        min_power_kw: The minimum it can draw while charging; it draws 0 or something in between.
        power_step_kw: Its limits are the minimum plus whole steps of this; 0 for any in between.
        efficiency: Energy into the battery per energy drawn.
        phases: The phases of the site it draws from, equally, whatever the charger calls them.
        line_to_line: It is connected between the two phases it names, as at 208 V or in IT nets:
            each carries more than half of its power.
        phases_used: From how many of its phases it draws where nobody knows which: each of them
            is left as much as it would then carry. None for all.
        circuit: Id of the circuit it hangs on; None for the site itself.
        priority: Weight of its shortfall against those of others.
        min_energy_kwh: The part of energy_kwh that is to be charged at once, whatever the price.
        limit_energy_kwh: Never charge more than this, whatever is wanted; None for no limit.
        extra_energy_kwh: Energy beyond energy_kwh that it takes where that is cheap enough:
        extra_below_price: where a kWh drawn costs less than this; None for never,
        extra_from_surplus: and from PV surplus that would be exported.
        taper: What its battery management allows from a state of charge on, in rising order.
        single_phase: How its charger can switch to one phase by itself; None where it cannot.
        discharge: What it may give back; None where it cannot.
        at_once: Charge as early as the limits allow, whatever the price.
        surplus_only: Charge from PV surplus only.
        min_always: Draw at least the minimum all the time, from arrival on, until it has what it
            wants; more as PV surplus is left for it, and where that is needed to be ready. Where
            it can switch to one phase, it is planned on one or on all for as long as it stays.
        later_energy_kwh: Energy wanted beyond energy_kwh where it is still there after departure,
        later_departure: by then. It gives way to all that is wanted by departure, and what is
            missing of it is no shortfall. None for no more.
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
    line_to_line: bool = False
    phases_used: int | None = None
    circuit: str | None = None
    priority: float = 1.0
    min_energy_kwh: float = 0.0
    limit_energy_kwh: float | None = None
    extra_energy_kwh: float = 0.0
    extra_below_price: float | None = None
    extra_from_surplus: bool = False
    taper: tuple[Taper, ...] = ()
    single_phase: SinglePhase | None = None
    discharge: Discharge | None = None
    at_once: bool = False
    surplus_only: bool = False
    min_always: bool = False
    later_energy_kwh: float = 0.0
    later_departure: datetime | None = None
    charging: bool = False

    def check(self, path: str) -> None:
        """Raise ProblemError, with the path of this EV, where a field is not plausible."""
        require_instant(self.arrival, f"{path}.arrival")
        require_instant(self.departure, f"{path}.departure")
        for name in (
            "energy_kwh",
            "max_power_kw",
            "min_energy_kwh",
            "extra_energy_kwh",
            "later_energy_kwh",
        ):
            require_number(getattr(self, name), f"{path}.{name}", minimum=0)
        require_portion(self.min_power_kw, f"{path}.min_power_kw")
        require_portion(self.power_step_kw, f"{path}.power_step_kw")
        if self.limit_energy_kwh is not None:
            require_number(self.limit_energy_kwh, f"{path}.limit_energy_kwh", minimum=0)
        if self.extra_below_price is not None:
            require_number(self.extra_below_price, f"{path}.extra_below_price")
        require_number(self.priority, f"{path}.priority", minimum=FINEST, maximum=_HIGHEST_PRIORITY)
        require_fraction(self.efficiency, f"{path}.efficiency")
        require(len(self.phases) > 0, f"{path}.phases", "must name at least one phase")
        require(
            len(set(self.phases)) == len(self.phases) and set(self.phases) <= set(PHASES),
            f"{path}.phases",
            f"must be different phases of {', '.join(PHASES)}",
        )
        require(
            not self.line_to_line or len(self.phases) == 2,  # noqa: PLR2004 - a line has two ends
            f"{path}.line_to_line",
            "needs exactly two phases",
        )
        if self.phases_used is not None:
            require_number(
                self.phases_used, f"{path}.phases_used", minimum=1, maximum=len(self.phases)
            )
            require(
                not self.line_to_line and self.single_phase is None,
                f"{path}.phases_used",
                "cannot be combined with line_to_line or single_phase",
            )
        if self.later_departure is not None:
            require_instant(self.later_departure, f"{path}.later_departure")
        self._check_taper(path)
        if self.single_phase is not None:
            self.single_phase.check(f"{path}.single_phase")
        if self.discharge is not None:
            self.discharge.check(f"{path}.discharge")

    def _check_taper(self, path: str) -> None:
        reached = -1.0
        allowed = float("inf")
        for index, point in enumerate(self.taper):
            where = f"{path}.taper[{index}]"
            require_number(point.energy_kwh, f"{where}.energy_kwh", minimum=0)
            require_number(point.max_power_kw, f"{where}.max_power_kw", minimum=0)
            require(point.energy_kwh > reached, f"{where}.energy_kwh", "must rise")
            require(point.max_power_kw <= allowed, f"{where}.max_power_kw", "must not rise")
            reached, allowed = point.energy_kwh, point.max_power_kw

    @property
    def is_steady(self) -> bool:
        """Whether it draws its minimum all the time: one that charges at once draws all it can."""
        return self.min_always and not self.at_once and self.min_power_kw > 0

    @property
    def room_kwh(self) -> float:
        """Energy that may come into the battery at most: by its limit, and by what it holds."""
        room = float("inf") if self.limit_energy_kwh is None else self.limit_energy_kwh
        if self.discharge is not None:
            room = min(room, self.discharge.capacity_kwh - self.discharge.stored_kwh)
        return room

    @property
    def full_kwh(self) -> float:
        """Energy that the battery of a car that can give may ever hold; infinite where unknown."""
        return float("inf") if self.discharge is None else self.discharge.stored_kwh + self.room_kwh

    @property
    def wanted_kwh(self) -> float:
        """Energy to aim for by departure: what is wanted, within what it may ever hold."""
        return min(self.energy_kwh, self.room_kwh)

    @property
    def possible_extra_kwh(self) -> float:
        """Energy beyond wanted_kwh that it takes where that is cheap, within its limit."""
        return max(0.0, min(self.extra_energy_kwh, self.room_kwh - self.wanted_kwh))


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Everything a plan depends on, frozen at one moment.

    Attributes:
        horizon: The steps to plan.
        site: Limits, prices and loads of the site.
        evs: The charging requests.
        circuits: Limited parts of the site, in a tree.
        batteries: The home batteries.
        start_cost: What a start of charging counts for, in the site's currency; keeps starts few.
    """

    horizon: Horizon
    site: GridConnection
    evs: tuple[EV, ...] = ()
    circuits: tuple[Circuit, ...] = ()
    batteries: tuple[Battery, ...] = ()
    start_cost: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what contradicts itself, naming the field."""
        steps = len(self.horizon)
        self.site.check(steps)
        for index, battery in enumerate(self.batteries):
            battery.check(f"batteries[{index}]", steps)
            require(
                battery.id not in {other.id for other in self.batteries[:index]},
                f"batteries[{index}].id",
                f"{battery.id!r} is there twice",
            )
        require_number(self.start_cost, "start_cost", minimum=0)
        self._check_circuits(steps)
        known = {circuit.id for circuit in self.circuits}
        seen: set[str] = set()
        for index, ev in enumerate(self.evs):
            ev.check(f"evs[{index}]")
            require(ev.id not in seen, f"evs[{index}].id", f"{ev.id!r} is there twice")
            require(
                ev.circuit is None or ev.circuit in known,
                f"evs[{index}].circuit",
                f"there is no circuit {ev.circuit!r}",
            )
            seen.add(ev.id)

    def _check_circuits(self, steps: int) -> None:
        parents: dict[str, str | None] = {}
        for index, circuit in enumerate(self.circuits):
            circuit.check(f"circuits[{index}]", steps)
            require(
                circuit.id not in parents,
                f"circuits[{index}].id",
                f"{circuit.id!r} is there twice",
            )
            parents[circuit.id] = circuit.parent
        for index, circuit in enumerate(self.circuits):
            path = f"circuits[{index}].parent"
            seen = {circuit.id}
            parent = circuit.parent
            while parent is not None:
                require(parent in parents, path, f"there is no circuit {parent!r}")
                require(parent not in seen, path, f"{circuit.id!r} is part of itself")
                seen.add(parent)
                parent = parents[parent]

    def circuits_of(self, ev: EV) -> tuple[Circuit, ...]:
        """Return the circuits that carry what an EV draws, the innermost first."""
        by_id = {circuit.id: circuit for circuit in self.circuits}
        path: list[Circuit] = []
        at = ev.circuit
        while at is not None:
            path.append(by_id[at])
            at = by_id[at].parent
        return tuple(path)

    @cached_property
    def part_limits(self) -> dict[NetworkPart, PartLimit]:
        """What limits each part of the site, the site itself first."""
        return part_limits(self.site, self.circuits, self.given_kw)

    @cached_property
    def given_kw(self) -> tuple[PerStep, ...]:
        """What each home battery does that has a plan of its own, per step."""
        return tuple(battery.given_kw for battery in self.batteries if battery.given_kw)

    @cached_property
    def given_charge_kw(self) -> PerStep:
        """What home batteries with plans of their own are charged with, per step.

        What they give is not counted on: it may end any time, or is held back where cars draw.
        """
        return self.part_limits[SITE].given_kw

    @property
    def capacity_kw(self) -> PerStep:
        """What the EVs may draw together, per step: never negative, whatever the house does.

        A home battery's charging takes from it; its discharging does not add to it, as it may end
        any time.
        """
        return self.part_limits[SITE].capacity_kw

    @property
    def phase_capacity_kw(self) -> tuple[PerStep, ...]:
        """What the EVs may draw from L1, L2 and L3, per step; empty where phases are not limited.

        What is only known in total is taken as spread equally over the phases.
        """
        parts = (self.part_limits.get(NetworkPart(phase=phase)) for phase in PHASES)
        return tuple(part.capacity_kw for part in parts if part is not None)

    @cached_property
    def surplus_kw(self) -> PerStep:
        """PV production that neither base load nor own plans of home batteries use, per step."""
        return tuple(max(0.0, -used) for used in self.part_limits[SITE].used_kw)

    @cached_property
    def base_load_kw(self) -> PerStep:
        """Consumption of everything but EVs and batteries, per step; zeros where not given."""
        return self.site.total_base_load_kw

    @cached_property
    def pv_kw(self) -> PerStep:
        """PV production per step; zeros where not given."""
        return self.site.total_pv_kw

    @cached_property
    def export_price(self) -> PerStep:
        """What exported energy earns, per step; zeros where not given."""
        return self.site.export_price or (0.0,) * len(self.horizon)

    @cached_property
    def export_limit_kw(self) -> PerStep:
        """The most that may be exported, per step; infinite where that is not limited."""
        return self.site.export_limit_kw or (float("inf"),) * len(self.horizon)

    @cached_property
    def decision_price(self) -> PerStep:
        """What a kWh imported counts for in decisions, per step.

        That is the price with CO2 at its price, where estimated drawn towards the mean of the
        known prices by as much as estimates are not trusted.
        """
        return self.site.decision_price(self.horizon)

    def present_h(self, ev: EV) -> PerStep:
        """Return for how long of each step an EV can charge.

        A limit holds all the step long; the energy it makes possible is that limit times
        these hours.
        """
        return self.horizon.overlap_h(ev.arrival, ev.departure)
