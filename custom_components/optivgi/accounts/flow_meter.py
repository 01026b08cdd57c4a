"""What flows at a site while cars charge, added up over the time between two notes."""

from datetime import datetime, timedelta
from typing import Final

from ..sessions.sources import SiteFlow
from ..site.site import Site

_HOUR: Final = timedelta(hours=1)
_KNOWN_FOR: Final = 0.5
"""A meter that was silent for more than half of a time says nothing of it."""
_LONGEST: Final = timedelta(minutes=2)
"""What was seen last holds for so long: after a pause nobody knows what flowed meanwhile."""


class _Integral:
    """A power over time, as far as it is known."""

    def __init__(self) -> None:
        """Know of nothing."""
        self.kw: float | None = None
        self._kwh = self._known_h = self._whole_h = 0.0

    def add(self, hours: float) -> None:
        """Count what was seen last for so long."""
        self._whole_h += hours
        if self.kw is not None:
            self._kwh += hours * self.kw
            self._known_h += hours

    def take(self) -> float | None:
        """Return what flowed, begin again; None where too little of it is known."""
        kwh, known_h, whole_h = self._kwh, self._known_h, self._whole_h
        self._kwh = self._known_h = self._whole_h = 0.0
        if not known_h or known_h < _KNOWN_FOR * whole_h:
            return None
        return kwh * whole_h / known_h


class FlowMeter:
    """Adds up what the meters of a site show."""

    def __init__(self, site: Site) -> None:
        """Begin with nothing."""
        self._site = site
        self._seen_at: datetime | None = None
        self._imported, self._house, self._pv = _Integral(), _Integral(), _Integral()

    def look(self, now: datetime) -> None:
        """Count what was seen last until now, and look again."""
        if self._seen_at is not None and now > self._seen_at:
            hours = min(now - self._seen_at, _LONGEST) / _HOUR
            for integral in (self._imported, self._house, self._pv):
                integral.add(hours)
        self._seen_at = now
        meter = self._site.meter
        reading = None if meter.is_stale or meter.reading is None else meter.reading[0]
        self._imported.kw = reading if meter.counts_chargers else None
        self._house.kw = None if meter.counts_chargers else reading
        pv = self._site.house.pv
        self._pv.kw = None if pv is None or pv.kw is None else max(0.0, pv.kw)

    def take(self) -> SiteFlow:
        """Return what flowed since this was last asked."""
        return SiteFlow(
            imported_kwh=self._imported.take(),
            house_kwh=self._house.take(),
            pv_kwh=self._pv.take(),
        )
