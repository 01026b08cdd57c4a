"""The grid connection that all chargers share: limits, loads, prices, storage."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
import math
from typing import Literal

from .checks import (
    PerStep,
    require,
    require_fraction,
    require_number,
    require_phase_series,
    require_portion,
    require_series,
)
from .horizon import Horizon

type Phase = Literal["L1", "L2", "L3"]
type PerPhase = tuple[PerStep, ...]
"""Three series, for L1, L2 and L3; limits may be one series that holds for each phase."""

PHASES: tuple[Phase, ...] = ("L1", "L2", "L3")
_SHORTEST_INTERVAL_H = 0.01
"""No meter counts by less than a minute."""
_LONGEST_INTERVAL_H = 31 * 24
_MOST_DAYS = 366
"""The longest billing period is a year."""
LINE_SHARE = 1 / math.sqrt(3)
"""Of a load between two phases, what each conductor's current is per kW, in kW of one phase.

The current is P / (sqrt(3) * V) with V the voltage from phase to neutral (or to the middle of an
IT net). Currents of several loads are added as if they were in phase, which is never too little.
"""


_MOST_PRICE_STEPS = 100
"""More than any tariff has; each is a choice for the solver."""
SAME_PEAK_KW = 1e-4
"""A step of a price is not passed by less than this: solvers round, and no meter shows it."""


@dataclass(frozen=True, kw_only=True)
class PriceStep:
    """What a tariff on the highest power costs more once it is above a number of kW.

    Attributes:
        above_kw: Above this.
        price: What is paid then, however far above, beside what lower steps cost.
    """

    above_kw: float
    price: float


@dataclass(frozen=True, kw_only=True)
class PeakTariff:
    """A price for the highest power imported, as capacity tariffs have it.

    What counts is the mean import of each billing interval, times the weight of its time. The
    highest of each day counts, and of these days the mean of the highest few.

    Attributes:
        price_per_kw: What a kW of that mean costs, beyond those that are free.
        free_kw: Up to this the mean costs nothing, or nothing more where so much is billed anyway.
        price_steps: What it costs to be above a number of kW, besides; in any order.
        interval_h: Length of the billing interval; intervals begin at multiples of it, UTC.
        weight: What a kW counts for, per step: 1, 0 outside its time window, 0.5 where nights
            count half; empty for 1 always.
        top_days: Of how many days the highest count.
        distinct_days: Only the highest of each day counts. Else a day may have several of the
            highest, ``top_days`` says how many intervals count, ``day_peaks_kw`` has those so far,
            and days make no difference.
        day_peaks_kw: The highest of each earlier day of the billing period.
        today_kw: The highest so far of the day on which the horizon begins.
        imported_kwh: Energy imported so far in the interval in which the horizon begins.
        day: Number of the local day of each step, rising from 0; empty where it is all one day.
    """

    price_per_kw: float
    free_kw: float = 0.0
    price_steps: tuple[PriceStep, ...] = ()
    interval_h: float = 0.25
    weight: PerStep = ()
    top_days: int = 1
    distinct_days: bool = True
    day_peaks_kw: tuple[float, ...] = ()
    today_kw: float = 0.0
    imported_kwh: float = 0.0
    day: tuple[int, ...] = ()

    def check(self, path: str, steps: int) -> None:
        """Raise ProblemError, with the path of this part, where a field is not plausible."""
        require_number(self.price_per_kw, f"{path}.price_per_kw", minimum=0)
        require_number(self.free_kw, f"{path}.free_kw", minimum=0)
        require(
            len(self.price_steps) <= _MOST_PRICE_STEPS,
            f"{path}.price_steps",
            f"must be at most {_MOST_PRICE_STEPS}",
        )
        for index, step in enumerate(self.price_steps):
            for name in ("above_kw", "price"):
                value = getattr(step, name)
                require_number(value, f"{path}.price_steps[{index}].{name}", minimum=0)
        require_number(
            self.interval_h,
            f"{path}.interval_h",
            minimum=_SHORTEST_INTERVAL_H,
            maximum=_LONGEST_INTERVAL_H,
        )
        require_series(self.weight, steps, f"{path}.weight")
        for index, weight in enumerate(self.weight):
            require_portion(weight, f"{path}.weight[{index}]")
        require_number(self.top_days, f"{path}.top_days", minimum=1, maximum=_MOST_DAYS)
        for index, peak in enumerate(self.day_peaks_kw):
            require_number(peak, f"{path}.day_peaks_kw[{index}]", minimum=0)
        require_number(self.today_kw, f"{path}.today_kw", minimum=0)
        require_number(self.imported_kwh, f"{path}.imported_kwh", minimum=0)
        require_series(self.day, steps, f"{path}.day", minimum=0)
        require(
            all(before <= after for before, after in pairwise(self.day)),
            f"{path}.day",
            "must not fall",
        )

    @property
    def is_priced(self) -> bool:
        """Whether any power costs anything."""
        return self.price_per_kw > 0 or any(step.price > 0 for step in self.price_steps)

    def cost(self, mean_kw: float) -> float:
        """Return what the mean of the highest costs, in the site's currency."""
        return self.price_per_kw * max(0.0, mean_kw - self.free_kw) + math.fsum(
            step.price for step in self.price_steps if mean_kw > step.above_kw + SAME_PEAK_KW
        )

    def free_up_to_kw(self, mean_kw: float) -> float:
        """Return up to where the mean of the highest may rise without costing more."""
        limits = [
            step.above_kw
            for step in self.price_steps
            if step.price > 0 and mean_kw <= step.above_kw + SAME_PEAK_KW
        ]
        if self.price_per_kw > 0:
            limits.append(self.free_kw)
        return max(mean_kw, min(limits, default=math.inf))


