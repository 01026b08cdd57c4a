"""States of other integrations' entities as numbers in our units."""

import math
from typing import Final

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
    if state is None:
        return None
    try:
        value = float(state.state)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def unit(state: State | None) -> str | None:
    """Return the unit of measurement of a state."""
    return None if state is None else state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)


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
