"""Between Home Assistant and the scheduler: gathers what a plan needs, hands the plan on."""

from collections.abc import Callable
from typing import override

from homeassistant.core import CoreState, HomeAssistant
from homeassistant.util import dt as dt_util

from .bindings.tariffs import Tariff, TariffError
from .bindings.tariffs.series import PriceSeries
from .const import (
    COARSE_STEP,
    ESTIMATE_TRUST,
    FINE_HORIZON,
    HORIZON,
    LOGGER,
    LONGEST_HORIZON,
    START_COST,
    STEP,
)
from .outlook import Outlook
from .plan import Plan
from .scheduler.last_resort import EMERGENCY
from .scheduler.model import EV, GridConnection, Horizon, Problem, Schedule
from .scheduler.reserve import Reserve
from .scheduler.translation import Translation
from .site import Site


class PriceFeed:
    """The tariff's prices; the last ones read stand in while it cannot be read."""

    def __init__(
        self, hass: HomeAssistant, tariff: Tariff, export_tariff: Tariff | None = None
    ) -> None:
        """Wrap a tariff, and that of what is exported."""
        self._hass = hass
        self._tariff = tariff
        self.error: TariffError | None = None
        self._warned = False
        self._last: PriceSeries | None = None
        self._export = None if export_tariff is None else PriceFeed(hass, export_tariff)

    @property
    def known(self) -> bool:
        """Whether any price was ever read."""
        return self._last is not None

    @property
    def watched_entities(self) -> frozenset[str]:
        """The entities that prices come from: their changes are worth a new plan."""
        export = frozenset[str]() if self._export is None else self._export.watched_entities
        return export.union(self._tariff.watched_entities)

    async def async_read(self, horizon: Horizon) -> tuple[tuple[float, ...], tuple[bool, ...]]:
        """Return a price for each step and whether it is an estimate.

        Without any price ever read all steps cost the same, so that cars charge early.
        """
        try:
            self._last = await self._tariff.async_read(horizon.start, horizon.end)
        except TariffError as err:
            # Until Home Assistant has started, they may come later.
            if not self._warned and self._hass.state is CoreState.running:
                LOGGER.warning("Prices cannot be read, planning goes on without: %s", err)
                self._warned = True
            self.error = err
        else:
            if self._warned:
                LOGGER.info("Prices can be read again")
            self._warned = False
            self.error = None
        if self._last is None:
            return (0.0,) * len(horizon), (True,) * len(horizon)
        return self._last.resample(horizon)

    async def async_read_export(self, horizon: Horizon) -> tuple[float, ...]:
        """Return what exported energy earns in each step; nothing where it earns nothing."""
        if self._export is None:
            return ()
        return (await self._export.async_read(horizon))[0]


class SiteTranslation(Translation):
    """Reads a site's entities as one Problem."""

    def __init__(
        self,
        site: Site,
        prices: PriceFeed,
        follow: Callable[[Plan], None],
    ) -> None:
        """Remember where to read, and who follows the plans."""
        self.plan: Plan | None = None
        """The last plan made."""
        self._site = site
        self._prices = prices
        self._follow = follow
        self._evs: tuple[EV, ...] = ()
        self._limits: GridConnection | None = None
        self._outlook: Outlook | None = None
        self._known_chargers: frozenset[str] = frozenset()

    @override
    async def get_horizon(self) -> Horizon:
        now = dt_util.utcnow()
        await self._site.async_read_departures(now)
        self._site.observe(now)
        return Horizon.aligned(
            now,
            max(now + HORIZON, self._site.last_departure(now, now + LONGEST_HORIZON)),
            STEP,
            coarse_from=now + FINE_HORIZON,
            coarse_step=COARSE_STEP,
        )

    @override
    async def get_evs(self, horizon: Horizon) -> tuple[EV, ...]:
        self._site.observe(horizon.start)
        points = self._site.points.values()
        self._known_chargers = frozenset(
            point.charger.id for point in points if point.plugged and point.controllable
        )
        requests = (point.request(horizon.start, horizon.end) for point in points)
        here = tuple(request for request in requests if request is not None)
        self._evs = (*here, *self._site.reservations.expected_evs(horizon))
        return self._evs

    @override
    async def get_peak_power_demand(self, horizon: Horizon) -> GridConnection:
        prices, estimated = await self._prices.async_read(horizon)
        self._outlook = outlook = await self._site.outlook.async_read(horizon)
        steps = len(horizon)
        phase_limit = self._site.phase_limit_kw
        self._limits = GridConnection(
            limit_kw=(self._site.limit_kw,) * steps,
            phase_limit_kw=() if phase_limit is None else ((phase_limit,) * steps,),
            base_load_kw=() if outlook.base_load_phase_kw else outlook.base_load_kw,
            base_load_phase_kw=outlook.base_load_phase_kw,
            pv_kw=outlook.pv_kw,
            import_price=prices,
            export_price=await self._prices.async_read_export(horizon),
            estimated=estimated,
            estimate_trust=ESTIMATE_TRUST,
        )
        return self._limits

    @override
    async def get_reserve(self) -> Reserve:
        return self._site.meter.load.volatility.reserve

    @override
    async def send_power_to_evs(self, schedule: Schedule) -> None:
        if self._limits is None or self._outlook is None or schedule.algorithm == EMERGENCY:
            # The controller's safe limits do the same, and look at the meter besides.
            return
        horizon = schedule.horizon
        self.plan = Plan(
            problem=Problem(
                horizon=horizon,
                site=self._limits,
                evs=self._evs,
                circuits=await self.get_circuits(horizon),
                battery=await self.get_battery(horizon),
                start_cost=START_COST,
            ),
            schedule=schedule,
            made_at=dt_util.utcnow(),
            known_chargers=self._known_chargers,
            base_load_kw=self._outlook.now_kw,
            basis=self._outlook.basis,
            price_error=None if self._prices.error is None else str(self._prices.error),
            prices_known=self._prices.known,
            running_since={} if self.plan is None else self.plan.running(schedule.horizon.start),
        )
        self._follow(self.plan)
