"""What all our entities have in common."""

from typing import Final, override

from homeassistant.core import callback
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity
from homeassistant.util import dt as dt_util

from .bindings.chargers.charger import Charger
from .bindings.house.home_battery import HomeBattery
from .bindings.vehicle import Vehicle
from .charging.charging_point import ChargingPoint
from .const import DOMAIN
from .control.state import ControlState
from .coordinator import OptivgiCoordinator
from .explain.situation import Situation
from .runtime import OptivgiConfigEntry
from .site.known_vehicle import KnownVehicle
from .site.peaks import MonthPeaks

MANUFACTURER = "OptiVGI"


def site_device(entry: OptivgiConfigEntry) -> DeviceInfo:
    """Return the device that stands for a site."""
    return DeviceInfo(
        identifiers={(DOMAIN, entry.entry_id)},
        name=entry.title,
        manufacturer=MANUFACTURER,
        model="Site",
        entry_type=DeviceEntryType.SERVICE,
    )


def _part_device(entry: OptivgiConfigEntry, part_id: str, name: str, model: str) -> DeviceInfo:
    """Return the device that stands for a part of a site."""
    return DeviceInfo(
        identifiers={(DOMAIN, part_id)},
        name=name,
        manufacturer=MANUFACTURER,
        model=model,
        entry_type=DeviceEntryType.SERVICE,
        via_device_id=entry.runtime_data.site_device_id,
    )


def charger_device(entry: OptivgiConfigEntry, charger: Charger) -> DeviceInfo:
    """Return the device that stands for a charger."""
    return _part_device(entry, charger.id, charger.name, "Charger")


def vehicle_device(entry: OptivgiConfigEntry, vehicle: Vehicle) -> DeviceInfo:
    """Return the device that stands for a vehicle."""
    return _part_device(entry, vehicle.id, vehicle.name, "Vehicle")


_OBJECT_IDS: Final = {
    "planned_energy": "Planned energy",
    "target_energy": "Energy to add",
}
"""What entity ids are made of where the name says more; those that are in use do not change."""


class OptivgiEntity(CoordinatorEntity[OptivgiCoordinator]):
    """An entity that shows a part of the plan."""

    _attr_has_entity_name = True

    def __init__(
        self,
        entry: OptivgiConfigEntry,
        owner_id: str,
        description: EntityDescription,
        charger_id: str | None = None,
    ) -> None:
        """Name the entity by who it belongs to and what it shows."""
        super().__init__(entry.runtime_data.coordinator, charger_id)
        self.entity_description = description
        self._runtime = entry.runtime_data
        self._attr_unique_id = f"{owner_id}_{description.key}"
        self._attr_translation_key = description.key

    def settings_changed(self) -> None:
        """Keep what the user set, act on it at once and make a new plan."""
        self._runtime.async_settings_changed()

    @property
    @override
    def suggested_object_id(self) -> str | None:
        return _OBJECT_IDS.get(self.entity_description.key) or super().suggested_object_id


class SiteEntity(OptivgiEntity):
    """An entity of the site."""

    def __init__(self, entry: OptivgiConfigEntry, description: EntityDescription) -> None:
        """Put the entity on the site's device."""
        super().__init__(entry, entry.entry_id, description)
        self.site = entry.runtime_data.site
        self._attr_device_info = site_device(entry)


class ChargerEntity(OptivgiEntity):
    """An entity of one charger."""

    def __init__(
        self, entry: OptivgiConfigEntry, point: ChargingPoint, description: EntityDescription
    ) -> None:
        """Put the entity on the charger's device."""
        super().__init__(entry, point.charger.id, description, point.charger.id)
        self.point = point
        self._attr_device_info = charger_device(entry, point.charger)

    @property
    def control_state(self) -> ControlState:
        """What was last decided for the charger."""
        return self._runtime.controller.states[self.point.charger.id]

    @property
    def situation(self) -> Situation:
        """What a status and its reasons follow from, as it is now."""
        return Situation(
            point=self.point,
            state=self.control_state,
            plan=self.coordinator.data,
            now=dt_util.utcnow(),
            currency=self.hass.config.currency,
        )


class SettingEntity(ChargerEntity):
    """What the user sets at a charger: there even when no plan can be made."""

    @property
    @override
    def available(self) -> bool:
        return True


class BatteryEntity(OptivgiEntity):
    """An entity of a home battery."""

    def __init__(
        self, entry: OptivgiConfigEntry, battery: HomeBattery, description: EntityDescription
    ) -> None:
        """Put the entity on the battery's device."""
        super().__init__(entry, battery.id, description)
        self.battery = battery
        self._attr_device_info = _part_device(entry, battery.id, battery.name, "Home battery")


class KnownEntity(OptivgiEntity):
    """What is known of a part of the site: there even when no plan can be made."""

    _shown: object = None

    @property
    @override
    def available(self) -> bool:
        return True

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Show what is new: a site looks at its chargers far more often than other parts change."""
        shown = (self.state, self.state_attributes, self.extra_state_attributes)
        if shown != self._shown:
            self._shown = shown
            super()._handle_coordinator_update()


class VehicleEntity(KnownEntity):
    """What is set for a vehicle, or known of it."""

    def __init__(
        self, entry: OptivgiConfigEntry, vehicle: Vehicle, description: EntityDescription
    ) -> None:
        """Put the entity on the vehicle's device."""
        super().__init__(entry, vehicle.id, description)
        self.known = KnownVehicle(vehicle, self._runtime.site)
        self._attr_device_info = vehicle_device(entry, vehicle)


class PeakTariffEntity(KnownEntity):
    """What is known of a tariff on the highest power."""

    def __init__(
        self, entry: OptivgiConfigEntry, peaks: MonthPeaks, description: EntityDescription
    ) -> None:
        """Put the entity on the tariff's device."""
        super().__init__(entry, peaks.id, description)
        self.peaks = peaks
        self._attr_device_info = _part_device(entry, peaks.id, peaks.name, "Peak tariff")
