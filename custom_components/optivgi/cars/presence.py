"""What a car says about where it is: plugged in, at home or elsewhere."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Presence(StrEnum):
    """Where a car is by what it reports itself."""

    PLUGGED = "plugged"
    """At some charger."""
    HOME = "home"
    """At the site, plugged in or not."""
    UNPLUGGED = "unplugged"
    AWAY = "away"
    UNKNOWN = "unknown"
    """It does not report at the moment."""


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """What a car says about where it is, and since when."""

    presence: Presence
    since: datetime
