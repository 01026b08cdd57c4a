"""What was known at a moment of the past: prices until tomorrow, and the habits of the house."""

from collections import defaultdict
from datetime import datetime, time, timedelta
from statistics import fmean

from ..scheduler.model import GridConnection, Horizon, PerStep
from .past import SLOT, SLOT_H, Past

_DAY = timedelta(days=1)
_NOW_FOR = timedelta(minutes=30)
"""For so long the house is expected to go on as it is."""
_LOOK_BACK_DAYS = 28
"""From so many days habits are learned, each time of day by itself, workdays and weekends too."""
_TRUST = 0.6
"""What estimated prices are trusted, as in plans of the present."""
_SATURDAY = 5
"""The first of the days on which people live otherwise, as ``weekday`` counts."""


class Known:
    """What plans could be made by, at any moment of some weeks."""

    def __init__(self, past: Past) -> None:
        """Look at a past."""
        self._past = past
        self._kinds = [past.local(slot) for slot in range(len(past))]
        self._alike: dict[tuple[bool, time], list[int]] = defaultdict(list)
        for slot, local in enumerate(self._kinds):
            self._alike[local.weekday() >= _SATURDAY, local.time()].append(slot)

    def until(self, slot: int) -> int:
        """Return the slot from which on prices are not known yet."""
        past = self._past
        if past.published_at is None:
            return len(past)
        local = past.local(slot)
        days = 2 if local.time() >= past.published_at else 1
        midnight = datetime.combine(local.date() + days * _DAY, time(), past.zone)
        return min(len(past), past.slot(midnight))

    def connection(self, slot: int, horizon: Horizon) -> GridConnection:
        """Return what is known of the connection, the house and prices from a slot on."""
        past, until = self._past, self.until(slot)
        starts = [past.slot(edge) for edge in horizon.edges[:-1]]
        lengths = [max(1, round(hours / SLOT_H)) for hours in horizon.step_h]
        net = [
            fmean(self.house_kw(slot, first + n) for n in range(length))
            for first, length in zip(starts, lengths, strict=True)
        ]
        steps = len(horizon)
        return GridConnection(
            limit_kw=(past.limit_kw,) * steps,
            phase_limit_kw=() if past.phase_limit_kw is None else ((past.phase_limit_kw,) * steps,),
            base_load_kw=tuple(max(0.0, kw) for kw in net),
            pv_kw=tuple(max(0.0, -kw) for kw in net),
            import_price=self._prices(past.import_price, starts, lengths, until),
            export_price=self._prices(past.export_price, starts, lengths, until),
            estimated=tuple(
                first + length > until for first, length in zip(starts, lengths, strict=True)
            ),
            estimate_trust=_TRUST,
        )

    def house_kw(self, slot: int, later: int) -> float:
        """Return what the house is expected to draw later: as now, and then as it usually does."""
        past = self._past
        if later <= slot + _NOW_FOR // SLOT or later >= len(past):
            return past.house_kw[slot]
        local = self._kinds[later]
        earliest = slot - _LOOK_BACK_DAYS * _DAY // SLOT
        usual = [
            past.house_kw[one]
            for one in self._alike[local.weekday() >= _SATURDAY, local.time()]
            if earliest <= one <= slot
        ]
        return fmean(usual) if usual else past.house_kw[slot]

    def _prices(
        self, prices: PerStep, starts: list[int], lengths: list[int], until: int
    ) -> PerStep:
        """Return prices as they look: what is not known yet is as on the last day that is."""
        day = _DAY // SLOT

        def price(slot: int) -> float:
            while slot >= until and slot >= day:
                slot -= day
            return prices[min(slot, len(prices) - 1)]

        return tuple(
            fmean(price(first + n) for n in range(length))
            for first, length in zip(starts, lengths, strict=True)
        )
