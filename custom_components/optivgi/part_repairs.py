"""Ways out where a part of a site does not do what it was commanded: again, otherwise, or not."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.components.homeassistant import DOMAIN as CORE_DOMAIN, SERVICE_UPDATE_ENTITY
from homeassistant.components.repairs.models import RepairsFlowResult
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from .bindings.chargers.ocpp.actions import OcppError
from .bindings.chargers.ocpp.limit import NUMBER_ONLY
from .const import (
    CONF_CHARGE_ACTIVE,
    CONF_HOLD_ACTIVE,
    CONF_MAX_A,
    CONF_MIN_A,
    CONF_OCPP_PHASES,
    CONF_OCPP_PROFILES,
    CONF_ONE_PHASE_ACTION,
    CONF_PHASE_ENTITY,
    CONF_THREE_PHASES_ACTION,
)
from .control.part_issues import PART_ID
from .errors import as_part
from .runtime import OptivgiConfigEntry
from .setting_repairs import IssueData, SettingRepairFlow

type _Again = Callable[[HomeAssistant, OptivgiConfigEntry, str], Awaitable[None]]
"""Tries what was in vain once more: of a loaded site, and of the part with this id."""


async def _command_again(hass: HomeAssistant, entry: OptivgiConfigEntry, charger_id: str) -> None:
    entry.runtime_data.controller.try_again(charger_id)


async def _set_again(hass: HomeAssistant, entry: OptivgiConfigEntry, battery_id: str) -> None:
    runtime = entry.runtime_data
    runtime.controller.batteries.try_again(battery_id)
    runtime.controller.async_apply_soon()


async def _start_again(hass: HomeAssistant, entry: OptivgiConfigEntry, _: str) -> None:
    """Set the site up again: profiles that failed are tried again from there."""
    hass.config_entries.async_schedule_reload(entry.entry_id)


async def _look_again(hass: HomeAssistant, entry: OptivgiConfigEntry, _: str) -> None:
    entry.runtime_data.controller.async_apply_soon()


async def _ask_again(hass: HomeAssistant, entry: OptivgiConfigEntry, _: str) -> None:
    """Have what is silent report, if it can be asked."""
    runtime = entry.runtime_data
    if hass.services.has_service(CORE_DOMAIN, SERVICE_UPDATE_ENTITY):
        silent = {ATTR_ENTITY_ID: list(runtime.site.operator.silent)}
        await hass.services.async_call(CORE_DOMAIN, SERVICE_UPDATE_ENTITY, silent, blocking=True)
    runtime.controller.async_apply_soon()


@dataclass(frozen=True)
class Ways:
    """What a person can do about an issue.

    Attributes:
        again: Tries once more, or looks again.
        others: The other steps, in the order of the menu.
        without: The settings that ask for what fails, for doing without it.
    """

    again: _Again
    others: tuple[str, ...]
    without: tuple[str, ...] = ()


_PHASES: Final = (
    CONF_PHASE_ENTITY,
    CONF_ONE_PHASE_ACTION,
    CONF_THREE_PHASES_ACTION,
    CONF_OCPP_PHASES,
)
_FOREIGN: Final = Ways(_start_again, ("clear", "number", "form"))
"""A profile of somebody else may be what is in the way."""
_OWN: Final = Ways(_start_again, ("number", "form"))
WAYS: Final[Mapping[str, Ways]] = {
    "battery_does_not_charge": Ways(_set_again, ("without", "form"), (CONF_CHARGE_ACTIVE,)),
    "battery_does_not_hold": Ways(_set_again, ("without", "form"), (CONF_HOLD_ACTIVE,)),
    "charger_does_not_follow": Ways(_command_again, ("form", "until_unplugged")),
    "charger_does_not_switch": Ways(_command_again, ("without", "form"), _PHASES),
    "charging_limited_elsewhere": Ways(_look_again, ("clear", "max_current", "form")),
    "charging_number_exceeded": Ways(_start_again, ("form",)),
    "charging_number_stands": _FOREIGN,
    "charging_profiles_exceeded": _FOREIGN,
    "charging_profiles_held_back": _FOREIGN,
    "charging_profiles_not_shown": _OWN,
    "charging_profiles_refused": _FOREIGN,
    "charging_profiles_unanswered": _OWN,
    "operator_limit_silent": Ways(_ask_again, ("form",)),
}
"""By the text of an issue."""


class PartRepairFlow(SettingRepairFlow):
    """Offers what can be done where a part of a site does not do as it should, or the site."""

    _entry: OptivgiConfigEntry

    def __init__(self, entry: OptivgiConfigEntry, data: IssueData) -> None:
        """Ask about a part of a loaded site."""
        super().__init__(entry, data)
        self._part_id = str(data.get(PART_ID))

    @property
    def _ways(self) -> Ways:
        issue = ir.async_get(self.hass).async_get_issue(self.handler, self.issue_id)
        return WAYS[str(None if issue is None else issue.translation_key)]

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Ask."""
        can = {"clear": self._can_clear, "max_current": self._can_be_max}
        others = [way for way in self._ways.others if way not in can or can[way]()]
        return self.async_show_menu(
            step_id="init",
            menu_options=["again", *others],
            description_placeholders=self._named,
        )

    async def async_step_again(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Try once more; what is in vain again is reported again."""
        await self._ways.again(self.hass, self._entry, self._part_id)
        return self.async_create_entry(data={})

    async def async_step_without(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Do without what fails."""
        return self._change({}, self._ways.without)

    async def async_step_until_unplugged(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Leave the charger alone as long as this car is there; what it draws counts."""
        runtime = self._entry.runtime_data
        runtime.site.points[self._part_id].hold()
        runtime.async_settings_changed()
        return self.async_create_entry(data={})

    async def async_step_number(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Limit the charger by its number only."""
        return self._change({CONF_OCPP_PROFILES: NUMBER_ONLY})

    async def async_step_max_current(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Plan with what the charger offers."""
        return self._change({CONF_MAX_A: self._limit_a})

    async def async_step_clear(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Remove everybody's profiles from the charger, and send ours again at once."""
        profiles = self._entry.runtime_data.site.points[self._part_id].charger.profiles
        try:
            if profiles is not None:
                await profiles.control.async_clear()
        except OcppError as err:
            named = {**self._named, "error": as_part(str(err))}
            return self.async_abort(reason="clear_failed", description_placeholders=named)
        await _start_again(self.hass, self._entry, self._part_id)
        return self.async_create_entry(data={})

    def _can_clear(self) -> bool:
        profiles = self._entry.runtime_data.site.points[self._part_id].charger.profiles
        return profiles is not None and profiles.control.can_clear

    def _can_be_max(self) -> bool:
        return self._limit_a >= float(self._part.data[CONF_MIN_A])

    @property
    def _limit_a(self) -> float:
        return float(self._data["limit_a"] or 0.0)
