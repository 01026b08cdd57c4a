"""A session goes on after Home Assistant died in the middle of it, without being unloaded."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from tests.driven import drive
from tests.house import House

from custom_components.optivgi.const import DOMAIN


async def sessions(hass: HomeAssistant) -> list[dict[str, Any]]:
    response = await hass.services.async_call(
        DOMAIN, "get_sessions", {}, blocking=True, return_response=True
    )
    assert response is not None
    told: Any = response["sessions"]
    return list(told)


async def test_session_survives_a_crash(
    hass: HomeAssistant, house: House, hass_storage: dict[str, Any]
) -> None:
    """What lay on the disk then is all there is: no unload, no last write."""
    driven = await drive(house, lambda limit_kw, soc: limit_kw, 20)
    await house.async_select("select.garage_mode", "now")
    await driven.async_until(dt_util.utcnow() + timedelta(minutes=47))
    (before,) = await sessions(hass)
    assert before["energy_kwh"] > 7
    on_disk = deepcopy({key: kept for key, kept in hass_storage.items() if DOMAIN in key})
    assert await hass.config_entries.async_unload("site")
    # What the unload wrote was never written.
    for key in [key for key in hass_storage if DOMAIN in key]:
        del hass_storage[key]
    hass_storage.update(on_disk)
    # For ten minutes nobody looks, and the car goes on.
    house.freezer.tick(timedelta(minutes=10))
    assert await hass.config_entries.async_setup("site")
    await house.async_settle()
    (after,) = await sessions(hass)
    assert after["begin"] == before["begin"]
    assert after["id"] == before["id"]
    # It is written every five minutes at least: no more than what was drawn since is not known.
    assert before["energy_kwh"] - after["energy_kwh"] <= 11.04 * 6 / 60
    assert 10 / 60 <= after["unobserved_h"] <= 16 / 60
    await driven.async_until(dt_util.utcnow() + timedelta(minutes=20))
    await driven.async_leave(60)
    (done,) = await sessions(hass)
    assert done["id"] == before["id"]
    assert done["end"] is not None
    assert done["energy_kwh"] == pytest.approx(11.04 * (47 + 20) / 60, abs=11.04 * 8 / 60)
    assert house.value("sensor.garage_charged_energy") == pytest.approx(
        done["energy_kwh"], abs=0.01
    )
