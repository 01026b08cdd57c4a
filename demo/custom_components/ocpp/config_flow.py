"""Setting up the simulated charge point asks nothing."""

from typing import Any, override

from homeassistant.config_entries import ConfigFlow, ConfigFlowResult

from .const import DOMAIN


class OcppConfigFlow(ConfigFlow, domain=DOMAIN):
    """Connect the one charge point there is."""

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Create the entry."""
        return self.async_create_entry(title="Central system", data={})
