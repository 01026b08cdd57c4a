"""The forms of a tariff on the highest power: one that is known, or one's own."""

from typing import Any, Final

from homeassistant.const import CONF_NAME
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    ObjectSelector,
    ObjectSelectorConfig,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TimeSelector,
)
import voluptuous as vol

from ..bindings.peak_tariffs.presets import preset_names
from ..bindings.peak_tariffs.rule import PricePer
from ..const import (
    CONF_DISTINCT_DAYS,
    CONF_FLOOR_KW,
    CONF_FREE_KW,
    CONF_FROM,
    CONF_FROM_KW,
    CONF_HOLIDAY_ENTITY,
    CONF_INTERVAL,
    CONF_MONTHS,
    CONF_PEAK_ENTITY,
    CONF_PER,
    CONF_PRESET,
    CONF_PRICE,
    CONF_PRICE_STEPS,
    CONF_ROLLING_MONTHS,
    CONF_TOP,
    CONF_UNTIL,
    CONF_VAT,
    CONF_WEEKDAYS,
    CONF_WEIGHT,
    CONF_WINDOWS,
)
from .fields import (
    DAYS_FIELD,
    HOLIDAY_ENTITY_FIELD,
    MONTHS_FIELD,
    POWER_FIELD,
    number_field,
    select_field,
)

SECTION_WINDOWS: Final = "times"
SECTION_BILLING: Final = "billing"
SECTIONS: Final = (SECTION_WINDOWS, SECTION_BILLING)
_MOST: Final = 1_000_000
"""No currency has a price of a kW beyond this."""
_PRICE_FIELD = number_field(0, _MOST)
_PEAK_ENTITY = {vol.Optional(CONF_PEAK_ENTITY): POWER_FIELD}
_HOLIDAYS = {vol.Optional(CONF_HOLIDAY_ENTITY): HOLIDAY_ENTITY_FIELD}


def preset_schema(country: str | None = None) -> vol.Schema:
    """Return the choice of a tariff that is known, those of a country first."""
    names = preset_names(country)
    options = [SelectOptionDict(value=value, label=name) for value, name in names.items()]
    field = SelectSelector(SelectSelectorConfig(options=options, mode=SelectSelectorMode.DROPDOWN))
    return vol.Schema(
        {
            vol.Required(CONF_PRESET): field,
            vol.Optional(CONF_PRICE): _PRICE_FIELD,
            **_HOLIDAYS,
            **_PEAK_ENTITY,
        }
    )


def own_schema() -> vol.Schema:
    """Return the form of one's own: what all tariffs have, then what some have."""
    windows = ObjectSelector(
        # Without a field for the label, the list shows all that a row says.
        ObjectSelectorConfig(
            multiple=True,
            translation_key=CONF_WINDOWS,
            fields={
                CONF_FROM: {"required": True, "selector": TimeSelector()},
                CONF_UNTIL: {"required": True, "selector": TimeSelector()},
                CONF_WEEKDAYS: {"selector": DAYS_FIELD},
                CONF_MONTHS: {"selector": MONTHS_FIELD},
                CONF_WEIGHT: {"selector": number_field(0, 1)},
                CONF_PRICE: {"selector": _PRICE_FIELD},
            },
        )
    )
    steps = ObjectSelector(
        ObjectSelectorConfig(
            multiple=True,
            translation_key=CONF_PRICE_STEPS,
            fields={
                CONF_FROM_KW: {"required": True, "selector": number_field(0, 10_000, "kW")},
                CONF_PRICE: {"required": True, "selector": _PRICE_FIELD},
            },
        )
    )
    billing: dict[Any, Any] = {
        vol.Optional(CONF_PRICE_STEPS): steps,
        vol.Optional(CONF_FREE_KW): number_field(0, 10_000, "kW"),
        vol.Optional(CONF_FLOOR_KW): number_field(0, 10_000, "kW"),
        vol.Optional(CONF_ROLLING_MONTHS): number_field(1, 12),
        vol.Optional(CONF_VAT): number_field(0, 100, "%"),
        **_PEAK_ENTITY,
    }
    return vol.Schema(
        {
            vol.Required(CONF_NAME): TextSelector(),
            vol.Optional(CONF_PRICE): _PRICE_FIELD,
            vol.Required(CONF_PER, default=PricePer.MONTH): select_field(list(PricePer), CONF_PER),
            vol.Required(CONF_INTERVAL, default="15"): select_field(
                ["15", "30", "60"], CONF_INTERVAL
            ),
            vol.Required(CONF_TOP, default=1): number_field(1, 31),
            vol.Required(CONF_DISTINCT_DAYS, default=True): BooleanSelector(),
            vol.Required(SECTION_WINDOWS): section(
                vol.Schema({vol.Optional(CONF_WINDOWS): windows, **_HOLIDAYS}), {"collapsed": True}
            ),
            vol.Required(SECTION_BILLING): section(vol.Schema(billing), {"collapsed": True}),
        }
    )
