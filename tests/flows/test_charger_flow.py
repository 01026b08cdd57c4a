"""The flow of a charger: its device, its entities, every refusal and the way on from it."""

from collections.abc import AsyncGenerator
from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    get_schema_suggested_value,
)
from tests.flows.charger_devices import confusing, easee, ocpp, peblar, v2c, wallbox
from tests.flows.charger_forms import suggested as all_suggested
from tests.house import (
    CARPORT_DATA,
    CHARGERS,
    ENGLISH,
    GARAGE_DATA,
    SITE_DATA,
    House,
    named_in,
    subentry,
)

from custom_components.optivgi.const import DOMAIN

AMPERES = {"unit_of_measurement": "A", "min": 6, "max": 16, "step": 1}
FROM_ZERO = {**AMPERES, "min": 0}
LIMIT = "number.box_limit"
STATUS = "sensor.wall_status"
ENTERED: dict[str, Any] = {
    "name": "Box",
    "limit_entity": LIMIT,
    "phases": "3",
    "min_a": 6,
    "max_a": 16,
}


@pytest.fixture
async def site(hass: HomeAssistant, house: House) -> AsyncGenerator[MockConfigEntry]:
    """Yield a site without chargers, beside a box that accepts 0 A."""
    entry = MockConfigEntry(
        domain=DOMAIN, title="Home", entry_id="site", unique_id="home", data=dict(SITE_DATA)
    )
    house.entry = entry
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await house.async_settle()
    hass.states.async_set(LIMIT, "10", FROM_ZERO)
    hass.states.async_set(STATUS, "Charging")
    yield entry
    # A new charger sets the site up again.
    await house.async_settle()


async def start(hass: HomeAssistant, user_input: dict[str, Any] | None) -> SubentryFlowResult:
    """Open the flow and answer its first form."""
    result = await hass.config_entries.subentries.async_init(
        ("site", "charger"), context={"source": SOURCE_USER}
    )
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "user")
    result = await enter(hass, result, user_input or {})
    if result["step_id"] == "choose":
        result = await enter(hass, result, {})
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "entities")
    assert not result["errors"]
    return result


async def enter(
    hass: HomeAssistant, result: SubentryFlowResult, user_input: dict[str, Any]
) -> SubentryFlowResult:
    """Submit the form that a flow shows."""
    return await hass.config_entries.subentries.async_configure(result["flow_id"], user_input)


def suggested(result: SubentryFlowResult) -> dict[str, Any]:
    """Return what a form has filled in."""
    assert result["data_schema"] is not None
    schema = result["data_schema"].schema
    values = {str(field): get_schema_suggested_value(schema, str(field)) for field in schema}
    return {field: value for field, value in values.items() if value is not None}


def charger_data(entry: MockConfigEntry) -> dict[str, Any]:
    """Return what is stored of the only charger."""
    (charger,) = entry.get_subentries_of_type("charger")
    return {"name": charger.title, **charger.data}


async def test_charger_without_a_device(
    hass: HomeAssistant, house: House, site: MockConfigEntry
) -> None:
    result = await start(hass, {"name": "Box"})
    assert suggested(result) == {"name": "Box"}
    entered = {**ENTERED, "status_entity": STATUS, "power_entity": "sensor.garage_power"}
    result = await enter(hass, result, entered)
    assert (result["type"], result["title"]) == (FlowResultType.CREATE_ENTRY, "Box")
    await house.async_settle()
    assert charger_data(site) == entered
    assert site.state is ConfigEntryState.LOADED
    assert house.state("select.box_mode").state == "smart"


