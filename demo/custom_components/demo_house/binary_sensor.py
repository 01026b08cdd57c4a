"""Whether a car is plugged in, as the car itself says."""

from typing import override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from . import DemoHouseConfigEntry
from .entity import DemoHouseEntity
from .physics import Car

PARALLEL_UPDATES = 0

PLUGGED = BinarySensorEntityDescription(key="plugged", device_class=BinarySensorDeviceClass.PLUG)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: DemoHouseConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the plug of each car."""
    async_add_entities(CarPlug(entry, car) for car in entry.runtime_data.house.cars)


class CarPlug(DemoHouseEntity, BinarySensorEntity):
    """On while a car is plugged in."""

    def __init__(self, entry: DemoHouseConfigEntry, car: Car) -> None:
        """Watch this car."""
        super().__init__(entry, car.model.name, car.model.title, PLUGGED)
        self._car = car

    @property
    @override
    def is_on(self) -> bool:
        """Whether a charger has it."""
        return any(charger.car is self._car for charger in self.data.house.chargers)
