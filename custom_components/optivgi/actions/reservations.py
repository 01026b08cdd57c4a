"""Actions: announce cars that come later."""

from typing import Any, Final

from homeassistant.const import ATTR_CONFIG_ENTRY_ID, ATTR_NAME
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.ulid import ulid_now
import voluptuous as vol

from ..cars.reservation import GUEST_NAME, Reservation
from ..const import DOMAIN
from ..errors import in_utc
from ..explain.reservations import reservations_of
from .permissions import async_require_control, async_require_read
from .targets import TARGET_FIELDS, find_target

SERVICE_ADD_RESERVATION: Final = "add_reservation"
SERVICE_REMOVE_RESERVATION: Final = "remove_reservation"
SERVICE_LIST_RESERVATIONS: Final = "list_reservations"

ATTR_ARRIVAL: Final = "arrival"
ATTR_DEPARTURE: Final = "departure"
ATTR_ENERGY: Final = "energy"
ATTR_TARGET_SOC: Final = "target_soc"
ATTR_ARRIVAL_SOC: Final = "arrival_soc"
ATTR_MAX_POWER: Final = "max_power"
ATTR_ID: Final = "id"

_ADD_SCHEMA: Final = vol.Schema(
    {
        **TARGET_FIELDS,
        vol.Required(ATTR_ARRIVAL): cv.datetime,
        vol.Required(ATTR_DEPARTURE): cv.datetime,
        vol.Optional(ATTR_ENERGY): vol.Coerce(float),
        vol.Optional(ATTR_TARGET_SOC): vol.Coerce(float),
        vol.Optional(ATTR_ARRIVAL_SOC): vol.Coerce(float),
        vol.Optional(ATTR_MAX_POWER): vol.Coerce(float),
        vol.Optional(ATTR_NAME): cv.string,
    }
)
_REMOVE_SCHEMA: Final = vol.Schema(
    {vol.Optional(ATTR_CONFIG_ENTRY_ID): str, vol.Required(ATTR_ID): str}
)
_LIST_SCHEMA: Final = vol.Schema({vol.Optional(ATTR_CONFIG_ENTRY_ID): str})


@callback
def async_setup_reservation_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    hass.services.async_register(
        DOMAIN,
        SERVICE_ADD_RESERVATION,
        _async_add,
        schema=_ADD_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    hass.services.async_register(
        DOMAIN, SERVICE_REMOVE_RESERVATION, _async_remove, schema=_REMOVE_SCHEMA
    )
    hass.services.async_register(
        DOMAIN,
        SERVICE_LIST_RESERVATIONS,
        _async_list,
        schema=_LIST_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )


async def _async_add(call: ServiceCall) -> ServiceResponse:
    """Keep a reservation; answer with its id, and with who may be in its way."""
    target = find_target(call)
    await async_require_control(call, target.entry, target.point)
    data: dict[str, Any] = call.data
    now = dt_util.utcnow()
    reservation = Reservation(
        id=ulid_now(),
        name=data.get(ATTR_NAME) or (target.vehicle.name if target.vehicle else GUEST_NAME),
        arrival=in_utc(data[ATTR_ARRIVAL]),
        departure=in_utc(data[ATTR_DEPARTURE]),
        charger_id=None if target.point is None else target.point.charger.id,
        vehicle_id=None if target.vehicle is None else target.vehicle.id,
        energy_kwh=data.get(ATTR_ENERGY),
        target_soc=data.get(ATTR_TARGET_SOC),
        arrival_soc=data.get(ATTR_ARRIVAL_SOC),
        max_power_kw=data.get(ATTR_MAX_POWER),
        made_at=now,
    )
    runtime = target.entry.runtime_data
    book = runtime.site.reservations
    book.put(reservation, now)
    runtime.async_settings_changed()
    if not call.return_response:
        return None
    until = book.occupied_until(reservation, now)
    return {
        "id": reservation.id,
        "occupied_until": None if until is None else dt_util.as_local(until).isoformat(),
    }


async def _async_remove(call: ServiceCall) -> None:
    """Forget a reservation."""
    entry = find_target(call).entry
    await async_require_control(call, entry)
    runtime = entry.runtime_data
    runtime.site.reservations.remove(call.data[ATTR_ID])
    runtime.async_settings_changed()


async def _async_list(call: ServiceCall) -> ServiceResponse:
    """Answer with the reservations and what is planned for them."""
    entry = find_target(call).entry
    await async_require_read(call, entry)
    runtime = entry.runtime_data
    answer: dict[str, Any] = {
        "reservations": reservations_of(runtime.site, runtime.coordinator.data)
    }
    return answer
