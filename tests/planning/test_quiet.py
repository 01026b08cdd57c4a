"""Sensors that report all the time do not make the site plan all the time."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from tests.control.test_phases import PER_PHASE, set_powers
from tests.house import CHARGERS, GRID, ZOE_DATA, House, subentry

SECOND = timedelta(seconds=1)
MINUTES = 10
BY_CLOCK = MINUTES / 5
TRACKER = "device_tracker.zoe"
CAR = subentry(
    "zoe",
    "vehicle",
    "Zoe",
    {**ZOE_DATA, "plugged_entity": TRACKER, "soc_time_entity": "sensor.zoe_told"},
)


async def plans_made(house: House, chatter: Callable[[int], None]) -> int:
    """Let something report every second for minutes; return how many plans were made."""
    made: set[str] = set()
    for second in range(MINUTES * 60):
        chatter(second)
        await house.async_advance(SECOND)
        made.add(house.state("sensor.home_plan_age").state)
    return len(made) - 1


def _tracker(house: House) -> Callable[[int], None]:
    def report(second: int) -> None:
        position = {"latitude": 52 + second / 1e4, "gps_accuracy": 5}
        house.hass.states.async_set(TRACKER, "not_home", position)

    return report


def _phases(house: House) -> Callable[[int], None]:
    def report(second: int) -> None:
        watts = (200 + second % 7 * 90, 150 + second % 11 * 40, 150 + second % 3 * 100)
        set_powers(house, *watts)
        house.set_power(GRID, sum(watts))

    return report


def _driving(house: House) -> Callable[[int], None]:
    def report(second: int) -> None:
        house.set_soc("zoe", 90 - second / 20)
        house.hass.states.async_set("sensor.zoe_told", house.freezer().isoformat() + "+00:00")

    return report


def _status(house: House) -> Callable[[int], None]:
    def report(second: int) -> None:
        state: Any = house.state("input_select.garage_status")
        rssi = {**state.attributes, "rssi": second}
        house.hass.states.async_set(state.entity_id, state.state, rssi)

    return report


@pytest.mark.parametrize("chatty", [_tracker, _phases, _driving, _status])
async def test_plans_follow_the_clock_however_much_is_reported(
    hass: HomeAssistant, house: House, chatty: Callable[[House], Callable[[int], None]]
) -> None:
    hass.states.async_set(TRACKER, "not_home")
    set_powers(house, 200, 150, 150)
    await house.async_set_up_site(*CHARGERS, CAR, data=PER_PHASE)
    await house.async_advance(timedelta(minutes=20))
    await house.async_plug_in("carport")
    assert await plans_made(house, chatty(house)) <= BY_CLOCK + 1


async def test_car_that_comes_home_is_noticed_all_the_same(
    hass: HomeAssistant, house: House
) -> None:
    hass.states.async_set(TRACKER, "not_home")
    await house.async_set_up_site(CHARGERS[0], CAR)
    await house.async_advance(timedelta(minutes=20))
    await house.async_plug_in("garage")
    assert house.state("select.garage_vehicle").state == "guest"
    hass.states.async_set(TRACKER, "home")
    await house.async_settle()
    assert house.state("select.garage_vehicle").state == "Zoe"
    needed = house.state("sensor.garage_status").attributes["needed_kwh"]
    assert house.value("sensor.garage_planned_energy") == pytest.approx(needed / 0.9, abs=0.3)
