"""Why a home battery must not discharge, or may."""

from collections.abc import Iterator, Mapping
from typing import Final

from ..bindings.house.home_battery import HomeBattery
from ..control.battery_hold import Hold, HoldCause
from .reason_code import ReasonCode
from .reasons import CodedReason, because

_BESIDE_CARS: Final[Mapping[HoldCause, ReasonCode]] = {
    HoldCause.CARS: ReasonCode.BATTERY_BESIDE_CARS,
    HoldCause.CARS_UNSEEN: ReasonCode.BATTERY_BESIDE_CARS_UNSEEN,
}
_OTHERS: Final[Mapping[HoldCause, ReasonCode]] = {
    HoldCause.PLAN: ReasonCode.BATTERY_KEPT_BY_PLAN,
    HoldCause.RELEASING: ReasonCode.BATTERY_RELEASING,
    HoldCause.NO_NEED: ReasonCode.BATTERY_NOT_NEEDED,
    HoldCause.PLANNED: ReasonCode.BATTERY_USED_BY_PLAN,
}


def hold_reasons(battery: HomeBattery, hold: Hold) -> Iterator[CodedReason]:
    """Yield why a battery is held or not, and what is not known of it."""
    if hold.cause in _BESIDE_CARS:
        yield because(_BESIDE_CARS[hold.cause], cars_kw=hold.cars_kw)
    elif hold.cause is HoldCause.CHARGED:
        yield because(ReasonCode.BATTERY_CHARGED_BY_PLAN, power_kw=hold.charge_kw)
    else:
        yield because(_OTHERS[hold.cause])
    if battery.is_silent:
        yield because(ReasonCode.BATTERY_SILENT, entity=battery.sensor.entity_id)
    if battery.soc is None:
        yield because(ReasonCode.BATTERY_SOC_UNKNOWN)
