"""Home Assistant's own Nord Pool integration, with only its server answered for."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
import re
from zoneinfo import ZoneInfo

from aiohttp import ClientConnectionError
from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import MAJOR_VERSION, MINOR_VERSION
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    mock_integration,
)
from pytest_homeassistant_custom_component.test_util.aiohttp import (
    AiohttpClientMocker,
    AiohttpClientMockResponse,
)
from yarl import URL

from custom_components.optivgi.bindings.tariffs import (
    PriceSeries,
    Tariff,
    TariffError,
    TariffNotReady,
    async_create_tariff,
)
from custom_components.optivgi.bindings.tariffs.attributes import AttributeTariff
from custom_components.optivgi.bindings.tariffs.estimates import EstimatedTariff
from custom_components.optivgi.bindings.tariffs.nordpool import NordpoolTariff
from custom_components.optivgi.const import (
    CONF_PRICE_ENTITY,
    CONF_PRICE_FACTOR,
    CONF_PRICE_OFFSET,
    CONF_PRICE_SOURCE,
    PriceSource,
)

MARKET = ZoneInfo("Europe/Oslo")
# Since 2026.11 the integration's action answers from what its sensors have been read from.
FIRST_ASKED = [] if (MAJOR_VERSION, MINOR_VERSION) >= (2026, 11) else ["2026-11-21"]
QUARTER = timedelta(minutes=15)


class Server:
    """Nord Pool's data portal: quarter-hours of a market day, per MWh."""

    def __init__(self, mocker: AiohttpClientMocker) -> None:
        """Answer requests from now on."""
        self.published = date(2026, 11, 21)
        self.down = False
        self.asked: list[str] = []
        mocker.get(
            re.compile(r"https://dataportal-api\.nordpoolgroup\.com/api/DayAheadPrices\?.*"),
            side_effect=self.answer,
        )

    def price(self, area: str, start: datetime) -> float:
        """Return the price per MWh: different for each quarter of a day and each area."""
        local = start.astimezone(MARKET)
        return local.hour * 4 + local.minute // 15 + (100 if area == "BE" else 0) - 5

    async def answer(self, method: str, url: URL, _data: object) -> AiohttpClientMockResponse:
        """Answer a request for a day."""
        if self.down:
            raise ClientConnectionError
        day = date.fromisoformat(url.query["date"])
        self.asked.append(url.query["date"])
        if day > self.published:
            return AiohttpClientMockResponse(method, url, status=204)
        areas = url.query["deliveryArea"].split(",")
        start = datetime(day.year, day.month, day.day, tzinfo=MARKET).astimezone(UTC)
        after = day + timedelta(days=1)
        end = datetime(after.year, after.month, after.day, tzinfo=MARKET).astimezone(UTC)
        entries = []
        while start < end:
            entries.append(
                {
                    "deliveryStart": f"{start:%Y-%m-%dT%H:%M:%SZ}",
                    "deliveryEnd": f"{start + QUARTER:%Y-%m-%dT%H:%M:%SZ}",
                    "entryPerArea": {area: self.price(area, start) for area in areas},
                }
            )
            start += QUARTER
        return AiohttpClientMockResponse(
            method,
            url,
            json={
                "deliveryDateCET": day.isoformat(),
                "version": 3,
                "updatedAt": "2026-11-20T11:58:10.9338414Z",
                "deliveryAreas": areas,
                "market": "DayAhead",
                "multiAreaEntries": entries,
                "blockPriceAggregates": [
                    {
                        "blockName": "Off-peak 1",
                        "deliveryStart": entries[0]["deliveryStart"],
                        "deliveryEnd": entries[31]["deliveryEnd"],
                        "averagePricePerArea": {
                            area: {"average": 20.0, "min": -5.0, "max": 40.0} for area in areas
                        },
                    }
                ],
                "currency": url.query["currency"],
                "exchangeRate": 1,
                "areaStates": [{"state": "Final", "areas": areas}],
                "areaAverages": [{"areaCode": area, "price": 42.5} for area in areas],
            },
        )


@pytest.fixture
def server(aioclient_mock: AiohttpClientMocker) -> Server:
    return Server(aioclient_mock)


@pytest.fixture
async def nordpool(home: HomeAssistant, server: Server) -> AsyncIterator[MockConfigEntry]:
    entry = MockConfigEntry(domain="nordpool", data={"areas": ["NL", "BE"], "currency": "EUR"})
    entry.add_to_hass(home)
    assert await home.config_entries.async_setup(entry.entry_id)
    await home.async_block_till_done(wait_background_tasks=True)
    server.asked.clear()
    yield entry
    if home.config_entries.async_get_entry(entry.entry_id):
        await home.config_entries.async_unload(entry.entry_id)


