"""What home batteries are expected to do by themselves, and what a plan may do with them."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from ..bindings.house.home_battery import HomeBattery
from ..cars.soc import FULL_SOC
from ..scheduler.model import Battery, Horizon, PerStep

_CONTINUES: Final = timedelta(minutes=15)
"""So long a battery goes on with what it does now: its own system may follow a schedule."""


def expected_batteries(
    batteries: Iterable[HomeBattery], horizon: Horizon, net_kw: PerStep
) -> tuple[Battery, ...]:
    """Return the batteries as a Problem has them.

    One of which nobody knows how full it is cannot be planned, nor expected to do anything.

    Args:
        batteries: Those of the site.
        horizon: The steps.
        net_kw: Base load less PV, per step.
    """
    found = []
    left = list(net_kw)
    for battery in batteries:
        if battery.soc is None:
            continue
        of_plan = _as_planned(battery, battery.soc)
        if not battery.is_ours:
            given = tuple(_self_consumption(of_plan, horizon, left, _now_kw(battery)))
            left = [net + own for net, own in zip(left, given, strict=True)]
            of_plan = _as_planned(battery, battery.soc, given)
        found.append(of_plan)
    return tuple(found)


def _as_planned(battery: HomeBattery, soc: float, given_kw: PerStep = ()) -> Battery:
    def kwh(percent: float) -> float:
        return battery.capacity_kwh * percent / FULL_SOC

    return Battery(
        id=battery.id,
        capacity_kwh=kwh(battery.max_soc),
        stored_kwh=kwh(soc),
        max_charge_kw=battery.max_charge_kw,
        max_discharge_kw=battery.max_discharge_kw,
        min_stored_kwh=kwh(min(battery.reserve_soc, battery.max_soc)),
        grid_charge=battery.grid_charge,
        may_export=battery.may_export,
        given_kw=given_kw,
    )


def _now_kw(battery: HomeBattery) -> float | None:
    """Return what a battery does now, where that is known."""
    return None if battery.is_silent else battery.power_kw


def _self_consumption(
    battery: Battery, horizon: Horizon, net_kw: Iterable[float], now_kw: float | None
) -> Iterator[float]:
    """Yield what a battery does by itself: it keeps the meter at 0 as long as it can.

    What the sun leaves is stored, and the base load taken from it, within its power and bounds.
    What it does now it goes on with for a moment.
    """
    stored = battery.stored_kwh
    for start, hours, net in zip(horizon.edges, horizon.step_h, net_kw, strict=False):
        wanted = -net if now_kw is None or not _is_now(start, horizon) else now_kw
        room_kwh = max(0.0, battery.capacity_kwh - stored)
        most = min(battery.max_charge_kw, room_kwh / (hours * battery.charge_efficiency))
        held_kwh = max(0.0, stored - battery.min_stored_kwh)
        least = min(battery.max_discharge_kw, held_kwh * battery.discharge_efficiency / hours)
        power = max(-least, min(most, wanted))
        losses = battery.charge_efficiency if power > 0 else 1 / battery.discharge_efficiency
        stored += power * hours * losses
        yield power


def _is_now(start: datetime, horizon: Horizon) -> bool:
    return start < horizon.start + _CONTINUES
