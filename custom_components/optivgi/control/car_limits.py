"""Writes the target of a car to its own charge limit, where that is wanted."""

from datetime import datetime, timedelta
import math
from typing import Final

from homeassistant.components.number import (
    ATTR_MAX,
    ATTR_MIN,
    ATTR_STEP,
    ATTR_VALUE,
    SERVICE_SET_VALUE,
)
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant, State, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ..bindings.quantity import number, valid_state
from ..cars.presence import Presence
from ..cars.soc import FULL_SOC
from ..charging.charging_point import ChargingPoint
from ..const import DOMAIN, LOGGER, Mode
from ..site.site import Site

_RETRY: Final = timedelta(minutes=15)
"""Clouds count what they are asked, and lock out who asks too often."""
_ROUNDING: Final = 1e-6
"""In steps: what is off by so little is a matter of how numbers are kept."""


def limit_for(target_soc: float, state: State) -> float:
    """Return the value that a limit accepts and that lets a car reach its target, in %."""
    minimum = float(state.attributes.get(ATTR_MIN, 0.0))
    maximum = float(state.attributes.get(ATTR_MAX, FULL_SOC))
    step = float(state.attributes.get(ATTR_STEP) or 1.0)
    steps = math.ceil((target_soc - minimum) / step - _ROUNDING)
    return min(maximum, minimum + max(0, steps) * step)


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
        if not self._hass.is_running:
            return
        now = dt_util.utcnow()
        for point in self._site.points.values():
            vehicle, target_soc = point.vehicle, point.wanted_soc
            if vehicle is None or target_soc is None or not self._is_wanted(point):
                continue
            failed_at = self._failed_at.get(vehicle.id)
            state = valid_state(self._hass, vehicle.written_limit_entity)
            if state is None or (failed_at is not None and now - failed_at < _RETRY):
                continue
            value = limit_for(target_soc, state)
            if value == point.session.limit_written:
                continue
            point.session.limit_written = value
            self._site.store.save_soon()
            if number(state) != value:
                write = self._async_write(point, vehicle.id, state, value)
                self._entry.async_create_task(self._hass, write, f"{DOMAIN} limit of a car")

    def _is_wanted(self, point: ChargingPoint) -> bool:
        """Return whether the car is here for certain, and charged to its target."""
        vehicle = point.vehicle
        if vehicle is None or vehicle.written_limit_entity is None or not point.plugged:
            return False
        said = vehicle.sighting()
        elsewhere = said is not None and said.presence in {Presence.AWAY, Presence.UNPLUGGED}
        # Who selects Now charges until it is full, or as far as the car is set to.
        return not elsewhere and not point.session.held and point.settings.mode is not Mode.NOW

    async def _async_write(
        self, point: ChargingPoint, vehicle_id: str, state: State, value: float
    ) -> None:
        session = point.session
        data = {ATTR_ENTITY_ID: state.entity_id, ATTR_VALUE: value}
        try:
            await self._hass.services.async_call(
                state.domain, SERVICE_SET_VALUE, data, blocking=True
            )
        except HomeAssistantError as error:
            LOGGER.warning("%s refuses %g %%: %s", state.entity_id, value, error)
            self._failed_at[vehicle_id] = dt_util.utcnow()
            session.limit_written = None
        else:
            self._failed_at.pop(vehicle_id, None)
