"""What all entities of the demo house have in common."""

from typing import override

from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.util import slugify

from . import SIGNAL_TICK, DemoHouseConfigEntry, DemoHouseData
from .const import DOMAIN


class DemoHouseEntity(Entity):
    """An entity on one of the devices in and around the house."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(
        self,
        entry: DemoHouseConfigEntry,
        device: str,
        model: str,
        description: EntityDescription,
    ) -> None:
        """Place the entity on the device of this name."""
        self.entity_description = description
        self._attr_translation_key = description.key
        self._attr_unique_id = f"{slugify(device)}_{description.key}"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, slugify(device))},
            manufacturer="Demo house",
            model=model,
            name=device,
        )
        self._entry = entry

    @property
    def data(self) -> DemoHouseData:
        """The house and its clock."""
        return self._entry.runtime_data

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the house."""
        self.async_on_remove(
            async_dispatcher_connect(self.hass, SIGNAL_TICK, self.async_write_ha_state)
        )
