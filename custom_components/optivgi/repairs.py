"""What a person can do about an issue: say in which way a meter is wrong."""

from typing import Any, Final

from homeassistant.components.repairs import RepairsFlow
from homeassistant.components.repairs.models import RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from .const import CONF_METER_FACTOR, CONF_METER_INVERTED
from .runtime import OptivgiConfigEntry

# W and kW.
_THOUSAND: Final = 1000.0


class MeterRepairFlow(RepairsFlow):
    """Asks how a meter is wrong, and corrects its values from then on."""

    def __init__(self, entry: OptivgiConfigEntry) -> None:
        """Correct the meter of a site."""
        self._entry = entry

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Ask."""
        issue = ir.async_get(self.hass).async_get_issue(self.handler, self.issue_id)
        return self.async_show_menu(
            step_id="init",
            menu_options=["inverted", "kilowatts", "watts", "elsewhere"],
            description_placeholders=None if issue is None else issue.translation_placeholders,
        )

    async def async_step_inverted(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """It counts the other way round."""
        inverted = self._entry.options.get(CONF_METER_INVERTED, False)
        return self._correct({CONF_METER_INVERTED: not inverted})

    async def async_step_kilowatts(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """It shows kW, and says that they are W."""
        return self._multiply(_THOUSAND)

    async def async_step_watts(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """It shows W, and says that they are kW."""
        return self._multiply(1 / _THOUSAND)

    async def async_step_elsewhere(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """It was stuck, or is set right by itself: nothing is to be corrected here."""
        return self._correct({})

    def _multiply(self, by: float) -> RepairsFlowResult:
        factor = self._entry.options.get(CONF_METER_FACTOR, 1.0)
        return self._correct({CONF_METER_FACTOR: round(factor * by, 9)})

    def _correct(self, options: dict[str, Any]) -> RepairsFlowResult:
        if options:
            if self._entry.state is ConfigEntryState.LOADED:
                # A meter that was wrong has shown no surplus either.
                self._entry.runtime_data.site.store.memory.meter.surplus_kw = 0.0
            self.hass.config_entries.async_update_entry(
                self._entry, options={**self._entry.options, **options}
            )
        return self.async_create_entry(data={})


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Return the way out of an issue; those that are not about a meter have none."""
    entry_id = str((data or {})["entry_id"])
    entry: OptivgiConfigEntry = hass.config_entries.async_get_known_entry(entry_id)
    return MeterRepairFlow(entry)
