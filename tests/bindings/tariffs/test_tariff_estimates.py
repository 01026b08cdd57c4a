"""Prices that are not published yet."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder.models import StatisticMeanType
from homeassistant.components.recorder.statistics import async_import_statistics
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from tests.bindings.tariffs.day_prices import AMSTERDAM, HOUR, hours
from tests.bindings.tariffs.integrations import read_all, tariff_of, validate

from custom_components.optivgi.bindings.tariffs import PriceSeries, TariffError, TariffNotReady
from custom_components.optivgi.scheduler.model import Horizon

ENTITY = "sensor.price"
FORECAST = "sensor.forecast"
QUARTER = timedelta(minutes=15)


def show(hass: HomeAssistant, *, unit: str = "EUR/kWh", state: float = 0.31, **more: Any) -> None:
    """Let a sensor show the price of now and today's list; now is 11:05, a Saturday."""
    hass.states.async_set(
        ENTITY,
        str(state),
        {
            "unit_of_measurement": unit,
            "prices": [{"start": s, "end": e, "price": p} for s, e, p in hours(0)],
            **more,
        },
    )


def usual(start: datetime) -> float:
    """Return what an hour has cost in the weeks before: nights are cheap but for Sundays'."""
    local = start.astimezone(AMSTERDAM)
    return 0.9 if local.weekday() == 6 and local.hour < 12 else 0.2 + local.hour / 100


async def remember(hass: HomeAssistant, unit: str = "EUR/kWh", scale: float = 1.0) -> None:
    """Let the recorder have kept the hourly means of five weeks."""
    end = datetime(2026, 11, 20, 23, tzinfo=UTC)
    async_import_statistics(
        hass,
        {
            "has_sum": False,
            "mean_type": StatisticMeanType.ARITHMETIC,
            "name": None,
            "source": "recorder",
            "statistic_id": ENTITY,
            "unit_class": None,
            "unit_of_measurement": unit,
        },
        [
            {"start": start, "mean": usual(start) * scale}
            for start in (end - n * HOUR for n in range(5 * 7 * 24, 0, -1))
        ],
    )
    await async_wait_recording_done(hass)


@pytest.fixture
async def recorder(recorder_mock: object, home: HomeAssistant) -> AsyncGenerator[None]:
    yield
    await async_wait_recording_done(home)


def assert_marked(series: PriceSeries, known_until: datetime) -> None:
    """Check that a plan knows what is a guess."""
    start = datetime(2026, 11, 21, 10, 5, tzinfo=UTC)
    horizon = Horizon.aligned(start, start + timedelta(hours=36), QUARTER)
    _, estimated = series.resample(horizon)
    assert estimated == tuple(edge >= known_until for edge in horizon.edges[:-1])


@pytest.mark.usefixtures("recorder")
@pytest.mark.parametrize(("unit", "scale"), [("EUR/kWh", 1), ("ct/kWh", 100), ("EUR/MWh", 1000)])
async def test_same_weekday_and_time_of_the_last_weeks(
    home: HomeAssistant, unit: str, scale: float
) -> None:
    """Tomorrow is a Sunday: it is as Sundays were, not as today is."""
    await remember(home, unit, scale)
    show(home)
    series = await read_all(await tariff_of(home, ENTITY))
    assert series.known_until == hours(0)[-1][1]
    assert_marked(series, hours(0)[-1][1].astimezone(UTC))
    for start, end, _ in hours(1)[:23]:
        moment = start.astimezone(UTC)
        while moment < end.astimezone(UTC) and moment < datetime(2026, 11, 22, 22, tzinfo=UTC):
            assert series.price_at(moment) == pytest.approx(usual(start)), start
            moment += QUARTER


@pytest.mark.usefixtures("recorder")
async def test_at_the_level_of_the_last_day(home: HomeAssistant) -> None:
    """Today is more expensive than Saturdays were, and so tomorrow is taken to be."""
    await remember(home)
    show(
        home, prices=[{"start": s, "end": e, "price": p + 0.1} for s, e, p in hours(0)], state=0.41
    )
    series = await read_all(await tariff_of(home, ENTITY))
    for start, _, _ in hours(1)[:23]:
        assert series.price_at(start.astimezone(UTC)) == pytest.approx(usual(start) + 0.1), start


