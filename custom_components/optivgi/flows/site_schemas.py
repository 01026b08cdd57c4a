"""The forms of a site: its connection and its prices."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import CONF_NAME, UnitOfElectricCurrent, UnitOfPower
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntityWithDeviceFilterSelectorConfig,
    ObjectSelector,
    ObjectSelectorConfig,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    TextSelector,
    TimeSelector,
)
import voluptuous as vol

from ..const import (
    CONF_ALGORITHM,
    CONF_BASE_LOAD_KW,
    CONF_CO2_ENTITY,
    CONF_CO2_PRICE,
    CONF_COLOUR_ENTITY,
    CONF_COLOURS,
    CONF_DIMMED_DEVICES,
    CONF_DIMMING_ENTITY,
    CONF_EVEN_PHASES,
    CONF_EXPORT_ENTITY,
    CONF_EXPORT_FACTOR,
    CONF_EXPORT_LIMIT_KW,
    CONF_EXPORT_OFFSET,
    CONF_EXPORT_POWER_ENTITY,
    CONF_FEES,
    CONF_FORECAST_ENTITY,
    CONF_FROM,
    CONF_FUSE_A,
    CONF_HOLIDAY_ENTITY,
    CONF_LIMIT_KW,
    CONF_METER_FACTOR,
    CONF_METER_INVERTED,
    CONF_MONTHS,
    CONF_OPERATOR_LIMIT_ENTITY,
    CONF_PHASES,
    CONF_POWER_COVERS,
    CONF_POWER_ENTITY,
    CONF_PRICE,
    CONF_PRICE_ENTITY,
    CONF_PRICE_FACTOR,
    CONF_PRICE_OFFSET,
    CONF_PRICE_SOURCE,
    CONF_PV_ENTITY,
    CONF_SOLAR_ENTITY,
    CONF_SOLAR_ENTRIES,
    CONF_START_COST,
    CONF_TIME_OF_USE,
    CONF_VOLTAGE,
    CONF_WEEKDAYS,
    DAY_COLOURS,
    DEFAULT_VOLTAGE,
    PHASE_ENTITIES,
    PowerCovers,
    PriceSource,
)
from ..scheduler.registry import algorithm_names
from .fields import (
    DAYS_FIELD,
    HOLIDAY_ENTITY_FIELD,
    MONTHS_FIELD,
    PHASES_FIELD,
    POWER_FIELD,
    entity_field,
    named_choices,
    number_field,
    select_field,
)

SECTION_METER: Final = "meter"
SECTION_PHASES: Final = "per_phase"
SECTION_SOLAR: Final = "solar"
SECTION_LIMITS: Final = "limits"
SECTION_CO2: Final = "co2"
SECTION_PLANNING: Final = "planning"
SECTION_BATTERY: Final = "battery_limits"
SECTION_HOLD: Final = "hold"
SECTION_CHARGE: Final = "charge"
METER_FACTOR_FIELD: Final = number_field(1e-6, 1000)
"""A factor of 0 would show a house that takes nothing."""
_PHASE_ENTITY = entity_field(
    EntityWithDeviceFilterSelectorConfig(
        domain=["sensor"], device_class=[SensorDeviceClass.POWER, SensorDeviceClass.CURRENT]
    ),
    EntityWithDeviceFilterSelectorConfig(
        domain=["sensor", "input_number", "number"],
        unit_of_measurement=[*UnitOfPower, *UnitOfElectricCurrent],
    ),
)
PER_PHASE_FIELDS: Final = {
    **{vol.Optional(key): _PHASE_ENTITY for key in PHASE_ENTITIES},
    vol.Optional(CONF_EVEN_PHASES): BooleanSelector(),
}
"""What measures the phases of a connection or a circuit."""
_LIMIT_ENTITY = entity_field(
    EntityWithDeviceFilterSelectorConfig(
        domain=["sensor", "number", "input_number"],
        unit_of_measurement=[*UnitOfPower, *UnitOfElectricCurrent],
    )
)
_SIGNAL = entity_field(
    EntityWithDeviceFilterSelectorConfig(domain=["binary_sensor", "input_boolean", "switch"])
)
_SENSOR = entity_field(EntityWithDeviceFilterSelectorConfig(domain=["sensor"]))


def site_schema(
    forecasts: Iterable[SelectOptionDict] = (), algorithm: str | None = None
) -> vol.Schema:
    """Return the form of the connection: what all have to say, then what some can.

    Args:
        forecasts: Those of the sun to choose from.
        algorithm: What plans are made by; the integration that registers it may not be here now.
    """
    solar: dict[Any, Any] = {}
    if options := list(forecasts):
        solar[vol.Optional(CONF_SOLAR_ENTRIES)] = SelectSelector(
            SelectSelectorConfig(options=options, multiple=True)
        )
    solar |= {
        vol.Optional(CONF_SOLAR_ENTITY): _SENSOR,
        vol.Optional(CONF_PV_ENTITY): POWER_FIELD,
    }
    sections: dict[str, dict[Any, Any]] = {
        SECTION_METER: {
            vol.Required(CONF_POWER_COVERS, default=PowerCovers.GRID): select_field(
                list(PowerCovers), CONF_POWER_COVERS
            ),
            vol.Optional(CONF_EXPORT_POWER_ENTITY): POWER_FIELD,
            vol.Required(CONF_METER_INVERTED, default=False): BooleanSelector(),
            vol.Required(CONF_METER_FACTOR, default=1.0): METER_FACTOR_FIELD,
        },
        SECTION_PHASES: PER_PHASE_FIELDS,
        SECTION_SOLAR: solar,
        SECTION_LIMITS: {
            vol.Optional(CONF_LIMIT_KW): number_field(0.1, 10_000, "kW"),
            vol.Optional(CONF_OPERATOR_LIMIT_ENTITY): _LIMIT_ENTITY,
            vol.Optional(CONF_DIMMING_ENTITY): _SIGNAL,
            vol.Optional(CONF_DIMMED_DEVICES): number_field(1, 100),
            vol.Optional(CONF_EXPORT_LIMIT_KW): number_field(0, 10_000, "kW"),
            vol.Required(CONF_VOLTAGE, default=DEFAULT_VOLTAGE): number_field(90, 400, "V"),
            vol.Optional(CONF_BASE_LOAD_KW): number_field(0, 1000, "kW"),
        },
        SECTION_CO2: {
            vol.Optional(CONF_CO2_ENTITY): _SENSOR,
            vol.Optional(CONF_CO2_PRICE): number_field(0, 1000),
        },
        SECTION_PLANNING: {
            vol.Optional(CONF_ALGORITHM): select_field(
                list(dict.fromkeys(filter(None, (*algorithm_names(), algorithm)))), CONF_ALGORITHM
            ),
            vol.Optional(CONF_START_COST): number_field(0, 100_000),
        },
    }
    return vol.Schema(
        {
            vol.Required(CONF_NAME): TextSelector(),
            vol.Optional(CONF_FUSE_A): number_field(1, 10_000, "A"),
            vol.Required(CONF_PHASES, default="3"): PHASES_FIELD,
            vol.Required(CONF_PRICE_SOURCE, default=PriceSource.ENTITY): select_field(
                list(PriceSource), CONF_PRICE_SOURCE
            ),
            vol.Optional(CONF_POWER_ENTITY): POWER_FIELD,
            **{
                vol.Required(name): section(vol.Schema(fields), {"collapsed": True})
                for name, fields in sections.items()
            },
        }
    )


SECTION_FEES: Final = "fees_by_time"
SECTION_EXPORT: Final = "export"
_COLOUR_ENTITY = entity_field(
    EntityWithDeviceFilterSelectorConfig(domain=["sensor", "input_select"])
)
_DAYS_OF_ROWS = {
    vol.Optional(CONF_HOLIDAY_ENTITY): HOLIDAY_ENTITY_FIELD,
    vol.Optional(CONF_COLOUR_ENTITY): _COLOUR_ENTITY,
}
_PRICES_BY_TIME = ObjectSelector(
    # Without a field for the label, the list shows all that a row says.
    ObjectSelectorConfig(
        multiple=True,
        translation_key=CONF_TIME_OF_USE,
        fields={
            CONF_FROM: {"required": True, "selector": TimeSelector()},
            CONF_PRICE: {"required": True, "selector": number_field(None, 1000)},
            CONF_WEEKDAYS: {"selector": DAYS_FIELD},
            CONF_MONTHS: {"selector": MONTHS_FIELD},
            CONF_COLOURS: {
                "selector": named_choices(DAY_COLOURS, map(str.title, DAY_COLOURS), CONF_COLOURS)
            },
        },
    )
)
_ADJUSTMENT = {
    vol.Required(CONF_PRICE_FACTOR, default=1.0): number_field(-1000, 1000),
    vol.Required(CONF_PRICE_OFFSET, default=0.0): number_field(-1000, 1000),
}
_FEES = {
    vol.Optional(SECTION_FEES): section(
        vol.Schema(
            {
                vol.Optional(CONF_FEES): _PRICES_BY_TIME,
                **_DAYS_OF_ROWS,
            }
        ),
        {"collapsed": True},
    )
}


def price_schema(
    source: PriceSource, price_entity: EntitySelector, likely: SelectSelector | None = None
) -> vol.Schema:
    """Return the form of a price source.

    Args:
        source: Where import prices come from.
        price_entity: The choice of all entities with prices.
        likely: The choice of those that are likely to have import prices, where some are.
    """
    export = {
        vol.Optional(SECTION_EXPORT): section(
            vol.Schema(
                {
                    vol.Optional(CONF_EXPORT_ENTITY): price_entity,
                    vol.Optional(CONF_EXPORT_FACTOR): number_field(-1000, 1000),
                    vol.Optional(CONF_EXPORT_OFFSET): number_field(-1000, 1000),
                }
            ),
            {"collapsed": True},
        )
    }
    fields: dict[Any, Any]
    match source:
        case PriceSource.ENTITY:
            fields = {
                **_picked(price_entity, likely),
                **_ADJUSTMENT,
                vol.Optional(CONF_FORECAST_ENTITY): price_entity,
                **_FEES,
            }
        case PriceSource.TIME_OF_USE:
            fields = {
                vol.Required(CONF_TIME_OF_USE): _PRICES_BY_TIME,
                **_DAYS_OF_ROWS,
                **_ADJUSTMENT,
            }
        case PriceSource.CONSTANT:
            fields = {
                vol.Required(CONF_PRICE): number_field(None, 1000),
                **_ADJUSTMENT,
                **_FEES,
            }
    return vol.Schema({**fields, **export})


def _picked(price_entity: EntitySelector, likely: SelectSelector | None) -> dict[Any, Any]:
    if likely is None:
        return {vol.Required(CONF_PRICE_ENTITY): price_entity}
    first = likely.config["options"][0]
    best = first if isinstance(first, str) else first["value"]
    return {vol.Required(CONF_PRICE_ENTITY, default=best): likely}


_SECTIONS: Final = (
    SECTION_METER,
    SECTION_PHASES,
    SECTION_SOLAR,
    SECTION_LIMITS,
    SECTION_CO2,
    SECTION_PLANNING,
    SECTION_FEES,
    SECTION_EXPORT,
    SECTION_BATTERY,
    SECTION_HOLD,
    SECTION_CHARGE,
)

# Left out where nothing is in them
_LISTS: Final = (CONF_FEES, CONF_SOLAR_ENTRIES)


def flat(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was entered without the sections that it was entered in; no empty tables."""
    entered: dict[str, Any] = {}
    for key, value in user_input.items():
        entered |= value if key in _SECTIONS else {key: value}
    return {key: value for key, value in entered.items() if not (key in _LISTS and value == [])}


def in_sections(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is stored as the forms with sections have it."""
    return {**data, **dict.fromkeys(_SECTIONS, data)}
