"""When a car leaves: by the week, or once; shown, planned for, kept and ended."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr
import pytest
from tests.house import CHARGERS, ENGLISH, LEAF_DATA, ZOE_DATA, House, charger_of, subentry

from custom_components.optivgi.const import DOMAIN

NEXT = "datetime.garage_next_departure"
WORK = [
    {"weekdays": ["mon", "tue", "wed", "thu", "fri"], "at": "07:00:00"},
    {"weekdays": ["sat"], "at": "10:00:00", "target_soc": 100},
]
SUNDAY_NIGHT = "2026-11-22T20:00:00+00:00"


async def async_set_up(house: House, **zoe: Any) -> None:
    """Set up the site with a Zoe that leaves by the week."""
    await house.async_set_up_site(
        *CHARGERS,
        subentry("zoe", "vehicle", "Zoe", {**ZOE_DATA, "weekly_departures": WORK, **zoe}),
        subentry("leaf", "vehicle", "Leaf", LEAF_DATA),
    )


async def set_departure(house: House, **data: Any) -> None:
    """Call the action and let the plan follow."""
    await house.hass.services.async_call(DOMAIN, "set_departure", data, blocking=True)
    await house.async_settle()


async def enter_soc(house: House, percent: float) -> None:
    """Enter how full the car is, and let the plan follow; a sensor that jumps is doubted."""
    entity_id = "number.garage_state_of_charge"
    data = {ATTR_ENTITY_ID: entity_id, "value": percent}
    await house.hass.services.async_call("number", "set_value", data, blocking=True)
    await house.async_settle()


async def set_next(house: House, value: str) -> None:
    """Set the entity and let the plan follow."""
    await house.hass.services.async_call(
        "datetime", "set_value", {ATTR_ENTITY_ID: NEXT, "datetime": value}, blocking=True
    )
    await house.async_settle()


def planned(house: House, charger: str = "garage") -> tuple[str, str, float]:
    """Return the next departure, who said so, and the energy still needed."""
    attributes = house.state(f"sensor.{charger}_status").attributes
    return (
        house.state(f"datetime.{charger}_next_departure").state,
        attributes["departure_source"],
        attributes["needed_kwh"],
    )


# The week


async def test_saturday_has_its_own_time_and_target_and_sunday_none(house: House) -> None:
    await async_set_up(house)
    assert house.state(NEXT).state == "2026-11-21T09:00:00+00:00"
    await house.async_plug_in("garage")
    assert planned(house) == ("2026-11-21T09:00:00+00:00", "weekly", 30)
    assert house.value("sensor.garage_planned_energy") == pytest.approx(30 / 0.9, abs=0.2)
    # What is set for every day stays.
    assert house.value("number.garage_target") == 80
    assert house.state("time.garage_departure").state == "07:00:00"

    await enter_soc(house, 100)
    assert "target is 100 %" in house.state("sensor.garage_status").attributes["reason"]
    await house.async_advance(timedelta(hours=14, minutes=5))
    await house.async_settle()
    assert planned(house) == ("2026-11-23T06:00:00+00:00", "weekly", 0)


async def test_missed_departure_of_the_week_stands_until_the_energy_is_there(house: House) -> None:
    await async_set_up(house)
    await house.async_plug_in("garage")
    house.freezer.move_to("2026-11-21T09:00:10+00:00")
    await house.async_settle()
    assert planned(house) == ("2026-11-23T06:00:00+00:00", "weekly", 30)
    attributes = house.state("sensor.garage_status").attributes
    assert "departure has passed" in attributes["reason"]
    assert attributes["departure"].isoformat() == "2026-11-21T09:00:00+00:00"
    assert house.garage_kw > 10
    await enter_soc(house, 100)
    assert planned(house) == ("2026-11-23T06:00:00+00:00", "weekly", 0)


async def test_guest_leaves_every_day(house: House) -> None:
    await async_set_up(house)
    await house.async_select("select.garage_vehicle", "guest")
    assert planned(house)[:2] == ("2026-11-21T06:00:00+00:00", "daily")


@pytest.mark.parametrize("weekly", [[], None])
async def test_without_rows_it_leaves_every_day(house: House, weekly: list[Any] | None) -> None:
    data = dict(ZOE_DATA) if weekly is None else {**ZOE_DATA, "weekly_departures": weekly}
    await house.async_set_up_site(*CHARGERS, subentry("zoe", "vehicle", "Zoe", data))
    await house.async_plug_in("garage")
    assert planned(house) == ("2026-11-21T06:00:00+00:00", "daily", 20)


@pytest.mark.parametrize(
    ("moment", "leaves"),
    [
        ("2027-03-27T20:00:00+00:00", "2027-03-28T01:30:00+00:00"),
        ("2026-10-24T20:00:00+00:00", "2026-10-25T00:30:00+00:00"),
    ],
)
async def test_nights_on_which_clocks_change(house: House, moment: str, leaves: str) -> None:
    """02:30 is skipped in spring: the car leaves at 03:30. In autumn the first 02:30 counts."""
    house.freezer.move_to(moment)
    house.set_hourly_prices([0.30] * 48)
    rows = [{"weekdays": ["sun"], "at": "02:30:00"}]
    await async_set_up(house, weekly_departures=rows)
    await house.async_plug_in("garage")
    assert planned(house)[0] == leaves
    finish = house.state("sensor.garage_expected_finish").state
    assert finish <= leaves


# Once


async def test_departure_set_once_is_planned_for_and_passes(house: House) -> None:
    await async_set_up(house)
    await house.async_plug_in("garage")
    await set_next(house, "2026-11-21 05:00:00")
    assert planned(house) == ("2026-11-21T04:00:00+00:00", "once", 20)
    assert house.state("time.garage_departure").state == "07:00:00"
    house.set_soc("zoe", 80)
    await house.async_settle()
    house.freezer.move_to("2026-11-21T04:00:10+00:00")
    await house.async_settle()
    assert planned(house)[:2] == ("2026-11-21T09:00:00+00:00", "weekly")


async def test_departure_set_once_ends_with_unplugging(house: House) -> None:
    await async_set_up(house)
    # Said before the car comes, it counts when it has come.
    await set_next(house, "2026-11-24 05:00:00")
    assert house.state(NEXT).state == "2026-11-24T04:00:00+00:00"
    await house.async_plug_in("garage")
    assert planned(house)[:2] == ("2026-11-24T04:00:00+00:00", "once")
    await house.async_unplug("garage")
    assert house.state(NEXT).state == "2026-11-21T09:00:00+00:00"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("2026-11-20 19:59:00", "departure_past"),
        ("2026-11-27 20:30:00", "departure_too_far"),
        ("0001-01-01 00:00:00", "moment_impossible"),
    ],
)
async def test_implausible_departures_are_refused(house: House, value: str, reason: str) -> None:
    await async_set_up(house)
    before = house.state(NEXT).state
    with pytest.raises(ServiceValidationError) as error:
        await set_next(house, value)
    assert error.value.translation_key == reason
    with pytest.raises(ServiceValidationError) as error:
        await set_departure(house, charger="Garage", departure=value)
    assert error.value.translation_key == reason
    assert value[:16] in str(error.value)
    assert house.state(NEXT).state == before


@pytest.mark.parametrize("how", ["device", "entity", "name", "vehicle"])
async def test_action_sets_and_clears(hass: HomeAssistant, house: House, how: str) -> None:
    await async_set_up(house)
    await house.async_plug_in("garage")
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, "garage"), "site")
    assert device is not None
    target = {
        "device": {"charger": device.id},
        "entity": {"charger": "select.garage_mode"},
        "name": {"charger": "garage"},
        "vehicle": {"vehicle": "zoe"},
    }[how]
    await set_departure(house, **target, departure="2026-11-22 12:00:00", target_soc=90)
    assert planned(house) == ("2026-11-22T11:00:00+00:00", "once", 25)
    assert charger_of(await house.async_schedule(), "Garage")["departure"].startswith("2026-11-22")
    await set_departure(house, **target, clear=True)
    assert planned(house) == ("2026-11-21T09:00:00+00:00", "weekly", 30)


async def test_departure_of_a_car_counts_wherever_it_is_plugged_in(house: House) -> None:
    await async_set_up(house)
    await set_departure(house, vehicle="Leaf", departure="2026-11-22 12:00:00")
    await house.async_select("select.garage_vehicle", "Leaf")
    assert house.state(NEXT).state == "2026-11-22T11:00:00+00:00"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"departure": "2026-11-22 12:00:00"}, "departure_of_whom"),
        (
            {"departure": "2026-11-22 12:00:00", "charger": "Garage", "vehicle": "Zoe"},
            "departure_of_whom",
        ),
        ({"charger": "Garage"}, "departure_or_clear"),
        (
            {"charger": "Garage", "departure": "2026-11-22 12:00:00", "clear": True},
            "departure_or_clear",
        ),
        ({"charger": "Shed", "clear": True}, "charger_unknown"),
        ({"vehicle": "Tesla", "clear": True}, "vehicle_unknown"),
    ],
)
async def test_implausible_action_is_refused(
    house: House, data: Mapping[str, Any], reason: str
) -> None:
    await async_set_up(house)
    with pytest.raises(ServiceValidationError) as error:
        await set_departure(house, **data)
    assert error.value.translation_key == reason
    assert reason in ENGLISH["exceptions"]


async def test_guest_has_no_target(house: House) -> None:
    await async_set_up(house)
    await house.async_select("select.garage_vehicle", "guest")
    with pytest.raises(ServiceValidationError) as error:
        await set_departure(house, charger="Garage", departure="2026-11-22 12:00:00", target_soc=90)
    assert error.value.translation_key == "departure_target_of_guest"
    await set_departure(house, charger="Garage", departure="2026-11-22 12:00:00")
    assert planned(house)[:2] == ("2026-11-22T11:00:00+00:00", "once")


# Kept


async def test_what_is_said_once_survives_a_restart(
    hass: HomeAssistant, house: House, hass_storage: dict[str, Any]
) -> None:
    await async_set_up(house)
    await house.async_plug_in("garage")
    await set_departure(house, charger="Garage", departure="2026-11-22 12:00:00", target_soc=90)
    before = planned(house)
    assert await hass.config_entries.async_reload("site")
    await house.async_settle()
    assert planned(house) == before == ("2026-11-22T11:00:00+00:00", "once", 25)
    kept = hass_storage["optivgi.site"]["data"]["vehicles"]["zoe"]["once"]
    assert kept == {"at": "2026-11-22T11:00:00Z", "source": "once", "target_soc": 90.0}


async def test_what_is_said_once_stays_when_the_vehicle_is_changed(
    hass: HomeAssistant, house: House
) -> None:
    await async_set_up(house)
    await set_next(house, "2026-11-21 05:00:00")
    assert house.entry is not None
    zoe = house.entry.subentries["zoe"]
    changed = {**zoe.data, "target_soc": 70}
    hass.config_entries.async_update_subentry(house.entry, zoe, data=changed)
    await house.async_settle()
    assert house.value("number.garage_target") == 70
    assert house.state(NEXT).state == "2026-11-21T04:00:00+00:00"


async def test_what_passes_while_nobody_looks_does_not_count_afterwards(
    hass: HomeAssistant, house: House
) -> None:
    await async_set_up(house)
    await set_next(house, "2026-11-21 05:00:00")
    assert await hass.config_entries.async_unload("site")
    house.freezer.move_to(SUNDAY_NIGHT)
    house.set_hourly_prices([0.30] * 48)
    assert await hass.config_entries.async_setup("site")
    await house.async_settle()
    assert house.state(NEXT).state == "2026-11-23T06:00:00+00:00"
    await house.async_plug_in("garage")
    assert planned(house) == ("2026-11-23T06:00:00+00:00", "weekly", 20)
