"""The forms of a charger."""

from collections.abc import Iterable, Mapping
from typing import Final

from homeassistant.const import CONF_NAME
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    ActionSelector,
    BooleanSelector,
    EntityWithDeviceFilterSelectorConfig,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
import voluptuous as vol

from ..bindings.chargers.ocpp.limit import NUMBER_ONLY
from ..bindings.chargers.ocpp.report import ProfileUse
from ..const import (
    CONF_CIRCUIT,
    CONF_ENERGY_ENTITY,
    CONF_GUEST_TAGS,
    CONF_HAND_BACK,
    CONF_LIMIT_ACTION,
    CONF_LIMIT_ENTITY,
    CONF_LIMIT_UNIT,
    CONF_MAX_A,
    CONF_METER_INTERVAL,
    CONF_MIN_A,
    CONF_MIN_INCREASE,
    CONF_MIN_INTERVAL,
    CONF_OCPP_PROFILES,
    CONF_OPTION_OFF,
    CONF_OPTION_ON,
    CONF_PHASE_ROTATION,
    CONF_PHASES,
    CONF_POWER_ENTITY,
    CONF_RENEW,
    CONF_SETTLE,
    CONF_START_ACTION,
    CONF_START_ENTITY,
    CONF_STATUS_ENTITY,
    CONF_STOP_ACTION,
    CONF_STOP_ENTITY,
    CONF_STOP_RULE,
    CONF_SWITCH_ENTITY,
    CONF_SWITCH_INVERTED,
    CONF_TAG_ENTITY,
    DEFAULT_MAX_A,
    DEFAULT_MIN_A,
    HandBack,
    PhaseRotation,
    StopRule,
)
from ..scheduler.model import PHASES
from .fields import (
    AMPERES_FIELD,
    ENERGY_FIELD,
    PHASES_FIELD,
    POWER_FIELD,
    WORDS_FIELD,
    circuit_field,
    entity_field,
    number_field,
    select_field,
)
from .option_schemas import PRIORITY
from .phase_schemas import SECTION_PHASES, phase_section
from .state_schemas import SECTION_STATES, STATES

LIMIT_UNITS: Final = ("A", "W", "kW")
_SELECTS: Final = ("select", "input_select")
LIMIT_DOMAINS: Final = ("number", "input_number", *_SELECTS)
SWITCH_DOMAINS: Final = ("switch", "input_boolean", *_SELECTS)
BUTTON_DOMAINS: Final = ("button", "input_button")

SECTION_CONTROL: Final = "control"
_BUTTON = entity_field(EntityWithDeviceFilterSelectorConfig(domain=list(BUTTON_DOMAINS)))
_SECONDS = number_field(0, 86_400, "s")
SETTLE_FIELD: Final = _SECONDS
STOP_RULE_FIELD: Final = select_field(list(StopRule), CONF_STOP_RULE)
ROTATION_FIELD: Final = select_field(list(PhaseRotation), CONF_PHASE_ROTATION)
CONF_TRY_OUT: Final = "try_out"
"""Asks for a try-out; nothing of it is kept."""
_INVERTED: Final = {vol.Optional(CONF_SWITCH_INVERTED): BooleanSelector()}
_CONTROL: Final = {
    **PRIORITY,
    vol.Optional(CONF_START_ENTITY): _BUTTON,
    vol.Optional(CONF_STOP_ENTITY): _BUTTON,
    vol.Optional(CONF_LIMIT_ACTION): ActionSelector(),
    vol.Optional(CONF_START_ACTION): ActionSelector(),
    vol.Optional(CONF_STOP_ACTION): ActionSelector(),
    vol.Optional(CONF_TAG_ENTITY): entity_field(
        EntityWithDeviceFilterSelectorConfig(domain=["sensor", "text", "input_text"])
    ),
    vol.Optional(CONF_GUEST_TAGS): WORDS_FIELD,
    vol.Optional(CONF_RENEW): _SECONDS,
    vol.Optional(CONF_MIN_INTERVAL): _SECONDS,
    vol.Optional(CONF_SETTLE): SETTLE_FIELD,
    vol.Optional(CONF_STOP_RULE): STOP_RULE_FIELD,
    vol.Optional(CONF_MIN_INCREASE): AMPERES_FIELD,
    vol.Optional(CONF_HAND_BACK): select_field(list(HandBack), CONF_HAND_BACK),
}
_OCPP: Final = {
    vol.Optional(CONF_OCPP_PROFILES, default=ProfileUse.TX_DEFAULT.value): select_field(
        [*ProfileUse, NUMBER_ONLY], CONF_OCPP_PROFILES
    ),
    vol.Optional(CONF_METER_INTERVAL): _SECONDS,
}
_ROTATION: Final = {vol.Optional(CONF_PHASE_ROTATION): ROTATION_FIELD}
SECTIONS: Final = (SECTION_CONTROL, SECTION_STATES, SECTION_PHASES)
"""What a charger's form has besides its own fields; no field is in two of them."""


def charger_schema(
    *,
    phases: str,
    options: Iterable[str] = (),
    ocpp: bool = True,
    circuits: Mapping[str, str] | None = None,
) -> vol.Schema:
    """Return the form of a charger's entities.

    Args:
        phases: Those of the site.
        options: Those of the select that starts and stops it, if that is known yet.
        ocpp: Ask what only chargers of lbbrhzn/ocpp know.
        circuits: The names of the circuits it may hang on, by id.
    """
    # Whoever picks a select that is unavailable has to enter them.
    option = SelectSelector(
        SelectSelectorConfig(
            options=list(options), custom_value=True, mode=SelectSelectorMode.DROPDOWN
        )
    )
    starts = {vol.Optional(CONF_OPTION_ON): option, vol.Optional(CONF_OPTION_OFF): option}
    control = vol.Schema({**_INVERTED, **starts, **_CONTROL, **(_OCPP if ocpp else {})})
    return vol.Schema(
        {
            vol.Required(CONF_NAME): TextSelector(),
            # A sensor can only show what an action has set.
            vol.Optional(CONF_LIMIT_ENTITY): entity_field(
                EntityWithDeviceFilterSelectorConfig(domain=[*LIMIT_DOMAINS, "sensor"])
            ),
            vol.Optional(CONF_LIMIT_UNIT): select_field(list(LIMIT_UNITS)),
            vol.Optional(CONF_SWITCH_ENTITY): entity_field(
                EntityWithDeviceFilterSelectorConfig(domain=list(SWITCH_DOMAINS))
            ),
            vol.Optional(CONF_STATUS_ENTITY): entity_field(
                EntityWithDeviceFilterSelectorConfig(
                    domain=["sensor", "binary_sensor", "input_boolean", "input_select"]
                )
            ),
            vol.Optional(CONF_POWER_ENTITY): POWER_FIELD,
            vol.Optional(CONF_ENERGY_ENTITY): ENERGY_FIELD,
            vol.Required(CONF_PHASES, default=phases): PHASES_FIELD,
            **(_ROTATION if int(phases) == len(PHASES) else {}),
            vol.Required(CONF_MIN_A, default=DEFAULT_MIN_A): AMPERES_FIELD,
            vol.Required(CONF_MAX_A, default=DEFAULT_MAX_A): AMPERES_FIELD,
            **({vol.Optional(CONF_CIRCUIT): circuit_field(circuits)} if circuits else {}),
            vol.Optional(SECTION_STATES): STATES,
            **(
                {vol.Optional(SECTION_PHASES): phase_section(ocpp=ocpp)}
                if int(phases) == len(PHASES)
                else {}
            ),
            vol.Optional(SECTION_CONTROL): section(control, {"collapsed": True}),
            vol.Optional(CONF_TRY_OUT): BooleanSelector(),
        }
    )
