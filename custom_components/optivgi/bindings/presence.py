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
        return presence_of_word(state.state)
    return _BY_CONNECTION.get(connection_of(state.state))


def presence_of_word(word: str) -> Presence | None:
    """Return what a word of a car's sensor says; None where it is not known."""
    said = car_word(word)
    return None if said is None else _BY_CONNECTION.get(said, Presence.UNKNOWN)


def read_presence(
    hass: HomeAssistant,
    entity_id: str | None,
    configured: Meanings = MappingProxyType({}),
    location_entity: str | None = None,
) -> Sighting | None:
    """Return what a car says about where it is; None while it says nothing of it.

    Args:
        hass: Home Assistant.
        entity_id: Its plug, or where it is.
        configured: What the plug's words mean, where a person has said so.
        location_entity: Where it is, beside the plug: who is away is plugged in somewhere else. An
            older report does not count, as a car may come home and be plugged in before it says so.
    """
    plug = valid_state(hass, entity_id)
    location = valid_state(hass, location_entity)
    presence = None if plug is None else presence_of(plug, configured)
    says_nothing = plug is None or presence is None or presence is Presence.UNKNOWN
    if location is not None and (said := presence_of(location)) is not None:
        is_away = said is Presence.AWAY
        if says_nothing or (
            is_away and plug is not None and location.last_reported >= plug.last_changed
        ):
            return Sighting(presence=said, since=location.last_changed)
    if plug is None or presence is None or presence is Presence.UNKNOWN:
        return None
    return Sighting(presence=presence, since=plug.last_changed)
