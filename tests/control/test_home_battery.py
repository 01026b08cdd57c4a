"""Home batteries: what they give is no room for cars, and they are held back beside these."""

from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from tests.control.battery_bench import TICK, async_follow, report
from tests.house import (
    BATTERY_DATA,
    CHARGERS,
    STORE,
    VEHICLES,
    House,
    charger_of,
    planned_kw_at,
    subentry,
)

MINUTE: Final = timedelta(minutes=1)
HOLD: Final = "binary_sensor.store_hold_battery"
POWER: Final = "sensor.store_planned_power"
SOC: Final = "sensor.store_planned_state_of_charge"
OURS: Final = subentry(
    "store",
    "battery",
    "Store",
    {**BATTERY_DATA, "planned_by": "site", "grid_charge": True},
)
FUSE_KW: Final = 25 * 0.69


async def async_both_now(house: House) -> None:
    """Let both chargers charge at once."""
    for charger in ("garage", "carport"):
        await house.async_plug_in(charger)
        await house.async_select(f"select.{charger}_mode", "now")
    await house.async_advance(MINUTE)


async def test_what_a_battery_gives_is_no_room_for_cars(house: House) -> None:
    house.set_battery(0, 80)
    await house.async_set_up_site(*CHARGERS, *VEHICLES, STORE)
    await async_both_now(house)
    # 4 kW of the house come from the battery: the meter shows the cars alone.
    await async_follow(house, battery_kw=-4.0, house_kw=4.0)
    assert house.garage_kw + house.carport_kw <= FUSE_KW - 4.0 + 0.01
    assert house.garage_kw + house.carport_kw > FUSE_KW - 5.5


async def test_what_a_battery_takes_is_left_free(house: House) -> None:
    house.set_battery(0, 30)
    await house.async_set_up_site(*CHARGERS, *VEHICLES, STORE)
    await async_both_now(house)
    await async_follow(house, battery_kw=4.0)
    assert house.garage_kw + house.carport_kw <= FUSE_KW - 4.5 + 0.01


async def test_silent_battery_may_be_giving_all_it_can(hass: HomeAssistant, house: House) -> None:
    house.set_battery(0, 80)
    await house.async_set_up_site(*CHARGERS, *VEHICLES, STORE)
    await async_both_now(house)
    await async_follow(house)
    before_kw = house.garage_kw + house.carport_kw
    assert before_kw > FUSE_KW - 1.5
    for _ in range(6):
        report(house, battery_kw=None)
        hass.states.async_set("sensor.battery_power", "unavailable")
        await house.async_advance(TICK)
    assert house.garage_kw + house.carport_kw <= FUSE_KW - 5.5 + 0.01
    assert "sensor.battery_power shows nothing" in house.state(HOLD).attributes["reason"]


async def test_silent_battery_that_is_empty_can_give_nothing(
    hass: HomeAssistant, house: House
) -> None:
    house.set_battery(0, 10)
    await house.async_set_up_site(*CHARGERS, *VEHICLES, STORE)
    await async_both_now(house)
    for _ in range(6):
        report(house, battery_kw=None)
        hass.states.async_set("sensor.battery_power", "unavailable")
        await house.async_advance(TICK)
    assert house.garage_kw + house.carport_kw > FUSE_KW - 1.5


async def test_battery_that_gives_cars_by_night_makes_no_meter_wrong(house: House) -> None:
    house.set_battery(0, 80)
    await house.async_set_up_site(*CHARGERS, *VEHICLES, STORE)
    await async_both_now(house)
    await async_follow(house, ticks=12, battery_kw=-5.0)
    assert house.garage_kw + house.carport_kw > FUSE_KW - 2
    assert house.state(house.entity_id("sensor", "site", "protection")).state != "silent"


