"""With what a home battery is to be charged from the grid now: as planned, if wires carry it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
import math
from typing import Final

from ..bindings.house.home_battery import HomeBattery
from ..planning.plan import Plan
from ..scheduler.allocation import Load, load_kw
from ..scheduler.guard import Cap
from ..site.site import Site
from .battery_hold import DRAWN_KW
from .decisions import charger_input
from .state import ControlState

_MIN_KW: Final = 0.3
"""Less is not worth a command: inverters need that much for themselves."""
_SAME_KW: Final = 0.5
"""A power that is so near to the one commanded is left: each change is a write to the inverter."""


def charge_kw(
    site: Site,
    battery: HomeBattery,
    plan: Plan,
    states: Mapping[str, ControlState],
    *,
    caps: Sequence[Cap],
    now: datetime,
) -> float:
    """Return what a battery is to be commanded to charge with; 0 for nothing.

    What the sun leaves it stores without a command. Cars go first, with what they draw, were
    sent and are planned to get.

    Args:
        site: The site, as it was last observed.
        battery: One of its batteries.
        plan: The plan that is followed.
        states: What was decided for the chargers, by id.
        caps: What keeps them below what the wires carry.
        now: The present.
    """
    planned_kw = plan.battery_kw_at(battery.id, now) or 0.0
    is_full = battery.soc is None or battery.soc >= battery.max_soc
    if not battery.grid_charge or battery.is_silent or is_full or planned_kw <= DRAWN_KW:
        return 0.0
    house_kw = site.house.now_kw(now)
    if house_kw is None:
        return 0.0
    # Chargers that nobody commands are among the cars already.
    net_kw = house_kw - site.house.uncontrolled_kw(now) + site.drawn_kw
    if planned_kw <= DRAWN_KW - net_kw:
        return 0.0
    room_kw = _room_kw(site, battery, plan, states, caps=caps, now=now)
    wanted_kw = min(planned_kw, battery.max_charge_kw, room_kw)
    before_kw = battery.commanded_kw
    if 0 < before_kw <= room_kw and abs(wanted_kw - before_kw) < _SAME_KW:
        return before_kw
    return wanted_kw if wanted_kw >= _MIN_KW else 0.0


def _room_kw(
    site: Site,
    battery: HomeBattery,
    plan: Plan,
    states: Mapping[str, ControlState],
    *,
    caps: Sequence[Cap],
    now: datetime,
) -> float:
    """Return what connection and caps leave a battery beside house and cars."""
    capacity = site.capacity(now)
    if not capacity.is_known_for(battery.load(1.0)):
        return 0.0
    cars = []
    for charger_id, point in site.points.items():
        own = charger_input(point, states[charger_id], now)
        planned_kw = (plan.power_kw_at(charger_id, now) or 0.0) if point.plugged else 0.0
        kw = max(own.may_draw_kw, own.under_way_kw, planned_kw)
        cars.append(Load(kw, own.phases, own.circuits))
    cars_kw = load_kw(cars, None)
    room = [cap.total_kw - cars_kw for cap in caps]
    for part, left_kw in capacity.beside(cars).left():
        if part.circuit is None and part.phase is None:
            room.append(left_kw)
        elif part.circuit is None and part.phase in battery.phases:
            room.append(left_kw * len(battery.phases))
    # What it takes already, or was commanded to, counts as the house's in all of these.
    return max(0.0, math.floor(10 * (min(room) + battery.taking_kw)) / 10)
