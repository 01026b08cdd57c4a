"""A charger that follows plans by itself, where there is none to follow: its min current."""

from datetime import datetime, timedelta
from typing import Final

import pytest

from .bench import FAST_KW, MIN_KW
from .home import Home, allowed_kw

MINUTE: Final = timedelta(minutes=1)
CHEAP_AT_NIGHT: Final = [0.3] * 25 + [0.1] * 23
SUN: Final = "sensor.sun"
FORECAST: Final = {"solar_forecast_entity": SUN, "fuse_a": 1e6}
"""With a connection that carries anything, any sun is believed."""
NO_SUN_KW: Final = 2e6
"""No plan can be made with so much."""


def expect_sun(home: Home, kw: float) -> None:
    """Let the solar forecast expect so much for tomorrow at noon."""
    noon = home.bench.now.replace(hour=11, minute=0, second=0) + timedelta(days=1)
    rows = [{"period_start": noon.isoformat(), "pv_estimate": kw}]
    home.hass.states.async_set(SUN, str(kw), {"detailedHourly": rows})


def at_night(home: Home) -> list[datetime]:
    """Return moments of the night to come."""
    midnight = home.bench.now.replace(hour=23, minute=30)
    return [midnight + timedelta(hours=hour) for hour in range(5)]


async def test_without_any_plan_it_gets_its_min_current(home: Home) -> None:
    expect_sun(home, NO_SUN_KW)
    cp = await home.async_start("1.6", data=FORECAST)
    await home.async_plug_in(cp)
    await home.async_pass(12)
    assert home.house.entry is not None
    assert home.house.entry.runtime_data.coordinator.data is None
    assert [allowed_kw(cp, moment) for moment in at_night(home)] == pytest.approx([MIN_KW] * 5)
    assert allowed_kw(cp) == pytest.approx(MIN_KW)


async def test_plan_that_is_too_old_is_followed_at_night_no_more_than_now(home: Home) -> None:
    expect_sun(home, 0.0)
    home.house.set_hourly_prices(CHEAP_AT_NIGHT)
    cp = await home.async_start("1.6", data=FORECAST)
    await home.async_plug_in(cp)
    await home.async_pass(40)
    planned = [allowed_kw(cp, moment) for moment in at_night(home)]
    assert max(planned) == pytest.approx(FAST_KW)
    expect_sun(home, NO_SUN_KW)
    await home.async_pass(40, every=MINUTE)
    assert [allowed_kw(cp, moment) for moment in at_night(home)] == pytest.approx([MIN_KW] * 5)
