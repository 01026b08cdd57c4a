"""The switch that lets the garage charger charge."""

from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from . import DemoHouseConfigEntry
from .entity import DemoHouseEntity
from .physics import Charger

PARALLEL_UPDATES = 0

CHARGING = SwitchEntityDescription(key="charging")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: DemoHouseConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the garage charger's switch."""
    async_add_entities([ChargingSwitch(entry, entry.runtime_data.house.garage)])


class ChargingSwitch(DemoHouseEntity, SwitchEntity):
    """Lets the charger offer its current, or holds it back."""

    def __init__(self, entry: DemoHouseConfigEntry, charger: Charger) -> None:
        """Switch this charger."""
        super().__init__(entry, f"{charger.name} charger", charger.model, CHARGING)
        self._charger = charger

    @property
    @override
    def is_on(self) -> bool:
        """Whether the charger may charge."""
        return self._charger.enabled

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Let it charge."""
        self._switch(on=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Hold it back."""
        self._switch(on=False)

    def _switch(self, *, on: bool) -> None:
        self._charger.enabled = on
        self.data.refresh(self.hass)
