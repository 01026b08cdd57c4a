"""States of other integrations' entities as numbers in our units."""

from collections.abc import Mapping
import math
from typing import Any, Final

from homeassistant.components.number import ATTR_STEP
from homeassistant.components.select import ATTR_OPTIONS
from homeassistant.const import (
    ATTR_ASSUMED_STATE,
    ATTR_UNIT_OF_MEASUREMENT,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    UnitOfElectricCurrent,
    UnitOfEnergy,
    UnitOfPower,
)
from homeassistant.core import HomeAssistant, State
from homeassistant.util.unit_conversion import (
    ElectricCurrentConverter,
    EnergyConverter,
    PowerConverter,
)

INVALID_STATES: Final = frozenset({STATE_UNAVAILABLE, STATE_UNKNOWN, "", "none", "None"})


def valid_state(hass: HomeAssistant, entity_id: str | None) -> State | None:
    """Return an entity's state, or None where it is missing, unavailable or unknown."""
    if entity_id is None or (state := hass.states.get(entity_id)) is None:
        return None
    return None if state.state in INVALID_STATES else state


def commandable_state(hass: HomeAssistant, entity_id: str | None) -> State | None:
    """Return the state of what can be commanded, or None where it is missing or unavailable.

    One that shows nothing but what it was commanded is unknown until it has been.
    """
    state = None if entity_id is None else hass.states.get(entity_id)
    if (
        state is not None
        and state.state == STATE_UNKNOWN
        and state.attributes.get(ATTR_ASSUMED_STATE)
    ):
        return state
    return valid_state(hass, entity_id)


def number(state: State | None) -> float | None:
    """Return a state as a finite number, or None."""
    return None if state is None else finite(state.state)


def finite(value: object) -> float | None:
    """Return what an integration gives as a number; None where it is none."""
    try:
        found = float(value) if isinstance(value, int | float | str) else math.nan
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def number_attribute(state: State, name: str, default: float) -> float:
    """Return an attribute as a finite number; the default where it is none."""
    found = finite(state.attributes.get(name))
    return default if found is None else found


def step_of(state: State, default: float) -> float:
    """Return by what the values of a number differ; the default where it says nothing usable."""
    step = number_attribute(state, ATTR_STEP, default)
    return step if step > 0 else default


def options_of(state: State | None) -> tuple[str, ...]:
    """Return the options of a select; none where there are none."""
    return () if state is None else options_in(state.attributes)


def options_in(attributes: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the options among attributes, or among what a select can do."""
    options = attributes.get(ATTR_OPTIONS)
    if not isinstance(options, list | tuple):
        return ()
    return tuple(option for option in options if isinstance(option, str))


def unit(state: State | None) -> str | None:
    """Return the unit of measurement of a state; None where that is no text."""
    name = None if state is None else state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    return name if isinstance(name, str) else None


def power_kw(state: State | None) -> float | None:
    """Return a power sensor's state in kW; None where it is no power."""
    value = number(state)
    if value is None or (of_state := unit(state)) not in PowerConverter.VALID_UNITS:
        return None
    return PowerConverter.convert(value, of_state, UnitOfPower.KILO_WATT)


def energy_kwh(state: State | None) -> float | None:
    """Return an energy sensor's state in kWh; None where it is no energy."""
    value = number(state)
    if value is None or (of_state := unit(state)) not in EnergyConverter.VALID_UNITS:
        return None
    return EnergyConverter.convert(value, of_state, UnitOfEnergy.KILO_WATT_HOUR)


def is_energy_unit(name: str | None) -> bool:
    """Return whether a unit is one of energy."""
    return name in EnergyConverter.VALID_UNITS


def is_power_unit(name: str | None) -> bool:
    """Return whether a unit is one of power."""
    return name in PowerConverter.VALID_UNITS


def is_current_unit(name: str | None) -> bool:
    """Return whether a unit is one of electric current."""
    return name in ElectricCurrentConverter.VALID_UNITS


def to_ampere(value: float, from_unit: str) -> float:
    """Convert a current to A."""
    return ElectricCurrentConverter.convert(value, from_unit, UnitOfElectricCurrent.AMPERE)


def from_ampere(value: float, to_unit: str) -> float:
    """Convert a current from A."""
    return ElectricCurrentConverter.convert(value, UnitOfElectricCurrent.AMPERE, to_unit)


def to_kilowatt(value: float, from_unit: str) -> float:
    """Convert a power to kW."""
    return PowerConverter.convert(value, from_unit, UnitOfPower.KILO_WATT)


def from_kilowatt(value: float, to_unit: str) -> float:
    """Convert a power from kW."""
    return PowerConverter.convert(value, UnitOfPower.KILO_WATT, to_unit)
