"""The target of a car is written to its own limit: when it is new, and no more often."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from homeassistant.const import EVENT_CALL_SERVICE
from homeassistant.core import Event, HomeAssistant, State, callback
from homeassistant.exceptions import HomeAssistantError
from hypothesis import given, strategies as st
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service
from tests.house import CHARGERS, ZOE_DATA, House, subentry

from custom_components.optivgi.bindings.car_limit import limit_for

LIMIT = "number.zoe_limit"
RANGE = {"min": 50, "max": 100, "step": 10, "unit_of_measurement": "%"}
WRITTEN = {"soc_limit_entity": LIMIT, "write_soc_limit": True}


class Limit:
    """The car's own limit, and what was written to it."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Begin at 100 %."""
        self.hass = hass
        self.written: list[float] = []
        self.set(100)
        hass.bus.async_listen(EVENT_CALL_SERVICE, self._obey)

    def set(self, value: float) -> None:
        """Show a value."""
        self.hass.states.async_set(LIMIT, str(value), RANGE)

    @callback
    def _obey(self, event: Event[Mapping[str, Any]]) -> None:
        data = event.data["service_data"]
        if event.data["service"] == "set_value" and data.get("entity_id") == LIMIT:
            self.written.append(data["value"])
            self.set(data["value"])


async def set_up(house: House, **more: Any) -> Limit:
    """Set up a site whose car has a limit of its own."""
    limit = Limit(house.hass)
    zoe = subentry("zoe", "vehicle", "Zoe", {**ZOE_DATA, **WRITTEN, **more})
    await house.async_set_up_site(*CHARGERS, zoe)
    await house.async_settle()
    return limit


async def set_target(house: House, value: float) -> None:
    """Set the target of the car."""
    data = {"entity_id": "number.zoe_target", "value": value}
    await house.hass.services.async_call("number", "set_value", data, blocking=True)
    await house.async_settle()


async def test_target_is_written_at_plug_in_and_when_it_changes(house: House) -> None:
    limit = await set_up(house)
    await set_target(house, 70)
    assert limit.written == []
    await house.async_plug_in("garage")
    assert limit.written == [70]
    for _ in range(5):
        await house.async_advance(timedelta(minutes=5))
    assert limit.written == [70]
    # The next step that lets the car reach it
    await set_target(house, 71)
    assert limit.written == [70, 80]
    await set_target(house, 78)
    assert limit.written == [70, 80]


async def test_what_is_set_in_the_car_stays_until_the_target_changes(house: House) -> None:
    limit = await set_up(house)
    await house.async_plug_in("garage")
    assert limit.written == [80]
    limit.set(90)
    await house.async_advance(timedelta(minutes=5))
    assert house.hass.config_entries.async_schedule_reload("site") is None
    await house.async_settle()
    await house.async_advance(timedelta(minutes=5))
    assert limit.written == [80]
    await set_target(house, 60)
    assert limit.written == [80, 60]


async def test_nothing_is_written_that_is_there_already(house: House) -> None:
    limit = await set_up(house)
    limit.set(80)
    await house.async_plug_in("garage")
    assert limit.written == []


async def test_nothing_is_written_where_that_is_not_wanted(house: House) -> None:
    limit = await set_up(house, write_soc_limit=False)
    await house.async_plug_in("garage")
    assert limit.written == []


async def test_nothing_is_written_to_a_car_that_says_it_is_elsewhere(house: House) -> None:
    """A guest is at its charger."""
    house.hass.states.async_set("binary_sensor.zoe", "off", {"device_class": "plug"})
    limit = await set_up(house, plugged_entity="binary_sensor.zoe")
    await house.async_plug_in("garage")
    assert house.state("select.garage_vehicle").state == "Zoe"
    assert limit.written == []


async def test_who_selects_now_charges_as_far_as_the_car_goes(house: House) -> None:
    limit = await set_up(house)
    await house.async_select("select.garage_mode", "now")
    await house.async_plug_in("garage")
    assert limit.written == []


