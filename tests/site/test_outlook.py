"""Plans look ahead: the house by its habits, the sun by its forecast."""

from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder.models import StatisticMeanType
from homeassistant.components.recorder.statistics import async_import_statistics
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from tests.house import CHARGERS, GRID, VEHICLES, House, charger_of

SOLAR = "sensor.solcast_today"
PV = "sensor.pv_power"
FORECAST = "sensor.home_house_forecast"
HOUR = timedelta(hours=1)
GARAGE = (CHARGERS[0], VEHICLES[0])
# A summer morning, 8:00 in Amsterdam
MORNING = datetime(2026, 6, 20, 6, tzinfo=UTC)


@pytest.fixture
async def recorder(recorder_mock: object, hass: HomeAssistant) -> AsyncGenerator[None]:
    yield
    await async_wait_recording_done(hass)


@pytest.fixture
async def morning(house: House, freezer: FrozenDateTimeFactory) -> House:
    """Return the house on a summer morning."""
    freezer.move_to(MORNING)
    house.set_hourly_prices([0.30] * 48)
    return house


def remember(
    hass: HomeAssistant, entity_id: str, watts: Callable[[datetime], float], days: int = 42
) -> None:
    """Let the recorder have kept hourly means of a power sensor, by local time."""
    end = dt_util.utcnow().replace(minute=0, second=0, microsecond=0)
    starts = [end - n * HOUR for n in range(days * 24, 0, -1)]
    rows: list[Any] = [{"start": s, "mean": watts(dt_util.as_local(s))} for s in starts]
    async_import_statistics(
        hass,
        {
            "has_sum": False,
            "mean_type": StatisticMeanType.ARITHMETIC,
            "name": None,
            "source": "recorder",
            "statistic_id": entity_id,
            "unit_class": "power",
            "unit_of_measurement": "W",
        },
        rows,
    )


def evening(local: datetime) -> float:
    """Return what a house draws that cooks from 18 to 20, in W."""
    return 3000 if 18 <= local.hour < 20 else 500


