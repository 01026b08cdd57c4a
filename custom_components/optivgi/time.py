"""Times: when a car has to be ready."""

from datetime import time
from typing import override

from homeassistant.components.time import TimeEntity, TimeEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import SettingEntity, VehicleEntity
from .runtime import OptivgiConfigEntry

PARALLEL_UPDATES = 1

DEPARTURE = TimeEntityDescription(key="departure")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: OptivgiConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the departure of each charger and of each vehicle."""
    for point in entry.runtime_data.site.points.values():
        async_add_entities(
            [DepartureTime(entry, point, DEPARTURE)], config_subentry_id=point.charger.id
        )
    for vehicle in entry.runtime_data.site.vehicles.values():
        async_add_entities(
            [VehicleDepartureTime(entry, vehicle, DEPARTURE)], config_subentry_id=vehicle.id
        )


class DepartureTime(SettingEntity, TimeEntity):
    """The local time of day at which the car at a charger has to be ready."""

    @property
    @override
    def native_value(self) -> time:
        return self.point.departure_tracker.daily

    @override
    async def async_set_value(self, value: time) -> None:
        self.point.departure_tracker.daily = value
        self.settings_changed()


class VehicleDepartureTime(VehicleEntity, TimeEntity):
    """The local time of day at which a vehicle has to be ready."""

    @property
    @override
    def native_value(self) -> time:
        return self.known.daily

    @override
    async def async_set_value(self, value: time) -> None:
        self.known.daily = value
        self.settings_changed()
