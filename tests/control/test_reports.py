"""In a large garage, what chargers report is gathered; meter and commands are looked at at once."""

from datetime import timedelta

import pytest
from tests.house import GRID, House, subentry

from custom_components.optivgi.charging.charging_point import ChargingPoint

COUNT = 24


def set_power(house: House, index: int, kw: float) -> None:
    attributes = {"unit_of_measurement": "kW", "device_class": "power"}
    house.hass.states.async_set(f"sensor.box_{index}_power", str(kw), attributes)


def set_limit(house: House, index: int, amperes: float) -> None:
    attributes = {"min": 0, "max": 16, "step": 1, "unit_of_measurement": "A"}
    house.hass.states.async_set(f"number.box_{index}", str(amperes), attributes)


@pytest.fixture
async def boxes(house: House) -> House:
    """A garage with many chargers that nobody uses."""
    found = []
    for index in range(COUNT):
        set_limit(house, index, 16)
        set_power(house, index, 0.0)
        house.hass.states.async_set(f"sensor.box_{index}_status", "Available")
        data = {
            "limit_entity": f"number.box_{index}",
            "status_entity": f"sensor.box_{index}_status",
            "power_entity": f"sensor.box_{index}_power",
            "phases": "3",
            "min_a": 6,
            "max_a": 16,
        }
        found.append(subentry(f"box_{index}", "charger", f"Box {index}", data))
    await house.async_set_up_site(*found)
    return house


def point_of(house: House, index: int) -> ChargingPoint:
    assert house.entry is not None
    point: ChargingPoint = house.entry.runtime_data.site.points[f"box_{index}"]
    return point


async def test_power_of_a_charger_waits_a_second(boxes: House) -> None:
    set_power(boxes, 3, 4.0)
    await boxes.hass.async_block_till_done()
    assert point_of(boxes, 3).reading.power_kw == 0.0
    await boxes.async_advance(timedelta(seconds=1))
    assert point_of(boxes, 3).reading.power_kw == 4.0


async def test_meter_does_not_wait_and_takes_along_what_has_been_gathered(boxes: House) -> None:
    set_power(boxes, 3, 4.0)
    boxes.set_power(GRID, 900)
    await boxes.hass.async_block_till_done()
    assert point_of(boxes, 3).reading.power_kw == 4.0


async def test_chargers_that_report_nothing_are_read_within_seconds(boxes: House) -> None:
    """Whatever has been missed: a sensor that repeats itself makes no event of a change."""
    point = point_of(boxes, 5)
    read = point.reading
    boxes.set_power(GRID, 900)
    await boxes.hass.async_block_till_done()
    assert point.reading is read
    await boxes.async_advance(timedelta(seconds=5))
    boxes.set_power(GRID, 1000)
    await boxes.hass.async_block_till_done()
    assert point.reading is not read


async def test_limit_set_by_another_is_noticed_at_once(boxes: House) -> None:
    set_limit(boxes, 7, 8)
    await boxes.hass.async_block_till_done()
    assert point_of(boxes, 7).limit_kw == pytest.approx(8 * 0.69)
