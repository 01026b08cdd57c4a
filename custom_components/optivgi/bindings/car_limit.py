"""The state of charge at which a car itself stops: a number, a select of numbers, or an action."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
import math
import re
from typing import Any, Final

from homeassistant.components.number import (
    ATTR_MAX,
    ATTR_MIN,
    ATTR_VALUE,
    SERVICE_SET_VALUE,
)
from homeassistant.components.select import ATTR_OPTION, SERVICE_SELECT_OPTION
from homeassistant.core import Context, State

from ..cars.soc import FULL_SOC
from ..const import CONF_SOC_LIMIT_ACTION, CONF_SOC_LIMIT_ENTITY, CONF_WRITE_SOC_LIMIT
from .chargers.calls import Actions, Caller
from .quantity import number, number_attribute, options_of, step_of, valid_state

_PERCENT: Final = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*%?\s*")
_ROUNDING: Final = 1e-6
"""In steps: what is off by so little is a matter of how numbers are kept."""


def percentages_of(options: Iterable[str]) -> dict[float, str]:
    """Return the percentages among the options of a select, with how it writes them."""
    found = {}
    for option in options:
        if (match := _PERCENT.fullmatch(option)) is not None:
            found[float(match[1].replace(",", "."))] = option
    return found


def percentage(state: State) -> float | None:
    """Return the percentage that a number, a sensor or a select shows; None for another word."""
    if (value := number(state)) is not None:
        return value
    match = _PERCENT.fullmatch(state.state)
    return None if match is None else float(match[1].replace(",", "."))


def limit_for(target_soc: float, state: State) -> float:
    """Return the value that a limit accepts and that lets a car reach its target, in %."""
    if options := percentages_of(options_of(state)):
        return min((value for value in options if value >= target_soc), default=max(options))
    minimum = number_attribute(state, ATTR_MIN, 0.0)
    maximum = number_attribute(state, ATTR_MAX, FULL_SOC)
    step = step_of(state, 1.0)
    steps = math.ceil((target_soc - minimum) / step - _ROUNDING)
    return min(maximum, minimum + max(0, steps) * step)


@dataclass(frozen=True, kw_only=True)
class CarLimit:
    """The own limit of a car, where its target is to be written there.

    Attributes:
        caller: Calls actions for the car.
        entity_id: What shows the limit, and is written where no action does that; or None.
        actions: What writes it, with ``limit`` in their templates; None for the entity.
    """

    caller: Caller
    entity_id: str | None
    actions: Actions | None

    @property
    def _state(self) -> State | None:
        return valid_state(self.caller.hass, self.entity_id)

    @property
    def shown(self) -> float | None:
        """What the limit is at present, in %; None while nothing shows it."""
        return None if (state := self._state) is None else percentage(state)

    def value_for(self, target_soc: float) -> float | None:
        """Return what is to be written for a target, in %; None while it cannot be."""
        if (state := self._state) is not None:
            return limit_for(target_soc, state)
        if self.actions is None or self.entity_id is not None:
            return None
        return min(FULL_SOC, math.ceil(target_soc - _ROUNDING))

    async def async_write(self, value: float) -> None:
        """Write a limit in %.

        Raises:
            HomeAssistantError: The car's integration refused.
        """
        context = Context()
        if self.actions is not None:
            limit = int(value) if value == int(value) else value
            await self.caller.async_run(self.actions, {"limit": limit}, context)
        elif (state := self._state) is not None:
            options = percentages_of(options_of(state))
            action = SERVICE_SELECT_OPTION if options else SERVICE_SET_VALUE
            data = {ATTR_OPTION: options[value]} if options else {ATTR_VALUE: value}
            await self.caller.async_call(state.entity_id, action, data, context)


def car_limit_of(caller: Caller, data: Mapping[str, Any]) -> CarLimit | None:
    """Return where the target of a car is to be written; None where that is not wanted."""
    entity_id, actions = data.get(CONF_SOC_LIMIT_ENTITY), data.get(CONF_SOC_LIMIT_ACTION)
    if not data.get(CONF_WRITE_SOC_LIMIT) or not (entity_id or actions):
        return None
    return CarLimit(caller=caller, entity_id=entity_id, actions=actions)
