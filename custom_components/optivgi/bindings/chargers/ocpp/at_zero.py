"""Whether a charge point ends transactions at 0 A instead of suspending them."""

from datetime import datetime, timedelta
from typing import Final

from .entities import Seen

# Who unplugs a car ends the transaction first; its status follows within seconds.
_STAYS_FOR: Final = timedelta(seconds=10)
_STAYS: Final = frozenset({"Preparing", "Finishing"})
# People end transactions, too, and so does the integration when it is asked to.
_BY_OTHERS: Final = frozenset(
    {"Local", "Remote", "EVDisconnected", "DeAuthorized", "UnlockCommand", "PowerLoss", "Reboot"}
)


class TransactionAtZero:
    """Learns what becomes of a transaction that is to pause."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._known = False
        self._ended_at: datetime | None = None

    @property
    def ends(self) -> bool:
        """Whether it ends, as far as is known; also while that is about to show."""
        return self._known or self._ended_at is not None

    def observe(self, before: Seen, seen: Seen, now: datetime, *, pauses: bool) -> None:
        """Take notice of what has happened.

        Args:
            before: What was seen at the last look.
            seen: What is seen now.
            now: The present.
            pauses: The charger is to give nothing.
        """
        ended = before.transaction_id is not None and seen.transaction_id is None
        if ended and pauses and seen.stop_reason not in _BY_OTHERS:
            self._ended_at = now
        if self._ended_at is None:
            return
        if seen.transaction_id is not None or seen.status == "Available":
            self._ended_at = None
        elif seen.status in _STAYS and now - self._ended_at >= _STAYS_FOR:
            self._known, self._ended_at = True, None
