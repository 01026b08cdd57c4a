"""Home Assistant's own EnergyZero integration, with only its server answered for."""

from datetime import UTC, date, datetime, timedelta
import re
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.test_util.aiohttp import (
    AiohttpClientMocker,
    AiohttpClientMockResponse,
)
from tests.bindings.tariffs.day_prices import AMSTERDAM, price_at
from tests.bindings.tariffs.integrations import (
    async_set_up,
    entity_id_of,
    export_of,
    read,
    tariff_of,
    validate,
)
from yarl import URL

from custom_components.optivgi.bindings.tariffs import TariffError

# What each list of the answer adds to the price of the market
EXTRA = {"base": 0.0, "base_with_vat": 0.01, "all_in": 0.02, "all_in_with_vat": 0.03}
MINUTES = {"INTERVAL_HOUR": 60, "INTERVAL_QUARTER": 15, "INTERVAL_DAY": 1440}


class Server:
    """EnergyZero's public server."""

    def __init__(self, mocker: AiohttpClientMocker) -> None:
        """Answer requests from now on."""
        self.published = date(2026, 11, 21)
        mocker.get(re.compile(r"https://public\.api\.energyzero\.nl/.*"), side_effect=self.answer)

    async def answer(self, method: str, url: URL, _data: object) -> AiohttpClientMockResponse:
        """Answer a request for a day."""
        day = datetime.strptime(url.query["date"], "%d-%m-%Y").replace(tzinfo=AMSTERDAM)
        if day.date() > self.published:
            return AiohttpClientMockResponse(method, url, status=404, json={})
        step = timedelta(minutes=MINUTES[url.query["interval"]])
        moment, end = day.astimezone(UTC), (day + timedelta(days=1)).astimezone(UTC)
        starts = []
        while moment < end:
            starts.append(moment)
            moment += step
        return AiohttpClientMockResponse(
            method,
            url,
            headers={"Content-Type": "application/json"},
            json={
                name: [_row(start, step, extra) for start in starts]
                for name, extra in EXTRA.items()
            },
        )


def _row(start: datetime, step: timedelta, extra: float) -> dict[str, Any]:
    return {
        "start": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "end": f"{start + step:%Y-%m-%dT%H:%M:%SZ}",
        "price": {"value": f"{price_at(start) + extra:.5f}"},
    }


@pytest.fixture
def server(aioclient_mock: AiohttpClientMocker) -> Server:
    return Server(aioclient_mock)


async def set_up(hass: HomeAssistant, **options: str) -> MockConfigEntry:
    return await async_set_up(
        hass, MockConfigEntry(domain="energyzero", title="EnergyZero", options=options)
    )


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    ("key", "extra"),
    [
        ("today_energy_current_hour_price", EXTRA["base_with_vat"]),
        ("today_energy_all_in_current_price", EXTRA["all_in_with_vat"]),
        ("today_energy_average_price", EXTRA["base_with_vat"]),
    ],
)
async def test_prices_are_of_the_kind_of_the_picked_sensor(
    home: HomeAssistant, key: str, extra: float
) -> None:
    entry = await set_up(home)
    entity_id = entity_id_of(home, "energyzero", f"{entry.entry_id}_{key}")
    series = await read(await tariff_of(home, entity_id))
    assert len(series.periods) == 24
    for period in series.periods:
        assert period.price == pytest.approx(price_at(period.start) + extra)
    if "current" in key:
        now = datetime.fromisoformat("2026-11-21T10:05:00+00:00")
        assert series.price_at(now) == pytest.approx(float(home.states.get(entity_id).state))


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    ("day", "quarters"), [("2026-11-21", 96), ("2026-10-25", 100), ("2026-03-29", 92)]
)
async def test_quarters_where_the_household_is_billed_by_them(
    home: HomeAssistant, freezer: FrozenDateTimeFactory, day: str, quarters: int
) -> None:
    freezer.move_to(f"{day} 08:00:00+00:00")
    entry = await set_up(home, electricity_price_interval="quarter_hourly")
    entity_id = entity_id_of(
        home, "energyzero", f"{entry.entry_id}_today_energy_current_hour_price"
    )
    assert len((await read(await tariff_of(home, entity_id), h=10)).periods) == quarters


async def test_tomorrow_when_it_is_there(
    home: HomeAssistant, server: Server, freezer: FrozenDateTimeFactory
) -> None:
    entry = await set_up(home)
    entity_id = entity_id_of(
        home, "energyzero", f"{entry.entry_id}_today_energy_current_hour_price"
    )
    tariff = await tariff_of(home, entity_id)
    freezer.move_to("2026-11-21 13:00:00+00:00")
    assert (await read(tariff)).known_until == datetime(2026, 11, 21, 23, tzinfo=UTC)
    server.published = date(2026, 11, 22)
    freezer.tick(timedelta(minutes=6))
    assert (await read(tariff)).known_until == datetime(2026, 11, 22, 23, tzinfo=UTC)


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("key", ["today_gas_current_hour_price", "today_energy_percentage_of_max"])
async def test_sensor_that_is_no_price_of_electricity(home: HomeAssistant, key: str) -> None:
    entry = await set_up(home)
    entity_id = entity_id_of(home, "energyzero", f"{entry.entry_id}_{key}")
    with pytest.raises(TariffError) as caught:
        await validate(await tariff_of(home, entity_id))
    assert caught.value.translation_key == "price_unit_unknown"


@pytest.mark.usefixtures("server")
async def test_exported_energy_earns_the_market_price(home: HomeAssistant) -> None:
    entry = await set_up(home)
    entity_id = entity_id_of(
        home, "energyzero", f"{entry.entry_id}_today_energy_current_hour_price"
    )
    series = (await validate(await export_of(home, entity_id, export_offset=-0.02))).known
    for period in series.periods:
        assert period.price == pytest.approx(price_at(period.start) + 0.01 - 0.02)
