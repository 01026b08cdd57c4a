"""Which car hangs on which charger: choosing one plugs it in."""

from typing import override

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from . import DemoHouseConfigEntry
from .entity import DemoHouseEntity
from .house import MODELS
from .physics import Charger

PARALLEL_UPDATES = 0

NO_CAR = "none"
CAR = SelectEntityDescription(
    key="car",
    options=[NO_CAR, *(model.name for model in MODELS)],
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: DemoHouseConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the plug of each charger."""
    house = entry.runtime_data.house
    async_add_entities(
        PluggedCar(entry, charger, "charger" if charger in house.own_chargers else "plug")
        for charger in house.chargers
    )


class PluggedCar(DemoHouseEntity, SelectEntity):
    """The car at a charger's plug."""

    def __init__(self, entry: DemoHouseConfigEntry, charger: Charger, device: str) -> None:
        """Take this charger's plug."""
        super().__init__(entry, f"{charger.name} {device}", charger.model, CAR)
        self._charger = charger

    @property
    @override
    def current_option(self) -> str:
        """The car that is plugged in."""
        return self._charger.car.model.name if self._charger.car else NO_CAR

    @override
    async def async_select_option(self, option: str) -> None:
        """Plug another car in, or none."""
        self.data.house.plug_in(self._charger, None if option == NO_CAR else option)
        self.data.refresh(self.hass)
