"""A house measured on each phase: a car gives way where its own phase is full, and only there."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from tests.house import CARPORT_DATA, CHARGERS, GARAGE_DATA, GRID, House, subentry

L1, L2, L3 = PHASE_SENSORS = ("sensor.l1", "sensor.l2", "sensor.l3")
PER_PHASE: Mapping[str, Any] = {"l1_entity": L1, "l2_entity": L2, "l3_entity": L3}
SETTLED = timedelta(seconds=90)
ONE_PHASE = subentry("garage", "charger", "Garage", {**GARAGE_DATA, "phases": "1"})


def set_currents(hass: HomeAssistant, *amperes: float, unit: str = "A") -> None:
    """Let the sensors of the phases report currents."""
    for entity_id, current in zip(PHASE_SENSORS, amperes, strict=True):
        hass.states.async_set(
            entity_id, f"{current:.2f}", {"unit_of_measurement": unit, "device_class": "current"}
        )


def set_powers(house: House, *watts: float) -> None:
    """Let the sensors of the phases report powers."""
    for entity_id, power in zip(PHASE_SENSORS, watts, strict=True):
        house.set_power(entity_id, power)


async def charge_now(house: House, *chargers: str) -> None:
    """Plug cars in that are to charge as fast as they can."""
    for charger in chargers:
        await house.async_plug_in(charger)
        await house.async_select(f"select.{charger}_mode", "now")
    await house.async_advance(SETTLED)


def garage_a(house: House) -> float:
    """Return the current that the garage may draw."""
    if house.state("input_boolean.garage_charging").state == "off":
        return 0.0
    return house.value("input_number.garage_limit")


async def test_a_loaded_phase_throttles_the_car_on_it(hass: HomeAssistant, house: House) -> None:
    """25 A less the 15 A that an oven draws from L1 leave 10 A; all together is far from full."""
    set_currents(hass, 1, 1, 0)
    house.set_power(GRID, 2 * 230)
    await house.async_set_up_site(ONE_PHASE, data=PER_PHASE)
    await charge_now(house, "garage")
    assert garage_a(house) == 16
    set_currents(hass, 15, 1, 0)
    house.set_power(GRID, 16 * 230)
    await hass.async_block_till_done()
    assert garage_a(house) == 10
    assert "house" in house.state("sensor.garage_status").attributes["reason"].lower()


async def test_the_load_of_another_phase_does_not(hass: HomeAssistant, house: House) -> None:
    set_currents(hass, 1, 15, 0)
    house.set_power(GRID, 16 * 230)
    await house.async_set_up_site(ONE_PHASE, data=PER_PHASE)
    await charge_now(house, "garage")
    assert garage_a(house) == 16


async def test_a_car_on_three_phases_has_what_the_fullest_leaves(
    hass: HomeAssistant, house: House
) -> None:
    set_currents(hass, 1, 0, 17)
    house.set_power(GRID, 18 * 230)
    await house.async_set_up_site(CHARGERS[0], data=PER_PHASE)
    await charge_now(house, "garage")
    assert garage_a(house) == 8


async def test_what_the_charger_draws_itself_is_none_of_the_house(
    hass: HomeAssistant, house: House
) -> None:
    """The phases at the grid count the car, too: 10 A of it and 15 A of the house."""
    set_currents(hass, 15, 0, 0)
    await house.async_set_up_site(ONE_PHASE, data={**PER_PHASE, "power_entity": None})
    await charge_now(house, "garage")
    assert garage_a(house) == 10
    for _ in range(20):
        house.set_power("sensor.garage_power", 2300)
        set_currents(hass, 25, 0, 0)
        await house.async_advance(timedelta(seconds=30))
        assert garage_a(house) == 10
    set_currents(hass, 27, 0, 0)
    await house.async_advance(timedelta(seconds=10))
    assert garage_a(house) == 8


async def test_phases_alone_make_a_meter(house: House) -> None:
    """Together they tell what the house draws, and plans know it by phase."""
    set_powers(house, 3000, 1000, 500)
    entry = await house.async_set_up_site(CHARGERS[0], data={**PER_PHASE, "power_entity": None})
    await charge_now(house, "garage")
    assert garage_a(house) == 11
    schedule = await house.async_schedule()
    assert schedule["site"]["base_load_kw"] == pytest.approx(4.5)
    site = entry.runtime_data.coordinator.data.problem.site
    assert [series[0] for series in site.base_load_phase_kw] == pytest.approx([3, 1, 0.5])


async def test_plan_puts_a_car_where_its_phase_has_room(hass: HomeAssistant, house: House) -> None:
    """The plan knows the load of L1, not only a third of all: it promises no more than 10 A."""
    set_currents(hass, 15, 0, 0)
    house.set_power(GRID, 15 * 230)
    entry = await house.async_set_up_site(ONE_PHASE, data=PER_PHASE)
    await charge_now(house, "garage")
    plan = entry.runtime_data.coordinator.data
    assert max(plan.schedule.ev("garage").limit_kw) == pytest.approx(10 * 0.23, abs=0.01)


async def test_a_silent_phase_holds_back_the_cars_on_it(hass: HomeAssistant, house: House) -> None:
    """They charge with the least they can; when it speaks again they go on."""
    set_currents(hass, 2, 2, 2)
    house.set_power(GRID, 6 * 230)
    await house.async_set_up_site(ONE_PHASE, CHARGERS[1], data={**PER_PHASE, "fuse_a": 40})
    await charge_now(house, "garage", "carport")
    assert garage_a(house) == 16
    before_kw = house.carport_kw
    assert before_kw > 5
    hass.states.async_set(L2, "unavailable")
    await house.async_advance(timedelta(seconds=30))
    # The car on L1 goes on; the one on three phases draws from L2 as well.
    assert garage_a(house) == 16
    assert house.carport_kw == pytest.approx(6 * 3 * 0.23, abs=0.02)
    assert "silent" in house.state("sensor.carport_status").attributes["reason"].lower()
    set_currents(hass, 2, 2, 2)
    await house.async_advance(timedelta(minutes=6))
    assert house.carport_kw == pytest.approx(before_kw)


async def test_a_phase_that_breaks_its_habit_is_silent(hass: HomeAssistant, house: House) -> None:
    """It used to tell something every ten seconds, and its last word was a low load."""
    await house.async_set_up_site(ONE_PHASE, data={**PER_PHASE})
    await charge_now(house, "garage")
    for step in range(13):
        set_currents(hass, 2 + step / 100, 2, 2)
        house.set_power(GRID, 6 * 230 + step)
        await house.async_advance(timedelta(seconds=10))
    assert garage_a(house) == 16
    for step in range(30):
        house.set_power(GRID, 6 * 230 + step)
        await house.async_advance(timedelta(seconds=10))
    assert garage_a(house) == 6


async def test_without_a_total_a_silent_phase_holds_back_all(
    hass: HomeAssistant, house: House
) -> None:
    set_currents(hass, 2, 2, 2)
    await house.async_set_up_site(ONE_PHASE, data={**PER_PHASE, "power_entity": None})
    await charge_now(house, "garage")
    assert garage_a(house) == 16
    hass.states.async_set(L3, "unavailable")
    await house.async_advance(timedelta(seconds=30))
    assert garage_a(house) == 6


async def test_phases_stand_in_for_a_silent_total(hass: HomeAssistant, house: House) -> None:
    set_currents(hass, 2, 2, 2)
    house.set_power(GRID, 6 * 230)
    await house.async_set_up_site(ONE_PHASE, data=PER_PHASE)
    await charge_now(house, "garage")
    hass.states.async_set(GRID, "unavailable")
    set_currents(hass, 12, 2, 2)
    await house.async_advance(timedelta(seconds=30))
    assert garage_a(house) == 13


async def test_currents_without_a_sign_are_exports_where_all_of_them_are(
    hass: HomeAssistant, house: House
) -> None:
    """6 kW of surplus: without the sign each phase would seem to be 8.7 A full already."""
    set_currents(hass, 8.7, 8.7, 8.7)
    house.set_power(GRID, -8.7 * 3 * 230)
    one = subentry("carport", "charger", "Carport", {**CARPORT_DATA, "max_a": 32})
    await house.async_set_up_site(one, data={**PER_PHASE, "fuse_a": 16})
    await charge_now(house, "carport")
    assert house.carport_kw == pytest.approx(11.0)


async def test_milliamperes(hass: HomeAssistant, house: House) -> None:
    set_currents(hass, 15000, 0, 0, unit="mA")
    await house.async_set_up_site(ONE_PHASE, data={**PER_PHASE, "power_entity": None})
    await charge_now(house, "garage")
    assert garage_a(house) == 10


async def test_the_habit_of_each_phase_survives_a_restart(
    hass: HomeAssistant, house: House, hass_storage: dict[str, Any]
) -> None:
    """A phase that was dead before the restart is found to be dead soon after."""
    entry = await house.async_set_up_site(ONE_PHASE, data=PER_PHASE)
    for step in range(13):
        set_currents(hass, 2 + step / 100, 2 + step / 100, 2)
        await house.async_advance(timedelta(seconds=10))
    assert await hass.config_entries.async_unload(entry.entry_id)
    habits = hass_storage["optivgi.site"]["data"]["phases"]
    assert habits["L1"]["interval_s"] == pytest.approx(10)
    assert habits["L2"]["reports"] == 12
    assert await hass.config_entries.async_setup(entry.entry_id)
    await charge_now(house, "garage")
    house.set_power(GRID, 6 * 230)
    await house.async_advance(timedelta(minutes=5))
    assert garage_a(house) == 6


async def test_a_phase_that_is_renamed_is_followed(hass: HomeAssistant, house: House) -> None:
    registry = er.async_get(hass)
    keys = (*PER_PHASE, "pv_entity", "solar_forecast_entity")
    picked = {key: registry.async_get_or_create("sensor", "demo", key).entity_id for key in keys}
    for entity_id in picked.values():
        house.set_power(entity_id, 0)
    entry = await house.async_set_up_site(ONE_PHASE, data=picked)
    for key, entity_id in picked.items():
        registry.async_update_entity(entity_id, new_entity_id=f"sensor.new_{key}")
    await house.async_settle()
    await house.async_settle()
    assert {key: entry.data[key] for key in keys} == {key: f"sensor.new_{key}" for key in keys}


async def test_a_dead_total_gives_no_sign(hass: HomeAssistant, house: House) -> None:
    """It died while all was exported; 8.7 A from each phase may be drawn by now."""
    await house.async_set_up_site(ONE_PHASE, data={**PER_PHASE, "fuse_a": 16})
    await charge_now(house, "garage")
    for step in range(40):
        set_currents(hass, 8.7 + step / 1000, 8.7, 8.7)
        house.set_power(GRID, -8.7 * 3 * 230 - step)
        await house.async_advance(timedelta(seconds=10))
    assert garage_a(house) == 16
    for step in range(30):
        set_currents(hass, 8.7 + step / 1000, 8.7, 8.7)
        await house.async_advance(timedelta(seconds=10))
    assert garage_a(house) == 7


async def test_a_car_set_up_with_one_phase_shows_which_one_it_is(
    hass: HomeAssistant, house: House, hass_storage: dict[str, Any]
) -> None:
    """Its charger is connected to L2, where an oven is switched on; L1 does not matter."""
    set_currents(hass, 1, 1, 1)
    entry = await house.async_set_up_site(ONE_PHASE, data={**PER_PHASE, "power_entity": None})
    await charge_now(house, "garage")

    async def charge(oven_a: float) -> None:
        for step in range(20):
            house.set_power("sensor.garage_power", garage_a(house) * 230 + step)
            set_currents(hass, 1, 1 + oven_a + garage_a(house) + step / 100, 1)
            await house.async_advance(timedelta(seconds=10))

    await charge(0)
    assert garage_a(house) == 16
    await charge(14)
    assert garage_a(house) == 9
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert hass_storage["optivgi.site"]["data"]["chargers"]["garage"]["phase"] == "L2"


async def test_the_phase_that_a_charger_is_connected_to_is_remembered(
    hass: HomeAssistant, house: House, hass_storage: dict[str, Any]
) -> None:
    """Nothing has been drawn yet: the next car is on the same phase."""
    hass_storage["optivgi.site"] = {
        "version": 1,
        "minor_version": 1,
        "key": "optivgi.site",
        "data": {"chargers": {"garage": {"phase": "L2"}}},
    }
    set_currents(hass, 1, 15, 1)
    await house.async_set_up_site(ONE_PHASE, data={**PER_PHASE, "power_entity": None})
    await charge_now(house, "garage")
    assert garage_a(house) == 10
