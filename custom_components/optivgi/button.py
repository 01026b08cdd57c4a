"""Buttons: let the plan go on at a charger."""

from typing import Final, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import SettingEntity
from .runtime import OptivgiConfigEntry

PARALLEL_UPDATES = 1

RESUME: Final = ButtonEntityDescription(key="resume")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: OptivgiConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the button of each charger."""
    for point in entry.runtime_data.site.points.values():
        async_add_entities(
            [ResumeButton(entry, point, RESUME)], config_subentry_id=point.charger.id
        )


class ResumeButton(SettingEntity, ButtonEntity):
    """Lets the plan go on after somebody operated the charger, or before a mode ends by itself."""

    @property
    @override
    def available(self) -> bool:
        """There is nothing to resume while the plan is followed."""
        return self.point.is_set_aside

    @override
    async def async_press(self) -> None:
        self.point.resume_plan()
        self.settings_changed()
