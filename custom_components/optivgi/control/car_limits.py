"""Writes the target of a car to its own charge limit, where that is wanted."""

from datetime import datetime, timedelta
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ..bindings.car_limit import CarLimit
from ..cars.presence import Presence
from ..charging.charging_point import ChargingPoint
from ..const import DOMAIN, LOGGER, Mode
from ..site.site import Site

_RETRY: Final = timedelta(minutes=15)
"""Clouds count what they are asked, and lock out who asks too often."""


class CarLimits:
    """Writes to the limits of the cars that are plugged in here, where that is wanted."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, site: Site) -> None:
        """Have written nothing yet."""
        self._hass = hass
        self._entry = entry
        self._site = site
        self._failed_at: dict[str, datetime] = {}

    @callback
    def look(self) -> None:
        """Write each target that is new since the car was plugged in.

        What a person sets in the car after that stays, until the target changes.
        """
        if not self._hass.is_running or self._site.observing:
            return
        now = dt_util.utcnow()
        for point in self._site.points.values():
            vehicle, target_soc = point.vehicle, point.highest_soc
            if vehicle is None or target_soc is None or not self._is_wanted(point):
                continue
            limit, failed_at = vehicle.limit, self._failed_at.get(vehicle.id)
            if limit is None or (failed_at is not None and now - failed_at < _RETRY):
                continue
            value = limit.value_for(target_soc)
            if value is None or value == point.session.limit_written:
                continue
            point.session.limit_written = value
            self._site.store.save_soon()
            if limit.shown != value:
                write = self._async_write(point, vehicle.id, limit, value)
                self._entry.async_create_task(self._hass, write, f"{DOMAIN} limit of a car")

    def _is_wanted(self, point: ChargingPoint) -> bool:
        """Return whether the car is here for certain, and charged to its target."""
        vehicle = point.vehicle
        if vehicle is None or vehicle.limit is None or not point.plugged:
            return False
        said = vehicle.sighting()
        elsewhere = said is not None and said.presence in {Presence.AWAY, Presence.UNPLUGGED}
        # Who selects Now charges until it is full, or as far as the car is set to.
        return not elsewhere and not point.session.held and point.settings.mode is not Mode.NOW

    async def _async_write(
        self, point: ChargingPoint, vehicle_id: str, limit: CarLimit, value: float
    ) -> None:
        session = point.session
        try:
            await limit.async_write(value)
        except HomeAssistantError as error:
            LOGGER.warning("%s", error)
            self._failed_at[vehicle_id] = dt_util.utcnow()
            session.limit_written = None
        else:
            self._failed_at.pop(vehicle_id, None)
