"""The form of a vehicle says what was found and why; what is odd at the moment does not block."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service
from tests.flows.charger_devices import Device
from tests.flows.charger_forms import pick, suggested
from tests.flows.test_vehicle_flow import ENTERED, enter, start
from tests.house import CHARGERS, House, subentry

BATTERY: dict[str, Any] = {"unit": "%", "device_class": "battery"}


async def test_each_choice_of_a_car_has_its_reasons_and_the_second_choice(
    hass: HomeAssistant, site: MockConfigEntry
) -> None:
    device = Device(hass, "Zoe")
    soc = device.add("sensor", "battery_level", "Battery level", state="62", **BATTERY)
    other = device.add("sensor", "service_battery", "Service battery", state="90", **BATTERY)
    plug = device.add("binary_sensor", "plugged_in", "Plugged in", device_class="plug", state="on")
    result = await pick(hass, {"device_id": device.id}, "vehicle")
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert placeholders["found"].splitlines() == [
        f"- **State of charge**: `{soc}`. It is in %. Its name says battery, level.",
        (f"  - Not chosen: `{other}`. It is in %. Its name says battery. But it says service."),
        f"- **Plugged in**: `{plug}`. It is a plug sensor. Its name says plugged.",
    ]
    found = suggested(result["data_schema"])
    assert (found["name"], found["soc_entity"], found["plugged_entity"]) == ("Zoe", soc, plug)


async def test_our_own_device_is_no_car(hass: HomeAssistant, house: House) -> None:
    await house.async_set_up_site()
    result = await hass.config_entries.subentries.async_init(
        ("site", "vehicle"), context={"source": "user"}
    )
    own = {"entity_id": "number.garage_state_of_charge"}
    result = await enter(hass, result, own)
    assert (result["step_id"], result["errors"]) == ("user", {"entity_id": "own_device"})


@pytest.mark.parametrize(
    ("field", "state"),
    [("plugged_entity", "blue"), ("soc_time_entity", "lately"), ("location_entity", None)],
)
async def test_an_odd_word_at_set_up_is_asked_about_and_does_not_block(
    hass: HomeAssistant, house: House, field: str, state: str | None
) -> None:
    await house.async_set_up_site(*CHARGERS)
    if state is not None:
        hass.states.async_set("sensor.odd", state)
    entered = {**ENTERED, "tells": {field: "sensor.odd"}}
    if field == "location_entity":
        entered["tells"] = {field: "person.gone"}
    result = await enter(hass, await start(hass), entered)
    assert result["type"] is FlowResultType.FORM
    result = await enter(hass, result, entered)
    # What does not exist is refused however often it is entered.
    wanted = FlowResultType.FORM if state is None else FlowResultType.CREATE_ENTRY
    assert result["type"] is wanted
    await house.async_settle()


async def test_each_question_is_asked_and_an_error_after_it_still_counts(
    hass: HomeAssistant, house: House
) -> None:
    await house.async_set_up_site(*CHARGERS)
    hass.states.async_set("sensor.little", "0.4", {"unit_of_measurement": "%"})
    hass.states.async_set("sensor.odd", "blue")
    entered = {
        **ENTERED,
        "soc_entity": "sensor.little",
        "tells": {"plugged_entity": "sensor.odd", "soc_time_entity": "sensor.gone"},
    }
    result = await enter(hass, await start(hass), entered)
    for errors in (
        {"tells": "plugged_not_understood"},
        {"tells": "entity_missing"},
        {"tells": "entity_missing"},
    ):
        result = await enter(hass, result, entered)
        assert result["errors"] == errors
    hass.states.async_set("sensor.gone", "2026-11-20T17:00:00+00:00")
    result = await enter(hass, result, entered)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()


async def test_energy_in_the_battery_is_a_state_of_charge(house: House) -> None:
    attributes = {"unit_of_measurement": "Wh", "device_class": "energy_storage"}
    house.hass.states.async_set("sensor.mini_energy", "21000", attributes)
    data = {"battery_kwh": 30, "soc_entity": "sensor.mini_energy", "charger": "garage"}
    await house.async_set_up_site(*CHARGERS, subentry("mini", "vehicle", "Mini", data))
    await house.async_plug_in("garage")
    assert house.value("number.garage_state_of_charge") == 70
    # More than a battery holds is something else; a little more is a full one.
    house.hass.states.async_set("sensor.mini_energy", "31000", attributes)
    result = await enter(house.hass, await start(house.hass), {**ENTERED, **data, "name": "Smart"})
    assert result["errors"] == {"soc_entity": "soc_in_use"}
    house.hass.states.async_set("sensor.other", "41", {"unit_of_measurement": "kWh"})
    result = await enter(
        house.hass, result, {**ENTERED, "name": "Smart", "soc_entity": "sensor.other"}
    )
    assert result["errors"] == {"soc_entity": "soc_implausible"}


async def test_who_is_away_is_plugged_in_somewhere_else(house: House) -> None:
    """Both cars say so at the same time, and one of them from work."""
    both = {"battery_kwh": 30, "target_soc": 80}
    await house.async_set_up_site(
        *CHARGERS,
        subentry(
            "mini",
            "vehicle",
            "Mini",
            {
                **both,
                "plugged_entity": "binary_sensor.mini",
                "location_entity": "device_tracker.mini",
            },
        ),
        subentry("twizy", "vehicle", "Twizy", {**both, "plugged_entity": "binary_sensor.twizy"}),
    )
    for car in ("mini", "twizy"):
        house.hass.states.async_set(f"binary_sensor.{car}", "off", {"device_class": "plug"})
    house.hass.states.async_set("device_tracker.mini", "home")
    await house.async_settle()
    house.hass.states.async_set("device_tracker.mini", "not_home")
    await house.async_settle()
    for car in ("mini", "twizy"):
        house.hass.states.async_set(f"binary_sensor.{car}", "on", {"device_class": "plug"})
    house.hass.states.async_set("device_tracker.mini", "not_home", force_update=True)
    await house.async_plug_in("garage")
    assert house.state("select.garage_vehicle").state == "Twizy"


async def test_writing_a_limit_needs_a_limit(hass: HomeAssistant, house: House) -> None:
    await house.async_set_up_site(*CHARGERS)
    wrong = {**ENTERED, "tells": {"write_soc_limit": True}}
    result = await enter(hass, await start(hass), wrong)
    assert result["errors"] == {"tells": "limit_missing"}
    hass.states.async_set("number.limit", "80", {"unit_of_measurement": "%"})
    wrong["tells"]["soc_limit_entity"] = "number.limit"
    result = await enter(hass, result, wrong)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()


@pytest.mark.parametrize(
    ("limit", "error"),
    [
        ({"soc_limit_entity": "sensor.limit"}, "limit_not_writable"),
        ({"soc_limit_entity": "select.words"}, "limit_not_understood"),
        ({"soc_limit_action": [{"action": "zoe_cloud.nothing"}]}, "action_missing"),
        ({"soc_limit_action": [{"delay": "00:00:01"}]}, "action_not_understood"),
        ({"soc_limit_entity": "select.limit"}, None),
        ({"soc_limit_action": [{"action": "zoe_cloud.limit"}]}, None),
        (
            {
                "soc_limit_entity": "sensor.limit",
                "soc_limit_action": [{"action": "zoe_cloud.limit"}],
            },
            None,
        ),
    ],
)
async def test_a_limit_of_a_car_is_a_number_a_select_or_an_action(
    hass: HomeAssistant, house: House, limit: dict[str, Any], error: str | None
) -> None:
    await house.async_set_up_site(*CHARGERS)
    async_mock_service(hass, "zoe_cloud", "limit")
    hass.states.async_set("sensor.limit", "80", {"unit_of_measurement": "%"})
    hass.states.async_set("select.limit", "80 %", {"options": ["50 %", "80 %", "100 %"]})
    hass.states.async_set("select.words", "Often", {"options": ["Often", "Seldom"]})
    entered = {**ENTERED, "tells": {"write_soc_limit": True, **limit}}
    result = await enter(hass, await start(hass), entered)
    if error is None:
        assert result["type"] is FlowResultType.CREATE_ENTRY
        await house.async_settle()
    else:
        assert result["errors"] == {"tells": error}
