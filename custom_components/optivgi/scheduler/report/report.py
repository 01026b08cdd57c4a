"""From a power per EV and step to the Schedule that a Problem is answered with."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from ..model import (
    PROVEN_GAP,
    BatterySchedule,
    EVSchedule,
    Problem,
    Reason,
    Schedule,
    ShortfallCause,
    SolveStatus,
)
from ..quantities.costs import Flows, costs, money_of
from ..quantities.demand import Array, Demand, NetworkLimits
from ..quantities.measure import measure_of
from ..quantities.peaks import Billing
from ..quantities.solve_result import SolveResult
from ..quantities.tolerances import NEGLIGIBLE_KW, PORTION_ROUNDING, REPORTED_KWH
from ..sharing.greedy import charge_at_once
from .carrying_out import carried_out
from .cleaning import clean_powers
from .concerns import concerns
from .fleet import Fleet
from .stores import batteries_within_bounds
from .usage import limits_and_base_kw, resource_peaks
from .why import ShadowPrices, reasons_of

__all__ = ["ShadowPrices", "SolveResult", "build_schedule", "clean_powers", "costs"]


def build_schedule(problem: Problem, power_kw: Sequence[Array], result: SolveResult) -> Schedule:
    """Report a plan: what each EV gets, what that costs, and why.

    Args:
        problem: What was asked.
        power_kw: The power of each EV, per step, in the order of the Problem's EVs.
        result: How the plan came about.
    """
    result = replace(result, battery_kw=batteries_within_bounds(problem, result.battery_kw))
    network = NetworkLimits.of(problem)
    demands = [Demand.of(problem, ev, network) for ev in problem.evs]
    fleet = Fleet.of(problem, demands, network, result)
    planned = Flows.of(
        problem,
        power_kw,
        hours=fleet.hours,
        discharge_kw=result.discharge_kw,
        battery_kw=result.battery_kw,
    )
    power, flows, filled_kwh = carried_out(fleet, planned)
    money = money_of(flows)
    gap = result.gap
    if power is not planned.drawn_kw:
        exact_kw = fleet.accepted_kw(planned.drawn_kw, planned.given_kw)
        exact = replace(planned, drawn_kw=exact_kw)
        gap = _widened(problem, gap, money_of(exact).total, money.total, filled_kwh)
    reasons = reasons_of(fleet, flows, power, result) if demands else []
    evs = _ev_schedules(fleet, flows, power, money.per_ev, reasons)
    limit, base = limits_and_base_kw(problem)
    proven = gap is not None and gap <= PROVEN_GAP
    return Schedule(
        horizon=problem.horizon,
        evs=evs,
        algorithm=result.algorithm,
        # Whatever was done to a plan after it was proven: what is said holds for what is reported.
        status=SolveStatus.FEASIBLE
        if result.status is SolveStatus.OPTIMAL and not proven
        else result.status,
        cost=sum(ev.cost for ev in evs),
        cost_at_once=sum(ev.cost_at_once for ev in evs),
        cost_split=money.split,
        bound=result.bound,
        gap=gap,
        build_ms=result.build_ms,
        solve_ms=result.solve_ms,
        stages_ms=dict(result.stages_ms),
        ended_in=result.ended_in,
        peaks=resource_peaks(
            problem.part_limits, fleet.load_kw(power), fleet.back_kw(flows.given_kw)
        ),
        peak_level_kw=tuple(
            Billing.of(tariff, problem.horizon).level_kw(flows.import_kw)
            for tariff in problem.site.peak_tariffs
        ),
        batteries=tuple(_battery_schedules(flows)),
        concerns=tuple(concerns(problem, demands, network, limit, base)),
        kept=result.kept,
    )


def _ev_schedules(
    fleet: Fleet,
    flows: Flows,
    power_kw: Array,
    paid: Array,
    reasons: Sequence[tuple[Reason, ...]],
) -> tuple[EVSchedule, ...]:
    """Report what each EV gets."""
    problem = fleet.problem
    charged = (fleet.gain_kwh * flows.drawn_kw).sum(axis=1)
    given = (fleet.hours * flows.given_kw).sum(axis=1)
    unplanned, early_energy = _at_once(fleet, flows) or (paid, charged)
    limits, backs = power_kw.tolist(), flows.given_kw.tolist()
    answers = []
    for row, (ev, demand) in enumerate(zip(problem.evs, fleet.demands, strict=True)):
        taken = given[row] / ev.discharge.efficiency if ev.discharge is not None else 0.0
        energy = float(charged[row] - taken)
        cost = float(paid[row])
        at_once = float(unplanned[row])
        # Charging at once may leave a car short; what it gets is compared at equal energy.
        if early_energy[row] > REPORTED_KWH:
            at_once *= max(0.0, energy) / float(early_energy[row])
        shortfall = ev.energy_kwh - energy
        short = shortfall > REPORTED_KWH
        extra = min(energy - ev.wanted_kwh, ev.possible_extra_kwh)
        answers.append(
            EVSchedule(
                id=ev.id,
                limit_kw=tuple(limits[row]),
                energy_kwh=energy,
                cost=cost,
                # A car in that mode does charge at once.
                cost_at_once=cost if ev.at_once else at_once,
                shortfall_kwh=shortfall if short else 0.0,
                shortfall_cause=_cause(demand, energy) if short else None,
                extra_kwh=extra if extra > REPORTED_KWH else 0.0,
                single_phase=_single_phase(problem, fleet, row),
                discharge_kw=tuple(backs[row]) if ev.discharge is not None else (),
                reasons=reasons[row],
            )
        )
    return tuple(answers)


def _at_once(fleet: Fleet, flows: Flows) -> tuple[Array, Array] | None:
    """Return what each EV would pay if all charged when they come, and the energy it would get.

    None where energy costs the same whenever it is drawn: then that is what the plan costs.
    """
    price = fleet.problem.site.import_price
    moved = flows.given_kw.any() or flows.battery_kw.any()
    if not moved and not flows.surplus_kw.any() and min(price) == max(price):
        return None
    early_kw = charge_at_once(list(map(_settable, fleet.demands)), fleet.network)
    early = Flows.of(fleet.problem, early_kw, hours=fleet.hours, battery_kw=flows.batteries_kw)
    return money_of(early).per_ev, (fleet.gain_kwh * early.drawn_kw).sum(axis=1)


def _single_phase(problem: Problem, fleet: Fleet, row: int) -> tuple[bool, ...]:
    """Return in which steps a charger is on one phase; nothing for one that has no choice."""
    single = problem.evs[row].single_phase
    if single is None:
        return ()
    if fleet.demands[row].ev.single_phase is None:
        # It may not switch any more.
        return (single.active,) * len(problem.horizon)
    return tuple(fleet.single[row].tolist())


def _settable(demand: Demand) -> Demand:
    """Return a demand whose ceilings are powers that its charger can be set to.

    Else charging at once would be faster in the comparison than it ever is.
    """
    min_kw, portion = demand.ev.min_power_kw, demand.ev.power_step_kw
    if portion <= 0:
        return demand
    whole = np.floor((demand.ceiling_kw - min_kw) / portion + PORTION_ROUNDING)
    ceiling = np.where(demand.ceiling_kw > 0, min_kw + np.maximum(whole, 0.0) * portion, 0.0)
    return replace(demand, ceiling_kw=np.maximum(ceiling, demand.floor_kw))


def _widened(
    problem: Problem, gap: float | None, exact: float, paid: float, filled_kwh: float
) -> float | None:
    """Return a gap that also counts what rounding to the chargers' steps and filling have cost.

    Args:
        problem: The prices.
        gap: What is proven of the plan as it was made, relative to its money.
        exact: That money.
        paid: The money of the plan that came of it.
        filled_kwh: What EVs get more in all, as they were short.
    """
    if gap is None:
        return None
    if filled_kwh <= 0:
        return gap + max(0.0, paid - exact) / measure_of(problem, exact)
    # What is charged in addition may be paid for, at the lowest price at most.
    prices = (*problem.decision_price, *problem.export_price)
    efficiency = min((ev.efficiency for ev in problem.evs), default=1.0)
    bound = exact - gap * measure_of(problem, exact) + min(0.0, *prices) * filled_kwh / efficiency
    return max(0.0, paid - bound) / measure_of(problem, paid)


def _cause(demand: Demand, energy_kwh: float) -> ShortfallCause:
    """Return why an EV does not get what it wants: its own limits before those of others."""
    ev = demand.ev
    # Less than one step at minimum power below its limit, it cannot get closer.
    slot = max(ev.min_power_kw, ev.power_step_kw) * float(demand.gain_kwh.max(initial=0.0))
    if energy_kwh > ev.room_kwh - max(REPORTED_KWH, slot):
        return ShortfallCause.CAR_LIMIT
    max_kw = ev.max_power_kw if ev.max_power_kw >= ev.min_power_kw else 0.0
    if ev.single_phase is not None:
        max_kw = max(max_kw, ev.single_phase.max_power_kw)
    full = np.where(demand.hours > 0, max_kw, 0.0)
    if demand.energy_kwh(demand.tapered(full)) < ev.wanted_kwh - REPORTED_KWH:
        return ShortfallCause.WINDOW
    if ev.surplus_only and not ev.at_once:
        return ShortfallCause.SURPLUS
    return ShortfallCause.SITE_LIMIT


def _battery_schedules(flows: Flows) -> Iterator[BatterySchedule]:
    """Report what each home battery does, and when it must not discharge: it would drain into cars.

    With a plan of its own that is where this lets it discharge; left to itself it covers any load.
    """
    net = (flows.drawn_kw - flows.given_kw).sum(axis=0)
    drained = net > flows.surplus_kw + NEGLIGIBLE_KW
    for battery in flows.problem.batteries:
        if battery.id in flows.batteries_kw:
            power = tuple(flows.batteries_kw[battery.id].tolist())
            yield BatterySchedule(id=battery.id, power_kw=power)
            continue
        gives = np.array(battery.given_kw) < 0 if battery.given_kw else True
        yield BatterySchedule(id=battery.id, hold=tuple((drained & gives).tolist()))
