"""Home Assistant's own Green Planet Energy integration, with only its server answered for."""

from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker
from tests.bindings.tariffs.day_prices import both, price_at
from tests.bindings.tariffs.integrations import (
    async_set_up,
    entity_id_of,
    read,
    tariff_of,
    validate,
)

QUARTER = timedelta(minutes=15)


def answer() -> dict[str, Any]:
    """Return both days in German notation, in cents."""
    slots = both(15)
    return {
        "result": {
            "errorCode": 0,
            "datum": [f"{start:%d.%m.%y, %H:%M} Uhr" for start, _, _ in slots],
            "wert": [f"{price * 100:.2f}".replace(".", ",") for _, _, price in slots],
        }
    }


@pytest.mark.parametrize("key", ["gpe_current_price", "gpe_highest_price_today"])
async def test_the_next_24_hours(
    home: HomeAssistant,
    aioclient_mock: AiohttpClientMocker,
    freezer: FrozenDateTimeFactory,
    key: str,
) -> None:
    freezer.move_to("2026-11-21 14:05:00+00:00")
    aioclient_mock.post("https://mein.green-planet-energy.de/p2", json=answer())
    await async_set_up(home, MockConfigEntry(domain="green_planet_energy"))
    tariff = await tariff_of(home, entity_id_of(home, "green_planet_energy", key))
    series = await validate(tariff)
    start = datetime(2026, 11, 21, 14, tzinfo=UTC)
    assert [period.start for period in series.periods] == [start + n * QUARTER for n in range(96)]
    for period in series.periods:
        assert period.price == pytest.approx(price_at(period.start))
    # What is known moves on with the time
    freezer.tick(timedelta(hours=1))
    assert (await read(tariff)).periods[0].start == start + timedelta(hours=1)
