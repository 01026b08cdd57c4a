"""Each blueprint, imported by the button in the documentation, triggered, and what it does."""

from datetime import timedelta
from typing import Any

from homeassistant.core import Context
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import load_yaml_dict
import pytest
from pytest_homeassistant_custom_component.common import MockUser, async_mock_service

from custom_components.optivgi.scheduler import algorithm_names, registry
from tests.bindings.test_departure_calendar import FamilyCalendar
from tests.blueprints.conftest import FOLDER, IMPORTS, Blueprints, Phone, device_id
from tests.house import CHARGERS, LEAF_DATA, STORE, VEHICLES, House, subentry
from tests.test_event import Breakable

LEAF_OF_GARAGE = subentry("leaf", "vehicle", "Leaf", {**LEAF_DATA, "charger": "garage"})


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_each_has_an_import_button_a_source_and_a_version(path: Any) -> None:
    described = load_yaml_dict(str(path))["blueprint"]
    assert described["source_url"] == IMPORTS[path.stem]
    assert described["source_url"].endswith(f"/main/blueprints/automation/optivgi/{path.name}")
    assert described["homeassistant"]["min_version"] == "2026.10.0"
    assert described["description"].strip().endswith(".")


def test_every_import_button_has_its_blueprint() -> None:
    assert set(IMPORTS) == {path.stem for path in FOLDER.glob("*.yaml")}


def garage(house: House) -> dict[str, Any]:
    """Return the target of the garage."""
    return {"device_id": [device_id(house.hass, "Garage")]}


async def leave_in(house: House, minutes: int) -> None:
    """Let the car in the garage leave soon."""
    at = (dt_util.utcnow() + timedelta(minutes=minutes)).isoformat()
    data = {"entity_id": "datetime.garage_next_departure", "datetime": at}
    await house.hass.services.async_call("datetime", "set_value", data, blocking=True)
    await house.async_settle()


async def test_late_car_can_be_charged_now(
    house: House, blueprints: Blueprints, phone: Phone
) -> None:
    await house.async_set_up_site()
    await blueprints.async_run("will_not_be_ready", chargers=garage(house), phone=phone.device_id)
    await house.async_plug_in("garage")
    assert phone.pushed() == []
    await leave_in(house, 40)
    (message,) = phone.pushed()
    reason = house.state("sensor.garage_status").attributes["reason"]
    assert message["message"] == f"Garage: {reason}"
    blueprints.calls()
    await phone.async_press(message, "Charge now")
    assert blueprints.calls("select.select_option", "optivgi.set_departure") == [
        {"entity_id": ["select.garage_mode"], "option": "now"}
    ]
    assert house.state("select.garage_mode").state == "now"


async def test_late_car_can_leave_later(house: House, blueprints: Blueprints, phone: Phone) -> None:
    await house.async_set_up_site()
    await blueprints.async_run(
        "will_not_be_ready", chargers=garage(house), phone=phone.device_id, later=90
    )
    await house.async_plug_in("garage")
    await leave_in(house, 40)
    before = dt_util.parse_datetime(house.state("datetime.garage_next_departure").state)
    (message,) = phone.pushed()
    await phone.async_press(message, "Leave later")
    await house.async_settle()
    after = dt_util.parse_datetime(house.state("datetime.garage_next_departure").state)
    assert before is not None
    assert after == before + timedelta(minutes=90)
    assert house.state("select.garage_mode").state == "smart"


@pytest.fixture
async def evening(house: House, blueprints: Blueprints, phone: Phone) -> House:
    """Return a house that reminds of the Zoe at 21:00."""
    await house.async_set_up_site()
    await blueprints.async_run(
        "plug_in_reminder",
        vehicle=device_id(house.hass, "Zoe"),
        notify={"entity_id": phone.entity_id},
        low_soc=50,
        calendar=["calendar.family"],
    )
    return house


