"""The flow of a site: what can be said of prices beside their source, and what is refused."""

from collections.abc import AsyncGenerator
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, section
import pytest
from pytest_homeassistant_custom_component.common import get_schema_suggested_value
from tests.flows.test_config_flow import (
    CONSTANT,
    ENTITY,
    ROWS,
    SITE,
    enter,
    enter_prices,
    start,
    suggested,
)
from tests.house import ENGLISH, PRICE, House, named_in

FEES = [{"from": "00:00:00", "price": 0.02}, {"from": "17:00:00", "price": 0.10}]
WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
EXPORT = {"export_entity": PRICE, "export_factor": 0.9, "export_offset": -0.01}


@pytest.fixture(autouse=True)
async def _house(house: House) -> AsyncGenerator[None]:
    """Let every flow of this module run in a house, and what it sets up come to its end."""
    yield
    await house.async_settle()


async def price_form(hass: HomeAssistant, source: str) -> Any:
    """Return the form of a price source."""
    return await enter(hass, await start(hass), {**SITE, "price_source": source})


async def test_everything_about_prices(hass: HomeAssistant, house: House) -> None:
    """Sections are for the eye: what is stored knows none."""
    hass.states.async_set("sensor.forecast", "0.4", {"unit_of_measurement": "EUR/kWh"})
    form = await price_form(hass, "entity")
    assert [
        str(key) for key, part in form["data_schema"].schema.items() if isinstance(part, section)
    ] == ["fees_by_time", "export"]
    more = {**ENTITY, "forecast_entity": "sensor.forecast"}
    result = await enter_prices(
        hass, form, {**more, "fees_by_time": {"fees": FEES}, "export": EXPORT}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    entered = {**SITE, "price_source": "entity", **more, "fees": FEES, **EXPORT}
    del entered["name"]
    assert result["data"] == entered
    await house.async_settle()
    site = result["result"].runtime_data.coordinator.data.problem.site
    # It is 20:00, a kWh costs 0.30, and the fee of the evening lasts until midnight.
    assert site.import_price[0] == pytest.approx(0.40)
    assert site.import_price[17] == pytest.approx(0.32)
    assert site.export_price == pytest.approx((0.30 * 0.9 - 0.01,) * len(site.import_price))


async def test_reconfigure_fills_in_what_is_in_sections(hass: HomeAssistant, house: House) -> None:
    entry = await house.async_set_up_site(data={"fees": FEES, **EXPORT})
    result = await enter(
        hass, await entry.start_reconfigure_flow(hass), {**SITE, "price_source": "entity"}
    )
    for part, field, value in (
        ("fees_by_time", "fees", FEES),
        ("export", "export_entity", PRICE),
        ("export", "export_factor", 0.9),
    ):
        inside = result["data_schema"].schema[part].schema.schema
        assert get_schema_suggested_value(inside, field) == value
    result = await enter_prices(
        hass, result, {**ENTITY, "fees_by_time": {"fees": []}, "export": {}}
    )
    assert result["reason"] == "reconfigure_successful"
    await house.async_settle()
    assert not entry.data.keys() & {"fees", *EXPORT}


async def test_days_and_months_of_a_row_are_called_by_name(hass: HomeAssistant) -> None:
    """A row is edited in a dialog that knows no translations."""
    form = await price_form(hass, "time_of_use")
    fields = form["data_schema"].schema["time_of_use"].config["fields"]
    assert [
        [option["label"] for option in fields[field]["selector"].config["options"]][::6]
        for field in ("weekdays", "months")
    ] == [["Monday", "Sunday"], ["January", "July"]]


def wrong(**more: Any) -> dict[str, Any]:
    return {**ENTITY, **more}


@pytest.mark.parametrize(
    ("source", "entered", "field", "error"),
    [
        ("constant", {**CONSTANT, "price": 30}, "price", "price_entered_implausible"),
        ("constant", {**CONSTANT, "price_offset": 15}, "price_offset", "price_total_implausible"),
        (
            "time_of_use",
            {"time_of_use": [{"from": "00:00:00", "price": 25}]},
            "time_of_use",
            "price_entered_implausible",
        ),
        (
            "time_of_use",
            {"time_of_use": [{"from": "00:00:00", "price": 0.2, "weekdays": ["holiday"]}]},
            "holiday_entity",
            "price_holidays_missing",
        ),
        (
            "time_of_use",
            {
                "time_of_use": [{"from": "00:00:00", "price": 0.2, "weekdays": ["holiday"]}],
                "holiday_entity": "calendar.nowhere",
            },
            "holiday_entity",
            "price_holidays_unreadable",
        ),
        ("constant", {**CONSTANT, "price_factor": 0}, "price_factor", "price_factor_not_positive"),
        ("entity", wrong(price_factor=-1.2), "price_factor", "price_factor_not_positive"),
        (
            "entity",
            wrong(export={**EXPORT, "export_factor": 0}),
            "export",
            "export_factor_not_positive",
        ),
        (
            "entity",
            wrong(export={**EXPORT, "export_factor": -1}),
            "export",
            "export_factor_not_positive",
        ),
        ("constant", {**CONSTANT, "price_offset": 2.5}, "price_offset", "price_fee_implausible"),
        ("entity", wrong(price_offset=-1.5), "price_offset", "price_fee_implausible"),
        (
            "entity",
            wrong(fees_by_time={"fees": [*FEES, {"from": "20:00:00", "price": 2.5}]}),
            "fees_by_time",
            "price_fee_implausible",
        ),
        (
            "entity",
            wrong(fees_by_time={"fees": [*FEES, {"from": "17:00:00", "price": 0.2}]}),
            "fees_by_time",
            "price_rows_same_time",
        ),
        (
            "entity",
            wrong(fees_by_time={"fees": [{**FEES[0], "weekdays": ["holiday"]}]}),
            "fees_by_time",
            "price_holidays_missing",
        ),
        (
            "time_of_use",
            {"time_of_use": [*ROWS, {**ROWS[1], "price": 0.12, "weekdays": WEEK[1:6]}]},
            "time_of_use",
            "price_rows_same_time",
        ),
        ("entity", wrong(price_offset=15), "price_offset", "price_total_implausible"),
        (
            "entity",
            wrong(forecast_entity="sensor.nowhere"),
            "forecast_entity",
            "price_entity_missing",
        ),
        ("entity", wrong(export={"export_offset": 8}), "export", "price_entered_implausible"),
        (
            "entity",
            wrong(export={"export_entity": PRICE, "export_offset": 8}),
            "export",
            "price_total_implausible",
        ),
        ("entity", wrong(export={"export_entity": "sensor.watts"}), "export", "price_unit_unknown"),
        (
            "entity",
            wrong(export={"export_entity": "sensor.none"}),
            "export",
            "price_entity_missing",
        ),
    ],
)
async def test_what_is_implausible_is_refused_with_what_to_do(
    hass: HomeAssistant, source: str, entered: dict[str, Any], field: str, error: str
) -> None:
    hass.states.async_set("sensor.watts", "230", {"unit_of_measurement": "W"})
    form = await price_form(hass, source)
    adjusted = {"price_factor": 1, "price_offset": 0, **entered}
    result = await enter(hass, form, adjusted)
    assert result["errors"] == {field: error}
    text = ENGLISH["config"]["error"][error]
    assert text.startswith("{field}: ")
    assert result["description_placeholders"].keys() >= named_in(text)
    step = ENGLISH["config"]["step"]["price_entity" if source == "entity" else source]
    # What is in a section is named with it.
    place = step["data"].get(field) or f"{step['sections'][field]['name']}, "
    assert result["description_placeholders"]["field"].startswith(place)
    for name in ("price_offset", "forecast_entity"):
        assert suggested(result, name) == adjusted.get(name)
    right = {"constant": CONSTANT, "entity": ENTITY, "time_of_use": {"time_of_use": ROWS}}[source]
    result = await enter_prices(hass, result, {"price_factor": 1, "price_offset": 0, **right})
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_export_that_is_silent_may_stay_while_the_site_is_changed(
    hass: HomeAssistant, house: House
) -> None:
    hass.states.async_set("sensor.export", "0.1", {"unit_of_measurement": "EUR/kWh"})
    entry = await house.async_set_up_site(data={"export_entity": "sensor.export"})
    hass.states.async_set("sensor.export", "unavailable")
    hass.states.async_set("sensor.other", "unavailable")
    result = await entry.start_reconfigure_flow(hass)
    result = await enter(hass, result, {**SITE, "price_source": "entity"})
    result = await enter(hass, result, {**ENTITY, "export": {"export_entity": "sensor.other"}})
    assert result["errors"] == {"export": "price_not_available"}
    result = await enter_prices(
        hass, result, {**ENTITY, "export": {"export_entity": "sensor.export"}}
    )
    assert result["reason"] == "reconfigure_successful"


async def test_forecast_that_is_silent_does_not_keep_the_site_from_being_changed(
    hass: HomeAssistant, house: House
) -> None:
    hass.states.async_set("sensor.forecast", "unavailable")
    entry = await house.async_set_up_site(data={"forecast_entity": "sensor.forecast"})
    result = await entry.start_reconfigure_flow(hass)
    result = await enter(hass, result, {**SITE, "price_source": "entity", "fuse_a": 16})
    assert suggested(result, "forecast_entity") == "sensor.forecast"
    result = await enter_prices(hass, result, {**ENTITY, "forecast_entity": "sensor.forecast"})
    assert result["reason"] == "reconfigure_successful"
    await house.async_settle()
    assert entry.data["fuse_a"] == 16


async def test_rows_that_are_exceptions_may_count_at_the_same_time(hass: HomeAssistant) -> None:
    """Fewer days, fewer months, or other days: it is clear which row counts."""
    exceptions = [
        {"from": "07:00:00", "price": 0.30, "weekdays": WEEK[5:]},
        {"from": "07:00:00", "price": 0.45, "months": ["jan", "feb"]},
        {"from": "23:00:00", "price": 0.12, "weekdays": WEEK[5:]},
    ]
    form = await price_form(hass, "time_of_use")
    rows = {"time_of_use": [*ROWS, *exceptions], "price_factor": 1, "price_offset": 0}
    result = await enter_prices(hass, form, rows)
    assert result["type"] is FlowResultType.CREATE_ENTRY
