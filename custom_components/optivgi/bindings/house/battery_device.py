"""What keeps a home battery from discharging: which entities are set to what, and back again."""

from collections.abc import Mapping
import math
from typing import Any, Final, NamedTuple, Self

from homeassistant.components.button import SERVICE_PRESS
from homeassistant.components.number import (
    ATTR_MAX,
    ATTR_MIN,
    ATTR_STEP,
    ATTR_VALUE,
    SERVICE_SET_VALUE,
)
from homeassistant.components.select import ATTR_OPTION, ATTR_OPTIONS, SERVICE_SELECT_OPTION
from homeassistant.const import PERCENTAGE, SERVICE_TURN_OFF, SERVICE_TURN_ON, STATE_ON
from homeassistant.core import Context, HomeAssistant, State

from ...cars.soc import FULL_SOC
from ...const import (
    CONF_HOLD_BUTTON,
    CONF_HOLD_ENTITY,
    CONF_HOLD_MODE_ENTITY,
    CONF_HOLD_MODE_OPTION,
    CONF_HOLD_OPTION,
    CONF_HOLD_PAUSE,
    CONF_HOLD_REPEAT,
    DEFAULT_HOLD_PAUSE_MIN,
)
from ..chargers.calls import Caller
from ..quantity import number, unit, valid_state

_NUMBERS: Final = frozenset({"number", "input_number"})
_SELECTS: Final = frozenset({"select", "input_select"})
_SAME: Final = 1e-3
"""Numbers are kept with so many digits."""


class Setting(NamedTuple):
    """An entity, and the state that it is to have."""

    entity_id: str
    value: str


class HoldDevice:
    """The entities of one battery that hold it."""

    def __init__(self, hass: HomeAssistant, name: str, data: Mapping[str, Any]) -> None:
        """Bind them.

        Args:
            hass: Home Assistant.
            name: What the battery is called.
            data: Its configuration.
        """
        self._hass = hass
        self._caller = Caller(hass, name)
        self._entity_id: str = data[CONF_HOLD_ENTITY]
        self._option: str | None = data.get(CONF_HOLD_OPTION)
        self._mode: str | None = data.get(CONF_HOLD_MODE_ENTITY)
        self._mode_option: str = data.get(CONF_HOLD_MODE_OPTION, STATE_ON)
        self._button: str | None = data.get(CONF_HOLD_BUTTON)
        self.repeat_s: float = data.get(CONF_HOLD_REPEAT, 0)
        """After so long without being set again it forgets; 0 for never."""
        self.pause_s: float = 60 * data.get(CONF_HOLD_PAUSE, DEFAULT_HOLD_PAUSE_MIN)
        """So long it is to be left in peace between two changes."""

    @classmethod
    def of_settings(cls, hass: HomeAssistant, held: Mapping[str, str]) -> Self:
        """Return a device that sets back what was held."""
        return cls(hass, next(iter(held)), {CONF_HOLD_ENTITY: next(iter(held))})

    @property
    def entity_ids(self) -> list[str]:
        """What is set, in this order."""
        return [*([] if self._mode is None else [self._mode]), self._entity_id]

    def holding(self, soc: float | None) -> list[Setting]:
        """Return what holds the battery, as far as that can be set now.

        Some show a limit only once their mode lets it count.

        Args:
            soc: Its state of charge in %, for what is set to that.
        """
        mode = [] if self._mode is None else [Setting(self._mode, self._mode_option)]
        state = valid_state(self._hass, self._entity_id)
        value = None if state is None else self._holding_value(state, soc)
        own = [] if value is None else [Setting(self._entity_id, value)]
        return [one for one in (*mode, *own) if valid_state(self._hass, one.entity_id)]

    def is_whole(self, settings: list[Setting]) -> bool:
        """Return whether settings hold the battery."""
        return len(settings) == len(self.entity_ids)

    def _holding_value(self, state: State, soc: float | None) -> str | None:
        if state.domain not in _NUMBERS:
            options = state.attributes.get(ATTR_OPTIONS)
            known = options is None or self._option in options
            return self._option if known else None
        minimum = float(state.attributes.get(ATTR_MIN, 0.0))
        if unit(state) != PERCENTAGE:
            return f"{minimum:g}"
        if soc is None:
            return None
        step = float(state.attributes.get(ATTR_STEP) or 1.0)
        level = minimum + math.ceil((soc - minimum) / step - _SAME) * step
        return f"{min(float(state.attributes.get(ATTR_MAX, FULL_SOC)), max(minimum, level)):g}"

    def present(self, entity_id: str) -> str:
        """Return the state that an entity has now; empty where it shows none."""
        state = valid_state(self._hass, entity_id)
        return "" if state is None else state.state

    def shows(self, setting: Setting) -> bool:
        """Return whether an entity has the state that it is to have."""
        state = valid_state(self._hass, setting.entity_id)
        if state is None:
            return False
        shown, wanted = number(state), _number(setting.value)
        if shown is None or wanted is None:
            return state.state == setting.value
        return abs(shown - wanted) <= _SAME

    async def async_set(self, settings: list[Setting]) -> None:
        """Set entities one after the other, and press what makes that count.

        Raises:
            HomeAssistantError: The battery's integration refused.
        """
        context = Context()
        for entity_id, value in settings:
            domain = entity_id.partition(".")[0]
            data: dict[str, Any]
            if domain in _NUMBERS:
                action, data = SERVICE_SET_VALUE, {ATTR_VALUE: float(value)}
            elif domain in _SELECTS:
                action, data = SERVICE_SELECT_OPTION, {ATTR_OPTION: value}
            else:
                action, data = (SERVICE_TURN_ON if value == STATE_ON else SERVICE_TURN_OFF), {}
            await self._caller.async_call(entity_id, action, data, context)
        if self._button is not None:
            await self._caller.async_call(self._button, SERVICE_PRESS, {}, context)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
