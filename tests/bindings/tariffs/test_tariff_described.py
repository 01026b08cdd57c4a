"""Sources with an action whose library is not at hand: answers built as their source builds them.

The action stands in for the integration's; that it is asked as the integration wants to be asked
is checked here, since nobody else does.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigFlow
from homeassistant.const import MAJOR_VERSION, MINOR_VERSION
from homeassistant.core import HomeAssistant, ServiceCall, SupportsResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    mock_config_flow,
    mock_integration,
    mock_platform,
)
from tests.bindings.tariffs.day_prices import both, price_at
from tests.bindings.tariffs.integrations import async_set_up, read, tariff_of, validate

from custom_components.optivgi.bindings.tariffs import TariffError, TariffNotReady

QUARTER = timedelta(minutes=15)


async def _as_ours(*_: Any) -> bool:
    return True


async def _as_core(*_: Any) -> bool | None:
    """Home Assistant's own integrations return nothing since 2026.11, where before they had to."""
    return None if (MAJOR_VERSION, MINOR_VERSION) >= (2026, 11) else True


async def pick(
    hass: HomeAssistant,
    platform: str,
    unique_id: str,
    *,
    device: str | None = None,
    built_in: bool = True,
) -> str:
    """Let an integration have an entity, on a device, and return its name."""
    done = _as_core if built_in else _as_ours
    module = MockModule(platform, async_setup_entry=done, async_unload_entry=done)
    mock_integration(hass, module, built_in=built_in)
    mock_platform(hass, f"{platform}.config_flow")
    with mock_config_flow(platform, ConfigFlow):
        entry = await async_set_up(hass, MockConfigEntry(domain=platform, entry_id="entry"))
    registered = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(platform, unique_id)}, name=device
    )
    entity = er.async_get(hass).async_get_or_create(
        "sensor", platform, unique_id, config_entry=entry, device_id=registered.id
    )
    hass.states.async_set(entity.entity_id, "0.31", {"unit_of_measurement": "EUR/kWh"})
    return entity.entity_id


def offer(hass: HomeAssistant, domain: str, action: str, answer: Any) -> list[dict[str, Any]]:
    """Let an integration have an action, and return what it is going to be asked."""
    asked: list[dict[str, Any]] = []

    def handle(call: ServiceCall) -> Any:
        asked.append(dict(call.data))
        return answer(**call.data)

    hass.services.async_register(domain, action, handle, supports_response=SupportsResponse.ONLY)
    return asked


@pytest.mark.parametrize(
    ("key", "country", "extra"), [("es_spot_price", "es", 0.0), ("pt_spot_price", "pt", 0.01)]
)
async def test_omie(
    home: HomeAssistant, freezer: FrozenDateTimeFactory, key: str, country: str, extra: float
) -> None:
    """Quarters of a day of the market, whose day is that of Madrid wherever the house stands."""
    await home.config.async_set_time_zone("Atlantic/Azores")
    market = ZoneInfo("CET")

    def answer(date: str, countries: list[str]) -> dict[str, Any]:
        if date > "2026-11-21":
            raise ServiceValidationError("Not there yet")
        moment = datetime.fromisoformat(date).replace(tzinfo=market).astimezone(UTC)
        starts = [moment + n * QUARTER for n in range(96)]
        return {
            name: [
                {
                    "start": start.astimezone(market).isoformat(),
                    "end": (start + QUARTER).astimezone(market).isoformat(),
                    "price": price_at(start) + {"es": 0.0, "pt": 0.01}[name],
                }
                for start in starts
            ]
            for name in countries
        }

    asked = offer(home, "omie", "get_prices_for_date", answer)
    tariff = await tariff_of(home, await pick(home, "omie", key))
    series = (await validate(tariff)).known
    assert asked == [{"date": "2026-11-21", "countries": [country]}]
    assert series.periods[0].start == datetime(2026, 11, 20, 23, tzinfo=UTC)
    assert len(series.periods) == 96
    for period in series.periods:
        assert period.price == pytest.approx(price_at(period.start) + extra)
    freezer.move_to("2026-11-21 12:30:00+00:00")
    assert (await read(tariff)).known_until == datetime(2026, 11, 21, 23, tzinfo=UTC)
    assert asked[1:] == [{"date": "2026-11-22", "countries": [country]}]


