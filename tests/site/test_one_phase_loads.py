"""A connection of three phases that only its total is measured of: one phase may carry it all."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from homeassistant.core import Context
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from tests.house import GARAGE_DATA, GRID, ZOE_DATA, House, subentry

TICK = timedelta(seconds=10)
ANY_PHASE: Mapping[str, Any] = {"even_phases": False}
FUSE_A = 25
UNMETERED = {key: value for key, value in GARAGE_DATA.items() if key != "power_entity"}
PV = "sensor.pv"


def phase_kw(house: House) -> list[float]:
    """Return what is left of each phase."""
    assert house.entry is not None
    site = house.entry.runtime_data.site
    capacity = site.capacity(dt_util.utcnow())
    assert isinstance(capacity.phase_kw, Mapping)
    return [capacity.phase_kw[phase] for phase in ("L1", "L2", "L3")]


@pytest.mark.parametrize(("even", "left_a"), [(False, 12), (True, 16)])
async def test_a_car_leaves_room_for_what_may_be_on_its_phase(
    house: House, even: bool, left_a: float
) -> None:
    house.set_power(GRID, 2900)
    await house.async_set_up_site(data={"even_phases": even})
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    for _ in range(12):
        car_kw = house.garage_kw
        house.set_power("sensor.garage_power", 1000 * car_kw)
        house.set_power(GRID, 2900 + 1000 * car_kw)
        await house.async_advance(TICK)
    assert house.value("input_number.garage_limit") == left_a


async def test_a_plan_leaves_room_for_what_may_be_on_one_phase(house: House) -> None:
    house.set_power(GRID, 2900)
    entry = await house.async_set_up_site(data=ANY_PHASE)
    await house.async_plug_in("garage")
    problem = entry.runtime_data.coordinator.data.problem
    for phase in problem.phase_capacity_kw:
        assert phase == pytest.approx([5.75 - 2.9] * len(phase))
    assert max(problem.capacity_kw) == pytest.approx(17.25 - 2.9)


async def test_the_sun_may_be_on_another_phase(house: House) -> None:
    """The meter shows 2 kW less than nothing while the sun gives 5."""
    house.set_power(GRID, -2000)
    house.set_power(PV, 5000)
    await house.async_set_up_site(data={**ANY_PHASE, "pv_entity": PV})
    assert phase_kw(house) == pytest.approx([5.75 - 3] * 3)


async def test_a_plan_knows_that_the_sun_may_be_on_another_phase(house: House) -> None:
    """Guard and plan counted differently: what a plan let begin was stopped at once."""
    house.set_power(GRID, 1000)
    house.set_power(PV, 2000)
    entry = await house.async_set_up_site(data={**ANY_PHASE, "pv_entity": PV})
    await house.async_plug_in("garage")
    problem = entry.runtime_data.coordinator.data.problem
    assert [kw[0] for kw in problem.phase_capacity_kw] == pytest.approx(phase_kw(house))
    assert phase_kw(house) == pytest.approx([5.75 - 3] * 3)


async def test_surplus_of_a_sun_that_is_not_measured_is_on_no_phase_for_sure(house: House) -> None:
    house.set_power(GRID, -2000)
    await house.async_set_up_site(data=ANY_PHASE)
    assert max(phase_kw(house)) <= 5.75


async def test_what_a_charger_does_by_hand_is_spread_over_its_own_phases(
    house: House, hass_admin_user: MockUser
) -> None:
    """Its 10 kW are no load that may be on any one phase."""
    house.set_power(GRID, 1000)
    await house.async_set_up_site(data=ANY_PHASE)
    await house.async_plug_in("garage")
    await house.hass.services.async_call(
        "input_number",
        "set_value",
        {"entity_id": "input_number.garage_limit", "value": 15},
        blocking=True,
        context=Context(user_id=hass_admin_user.id),
    )
    await house.async_settle()
    house.set_power("sensor.garage_power", 10_350)
    house.set_power(GRID, 11_350)
    for _ in range(6):
        await house.async_advance(TICK)
        house.set_power("sensor.garage_power", 10_350)
        house.set_power(GRID, 11_350)
    await house.async_advance(TICK)
    assert phase_kw(house) == pytest.approx([5.75 - 1 - 3.45] * 3, abs=0.1)


async def async_charge_on_one_phase(house: House, base_w: float, minutes: float) -> None:
    """Let a car that nobody measures draw from one phase of the three it may use."""
    for step in range(round(minutes * 6)):
        # What ``garage_kw`` counts for three phases
        car_w = 1000 * house.garage_kw / 3
        house.set_power(GRID, base_w + car_w + step % 5)
        if car_w:
            house.hass.states.async_set("input_select.garage_status", "charging")
        await house.async_advance(TICK)


async def test_a_car_that_draws_less_than_two_phases_must_is_on_one(house: House) -> None:
    """It was thought to draw three times as much, which hid as much of the house."""
    car = subentry("zoe", "vehicle", "Zoe", ZOE_DATA)
    garage = subentry("garage", "charger", "Garage", UNMETERED)
    await house.async_set_up_site(garage, car, data=ANY_PHASE)
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    await async_charge_on_one_phase(house, 300, 5)
    assert house.entry is not None
    site = house.entry.runtime_data.site
    assert site.points["garage"].taking.uses_one_phase
    await async_charge_on_one_phase(house, 4600, 3)
    assert site.house.now_kw(dt_util.utcnow()) == pytest.approx(4.6, abs=0.1)
    assert house.garage_kw == 0  # 5.75 kW less what may all be on its phase is below 6 A


async def test_a_car_that_may_be_on_three_phases_is_counted_on_three(house: House) -> None:
    """The house takes so much that it may well draw what it is allowed."""
    car = subentry("zoe", "vehicle", "Zoe", ZOE_DATA)
    garage = subentry("garage", "charger", "Garage", UNMETERED)
    await house.async_set_up_site(garage, car)
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    await async_charge_on_one_phase(house, 8500, 5)
    assert house.entry is not None
    assert house.entry.runtime_data.site.points["garage"].taking.part == 1


async def test_a_car_that_begins_late_is_not_taken_for_the_house(house: House) -> None:
    """Its charger's meter shows each minute what it draws, which would be too much on one phase.

    So it was stopped as soon as it began, again and again.
    """
    await house.async_set_up_site(data={**ANY_PHASE, "fuse_a": 20})
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    house.set_power("sensor.garage_power", 0)
    allowed_s, stops, drew = 0, 0, False
    for step in range(60):
        car_w = 1000 * house.garage_kw
        allowed_s = allowed_s + 10 if car_w else 0
        draws = allowed_s > 50
        stops += drew and not draws
        drew = draws
        status = "charging" if draws else "awaiting_start"
        house.hass.states.async_set("input_select.garage_status", status)
        house.set_power(GRID, 600 + (car_w if draws else 0))
        if step % 6 == 5:
            house.set_power("sensor.garage_power", car_w if draws else 0)
        await house.async_advance(TICK)
    assert drew
    assert stops == 0


async def test_what_a_car_is_measured_to_draw_counts_after_a_restart(
    house: House,
) -> None:
    """It draws less than it may, and its meter has not reported since its charger was read."""
    entry = await house.async_set_up_site(data=ANY_PHASE)
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    for _ in range(30):
        house.hass.states.async_set("input_select.garage_status", "charging")
        house.set_power("sensor.garage_power", 4_200 if house.garage_kw else 0)
        house.set_power(GRID, 4_800 if house.garage_kw else 600)
        await house.async_advance(TICK)
    await house.async_advance(TICK)
    await house.hass.config_entries.async_reload(entry.entry_id)
    site = entry.runtime_data.site
    house.set_power(GRID, 6_200)
    await house.async_advance(TICK)
    assert site.house.now_kw(dt_util.utcnow()) == pytest.approx(2.0, abs=0.05)
