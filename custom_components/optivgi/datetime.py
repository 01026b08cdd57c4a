"""Dates and times: when the car at a charger leaves next."""

from datetime import datetime
from typing import override

from homeassistant.components.datetime import DateTimeEntity, DateTimeEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .charging.departure_tracker import one_off_departure
from .entity import SettingEntity, VehicleEntity
from .runtime import OptivgiConfigEntry

PARALLEL_UPDATES = 1

NEXT_DEPARTURE = DateTimeEntityDescription(key="next_departure")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: OptivgiConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the next departure of each charger and of each vehicle."""
    for point in entry.runtime_data.site.points.values():
        async_add_entities(
            [NextDeparture(entry, point, NEXT_DEPARTURE)], config_subentry_id=point.charger.id
        )
    for vehicle in entry.runtime_data.site.vehicles.values():
        async_add_entities(
            [VehicleNextDeparture(entry, vehicle, NEXT_DEPARTURE)], config_subentry_id=vehicle.id
        )


class NextDeparture(SettingEntity, DateTimeEntity):
    """The departure planned for, or the one after a missed one; set by hand it counts once."""

    @property
    @override
    def native_value(self) -> datetime:
        return self.point.departure_tracker.upcoming(dt_util.utcnow()).at

    @override
    async def async_set_value(self, value: datetime) -> None:
        self.point.departure_tracker.set_once(one_off_departure(value, dt_util.utcnow()))
        self.settings_changed()


class VehicleNextDeparture(VehicleEntity, DateTimeEntity):
    """When a vehicle leaves next; set by hand it counts once."""

    @property
    @override
    def native_value(self) -> datetime:
        return self.known.upcoming(dt_util.utcnow()).at

    @override
    async def async_set_value(self, value: datetime) -> None:
        self.known.set_once(one_off_departure(value, dt_util.utcnow()))
        self.settings_changed()
