"""Sensors of a home battery: what is planned for it, or what it is expected to do by itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE, UnitOfPower
from homeassistant.helpers.typing import StateType
from homeassistant.util import dt as dt_util

from .bindings.house.home_battery import HomeBattery
from .cars.soc import FULL_SOC
from .entity import BatteryEntity
from .planning.plan import Plan
from .scheduler.model import PerStep


@dataclass(frozen=True, kw_only=True)
class BatterySensorDescription(SensorEntityDescription):
    """A sensor of a home battery, whose value is that of the present step of a series."""

    series_fn: Callable[[Plan, HomeBattery], PerStep]


def _soc(plan: Plan, battery: HomeBattery) -> PerStep:
    stored = plan.battery_stored_kwh(battery.id)
    return tuple(kwh / battery.capacity_kwh * FULL_SOC for kwh in stored)


BATTERY_SENSORS: tuple[BatterySensorDescription, ...] = (
    BatterySensorDescription(
        key="planned_battery_power",
        device_class=SensorDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.KILO_WATT,
        suggested_display_precision=1,
        state_class=SensorStateClass.MEASUREMENT,
        series_fn=lambda plan, battery: plan.battery_kw(battery.id),
    ),
    BatterySensorDescription(
        key="planned_battery_soc",
        device_class=SensorDeviceClass.BATTERY,
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        state_class=SensorStateClass.MEASUREMENT,
        series_fn=_soc,
    ),
)


class BatterySensor(BatteryEntity, SensorEntity):
    """A sensor of a home battery."""

    # What comes next changes with every plan.
    _unrecorded_attributes = frozenset({"forecast"})

    entity_description: BatterySensorDescription

    @property
    def _series(self) -> PerStep:
        return self.entity_description.series_fn(self.coordinator.data, self.battery)

    @property
    @override
    def available(self) -> bool:
        """Nothing is planned while nobody knows how full it is."""
        return super().available and bool(self._series)

    @property
    @override
    def native_value(self) -> StateType:
        index = self.coordinator.data.schedule.horizon.index_at(dt_util.utcnow())
        return None if index is None else round(self._series[index], 3)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        edges: tuple[datetime, ...] = self.coordinator.data.schedule.horizon.edges
        return {
            "planned_with_cars": self.battery.is_ours,
            "forecast": [
                {
                    "start": dt_util.as_local(start).isoformat(),
                    "end": dt_util.as_local(end).isoformat(),
                    "value": round(value, 2),
                }
                for (start, end), value in zip(pairwise(edges), self._series, strict=True)
            ],
        }
