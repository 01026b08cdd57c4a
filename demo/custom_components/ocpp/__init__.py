"""A charge point of OCPP at the demo's house, behind a stand-in for lbbrhzn/ocpp.

They speak over a real websocket on this machine. The tests use the same parts.
"""

from datetime import datetime
from typing import Any, Protocol, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.event import async_track_time_interval

from .central import ACTIONS, Central
from .charge_point import ChargePoint
from .charge_point_16 import ChargePoint16
from .const import CPID, DOMAIN, HOUSE_DOMAIN, PLATFORMS, TICK
from .hardware import Car, Hardware, Quirks

IDENTITY = "DEMO-1"

type OcppConfigEntry = ConfigEntry[Central]


class HouseCharger(Protocol):
    """A charger of the house, as far as a charge point has to do with it."""

    max_a: float
    limit: float
    car: Any

    @property
    def current_a(self) -> tuple[float, float, float]:
        """What the car draws now from L1, L2 and L3."""


class Installation(Hardware):
    """A charge point whose car and meter are those of a charger of the house."""

    def __init__(self, charger: HouseCharger) -> None:
        """Install it there."""
        super().__init__(Quirks(hardware_a=charger.max_a))
        self._charger = charger

    @override
    def drawn_a(self, connector: int = 1) -> list[float]:
        return [round(current, 2) for current in self._charger.current_a]


async def async_setup_entry(hass: HomeAssistant, entry: OcppConfigEntry) -> bool:
    """Set the central system up and connect the charge point."""
    (house_entry,) = hass.config_entries.async_entries(HOUSE_DOMAIN)
    charger = house_entry.runtime_data.house.courtyard
    central = entry.runtime_data = Central(hass)
    central.add(CPID, IDENTITY)
    await central.async_listen()
    central.register_actions()
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    charge_point = ChargePoint16(IDENTITY)
    charge_point.hardware = Installation(charger)
    await charge_point.async_connect(central.port)

    async def live(_: datetime) -> None:
        await _async_live(charge_point, charger)

    entry.async_on_unload(async_track_time_interval(hass, live, TICK, name="Demo charge point"))
    entry.async_on_unload(charge_point.async_disconnect)
    return True


async def _async_live(charge_point: ChargePoint, charger: HouseCharger) -> None:
    """Let the charge point follow its profiles, and report what happens there."""
    (place,) = charge_point.hardware.connectors.values()
    if place.car is not None and charger.car is None:
        await charge_point.async_unplug()
    elif place.car is None and charger.car is not None:
        model = charger.car.model
        await charge_point.async_plug_in(car=Car(phases=model.phases, max_a=model.max_a))
    elif place.car is not None:
        place.car.full = charger.car is not None and charger.car.full
    charger.limit = 0.0 if place.transaction is None else charge_point.hardware.limit_a()
    await charge_point.async_report()


async def async_unload_entry(hass: HomeAssistant, entry: OcppConfigEntry) -> bool:
    """End the connection."""
    for action in ACTIONS:
        hass.services.async_remove(DOMAIN, action)
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    await entry.runtime_data.async_kill()
    return unloaded
