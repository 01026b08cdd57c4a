"""A word that nobody knows becomes an issue; what a person says it means counts at once."""

from typing import Any

from homeassistant.components.repairs.const import DOMAIN as REPAIRS_DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest

from custom_components.optivgi.const import DOMAIN
from tests.charging.test_which_car import there
from tests.house import CHARGERS, ENGLISH, GARAGE_DATA, VEHICLES, ZOE_DATA, House, subentry

STATUS, PLUG = "sensor.wall_status", "sensor.zoe_plug"
# Only its status says whether a car charges.
WITHOUT_POWER = {key: value for key, value in GARAGE_DATA.items() if key != "power_entity"}
GARAGE = subentry("garage", "charger", "Garage", {**WITHOUT_POWER, "status_entity": STATUS})
ZOE = subentry("zoe", "vehicle", "Zoe", {**ZOE_DATA, "plugged_entity": PLUG, "charger": "carport"})


def questions(hass: HomeAssistant) -> dict[str, ir.IssueEntry]:
    """Return the issues about words, by the word."""
    return {
        str(issue.data["word"]): issue
        for issue in ir.async_get(hass).issues.values()
        if issue.domain == DOMAIN and issue.active and issue.data and "word" in issue.data
    }


async def show(house: House, entity_id: str, *words: str) -> None:
    """Let an entity show words, one after the other."""
    for word in words:
        house.hass.states.async_set(entity_id, word)
        await house.async_settle()


async def answer(house: House, word: str, meaning: str) -> None:
    """Say what a word means."""
    hass = house.hass
    issue = questions(hass)[word]
    assert await async_setup_component(hass, REPAIRS_DOMAIN, {})
    flows = hass.data[REPAIRS_DOMAIN]["flow_manager"]
    result: dict[str, Any] = await flows.async_init(DOMAIN, context={"issue_id": issue.issue_id})
    texts = ENGLISH["issues"]["unknown_word"]["fix_flow"]["step"]["init"]
    assert list(result["menu_options"]) == list(texts["menu_options"])
    assert result["description_placeholders"]["word"] == word
    result = await flows.async_configure(result["flow_id"], {"next_step_id": meaning})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()


@pytest.fixture
async def wall(house: House) -> House:
    """Return a house with a charger whose status has words, without a car."""
    house.hass.states.async_set(STATUS, "Available")
    await house.async_set_up_site(GARAGE, *VEHICLES)
    return house


@pytest.mark.parametrize(
    ("meaning", "field", "status"),
    [
        ("charging", "states_charging", "charging"),
        ("plugged", "states_plugged", "starting"),
        ("finished", "states_finished", "starting"),
        ("unplugged", "states_unplugged", "unplugged"),
    ],
)
async def test_a_word_is_learned_and_counts_at_once(
    wall: House, meaning: str, field: str, status: str
) -> None:
    hass = wall.hass
    assert wall.entry is not None
    await show(wall, STATUS, "Blub Car")
    issue = questions(hass)["Blub Car"]
    assert issue.is_fixable
    named = {"name": "Garage", "entity": STATUS, "word": "Blub Car"}
    assert issue.translation_placeholders == named
    await wall.async_select("select.garage_mode", "now")
    await answer(wall, "Blub Car", meaning)
    assert wall.entry.subentries["garage"].data[field] == ["Blub Car"]
    assert wall.state("sensor.garage_status").state == status
    assert questions(hass) == {}
    await show(wall, STATUS, "Available", "blub car")
    assert questions(hass) == {}
    # It can be changed in the form.
    result = await wall.entry.start_subentry_reconfigure_flow(hass, "garage")
    assert result["data_schema"] is not None
    states = result["data_schema"].schema["states"].schema.schema
    (field_of_form,) = [key for key in states if key == field]
    assert field_of_form.description == {"suggested_value": ["Blub Car"]}


async def test_a_question_stays_when_the_word_is_gone(wall: House) -> None:
    """Chargers say such things at night."""
    await show(wall, STATUS, "Blub", "Charging", "unavailable", "Available")
    assert list(questions(wall.hass)) == ["Blub"]


