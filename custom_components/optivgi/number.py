"""Numbers: how much a car is to get."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import override

from homeassistant.components.number import (
    NumberDeviceClass,
    NumberEntity,
    NumberEntityDescription,
    NumberMode,
)
from homeassistant.const import PERCENTAGE, UnitOfEnergy
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .charging_point import ChargingPoint
from .coordinator import OptivgiConfigEntry
from .entity import SettingEntity

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class ChargerNumberDescription(NumberEntityDescription):
    """A number of a charger."""

    value_fn: Callable[[ChargingPoint], float | None]
    set_fn: Callable[[ChargingPoint, float], None]


def _set_target_soc(point: ChargingPoint, value: float) -> None:
    point.target_soc = value


def _set_energy(point: ChargingPoint, value: float) -> None:
    point.settings.energy_kwh = value


NUMBERS: tuple[ChargerNumberDescription, ...] = (
    ChargerNumberDescription(
        key="target_energy",
        device_class=NumberDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        native_min_value=0,
        native_max_value=200,
        native_step=0.5,
        mode=NumberMode.BOX,
        value_fn=lambda point: point.settings.energy_kwh,
        set_fn=_set_energy,
    ),
    ChargerNumberDescription(
        key="target_soc",
        native_unit_of_measurement=PERCENTAGE,
        native_min_value=1,
        native_max_value=100,
        native_step=1,
        mode=NumberMode.SLIDER,
        value_fn=lambda point: point.target_soc,
        set_fn=_set_target_soc,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: OptivgiConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the numbers of each charger."""
    for point in entry.runtime_data.site.points.values():
        async_add_entities(
            (ChargerNumber(entry, point, description) for description in NUMBERS),
            config_subentry_id=point.charger.id,
        )


class ChargerNumber(SettingEntity, NumberEntity):
    """How much the car at a charger is to get."""

    entity_description: ChargerNumberDescription

    @property
    @override
    def available(self) -> bool:
        """A guest has no target state of charge."""
        return self.native_value is not None

    @property
    @override
    def native_value(self) -> float | None:
        return self.entity_description.value_fn(self.point)

    @override
    async def async_set_native_value(self, value: float) -> None:
        self.entity_description.set_fn(self.point, value)
        self.settings_changed()
