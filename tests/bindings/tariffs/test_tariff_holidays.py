"""Holidays, from Home Assistant's own Workday and Holiday integrations."""

from datetime import UTC, date, datetime

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigFlow
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.loader import async_get_integration
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    mock_config_flow,
    mock_platform,
)
from tests.bindings.tariffs.day_prices import AMSTERDAM
from tests.bindings.tariffs.integrations import async_set_up

from custom_components.optivgi.bindings.tariffs import TariffError, async_create_tariff
from custom_components.optivgi.bindings.tariffs.holidays import Holidays

WORKDAY = MockConfigEntry(
    domain="workday",
    title="Workday",
    options={
        "name": "Workday",
        "country": "NL",
        "province": None,
        "language": "nl",
        "add_holidays": [],
        "remove_holidays": [],
        "excludes": ["sat", "sun", "holiday"],
        "workdays": ["mon", "tue", "wed", "thu", "fri"],
        "days_offset": 0,
    },
)
HOLIDAY = MockConfigEntry(domain="holiday", title="Netherlands", data={"country": "NL"})
ROWS = [
    {"from": "00:00:00", "price": 0.2},
    {"from": "07:00:00", "price": 0.3, "weekdays": ["mon", "tue", "wed", "thu", "fri"]},
    {"from": "23:00:00", "price": 0.2, "weekdays": ["sun", "holiday"]},
]


@pytest.fixture(params=["workday sensor", "workday calendar", "holiday calendar"])
async def entity_id(
    request: pytest.FixtureRequest, home: HomeAssistant, freezer: FrozenDateTimeFactory
) -> str:
    """Return an entity that knows the Dutch holidays, three days before Christmas."""
    freezer.move_to("2026-12-22 10:00:00+00:00")
    source, kind = request.param.split()
    template = WORKDAY if source == "workday" else HOLIDAY
    entry = MockConfigEntry(
        domain=template.domain,
        title=template.title,
        data=dict(template.data),
        options=dict(template.options),
        minor_version=2,
    )
    # The flow of the one wants a library that nothing else does.
    await async_get_integration(home, source)
    mock_platform(home, f"{source}.config_flow")
    with mock_config_flow(source, ConfigFlow):
        await async_set_up(home, entry)
    domain = "binary_sensor" if kind == "sensor" else "calendar"
    (found,) = (
        entity.entity_id
        for entity in er.async_get(home).entities.values()
        if entity.domain == domain and entity.platform == source
    )
    return found


async def test_every_kind_of_entity_tells_the_same(home: HomeAssistant, entity_id: str) -> None:
    holidays = Holidays(home, entity_id)
    found = await holidays.async_between(date(2026, 12, 21), date(2026, 12, 27))
    # Boxing Day is a Saturday, which a sensor of workdays cannot tell from any other.
    assert {day for day in found if day.weekday() < 5} == {date(2026, 12, 25)}
    assert date(2026, 12, 27) not in found


async def test_prices_of_a_holiday(home: HomeAssistant, entity_id: str) -> None:
    tariff = await async_create_tariff(
        home,
        {"price_source": "time_of_use", "time_of_use": ROWS, "holiday_entity": entity_id},
    )
    start = datetime(2026, 12, 24, tzinfo=AMSTERDAM).astimezone(UTC)
    end = datetime(2026, 12, 26, tzinfo=AMSTERDAM).astimezone(UTC)
    series = await tariff.async_validate(start, end)
    told = [
        (period.start.astimezone(AMSTERDAM).strftime("%a %H:%M"), period.price)
        for period in series.periods
    ]
    assert told == [
        ("Thu 00:00", 0.2),
        ("Thu 07:00", 0.3),
        ("Fri 00:00", 0.2),
        ("Fri 23:00", 0.2),
    ]


async def test_rows_for_holidays_without_a_source(home: HomeAssistant) -> None:
    with pytest.raises(TariffError) as caught:
        await async_create_tariff(home, {"price_source": "time_of_use", "time_of_use": ROWS})
    assert caught.value.translation_key == "price_holidays_missing"


@pytest.mark.parametrize("wrong", ["calendar.nowhere", "binary_sensor.door"])
async def test_entity_without_holidays(home: HomeAssistant, wrong: str) -> None:
    home.states.async_set("binary_sensor.door", "off")
    tariff = await async_create_tariff(
        home, {"price_source": "time_of_use", "time_of_use": ROWS, "holiday_entity": wrong}
    )
    start, end = datetime(2026, 11, 21, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC)
    with pytest.raises(TariffError) as caught:
        await tariff.async_validate(start, end)
    assert caught.value.translation_key == "price_holidays_unreadable"
    assert caught.value.placeholders["entity"] == wrong
    # A site that has it already goes on as if there were no holidays.
    assert (await tariff.async_read(start, end)).covers(start, end)
