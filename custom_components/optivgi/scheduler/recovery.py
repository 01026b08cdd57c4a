"""When a charger gets more again after the house has made it give way."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

LONGEST_WAIT: Final = timedelta(minutes=5)
"""After a load of the house a charger waits so long before it gives more.

Appliances come and go within minutes; a charger that follows each of them is sent a new limit
several times as often, and charges next to nothing more.
"""
_SHORT: Final = timedelta(seconds=70)
"""What is back within this lasted less than half a minute: a meter's highest value counts for as
long, and is looked at each ten seconds. It was a motor that starts: not waited for so long."""
_WAIT_AFTER_SHORT: Final = timedelta(seconds=20)
"""Chargers look every ten seconds, and a command takes some: that is a minute at most."""
_DOUBLED_AT_MOST: Final = 4
"""That is more than the longest wait."""
_LATELY: Final = timedelta(minutes=10)
"""Who gives way again within this waits twice as long as before."""
_SAME_KW: Final = 0.01
"""Limits that differ by less are the same."""


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """How the house made a charger give way, the last time.

    Attributes:
        since: When it began to.
        at: When it last took more.
        left_kw: What it left the charger then.
        before_kw: What the charger had before.
        back_at: Since when it leaves that again; None while it does not.
        times: How often it has done so lately.
    """

    since: datetime
    at: datetime
    left_kw: float
    before_kw: float
    back_at: datetime | None = None
    times: int = 1

    @property
    def ends_at(self) -> datetime:
        """When the charger may get more than it was left."""
        latest = self.at + LONGEST_WAIT
        if self.back_at is None or self.back_at - self.since >= _SHORT:
            return latest
        wait: timedelta = _WAIT_AFTER_SHORT * 2 ** min(self.times - 1, _DOUBLED_AT_MOST)
        return min(latest, self.back_at + wait)

    def waits(self, now: datetime) -> bool:
        """Return whether the charger does not get more than it was left yet."""
        return now < self.ends_at

    def noting_room(self, now: datetime, room_kw: float, wanted_kw: float) -> Recovery:
        """Return what is known when the house leaves so much."""
        is_back = room_kw >= min(self.before_kw, wanted_kw) - _SAME_KW
        if not is_back:
            return self if self.back_at is None else replace(self, back_at=None)
        return self if self.back_at is not None else replace(self, back_at=now)


def gives_way(
    before: Recovery | None, now: datetime, left_kw: float, has_kw: float, *, waits: bool
) -> Recovery:
    """Return what is known of a charger when the house takes of what it has.

    Args:
        before: What was known.
        now: The present.
        left_kw: What the house leaves.
        has_kw: What the charger has.
        waits: It has not got back what it gave last time.
    """
    if before is None:
        return Recovery(since=now, at=now, left_kw=left_kw, before_kw=has_kw)
    if waits:
        return replace(before, at=now, left_kw=left_kw, back_at=None)
    times = before.times + 1 if now - before.at <= _LATELY else 1
    return Recovery(since=now, at=now, left_kw=left_kw, before_kw=has_kw, times=times)
