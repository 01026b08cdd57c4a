"""Whether something else limits a charge point that follows its profile."""

from datetime import datetime, timedelta
from typing import Final

from .entities import Seen
from .following import SentProfile, missing_a

# Load balancing in a charger comes and goes; what stays is a limit.
_STAYS_FOR: Final = timedelta(minutes=10)


class LimitedElsewhere:
    """What a charge point offers, where that is less than it may for long.

    A profile of somebody else on the highest level wins over ours.
    """

    def __init__(self) -> None:
        """Know of nothing yet."""
        self._since: datetime | None = None
        self._offered_a = 0.0

    def check(self, sent: SentProfile, seen: Seen, now: datetime) -> float | None:
        """Return what it offers in A per phase; None where nothing else limits it."""
        less_a = missing_a(sent, seen, now)
        if less_a is not None:
            self._since = (self._since or now) if less_a else None
            self._offered_a = min([sent.allowed_a(now), *seen.user_limits_a]) - less_a
        lasts = self._since is not None and now - self._since >= _STAYS_FOR
        return self._offered_a if lasts else None
