"""What cars drew in one way or another, and what that comes to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..scheduler.readiness import READY_WITHIN_KWH
from .past import SLOT_H, Past, Stay

_NOTHING_KW = 0.05
"""A car that draws less does not charge: chargers take some for themselves."""
_READY_PART = 0.02
"""A car that misses no more than this part of what it was to get is ready, as cars know it."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way in which the cars could have been charged.

    Attributes:
        drawn_kw: By stay, what each draws in each slot of its stay.
    """

    drawn_kw: Mapping[str, tuple[float, ...]]

    def kwh(self, stay: Stay) -> float:
        """Return what a car got."""
        return sum(self.drawn_kw[stay.id]) * SLOT_H


@dataclass(kw_only=True)
class WayFigures:
    """What a way comes to.

    Attributes:
        kwh: Energy drawn.
        cost: What it costs: what is imported at its price, the sun at what its export earns.
        starts: How often cars began to charge.
        highest_kw: The highest import of a slot, the house included.
        not_ready: How many cars left with less than they really got.
        missing_kwh: What they missed.
    """

    kwh: float = 0.0
    cost: float = 0.0
    starts: int = 0
    highest_kw: float = 0.0
    not_ready: int = 0
    missing_kwh: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Bill:
    """A way's figures, in total and by week; a week is called by its first day."""

    total: WayFigures
    weeks: Mapping[str, WayFigures] = field(default_factory=dict)


def bill(past: Past, way: Way) -> Bill:
    """Return what a way comes to."""
    total = WayFigures()
    weeks: dict[str, WayFigures] = {}
    drawn_kw = _per_slot(past, way)
    for slot in range(past.begin, len(past)):
        kw = drawn_kw[slot]
        house_kw, figures = past.house_kw[slot], (total, _of_week(past, weeks, slot))
        sun_kw = min(kw, max(0.0, -house_kw))
        price, earned = past.import_price[slot], past.export_price[slot]
        cost = SLOT_H * (sun_kw * earned + (kw - sun_kw) * price)
        for one in figures:
            one.kwh += kw * SLOT_H
            one.cost += cost
            one.highest_kw = max(one.highest_kw, house_kw + kw)
    for stay in past.stays:
        figures = total, _of_week(past, weeks, stay.first)
        starts = _starts(way.drawn_kw[stay.id])
        missing_kwh = max(0.0, stay.kwh - way.kwh(stay))
        late = missing_kwh > max(READY_WITHIN_KWH, _READY_PART * stay.kwh)
        for one in figures:
            one.starts += starts
            one.not_ready += late
            one.missing_kwh += missing_kwh
    return Bill(total=total, weeks=dict(sorted(weeks.items())))


def _per_slot(past: Past, way: Way) -> list[float]:
    drawn_kw = [0.0] * len(past)
    for stay in past.stays:
        for offset, kw in enumerate(way.drawn_kw[stay.id]):
            drawn_kw[stay.first + offset] += kw
    return drawn_kw


def _of_week(past: Past, weeks: dict[str, WayFigures], slot: int) -> WayFigures:
    local = past.local(slot).date()
    monday = local.fromordinal(local.toordinal() - local.weekday())
    return weeks.setdefault(monday.isoformat(), WayFigures())


def _starts(drawn_kw: Iterable[float]) -> int:
    starts, before = 0, 0.0
    for kw in drawn_kw:
        starts += kw > _NOTHING_KW >= before
        before = kw
    return starts