async def test_limit_that_sleeps_is_written_when_it_is_back(house: House) -> None:
    limit = await set_up(house)
    house.hass.states.async_set(LIMIT, "unavailable")
    await house.async_plug_in("garage")
    assert limit.written == []
    limit.set(100)
    await house.async_advance(timedelta(minutes=5))
    assert limit.written == [80]


@given(
    target=st.floats(1, 100),
    minimum=st.integers(0, 60),
    step=st.sampled_from([0.5, 1, 5, 10]),
    size=st.integers(1, 40),
)
def test_limit_is_accepted_and_lets_the_car_reach_its_target(
    target: float, minimum: int, step: float, size: int
) -> None:
    maximum = min(100.0, minimum + size * step)
    state = State(LIMIT, "50", {"min": minimum, "max": maximum, "step": step})
    value = limit_for(target, state)
    assert minimum <= value <= maximum
    assert value >= min(target, maximum) - 1e-3
    # No step further than needed
    assert value - step < max(target, minimum)


@pytest.mark.parametrize("state", ["unknown", "unavailable"])
async def test_limit_without_a_value_is_left_alone(house: House, state: str) -> None:
    limit = await set_up(house)
    house.hass.states.async_set(LIMIT, state, RANGE)
    await house.async_plug_in("garage")
    assert limit.written == []


async def test_refusal_is_tried_again_later(house: House, caplog: pytest.LogCaptureFixture) -> None:
    limit = await set_up(house)
    refused = async_mock_service(
        house.hass, "number", "set_value", raise_exception=HomeAssistantError("asleep")
    )
    await house.async_plug_in("garage")
    limit.set(100)
    await house.async_advance(timedelta(minutes=5))
    assert len(refused) == 1
    assert f"Zoe did not accept a command for {LIMIT}: asleep" in caplog.text
    for _ in range(3):
        await house.async_advance(timedelta(minutes=5))
    assert len(refused) == 2


# Where it is no number


SELECT = "select.zoe_limit"
STAGES = {"options": ["50 %", "70 %", "80 %", "90 %", "100 %"]}


async def test_a_select_gets_the_next_option_that_lets_the_car_reach_its_target(
    house: House,
) -> None:
    house.hass.states.async_set(SELECT, "100 %", STAGES)
    zoe = {**ZOE_DATA, "soc_limit_entity": SELECT, "write_soc_limit": True}
    await house.async_set_up_site(*CHARGERS, subentry("zoe", "vehicle", "Zoe", zoe))
    await set_target(house, 72)
    written = async_mock_service(house.hass, "select", "select_option")
    await house.async_plug_in("garage")
    assert [call.data for call in written if SELECT in call.data["entity_id"]] == [
        {"entity_id": SELECT, "option": "80 %"}
    ]


@pytest.mark.parametrize("shown", [True, False])
async def test_an_action_gets_the_limit(house: House, *, shown: bool) -> None:
    """A sensor that shows what came of it keeps the same from being sent again."""
    calls = async_mock_service(house.hass, "zoe_cloud", "set_limit")
    action = {"action": "zoe_cloud.set_limit", "data": {"percent": "{{ limit }}"}}
    zoe = {**ZOE_DATA, "soc_limit_action": [action], "write_soc_limit": True}
    if shown:
        zoe["soc_limit_entity"] = "sensor.zoe_limit"
        house.hass.states.async_set("sensor.zoe_limit", "80", {"unit_of_measurement": "%"})
    await house.async_set_up_site(*CHARGERS, subentry("zoe", "vehicle", "Zoe", zoe))
    await house.async_plug_in("garage")
    assert [call.data for call in calls] == ([] if shown else [{"percent": 80}])
    await set_target(house, 71)
    assert calls[-1].data == {"percent": 71}


@given(target=st.floats(1, 100), options=st.sets(st.integers(10, 100), min_size=1))
def test_of_options_the_lowest_that_suffices_is_taken(target: float, options: set[int]) -> None:
    state = State(SELECT, "50", {"options": [f"{option} %" for option in options]})
    value = limit_for(target, state)
    assert value in options
    assert not any(target <= option < value for option in options)
    assert value >= min(target, max(options))
