"""Whether a home battery must not discharge now: it would drain into cars, or the plan keeps it.

That follows what is measured, plan or not: cars start when people want them to.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ..bindings.house.home_battery import HomeBattery
from ..planning.plan import Plan
from ..site.site import Site

DRAWN_KW: Final = 0.2
"""Less than this is no charging car: what electronics take, and what meters miss."""
_RELEASED_AFTER: Final = timedelta(minutes=1)
"""A car that pauses for a moment, or a cloud that passes, is worth no two commands."""
_PLAN_EXPIRES: Final = timedelta(minutes=30)
"""A plan that nobody has made again for so long is not followed any more."""


class HoldCause(StrEnum):
    """Why a battery is held, or is not."""

    CARS = "cars"
    """Cars draw more than the sun leaves."""
    CARS_UNSEEN = "cars_unseen"
    """Cars draw, and nobody knows what the sun leaves."""
    PLAN = "plan"
    """The plan keeps its energy for later."""
    CHARGED = "charged"
    """The plan charges it from the grid, and that is commanded."""
    RELEASING = "releasing"
    """That was so a moment ago."""
    NO_NEED = "no_need"
    """No car draws more than the sun leaves."""
    PLANNED = "planned"
    """The plan uses its energy now."""


@dataclass(frozen=True, kw_only=True)
class Hold:
    """What was decided for a battery.

    Attributes:
        cause: Why.
        cars_kw: What cars draw.
        needed_at: When it last had to be held; None for never.
        charge_kw: What it is commanded to charge with; 0 for nothing.
    """

    cause: HoldCause
    cars_kw: float = 0.0
    needed_at: datetime | None = None
    charge_kw: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether it must not discharge."""
        return self.cause not in {HoldCause.NO_NEED, HoldCause.PLANNED}


FREE: Final = Hold(cause=HoldCause.NO_NEED)
"""What holds before anything was decided."""


def decide_hold(
    site: Site, battery: HomeBattery, plan: Plan | None, before: Hold, now: datetime
) -> Hold:
    """Return whether a battery must not discharge.

    Args:
        site: The site, as it was last observed.
        battery: One of its batteries.
        plan: The plan to follow.
        before: What was decided before.
        now: The present.
    """
    cars_kw = site.drawn_kw
    cause = _cause(site, battery, plan, cars_kw, now)
    if cause not in {HoldCause.NO_NEED, HoldCause.PLANNED}:
        return Hold(cause=cause, cars_kw=cars_kw, needed_at=now)
    needed_at = before.needed_at
    if needed_at is not None and now - needed_at < _RELEASED_AFTER:
        return Hold(cause=HoldCause.RELEASING, cars_kw=cars_kw, needed_at=needed_at)
    return Hold(cause=cause, cars_kw=cars_kw)


def _cause(
    site: Site, battery: HomeBattery, plan: Plan | None, cars_kw: float, now: datetime
) -> HoldCause:
    followed = None if plan is None or now - plan.made_at > _PLAN_EXPIRES else plan
    if battery.is_ours and followed is not None:
        planned_kw = followed.battery_kw_at(battery.id, now)
        if planned_kw is not None:
            return HoldCause.PLANNED if planned_kw < -DRAWN_KW else HoldCause.PLAN
    if cars_kw <= DRAWN_KW:
        return HoldCause.NO_NEED
    house_kw = site.house.now_kw(now)
    if house_kw is None:
        return HoldCause.CARS_UNSEEN
    # Chargers that nobody commands are among the cars already.
    net_kw = house_kw - site.house.uncontrolled_kw(now) + cars_kw
    return HoldCause.CARS if net_kw > DRAWN_KW else HoldCause.NO_NEED
