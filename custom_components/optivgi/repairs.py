"""What a person can do about an issue: explain a word, say who commands, change a setting."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from homeassistant.components.repairs import ConfirmRepairFlow, RepairsFlow
from homeassistant.components.repairs.models import RepairsFlowResult
from homeassistant.config_entries import ConfigEntry, ConfigEntryState, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from .charging.departure_tracker import one_off_departure
from .const import (
    CONF_OBSERVE,
    CONF_STATES_CHARGING,
    CONF_STATES_FINISHED,
    CONF_STATES_PLUGGED,
    CONF_STATES_UNPLUGGED,
    DOMAIN,
    FixedBy,
    Mode,
)
from .control.part_issues import PART_ID
from .explain.readiness_watch import ready_at
from .meter_repairs import CircuitMeterRepairFlow, MeterRepairFlow
from .part_repairs import PartRepairFlow
from .runtime import OptivgiConfigEntry
from .setting_repairs import FLOWS, IssueData, SettingRepairFlow

_FLOWS: Final[Mapping[str, type[SettingRepairFlow]]] = {
    **FLOWS,
    FixedBy.CIRCUIT_METER: CircuitMeterRepairFlow,
    FixedBy.PART: PartRepairFlow,
}
"""By what an issue keeps under ``fixed_by``."""


class RivalRepairFlow(RepairsFlow):
    """Asks who is to command a charger that somebody else commands, too."""

    def __init__(self, entry: OptivgiConfigEntry, charger_id: str) -> None:
        """Ask about one charger of a site."""
        self._runtime = entry.runtime_data
        self._point = entry.runtime_data.site.points[charger_id]

    @property
    def _departure(self) -> datetime:
        now = dt_util.utcnow()
        return self._point.departure_tracker.current(now).at

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Ask."""
        issue = ir.async_get(self.hass).async_get_issue(self.handler, self.issue_id)
        known = {} if issue is None else issue.translation_placeholders or {}
        departure = self._runtime.texts.clock(self._departure, dt_util.utcnow())
        return self.async_show_menu(
            step_id="init",
            menu_options=["resume", "until_departure", "until_unplugged"],
            description_placeholders={**known, "departure": departure},
        )

    async def async_step_resume(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """It is commanded again at once: the other has been turned off."""
        self._point.resume()
        return self._done()

    async def async_step_until_departure(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """The other may have it until the car is to leave."""
        self._point.session.held_until = self._departure
        return self._done()

    async def async_step_until_unplugged(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """The other may have it as long as this car is there."""
        self._point.session.held_until = None
        return self._done()

    def _done(self) -> RepairsFlowResult:
        self._runtime.async_settings_changed()
        return self.async_create_entry(data={})


class ShortageRepairFlow(RepairsFlow):
    """Asks what to do about a car that will not be ready."""

    def __init__(self, entry: OptivgiConfigEntry, charger_id: str) -> None:
        """Ask about the car at one charger of a site."""
        self._runtime = entry.runtime_data
        self._point = entry.runtime_data.site.points[charger_id]

    @property
    def _ready_at(self) -> datetime:
        return ready_at(self._point, self._runtime.coordinator.data, dt_util.utcnow())

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Ask."""
        issue = ir.async_get(self.hass).async_get_issue(self.handler, self.issue_id)
        known = {} if issue is None else issue.translation_placeholders or {}
        later = self._runtime.texts.clock(self._ready_at, dt_util.utcnow())
        return self.async_show_menu(
            step_id="init",
            menu_options=["later", "before_others", "accept"],
            description_placeholders={**known, "later": later},
        )

    async def async_step_later(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """It leaves when it has what it needs."""
        once = one_off_departure(self._ready_at, dt_util.utcnow())
        self._point.departure_tracker.set_once(once)
        return self._done()

    async def async_step_before_others(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """It charges at once, whatever the price, and before the others."""
        self._point.select_mode(Mode.NOW)
        return self._done()

    async def async_step_accept(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """What it gets will do: nobody asks again before it leaves."""
        self._point.session.shortage_accepted = True
        return self._done()

    def _done(self) -> RepairsFlowResult:
        self._runtime.async_settings_changed()
        return self.async_create_entry(data={})


class ObserveRepairFlow(RepairsFlow):
    """Asks whether the chargers of a site are to be driven from now on."""

    def __init__(self, entry: OptivgiConfigEntry) -> None:
        """Ask about a site."""
        self._entry = entry

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Ask."""
        issue = ir.async_get(self.hass).async_get_issue(self.handler, self.issue_id)
        return self.async_show_menu(
            step_id="init",
            menu_options=["drive", "observe"],
            description_placeholders=None if issue is None else issue.translation_placeholders,
        )

    async def async_step_drive(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Write from now on; the site is loaded again."""
        self.hass.config_entries.async_update_entry(
            self._entry, options={**self._entry.options, CONF_OBSERVE: False}
        )
        return self.async_create_entry(data={})

    async def async_step_observe(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Go on observing, and ask again in a week."""
        if self._entry.state is ConfigEntryState.LOADED:
            site = self._entry.runtime_data.site
            site.store.memory.observing_since = dt_util.utcnow()
            site.store.save_soon()
        return self.async_create_entry(data={})


class WordRepairFlow(RepairsFlow):
    """Asks what a word of a charger or a car means, and keeps that for this one."""

    def __init__(self, entry: ConfigEntry, subentry: ConfigSubentry, word: str) -> None:
        """Ask about one word."""
        self._entry = entry
        self._subentry = subentry
        self._word = word

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Ask."""
        issue = ir.async_get(self.hass).async_get_issue(self.handler, self.issue_id)
        return self.async_show_menu(
            step_id="init",
            menu_options=["charging", "plugged", "finished", "unplugged"],
            description_placeholders=None if issue is None else issue.translation_placeholders,
        )

    async def async_step_charging(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """The car charges."""
        return self._learn(CONF_STATES_CHARGING)

    async def async_step_plugged(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """A car is plugged in, and does not charge."""
        return self._learn(CONF_STATES_PLUGGED)

    async def async_step_finished(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """The car wants no more."""
        return self._learn(CONF_STATES_FINISHED)

    async def async_step_unplugged(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """No car is plugged in."""
        return self._learn(CONF_STATES_UNPLUGGED)

    def _learn(self, key: str) -> RepairsFlowResult:
        data = self._subentry.data
        self.hass.config_entries.async_update_subentry(
            self._entry, self._subentry, data={**data, key: [*data.get(key, ()), self._word]}
        )
        return self.async_create_entry(data={})


def _flow_of_setting(hass: HomeAssistant, data: IssueData) -> RepairsFlow:
    """Return what asks for a setting; an issue of what is gone is only confirmed."""
    part_id = data.get(PART_ID)
    entry = next(
        (
            one
            for one in hass.config_entries.async_entries(DOMAIN)
            if (part_id in one.subentries if part_id else one.entry_id == data["entry_id"])
        ),
        None,
    )
    flow = _FLOWS[str(data["fixed_by"])]
    is_idle = entry is not None and entry.state is not ConfigEntryState.LOADED
    if entry is None or (is_idle and flow is PartRepairFlow):
        return ConfirmRepairFlow()
    return flow(entry, data)


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Return the way out of an issue.

    Raises:
        KeyError: It has none.
    """
    known = data or {}
    for key, flow in (("charger_id", RivalRepairFlow), ("short_charger_id", ShortageRepairFlow)):
        if key in known:
            charger_id = str(known[key])
            for loaded in hass.config_entries.async_loaded_entries(DOMAIN):
                if charger_id in loaded.runtime_data.site.points:
                    return flow(loaded, charger_id)
            # Its site is not loaded, so that nobody commands it.
            return ConfirmRepairFlow()
    if "observed_entry_id" in known:
        entry_id = str(known["observed_entry_id"])
        return ObserveRepairFlow(hass.config_entries.async_get_known_entry(entry_id))
    if "fixed_by" in known:
        return _flow_of_setting(hass, known)
    if "lost_circuit_of" in known:
        return ConfirmRepairFlow()
    entry_id = str(known["entry_id"])
    entry: OptivgiConfigEntry = hass.config_entries.async_get_known_entry(entry_id)
    if "word" in known:
        subentry = entry.subentries.get(str(known["subentry_id"]))
        if subentry is None:
            return ConfirmRepairFlow()
        return WordRepairFlow(entry, subentry, str(known["word"]))
    return MeterRepairFlow(entry, known)