@dataclass(frozen=True, kw_only=True)
class Circuit:
    """A part of the site with limits of its own.

    Attributes:
        id: Unique within the Problem.
        parent: Id of the circuit it hangs on; None for the site itself.
        limit_kw: The most it may carry, per step; empty for no limit.
        phase_limit_kw: The most each phase may carry: one series for all, or three; or empty.
        base_load_kw: What other consumers on it draw, per step; part of the site's base load.
    """

    id: str
    parent: str | None = None
    limit_kw: PerStep = ()
    phase_limit_kw: PerPhase = ()
    base_load_kw: PerStep = ()

    def check(self, path: str, steps: int) -> None:
        """Raise ProblemError, with the path of this part, where a field is not plausible."""
        require_series(self.limit_kw, steps, f"{path}.limit_kw")
        require_phase_series(self.phase_limit_kw, steps, f"{path}.phase_limit_kw", counts=(1, 3))
        require_series(self.base_load_kw, steps, f"{path}.base_load_kw")


@dataclass(frozen=True, kw_only=True)
class Battery:
    """A home battery: planned together with the EVs, or one with a plan of its own.

    Attributes:
        id: Unique within the Problem.
        capacity_kwh: Never charged above this.
        stored_kwh: What it holds now; that may be above or below what it may hold.
        max_charge_kw: The most it is charged with, at its terminals.
        max_discharge_kw: The most it gives, at its terminals.
        min_power_kw: The least it is charged with, or gives, unless that is nothing.
        min_stored_kwh: Never discharged below this: its minimum, or what is reserved for outages.
        grid_charge: It may be charged while the site imports; else only with PV that neither the
            base load nor an EV uses.
        may_export: What it gives may be exported; else it gives no more than base load and EVs
            draw beyond PV.
        charge_efficiency: Energy stored per energy taken.
        discharge_efficiency: Energy given per energy taken from store.
        wear_cost: What wear counts for, per kWh given.
        end_price: What a kWh stored at the end of the horizon is worth; None to end with no less
            than at the start, as far as its capacity allows.
        given_kw: Its own plan where it is not ours to plan: charging above 0, discharging below.
            What it gives is for the base load: the EVs are planned as if they could not have it.
    """

    id: str
    capacity_kwh: float
    stored_kwh: float
    max_charge_kw: float
    max_discharge_kw: float
    min_power_kw: float = 0.0
    min_stored_kwh: float = 0.0
    grid_charge: bool = True
    may_export: bool = True
    charge_efficiency: float = 0.95
    discharge_efficiency: float = 0.95
    wear_cost: float = 0.0
    end_price: float | None = None
    given_kw: PerStep = ()

    def check(self, path: str, steps: int) -> None:
        """Raise ProblemError, with the path of this part, where a field is not plausible."""
        for name in (
            "capacity_kwh",
            "stored_kwh",
            "max_charge_kw",
            "max_discharge_kw",
            "min_stored_kwh",
            "wear_cost",
        ):
            require_number(getattr(self, name), f"{path}.{name}", minimum=0)
        require_fraction(self.charge_efficiency, f"{path}.charge_efficiency")
        require_fraction(self.discharge_efficiency, f"{path}.discharge_efficiency")
        require_portion(self.min_power_kw, f"{path}.min_power_kw")
        require(
            self.min_stored_kwh <= self.capacity_kwh,
            f"{path}.min_stored_kwh",
            f"must be at most capacity_kwh ({self.capacity_kwh:g})",
        )
        if self.end_price is not None:
            require_number(self.end_price, f"{path}.end_price")
        require_series(self.given_kw, steps, f"{path}.given_kw")

    def stored_kwh_by(self, power_kw: Iterable[float], step_h: Iterable[float]) -> PerStep:
        """Return what it holds at the end of each step.

        Args:
            power_kw: What it does, per step: charging above 0, discharging below.
            step_h: Length of each step.
        """
        stored, held = self.stored_kwh, []
        for power, hours in zip(power_kw, step_h, strict=True):
            losses = self.charge_efficiency if power > 0 else 1 / self.discharge_efficiency
            stored += power * hours * losses
            held.append(stored)
        return tuple(held)


