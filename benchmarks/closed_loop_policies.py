"""What the plan is compared with: charging at plug-in, the cheapest slots, perfect foresight."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
import math

from custom_components.optivgi.scheduler import (
    EV,
    EVSchedule,
    GridConnection,
    Horizon,
    PerStep,
    Problem,
    Schedule,
    SolveStatus,
    get_algorithm,
)
from custom_components.optivgi.scheduler.reserve import min_charging_time
from custom_components.optivgi.scheduler.simulated_car import FULL_SOC, SimulatedCar, Stay
from custom_components.optivgi.scheduler.simulation import MINUTE, SimulatedSite

from .closed_loop_scenarios import Scenario

type Policy = Callable[[SimulatedSite], Awaitable[object]]

STEP = timedelta(minutes=15)
TIME_LIMIT_S = 60.0


def alone(choose: Callable[[Problem, EV], PerStep]) -> Policy:
    """Return a policy that decides for each car as if it were alone; only the guard limits it."""

    async def cycle(site: SimulatedSite) -> None:
        horizon = await site.get_horizon()
        asked = Problem(
            horizon=horizon,
            evs=await site.get_evs(horizon),
            site=await site.get_peak_power_demand(horizon),
        )
        evs = tuple(
            EVSchedule(id=ev.id, limit_kw=choose(asked, ev), energy_kwh=0.0, cost=0.0)
            for ev in asked.evs
        )
        await site.send_power_to_evs(
            Schedule(horizon=horizon, evs=evs, algorithm="alone", status=SolveStatus.FEASIBLE)
        )

    return cycle


def at_plug_in(asked: Problem, ev: EV) -> PerStep:
    """Charge as soon and as fast as possible."""
    return (ev.max_power_kw,) * len(asked.horizon)


def cheapest_slots(asked: Problem, ev: EV) -> PerStep:
    """Charge at full power in the cheapest slots until departure, earlier ones among equals."""
    limits = [0.0] * len(asked.horizon)
    missing = ev.energy_kwh
    hours = asked.present_h(ev)
    price = asked.site.import_price
    for step in sorted(range(len(limits)), key=lambda step: (price[step], step)):
        if missing <= 0:
            break
        if hours[step] > 0:
            limits[step] = ev.max_power_kw
            missing -= ev.max_power_kw * hours[step] * ev.efficiency
    return tuple(limits)


@dataclass(frozen=True, kw_only=True)
class Bound:
    """What the energy would have cost at least.

    Attributes:
        energy_kwh: Drawn by all cars.
        cost: Its price.
        reached: The departures at which a car had what it wanted: its id, and when.
    """

    energy_kwh: float
    cost: float
    reached: frozenset[tuple[str, datetime]]


def foresight(scenario: Scenario) -> Bound:
    """Return the cost with everything known before: trips, prices, and the house.

    Neither minimum powers nor whole amperes are asked for, nor is the battery's taper, so that
    nothing can be cheaper. Stays that overlap are planned together.
    """
    algorithm = get_algorithm("optimal")
    energy = cost = 0.0
    reached: set[tuple[str, datetime]] = set()
    for stays in _overlapping(_requests(scenario)):
        schedule = algorithm.solve(_known(scenario, stays), time_limit_s=TIME_LIMIT_S)
        cost += schedule.cost
        energy += sum(
            answer.energy_kwh / ev.efficiency
            for answer, ev in zip(schedule.evs, stays, strict=True)
        )
        reached |= {
            (ev.id.rpartition("/")[0], ev.departure)
            for answer, ev in zip(schedule.evs, stays, strict=True)
            if answer.shortfall_kwh <= 0
        }
    return Bound(energy_kwh=energy, cost=cost, reached=frozenset(reached & _in_time(scenario)))


def _in_time(scenario: Scenario) -> set[tuple[str, datetime]]:
    """Return the departures that allow enough time for a battery that takes less as it fills."""
    return {
        (car.id, stay.departure)
        for car in scenario.cars
        for stay, soc in zip(car.stays, _soc_at_arrival(car), strict=True)
        if stay.arrival + min_charging_time(_request(car, stay, soc), really=True) <= stay.departure
    }


def _soc_at_arrival(car: SimulatedCar) -> Iterator[float]:
    """Yield the state of charge in % with which a car comes that always gets what it wants."""
    soc = car.initial_soc
    for stay in car.stays:
        soc = max(0.0, soc - stay.used_kwh / car.battery_kwh * FULL_SOC)
        yield soc
        soc = max(soc, stay.target_soc)


def _request(car: SimulatedCar, stay: Stay, soc: float) -> EV:
    return EV(
        id=car.id,
        arrival=stay.arrival,
        departure=stay.departure,
        energy_kwh=max(0.0, stay.target_soc - soc) / FULL_SOC * car.battery_kwh,
        max_power_kw=car.max_power_kw * car.draws,
        efficiency=car.efficiency,
        taper=car.taper_from(soc, stay.target_soc),
    )


def _requests(scenario: Scenario) -> list[EV]:
    """Return all stays as charging requests, in the order of time."""
    requests = [ev for car in scenario.cars for ev in _requests_of(car)]
    return sorted(requests, key=lambda ev: (ev.arrival, ev.id))


def _requests_of(car: SimulatedCar) -> Iterator[EV]:
    stored = car.initial_soc / FULL_SOC * car.battery_kwh
    power = car.max_power_kw * car.draws
    for index, stay in enumerate(car.stays):
        stored = max(0.0, stored - stay.used_kwh)
        hours = (stay.departure - stay.arrival) / timedelta(hours=1)
        needed = stay.target_soc / FULL_SOC * car.battery_kwh - stored
        needed = min(needed, hours * power * car.efficiency)
        if needed <= 0:
            continue
        stored += needed
        yield EV(
            id=f"{car.id}/{index}",
            arrival=stay.arrival,
            departure=stay.departure,
            energy_kwh=needed,
            max_power_kw=power,
            efficiency=car.efficiency,
            phases=car.phases,
        )


def _overlapping(requests: Sequence[EV]) -> Iterator[tuple[EV, ...]]:
    group: list[EV] = []
    for ev in requests:
        if group and ev.arrival >= max(other.departure for other in group):
            yield tuple(group)
            group = []
        group.append(ev)
    if group:
        yield tuple(group)


def _known(scenario: Scenario, stays: tuple[EV, ...]) -> Problem:
    """Return the Problem of some stays with the true prices and the true load of the house."""
    connection = scenario.connection
    first = min(ev.arrival for ev in stays)
    start = first - (first - scenario.start) % STEP
    steps = math.ceil((max(ev.departure for ev in stays) - start) / STEP)
    horizon = Horizon(start=start, step_h=(STEP / timedelta(hours=1),) * steps)
    minutes = STEP // MINUTE
    base = tuple(
        math.fsum(connection.base_load_kw(edge + index * MINUTE) for index in range(minutes))
        / minutes
        for edge in horizon.edges[:-1]
    )
    phase_limit = connection.phase_limit_kw
    return Problem(
        horizon=horizon,
        evs=stays,
        site=GridConnection(
            limit_kw=(connection.limit_kw,) * steps,
            phase_limit_kw=() if phase_limit is None else ((phase_limit,) * steps,),
            base_load_kw=base,
            import_price=tuple(connection.prices.at(edge) for edge in horizon.edges[:-1]),
        ),
    )
