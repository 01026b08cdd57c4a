"""Setting a site up, letting go of it, and removing it."""

import asyncio
from datetime import timedelta
import logging
import threading
from typing import Any

from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState, ConfigSubentry
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.optivgi.const import DOMAIN
from tests.house import CARPORT_DATA, CHARGERS, GRID, PRICE, SITE_DATA, VEHICLES, House, subentry


async def test_unload_leaves_nothing_behind(hass: HomeAssistant, house: House) -> None:
    before = hass.bus.async_listeners()
    entry = await house.async_set_up_site()
    await house.async_plug_in("garage")
    assert await hass.config_entries.async_unload("site")
    await house.async_settle()
    assert entry.state is ConfigEntryState.NOT_LOADED
    ours = er.async_entries_for_config_entry(er.async_get(hass), "site")
    assert {
        state.state for entity in ours if (state := hass.states.get(entity.entity_id)) is not None
    } == {"unavailable"}

    # Nothing is done any more, whatever happens.
    calls = async_capture_events(hass, "call_service")
    house.set_power(GRID, 30_000)
    house.set_soc("zoe", 10)
    for _ in range(4):
        await house.async_advance(timedelta(minutes=15))
    assert calls == []
    after = hass.bus.async_listeners()
    assert {name: after.get(name, 0) for name in ("state_changed", "state_reported")} == {
        name: before.get(name, 0) for name in ("state_changed", "state_reported")
    }

    assert await hass.config_entries.async_setup("site")
    await house.async_settle()
    assert house.state("select.garage_mode").state == "smart"


async def test_removal_deletes_what_was_remembered(
    hass: HomeAssistant, house: House, hass_storage: dict[str, Any]
) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    await house.async_select("input_select.garage_status", "charging")
    await house.async_advance(timedelta(seconds=10))
    assert "optivgi.site" in hass_storage
    await hass.config_entries.async_remove("site")
    await house.async_settle()
    await house.async_advance(timedelta(minutes=1))
    assert "optivgi.site" not in hass_storage
    assert er.async_entries_for_config_entry(er.async_get(hass), "site") == []
    assert dr.async_entries_for_config_entry(dr.async_get(hass), "site") == []


async def test_prices_that_are_not_there_yet_do_not_keep_a_site_from_starting(
    hass: HomeAssistant, house: House
) -> None:
    """It plans without them and says so, and takes them when they come."""
    hass.states.async_set(PRICE, "unavailable")
    entry = await house.async_set_up_site()
    assert entry.state is ConfigEntryState.LOADED
    await house.async_plug_in("garage")
    schedule = await house.async_schedule()
    assert PRICE in schedule["site"]["price_error"]
    assert all(price["estimated"] for price in schedule["prices"])
    assert house.state("sensor.garage_status").state == "starting"
    assert house.state("sensor.garage_planned_cost").state == "unknown"
    assert house.state("sensor.home_planned_cost").state == "unknown"

    house.set_hourly_prices([0.30] * 26 + [0.10] * 4 + [0.30] * 18)
    await house.async_settle()
    schedule = await house.async_schedule()
    assert schedule["site"]["price_error"] is None
    assert house.state("sensor.garage_status").state == "waiting"


@pytest.mark.parametrize("turns", [0, 1, 2, 5, 10, 20, 40, 80])
async def test_stop_during_a_reload_ends_the_solver(
    hass: HomeAssistant, house: House, turns: int
) -> None:
    """Wherever Home Assistant stops: a thread left behind would keep it from ending."""
    entry = await house.async_set_up_site()
    await house.async_plug_in("garage")
    hass.config_entries.async_schedule_reload(entry.entry_id)
    for _ in range(turns):
        await asyncio.sleep(0)
    await hass.async_stop(force=True)
    solvers = [thread for thread in threading.enumerate() if "optivgi" in thread.name]
    for solver in solvers:
        solver.join(timeout=5)
        assert not solver.is_alive()


