"""Which entities the form of prices offers, and in which order."""

from collections.abc import AsyncGenerator
from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from tests.flows.test_config_flow import ENTITY, SITE, enter, start, suggested
from tests.flows.test_price_echo import rows
from tests.house import PRICE, House


@pytest.fixture(autouse=True)
async def _house(house: House) -> AsyncGenerator[None]:
    """Let every flow of this module run in a house, and what it sets up come to its end."""
    yield
    await house.async_settle()


def offered(form: ConfigFlowResult, field: str = "price_entity") -> list[dict[str, Any]]:
    """Return the filters of the entities that a field offers, the likely ones apart."""
    assert form["data_schema"] is not None
    filters: list[dict[str, Any]] = form["data_schema"].schema[field].config["filter"]
    return filters


def likely(form: ConfigFlowResult) -> dict[str, str]:
    """Return the entities that a form proposes, and what it calls them."""
    assert form["data_schema"] is not None
    options = form["data_schema"].schema["price_entity"].config["options"]
    return {option["value"]: option["label"] for option in options}


async def price_page(hass: HomeAssistant) -> ConfigFlowResult:
    """Return the form that asks for the entity with prices."""
    return await enter(hass, await start(hass), {**SITE, "price_source": "entity"})


async def all_entities(hass: HomeAssistant) -> ConfigFlowResult:
    """Return the form that offers all entities."""
    return await enter(hass, await price_page(hass), {**ENTITY, "price_entity": "other"})


async def test_entities_whose_prices_are_known_longest_come_first(hass: HomeAssistant) -> None:
    per_kwh = {"unit_of_measurement": "EUR/kWh"}
    hass.states.async_set("sensor.a_price_now", "0.31", per_kwh)
    hass.states.async_set("sensor.gas_price", "0.11", per_kwh)
    hass.states.async_set("sensor.today", "0.3", {**per_kwh, "prices": rows(24)})
    # The same prices as those of the house: one of them is enough.
    state = hass.states.get(PRICE)
    assert state is not None
    hass.states.async_set("sensor.twin", state.state, dict(state.attributes))
    form = await price_page(hass)
    offered_entities = likely(form)
    assert list(offered_entities) == [
        PRICE,
        "sensor.today",
        "sensor.a_price_now",
        "sensor.gas_price",
        "other",
        "later",
    ]
    assert "known until" in offered_entities[PRICE]
    assert "later prices are not known" in offered_entities["sensor.a_price_now"]
    assert form["data_schema"] is not None
    assert form["data_schema"]({})["price_entity"] == PRICE


async def test_another_entity_is_picked_from_all(hass: HomeAssistant) -> None:
    form = await enter(
        hass, await price_page(hass), {**ENTITY, "price_entity": "other", "price_factor": 1.21}
    )
    assert (form["step_id"], form["errors"]) == ("price_entity", {})
    assert suggested(form, "price_factor") == 1.21
    assert suggested(form, "price_entity") is None
    shown = await enter(hass, form, {**ENTITY, "price_factor": 1.21})
    assert (await enter(hass, shown, {}))["data"]["price_factor"] == 1.21


async def test_what_a_site_has_is_offered_though_it_is_silent(
    hass: HomeAssistant, house: House
) -> None:
    hass.states.async_set("sensor.second", "0.28", {"unit_of_measurement": "EUR/kWh"})
    entry = await house.async_set_up_site()
    hass.states.async_set(PRICE, "unavailable", {})
    form = await entry.start_reconfigure_flow(hass)
    form = await enter(hass, form, {**SITE, "price_source": "entity"})
    assert list(likely(form)) == ["sensor.second", PRICE, "other", "later"]
    assert suggested(form, "price_entity") == PRICE


async def test_all_entities_are_offered_at_once_where_none_has_prices(hass: HomeAssistant) -> None:
    hass.states.async_remove(PRICE)
    assert offered(await price_page(hass))


async def test_entities_with_a_price_unit_are_offered(hass: HomeAssistant) -> None:
    hass.states.async_set("sensor.oven", "230", {"unit_of_measurement": "W"})
    hass.states.async_set("sensor.gas", "1.2", {"unit_of_measurement": "EUR/m³"})
    hass.states.async_set("sensor.market", "80", {"unit_of_measurement": "EUR/MWh"})
    form = await all_entities(hass)
    sensors = [found for found in offered(form) if found["domain"] == ["sensor"]]
    assert sensors[0]["unit_of_measurement"] == ["EUR/MWh", "EUR/kWh"]
    assert {found.get("integration") for found in sensors} >= {"nordpool", "octopus_energy"}
    assert offered(form, "forecast_entity") == offered(form)


async def test_entities_without_a_unit_are_offered_with_their_integration(
    hass: HomeAssistant,
) -> None:
    entity = er.async_get(hass).async_get_or_create("sensor", "template", "price")
    hass.states.async_set(entity.entity_id, "0.25")
    form = await all_entities(hass)
    assert {"domain": ["sensor"], "integration": "template"} in offered(form)


async def test_all_are_offered_where_one_without_a_unit_is_not_registered(
    hass: HomeAssistant,
) -> None:
    hass.states.async_set("sensor.rest", "?", {"prices": rows(24)})
    form = await all_entities(hass)
    assert offered(form) == [{"domain": ["sensor", "event", "input_number", "number"]}]