def show_sun(hass: HomeAssistant, kw: Mapping[int, float]) -> None:
    """Let a sensor have a forecast as Solcast's: mean powers by local hour of today."""
    midnight = dt_util.start_of_local_day()
    rows = [
        {
            "period_start": midnight + index * HOUR / 2,
            "pv_estimate": kw.get(index // 2, 0.0),
            "pv_estimate10": 0.0,
            "pv_estimate90": 9.0,
        }
        for index in range(48)
    ]
    hass.states.async_set(SOLAR, "20", {"detailedForecast": rows, "unit_of_measurement": "kWh"})


def site_of(entry: MockConfigEntry) -> dict[datetime, tuple[float, float]]:
    """Return what the last plan expects, base load and PV in kW, by the beginning of steps."""
    problem = entry.runtime_data.coordinator.data.problem
    edges = problem.horizon.edges
    pv = problem.site.total_pv_kw
    return {
        start: (load, sun)
        for start, load, sun in zip(edges[:-1], problem.site.total_base_load_kw, pv, strict=True)
    }


def at(hour: int, minute: int = 0) -> datetime:
    """Return a local time of today, UTC."""
    return dt_util.as_utc(dt_util.start_of_local_day() + timedelta(hours=hour, minutes=minute))


@pytest.mark.usefixtures("recorder")
async def test_the_house_is_expected_to_do_as_it_does(hass: HomeAssistant, house: House) -> None:
    """First as now, then as in the same hours of the last weeks; chargers are none of it."""
    remember(hass, GRID, lambda local: evening(local) + (7000 if local.hour == 2 else 0))
    remember(hass, "sensor.garage_power", lambda local: 7000 if local.hour == 2 else 0)
    await async_wait_recording_done(hass)
    house.set_power(GRID, 900)
    entry = await house.async_set_up_site(*GARAGE)
    await house.async_settle()
    forecast = house.state(FORECAST)
    assert forecast.state == "history"
    assert forecast.attributes["weeks"] == 6
    expected = site_of(entry)
    assert {load for start, (load, _) in expected.items() if start < at(20, 45)} == {0.9}
    for start, (load, sun) in expected.items():
        if start >= at(20, 45):
            local = dt_util.as_local(start)
            assert load == pytest.approx(evening(local) / 1000), local
        assert sun == 0


async def test_without_a_recorder_it_is_the_last_two_hours(house: House) -> None:
    entry = await house.async_set_up_site(*GARAGE)
    for _ in range(60):
        house.set_power(GRID, 1500)
        await house.async_advance(timedelta(minutes=5))
    await house.async_settle()
    assert house.state(FORECAST).state == "recent"
    assert house.state(FORECAST).attributes["weeks"] is None
    assert list(site_of(entry).values())[-1][0] == pytest.approx(1.5, abs=0.1)


@pytest.mark.usefixtures("recorder")
async def test_a_charger_that_is_not_measured_hides_the_house(
    hass: HomeAssistant, house: House
) -> None:
    """Its nights would seem to be the house's."""
    remember(hass, GRID, evening)
    await async_wait_recording_done(hass)
    unmeasured = {**CHARGERS[0], "data": {**CHARGERS[0]["data"]}}
    del unmeasured["data"]["power_entity"]
    await house.async_set_up_site(unmeasured)  # type: ignore[arg-type]
    await house.async_settle()
    assert house.state(FORECAST).state == "recent"


async def test_what_was_entered_where_nothing_measures(house: House) -> None:
    entry = await house.async_set_up_site(*GARAGE, data={"power_entity": None, "base_load_kw": 0.7})
    assert house.state(FORECAST).state == "assumed"
    assert {load for load, _ in site_of(entry).values()} == {0.7}


async def test_solar_only_waits_for_the_sun(hass: HomeAssistant, morning: House) -> None:
    """Nothing to spare at 8, and 8 kW from 12 to 14."""
    show_sun(hass, {10: 2.0, 12: 8.0, 13: 8.0, 14: 1.0})
    entry = await morning.async_set_up_site(*GARAGE, data={"solar_forecast_entity": SOLAR})
    await morning.async_plug_in("garage")
    await morning.async_select("select.garage_mode", "solar_only")
    await morning.async_advance(timedelta(seconds=30))
    assert morning.garage_kw == 0
    charging = {
        datetime.fromisoformat(step["start"])
        for step in charger_of(await morning.async_schedule(), "Garage")["plan"]
        if step["limit_kw"] > 0
    }
    assert charging
    assert min(charging) >= at(12)
    assert max(charging) < at(14)
    expected = site_of(entry)
    assert expected[at(12, 15)] == (0.5, 8.0)
    assert morning.state(FORECAST).attributes["solar_forecast"] is True


async def test_the_sun_of_now_does_not_count_twice(hass: HomeAssistant, morning: House) -> None:
    """The meter tells what is left of it already; half an hour on, the forecast does."""
    show_sun(hass, {8: 5.0, 9: 5.0})
    morning.set_power(GRID, -4000)
    entry = await morning.async_set_up_site(*GARAGE, data={"solar_forecast_entity": SOLAR})
    expected = site_of(entry)
    assert expected[at(8, 15)] == (-4.0, 0.0)
    assert expected[at(8, 45)] == (0.0, 5.0)
    assert expected[at(10)] == (0.0, 0.0)


async def test_with_the_pv_power_the_house_is_known_behind_it(
    hass: HomeAssistant, morning: House
) -> None:
    """4 kW exported of 5 kW produced: the house draws 1 kW, and goes on to."""
    show_sun(hass, {8: 5.0, 9: 5.0})
    morning.set_power(GRID, -4000)
    morning.set_power(PV, 5000)
    entry = await morning.async_set_up_site(
        *GARAGE, data={"solar_forecast_entity": SOLAR, "pv_entity": PV}
    )
    expected = site_of(entry)
    assert expected[at(8, 15)] == (-4.0, 0.0)
    assert expected[at(8, 45)] == pytest.approx((1.0, 5.0))
    assert expected[at(20)] == pytest.approx((1.0, 0.0))


async def test_a_sensor_of_the_house_alone_knows_no_sun(
    hass: HomeAssistant, morning: House
) -> None:
    """What is produced now comes from its own sensor, then from the forecast."""
    show_sun(hass, {8: 5.0, 9: 4.0})
    morning.set_power(GRID, 1000)
    morning.set_power(PV, 3000)
    entry = await morning.async_set_up_site(
        *GARAGE,
        data={"power_covers": "house", "solar_forecast_entity": SOLAR, "pv_entity": PV},
    )
    expected = site_of(entry)
    assert expected[at(8, 15)] == (1.0, 3.0)
    assert expected[at(9)] == (1.0, 4.0)


@pytest.mark.usefixtures("recorder")
@pytest.mark.parametrize("measured", [True, False])
async def test_history_behind_the_sun(
    hass: HomeAssistant, morning: House, *, measured: bool
) -> None:
    """By the PV power, or where that is not measured by the hours without sun.

    There is lunch at 12, which only shows where the sun can be taken off.
    """
    sunny = range(9, 17)
    remember(
        hass,
        GRID,
        lambda local: 600 + 900 * (local.hour == 12) - (3000 if local.hour in sunny else 0),
    )
    remember(hass, "sensor.garage_power", lambda _: 0)
    remember(hass, PV, lambda local: 3000 if local.hour in sunny else 0)
    await async_wait_recording_done(hass)
    show_sun(hass, dict.fromkeys(sunny, 2.0))
    entry = await morning.async_set_up_site(
        *GARAGE,
        data={"solar_forecast_entity": SOLAR, **({"pv_entity": PV} if measured else {})},
    )
    await morning.async_settle()
    assert morning.state(FORECAST).state == "history"
    expected = site_of(entry)
    assert expected[at(12)] == pytest.approx((1.5 if measured else 0.6, 2.0))
    assert expected[at(14)] == pytest.approx((0.6, 2.0))
    assert expected[at(20)] == pytest.approx((0.6, 0.0))


async def test_a_forecast_that_fails_is_told_and_planned_without(
    hass: HomeAssistant, morning: House, caplog: pytest.LogCaptureFixture
) -> None:
    entry = await morning.async_set_up_site(*GARAGE, data={"solar_forecast_entity": SOLAR})
    for _ in range(3):
        await morning.async_advance(timedelta(minutes=5))
    attributes = morning.state(FORECAST).attributes
    assert attributes["solar_forecast"] is False
    assert attributes["solar_forecast_error"] == f"{SOLAR} has no forecast"
    assert caplog.text.count("Plans are made without the sun") == 1
    assert {sun for _, sun in site_of(entry).values()} == {0.0}
    show_sun(hass, {12: 3.0})
    await morning.async_advance(timedelta(minutes=5))
    attributes = morning.state(FORECAST).attributes
    assert attributes["solar_forecast"] is True
    assert attributes["solar_forecast_error"] is None
