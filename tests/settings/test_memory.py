"""The memory: settings and sessions on disk, in a form that the next start understands."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import reduce
import json
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, flush_store
from tests.house import CHARGERS, GRID, SITE_DATA, VEHICLES, ZOE_DATA, House, subentry

from custom_components.optivgi.settings.memory import MemoryStore

KEY = "optivgi.site"


def stored(data: dict[str, Any]) -> dict[str, Any]:
    """Return a file as it lies in the storage."""
    return {"version": 1, "minor_version": 1, "key": KEY, "data": data}


async def test_settings_are_written_within_seconds(
    hass: HomeAssistant, house: House, hass_storage: dict[str, Any]
) -> None:
    await house.async_set_up_site()
    await house.async_select("select.garage_mode", "now")
    await house.async_advance(timedelta(seconds=10))
    assert hass_storage[KEY]["data"]["chargers"]["garage"]["mode"] == "now"
    assert hass_storage[KEY]["data"]["vehicles"]["zoe"]["configured"] == [80, "07:00:00"]


async def test_session_goes_on_after_a_restart(
    hass: HomeAssistant, house: House, hass_storage: dict[str, Any]
) -> None:
    """What was charged before counts; the car has not been plugged in again."""
    hass_storage[KEY] = stored(
        {
            "chargers": {"garage": {"vehicle_id": None, "vehicle_selected": True}},
            "sessions": {
                "garage": {"plugged_at": "2026-11-20T17:00:00Z", "delivered_kwh": 10.0},
            },
        }
    )
    await hass.services.async_call(
        "input_select",
        "select_option",
        {"entity_id": "input_select.garage_status", "option": "awaiting_start"},
        blocking=True,
    )
    await house.async_set_up_site()
    # 20 kWh are to be added to a guest's battery, 9 of them are there.
    assert house.value("sensor.garage_planned_energy") == pytest.approx(11 / 0.9, abs=0.2)
    assert house.state("sensor.garage_status").attributes["delivered_kwh"] == 10


async def test_energy_drawn_is_counted_by_the_meter(
    hass: HomeAssistant, house: House, hass_storage: dict[str, Any]
) -> None:
    entry = await house.async_set_up_site()
    await house.async_plug_in("garage")
    house.set_power("sensor.garage_power", 6000)
    house.set_power(GRID, 6500)
    await house.async_select("input_select.garage_status", "charging")
    for _ in range(6):
        await house.async_advance(timedelta(minutes=5))
    assert house.state("sensor.garage_status").attributes["delivered_kwh"] == pytest.approx(
        3, abs=0.1
    )
    await flush_store(entry.runtime_data.site.store._store)
    session = hass_storage[KEY]["data"]["sessions"]["garage"]
    assert session["delivered_kwh"] == pytest.approx(3, abs=0.1)


async def test_value_that_cannot_be_understood_costs_only_itself(
    house: House, hass_storage: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    hass_storage[KEY] = stored(
        {
            "chargers": {"garage": {"mode": "warp", "energy_kwh": 12.5, "vehicle_id": None}},
            # What is not finite is written as null.
            "vehicles": {
                "zoe": {"target_soc": None, "min_soc": 30, "configured": [90, "07:00:00"]},
                "leaf": {"target_soc": 65, "configured": [90, "06:30:00"]},
            },
        }
    )
    data = {**ZOE_DATA, "target_soc": 90}
    await house.async_set_up_site(*CHARGERS, subentry("zoe", "vehicle", "Zoe", data), VEHICLES[1])
    assert house.state("select.garage_mode").state == "smart"
    assert house.value("number.garage_target") == 90, "as configured"
    assert house.value("number.garage_charge_at_once_up_to") == 30
    assert house.value("number.carport_target") == 65
    await house.async_select("select.garage_vehicle", "guest")
    assert house.value("number.garage_energy_to_add") == 12.5
    assert caplog.text.count("could not be read") == 1
    assert "chargers.garage.mode, vehicles.zoe.target_soc" in caplog.text


async def test_file_that_is_no_memory_at_all_is_left_behind(
    house: House, hass_storage: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    hass_storage[KEY] = {**stored({}), "data": [{"chargers": {}}]}
    await house.async_set_up_site()
    assert house.state("select.garage_mode").state == "smart"
    assert "could not be read" in caplog.text


def leaves(data: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the path of each value that is no mapping."""
    if not isinstance(data, dict):
        yield path
        return
    for key, value in data.items():
        yield from leaves(value, (*path, key))


