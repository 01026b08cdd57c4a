"""The flow of a vehicle: what is entered, what is refused, and what a change replaces."""

from typing import Any

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
import pytest
from tests.flows.charger_forms import pick, suggested as filled_in
from tests.flows.forms import in_form
from tests.house import CHARGERS, ENGLISH, ZOE_DATA, House, named_in, subentry

ENTERED: dict[str, Any] = {
    "name": "Mini",
    "battery_kwh": 30,
    "target_soc": 70,
    "departure": "08:15:00",
    "efficiency": 90,
}
IN_FORM = {"name": "Zoe", **ZOE_DATA, "efficiency": 90}


def stored(entered: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of what was entered: an efficiency as a part of 1."""
    return {**entered, "efficiency": entered["efficiency"] / 100}


async def start(hass: HomeAssistant) -> SubentryFlowResult:
    """Open the flow, and pick no device."""
    result = await pick(hass, {}, "vehicle")
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "entities")
    return result


async def enter(
    hass: HomeAssistant, result: SubentryFlowResult, user_input: dict[str, Any]
) -> SubentryFlowResult:
    """Submit the form that a flow shows, each field in the section that it is in."""
    filled = in_form(result, user_input)
    return await hass.config_entries.subentries.async_configure(result["flow_id"], filled)


def suggested(result: SubentryFlowResult, field: str) -> Any:
    """Return what a form has filled in, be it in a section."""
    return filled_in(result["data_schema"]).get(field)


def said(result: SubentryFlowResult) -> dict[str, str]:
    """Return what the text of an error names."""
    placeholders = dict(result["description_placeholders"] or {})
    del placeholders["found"]
    placeholders.pop("field", None)
    return placeholders


async def test_vehicle_is_added_and_selected_at_its_usual_charger(
    hass: HomeAssistant, house: House
) -> None:
    entry = await house.async_set_up_site(*CHARGERS)
    full = {
        **ENTERED,
        "soc_entity": "sensor.zoe_battery",
        "charger": "garage",
        "phases": "1",
        "max_a": 10,
    }
    result = await enter(hass, await start(hass), full)
    assert (result["type"], result["title"]) == (FlowResultType.CREATE_ENTRY, "Mini")
    await house.async_settle()
    (vehicle,) = entry.get_subentries_of_type("vehicle")
    assert {"name": vehicle.title, **vehicle.data} == stored(full)

    assert house.state("select.carport_vehicle").state == "guest"
    assert house.state("select.garage_vehicle").state == "Mini"
    assert house.value("number.garage_target") == 70
    assert house.state("time.garage_departure").state == "08:15:00"
    await house.async_plug_in("garage")
    # One phase with 10 A
    assert house.value("sensor.garage_planned_limit") == pytest.approx(2.3)


async def test_vehicle_is_selected_where_it_usually_is_from_the_start(house: House) -> None:
    await house.async_set_up_site()
    assert house.state("select.garage_vehicle").state == "Zoe"
    assert house.state("select.carport_vehicle").state == "Leaf"


def is_open(result: SubentryFlowResult, name: str) -> bool:
    """Return whether a section of a form is open."""
    assert result["data_schema"] is not None
    return not result["data_schema"].schema[name].options["collapsed"]


async def test_limits_of_a_car_are_in_a_section_that_nobody_has_to_open(
    hass: HomeAssistant, house: House
) -> None:
    """What is asked first is what only its owner knows."""
    await house.async_set_up_site(*CHARGERS)
    result = await start(hass)
    assert result["data_schema"] is not None
    first = [str(key) for key in result["data_schema"].schema][:6]
    assert first == ["name", "battery_kwh", "soc_entity", "target_soc", "departure", "departures"]
    assert not is_open(result, "charging_limits")
    flow = hass.config_entries.subentries
    least = {"name": "Mini", "battery_kwh": 30}
    result = await flow.async_configure(result["flow_id"], least)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"]["efficiency"] == 0.9


async def test_little_needs_to_be_entered(hass: HomeAssistant, house: House) -> None:
    entry = await house.async_set_up_site(*CHARGERS)
    result = await enter(hass, await start(hass), {"name": "Mini", "battery_kwh": 30})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()
    (vehicle,) = entry.get_subentries_of_type("vehicle")
    assert vehicle.data == {
        "battery_kwh": 30,
        "target_soc": 80,
        "departure": "07:00:00",
        "efficiency": 0.9,
    }


@pytest.mark.parametrize(
    ("state", "error"),
    [(None, "entity_missing"), ("101", "soc_implausible"), ("full", "soc_implausible")],
)
async def test_state_of_charge_that_cannot_be_read_is_refused(
    hass: HomeAssistant, house: House, state: str | None, error: str
) -> None:
    await house.async_set_up_site(*CHARGERS)
    if state is not None:
        hass.states.async_set("sensor.wrong", state)
    wrong = {**ENTERED, "soc_entity": "sensor.wrong"}
    result = await enter(hass, await start(hass), wrong)
    assert result["errors"] == {"soc_entity": error}
    named = {"entity": "sensor.wrong"} | ({} if state is None else {"state": state})
    assert said(result) == named
    text = ENGLISH["config_subentries"]["vehicle"]["error"][error]
    assert named_in(text) <= (result["description_placeholders"] or {}).keys()
    assert suggested(result, "soc_entity") == "sensor.wrong"
    assert suggested(result, "target_soc") == 70

    result = await enter(hass, result, {**ENTERED, "soc_entity": "sensor.zoe_battery"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()


@pytest.mark.parametrize("unit", ["%", None])
async def test_a_state_of_charge_below_one_percent_is_asked_about(
    hass: HomeAssistant, house: House, unit: str | None
) -> None:
    """It is a part of 1 where it says no percent; else a battery may be that empty."""
    await house.async_set_up_site(*CHARGERS)
    attributes = {} if unit is None else {"unit_of_measurement": unit}
    hass.states.async_set("sensor.little", "0.43", attributes)
    entered = {**ENTERED, "soc_entity": "sensor.little"}
    result = await enter(hass, await start(hass), entered)
    reason = "soc_is_fraction" if unit is None else "soc_may_be_fraction"
    assert result["errors"] == {"soc_entity": reason}
    result = await enter(hass, result, entered)
    accepted = FlowResultType.FORM if unit is None else FlowResultType.CREATE_ENTRY
    assert result["type"] is accepted
    await house.async_settle()


async def test_two_cars_have_two_states_of_charge(hass: HomeAssistant, house: House) -> None:
    entry = await house.async_set_up_site()
    entered = {**ENTERED, "soc_entity": ZOE_DATA["soc_entity"]}
    result = await enter(hass, await start(hass), entered)
    assert result["errors"] == {"soc_entity": "soc_in_use"}
    assert (result["description_placeholders"] or {})["vehicle"] == "Zoe"
    # Its own is no other.
    result = await entry.start_subentry_reconfigure_flow(hass, "zoe")
    result = await enter(hass, result, IN_FORM)
    assert result["type"] is FlowResultType.ABORT
    await house.async_settle()


@pytest.mark.parametrize("max_a", [0, 3])
async def test_a_car_takes_at_least_what_the_chargers_begin_with(
    hass: HomeAssistant, house: House, max_a: int
) -> None:
    await house.async_set_up_site(*CHARGERS)
    result = await enter(hass, await start(hass), {**ENTERED, "max_a": max_a})
    assert result["errors"] == {"charging_limits": "current_too_low"}
    assert (result["description_placeholders"] or {})["field"] == "Charging limits, Max current"
    assert is_open(result, "charging_limits")
    assert said(result) == {"current": f"{max_a}", "minimum": "6"}
    result = await enter(hass, result, {**ENTERED, "max_a": 6})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()


async def test_car_may_be_asleep(hass: HomeAssistant, house: House) -> None:
    await house.async_set_up_site(*CHARGERS)
    hass.states.async_set("sensor.asleep", "unknown")
    result = await enter(hass, await start(hass), {**ENTERED, "soc_entity": "sensor.asleep"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()


async def test_a_name_that_is_a_text_is_refused(hass: HomeAssistant, house: House) -> None:
    await house.async_set_up_site()
    result = await enter(hass, await start(hass), {**ENTERED, "name": "x" * 300})
    assert result["errors"] == {"name": "name_too_long"}


@pytest.mark.parametrize("name", ["Zoe", "guest", "zoe", " ZOE ", "Guest"])
async def test_each_vehicle_has_its_own_name(hass: HomeAssistant, house: House, name: str) -> None:
    """They are selected by it."""
    await house.async_set_up_site()
    result = await enter(hass, await start(hass), {**ENTERED, "name": name})
    assert result["errors"] == {"name": "name_in_use"}
    result = await enter(hass, result, ENTERED)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()
    options = house.state("select.garage_vehicle").attributes["options"]
    assert options == ["guest", "Zoe", "Leaf", "Mini"]


async def test_vehicle_without_a_name_is_refused(hass: HomeAssistant, house: House) -> None:
    entry = await house.async_set_up_site(*CHARGERS)
    result = await enter(hass, await start(hass), {**ENTERED, "name": "  "})
    assert result["errors"] == {"name": "name_missing"}
    assert suggested(result, "target_soc") == 70
    result = await enter(hass, result, {**ENTERED, "name": " Mini "})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()
    assert [one.title for one in entry.get_subentries_of_type("vehicle")] == ["Mini"]


async def test_charger_has_to_be_one_of_the_site(hass: HomeAssistant, house: House) -> None:
    await house.async_set_up_site()
    with pytest.raises(InvalidData):
        await enter(hass, await start(hass), {**ENTERED, "charger": "zoe"})


async def test_reconfigure_replaces_what_was_set_at_the_charger(
    hass: HomeAssistant, house: House
) -> None:
    entry = await house.async_set_up_site()
    await hass.services.async_call(
        "number", "set_value", {"entity_id": "number.garage_target", "value": 55}, blocking=True
    )
    result = await entry.start_subentry_reconfigure_flow(hass, "zoe")
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "reconfigure")
    for field, value in IN_FORM.items():
        assert suggested(result, field) == value

    result = await enter(hass, result, {**ENTERED, "name": "Leaf"})
    assert result["errors"] == {"name": "name_in_use"}
    # It may keep its own name.
    result = await enter(hass, result, {**ENTERED, "name": "Zoe", "charger": "garage"})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await house.async_settle()
    assert "soc_entity" not in entry.subentries["zoe"].data
    assert house.value("number.garage_target") == 70
    assert house.state("time.garage_departure").state == "08:15:00"


async def test_change_of_something_else_keeps_what_was_set_at_the_charger(
    hass: HomeAssistant, house: House
) -> None:
    entry = await house.async_set_up_site(*CHARGERS, subentry("zoe", "vehicle", "Zoe", ZOE_DATA))
    await hass.services.async_call(
        "number", "set_value", {"entity_id": "number.garage_target", "value": 55}, blocking=True
    )
    result = await entry.start_subentry_reconfigure_flow(hass, "zoe")
    result = await enter(hass, result, {**IN_FORM, "battery_kwh": 60})
    assert result["reason"] == "reconfigure_successful"
    await house.async_settle()
    assert entry.subentries["zoe"].data["battery_kwh"] == 60
    assert house.value("number.garage_target") == 55


async def test_battery_has_to_be_entered(hass: HomeAssistant, house: House) -> None:
    """The form starts it at 0."""
    await house.async_set_up_site(*CHARGERS)
    result = await enter(hass, await start(hass), {**ENTERED, "battery_kwh": 0})
    assert result["errors"] == {"battery_kwh": "battery_missing"}
    result = await enter(hass, result, ENTERED)
    assert result["type"] is FlowResultType.CREATE_ENTRY


TELLS = {"plugged_entity": "binary_sensor.mini_plug", "soc_old_after": 6}


async def test_more_data_from_the_car_can_be_entered_changed_and_emptied(
    hass: HomeAssistant, house: House
) -> None:
    entry = await house.async_set_up_site(*CHARGERS)
    hass.states.async_set("binary_sensor.mini_plug", "off", {"device_class": "plug"})
    result = await enter(hass, await start(hass), {**ENTERED, "tells": TELLS})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()
    (vehicle,) = entry.get_subentries_of_type("vehicle")
    assert {"name": vehicle.title, **vehicle.data} == stored({**ENTERED, **TELLS})

    result = await entry.start_subentry_reconfigure_flow(hass, vehicle.subentry_id)
    assert result["data_schema"] is not None
    fields = filled_in(result["data_schema"].schema["tells"].schema)
    assert {key: fields.get(key) for key in TELLS} == TELLS
    result = await enter(hass, result, {**ENTERED, "tells": {"soc_old_after": 0}})
    assert result["reason"] == "reconfigure_successful"
    await house.async_settle()
    changed = entry.subentries[vehicle.subentry_id].data
    assert {"name": vehicle.title, **changed} == stored({**ENTERED, "soc_old_after": 0})


@pytest.mark.parametrize(
    ("state", "error"),
    [
        (None, "entity_missing"),
        ("blue", "plugged_not_understood"),
        ("17", "plugged_not_understood"),
    ],
)
async def test_what_does_not_show_whether_the_car_is_plugged_in_is_refused(
    hass: HomeAssistant, house: House, state: str | None, error: str
) -> None:
    await house.async_set_up_site(*CHARGERS)
    if state is not None:
        hass.states.async_set("sensor.wrong", state)
    wrong = {**ENTERED, "tells": {"plugged_entity": "sensor.wrong"}}
    result = await enter(hass, await start(hass), wrong)
    assert result["errors"] == {"tells": error}
    named = {"entity": "sensor.wrong"} | ({} if state is None else {"state": state})
    assert said(result) == named
    text = ENGLISH["config_subentries"]["vehicle"]["error"][error]
    assert named_in(text) <= (result["description_placeholders"] or {}).keys()

    for understood in ("unavailable", "disconnected", "not charging"):
        hass.states.async_set("sensor.wrong", understood)
        result = await enter(hass, await start(hass), {**wrong, "name": understood})
        assert result["type"] is FlowResultType.CREATE_ENTRY
        await house.async_settle()


async def test_what_has_no_time_is_refused(hass: HomeAssistant, house: House) -> None:
    await house.async_set_up_site(*CHARGERS)
    timed = {**ENTERED, "tells": {"soc_time_entity": "sensor.heard"}}
    result = await enter(hass, await start(hass), timed)
    assert result["errors"] == {"tells": "entity_missing"}
    hass.states.async_set("sensor.heard", "lately")
    result = await enter(hass, result, timed)
    assert result["errors"] == {"tells": "time_not_understood"}
    hass.states.async_set("sensor.heard", "2026-11-20T17:00:00+00:00")
    result = await enter(hass, result, timed)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()


async def test_state_of_charge_as_a_part_of_one_is_refused(
    hass: HomeAssistant, house: House
) -> None:
    await house.async_set_up_site(*CHARGERS)
    hass.states.async_set("sensor.part", "0.62")
    result = await enter(hass, await start(hass), {**ENTERED, "soc_entity": "sensor.part"})
    assert result["errors"] == {"soc_entity": "soc_is_fraction"}
    hass.states.async_set("sensor.part", "62 %")
    result = await enter(hass, result, {**ENTERED, "soc_entity": "sensor.part"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()


async def test_state_of_charge_that_is_our_own_is_refused(
    hass: HomeAssistant, house: House
) -> None:
    """It is estimated from what the car reports, and would feed itself."""
    await house.async_set_up_site()
    own = "number.garage_state_of_charge"
    result = await enter(hass, await start(hass), {**ENTERED, "soc_entity": own})
    assert result["errors"] == {"soc_entity": "soc_is_our_own"}


@pytest.mark.parametrize(
    ("own", "field"),
    [
        ({"departures": {"departure_entity": "calendar.garage_schedule"}}, "departures"),
        ({"departures": {"departure_entity": "calendar.home_reservations"}}, "departures"),
        ({"tells": {"plugged_entity": "sensor.garage_status"}}, "tells"),
        ({"tells": {"soc_time_entity": "sensor.garage_expected_finish"}}, "tells"),
    ],
)
async def test_what_follows_from_the_plan_is_no_source_of_it(
    hass: HomeAssistant, house: House, own: dict[str, Any], field: str
) -> None:
    await house.async_set_up_site()
    result = await enter(hass, await start(hass), {**ENTERED, **own})
    assert result["errors"] == {field: "entity_is_our_own"}
    text = ENGLISH["config_subentries"]["vehicle"]["error"]["entity_is_our_own"]
    assert named_in(text) <= (result["description_placeholders"] or {}).keys()


async def test_error_names_the_entity_that_it_is_about(hass: HomeAssistant, house: House) -> None:
    """Two errors would have to share what their texts name, so the second one waits."""
    await house.async_set_up_site(*CHARGERS)
    hass.states.async_set("sensor.wrong", "101")
    wrong = {
        **ENTERED,
        "battery_kwh": 0,
        "soc_entity": "sensor.wrong",
        "tells": {"plugged_entity": "binary_sensor.gone"},
    }
    result = await enter(hass, await start(hass), wrong)
    assert result["errors"] == {"soc_entity": "soc_implausible", "battery_kwh": "battery_missing"}
    assert said(result) == {"entity": "sensor.wrong", "state": "101"}
    result = await enter(hass, result, {**wrong, "soc_entity": "sensor.zoe_battery"})
    assert result["errors"] == {"tells": "entity_missing", "battery_kwh": "battery_missing"}
    assert said(result) == {"entity": "binary_sensor.gone"}
    named = result["description_placeholders"] or {}
    assert named["field"] == "More data from the car, Plugged in"
    assert result["data_schema"] is not None
    fields = result["data_schema"].schema
    parts = [fields[part].options["collapsed"] for part in ("tells", "states")]
    assert parts == [False, True]


WEEK = [
    {"weekdays": ["mon", "tue", "wed", "thu", "fri"], "at": "07:00:00"},
    {"weekdays": ["sat"], "at": "10:00:00", "target_soc": 100},
]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (
            {"weekly_departures": [*WEEK, {"weekdays": ["sun", "fri"], "at": "09:00:00"}]},
            "weekly_day_twice",
        ),
        ({"weekly_departures": [{"weekdays": [], "at": "09:00:00"}]}, "weekly_row_invalid"),
        ({"departure_entity": "calendar.gone"}, "entity_missing"),
        ({"departure_text": "work"}, "departure_text_without_calendar"),
    ],
)
async def test_implausible_departures_are_refused(
    hass: HomeAssistant, house: House, wrong: dict[str, Any], error: str
) -> None:
    await house.async_set_up_site(*CHARGERS)
    result = await enter(hass, await start(hass), {**ENTERED, "departures": wrong})
    assert result["errors"] == {"departures": error}
    text = ENGLISH["config_subentries"]["vehicle"]["error"][error]
    assert named_in(text) <= (result["description_placeholders"] or {}).keys()
    assert result["data_schema"] is not None
    section = result["data_schema"].schema["departures"]
    assert section.options["collapsed"] is False
    for field, value in wrong.items():
        assert filled_in(section.schema).get(field) == value

    hass.states.async_set("calendar.family", "off")
    departures = {
        "weekly_departures": WEEK,
        "departure_entity": "calendar.family",
        "departure_text": "work",
    }
    result = await enter(hass, result, {**ENTERED, "departures": departures})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()
    await house.async_select("select.garage_vehicle", "Mini")
    assert house.state("datetime.garage_next_departure").state == "2026-11-21T09:00:00+00:00"


async def test_row_of_the_week_begins_with_workdays_at_seven(
    hass: HomeAssistant, house: House
) -> None:
    entry = await house.async_set_up_site(*CHARGERS)
    result = await start(hass)
    assert result["data_schema"] is not None
    fields = (
        result["data_schema"]
        .schema["departures"]
        .schema.schema["weekly_departures"]
        .config["fields"]
    )
    row = {name: field["default"] for name, field in fields.items() if "default" in field}
    assert row == {"weekdays": ["workdays"], "at": "07:00:00"}

    departures = {"weekly_departures": [row]}
    entered = {**ENTERED, "charger": "garage", "departures": departures}
    result = await enter(hass, result, entered)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()
    assert entry.get_subentries_of_type("vehicle")[0].data["weekly_departures"] == [row]
    # It is Friday evening: Monday at 07:00 in Amsterdam
    next_departure = house.state("datetime.garage_next_departure").state
    assert next_departure == "2026-11-23T06:00:00+00:00"


async def test_efficiency_is_entered_in_percent_and_shown_as_it_was_entered(
    hass: HomeAssistant, house: House
) -> None:
    entry = await house.async_set_up_site(*CHARGERS)
    result = await enter(hass, await start(hass), {**ENTERED, "efficiency": 88.5})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()
    (vehicle,) = entry.get_subentries_of_type("vehicle")
    assert vehicle.data["efficiency"] == 0.885
    result = await entry.start_subentry_reconfigure_flow(hass, vehicle.subentry_id)
    assert suggested(result, "efficiency") == 88.5
