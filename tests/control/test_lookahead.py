"""What chargers may draw later that nobody may be there to tell: beside all that may go on."""

from dataclasses import replace
from datetime import timedelta

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from tests.house import (
    CARPORT_DATA,
    CHARGERS,
    GARAGE_DATA,
    GRID,
    VEHICLES,
    House,
    subentry,
)

from custom_components.optivgi.charging.charging_point import ChargingPoint
from custom_components.optivgi.control.lookahead import PlannedLoads, limits_ahead
from custom_components.optivgi.planning.plan import Plan
from custom_components.optivgi.site.outlook import NOWCAST

LIMIT_KW, HOUSE_KW, CARPORT_KW = 17.25, 0.5, 11.0
MIN_KW = 4.14
ONE_PHASE = subentry("garage", "charger", "Garage", {**GARAGE_DATA, "phases": "1"})


async def async_plan(
    house: House, *plugged: str, one_phase: bool = False, fuse_a: float = 25
) -> None:
    """Have a plan for the cars that are plugged in."""
    first = ONE_PHASE if one_phase else CHARGERS[0]
    await house.async_set_up_site(first, CHARGERS[1], *VEHICLES, data={"fuse_a": fuse_a})
    for charger in plugged:
        await house.async_plug_in(charger)
    await house.async_advance(timedelta(minutes=5))
    await house.async_settle()


def plan_of(house: House) -> Plan:
    """Return the plan that is followed."""
    assert house.entry is not None
    plan: Plan = house.entry.runtime_data.coordinator.data
    return plan


def point_of(house: House, charger: str) -> ChargingPoint:
    """Return a charger as it is now."""
    assert house.entry is not None
    site = house.entry.runtime_data.site
    site.observe(dt_util.utcnow())
    point: ChargingPoint = site.points[charger]
    return point


def loads_of(house: House, plan: Plan | None = None) -> PlannedLoads:
    """Return what all may draw, the garage by itself and the carport as it was sent last."""
    points = [point_of(house, charger) for charger in ("garage", "carport")]
    return PlannedLoads(plan or plan_of(house), points, {"carport"}, dt_util.utcnow())


def room_beside(house: House, loads: PlannedLoads) -> list[float]:
    """Return the room of the garage in each step of the plan."""
    return list(loads.room_kw(point_of(house, "garage")))[:-1]


def room_kw(house: House) -> list[float]:
    """Return the room of the garage in each step, in the near future and later."""
    horizon = plan_of(house).problem.horizon
    assert horizon.edges[1] < horizon.start + NOWCAST < horizon.edges[-2]
    return room_beside(house, loads_of(house))


async def test_room_is_what_the_house_leaves(house: House) -> None:
    """Nobody is at the other charger, whatever its limit is."""
    await async_plan(house, "garage")
    room = room_kw(house)
    assert room == pytest.approx([LIMIT_KW - HOUSE_KW] * len(room))


async def test_what_a_meter_showed_before_the_car_left_takes_no_room(house: House) -> None:
    await async_plan(house, "garage")
    plan = plan_of(house)
    house.set_power("sensor.carport_power", 5000)
    room = room_beside(house, loads_of(house, plan))
    assert room == pytest.approx([LIMIT_KW - HOUSE_KW] * len(room))


async def test_a_charger_goes_on_after_its_plan(house: House) -> None:
    """Its plan ends when the car has enough; then somebody has to be there to stop it."""
    await async_plan(house, "carport", "garage")
    assert house.carport_kw > MIN_KW
    planned = plan_of(house).schedule.ev("carport").limit_kw
    assert planned[-1] == 0
    expected = [LIMIT_KW - HOUSE_KW - max(kw, house.carport_kw) for kw in planned]
    assert room_kw(house) == pytest.approx(expected, abs=0.01)


async def test_a_charger_is_planned_more_than_it_has_now(house: House) -> None:
    house.set_hourly_prices([0.3] * 26 + [0.1] * 22)
    await async_plan(house, "carport", "garage")
    assert house.carport_kw == 0
    planned = plan_of(house).schedule.ev("carport").limit_kw
    assert max(planned) > MIN_KW
    expected = [LIMIT_KW - HOUSE_KW - kw for kw in planned]
    assert room_kw(house) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("measured", [True, False])
