"""Numbers: how much a car is to get."""

from collections.abc import Callable
from dataclasses import dataclass
import math
from typing import Protocol, override

from homeassistant.components.number import (
    NumberDeviceClass,
    NumberEntity,
    NumberEntityDescription,
    NumberMode,
)
from homeassistant.const import PERCENTAGE, UnitOfEnergy
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .bindings.vehicle import Vehicle
from .charging.charging_point import ChargingPoint
from .entity import ChargerEntity, OptivgiEntity, VehicleEntity
from .errors import RefusedError
from .runtime import OptivgiConfigEntry
from .site.known_vehicle import KnownVehicle

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class SettingNumberDescription[OwnerT](NumberEntityDescription):
    """A number of a charger or of a vehicle."""

    available_fn: Callable[[OwnerT], bool]
    value_fn: Callable[[OwnerT], float | None]
    set_fn: Callable[[OwnerT, float], None]


class Targets(Protocol):
    """What a car is to get, at its charger or wherever it is."""

    @property
    def target_soc(self) -> float | None:
        """The state of charge wanted by departure in %; None for a guest."""

    @target_soc.setter
    def target_soc(self, value: float) -> None: ...

    @property
    def min_soc(self) -> float | None:
        """The state of charge up to which it charges at once in %; None for a guest."""

    @min_soc.setter
    def min_soc(self, value: float) -> None: ...

    @property
    def limit_soc(self) -> float | None:
        """The state of charge beyond which it is never charged in %; None for a guest."""

    @limit_soc.setter
    def limit_soc(self, value: float) -> None: ...


def _set_target_soc(targets: Targets, value: float) -> None:
    targets.target_soc = value


def _set_min_soc(targets: Targets, value: float) -> None:
    targets.min_soc = value


def _set_limit_soc(targets: Targets, value: float) -> None:
    targets.limit_soc = value


def _set_energy(point: ChargingPoint, value: float) -> None:
    point.energy_kwh = value


def _soc(point: ChargingPoint) -> float | None:
    return None if point.soc is None else round(point.soc, 1)


def _enter_soc(point: ChargingPoint, value: float) -> None:
    if (charge := point.state_of_charge) is not None:
        charge.enter(value, dt_util.utcnow())


def _soc_number[TargetsT: Targets](
    key: str,
    minimum: float,
    value_fn: Callable[[TargetsT], float | None],
    set_fn: Callable[[Targets, float], None],
) -> SettingNumberDescription[TargetsT]:
    """Return a state of charge that is wanted, in whole %."""
    return SettingNumberDescription(
        key=key,
        native_unit_of_measurement=PERCENTAGE,
        native_min_value=minimum,
        native_max_value=100,
        native_step=1,
        mode=NumberMode.SLIDER,
        available_fn=lambda targets: value_fn(targets) is not None,
        value_fn=value_fn,
        set_fn=set_fn,
    )


def _targets[TargetsT: Targets]() -> tuple[SettingNumberDescription[TargetsT], ...]:
    """Return what a charger and a vehicle have alike."""
    return (
        _soc_number("min_soc", 0, lambda targets: targets.min_soc, _set_min_soc),
        _soc_number("target_soc", 1, lambda targets: targets.target_soc, _set_target_soc),
        _soc_number("limit_soc", 1, lambda targets: targets.limit_soc, _set_limit_soc),
    )


VEHICLE_NUMBERS: tuple[SettingNumberDescription[KnownVehicle], ...] = _targets()
NUMBERS: tuple[SettingNumberDescription[ChargingPoint], ...] = (
    *_targets(),
    SettingNumberDescription(
        key="target_energy",
        device_class=NumberDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        native_min_value=0,
        native_max_value=200,
        native_step=0.5,
        mode=NumberMode.BOX,
        # Where the state of charge is known, the target says it all.
        available_fn=lambda point: point.soc is None,
        value_fn=lambda point: point.energy_kwh,
        set_fn=_set_energy,
    ),
    SettingNumberDescription(
        key="state_of_charge",
        device_class=NumberDeviceClass.BATTERY,
        native_unit_of_measurement=PERCENTAGE,
        native_min_value=0,
        native_max_value=100,
        native_step=0.1,
        mode=NumberMode.BOX,
        available_fn=lambda point: point.vehicle is not None,
        value_fn=_soc,
        set_fn=_enter_soc,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: OptivgiConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the numbers of each charger and of each vehicle."""
    for point in entry.runtime_data.site.points.values():
        async_add_entities(
            (ChargerNumber(entry, point, description) for description in NUMBERS),
            config_subentry_id=point.charger.id,
        )
    for vehicle in entry.runtime_data.site.vehicles.values():
        async_add_entities(
            (VehicleNumber(entry, vehicle, description) for description in VEHICLE_NUMBERS),
            config_subentry_id=vehicle.id,
        )


class SettingNumber[OwnerT](OptivgiEntity, NumberEntity):
    """How much a car is to get."""

    entity_description: SettingNumberDescription[OwnerT]
    owner: OwnerT

    @property
    @override
    def available(self) -> bool:
        """Only what counts for the car that is there can be set."""
        return self.entity_description.available_fn(self.owner)

    @property
    @override
    def native_value(self) -> float | None:
        return self.entity_description.value_fn(self.owner)

    @override
    async def async_set_native_value(self, value: float) -> None:
        if not math.isfinite(value):
            # What is no number is neither below the minimum nor above the maximum.
            raise RefusedError("number_not_finite", number=f"{value:g}")
        self.entity_description.set_fn(self.owner, value)
        self.settings_changed()


class ChargerNumber(SettingNumber[ChargingPoint], ChargerEntity):
    """How much the car at a charger is to get."""

    def __init__(
        self,
        entry: OptivgiConfigEntry,
        point: ChargingPoint,
        description: SettingNumberDescription[ChargingPoint],
    ) -> None:
        """Show a number of a charger."""
        super().__init__(entry, point, description)
        self.owner = point


class VehicleNumber(SettingNumber[KnownVehicle], VehicleEntity):
    """How much a vehicle is to get, wherever it is."""

    def __init__(
        self,
        entry: OptivgiConfigEntry,
        vehicle: Vehicle,
        description: SettingNumberDescription[KnownVehicle],
    ) -> None:
        """Show a number of a vehicle."""
        super().__init__(entry, vehicle, description)
        self.owner = self.known
