"""What *System information* says: versions, how old plans are, and what is missing for them."""

from datetime import timedelta
from importlib.metadata import version
import re
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import get_system_health_info

from custom_components.optivgi.const import DOMAIN
from tests.house import ENGLISH, GRID, PRICE, House

_TEXTS: dict[str, str] = ENGLISH["system_health"]["info"]


async def ask(hass: HomeAssistant) -> dict[str, Any]:
    """Return what is shown; each of it has a text."""
    assert await async_setup_component(hass, "system_health", {})
    await hass.async_block_till_done()
    info: dict[str, Any] = await get_system_health_info(hass, DOMAIN)
    assert info.keys() <= _TEXTS.keys()
    return info


async def test_maintainer_sees_how_a_site_is(hass: HomeAssistant, house: House) -> None:
    house.set_hourly_prices([0.3] * 24)
    entry = await house.async_set_up_site()
    await house.async_plug_in("garage")
    info = await ask(hass)
    plan = entry.runtime_data.coordinator.data
    assert re.fullmatch(r"\d+ ms", info.pop("solve_time"))
    assert info == {
        "solver": ", ".join(f"{name} {version(name)}" for name in ("pulp", "highspy", "numpy")),
        "sites": "1/1",
        "chargers": 2,
        "last_plan": plan.made_at,
        "algorithm": "optimal",
        "plans_failed": 0,
        "prices_unreadable": 0,
        "prices_known_until": dt_util.start_of_local_day() + timedelta(days=1),
        "silent_meters": 0,
    }
    assert _TEXTS.keys() == info.keys() | {"solve_time"}
    # Names of people and places are none of a public report.
    assert not any(name in str(info) for name in (entry.title, "Garage", "garage"))


async def test_what_is_lost_is_counted(hass: HomeAssistant, house: House) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    hass.states.async_set(GRID, "unavailable")
    hass.states.async_set(PRICE, "unavailable")
    await house.async_advance(timedelta(minutes=20))
    info = await ask(hass)
    assert (info["silent_meters"], info["prices_unreadable"]) == (1, 1)


async def test_site_that_is_not_loaded(hass: HomeAssistant, house: House) -> None:
    entry = await house.async_set_up_site()
    await hass.config_entries.async_unload(entry.entry_id)
    info = await ask(hass)
    assert (info.keys(), info["sites"]) == ({"solver", "sites"}, "0/1")
