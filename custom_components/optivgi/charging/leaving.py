"""Whether a car has left, where its charger says so: many say so for a second, and go on."""

from datetime import datetime, timedelta
from typing import Final

from ..bindings.chargers.charger import CHARGING_KW

_CERTAIN_AFTER: Final = timedelta(seconds=30)
"""Reconnecting charge points are back within seconds; nobody changes cars within half a minute."""
JUST_NOW: Final = timedelta(seconds=60)
"""A charger's meter may say a little before its status that the car has stopped to draw."""


class Leaving:
    """What has been seen since a charger said that its car has left."""

    def __init__(self, since: datetime, *, was_drawing: bool) -> None:
        """Begin when it first said so; ``was_drawing``: the car charged just before."""
        self._since = since
        self._was_drawing = was_drawing

    def is_certain(
        self, now: datetime, power_kw: float | None, measured_at: datetime | None
    ) -> bool:
        """Return whether the car has left: power confirms or denies it, else time does.

        Args:
            now: The present.
            power_kw: What the charger's own meter shows; None without one.
            measured_at: When it showed that.
        """
        if power_kw is not None and measured_at is not None and measured_at >= self._since:
            if power_kw > CHARGING_KW:
                return False
            if self._was_drawing:
                return True
        return now - self._since >= _CERTAIN_AFTER