def tibber_answer(homes: list[str | None], published: str = "2026-11-22") -> Any:
    def answer(start: str, end: str) -> dict[str, Any]:
        begin, until = datetime.fromisoformat(start), datetime.fromisoformat(end)
        return {
            "prices": {
                name: [
                    {"start_time": s.isoformat(timespec="milliseconds"), "price": p + n / 100}
                    for s, _, p in both(15)
                    if begin <= s < until and s.date().isoformat() <= published
                ]
                for n, name in enumerate(homes)
            }
        }

    return answer


@pytest.mark.parametrize(
    ("homes", "name", "extra"),
    [
        (["Cabin"], "Home", 0.0),
        (["Cabin", "Home"], "Home", 0.01),
        # A home without a name of its own is listed under none, and called after its street.
        (["Cabin", None], "Street 1", 0.01),
    ],
)
async def test_tibber(
    home: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    homes: list[str | None],
    name: str,
    extra: float,
) -> None:
    freezer.move_to("2026-11-21 14:05:00+00:00")
    offer(home, "tibber", "get_prices", tibber_answer(homes))
    series = await read(await tariff_of(home, await pick(home, "tibber", "home-id", device=name)))
    assert len(series.periods) == 192
    for period in series.periods:
        assert period.end - period.start == QUARTER
        assert period.price == pytest.approx(price_at(period.start) + extra)


async def test_tibber_home_that_nobody_names(home: HomeAssistant) -> None:
    offer(home, "tibber", "get_prices", tibber_answer(["Cabin", "Flat"]))
    tariff = await tariff_of(home, await pick(home, "tibber", "home-id", device="Home"))
    with pytest.raises(TariffError) as caught:
        await read(tariff)
    assert caught.value.translation_key == "price_area_unknown"
    assert caught.value.placeholders["areas"] == "Cabin, Flat"


async def test_tibber_before_tomorrow_is_published(
    home: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to("2026-11-21 12:05:00+00:00")
    asked = offer(home, "tibber", "get_prices", tibber_answer(["Home"], published="2026-11-21"))
    tariff = await tariff_of(home, await pick(home, "tibber", "home-id", device="Home"))
    assert len((await read(tariff)).periods) == 96
    assert len(asked) == 2


async def test_answer_about_another_day_is_none(
    home: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """Asked for tomorrow, some tell today's prices until they have them; it is asked again."""
    freezer.move_to("2026-11-21 14:05:00+00:00")
    until = 1

    def answer(start: str, end: str) -> dict[str, Any]:
        rows = [{"start_time": s.isoformat(), "price": p} for s, _, p in both(15)[: 96 * until]]
        return {"prices": {"Home": rows}}

    offer(home, "tibber", "get_prices", answer)
    tariff = await tariff_of(home, await pick(home, "tibber", "home-id", device="Home"))
    assert len((await read(tariff)).periods) == 96
    until = 2
    freezer.tick(timedelta(minutes=6))
    assert len((await read(tariff)).periods) == 192


async def test_tibber_prices(home: HomeAssistant) -> None:
    """A custom integration, whose figures are in the currency while its sensors show cents."""

    def answer(entry_id: str, start_time: str, end_time: str) -> dict[str, Any]:
        assert entry_id == "entry"
        begin, until = datetime.fromisoformat(start_time), datetime.fromisoformat(end_time)
        rows = [
            {"startsAt": s.isoformat(timespec="milliseconds"), "total": p, "energy": p - 0.1}
            for s, _, p in both(15)
            if begin <= s < until
        ]
        return {"home_id": "1", "interval_count": len(rows), "price_info": rows}

    offer(home, "tibber_prices", "get_price", answer)
    entity_id = await pick(home, "tibber_prices", "current_interval_price", built_in=False)
    home.states.async_set(entity_id, "31.0", {"unit_of_measurement": "ct/kWh"})
    series = (await validate(await tariff_of(home, entity_id))).known
    assert len(series.periods) == 96
    for period in series.periods:
        assert period.price == pytest.approx(price_at(period.start))


@pytest.mark.parametrize("answer", [{}, {"prices": None}, {"prices": []}])
async def test_answer_without_prices(home: HomeAssistant, answer: dict[str, Any]) -> None:
    offer(home, "green_planet_energy", "get_prices", lambda **_: answer)
    tariff = await tariff_of(home, await pick(home, "green_planet_energy", "gpe_current_price"))
    with pytest.raises(TariffNotReady):
        await read(tariff)


async def test_integration_that_is_gone(home: HomeAssistant) -> None:
    tariff = await tariff_of(home, await pick(home, "green_planet_energy", "gpe_current_price"))
    await home.config_entries.async_remove("entry")
    with pytest.raises(TariffError) as caught:
        await read(tariff)
    assert caught.value.translation_key == "price_entity_missing"
