"""What the flow of a site shows of prices before it goes on."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from tests.flows.test_config_flow import CONSTANT, ENTITY, SITE, enter, start
from tests.house import ENGLISH, PRICE, House, named_in

MIDNIGHT = datetime(2026, 11, 20, tzinfo=ZoneInfo("Europe/Amsterdam"))
UNIT = {"unit_of_measurement": "EUR/kWh"}
FLAT: list[dict[str, Any]] = [{"from": "00:00:00", "price": 0.02}]


@pytest.fixture(autouse=True)
async def _house(house: House) -> AsyncGenerator[None]:
    """Let every flow of this module run in a house, and what it sets up come to its end."""
    yield
    await house.async_settle()


def rows(hours: int, **more: Any) -> list[dict[str, Any]]:
    """Return an hour's price from midnight on: 10 cents, and a cent more each hour of the day."""
    return [
        {
            "start": (MIDNIGHT + timedelta(hours=n)).isoformat(),
            "price": round(0.1 + n % 24 / 100, 2),
            **more,
        }
        for n in range(hours)
    ]


async def echo(hass: HomeAssistant, **more: Any) -> ConfigFlowResult:
    """Enter the price entity, and return what is shown of it."""
    form = await enter(hass, await start(hass), {**SITE, "price_source": "entity"})
    return await enter(hass, form, {**ENTITY, **more})


async def test_prices_have_the_decimal_mark_of_the_language(hass: HomeAssistant) -> None:
    hass.config.language = "de"
    hass.states.async_set(PRICE, "0.30", {**UNIT, "prices": rows(48)})
    shown = (await echo(hass))["description_placeholders"]
    assert shown is not None
    assert (shown["lowest"], shown["highest"]) == ("0,1", "0,33")


async def test_prices_of_two_days(hass: HomeAssistant) -> None:
    hass.states.async_set(PRICE, "0.30", {**UNIT, "prices": rows(48)})
    shown = await echo(hass, price_factor=2, price_offset=0.05)
    assert shown["step_id"] == "prices_known"
    assert not shown["last_step"] or shown["last_step"] is None
    placeholders = shown["description_placeholders"]
    assert placeholders == {
        "currency": "EUR",
        "until": "2026-11-21 24:00",
        "lowest": "0.25",
        "highest": "0.71",
        "lists": "",
        "picture": "```\n"
        "            0     6     12    18\n"
        "2026-11-20  ▁▁▁▂▂▂▃▃▃▄▄▄▅▅▅▆▆▆▇▇▇███\n"
        "2026-11-21  ▁▁▁▂▂▂▃▃▃▄▄▄▅▅▅▆▆▆▇▇▇███\n"
        "```",
    }
    done = await enter(hass, shown, {})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert done["data"]["price_factor"] == 2


async def test_hours_without_a_price_are_dots(hass: HomeAssistant) -> None:
    hass.states.async_set(PRICE, "0.30", {**UNIT, "prices": rows(24)})
    shown = await echo(hass)
    assert shown["description_placeholders"]["until"] == "2026-11-20 24:00"
    assert shown["description_placeholders"]["picture"].splitlines()[-2].split() == [
        "2026-11-21",
        "·" * 24,
    ]


async def test_a_list_that_ends_soon_is_a_list(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to(MIDNIGHT + timedelta(hours=23, minutes=30))
    hass.states.async_set(PRICE, "0.33", {**UNIT, "prices": rows(24)})
    assert (await echo(hass))["step_id"] == "prices_known"


async def test_only_the_price_of_now(hass: HomeAssistant) -> None:
    hass.states.async_set(PRICE, "0.30", UNIT)
    shown = await echo(hass, price_offset=0.05)
    assert shown["step_id"] == "prices_now"
    assert shown["description_placeholders"]["highest"] == "0.35"


async def test_forecasts_are_none(hass: HomeAssistant) -> None:
    forecast = rows(48, descriptor="low", spike_status="none")
    hass.states.async_set(PRICE, "0.30", {**UNIT, "forecasts": forecast})
    shown = await echo(hass)
    assert shown["step_id"] == "prices_forecast"
    assert shown["description_placeholders"]["until"] == "2026-11-21 24:00"


async def test_a_list_that_could_not_be_read_is_named(hass: HomeAssistant) -> None:
    unread = [{"start": row["start"], "renewables": 40} for row in rows(24)]
    hass.states.async_set(PRICE, "0.30", {**UNIT, "outlook": unread, "short": unread[:3]})
    shown = await echo(hass)
    assert shown["step_id"] == "prices_unread"
    assert shown["description_placeholders"]["lists"] == "outlook"


@pytest.mark.parametrize("step", ["known", "forecast", "now", "unread"])
async def test_texts_name_what_is_known(hass: HomeAssistant, step: str) -> None:
    hass.states.async_set(PRICE, "0.30", {**UNIT, "prices": rows(48)})
    named = named_in(ENGLISH["config"]["step"][f"prices_{step}"]["description"])
    assert named <= (await echo(hass))["description_placeholders"].keys()


async def test_one_price_is_shown_where_fees_change_it(hass: HomeAssistant) -> None:
    form = await enter(hass, await start(hass), SITE)
    shown = await enter(hass, form, {**CONSTANT, "fees_by_time": {"fees": FLAT}})
    assert shown["step_id"] == "prices_known"
    assert shown["description_placeholders"]["lowest"] == "0.27"


async def test_reconfigure_shows_it_as_well(hass: HomeAssistant, house: House) -> None:
    entry = await house.async_set_up_site()
    form = await entry.start_reconfigure_flow(hass)
    form = await enter(hass, form, {**SITE, "price_source": "entity"})
    shown = await enter(hass, form, {**ENTITY, "price_factor": 3})
    assert shown["step_id"] == "prices_known"
    assert "price_factor" not in entry.data or entry.data["price_factor"] != 3
    done = await enter(hass, shown, {})
    assert done["reason"] == "reconfigure_successful"
    assert entry.data["price_factor"] == 3