@pytest.mark.parametrize(
    ("soc", "has_event", "is_reminded"),
    [(40, False, True), (60, False, False), (60, True, True), (85, True, False)],
)
async def test_one_is_reminded_to_plug_in(
    evening: House, phone: Phone, soc: float, has_event: bool, is_reminded: bool
) -> None:
    hass = evening.hass
    events = [{"start": "2026-11-21T09:00:00+01:00", "summary": "Skiing"}] if has_event else []
    asked = async_mock_service(
        hass,
        "calendar",
        "get_events",
        response={"calendar.family": {"events": events}},
    )
    evening.set_soc("zoe", soc)
    await evening.async_settle()
    await evening.async_advance(timedelta(hours=1))
    (asked_for,) = asked
    assert asked_for.data["start_date_time"].startswith("2026-11-21 00:00:00")
    expected = f"Zoe is not plugged in ({soc} %).{' Skiing' if has_event else ''}"
    assert [message["message"] for message in phone.pushed()] == ([expected] if is_reminded else [])


async def test_no_one_is_reminded_of_a_car_that_is_plugged_in(evening: House, phone: Phone) -> None:
    await evening.async_plug_in("garage")
    await evening.async_advance(timedelta(hours=1))
    assert phone.pushed() == []


async def test_target_is_asked_for_at_home(
    house: House, blueprints: Blueprints, phone: Phone
) -> None:
    hass = house.hass
    hass.states.async_set("device_tracker.zoe", "not_home")
    await house.async_set_up_site()
    await blueprints.async_run(
        "ask_target",
        arrives=["device_tracker.zoe"],
        vehicle=device_id(hass, "Zoe"),
        phone=phone.device_id,
    )
    hass.states.async_set("device_tracker.zoe", "home")
    await house.async_settle()
    (message,) = phone.pushed()
    assert message["message"] == "How far should Zoe be charged? It has 40 %."
    departure = house.state("datetime.zoe_next_departure").state
    await phone.async_press(message, "100 %")
    (call,) = blueprints.calls("optivgi.set_departure")
    assert call == {
        "vehicle": device_id(hass, "Zoe"),
        "departure": departure,
        "target_soc": 100,
    }
    await house.async_plug_in("garage")
    needed = house.state("sensor.garage_status").attributes["needed_kwh"]
    assert needed == pytest.approx(0.6 * 50, abs=0.1)


async def test_low_prices_are_used_at_once(house: House, blueprints: Blueprints) -> None:
    hass = house.hass
    # At 22:00 it is among the lowest, and at 01:00 low, but not both.
    today = [*([0.30] * 22), 0.06, 0.04]
    house.set_hourly_prices([*today, 0.20, 0.03, 0.20, 0.01, 0.02, *([0.30] * 19)])
    await house.async_set_up_site()
    await blueprints.async_run(
        "low_price_boost",
        chargers=[device_id(hass, "Garage"), device_id(hass, "Carport")],
        price="sensor.home_price",
        hours=2,
        max_price=0.05,
    )
    await house.async_select("select.carport_mode", "off")
    blueprints.calls()
    modes = []
    for _ in range(9 * 4):
        await house.async_advance(timedelta(minutes=15))
        await house.async_settle()
        modes += [
            (dt_util.now().hour, call["entity_id"], call["option"])
            for call in blueprints.calls("select.select_option")
            if call["entity_id"]
        ]
    assert modes == [
        (23, ["select.garage_mode"], "now"),
        (0, ["select.garage_mode"], "smart"),
        (3, ["select.garage_mode"], "now"),
        (5, ["select.garage_mode"], "smart"),
    ]


