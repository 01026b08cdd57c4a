"""What a plan costs a site, computed from the plan and the problem alone.

Written from docs/problem-format.md and not with the scheduler's own code, so that a fault in its
money shows: energy at the meter, tariffs on the highest power, wear, and starts at their cost.
"""

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
import math

from custom_components.optivgi.scheduler import EV, PeakTariff, Problem, Schedule

OFF_KW = 1e-6
"""A power below this is none."""


@dataclass(frozen=True, kw_only=True)
class Moves:
    """What a plan moves, in kW: one row for each EV, one value for each step.

    Attributes:
        drawn_kw: What each EV draws while it is there.
        given_kw: What each gives back while it is there.
        battery_kw: What each home battery does, by its id: charging above 0, discharging below.
    """

    drawn_kw: list[list[float]]
    given_kw: list[list[float]]
    battery_kw: dict[str, list[float]]


def accepted_kw(ev: EV, limits_kw: list[float], hours: list[float]) -> list[float]:
    """Return the mean power a battery takes in each step under given limits, as it fills."""
    stored = 0.0
    taken: list[float] = []
    for limit, present in zip(limits_kw, hours, strict=True):
        if limit <= OFF_KW or present <= 0:
            taken.append(0.0)
            continue
        energy, left = 0.0, present
        while left > 1e-12:
            now = stored + energy
            below = [point for point in ev.taper if point.energy_kwh <= now + 1e-9]
            rate = min([limit, *(max(point.max_power_kw, ev.min_power_kw) for point in below)])
            ahead = [point.energy_kwh - now for point in ev.taper if point.energy_kwh > now + 1e-9]
            speed = rate * ev.efficiency
            span = min([left, *(gap / speed for gap in ahead)])
            energy += speed * span
            left -= span
        stored += energy
        taken.append(energy / ev.efficiency / present)
    return taken


def moves_of(problem: Problem, schedule: Schedule) -> Moves:
    """Return what a schedule moves."""
    steps = len(problem.horizon)
    drawn, given = [], []
    for ev, own in zip(problem.evs, schedule.evs, strict=True):
        drawn.append(accepted_kw(ev, list(own.limit_kw), list(problem.present_h(ev))))
        given.append(list(own.discharge_kw) or [0.0] * steps)
    return Moves(
        drawn_kw=drawn,
        given_kw=given,
        battery_kw={own.id: list(own.power_kw) or [0.0] * steps for own in schedule.batteries},
    )


def bill(problem: Problem, moves: Moves) -> float:
    """Return what the plan adds to the bill of a site that charges nothing, with wear and starts.

    In the site's currency. Prices are those that count in decisions.
    """
    idle = Moves(
        drawn_kw=[[0.0] * len(problem.horizon) for _ in problem.evs],
        given_kw=[[0.0] * len(problem.horizon) for _ in problem.evs],
        battery_kw={},
    )
    return _paid(problem, moves) - _paid(problem, idle)


def missing_kwh(problem: Problem, moves: Moves) -> float:
    """Return the energy that all cars together lack of what they want."""
    return math.fsum(
        max(0.0, ev.wanted_kwh - _charged_kwh(problem, index, moves))
        for index, ev in enumerate(problem.evs)
    )


def _charged_kwh(problem: Problem, index: int, moves: Moves) -> float:
    ev = problem.evs[index]
    hours = problem.present_h(ev)
    into = ev.efficiency * math.sumprod(hours, moves.drawn_kw[index])
    if ev.discharge is None:
        return into
    return into - math.sumprod(hours, moves.given_kw[index]) / ev.discharge.efficiency


def _paid(problem: Problem, moves: Moves) -> float:
    net = net_kw(problem, moves)
    total = math.fsum(
        hours * power * (buy if power > 0 else sell)
        for hours, power, buy, sell in zip(
            problem.horizon.step_h, net, problem.decision_price, problem.export_price, strict=True
        )
    )
    imported = [max(0.0, power) for power in net]
    total += math.fsum(peak_cost(problem, tariff, imported) for tariff in problem.site.peak_tariffs)
    for index, ev in enumerate(problem.evs):
        if ev.discharge is not None:
            given = math.sumprod(problem.present_h(ev), moves.given_kw[index])
            total += ev.discharge.wear_cost * given
        on = [ev.charging, *(power > OFF_KW for power in moves.drawn_kw[index])]
        total += problem.start_cost * sum(now and not before for before, now in pairwise(on))
    for battery in problem.batteries:
        powers = moves.battery_kw.get(battery.id, [0.0] * len(problem.horizon))
        total += battery.wear_cost * math.fsum(
            hours * max(0.0, -power)
            for hours, power in zip(problem.horizon.step_h, powers, strict=True)
        )
        if battery.end_price is not None:
            stored = battery.stored_kwh_by(powers, problem.horizon.step_h)[-1]
            total -= battery.end_price * (stored - battery.stored_kwh)
    return total


def net_kw(problem: Problem, moves: Moves) -> list[float]:
    """Return what the meter shows in each step: import above 0, export below."""
    net = [base - pv for base, pv in zip(problem.base_load_kw, problem.pv_kw, strict=True)]
    for index, ev in enumerate(problem.evs):
        for step, hours in enumerate(problem.present_h(ev)):
            part = hours / problem.horizon.step_h[step]
            net[step] += part * (moves.drawn_kw[index][step] - moves.given_kw[index][step])
    return [math.fsum(step) for step in zip(net, *moves.battery_kw.values(), strict=True)]


def intervals(problem: Problem, tariff: PeakTariff) -> dict[int, dict[int, float]]:
    """Return how a kW imported in a step adds to each billing interval: interval -> step -> part.

    Intervals are numbered from midnight UTC of the day on which the horizon begins.
    """
    start = problem.horizon.start
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    parts: dict[int, dict[int, float]] = {}
    for step, (begin, end) in enumerate(pairwise(problem.horizon.edges)):
        first, last = (
            (edge - midnight) / timedelta(hours=tariff.interval_h) for edge in (begin, end)
        )
        number = math.floor(first + 1e-9)
        while number < last - 1e-9:
            part = min(last, number + 1) - max(first, number)
            weight = tariff.weight[step] if tariff.weight else 1.0
            parts.setdefault(number, {})[step] = part * weight
            number += 1
    return parts


def peak_cost(problem: Problem, tariff: PeakTariff, imported_kw: list[float]) -> float:
    """Return what a tariff on the highest power costs for the whole billing period."""
    parts = intervals(problem, tariff)
    days: dict[int, float] = {}
    for position, (_, steps) in enumerate(sorted(parts.items())):
        mean = math.fsum(part * imported_kw[step] for step, part in steps.items())
        first = min(steps)
        if position == 0:
            weight = tariff.weight[first] if tariff.weight else 1.0
            mean += weight * tariff.imported_kwh / tariff.interval_h
        day = day_of(tariff, position, first)
        days[day] = max(days.get(day, 0.0), mean)
    today = min(days)
    days[today] = max(days[today], tariff.today_kw)
    highest = sorted([*tariff.day_peaks_kw, *days.values()], reverse=True)[: tariff.top_days]
    return tariff.cost(math.fsum(highest) / tariff.top_days)


def day_of(tariff: PeakTariff, interval: int, step: int) -> int:
    """Return the day of an interval that begins in a step; its own where days do not count."""
    if not tariff.distinct_days:
        return interval
    return tariff.day[step] if tariff.day else 0
