"""Prices by time of day that hold on days of a colour, as the terms of Tempo have them."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from tests.flows.test_config_flow import SITE, enter, enter_prices, start
from tests.house import House

PARIS = ZoneInfo("Europe/Paris")
PRICES = {"blue": (0.15, 0.12), "white": (0.17, 0.14), "red": (0.65, 0.15)}
ROWS: list[dict[str, Any]] = [
    {"from": at, "price": price, "colours": [colour]}
    for colour, prices in PRICES.items()
    for at, price in zip(("06:00:00", "22:00:00"), prices, strict=True)
]
DAYS_OF_YEAR = {"blue": 300, "white": 43, "red": 22}
TABLE = {"time_of_use": ROWS, "price_factor": 1, "price_offset": 0}


@pytest.fixture(autouse=True)
async def _house(
    house: House, hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> AsyncGenerator[None]:
    """Let it be noon in Paris."""
    await hass.config.async_set_time_zone("Europe/Paris")
    freezer.move_to(datetime(2026, 11, 20, 12, tzinfo=PARIS))
    yield
    await house.async_settle()


def show(hass: HomeAssistant, entity_id: str, colour: str) -> None:
    """Let a sensor show a colour, as it is called in French."""
    name = "Tempo Prochaine couleur" if entity_id.endswith("next") else "Tempo Couleur actuelle"
    french = {"blue": "Bleu", "white": "Blanc", "red": "Rouge"}
    hass.states.async_set(entity_id, french.get(colour, colour), {"friendly_name": name})


@pytest.fixture
def today(hass: HomeAssistant) -> str:
    """Return a sensor of today's colour, with one of tomorrow's beside it."""
    entry = MockConfigEntry(domain="rtetempo", title="Tempo")
    entry.add_to_hass(hass)
    ids = [
        er.async_get(hass)
        .async_get_or_create("sensor", "rtetempo", key, config_entry=entry)
        .entity_id
        for key in ("today", "next")
    ]
    show(hass, ids[0], "blue")
    show(hass, ids[1], "unknown")
    return ids[0]


async def set_up(hass: HomeAssistant, house: House, entity_id: str) -> Any:
    """Set a site up with the table, and return its coordinator."""
    form = await enter(hass, await start(hass), {**SITE, "price_source": "time_of_use"})
    result = await enter_prices(hass, form, {**TABLE, "colour_entity": entity_id})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()
    return result["result"].runtime_data.coordinator


def price_at(coordinator: Any, local: str) -> tuple[float, bool]:
    """Return what a kWh is planned to cost at a local time, and whether that is an estimate."""
    moment = datetime.fromisoformat(local).replace(tzinfo=PARIS).astimezone(UTC)
    site, start = coordinator.data.problem.site, coordinator.data.problem.horizon.start
    step = int((moment - start) / timedelta(minutes=15))
    return site.import_price[step], bool(site.estimated and site.estimated[step])


def mean(kind: int) -> float:
    """Return what a day of an unknown colour costs on average."""
    return sum(DAYS_OF_YEAR[c] * PRICES[c][kind] for c in PRICES) / sum(DAYS_OF_YEAR.values())


async def test_price_of_a_day_is_that_of_its_colour(
    hass: HomeAssistant, house: House, today: str
) -> None:
    coordinator = await set_up(hass, house, today)
    assert price_at(coordinator, "2026-11-20T13:00") == (0.15, False)
    # The night belongs to the day before.
    assert price_at(coordinator, "2026-11-21T02:00") == (0.12, False)
    assert price_at(coordinator, "2026-11-21T07:00") == (pytest.approx(mean(0)), True)
    # Tomorrow's colour is published while the site runs.
    show(hass, today.replace("today", "next"), "red")
    await house.async_settle()
    assert price_at(coordinator, "2026-11-21T02:00") == (0.12, False)
    assert price_at(coordinator, "2026-11-21T07:00") == (0.65, False)


async def test_a_day_without_a_colour_is_estimated(
    hass: HomeAssistant, house: House, today: str
) -> None:
    coordinator = await set_up(hass, house, today)
    show(hass, today, "unavailable")
    await house.async_advance(timedelta(days=3))
    await house.async_settle()
    assert price_at(coordinator, "2026-11-23T14:00") == (pytest.approx(mean(0)), True)


@pytest.mark.parametrize(
    ("entered", "error"),
    [
        ({}, "price_colours_missing"),
        ({"colour_entity": "sensor.nowhere"}, "price_colours_unreadable"),
    ],
)
async def test_rows_of_a_colour_need_a_sensor_of_colours(
    hass: HomeAssistant, entered: dict[str, Any], error: str
) -> None:
    form = await enter(hass, await start(hass), {**SITE, "price_source": "time_of_use"})
    result = await enter(hass, form, {**TABLE, **entered})
    assert result["errors"] == {"colour_entity": error}


async def test_fees_have_colours_as_well(hass: HomeAssistant, house: House, today: str) -> None:
    form = await enter(hass, await start(hass), {**SITE, "price_source": "constant"})
    fees = [
        {"from": "00:00:00", "price": 0.0},
        {"from": "00:00:00", "price": 0.5, "colours": ["red"]},
    ]
    entered = {"price": 0.2, "price_factor": 1, "price_offset": 0}
    result = await enter_prices(hass, form, {**entered, "fees": fees, "colour_entity": today})
    assert result["type"] is FlowResultType.CREATE_ENTRY, result["errors"]
    await house.async_settle()
    coordinator = result["result"].runtime_data.coordinator
    assert price_at(coordinator, "2026-11-20T13:00") == (0.2, False)
    show(hass, today, "red")
    await house.async_settle()
    assert price_at(coordinator, "2026-11-20T13:00") == (pytest.approx(0.7), False)


async def test_two_rows_at_the_same_time_of_the_same_colour_are_refused(
    hass: HomeAssistant, today: str
) -> None:
    form = await enter(hass, await start(hass), {**SITE, "price_source": "time_of_use"})
    twice = [*ROWS, {"from": "06:00:00", "price": 0.3, "colours": ["red"]}]
    result = await enter(hass, form, {**TABLE, "time_of_use": twice, "colour_entity": today})
    assert result["errors"] == {"time_of_use": "price_rows_same_time"}
