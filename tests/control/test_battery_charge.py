"""Charging a home battery from the grid as planned: commanded, within the wires, and put back."""

from datetime import timedelta
from typing import Any, Final

from homeassistant.const import EVENT_CALL_SERVICE, EVENT_HOMEASSISTANT_STOP, EVENT_STATE_CHANGED
from homeassistant.core import Event, HomeAssistant, ServiceCall, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
import pytest
from tests.control.battery_bench import TICK, report
from tests.house import BATTERY_DATA, CHARGERS, VEHICLES, House, subentry

MODE: Final = "input_select.store_mode"
POWER: Final = "input_number.store_charge_power"
LIMIT: Final = "input_number.store_max_discharge"
HOLD: Final = "binary_sensor.store_hold_battery"
STORAGE: Final = "optivgi.site"
ISSUE: Final = ("optivgi", "battery_does_not_charge_store")
FUSE_KW: Final = 25 * 0.69
OURS: Final = {
    **BATTERY_DATA,
    "planned_by": "site",
    "grid_charge": True,
    "charge_active": True,
    "charge_entity": MODE,
    "charge_option": "charge",
    "charge_power_entity": POWER,
}


def commanded_kw(house: House) -> float:
    """Return what the battery is set to charge with."""
    return house.value(POWER) / 1000 if house.state(MODE).state == "charge" else 0.0


async def async_obey(house: House, ticks: int = 6, **shown: float) -> None:
    """Let time pass in which the battery charges as it is set to."""
    for _ in range(ticks):
        report(house, **{"battery_kw": commanded_kw(house), **shown})
        await house.async_advance(TICK)
    await house.hass.async_block_till_done(wait_background_tasks=True)


async def async_set_up(house: House, **fields: Any) -> None:
    """Set the site up with a battery at 20 %: it is 20:00, and cheap until 22:00."""
    house.set_hourly_prices([0.50] * 20 + [0.10, 0.12] + [0.50] * 26)
    house.set_battery(0, 20)
    store = subentry("store", "battery", "Store", {**OURS, **fields})
    await house.async_set_up_site(*CHARGERS, *VEHICLES, store, data={"base_load_kw": None})
    await async_obey(house)
    await house.async_settle()
    await async_obey(house)


async def async_until_expensive(house: House, **shown: float) -> None:
    """Let time pass until the cheap hours are over."""
    await house.async_advance(timedelta(hours=2))
    await house.async_settle()
    await async_obey(house, ticks=8, **shown)


async def test_planned_charging_is_commanded_and_put_back(
    hass: HomeAssistant, house: House, hass_storage: dict[str, Any]
) -> None:
    kept: list[Any] = []

    @callback
    def note(event: Event) -> None:
        if event.data["service_data"].get("entity_id") in {MODE, POWER}:
            stored = hass_storage.get(STORAGE, {"data": {}})["data"]
            kept.append(dict(stored.get("batteries", {}).get("store", {}).get("held", {})))

    hass.bus.async_listen(EVENT_CALL_SERVICE, note)
    await async_set_up(house)
    planned_kw = house.value("sensor.store_planned_power")
    assert planned_kw > 1
    assert commanded_kw(house) == pytest.approx(planned_kw, abs=0.55)
    assert kept[0] == {MODE: "self", POWER: "0.0"}, "kept on disk before anything is written"
    hold = house.state(HOLD)
    assert (hold.state, hold.attributes["reason_code"]) == ("on", "battery_charged_by_plan")
    assert f"{commanded_kw(house):.1f} kW" in hold.attributes["reason"]
    await async_until_expensive(house)
    assert (house.state(MODE).state, house.value(POWER)) == ("self", 0)
    assert hass_storage[STORAGE]["data"]["batteries"]["store"]["held"] == {}


async def test_nothing_is_commanded_where_that_is_off(house: House) -> None:
    await async_set_up(house, charge_active=False)
    assert house.value("sensor.store_planned_power") > 1
    assert house.state(MODE).state == "self"


async def test_what_the_sun_leaves_is_stored_without_a_command(house: House) -> None:
    await async_set_up(house)
    assert commanded_kw(house) > 1
    await async_obey(house, ticks=12, house_kw=-8.0)
    assert house.state(MODE).state == "self"


async def test_house_that_rises_has_the_battery_give_way_at_once(house: House) -> None:
    """Before the next plan knows of it: by the meter's report alone."""
    await async_set_up(house)
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    await async_obey(house)
    assert house.garage_kw + commanded_kw(house) > 15
    report(house, battery_kw=commanded_kw(house), house_kw=12.0)
    await house.hass.async_block_till_done(wait_background_tasks=True)
    assert 12.0 + house.garage_kw + commanded_kw(house) <= FUSE_KW + 0.01
    assert commanded_kw(house) == 0, "what is left is the car's"
    await async_obey(house, ticks=36, house_kw=2.0)
    assert house.garage_kw + commanded_kw(house) > 12


async def test_cars_wait_for_the_room_of_a_battery(hass: HomeAssistant, house: House) -> None:
    """Its sensor shows nothing yet, so what was commanded counts, until less was written."""
    await async_set_up(house)
    assert commanded_kw(house) > 4
    totals: list[float] = []

    @callback
    def note(_: Event) -> None:
        totals.append(0.5 + house.garage_kw + house.carport_kw + commanded_kw(house))

    for charger in ("garage", "carport"):
        await house.async_plug_in(charger)
    await async_obey(house, battery_kw=0.0)
    hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    for charger in ("garage", "carport"):
        await house.async_select(f"select.{charger}_mode", "now")
        await async_obey(house, battery_kw=0.0)
    assert house.garage_kw + house.carport_kw > 15
    assert max(totals) <= FUSE_KW + 0.01


