"""Entities that show nothing but what they were commanded are unknown at first, not missing."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events
from tests.house import GARAGE_DATA, VEHICLES, House, subentry


@pytest.fixture
async def optimistic(hass: HomeAssistant, house: House) -> House:
    """A charger whose switch is a template without a state."""
    nothing: list[dict[str, Any]] = [
        {"action": "input_boolean.turn_on", "target": {"entity_id": "input_boolean.other"}}
    ]
    switch = {"name": "Box", "turn_on": nothing, "turn_off": nothing}
    assert await async_setup_component(hass, "template", {"template": [{"switch": [switch]}]})
    await hass.async_block_till_done()
    state = house.state("switch.box")
    assert (state.state, state.attributes["assumed_state"]) == ("unknown", True)
    data = {**GARAGE_DATA, "switch_entity": "switch.box"}
    await house.async_set_up_site(subentry("garage", "charger", "Garage", data), *VEHICLES)
    return house


async def test_a_switch_that_was_never_switched_is_switched(optimistic: House) -> None:
    calls = async_capture_events(optimistic.hass, "call_service")
    await optimistic.async_plug_in("garage")
    await optimistic.async_select("select.garage_mode", "now")
    await optimistic.async_settle()
    switched = [call.data for call in calls if call.data["domain"] == "switch"]
    assert [call["service"] for call in switched][-1:] == ["turn_on"]
    assert optimistic.state("switch.box").state == "on"
    assert optimistic.state("sensor.garage_status").state != "charger_unavailable"


async def test_a_number_that_was_never_set_is_set(hass: HomeAssistant, house: House) -> None:
    attributes = {"min": 6, "max": 16, "step": 1, "unit_of_measurement": "A"}
    hass.states.async_set("number.box", "unknown", {**attributes, "assumed_state": True})
    data = {**GARAGE_DATA, "limit_entity": "number.box"}
    await house.async_set_up_site(subentry("garage", "charger", "Garage", data), *VEHICLES)
    calls: list[float] = []

    async def set_value(call: Any) -> None:
        calls.append(call.data["value"])
        hass.states.async_set("number.box", str(call.data["value"]), attributes)

    hass.services.async_register("number", "set_value", set_value)
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    await house.async_settle()
    assert calls[-1:] == [16]


async def test_what_is_unknown_without_assuming_is_missing(
    hass: HomeAssistant, house: House
) -> None:
    hass.states.async_set("switch.box", "unknown")
    data = {**GARAGE_DATA, "switch_entity": "switch.box"}
    await house.async_set_up_site(subentry("garage", "charger", "Garage", data), *VEHICLES)
    await house.async_plug_in("garage")
    assert "switch.box" in house.state("sensor.garage_status").attributes["reason"]