async def test_numbers_picked_by_mistake_do_not_ask_for_each(house: House) -> None:
    """Nor do they keep others from being asked about."""
    house.hass.states.async_set(STATUS, "Available")
    house.hass.states.async_set(PLUG, "Bla")
    await house.async_set_up_site(GARAGE, CHARGERS[1], ZOE)
    assert list(questions(house.hass)) == ["Bla"]
    await show(house, STATUS, *map(str, range(20, 40)))
    assert len(questions(house.hass)) == 4
    await show(house, PLUG, "Blub")
    assert len(questions(house.hass)) == 5


async def test_what_was_answered_in_the_form_is_asked_no_more(wall: House) -> None:
    assert wall.entry is not None
    await show(wall, STATUS, "Blub", "Bla", "Available")
    garage = wall.entry.subentries["garage"]
    wall.hass.config_entries.async_update_subentry(
        wall.entry, garage, data={**garage.data, "states_plugged": ["Blub"]}
    )
    await wall.async_settle()
    assert list(questions(wall.hass)) == ["Bla"]
    wall.hass.config_entries.async_remove_subentry(wall.entry, "garage")
    await wall.async_settle()
    assert questions(wall.hass) == {}


async def test_questions_end_with_the_site(wall: House) -> None:
    await show(wall, STATUS, "Blub")
    await wall.hass.config_entries.async_remove("site")
    assert questions(wall.hass) == {}


async def test_who_is_asked_about_a_charger_that_is_no_more_only_confirms(wall: House) -> None:
    assert wall.entry is not None
    hass = wall.hass
    await show(wall, STATUS, "Blub")
    assert await async_setup_component(hass, REPAIRS_DOMAIN, {})
    issue = questions(hass)["Blub"]
    await hass.config_entries.async_unload("site")
    hass.config_entries.async_remove_subentry(wall.entry, "garage")
    flows = hass.data[REPAIRS_DOMAIN]["flow_manager"]
    result = await flows.async_init(DOMAIN, context={"issue_id": issue.issue_id})
    assert result["step_id"] == "confirm"


async def test_words_and_numbers_of_a_car_are_learned_too(house: House) -> None:
    hass = house.hass
    hass.states.async_set(PLUG, "disconnected")
    entry = await house.async_set_up_site(*CHARGERS, ZOE)
    await house.async_plug_in("garage")
    assert there(house, "garage")[0] != "Zoe"
    await show(house, PLUG, "7")
    assert there(house, "garage")[0] != "Zoe"
    await answer(house, "7", "plugged")
    assert entry.subentries["zoe"].data["states_plugged"] == ["7"]
    assert there(house, "garage") == ("Zoe", "plugged_in")
    await show(house, PLUG, "3")
    await answer(house, "3", "unplugged")
    assert entry.subentries["zoe"].data["states_unplugged"] == ["3"]
    # Its form keeps what was learned, and accepts what it shows.
    result = await entry.start_subentry_reconfigure_flow(hass, "zoe")
    learned = {"states_plugged": ["7"], "states_unplugged": ["3"]}
    in_sections = {"plugged_entity", "efficiency"}
    data = {key: value for key, value in ZOE["data"].items() if key not in in_sections}
    limits = {"efficiency": 90}
    tells = {"plugged_entity": PLUG}
    entered = {"name": "Zoe", **data, "charging_limits": limits, "tells": tells}
    result = await hass.config_entries.subentries.async_configure(
        result["flow_id"], {**entered, "states": {**learned, "states_charging": ["7"]}}
    )
    assert result["errors"] == {"states": "state_means_two_things"}
    result = await hass.config_entries.subentries.async_configure(
        result["flow_id"], {**entered, "states": learned}
    )
    assert result["type"] is FlowResultType.ABORT
    await house.async_settle()
    assert entry.subentries["zoe"].data.items() >= learned.items()
