"""Actions for buttons: charge now, skip tonight, resume the plan, and leave at a time."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..cars.departures import DepartureRules
from ..charging.charging_point import ChargingPoint
from ..charging.departure_tracker import one_off_departure
from ..const import DOMAIN, Mode
from ..errors import RefusedError
from ..settings.memory import TemporaryMode
from .permissions import async_require_control
from .targets import find_chargers

SERVICE_CHARGE_NOW: Final = "charge_now"
SERVICE_LEAVE_AT: Final = "leave_at"
SERVICE_RESUME: Final = "resume"
SERVICE_SKIP_TONIGHT: Final = "skip_tonight"
ATTR_ENERGY: Final = "energy"
ATTR_TARGET_SOC: Final = "target_soc"
ATTR_TIME: Final = "time"
ATTR_UNTIL: Final = "until"

_SOC: Final = vol.All(vol.Coerce(float), vol.Range(min=1, max=100))
_ENERGY: Final = vol.All(vol.Coerce(float), vol.Range(min=0.5, max=200))

_A_NIGHT: Final = timedelta(hours=24)
"""So long nothing is charged at most where no time is given."""

type _Act = Callable[[ChargingPoint, datetime, dict[str, Any]], None]
"""Does at a charger what an action says, at a time, by its fields."""


@callback
def async_setup_charger_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    for name, fields, act in (
        (
            SERVICE_CHARGE_NOW,
            {vol.Optional(ATTR_ENERGY): _ENERGY, vol.Optional(ATTR_TARGET_SOC): _SOC},
            _charge_now,
        ),
        (SERVICE_SKIP_TONIGHT, {vol.Optional(ATTR_UNTIL): cv.time}, _skip_tonight),
        (SERVICE_RESUME, {}, _resume),
        (
            SERVICE_LEAVE_AT,
            {vol.Required(ATTR_TIME): cv.time, vol.Optional(ATTR_TARGET_SOC): _SOC},
            _leave_at,
        ),
    ):
        hass.services.async_register(
            DOMAIN,
            name,
            _at_each(act),
            schema=vol.Schema({**cv.TARGET_SERVICE_FIELDS, **fields}),
        )


def _at_each(act: _Act) -> Callable[[ServiceCall], Any]:
    """Return what does something at each charger that an action targets."""

    async def handle(call: ServiceCall) -> None:
        found = find_chargers(call)
        for entry, point in found:
            await async_require_control(call, entry, point)
            if call.data.get(ATTR_TARGET_SOC) is not None and point.vehicle is None:
                raise RefusedError("departure_target_of_guest", charger=point.charger.name)
        now = dt_util.utcnow()
        for entry, point in found:
            act(point, now, call.data)
            entry.runtime_data.async_settings_changed()

    return handle


def _charge_now(point: ChargingPoint, now: datetime, fields: dict[str, Any]) -> None:
    """Charge at once: an amount where one is given, else until the car is full."""
    energy_kwh, soc = fields.get(ATTR_ENERGY), fields.get(ATTR_TARGET_SOC)
    amount = None
    if energy_kwh is not None or soc is not None:
        amount = TemporaryMode(
            then=point.mode_after,
            soc=soc,
            energy_kwh=energy_kwh,
            from_kwh=point.session.delivered_kwh,
        )
    point.select_mode(Mode.NOW, amount)


def _skip_tonight(point: ChargingPoint, now: datetime, fields: dict[str, Any]) -> None:
    """Do not charge for the next departure."""
    at: time | None = fields.get(ATTR_UNTIL)
    if at is None:
        # Where the car leaves in days only, the nights after this one count again.
        until = min(point.departure_tracker.upcoming(now).at, now + _A_NIGHT)
    else:
        until = _next(at, now)
    point.select_mode(Mode.OFF, TemporaryMode(then=point.mode_after, until=until))


def _resume(point: ChargingPoint, now: datetime, fields: dict[str, Any]) -> None:
    """Go on as planned."""
    point.resume_plan()


def _leave_at(point: ChargingPoint, now: datetime, fields: dict[str, Any]) -> None:
    """Plan for a departure at the next such time of day."""
    at = _next(fields[ATTR_TIME], now)
    once = one_off_departure(at, now, fields.get(ATTR_TARGET_SOC))
    point.departure_tracker.set_once(once)


def _next(clock: time, now: datetime) -> datetime:
    """Return when it is a local time of day next."""
    return DepartureRules(daily=clock).after(now, dt_util.get_default_time_zone()).at