async def test_a_charger_out_of_reach_goes_on_for_ever(
    hass: HomeAssistant, house: House, measured: bool
) -> None:
    """In the near future it is a part of the house, in what is planned next."""
    await async_plan(house, "carport", "garage")
    last_kw = house.carport_kw
    before = plan_of(house)
    hass.states.async_set("input_number.carport_limit", "unavailable")
    if not measured:
        hass.states.async_set("sensor.carport_power", "unavailable")
    found = room_beside(house, loads_of(house, before))
    planned = before.schedule.ev("carport").limit_kw
    later = before.problem.horizon.start + NOWCAST
    starts = before.problem.horizon.edges[:-1]
    expected = [
        LIMIT_KW - HOUSE_KW - (max(kw, last_kw) if start >= later else kw)
        for start, kw in zip(starts, planned, strict=True)
    ]
    assert found == pytest.approx(expected, abs=0.01)


async def test_a_car_on_one_phase_has_what_is_left_there(house: House) -> None:
    await async_plan(house, "carport", "garage", one_phase=True)
    planned = plan_of(house).schedule.ev("carport").limit_kw
    expected = [(LIMIT_KW - HOUSE_KW - max(kw, house.carport_kw)) / 3 for kw in planned]
    assert room_kw(house) == pytest.approx(expected, abs=0.01)


async def async_plan_on_phases(house: House, *watts: float) -> None:
    """Have a plan for a car on L1 in a house that takes so much of each phase."""
    sensors = ("sensor.l1", "sensor.l2", "sensor.l3")
    for entity_id, power in zip(sensors, watts, strict=True):
        house.set_power(entity_id, power)
    house.set_power(GRID, sum(watts))
    data = dict(zip(("l1_entity", "l2_entity", "l3_entity"), sensors, strict=True))
    await house.async_set_up_site(ONE_PHASE, CHARGERS[1], *VEHICLES, data=data)
    await house.async_plug_in("garage")


async def test_a_car_on_one_phase_takes_nothing_from_the_others(house: House) -> None:
    await async_plan_on_phases(house, 500, 4500, 1000)
    points = [point_of(house, charger) for charger in ("garage", "carport")]
    loads = PlannedLoads(plan_of(house), points, {"garage"}, dt_util.utcnow())
    left_kw = [LIMIT_KW / 3 - 0.5 - 3.68, LIMIT_KW / 3 - 4.5]
    assert max(loads.room_kw(points[1])) == pytest.approx(3 * min(left_kw), abs=0.01)


async def test_the_load_of_another_phase_leaves_its_own(house: House) -> None:
    await async_plan_on_phases(house, 500, 3000, 1000)
    room = room_kw(house)
    assert room == pytest.approx([LIMIT_KW / 3 - 0.5] * len(room), abs=0.01)


@pytest.mark.parametrize(("phases", "carries_kw"), [("1", LIMIT_KW / 3), ("3", LIMIT_KW)])
async def test_what_the_house_usually_draws_at_most_is_left_free(
    house: House, phases: str, carries_kw: float
) -> None:
    """Usually 3 kW in the first half of what is planned, and less than now in the second."""
    await house.async_set_up_site(ONE_PHASE, *VEHICLES[:1], data={"phases": phases})
    await house.async_plug_in("garage")
    plan = plan_of(house)
    half, rest = divmod(len(plan.problem.horizon), 2)
    peaks_kw = (3.0,) * half + (HOUSE_KW / 2,) * (half + rest)
    point = point_of(house, "garage")
    loads = PlannedLoads(replace(plan, peak_load_kw=peaks_kw), [point], {}, dt_util.utcnow())
    of_three = 1 if phases == "1" else 3
    own_kw = carries_kw / of_three
    expected = [own_kw - max(kw, HOUSE_KW) / of_three for kw in peaks_kw]
    # After the plan it may be any hour.
    assert loads.room_kw(point) == pytest.approx([*expected, min(expected)])


async def test_sun_of_now_does_not_widen_the_fuse(house: House) -> None:
    house.set_power(GRID, -3000)
    await async_plan(house, "garage")
    room = room_kw(house)
    assert room == pytest.approx([LIMIT_KW] * len(room))


async def test_where_others_take_all_nothing_is_left(house: House) -> None:
    """The carport is out of reach, and may go on with more than the connection carries."""
    await async_plan(house, "garage", fuse_a=16)
    plan = plan_of(house)
    house.hass.states.async_set("input_number.carport_limit", "unavailable")
    await house.async_plug_in("carport")
    loads = loads_of(house, plan)
    assert loads.room_kw(point_of(house, "garage"))[-1] == 0


