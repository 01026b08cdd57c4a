"""Keeps the plan that is being followed unless a new one is clearly better.

Among plans of nearly the same cost a solver picks any, and another one each time it is asked;
cars and contactors suffer from that, people lose trust in it. So the earlier plan is shifted to
the present, cut down to what fits, repaired where the need has moved, and kept where it still does
the job. Who charges at once, from surplus, all the time, or beyond the need follows the fresh plan.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from .model import EVSchedule, Horizon, PerStep, Problem, Reason, ReasonKind, Schedule
from .quantities.costs import Flows, bill_of
from .quantities.demand import Array, Demand, NetworkLimits
from .quantities.measure import measure_of
from .quantities.solve_result import SolveResult
from .repair import MISSED_KWH, cut_down, repair, steady
from .report.report import build_schedule

BETTER_BY = 0.005
"""A new plan has to cost less by this part of its cost,"""
BETTER_BY_SHORT = 0.02
"""by this part where not all can be ready, as what is fair moves with each estimate,"""
BETTER_BY_STARTS = 1.0
"""and by the cost of so many starts."""
ABOUT_AS_FAIR = 0.02
"""Part of its need by which a car that is short anyway may get less than by a fresh plan."""
_SAME_KW = 1e-6
"""Limits that differ by less are the same."""
_LATER_KWH = 0.05
"""Energy that is due at once and may come later than in a fresh plan."""


def keep_incumbent(problem: Problem, fresh: Schedule, earlier: Schedule | None) -> Schedule:
    """Return the earlier plan, brought up to date, where it is nearly as good as a fresh one.

    Args:
        problem: What the fresh plan was made for.
        fresh: A plan for it.
        earlier: The plan that is being followed, or None.

    Returns:
        A plan for the problem. What is due at once or can be charged from surplus is never less
        than in the fresh plan.
    """
    if earlier is None or not problem.evs or _does_more(fresh) or _does_more(earlier):
        return fresh
    new = [np.array(ev.limit_kw) for ev in fresh.evs]
    fresh_cost = _decision_cost(problem, new)
    margin = _margin(problem, fresh, fresh_cost)
    follow = _Following(problem, fresh, earlier)
    for candidate, kept in (
        (follow.carried_over, True),
        (follow.from_now_as_it_is, False),
        (follow.freshly, False),
    ):
        if (power := candidate()) is None:
            continue
        cost = _decision_cost(problem, power)
        if cost <= fresh_cost + margin:
            extra_cost = max(0.0, cost - fresh_cost)
            return _as_schedule(
                problem, fresh, power, extra_cost / measure_of(problem, fresh_cost), kept=kept
            )
    return fresh


def _margin(problem: Problem, fresh: Schedule, fresh_cost: float) -> float:
    """Return how much more an earlier plan may cost than a fresh one."""
    better_by = BETTER_BY_SHORT if fresh.is_short else BETTER_BY
    return max(better_by * abs(fresh_cost), BETTER_BY_STARTS * problem.start_cost)


def _as_schedule(
    problem: Problem, fresh: Schedule, power: Sequence[Array], extra_cost: float, *, kept: bool
) -> Schedule:
    """Return powers as a Schedule that reports how the fresh one came about."""
    result = SolveResult(
        algorithm=fresh.algorithm,
        status=fresh.status,
        bound=fresh.bound,
        gap=None if fresh.gap is None else fresh.gap + extra_cost,
        build_ms=fresh.build_ms,
        solve_ms=fresh.solve_ms,
        stages_ms=fresh.stages_ms,
        ended_in=fresh.ended_in,
    )
    built = build_schedule(problem, power, result)
    return replace(
        built,
        evs=tuple(map(_explained, built.evs, fresh.evs, strict=True)),
        failures=fresh.failures,
        kept=kept,
    )


def _does_more(schedule: Schedule) -> bool:
    """Tell whether a plan does what cannot be repaired here: storage, or fewer phases."""
    return (
        any(any(battery.power_kw) for battery in schedule.batteries)
        or any(any(ev.discharge_kw) for ev in schedule.evs)
        or any(any(ev.single_phase) for ev in schedule.evs)
    )


def _decision_cost(problem: Problem, power_kw: Sequence[Array]) -> float:
    """Return the true bill of a plan: what counts in decisions, peaks and starts included."""
    network = NetworkLimits.of(problem)
    demands = [Demand.of(problem, ev, network) for ev in problem.evs]
    taken = [
        demand.until_ready(demand.tapered(power))
        for demand, power in zip(demands, power_kw, strict=True)
    ]
    return bill_of(Flows.of(problem, taken))


def _explained(kept: EVSchedule, fresh: EVSchedule) -> EVSchedule:
    """Return a kept part of a plan with the reasons of the fresh one, where these are the same."""
    if not fresh.reasons:
        return kept
    reasons = tuple(
        reason if abs(limit - new) <= _SAME_KW else Reason(kind=ReasonKind.KEPT)
        for limit, new, reason in zip(kept.limit_kw, fresh.limit_kw, fresh.reasons, strict=True)
    )
    return replace(kept, reasons=reasons)


class _Following:
    """An earlier plan and a fresh one on the same steps, and what may come of the two."""

    def __init__(self, problem: Problem, fresh: Schedule, earlier: Schedule) -> None:
        network = NetworkLimits.of(problem)
        self.demands = [Demand.of(problem, ev, network) for ev in problem.evs]
        self.fresh = fresh
        self.new = [np.array(ev.limit_kw) for ev in fresh.evs]
        self.prices = np.array(problem.decision_price)
        self.network = _leaving_surplus(self.demands, network, self.new)
        self.before: list[Array | None] = []
        for demand, answer in zip(self.demands, fresh.evs, strict=True):
            own = earlier.ev(demand.ev.id)
            shifted = None
            if own is not None and not _follows_fresh(demand, answer):
                shifted = _shifted(own.limit_kw, earlier.horizon, problem.horizon)
                shifted = np.minimum(shifted, demand.ceiling_kw)
                shifted[shifted < max(demand.ev.min_power_kw, _SAME_KW)] = 0.0
            self.before.append(shifted)

    def carried_over(self) -> list[Array] | None:
        """Return the earlier plan, repaired; the fresh one for cars that it does not suit.

        None where nobody can go on as planned.
        """
        return self._repaired(list(self.before))

    def from_now_as_it_is(self) -> list[Array] | None:
        """Return the fresh plan, with what is done at present for as long as this step lasts.

        None where that makes no difference. Whoever is to start or to stop does.
        """
        pinned: list[Array | None] = []
        for before, series in zip(self.before, self.new, strict=True):
            goes_on = before is not None and len(series) and before[0] > 0 and series[0] > 0
            if before is None or not goes_on or abs(before[0] - series[0]) <= _SAME_KW:
                pinned.append(None)
                continue
            pinned.append(np.concatenate((before[:1], series[1:])))
        return self._repaired(pinned)

    def freshly(self) -> list[Array] | None:
        """Return the fresh plan without what batteries decide by themselves; None if it is so."""
        power = [series.copy() for series in self.new]
        self._steady(power, self._room(power))
        return None if all(map(np.array_equal, power, self.new, strict=True)) else power

    def _repaired(self, proposed: list[Array | None]) -> list[Array] | None:
        """Return proposed powers as they fit and suffice; the fresh ones for all others."""
        while any(series is not None for series in proposed):
            ours = [series is not None for series in proposed]
            power = [
                (new if series is None else series).copy()
                for series, new in zip(proposed, self.new, strict=True)
            ]
            failed = self._repair_all(power, ours)
            if failed is None:
                return power
            if failed < 0:
                return None
            proposed[failed] = None
        return None

    def _repair_all(self, power: list[Array], ours: Sequence[bool]) -> int | None:
        """Change powers in place; return who cannot be repaired, -1 for all, None for nobody."""
        if not cut_down(self.demands, self.network, power, self.new, ours):
            return -1
        room = self._room(power)
        for index in map(int, np.flatnonzero(ours)):
            demand = self.demands[index]
            wanted_kwh = _suffices_kwh(demand, self.fresh.evs[index], power[index])
            if not repair(demand, power[index], wanted_kwh, self.prices, room):
                return index
            if _later_at_once(demand, power[index], self.new[index]):
                return index
        self._steady(power, room)
        return None

    def _room(self, power: Sequence[Array]) -> Array:
        """Return what powers leave of each row of the network, per step."""
        used = (np.outer(d.share, series) for d, series in zip(self.demands, power, strict=True))
        return self.network.capacity_kw - sum(used)

    def _steady(self, power: Sequence[Array], room: Array) -> None:
        """Keep limits level in place where batteries take less by themselves."""
        for demand, answer, series in zip(self.demands, self.fresh.evs, power, strict=True):
            if not _follows_fresh(demand, answer):
                steady(demand, series, answer.energy_kwh, self.prices, room)


def _suffices_kwh(demand: Demand, answer: EVSchedule, power_kw: Array) -> float:
    """Return what a plan has to bring a car: as much as the fresh one, or nearly if that is short.

    Shares of what is too little move with each estimate. What the earlier plan brings is left as
    it is where it is about as fair.
    """
    if answer.shortfall_kwh <= MISSED_KWH:
        return answer.energy_kwh
    brought = demand.energy_kwh(demand.tapered(power_kw))
    about = answer.energy_kwh - ABOUT_AS_FAIR * demand.need_kwh
    return float(np.clip(brought, about, demand.need_kwh))


def _follows_fresh(demand: Demand, answer: EVSchedule) -> bool:
    """Tell whether a car's part of the fresh plan is better whatever it costs."""
    ev = demand.ev
    return ev.at_once or ev.surplus_only or ev.is_steady or answer.extra_kwh > 0


