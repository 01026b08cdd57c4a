"""One charger whose integration hangs or breaks costs the others nothing."""

import asyncio

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import ServiceCall
import pytest
from tests.house import GRID, House
from tests.plant import MIN_KW, TOLERANCE_KW, Box, charging

WITHIN_STEPS = 2
"""Twenty seconds after the house has taken more, whatever hangs."""


async def test_increases_that_hang_keep_nobody_from_giving_way(house: House) -> None:
    """Four are to begin and hang, one after the other would take 40 s; the fifth must give way."""
    plant = await charging(house, *(Box(name) for name in "abcde"), site={"fuse_a": 63})
    for name in "abcd":
        await plant.async_mode(name, "off")
    await plant.async_step(3)
    assert plant["e"].standing_kw > MIN_KW + 1
    plant.hanging, plant.gate = "abcd", asyncio.Event()
    plant.writes.clear()
    for name in "abcd":
        select = {"entity_id": f"select.{name}_mode", "option": "now"}
        await plant.hass.services.async_call("select", "select_option", select, blocking=True)
    for _ in range(20):
        await plant.async_step(pump=True)
        if any(name in "abcd" for _, name, _, _ in plant.writes):
            break
    plant.writes.clear()
    plant.house_kw = 40.0
    await plant.async_step(WITHIN_STEPS, pump=True)
    commanded = [value for _, name, _, value in plant.writes if name == "e"]
    plant.gate.set()
    await plant.hass.async_block_till_done()
    assert commanded, "it is to give way"


async def test_what_happens_during_a_look_is_looked_at_right_after_it(house: House) -> None:
    """The meter rises while a command hangs: not ten seconds later does the other give way."""
    plant = await charging(house, Box("a"), Box("b"), site={"fuse_a": 40})
    await plant.async_mode("a", "off")
    await plant.async_step(3)
    plant.hanging, plant.gate = "a", asyncio.Event()
    plant.writes.clear()
    select = {"entity_id": "select.a_mode", "option": "now"}
    await plant.hass.services.async_call("select", "select_option", select, blocking=True)
    try:
        for _ in range(20):
            await plant.async_step(pump=True)
            if plant.writes:
                break
        plant.house.set_power(GRID, 25_000 + 11_040)
        for _ in range(20):
            await plant.hass.async_add_executor_job(int)
        assert [name for _, name, _, _ in plant.writes] == ["a"]
        house.freezer.tick(2.1)
        for _ in range(4000):
            await plant.hass.async_add_executor_job(int)
            if plant.writes[-1][1] == "b":
                break
        assert plant.writes[-1][1] == "b"
    finally:
        plant.gate.set()
    await plant.hass.async_block_till_done()


async def test_one_thing_at_a_time_is_on_its_way_to_a_charger(house: House) -> None:
    """Of two commands under way, nobody knows which arrives last."""
    plant = await charging(house, Box("a"))
    await plant.async_mode("a", "off")
    await plant.async_step(3)
    plant.gate = gate = asyncio.Event()
    plant.writes.clear()
    select = {"entity_id": "select.a_mode", "option": "now"}
    await plant.hass.services.async_call("select", "select_option", select, blocking=True)
    try:
        for _ in range(20):
            await plant.async_step(pump=True)
            if plant.writes:
                break
        plant.step_s = 2.1
        for watts in (510, 520):
            house.set_power(GRID, watts)
            await plant.async_step(pump=True)
        house.set_power(GRID, 40_000)
        await plant.async_step(pump=True)
        assert [service for _, _, service, _ in plant.writes] == ["turn_on"]
    finally:
        gate.set()
    await plant.hass.async_block_till_done()
    assert [service for _, _, service, _ in plant.writes] == ["turn_on", "turn_off"]


async def test_a_charger_that_hangs_keeps_nobody_from_beginning(house: House) -> None:
    plant = await charging(house, Box("a"), Box("b"), site={"fuse_a": 63})
    for name in "ab":
        await plant.async_mode(name, "off")
    await plant.async_step(3)
    plant.hanging, plant.gate = "a", asyncio.Event()
    plant.writes.clear()
    try:
        for name in "ab":
            select = {"entity_id": f"select.{name}_mode", "option": "now"}
            await plant.hass.services.async_call("select", "select_option", select, blocking=True)
            plant.step_s = 3
            for _ in range(3):
                await plant.async_step(pump=True)
                if any(name == written for _, written, _, _ in plant.writes):
                    break
        assert plant["b"].standing_kw > MIN_KW
        assert plant["a"].standing_kw == 0
    finally:
        plant.gate.set()
    await plant.hass.async_block_till_done()


async def test_a_late_increase_does_not_arrive_after_the_safe_limit(house: House) -> None:
    """Home Assistant stops while an action hangs; what comes after it is not hindered."""
    plant = await charging(house, Box("a"))
    await plant.async_mode("a", "off")
    await plant.async_step(3)
    plant.writes.clear()
    plant.gate = gate = asyncio.Event()
    select = {"entity_id": "select.a_mode", "option": "now"}
    await plant.hass.services.async_call("select", "select_option", select, blocking=True)
    try:
        for _ in range(20):
            await plant.async_step(pump=True)
            if any(service == "turn_on" for _, _, service, _ in plant.writes):
                break
        # Nobody waits for it any more, and it may still arrive.
        plant.step_s = 3
        await plant.async_step(pump=True)
        plant.hanging = ()
        plant.hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
        for _ in range(400):
            await plant.hass.async_add_executor_job(int)
    finally:
        gate.set()
    await plant.hass.async_block_till_done()
    assert plant["a"].standing_kw <= MIN_KW + TOLERANCE_KW


async def test_an_answer_that_comes_after_the_end_has_nobody_look_again(house: House) -> None:
    """Whoever drives the charger from then on is not to be overruled by who drove it before."""
    plant = await charging(house, Box("a"))
    await plant.async_mode("a", "off")
    await plant.async_step(3)
    plant.writes.clear()
    plant.gate = gate = asyncio.Event()
    select = {"entity_id": "select.a_mode", "option": "now"}
    await plant.hass.services.async_call("select", "select_option", select, blocking=True)
    try:
        for _ in range(20):
            await plant.async_step(pump=True)
            if plant.writes:
                break
        # Nobody waits for it any more, and it is not given up yet.
        plant.step_s = 3
        await plant.async_step(pump=True)
        assert await plant.hass.config_entries.async_unload("site")
        written = len(plant.writes)
        assert written
        plant.house.set_power(GRID, 40_000)
    finally:
        gate.set()
    await plant.hass.async_block_till_done()
    assert len(plant.writes) == written


async def test_an_action_that_breaks_in_an_unheard_of_way_is_its_chargers_own(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    plant = await charging(house, Box("a"), Box("b"))

    async def breaks(call: ServiceCall) -> None:
        if plant["a"].limit_id in call.data["entity_id"]:
            raise RecursionError("deep")
        await plant._set_value(call)

    plant.hass.services.async_register("number", "set_value", breaks)
    plant.house_kw = 8.0
    await plant.async_step(6)
    assert plant["b"].standing_kw <= MIN_KW + TOLERANCE_KW
    assert "deep" in caplog.text
