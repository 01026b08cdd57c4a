"""At a charger that cars share, the RFID tag that is held to it says which one is there."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from tests.flows.test_vehicle_flow import ENTERED, enter, said, start
from tests.house import GARAGE_DATA, LEAF_DATA, ZOE_DATA, House, subentry

# Home Assistant would import it in a thread that nothing here waits for.
import custom_components.optivgi.diagnostics  # noqa: F401

TAG = "sensor.garage_tag"
SHARED = subentry("garage", "charger", "Garage", {**GARAGE_DATA, "tag_entity": TAG})
TAGGED = (
    subentry("zoe", "vehicle", "Zoe", {**ZOE_DATA, "tags": ["04:A2:3F", "RESERVE-1"]}),
    subentry("leaf", "vehicle", "Leaf", {**LEAF_DATA, "charger": "carport", "tags": ["04b7"]}),
)


def hold(house: House, tag: str) -> None:
    """Hold a tag to the charger."""
    house.hass.states.async_set(TAG, tag)


def there(house: House) -> tuple[str, str, str | None]:
    """Return which car is at the charger, how it was found, and the tag."""
    state = house.state("select.garage_vehicle")
    return state.state, state.attributes["found_by"], state.attributes["tag"]


async def set_up(house: House) -> MockConfigEntry:
    """Set up a charger that two cars share; Zoe is the usual one there."""
    hold(house, "unknown")
    carport = subentry("carport", "charger", "Carport", {**GARAGE_DATA, **_CARPORT})
    return await house.async_set_up_site(SHARED, carport, *TAGGED)


_CARPORT: dict[str, Any] = {
    "limit_entity": "input_number.carport_limit",
    "status_entity": "input_select.carport_status",
    "power_entity": "sensor.carport_power",
}


async def test_tag_says_which_car_is_there_until_it_is_unplugged(house: House) -> None:
    await set_up(house)
    await house.async_plug_in("garage")
    assert there(house) == ("Zoe", "usual", None)
    hold(house, "04B7")
    await house.async_settle()
    assert there(house) == ("Leaf", "tag", "04b7")
    assert house.value("number.garage_target") == 90
    # Some chargers forget it when the transaction has begun, or ended.
    hold(house, "unknown")
    await house.async_advance(timedelta(minutes=30))
    assert there(house) == ("Leaf", "tag", "04b7")
    await house.async_unplug("garage")
    assert there(house) == ("Zoe", "usual", None)


async def test_tag_may_be_held_before_the_plug_and_is_read_however_it_is_written(
    house: House,
) -> None:
    await set_up(house)
    hold(house, "04b7")
    await house.async_advance(timedelta(minutes=1))
    await house.async_plug_in("garage")
    assert there(house)[:2] == ("Leaf", "tag")
    hold(house, "04a23f")
    await house.async_settle()
    assert there(house)[:2] == ("Zoe", "tag")


async def test_tag_of_who_was_there_before_says_nothing(house: House) -> None:
    await set_up(house)
    hold(house, "04b7")
    await house.async_advance(timedelta(hours=2))
    await house.async_plug_in("garage")
    assert there(house) == ("Zoe", "usual", None)


async def test_tag_that_is_of_no_car_is_kept_and_says_nothing(house: House) -> None:
    await set_up(house)
    await house.async_plug_in("garage")
    hold(house, "guest 7")
    await house.async_settle()
    assert there(house) == ("Zoe", "usual", "guest7")


async def test_tag_of_a_guest_says_that_no_car_of_the_house_is_there(
    hass: HomeAssistant, house: House
) -> None:
    """Also after a restart, and until the guest has left; a car's own tag counts more."""
    hold(house, "unknown")
    data = {**SHARED["data"], "guest_tags": ["GUEST-7 = Anna", "04 b7"]}
    garage = subentry("garage", "charger", "Garage", data)
    entry = await house.async_set_up_site(garage, *TAGGED)
    await house.async_plug_in("garage")
    hold(house, "guest 7")
    await house.async_settle()
    assert there(house) == ("guest", "tag", "guest7")
    assert house.state("select.garage_vehicle").attributes["user"] == "Anna"
    hold(house, "unknown")
    await hass.config_entries.async_reload(entry.entry_id)
    await house.async_settle()
    assert there(house) == ("guest", "tag", "guest7")
    await house.async_unplug("garage")
    assert there(house) == ("Zoe", "usual", None)
    assert house.state("select.garage_vehicle").attributes["user"] is None
    await house.async_plug_in("garage")
    hold(house, "04b7")
    await house.async_settle()
    assert there(house)[:2] == ("Leaf", "tag")


