"""What holds or charges a home battery: which entities are set to what, and back again."""

from collections.abc import Callable, Iterable, Mapping
import math
from typing import Any, Final, NamedTuple

from homeassistant.components.button import SERVICE_PRESS
from homeassistant.components.number import (
    ATTR_MAX,
    ATTR_MIN,
    ATTR_VALUE,
    SERVICE_SET_VALUE,
)
from homeassistant.components.select import ATTR_OPTION, SERVICE_SELECT_OPTION
from homeassistant.const import (
    PERCENTAGE,
    SERVICE_TURN_OFF,
    SERVICE_TURN_ON,
    STATE_ON,
    UnitOfPower,
)
from homeassistant.core import Context, HomeAssistant, State

from ...cars.soc import FULL_SOC
from ...const import (
    CONF_CHARGE_ACTIVE,
    CONF_CHARGE_ENTITY,
    CONF_CHARGE_OPTION,
    CONF_CHARGE_POWER_ENTITY,
    CONF_HOLD_ACTIVE,
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
from ..quantity import (
    from_kilowatt,
    number,
    number_attribute,
    options_of,
    step_of,
    unit,
    valid_state,
)

_NUMBERS: Final = frozenset({"number", "input_number"})
_SELECTS: Final = frozenset({"select", "input_select"})
_SAME: Final = 1e-3
"""Numbers are kept with so many digits."""


class Setting(NamedTuple):
    """An entity, and the state that it is to have."""

    entity_id: str
    value: str


class BatteryDevice:
    """The entities of one battery that hold it, and that charge it from the grid."""

    def __init__(self, hass: HomeAssistant, name: str, data: Mapping[str, Any]) -> None:
        """Bind them.

        Args:
            hass: Home Assistant.
            name: What the battery is called.
            data: Its configuration; empty for what is only to set back what it had.
        """
        self._hass = hass
        self._caller = Caller(hass, name)
        self._hold: str | None = data.get(CONF_HOLD_ENTITY) if data.get(CONF_HOLD_ACTIVE) else None
        self._option: str | None = data.get(CONF_HOLD_OPTION)
        charges = data.get(CONF_CHARGE_ACTIVE)
        self._charge: str | None = data.get(CONF_CHARGE_ENTITY) if charges else None
        self._charge_option: str = data.get(CONF_CHARGE_OPTION, STATE_ON)
        self._power: str = data.get(CONF_CHARGE_POWER_ENTITY, "")
        self._mode: str | None = data.get(CONF_HOLD_MODE_ENTITY)
        self._mode_option: str = data.get(CONF_HOLD_MODE_OPTION, STATE_ON)
        self._button: str | None = data.get(CONF_HOLD_BUTTON)
        self.repeat_s: float = data.get(CONF_HOLD_REPEAT, 0)
        """After so long without being set again it forgets; 0 for never."""
        self.pause_s: float = 60 * data.get(CONF_HOLD_PAUSE, DEFAULT_HOLD_PAUSE_MIN)
        """So long it is to be left in peace between two changes."""

    @property
    def can_hold(self) -> bool:
        """Whether it can keep the battery from discharging."""
        return self._hold is not None

    @property
    def can_charge(self) -> bool:
        """Whether it can charge the battery from the grid."""
        return self._charge is not None

    @property
    def _before(self) -> list[str]:
        return [] if self._mode is None else [self._mode]

    @property
    def holds_by(self) -> list[str]:
        """What is set to hold the battery, in this order."""
        return [*self._before, *([] if self._hold is None else [self._hold])]

    @property
    def charges_by(self) -> list[str]:
        """What is set to charge the battery, in this order: some reset the power with the mode."""
        return [*self._before, *([] if self._charge is None else [self._charge, self._power])]

    def holding(self, soc: float | None) -> list[Setting]:
        """Return what holds the battery, as far as that can be set now.

        Some show a limit only once their mode lets it count.

        Args:
            soc: Its state of charge in %, for what is set to that.
        """
        return self._settable(self.holds_by, lambda state: self._holding_value(state, soc))

    def charging(self, kw: float) -> list[Setting]:
        """Return what charges the battery with a power, as far as that can be set now."""
        return self._settable(self.charges_by, lambda state: self._charging_value(state, kw))

    def _settable(
        self, entity_ids: Iterable[str], value_fn: Callable[[State], str | None]
    ) -> list[Setting]:
        settings = []
        for entity_id in entity_ids:
            if (state := valid_state(self._hass, entity_id)) is None:
                continue
            value = self._mode_option if entity_id == self._mode else value_fn(state)
            if value is not None:
                settings.append(Setting(entity_id, value))
        return settings

    def _charging_value(self, state: State, kw: float) -> str | None:
        if state.entity_id != self._power:
            return _known(state, self._charge_option)
        step = step_of(state, 1.0)
        value = from_kilowatt(kw, unit(state) or UnitOfPower.WATT)
        value = math.floor(value / step + _SAME) * step
        return f"{min(number_attribute(state, ATTR_MAX, value), value):g}"

    def _holding_value(self, state: State, soc: float | None) -> str | None:
        if state.domain not in _NUMBERS:
            return _known(state, self._option)
        minimum = number_attribute(state, ATTR_MIN, 0.0)
        if unit(state) != PERCENTAGE:
            return f"{minimum:g}"
        if soc is None:
            return None
        step = step_of(state, 1.0)
        level = minimum + math.ceil((soc - minimum) / step - _SAME) * step
        return f"{min(number_attribute(state, ATTR_MAX, FULL_SOC), max(minimum, level)):g}"

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


def _known(state: State, option: str | None) -> str | None:
    """Return an option that an entity has; None where it has no such."""
    options = options_of(state)
    return option if not options or option in options else None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
