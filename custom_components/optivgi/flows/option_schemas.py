"""How a car is charged beside its target and its departure: a section of its form."""

from typing import Final

from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import BooleanSelector
import voluptuous as vol

from ..const import (
    CONF_DISCHARGE_COST,
    CONF_DISCHARGE_SOC,
    CONF_EXTRA_PRICE,
    CONF_EXTRA_SOLAR,
    CONF_PREHEAT,
    CONF_PRIORITY,
    CONF_READY_BEFORE,
    Priority,
)
from .fields import number_field, select_field

SECTION_OPTIONS: Final = "options"
PRIORITY: Final = {vol.Optional(CONF_PRIORITY): select_field(list(Priority), CONF_PRIORITY)}
OPTIONS: Final = section(
    vol.Schema(
        {
            **PRIORITY,
            vol.Optional(CONF_EXTRA_SOLAR): BooleanSelector(),
            vol.Optional(CONF_EXTRA_PRICE): number_field(None, 1000),
            vol.Optional(CONF_READY_BEFORE): number_field(0, 720, "min"),
            vol.Optional(CONF_PREHEAT): number_field(0, 240, "min"),
            vol.Optional(CONF_DISCHARGE_SOC): number_field(0, 100, "%"),
            vol.Optional(CONF_DISCHARGE_COST): number_field(0, 1000),
        }
    ),
    {"collapsed": True},
)
