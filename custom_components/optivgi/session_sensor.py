"""Sensors of what was charged: energy, cost and what was saved, of chargers, cars and the site."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE, UnitOfEnergy
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.typing import StateType

from .accounts.shown import SITE, OwnerAccount
from .entity import charger_device, site_device, vehicle_device
from .explain.sessions import figures_of
from .runtime import OptivgiConfigEntry

_PER_KWH: Final = "/kWh"


@dataclass(frozen=True, kw_only=True)
class SessionSensorDescription(SensorEntityDescription):
    """A sensor of what was charged.

    Attributes:
        value_fn: Returns what it shows.
        unit_after_currency: Follows the currency in its unit; None where that is not in it.
        begins_again: It says when its total began again.
        tells_last: Its attributes are the figures of the last session.
    """

    value_fn: Callable[[OwnerAccount], float | None]
    unit_after_currency: str | None = None
    begins_again: bool = False
    tells_last: bool = False


def _last_kwh(shown: OwnerAccount) -> float | None:
    return None if shown.last is None else round(shown.last.sums.kwh, 2)


def _share(shown: OwnerAccount) -> float | None:
    share = shown.month.sun_share
    return None if share is None else round(100 * share, 1)


def _average(shown: OwnerAccount) -> float | None:
    price = shown.month.average_price
    return None if price is None else round(price, 4)


SESSION_SENSORS: Final = (
    SessionSensorDescription(
        key="charged_energy",
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        state_class=SensorStateClass.TOTAL_INCREASING,
        suggested_display_precision=1,
        value_fn=lambda shown: round(shown.energy_kwh, 3),
    ),
    SessionSensorDescription(
        key="charging_cost",
        device_class=SensorDeviceClass.MONETARY,
        state_class=SensorStateClass.TOTAL,
        suggested_display_precision=2,
        unit_after_currency="",
        begins_again=True,
        value_fn=lambda shown: round(shown.total.cost, 4),
    ),
    SessionSensorDescription(
        key="charging_saved",
        device_class=SensorDeviceClass.MONETARY,
        state_class=SensorStateClass.TOTAL,
        suggested_display_precision=2,
        unit_after_currency="",
        begins_again=True,
        value_fn=lambda shown: round(shown.total.saved, 4),
    ),
    SessionSensorDescription(
        key="solar_share",
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        value_fn=_share,
    ),
    SessionSensorDescription(
        key="average_price",
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=3,
        unit_after_currency=_PER_KWH,
        value_fn=_average,
    ),
    SessionSensorDescription(
        key="last_session",
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=1,
        tells_last=True,
        value_fn=_last_kwh,
    ),
)


class SessionSensor(SensorEntity):
    """A sensor of what was charged: there even when no plan can be made."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    entity_description: SessionSensorDescription

    def __init__(
        self,
        entry: OptivgiConfigEntry,
        owner: str,
        device: DeviceInfo,
        description: SessionSensorDescription,
    ) -> None:
        """Show the accounts of an owner.

        Args:
            entry: The site.
            owner: A charger or a car by its id, or the site.
            device: That of the owner.
            description: What is shown.
        """
        self.entity_description = description
        self._runtime = entry.runtime_data
        self._owner = owner
        self._attr_unique_id = f"{owner or entry.entry_id}_{description.key}"
        self._attr_translation_key = description.key
        self._attr_device_info = device

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        show = self._runtime.shown.async_add_listener(self.async_write_ha_state)
        self.async_on_remove(show)

    @property
    def _shown(self) -> OwnerAccount:
        return self._runtime.shown.of(self._owner)

    @property
    @override
    def native_unit_of_measurement(self) -> str | None:
        after = self.entity_description.unit_after_currency
        if after is None:
            return self.entity_description.native_unit_of_measurement
        return f"{self.hass.config.currency}{after}"

    @property
    @override
    def native_value(self) -> StateType:
        return self.entity_description.value_fn(self._shown)

    @property
    @override
    def last_reset(self) -> datetime | None:
        return self._shown.reset_at if self.entity_description.begins_again else None

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        if not self.entity_description.tells_last or (last := self._shown.last) is None:
            return None
        return figures_of(last)


def session_sensors(
    entry: OptivgiConfigEntry,
) -> dict[str | None, list[SessionSensor]]:
    """Return the sensors of a site, by the subentry that they belong to; None for the site."""
    site = entry.runtime_data.site
    owners: dict[str | None, DeviceInfo] = {None: site_device(entry)}
    owners |= {key: charger_device(entry, point.charger) for key, point in site.points.items()}
    owners |= {key: vehicle_device(entry, vehicle) for key, vehicle in site.vehicles.items()}
    return {
        owner: [
            SessionSensor(entry, SITE if owner is None else owner, device, description)
            for description in SESSION_SENSORS
        ]
        for owner, device in owners.items()
    }
