"""Diagnostics: what was asked, what was answered and what was done, ready to be replayed."""

from typing import Any, Final

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pydantic_core import to_jsonable_python

from .charging.charging_point import ChargingPoint
from .const import CONF_DEPARTURE_TEXT, CONF_GUEST_TAGS, CONF_TAGS
from .explain.protection import protection_of
from .explain.reservations import reservations_of
from .planning.plan import Plan
from .runtime import OptivgiConfigEntry
from .scheduler.serialization import to_dict

# Names of people and places end up in titles, and a site's unique id is made from its title.
_REDACT: Final = {"title", "unique_id", CONF_DEPARTURE_TEXT, CONF_GUEST_TAGS, CONF_TAGS}
# So are those who have reserved a charger; whoever knows a tag can make another one.
_REDACT_RESERVED: Final = {"name", "vehicle", "charger", "tag"}
# Who has charged, and at which charger, as the session is
_REDACT_SESSION: Final = _REDACT_RESERVED | {"guest", "vehicle_id"}
# What is to be improved at chargers names them.
_REDACT_NAMED: Final = {"chargers"}
_SESSIONS: Final = 20
"""The last ones will do to understand what is wrong with how they are counted."""


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: OptivgiConfigEntry
) -> dict[str, Any]:
    """Return all that is needed to understand a plan; ``problem`` can be solved elsewhere."""
    runtime = entry.runtime_data
    plan: Plan | None = runtime.coordinator.data
    return {
        "entry": async_redact_data(entry.as_dict(), _REDACT),
        "chargers": {
            charger_id: {
                "settings": to_jsonable_python(point.settings),
                "session": async_redact_data(to_jsonable_python(point.session), _REDACT_RESERVED),
                "reading": to_jsonable_python(point.reading),
                "outcome": to_jsonable_python(runtime.controller.states[charger_id]),
                **_truth(point),
            }
            for charger_id, point in runtime.site.points.items()
        },
        "protection": async_redact_data(
            to_jsonable_python(protection_of(runtime.site)), _REDACT_NAMED
        ),
        "vehicles": {
            vehicle_id: to_jsonable_python(runtime.site.store.memory.histories.get(vehicle_id))
            for vehicle_id in runtime.site.vehicles
        },
        "reservations": async_redact_data(reservations_of(runtime.site, plan), _REDACT_RESERVED),
        "sessions": [
            async_redact_data(to_jsonable_python(record), _REDACT_SESSION)
            for record in runtime.accounts.history.sessions[-_SESSIONS:]
        ],
        "ledgers": {
            charger_id: async_redact_data(to_jsonable_python(ledger), _REDACT_SESSION)
            for charger_id, ledger in runtime.accounts.ledgers.items()
        },
        "problem": None if plan is None else to_dict(plan.problem),
        "schedule": None if plan is None else to_dict(plan.schedule),
        # Ids and numbers only; packed, as two days of them are many.
        "record": await hass.async_add_executor_job(runtime.controller.record.texts),
    }


def _truth(point: ChargingPoint) -> dict[str, Any]:
    """Return what comparing the commands to a charger with its meter has shown."""
    obedience, uptake = point.obedience, point.taking.uptake
    return {
        "obedience": {
            "exceeds_since": to_jsonable_python(obedience.exceeds_since),
            "is_broken": obedience.is_broken(dt_util.utcnow()),
        },
        "uptake": {
            "nothing_since": to_jsonable_python(uptake.nothing_since),
            "takes_nothing": point.takes_nothing,
            "take": to_jsonable_python(uptake.take),
        },
    }
