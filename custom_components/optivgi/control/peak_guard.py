"""Keeps the billing interval that is running at what the plan pays for, whatever the house does.

The plan says up to which mean an interval costs no more. What was imported in it so far is known,
and so what is left for its rest. Chargers are only ever reduced: whether a higher peak is worth it,
as where a car would be late, the next plan decides, which knows what was imported, too.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
import math
from typing import Final

from ..planning.plan import Plan
from ..scheduler.guard import TOLERANCE_KW, Cap, HeldBack
from ..site.site import Site

_SHORTEST: Final = timedelta(seconds=30)
"""In the last moments of an interval next to nothing can be made up for."""
_CALM: Final = timedelta(seconds=60)
"""What is free again within an interval is given back no sooner: kettles come and go."""
_PAID: Final = 0.005
"""A plan that adds less than this to the bill for peaks raises none."""


class PeakGuard:
    """What chargers may draw in the interval that is running."""

    def __init__(self, site: Site) -> None:
        """Watch the tariffs of a site."""
        self._site = site
        self._cap_kw: float | None = None
        self._lowered_at: datetime | None = None
        self._begin: datetime | None = None

    def caps(self, plan: Plan | None, now: datetime) -> tuple[Cap, ...]:
        """Return what chargers may draw together so that no peak costs more than planned."""
        if plan is None or not plan.peak_tariff_ids:
            return ()
        house_kw = self._site.house.lately_kw(now)
        left = [] if house_kw is None else list(self._left_kw(plan, now))
        if house_kw is None or not left:
            self._cap_kw = None
            return ()
        begin, left_kw = max(begin for begin, _ in left), min(kw for _, kw in left)
        taking_kw = math.fsum(one.taking_kw for one in self._site.batteries.values())
        cap_kw = max(0.0, left_kw - house_kw - taking_kw)
        is_new = begin != self._begin or self._cap_kw is None
        if is_new or cap_kw < (self._cap_kw or 0.0) - TOLERANCE_KW:
            self._cap_kw, self._lowered_at, self._begin = cap_kw, now, begin
        elif self._lowered_at is None or now - self._lowered_at >= _CALM:
            self._cap_kw = cap_kw
        return (Cap(reason=HeldBack.PEAK, total_kw=self._cap_kw or 0.0, at_once=False),)

    def _left_kw(self, plan: Plan, now: datetime) -> Iterator[tuple[datetime, float]]:
        """Yield when each running interval began, and what may be imported in its rest."""
        # A peak that is paid for anew leaves room for a house that is never quite as forecast;
        # once it is paid, that room is there.
        margin_kw = 0.0
        if plan.schedule.cost_split.peak > _PAID:
            margin_kw = self._site.meter.load.volatility.reserve.house_kw
        for tariff_id, level_kw in plan.peak_levels(now):
            peaks = self._site.peaks.get(tariff_id)
            running = None if peaks is None else peaks.running
            if running is not None and running.begin <= now < running.begin + running.length:
                yield running.begin, running.left_kw(level_kw + margin_kw, now, _SHORTEST)
