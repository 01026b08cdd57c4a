"""The flow of a site: every price source, every refusal and the way on from it."""

from collections.abc import AsyncGenerator
from typing import Any

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import SelectSelector
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    get_schema_suggested_value,
)
from tests.flows.forms import in_form
from tests.house import ENGLISH, GRID, PRICE, House, named_in

from custom_components.optivgi.const import DOMAIN

SITE: dict[str, Any] = {
    "name": "Home",
    "fuse_a": 25,
    "phases": "3",
    "voltage": 230,
    "price_source": "constant",
    "power_covers": "grid",
}
CONSTANT: dict[str, Any] = {"price": 0.25, "price_factor": 1, "price_offset": 0}
ENTITY: dict[str, Any] = {"price_entity": PRICE, "price_factor": 1, "price_offset": 0}
ROWS: list[dict[str, Any]] = [
    {"from": "07:00:00", "price": 0.40},
    {"from": "23:00:00", "price": 0.10, "weekdays": ["mon", "tue", "wed", "thu", "fri"]},
]


async def start(hass: HomeAssistant) -> ConfigFlowResult:
    """Open the flow."""
    return await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})


async def enter(
    hass: HomeAssistant, result: ConfigFlowResult, user_input: dict[str, Any]
) -> ConfigFlowResult:
    """Submit the form that a flow shows; an entity that it does not offer is another one."""
    assert result["data_schema"] is not None
    picker = result["data_schema"].schema.get("price_entity")
    if isinstance(picker, SelectSelector):
        offered = {option["value"] for option in picker.config["options"]}
        if user_input.get("price_entity", "") not in offered:
            another = in_form(result, {**user_input, "price_entity": "other"})
            result = await hass.config_entries.flow.async_configure(result["flow_id"], another)
    return await hass.config_entries.flow.async_configure(
        result["flow_id"], in_form(result, user_input)
    )


async def enter_prices(
    hass: HomeAssistant, result: ConfigFlowResult, user_input: dict[str, Any]
) -> ConfigFlowResult:
    """Submit the form of prices, and go on from what was understood of them."""
    result = await enter(hass, result, user_input)
    if result["type"] is FlowResultType.FORM:
        assert result["step_id"].startswith("prices_"), result["errors"]
        result = await enter(hass, result, {})
    return result


@pytest.fixture(autouse=True)
async def _house(house: House) -> AsyncGenerator[None]:
    """Let every flow of this module run in a house, and what it sets up come to its end."""
    yield
    await house.async_settle()


def suggested(result: ConfigFlowResult, field: str) -> Any:
    """Return what a form has filled in."""
    assert result["data_schema"] is not None
    return get_schema_suggested_value(result["data_schema"].schema, field)


@pytest.mark.parametrize(
    ("source", "step", "prices"),
    [
        ("constant", "constant", CONSTANT),
        ("entity", "price_entity", ENTITY),
        ("time_of_use", "time_of_use", {"time_of_use": ROWS, "price_factor": 1, "price_offset": 0}),
    ],
)
async def test_site_is_set_up_with_each_price_source(
    hass: HomeAssistant, source: str, step: str, prices: dict[str, Any]
) -> None:
    result = await start(hass)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "site")
    assert suggested(result, "name") == hass.config.location_name

    result = await enter(
        hass, result, {**SITE, "price_source": source, "power_entity": GRID, "limit_kw": 12}
    )
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, step)
    assert result["description_placeholders"] == {"currency": "EUR"}

    result = await enter_prices(hass, result, prices)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Home"
    entered = {**SITE, "price_source": source, "power_entity": GRID, "limit_kw": 12, **prices}
    del entered["name"]
    assert result["data"] == entered
    await hass.async_block_till_done(wait_background_tasks=True)
    assert result["result"].unique_id == "home"
    assert result["result"].state is ConfigEntryState.LOADED


async def test_prices_take_the_factor_and_what_is_added(hass: HomeAssistant, house: House) -> None:
    result = await enter(hass, await start(hass), SITE)
    await enter(hass, result, {"price": 0.2, "price_factor": 1.5, "price_offset": 0.1})
    await house.async_settle()
    assert (await house.async_schedule())["prices"][0]["price"] == pytest.approx(0.4)


