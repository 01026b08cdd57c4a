"""The forms: which fields they have and what may be entered there."""

import calendar
from collections.abc import Iterable, Mapping
from typing import Any, Final

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import (
    CONF_DEVICE_ID,
    CONF_ENTITY_ID,
    CONF_NAME,
    WEEKDAYS,
    UnitOfPower,
)
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    ActionSelector,
    BooleanSelector,
    DeviceSelector,
    EntitySelector,
    EntitySelectorConfig,
    EntityWithDeviceFilterSelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
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

from .const import (
    CONF_BASE_LOAD_KW,
    CONF_BATTERY_KWH,
    CONF_CHARGER,
    CONF_DEPARTURE,
    CONF_EFFICIENCY,
    CONF_EXPORT_ENTITY,
    CONF_EXPORT_FACTOR,
    CONF_EXPORT_OFFSET,
    CONF_FEES,
    CONF_FORECAST_ENTITY,
    CONF_FROM,
    CONF_FUSE_A,
    CONF_HOLIDAY_ENTITY,
    CONF_LIMIT_ACTION,
    CONF_LIMIT_ENTITY,
    CONF_LIMIT_KW,
    CONF_LIMIT_UNIT,
    CONF_MAX_A,
    CONF_MIN_A,
    CONF_MIN_INTERVAL,
    CONF_MONTHS,
    CONF_OPTION_OFF,
    CONF_OPTION_ON,
    CONF_PHASES,
    CONF_POWER_COVERS,
    CONF_POWER_ENTITY,
    CONF_PRICE,
    CONF_PRICE_ENTITY,
    CONF_PRICE_FACTOR,
    CONF_PRICE_OFFSET,
    CONF_PRICE_SOURCE,
    CONF_RENEW,
    CONF_SETTLE,
    CONF_SOC_ENTITY,
    CONF_START_ACTION,
    CONF_START_ENTITY,
    CONF_STATUS_ENTITY,
    CONF_STOP_ACTION,
    CONF_STOP_ENTITY,
    CONF_SWITCH_ENTITY,
    CONF_SWITCH_INVERTED,
    CONF_TARGET_SOC,
    CONF_TIME_OF_USE,
    CONF_VOLTAGE,
    CONF_WEEKDAYS,
    DEFAULT_DEPARTURE,
    DEFAULT_EFFICIENCY,
    DEFAULT_MAX_A,
    DEFAULT_MIN_A,
    DEFAULT_TARGET_SOC,
    DEFAULT_VOLTAGE,
    HOLIDAY,
    MONTHS,
    PowerCovers,
    PriceSource,
)

LIMIT_UNITS: Final = ("A", "W", "kW")
_SELECTS: Final = ("select", "input_select")
LIMIT_DOMAINS: Final = ("number", "input_number", *_SELECTS)
SWITCH_DOMAINS: Final = ("switch", "input_boolean", *_SELECTS)
BUTTON_DOMAINS: Final = ("button", "input_button")
_ANY_STEP: Final = "any"


def _number(minimum: float | None, maximum: float, unit: str | None = None) -> NumberSelector:
    config = NumberSelectorConfig(max=maximum, step=_ANY_STEP, mode=NumberSelectorMode.BOX)
    if minimum is not None:
        # A required number without a default starts at its minimum in the form.
        config["min"] = minimum
    if unit is not None:
        config["unit_of_measurement"] = unit
    return NumberSelector(config)


def _entities(*filters: EntityWithDeviceFilterSelectorConfig) -> EntitySelector:
    return EntitySelector(EntitySelectorConfig(filter=list(filters)))


def _select(options: list[str], key: str | None = None) -> SelectSelector:
    config = SelectSelectorConfig(options=options, mode=SelectSelectorMode.DROPDOWN)
    if key is not None:
        config["translation_key"] = key
    return SelectSelector(config)


_PHASES = _select(["1", "3"], CONF_PHASES)
_AMPERES = _number(0, 1000, "A")
_POWER = _entities(
    EntityWithDeviceFilterSelectorConfig(domain=["sensor"], device_class=[SensorDeviceClass.POWER]),
    EntityWithDeviceFilterSelectorConfig(
        domain=["sensor", "input_number", "number"], unit_of_measurement=list(UnitOfPower)
    ),
)


