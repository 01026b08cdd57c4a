"""What an entity of a car says about where it is: plugged in, at home or elsewhere."""

from types import MappingProxyType
from typing import Final

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.components.device_tracker import DOMAIN as DEVICE_TRACKER_DOMAIN
from homeassistant.components.person import DOMAIN as PERSON_DOMAIN
from homeassistant.const import ATTR_DEVICE_CLASS, STATE_HOME, STATE_OFF
from homeassistant.core import HomeAssistant, State

from ..cars.presence import Presence, Sighting
from .chargers.connection import Connection
from .chargers.meanings import Meanings, configured_meaning, connection_of
from .chargers.words import car_word
from .quantity import valid_state

TRACKER_DOMAINS: Final = frozenset({DEVICE_TRACKER_DOMAIN, PERSON_DOMAIN})

_BY_CONNECTION: Final = {
    Connection.UNPLUGGED: Presence.UNPLUGGED,
    Connection.PLUGGED: Presence.PLUGGED,
    Connection.CHARGING: Presence.PLUGGED,
    Connection.FINISHED: Presence.PLUGGED,
    Connection.FAULT: Presence.UNKNOWN,
}


def presence_of(state: State, configured: Meanings = MappingProxyType({})) -> Presence | None:
    """Return what a state says; None where its words are not known.

    What is ``configured`` comes before the words that are known.
    """
    if state.domain in TRACKER_DOMAINS:
        return Presence.HOME if state.state == STATE_HOME else Presence.AWAY
    if (known := configured_meaning(state.state, configured)) is not None:
        return _BY_CONNECTION[known]
    only_charging = (
        state.attributes.get(ATTR_DEVICE_CLASS) == BinarySensorDeviceClass.BATTERY_CHARGING
    )
    if only_charging and state.state == STATE_OFF:
        return Presence.UNKNOWN
    if state.domain == "sensor":
        said = car_word(state.state)
        return None if said is None else _BY_CONNECTION.get(said, Presence.UNKNOWN)
    return _BY_CONNECTION.get(connection_of(state.state))


def read_presence(
    hass: HomeAssistant, entity_id: str | None, configured: Meanings = MappingProxyType({})
) -> Sighting | None:
    """Return what an entity says about where a car is; None while it says nothing of it."""
    if (state := valid_state(hass, entity_id)) is None:
        return None
    presence = presence_of(state, configured)
    if presence is None or presence is Presence.UNKNOWN:
        return None
    return Sighting(presence=presence, since=state.last_changed)
