"""A charger whose status is not in words: the user says what its states mean."""

from datetime import timedelta
from typing import Any

from homeassistant.config_entries import SOURCE_USER, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from tests.house import House, subentry

LIMIT, STATUS = "number.box_limit", "sensor.box_code"
ENTERED: dict[str, Any] = {
    "name": "Box",
    "limit_entity": LIMIT,
    "status_entity": STATUS,
    "phases": "3",
    "min_a": 6,
    "max_a": 16,
}
MEANINGS = {
    "states_unplugged": ["0", "-1"],
    "states_plugged": ["1"],
    "states_charging": ["2", "C2"],
    "states_finished": ["3"],
}


@pytest.fixture(autouse=True)
def box(hass: HomeAssistant) -> None:
    """Let there be a box that tells numbers."""
    hass.states.async_set(LIMIT, "10", {"unit_of_measurement": "A", "min": 0, "max": 16, "step": 1})
    hass.states.async_set(STATUS, "0")


async def add(hass: HomeAssistant, user_input: dict[str, Any]) -> SubentryFlowResult:
    """Add the box through its forms."""
    flows = hass.config_entries.subentries
    result = await flows.async_init(("site", "charger"), context={"source": SOURCE_USER})
    result = await flows.async_configure(result["flow_id"], {})
    return await flows.async_configure(result["flow_id"], user_input)


async def test_states_that_are_not_understood_can_be_explained(
    hass: HomeAssistant, house: House
) -> None:
    await house.async_set_up_site(
        subentry("leaf", "vehicle", "Leaf", {"battery_kwh": 40, "target_soc": 80})
    )
    result = await add(hass, ENTERED)
    assert result["errors"] == {"status_entity": "status_unknown"}
    result = await hass.config_entries.subentries.async_configure(
        result["flow_id"], {**ENTERED, "states": MEANINGS}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()
    for code, status in {
        "0": "unplugged",
        "1": "starting",
        "c2": "charging",
        "3": "finished",
        "-1": "unplugged",
        # What is left out is read as usual.
        "Charging": "charging",
    }.items():
        hass.states.async_set(STATUS, code)
        if status == "charging":
            await house.async_select("select.box_mode", "now")
        await house.async_settle()
        assert house.state("sensor.box_status").state == status, code
        if code == "c2":
            # That it is finished is believed of a car that could draw.
            await house.async_advance(timedelta(minutes=1))


async def test_a_state_means_one_thing(hass: HomeAssistant, house: House) -> None:
    await house.async_set_up_site(
        subentry("leaf", "vehicle", "Leaf", {"battery_kwh": 40, "target_soc": 80})
    )
    result = await add(hass, {**ENTERED, "states": {**MEANINGS, "states_plugged": ["1", "c2"]}})
    assert result["errors"] == {"states": "state_means_two_things"}
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert placeholders["state"] == "c2"
