"""From a new site straight on: each charger, each car, then where the plan is seen."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntry,
    ConfigEntryState,
    FlowType,
    SubentryFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from tests.flows.charger_devices import Device, peblar
from tests.flows.charger_forms import as_found, suggested
from tests.flows.test_charger_found import two_limits
from tests.house import GARAGE_DATA, PRICE, House

from custom_components.optivgi.const import DOMAIN

BATTERY: dict[str, Any] = {"unit": "%", "device_class": "battery"}


@pytest.fixture(autouse=True)
async def _house(house: House) -> AsyncGenerator[None]:
    """Let what a flow sets up come to its end."""
    yield
    await house.async_settle()


async def new_site(hass: HomeAssistant) -> tuple[ConfigEntry, SubentryFlowResult]:
    """Set a site up step by step, and return it with the page that follows."""
    flows = hass.config_entries.flow
    result = await flows.async_init(DOMAIN, context={"source": SOURCE_USER})
    if result["type"] is FlowResultType.MENU:
        result = await flows.async_configure(result["flow_id"], {"next_step_id": "site"})
    entered = {**as_found(result["data_schema"]), "fuse_a": 25, "price_source": "constant"}
    result = await flows.async_configure(result["flow_id"], entered)
    result = await flows.async_configure(result["flow_id"], {"price": 0.3})
    kind, flow_id = result["next_flow"]
    assert kind is FlowType.CONFIG_SUBENTRIES_FLOW
    return result["result"], await hass.config_entries.subentries.async_configure(flow_id)


async def enter(
    hass: HomeAssistant, result: SubentryFlowResult, entered: Mapping[str, Any]
) -> SubentryFlowResult:
    """Submit what the flow shows."""
    return await hass.config_entries.subentries.async_configure(result["flow_id"], dict(entered))


async def agree(hass: HomeAssistant, result: SubentryFlowResult) -> SubentryFlowResult:
    """Submit what the flow shows as it is."""
    return await enter(hass, result, as_found(result["data_schema"]))


def choice(result: SubentryFlowResult) -> tuple[list[str], str]:
    """Return what a page offers to set up next, and what it proposes."""
    assert result["data_schema"] is not None
    ((field, selector),) = result["data_schema"].schema.items()
    return [option["label"] for option in selector.config["options"]], field.default()


def car(hass: HomeAssistant, name: str) -> Device:
    """Register a car."""
    device = Device(hass, name, key=name)
    device.add("sensor", "battery_level", "Battery level", state="54", **BATTERY)
    device.add("binary_sensor", "plugged_in", "Plugged in", device_class="plug", state="on")
    return device


async def test_found_charger_and_car_are_set_up_by_saying_yes(
    hass: HomeAssistant, house: House
) -> None:
    device, wanted = peblar(hass)
    car(hass, "Zoe")
    entry, result = await new_site(hass)
    assert result["step_id"] == "charger"
    offered, proposed = choice(result)
    assert offered[0].startswith(f"{device.name} (")
    assert (offered[1:], proposed) == (["other", "none"], device.id)
    result = await agree(hass, result)
    assert result["step_id"] == "entities"
    assert suggested(result["data_schema"])["limit_entity"] == wanted["limit_entity"]

    result = await agree(hass, result)
    assert (result["step_id"], choice(result)) == ("charger", (["other", "none"], "none"))
    assert result["description_placeholders"] == {"added": f"✓ {device.name}"}
    result = await agree(hass, result)
    assert result["step_id"] == "vehicle"
    result = await agree(hass, result)
    assert result["step_id"] == "vehicle_entities"
    assert suggested(result["data_schema"])["soc_entity"] == "sensor.zoe_battery_level"
    result = await enter(hass, result, {**as_found(result["data_schema"]), "battery_kwh": 52})
    assert (result["step_id"], choice(result)) == ("vehicle", (["other", "none"], "none"))

    result = await agree(hass, result)
    assert result["step_id"] == "begin"
    result = await agree(hass, result)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "set_up")
    assert result["description_placeholders"] == {"site": entry.title, "plan": "/calendar"}
    await house.async_settle()
    assert [part.title for part in entry.subentries.values()] == [device.name, "Zoe"]
    assert hass.states.get("select.peblar_ev_charger_mode") is not None
    assert hass.states.get("sensor.zoe_charger") is not None


@pytest.mark.parametrize("chosen", ["sensor.zoe_battery_level", "sensor.zoe_battery_soc", None])
async def test_two_entities_of_a_car_that_fit_about_as_well_are_a_choice_here_too(
    hass: HomeAssistant, chosen: str | None
) -> None:
    device = car(hass, "Zoe")
    device.add("sensor", "battery_soc", "Battery SoC", state="55", **BATTERY)
    _, result = await new_site(hass)
    result = await enter(hass, result, {"next_charger": "none"})
    result = await agree(hass, result)
    assert result["step_id"] == "vehicle_choose"
    labels, proposed = choice(result)
    assert len(labels) == 3
    assert proposed == "sensor.zoe_battery_soc"
    result = await enter(hass, result, {"soc_entity": chosen or "another"})
    assert result["step_id"] == "vehicle_entities"
    assert suggested(result["data_schema"]).get("soc_entity") == chosen


async def test_two_limits_of_a_charger_that_fit_about_as_well_are_a_choice_here_too(
    hass: HomeAssistant, house: House
) -> None:
    device, first, second = two_limits(hass)
    _, result = await new_site(hass)
    result = await enter(hass, result, {"next_charger": "other"})
    result = await enter(hass, result, {"device_id": device.id})
    assert (result["step_id"], choice(result)[1]) == ("choose", first)
    result = await enter(hass, result, {"limit_entity": second})
    assert result["step_id"] == "entities"
    assert suggested(result["data_schema"])["limit_entity"] == second


async def test_every_step_can_be_skipped(hass: HomeAssistant) -> None:
    peblar(hass)
    car(hass, "Zoe")
    entry, result = await new_site(hass)
    result = await enter(hass, result, {"next_charger": "none"})
    result = await enter(hass, result, {"next_vehicle": "none"})
    result = await enter(hass, result, {"observe_only": True})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "set_up")
    assert not entry.subentries
    assert entry.options == {"observe_only": True}


async def test_devices_that_are_not_found_are_picked(hass: HomeAssistant, house: House) -> None:
    entry, result = await new_site(hass)
    assert choice(result) == (["other", "none"], "other")
    result = await agree(hass, result)
    assert result["step_id"] == "user"
    result = await enter(hass, result, {"name": "Garage"})
    result = await enter(hass, result, {"name": "Garage", **GARAGE_DATA})
    result = await enter(hass, result, {"next_charger": "none"})
    assert choice(result) == (["other", "none"], "other")
    result = await agree(hass, result)
    assert result["step_id"] == "vehicle_device"
    result = await enter(hass, result, {"entity_id": "sensor.optivgi"})
    assert result["step_id"] == "vehicle_entities"
    garage = next(iter(entry.subentries))
    entered = {
        "name": "Zoe",
        "battery_kwh": 0,
        "target_soc": 80,
        "departure": "07:00:00",
        "charging_limits": {"efficiency": 90},
        "charger": garage,
    }
    result = await enter(hass, result, entered)
    assert result["errors"] == {"battery_kwh": "battery_missing"}
    result = await enter(hass, result, {**entered, "battery_kwh": 52})
    assert result["step_id"] == "vehicle"
    await house.async_settle()
    assert [part.title for part in entry.subentries.values()] == ["Garage", "Zoe"]
    # The car is at its usual charger, which was set up by the same flow.
    assert house.state("select.garage_vehicle").state == "Zoe"


async def test_own_device_is_refused_here_as_well(hass: HomeAssistant, house: House) -> None:
    _, result = await new_site(hass)
    result = await agree(hass, result)
    await house.async_settle()
    entered = {"entity_id": "sensor.test_home_planned_power"}
    assert (await enter(hass, result, entered))["errors"] == {"entity_id": "own_device"}


async def test_a_charger_that_is_added_later_leads_nowhere(
    hass: HomeAssistant, house: House
) -> None:
    entry, result = await new_site(hass)
    flows = hass.config_entries.subentries
    flows.async_abort(result["flow_id"])
    result = await flows.async_init((entry.entry_id, "charger"), context={"source": SOURCE_USER})
    assert result["step_id"] == "user"
    result = await enter(hass, result, {"name": "Garage"})
    result = await enter(hass, result, {"name": "Garage", **GARAGE_DATA})
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_step_by_step_begins_with_what_was_found(hass: HomeAssistant) -> None:
    peblar(hass)
    flows = hass.config_entries.flow
    result = await flows.async_init(DOMAIN, context={"source": SOURCE_USER})
    result = await flows.async_configure(result["flow_id"], {"next_step_id": "site"})
    found = suggested(result["data_schema"])
    assert found["price_source"] == "entity"
    entered = {**as_found(result["data_schema"]), "fuse_a": 25}
    result = await flows.async_configure(result["flow_id"], entered)
    assert suggested(result["data_schema"])["price_entity"] == PRICE


@pytest.mark.parametrize("from_list", [True, False])
async def test_all_but_the_fuse_can_be_skipped(
    hass: HomeAssistant, house: House, *, from_list: bool
) -> None:
    """Prices in the first form or in their own, chargers, and cars: up to the link to the plan."""
    flows = hass.config_entries.flow
    result = await flows.async_init(DOMAIN, context={"source": SOURCE_USER})
    site = {**as_found(result["data_schema"]), "fuse_a": 25}
    result = await flows.async_configure(
        result["flow_id"], {**site, "price_source": "entity" if from_list else "later"}
    )
    if from_list:
        prices = {**as_found(result["data_schema"]), "price_entity": "later"}
        result = await flows.async_configure(result["flow_id"], prices)
    entry = result["result"]
    assert entry.data["price_source"] == "later"
    assert "price_entity" not in entry.data
    _, flow_id = result["next_flow"]
    result = await hass.config_entries.subentries.async_configure(flow_id)
    for kind in ("charger", "vehicle"):
        assert result["step_id"] == kind
        result = await enter(hass, result, {f"next_{kind}": "none"})
    result = await agree(hass, result)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "set_up")
    await house.async_settle()
    assert entry.state is ConfigEntryState.LOADED
