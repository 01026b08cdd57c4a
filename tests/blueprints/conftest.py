"""A phone with the app of Home Assistant, and automations made of imported blueprints."""

from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
import re
from typing import Any, Final
from urllib.parse import unquote

from homeassistant.components.automation.helpers import async_get_blueprints
from homeassistant.components.blueprint.importer import fetch_blueprint_from_url
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker

from tests.bindings.test_departure_calendar import family  # noqa: F401

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / "blueprints" / "automation" / "optivgi"
PUSH_URL: Final = "https://push.test/send"
IMPORTS: Final[Mapping[str, str]] = {
    Path(url).stem: url
    for url in map(
        unquote,
        re.findall(
            r"https://my\.home-assistant\.io/redirect/blueprint_import/\?blueprint_url=([^\"]+)",
            (ROOT / "docs" / "blueprints.md").read_text(),
        ),
    )
}
"""What the import buttons of the documentation lead to, by the names of the blueprints."""


class Blueprints:
    """Imports blueprints, makes automations of them, and knows what these call."""

    def __init__(self, hass: HomeAssistant, web: AiohttpClientMocker) -> None:
        """Listen for calls."""
        self._hass = hass
        self._web = web
        self._calls: list[Event] = async_capture_events(hass, "call_service")

    async def async_run(self, name: str, **inputs: Any) -> None:
        """Import a blueprint by its button, and make an automation of it."""
        url = IMPORTS[name]
        self._web.get(url, text=(FOLDER / f"{name}.yaml").read_text())
        imported = await fetch_blueprint_from_url(self._hass, url)
        path = f"{imported.suggested_filename}.yaml"
        assert imported.blueprint.validate() is None
        await async_get_blueprints(self._hass).async_add_blueprint(imported.blueprint, path)
        config = {"alias": name, "use_blueprint": {"path": path, "input": inputs}}
        assert await async_setup_component(self._hass, "automation", {"automation": [config]})
        await self._hass.async_block_till_done()
        state = self._hass.states.get(f"automation.{name}")
        assert state is not None
        assert state.state == "on"
        self._calls.clear()

    def calls(self, *actions: str) -> list[dict[str, Any]]:
        """Return with what some actions were called since this was last asked."""
        named = [
            event.data["service_data"]
            for event in self._calls
            if f"{event.data['domain']}.{event.data['service']}" in actions
        ]
        self._calls.clear()
        return named


class Phone:
    """A phone that messages are pushed to."""

    def __init__(self, hass: HomeAssistant, web: AiohttpClientMocker) -> None:
        """Register it with Home Assistant later."""
        self._hass = hass
        self._web = web
        self.entity_id = "notify.phone"

    async def async_register(self) -> None:
        """Register it, as the app does."""
        self._web.post(PUSH_URL, json={}, status=201)
        assert await async_setup_component(self._hass, "mobile_app", {})
        entry = MockConfigEntry(
            domain="mobile_app",
            title="Phone",
            data={
                "app_data": {"push_token": "token", "push_url": PUSH_URL},
                "app_id": "io.homeassistant.test",
                "app_name": "Test",
                "app_version": "1.0",
                "device_id": "phone",
                "device_name": "Phone",
                "manufacturer": "Test",
                "model": "Phone",
                "os_name": "Test",
                "os_version": "1",
                "supports_encryption": False,
                "user_id": "user",
                "webhook_id": "phone-webhook",
            },
        )
        entry.add_to_hass(self._hass)
        assert await self._hass.config_entries.async_setup(entry.entry_id)
        await self._hass.async_block_till_done()

    @property
    def device_id(self) -> str:
        """Its device."""
        return device_id(self._hass, "Phone")

    def pushed(self) -> list[dict[str, Any]]:
        """Return what has been pushed to it since this was last asked."""
        sent = [dict(call[2]) for call in self._web.mock_calls if str(call[1]) == PUSH_URL]
        self._web.mock_calls.clear()
        return sent

    async def async_press(self, message: Mapping[str, Any], title: str) -> None:
        """Press a button of a message."""
        (pressed,) = (one for one in message["data"]["actions"] if one["title"] == title)
        self._hass.bus.async_fire("mobile_app_notification_action", {"action": pressed["action"]})
        await self._hass.async_block_till_done(wait_background_tasks=True)


def device_id(hass: HomeAssistant, name: str) -> str:
    """Return the id of a device."""
    (found,) = (device for device in dr.async_get(hass).devices if device.name == name)
    return found.id


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Return a folder of its own for what is imported."""
    return hass_tmp_config_dir


@pytest.fixture
async def blueprints(
    hass: HomeAssistant, aioclient_mock: AiohttpClientMocker
) -> AsyncGenerator[Blueprints]:
    """Yield what imports blueprints; their automations end with the test."""
    yield Blueprints(hass, aioclient_mock)
    await hass.services.async_call("automation", "turn_off", {"entity_id": "all"}, blocking=True)


@pytest.fixture
async def phone(hass: HomeAssistant, aioclient_mock: AiohttpClientMocker) -> Phone:
    """Return a registered phone."""
    phone = Phone(hass, aioclient_mock)
    await phone.async_register()
    return phone
