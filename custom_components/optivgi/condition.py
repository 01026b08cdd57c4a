"""Conditions for automations: what is so at chargers and with prices."""

from collections.abc import Iterable
from typing import override

from homeassistant.const import CONF_OPTIONS
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.condition import (
    ENTITY_STATE_CONDITION_SCHEMA_ANY_ALL,
    Condition,
    ConditionConfig,
    EntityConditionBase,
    make_entity_state_condition,
)
import voluptuous as vol

from .const import Mode
from .explain.status import ChargerStatus
from .own_entities import CHEAPER_HOURS, MODE, WILL_BE_READY, OfOwnEntities, narrowed
from .trigger import CHEAPER, CONF_HOURS, HOURS

_SENSORS = {"sensor": DomainSpec()}


def _at_charger(states: Iterable[str | bool], shown_by: str | None = None) -> type[Condition]:
    """Return a condition on a charger; ``shown_by`` is an attribute of its status."""
    specs = {"sensor": DomainSpec(value_source=shown_by)}
    return narrowed(make_entity_state_condition(specs, set(states)), "status")


class ChargingByPlan(OfOwnEntities, EntityConditionBase):
    """Holds while a charger charges as planned, not because somebody wants it at once."""

    own_key = "status"
    _domain_specs = _SENSORS

    @override
    def is_valid_state(self, entity_state: State) -> bool:
        charges = entity_state.state == ChargerStatus.CHARGING
        return charges and entity_state.attributes.get(MODE) not in {None, Mode.NOW}


class AmongCheapest(OfOwnEntities, EntityConditionBase):
    """Holds while now is one of the cheapest hours of the day."""

    own_key = "price"
    _domain_specs = CHEAPER
    _schema = ENTITY_STATE_CONDITION_SCHEMA_ANY_ALL.extend(
        {vol.Required(CONF_OPTIONS, default={}): {vol.Required(CONF_HOURS, default=4): HOURS}}
    )

    @override
    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        super().__init__(hass, config)
        self._hours: float = (config.options or {})[CONF_HOURS]

    @override
    def is_valid_state(self, entity_state: State) -> bool:
        cheaper = entity_state.attributes.get(CHEAPER_HOURS)
        return cheaper is not None and cheaper < self._hours


CONDITIONS: dict[str, type[Condition]] = {
    "is_plugged_in": _at_charger(
        set(ChargerStatus) - {ChargerStatus.UNPLUGGED, ChargerStatus.OUT_OF_REACH}
    ),
    "is_charging": _at_charger({ChargerStatus.CHARGING}),
    "is_charging_by_plan": ChargingByPlan,
    "will_be_ready": _at_charger({True}, WILL_BE_READY),
    "is_operated_by_hand": _at_charger({ChargerStatus.HELD}),
    "price_is_among_cheapest": AmongCheapest,
}


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    """Return the conditions by their names."""
    return CONDITIONS
