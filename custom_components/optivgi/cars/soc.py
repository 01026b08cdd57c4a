"""A state of charge as a car reports it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

FULL_SOC: Final = 100.0
"""States of charge are in %."""


@dataclass(frozen=True, kw_only=True)
class ReportedSoc:
    """A state of charge that a sensor reports.

    Attributes:
        soc: In %.
        at: When it was reported, or, where the car says that, when it was so.
        is_news: Whether ``at`` can be relied on. After a pause and after a restart integrations
            first repeat what they knew before.
    """

    soc: float
    at: datetime
    is_news: bool = True