async def _refused(
    hass: HomeAssistant, wrong: dict[str, Any], errors: dict[str, str], right: dict[str, Any]
) -> None:
    """Enter a site that is refused with errors, then one that is accepted."""
    result = await enter(hass, await start(hass), wrong)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "site")
    assert result["errors"] == errors
    for field in ("name", "power_entity"):
        assert suggested(result, field) == wrong.get(field)
    result = await enter(hass, result, right)
    result = await enter(hass, result, CONSTANT)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_site_needs_a_fuse_or_a_limit(hass: HomeAssistant) -> None:
    without = {key: value for key, value in SITE.items() if key != "fuse_a"}
    await _refused(hass, without, {"fuse_a": "limit_missing"}, {**without, "limit_kw": 10})


@pytest.mark.parametrize(
    ("entity_id", "error"),
    [
        ("sensor.nowhere", "entity_missing"),
        ("sensor.zoe_battery", "power_unit_unknown"),
        ("sensor.unitless", "power_unit_unknown"),
    ],
)
async def test_power_sensor_has_to_measure_power(
    hass: HomeAssistant, entity_id: str, error: str
) -> None:
    hass.states.async_set("sensor.unitless", "5")
    wrong = {**SITE, "power_entity": entity_id}
    await _refused(hass, wrong, {"power_entity": error}, {**SITE, "power_entity": GRID})


async def test_power_sensor_may_be_silent_for_now(hass: HomeAssistant) -> None:
    hass.states.async_set(GRID, "unavailable")
    result = await enter(hass, await start(hass), {**SITE, "power_entity": GRID})
    result = await enter(hass, result, CONSTANT)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"]["power_entity"] == GRID


@pytest.mark.parametrize(
    ("state", "attributes", "error"),
    [
        (None, {}, "price_entity_missing"),
        ("unavailable", {}, "price_not_available"),
        ("cheap", {"unit_of_measurement": "EUR/kWh"}, "price_unreadable"),
        ("0.2", {"unit_of_measurement": "°C"}, "price_unit_unknown"),
        ("95", {}, "price_unit_missing"),
        ("95", {"unit_of_measurement": "EUR/kWh"}, "price_implausible"),
        ("0.2", {"unit_of_measurement": "SEK/kWh"}, "price_currency_mismatch"),
    ],
)
async def test_price_entity_that_cannot_work_is_refused_with_the_reason(
    hass: HomeAssistant,
    state: str | None,
    attributes: dict[str, Any],
    error: str,
) -> None:
    if state is not None:
        hass.states.async_set("sensor.wrong", state, attributes)
    result = await enter(hass, await start(hass), {**SITE, "price_source": "entity"})
    wrong = {**ENTITY, "price_entity": "sensor.wrong", "price_offset": 0.02}
    result = await enter(hass, result, wrong)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "price_entity")
    assert result["errors"] == {"price_entity": error}
    assert result["description_placeholders"] is not None
    assert result["description_placeholders"].keys() >= named_in(ENGLISH["config"]["error"][error])
    assert result["description_placeholders"]["entity"] == "sensor.wrong"
    assert suggested(result, "price_entity") == "sensor.wrong"
    assert suggested(result, "price_offset") == 0.02

    result = await enter_prices(hass, result, ENTITY)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_disabled_price_entity_is_refused(hass: HomeAssistant) -> None:
    disabled = er.async_get(hass).async_get_or_create(
        "sensor", "demo", "price", disabled_by=er.RegistryEntryDisabler.USER
    )
    result = await enter(hass, await start(hass), {**SITE, "price_source": "entity"})
    result = await enter(hass, result, {**ENTITY, "price_entity": disabled.entity_id})
    assert result["errors"] == {"price_entity": "price_entity_disabled"}
    result = await enter_prices(hass, result, ENTITY)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_times_of_use_need_rows_with_a_time_and_a_price(hass: HomeAssistant) -> None:
    result = await enter(hass, await start(hass), {**SITE, "price_source": "time_of_use"})
    entered = {"time_of_use": [], "price_factor": 1, "price_offset": 0}
    result = await enter(hass, result, entered)
    assert result["errors"] == {"time_of_use": "price_rows_missing"}
    for row in ({"from": "7 o'clock", "price": 0.1}, {"from": "07:00:00"}):
        with pytest.raises(InvalidData):
            await enter(hass, result, {**entered, "time_of_use": [row]})
    result = await enter_prices(hass, result, {**entered, "time_of_use": ROWS})
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_site_of_the_same_name_is_not_set_up_twice(hass: HomeAssistant) -> None:
    MockConfigEntry(domain=DOMAIN, title="Home", unique_id="home").add_to_hass(hass)
    result = await enter(hass, await start(hass), {**SITE, "name": "home "})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")

    result = await enter(hass, await start(hass), {**SITE, "name": "Cottage"})
    result = await enter(hass, result, CONSTANT)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_reconfigure_from_entity_to_constant(hass: HomeAssistant, house: House) -> None:
    """What was entered is filled in, what was left out is gone, and the site is set up again."""
    entry = await house.async_set_up_site(data={"limit_kw": 12})
    result = await entry.start_reconfigure_flow(hass)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "reconfigure")
    assert suggested(result, "name") == "Home"
    assert suggested(result, "fuse_a") == 25
    assert suggested(result, "power_entity") == GRID

    result = await enter(hass, result, {**SITE, "fuse_a": 16})
    assert result["step_id"] == "constant"
    result = await enter(hass, result, {**CONSTANT, "price": 0.19})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await house.async_settle()
    entered = {**SITE, **CONSTANT, "fuse_a": 16, "price": 0.19}
    del entered["name"]
    assert entry.data == entered
    schedule = await house.async_schedule()
    assert schedule["site"]["limit_kw"] == pytest.approx(16 * 3 * 0.23)
    assert {price["price"] for price in schedule["prices"]} == {0.19}


