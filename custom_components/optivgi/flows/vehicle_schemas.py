"""The form of a vehicle."""

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import CONF_NAME
from homeassistant.helpers.selector import (
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
    CONF_MAX_A,
    CONF_PHASES,
    CONF_SOC_ENTITY,
    CONF_TARGET_SOC,
    DEFAULT_DEPARTURE,
    DEFAULT_EFFICIENCY,
    DEFAULT_TARGET_SOC,
)
from .fields import AMPERES_FIELD, PHASES_FIELD, entity_field, number_field


def vehicle_schema(chargers: dict[str, str]) -> vol.Schema:
    """Return the form of a vehicle; ``chargers`` are the names of the site's, by id."""
    return vol.Schema(
        {
            vol.Required(CONF_NAME): TextSelector(),
            vol.Required(CONF_BATTERY_KWH): number_field(0, 2000, "kWh"),
            vol.Optional(CONF_SOC_ENTITY): entity_field(
                EntityWithDeviceFilterSelectorConfig(
                    domain=["sensor"], device_class=[SensorDeviceClass.BATTERY]
                ),
                EntityWithDeviceFilterSelectorConfig(
                    domain=["sensor", "input_number", "number"], unit_of_measurement=["%"]
                ),
            ),
            vol.Required(CONF_TARGET_SOC, default=DEFAULT_TARGET_SOC): number_field(1, 100, "%"),
            vol.Required(CONF_DEPARTURE, default=DEFAULT_DEPARTURE): TimeSelector(),
            vol.Optional(CONF_CHARGER): SelectSelector(
                SelectSelectorConfig(
                    options=[
                        SelectOptionDict(value=charger_id, label=name)
                        for charger_id, name in chargers.items()
                    ],
                    mode=SelectSelectorMode.DROPDOWN,
                )
            ),
            vol.Optional(CONF_PHASES): PHASES_FIELD,
            vol.Optional(CONF_MAX_A): AMPERES_FIELD,
            vol.Required(CONF_EFFICIENCY, default=DEFAULT_EFFICIENCY): number_field(0.5, 1),
        }
    )
