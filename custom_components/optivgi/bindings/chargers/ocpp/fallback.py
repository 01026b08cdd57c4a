"""Whether the number of a charger that follows no profiles limits it as it says.

The integration gives a charger that takes only W the power of one phase, which the charger shares
between all of its phases: 16 A become 5.3 A, at which no car charges. Some chargers take the limit
and do nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from .charging_profile import MIN_A, RateUnit, Wiring
from .entities import Seen
from .following import CHARGING, SUSPENDED_BY_CHARGER, Offer

# Whatever a voltage makes of it, a third is no half.
_PART: Final = 0.5


class NumberVerdict(StrEnum):
    """What a charger makes of its number."""

    FOLLOWS = "follows"
    PENDING = "pending"
    ALLOWS_MORE = "allows_more"
    STANDS = "stands"
    """It gives the car nothing although it may."""


@dataclass(kw_only=True)
class FallbackNumber:
    """What a charger has shown to make of its number since that was written.

    Attributes:
        per_ampere: What has to be written for each ampere per phase.
        written_at: When it was written last.
    """

    per_ampere: float = 1.0
    written_at: datetime | None = None
    _learned: bool = False
    _exceeded_since: datetime | None = None

    def check(
        self,
        limit_a: float,
        seen: Seen,
        now: datetime,
        *,
        wiring: Wiring,
        unit: RateUnit,
        patience: timedelta,
    ) -> NumberVerdict:
        """Look at what the charger shows, and learn what it needs.

        Args:
            limit_a: What it is to allow, in A per phase.
            seen: What it shows.
            now: The present.
            wiring: How the car is connected.
            unit: What the charger takes limits in.
            patience: How long it may take to show a limit.
        """
        if self.written_at is None:
            # It had this limit before, and shows what it makes of it from now on.
            self.written_at = now
        since = self.written_at
        offer = Offer.of(seen, wiring, unit)
        stands = seen.status == SUSPENDED_BY_CHARGER
        if not stands and seen.status != CHARGING:
            return NumberVerdict.PENDING
        exceeds = offer is not None and not stands and offer.exceeds(limit_a)
        shown = stands or (seen.reported_at is not None and seen.reported_at > since)
        if exceeds:
            # New limits do not give it more time.
            self._exceeded_since = self._exceeded_since or since
        elif shown:
            self._exceeded_since = None
        late = now - (self._exceeded_since or since) > patience
        if limit_a < MIN_A or not late or not (shown or exceeds):
            return NumberVerdict.PENDING
        if exceeds:
            if self.per_ampere > 1:
                # It does not share it after all.
                self.per_ampere = 1.0
                return NumberVerdict.PENDING
            return NumberVerdict.ALLOWS_MORE
        phases = wiring.of_charger or wiring.phases
        part = offer is not None and offer.most_a < limit_a * _PART
        in_watt = unit is RateUnit.WATT
        if (stands or part) and in_watt and phases > 1 and not self._learned:
            self.per_ampere, self._learned = float(phases), True
            return NumberVerdict.PENDING
        return NumberVerdict.STANDS if stands else NumberVerdict.FOLLOWS
