"""What each charger is to get now: by mode and plan, as far as the house leaves that.

Nothing is written here, neither to chargers nor to what is known of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
import math
from typing import Final

from ..bindings.house.phases import Load
from ..charging.charging_point import ChargingPoint
from ..const import Mode
from ..planning.plan import NOTHING_KW, Plan
from ..scheduler.allocation import RECOVER_AFTER, Capacity, Claim, allocate
from ..scheduler.model import PHASES
from ..site.site import Site
from .state import Cause, Command, ControlState, Decision

# A plan that nobody renewed for so long is not followed any more.
_PLAN_EXPIRES: Final = timedelta(minutes=30)
TOLERANCE_KW: Final = 0.01
"""Limits that differ by less are the same."""


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """What was decided at one look at the chargers.

    Attributes:
        capacity: What they may draw together.
        of: What each is to get, by id; of those that are to be told something, the most urgent
            comes first.
    """

    capacity: Capacity
    of: Mapping[str, Decision]


def decide(
    site: Site,
    plan: Plan | None,
    states: Mapping[str, ControlState],
    now: datetime,
    *,
    awaits_plan: bool,
) -> Decisions:
    """Return what each charger of a site is to get.

    Args:
        site: The site, as it was last observed.
        plan: The plan to follow.
        states: What was decided before, by charger.
        now: The present.
        awaits_plan: The first plan is about to come: until then, chargers are left as they are.
    """
    followed = None if plan is None or now - plan.made_at > _PLAN_EXPIRES else plan
    claims: list[Claim] = []
    undecided: list[Load] = []
    left: dict[str, Decision] = {}
    causes: dict[str, Cause] = {}
    for charger_id, point in site.points.items():
        phases = PHASES[: point.phases]
        wanted_kw, cause = _wanted(point, followed, now, awaits_plan=awaits_plan)
        if wanted_kw is not None:
            causes[charger_id] = cause
            claims.append(
                Claim(
                    id=charger_id,
                    wanted_kw=wanted_kw,
                    min_kw=point.range_kw[0],
                    phases=phases,
                    urgency=_urgency(point, plan, now),
                )
            )
            continue
        # The next car has not been made to give way.
        reduced_at = states[charger_id].reduced_at if point.plugged else None
        left[charger_id] = Decision(cause=cause, reduced_at=reduced_at)
        if cause is Cause.WAITING and point.plugged:
            undecided.append((point.may_draw_kw(now), phases))

    capacity, silent = site.capacity(now, undecided)
    blind = {claim.id for claim in claims if not silent.isdisjoint(claim.phases)}
    claims = [
        replace(c, wanted_kw=min(c.wanted_kw, c.min_kw)) if c.id in blind else c for c in claims
    ]
    limits = allocate(claims, capacity)
    silent_entities = site.meter.silent_entities(now) if blind else ()
    given = {
        claim.id: _held_back(
            site.points[claim.id],
            claim,
            limits[claim.id],
            Decision(cause=causes[claim.id], reduced_at=states[claim.id].reduced_at),
            now,
            silent=silent_entities if claim.id in blind else None,
        )
        for claim in sorted(claims, key=lambda claim: (-claim.urgency, claim.id))
    }
    return Decisions(capacity=capacity, of=given | left)


def _wanted(
    point: ChargingPoint, plan: Plan | None, now: datetime, *, awaits_plan: bool
) -> tuple[float | None, Cause]:
    """Return the limit a charger should have by mode and plan; None to leave it as it is."""
    if point.reading.missing:
        return None, Cause.UNAVAILABLE
    if not point.plugged:
        return None, Cause.IDLE
    if point.session.held:
        return None, Cause.HELD
    if point.settings.mode is Mode.OFF:
        return 0.0, Cause.PLAN
    if plan is None:
        return (None, Cause.WAITING) if awaits_plan else (point.range_kw[0], Cause.SAFE)
    limit_kw = plan.limit_kw_at(point.charger.id, now)
    if limit_kw is None:
        return None, Cause.WAITING
    return (limit_kw if limit_kw > NOTHING_KW else 0.0), Cause.PLAN


def _urgency(point: ChargingPoint, plan: Plan | None, now: datetime) -> float:
    """Return how little time a car has to spare, in hours below none."""
    ev = None if plan is None else plan.request(point.charger.id)
    if ev is None:
        return -math.inf
    if ev.at_once:
        return math.inf
    needed_h = point.needed_kwh / ev.efficiency / ev.max_power_kw if ev.max_power_kw else 0.0
    return needed_h - (ev.departure - now) / timedelta(hours=1)


def _held_back(
    point: ChargingPoint,
    claim: Claim,
    limit_kw: float,
    by_plan: Decision,
    now: datetime,
    *,
    silent: tuple[str, ...] | None,
) -> Decision:
    """Decide on a limit that does not follow every dip of the house load back up.

    Args:
        point: The charger.
        claim: What it should get.
        limit_kw: What there is room for.
        by_plan: Why it should get that, and when it last had to give way.
        now: The present.
        silent: The sensors that are silent; None where the meter knows its phases.
    """
    if claim.wanted_kw == 0:
        return replace(by_plan, command=command_for(point, 0.0))
    cause, reduced_at = by_plan.cause, by_plan.reduced_at
    present_kw = point.limit_kw or 0.0
    if silent is not None:
        cause = Cause.METER
    if limit_kw < claim.wanted_kw - TOLERANCE_KW:
        cause = Cause.HOUSE_LOAD
        if limit_kw < present_kw - TOLERANCE_KW:
            reduced_at = now
    if reduced_at is not None and now - reduced_at < RECOVER_AFTER:
        cause = Cause.HOUSE_LOAD
        limit_kw = min(limit_kw, present_kw)
    if limit_kw < claim.min_kw - TOLERANCE_KW:
        limit_kw = 0.0
    return Decision(
        cause=cause,
        command=command_for(point, limit_kw),
        reduced_at=reduced_at,
        silent=silent or (),
    )


def command_for(point: ChargingPoint, limit_kw: float) -> Command:
    """Return what a charger is to be told for a limit: the most that it accepts within that."""
    limit = point.reading.limit
    value = 0.0
    if limit is not None and limit_kw > 0:
        value = limit.from_kw(limit_kw, phases=point.phases, voltage=point.charger.voltage)
        limit_kw = limit.to_kw(value, phases=point.phases, voltage=point.charger.voltage)
    return Command(value=value, limit_kw=limit_kw)
