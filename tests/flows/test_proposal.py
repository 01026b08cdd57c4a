"""Adding the integration to a house where a charger is: everything is proposed on one page."""

from collections.abc import AsyncGenerator
from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from tests.flows.charger_devices import Device, peblar, wallbox
from tests.flows.charger_forms import suggested
from tests.house import PRICE, House, subentry

from custom_components.optivgi.const import DOMAIN

FOUND = "found"
BATTERY: dict[str, Any] = {"unit": "%", "device_class": "battery"}


@pytest.fixture(autouse=True)
async def _house(house: House) -> AsyncGenerator[None]:
    """Let every flow of this module run in a house, and what it sets up come to its end."""
    yield
    await house.async_settle()


def meter(hass: HomeAssistant) -> dict[str, str]:
    """Register a meter that has a sensor of imports and one of exports, and its phases."""
    device = Device(hass, "Smart meter", key="meter")
    found = {
        "power_entity": device.power("current_electricity_usage", "Power consumption"),
        "export_power_entity": device.power("current_electricity_delivery", "Power production"),
    }
    device.power("maximum_demand", "Maximum power consumption")
    for phase in (1, 2, 3):
        device.add("sensor", f"voltage_l{phase}", f"Voltage phase L{phase}", unit="V", state="230")
        device.power(f"returned_l{phase}", f"Power production phase L{phase}")
        found[f"l{phase}_entity"] = device.power(
            f"used_l{phase}", f"Power consumption phase L{phase}"
        )
    return found


async def start(hass: HomeAssistant) -> ConfigFlowResult:
    """Open the flow."""
    return await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})


async def enter(hass: HomeAssistant, result: ConfigFlowResult, entered: Any) -> ConfigFlowResult:
    """Submit what a flow shows."""
    return await hass.config_entries.flow.async_configure(result["flow_id"], entered)


async def page(hass: HomeAssistant) -> ConfigFlowResult:
    """Go to the page that proposes all."""
    result = await start(hass)
    assert (result["type"], result["menu_options"]) == (FlowResultType.MENU, ["house", "site"])
    result = await enter(hass, result, {"next_step_id": "house"})
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "house")
    return result


def proposed(result: ConfigFlowResult) -> dict[str, str]:
    """Return what the page proposes: its lines by what they are chosen by."""
    assert result["data_schema"] is not None
    options = result["data_schema"].schema[FOUND].config["options"]
    return {option["value"]: option["label"] for option in options}


def kinds(result: ConfigFlowResult) -> list[str]:
    """Return of what kinds the lines are."""
    return [key.partition(":")[0] for key in proposed(result)]