async def test_what_a_person_selects_counts_more_than_a_tag(house: House) -> None:
    await set_up(house)
    await house.async_plug_in("garage")
    await house.async_select("select.garage_vehicle", "guest")
    hold(house, "04b7")
    await house.async_settle()
    assert there(house)[:2] == ("guest", "selected")


async def test_tag_outlives_a_restart(hass: HomeAssistant, house: House) -> None:
    entry = await set_up(house)
    await house.async_plug_in("garage")
    hold(house, "04b7")
    await house.async_settle()
    hold(house, "unknown")
    await hass.config_entries.async_reload(entry.entry_id)
    await house.async_settle()
    assert there(house) == ("Leaf", "tag", "04b7")


async def test_each_tag_is_of_one_car(hass: HomeAssistant, house: House) -> None:
    await set_up(house)
    wrong = {**ENTERED, "tells": {"tags": ["04-a2-3f"]}}
    result = await enter(hass, await start(hass), wrong)
    assert result["errors"] == {"tells": "tag_in_use"}
    assert said(result) == {"tag": "04-a2-3f", "vehicle": "Zoe"}
    result = await enter(hass, result, {**ENTERED, "tells": {"tags": ["04c1"]}})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()


async def test_tag_of_a_guest_is_of_no_car(hass: HomeAssistant, house: House) -> None:
    """Neither form takes what the other one has, however it is written."""
    entry = await set_up(house)
    result = await entry.start_subentry_reconfigure_flow(hass, "carport")
    entered = {
        **{key: GARAGE_DATA[key] for key in ("phases", "min_a", "max_a")},
        **_CARPORT,
        "name": "Carport",
    }
    wrong = {**entered, "control": {"guest_tags": ["guest 7", "04-A2-3F"]}}
    result = await enter(hass, result, wrong)
    assert result["errors"] == {"control": "tag_in_use"}
    assert said(result) == {"tag": "04-A2-3F", "vehicle": "Zoe"}
    result = await enter(hass, result, {**entered, "control": {"guest_tags": ["guest 7"]}})
    assert result["reason"] == "reconfigure_successful"
    await house.async_settle()

    wrong = {**ENTERED, "tells": {"tags": ["GUEST-7"]}}
    result = await enter(hass, await start(hass), wrong)
    assert result["errors"] == {"tells": "tag_of_guests"}
    assert said(result) == {"tag": "GUEST-7", "charger": "Carport"}


async def test_a_tag_sensor_has_to_exist(hass: HomeAssistant, house: House) -> None:
    entry = await set_up(house)
    result = await entry.start_subentry_reconfigure_flow(hass, "carport")
    entered = {
        **{key: GARAGE_DATA[key] for key in ("phases", "min_a", "max_a")},
        **_CARPORT,
        "name": "Carport",
        "control": {"tag_entity": "sensor.gone"},
    }
    result = await enter(hass, result, entered)
    assert result["errors"] == {"control": "entity_missing"}


@pytest.mark.parametrize("secret", ["04b7", "04:A2:3F"])
async def test_diagnostics_do_not_show_tags(
    hass: HomeAssistant, house: House, hass_client: ClientSessionGenerator, secret: str
) -> None:
    assert await async_setup_component(hass, "diagnostics", {})
    entry = await set_up(house)
    await house.async_plug_in("garage")
    hold(house, "04b7")
    await house.async_settle()
    shown = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert secret not in str(shown)
