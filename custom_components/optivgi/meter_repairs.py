"""Ways out where a meter shows what cannot be: its sign or its unit is corrected here."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, override

from homeassistant.components.repairs.models import RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState

from .bindings.house.habit import MeterHabit
from .const import CONF_METER_FACTOR, CONF_METER_INVERTED
from .runtime import OptivgiConfigEntry
from .setting_repairs import SettingRepairFlow

# W and kW.
_THOUSAND: Final = 1000.0


class MeterRepairFlow(SettingRepairFlow):
    """Asks how the meter of a site is wrong, and corrects its values from then on."""

    _entry: OptivgiConfigEntry
    options: ClassVar[tuple[str, ...]] = ("inverted", "kilowatts", "watts", "elsewhere")

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Ask."""
        return self.async_show_menu(
            step_id="init",
            menu_options=list(self.options),
            description_placeholders=self._named,
        )

    async def async_step_inverted(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """It counts the other way round."""
        return self._correct({CONF_METER_INVERTED: not self._now.get(CONF_METER_INVERTED, False)})

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
        return self.async_create_entry(data={})

    def _multiply(self, by: float) -> RepairsFlowResult:
        factor = self._now.get(CONF_METER_FACTOR, 1.0)
        return self._correct({CONF_METER_FACTOR: round(factor * by, 9)})

    def _correct(self, corrections: dict[str, Any]) -> RepairsFlowResult:
        if self._entry.state is ConfigEntryState.LOADED and (habit := self._habit) is not None:
            # A meter that was wrong has shown no surplus either.
            habit.surplus_kw = 0.0
        return self._keep(corrections)

    @property
    def _now(self) -> Mapping[str, Any]:
        """What corrects it at present, beside other settings."""
        return self._entry.options

    @property
    def _habit(self) -> MeterHabit | None:
        """What is remembered of it."""
        return self._entry.runtime_data.site.store.memory.meter

    def _keep(self, corrections: dict[str, Any]) -> RepairsFlowResult:
        options = {**self._entry.options, **corrections}
        self.hass.config_entries.async_update_entry(self._entry, options=options)
        return self.async_create_entry(data={})


class CircuitMeterRepairFlow(MeterRepairFlow):
    """Asks how the meter of a circuit is wrong; another one is picked in the circuit's form."""

    options = (*MeterRepairFlow.options, "form")

    @property
    @override
    def _now(self) -> Mapping[str, Any]:
        return self._part.data

    @property
    @override
    def _habit(self) -> MeterHabit | None:
        known = self._entry.runtime_data.site.store.memory.circuits.get(self._part.subentry_id)
        return None if known is None else known.meter

    @override
    def _keep(self, corrections: dict[str, Any]) -> RepairsFlowResult:
        return self._change(corrections)