def entity_id_of(hass: HomeAssistant, unique_id: str, domain: str = "sensor") -> str:
    entity_id = er.async_get(hass).async_get_entity_id(domain, "nordpool", unique_id)
    assert entity_id is not None
    return entity_id


async def tariff_of(hass: HomeAssistant, entity_id: str, **data: float) -> Tariff:
    return await async_create_tariff(
        hass,
        {CONF_PRICE_SOURCE: PriceSource.ENTITY, CONF_PRICE_ENTITY: entity_id, **data},
    )


async def read(tariff: Tariff, h: int = 36) -> PriceSeries:
    """Return what is known; beyond it there are estimates."""
    now = dt_util.utcnow()
    return (await tariff.async_read(now, now + timedelta(hours=h))).known


async def test_prices_are_per_kwh_and_equal_the_sensor(
    home: HomeAssistant, nordpool: MockConfigEntry, server: Server
) -> None:
    entity_id = entity_id_of(home, "NL-current_price")
    tariff = await tariff_of(home, entity_id)
    assert isinstance(tariff, EstimatedTariff)
    assert isinstance(tariff.source, NordpoolTariff)
    series = await read(tariff)
    assert len(series.periods) == 96
    for period in series.periods:
        assert period.end - period.start == QUARTER
        assert period.price == pytest.approx(server.price("NL", period.start) / 1000)
    assert series.periods[0].price == pytest.approx(-0.005)
    now = dt_util.utcnow()
    assert series.price_at(now) == pytest.approx(float(home.states.get(entity_id).state))


@pytest.mark.parametrize("key", ["BE-next_price", "off_peak_1-BE-block_average"])
async def test_area_is_that_of_the_entity(
    home: HomeAssistant, nordpool: MockConfigEntry, server: Server, key: str
) -> None:
    registry = er.async_get(home)
    series = await read(await tariff_of(home, entity_id_of(home, key)))
    assert series.periods[0].price == pytest.approx(0.095)
    # By the registry's id as well, which outlives a new name
    registered = registry.async_get(entity_id_of(home, key))
    series = await read(await tariff_of(home, registered.id))
    assert series.periods[0].price == pytest.approx(0.095)


async def test_tomorrow_when_it_is_published(
    home: HomeAssistant, nordpool: MockConfigEntry, server: Server, freezer: FrozenDateTimeFactory
) -> None:
    tariff = await tariff_of(home, entity_id_of(home, "NL-current_price"))
    assert (await read(tariff)).known_until == datetime(2026, 11, 21, 23, tzinfo=UTC)
    # In the morning nobody knows tomorrow's
    assert server.asked == FIRST_ASKED

    freezer.move_to("2026-11-21 11:40:00+00:00")
    assert (await read(tariff)).known_until == datetime(2026, 11, 21, 23, tzinfo=UTC)
    assert server.asked == [*FIRST_ASKED, "2026-11-22"]
    server.published = date(2026, 11, 22)
    freezer.tick(timedelta(minutes=2))
    await read(tariff)
    assert server.asked == [*FIRST_ASKED, "2026-11-22"]

    freezer.tick(timedelta(minutes=5))
    series = await read(tariff)
    assert series.known_until == datetime(2026, 11, 22, 23, tzinfo=UTC)
    assert len(series.periods) == 192
    await read(tariff)
    assert server.asked == [*FIRST_ASKED, "2026-11-22", "2026-11-22"]

    # A day later the first one is forgotten, and nothing is asked for again.
    freezer.move_to("2026-11-22 10:00:00+00:00")
    assert len((await read(tariff)).periods) == 96
    assert len(server.asked) == len(FIRST_ASKED) + 2


