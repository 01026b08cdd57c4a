"""A site on a simulated clock: cars that come and go, chargers, and a house that draws as it likes.

It stands in for the real thing on the other side of a Translation, so that plans can be tried in
a closed loop: plan, obey, let time pass, plan anew with what has become of it. Nothing is random
but by its seed, and nothing looks at the clock of the machine it runs on.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta, tzinfo
import math
from typing import override

from custom_components.optivgi.scheduler.allocation import Capacity, Load
from custom_components.optivgi.scheduler.guard import (
    Change,
    ChargerDecision,
    ChargerInput,
    GuardInput,
    guard,
)
from custom_components.optivgi.scheduler.model import (
    EV,
    PHASES,
    GridConnection,
    Horizon,
    PerStep,
    Phase,
    Problem,
    Schedule,
)
from custom_components.optivgi.scheduler.reserve import LoadVolatility, Reserve
from custom_components.optivgi.scheduler.translation import Translation

from .simulated_car import Departure, Plug, SimulatedCar

MINUTE = timedelta(minutes=1)
_MINUTE_H = MINUTE / timedelta(hours=1)
_DAY = timedelta(days=1)

SOC_TOLD_EVERY = timedelta(minutes=10)
"""How often cars tell their state of charge."""
NOWCAST = timedelta(minutes=30)
"""For so long the house is expected to go on as now, then as on average."""
_TOLERANCE_KW = 1e-6


@dataclass(frozen=True, kw_only=True)
class DayAheadPrices:
    """Prices per kWh that become known one day at a time.

    Attributes:
        start: Start of the first price.
        step: How long each price holds.
        values: The prices, without a gap.
        zone: The time zone of the market's days.
        published_at: The local time from which on the prices of the next day are known.
    """

    start: datetime
    step: timedelta
    values: PerStep
    zone: tzinfo = UTC
    published_at: time = time(13)

    def at(self, moment: datetime) -> float:
        """Return the price at a moment; beyond both ends, the nearest one."""
        index = (moment - self.start) // self.step
        return self.values[max(0, min(index, len(self.values) - 1))]

    def known_until(self, now: datetime) -> datetime:
        """Return the end of the prices that are known by now."""
        local = now.astimezone(self.zone)
        days = 2 if local.time() >= self.published_at else 1
        midnight = datetime.combine(local.date() + days * _DAY, time(), self.zone)
        return midnight.astimezone(UTC)

    def seen(self, horizon: Horizon) -> tuple[PerStep, tuple[bool, ...]]:
        """Return the prices as they look at the start of a horizon, and which are estimates.

        What is not known yet is expected to be as at the same local time of the last known day.
        """
        until = self.known_until(horizon.start)
        steps = horizon.edges[:-1]
        return (
            tuple(self.at(self._known(moment, until)) for moment in steps),
            tuple(moment >= until for moment in steps),
        )

    def _known(self, moment: datetime, until: datetime) -> datetime:
        days = 0
        known = moment
        while known >= until:
            days += 1
            known = (moment.astimezone(self.zone) - days * _DAY).astimezone(UTC)
        return known


@dataclass(frozen=True, kw_only=True)
class Connection:
    """What the chargers hang on, and what else does.

    Attributes:
        limit_kw: The most the site may import.
        phase_limit_kw: The most each phase may carry; None where phases are not limited.
        prices: The tariff.
        base_load_kw: What everything but the cars draws at a moment, spread over the phases.
    """

    limit_kw: float
    prices: DayAheadPrices
    base_load_kw: Callable[[datetime], float]
    phase_limit_kw: float | None = None

    def room(self, base_load_kw: float) -> Capacity:
        """Return what cars may draw beside the house: together, and from each phase."""
        each = self.phase_limit_kw
        return Capacity(
            total_kw=self.limit_kw - base_load_kw,
            phase_kw=None if each is None else each - base_load_kw / len(PHASES),
        )


@dataclass(kw_only=True)
class Record:
    """What has happened.

    Attributes:
        energy_kwh: Drawn by all cars.
        cost: Price of it.
        charging_h: Hours in which cars drew, each car counted.
        starts: How often a car began to draw.
        changes: How often a charger was told another limit while a car was there.
        held_back: How many of them differ from the plan, as the house left no room.
        violations: Minutes in which more was commanded than the connection carries.
        plan_violations: Plans that exceed what they were told the connection carries.
        plans: How many plans came.
        departures: How cars left, in the order of time.
    """

    energy_kwh: float = 0.0
    cost: float = 0.0
    charging_h: float = 0.0
    starts: int = 0
    changes: int = 0
    held_back: int = 0
    violations: int = 0
    plan_violations: int = 0
    plans: int = 0
    departures: list[Departure] = field(default_factory=list)


class HouseMeter:
    """What is known of the house: its peaks, its last minutes and its last hours."""

    def __init__(self, load_kw: float) -> None:
        """Begin with the first reading."""
        self._readings = (load_kw, load_kw)
        self.lately_kw = load_kw
        self.usually_kw = load_kw
        self.volatility = LoadVolatility()

    def take(self, load_kw: float, now: datetime) -> None:
        """Take up the reading of one more minute."""
        self.volatility.take(load_kw - self.lately_kw, now)
        self._readings = (self._readings[1], load_kw)
        self.lately_kw += (load_kw - self.lately_kw) * (1 - math.exp(-1 / 2))
        self.usually_kw += (load_kw - self.usually_kw) * (1 - math.exp(-1 / 120))

    @property
    def peak_kw(self) -> float:
        """The load that cars have to leave room for: what comes and goes is not given to them."""
        return max(self._readings)


class SimulatedSite(Translation):
    """Cars behind one connection, driven by plans and by the live load of the house."""

    def __init__(
        self,
        cars: Iterable[SimulatedCar],
        connection: Connection,
        start: datetime,
        *,
        seed: int = 0,
        soc_noise: float = 0.5,
        step: timedelta = timedelta(minutes=15),
        horizon: timedelta = timedelta(hours=24),
    ) -> None:
        """Build the site; the cars whose stay has begun are plugged in.

        Args:
            cars: The cars, each with a charger of its own.
            connection: What they hang on.
            start: The first moment, a whole minute.
            seed: Decides about all noise.
            soc_noise: Standard deviation of what cars tell of their state of charge, in %.
            step: Length of a planned slot.
            horizon: How far to plan, unless a car that is plugged in leaves later.
        """
        self.now = start.astimezone(UTC)
        self.connection = connection
        self.plugs = tuple(Plug(car, seed) for car in cars)
        self.record = Record()
        self.plan: Schedule | None = None
        self._soc_noise = soc_noise
        self._step = step
        self._horizon = horizon
        self._meter = HouseMeter(connection.base_load_kw(self.now))
        self._come_and_go()

    @property
    def plugged(self) -> tuple[Plug, ...]:
        """Those whose car is there."""
        return tuple(plug for plug in self.plugs if plug.stay is not None)

    @override
    async def get_horizon(self) -> Horizon:
        leaving = (plug.stay.departure for plug in self.plugs if plug.stay is not None)
        until = max((self.now + self._horizon, *leaving))
        return Horizon.aligned(self.now, until, self._step)

    @override
    async def get_evs(self, horizon: Horizon) -> tuple[EV, ...]:
        requests = (plug.request(horizon.start) for plug in self.plugs)
        return tuple(request for request in requests if request is not None)

    @override
    async def get_peak_power_demand(self, horizon: Horizon) -> GridConnection:
        prices, estimated = self.connection.prices.seen(horizon)
        steps = len(horizon)
        phase_limit = self.connection.phase_limit_kw
        soon = self.now + NOWCAST
        return GridConnection(
            limit_kw=(self.connection.limit_kw,) * steps,
            phase_limit_kw=() if phase_limit is None else ((phase_limit,) * steps,),
            base_load_kw=tuple(
                self._meter.lately_kw if start < soon else self._meter.usually_kw
                for start in horizon.edges[:-1]
            ),
            import_price=prices,
            estimated=estimated,
        )

    @override
    async def get_reserve(self) -> Reserve:
        return self._meter.volatility.reserve

    @override
    async def send_power_to_evs(self, problem: Problem, schedule: Schedule) -> None:
        self.plan = schedule
        self.record.plans += 1
        self.record.plan_violations += self._exceeds_what_was_told(problem, schedule)

    def _exceeds_what_was_told(self, problem: Problem, schedule: Schedule) -> bool:
        rows: list[tuple[Phase | None, PerStep]] = [(None, problem.capacity_kw)]
        rows += zip(PHASES, problem.phase_capacity_kw, strict=False)
        planned = [(p, own) for p in self.plugs if (own := schedule.ev(p.car.id)) is not None]
        return any(
            math.fsum(plug.share_of(phase) * own.limit_kw[step] for plug, own in planned)
            > capacity[step] + _TOLERANCE_KW
            for phase, capacity in rows
            for step in range(len(schedule.horizon))
        )

    def advance(self, duration: timedelta) -> None:
        """Let time pass, minute by minute; the chargers obey the plan as far as the house lets."""
        end = self.now + duration
        while self.now < end:
            house_kw = self.connection.base_load_kw(self.now)
            self._meter.take(house_kw, self.now)
            self._command()
            self._check(house_kw)
            self._charge()
            self.now += MINUTE
            self._come_and_go()

    def _come_and_go(self) -> None:
        for plug in self.plugs:
            arrived_before = plug.stay
            departure = plug.come_and_go(self.now)
            if departure is not None:
                self.record.departures.append(departure)
            arrived = plug.stay is not None and plug.stay is not arrived_before
            if arrived or self.now.timestamp() % SOC_TOLD_EVERY.total_seconds() == 0:
                plug.tell_soc(self.now, self._soc_noise)

    def _command(self) -> None:
        """Tell the chargers what the guard makes of the plan, as the controller does.

        Decreases first; what they have let go is there at the second look.
        """
        for change in (Change.DECREASE, Change.INCREASE):
            decided = guard(self._guard_input()).chargers
            for plug in self.plugged:
                own = decided[plug.car.id]
                plug.recovery = own.recovery
                if own.change is change:
                    self._tell(plug, own)

    def _tell(self, plug: Plug, decision: ChargerDecision) -> None:
        """Tell a charger its limit; it follows at once."""
        limit_kw, reduced = decision.limit_kw or 0.0, decision.held_back is not None
        if abs(limit_kw - plug.limit_kw) > _TOLERANCE_KW:
            self.record.changes += 1
            self.record.held_back += reduced or plug.reduced
        plug.limit_kw, plug.reduced = limit_kw, reduced

    def _guard_input(self) -> GuardInput:
        """Return what is known of the house and of the cars that are there."""
        return GuardInput(
            now=self.now,
            capacity=self.connection.room(self._meter.peak_kw),
            connection=self.connection.room(0.0),
            chargers=tuple(
                ChargerInput(
                    id=plug.car.id,
                    phases=plug.car.phases,
                    wanted_kw=self._planned_kw(plug),
                    min_kw=plug.car.min_power_kw,
                    steps=plug.car.steps,
                    urgency=plug.urgency_h(self.now),
                    limit_kw=plug.limit_kw,
                    may_draw_kw=plug.limit_kw,
                    recovery=plug.recovery,
                )
                for plug in self.plugged
            ),
        )

    def _planned_kw(self, plug: Plug) -> float:
        """Return what the plan gives a car now; whoever is ready is stopped at once.

        In a real site that sets off a new plan.
        """
        index = None if self.plan is None else self.plan.horizon.index_at(self.now)
        if self.plan is None or index is None or plug.ready:
            return 0.0
        own = self.plan.ev(plug.car.id)
        return 0.0 if own is None else own.limit_kw[index]

    def _check(self, house_kw: float) -> None:
        """Note whether what is commanded now is more than the connection carries."""
        commanded = [Load(plug.limit_kw, plug.car.phases) for plug in self.plugs]
        self.record.violations += not self.connection.room(house_kw).fits(commanded)

    def _charge(self) -> None:
        price = self.connection.prices.at(self.now)
        for plug in self.plugged:
            drew = plug.drawn_kw > 0
            drawn_kwh = plug.charge()
            self.record.energy_kwh += drawn_kwh
            self.record.cost += drawn_kwh * price
            self.record.charging_h += (plug.drawn_kw > 0) * _MINUTE_H
            self.record.starts += plug.drawn_kw > 0 and not drew


async def closed_loop(
    site: SimulatedSite,
    plan: Callable[[SimulatedSite], Awaitable[object]],
    *,
    until: datetime,
    every: timedelta,
    watch: Callable[[SimulatedSite], None] | None = None,
) -> Record:
    """Plan again and again while time passes at a site; nothing is planned while no car is there.

    Args:
        site: The site.
        plan: Makes a plan and sends it, as ``Runner.run`` does.
        until: The end.
        every: The time between two plans.
        watch: Called after each of these times, for those who keep a diary.

    Returns:
        What has happened.
    """
    while site.now < until:
        if site.plugged:
            await plan(site)
        site.advance(every)
        if watch is not None:
            watch(site)
    return replace(site.record)
