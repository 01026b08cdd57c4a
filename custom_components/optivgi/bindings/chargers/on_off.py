"""Starting and stopping a charger: by a switch, a select, a pair of buttons or of actions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from homeassistant.components.button import SERVICE_PRESS
from homeassistant.components.select import ATTR_OPTION, SERVICE_SELECT_OPTION
from homeassistant.const import SERVICE_TURN_OFF, SERVICE_TURN_ON, STATE_ON, STATE_UNAVAILABLE
from homeassistant.core import Context, split_entity_id

from ...const import (
    CONF_OPTION_OFF,
    CONF_OPTION_ON,
    CONF_START_ACTION,
    CONF_START_ENTITY,
    CONF_STOP_ACTION,
    CONF_STOP_ENTITY,
    CONF_SWITCH_ENTITY,
    CONF_SWITCH_INVERTED,
)
from ..quantity import commandable_state, valid_state
from .calls import Actions, Caller

SELECT_DOMAINS = ("select", "input_select")


class OnOff(Protocol):
    """A way to start and stop a charger."""

    @property
    def entity_ids(self) -> tuple[str, ...]:
        """The entities that are written."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Those of them that cannot be written now."""

    def is_on(self, *, drawing: bool) -> bool | None:
        """Return whether the charger may charge; None where it may do either."""

    def forget(self) -> None:
        """The car has left: the last command no longer counts."""

    async def async_set(self, *, on: bool, context: Context) -> None:
        """Start or stop the charger."""


@dataclass(frozen=True)
class _OfEntity:
    caller: Caller
    entity_id: str

    @property
    def entity_ids(self) -> tuple[str, ...]:
        return (self.entity_id,)

    @property
    def missing(self) -> tuple[str, ...]:
        state = commandable_state(self.caller.hass, self.entity_id)
        return () if state is not None else (self.entity_id,)

    @property
    def _state(self) -> str | None:
        state = valid_state(self.caller.hass, self.entity_id)
        return None if state is None else state.state

    def forget(self) -> None:
        """Nothing is kept: the entity itself shows it."""


@dataclass(frozen=True)
class SwitchOnOff(_OfEntity):
    """A switch; ``inverted`` where it is on while the charger is not to charge."""

    inverted: bool = False

    def is_on(self, *, drawing: bool) -> bool | None:
        """Return what the switch shows."""
        state = self._state
        return None if state is None else (state == STATE_ON) is not self.inverted

    async def async_set(self, *, on: bool, context: Context) -> None:
        """Turn the switch on or off."""
        action = SERVICE_TURN_ON if on is not self.inverted else SERVICE_TURN_OFF
        await self.caller.async_call(self.entity_id, action, {}, context)


@dataclass(frozen=True)
class SelectOnOff(_OfEntity):
    """A select with an option for charging and one for not charging.

    With any other option the charger decides by itself, so it is commanded in either case.
    """

    on: str = ""
    off: str = ""

    def is_on(self, *, drawing: bool) -> bool | None:
        """Return which option is selected."""
        return {self.on: True, self.off: False}.get(self._state or "")

    async def async_set(self, *, on: bool, context: Context) -> None:
        """Select the option."""
        option = {ATTR_OPTION: self.on if on else self.off}
        await self.caller.async_call(self.entity_id, SERVICE_SELECT_OPTION, option, context)


@dataclass
class PairOnOff:
    """Two buttons, or two actions: nothing shows the last command, so it is remembered.

    After a restart, and for each new car, it is sent again.
    """

    caller: Caller
    buttons: Mapping[bool, str]
    actions: Mapping[bool, Actions]
    sent: bool | None = None

    @property
    def entity_ids(self) -> tuple[str, ...]:
        """The buttons."""
        return tuple(self.buttons.values())

    @property
    def missing(self) -> tuple[str, ...]:
        """The buttons that are unavailable; one that was never pressed is unknown, not missing."""
        states = self.caller.hass.states
        return tuple(
            entity_id
            for entity_id in self.entity_ids
            if (state := states.get(entity_id)) is None or state.state == STATE_UNAVAILABLE
        )

    def is_on(self, *, drawing: bool) -> bool | None:
        """Return the last command, unless the car draws."""
        return True if drawing else self.sent

    def forget(self) -> None:
        """The next car may be started by the charger itself."""
        self.sent = None

    async def async_set(self, *, on: bool, context: Context) -> None:
        """Press the button, or call the action."""
        if on in self.buttons:
            await self.caller.async_call(self.buttons[on], SERVICE_PRESS, {}, context)
        else:
            await self.caller.async_run(self.actions[on], {}, context)
        self.sent = on


def on_off_of(caller: Caller, data: Mapping[str, Any]) -> OnOff | None:
    """Return how a charger is started and stopped by its configuration; None for not at all."""
    if (entity_id := data.get(CONF_SWITCH_ENTITY)) is not None:
        if split_entity_id(entity_id)[0] in SELECT_DOMAINS:
            return SelectOnOff(
                caller, entity_id, on=data[CONF_OPTION_ON], off=data[CONF_OPTION_OFF]
            )
        return SwitchOnOff(caller, entity_id, inverted=data.get(CONF_SWITCH_INVERTED, False))
    buttons = _pair(data, CONF_START_ENTITY, CONF_STOP_ENTITY)
    actions = _pair(data, CONF_START_ACTION, CONF_STOP_ACTION)
    return PairOnOff(caller, buttons, actions) if buttons or actions else None


def _pair(data: Mapping[str, Any], start: str, stop: str) -> dict[bool, Any]:
    """Return both of a pair; half of one cannot be used."""
    return {True: data[start], False: data[stop]} if data.get(start) and data.get(stop) else {}