@pytest.mark.usefixtures("recorder")
async def test_states_where_there_are_no_statistics(
    home: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """A sensor that shows the price of now and nothing else, for a day and a bit."""
    start = datetime(2026, 11, 20, 9, tzinfo=UTC)
    for hour in range(26):
        freezer.move_to(start + hour * HOUR)
        price = 0.1 + (start + hour * HOUR).hour / 100
        home.states.async_set(ENTITY, f"{price:.2f}", {"unit_of_measurement": "EUR/kWh"})
    await async_wait_recording_done(home)
    freezer.move_to("2026-11-21 10:05:00+00:00")
    series = await read_all(await tariff_of(home, ENTITY), h=24)
    assert series.known_until == datetime(2026, 11, 21, 10, 15, tzinfo=UTC)
    for hour in range(1, 24):
        moment = datetime(2026, 11, 21, 10, 30, tzinfo=UTC) + hour * HOUR
        assert series.price_at(moment) == pytest.approx(0.1 + moment.hour / 100), moment


@pytest.mark.usefixtures("recorder")
async def test_sensor_that_shows_another_price_has_no_history(home: HomeAssistant) -> None:
    """The lowest price of the day tells nothing of its hours."""
    await remember(home)
    show(home, state=0.2)
    series = await read_all(await tariff_of(home, ENTITY))
    start = hours(1)[3][0].astimezone(UTC)
    assert series.price_at(start) == pytest.approx(0.23)


async def test_without_a_recorder_it_is_the_last_day(home: HomeAssistant) -> None:
    show(home)
    series = await read_all(await tariff_of(home, ENTITY))
    assert_marked(series, hours(0)[-1][1].astimezone(UTC))
    for start, _, price in hours(1)[:23]:
        assert series.price_at(start.astimezone(UTC)) == pytest.approx(price)


async def test_what_was_read_is_remembered(
    home: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """A week later the same weekday counts, without any recorder; other days had other prices."""
    tariff = await tariff_of(home, ENTITY)
    for day in range(8):
        freezer.move_to(f"2026-11-{14 + day} 10:05:00+00:00")
        rows = [
            {"start": s, "end": e, "price": p + (0.5 if day == 1 and s.hour < 6 else 0)}
            for s, e, p in hours(0)
        ]
        show(home, prices=rows)
        series = await read_all(tariff)
    # 22 November is the Sunday after 15 November.
    night, noon = hours(1)[3], hours(1)[12]
    assert series.price_at(night[0].astimezone(UTC)) == pytest.approx(night[2] + 0.5)
    assert series.price_at(noon[0].astimezone(UTC)) == pytest.approx(noon[2])


async def test_forecast_counts_beyond_what_is_known(home: HomeAssistant) -> None:
    show(home)
    rows = [[s.timestamp() * 1000, p * 200] for s, _, p in hours(0) + hours(1)]
    home.states.async_set(FORECAST, "40", {"prediction": rows, "unit_of_measurement": "c/kWh"})
    tariff = await tariff_of(home, ENTITY, forecast_entity=FORECAST, price_offset=0.05)
    await validate(tariff)
    series = await read_all(tariff)
    assert_marked(series, hours(0)[-1][1].astimezone(UTC))
    for start, _, price in hours(0):
        assert series.price_at(start.astimezone(UTC)) == pytest.approx(price + 0.05)
    for start, _, price in hours(1)[:23]:
        assert series.price_at(start.astimezone(UTC)) == pytest.approx(price * 2 + 0.05)


async def test_forecast_that_is_gone_does_not_matter(home: HomeAssistant) -> None:
    show(home)
    home.states.async_set(FORECAST, "unavailable")
    tariff = await tariff_of(home, ENTITY, forecast_entity=FORECAST)
    series = await read_all(tariff)
    start, _, price = hours(1)[3]
    assert series.price_at(start.astimezone(UTC)) == pytest.approx(price)
    with pytest.raises(TariffNotReady) as caught:
        await validate(tariff)
    assert (caught.value.reason, caught.value.field) == ("price_not_available", "forecast_entity")
    assert caught.value.placeholders["entity"] == FORECAST
    home.states.async_set(FORECAST, "3", {"unit_of_measurement": "kWh"})
    with pytest.raises(TariffError) as wrong:
        await validate(tariff)
    assert type(wrong.value) is TariffError
    assert wrong.value.placeholders["unit"] == "kWh"


async def test_own_forecast_of_the_source_is_an_estimate(home: HomeAssistant) -> None:
    show(home, forecast=[{"start": s, "end": e, "price": 0.77} for s, e, _ in hours(1)])
    series = await read_all(await tariff_of(home, ENTITY))
    assert_marked(series, hours(0)[-1][1].astimezone(UTC))
    assert series.price_at(hours(1)[5][0].astimezone(UTC)) == pytest.approx(0.77)


async def test_gap_in_the_middle_is_filled(home: HomeAssistant) -> None:
    rows = [{"start": s, "end": e, "price": p} for s, e, p in hours(0) + hours(1)]
    del rows[20:22]
    show(home, prices=rows)
    series = await read_all(await tariff_of(home, ENTITY), h=24)
    gap = hours(0)[20][0].astimezone(UTC)
    inside = series.between(gap, gap + 2 * HOUR)
    assert all(period.estimated for period in inside.periods)
    assert series.has_all(gap, gap + 2 * HOUR)
    assert not series.covers(gap, gap + 2 * HOUR)
