"""Asks a person, after a week of observing, whether the chargers are to be driven."""

from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from ..accounts.site_accounts import SiteAccounts
from ..const import DOMAIN
from ..sessions.record import SessionRecord
from ..sessions.sums import Sums
from ..site.site import Site

_ASK_AFTER: Final = timedelta(days=7)
"""A week has working days and a weekend."""


def observing_issue_id(entry_id: str) -> str:
    """Return the id of the issue of a site that is only observed."""
    return f"observe_only_{entry_id}"


class ObserveWatch:
    """Raises an issue once a site has been observed for a week."""

    def __init__(
        self, hass: HomeAssistant, entry_id: str, site: Site, accounts: SiteAccounts
    ) -> None:
        """Watch a site; what was observed before another time is another matter."""
        self._hass = hass
        self._entry_id = entry_id
        self._site = site
        self._accounts = accounts
        self._asked_of: tuple[int, float] | None = None
        memory = site.store.memory
        if not site.observing:
            memory.observing_since = None
            ir.async_delete_issue(hass, DOMAIN, observing_issue_id(entry_id))
        elif memory.observing_since is None:
            memory.observing_since = dt_util.utcnow()

    @callback
    def look(self, now: datetime) -> None:
        """Ask, with what would have been saved so far."""
        since = self._site.store.memory.observing_since
        if since is None or now - since < _ASK_AFTER:
            return
        observed = [record for record in self._accounts.history.sessions if _is_of(record, since)]
        saved = sum(record.sums.would_save for record in observed)
        if self._asked_of == (len(observed), saved):
            return
        self._asked_of = len(observed), saved
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            observing_issue_id(self._entry_id),
            data={"observed_entry_id": self._entry_id},
            is_fixable=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key="observe_only",
            translation_placeholders={
                "site": self._site.name,
                "sessions": str(len(observed)),
                "saved": f"{saved:.2f}",
                "currency": self._hass.config.currency,
            },
        )


def _is_of(record: SessionRecord, since: datetime) -> bool:
    """Return whether a session was observed, and the plan had anything to charge in it."""
    sums: Sums = record.sums
    return record.begin >= since and sums.planned_kwh > 0