async def test_restart_keeps_what_was_before(hass: HomeAssistant, house: House) -> None:
    await async_set_up(house)
    assert commanded_kw(house) > 1
    assert house.entry is not None
    assert await hass.config_entries.async_reload(house.entry.entry_id)
    await house.async_settle()
    await async_obey(house)
    assert commanded_kw(house) > 1
    await async_until_expensive(house)
    assert (house.state(MODE).state, house.value(POWER)) == ("self", 0)


async def test_crash_in_the_middle_is_made_good(
    hass: HomeAssistant, house: House, hass_storage: dict[str, Any]
) -> None:
    held = {"batteries": {"store": {"held": {MODE: "self", POWER: "700.0"}}}}
    hass_storage[STORAGE] = {"version": 1, "minor_version": 1, "key": STORAGE, "data": held}
    for domain, service, data in (
        ("input_select", "select_option", {"entity_id": MODE, "option": "charge"}),
        ("input_number", "set_value", {"entity_id": POWER, "value": 5000}),
    ):
        await hass.services.async_call(domain, service, data, blocking=True)
    house.set_battery(0, 100)
    store = subentry("store", "battery", "Store", OURS)
    await house.async_set_up_site(*CHARGERS, *VEHICLES, store)
    await async_obey(house, ticks=3)
    assert (house.state(MODE).state, house.value(POWER)) == ("self", 700)


@pytest.mark.parametrize("how", ["stop", "remove"])
async def test_nobody_leaves_a_battery_charging(
    hass: HomeAssistant, house: House, how: str
) -> None:
    await async_set_up(house)
    assert commanded_kw(house) > 1
    assert house.entry is not None
    if how == "stop":
        hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    else:
        hass.config_entries.async_remove_subentry(house.entry, "store")
        await house.async_settle()
        await async_obey(house, ticks=2)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert (house.state(MODE).state, house.value(POWER)) == ("self", 0)


async def test_refusal_is_tried_again_and_reported(hass: HomeAssistant, house: House) -> None:
    refused: list[ServiceCall] = []

    async def refuse(call: ServiceCall) -> None:
        refused.append(call)
        raise HomeAssistantError("busy")

    real = hass.services.async_services_internal()["input_select"]["select_option"]
    hass.services.async_register("input_select", "select_option", refuse)
    await async_set_up(house)
    await async_obey(house, ticks=22)
    assert 2 <= len(refused) <= 8, "once a minute"
    assert ISSUE in ir.async_get(hass).issues
    hass.services.async_services_internal()["input_select"]["select_option"] = real
    await async_obey(house, ticks=8)
    assert commanded_kw(house) > 1
    assert ISSUE not in ir.async_get(hass).issues
    await async_until_expensive(house)
    assert (house.state(MODE).state, house.value(POWER)) == ("self", 0)


async def test_battery_that_takes_nothing_is_reported(hass: HomeAssistant, house: House) -> None:
    await async_set_up(house)
    assert ISSUE not in ir.async_get(hass).issues
    await async_obey(house, ticks=20, battery_kw=0.0)
    assert ISSUE in ir.async_get(hass).issues


async def test_command_that_expires_is_repeated(hass: HomeAssistant, house: House) -> None:
    sent: list[Event] = []

    @callback
    def note(event: Event) -> None:
        if event.data["service_data"].get("entity_id") == MODE:
            sent.append(event)

    await async_set_up(house, hold_repeat=20)
    hass.bus.async_listen(EVENT_CALL_SERVICE, note)
    await async_obey(house, ticks=8)
    assert 3 <= len(sent) <= 6


async def test_seldom_written_is_reduced_at_once_and_raised_later(house: House) -> None:
    await async_set_up(house, hold_pause=3)
    first_kw = commanded_kw(house)
    assert first_kw > 1
    room_kw = first_kw - 1.0
    await async_obey(house, ticks=2, house_kw=FUSE_KW - room_kw)
    assert commanded_kw(house) <= room_kw
    await async_obey(house, ticks=12, house_kw=0.5)
    assert commanded_kw(house) <= room_kw
    await async_obey(house, ticks=8, house_kw=0.5)
    assert commanded_kw(house) > room_kw


async def test_what_was_never_written_keeps_no_room(house: House) -> None:
    """The sun comes out while the next command waits for its turn."""
    await async_set_up(house, hold_pause=15)
    assert commanded_kw(house) > 4
    await async_obey(house, ticks=2, house_kw=FUSE_KW)
    assert commanded_kw(house) == 0
    await async_obey(house, ticks=3, house_kw=0.5)
    await async_obey(house, ticks=3, house_kw=-8.0)
    assert commanded_kw(house) == 0
    for charger in ("garage", "carport"):
        await house.async_plug_in(charger)
        await house.async_select(f"select.{charger}_mode", "now")
    await async_obey(house, ticks=36, house_kw=0.5)
    assert commanded_kw(house) == 0
    assert house.garage_kw + house.carport_kw > 15


async def test_what_charges_is_put_back_before_it_is_held(
    hass: HomeAssistant, house: House
) -> None:
    """Another entity holds it: both are at what they had in the end."""
    await async_set_up(house, hold_active=True, hold_entity=LIMIT)
    assert commanded_kw(house) > 1
    assert house.value(LIMIT) == 5000
    house.set_battery(0, 99.9)
    await async_obey(house, ticks=8, battery_kw=0.0)
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    await async_obey(house, ticks=8, battery_kw=0.0)
    assert (house.state(MODE).state, house.value(LIMIT)) == ("self", 10)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert (house.state(MODE).state, house.value(LIMIT)) == ("self", 5000)
