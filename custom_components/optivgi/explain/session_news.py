"""Lets automations and the logbook know of each session that is over."""

from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_CONFIG_ENTRY_ID, ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from ..const import DOMAIN
from ..sessions.record import SessionRecord
from .reason_texts import ReasonTexts
from .sessions import figures_of, sentence_of

EVENT_SESSION_FINISHED: Final = f"{DOMAIN}_session_finished"
ATTR_MESSAGE: Final = "message"
LAST_SESSION: Final = "last_session"
"""The key of the sensor that the logbook shows it with."""


class SessionNews:
    """Fires an event for each session that is over."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, texts: ReasonTexts) -> None:
        """Describe the sessions of a site."""
        self._hass = hass
        self._entry_id = entry.entry_id
        self._texts = texts

    @callback
    def finished(self, record: SessionRecord) -> None:
        """Fire the event, with all figures and a sentence in the language of Home Assistant."""
        entity_id = er.async_get(self._hass).async_get_entity_id(
            "sensor", DOMAIN, f"{record.charger_id}_{LAST_SESSION}"
        )
        self._hass.bus.async_fire(
            EVENT_SESSION_FINISHED,
            {
                ATTR_CONFIG_ENTRY_ID: self._entry_id,
                ATTR_ENTITY_ID: entity_id,
                "currency": self._hass.config.currency,
                ATTR_MESSAGE: sentence_of(record, self._texts, self._hass.config.currency),
                **figures_of(record),
            },
        )
