"""The memory: settings and sessions on disk, in a form that the next start understands."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import flush_store
from tests.house import GRID, House

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
    """What was charged before counts; the car has not been plugged in anew."""
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


async def test_file_that_cannot_be_understood_is_left_behind(
    house: House, hass_storage: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    hass_storage[KEY] = stored({"chargers": {"garage": {"mode": "warp"}}})
    await house.async_set_up_site()
    assert house.state("select.garage_mode").state == "smart"
    assert "Settings could not be read and start anew" in caplog.text


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
