"""What plans leave free: a little of the connection, and the last minutes before a departure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import override

import pytest

from custom_components.optivgi.scheduler import (
    EV,
    PHASES,
    GridConnection,
    Horizon,
    PeakTariff,
    Problem,
    Runner,
    Schedule,
    Taper,
    Translation,
)
from custom_components.optivgi.scheduler.reserve import (
    BEFORE_DEPARTURE,
    MAX_HOUSE_KW,
    PART_OF_CHARGING,
    LoadVolatility,
    Reserve,
    min_charging_time,
)

from .builders import approx, car, limits, problem

HOUR = timedelta(hours=1)
EARLIER = Reserve(before_departure=HOUR / 4)
EQUAL = (0.2, 0.2, 0.2, 0.2)


def kept(asked: Problem, reserve: Reserve = EARLIER) -> Sequence[EV]:
    """Return the EVs as a plan is made for them."""
    return reserve.kept_in(asked).evs


def test_a_car_is_planned_to_be_ready_earlier_where_it_can() -> None:
    asked = problem(EQUAL, car(energy_kwh=11))
    (ev,) = kept(asked)
    assert ev.departure == asked.evs[0].departure - HOUR / 4
    assert replace(ev, departure=asked.evs[0].departure) == asked.evs[0]


@pytest.mark.parametrize(
    "asked",
    [
        car(stay=(0, 1), energy_kwh=10.9),
        car(at_once=True),
        car(surplus_only=True),
        car(extra_energy_kwh=5, extra_below_price=0.1),
    ],
    ids=["needs the time", "at once", "from surplus", "takes more where that is cheap"],
)
def test_whoever_would_lose_by_it_keeps_all_the_time(asked: EV) -> None:
    assert kept(problem(EQUAL, asked)) == (asked,)


def test_a_car_that_is_nearly_short_of_time_keeps_what_it_can() -> None:
    (ev,) = kept(problem(EQUAL, car(stay=(0, 1), energy_kwh=9.9)))
    assert ev.departure - ev.arrival == timedelta(minutes=60 * 0.9 * 1.02)


def test_a_reserve_is_no_reason_for_a_higher_peak() -> None:
    """11 kWh in four hours need 2.75 h at 4 kW: with a price of peaks no less time is left."""
    asked = problem(EQUAL, car("car", (0, 4), energy_kwh=11, min_power_kw=4, max_power_kw=11))
    long = Reserve(before_departure=2 * HOUR)
    assert kept(asked, long)[0].departure == asked.evs[0].departure - 2 * HOUR
    peaks = (PeakTariff(price_per_kw=5),)
    priced = replace(asked, site=replace(asked.site, peak_tariffs=peaks))
    (planned,) = kept(priced, long)
    assert planned.departure == asked.horizon.start + 2.75 * HOUR
    # What a person wants to be ready before is kept all the same.
    wanted = replace(long, before_own_departure={planned.id: 2 * HOUR})
    assert kept(priced, wanted)[0].departure == asked.evs[0].departure - 2 * HOUR


def test_a_battery_that_takes_less_than_planned_gets_the_time_for_it() -> None:
    taper = (Taper(energy_kwh=10, max_power_kw=0.5),)
    slow = car(stay=(0, 4), energy_kwh=10.5, min_power_kw=1, taper=taper)
    (ev,) = kept(problem(EQUAL, slow))
    assert ev.departure == slow.departure - HOUR / 4 - HOUR / 2


def test_a_car_that_charges_for_long_is_to_be_ready_earlier_still() -> None:
    longer = replace(EARLIER, part_of_charging=0.1)
    asked = problem(EQUAL * 2, car(stay=(0, 8), energy_kwh=55), car("b", (0, 8), energy_kwh=22))
    long, short = kept(asked, longer)
    assert long.departure == asked.evs[0].departure - 3 * HOUR / 4
    assert short.departure == asked.evs[1].departure - HOUR / 4


def test_a_car_that_cannot_be_ready_in_time_does_not_wait() -> None:
    """Its battery takes longer than it stays; a plan with a pause would leave it shorter still."""
    taper = (Taper(energy_kwh=10, max_power_kw=0.5),)
    slow = car(stay=(0, 2), energy_kwh=10.9, min_power_kw=1, taper=taper)
    assert min_charging_time(slow, really=True) > 2 * HOUR
    (ev,) = kept(problem(EQUAL, slow))
    assert min_charging_time(slow) <= ev.departure - ev.arrival < 1.01 * min_charging_time(slow)


def test_the_time_a_car_needs_counts_its_taper_and_its_losses() -> None:
    assert min_charging_time(car(energy_kwh=11, max_power_kw=11)) == HOUR
    assert min_charging_time(car(energy_kwh=11, max_power_kw=11, efficiency=0.5)) == 2 * HOUR
    tapering = (Taper(energy_kwh=5.5, max_power_kw=5.5), Taper(energy_kwh=8.25, max_power_kw=1))
    slow = car(energy_kwh=11, max_power_kw=11, min_power_kw=2.75, taper=tapering)
    assert min_charging_time(slow) == 2 * HOUR
    assert min_charging_time(slow, really=True) == 3.75 * HOUR
    assert min_charging_time(car(energy_kwh=1, max_power_kw=0)) > 1000 * HOUR


def test_the_house_keeps_its_reserve_but_not_more_than_there_is() -> None:
    asked = problem(EQUAL, limit_kw=(10, 2, 1, 0.5), base_load_kw=(1,) * 4)
    eased = Reserve(house_kw=0.6).kept_in(asked)
    assert eased.capacity_kw == approx([8.4, 0.4, 0, 0])
    assert eased.site.limit_kw[3] == 0.5
    assert eased.site.phase_limits_kw == ()
    asked = problem(EQUAL, limit_kw=30, phase_limit_kw=10)
    eased = Reserve(house_kw=0.6).kept_in(asked)
    assert eased.phase_capacity_kw == tuple((approx(9.8),) * 4 for _ in PHASES)


@pytest.mark.parametrize(
    ("charging", "room_kw", "left_kw"),
    [(True, 5, 4), (True, 3, 3), (False, 5, 3)],
    ids=["it goes on at its minimum", "there is no room for that", "it does not charge yet"],
)
def test_who_charges_is_not_paused_for_a_reserve(
    charging: bool, room_kw: float, left_kw: float
) -> None:
    ev = car(min_power_kw=4, charging=charging)
    asked = problem(EQUAL, ev, limit_kw=room_kw)
    now, later, *_ = Reserve(house_kw=2).kept_in(asked).capacity_kw
    assert (now, later) == approx((left_kw, room_kw - 2))


def test_a_phase_keeps_room_for_who_charges_on_it() -> None:
    ev = car(min_power_kw=1.38, phases=("L2",), charging=True)
    asked = problem(EQUAL, ev, limit_kw=10, phase_limit_kw=1.5)
    kept_free = Reserve(house_kw=0.9).kept_in(asked)
    assert [phase[0] for phase in kept_free.phase_capacity_kw] == approx([1.2, 1.38, 1.2])


def test_a_house_is_given_as_much_as_it_lately_went_beyond_its_average() -> None:
    now = problem(EQUAL).horizon.start
    house = LoadVolatility()
    assert house.reserve.house_kw == 0
    assert house.reserve.before_departure == BEFORE_DEPARTURE
    assert house.reserve.part_of_charging == PART_OF_CHARGING
    house.take(0.4, now)
    house.take(-2.0, now)
    assert house.reserve.house_kw == approx(0.4)
    house.take(0, now + HOUR)
    assert 0.2 < house.reserve.house_kw < 0.3
    house.take(5, now + HOUR)
    assert house.reserve.house_kw == MAX_HOUSE_KW


class Asking(Translation):
    """A site that asks for one Problem, with a reserve."""

    def __init__(self, asked: Problem, reserve: Reserve) -> None:
        """Prepare it."""
        self.asked, self.reserve = asked, reserve
        self.sent: Problem | None = None

    @override
    async def get_horizon(self) -> Horizon:
        return self.asked.horizon

    @override
    async def get_evs(self, horizon: Horizon) -> tuple[EV, ...]:
        return self.asked.evs

    @override
    async def get_peak_power_demand(self, horizon: Horizon) -> GridConnection:
        return self.asked.site

    @override
    async def get_reserve(self) -> Reserve:
        return self.reserve

    @override
    async def send_power_to_evs(self, problem: Problem, schedule: Schedule) -> None:
        self.sent = problem


async def plan(asked: Problem, reserve: Reserve) -> Schedule:
    """Run one cycle; the site is handed back what it asked, without the reserve."""
    runner, site = Runner(("go",)), Asking(asked, reserve)
    try:
        schedule = await runner.run(site)
    finally:
        runner.shutdown(wait=True)
    assert site.sent == asked
    return schedule


async def test_a_plan_leaves_the_reserve_free() -> None:
    asked = problem((0.3, 0.2, 0.2, 0.1), car(stay=(0, 4), energy_kwh=11), limit_kw=11)
    both = Reserve(house_kw=1, before_departure=HOUR / 4)
    schedule = await plan(asked, both)
    assert max(limits(schedule)) <= 10 + 1e-6
    assert limits(schedule)[3] * 0.75 + sum(limits(schedule)[:3]) == approx(11)


async def test_no_car_goes_short_for_a_reserve() -> None:
    tight = tuple(car(name, (0, 4), energy_kwh=20, max_power_kw=11) for name in "ab")
    asked = problem(EQUAL, *tight, limit_kw=10)
    schedule = await plan(asked, Reserve(house_kw=1, before_departure=HOUR / 4))
    assert [ev.energy_kwh for ev in schedule.evs] == approx([20, 20])
    # One whose wish cannot be met anyway does not cost the others their reserve.
    hopeless = car("hopeless", (0, 1), energy_kwh=50, max_power_kw=3)
    asked = problem((0.1, 0.2, 0.2, 0.1), car(stay=(0, 4), energy_kwh=11), hopeless, limit_kw=14)
    schedule = await plan(asked, Reserve(house_kw=2))
    assert limits(schedule)[3] <= 12
    assert schedule.evs[1].energy_kwh == approx(3)
