"""Cars that may stay beyond their departure: what they then still want is planned beside the rest.

A car is ready by its departure first of all. Where it is still there afterwards it charges on, for
what it wants by the next one. That is planned as a car of its own which comes when the first one
leaves and gives way to all others; in the answer the two are one again. Algorithms know nothing
of it.
"""

from collections.abc import Iterator
from dataclasses import replace

from .model import EV, EVSchedule, Problem, Schedule, Taper
from .model.checks import FINEST
from .quantities.tolerances import NEGLIGIBLE_KWH

_LATER = "\x00later"
"""Ends the id of what a car wants later: no id of a device has it."""


def split_stays(problem: Problem) -> Problem:
    """Return a Problem in which what cars want after their departure is asked by cars of its own.

    One in which it is so already stays as it is.
    """
    if not (later := tuple(_later_evs(problem))):
        return problem
    # Only how they compare counts: all others are as far above those as they can be.
    above = 1 / FINEST / max(ev.priority for ev in problem.evs)
    evs = [
        replace(ev, priority=ev.priority * above, later_energy_kwh=0.0, later_departure=None)
        for ev in problem.evs
    ]
    return replace(problem, evs=(*evs, *later))


def _later_evs(problem: Problem) -> Iterator[EV]:
    for ev in problem.evs:
        wanted = min(ev.later_energy_kwh, ev.room_kwh - ev.wanted_kwh)
        if ev.later_departure is None or wanted <= NEGLIGIBLE_KWH or ev.at_once:
            continue
        # Not in the step in which it leaves: there it has one limit only.
        begin = next((edge for edge in problem.horizon.edges if edge >= ev.departure), None)
        if begin is None or begin >= ev.later_departure:
            continue
        yield replace(
            ev,
            id=ev.id + _LATER,
            arrival=begin,
            departure=ev.later_departure,
            energy_kwh=wanted,
            limit_energy_kwh=None
            if ev.limit_energy_kwh is None
            else ev.limit_energy_kwh - ev.wanted_kwh,
            taper=tuple(_tapering_from(ev.taper, ev.wanted_kwh)),
            priority=FINEST,
            min_energy_kwh=0.0,
            extra_energy_kwh=0.0,
            discharge=None,
            charging=False,
            later_energy_kwh=0.0,
            later_departure=None,
        )


def _tapering_from(taper: tuple[Taper, ...], stored_kwh: float) -> Iterator[Taper]:
    """Yield what a battery allows that holds so much more already."""
    passed = [point for point in taper if point.energy_kwh <= stored_kwh]
    for point in (*passed[-1:], *taper[len(passed) :]):
        yield replace(point, energy_kwh=max(0.0, point.energy_kwh - stored_kwh))


def split_followed(schedule: Schedule | None, problem: Problem) -> Schedule | None:
    """Return a plan that is followed as one for a Problem that ``split_stays`` has made.

    Each of the two cars is given the same limits; only what is within its own stay counts.
    """
    if schedule is None:
        return None
    copies = [
        replace(own, id=ev.id)
        for ev in problem.evs
        if ev.id.endswith(_LATER) and (own := schedule.ev(ev.id.removesuffix(_LATER))) is not None
    ]
    return replace(schedule, evs=(*schedule.evs, *copies)) if copies else schedule


def join_stays(schedule: Schedule) -> Schedule:
    """Return an answer in which what a car gets later is its own again."""
    later = {ev.id: ev for ev in schedule.evs if ev.id.endswith(_LATER)}
    if not later:
        return schedule
    first = [ev for ev in schedule.evs if ev.id not in later]
    return replace(
        schedule,
        evs=tuple(
            ev if (own := later.get(ev.id + _LATER)) is None else _joined(ev, own) for ev in first
        ),
        concerns=tuple(one for one in schedule.concerns if one.ev not in later),
    )


def _joined(ev: EVSchedule, later: EVSchedule) -> EVSchedule:
    """Return both parts of what a car gets; that it may miss something later is no shortfall."""
    begin = next((step for step, kw in enumerate(later.limit_kw) if kw > 0), len(later.limit_kw))
    return replace(
        ev,
        limit_kw=tuple(map(sum, zip(ev.limit_kw, later.limit_kw, strict=True))),
        energy_kwh=ev.energy_kwh + later.energy_kwh,
        cost=ev.cost + later.cost,
        cost_at_once=ev.cost_at_once + later.cost_at_once,
        later_kwh=later.energy_kwh,
        single_phase=tuple(
            own if step >= begin else before
            for step, (before, own) in enumerate(
                zip(ev.single_phase, later.single_phase, strict=True)
            )
        ),
        reasons=tuple(
            own if step >= begin else before
            for step, (before, own) in enumerate(zip(ev.reasons, later.reasons, strict=True))
        ),
    )
