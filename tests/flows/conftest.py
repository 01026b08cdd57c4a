"""What the flows of chargers have in common."""

from collections.abc import AsyncGenerator

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from tests.house import SITE_DATA, House

from custom_components.optivgi.const import DOMAIN


@pytest.fixture
async def site(hass: HomeAssistant, house: House) -> AsyncGenerator[MockConfigEntry]:
    """Yield a site without chargers."""
    entry = MockConfigEntry(domain=DOMAIN, title="Home", entry_id="site", data=dict(SITE_DATA))
    house.entry = entry
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await house.async_settle()
    yield entry
    await house.async_settle()