async def test_whole_house_is_taken_with_the_fuse_alone(hass: HomeAssistant, house: House) -> None:
    device, wanted = peblar(hass)
    sensors = meter(hass)
    result = await page(hass)
    assert kinds(result) == ["prices", "meter", "charger"]
    prices, grid, charger = proposed(result).values()
    assert "0.3 to 0.3 EUR/kWh" in prices
    assert "three phases" in grid
    assert charger.startswith("Peblar EV Charger (")
    assert "charge limit" in charger
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert f"`{wanted['status_entity']}`" in placeholders["evidence"]
    assert f"\n- Chargers\n  - {charger}" in placeholders["found"]
    everything = list(proposed(result))
    result = await enter(
        hass, result, {"name": "Home", "fuse_a": 25, "phases": "3", FOUND: everything}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert "next_flow" not in result
    await house.async_settle()
    entry = result["result"]
    assert entry.state is ConfigEntryState.LOADED
    assert {key: entry.data.get(key) for key in sensors} == sensors
    assert entry.data["price_entity"] == PRICE
    (part,) = entry.subentries.values()
    assert part.title == device.name
    assert {key: part.data[key] for key in wanted} == wanted
    assert hass.states.get("select.peblar_ev_charger_mode") is not None


def car(hass: HomeAssistant, name: str) -> Device:
    """Register a car, which may have a limit of its own as a charger has."""
    device = Device(hass, name, key=name)
    device.add("sensor", "battery_level", "Battery level", state="54", **BATTERY)
    device.add("binary_sensor", "plugged_in", "Plugged in", device_class="plug", state="on")
    device.add("number", "charging_amps", "Charging amps", unit="A", min=5, max=32)
    device.add("sensor", "charging_state", "Charging state", state="Charging")
    return device


def phone(hass: HomeAssistant) -> None:
    """Register what has a battery, and says whether it charges."""
    device = Device(hass, "Pixel", key="phone", manufacturer="Google")
    device.add("sensor", "battery_level", "Battery level", state="80", **BATTERY)
    device.add("sensor", "battery_state", "Battery state", state="charging")
    device.add("binary_sensor", "is_charging", "Is charging", device_class="plug", state="on")


async def test_cars_are_asked_how_much_they_hold(hass: HomeAssistant, house: House) -> None:
    peblar(hass)
    car(hass, "Zoe")
    full = car(hass, "Kia")
    kwh = {"unit": "kWh", "device_class": "energy_storage"}
    full.add("sensor", "battery_capacity", "Battery capacity", state="77.4", **kwh)
    result = await page(hass)
    assert kinds(result) == ["prices", "charger", "vehicle", "vehicle"]
    site = {"name": "Home", "fuse_a": 25, "phases": "3", FOUND: list(proposed(result))}
    result = await enter(hass, result, site)
    assert (result["step_id"], result["description_placeholders"]) == ("car", {"car": "Zoe"})
    result = await enter(hass, result, {"battery_kwh": 41})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()
    cars = {part.title: part for part in result["result"].get_subentries_of_type("vehicle")}
    assert {name: part.data["battery_kwh"] for name, part in cars.items()} == {
        "Zoe": 41,
        "Kia": 77.4,
    }
    assert cars["Zoe"].data["soc_entity"] == "sensor.zoe_battery_level"
    assert result["result"].state is ConfigEntryState.LOADED


async def test_phone_is_no_car(hass: HomeAssistant) -> None:
    peblar(hass)
    phone(hass)
    assert kinds(await page(hass)) == ["prices", "charger"]


async def test_what_is_left_out_is_not_set_up(hass: HomeAssistant, house: House) -> None:
    peblar(hass)
    meter(hass)
    result = await page(hass)
    chosen = [key for key in proposed(result) if not key.startswith("meter")]
    site = {"name": "Home", "fuse_a": 25, "phases": "3"}
    result = await enter(hass, result, {**site, FOUND: chosen})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert "power_entity" not in result["data"]


async def test_a_site_needs_a_charger(hass: HomeAssistant) -> None:
    peblar(hass)
    result = await page(hass)
    chosen = [key for key in proposed(result) if key.startswith("prices")]
    site = {"name": "Home", "fuse_a": 25, "phases": "3"}
    result = await enter(hass, result, {**site, FOUND: chosen})
    assert result["errors"] == {FOUND: "charger_left_out"}


@pytest.mark.parametrize("found", [True, False])
async def test_prices_can_be_left_for_later(
    hass: HomeAssistant, house: House, *, found: bool
) -> None:
    """Where they were found, they are not ticked; where not, the price is left empty."""
    if not found:
        hass.states.async_remove(PRICE)
    peblar(hass)
    result = await page(hass)
    chosen = [key for key in proposed(result) if key.startswith("charger")]
    site = {"name": "Home", "fuse_a": 25, "phases": "3"}
    result = await enter(hass, result, {**site, FOUND: chosen})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"]["price_source"] == "later"
    await house.async_settle()
    assert ir.async_get(hass).async_get_issue(
        "optivgi", f"price_missing_{result['result'].entry_id}"
    )


async def test_fuse_is_asked_for(hass: HomeAssistant) -> None:
    peblar(hass)
    result = await page(hass)
    site = {"name": "Home", "phases": "3", FOUND: list(proposed(result))}
    result = await enter(hass, result, site)
    assert result["errors"] == {"fuse_a": "limit_missing"}
    result = await enter(hass, result, {**site, "fuse_a": 25})
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_price_is_asked_for_where_none_was_found(hass: HomeAssistant) -> None:
    hass.states.async_remove(PRICE)
    peblar(hass)
    result = await page(hass)
    assert kinds(result) == ["charger"]
    site = {"name": "Home", "fuse_a": 25, "phases": "1", "price": 0.31}
    result = await enter(hass, result, {**site, FOUND: list(proposed(result))})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert (result["data"]["price_source"], result["data"]["price"]) == ("constant", 0.31)
    (part,) = result["result"].subentries.values()
    # No more phases than the connection has.
    assert part.data["phases"] == "1"


async def test_charger_of_another_site_is_not_proposed_again(
    hass: HomeAssistant, house: House
) -> None:
    wallbox(hass)
    result = await page(hass)
    site = {"name": "Home", "fuse_a": 25, "phases": "3", FOUND: list(proposed(result))}
    result = await enter(hass, result, site)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()
    result = await start(hass)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "site")


async def test_import_of_a_charger_is_not_that_of_the_house(hass: HomeAssistant) -> None:
    """A charge point reports what it draws by that name."""
    device, _ = peblar(hass)
    device.power("power_active_import", "Power active import")
    assert "meter" not in kinds(await page(hass))


