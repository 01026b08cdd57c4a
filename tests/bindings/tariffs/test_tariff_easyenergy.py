"""Home Assistant's own easyEnergy integration, with only its server answered for."""

from datetime import UTC, datetime, timedelta
import re

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_CALL_SERVICE
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events
from pytest_homeassistant_custom_component.test_util.aiohttp import (
    AiohttpClientMocker,
    AiohttpClientMockResponse,
)
from tests.bindings.tariffs.day_prices import AMSTERDAM, HOUR, price_at
from tests.bindings.tariffs.integrations import (
    async_set_up,
    entity_id_of,
    export_of,
    read,
    tariff_of,
    validate,
)
from yarl import URL


async def answer(method: str, url: URL, _data: object) -> AiohttpClientMockResponse:
    """Answer a request for days as the server does; it has published two days."""
    moment = datetime.fromisoformat(url.query["start"]).replace(tzinfo=AMSTERDAM).astimezone(UTC)
    end = datetime.fromisoformat(url.query["end"]).replace(tzinfo=AMSTERDAM).astimezone(UTC)
    last = datetime(2026, 11, 22, 23, tzinfo=UTC)
    prices = []
    while moment < end and moment < last:
        prices.append(
            {
                "from": f"{moment:%Y-%m-%dT%H:%M:%S}.0000000+00:00",
                "until": f"{moment + HOUR:%Y-%m-%dT%H:%M:%S}.0000000+00:00",
                "price": price_at(moment),
                "priceIncVat": price_at(moment) * 1.21,
                "energyTax": 0.1,
                "purchasePrice": 0.02,
                "invoicePrice": 0.5,
                "average": 0.3,
                "averageInc": 0.36,
                "unit": "kWh",
                "granularity": url.query["granularity"],
            }
        )
        moment += HOUR
    return AiohttpClientMockResponse(
        method, url, headers={"Content-Type": "application/json"}, json={"prices": prices}
    )


@pytest.fixture
async def easyenergy(home: HomeAssistant, aioclient_mock: AiohttpClientMocker) -> MockConfigEntry:
    aioclient_mock.get(
        re.compile(r"https://price-graph\.mijn\.easyenergy\.com/api/prices.*"), side_effect=answer
    )
    return await async_set_up(home, MockConfigEntry(domain="easyenergy", title="easyEnergy"))


async def test_usage_with_taxes(
    home: HomeAssistant, easyenergy: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    key = f"{easyenergy.entry_id}_today_energy_usage_current_hour_price"
    entity_id = entity_id_of(home, "easyenergy", key)
    calls = async_capture_events(home, EVENT_CALL_SERVICE)
    tariff = await tariff_of(home, entity_id)
    series = await validate(tariff)
    assert [call.data["service"] for call in calls] == ["get_energy_usage_prices"]
    assert len(series.periods) == 24
    now = datetime(2026, 11, 21, 10, 5, tzinfo=UTC)
    assert series.price_at(now) == pytest.approx(float(home.states.get(entity_id).state))
    freezer.move_to("2026-11-21 13:00:00+00:00")
    series = await read(tariff)
    assert series.known_until == datetime(2026, 11, 22, 23, tzinfo=UTC)
    for period in series.periods:
        assert period.end - period.start == timedelta(hours=1)
        assert period.price == pytest.approx(price_at(period.start) * 1.21)


async def test_return(home: HomeAssistant, easyenergy: MockConfigEntry) -> None:
    key = f"{easyenergy.entry_id}_today_energy_return_current_hour_price"
    entity_id = entity_id_of(home, "easyenergy", key)
    calls = async_capture_events(home, EVENT_CALL_SERVICE)
    series = (await validate(await export_of(home, entity_id))).known
    # It may be the same figure; it need not stay so.
    assert [call.data["service"] for call in calls] == ["get_energy_return_prices"]
    now = datetime(2026, 11, 21, 10, 5, tzinfo=UTC)
    assert series.price_at(now) == pytest.approx(float(home.states.get(entity_id).state))
    assert len(series.periods) == 24