def site_schema() -> vol.Schema:
    """Return the form of the connection."""
    return vol.Schema(
        {
            vol.Required(CONF_NAME): TextSelector(),
            vol.Optional(CONF_FUSE_A): _number(1, 10_000, "A"),
            vol.Required(CONF_PHASES, default="3"): _PHASES,
            vol.Required(CONF_VOLTAGE, default=DEFAULT_VOLTAGE): _number(90, 400, "V"),
            vol.Optional(CONF_LIMIT_KW): _number(0.1, 10_000, "kW"),
            vol.Required(CONF_PRICE_SOURCE, default=PriceSource.ENTITY): _select(
                list(PriceSource), CONF_PRICE_SOURCE
            ),
            vol.Optional(CONF_POWER_ENTITY): _POWER,
            vol.Required(CONF_POWER_COVERS, default=PowerCovers.GRID): _select(
                list(PowerCovers), CONF_POWER_COVERS
            ),
            vol.Optional(CONF_BASE_LOAD_KW): _number(0, 1000, "kW"),
        }
    )


SECTION_FEES: Final = "fees_by_time"
SECTION_EXPORT: Final = "export"
_PRICE_ENTITY = _entities(
    EntityWithDeviceFilterSelectorConfig(domain=["sensor", "event", "input_number", "number"])
)
_HOLIDAY_ENTITY = _entities(
    EntityWithDeviceFilterSelectorConfig(domain=["calendar"]),
    EntityWithDeviceFilterSelectorConfig(domain=["binary_sensor"], integration="workday"),
)


def _named(values: Iterable[str], names: Iterable[str], key: str) -> SelectSelector:
    """Return a choice of several, each with its name in English.

    Where a row of a table is edited the texts of translations do not get through.
    """
    options = [
        SelectOptionDict(value=value, label=name) for value, name in zip(values, names, strict=True)
    ]
    return SelectSelector(SelectSelectorConfig(options=options, multiple=True, translation_key=key))


_PRICES_BY_TIME = ObjectSelector(
    # Without a field for the label, the list shows all that a row says.
    ObjectSelectorConfig(
        multiple=True,
        translation_key=CONF_TIME_OF_USE,
        fields={
            CONF_FROM: {"required": True, "selector": TimeSelector()},
            CONF_PRICE: {"required": True, "selector": _number(None, 1000)},
            CONF_WEEKDAYS: {
                "selector": _named(
                    (*WEEKDAYS, HOLIDAY), (*calendar.day_name, "Holiday"), CONF_WEEKDAYS
                )
            },
            CONF_MONTHS: {"selector": _named(MONTHS, calendar.month_name[1:], CONF_MONTHS)},
        },
    )
)
_ADJUSTMENT = {
    vol.Required(CONF_PRICE_FACTOR, default=1.0): _number(-1000, 1000),
    vol.Required(CONF_PRICE_OFFSET, default=0.0): _number(-1000, 1000),
}
_FEES = {
    vol.Optional(SECTION_FEES): section(
        vol.Schema(
            {
                vol.Optional(CONF_FEES): _PRICES_BY_TIME,
                vol.Optional(CONF_HOLIDAY_ENTITY): _HOLIDAY_ENTITY,
            }
        ),
        {"collapsed": True},
    )
}
_EXPORT = {
    vol.Optional(SECTION_EXPORT): section(
        vol.Schema(
            {
                vol.Optional(CONF_EXPORT_ENTITY): _PRICE_ENTITY,
                vol.Optional(CONF_EXPORT_FACTOR): _number(-1000, 1000),
                vol.Optional(CONF_EXPORT_OFFSET): _number(-1000, 1000),
            }
        ),
        {"collapsed": True},
    )
}
PRICE_SCHEMAS: Final = {
    PriceSource.ENTITY: vol.Schema(
        {
            vol.Required(CONF_PRICE_ENTITY): _PRICE_ENTITY,
            **_ADJUSTMENT,
            vol.Optional(CONF_FORECAST_ENTITY): _PRICE_ENTITY,
            **_FEES,
            **_EXPORT,
        }
    ),
    PriceSource.TIME_OF_USE: vol.Schema(
        {
            vol.Required(CONF_TIME_OF_USE): _PRICES_BY_TIME,
            vol.Optional(CONF_HOLIDAY_ENTITY): _HOLIDAY_ENTITY,
            **_ADJUSTMENT,
            **_EXPORT,
        }
    ),
    PriceSource.CONSTANT: vol.Schema(
        {vol.Required(CONF_PRICE): _number(None, 1000), **_ADJUSTMENT, **_FEES, **_EXPORT}
    ),
}


