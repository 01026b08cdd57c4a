"""What a charger's status entity says about the car, in our words."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
import re
from types import MappingProxyType
from typing import Any, Final

from homeassistant.const import STATE_OFF, STATE_ON

from ...const import (
    CONF_STATES_CHARGING,
    CONF_STATES_FINISHED,
    CONF_STATES_PLUGGED,
    CONF_STATES_UNPLUGGED,
)


class Connection(StrEnum):
    """What is known of the car at a charger."""

    UNPLUGGED = "unplugged"
    PLUGGED = "plugged"
    CHARGING = "charging"
    FINISHED = "finished"
    """The charger says that the car wants no more, as some do of one that they stopped."""
    FAULT = "fault"
    """Out of order, with a car or without."""
    UNKNOWN = "unknown"

    @property
    def plugged(self) -> bool:
        """Whether this says that a car is plugged in."""
        return self in {Connection.PLUGGED, Connection.CHARGING, Connection.FINISHED}


# The words of the brands and of OCPP, in lower case with "_" for every gap.
# Whole states first; where none fits, the first phrase that is part of the state decides.
_STATES: Final[dict[str, Connection]] = {
    STATE_ON: Connection.PLUGGED,
    STATE_OFF: Connection.UNPLUGGED,
    "true": Connection.PLUGGED,
    "false": Connection.UNPLUGGED,
    "yes": Connection.PLUGGED,
    "no": Connection.UNPLUGGED,
    # OCPP 1.6 ChargePointStatus and 2.0.1 TransactionEvent chargingState
    "available": Connection.UNPLUGGED,
    "reserved": Connection.UNPLUGGED,
    "idle": Connection.UNPLUGGED,
    "preparing": Connection.PLUGGED,
    "occupied": Connection.PLUGGED,
    "evconnected": Connection.PLUGGED,
    "charging": Connection.CHARGING,
    "suspendedev": Connection.FINISHED,
    "suspendedevse": Connection.PLUGGED,
    "finishing": Connection.FINISHED,
    "unavailable": Connection.FAULT,
    "faulted": Connection.FAULT,
    # IEC 61851 pilot states
    "a": Connection.UNPLUGGED,
    "b": Connection.PLUGGED,
    "c": Connection.CHARGING,
    "d": Connection.CHARGING,
    "e": Connection.FAULT,
    "f": Connection.FAULT,
    # Brands
    "ready": Connection.UNPLUGGED,
    "locked": Connection.UNPLUGGED,
    "standby": Connection.UNPLUGGED,
    "invalid": Connection.FAULT,
    "suspended": Connection.PLUGGED,
    "paused": Connection.PLUGGED,
    "stopped": Connection.PLUGGED,
    "scheduled": Connection.PLUGGED,
    "sleeping": Connection.PLUGGED,
    "waiting": Connection.PLUGGED,
    "complete": Connection.FINISHED,
    "completed": Connection.FINISHED,
    "finished": Connection.FINISHED,
    "discharging": Connection.CHARGING,
    "canceled": Connection.PLUGGED,
    "charging_reservation": Connection.PLUGGED,
    "de_authorizing": Connection.PLUGGED,
    "high_tariff_period": Connection.PLUGGED,
    "need_auth": Connection.PLUGGED,
    "no_power": Connection.PLUGGED,
    "out_of_activation_period": Connection.PLUGGED,
    "pause": Connection.PLUGGED,
    "pending_approval": Connection.PLUGGED,
    "starting": Connection.PLUGGED,
    "wait_for_car": Connection.PLUGGED,
    "wakeup": Connection.PLUGGED,
    "diode_check_failed": Connection.FAULT,
    "gfci_self_test_failure": Connection.FAULT,
    "no_ground": Connection.FAULT,
    "over_current": Connection.FAULT,
    "over_temperature": Connection.FAULT,
    "stuck_relay": Connection.FAULT,
    "vent_required": Connection.FAULT,
    "ventilation_required": Connection.FAULT,
    "charger_free": Connection.UNPLUGGED,
    "charger_insert": Connection.PLUGGED,
    "charger_pause": Connection.PLUGGED,
    "charger_wait": Connection.PLUGGED,
    "charger_end": Connection.FINISHED,
}
_PHRASES: Final[tuple[tuple[str, Connection], ...]] = (
    ("not_connected", Connection.UNPLUGGED),
    ("no_ev_connected", Connection.UNPLUGGED),
    ("no_car", Connection.UNPLUGGED),
    ("no_vehicle", Connection.UNPLUGGED),
    ("not_plugged", Connection.UNPLUGGED),
    ("disconnected", Connection.UNPLUGGED),
    ("unplugged", Connection.UNPLUGGED),
    ("not_charging", Connection.PLUGGED),
    ("error", Connection.FAULT),
    ("fault", Connection.FAULT),
    ("finished", Connection.FINISHED),
    ("complete", Connection.FINISHED),
    ("connected_charging", Connection.CHARGING),
    ("plugged_charging", Connection.CHARGING),
    ("await", Connection.PLUGGED),
    ("waiting", Connection.PLUGGED),
    ("ready_to_charg", Connection.PLUGGED),
    ("ready_for_charg", Connection.PLUGGED),
    ("connected", Connection.PLUGGED),
    ("plugged", Connection.PLUGGED),
    ("suspended", Connection.PLUGGED),
    ("paused", Connection.PLUGGED),
    ("stopped", Connection.PLUGGED),
    ("charging", Connection.CHARGING),
)


CONFIGURED_STATES: Final[Mapping[str, Connection]] = {
    CONF_STATES_UNPLUGGED: Connection.UNPLUGGED,
    CONF_STATES_PLUGGED: Connection.PLUGGED,
    CONF_STATES_CHARGING: Connection.CHARGING,
    CONF_STATES_FINISHED: Connection.FINISHED,
}
"""What the user says that states mean, by the keys of a charger's configuration."""

type Meanings = Mapping[str, Connection]


def configured_meanings(data: Mapping[str, Any]) -> Meanings:
    """Return what states mean by a charger's configuration, by the state as it is written."""
    return {
        state.strip().casefold(): connection
        for key, connection in CONFIGURED_STATES.items()
        for state in data.get(key, ())
    }


def connection_of(state: str, configured: Meanings = MappingProxyType({})) -> Connection:
    """Translate the state of a status or plugged entity; UNKNOWN where no word is known.

    What is ``configured`` comes before the words that are known.
    """
    if (known := configured.get(state.strip().casefold())) is not None:
        return known
    word = re.sub(r"[^a-z0-9]+", "_", state.strip().lower()).strip("_")
    if (known := _STATES.get(word)) is not None:
        return known
    return next(
        (connection for phrase, connection in _PHRASES if phrase in word), Connection.UNKNOWN
    )


def is_status_of_charger(states: Iterable[str]) -> bool:
    """Return whether these states distinguish that no car is there from that one charges."""
    return {Connection.UNPLUGGED, Connection.CHARGING} <= {connection_of(state) for state in states}
