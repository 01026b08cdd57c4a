"""A home in Amsterdam that pays in euros."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

NOW = "2026-11-21 10:05:00+00:00"


@pytest.fixture
async def home(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> HomeAssistant:
    """Return Home Assistant in Amsterdam on a Saturday in November, 11:05."""
    freezer.move_to(NOW)
    await hass.config.async_set_time_zone("Europe/Amsterdam")
    hass.config.currency = "EUR"
    return hass
