"""The site's meter: what the house takes, on average, and whether the meter is alive."""

from datetime import datetime, timedelta
import math

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from custom_components.optivgi.bindings.house.load import RunningAverage
from custom_components.optivgi.bindings.house.meter import GridMeter
from custom_components.optivgi.const import PowerCovers
from custom_components.optivgi.scheduler.allocation import Load
from custom_components.optivgi.scheduler.model import PHASES

POWER = "sensor.power"
NOW = datetime(2026, 11, 20, 19, tzinfo=dt_util.UTC)


def meter(hass: HomeAssistant, covers: PowerCovers = PowerCovers.GRID) -> GridMeter:
    """Return a meter that shows 5 kW."""
    hass.states.async_set(POWER, "5000", {"unit_of_measurement": "W"})
    measuring = GridMeter(hass, POWER, covers)
    measuring.observe((), NOW)
    return measuring


def taken(
    measuring: GridMeter, chargers_kw: float, now: datetime, *, settling: bool = False
) -> float | None:
    """Let a meter be read, and return what the house takes."""
    measuring.observe([Load(chargers_kw, PHASES)], now)
    return measuring.base_load_kw(chargers_kw, now, settling=settling)


async def test_chargers_are_taken_off_what_the_grid_meter_shows(hass: HomeAssistant) -> None:
    assert taken(meter(hass), 3, NOW) == 2
    assert taken(meter(hass, PowerCovers.HOUSE), 3, NOW) == 5
    assert taken(meter(hass), 6, NOW) == -1


@pytest.mark.parametrize(
    ("state", "unit"), [("unavailable", "W"), ("nan", "W"), ("5", "%"), ("5", None)]
)
async def test_silent_meter_reports_nothing_and_is_stale(
    hass: HomeAssistant, state: str, unit: str | None
) -> None:
    hass.states.async_set(POWER, state, {"unit_of_measurement": unit})
    silent = GridMeter(hass, POWER, PowerCovers.GRID)
    assert taken(silent, 0, NOW) is None
    assert silent.is_stale


async def test_without_a_meter_nothing_is_taken_and_nothing_is_stale(hass: HomeAssistant) -> None:
    none = GridMeter(hass, None, PowerCovers.GRID)
    assert taken(none, 3, NOW) is None
    assert not none.is_stale


def test_average_follows_with_time() -> None:
    averaging = RunningAverage(timedelta(hours=2))
    assert averaging.value is None
    averaging.take(1.0, NOW)
    assert averaging.value == 1.0
    averaging.take(3.0, NOW)
    assert averaging.value == 1.0
    # After the time constant, all but 1/e of the way has been made.
    averaging.take(9.0, NOW + timedelta(hours=2))
    assert averaging.value == pytest.approx(3 - 2 / math.e)
    # A clock that is set back does no harm.
    after = averaging.value
    averaging.take(0.0, NOW)
    assert averaging.value == after


async def test_what_comes_and_goes_counts_for_half_a_minute(hass: HomeAssistant) -> None:
    peaking = meter(hass)
    assert taken(peaking, 0, NOW) == 5
    hass.states.async_set(POWER, "1000", {"unit_of_measurement": "W"})
    assert taken(peaking, 0, NOW + timedelta(seconds=29)) == 5
    assert taken(peaking, 0, NOW + timedelta(seconds=30)) == 1


async def test_while_a_command_is_on_its_way_only_a_rise_is_believed(hass: HomeAssistant) -> None:
    settling = meter(hass)

    def report(watts: int) -> datetime:
        hass.states.async_set(POWER, f"{watts}", {"unit_of_measurement": "W"})
        return NOW + timedelta(seconds=watts)

    assert taken(settling, 0, NOW) == 5
    assert taken(settling, 3, report(5100), settling=True) == 5
    assert taken(settling, 0, report(7000), settling=True) == 7
    assert taken(settling, 3, report(7500)) == 4.5


async def test_only_reports_of_the_meter_count(hass: HomeAssistant) -> None:
    """A charger's meter that is faster does not make the house look hungrier."""
    slower = meter(hass)
    assert taken(slower, 4, NOW) == 1
    assert taken(slower, 0, NOW + timedelta(seconds=5)) == 1
    hass.states.async_set(POWER, "1000", {"unit_of_measurement": "W"})
    assert taken(slower, 0, NOW + timedelta(seconds=9)) == 1
