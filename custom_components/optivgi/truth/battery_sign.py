"""Whether the power of a home battery has the right sign: with the wrong one the house gives power.

At the meter, house = grid + PV - chargers - battery, which is never below 0.
"""

from datetime import datetime, timedelta
from typing import Final

_TELLING_KW: Final = 0.5
"""A battery that does less proves nothing."""
_TOLERANCE_KW: Final = 0.3
"""Sensors report at different moments, and are not quite exact."""
_LASTS: Final = timedelta(minutes=5)
"""What lasts so long is no matter of reports at different moments."""


def is_contradicted(house_kw: float, battery_kw: float) -> bool:
    """Return whether only the other sign of a battery's power makes sense.

    Args:
        house_kw: What the house would take with the sign as it is.
        battery_kw: What the battery would do: positive while it charges.
    """
    turned_kw = house_kw + 2 * battery_kw
    return abs(battery_kw) >= _TELLING_KW and house_kw < -_TOLERANCE_KW <= turned_kw


class BatterySign:
    """Watches one battery for as long as it takes to be sure."""

    def __init__(self) -> None:
        """Believe its sign."""
        self.is_wrong = False
        self._since: datetime | None = None

    def note(self, house_kw: float, battery_kw: float, now: datetime) -> None:
        """Take up what was measured at one moment, see ``is_contradicted``."""
        if is_contradicted(house_kw, battery_kw):
            self._since = self._since or now
            self.is_wrong = self.is_wrong or now - self._since >= _LASTS
            return
        self._since = None
        if is_contradicted(house_kw + 2 * battery_kw, -battery_kw):
            # Only this sign makes sense.
            self.is_wrong = False
