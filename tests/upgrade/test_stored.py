"""What a version has stored is loaded with all settings, and with the same entities.

The files of each version stand in a folder of tests/fixtures, whose README tells how they come to
be there. They are read as Home Assistant reads them when it starts.
"""

from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.bootstrap import async_load_base_functionality
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_RESTORED
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest

from custom_components.optivgi.const import DOMAIN
from tests.upgrade.outside import async_offer_actions
from tests.upgrade.sites import RENAMED, STEP, Sites
from tests.upgrade.stored import FIXTURES, Stored, async_end, differences, settings_of

FOLDERS = sorted(FIXTURES.glob("[0-9]*"))


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name)
def stored(request: pytest.FixtureRequest) -> Stored:
    """Return what a version has stored."""
    folder: Path = request.param
    return Stored.read(folder)


@pytest.fixture
async def sites(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    freezer: FrozenDateTimeFactory,
    stored: Stored,
) -> Sites:
    """Start Home Assistant on it, at the moment when it was written."""
    freezer.move_to(stored.now)
    hass_storage.update(stored.files)
    await hass.config.async_set_time_zone("Europe/Amsterdam")
    hass.config.currency = "EUR"
    assert await async_load_base_functionality(hass)
    await async_offer_actions(hass)
    for state in stored.states:
        hass.states.async_set(
            state["entity_id"], state["state"], state["attributes"], timestamp=state["timestamp"]
        )
    assert await async_setup_component(hass, DOMAIN, {})
    await hass.async_block_till_done(wait_background_tasks=True)
    return Sites(hass, freezer)


async def test_every_entity_is_there_under_its_id(
    hass: HomeAssistant, sites: Sites, stored: Stored
) -> None:
    registry = er.async_get(hass)
    for entity in stored.entities:
        now = registry.async_get(entity["entity_id"])
        assert now is not None, entity["entity_id"]
        assert now.unique_id == entity["unique_id"], entity["entity_id"]
        if entity["disabled_by"] is None:
            state = hass.states.get(entity["entity_id"])
            assert state is not None, entity["entity_id"]
            # Else it is only remembered by the registry, and nobody provides it any more.
            assert ATTR_RESTORED not in state.attributes, entity["entity_id"]


async def test_every_setting_shows(hass: HomeAssistant, sites: Sites, stored: Stored) -> None:
    shown = {
        entity_id: state.state
        for entity_id in stored.settings
        if (state := hass.states.get(entity_id)) is not None
    }
    assert not list(differences(stored.settings, shown))


async def test_all_that_is_remembered_is_stored_again(
    hass: HomeAssistant, hass_storage: dict[str, Any], sites: Sites, stored: Stored
) -> None:
    again = await async_end(hass, hass_storage, dt_util.utcnow())
    assert not list(differences(stored.entries, again.entries))
    for entry_id in stored.entries:
        key = f"{DOMAIN}.{entry_id}"
        assert not list(differences(stored.files[key]["data"], again.files[key]["data"]))


async def test_forms_have_every_setting_filled_in(
    hass: HomeAssistant, sites: Sites, stored: Stored
) -> None:
    """Who opens a form and submits it as it is changes nothing."""
    for entry in hass.config_entries.async_entries(DOMAIN):
        before = settings_of(stored.entries[entry.entry_id])
        await sites.forms.async_reopen(entry)
        assert not list(differences(before, settings_of(entry.as_dict())))
        await sites.async_pass(STEP)
        assert entry.state is ConfigEntryState.LOADED


async def test_what_came_later_can_be_set_and_is_kept(
    hass: HomeAssistant, hass_storage: dict[str, Any], sites: Sites, stored: Stored
) -> None:
    """An energy meter of a charger, and that a site is only observed."""
    entries = {entry.title: entry for entry in hass.config_entries.async_entries(DOMAIN)}
    home, workshop = entries["Home"], entries["Workshop"]
    garage = next(one for one in home.subentries.values() if one.title == "Garage")
    attributes = {"unit_of_measurement": "kWh", "device_class": "energy"}
    sites.outside.set({"sensor.garage_total": ("1200.5", attributes)})
    await sites.forms.async_change(home, garage, {"energy_entity": "sensor.garage_total"})
    (control,) = (
        entity.entity_id
        for entity in er.async_entries_for_config_entry(er.async_get(hass), workshop.entry_id)
        if entity.unique_id == f"{workshop.entry_id}_control"
    )
    data = {"entity_id": control, "option": "observe"}
    await hass.services.async_call("select", "select_option", data, blocking=True)
    await sites.async_pass(STEP)
    again = await async_end(hass, hass_storage, dt_util.utcnow())
    (kept,) = (
        one
        for one in again.entries[home.entry_id]["subentries"]
        if one["subentry_id"] == garage.subentry_id
    )
    assert kept["data"]["energy_entity"] == "sensor.garage_total"
    assert not list(differences(dict(garage.data), kept["data"]))
    assert again.entries[workshop.entry_id]["options"]["observe_only"] is True
    for entry in (home, workshop):
        assert await hass.config_entries.async_setup(entry.entry_id)
    state = hass.states.get(control)
    assert state is not None
    assert state.state == "observe"


async def test_same_house_set_up_today_has_the_same_settings_and_entities(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    freezer: FrozenDateTimeFactory,
    stored: Stored,
) -> None:
    """What is written about one house is true of the other."""
    assert await async_load_base_functionality(hass)
    await Sites(hass, freezer).async_set_up()
    today = await async_end(hass, hass_storage, dt_util.utcnow())
    before, after = stored.named(stored.entity_ids), today.named(today.entity_ids)
    assert not list(differences(before, after | RENAMED))
    before, after = (
        {
            name: data
            for entry in one.entries.values()
            for name, data in one.named(settings_of(entry)).items()
        }
        for one in (stored, today)
    )
    # No sun is forecast where nobody answers for a server.
    assert before["Home"].pop("solar_forecasts") == ["Roof"]
    assert not list(differences(before, after))