@pytest.mark.parametrize("turns", [0, 1, 5, 20, 80])
async def test_reload_during_a_plan_is_no_error(
    hass: HomeAssistant, house: House, turns: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Wherever the plan has come to."""
    entry = await house.async_set_up_site()
    await house.async_plug_in("garage")
    plan = hass.async_create_task(
        hass.services.async_call(DOMAIN, "reschedule", {}, blocking=True, return_response=True)
    )
    for _ in range(turns):
        await asyncio.sleep(0)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await asyncio.gather(plan, return_exceptions=True)
    await house.async_settle()
    assert entry.state is ConfigEntryState.LOADED
    assert house.state("sensor.garage_status").state in {"charging", "starting", "waiting"}
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_implausible_price_source_is_a_setup_error(hass: HomeAssistant, house: House) -> None:
    entry = MockConfigEntry(
        domain=DOMAIN, data={**SITE_DATA, "price_source": "time_of_use", "time_of_use": []}
    )
    entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "price_rows_missing"
    await hass.config_entries.async_remove(entry.entry_id)


async def test_charger_that_is_removed_takes_its_device_along(
    hass: HomeAssistant, house: House
) -> None:
    entry = await house.async_set_up_site()
    assert hass.config_entries.async_remove_subentry(entry, "carport")
    await house.async_settle()
    assert hass.states.get("select.carport_mode") is None
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), "site")
    assert {device.name for device in devices} == {"Home", "Garage", "Zoe", "Leaf"}
    assert house.state("select.garage_mode").state == "smart"


async def test_what_is_added_during_the_set_up_is_not_missed(
    hass: HomeAssistant, house: House
) -> None:
    """People add cars one after the other; each one sets the site up again, which takes a while."""
    entry = await house.async_set_up_site(CHARGERS[0], VEHICLES[0])
    seen: list[ConfigEntryState] = []

    @callback
    def add_another(_: Event) -> None:
        if not seen:
            seen.append(entry.state)
            hass.config_entries.async_add_subentry(entry, ConfigSubentry(**CHARGERS[1]))

    await hass.config_entries.async_unload(entry.entry_id)
    forget = async_track_state_change_event(hass, ["select.garage_mode"], add_another)
    await hass.config_entries.async_setup(entry.entry_id)
    await house.async_settle()
    forget()
    assert seen == [ConfigEntryState.SETUP_IN_PROGRESS]
    assert entry.state is ConfigEntryState.LOADED
    assert house.state("select.carport_mode").state == "smart"


async def test_charger_that_is_added_needs_no_restart(hass: HomeAssistant, house: House) -> None:
    entry = await house.async_set_up_site(subentry("carport", "charger", "Carport", CARPORT_DATA))
    assert hass.states.get("select.garage_mode") is None
    data = {"limit_entity": "input_number.garage_limit", "phases": "3", "min_a": 6, "max_a": 16}
    flow = await hass.config_entries.subentries.async_init(
        ("site", "charger"), context={"source": "user"}
    )
    await hass.config_entries.subentries.async_configure(flow["flow_id"], {})
    await hass.config_entries.subentries.async_configure(
        flow["flow_id"],
        {"name": "Garage", **data, "switch_entity": "input_boolean.garage_charging"},
    )
    await house.async_settle()
    assert entry.state is ConfigEntryState.LOADED
    assert house.state("select.garage_mode").state == "smart"


@pytest.mark.parametrize(("identifier", "removable"), [("garage", False), ("gone", True)])
async def test_only_devices_without_a_charger_can_be_removed(
    hass: HomeAssistant,
    house: House,
    hass_ws_client: WebSocketGenerator,
    identifier: str,
    *,
    removable: bool,
) -> None:
    assert await async_setup_component(hass, "config", {})
    await house.async_set_up_site()
    registry = dr.async_get(hass)
    if removable:
        registry.async_get_or_create(config_entry_id="site", identifiers={(DOMAIN, identifier)})
    device = registry.async_get_device_by_identifier((DOMAIN, identifier), "site")
    assert device is not None
    client = await hass_ws_client(hass)
    response = await client.remove_device(device.id)
    assert response["success"] is removable
    assert (registry.async_get(device.id) is None) is removable


async def test_disabled_site_leaves_a_charging_car_with_a_safe_limit(
    hass: HomeAssistant, house: House
) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    house.set_power("sensor.garage_power", 11000)
    house.set_power(GRID, 11500)
    await house.async_select("input_select.garage_status", "charging")
    assert house.value("input_number.garage_limit") == 16
    await hass.config_entries.async_set_disabled_by("site", ConfigEntryDisabler.USER)
    await house.async_settle()
    assert house.value("input_number.garage_limit") == 6


async def test_removed_site_leaves_its_charger_with_a_safe_limit(
    hass: HomeAssistant, house: House
) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    assert house.garage_kw == pytest.approx(11.04)
    await hass.config_entries.async_remove("site")
    await house.async_settle()
    assert house.garage_kw == pytest.approx(4.14)


async def test_removed_charger_is_left_with_a_safe_limit(hass: HomeAssistant, house: House) -> None:
    entry = await house.async_set_up_site()
    await house.async_plug_in("garage")
    assert house.garage_kw == pytest.approx(11.04)
    hass.config_entries.async_remove_subentry(entry, "garage")
    await house.async_settle()
    assert house.garage_kw == pytest.approx(4.14)