async def test_only_what_the_plan_needs_is_asked_for(
    home: HomeAssistant, nordpool: MockConfigEntry, server: Server, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to("2026-11-21 12:30:00+00:00")
    tariff = await tariff_of(home, entity_id_of(home, "NL-current_price"))
    await read(tariff, h=4)
    assert server.asked == FIRST_ASKED


@pytest.mark.usefixtures("nordpool", "server")
@pytest.mark.parametrize(("day", "quarters"), [("2026-10-25", 100), ("2026-03-29", 92)])
async def test_days_on_which_the_clocks_change(
    home: HomeAssistant, freezer: FrozenDateTimeFactory, day: str, quarters: int
) -> None:
    freezer.move_to(f"{day} 08:00:00+00:00")
    series = await read(await tariff_of(home, entity_id_of(home, "NL-current_price")), h=12)
    assert len(series.periods) == quarters


async def test_watches_what_shows_new_prices(
    home: HomeAssistant, nordpool: MockConfigEntry
) -> None:
    entity_id = entity_id_of(home, "NL-current_price")
    tomorrow = entity_id_of(home, "NL-tomorrow_price_available", "binary_sensor")
    tariff = await tariff_of(home, entity_id, **{CONF_PRICE_FACTOR: 1.21})
    assert tariff.watched_entities == (entity_id, tomorrow)


async def test_taxes_and_fees(
    home: HomeAssistant, nordpool: MockConfigEntry, server: Server
) -> None:
    tariff = await tariff_of(
        home,
        entity_id_of(home, "NL-current_price"),
        **{CONF_PRICE_FACTOR: 1.21, CONF_PRICE_OFFSET: 0.15},
    )
    series = await read(tariff)
    assert series.periods[0].price == pytest.approx(-0.005 * 1.21 + 0.15)
    now = dt_util.utcnow()
    assert await tariff.async_validate(now, now + timedelta(hours=24)) == series


async def test_server_down(
    home: HomeAssistant, nordpool: MockConfigEntry, server: Server, freezer: FrozenDateTimeFactory
) -> None:
    tariff = await tariff_of(home, entity_id_of(home, "NL-current_price"))
    # Of these days the integration has read nothing yet.
    server.published = date(2026, 11, 24)
    freezer.move_to("2026-11-24 08:00:00+00:00")
    server.down = True
    with pytest.raises(TariffNotReady):
        await read(tariff)
    server.down = False
    with pytest.raises(TariffNotReady):
        await read(tariff)
    freezer.tick(timedelta(minutes=6))
    assert len((await read(tariff)).periods) == 96
    server.down = True
    freezer.move_to("2026-11-24 12:30:00+00:00")
    assert len((await read(tariff)).periods) == 96


async def test_integration_not_loaded_yet(
    home: HomeAssistant, nordpool: MockConfigEntry, server: Server
) -> None:
    tariff = await tariff_of(home, entity_id_of(home, "NL-current_price"))
    await home.config_entries.async_unload(nordpool.entry_id)
    with pytest.raises(TariffNotReady):
        await read(tariff)
    await home.config_entries.async_setup(nordpool.entry_id)
    # At once: no server was asked in vain
    assert len((await read(tariff)).periods) == 96


async def test_integration_removed(home: HomeAssistant, nordpool: MockConfigEntry) -> None:
    tariff = await tariff_of(home, entity_id_of(home, "NL-current_price"))
    await home.config_entries.async_remove(nordpool.entry_id)
    with pytest.raises(TariffError) as caught:
        await read(tariff)
    assert caught.value.translation_key == "price_entity_missing"


async def test_area_that_is_no_longer_there(home: HomeAssistant, nordpool: MockConfigEntry) -> None:
    tariff = await tariff_of(home, entity_id_of(home, "NL-current_price"))
    home.config_entries.async_update_entry(
        nordpool, data={"areas": ["BE", "FR"], "currency": "EUR"}
    )
    with pytest.raises(TariffError) as caught:
        await read(tariff)
    assert caught.value.translation_key == "price_area_unknown"
    assert caught.value.placeholders["areas"] == "BE, FR"


async def test_another_currency_needs_a_factor(
    home: HomeAssistant, nordpool: MockConfigEntry
) -> None:
    home.config.currency = "NOK"
    entity_id = entity_id_of(home, "NL-current_price")
    now = dt_util.utcnow()
    with pytest.raises(TariffError) as caught:
        await (await tariff_of(home, entity_id)).async_validate(now, now + timedelta(hours=24))
    assert caught.value.translation_key == "price_currency_mismatch"
    tariff = await tariff_of(home, entity_id, **{CONF_PRICE_FACTOR: 11.6})
    series = await tariff.async_validate(now, now + timedelta(hours=24))
    assert series.periods[0].price == pytest.approx(-0.005 * 11.6)


async def test_custom_integration_of_the_same_name(
    home: HomeAssistant, entity_registry: er.EntityRegistry
) -> None:
    """The custom one keeps its prices in attributes and has no such action."""
    mock_integration(home, MockModule("nordpool"), built_in=False)
    entity = entity_registry.async_get_or_create("sensor", "nordpool", "nordpool_kwh_nl_eur")
    start = dt_util.utcnow().replace(minute=0, second=0)
    home.states.async_set(
        entity.entity_id,
        "0.25",
        {
            "raw_today": [{"start": start, "end": start + timedelta(hours=1), "value": 0.25}],
            "raw_tomorrow": [],
            "unit_of_measurement": "EUR/kWh",
        },
    )
    tariff = await tariff_of(home, entity.entity_id)
    assert isinstance(tariff, EstimatedTariff)
    assert isinstance(tariff.source, AttributeTariff)
    series = await read(tariff)
    assert series.periods[0].end == start + timedelta(hours=1)
