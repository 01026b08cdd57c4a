"""The part of a vehicle's form with its departures, and what is refused there."""

import calendar
from collections.abc import Mapping
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    EntityWithDeviceFilterSelectorConfig,
    ObjectSelector,
    ObjectSelectorConfig,
    TextSelector,
    TimeSelector,
)
import voluptuous as vol

from ..bindings.departure_calendar import CALENDAR_DOMAINS
from ..cars.departures import WEEKDAYS, WORKDAYS, WeeklyTableError, read_weekly_table
from ..const import (
    CONF_AT,
    CONF_DEPARTURE_ENTITY,
    CONF_DEPARTURE_TEXT,
    CONF_TARGET_SOC,
    CONF_WEEKDAYS,
    CONF_WEEKLY,
    DEFAULT_DEPARTURE,
)
from .fields import Refusal, entity_field, named_choices, number_field

SECTION_DEPARTURES: Final = "departures"
_FIELDS: Final[dict[vol.Marker, Any]] = {
    vol.Optional(CONF_WEEKLY): ObjectSelector(
        # Without a field for the label, the list shows all that a row says.
        ObjectSelectorConfig(
            multiple=True,
            translation_key=CONF_WEEKLY,
            fields={
                CONF_WEEKDAYS: {
                    "required": True,
                    "default": [WORKDAYS],
                    "selector": named_choices(
                        (WORKDAYS, *WEEKDAYS), ("Workdays", *calendar.day_name), CONF_WEEKDAYS
                    ),
                },
                CONF_AT: {
                    "required": True,
                    "default": DEFAULT_DEPARTURE,
                    "selector": TimeSelector(),
                },
                CONF_TARGET_SOC: {"selector": number_field(1, 100, "%")},
            },
        )
    ),
    vol.Optional(CONF_DEPARTURE_ENTITY): entity_field(
        EntityWithDeviceFilterSelectorConfig(domain=list(CALENDAR_DOMAINS))
    ),
    vol.Optional(CONF_DEPARTURE_TEXT): TextSelector(),
}
# A table shows no help of its own: what it is for stands at the section.
DEPARTURES: Final = section(vol.Schema(_FIELDS), {"collapsed": True})


def check_departures(hass: HomeAssistant, entered: Mapping[str, Any]) -> Refusal | None:
    """Return why departures are not plausible as entered; None where they are."""
    try:
        read_weekly_table(entered.get(CONF_WEEKLY, ()))
    except WeeklyTableError as error:
        return CONF_WEEKLY, error.reason, {"row": error.named}
    entity_id = entered.get(CONF_DEPARTURE_ENTITY)
    if entity_id is not None and hass.states.get(entity_id) is None:
        return CONF_DEPARTURE_ENTITY, "entity_missing", {"entity": entity_id}
    if CONF_DEPARTURE_TEXT in entered and not str(entity_id).startswith("calendar."):
        return CONF_DEPARTURE_TEXT, "departure_text_without_calendar", {}
    return None