def _leaving_surplus(
    demands: Sequence[Demand], network: NetworkLimits, fresh: Sequence[Array]
) -> NetworkLimits:
    """Return network limits that leave the surplus to those who only take that, where they do."""
    solar = [
        series
        for demand, series in zip(demands, fresh, strict=True)
        if demand.ev.surplus_only and not demand.ev.at_once
    ]
    if not solar:
        return network
    capacity = network.capacity_kw.copy()
    used = np.sum(solar, axis=0) > 0
    max_kw = np.maximum(network.surplus_kw, np.sum(fresh, axis=0))
    capacity[0] = np.where(used, np.minimum(capacity[0], max_kw), capacity[0])
    return replace(network, capacity_kw=capacity)


def _later_at_once(demand: Demand, power_kw: Array, fresh_kw: Array) -> bool:
    """Tell whether what is due at once would come later than in the fresh plan."""
    due = min(demand.ev.min_energy_kwh, demand.ev.wanted_kwh)
    if due <= 0:
        return False
    stored, expected = (
        np.minimum(np.cumsum(demand.tapered(series) * demand.gain_kwh), due)
        for series in (power_kw, fresh_kw)
    )
    return bool(np.any(stored < expected - _LATER_KWH))


def _shifted(limits: PerStep, earlier: Horizon, horizon: Horizon) -> Array:
    """Return limits per step of an earlier horizon on the steps of another one."""
    starts = np.array([edge.timestamp() for edge in earlier.edges])
    middles = np.array(
        [(begin.timestamp() + end.timestamp()) / 2 for begin, end in pairwise(horizon.edges)]
    )
    index = np.searchsorted(starts, middles, side="right") - 1
    known = (index >= 0) & (index < len(limits))
    series: Array = np.where(known, np.array(limits)[np.clip(index, 0, len(limits) - 1)], 0.0)
    return series
