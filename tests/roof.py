"""A roof whose production Forecast.Solar expects: the real integration, its server answered for."""

from collections.abc import Mapping
import re
from typing import Final

from homeassistant.components.forecast_solar.const import DOMAIN
from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker

_URL: Final = re.compile(r"https://api\.forecast\.solar/estimate/.*")


def answer(server: AiohttpClientMocker, watt_hours: Mapping[str, int]) -> None:
    """Let the service answer: instants, and the energy in Wh since the one before."""
    server.clear_requests()
    server.get(
        _URL,
        json={
            "result": {
                "watts": dict.fromkeys(watt_hours, 0),
                "watt_hours_period": watt_hours,
                "watt_hours_day": {},
            },
            "message": {"info": {"timezone": "Europe/Amsterdam"}, "ratelimit": {"limit": 12}},
        },
        headers={
            "Content-Type": "application/json",
            "X-Ratelimit-Limit": "12",
            "X-Ratelimit-Period": "3600",
        },
    )


def fail(server: AiohttpClientMocker) -> None:
    """Let the service be down."""
    server.clear_requests()
    server.get(_URL, status=503)


async def async_set_up_roof(hass: HomeAssistant, name: str = "Roof") -> MockConfigEntry:
    """Set up the integration; whether it works is the server's answer."""
    plane = ConfigSubentryDataWithId(
        subentry_id=f"plane_{name}",
        subentry_type="plane",
        title="South",
        data={"declination": 30, "azimuth": 180, "modules_power": 5000},
        unique_id=None,
    )
    entry = MockConfigEntry(
        domain=DOMAIN,
        title=name,
        version=3,
        data={"latitude": 52.4, "longitude": 4.9},
        options={},
        subentries_data=[plane],
    )
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry
