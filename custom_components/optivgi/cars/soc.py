"""A state of charge as a car tells it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

FULL_SOC: Final = 100.0


@dataclass(frozen=True, kw_only=True)
class ToldSoc:
    """A state of charge that a sensor tells.

    Attributes:
        soc: In %.
        at: When it was told, or, where the car says that, when it was so.
        is_news: Whether ``at`` can be relied on. After a pause and after a restart integrations
            first repeat what they knew before.
    """

    soc: float
    at: datetime
    is_news: bool = True
