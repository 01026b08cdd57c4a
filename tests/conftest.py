"""What every test of the integration needs."""

from collections.abc import AsyncGenerator
import logging

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

# The test framework's own custom_components would win over ours if it were imported first.
import custom_components.optivgi.const  # noqa: F401
from tests.house import House

# The test framework has each statement of the recorder logged, and pytest keeps that.
logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)


@pytest.fixture(autouse=True)
def _custom_integrations(request: pytest.FixtureRequest) -> None:
    """Let Home Assistant find the integration; the recorder wants to be there before it."""
    if "recorder_mock" in request.fixturenames:
        request.getfixturevalue("recorder_mock")
    request.getfixturevalue("enable_custom_integrations")


@pytest.fixture
async def house(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> AsyncGenerator[House]:
    """Return a house at 20:00 local time on a winter evening, with nothing plugged in."""
    freezer.move_to("2026-11-20 19:00:00+00:00")
    house = House(hass, freezer)
    await house.async_build()
    yield house
    # A reload that a test has set off must not be cut off in the middle of a solve.
    await hass.async_block_till_done(wait_background_tasks=True)
