"""What the devices of the house measure and report."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE, UnitOfEnergy, UnitOfPower
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_track_time_change
from homeassistant.helpers.typing import StateType
from homeassistant.util import dt as dt_util

from . import DemoHouseConfigEntry
from .battery import Battery
from .entity import DemoHouseEntity
from .house import FUSE_A, House
from .physics import Car, Charger, Phase
from .prices import Price, known_prices

PARALLEL_UPDATES = 0

GARAGE_WORDS = {
    Phase.EMPTY: "disconnected",
    Phase.PREPARING: "awaiting_start",
    Phase.PAUSED: "awaiting_start",
    Phase.CHARGING: "charging",
    Phase.FULL: "completed",
}
OCPP_WORDS = {
    Phase.EMPTY: "Available",
    Phase.PREPARING: "Preparing",
    Phase.PAUSED: "SuspendedEVSE",
    Phase.CHARGING: "Charging",
    Phase.FULL: "SuspendedEV",
}


@dataclass(frozen=True, kw_only=True)
class DemoSensorDescription[T](SensorEntityDescription):
    """A sensor and how it reads its value from a part of the house."""

    value_fn: Callable[[T], StateType]


def _power[T](_part: type[T], key: str, value_fn: Callable[[T], float]) -> DemoSensorDescription[T]:
    return DemoSensorDescription(
        key=key,
        device_class=SensorDeviceClass.POWER,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfPower.WATT,
        suggested_display_precision=0,
        value_fn=lambda part: round(value_fn(part)),
    )


def _status(words: dict[Phase, str]) -> DemoSensorDescription[Charger]:
    return DemoSensorDescription(
        key="status",
        device_class=SensorDeviceClass.ENUM,
        options=list(dict.fromkeys(words.values())),
        value_fn=lambda charger: words[charger.phase],
    )


CHARGER_POWER = _power(Charger, "power", lambda charger: charger.power_w)
CHARGER_ENERGY = DemoSensorDescription[Charger](
    key="energy",
    device_class=SensorDeviceClass.ENERGY,
    state_class=SensorStateClass.TOTAL_INCREASING,
    native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
    suggested_display_precision=2,
    value_fn=lambda charger: round(charger.energy_kwh, 3),
)
CAR_BATTERY = DemoSensorDescription[Car](
    key="battery",
    device_class=SensorDeviceClass.BATTERY,
    state_class=SensorStateClass.MEASUREMENT,
    native_unit_of_measurement=PERCENTAGE,
    suggested_display_precision=0,
    value_fn=lambda car: round(car.soc, 1),
)
BATTERY = (
    _power(Battery, "power", lambda battery: battery.power_w),
    DemoSensorDescription[Battery](
        key="battery",
        device_class=SensorDeviceClass.BATTERY,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        value_fn=lambda battery: round(battery.soc, 1),
    ),
)
METER = (
    _power(House, "house_load", lambda house: sum(house.house_w)),
    _power(House, "grid_power", lambda house: sum(house.grid_w)),
    _power(House, "grid_power_l1", lambda house: house.grid_w[0]),
    _power(House, "grid_power_l2", lambda house: house.grid_w[1]),
    _power(House, "grid_power_l3", lambda house: house.grid_w[2]),
    _power(House, "solar_power", lambda house: house.solar_w),
)
DAY_AHEAD_PRICE = SensorEntityDescription(
    key="day_ahead_price",
    state_class=SensorStateClass.MEASUREMENT,
    native_unit_of_measurement="EUR/kWh",
    suggested_display_precision=3,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: DemoHouseConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of the chargers, the cars, the meter and the market."""
    async_add_entities(_sensors(entry, entry.runtime_data.house))


def _sensors(entry: DemoHouseConfigEntry, house: House) -> Iterable[SensorEntity]:
    for charger in house.own_chargers:
        device = f"{charger.name} charger"
        words = GARAGE_WORDS if charger is house.garage else OCPP_WORDS
        yield DemoSensor(entry, device, charger.model, _status(words), charger)
        yield DemoSensor(entry, device, charger.model, CHARGER_POWER, charger)
    yield DemoSensor(entry, "Garage charger", house.garage.model, CHARGER_ENERGY, house.garage)
    for car in house.cars:
        yield DemoSensor(entry, car.model.name, car.model.title, CAR_BATTERY, car)
    for of_battery in BATTERY:
        yield DemoSensor(entry, "Home battery", "10 kWh", of_battery, house.battery)
    for description in METER:
        yield DemoSensor(entry, "House", f"3 x {FUSE_A} A", description, house)
    yield PriceSensor(entry, "Electricity market", "Day ahead", DAY_AHEAD_PRICE)


class DemoSensor[T](DemoHouseEntity, SensorEntity):
    """A reading of one part of the house."""

    entity_description: DemoSensorDescription[T]

    def __init__(
        self,
        entry: DemoHouseConfigEntry,
        device: str,
        model: str,
        description: DemoSensorDescription[T],
        part: T,
    ) -> None:
        """Read this part."""
        super().__init__(entry, device, model, description)
        self._part = part

    @property
    @override
    def native_value(self) -> StateType:
        """The reading."""
        return self.entity_description.value_fn(self._part)


class PriceSensor(DemoHouseEntity, SensorEntity):
    """The price now, with all known prices in its attributes, as price integrations do."""

    _unrecorded_attributes = frozenset({"today", "tomorrow", "raw_today", "raw_tomorrow"})

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the market, which only moves every quarter of an hour."""
        self.async_on_remove(
            async_track_time_change(self.hass, self._publish, minute=range(0, 60, 15), second=0)
        )

    @callback
    def _publish(self, _now: datetime) -> None:
        self.async_write_ha_state()

    @property
    @override
    def native_value(self) -> float:
        """The price of this quarter of an hour."""
        now = dt_util.now()
        today, _ = known_prices(now)
        return next(price.value for price in today if price.start <= now < price.end)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """All prices that are known by now."""
        today, tomorrow = known_prices(dt_util.now())
        return {
            "currency": "EUR",
            "unit": "kWh",
            "tomorrow_valid": bool(tomorrow),
            "today": [price.value for price in today],
            "tomorrow": [price.value for price in tomorrow],
            "raw_today": [_raw(price) for price in today],
            "raw_tomorrow": [_raw(price) for price in tomorrow],
        }


def _raw(price: Price) -> dict[str, Any]:
    return {"start": price.start, "end": price.end, "value": price.value}
