"""Holding a home battery back: written, confirmed by what it gives, and always put back."""

from datetime import timedelta
from typing import Any, Final

from homeassistant.const import ATTR_DOMAIN, EVENT_CALL_SERVICE, EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
import pytest
from tests.control.battery_bench import async_follow
from tests.house import BATTERY_DATA, CHARGERS, VEHICLES, House, subentry

from custom_components.optivgi.const import DOMAIN

LIMIT: Final = "input_number.store_max_discharge"
MIN_SOC: Final = "input_number.store_min_soc"
MODE: Final = "input_select.store_mode"
REMOTE: Final = "input_boolean.store_remote"
STORAGE: Final = "optivgi.site"


async def async_set_up(house: House, soc: float = 60, **hold: Any) -> None:
    """Set the site up with a battery that something holds."""
    house.set_battery(0, soc)
    data = {**BATTERY_DATA, "hold_active": True, **hold}
    store = subentry("store", "battery", "Store", data)
    await house.async_set_up_site(*CHARGERS, *VEHICLES, store)
    await async_follow(house, ticks=1)


async def async_charge(house: House, **shown: float) -> None:
    """Let a car charge at once."""
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    await async_follow(house, **shown)


async def async_stop(house: House) -> None:
    """Let it stop, for so long that the battery is let go."""
    await house.async_select("select.garage_mode", "off")
    await async_follow(house, ticks=14)


async def test_limit_goes_to_its_minimum_and_back(
    hass: HomeAssistant, house: House, hass_storage: dict[str, Any]
) -> None:
    kept: list[Any] = []

    @callback
    def note(event: Event) -> None:
        if event.data["service_data"].get("entity_id") == LIMIT:
            stored = hass_storage.get(STORAGE, {"data": {}})["data"]
            kept.append(dict(stored.get("batteries", {}).get("store", {}).get("held", {})))

    hass.bus.async_listen(EVENT_CALL_SERVICE, note)
    await hass.services.async_call(
        "input_number", "set_value", {"entity_id": LIMIT, "value": 4000}, blocking=True
    )
    kept.clear()
    await async_set_up(house, hold_entity=LIMIT)
    assert house.value(LIMIT) == 4000
    await async_charge(house)
    assert house.value(LIMIT) == 10
    assert kept[0] == {LIMIT: "4000.0"}, "kept on disk before anything is written"
    writes = len(kept)
    await async_follow(house, ticks=12)
    assert len(kept) == writes, "what is set already is not written again"
    await async_stop(house)
    assert house.value(LIMIT) == 4000
    assert hass_storage[STORAGE]["data"]["batteries"]["store"]["held"] == {}


async def test_crash_in_the_middle_of_a_hold_is_made_good(
    hass: HomeAssistant, house: House, hass_storage: dict[str, Any]
) -> None:
    held = {"batteries": {"store": {"held": {LIMIT: "4200.0"}}}}
    hass_storage[STORAGE] = {"version": 1, "minor_version": 1, "key": STORAGE, "data": held}
    await hass.services.async_call(
        "input_number", "set_value", {"entity_id": LIMIT, "value": 10}, blocking=True
    )
    await async_set_up(house, hold_entity=LIMIT)
    await async_follow(house, ticks=2)
    assert house.value(LIMIT) == 4200


async def test_restart_in_the_middle_of_a_hold_keeps_what_was_before(
    hass: HomeAssistant, house: House
) -> None:
    await async_set_up(house, hold_entity=LIMIT)
    await async_charge(house)
    assert house.entry is not None
    assert await hass.config_entries.async_reload(house.entry.entry_id)
    await house.async_settle()
    await async_follow(house)
    assert house.value(LIMIT) == 10
    await async_stop(house)
    assert house.value(LIMIT) == 5000


