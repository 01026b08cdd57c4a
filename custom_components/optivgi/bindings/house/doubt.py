"""A meter at the grid that shows less than what is drawn behind it: one of both is wrong."""

from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.sun import is_up

from .habit import MeterHabit

# The meters of house and chargers may be apart in time for that long.
_PATIENCE: Final = timedelta(seconds=60)
_CONFIRMED_AFTER: Final = timedelta(seconds=30)
"""Where all have reported again and still contradict each other, that is no difference in time;
what comes of a meter that is wrong must not last longer than a fuse bears."""
# Meters are never quite the same, and small PV systems on balconies are often not set up.
_TOLERANCE_KW: Final = 1.0
# Where it was wrong before, what looks right may be chance: one car may draw so little that even a
# wrong meter shows more. So it is believed again after this, and after twice as long each time.
_AGAIN: Final = timedelta(seconds=60)
_AGAIN_MAX: Final = timedelta(hours=1)
# The sun may give more than is expected, or than was ever seen to be left of it.
_SUN_MAY_GIVE: Final = 1.5


class Doubt:
    """Compares what the meter shows with what the chargers draw by their own meters."""

    def __init__(self, hass: HomeAssistant, habit: MeterHabit) -> None:
        """Believe the meter; ``habit`` remembers what was left of the sun."""
        self.lasting = False
        """It has shown too little for so long that it is no moment's matter."""
        self.proven = False
        """What it showed last was enough for what was drawn."""
        self.forecast_kw = 0.0
        """What the sun is expected to give now."""
        self._hass = hass
        self._habit = habit
        self._report: Hashable = None
        self._believed = True
        self._since: datetime | None = None
        self._right_since: datetime | None = None
        self._again = _AGAIN

    @property
    def believed(self) -> bool:
        """Whether what the meter shows now counts."""
        return self._believed and not self.lasting

    def compare(
        self,
        report: Hashable,
        shown_kw: float,
        drawn_kw: float,
        pv_kw: float | None,
        now: datetime,
        *,
        drawn_at: datetime | None = None,
    ) -> None:
        """Take up a report, once.

        Args:
            report: What distinguishes this report of the meter from the one before.
            shown_kw: What it shows.
            drawn_kw: What the chargers behind it draw by their own meters.
            pv_kw: What PV gives; None where it is not measured.
            now: The present.
            drawn_at: When the chargers' meters said so, the one of the oldest report; None where
                that is not known.
        """
        if report == self._report:
            return
        self._report = report
        # Where nothing is drawn, nothing can be seen to be wrong, nor right again.
        conclusive = drawn_kw > _TOLERANCE_KW
        min_kw = drawn_kw - self.sun_kw(pv_kw, now) - _TOLERANCE_KW
        self._believed = not conclusive or shown_kw >= min_kw
        self.proven = self._believed and (conclusive or self.proven)
        if not self._believed:
            self._right_since = None
            self._since = self._since or now
            confirmed = drawn_at is not None and drawn_at > self._since
            patience = _CONFIRMED_AFTER if confirmed else _PATIENCE
            if not self.lasting and now - self._since >= patience:
                self.lasting = True
            return
        self._since = None
        if self.lasting and conclusive:
            self._right_since = self._right_since or now
            if now - self._right_since >= self._again:
                self.lasting, self._again = False, min(_AGAIN_MAX, 2 * self._again)

    def note_surplus(self, surplus_kw: float, chargers_kw: float, now: datetime) -> None:
        """Remember what is left of the sun while chargers draw next to nothing.

        By night it is none of the sun: a battery gives it, or the sign is wrong.
        """
        more = surplus_kw > self._habit.surplus_kw
        if more and self.believed and chargers_kw <= _TOLERANCE_KW and is_up(self._hass, now):
            self._habit.surplus_kw = surplus_kw

    def sun_kw(self, pv_kw: float | None, now: datetime) -> float:
        """Return the most that the sun may give at present; 0 by night."""
        if pv_kw is not None:
            return max(0.0, pv_kw)
        if not is_up(self._hass, now):
            return 0.0
        return _SUN_MAY_GIVE * max(self.forecast_kw, self._habit.surplus_kw)
