"""A night through the whole integration: planned, sent, and followed without anybody there."""

from datetime import timedelta
from itertools import pairwise

import pytest

from .home import Home, allowed_kw

MINUTE = timedelta(minutes=1)
# Expensive evening, cheap from 1 to 3 and at 5, expensive morning; by local hour of two days
DAY = [0.3, 0.12, 0.11, 0.25, 0.24, 0.10, 0.13, 0.33, *[0.3] * 10, 0.4, 0.4, 0.4, 0.4, 0.38, 0.35]


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_charger_follows_the_planned_night_without_anybody(home: Home, version: str) -> None:
    home.house.set_hourly_prices(DAY * 2)
    cp = await home.async_start(version)
    await home.async_plug_in(cp)
    await home.async_pass(8)
    assert home.attributes()["profile"] == "confirmed"
    assert (await home.async_status())[0] == "waiting"

    now = home.bench.now
    minutes = [now + minute * MINUTE for minute in range(1, 22 * 60, 5)]
    planned = await home.async_planned_kw(minutes)
    assert sum((one > 0) != (two > 0) for one, two in pairwise(planned)) >= 2

    # From one moment to the next there is neither OptiVGI nor the OCPP integration.
    assert home.house.entry is not None
    await home.hass.config_entries.async_unload(home.house.entry.entry_id)
    await home.bench.central.async_kill()

    for moment, planned_kw in zip(minutes, planned, strict=True):
        home.bench.freezer.move_to(moment)
        assert allowed_kw(cp) == pytest.approx(planned_kw, abs=0.07)
    for _ in range(3):
        home.bench.freezer.tick(timedelta(days=1))
        assert cp.hardware.limit_a() == 6
