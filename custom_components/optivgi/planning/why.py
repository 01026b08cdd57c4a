"""Why a charger gets what it gets in each step: what binds, what that costs, what comes next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from ..scheduler.model import EV, EVSchedule, Phase, Problem, Reason, ReasonKind, Schedule
from ..scheduler.model.network import SITE, NetworkPart, part_shares
from ..scheduler.model.site import LINE_SHARE
from .plan import NOTHING_KW, Plan

_SAME_KW = 0.05
"""Limits that differ by less are the same to a charger."""
CHEAPER_ELSEWHERE = frozenset({ReasonKind.PRICE, ReasonKind.ESTIMATE, ReasonKind.PV})
"""Nothing is in the way: charging here would only cost more than where the car does charge."""
_UNKNOWN = Reason(kind=ReasonKind.ABSENT)
"""Of steps that a plan gives no reason for."""


@dataclass(frozen=True, kw_only=True)
class Why:
    """What decides in a step and those around it that are alike; money in the site's currency.

    Attributes:
        start: The start of the first of these steps.
        end: The end of the last one.
        limit_kw: What the car may draw.
        reason: What binds.
        cost: About how much the session would cost more if the car charged here instead, or less
            if what binds did not: for what it could draw here, at most for all that it gets.
        next_kw: What it may draw from ``end`` on; None where the plan ends.
        next_reason: What binds then; None where the plan ends.
    """

    start: datetime
    end: datetime
    limit_kw: float
    reason: Reason
    cost: float
    next_kw: float | None = None
    next_reason: Reason | None = None


@dataclass(frozen=True, kw_only=True)
class RoomLeft:
    """What a part of the site leaves a car in a step.

    Attributes:
        part: Which part.
        left_kw: What may still be drawn from it beside the house and the other cars.
        other: The car that takes most of it; None where no other one draws.
        other_until: Until when that car goes on; None where none does.
    """

    part: NetworkPart
    left_kw: float
    other: str | None
    other_until: datetime | None


class Whys:
    """Why one car has its plan."""

    def __init__(self, problem: Problem, schedule: Schedule, ev: EV, answer: EVSchedule) -> None:
        """Look at one car of a plan."""
        self._problem, self._schedule = problem, schedule
        self._ev, self._answer = ev, answer
        self._edges = schedule.horizon.edges
        self._steps = len(schedule.horizon)

    def at(self, index: int) -> Why:
        """Return what decides in a step."""
        return next(why for last, why in self._runs if index <= last)

    def currents_a(self, index: int, voltage: float) -> Mapping[Phase, float]:
        """Return what may flow in each phase; where it is not known in which, in each it may be.

        Args:
            index: The step.
            voltage: From phase to neutral.
        """
        kw, ev = self._answer.limit_kw[index], self._ev
        if kw <= NOTHING_KW:
            return {}
        phases, share = ev.phases, 1 / (ev.phases_used or len(ev.phases))
        if ev.line_to_line:
            share = LINE_SHARE
        elif ev.single_phase is not None and any(self._answer.single_phase[index : index + 1]):
            phases, share = (ev.single_phase.phase,), 1.0
        return dict.fromkeys(phases, kw * share * 1000 / voltage)

    def room(self, index: int) -> RoomLeft:
        """Return what is left by the part that binds, or by the one that leaves least."""
        shares, reason = _shares(self._problem, self._ev), self._reason(index)
        parts = [part for part in shares if part in self._problem.part_limits]
        match reason.kind:
            case ReasonKind.SITE:
                parts = [SITE]
            case ReasonKind.PHASE:
                parts = [
                    part for part in parts if part.circuit is None and part.phase == reason.detail
                ]
            case ReasonKind.CIRCUIT:
                parts = [part for part in parts if part.circuit == reason.detail]
        rooms = {part: self._room_of(part, index) for part in parts or [SITE]}
        return min(rooms.values(), key=lambda room: room.left_kw / shares[room.part])

    @cached_property
    def _runs(self) -> tuple[tuple[int, Why], ...]:
        """What decides in steps that are alike, each with the last of these."""
        firsts = [
            index for index in range(self._steps) if not index or self._differs(index - 1, index)
        ]
        return tuple(
            (after - 1, self._why(first, after))
            for first, after in zip(firsts, (*firsts[1:], self._steps), strict=True)
        )

    def _differs(self, one: int, other: int) -> bool:
        before, after = self._reason(one), self._reason(other)
        limits = self._answer.limit_kw
        return (before.kind, before.detail) != (after.kind, after.detail) or (
            abs(limits[one] - limits[other]) >= _SAME_KW
        )

    def _reason(self, index: int) -> Reason:
        return self._answer.reasons[index] if self._answer.reasons else _UNKNOWN

    def _why(self, first: int, after: int) -> Why:
        limits, present_h = self._answer.limit_kw, self._problem.present_h(self._ev)
        more_kwh = {
            step: max(0.0, self._ev.max_power_kw - limits[step]) * present_h[step]
            for step in range(first, after)
        }
        cost = sum(kwh * self._more_per_kwh(step) for step, kwh in more_kwh.items())
        could_kwh, gets_kwh = sum(more_kwh.values()), self._drawn_kwh
        ends = after >= self._steps
        return Why(
            start=self._edges[first],
            end=self._edges[after],
            limit_kw=limits[first],
            reason=self._reason(first),
            cost=max(0.0, cost if could_kwh <= gets_kwh else cost * gets_kwh / could_kwh),
            next_kw=None if ends else limits[after],
            next_reason=None if ends else self._reason(after),
        )

    @property
    def _drawn_kwh(self) -> float:
        return self._answer.energy_kwh / self._ev.efficiency

    def _more_per_kwh(self, index: int) -> float:
        """Return what a kWh would cost more here than it does, or costs more as something binds."""
        reason, problem = self._reason(index), self._problem
        if reason.kind not in CHEAPER_ELSEWHERE:
            return reason.cost_per_kwh
        if self._answer.limit_kw[index] > NOTHING_KW or self._drawn_kwh <= NOTHING_KW:
            return 0.0
        surplus = min(1.0, problem.surplus_kw[index] / max(self._ev.max_power_kw, NOTHING_KW))
        price = (
            surplus * problem.export_price[index] + (1 - surplus) * problem.site.import_price[index]
        )
        return price - self._answer.cost / self._drawn_kwh

    def _room_of(self, part: NetworkPart, index: int) -> RoomLeft:
        limit = self._problem.part_limits[part]
        others = {
            ev.id: _shares(self._problem, ev).get(part, 0.0) * answer.limit_kw[index]
            for ev in self._problem.evs
            if ev.id != self._ev.id and (answer := self._schedule.ev(ev.id)) is not None
        }
        other = max(others, key=others.__getitem__, default=None)
        if other is not None and others[other] <= NOTHING_KW:
            other = None
        left_kw = limit.limit_kw[index] - limit.used_kw[index] - sum(others.values())
        return RoomLeft(
            part=part,
            left_kw=max(0.0, left_kw),
            other=other,
            other_until=None if other is None else self._until(other, index),
        )

    def _until(self, ev_id: str, index: int) -> datetime:
        """Return until when another car goes on that charges in a step."""
        answer = self._schedule.ev(ev_id)
        limits = () if answer is None else answer.limit_kw
        while index < len(limits) and limits[index] > NOTHING_KW:
            index += 1
        return self._edges[index]


def whys_of(plan: Plan, charger_id: str) -> Whys | None:
    """Return why the car at a charger has its plan; None where nothing is planned for it."""
    request, answer = plan.request(charger_id), plan.answer(charger_id)
    if request is None or answer is None:
        return None
    return Whys(plan.problem, plan.schedule, request, answer)


def _shares(problem: Problem, ev: EV) -> Mapping[NetworkPart, float]:
    return part_shares(
        problem.circuits_of(ev),
        ev.phases,
        line_to_line=ev.line_to_line,
        phases_used=ev.phases_used,
    )
