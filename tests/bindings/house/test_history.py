"""What the recorder knows of a house: the meter less the chargers, plus the sun."""

from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder.models import StatisticMeanType
from homeassistant.components.recorder.statistics import async_import_statistics
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from sqlalchemy.exc import SQLAlchemyError

from custom_components.optivgi.bindings.house.history import LoadHistory, Measured
from custom_components.optivgi.bindings.house.profile import LoadProfile

NOW = datetime(2026, 11, 21, 10, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("recorder")


@pytest.fixture
async def recorder(
    recorder_mock: object, hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> AsyncGenerator[None]:
    freezer.move_to(NOW)
    await hass.config.async_set_time_zone("Europe/Amsterdam")
    yield
    await async_wait_recording_done(hass)


def remember(
    hass: HomeAssistant,
    entity_id: str,
    mean: float | Callable[[datetime], float | None],
    *,
    unit: str = "W",
    weeks: int = 5,
) -> None:
    """Let the recorder have kept hourly means of a sensor."""
    end = NOW.replace(minute=0)
    rows: list[Any] = []
    for n in range(weeks * 7 * 24, 0, -1):
        start = end - n * HOUR
        value = mean(start) if callable(mean) else mean
        if value is not None:
            rows.append({"start": start, "mean": value})
    async_import_statistics(
        hass,
        {
            "has_sum": False,
            "mean_type": StatisticMeanType.ARITHMETIC,
            "name": None,
            "source": "recorder",
            "statistic_id": entity_id,
            "unit_class": {"W": "power", "kW": "power", "mA": "electric_current"}.get(unit),
            "unit_of_measurement": unit,
        },
        rows,
    )


async def read(hass: HomeAssistant, **measured: Any) -> LoadHistory:
    """Return what is read of the sensors given."""
    await async_wait_recording_done(hass)
    defaults: dict[str, Any] = {"meter": ["sensor.grid"], "chargers": [], "pv": None}
    history = LoadHistory(hass, Measured(**{**defaults, **measured}, voltage=230))
    assert history.is_due(NOW)
    await history.async_refresh(NOW)
    return history


def is_noon(start: datetime) -> bool:
    """Tell whether a local day is at its twelfth hour."""
    return dt_util.as_local(start).hour == 12


def at_noon(profile: LoadProfile | None) -> float:
    assert profile is not None
    return profile.mean_kw(NOON, NOON + HOUR)


async def test_what_chargers_drew_is_taken_off(hass: HomeAssistant) -> None:
    remember(hass, "sensor.grid", lambda start: 5000 if is_noon(start) else 1500)
    remember(hass, "sensor.garage", lambda start: 4 if is_noon(start) else 0, unit="kW")
    history = await read(hass, chargers=["sensor.garage"])
    assert at_noon(history.net) == pytest.approx(1)
    assert history.net is not None
    assert history.net.weeks == 5
    assert history.net.mean_kw(NOON + HOUR, NOON + 2 * HOUR) == pytest.approx(1.5)
    assert history.gross is None


async def test_what_the_sun_gave_is_added(hass: HomeAssistant) -> None:
    remember(hass, "sensor.grid", lambda start: -2500 if is_noon(start) else 500)
    remember(hass, "sensor.pv", lambda start: 3000 if is_noon(start) else 0)
    history = await read(hass, pv="sensor.pv")
    assert at_noon(history.net) == pytest.approx(-2.5)
    assert at_noon(history.gross) == pytest.approx(0.5)


async def test_hours_in_which_a_charger_is_not_known_do_not_count(hass: HomeAssistant) -> None:
    """It may have charged: the load of the house alone is not known."""
    second_week = NOW - timedelta(weeks=3)
    remember(hass, "sensor.grid", lambda start: 9000 if start < second_week else 1000)
    remember(hass, "sensor.garage", lambda start: None if start < second_week else 0)
    history = await read(hass, chargers=["sensor.garage"])
    assert at_noon(history.net) == pytest.approx(1)
    assert history.net is not None
    assert history.net.weeks == 3


async def test_phases_add_up(hass: HomeAssistant) -> None:
    entities = ["sensor.l1", "sensor.l2", "sensor.l3"]
    for entity_id in entities:
        remember(hass, entity_id, 2000, unit="mA")
    assert at_noon((await read(hass, meter=entities)).net) == pytest.approx(3 * 2 * 0.23)


async def test_nothing_is_made_of_little(hass: HomeAssistant) -> None:
    assert (await read(hass)).net is None
    remember(hass, "sensor.grid", 20, unit="°C")
    assert (await read(hass)).net is None
    remember(hass, "sensor.young", lambda start: 1000 if start > NOW - timedelta(days=6) else None)
    assert (await read(hass, meter=["sensor.young"])).net is None


async def test_it_is_read_once_an_hour_and_never_in_vain(hass: HomeAssistant) -> None:
    history = await read(hass)
    assert not history.is_due(NOW + timedelta(minutes=59))
    assert history.is_due(NOW + HOUR)
    nothing = Measured(meter=[], chargers=[], pv=None, voltage=230)
    assert not LoadHistory(hass, nothing).is_due(NOW)
    unmeasured = Measured(meter=["sensor.grid"], chargers=None, pv=None, voltage=230)
    assert not LoadHistory(hass, unmeasured).is_due(NOW)


async def test_a_database_that_fails_is_no_reason_to_stop(hass: HomeAssistant) -> None:
    remember(hass, "sensor.grid", 1000)
    await async_wait_recording_done(hass)
    with patch(
        "homeassistant.components.recorder.statistics.statistics_during_period",
        side_effect=SQLAlchemyError("database is locked"),
    ):
        assert (await read(hass)).net is None
    assert (await read(hass)).net is not None