@pytest.mark.parametrize("how", ["stop", "remove", "delete"])
async def test_nobody_leaves_a_battery_held(hass: HomeAssistant, house: House, how: str) -> None:
    await async_set_up(house, hold_entity=LIMIT)
    await async_charge(house)
    assert house.value(LIMIT) == 10
    assert house.entry is not None
    if how == "stop":
        hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    elif how == "remove":
        hass.config_entries.async_remove_subentry(house.entry, "store")
        await house.async_settle()
        await async_follow(house, ticks=2)
    else:
        await hass.config_entries.async_remove(house.entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert house.value(LIMIT) == 5000


async def test_min_soc_becomes_the_present_one(house: House) -> None:
    await async_set_up(house, soc=57.2, hold_entity=MIN_SOC)
    await async_charge(house)
    assert house.value(MIN_SOC) == 58
    await async_stop(house)
    assert house.value(MIN_SOC) == 10


async def test_mode_is_set_before_and_sent_by_a_button(house: House) -> None:
    fields = {
        "hold_entity": MODE,
        "hold_option": "no_discharge",
        "hold_mode_entity": REMOTE,
        "hold_mode_option": "on",
        "hold_button": "input_button.store_send",
    }
    calls: list[str] = []

    @callback
    def note(event: Event) -> None:
        if "store" in str(event.data["service_data"].get("entity_id")):
            calls.append(event.data[ATTR_DOMAIN])

    house.hass.bus.async_listen(EVENT_CALL_SERVICE, note)
    await async_set_up(house, **fields)
    await async_charge(house)
    assert (house.state(REMOTE).state, house.state(MODE).state) == ("on", "no_discharge")
    assert calls == ["input_boolean", "input_select", "input_button"]
    await async_stop(house)
    assert (house.state(REMOTE).state, house.state(MODE).state) == ("off", "self")
    assert calls[3:] == ["input_select", "input_boolean", "input_button"]


async def test_hold_that_expires_is_repeated(house: House) -> None:
    sent: list[Event] = []

    @callback
    def note(event: Event) -> None:
        sent.append(event)

    house.hass.bus.async_listen(EVENT_CALL_SERVICE, note)
    await async_set_up(house, hold_entity=MODE, hold_option="no_discharge", hold_repeat=20)
    await async_charge(house)
    before = sum(MODE in str(event.data) for event in sent)
    await async_follow(house, ticks=8)
    assert 3 <= sum(MODE in str(event.data) for event in sent) - before <= 6


async def test_seldom_written_is_left_alone_for_a_while(house: House) -> None:
    await async_set_up(house, hold_entity=LIMIT, hold_pause=5)
    await async_charge(house)
    assert house.value(LIMIT) == 10
    await async_stop(house)
    assert house.value(LIMIT) == 10, "it is let go when five minutes are over"
    await house.async_advance(timedelta(minutes=5))
    await async_follow(house, ticks=2)
    assert house.value(LIMIT) == 5000


async def test_battery_that_gives_on_is_reported(hass: HomeAssistant, house: House) -> None:
    await async_set_up(house, hold_entity=LIMIT)
    await async_charge(house)
    issue = ("optivgi", "battery_does_not_hold_store")
    assert issue not in ir.async_get(hass).issues
    await async_follow(house, ticks=20, battery_kw=-2.0)
    assert issue in ir.async_get(hass).issues
    await async_follow(house, ticks=2)
    assert issue not in ir.async_get(hass).issues


async def test_nothing_is_written_where_only_the_signal_is_wanted(house: House) -> None:
    await async_set_up(house, hold_entity=LIMIT, hold_active=False)
    await async_charge(house)
    assert house.state("binary_sensor.store_hold_battery").state == "on"
    assert house.value(LIMIT) == 5000


async def test_wrong_sign_is_noticed_while_it_runs(hass: HomeAssistant, house: House) -> None:
    """It gives 3 kW to a house of 3.5 kW, and says that it takes them."""
    house.set_battery(0, 60)
    house.set_power("sensor.pv", 0)
    data = {**BATTERY_DATA}
    store = subentry("store", "battery", "Store", data)
    await house.async_set_up_site(*CHARGERS, *VEHICLES, store, data={"pv_entity": "sensor.pv"})
    issue = (DOMAIN, "battery_sign_wrong_store")
    # Shown is +3 kW: the meter has 3.5 - 3 kW.
    for _ in range(30):
        await async_follow(house, ticks=1, battery_kw=3.0, house_kw=-2.5)
    assert issue in ir.async_get(hass).issues
    # That can only be right.
    await async_follow(house, ticks=2, battery_kw=-3.0, house_kw=3.5)
    assert issue not in ir.async_get(hass).issues
