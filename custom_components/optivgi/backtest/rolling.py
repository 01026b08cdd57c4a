"""The weeks as they would have gone: planned and driven with what was known at each moment."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..scheduler.allocation import allocate
from ..scheduler.model import EV, Horizon, Problem, Schedule
from ..scheduler.reserve import LoadVolatility
from ..scheduler.runner import Runner
from .bill import Way
from .known import Known
from .past import SLOT, SLOT_H, Past, Stay
from .ways import claim, request, room

_HORIZON = timedelta(hours=24)
"""So far plans reach, unless a car stays longer."""
_LONGEST = timedelta(days=4)
"""And no further than this."""
_COARSE_FROM = timedelta(hours=36)
"""From then on, as in plans of the present,"""
_COARSE = timedelta(hours=1)
"""a step is an hour."""
_HOURLY = timedelta(hours=1) // SLOT
"""Where nothing happens, it is planned anew each hour."""
_DEVIATES = 0.05
"""What goes otherwise by more than this part is planned anew."""
_NOTHING_KW = 0.05
"""Less is no power that a charger gives."""
_DAY = timedelta(days=1)


class StoppedError(Exception):
    """Nobody wants to know any more."""


@dataclass(kw_only=True)
class Rolling:
    """What came of it.

    Attributes:
        way: What the cars drew.
        plans: How many plans were made.
    """

    way: Way
    plans: int


@dataclass(kw_only=True)
class _Car:
    """A car on its way through the weeks."""

    stay: Stay
    left_kwh: float
    charging: bool = False


async def roll(past: Past, runner: Runner, progress: Callable[[float], None]) -> Rolling:
    """Plan and drive the weeks.

    Args:
        past: What is known of them.
        runner: Makes the plans.
        progress: Is called with the part that is done; may raise StoppedError.

    Raises:
        StoppedError: Whoever follows the progress has stopped it.
    """
    drawn: dict[str, list[float]] = {stay.id: [] for stay in past.stays}
    cars = {stay.id: _Car(stay=stay, left_kwh=stay.kwh) for stay in past.stays}
    driver = _Driver(past, runner)
    for slot in range(past.begin, len(past)):
        progress((slot - past.begin) / (len(past) - past.begin))
        present = [cars[stay.id] for stay in past.present(slot)]
        given = await driver.give(slot, present)
        for car in present:
            kw = given[car.stay.id]
            drawn[car.stay.id].append(kw)
            car.left_kwh -= kw * SLOT_H
            car.charging = kw > _NOTHING_KW
    return Rolling(
        way=Way(drawn_kw={stay_id: tuple(kws) for stay_id, kws in drawn.items()}),
        plans=driver.plans,
    )


class _Driver:
    """Plans where that is due, and gives what the plan says and the house leaves."""

    def __init__(self, past: Past, runner: Runner) -> None:
        self.plans = 0
        self._past = past
        self._known = Known(past)
        self._runner = runner
        self._plan: Schedule | None = None
        self._planned_at = 0
        self._present: frozenset[str] = frozenset()
        self._until = 0
        self._deviates = False

    async def give(self, slot: int, present: list[_Car]) -> dict[str, float]:
        """Return what each car draws in a slot."""
        if not present:
            self._plan, self._present = None, frozenset()
            return {}
        if self._is_due(slot, present):
            await self._make_plan(slot, present)
        now = self._past.at(slot)
        wanted = {car.stay.id: self._wanted_kw(car, now) for car in present}
        given = allocate(
            [claim(car.stay, wanted[car.stay.id], self._urgency(car, slot)) for car in present],
            room(self._past, slot),
        )
        self._deviates = self._differs(slot, wanted, given)
        return given

    def _is_due(self, slot: int, present: list[_Car]) -> bool:
        there = frozenset(car.stay.id for car in present)
        return (
            self._plan is None
            or there != self._present
            or self._known.until(slot) != self._until
            or self._deviates
            or slot - self._planned_at >= _HOURLY
        )

    async def _make_plan(self, slot: int, present: list[_Car]) -> None:
        now = self._past.at(slot)
        departures = [self._departure(car.stay, slot) for car in present]
        horizon = Horizon.aligned(
            now,
            max(now + _HORIZON, min(now + _LONGEST, max(departures))),
            SLOT,
            coarse_from=now + _COARSE_FROM,
            coarse_step=_COARSE,
        )
        problem = Problem(
            horizon=horizon,
            site=self._known.connection(slot, horizon),
            evs=tuple(self._requests(slot, present)),
            start_cost=self._past.start_cost,
        )
        # As the means of quarters of an hour do not show how restless the house is.
        reserve = LoadVolatility().reserve
        self._plan = await self._runner.solve_with_reserve(problem, reserve, self._plan)
        self.plans += 1
        self._planned_at, self._present = slot, frozenset(car.stay.id for car in present)
        self._until = self._known.until(slot)

    def _requests(self, slot: int, present: list[_Car]) -> Iterator[EV]:
        for car in present:
            asked = request(self._past, car.stay, slot, car.left_kwh)
            yield EV(
                id=asked.id,
                arrival=asked.arrival,
                departure=self._departure(car.stay, slot),
                energy_kwh=asked.energy_kwh,
                max_power_kw=asked.max_power_kw,
                min_power_kw=asked.min_power_kw,
                power_step_kw=asked.power_step_kw,
                phases=asked.phases,
                charging=car.charging,
            )

    def _departure(self, stay: Stay, slot: int) -> datetime:
        """Return when a car is expected to leave; a day later where that is over."""
        departure = self._past.at(stay.end) if stay.departure is None else stay.departure
        while departure <= self._past.at(slot):
            departure += _DAY
        return departure

    def _wanted_kw(self, car: _Car, now: datetime) -> float:
        plan = self._plan
        limit_kw = None if plan is None else plan.limit_kw_at(car.stay.id, now)
        return min(limit_kw or 0.0, max(0.0, car.left_kwh) / SLOT_H)

    def _urgency(self, car: _Car, slot: int) -> float:
        left = self._departure(car.stay, slot) - self._past.at(slot)
        return max(0.0, car.left_kwh) / car.stay.max_kw - left / timedelta(hours=1)

    def _differs(self, slot: int, wanted: dict[str, float], given: dict[str, float]) -> bool:
        """Tell whether cars got, or the house drew, something else than was planned."""
        for stay_id, kw in wanted.items():
            if abs(given[stay_id] - kw) > _DEVIATES * max(kw, _NOTHING_KW):
                return True
        if slot + 1 >= len(self._past):
            return False
        expected_kw = self._known.house_kw(self._planned_at, slot + 1)
        beyond_kw = abs(self._past.house_kw[slot + 1] - expected_kw)
        return beyond_kw > _DEVIATES * self._past.limit_kw
