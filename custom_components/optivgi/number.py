"""Numbers: how much a car is to get."""

from collections.abc import Callable
from dataclasses import dataclass
import math
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
from homeassistant.util import dt as dt_util

from .charging.charging_point import ChargingPoint
from .entity import SettingEntity
from .errors import RefusedError
from .runtime import OptivgiConfigEntry

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class ChargerNumberDescription(NumberEntityDescription):
    """A number of a charger."""

    available_fn: Callable[[ChargingPoint], bool]
    value_fn: Callable[[ChargingPoint], float | None]
    set_fn: Callable[[ChargingPoint, float], None]


def _set_target_soc(point: ChargingPoint, value: float) -> None:
    point.target_soc = value


def _set_energy(point: ChargingPoint, value: float) -> None:
    point.energy_kwh = value


def _set_min_soc(point: ChargingPoint, value: float) -> None:
    point.min_soc = value


def _soc(point: ChargingPoint) -> float | None:
    return None if point.soc is None else round(point.soc, 1)


def _enter_soc(point: ChargingPoint, value: float) -> None:
    if (charge := point.state_of_charge) is not None:
        charge.enter(value, dt_util.utcnow())


NUMBERS: tuple[ChargerNumberDescription, ...] = (
    ChargerNumberDescription(
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
    ChargerNumberDescription(
        key="min_soc",
        native_unit_of_measurement=PERCENTAGE,
        native_min_value=0,
        native_max_value=100,
        native_step=1,
        mode=NumberMode.SLIDER,
        available_fn=lambda point: point.min_soc is not None,
        value_fn=lambda point: point.min_soc,
        set_fn=_set_min_soc,
    ),
    ChargerNumberDescription(
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
    ChargerNumberDescription(
        key="target_soc",
        native_unit_of_measurement=PERCENTAGE,
        native_min_value=1,
        native_max_value=100,
        native_step=1,
        mode=NumberMode.SLIDER,
        available_fn=lambda point: point.target_soc is not None,
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
        """Only what counts for the car that is there can be set."""
        return self.entity_description.available_fn(self.point)

    @property
    @override
    def native_value(self) -> float | None:
        return self.entity_description.value_fn(self.point)

    @override
    async def async_set_native_value(self, value: float) -> None:
        if not math.isfinite(value):
            # What is no number is neither below the minimum nor above the maximum.
            raise RefusedError("number_not_finite", number=f"{value:g}")
        self.entity_description.set_fn(self.point, value)
        self.settings_changed()
