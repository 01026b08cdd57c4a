"""Which colour each day has, where a tariff has colours: shown for today, and for tomorrow."""

from datetime import date, timedelta
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from ...const import CONF_COLOUR_ENTITY
from .base import TariffError
from .day_colours import colours_of_days
from .moments import Clock
from .siblings import siblings_of

_KEPT: Final = timedelta(days=2)
"""The night before today belongs to yesterday's colour."""


class ColourDays:
    """Reads the colours of days from an entity, and from those of the same integration."""

    def __init__(self, hass: HomeAssistant, entity_id: str) -> None:
        """Remember the entity to read; tomorrow's colour is often another one beside it."""
        self._hass = hass
        self._entity_id = entity_id
        self._seen: dict[date, str] = {}
        registered = er.async_get(hass).async_get(entity_id)
        beside = () if registered is None else siblings_of(hass, registered)
        self.watched_entities = (entity_id, *(relative.entity_id for relative in beside))

    def known(self) -> dict[date, str]:
        """Return the colours of the days that are known, those seen before among them."""
        states = [
            state
            for entity_id in self.watched_entities
            if (state := self._hass.states.get(entity_id)) is not None
        ]
        clock = Clock(dt_util.utcnow(), dt_util.get_default_time_zone())
        self._seen |= colours_of_days(states, clock)
        self._seen = {
            day: colour for day, colour in self._seen.items() if day >= clock.day(0) - _KEPT
        }
        return dict(self._seen)

    def validate(self) -> None:
        """Raise TariffError where the entity shows no colour of a day."""
        if not self.known():
            refusal = TariffError("price_colours_unreadable", entity=self._entity_id)
            refusal.field = CONF_COLOUR_ENTITY
            raise refusal