@dataclass(frozen=True, kw_only=True)
class GridConnection:
    """The grid connection that all chargers share.

    Attributes:
        limit_kw: The most the site may import, per step.
        import_price: Price of imported energy, per step.
        export_price: What exported energy earns, per step; empty for nothing.
        export_limit_kw: The most that may be exported, per step; empty for no limit. What PV could
            give beyond is curtailed: it earns nothing, and costs nothing where it is used.
        base_load_kw: Consumption of everything but the EVs, per step; empty for none.
        base_load_phase_kw: The same for each phase, instead; three series, or empty.
        pv_kw: PV production, per step; empty for none.
        pv_phase_kw: The same for each phase, instead; three series, or empty.
        phase_limit_kw: The most each phase may carry, per step: one series that holds for each
            phase, or three; empty where phases are not limited.
        estimated: Whether a step's price is an estimate; empty where all are known.
        estimate_trust: What an estimated price counts for, from 0 (as if it were the mean of the
            known ones) to 1 (like a known one).
        co2_kg_per_kwh: CO2 of imported energy, per step; empty for none.
        co2_price: What a kg of CO2 counts for.
        peak_tariffs: Prices for the highest power imported.
    """

    limit_kw: PerStep
    import_price: PerStep
    export_price: PerStep = ()
    export_limit_kw: PerStep = ()
    base_load_kw: PerStep = ()
    base_load_phase_kw: PerPhase = ()
    pv_kw: PerStep = ()
    pv_phase_kw: PerPhase = ()
    phase_limit_kw: PerPhase = ()
    estimated: tuple[bool, ...] = ()
    estimate_trust: float = 1.0
    co2_kg_per_kwh: PerStep = ()
    co2_price: float = 0.0
    peak_tariffs: tuple[PeakTariff, ...] = ()

    def check(self, steps: int) -> None:
        """Raise ProblemError where a series has the wrong length or an impossible value."""
        require_series(self.limit_kw, steps, "site.limit_kw", optional=False)
        require_series(self.import_price, steps, "site.import_price", optional=False)
        require_series(self.export_price, steps, "site.export_price")
        require_series(self.export_limit_kw, steps, "site.export_limit_kw", minimum=0)
        require_series(self.base_load_kw, steps, "site.base_load_kw")
        require_series(self.pv_kw, steps, "site.pv_kw", minimum=0)
        require_series(self.co2_kg_per_kwh, steps, "site.co2_kg_per_kwh", minimum=0)
        require_phase_series(self.phase_limit_kw, steps, "site.phase_limit_kw", counts=(1, 3))
        require_phase_series(self.base_load_phase_kw, steps, "site.base_load_phase_kw", counts=(3,))
        require_phase_series(self.pv_phase_kw, steps, "site.pv_phase_kw", counts=(3,), minimum=0)
        for name in ("base_load", "pv"):
            require(
                not (getattr(self, f"{name}_kw") and getattr(self, f"{name}_phase_kw")),
                f"site.{name}_phase_kw",
                f"must be empty where site.{name}_kw is given",
            )
        require(
            len(self.estimated) in {0, steps},
            "site.estimated",
            f"must have one value for each of the {steps} steps, not {len(self.estimated)}",
        )
        require_number(self.estimate_trust, "site.estimate_trust", minimum=0, maximum=1)
        require_number(self.co2_price, "site.co2_price", minimum=0)
        for index, tariff in enumerate(self.peak_tariffs):
            tariff.check(f"site.peak_tariffs[{index}]", steps)

    @cached_property
    def phase_limits_kw(self) -> PerPhase:
        """The limits of L1, L2 and L3, per step; empty where phases are not limited."""
        if len(self.phase_limit_kw) == 1:
            return self.phase_limit_kw * len(PHASES)
        return self.phase_limit_kw

    @cached_property
    def total_base_load_kw(self) -> PerStep:
        """The base load of all phases together, per step."""
        return self._total(self.base_load_kw, self.base_load_phase_kw)

    @cached_property
    def total_pv_kw(self) -> PerStep:
        """The PV production on all phases together, per step."""
        return self._total(self.pv_kw, self.pv_phase_kw)

    def _total(self, total: PerStep, phases: PerPhase) -> PerStep:
        if phases:
            return tuple(math.fsum(step) for step in zip(*phases, strict=True))
        return total or (0.0,) * len(self.limit_kw)

    def phase_base_load_kw(self, phase: int) -> PerStep:
        """Return the base load of one phase, by its number; an equal part where not known."""
        return self._of_phase(phase, self.base_load_phase_kw, self.total_base_load_kw)

    def phase_pv_kw(self, phase: int) -> PerStep:
        """Return the PV production on one phase, by its number; an equal part where not known."""
        return self._of_phase(phase, self.pv_phase_kw, self.total_pv_kw)

    @staticmethod
    def _of_phase(phase: int, phases: PerPhase, total: PerStep) -> PerStep:
        return phases[phase] if phases else tuple(value / len(PHASES) for value in total)

    def decision_price(self, horizon: Horizon) -> PerStep:
        """Return what a kWh imported counts for in decisions, per step of a horizon."""
        prices = self.import_price
        if self.estimate_trust < 1 and any(self.estimated) and not all(self.estimated):
            known = [
                (price, hours)
                for price, hours, guess in zip(prices, horizon.step_h, self.estimated, strict=True)
                if not guess
            ]
            mean = math.fsum(price * hours for price, hours in known) / math.fsum(
                hours for _, hours in known
            )
            prices = tuple(
                mean + self.estimate_trust * (price - mean) if guess else price
                for price, guess in zip(prices, self.estimated, strict=True)
            )
        if self.co2_kg_per_kwh and self.co2_price:
            prices = tuple(
                price + self.co2_price * co2
                for price, co2 in zip(prices, self.co2_kg_per_kwh, strict=True)
            )
        return prices