async def test_reconfigure_fills_in_the_prices(hass: HomeAssistant, house: House) -> None:
    entry = await house.async_set_up_site(data={"price_factor": 1.21})
    result = await entry.start_reconfigure_flow(hass)
    result = await enter(hass, result, {**SITE, "price_source": "entity"})
    assert suggested(result, "price_entity") == PRICE
    assert suggested(result, "price_factor") == 1.21
    result = await enter(hass, result, {**ENTITY, "price_entity": "sensor.nowhere"})
    assert result["errors"] == {"price_entity": "price_entity_missing"}
    result = await enter_prices(hass, result, ENTITY)
    assert result["reason"] == "reconfigure_successful"
    await house.async_settle()
    assert entry.data["price_factor"] == 1


async def test_site_can_be_renamed_but_not_to_the_name_of_another(
    hass: HomeAssistant, house: House
) -> None:
    entry = await house.async_set_up_site()
    MockConfigEntry(domain=DOMAIN, title="Cottage", unique_id="cottage").add_to_hass(hass)
    result = await entry.start_reconfigure_flow(hass)
    result = await enter(hass, result, {**SITE, "name": "Cottage"})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")
    assert (entry.title, entry.unique_id) == ("Home", "home")

    result = await entry.start_reconfigure_flow(hass)
    result = await enter(hass, result, {**SITE, "name": "Villa"})
    result = await enter(hass, result, CONSTANT)
    assert result["reason"] == "reconfigure_successful"
    await house.async_settle()
    assert (entry.title, entry.unique_id) == ("Villa", "villa")


async def test_site_can_be_changed_while_its_prices_are_silent(
    hass: HomeAssistant, house: House
) -> None:
    entry = await house.async_set_up_site()
    hass.states.async_set(PRICE, "unavailable")
    result = await entry.start_reconfigure_flow(hass)
    result = await enter(hass, result, {**SITE, "price_source": "entity", "fuse_a": 16})
    hass.states.async_set("sensor.other_price", "unavailable")
    result = await enter(hass, result, {**ENTITY, "price_entity": "sensor.other_price"})
    assert result["errors"] == {"price_entity": "price_not_available"}
    result = await enter_prices(hass, result, ENTITY)
    assert result["reason"] == "reconfigure_successful"
    await house.async_settle()
    assert entry.data["fuse_a"] == 16
