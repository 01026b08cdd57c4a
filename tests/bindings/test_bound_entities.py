"""The user's entities: followed when they are renamed, missed when they are gone."""

from datetime import timedelta
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
import pytest
from tests.house import CARPORT_DATA, GARAGE_DATA, SITE_DATA, ZOE_DATA, House

from custom_components.optivgi.const import DOMAIN

LIMIT = "input_number.garage_limit"


def issues(hass: HomeAssistant) -> dict[str, dict[str, str] | None]:
    """Return the complaints about entities that are gone with what their texts name."""
    return {
        issue.issue_id: issue.translation_placeholders
        for (domain, _), issue in ir.async_get(hass).issues.items()
        if domain == DOMAIN and issue.translation_key in {"entity_removed", "entity_disabled"}
    }


async def test_renamed_limit_is_written_under_its_new_name(
    hass: HomeAssistant, house: House
) -> None:
    entry = await house.async_set_up_site()
    er.async_get(hass).async_update_entity(LIMIT, new_entity_id="input_number.workshop")
    await house.async_settle()
    await house.async_settle()
    assert entry.subentries["garage"].data == {
        **GARAGE_DATA,
        "limit_entity": "input_number.workshop",
    }
    assert entry.subentries["carport"].data == CARPORT_DATA

    await house.async_plug_in("garage")
    assert house.state("sensor.garage_status").state == "starting"
    await hass.services.async_call(
        "select",
        "select_option",
        {"entity_id": "select.garage_mode", "option": "now"},
        blocking=True,
    )
    house.set_power("sensor.grid_power", 6000)
    await house.async_advance(timedelta(seconds=30))
    # 25 A less the house's 6 kW leave 16 A; less 10 kW leave 10 A.
    assert house.value("input_number.workshop") == 16
    house.set_power("sensor.grid_power", 10000)
    await house.async_advance(timedelta(seconds=30))
    assert house.value("input_number.workshop") == 10
    assert issues(hass) == {}


async def test_renamed_price_meter_and_car_sensor_are_followed(
    hass: HomeAssistant, house: House
) -> None:
    registry = er.async_get(hass)
    ids = {
        key: registry.async_get_or_create("sensor", "demo", key).entity_id
        for key in ("price_entity", "power_entity", "soc_entity", "departure_entity")
    }
    hass.states.async_set(ids["departure_entity"], "off")
    for key, old in (("price_entity", SITE_DATA), ("power_entity", SITE_DATA)):
        state = house.state(old[key])
        hass.states.async_set(ids[key], state.state, state.attributes)
    soc = house.state(ZOE_DATA["soc_entity"])
    hass.states.async_set(ids["soc_entity"], soc.state, soc.attributes)
    entry = await house.async_set_up_site(
        data={key: ids[key] for key in ("price_entity", "power_entity")}
    )
    zoe = entry.subentries["zoe"]
    hass.config_entries.async_update_subentry(
        entry,
        zoe,
        data={**zoe.data, **{key: ids[key] for key in ("soc_entity", "departure_entity")}},
    )
    await house.async_settle()

    for key, old_id in ids.items():
        hass.states.async_remove(old_id)
        registry.async_update_entity(old_id, new_entity_id=f"sensor.new_{key}")
    coordinator = entry.runtime_data.coordinator
    await house.async_settle()
    assert entry.runtime_data.coordinator is not coordinator
    assert entry.data["price_entity"] == "sensor.new_price_entity"
    assert entry.data["power_entity"] == "sensor.new_power_entity"
    assert entry.subentries["zoe"].data["soc_entity"] == "sensor.new_soc_entity"
    assert entry.subentries["zoe"].data["departure_entity"] == "sensor.new_departure_entity"


def set_by(name: str) -> list[dict[str, Any]]:
    """Return actions that name an entity in each way there is, and others that they do not mean."""
    return [
        {"action": "input_number.set_value", "target": {"entity_id": [name]}, "data": {"value": 6}},
        {
            "action": "cloud.set",
            "target": {"device_id": "box"},
            "data": {
                "entity_id": name,
                "rows": [{"of": f"{name}, sensor.other"}],
                "value": f"{{{{ states('{name}') | int + 1.5 }}}}",
                "path": f"{name}.value",
                "longer": f"{name}_2",
            },
        },
    ]


