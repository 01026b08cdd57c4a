"""What the accounts show: totals, this month, and the last session of each owner."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.util import dt as dt_util

from ..sessions.by_month import month_of
from ..sessions.record import SessionRecord
from ..sessions.sums import Sums
from .site_accounts import SiteAccounts

SITE: Final = ""
"""Owns all sessions."""
_EVERY_MIN: Final = 5
"""So often what is shown moves while cars charge: as often as the recorder makes statistics."""
_SELDOM_MIN: Final = 15
"""The same where there are many chargers: three numbers of each are a row in the recorder."""
_MANY: Final = 20
"""More chargers than this are many."""


@dataclass(frozen=True, kw_only=True)
class OwnerAccount:
    """What is shown of a charger, a car or the site.

    Attributes:
        energy_kwh: All that was ever charged; it does not fall.
        total: What all sessions came to.
        month: What those of this month come to.
        last: The last session that is over.
        reset_at: When the total began again; None where it never did.
    """

    energy_kwh: float = 0.0
    total: Sums = field(default_factory=Sums)
    month: Sums = field(default_factory=Sums)
    last: SessionRecord | None = None
    reset_at: datetime | None = None


class ShownAccounts:
    """What entities show of the accounts, renewed every few minutes."""

    def __init__(self, accounts: SiteAccounts, chargers: int) -> None:
        """Show what is kept."""
        self._accounts = accounts
        self._every = timedelta(minutes=_SELDOM_MIN if chargers > _MANY else _EVERY_MIN)
        self._listeners: list[Callable[[], None]] = []
        self._shown: dict[str, OwnerAccount] = {}
        self._renew_at = dt_util.utcnow()
        self._renew(self._renew_at)

    def of(self, owner: str) -> OwnerAccount:
        """Return what is shown of an owner: a charger or a car by its id, or the site."""
        return self._shown.get(owner) or OwnerAccount()

    @callback
    def async_add_listener(self, show: Callable[[], None]) -> CALLBACK_TYPE:
        """Have something shown whenever there is more to show; returns what ends that."""
        self._listeners.append(show)

        @callback
        def stop() -> None:
            self._listeners.remove(show)

        return stop

    @callback
    def look(self, now: datetime) -> None:
        """Renew what is shown, if it is time for that."""
        if now >= self._renew_at:
            self.renew(now)

    @callback
    def renew(self, now: datetime) -> None:
        """Renew what is shown, and show it."""
        before = self._shown
        self._renew(now)
        if self._shown != before:
            for show in list(self._listeners):
                show()

    def _renew(self, now: datetime) -> None:
        self._renew_at = now - (now - datetime.min.replace(tzinfo=now.tzinfo)) % self._every
        self._renew_at += self._every
        history, zone = self._accounts.history, dt_util.get_default_time_zone()
        this_month = month_of(now, zone)
        totals, months = dict(history.totals), dict[str, Sums]()
        last: dict[str, SessionRecord] = {}
        running = self._accounts.running()
        for record in running:
            _add(totals, record, record.sums)
        for record in (*history.sessions, *running):
            if (sums := record.months.get(this_month)) is not None:
                _add(months, record, sums)
        for record in history.sessions:
            last.update(dict.fromkeys((SITE, *record.owners), record))
        self._shown = {
            owner: self._of(owner, totals.get(owner), months.get(owner), last.get(owner))
            for owner in {SITE, *totals, *last, *history.reset_at}
        }

    def _of(
        self, owner: str, total: Sums | None, month: Sums | None, last: SessionRecord | None
    ) -> OwnerAccount:
        reset_at = self._accounts.history.reset_at.get(owner)
        before = self.of(owner)
        energy_kwh = 0.0 if total is None else total.kwh
        if before.reset_at == reset_at:
            # A meter corrects what was thought by the power; that shows with the next kWh.
            energy_kwh = max(energy_kwh, before.energy_kwh)
        return OwnerAccount(
            energy_kwh=energy_kwh,
            total=total or Sums(),
            month=month or Sums(),
            last=last,
            reset_at=reset_at,
        )


def _add(sums: dict[str, Sums], record: SessionRecord, more: Sums) -> None:
    for owner in (SITE, *record.owners):
        sums[owner] = sums.get(owner, Sums()).plus(more)
