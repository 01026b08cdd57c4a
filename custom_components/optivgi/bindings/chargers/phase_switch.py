"""Switching a charger between one and three phases: an entity, or a pair of actions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from homeassistant.components.number import ATTR_VALUE, SERVICE_SET_VALUE
from homeassistant.components.select import ATTR_OPTION, SERVICE_SELECT_OPTION
from homeassistant.const import SERVICE_TURN_OFF, SERVICE_TURN_ON, STATE_OFF, STATE_ON
from homeassistant.core import Context, split_entity_id

from ...const import (
    CONF_OCPP_PHASES,
    CONF_ONE_PHASE,
    CONF_ONE_PHASE_ACTION,
    CONF_PHASE_ENTITY,
    CONF_PHASE_INTERVAL,
    CONF_PHASE_PAUSE,
    CONF_SWITCHES_PER_DAY,
    CONF_SWITCHES_PER_SESSION,
    CONF_THREE_PHASES,
    CONF_THREE_PHASES_ACTION,
    DEFAULT_PHASE_INTERVAL_S,
    DEFAULT_PHASE_PAUSE_S,
    DEFAULT_SWITCHES_PER_DAY,
    DEFAULT_SWITCHES_PER_SESSION,
)
from ..quantity import commandable_state, valid_state
from .calls import Actions, Caller
from .ocpp.entities import OCPP_DOMAIN
from .ocpp.profile_control import OcppProfileControl
from .on_off import SELECT_DOMAINS
from .words import compact

ALL: Final = 3
"""How many phases a charger has that can switch."""
NUMBER_DOMAINS: Final = ("number", "input_number")
ON_OFF_DOMAINS: Final = ("switch", "input_boolean")
PHASE_DOMAINS: Final = (*SELECT_DOMAINS, *NUMBER_DOMAINS, *ON_OFF_DOMAINS)
"""What can be written; anything else only shows what an action has done."""


def is_same_value(shown: str, meant: str) -> bool:
    """Return whether a state is the one that was entered, however that is written."""
    try:
        return float(shown) == float(meant)
    except ValueError:
        return compact(shown) == compact(meant)


@dataclass(frozen=True, kw_only=True)
class PhaseSwitch:
    """How a charger is switched, and how often that may be.

    Attributes:
        caller: Calls actions for the charger.
        entity_id: What shows on how many phases it is, and is written where no action is; or None.
        values: What the entity shows for each number of phases.
        actions: What switches it to each number of phases, where the entity does not.
        pause: How long nothing is drawn after a switch.
        interval: The minimum between two switches.
        per_session: How often it may be switched while one car is there.
        per_day: And within a day.
        profiles: The charging profiles that name the number of phases, where these switch it.
    """

    caller: Caller
    entity_id: str | None
    values: Mapping[int, str]
    actions: Mapping[int, Actions]
    pause: timedelta
    interval: timedelta
    per_session: int
    per_day: int
    profiles: OcppProfileControl | None = None

    @property
    def shows(self) -> bool:
        """Whether anything shows on how many phases it is."""
        return self.entity_id is not None

    @property
    def shown_as(self) -> str:
        """What people know it as."""
        if self.profiles is not None:
            return OCPP_DOMAIN
        return self.entity_id or str(self.actions[1][0].get("action"))

    @property
    def is_there(self) -> bool:
        """Whether it can be switched now."""
        if self.profiles is not None:
            return not self.profiles.failed and self.profiles.switches_phases
        return bool(self.actions) or (
            commandable_state(self.caller.hass, self.entity_id) is not None
        )

    def read(self) -> int | None:
        """Return on how many phases the charger is; None where nothing says so."""
        state = valid_state(self.caller.hass, self.entity_id)
        if state is None:
            return None
        found = (count for count, value in self.values.items() if is_same_value(state.state, value))
        return next(found, None)

    async def async_set(self, phases: int, context: Context) -> None:
        """Switch the charger.

        Raises:
            HomeAssistantError: The charger's integration refused.
        """
        if self.profiles is not None:
            # The next profile says it, which follows at once.
            self.profiles.number_phases = phases
            return
        if self.actions:
            await self.caller.async_run(self.actions[phases], {"phases": phases}, context)
            return
        entity_id, value = self.entity_id or "", self.values[phases]
        domain = split_entity_id(entity_id)[0]
        data: dict[str, Any] = {}
        if domain in SELECT_DOMAINS:
            action, data = SERVICE_SELECT_OPTION, {ATTR_OPTION: value}
        elif domain in NUMBER_DOMAINS:
            action, data = SERVICE_SET_VALUE, {ATTR_VALUE: float(value)}
        else:
            action = SERVICE_TURN_ON if value == STATE_ON else SERVICE_TURN_OFF
        await self.caller.async_call(entity_id, action, data, context)


def phase_values(data: Mapping[str, Any]) -> dict[int, str]:
    """Return what a charger's entity shows for each number of phases, by its configuration.

    A switch without a word is on for one phase: that is how integrations name it.
    """
    one, three = data.get(CONF_ONE_PHASE), data.get(CONF_THREE_PHASES)
    entity_id = data.get(CONF_PHASE_ENTITY)
    if one is None and three is None and entity_id is not None:
        is_switch = split_entity_id(entity_id)[0] in (*ON_OFF_DOMAINS, "binary_sensor")
        return {1: STATE_ON, ALL: STATE_OFF} if is_switch else {}
    return {} if one is None or three is None else {1: one, ALL: three}


def phase_switch_of(
    caller: Caller, data: Mapping[str, Any], profiles: OcppProfileControl | None
) -> PhaseSwitch | None:
    """Return how a charger is switched by its configuration; None where it cannot be.

    Args:
        caller: Calls actions for the charger.
        data: The charger's configuration.
        profiles: The charging profiles that it follows; None where it follows none.
    """
    by_profiles = profiles if data.get(CONF_OCPP_PHASES) else None
    one, three = data.get(CONF_ONE_PHASE_ACTION), data.get(CONF_THREE_PHASES_ACTION)
    actions: Mapping[int, Actions] = {1: one, ALL: three} if one and three else {}
    values = phase_values(data)
    entity_id: str | None = data.get(CONF_PHASE_ENTITY) if values else None
    writable = entity_id is not None and split_entity_id(entity_id)[0] in PHASE_DOMAINS
    if by_profiles is not None:
        actions, entity_id = {}, None
    elif not actions and not writable:
        return None
    return PhaseSwitch(
        caller=caller,
        entity_id=entity_id,
        values=values,
        actions=actions,
        pause=timedelta(seconds=data.get(CONF_PHASE_PAUSE, DEFAULT_PHASE_PAUSE_S)),
        interval=timedelta(seconds=data.get(CONF_PHASE_INTERVAL, DEFAULT_PHASE_INTERVAL_S)),
        per_session=int(data.get(CONF_SWITCHES_PER_SESSION, DEFAULT_SWITCHES_PER_SESSION)),
        per_day=int(data.get(CONF_SWITCHES_PER_DAY, DEFAULT_SWITCHES_PER_DAY)),
        profiles=by_profiles,
    )