@pytest.mark.parametrize(
    ("part", "key"),
    [
        ("garage", "limit_action"),
        ("garage", "start_action"),
        ("garage", "stop_action"),
        ("zoe", "soc_limit_action"),
    ],
)
async def test_rename_is_followed_inside_actions(
    hass: HomeAssistant, house: House, part: str, key: str
) -> None:
    old = er.async_get(hass).async_get_or_create("number", "demo", "setting").entity_id
    hass.states.async_set(old, "10")
    entry = await house.async_set_up_site()
    before = entry.subentries[part]
    hass.config_entries.async_update_subentry(entry, before, data={**before.data, key: set_by(old)})
    await house.async_settle()
    er.async_get(hass).async_update_entity(old, new_entity_id="number.renamed")
    await house.async_settle()
    await house.async_settle()
    wanted = set_by("number.renamed")
    wanted[1]["data"] |= {"path": f"{old}.value", "longer": f"{old}_2"}
    assert entry.subentries[part].data[key] == wanted
    assert issues(hass) == {}


async def test_removed_entity_of_an_action_is_missed(hass: HomeAssistant, house: House) -> None:
    entity_id = er.async_get(hass).async_get_or_create("number", "demo", "setting").entity_id
    entry = await house.async_set_up_site()
    garage = entry.subentries["garage"]
    hass.config_entries.async_update_subentry(
        entry, garage, data={**garage.data, "limit_action": set_by(entity_id)}
    )
    await house.async_settle()
    assert issues(hass) == {}
    er.async_get(hass).async_remove(entity_id)
    await house.async_settle()
    assert list(issues(hass).values()) == [{"entity": entity_id, "name": "Garage"}]


async def test_rename_just_before_a_reload_is_not_lost(hass: HomeAssistant, house: House) -> None:
    entry = await house.async_set_up_site()
    er.async_get(hass).async_update_entity(LIMIT, new_entity_id="input_number.workshop")
    await hass.config_entries.async_reload("site")
    await house.async_settle()
    assert entry.subentries["garage"].data["limit_entity"] == "input_number.workshop"
    assert "input_number.workshop" in entry.runtime_data.site.points["garage"].charger.entity_ids


async def test_other_changes_of_an_entity_do_not_matter(hass: HomeAssistant, house: House) -> None:
    entry = await house.async_set_up_site()
    coordinator = entry.runtime_data.coordinator
    er.async_get(hass).async_update_entity(LIMIT, name="Limit of the garage")
    await house.async_settle()
    assert entry.runtime_data.coordinator is coordinator
    assert entry.subentries["garage"].data == GARAGE_DATA


@pytest.mark.parametrize(
    ("entity_id", "user"),
    [(LIMIT, "Garage"), ("input_boolean.garage_charging", "Garage")],
)
async def test_removed_entity_of_a_charger_is_missed(
    hass: HomeAssistant, house: House, entity_id: str, user: str
) -> None:
    await house.async_set_up_site()
    er.async_get(hass).async_remove(entity_id)
    await house.async_settle()
    assert list(issues(hass).values()) == [{"entity": entity_id, "name": user}]


async def test_removed_entity_of_the_site_is_missed(hass: HomeAssistant, house: House) -> None:
    price = er.async_get(hass).async_get_or_create("sensor", "demo", "price").entity_id
    hass.states.async_set(price, "0.2", {"unit_of_measurement": "EUR/kWh"})
    await house.async_set_up_site(data={"price_entity": price})
    er.async_get(hass).async_remove(price)
    await house.async_settle()
    assert list(issues(hass).values()) == [{"entity": price, "name": "Home"}]