@pytest.mark.parametrize(
    ("wrong", "errors"),
    [
        ({"limit_entity": "sensor.garage_power"}, {"limit_entity": "limit_not_writable"}),
        ({"limit_entity": "number.nowhere"}, {"limit_entity": "entity_missing"}),
        ({"limit_entity": "number.unitless"}, {"limit_unit": "limit_unit_missing"}),
        ({"limit_entity": "number.percent"}, {"limit_entity": "limit_unit_unknown"}),
        ({"limit_entity": "number.weak"}, {"limit_entity": "limit_too_low"}),
        ({"limit_entity": "number.from_6"}, {"switch_entity": "cannot_stop"}),
        ({"limit_entity": "number.asleep"}, {"switch_entity": "cannot_stop"}),
        ({"min_a": 17}, {"min_a": "min_above_max"}),
        ({"min_a": 0, "max_a": 0}, {"min_a": "current_missing"}),
        ({"max_a": 0}, {"max_a": "current_missing"}),
        ({"name": "  "}, {"name": "name_missing"}),
        ({"name": "x" * 101}, {"name": "name_too_long"}),
        ({"power_entity": "sensor.grid_power"}, {"power_entity": "power_is_meter"}),
        ({"switch_entity": STATUS}, {"switch_entity": "switch_not_writable"}),
        ({"switch_entity": "switch.nowhere"}, {"switch_entity": "entity_missing"}),
        ({"status_entity": "sensor.nowhere"}, {"status_entity": "entity_missing"}),
        ({"status_entity": "sensor.zoe_battery"}, {"status_entity": "status_unknown"}),
        ({"power_entity": "sensor.nowhere"}, {"power_entity": "entity_missing"}),
        ({"power_entity": "sensor.zoe_battery"}, {"power_entity": "power_unit_unknown"}),
        ({"power_entity": "sensor.kilo"}, {"power_entity": "power_impossible"}),
    ],
)
async def test_what_cannot_work_is_refused_with_the_reason(
    hass: HomeAssistant,
    site: MockConfigEntry,
    wrong: dict[str, Any],
    errors: dict[str, str],
) -> None:
    hass.states.async_set("number.unitless", "10", {"min": 0, "max": 16})
    hass.states.async_set("number.percent", "10", {**FROM_ZERO, "unit_of_measurement": "%"})
    hass.states.async_set("number.weak", "1", {**FROM_ZERO, "max": 5})
    hass.states.async_set("number.from_6", "10", AMPERES)
    hass.states.async_set("number.asleep", "unknown", AMPERES)
    hass.states.async_set("sensor.kilo", "11040", {"unit_of_measurement": "kW"})
    result = await enter(hass, await start(hass, None), {**ENTERED, **wrong})
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "entities")
    assert result["errors"] == errors
    (reason,) = errors.values()
    text = ENGLISH["config_subentries"]["charger"]["error"][reason]
    assert named_in(text) <= (result["description_placeholders"] or {}).keys()
    assert suggested(result) == {**ENTERED, **wrong}

    result = await enter(hass, result, ENTERED)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_unit_is_asked_for_where_the_limit_names_none(
    hass: HomeAssistant, house: House, site: MockConfigEntry
) -> None:
    hass.states.async_set("number.unitless", "10", {"min": 6, "max": 16})
    entered = {
        **ENTERED,
        "limit_entity": "number.unitless",
        "switch_entity": "input_boolean.garage_charging",
    }
    result = await enter(hass, await start(hass, None), entered)
    assert result["errors"] == {"limit_unit": "limit_unit_missing"}
    result = await enter(hass, result, {**entered, "limit_unit": "A"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()
    assert charger_data(site)["limit_unit"] == "A"


async def test_switch_lets_a_limit_refuse_zero(hass: HomeAssistant, site: MockConfigEntry) -> None:
    hass.states.async_set(LIMIT, "10", AMPERES)
    result = await enter(hass, await start(hass, None), ENTERED)
    assert result["errors"] == {"switch_entity": "cannot_stop"}
    result = await enter(
        hass, result, {**ENTERED, "switch_entity": "input_boolean.garage_charging"}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_entities_may_be_unavailable_for_now(
    hass: HomeAssistant, house: House, site: MockConfigEntry
) -> None:
    """A charger that is offline is no mistake: its registry tells the unit."""
    registry = er.async_get(hass)
    limit = registry.async_get_or_create(
        "number", "demo", "limit", unit_of_measurement="A"
    ).entity_id
    others = {
        "switch_entity": "switch.offline",
        "status_entity": "binary_sensor.plug",
        "power_entity": "sensor.offline_power",
    }
    for entity_id in (limit, *others.values()):
        hass.states.async_set(entity_id, "unavailable")
    entered = {**ENTERED, "limit_entity": limit, **others}
    result = await enter(hass, await start(hass, None), entered)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()
    assert house.state("sensor.box_status").state == "out_of_reach"


async def test_odd_status_is_accepted_where_the_others_are_understood(
    hass: HomeAssistant, site: MockConfigEntry
) -> None:
    """While a charger updates its firmware, its status says nothing of cars."""
    options = ["not_connected", "charging", "rebooting"]
    hass.states.async_set(STATUS, "rebooting", {"options": options})
    result = await enter(hass, await start(hass, None), {**ENTERED, "status_entity": STATUS})
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("elsewhere", [False, True], ids=["same site", "another site"])
async def test_two_chargers_do_not_share_a_limit(
    hass: HomeAssistant, house: House, *, elsewhere: bool
) -> None:
    await house.async_set_up_site(*([] if elsewhere else [CHARGERS[0]]))
    if elsewhere:
        MockConfigEntry(
            domain=DOMAIN,
            title="Cottage",
            data=dict(SITE_DATA),
            subentries_data=[subentry("shed", "charger", "Garage", {"limit_entity": LIMIT})],
        ).add_to_hass(hass)
    hass.states.async_set(LIMIT, "10", FROM_ZERO)
    taken = LIMIT if elsewhere else GARAGE_DATA["limit_entity"]
    result = await enter(hass, await start(hass, None), {**ENTERED, "limit_entity": taken})
    assert result["errors"] == {"limit_entity": "limit_in_use"}
    assert result["description_placeholders"] is not None
    assert result["description_placeholders"]["charger"] == "Garage"

    free = "number.other_limit"
    hass.states.async_set(free, "10", FROM_ZERO)
    result = await enter(hass, result, {**ENTERED, "limit_entity": free})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()


async def test_chargers_have_names_and_power_sensors_of_their_own(
    hass: HomeAssistant, house: House
) -> None:
    await house.async_set_up_site(*CHARGERS)
    hass.states.async_set(LIMIT, "10", FROM_ZERO)
    result = await enter(hass, await start(hass, None), {**ENTERED, "name": " GARAGE "})
    assert result["errors"] == {"name": "name_in_use"}
    shared = {**ENTERED, "power_entity": GARAGE_DATA["power_entity"]}
    result = await enter(hass, result, shared)
    assert result["errors"] == {"power_entity": "power_in_use"}
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert placeholders["charger"] == "Garage"
    name = "x" * 100
    result = await enter(hass, result, {**ENTERED, "name": f" {name} "})
    assert (result["type"], result["title"]) == (FlowResultType.CREATE_ENTRY, name)
    await house.async_settle()


async def test_options_of_a_select_are_offered_and_filled_in(
    hass: HomeAssistant, site: MockConfigEntry
) -> None:
    """Who picks a select does not have to know how its options are spelled."""
    options = ["Neutral", "Don't charge", "Charge"]
    hass.states.async_set("select.force", "Neutral", {"options": options})
    entered = {**ENTERED, "switch_entity": "select.force"}
    result = await enter(hass, await start(hass, None), entered)
    assert result["errors"] == {"switch_entity": "options_missing"}
    assert result["data_schema"] is not None
    control = result["data_schema"].schema["control"].schema.schema
    for key, option in (("option_on", "Charge"), ("option_off", "Don't charge")):
        (field,) = [field for field in control if field == key]
        assert control[field].config["options"] == options
        assert field.description == {"suggested_value": option}
    chosen = {"option_on": "Charge", "option_off": "Don't charge"}
    result = await enter(hass, result, {**entered, "control": chosen})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert charger_data(site).items() >= chosen.items()


@pytest.mark.parametrize(
    ("picked", "attributes", "kept"),
    [
        ("input_number.limit", FROM_ZERO, {"limit_entity": "input_number.limit"}),
        ("input_boolean.charge", {}, {"switch_entity": "input_boolean.charge"}),
        (
            "input_boolean.pause",
            {},
            {"switch_entity": "input_boolean.pause", "switch_inverted": True},
        ),
        (
            "select.mode",
            {"options": ["Stop", "Fast", "Eco"]},
            {"switch_entity": "select.mode", "option_on": "Fast", "option_off": "Stop"},
        ),
        ("select.amps", {"options": ["6", "16"]}, {"limit_entity": "select.amps"}),
        (
            *("sensor.power", {"unit_of_measurement": "W", "device_class": "power"}),
            {"power_entity": "sensor.power"},
        ),
        ("sensor.car", {}, {"status_entity": "sensor.car"}),
        ("binary_sensor.car", {"device_class": "plug"}, {"status_entity": "binary_sensor.car"}),
    ],
)
async def test_an_entity_that_is_picked_is_kept(
    hass: HomeAssistant,
    site: MockConfigEntry,
    picked: str,
    attributes: dict[str, Any],
    kept: dict[str, Any],
) -> None:
    hass.states.async_set(picked, "off", attributes)
    result = await start(hass, {"entity_id": picked})
    assert all_suggested(result["data_schema"]).items() >= kept.items()


async def test_an_entity_that_is_picked_counts_more_than_what_is_found_on_its_device(
    hass: HomeAssistant, site: MockConfigEntry
) -> None:
    device, found = peblar(hass)
    other = device.add("number", "fallback_limit", "Fallback limit", unit="A", min=6, max=16)
    filled_in = suggested(await start(hass, {"entity_id": other}))
    assert filled_in["limit_entity"] == other
    assert filled_in["status_entity"] == found["status_entity"]
    assert filled_in["name"] == device.name


async def test_phases_are_those_of_the_site_unless_told_otherwise(
    hass: HomeAssistant, house: House, site: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(site, data={**SITE_DATA, "phases": "1"})
    await house.async_settle()
    entered = {key: value for key, value in ENTERED.items() if key != "phases"}
    result = await enter(hass, await start(hass, None), entered)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"]["phases"] == "1"


async def test_reconfigure(hass: HomeAssistant, house: House) -> None:
    """What is stored is filled in; its own limit is not in its way; what is left out is gone."""
    entry = await house.async_set_up_site()
    result = await entry.start_subentry_reconfigure_flow(hass, "garage")
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "reconfigure")
    assert suggested(result) == {"name": "Garage", **GARAGE_DATA}

    changed = {"name": "Workshop", **GARAGE_DATA, "max_a": 10}
    del changed["status_entity"]
    taken = {**changed, "limit_entity": CARPORT_DATA["limit_entity"]}
    result = await enter(hass, result, taken)
    assert result["errors"] == {"limit_entity": "limit_in_use"}
    result = await enter(hass, result, changed)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await house.async_settle()
    garage = entry.subentries["garage"]
    assert {"name": garage.title, **garage.data} == changed
    # Without a status a car is taken to be there; it may draw 10 A now.
    assert house.value("sensor.garage_planned_limit") == pytest.approx(10 * 3 * 0.23)


@pytest.mark.parametrize(
    "build", [wallbox, peblar, easee, ocpp, v2c, confusing], ids=lambda build: build.__name__
)
async def test_entities_found_on_the_device_are_filled_in(
    hass: HomeAssistant, site: MockConfigEntry, build: Any
) -> None:
    device, expected = build(hass)
    result = await start(hass, {"device_id": device.id})
    assert suggested(result) == {"name": device.name, **expected}


async def test_charger_as_found_needs_no_more_than_a_yes(
    hass: HomeAssistant, house: House, site: MockConfigEntry
) -> None:
    device, found = peblar(hass)
    result = await start(hass, {"device_id": device.id, "name": "Drive"})
    assert suggested(result) == {"name": "Drive", **found}
    hass.states.async_set(found["status_entity"], "no_ev_connected")
    result = await enter(hass, result, {**suggested(result), "phases": "3"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert charger_data(site) == {"name": "Drive", **found, "phases": "3"}


async def test_name_by_the_user_counts(hass: HomeAssistant, site: MockConfigEntry) -> None:
    device, _ = peblar(hass)
    dr.async_get(hass).async_update_device(device.id, name_by_user="Carport box")
    result = await start(hass, {"device_id": device.id})
    assert suggested(result)["name"] == "Carport box"


async def test_disabled_entities_are_not_offered(
    hass: HomeAssistant, site: MockConfigEntry
) -> None:
    device, found = peblar(hass)
    er.async_get(hass).async_update_entity(
        found["switch_entity"], disabled_by=er.RegistryEntryDisabler.USER
    )
    result = await start(hass, {"device_id": device.id})
    assert "switch_entity" not in suggested(result)


async def test_device_that_is_gone_leaves_the_form_empty(
    hass: HomeAssistant, site: MockConfigEntry
) -> None:
    result = await start(hass, {"device_id": "gone"})
    assert suggested(result) == {}


async def test_range_of_an_unavailable_limit_is_left_to_the_user(
    hass: HomeAssistant, site: MockConfigEntry
) -> None:
    device, found = peblar(hass)
    hass.states.async_set(found["limit_entity"], "unavailable")
    result = await start(hass, {"device_id": device.id})
    assert suggested(result).keys() & {"limit_entity", "min_a", "max_a"} == {"limit_entity"}


async def test_our_own_device_is_no_charger(hass: HomeAssistant, house: House) -> None:
    entry = await house.async_set_up_site()
    registry = dr.async_get(hass)
    own = registry.async_get_device_by_identifier((DOMAIN, "garage"), entry.entry_id)
    assert own is not None
    result = await hass.config_entries.subentries.async_init(
        ("site", "charger"), context={"source": SOURCE_USER}
    )
    result = await enter(hass, result, {"device_id": own.id})
    assert (result["step_id"], result["errors"]) == ("user", {"device_id": "own_device"})
    result = await enter(hass, result, {"entity_id": "select.garage_mode"})
    assert (result["step_id"], result["errors"]) == ("user", {"entity_id": "own_device"})
    result = await enter(hass, result, {"name": "Drive"})
    assert result["step_id"] == "entities"
