"""Times: when a car has to be ready."""

from datetime import time
from typing import override

from homeassistant.components.time import TimeEntity, TimeEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .bindings.vehicle import Vehicle
from .entity import SettingEntity, VehicleEntity
from .errors import RefusedError
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
        _check_counts(self.point.vehicle)
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
        _check_counts(self.known.vehicle)
        self.known.daily = value
        self.settings_changed()


def _check_counts(vehicle: Vehicle | None) -> None:
    """Refuse a time of every day for a car whose departures stand in a table of the week.

    Whole-day events of a calendar may still leave at that time.
    """
    if vehicle is not None and vehicle.weekly and vehicle.calendar is None:
        raise RefusedError("departure_of_week", vehicle=vehicle.name)