async def test_complaint_ends_when_the_entity_is_back(hass: HomeAssistant, house: House) -> None:
    """At once where it is registered again, or with the next start of the site."""
    await house.async_set_up_site()
    registry = er.async_get(hass)
    removed = registry.async_get(LIMIT)
    assert removed is not None
    registry.async_remove(LIMIT)
    await house.async_settle()
    assert len(issues(hass)) == 1
    back = registry.async_get_or_create(
        "input_number", "input_number", removed.unique_id, suggested_object_id="garage_limit"
    )
    assert back.entity_id == LIMIT
    await house.async_settle()
    assert issues(hass) == {}

    registry.async_remove(LIMIT)
    await house.async_settle()
    assert len(issues(hass)) == 1
    await hass.config_entries.async_reload("site")
    await house.async_settle()
    assert len(issues(hass)) == 1
    hass.states.async_set(LIMIT, "10", {"unit_of_measurement": "A", "min": 6, "max": 16})
    await hass.config_entries.async_reload("site")
    await house.async_settle()
    assert issues(hass) == {}


async def test_complaint_ends_when_another_entity_takes_its_place(
    hass: HomeAssistant, house: House
) -> None:
    entry = await house.async_set_up_site()
    er.async_get(hass).async_remove(LIMIT)
    await house.async_settle()
    assert len(issues(hass)) == 1
    hass.states.async_set("number.new", "10", {"unit_of_measurement": "A", "min": 6, "max": 16})
    result = await entry.start_subentry_reconfigure_flow(hass, "garage")
    await hass.config_entries.subentries.async_configure(
        result["flow_id"], {"name": "Garage", **GARAGE_DATA, "limit_entity": "number.new"}
    )
    await house.async_settle()
    assert issues(hass) == {}


async def test_complaint_ends_with_the_site(hass: HomeAssistant, house: House) -> None:
    await house.async_set_up_site()
    er.async_get(hass).async_remove("input_number.garage_limit")
    await house.async_settle()
    assert issues(hass)
    await hass.config_entries.async_remove("site")
    await house.async_settle()
    assert not issues(hass)


async def test_rename_is_followed_that_nobody_watched(hass: HomeAssistant, house: House) -> None:
    """Of the site and of a charger, while the site is unloaded; by the ids in the registry."""
    registry = er.async_get(hass)
    price = registry.async_get_or_create("sensor", "demo", "price").entity_id
    hass.states.async_set(price, "0.2", {"unit_of_measurement": "EUR/kWh"})
    entry = await house.async_set_up_site(data={"price_entity": price})
    assert await hass.config_entries.async_unload("site")
    for entity_id, name in (
        (price, "sensor.tariff"),
        (LIMIT, "input_number.workshop"),
    ):
        state = house.state(entity_id)
        hass.states.async_remove(entity_id)
        registry.async_update_entity(entity_id, new_entity_id=name)
        hass.states.async_set(name, state.state, state.attributes)
    # Another entity takes the name that became free.
    other = registry.async_get_or_create(
        "input_number", "demo", "other", suggested_object_id="garage_limit"
    )
    assert other.entity_id == LIMIT
    await hass.config_entries.async_setup("site")
    await house.async_settle()
    assert entry.state is ConfigEntryState.LOADED
    assert entry.data["price_entity"] == "sensor.tariff"
    assert entry.subentries["garage"].data["limit_entity"] == "input_number.workshop"
    assert issues(hass) == {}


async def test_disabled_entity_is_missed_until_it_is_enabled(
    hass: HomeAssistant, house: House
) -> None:
    await house.async_set_up_site()
    registry = er.async_get(hass)
    registry.async_update_entity(LIMIT, disabled_by=er.RegistryEntryDisabler.USER)
    await house.async_settle()
    named = {"entity": LIMIT, "name": "Garage"}
    assert list(issues(hass).values()) == [named]
    # So it is after a start, when nothing says so any more.
    ir.async_get(hass).async_delete(DOMAIN, next(iter(issues(hass))))
    await hass.config_entries.async_reload("site")
    await house.async_settle()
    assert list(issues(hass).values()) == [named]
    registry.async_update_entity(LIMIT, disabled_by=None)
    await house.async_settle()
    assert issues(hass) == {}


async def test_entity_that_was_removed_while_nobody_watched_is_missed(
    hass: HomeAssistant, house: House
) -> None:
    await house.async_set_up_site()
    assert await hass.config_entries.async_unload("site")
    er.async_get(hass).async_remove(LIMIT)
    await hass.async_block_till_done()
    await hass.config_entries.async_setup("site")
    await house.async_settle()
    assert list(issues(hass).values()) == [{"entity": LIMIT, "name": "Garage"}]