async def test_strong_sun_is_used(house: House, blueprints: Blueprints) -> None:
    hass = house.hass
    house.set_power("sensor.pv", 0)
    await house.async_set_up_site()
    await blueprints.async_run(
        "sun_boost",
        chargers=[device_id(hass, "Garage")],
        solar="sensor.pv",
        strong=3000,
        weak=1000,
        duration={"minutes": 10},
    )
    house.set_power("sensor.pv", 4000)
    for _ in range(12):
        await house.async_advance(timedelta(minutes=1))
    assert house.state("select.garage_mode").state == "smart", "No car is there."
    await house.async_plug_in("garage")
    assert house.state("select.garage_mode").state == "min_solar"
    house.set_power("sensor.pv", 500)
    await house.async_advance(timedelta(minutes=9))
    assert house.state("select.garage_mode").state == "min_solar"
    await house.async_advance(timedelta(minutes=2))
    assert house.state("select.garage_mode").state == "smart"
    house.set_power("sensor.pv", 4000)
    await house.async_advance(timedelta(minutes=11))
    assert house.state("select.garage_mode").state == "min_solar"


async def test_home_battery_is_held_by_actions(house: House, blueprints: Blueprints) -> None:
    house.set_battery(0, 80)
    await house.async_set_up_site(*CHARGERS, *VEHICLES, STORE)

    def set_discharge(watts: int) -> list[dict[str, Any]]:
        target = {"entity_id": "input_number.store_max_discharge"}
        return [{"action": "input_number.set_value", "target": target, "data": {"value": watts}}]

    await blueprints.async_run(
        "hold_home_battery",
        hold_battery="binary_sensor.store_hold_battery",
        hold=set_discharge(10),
        release=set_discharge(5000),
    )
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    house.set_power("sensor.garage_power", 11000)
    house.set_power("sensor.grid_power", 11500)
    await house.async_advance(timedelta(seconds=20))
    assert house.state("binary_sensor.store_hold_battery").state == "on"
    assert house.value("input_number.store_max_discharge") == 10
    house.set_power("sensor.garage_power", 0)
    house.set_power("sensor.grid_power", 500)
    await house.async_unplug("garage")
    await house.async_advance(timedelta(minutes=2))
    assert house.state("binary_sensor.store_hold_battery").state == "off"
    assert house.value("input_number.store_max_discharge") == 5000


async def test_charging_pauses_for_large_consumers(house: House, blueprints: Blueprints) -> None:
    hass = house.hass
    hass.states.async_set("climate.sauna", "off")
    hass.states.async_set("switch.heat_pump", "off")
    await house.async_set_up_site()
    await blueprints.async_run(
        "pause_for_device",
        devices=["climate.sauna", "switch.heat_pump"],
        chargers=[device_id(hass, "Garage")],
    )
    hass.states.async_set("switch.heat_pump", "unavailable")
    await house.async_settle()
    assert house.state("select.garage_mode").state == "smart"
    hass.states.async_set("climate.sauna", "heat")
    hass.states.async_set("switch.heat_pump", "off")
    hass.states.async_set("switch.heat_pump", "on")
    await house.async_settle()
    assert house.state("select.garage_mode").state == "off"
    assert house.state("select.carport_mode").state == "smart"
    hass.states.async_set("climate.sauna", "off")
    await house.async_advance(timedelta(minutes=3))
    assert house.state("select.garage_mode").state == "off"
    hass.states.async_set("switch.heat_pump", "off")
    await house.async_advance(timedelta(minutes=3))
    assert house.state("select.garage_mode").state == "smart"


async def test_trip_in_the_calendar_sets_departure_and_return(
    house: House, blueprints: Blueprints, family: FamilyCalendar
) -> None:
    hass = house.hass
    await house.async_set_up_site()
    family.add("Dinner", "2026-11-21 20:10:00", "2026-11-21 20:20:00")
    family.add("Trip to Ghent", "2026-11-21 20:30:00", "2026-11-22 18:00:00")
    await blueprints.async_run(
        "trip_calendar", calendar=family.entity_id, text="trip", vehicle=device_id(hass, "Zoe")
    )
    await house.async_advance(timedelta(minutes=16))
    await house.async_advance(timedelta(minutes=16))
    await house.async_settle()
    (departure,) = blueprints.calls("optivgi.set_departure")
    assert departure == {
        "vehicle": device_id(hass, "Zoe"),
        "departure": "2026-11-21T20:30:00+01:00",
        "target_soc": 100,
    }
    assert house.state("datetime.zoe_next_departure").state == "2026-11-21T19:30:00+00:00"
    (reservation,) = (await house.async_schedule())["reservations"]
    assert reservation["name"] == "Trip to Ghent"
    assert reservation["arrival"] == "2026-11-22T18:00:00+01:00"
    assert reservation["departure"] == "2026-11-23T07:00:00+01:00"


