"""Add or change a home battery: what reads it, what it can do, and who decides about it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, override

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER, SubentryFlowResult
from homeassistant.const import CONF_NAME, PERCENTAGE
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntityWithDeviceFilterSelectorConfig,
    TextSelector,
)
import voluptuous as vol

from ..bindings.house.battery_discovery import async_discover_batteries
from ..cars.soc import FULL_SOC
from ..const import (
    CONF_CAPACITY_KWH,
    CONF_CHARGE_ACTIVE,
    CONF_CHARGE_ENTITY,
    CONF_CHARGE_OPTION,
    CONF_CHARGE_POWER_ENTITY,
    CONF_DISCHARGE_POWER_ENTITY,
    CONF_GRID_CHARGE,
    CONF_HOLD_ACTIVE,
    CONF_HOLD_BUTTON,
    CONF_HOLD_ENTITY,
    CONF_HOLD_MODE_ENTITY,
    CONF_HOLD_MODE_OPTION,
    CONF_HOLD_OPTION,
    CONF_HOLD_PAUSE,
    CONF_HOLD_REPEAT,
    CONF_MAX_CHARGE_KW,
    CONF_MAX_DISCHARGE_KW,
    CONF_MAX_SOC,
    CONF_MAY_EXPORT,
    CONF_ON_PHASE,
    CONF_PLANNED_BY,
    CONF_POWER_ENTITY,
    CONF_POWER_INVERTED,
    CONF_RESERVE_SOC,
    CONF_SOC_ENTITY,
    DEFAULT_RESERVE_SOC,
    SUBENTRY_BATTERY,
    PlannedBy,
)
from .battery_checks import BATTERY_WARNINGS, battery_refusals
from .fields import POWER_FIELD, AskedOnce, Refusal, entity_field, number_field, select_field
from .site_schemas import SECTION_BATTERY, SECTION_CHARGE, SECTION_HOLD
from .subentry import FilledSubentryFlow

_FORM: Final = "config_subentries.battery.step.user"
_SOC_FIELD: Final = entity_field(
    EntityWithDeviceFilterSelectorConfig(
        domain=["sensor"],
        device_class=[SensorDeviceClass.BATTERY, SensorDeviceClass.ENERGY_STORAGE],
    ),
    EntityWithDeviceFilterSelectorConfig(
        domain=["sensor", "input_number", "number"], unit_of_measurement=[PERCENTAGE, "kWh"]
    ),
)
_SETTABLE_FIELD: Final = entity_field(
    EntityWithDeviceFilterSelectorConfig(
        domain=["number", "input_number", "select", "input_select", "switch", "input_boolean"]
    )
)
BATTERY_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_NAME): TextSelector(),
        vol.Required(CONF_POWER_ENTITY): POWER_FIELD,
        vol.Optional(CONF_POWER_INVERTED): BooleanSelector(),
        vol.Optional(CONF_DISCHARGE_POWER_ENTITY): POWER_FIELD,
        vol.Required(CONF_SOC_ENTITY): _SOC_FIELD,
        vol.Required(CONF_CAPACITY_KWH): number_field(0, 10_000, "kWh"),
        vol.Required(CONF_MAX_CHARGE_KW): number_field(0, 10_000, "kW"),
        vol.Required(CONF_MAX_DISCHARGE_KW): number_field(0, 10_000, "kW"),
        vol.Required(CONF_RESERVE_SOC, default=DEFAULT_RESERVE_SOC): number_field(
            0, FULL_SOC, PERCENTAGE
        ),
        vol.Required(CONF_MAX_SOC, default=FULL_SOC): number_field(1, FULL_SOC, PERCENTAGE),
        vol.Required(CONF_PLANNED_BY, default=PlannedBy.ITSELF): select_field(
            list(PlannedBy), CONF_PLANNED_BY
        ),
        vol.Optional(SECTION_BATTERY): section(
            vol.Schema(
                {
                    vol.Optional(CONF_GRID_CHARGE): BooleanSelector(),
                    vol.Optional(CONF_MAY_EXPORT): BooleanSelector(),
                    vol.Optional(CONF_ON_PHASE): select_field(["l1", "l2", "l3"], CONF_ON_PHASE),
                }
            ),
            {"collapsed": True},
        ),
        vol.Optional(SECTION_HOLD): section(
            vol.Schema(
                {
                    vol.Optional(CONF_HOLD_ACTIVE): BooleanSelector(),
                    vol.Optional(CONF_HOLD_ENTITY): _SETTABLE_FIELD,
                    vol.Optional(CONF_HOLD_OPTION): TextSelector(),
                    vol.Optional(CONF_HOLD_MODE_ENTITY): _SETTABLE_FIELD,
                    vol.Optional(CONF_HOLD_MODE_OPTION): TextSelector(),
                    vol.Optional(CONF_HOLD_BUTTON): entity_field(
                        EntityWithDeviceFilterSelectorConfig(domain=["button", "input_button"])
                    ),
                    vol.Optional(CONF_HOLD_REPEAT): number_field(0, 3600, "s"),
                    vol.Optional(CONF_HOLD_PAUSE): number_field(0, 1440, "min"),
                }
            ),
            {"collapsed": True},
        ),
        vol.Optional(SECTION_CHARGE): section(
            vol.Schema(
                {
                    vol.Optional(CONF_CHARGE_ACTIVE): BooleanSelector(),
                    vol.Optional(CONF_CHARGE_ENTITY): entity_field(
                        EntityWithDeviceFilterSelectorConfig(
                            domain=["select", "input_select", "switch", "input_boolean"]
                        )
                    ),
                    vol.Optional(CONF_CHARGE_OPTION): TextSelector(),
                    vol.Optional(CONF_CHARGE_POWER_ENTITY): entity_field(
                        EntityWithDeviceFilterSelectorConfig(domain=["number", "input_number"])
                    ),
                }
            ),
            {"collapsed": True},
        ),
    }
)
"""The form of a home battery."""


class BatteryFlow(FilledSubentryFlow):
    """Adds a home battery to a site, or changes one."""

    form = _FORM

    def __init__(self) -> None:
        """Start with nothing asked."""
        self.asked = AskedOnce(BATTERY_WARNINGS)

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for a new battery; one that the energy dashboard knows is filled in."""
        return await self.async_fill(
            SOURCE_USER, user_input, await self._async_found(), BATTERY_SCHEMA
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a battery."""
        return await self.async_fill(
            SOURCE_RECONFIGURE, user_input, self.configured(), BATTERY_SCHEMA
        )

    async def _async_found(self) -> Mapping[str, Any]:
        """Return the first battery of the house that is none of the site's yet."""
        used = {
            battery.data[CONF_POWER_ENTITY]
            for battery in self._get_entry().get_subentries_of_type(SUBENTRY_BATTERY)
        }
        found = await async_discover_batteries(self.hass)
        return next((data for data in found if data.get(CONF_POWER_ENTITY) not in used), {})

    @override
    def refusals(self, entered: Mapping[str, Any]) -> Iterator[Refusal | None]:
        yield self.check_name(entered[CONF_NAME], SUBENTRY_BATTERY)
        yield from battery_refusals(self.hass, self._get_entry(), self.own_id, entered)
