"""The action that sets when a car leaves next."""

from typing import Final

from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..charging.departure_tracker import one_off_departure
from ..const import DOMAIN
from ..errors import RefusedError
from .permissions import async_require_control
from .targets import TARGET_FIELDS, find_target

SERVICE_SET_DEPARTURE: Final = "set_departure"
ATTR_DEPARTURE: Final = "departure"
ATTR_TARGET_SOC: Final = "target_soc"
ATTR_CLEAR: Final = "clear"

_SCHEMA: Final = vol.Schema(
    {
        **TARGET_FIELDS,
        vol.Optional(ATTR_DEPARTURE): cv.datetime,
        vol.Optional(ATTR_TARGET_SOC): vol.All(vol.Coerce(float), vol.Range(min=1, max=100)),
        vol.Optional(ATTR_CLEAR, default=False): cv.boolean,
    }
)


@callback
def async_setup_departure_services(hass: HomeAssistant) -> None:
    """Register the action."""
    hass.services.async_register(
        DOMAIN, SERVICE_SET_DEPARTURE, _async_set_departure, schema=_SCHEMA
    )


async def _async_set_departure(call: ServiceCall) -> None:
    """Set when the car at a charger, or a car wherever it charges, leaves next; or take it back."""
    target = find_target(call)
    await async_require_control(call, target.entry, target.point)
    if (target.point is None) == (target.vehicle is None):
        raise RefusedError("departure_of_whom")
    departure, clear = call.data.get(ATTR_DEPARTURE), call.data[ATTR_CLEAR]
    if (departure is None) != clear:
        raise RefusedError("departure_or_clear")
    soc = call.data.get(ATTR_TARGET_SOC)
    once = None if departure is None else one_off_departure(departure, dt_util.utcnow(), soc)
    site = target.entry.runtime_data.site
    if target.point is not None:
        if soc is not None and target.point.vehicle is None:
            raise RefusedError("departure_target_of_guest", charger=target.point.charger.name)
        target.point.departure_tracker.set_once(once)
    if target.vehicle is not None:
        # Also while it is away: it counts wherever the car is plugged in next.
        site.store.memory.vehicles[target.vehicle.id].once = once
        for point in site.points.values():
            if point.vehicle is target.vehicle:
                point.departure_tracker.forget()
    target.entry.runtime_data.async_settings_changed()
