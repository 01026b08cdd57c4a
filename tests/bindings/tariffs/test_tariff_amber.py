"""Home Assistant's own Amber integration, with only its server answered for."""

from datetime import UTC, datetime, timedelta
import json
from typing import Any

from amberelectric.rest import RESTClientObject, RESTResponse
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from tests.bindings.tariffs.integrations import (
    async_set_up,
    entity_id_of,
    export_of,
    read_all,
    tariff_of,
    validate,
)
import urllib3

SITE = "01FG2K6V5TB6X9W0EWPPMZD6MJ"
NOW = datetime(2026, 11, 21, 10, 5, tzinfo=UTC)
START = datetime(2026, 11, 21, 10, tzinfo=UTC)
END = START + timedelta(hours=24)


def cents(start: datetime, channel: str) -> float:
    """Return the price of an interval; Amber tells what the household pays, so earning is less."""
    price = 20 + start.hour + start.minute / 100
    return -price / 2 if channel == "feedIn" else price


def interval(start: datetime, minutes: int, channel: str) -> dict[str, Any]:
    """Return an interval as the server tells it: it begins a second late."""
    end = start + timedelta(minutes=minutes)
    current = start <= NOW < end
    return {
        "type": "CurrentInterval" if current else "ForecastInterval",
        "duration": minutes,
        "spotPerKwh": 6.1,
        "perKwh": cents(start, channel),
        "date": f"{start:%Y-%m-%d}",
        "nemTime": f"{end.astimezone(UTC) + timedelta(hours=10):%Y-%m-%dT%H:%M:%S}+10:00",
        "startTime": f"{start:%Y-%m-%dT%H:%M}:01Z",
        "endTime": f"{end:%Y-%m-%dT%H:%M}:00Z",
        "renewables": 45.5,
        "channelType": channel,
        "tariffInformation": None,
        "spikeStatus": "none",
        "descriptor": "low",
        **({"estimate": True} if current else {}),
    }


def intervals(channel: str) -> list[dict[str, Any]]:
    """Return an hour in steps of five minutes, and the rest of the day in those of thirty."""
    rows, moment = [], START
    while moment < END:
        minutes = 5 if moment < START + timedelta(hours=1) else 30
        rows.append(interval(moment, minutes, channel))
        moment += timedelta(minutes=minutes)
    # What is over is not listed.
    return rows[1:]


@pytest.fixture
async def amber(home: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> MockConfigEntry:
    def answer(_client: RESTClientObject, *_args: Any, **_options: Any) -> RESTResponse:
        body = json.dumps([*intervals("general"), *intervals("feedIn")]).encode()
        return RESTResponse(
            urllib3.HTTPResponse(
                body=body, status=200, headers={"Content-Type": "application/json"}
            )
        )

    monkeypatch.setattr(RESTClientObject, "request", answer)
    home.config.currency = "AUD"
    return await async_set_up(
        home,
        MockConfigEntry(
            domain="amberelectric", title="Home", data={"api_token": "psk_1", "site_id": SITE}
        ),
    )


@pytest.mark.usefixtures("amber")
@pytest.mark.parametrize("key", ["current", "forecasts", "descriptors"])
async def test_the_running_interval_is_known_and_the_others_are_expected(
    home: HomeAssistant, key: str
) -> None:
    tariff = await tariff_of(home, entity_id_of(home, "amberelectric", f"{SITE}-{key}-general"))
    await validate(tariff)
    series = (await read_all(tariff, h=20)).between(NOW, END)
    assert len(series.periods) == 11 + 23 * 2
    assert [period.estimated for period in series.periods] == [False] + [True] * 56
    assert series.known_until == NOW + timedelta(minutes=5)
    for period in series.periods:
        assert period.price == pytest.approx(cents(period.start, "general") / 100)


@pytest.mark.usefixtures("amber")
async def test_feeding_in_earns_what_amber_counts_as_negative(home: HomeAssistant) -> None:
    entity_id = entity_id_of(home, "amberelectric", f"{SITE}-current-feed_in")
    series = (await read_all(await export_of(home, entity_id), h=20)).between(NOW, END)
    assert series.periods[0].price > 0
    for period in series.periods:
        assert period.price == pytest.approx(-cents(period.start, "feedIn") / 100)