async def test_week_is_reported(house: House, blueprints: Blueprints, phone: Phone) -> None:
    await house.async_set_up_site()
    await blueprints.async_run(
        "weekly_report",
        site="site",
        notify={"entity_id": phone.entity_id},
        weekday="fri",
        at="21:00:00",
    )
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    await house.async_select("input_select.garage_status", "charging")
    for minute in range(30):
        house.set_power("sensor.garage_power", 6000 + minute % 2)
        house.set_power("sensor.grid_power", 6500 + minute % 2)
        await house.async_advance(timedelta(minutes=1))
    house.set_power("sensor.garage_power", 0)
    await house.async_unplug("garage")
    await house.async_advance(timedelta(minutes=30))
    (message,) = phone.pushed()
    assert message["title"] == "Charged this week"
    assert message["message"] == (
        "1 sessions, 3.0 kWh, 0 % of it from the sun. Paid 0.90 EUR, saved 0.00 EUR."
    )
    await house.async_advance(timedelta(days=1))
    assert phone.pushed() == [], "once a week"


async def test_guest_is_asked_for(house: House, blueprints: Blueprints, phone: Phone) -> None:
    hass = house.hass
    await house.async_set_up_site(*CHARGERS)
    await blueprints.async_run("guest", chargers=garage(house), phone=phone.device_id)
    await house.async_plug_in("garage")
    await house.async_advance(timedelta(seconds=31))
    (message,) = phone.pushed()
    assert message["message"] == (
        "A guest's car is plugged in at Garage. How much energy should it get?"
    )
    hass.bus.async_fire("mobile_app_notification_action", {"action": "of:another:automation"})
    await phone.async_press(message, "40 kWh")
    await house.async_settle()
    assert house.value(house.entity_id("number", "garage", "target_energy")) == 40


async def test_no_guest_is_asked_for_where_the_car_is_known(
    house: House, blueprints: Blueprints, phone: Phone
) -> None:
    await house.async_set_up_site()
    await blueprints.async_run("guest", chargers=garage(house), phone=phone.device_id)
    await house.async_plug_in("garage")
    await house.async_advance(timedelta(seconds=31))
    assert phone.pushed() == []


async def test_it_is_said_on_speakers(house: House, blueprints: Blueprints, phone: Phone) -> None:
    hass = house.hass
    spoken = async_mock_service(hass, "tts", "speak")
    await house.async_set_up_site()
    await blueprints.async_run(
        "announce",
        chargers=garage(house),
        events=["plugged_in", "finished"],
        notify=[phone.entity_id],
        players=["media_player.kitchen"],
        tts=["tts.voice"],
    )
    await house.async_plug_in("garage")
    await house.async_advance(timedelta(seconds=16))
    reason = house.state("sensor.garage_status").attributes["reason"]
    assert [message["message"] for message in phone.pushed()] == [f"Zoe: {reason}"]
    (call,) = spoken
    assert call.data["message"] == f"Zoe: {reason}"
    assert call.data["media_player_entity_id"] == ["media_player.kitchen"]
    await leave_in(house, 40)
    assert phone.pushed() == [], "not chosen"


async def test_nothing_is_said_at_night(house: House, blueprints: Blueprints, phone: Phone) -> None:
    await house.async_set_up_site()
    await blueprints.async_run(
        "announce", chargers=garage(house), notify=[phone.entity_id], quiet_from="19:30:00"
    )
    await house.async_plug_in("garage")
    await house.async_advance(timedelta(seconds=16))
    assert phone.pushed() == []