def part(data: dict[str, Any], path: Iterable[str]) -> Any:
    """Return what is at a path; None where nothing is."""
    return reduce(lambda found, key: (found or {}).get(key), path, data)


SAID = {"at": "2026-11-21T07:00:00Z", "source": "once", "target_soc": 70.0}
FULL_MEMORY = {
    "chargers": {
        "garage": {
            "mode": "solar_only",
            "vehicle_id": "zoe",
            "vehicle_selected": True,
            "vehicle_identified": True,
            "energy_kwh": 12.5,
            "departure": "05:45:00",
            "numbers_left": ["number.box"],
            "once": SAID,
        }
    },
    "vehicles": {
        "zoe": {
            "target_soc": 65.0,
            "departure": "05:45:00",
            "min_soc": 30.0,
            "configured": [80.0, "07:00:00"],
            "once": SAID,
        }
    },
    "histories": {
        "zoe": {
            "track": {"soc": 40.0, "at": "2026-11-20T17:00:00Z", "seen": 41.0},
            "efficiency": {"configured": 0.9, "value": 0.88, "sessions": 3},
            "left_at": "2026-11-20T07:00:00Z",
            "left_soc": 80.0,
            "sighting": {"presence": "plugged", "since": "2026-11-20T17:00:00Z"},
        }
    },
    "sessions": {
        "garage": {
            "plugged_at": "2026-11-20T17:00:00Z",
            "departure": "2026-11-21T06:00:00Z",
            "departure_said": SAID,
            "delivered_kwh": 3.0,
            "energy_kwh": 9.0,
            "soc": 40.0,
            "delivered_at_soc_kwh": 1.0,
            "soc_told": 40.0,
            "soc_typed_at": "2026-11-20T17:00:00Z",
            "learn_from": {"soc": 40.0, "drawn_kwh": 1.0},
            "ready_for": [80.0, "07:00:00"],
            "held": True,
        }
    },
    "meter": {"interval_s": 10.0, "reports": 99},
    "phases": {"L1": {"interval_s": 10.0, "reports": 99}},
    "reservations": {
        "r1": {
            "id": "r1",
            "name": "Guest",
            "arrival": "2026-11-21T17:00:00Z",
            "departure": "2026-11-22T07:00:00Z",
            "energy_kwh": 20.0,
        }
    },
}


async def test_each_bad_value_leaves_all_others(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    async def loaded(data: dict[str, Any]) -> dict[str, Any]:
        hass_storage[KEY] = stored(data)
        store = MemoryStore(hass, "site")
        await store.async_load()
        await store.async_save()
        return dict(hass_storage[KEY]["data"])

    whole = await loaded(FULL_MEMORY)
    assert all(part(whole, path) == part(FULL_MEMORY, path) for path in leaves(FULL_MEMORY))
    for bad_path in leaves(FULL_MEMORY):
        data = json.loads(json.dumps(FULL_MEMORY))
        part(data, bad_path[:-1])[bad_path[-1]] = {"what": "is this?"}
        kept = await loaded(data)
        lost = {path for path in leaves(whole) if part(kept, path) != part(whole, path)}
        assert bad_path in lost
        # What makes no sense without the value goes with it, and nothing else.
        assert {path[:2] for path in lost} == {bad_path[:2]}, bad_path
        assert len(lost) == 1 or all(path[:-1] == bad_path[:-1] for path in lost), bad_path


async def test_what_is_unknown_in_a_file_does_no_harm(
    house: House, hass_storage: dict[str, Any]
) -> None:
    """A later version may have written it, and vehicles may have been removed since."""
    hass_storage[KEY] = stored(
        {
            "chargers": {"garage": {"mode": "off", "vehicle_id": "sold", "colour": "red"}},
            "sessions": {"gone": {}},
        }
    )
    await house.async_set_up_site()
    assert house.state("select.garage_mode").state == "off"
    assert house.state("select.garage_vehicle").state == "Zoe"


async def test_what_a_newer_version_has_stored_is_left_to_it(
    hass: HomeAssistant, house: House, hass_storage: dict[str, Any]
) -> None:
    kept = {**stored({"chargers": {"garage": {"mode": "now"}}}), "version": 99}
    hass_storage[KEY] = kept
    entry = MockConfigEntry(
        domain="optivgi", entry_id="site", title="Home", data=SITE_DATA, subentries_data=[*CHARGERS]
    )
    entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "memory_too_new"
    await house.async_settle()
    assert hass_storage[KEY] == kept
