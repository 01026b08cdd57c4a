"""What a charger may draw from now on, for those that follow it by themselves.

Nobody may be there to make room for them, so that they get no more than the plan leaves beside
what the others draw until they are commanded otherwise.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
import math
from typing import Final, NamedTuple

from ..bindings.chargers.ocpp.charging_profile import PlannedLimits
from ..charging.charging_point import ChargingPoint
from ..const import Mode
from ..planning.plan import Plan
from ..scheduler.guard import TOLERANCE_KW
from ..scheduler.model import PHASES, Horizon, PerStep, Phase
from ..scheduler.model.network import SITE, NetworkPart
from ..site.outlook import NOWCAST

_DAY_H: Final = 24.0
"""A profile of one constant limit lasts a day; a new one is due long before."""
# Less than half an ampere on one phase makes no difference to a charger.
_SAME_KW: Final = 0.1

type _ByPart = dict[NetworkPart, PerStep]
"""Loads by step of the site, its circuits and the phases of these, as far as they are limited."""


class _Way(NamedTuple):
    """What carries a car: the phases it may draw from, of how many a limit counts, its circuits."""

    phases: tuple[Phase, ...]
    used: int
    circuits: tuple[str, ...]

    def covers(self, part: NetworkPart) -> bool:
        """Tell whether a part of the site carries the car."""
        return (part.circuit is None or part.circuit in self.circuits) and (
            part.phase is None or part.phase in self.phases
        )

    def share(self, limits_kw: PerStep, part: NetworkPart) -> PerStep:
        """Return how much of limits may be drawn through a part of the site."""
        if not self.covers(part):
            return (0.0,) * len(limits_kw)
        return limits_kw if part.phase is None else tuple(kw / self.used for kw in limits_kw)


_ALL: Final = _Way(PHASES, len(PHASES), ())


class PlannedLoads:
    """What the chargers of a site may draw in each step of a plan, should nobody be there then.

    Each counts with the larger of what is planned for it and what it may hold of what it was sent,
    so that at no moment all profiles together allow more than there is, whichever of them were
    replaced by then. After the plan there is one more step, which lasts for ever.
    """

    def __init__(
        self, plan: Plan, points: Sequence[ChargingPoint], others: Container[str], now: datetime
    ) -> None:
        """Add up what is planned, held, and gone on with by those that do nothing by themselves.

        Args:
            plan: The plan to follow.
            points: The chargers.
            others: Those that nobody may be there to tell their plan when it is time.
            now: The present.
        """
        self.plan = plan
        problem = plan.problem
        self._carries = _carries_alone(plan)
        planned = {
            ev.id: (
                (*(plan.limit_for(ev, kw) for kw in answer.limit_kw), 0.0),
                _Way(
                    ev.phases,
                    len(ev.phases),
                    tuple(circuit.id for circuit in problem.circuits_of(ev)),
                ),
            )
            for ev, answer in zip(problem.evs, plan.schedule.evs, strict=True)
        }
        nothing = (0.0,) * (len(problem.horizon) + 1)
        self._ways = {
            point.charger.id: _Way(point.taking.load_phases, point.phases, point.circuits)
            for point in points
        }
        held: dict[str, PerStep] = {}
        afterwards: list[ChargingPoint] = []
        for point in points:
            id_ = point.charger.id
            limits_kw = planned[id_][0] if id_ in planned else nothing
            if id_ in others:
                # Who is planned more than now will be sent so before.
                limits_kw = tuple(map(max, limits_kw, self._goes_on(point, now), strict=True))
            elif point.plugged and point.settings.mode is not Mode.OFF:
                afterwards.append(point)
            planned[id_] = limits_kw, self._ways[id_]
            held[id_] = self._held(point, goes_on=id_ not in others) or nothing
        self._planned = {
            id_: self._by_part(limits_kw, way) for id_, (limits_kw, way) in planned.items()
        }
        self._share_what_is_left(afterwards)
        self._counted = {
            id_: {
                part: tuple(map(max, limits_kw, of_held[part], strict=True))
                for part, limits_kw in by_part.items()
            }
            for id_, by_part in self._planned.items()
            for of_held in (self._by_part(held.get(id_, nothing), self._ways.get(id_, _ALL)),)
        }
        self._wanted = _total(self._planned.values(), self._carries)
        self._drawn = _total(self._counted.values(), self._carries)

    def _by_part(self, limits_kw: PerStep, way: _Way) -> _ByPart:
        return {part: way.share(limits_kw, part) for part in self._carries}

    def _goes_on(self, point: ChargingPoint, now: datetime) -> PerStep:
        """Return what a charger goes on with in each step that is not commanded any more."""
        horizon = self.plan.problem.horizon
        if not point.plugged:
            return (0.0,) * (len(horizon) + 1)
        # In the near future, what is uncontrolled is a part of the base load.
        later = horizon.start + NOWCAST
        soon_kw = point.load.controlled_kw(now)
        left_kw = max(point.load.may_draw_kw(now), point.load.uncontrolled_kw(now, metered=False))
        return tuple(left_kw if start >= later else soon_kw for start in horizon.edges)

    def _held(self, point: ChargingPoint, *, goes_on: bool) -> PerStep | None:
        """Return what a charger may draw by what it holds; None where that limits nothing."""
        profiles = point.charger.profiles
        if profiles is None or profiles.control.failed:
            return None
        edges = self.plan.problem.horizon.edges
        held_a = profiles.control.may_hold_a(edges)
        if held_a is not None:
            per_ampere = point.charger.voltage * point.phases / 1000
            return tuple(limit_a * per_ampere for limit_a in held_a)
        # What it holds from before is not known.
        most_kw = point.range_kw[1] if point.plugged and goes_on else 0.0
        return (most_kw,) * len(edges)

    def _share_what_is_left(self, points: Iterable[ChargingPoint]) -> None:
        """Plan min power after the plan for as many cars as there is room for, by turns."""
        drawn = {
            part: math.fsum(load[part][-1] for load in self._planned.values())
            for part in self._carries
        }
        for point in sorted(points, key=lambda point: point.charger.id):
            own = self._planned[point.charger.id]
            way, min_kw = self._ways[point.charger.id], point.range_kw[0]
            shares = {part: way.share((min_kw,), part)[0] for part in own}
            if all(
                drawn[part] + share <= self._carries[part][-1] + TOLERANCE_KW
                for part, share in shares.items()
                if way.covers(part)
            ):
                for part, limits_kw in own.items():
                    own[part] = (*limits_kw[:-1], shares[part])
                    drawn[part] += shares[part]

    def room_kw(self, point: ChargingPoint) -> PerStep:
        """Return what a charger that follows its plan by itself finds left in each step, and after.

        That is beside what the others may draw, whether they have got this plan or not.
        """
        return self._room_kw(point, self._drawn, self._counted)

    def _room_kw(
        self, point: ChargingPoint, drawn: _ByPart, counted: Mapping[str, _ByPart]
    ) -> PerStep:
        way = self._ways[point.charger.id]
        mine = counted[point.charger.id]
        rooms = [
            tuple(
                max(0.0, carries - all_kw + own_kw) * (way.used if part.phase else 1)
                for carries, all_kw, own_kw in zip(
                    self._carries[part], drawn[part], mine[part], strict=True
                )
            )
            for part in self._carries
            if way.covers(part)
        ]
        return tuple(map(min, zip(*rooms, strict=True)))

    def safe_kw(self, point: ChargingPoint) -> float:
        """Return what a charger may go on with after the plan: its min power, if there is room."""
        return min(self._planned[point.charger.id][SITE][-1], self.room_kw(point)[-1])

    def waits(self, point: ChargingPoint) -> bool:
        """Return whether a charger cannot have its plan yet, as another still holds its room."""
        planned = self._planned[point.charger.id][SITE]
        has = self.room_kw(point)
        once = self._room_kw(point, self._wanted, self._planned)
        return any(
            min(kw, later) > min(kw, now) + _SAME_KW
            for kw, now, later in zip(planned, has, once, strict=True)
        )

    def is_awaited(self, point: ChargingPoint) -> bool:
        """Return whether a charger holds what is planned for others, and may not be there."""
        id_ = point.charger.id
        return any(
            has > wants + _SAME_KW and drawn > carries + _SAME_KW and all_want > wants + _SAME_KW
            for part, carried in self._carries.items()
            for has, wants, drawn, all_want, carries in zip(
                self._counted[id_][part],
                self._planned[id_][part],
                self._drawn[part],
                self._wanted[part],
                carried,
                strict=True,
            )
        )


def _carries_alone(plan: Plan) -> _ByPart:
    """Return what the wires leave the chargers, by part of the site, when nobody is there.

    That is without sun, and beside the usual peak of the house. After the plan any hour may come.
    """
    problem = plan.problem
    dark = replace(problem, site=replace(problem.site, pv_kw=(), pv_phase_kw=()))
    base_kw = problem.base_load_kw
    peaks_kw = tuple(
        max(0.0, peak - max(0.0, kw))
        for peak, kw in zip(plan.peak_load_kw or base_kw, base_kw, strict=True)
    )
    carries = {}
    for part, limit in dark.part_limits.items():
        peak_part = plan.phase_part if part.phase else 1.0
        if part.circuit is not None:
            # The house as a whole says nothing of a circuit.
            peak_part = 0.0
        # Surplus of now is a negative load.
        steps = tuple(
            min(left, most) - peak * peak_part
            for left, most, peak in zip(limit.capacity_kw, limit.limit_kw, peaks_kw, strict=True)
        )
        carries[part] = (*steps, min(steps))
    return carries


def _total(loads: Iterable[_ByPart], parts: Iterable[NetworkPart]) -> _ByPart:
    loads = tuple(loads)
    return {part: _added([load[part] for load in loads]) for part in parts}


def _added(series: Iterable[PerStep]) -> PerStep:
    return tuple(map(math.fsum, zip(*series, strict=True)))


def limits_ahead(point: ChargingPoint, loads: PlannedLoads | None, now: datetime) -> PlannedLimits:
    """Return what a charger may draw by mode and plan, and once nobody plans any more.

    That is the least that cars charge at, so that none is left empty; nothing where the mode is
    Off. Without a plan it is that, too.

    Args:
        point: The charger.
        loads: What all may draw by the plan to follow; None where there is none.
        now: The present.
    """
    if point.settings.mode is Mode.OFF:
        return _constant(0.0, now)
    if loads is None:
        return _constant(point.range_kw[0], now)
    horizon = loads.plan.schedule.horizon
    answer, ev = loads.plan.answer(point.charger.id), loads.plan.request(point.charger.id)
    safe_kw = loads.safe_kw(point)
    if answer is None or ev is None:
        return PlannedLimits(horizon=horizon, limit_kw=(0.0,) * len(horizon), safe_kw=safe_kw)
    present = horizon.index_at(now)
    # It may be on another number of phases than is planned for a later step.
    most_kw = math.inf if point.switching.switch is None else point.range_kw[1]
    # What there is room for at present is commanded besides.
    limits_kw = tuple(
        min(loads.plan.limit_for(ev, kw), most_kw, math.inf if step == present else room)
        for step, (kw, room) in enumerate(
            zip(answer.limit_kw, loads.room_kw(point)[:-1], strict=True)
        )
    )
    return PlannedLimits(horizon=horizon, limit_kw=limits_kw, safe_kw=safe_kw)


def _constant(limit_kw: float, now: datetime) -> PlannedLimits:
    hour = now.replace(minute=0, second=0, microsecond=0)
    horizon = Horizon(start=hour, step_h=(_DAY_H,))
    return PlannedLimits(horizon=horizon, limit_kw=(limit_kw,), safe_kw=limit_kw)
