"""Between a site and the scheduler: what is read becomes a Problem, the answer to it a Plan."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
import math
from typing import override

from homeassistant.util import dt as dt_util

from ..charging.request import request_at
from ..const import (
    COARSE_STEP,
    ESTIMATE_TRUST,
    FINE_HORIZON,
    HORIZON,
    LONGEST_HORIZON,
    STEP,
)
from ..scheduler.last_resort import EMERGENCY
from ..scheduler.model import (
    EV,
    Battery,
    Circuit,
    GridConnection,
    Horizon,
    PerPhase,
    Problem,
    Schedule,
)
from ..scheduler.reserve import Reserve
from ..scheduler.translation import Translation
from ..site.battery_outlook import expected_batteries
from ..site.outlook import Outlook
from ..site.site import Site
from .plan import Plan
from .prices import PriceFeed


@dataclass(frozen=True, kw_only=True)
class SiteReading:
    """What a site reports at one moment, as far as plans are made from it.

    Attributes:
        horizon: The steps to plan.
        evs: Who wants to charge in them.
        limits: What the connection carries, loads and prices for each step.
        circuits: The limited parts of it.
        batteries: The home batteries, as far as it is known how full they are.
        circuit_names: What those are called, by id.
        peak_tariff_ids: Whose each tariff on the highest power is.
        operator_kw: What the grid operator allows the site; None where nothing limits it.
        dimmed_kw: What the chargers are left from the grid; None where they are not dimmed.
        reserve: What plans are to leave free.
        outlook: What loads and PV rest on.
        known_chargers: The chargers whose car is plugged in and can be planned for.
        uncontrolled_kw: What each charger may draw that no command of ours changes.
        parts: Which part of its limit each car draws.
        price_error: Why prices could not be read; None if they were.
        prices_known: Whether any price was ever read.
    """

    horizon: Horizon
    evs: tuple[EV, ...]
    limits: GridConnection
    circuits: tuple[Circuit, ...]
    batteries: tuple[Battery, ...]
    circuit_names: Mapping[str, str]
    peak_tariff_ids: tuple[str, ...]
    operator_kw: float | None
    dimmed_kw: float | None
    reserve: Reserve
    outlook: Outlook
    known_chargers: frozenset[str]
    uncontrolled_kw: Mapping[str, float]
    parts: Mapping[str, float]
    price_error: str | None
    prices_known: bool


async def async_read_site(site: Site, prices: PriceFeed, now: datetime) -> SiteReading:
    """Read what a site wants and can carry from now on, by what was last observed of it."""
    horizon = Horizon.aligned(
        now,
        max(now + HORIZON, site.last_departure(now, now + LONGEST_HORIZON)),
        STEP,
        coarse_from=now + FINE_HORIZON,
        coarse_step=COARSE_STEP,
    )
    points = site.points.values()
    known_chargers = frozenset(
        point.charger.id for point in points if point.plugged and point.controllable
    )
    requests = (request_at(point, horizon.start, horizon.end) for point in points)
    here = tuple(request for request in requests if request is not None)
    evs = (*here, *site.reservations.expected_evs(horizon))
    import_price, estimated = await prices.async_read(horizon)
    outlook = await site.outlook.async_read(horizon)
    for peaks in site.peaks.values():
        await peaks.async_read_holidays(horizon)
    tariffs = [
        (tariff, peaks.id) for peaks in site.peaks.values() for tariff in peaks.tariffs(horizon)
    ]
    reserve = site.meter.load.volatility.reserve
    limits = GridConnection(
        limit_kw=site.planned_limit_kw(outlook.base_load_kw, outlook.pv_kw),
        phase_limit_kw=_phase_limits(site, outlook),
        base_load_kw=() if outlook.base_load_phase_kw else outlook.base_load_kw,
        base_load_phase_kw=outlook.base_load_phase_kw,
        pv_kw=outlook.pv_kw,
        import_price=import_price,
        export_price=await prices.async_read_export(horizon),
        export_limit_kw=()
        if site.export_limit_kw is None
        else (site.export_limit_kw,) * len(horizon),
        estimated=estimated,
        estimate_trust=ESTIMATE_TRUST,
        co2_kg_per_kwh=await prices.async_read_co2(horizon),
        co2_price=prices.co2_price,
        peak_tariffs=tuple(tariff for tariff, _ in tariffs),
    )
    net_kw = zip(limits.total_base_load_kw, limits.total_pv_kw, strict=True)
    return SiteReading(
        horizon=horizon,
        evs=evs,
        limits=limits,
        batteries=expected_batteries(
            site.batteries.values(), horizon, tuple(load - sun for load, sun in net_kw)
        ),
        peak_tariff_ids=tuple(tariff_id for _, tariff_id in tariffs),
        operator_kw=site.operator.limit_kw if site.operator.limit_kw < site.limit_kw else None,
        dimmed_kw=site.operator.devices_kw if math.isfinite(site.operator.devices_kw) else None,
        circuits=tuple(circuit.expected(horizon) for circuit in site.circuits.values()),
        circuit_names={circuit.id: circuit.name for circuit in site.circuits.values()},
        reserve=replace(
            reserve,
            house_kw=max(reserve.house_kw, site.meter.margin_kw),
            before_own_departure={
                point.charger.id: point.options.ready_before
                for point in points
                if point.options.ready_before
            },
        ),
        outlook=outlook,
        known_chargers=known_chargers,
        uncontrolled_kw=site.house.uncontrolled(now),
        parts={point.charger.id: point.taking.part for point in points},
        price_error=prices.error,
        prices_known=prices.known,
    )


def _phase_limits(site: Site, outlook: Outlook) -> PerPhase:
    """Return what each phase may carry, less what may be on one of them where none is measured."""
    if (limit_kw := site.phase_limit_kw) is None:
        return ()
    return (tuple(limit_kw - kw for kw in outlook.uneven_kw),)


class SiteTranslation(Translation):
    """Hands one reading of a site to the scheduler, and its answer on as a plan."""

    def __init__(
        self, reading: SiteReading, earlier: Plan | None, follow: Callable[[Plan], None]
    ) -> None:
        """Translate for one cycle.

        Args:
            reading: What the site reports.
            earlier: The plan made before, if any.
            follow: Is handed the plan that is made.
        """
        self.plan: Plan | None = None
        """The plan that was made; None before that, and where none could be."""
        self._reading = reading
        self._earlier = earlier
        self._follow = follow

    @override
    async def get_horizon(self) -> Horizon:
        return self._reading.horizon

    @override
    async def get_evs(self, horizon: Horizon) -> tuple[EV, ...]:
        return self._reading.evs

    @override
    async def get_peak_power_demand(self, horizon: Horizon) -> GridConnection:
        return self._reading.limits

    @override
    async def get_circuits(self, horizon: Horizon) -> tuple[Circuit, ...]:
        return self._reading.circuits

    @override
    async def get_batteries(self, horizon: Horizon) -> tuple[Battery, ...]:
        return self._reading.batteries

    @override
    async def get_reserve(self) -> Reserve:
        return self._reading.reserve

    @override
    async def send_power_to_evs(self, problem: Problem, schedule: Schedule) -> None:
        if schedule.algorithm == EMERGENCY:
            # The controller's safe limits do the same, and look at the meter besides.
            return
        reading, earlier = self._reading, self._earlier
        self.plan = Plan(
            problem=problem,
            schedule=schedule,
            made_at=dt_util.utcnow(),
            known_chargers=reading.known_chargers,
            base_load_kw=reading.outlook.now_kw,
            peak_load_kw=reading.outlook.peak_load_kw,
            phase_part=reading.outlook.phase_part,
            uncontrolled_kw=reading.uncontrolled_kw,
            parts=reading.parts,
            circuit_names=reading.circuit_names,
            peak_tariff_ids=reading.peak_tariff_ids,
            operator_kw=reading.operator_kw,
            dimmed_kw=reading.dimmed_kw,
            basis=reading.outlook.basis,
            price_error=reading.price_error,
            prices_known=reading.prices_known,
            reserve=reading.reserve,
            running_since={} if earlier is None else earlier.running(schedule.horizon.start),
        )
        self._follow(self.plan)
