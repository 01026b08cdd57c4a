"""The form of a vehicle."""

from typing import Final

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import CONF_NAME
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    ActionSelector,
    BooleanSelector,
    EntityWithDeviceFilterSelectorConfig,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TimeSelector,
)
import voluptuous as vol

from ..const import (
    CONF_BATTERY_KWH,
    CONF_CHARGER,
    CONF_DEPARTURE,
    CONF_EFFICIENCY,
    CONF_KEEP_PHASES,
    CONF_LOCATION_ENTITY,
    CONF_MAX_A,
    CONF_PHASES,
    CONF_PLUGGED_ENTITY,
    CONF_SOC_ENTITY,
    CONF_SOC_LIMIT_ACTION,
    CONF_SOC_LIMIT_ENTITY,
    CONF_SOC_OLD_AFTER,
    CONF_SOC_TIME_ENTITY,
    CONF_TAGS,
    CONF_TARGET_SOC,
    CONF_WRITE_SOC_LIMIT,
    DEFAULT_DEPARTURE,
    DEFAULT_EFFICIENCY,
    DEFAULT_TARGET_SOC,
)
from .departure_schemas import DEPARTURES, SECTION_DEPARTURES
from .fields import AMPERES_FIELD, PHASES_FIELD, WORDS_FIELD, entity_field, number_field
from .option_schemas import OPTIONS, SECTION_OPTIONS
from .state_schemas import SECTION_STATES, STATES

PERCENT: Final = 100
"""An efficiency is stored as a part of 1, and entered in %."""
SECTION_LIMITS: Final = "charging_limits"
SECTION_TELLS: Final = "tells"
SECTIONS: Final = (
    SECTION_DEPARTURES,
    SECTION_LIMITS,
    SECTION_OPTIONS,
    SECTION_TELLS,
    SECTION_STATES,
)
"""What a vehicle's form has besides its own fields; no field is in two of them."""
_LIMITS = section(
    vol.Schema(
        {
            vol.Optional(CONF_PHASES): PHASES_FIELD,
            vol.Optional(CONF_MAX_A): AMPERES_FIELD,
            vol.Required(CONF_EFFICIENCY, default=DEFAULT_EFFICIENCY * PERCENT): number_field(
                50, 100, "%"
            ),
            vol.Optional(CONF_KEEP_PHASES): BooleanSelector(),
        }
    ),
    {"collapsed": True},
)
_TELLS = section(
    vol.Schema(
        {
            vol.Optional(CONF_PLUGGED_ENTITY): entity_field(
                EntityWithDeviceFilterSelectorConfig(
                    domain=["binary_sensor"],
                    device_class=[
                        BinarySensorDeviceClass.PLUG,
                        BinarySensorDeviceClass.BATTERY_CHARGING,
                        BinarySensorDeviceClass.CONNECTIVITY,
                    ],
                ),
                # What a car reports may be a number that has to be explained.
                EntityWithDeviceFilterSelectorConfig(
                    domain=["sensor", "device_tracker", "person", "input_boolean", "input_select"]
                ),
            ),
            vol.Optional(CONF_LOCATION_ENTITY): entity_field(
                EntityWithDeviceFilterSelectorConfig(domain=["device_tracker", "person"])
            ),
            vol.Optional(CONF_SOC_TIME_ENTITY): entity_field(
                EntityWithDeviceFilterSelectorConfig(
                    domain=["sensor"], device_class=[SensorDeviceClass.TIMESTAMP]
                ),
                EntityWithDeviceFilterSelectorConfig(domain=["input_datetime"]),
            ),
            vol.Optional(CONF_SOC_OLD_AFTER): number_field(0, 1000, "h"),
            vol.Optional(CONF_SOC_LIMIT_ENTITY): entity_field(
                EntityWithDeviceFilterSelectorConfig(
                    domain=["number", "input_number", "select", "input_select", "sensor"]
                )
            ),
            vol.Optional(CONF_SOC_LIMIT_ACTION): ActionSelector(),
            vol.Optional(CONF_WRITE_SOC_LIMIT): BooleanSelector(),
            vol.Optional(CONF_TAGS): WORDS_FIELD,
        }
    ),
    {"collapsed": True},
)


def vehicle_schema(chargers: dict[str, str]) -> vol.Schema:
    """Return the form of a vehicle; ``chargers`` are the names of the site's, by id."""
    return vol.Schema(
        {
            vol.Required(CONF_NAME): TextSelector(),
            vol.Required(CONF_BATTERY_KWH): number_field(0, 2000, "kWh"),
            vol.Optional(CONF_SOC_ENTITY): entity_field(
                EntityWithDeviceFilterSelectorConfig(
                    domain=["sensor"],
                    device_class=[SensorDeviceClass.BATTERY, SensorDeviceClass.ENERGY_STORAGE],
                ),
                EntityWithDeviceFilterSelectorConfig(
                    domain=["sensor", "input_number", "number"], unit_of_measurement=["%", "kWh"]
                ),
            ),
            vol.Required(CONF_TARGET_SOC, default=DEFAULT_TARGET_SOC): number_field(1, 100, "%"),
            vol.Required(CONF_DEPARTURE, default=DEFAULT_DEPARTURE): TimeSelector(),
            vol.Optional(SECTION_DEPARTURES): DEPARTURES,
            vol.Optional(CONF_CHARGER): SelectSelector(
                SelectSelectorConfig(
                    options=[
                        SelectOptionDict(value=charger_id, label=name)
                        for charger_id, name in chargers.items()
                    ],
                    mode=SelectSelectorMode.DROPDOWN,
                )
            ),
            vol.Optional(SECTION_LIMITS): _LIMITS,
            vol.Optional(SECTION_OPTIONS): OPTIONS,
            vol.Optional(SECTION_TELLS): _TELLS,
            vol.Optional(SECTION_STATES): STATES,
        }
    )
