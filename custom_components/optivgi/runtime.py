"""What belongs to a loaded config entry, for the platforms and the actions."""

from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import callback

from .accounts.backtester import Backtester
from .accounts.shown import ShownAccounts
from .accounts.site_accounts import SiteAccounts
from .control.controller import Controller
from .coordinator import OptivgiCoordinator
from .explain.past import PastHours
from .explain.reason_texts import ReasonTexts
from .planning.what_if import WhatIf
from .settings.session_store import SessionStore
from .site.site import Site


@dataclass(kw_only=True, slots=True)
class OptivgiRuntime:
    """What belongs to a loaded config entry."""

    site: Site
    site_device_id: str
    coordinator: OptivgiCoordinator
    controller: Controller
    texts: ReasonTexts
    past: PastHours
    sessions: SessionStore
    accounts: SiteAccounts
    shown: ShownAccounts
    what_if: WhatIf
    backtester: Backtester

    @callback
    def async_settings_changed(self) -> None:
        """Keep what the user set, act on it at once and make a new plan."""
        self.site.store.save_soon()
        self.controller.async_apply_soon()
        self.coordinator.async_replan_soon()
        self.coordinator.async_update_listeners()


type OptivgiConfigEntry = ConfigEntry[OptivgiRuntime]
