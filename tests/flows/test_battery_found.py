"""What keeps the battery of a device from discharging is found: by rows, else by evidence."""

from typing import Any

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from tests.flows.charger_devices import Device
from tests.flows.charger_forms import suggested
from tests.flows.test_proposal import BATTERY, async_in_dashboard
from tests.house import CHARGERS, House

from custom_components.optivgi.bindings.house.battery_rows import BATTERY_ROWS, BatteryRow


async def filled_in(hass: HomeAssistant, power: str) -> dict[str, Any]:
    """Return what the form of a new battery has filled in of what holds and charges it."""
    await async_in_dashboard(hass, stat_rate=power)
    flow = hass.config_entries.subentries
    result = await flow.async_init(("site", "battery"), context={"source": SOURCE_USER})
    values = suggested(result["data_schema"])
    return {key: value for key, value in values.items() if key.startswith(("hold_", "charge_"))}


@pytest.mark.parametrize("row", BATTERY_ROWS, ids=lambda row: f"{row.platform} {row.entity}")
async def test_row_of_an_integration_is_filled_in(
    recorder_mock: object, hass: HomeAssistant, house: House, row: BatteryRow
) -> None:
    await house.async_set_up_site(*CHARGERS)
    entry = MockConfigEntry(domain=row.platform)
    entry.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(row.platform, "1")}, name="Inverter"
    )

    def register(name: str, **more: Any) -> str:
        domain, _, key = name.partition(".")
        found = er.async_get(hass).async_get_or_create(
            domain, row.platform, f"1_{key}", config_entry=entry, device_id=device.id, **more
        )
        return found.entity_id

    power = register("sensor.battery_power", unit_of_measurement="W")
    # Rows are before what evidence finds.
    register("select.other_mode", capabilities={"options": ["No discharge"]})
    expected: dict[str, Any] = {"hold_entity": register(row.entity)}
    for key, name in (
        ("hold_mode_entity", row.mode_entity),
        ("hold_button", row.button),
        ("charge_entity", row.charge_entity),
        ("charge_power_entity", row.charge_power),
    ):
        if name:
            expected[key] = register(name)
    values = {
        "hold_option": row.option,
        "hold_mode_option": row.mode_option,
        "hold_repeat": row.repeat_s,
        "hold_pause": row.pause_min,
        "charge_option": row.charge_option,
    }
    assert await filled_in(hass, power) == expected | {k: v for k, v in values.items() if v}


async def test_what_harms_least_is_found_first(
    recorder_mock: object, hass: HomeAssistant, house: House
) -> None:
    """Standby keeps the sun out, too; a min state of charge needs that of the battery."""
    await house.async_set_up_site(*CHARGERS)
    device = Device(hass, "Inverter", key="inverter")
    power = device.power("battery_power", "Battery power")
    device.add("sensor", "battery_level", "Battery level", state="54", **BATTERY)
    mode = device.add("select", "mode", "Mode", options=["Auto", "Standby"], state="Auto")
    assert await filled_in(hass, power) == {"hold_entity": mode, "hold_option": "Standby"}
    reserve = device.add("number", "backup_reserve", "Backup reserve", unit="%", min=0, max=100)
    assert await filled_in(hass, power) == {"hold_entity": reserve}
    device.add("number", "max_charging_current", "Max charging current", unit="A", min=0, max=99)
    limit = device.add("number", "max_discharge", "Max discharging current", unit="A", max=99)
    assert await filled_in(hass, power) == {"hold_entity": limit}
    strategy = device.add(
        "select", "strategy", "Strategy", options=["Self-use", "Charge only"], state="Self-use"
    )
    found = {"hold_entity": strategy, "hold_option": "Charge only"}
    assert await filled_in(hass, power) == found


async def test_row_may_stand_at_another_device_of_the_integration(
    recorder_mock: object, hass: HomeAssistant, house: House
) -> None:
    """The battery shows how full it is, its inverter is what is set; one cut-off is no reserve."""
    await house.async_set_up_site(*CHARGERS)
    battery = Device(hass, "Batteries", key="batteries", platform="huawei_solar")
    inverter = Device(hass, "Inverter", key="inverter", platform="huawei_solar")
    power = battery.power("storage_charge_discharge_power", "Charge/discharge power")
    percent = {"unit": "%", "state": "15"}
    battery.add("number", "storage_discharging_cutoff_capacity", "Cutoff", min=0, max=20, **percent)
    battery.add("number", "storage_charging_cutoff_capacity", "End", min=90, max=100, **percent)
    assert await filled_in(hass, power) == {}
    key = "storage_maximum_discharging_power"
    limit = inverter.add("number", key, "Max power", unit="W")
    assert await filled_in(hass, power) == {"hold_entity": limit}
    other = Device(hass, "Second", key="second", platform="huawei_solar")
    other.add("number", key, "Max power", unit="W")
    assert await filled_in(hass, power) == {}, "which of two nobody knows"