async def test_limits_are_those_of_the_plan_where_there_is_room(house: House) -> None:
    """At present, what there is room for is commanded besides."""
    await async_plan(house, "carport", "garage")
    now, garage = dt_util.utcnow(), point_of(house, "garage")
    loads, plan = loads_of(house), plan_of(house)
    found = limits_ahead(garage, loads, now)
    planned = plan.schedule.ev("garage").limit_kw
    present = plan.schedule.horizon.index_at(now)
    expected = [
        kw if step == present else min(kw, room)
        for step, (kw, room) in enumerate(zip(planned, room_beside(house, loads), strict=True))
    ]
    assert found.horizon == plan.schedule.horizon
    assert found.limit_kw == pytest.approx(expected)
    assert found.safe_kw == pytest.approx(MIN_KW)


async def test_present_limit_is_that_of_the_plan_though_there_is_no_room(house: House) -> None:
    await async_plan(house, "garage")
    plan, garage, now = plan_of(house), point_of(house, "garage"), dt_util.utcnow()
    house.hass.states.async_set(
        "input_number.carport_limit", "11000", house.state("input_number.carport_limit").attributes
    )
    await house.async_plug_in("carport")
    house.hass.states.async_set("input_number.carport_limit", "unavailable")
    loads = loads_of(house, plan)
    planned, room = plan.schedule.ev("garage").limit_kw, room_beside(house, loads)
    assert planned[0] == pytest.approx(11.04)
    # In the near future, what is out of reach is a part of the house.
    horizon = plan.problem.horizon
    goes_on = [start >= horizon.start + NOWCAST for start in horizon.edges[:-1]]
    expected = [LIMIT_KW - HOUSE_KW - (CARPORT_KW if later else 0.0) for later in goes_on]
    assert room == pytest.approx(expected)
    present = now + 2 * NOWCAST
    found = limits_ahead(garage, loads, present).limit_kw
    step = plan.schedule.horizon.index_at(present)
    assert step is not None
    assert found[step] == planned[step] > room[step]
    others = [
        (kw, kept) for n, (kw, kept) in enumerate(zip(found, planned, strict=True)) if n != step
    ]
    assert any(kw < kept for kw, kept in others)
    assert all(
        kw == pytest.approx(min(kept, left))
        for n, (kw, kept, left) in enumerate(zip(found, planned, room, strict=True))
        if n != step
    )


@pytest.mark.parametrize(("mode", "limit_kw"), [("off", 0.0), ("smart", MIN_KW)])
async def test_without_a_plan_it_gets_the_minimum_unless_it_is_off(
    house: House, mode: str, limit_kw: float
) -> None:
    await async_plan(house, "garage")
    await house.async_select("select.garage_mode", mode)
    now = dt_util.utcnow()
    found = limits_ahead(point_of(house, "garage"), None, now)
    assert found.limit_kw == (pytest.approx(limit_kw),)
    assert found.safe_kw == pytest.approx(limit_kw)
    hour = now.replace(minute=0, second=0, microsecond=0)
    assert found.horizon.edges == (hour, hour + timedelta(days=1))


async def test_off_is_off_whatever_is_planned(house: House) -> None:
    await async_plan(house, "garage")
    loads = loads_of(house)
    await house.async_select("select.garage_mode", "off")
    found = limits_ahead(point_of(house, "garage"), loads, dt_util.utcnow())
    assert (found.limit_kw, found.safe_kw) == ((0.0,), 0.0)


async def test_a_car_that_is_not_planned_for_gets_nothing_and_then_the_minimum(
    house: House,
) -> None:
    house.set_soc("zoe", 95)
    await async_plan(house, "garage")
    found = limits_ahead(point_of(house, "garage"), loads_of(house), dt_util.utcnow())
    horizon = plan_of(house).schedule.horizon
    assert found.horizon == horizon
    assert found.limit_kw == (0.0,) * len(horizon)
    assert found.safe_kw == pytest.approx(MIN_KW)


async def test_a_circuit_leaves_no_more_than_it_carries(house: House) -> None:
    """The connection itself has room for both."""
    shed = subentry("shed", "circuit", "Shed", {"fuse_a": 20})
    chargers = (
        subentry("garage", "charger", "Garage", {**GARAGE_DATA, "circuit": "shed"}),
        subentry("carport", "charger", "Carport", {**CARPORT_DATA, "circuit": "shed"}),
    )
    await house.async_set_up_site(shed, *chargers, *VEHICLES, data={"fuse_a": 63})
    for charger in ("carport", "garage"):
        await house.async_plug_in(charger)
    await house.async_advance(timedelta(minutes=5))
    await house.async_settle()
    assert house.carport_kw > MIN_KW
    planned = plan_of(house).schedule.ev("carport").limit_kw
    expected = [20 * 0.69 - max(kw, house.carport_kw) for kw in planned]
    assert room_kw(house) == pytest.approx(expected, abs=0.01)
