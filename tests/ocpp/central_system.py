"""The stand-in for lbbrhzn/ocpp, set up in the Home Assistant of a test."""

from demo.custom_components.ocpp.central import ACTIONS, Central
from demo.custom_components.ocpp.const import DOMAIN, PLATFORMS
from homeassistant.config_entries import ConfigEntry, ConfigFlow
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    MockPlatform,
    mock_config_flow,
    mock_integration,
    mock_platform,
)


class CentralSystem(Central):
    """The integration `ocpp`, set up with some charge points."""

    entry: MockConfigEntry | None = None

    async def async_set_up(self) -> int:
        """Set the integration up; return the port it listens on."""
        await self.async_listen()
        self._register_integration()
        self.entry = MockConfigEntry(domain=DOMAIN, title="central")
        self.entry.add_to_hass(self.hass)
        with mock_config_flow(DOMAIN, ConfigFlow):
            assert await self.hass.config_entries.async_setup(self.entry.entry_id)
        await self.hass.async_block_till_done()
        return self.port

    async def async_set_up_again(self) -> None:
        """Load the integration again; charge points keep their connections here."""
        assert self.entry is not None
        with mock_config_flow(DOMAIN, ConfigFlow):
            assert await self.hass.config_entries.async_setup(self.entry.entry_id)

    # Home Assistant's side

    def _register_integration(self) -> None:
        async def async_setup_entry(hass: HomeAssistant, entry: ConfigEntry) -> bool:
            self.register_actions()
            await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
            return True

        async def async_unload_entry(hass: HomeAssistant, entry: ConfigEntry) -> bool:
            for action in ACTIONS:
                hass.services.async_remove(DOMAIN, action)
            return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)

        module = MockModule(
            DOMAIN, async_setup_entry=async_setup_entry, async_unload_entry=async_unload_entry
        )
        mock_integration(self.hass, module, built_in=False)
        mock_platform(self.hass, f"{DOMAIN}.config_flow", None)
        for platform in PLATFORMS:
            mock_platform(self.hass, f"{DOMAIN}.{platform}", self._platform(platform))

    def _platform(self, platform: str) -> MockPlatform:
        async def async_setup_entry(
            hass: HomeAssistant, entry: ConfigEntry, async_add: AddConfigEntryEntitiesCallback
        ) -> None:
            self.add_entities(platform, async_add)

        return MockPlatform(async_setup_entry=async_setup_entry)
