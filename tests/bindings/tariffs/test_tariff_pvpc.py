"""Home Assistant's own PVPC integration, with only its server answered for."""

from datetime import UTC, datetime, timedelta
import re
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.test_util.aiohttp import (
    AiohttpClientMocker,
    AiohttpClientMockResponse,
)
from tests.bindings.tariffs.integrations import async_set_up, entity_id_of, tariff_of, validate
from yarl import URL

MADRID = ZoneInfo("Europe/Madrid")
HOUR = timedelta(hours=1)


async def answer(method: str, url: URL, _data: object) -> AiohttpClientMockResponse:
    """Answer a request for a day: an hour costs 100 euros per MWh and its number in the day."""
    day = datetime.fromisoformat(url.query["date"]).replace(tzinfo=MADRID)
    hours = ((day + timedelta(days=1)).astimezone(UTC) - day.astimezone(UTC)) // HOUR
    rows = [
        {
            "Dia": f"{day:%d/%m/%Y}",
            "Hora": f"{n:02d}-{n + 1:02d}",
            "PCB": f"{100 + n},00",
            "CYM": "0",
        }
        for n in range(hours)
    ]
    return AiohttpClientMockResponse(method, url, json={"PVPC": rows})


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-11-21", 24), ("2026-03-29", 23), ("2026-10-25", 25)]
)
async def test_today_and_in_the_evening_tomorrow(
    home: HomeAssistant,
    aioclient_mock: AiohttpClientMocker,
    freezer: FrozenDateTimeFactory,
    day: str,
    hours: int,
) -> None:
    await home.config.async_set_time_zone("Europe/Madrid")
    freezer.move_to(f"{day} 21:10:00+01:00")
    aioclient_mock.get(re.compile(r"https://api\.esios\.ree\.es/.*"), side_effect=answer)
    await async_set_up(
        home,
        MockConfigEntry(
            domain="pvpc_hourly_pricing",
            unique_id="2.0TD",
            data={"name": "PVPC", "tariff": "2.0TD", "power": 3.3, "power_p3": 3.3},
        ),
    )
    entity_id = entity_id_of(home, "pvpc_hourly_pricing", "2.0TD")
    series = await validate(await tariff_of(home, entity_id))
    start = datetime.fromisoformat(day).replace(tzinfo=MADRID).astimezone(UTC)
    assert len(series.periods) == hours + 24
    for index, period in enumerate(series.periods):
        assert period.start == start + index * HOUR
        of_day = index if index < hours else index - hours
        assert period.price == pytest.approx((100 + of_day) / 1000), period.start
