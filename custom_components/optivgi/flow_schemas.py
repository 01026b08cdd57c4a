"""The forms: which fields they have and what may be entered there."""

from typing import Final

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import CONF_DEVICE_ID, CONF_NAME, WEEKDAYS, UnitOfPower
from homeassistant.helpers.selector import (
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
    CONF_FROM,
    CONF_FUSE_A,
    CONF_LIMIT_ENTITY,
    CONF_LIMIT_KW,
    CONF_LIMIT_UNIT,
    CONF_MAX_A,
    CONF_MIN_A,
    CONF_PHASES,
    CONF_POWER_COVERS,
    CONF_POWER_ENTITY,
    CONF_PRICE,
    CONF_PRICE_ENTITY,
    CONF_PRICE_FACTOR,
    CONF_PRICE_OFFSET,
    CONF_PRICE_SOURCE,
    CONF_SOC_ENTITY,
    CONF_STATUS_ENTITY,
    CONF_SWITCH_ENTITY,
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
    PowerCovers,
    PriceSource,
)

LIMIT_UNITS: Final = ("A", "W", "kW")
LIMIT_DOMAINS: Final = ("number", "input_number")
SWITCH_DOMAINS: Final = ("switch", "input_boolean")
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


_ADJUSTMENT = {
    vol.Required(CONF_PRICE_FACTOR, default=1.0): _number(-1000, 1000),
    vol.Required(CONF_PRICE_OFFSET, default=0.0): _number(-1000, 1000),
}
PRICE_SCHEMAS: Final = {
    PriceSource.ENTITY: vol.Schema(
        {
            vol.Required(CONF_PRICE_ENTITY): _entities(
                EntityWithDeviceFilterSelectorConfig(
                    domain=["sensor", "event", "input_number", "number"]
                )
            ),
            **_ADJUSTMENT,
        }
    ),
    PriceSource.TIME_OF_USE: vol.Schema(
        {
            vol.Required(CONF_TIME_OF_USE): ObjectSelector(
                ObjectSelectorConfig(
                    multiple=True,
                    label_field=CONF_FROM,
                    description_field=CONF_PRICE,
                    translation_key=CONF_TIME_OF_USE,
                    fields={
                        CONF_FROM: {"required": True, "selector": TimeSelector()},
                        CONF_PRICE: {"required": True, "selector": _number(None, 1000)},
                        CONF_WEEKDAYS: {
                            "selector": SelectSelector(
                                SelectSelectorConfig(
                                    options=list(WEEKDAYS),
                                    multiple=True,
                                    translation_key=CONF_WEEKDAYS,
                                )
                            )
                        },
                    },
                )
            ),
            **_ADJUSTMENT,
        }
    ),
    PriceSource.CONSTANT: vol.Schema(
        {vol.Required(CONF_PRICE): _number(None, 1000), **_ADJUSTMENT}
    ),
}

CHARGER_DEVICE_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(CONF_NAME): TextSelector(),
        vol.Optional(CONF_DEVICE_ID): DeviceSelector(),
    }
)


def charger_schema(*, phases: str) -> vol.Schema:
    """Return the form of a charger's entities; ``phases`` are those of the site."""
    return vol.Schema(
        {
            vol.Required(CONF_NAME): TextSelector(),
            vol.Required(CONF_LIMIT_ENTITY): _entities(
                EntityWithDeviceFilterSelectorConfig(domain=list(LIMIT_DOMAINS))
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
