"""The ways to compare with: as it was, at plug-in, and with perfect foresight."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta

from ..scheduler.allocation import Capacity, Claim, allocate
from ..scheduler.model import EV, PHASES, GridConnection, Horizon, Problem, Schedule
from .bill import Way
from .past import SLOT, SLOT_H, Past, Stay

type Solve = Callable[[Problem], Awaitable[Schedule]]
"""Plans with all that there is to know."""

_LONGEST = timedelta(days=4)
"""Stays that begin within this are planned together; the next ones beside them."""
_LEFT_KWH = 1e-6
"""Less than this is nothing."""


def as_it_was(past: Past) -> Way:
    """Return what the cars really drew."""
    return Way(drawn_kw={stay.id: stay.drawn_kw for stay in past.stays})


def room(past: Past, slot: int) -> Capacity:
    """Return what the house really left the cars."""
    house_kw, each = past.house_kw[slot], past.phase_limit_kw
    return Capacity(
        total_kw=max(0.0, past.limit_kw - house_kw),
        phase_kw=None if each is None else max(0.0, each - house_kw / len(PHASES)),
    )


def claim(stay: Stay, wanted_kw: float, urgency: float) -> Claim:
    """Return what a car asks for in a slot."""
    return Claim(
        id=stay.id,
        wanted_kw=wanted_kw,
        min_kw=min(stay.min_kw, wanted_kw),
        phases=stay.phases,
        urgency=urgency,
    )


def at_plug_in(past: Past) -> Way:
    """Return what the cars would have drawn, each from plug-in on as much as it can."""
    drawn: dict[str, list[float]] = {stay.id: [] for stay in past.stays}
    left_kwh = {stay.id: stay.kwh for stay in past.stays}
    for slot in range(len(past)):
        present = list(past.present(slot))
        claims = [
            claim(stay, min(stay.max_kw, left_kwh[stay.id] / SLOT_H), -float(stay.first))
            for stay in present
        ]
        given = allocate(claims, room(past, slot))
        for stay in present:
            drawn[stay.id].append(given[stay.id])
            left_kwh[stay.id] -= given[stay.id] * SLOT_H
    return Way(drawn_kw={stay_id: tuple(kws) for stay_id, kws in drawn.items()})


async def with_foresight(past: Past, solve: Solve) -> Way:
    """Return what would have been cheapest, had all prices and loads been known before."""
    drawn: dict[str, tuple[float, ...]] = {}
    others_kw = [0.0] * len(past)
    for stays in _together(past):
        first, end = min(stay.first for stay in stays), max(stay.end for stay in stays)
        net = [past.house_kw[slot] + others_kw[slot] for slot in range(first, end)]
        problem = Problem(
            horizon=Horizon(start=past.at(first), step_h=(SLOT_H,) * (end - first)),
            site=_as_it_came(past, first, end, net),
            evs=tuple(request(past, stay, stay.first, stay.kwh) for stay in stays),
            start_cost=past.start_cost,
        )
        schedule = await solve(problem)
        for stay in stays:
            answer = schedule.ev(stay.id)
            limits = (0.0,) * (end - first) if answer is None else answer.limit_kw
            drawn[stay.id] = tuple(_within(limits[stay.first - first : stay.end - first], stay.kwh))
            for offset, kw in enumerate(drawn[stay.id]):
                others_kw[stay.first + offset] += kw
    return Way(drawn_kw=drawn)


def request(past: Past, stay: Stay, slot: int, left_kwh: float) -> EV:
    """Return what a car asks for from a slot on, until it left."""
    return EV(
        id=stay.id,
        arrival=past.at(slot),
        departure=past.at(stay.end),
        energy_kwh=max(0.0, left_kwh),
        max_power_kw=stay.max_kw,
        min_power_kw=stay.min_kw,
        power_step_kw=stay.step_kw,
        phases=stay.phases,
    )


def _together(past: Past) -> Iterator[list[Stay]]:
    """Yield stays that overlap, or come soon after."""
    group: list[Stay] = []
    for stay in sorted(past.stays, key=lambda one: one.first):
        is_apart = bool(group) and stay.first >= max(one.end for one in group)
        is_far = bool(group) and stay.first - group[0].first > _LONGEST // SLOT
        if is_apart or is_far:
            yield group
            group = []
        group.append(stay)
    if group:
        yield group


def _as_it_came(past: Past, first: int, end: int, net: list[float]) -> GridConnection:
    steps = end - first
    return GridConnection(
        limit_kw=(past.limit_kw,) * steps,
        phase_limit_kw=() if past.phase_limit_kw is None else ((past.phase_limit_kw,) * steps,),
        base_load_kw=tuple(max(0.0, kw) for kw in net),
        pv_kw=tuple(max(0.0, -kw) for kw in net),
        import_price=past.import_price[first:end],
        export_price=past.export_price[first:end],
    )


def _within(limits: tuple[float, ...], kwh: float) -> Iterator[float]:
    """Yield what is drawn of limits, until there is enough."""
    for limit_kw in limits:
        kw = min(limit_kw, kwh / SLOT_H)
        kwh -= kw * SLOT_H
        yield kw if kw > _LEFT_KWH else 0.0