async def faults(house: House, blueprints: Blueprints, phone: Phone) -> None:
    """Send the faults of the carport to the phone."""
    await house.async_set_up_site()
    await blueprints.async_run(
        "charger_fault",
        chargers=[device_id(house.hass, "Garage"), device_id(house.hass, "Carport")],
        site=device_id(house.hass, "Home"),
        notify={"entity_id": phone.entity_id},
    )


async def test_charger_out_of_reach_is_reported(
    house: House, blueprints: Blueprints, phone: Phone
) -> None:
    await faults(house, blueprints, phone)
    await house.async_plug_in("carport")
    house.hass.states.async_set("input_number.carport_limit", "unavailable")
    await house.async_settle()
    await house.async_advance(timedelta(minutes=4))
    assert phone.pushed() == []
    await house.async_advance(timedelta(minutes=2))
    reason = house.state("sensor.carport_status").attributes["reason"]
    assert [message["message"] for message in phone.pushed()] == [f"Carport: {reason}"]


async def test_charger_that_does_not_follow_is_reported(
    house: House, blueprints: Blueprints, phone: Phone
) -> None:
    await faults(house, blueprints, phone)
    await house.async_select("select.carport_mode", "off")
    await house.async_plug_in("carport")
    async_mock_service(house.hass, "input_number", "set_value")
    await house.async_select("select.carport_mode", "now")
    for _ in range(40):
        await house.async_advance(timedelta(seconds=15))
    assert house.state("sensor.carport_status").state == "not_following"
    (message,) = phone.pushed()
    assert message["message"].startswith("Carport: ")


async def test_failed_plan_is_reported(
    house: House, blueprints: Blueprints, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in algorithm_names():
        monkeypatch.setitem(registry._FACTORIES, name, Breakable)
    await faults(house, blueprints, phone)
    monkeypatch.setattr(Breakable, "broken", True)
    await house.async_plug_in("garage")
    (message,) = phone.pushed()
    assert message["message"].startswith("Home: ")
    assert message["message"] != "Home: None"


async def test_cars_are_swapped(house: House, blueprints: Blueprints, phone: Phone) -> None:
    hass = house.hass
    await house.async_set_up_site(CHARGERS[0], VEHICLES[0], LEAF_OF_GARAGE)
    await blueprints.async_run(
        "swap_cars", chargers=garage(house), notify={"entity_id": phone.entity_id}
    )
    await house.async_plug_in("garage")
    assert phone.pushed() == []
    entered = {"entity_id": "number.garage_state_of_charge", "value": 85}
    await hass.services.async_call("number", "set_value", entered, blocking=True)
    await house.async_settle()
    assert house.state("sensor.garage_status").state == "finished"
    assert [message["message"] for message in phone.pushed()] == [
        "Zoe is ready at Garage. Plug in Leaf."
    ]


async def test_plan_is_resumed_after_by_hand(
    house: House, blueprints: Blueprints, phone: Phone, hass_admin_user: MockUser
) -> None:
    hass = house.hass
    await house.async_set_up_site()
    await blueprints.async_run("operated_by_hand", chargers=garage(house), phone=phone.device_id)
    await house.async_plug_in("garage")
    await hass.services.async_call(
        "input_boolean",
        "turn_off",
        {"entity_id": "input_boolean.garage_charging"},
        True,
        Context(user_id=hass_admin_user.id),
    )
    blueprints.calls()
    await house.async_advance(timedelta(seconds=10))
    assert house.state("sensor.garage_status").state == "held"
    assert phone.pushed() == []
    await house.async_advance(timedelta(minutes=6))
    (message,) = phone.pushed()
    await phone.async_press(message, "Resume the plan")
    await house.async_settle()
    assert house.state("sensor.garage_status").state != "held"
    assert house.state("select.garage_mode").state == "smart"
    assert blueprints.calls("optivgi.resume") == [{"device_id": device_id(hass, "Garage")}]
