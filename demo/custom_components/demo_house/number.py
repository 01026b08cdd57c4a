"""Limits: of chargers in A from 6 on, in W and in A that take 0 for a pause; of the battery."""

from typing import override

from homeassistant.components.number import (
    NumberDeviceClass,
    NumberEntity,
    NumberEntityDescription,
    NumberMode,
)
from homeassistant.const import UnitOfElectricCurrent, UnitOfPower
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from . import DemoHouseConfigEntry
from .battery import MAX_W, Battery
from .entity import DemoHouseEntity
from .physics import Charger

PARALLEL_UPDATES = 0

CURRENT_LIMIT = NumberEntityDescription(
    key="current_limit",
    device_class=NumberDeviceClass.CURRENT,
    native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
    native_min_value=6,
    native_max_value=16,
    native_step=1,
    mode=NumberMode.BOX,
)
DYNAMIC_LIMIT = NumberEntityDescription(
    key="dynamic_limit",
    device_class=NumberDeviceClass.CURRENT,
    native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
    native_min_value=0,
    native_max_value=16,
    native_step=0.1,
    mode=NumberMode.BOX,
)
DISCHARGE_LIMIT = NumberEntityDescription(
    key="max_discharge_power",
    device_class=NumberDeviceClass.POWER,
    native_unit_of_measurement=UnitOfPower.WATT,
    native_min_value=0,
    native_max_value=MAX_W,
    native_step=10,
    mode=NumberMode.BOX,
)
POWER_LIMIT = NumberEntityDescription(
    key="power_limit",
    device_class=NumberDeviceClass.POWER,
    native_unit_of_measurement=UnitOfPower.WATT,
    native_min_value=0,
    native_max_value=11_040,
    native_step=10,
    mode=NumberMode.BOX,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: DemoHouseConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the limit of each charger."""
    house = entry.runtime_data.house
    async_add_entities(
        [
            ChargerLimit(entry, house.garage, CURRENT_LIMIT),
            ChargerLimit(entry, house.carport, POWER_LIMIT),
            ChargerLimit(entry, house.driveway, DYNAMIC_LIMIT),
            DischargeLimit(entry, house.battery, DISCHARGE_LIMIT),
        ]
    )


class ChargerLimit(DemoHouseEntity, NumberEntity):
    """The most that a charger lets its car draw."""

    def __init__(
        self, entry: DemoHouseConfigEntry, charger: Charger, description: NumberEntityDescription
    ) -> None:
        """Take the limit in the charger's own unit."""
        super().__init__(entry, f"{charger.name} charger", charger.model, description)
        self._charger = charger

    @property
    @override
    def native_value(self) -> float:
        """The limit that stands in the charger."""
        return self._charger.limit

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Write another limit to the charger."""
        self._charger.limit = value
        self.data.refresh(self.hass)


class DischargeLimit(DemoHouseEntity, NumberEntity):
    """The most that the home battery gives."""

    def __init__(
        self, entry: DemoHouseConfigEntry, battery: Battery, description: NumberEntityDescription
    ) -> None:
        """Take the limit of a battery's inverter."""
        super().__init__(entry, "Home battery", "10 kWh", description)
        self._battery = battery

    @property
    @override
    def native_value(self) -> float:
        """The limit that stands in the inverter."""
        return self._battery.max_discharge_w

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Write another limit to the inverter."""
        self._battery.max_discharge_w = value
        self.data.refresh(self.hass)
