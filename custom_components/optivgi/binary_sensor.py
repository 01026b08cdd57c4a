"""Binary sensors: whether a home battery must not discharge now."""

from collections.abc import Mapping
from typing import Any, Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .bindings.house.home_battery import HomeBattery
from .control.battery_hold import Hold
from .entity import BatteryEntity
from .explain.battery import hold_reasons
from .explain.reasons import in_plain_types
from .runtime import OptivgiConfigEntry

PARALLEL_UPDATES = 0

HOLD_BATTERY: Final = BinarySensorEntityDescription(key="hold_battery")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: OptivgiConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add what belongs to each home battery."""
    for battery in entry.runtime_data.site.batteries.values():
        async_add_entities([HoldBatterySensor(entry, battery)], config_subentry_id=battery.id)


class HoldBatterySensor(BatteryEntity, BinarySensorEntity):
    """On while a battery must not discharge: it follows what is measured, plan or not."""

    _unrecorded_attributes = frozenset({"cars_kw", "reasons"})

    def __init__(self, entry: OptivgiConfigEntry, battery: HomeBattery) -> None:
        """Show what is decided for a battery."""
        super().__init__(entry, battery, HOLD_BATTERY)
        self._texts = entry.runtime_data.texts

    @property
    def _hold(self) -> Hold:
        return self._runtime.controller.batteries.holds[self.battery.id]

    @property
    @override
    def available(self) -> bool:
        return True

    @property
    @override
    def is_on(self) -> bool:
        return self._hold.holds

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        reasons = list(hold_reasons(self.battery, self._hold))
        return {
            "reason": self._texts.text(reasons, dt_util.utcnow()),
            "reason_code": str(reasons[0].code),
            "reasons": in_plain_types(reasons),
            "cars_kw": round(self._hold.cars_kw, 2),
        }
