"""A place to try charging profiles at; sockets reach no further than this machine."""

from collections.abc import AsyncGenerator

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from tests.house import House

from .bench import Bench
from .home import Home


@pytest.fixture
async def bench(
    socket_enabled: None, hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> AsyncGenerator[Bench]:
    """Return a bench at 20:05 local time on a winter evening."""
    freezer.move_to("2026-11-20 19:05:27+00:00")
    await hass.config.async_set_time_zone("Europe/Amsterdam")
    bench = Bench(hass, freezer)
    yield bench
    await bench.async_stop()


@pytest.fixture
async def home(house: House, bench: Bench) -> Home:
    """Return a home at 20:05 local time, nothing of which is set up yet."""
    return Home(house, bench)