async def test_battery_is_held_while_a_car_draws_more_than_the_sun_leaves(house: House) -> None:
    house.set_battery(0, 80)
    await house.async_set_up_site(*CHARGERS, *VEHICLES, STORE)
    # So much sun is plausible, as it was seen before.
    await async_follow(house, ticks=30, house_kw=-12.0)
    await async_follow(house)
    assert house.state(HOLD).state == "off"
    assert house.state(HOLD).attributes["reason_code"] == "battery_not_needed"
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    await async_follow(house)
    assert house.state(HOLD).state == "on"
    assert house.state(HOLD).attributes["reason_code"] == "battery_beside_cars"
    assert f"{house.garage_kw:.1f} kW" in house.state(HOLD).attributes["reason"]
    # With so much sun it has no reason to give anything.
    await async_follow(house, house_kw=-12.0)
    await async_follow(house, house_kw=-12.0)
    assert house.state(HOLD).state == "off"
    await async_follow(house)
    assert house.state(HOLD).state == "on"
    await house.async_select("select.garage_mode", "off")
    await async_follow(house, ticks=1)
    assert house.state(HOLD).attributes["reason_code"] == "battery_releasing"
    await async_follow(house, ticks=8)
    assert house.state(HOLD).state == "off"


async def test_what_a_battery_does_by_itself_is_expected(house: House) -> None:
    """Its base load is served from it, down to its reserve; then nothing."""
    house.set_battery(0, 30)
    await house.async_set_up_site(*CHARGERS, *VEHICLES, STORE)
    await async_follow(house)
    await house.async_settle()
    power, soc = house.state(POWER), house.state(SOC)
    assert power.attributes["planned_with_cars"] is False
    values = [step["value"] for step in power.attributes["forecast"]]
    assert min(values) == pytest.approx(-0.5, abs=0.1)
    levels = [step["value"] for step in soc.attributes["forecast"]]
    assert float(soc.state) == pytest.approx(30, abs=2)
    assert levels[-1] == pytest.approx(10, abs=0.1)
    assert values[-1] == 0


async def test_nothing_is_planned_of_a_battery_whose_level_is_unknown(
    hass: HomeAssistant, house: House
) -> None:
    house.set_battery(0, 50)
    await house.async_set_up_site(*CHARGERS, *VEHICLES, STORE)
    hass.states.async_set("sensor.battery_soc", "unavailable")
    await house.async_advance(timedelta(minutes=5))
    await house.async_settle()
    assert house.state(POWER).state == "unavailable"
    assert "not known" in house.state(HOLD).attributes["reason"]


@pytest.fixture
def cheap_then_expensive(house: House) -> None:
    """It is 20:00: two cheap hours, then expensive ones."""
    house.set_hourly_prices([0.10] * 22 + [0.50] * 26)


@pytest.mark.usefixtures("cheap_then_expensive")
async def test_battery_that_is_planned_charges_cheap_and_is_kept_for_later(house: House) -> None:
    house.set_battery(0, 20)
    await house.async_set_up_site(*CHARGERS, *VEHICLES, OURS, data={"base_load_kw": None})
    await async_follow(house)
    await house.async_settle()
    power = house.state(POWER)
    assert power.attributes["planned_with_cars"] is True
    now = datetime.fromisoformat(power.attributes["forecast"][0]["start"])
    cheap = [
        step["value"]
        for step in power.attributes["forecast"]
        if datetime.fromisoformat(step["start"]) < now + timedelta(hours=1, minutes=45)
    ]
    later = [step["value"] for step in power.attributes["forecast"]][len(cheap) + 1 :]
    assert max(cheap) > 1
    assert min(later) < -0.3
    assert house.state(HOLD).state == "on"
    assert house.state(HOLD).attributes["reason_code"] == "battery_kept_by_plan"


async def test_surplus_only_car_gets_what_the_battery_leaves(house: House) -> None:
    """Its own system stores the sun first."""

    async def planned(battery_kw: float, *more: Any) -> float:
        await house.async_set_up_site(*CHARGERS, *VEHICLES, *more)
        await async_follow(house, ticks=30, battery_kw=battery_kw, house_kw=-6.0)
        await house.async_plug_in("carport")
        await house.async_select("select.carport_mode", "solar_only")
        await async_follow(house, ticks=2, battery_kw=battery_kw, house_kw=-6.0)
        await house.async_settle()
        schedule = await house.async_schedule()
        return planned_kw_at(charger_of(schedule, "Carport"), dt_util.utcnow())

    house.freezer.move_to("2026-11-21 11:00:00+00:00")
    house.set_hourly_prices([0.30] * 48)
    house.set_battery(0, 20)
    assert await planned(0.0) > 5
    assert house.entry is not None
    await house.hass.config_entries.async_remove(house.entry.entry_id)
    assert await planned(4.5, STORE) < 2