async def test_import_of_a_charger_of_another_site_is_not_that_of_the_house(
    hass: HomeAssistant, house: House
) -> None:
    device, wanted = peblar(hass)
    imported = device.power("power_active_import", "Power active import")
    charger = {**wanted, "phases": "3", "min_a": 6, "max_a": 16}
    await house.async_set_up_site(subentry("box", "charger", "Box", charger))
    result = await start(hass)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "site")
    assert imported not in suggested(result["data_schema"]).values()


async def test_charger_that_is_only_switched_is_not_proposed_again(
    hass: HomeAssistant, house: House
) -> None:
    """Its switch is another site's; a limit that it has got since is nobody's yet."""
    _, wanted = peblar(hass)
    only = {key: wanted[key] for key in ("switch_entity", "status_entity")}
    charger = subentry("box", "charger", "Box", {**only, "phases": "3", "min_a": 6, "max_a": 16})
    await house.async_set_up_site(charger)
    result = await start(hass)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "site")


async def async_in_dashboard(hass: HomeAssistant, **known: Any) -> None:
    """Let the energy dashboard have a home battery."""
    from homeassistant.components.energy.data import async_get_manager  # noqa: PLC0415

    assert await async_setup_component(hass, "energy", {})
    battery = {
        "type": "battery",
        "stat_energy_from": "sensor.battery_out",
        "stat_energy_to": "sensor.battery_in",
        **known,
    }
    manager = await async_get_manager(hass)
    await manager.async_update({"energy_sources": [battery]})  # type: ignore[typeddict-item]


async def test_home_battery_of_which_little_is_known_is_only_mentioned(
    recorder_mock: object, hass: HomeAssistant, house: House
) -> None:
    await async_in_dashboard(hass)
    peblar(hass)
    result = await start(hass)
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert "sensor.battery_out; something is missing" in placeholders["found"]
    result = await enter(hass, result, {"next_step_id": "house"})
    assert kinds(result) == ["prices", "charger"]


async def test_home_battery_of_the_dashboard_is_taken(
    recorder_mock: object, hass: HomeAssistant, house: House
) -> None:
    device = Device(hass, "Power wall", key="wall")
    power = device.power("battery_power", "Battery power")
    soc = device.add("sensor", "battery_level", "Battery level", state="54", **BATTERY)
    limit = {"unit": "W", "device_class": "power", "min": 0, "max": 4600, "state": "2000"}
    number = device.add("number", "max_discharge", "Maximum discharging power", **limit)
    await async_in_dashboard(hass, stat_rate=power, stat_soc=soc, capacity=9.8)
    peblar(hass)
    result = await page(hass)
    assert kinds(result) == ["prices", "charger", "battery"]
    line = list(proposed(result).values())[-1]
    assert line.startswith("Home battery: Power wall (")
    assert "battery power" in line
    assert "battery level" in line
    site = {"name": "Home", "fuse_a": 25, "phases": "3", FOUND: list(proposed(result))}
    result = await enter(hass, result, site)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()
    (battery,) = result["result"].get_subentries_of_type("battery")
    assert battery.title == "Power wall"
    assert battery.data == {
        "power_entity": power,
        # The dashboard counts discharging as positive.
        "power_inverted": True,
        "soc_entity": soc,
        "capacity_kwh": 9.8,
        # Half of the capacity an hour where nothing says more.
        "max_charge_kw": 4.9,
        "max_discharge_kw": 4.6,
        "reserve_soc": 10,
        "max_soc": 100,
        "planned_by": "itself",
        # What could hold it, which nothing does unless a person wants that.
        "hold_entity": number,
    }
    assert hass.states.get("binary_sensor.power_wall_hold_battery") is not None


async def test_step_by_step_is_still_there(hass: HomeAssistant) -> None:
    peblar(hass)
    result = await enter(hass, await start(hass), {"next_step_id": "site"})
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "site")


async def test_site_of_a_known_name_is_not_set_up_twice(hass: HomeAssistant, house: House) -> None:
    await house.async_set_up_site()
    peblar(hass)
    result = await page(hass)
    site = {"name": "Home", "fuse_a": 25, "phases": "3", FOUND: list(proposed(result))}
    result = await enter(hass, result, site)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_what_is_disabled_is_no_charger(hass: HomeAssistant) -> None:
    device, wanted = peblar(hass)
    registry = er.async_get(hass)
    for entity_id in (wanted["limit_entity"], wanted["switch_entity"], wanted["status_entity"]):
        registry.async_update_entity(entity_id, disabled_by=er.RegistryEntryDisabler.USER)
        hass.states.async_remove(entity_id)
    assert device.id
    result = await start(hass)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "site")
