"""What a sensor says of a car's state of charge, and when it said so."""

from datetime import datetime
import math
from typing import Final

from homeassistant.const import PERCENTAGE
from homeassistant.core import HomeAssistant, State
from homeassistant.util import dt as dt_util

from ..cars.soc import FULL_SOC, ReportedSoc
from .quantity import energy_kwh, unit, valid_state

_MAX_OVERFULL: Final = 1.1
"""Batteries hold up to a tenth more than what is entered as usable; more is something else."""


def _value(state: State | None) -> float | None:
    """Return a state as a finite number, with or without a sign for percent after it."""
    if state is None:
        return None
    try:
        value = float(state.state.removesuffix(PERCENTAGE))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def is_fraction(state: State | None) -> bool:
    """Return whether a state looks like a part of 1 instead of %."""
    value = _value(state)
    return (
        state is not None
        and value is not None
        and 0 < value < 1
        and PERCENTAGE not in (unit(state), state.state[-1:])
        and energy_kwh(state) is None
    )


def soc_of(state: State | None, battery_kwh: float) -> float | None:
    """Return the state of charge in % that a state reports; None where it reports none.

    Where it is the energy in a battery, it is a part of what ``battery_kwh`` says that it holds.
    """
    if (kwh := energy_kwh(state)) is not None:
        # The usable capacity is known roughly: a full battery may hold a little more.
        within = 0 <= kwh <= battery_kwh * _MAX_OVERFULL
        return min(FULL_SOC, kwh / battery_kwh * FULL_SOC) if within else None
    value = _value(state)
    if value is None or not 0 <= value <= FULL_SOC or is_fraction(state):
        return None
    return value


def read_soc(
    hass: HomeAssistant, entity_id: str | None, time_entity: str | None, battery_kwh: float
) -> ReportedSoc | None:
    """Return what an entity reports of the state of charge; None while it reports nothing.

    Args:
        hass: Home Assistant.
        entity_id: The sensor of the state of charge.
        time_entity: A sensor that reports when the car was so: clouds report again and again what
            they heard hours ago.
        battery_kwh: What the battery holds, for a sensor of the energy in it.
    """
    state = valid_state(hass, entity_id)
    if state is None or (soc := soc_of(state, battery_kwh)) is None:
        return None
    if (moment := moment_of(valid_state(hass, time_entity))) is not None:
        return ReportedSoc(soc=soc, at=min(moment, state.last_reported))
    at = state.last_reported
    return ReportedSoc(soc=soc, at=at, is_news=at > state.last_changed)


def moment_of(state: State | None) -> datetime | None:
    """Return the time that a state reports; None where it reports none."""
    moment = None if state is None else dt_util.parse_datetime(state.state)
    return None if moment is None else dt_util.as_utc(moment)
