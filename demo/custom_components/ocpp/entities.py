"""The entities by which lbbrhzn/ocpp shows its charge points: ids, units and manners."""

from collections.abc import Iterator
from typing import Any, override

from homeassistant.components.number import NumberEntity
from homeassistant.components.sensor import SensorEntity
from homeassistant.components.switch import SwitchEntity
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity

from .const import DOMAIN
from .links import STATION, Station

_UNITS = {
    "current_offered": "A",
    "current_import": "A",
    "power_active_import": "kW",
    "power_offered": "kW",
}
_OF_STATION = ("reconnects", "latency_pong")
_OF_CONNECTOR = ("status_connector", "transaction_id", "stop_reason", *_UNITS)
_CHARGING = frozenset({"Charging", "SuspendedEVSE", "SuspendedEV"})


class OcppEntity(Entity):
    """What all of them have in common.

    When a connection is lost nothing is written: states stay as they were last.
    """

    _attr_should_poll = False

    def __init__(self, station: Station, platform: str, connector: int, key: str) -> None:
        """Take the ids that lbbrhzn/ocpp gives."""
        self.station = station
        # With a single connector, nothing says which one.
        self.connector = connector or 1
        named = connector > STATION and station.connectors > 1
        cpid, part = station.cpid, f"conn{connector}"
        names = [cpid, part] if named else [cpid]
        if platform == "sensor":
            self._attr_unique_id = ".".join([DOMAIN, *names, key, platform])
        else:
            self._attr_unique_id = ".".join([platform, DOMAIN, *names, key])
        infix = f"_connector_{connector}" if named else ""
        self.entity_id = f"{platform}.{cpid}{infix}_{key}"
        self._attr_name = key.replace("_", " ").title()
        device = f"{cpid}-{part}" if named else cpid
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, device)}, name=device)

    @property
    @override
    def available(self) -> bool:
        return self.station.connected

    @property
    def transaction(self) -> Any:
        """What runs at the connector; nothing in other words of each version."""
        return self.station.metrics.get((self.connector, "transaction_id")) or None


class MetricSensor(OcppEntity, SensorEntity):
    """A metric."""

    def __init__(self, station: Station, connector: int, key: str) -> None:
        """Show a metric of a connector or of the charge point."""
        super().__init__(station, "sensor", connector, key)
        self._metric = (connector, key)
        self._attr_native_unit_of_measurement = _UNITS.get(key)

    @property
    @override
    def native_value(self) -> Any:
        return self.station.metrics.get(self._metric)


class MaximumCurrent(OcppEntity, NumberEntity):
    """The limit of the whole station, whichever connector it seems to be for."""

    _attr_native_min_value = 0
    _attr_native_max_value = 32
    _attr_native_step = 1
    _attr_native_unit_of_measurement = "A"
    _attr_native_value: float = 32

    @override
    async def async_set_native_value(self, value: float) -> None:
        assert self.station.link is not None
        if not await self.station.link.async_set_limit(self.connector, value):
            raise HomeAssistantError("The charger refused the limit")
        self._attr_native_value = value
        self.async_write_ha_state()


class SessionCurrentLimit(OcppEntity, NumberEntity):
    """The limit of the transaction that runs, since 0.12."""

    _attr_native_min_value = 0
    _attr_native_max_value = 32
    _attr_native_step = 1
    _attr_native_unit_of_measurement = "A"

    @property
    @override
    def available(self) -> bool:
        return self.station.connected and self.transaction is not None

    @override
    async def async_set_native_value(self, value: float) -> None:
        assert self.station.link is not None
        if not await self.station.link.async_set_session_limit(self.connector, value):
            raise HomeAssistantError("The charger refused the limit")
        self._attr_native_value = value
        self.async_write_ha_state()


class ChargeControl(OcppEntity, SwitchEntity):
    """Whether a transaction runs."""

    @property
    @override
    def is_on(self) -> bool:
        status = self.station.metrics.get((self.connector, "status_connector"))
        return status in _CHARGING

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        assert self.station.link is not None
        await self.station.link.async_start(self.connector)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        assert self.station.link is not None
        await self.station.link.async_stop(self.connector)


def entities_of(station: Station, platform: str, *, since_012: bool) -> Iterator[OcppEntity]:
    """Yield a charge point's entities of a platform."""
    connectors = range(1, station.connectors + 1)
    if platform == "sensor":
        yield from (MetricSensor(station, STATION, key) for key in _OF_STATION)
        for connector in connectors:
            yield from (MetricSensor(station, connector, key) for key in _OF_CONNECTOR)
    elif platform == "switch":
        for connector in connectors:
            yield ChargeControl(station, platform, connector, "charge_control")
    elif since_012:
        yield MaximumCurrent(station, platform, STATION, "maximum_current")
        for connector in connectors:
            yield SessionCurrentLimit(station, platform, connector, "session_current_limit")
    else:
        for connector in connectors:
            yield MaximumCurrent(station, platform, connector, "maximum_current")