def flat(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was entered without the sections that it was entered in; no empty tables."""
    entered: dict[str, Any] = {}
    for key, value in user_input.items():
        entered |= value if key in {SECTION_FEES, SECTION_EXPORT} else {key: value}
    return {key: value for key, value in entered.items() if (key, value) != (CONF_FEES, [])}


def in_sections(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is stored as the forms with sections have it."""
    return {**data, SECTION_FEES: data, SECTION_EXPORT: data}


CHARGER_DEVICE_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(CONF_NAME): TextSelector(),
        vol.Optional(CONF_DEVICE_ID): DeviceSelector(),
        vol.Optional(CONF_ENTITY_ID): EntitySelector(),
    }
)
SECTION_CONTROL: Final = "control"
_BUTTON = _entities(EntityWithDeviceFilterSelectorConfig(domain=list(BUTTON_DOMAINS)))
_SECONDS = _number(0, 86_400, "s")
_CONTROL = section(
    vol.Schema(
        {
            vol.Optional(CONF_SWITCH_INVERTED): BooleanSelector(),
            vol.Optional(CONF_OPTION_ON): TextSelector(),
            vol.Optional(CONF_OPTION_OFF): TextSelector(),
            vol.Optional(CONF_START_ENTITY): _BUTTON,
            vol.Optional(CONF_STOP_ENTITY): _BUTTON,
            vol.Optional(CONF_LIMIT_ACTION): ActionSelector(),
            vol.Optional(CONF_START_ACTION): ActionSelector(),
            vol.Optional(CONF_STOP_ACTION): ActionSelector(),
            vol.Optional(CONF_RENEW): _SECONDS,
            vol.Optional(CONF_MIN_INTERVAL): _SECONDS,
            vol.Optional(CONF_SETTLE): _SECONDS,
        }
    ),
    {"collapsed": True},
)


def charger_schema(*, phases: str) -> vol.Schema:
    """Return the form of a charger's entities; ``phases`` are those of the site."""
    return vol.Schema(
        {
            vol.Required(CONF_NAME): TextSelector(),
            # A sensor can only show what an action has set.
            vol.Optional(CONF_LIMIT_ENTITY): _entities(
                EntityWithDeviceFilterSelectorConfig(domain=[*LIMIT_DOMAINS, "sensor"])
            ),
            vol.Optional(CONF_LIMIT_UNIT): _select(list(LIMIT_UNITS)),
            vol.Optional(CONF_SWITCH_ENTITY): _entities(
                EntityWithDeviceFilterSelectorConfig(domain=list(SWITCH_DOMAINS))
            ),
            vol.Optional(CONF_STATUS_ENTITY): _entities(
                EntityWithDeviceFilterSelectorConfig(
                    domain=["sensor", "binary_sensor", "input_boolean", "input_select"]
                )
            ),
            vol.Optional(CONF_POWER_ENTITY): _POWER,
            vol.Required(CONF_PHASES, default=phases): _PHASES,
            vol.Required(CONF_MIN_A, default=DEFAULT_MIN_A): _AMPERES,
            vol.Required(CONF_MAX_A, default=DEFAULT_MAX_A): _AMPERES,
            vol.Optional(SECTION_CONTROL): _CONTROL,
        }
    )


def vehicle_schema(chargers: dict[str, str]) -> vol.Schema:
    """Return the form of a vehicle; ``chargers`` are the names of the site's, by id."""
    return vol.Schema(
        {
            vol.Required(CONF_NAME): TextSelector(),
            vol.Required(CONF_BATTERY_KWH): _number(0, 2000, "kWh"),
            vol.Optional(CONF_SOC_ENTITY): _entities(
                EntityWithDeviceFilterSelectorConfig(
                    domain=["sensor"], device_class=[SensorDeviceClass.BATTERY]
                ),
                EntityWithDeviceFilterSelectorConfig(
                    domain=["sensor", "input_number", "number"], unit_of_measurement=["%"]
                ),
            ),
            vol.Required(CONF_TARGET_SOC, default=DEFAULT_TARGET_SOC): _number(1, 100, "%"),
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
            vol.Optional(CONF_PHASES): _PHASES,
            vol.Optional(CONF_MAX_A): _AMPERES,
            vol.Required(CONF_EFFICIENCY, default=DEFAULT_EFFICIENCY): _number(0.5, 1),
        }
    )
