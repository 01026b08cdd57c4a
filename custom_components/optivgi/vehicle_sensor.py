"""Sensors of a vehicle: its state of charge, and where it is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE
from homeassistant.helpers.typing import StateType

from .bindings.vehicle import Vehicle
from .entity import VehicleEntity
from .runtime import OptivgiConfigEntry
from .site.known_vehicle import KnownVehicle

_NOWHERE: Final = "none"
"""It is plugged into no charger of the site."""


@dataclass(frozen=True, kw_only=True)
class VehicleSensorDescription(SensorEntityDescription):
    """A sensor of a vehicle."""

    value_fn: Callable[[KnownVehicle], StateType]


def _soc(vehicle: KnownVehicle) -> float | None:
    return None if vehicle.soc is None else round(vehicle.soc, 1)


VEHICLE_SENSORS: tuple[VehicleSensorDescription, ...] = (
    VehicleSensorDescription(
        key="charger",
        device_class=SensorDeviceClass.ENUM,
        value_fn=lambda vehicle: vehicle.charger_name or _NOWHERE,
    ),
    VehicleSensorDescription(
        key="state_of_charge",
        device_class=SensorDeviceClass.BATTERY,
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=_soc,
    ),
)


class VehicleSensor(VehicleEntity, SensorEntity):
    """A sensor of a vehicle."""

    entity_description: VehicleSensorDescription

    def __init__(
        self, entry: OptivgiConfigEntry, vehicle: Vehicle, description: VehicleSensorDescription
    ) -> None:
        """Name the chargers where it can be."""
        super().__init__(entry, vehicle, description)
        if description.device_class is SensorDeviceClass.ENUM:
            points = entry.runtime_data.site.points.values()
            self._attr_options = [_NOWHERE, *(point.charger.name for point in points)]

    @property
    @override
    def native_value(self) -> StateType:
        return self.entity_description.value_fn(self.known)
