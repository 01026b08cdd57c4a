"""Selects: how a charger is to charge, on how many phases, and which car is there."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .charging.charging_point import ChargingPoint
from .const import GUEST, Mode, PhaseLock
from .entity import SettingEntity
from .runtime import OptivgiConfigEntry

PARALLEL_UPDATES = 1


async def async_setup_entry(
    hass: HomeAssistant,
    entry: OptivgiConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the selects of each charger."""
    for point in entry.runtime_data.site.points.values():
        selects: list[SelectEntity] = [ModeSelect(entry, point), VehicleSelect(entry, point)]
        if point.switching.switch is not None:
            selects.append(PhasesSelect(entry, point))
        async_add_entities(selects, config_subentry_id=point.charger.id)


class ModeSelect(SettingEntity, SelectEntity):
    """How a charger is to charge."""

    def __init__(self, entry: OptivgiConfigEntry, point: ChargingPoint) -> None:
        """Offer the modes."""
        super().__init__(entry, point, SelectEntityDescription(key="mode", options=list(Mode)))

    @property
    @override
    def current_option(self) -> str:
        return self.point.settings.mode

    @override
    async def async_select_option(self, option: str) -> None:
        self.point.select_mode(Mode(option))
        self.settings_changed()


class PhasesSelect(SettingEntity, SelectEntity):
    """On how many phases a charger that can switch is to charge."""

    def __init__(self, entry: OptivgiConfigEntry, point: ChargingPoint) -> None:
        """Offer what the plan says, or one of both."""
        super().__init__(
            entry, point, SelectEntityDescription(key="phases", options=list(PhaseLock))
        )

    @property
    @override
    def current_option(self) -> str:
        return self.point.settings.phase_lock

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        switching, session, now = self.point.switching, self.point.session, dt_util.utcnow()
        return {
            "present": switching.offered,
            "switches_today": switching.mode.record.of_a_day(now),
            "switches_left": switching.left(session, now),
        }

    @override
    async def async_select_option(self, option: str) -> None:
        self.point.settings.phase_lock = PhaseLock(option)
        self.point.session.phases_held = False
        self.point.switching.mode.refresh()
        self.settings_changed()


class VehicleSelect(SettingEntity, SelectEntity):
    """Which car is at a charger."""

    def __init__(self, entry: OptivgiConfigEntry, point: ChargingPoint) -> None:
        """Offer the cars known to the site, and a guest."""
        self._ids = {vehicle.name: vehicle.id for vehicle in point.vehicles.values()}
        super().__init__(
            entry,
            point,
            SelectEntityDescription(key="vehicle", options=[GUEST, *self._ids]),
        )

    @property
    @override
    def current_option(self) -> str:
        return GUEST if self.point.vehicle is None else self.point.vehicle.name

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        charge = self.point.state_of_charge
        return {
            "found_by": str(self.point.occupant.found_by),
            "tag": self.point.session.tag,
            "user": self.point.charger.guest_tags.get(self.point.session.tag or ""),
            "efficiency": None if charge is None else round(charge.efficiency, 3),
        }

    @override
    async def async_select_option(self, option: str) -> None:
        self.coordinator.site.select_vehicle(
            self.point.charger.id, self._ids.get(option), dt_util.utcnow()
        )
        self.settings_changed()
