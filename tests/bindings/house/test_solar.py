"""Solar forecasts: Home Assistant's own integration with its server answered for, and Solcast."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
import homeassistant.components.forecast_solar.energy as forecast_solar_energy
import homeassistant.const as ha_const
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.translation import async_load_integrations
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker
from tests.house import House
from tests.roof import answer, async_set_up_roof, fail

from custom_components.optivgi.bindings.house.solar import (
    SolarForecast,
    async_forecasting_entries,
)
from custom_components.optivgi.const import DOMAIN
from custom_components.optivgi.scheduler.model import Horizon

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 6, 20, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
# What the service answers for a morning: instants, and the energy since the one before.
WATT_HOURS = {
    "2026-06-20T04:20:00+00:00": 0,
    "2026-06-20T05:00:00+00:00": 100,
    "2026-06-20T06:00:00+00:00": 0,
    "2026-06-20T07:00:00+00:00": 800,
    "2026-06-20T08:00:00+00:00": 1500,
    "2026-06-20T08:30:00+00:00": 1000,
    "2026-06-20T09:00:00+00:00": 0,
    "2026-06-21T07:00:00+00:00": 0,
    "2026-06-21T08:00:00+00:00": 2000,
}
# What Home Assistant's integration makes of one and the same answer of the service, as recorded.
WH_HOURS = {
    (2026, 10): {
        "2026-06-20T05:21:00+02:00": 0,
        "2026-06-20T06:00:00+02:00": 100,
        "2026-06-20T07:00:00+02:00": 400,
        "2026-06-20T08:00:00+02:00": 600,
        "2026-06-20T09:00:00+02:00": 800,
        "2026-06-20T10:00:00+02:00": 1500,
        "2026-06-20T11:00:00+02:00": 2000,
        "2026-06-20T11:30:00+02:00": 0,
        "2026-06-21T05:21:00+02:00": 0,
        "2026-06-21T06:00:00+02:00": 100,
    },
    (2026, 11): {
        "2026-06-20T00:00:00+02:00": 0,
        "2026-06-20T05:21:00+02:00": 100,
        "2026-06-20T06:00:00+02:00": 400,
        "2026-06-20T07:00:00+02:00": 600,
        "2026-06-20T08:00:00+02:00": 800,
        "2026-06-20T09:00:00+02:00": 1500,
        "2026-06-20T10:00:00+02:00": 2000,
        "2026-06-20T11:00:00+02:00": 0,
        "2026-06-21T00:00:00+02:00": 0,
        "2026-06-21T05:21:00+02:00": 100,
    },
}


@pytest.fixture
async def energy(
    recorder_mock: object, hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> AsyncGenerator[None]:
    """Let there be an energy dashboard, on a summer morning."""
    freezer.move_to(NOW)
    await hass.config.async_set_time_zone("Europe/Amsterdam")
    assert await async_setup_component(hass, "energy", {})
    yield
    await hass.async_block_till_done(wait_background_tasks=True)


def hourly(hours: int) -> Horizon:
    return Horizon.aligned(NOW, NOW + hours * HOUR, HOUR)


@pytest.mark.usefixtures("energy")
async def test_forecast_solar(hass: HomeAssistant, aioclient_mock: AiohttpClientMocker) -> None:
    """Its energies belong to the time before their instant."""
    answer(aioclient_mock, WATT_HOURS)
    roof = await async_set_up_roof(hass)
    assert await async_forecasting_entries(hass) == [roof]
    forecast = SolarForecast(hass, [roof.entry_id], None)
    kw = await forecast.async_read(hourly(28))
    assert kw is not None
    assert kw[:4] == pytest.approx((0.8, 1.5, 1.0, 0))
    assert kw[24:28] == pytest.approx((0, 2.0, 0, 0))
    assert sum(kw) == pytest.approx(0.8 + 1.5 + 1.0 + 2.0)
    quarters = await forecast.async_read(Horizon.aligned(NOW, NOW + 3 * HOUR, HOUR / 4))
    assert quarters is not None
    assert quarters[8:12] == pytest.approx((2.0, 2.0, 0, 0))
    assert forecast.error is None


@pytest.mark.usefixtures("energy")
@pytest.mark.parametrize(
    ("version", "shape"),
    [((2026, 10), (2026, 10)), ((2026, 11), (2026, 11)), ((2027, 1), (2026, 11))],
)
async def test_forecast_solar_of_any_version(
    hass: HomeAssistant,
    aioclient_mock: AiohttpClientMocker,
    monkeypatch: pytest.MonkeyPatch,
    version: tuple[int, int],
    shape: tuple[int, int],
) -> None:
    """Since 2026.11 the energies are named by the beginning of their period."""

    async def recorded(_: HomeAssistant, __: str) -> dict[str, dict[str, int]]:
        return {"wh_hours": WH_HOURS[shape]}

    monkeypatch.setattr(forecast_solar_energy, "async_get_solar_forecast", recorded)
    monkeypatch.setattr(ha_const, "MAJOR_VERSION", version[0])
    monkeypatch.setattr(ha_const, "MINOR_VERSION", version[1])
    answer(aioclient_mock, WATT_HOURS)
    roof = await async_set_up_roof(hass)
    kw = await SolarForecast(hass, [roof.entry_id], None).async_read(hourly(4))
    # From 8:00 local on
    assert kw == pytest.approx((0.8, 1.5, 2.0, 0.0))


@pytest.mark.usefixtures("energy")
async def test_roofs_add_up(hass: HomeAssistant, aioclient_mock: AiohttpClientMocker) -> None:
    answer(aioclient_mock, WATT_HOURS)
    roofs = [(await async_set_up_roof(hass, name)).entry_id for name in ("A", "B")]
    kw = await SolarForecast(hass, roofs, None).async_read(hourly(2))
    assert kw == pytest.approx((1.6, 3.0))


@pytest.mark.usefixtures("energy")
async def test_it_is_missed_once_and_welcomed_back(
    hass: HomeAssistant, aioclient_mock: AiohttpClientMocker, caplog: pytest.LogCaptureFixture
) -> None:
    await async_load_integrations(hass, {DOMAIN})
    fail(aioclient_mock)
    roof = await async_set_up_roof(hass)
    forecast = SolarForecast(hass, [roof.entry_id], None)
    # While Home Assistant starts, it may still come.
    hass.set_state(CoreState.starting)
    assert await forecast.async_read(hourly(2)) is None
    assert "without the sun" not in caplog.text
    hass.set_state(CoreState.running)
    for _ in range(3):
        assert await forecast.async_read(hourly(2)) is None
    assert forecast.error == "Roof is not loaded"
    assert caplog.text.count("Plans are made without the sun") == 1

    answer(aioclient_mock, WATT_HOURS)
    assert await hass.config_entries.async_reload(roof.entry_id)
    assert await forecast.async_read(hourly(2)) == pytest.approx((0.8, 1.5))
    assert forecast.error is None
    assert caplog.text.count("can be read again") == 1

    await hass.config_entries.async_remove(roof.entry_id)
    assert await forecast.async_read(hourly(2)) is None
    assert forecast.error is not None
    assert "removed" in forecast.error


async def test_without_an_energy_dashboard_there_is_none(hass: HomeAssistant) -> None:
    assert await async_forecasting_entries(hass) == []
    nothing = SolarForecast(hass, [], None)
    assert not nothing.wanted
    assert await nothing.async_read(hourly(2)) is None
    assert nothing.error is None


def solcast_day(day: int, *, minutes: int = 30, text: bool = False) -> list[dict[str, Any]]:
    """Return the rows that Solcast has of a local day: mean powers in kW."""
    midnight = datetime(2026, 6, day, tzinfo=AMSTERDAM)
    rows = []
    for index in range(24 * 60 // minutes):
        start = midnight + index * timedelta(minutes=minutes)
        kw = 0.1 * start.hour if 6 <= start.hour < 20 else 0.0
        rows.append(
            {
                "period_start": start.isoformat() if text else start,
                "pv_estimate": kw,
                "pv_estimate10": kw / 2,
                "pv_estimate90": kw * 1.2,
            }
        )
    return rows


def show_solcast(hass: HomeAssistant, key: str, entry: MockConfigEntry, **lists: Any) -> str:
    """Let a sensor of Solcast tell a day."""
    registered = er.async_get(hass).async_get_or_create(
        "sensor", "solcast_solar", key, config_entry=entry
    )
    attributes = {"dayname": "Saturday", "dataCorrect": True, "unit_of_measurement": "kWh"}
    hass.states.async_set(registered.entity_id, "18.2", {**attributes, **lists})
    return registered.entity_id


@pytest.mark.parametrize("text", [False, True])
async def test_solcast(hass: HomeAssistant, freezer: FrozenDateTimeFactory, *, text: bool) -> None:
    """Each of its sensors has one day: picking one is enough."""
    freezer.move_to(NOW)
    account = MockConfigEntry(domain="solcast_solar", title="Solcast")
    account.add_to_hass(hass)
    picked = show_solcast(
        hass,
        "total_kwh_forecast_today",
        account,
        detailedForecast=solcast_day(20, text=text),
        detailedHourly=solcast_day(20, minutes=60, text=text),
    )
    show_solcast(
        hass,
        "total_kwh_forecast_tomorrow",
        account,
        detailedForecast=solcast_day(21, text=text),
    )
    show_solcast(hass, "peak_w_today", account)
    kw = await SolarForecast(hass, [], picked).async_read(hourly(40))
    assert kw is not None
    # 8:00 local on; beyond tomorrow nothing is known.
    assert kw[:3] == pytest.approx((0.8, 0.9, 1.0))
    assert kw[24] == pytest.approx(0.8)
    assert kw[12] == 0
    assert max(kw[36:]) == 0


async def test_solcast_by_the_hour_only(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to(NOW)
    hass.states.async_set(
        "sensor.solcast", "18.2", {"detailedHourly": solcast_day(20, minutes=60, text=True)}
    )
    forecast = SolarForecast(hass, [], "sensor.solcast")
    assert await forecast.async_read(hourly(2)) == pytest.approx((0.8, 0.9))
    await async_load_integrations(hass, {DOMAIN})
    hass.states.async_set("sensor.solcast", "18.2", {"detailedHourly": [{"period_start": "?"}, 3]})
    assert await forecast.async_read(hourly(2)) is None
    assert forecast.error == "sensor.solcast has no forecast"


@pytest.mark.usefixtures("energy")
async def test_what_cannot_be_read_is_named(
    hass: HomeAssistant, aioclient_mock: AiohttpClientMocker
) -> None:
    """Nothing in it, a mistake of the integration, and one without any."""
    await async_load_integrations(hass, {DOMAIN})
    answer(aioclient_mock, {})
    roof = await async_set_up_roof(hass)
    forecast = SolarForecast(hass, [roof.entry_id], None)
    assert await forecast.async_read(hourly(2)) is None
    assert forecast.error == "Roof has no forecast"
    roof.runtime_data.data = None
    assert await forecast.async_read(hourly(2)) is None
    assert forecast.error is not None
    assert forecast.error.startswith("Roof: AttributeError")

    other = MockConfigEntry(domain="moon", title="Moon")
    other.add_to_hass(hass)
    assert await hass.config_entries.async_setup(other.entry_id)
    none = SolarForecast(hass, [other.entry_id], None)
    assert await none.async_read(hourly(2)) is None
    assert none.error == "Moon offers no forecast"


@pytest.mark.parametrize("impossible_kw", [1e9, 60.0])
async def test_what_no_sun_gives_is_left_out_and_plans_are_made(
    hass: HomeAssistant, house: House, impossible_kw: float
) -> None:
    """More than three times what the connection of 17 kW carries; the rest stays."""
    rows = [
        {"period_start": f"2026-11-21T{hour}:00:00+01:00", "pv_estimate": kw}
        for hour, kw in ((11, 3.0), (12, impossible_kw), (13, 50.0))
    ]
    hass.states.async_set("sensor.sun", "3", {"detailedHourly": rows})
    entry = await house.async_set_up_site(data={"solar_forecast_entity": "sensor.sun"})
    await house.async_plug_in("garage")
    plan = entry.runtime_data.coordinator.data
    assert plan is not None
    assert max(plan.problem.site.pv_kw) == pytest.approx(50.0)
