"""A charger's own meter: a total that rises, and resets, jumps or comes late."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

_SLACK: Final = 1.25
"""A meter may have drawn so many times what the charger is set up with: its fuse allows more."""
_SLACK_KWH: Final = 0.3
"""Totals come in steps, and some time after what they count."""
_NOISE_KWH: Final = 0.05
"""A total that falls by no more has not been reset: some are corrected in their last digit."""


@dataclass(kw_only=True)
class EnergyTotal:
    """The total of one charger, as it was last believed.

    Attributes:
        kwh: What it showed; None before the first report.
        at: When it reported that.
    """

    kwh: float | None = None
    at: datetime | None = None

    def take(self, kwh: float, at: datetime, max_kw: float) -> float | None:
        """Take up a report; return what was drawn since the last one, if that is known.

        A total that falls has begun again from 0. One that shows more than can have been drawn has
        been set or replaced, and counts from there: None is returned as nothing is known of what
        was drawn meanwhile. A report that is older than the last one says nothing new.

        Args:
            kwh: What it shows.
            at: When it reported that.
            max_kw: The most that its charger can give.
        """
        before, since = self.kwh, self.at
        if before is None or since is None:
            self.kwh, self.at = kwh, at
            return None
        if at <= since:
            return None
        possible_kwh = (at - since) / timedelta(hours=1) * max_kw * _SLACK + _SLACK_KWH
        if 0 <= before - kwh <= _NOISE_KWH:
            return 0.0
        drawn_kwh = kwh - before if kwh > before else kwh
        self.kwh, self.at = kwh, at
        return drawn_kwh if 0 <= drawn_kwh <= possible_kwh else None
