"""What was drawn in the last two days beside what had been planned, by quarters of an hour."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from sys import intern
from typing import Final

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from ..const import STEP
from ..coordinator import OptivgiCoordinator
from ..planning.plan import Plan
from ..planning.record import KEPT

RECENT: Final = timedelta(hours=3, minutes=15)
"""So far back the plan is looked at together with what comes; who looks further asks for it."""
_MOST_VALUES: Final = 40_000
"""As many as 100 chargers have in two days: 5 MB. With more of them less time is kept."""
_GAP: Final = timedelta(minutes=5)
"""What was longer ago says nothing of the time since: Home Assistant was busy, or asleep."""


@dataclass(frozen=True, kw_only=True)
class _Sample:
    """What is drawn at one moment, in kW; by charger what it draws and what is planned for it."""

    at: datetime
    price: float | None
    house_kw: float | None
    solar_kw: float | None
    drawn_kw: Mapping[str, float]
    planned_kw: Mapping[str, float]


@dataclass(kw_only=True)
class PastSlot:
    """The means of a quarter of an hour, as far as it was seen."""

    start: datetime
    price: float | None = None
    _hours: dict[str, float] = field(default_factory=dict)
    _sums: dict[str, float] = field(default_factory=dict)
    _means: dict[str, float] | None = None

    def __len__(self) -> int:
        """Return how many values it has."""
        return len(self._sums if self._means is None else self._means)

    def close(self) -> None:
        """Keep the means alone, as nothing is counted any more."""
        self._means = {
            name: round(total / self._hours[name], 3) for name, total in self._sums.items()
        }
        self._hours, self._sums = {}, {}

    def add(self, name: str, kw: float | None, hours: float) -> None:
        """Count what was drawn for some time."""
        if kw is not None:
            self._hours[name] = self._hours.get(name, 0.0) + hours
            self._sums[name] = self._sums.get(name, 0.0) + kw * hours

    def mean_kw(self, name: str) -> float | None:
        """Return what was drawn on average; None where nobody saw."""
        if self._means is not None:
            return self._means.get(name)
        hours = self._hours.get(name, 0.0)
        return self._sums[name] / hours if hours else None


HOUSE: Final = "house"
SOLAR: Final = "solar"


def drawn(charger_id: str) -> str:
    """Return the name of what a charger draws."""
    return intern(f"drawn:{charger_id}")


def planned(charger_id: str) -> str:
    """Return the name of what was planned for a charger."""
    return intern(f"planned:{charger_id}")


class PastHours:
    """Remembers the last two days of a site, until Home Assistant stops."""

    def __init__(self, coordinator: OptivgiCoordinator) -> None:
        """Begin with nothing."""
        self._coordinator = coordinator
        self._site = coordinator.site
        self._slots: deque[PastSlot] = deque(maxlen=KEPT // STEP + 1)
        self._last: _Sample | None = None

    @property
    def slots(self) -> tuple[PastSlot, ...]:
        """The quarters of an hour that were seen, the present one last."""
        return tuple(self._slots)

    def since(self, moment: datetime) -> tuple[PastSlot, ...]:
        """Return those that had not ended at a moment."""
        return tuple(slot for slot in self._slots if slot.start + STEP > moment)

    @callback
    def note(self) -> None:
        """Take up what is drawn; it counts until the next time."""
        plan: Plan | None = self._coordinator.data
        now = dt_util.utcnow()
        if (last := self._last) is not None and last.at < now <= last.at + _GAP:
            for start, hours in _split(last.at, now):
                self._count(self._slot(start), last, hours)
        self._last = self._sample(plan, now)

    def _sample(self, plan: Plan | None, now: datetime) -> _Sample:
        site = self._site
        house_kw, pv = site.house.now_kw(now), site.house.pv
        index = None if plan is None else plan.schedule.horizon.index_at(now)
        return _Sample(
            at=now,
            price=None
            if plan is None or index is None or not plan.prices_known
            else plan.problem.site.import_price[index],
            house_kw=None if house_kw is None else max(0.0, house_kw),
            solar_kw=None if pv is None or pv.kw is None else max(0.0, pv.kw),
            drawn_kw={
                charger_id: point.load.drawn_kw
                for charger_id, point in site.points.items()
                if point.plugged
            },
            planned_kw={}
            if plan is None or index is None
            else {ev.id: ev.limit_kw[index] for ev in plan.schedule.evs if ev.id in site.points},
        )

    def _slot(self, start: datetime) -> PastSlot:
        if not self._slots or self._slots[-1].start != start:
            if self._slots:
                self._slots[-1].close()
            while sum(map(len, self._slots)) > _MOST_VALUES:
                self._slots.popleft()
            self._slots.append(PastSlot(start=start))
        return self._slots[-1]

    @staticmethod
    def _count(slot: PastSlot, sample: _Sample, hours: float) -> None:
        slot.price = sample.price if slot.price is None else slot.price
        slot.add(HOUSE, sample.house_kw, hours)
        slot.add(SOLAR, sample.solar_kw, hours)
        for charger_id, kw in sample.drawn_kw.items():
            slot.add(drawn(charger_id), kw, hours)
        for charger_id, kw in sample.planned_kw.items():
            slot.add(planned(charger_id), kw, hours)


def _split(begin: datetime, end: datetime) -> Iterable[tuple[datetime, float]]:
    """Yield the quarters of an hour between two moments, with how many hours of each are meant."""
    midnight = begin.replace(hour=0, minute=0, second=0, microsecond=0)
    while begin < end:
        start = midnight + (begin - midnight) // STEP * STEP
        until = min(end, start + STEP)
        yield start, (until - begin) / timedelta(hours=1)
        begin = until
