"""What the status of a charger, or the plug of a car, says in our words."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from ...const import (
    CONF_STATES_CHARGING,
    CONF_STATES_FINISHED,
    CONF_STATES_PLUGGED,
    CONF_STATES_UNPLUGGED,
)
from .connection import Connection
from .words import charger_word

CONFIGURED_STATES: Final[Mapping[str, Connection]] = {
    CONF_STATES_UNPLUGGED: Connection.UNPLUGGED,
    CONF_STATES_PLUGGED: Connection.PLUGGED,
    CONF_STATES_CHARGING: Connection.CHARGING,
    CONF_STATES_FINISHED: Connection.FINISHED,
}
"""What the user says that states mean, by the keys of a charger's or a car's configuration."""

type Meanings = Mapping[str, Connection]


def configured_meanings(data: Mapping[str, Any]) -> Meanings:
    """Return what states mean by a configuration, by the state as it is written."""
    return {
        state.strip().casefold(): connection
        for key, connection in CONFIGURED_STATES.items()
        for state in data.get(key, ())
    }


def configured_meaning(state: str, configured: Meanings) -> Connection | None:
    """Return what the user says that a state means; None for nothing."""
    return configured.get(state.strip().casefold())


def connection_of(state: str, configured: Meanings = MappingProxyType({})) -> Connection:
    """Translate the state of a status or plugged entity; UNKNOWN where no word is known.

    What is ``configured`` comes before the words that are known.
    """
    if (known := configured_meaning(state, configured)) is not None:
        return known
    return charger_word(state)


def is_status_of_charger(states: Iterable[str]) -> bool:
    """Return whether these states distinguish that no car is there from that one charges."""
    return {Connection.UNPLUGGED, Connection.CHARGING} <= {connection_of(state) for state in states}
