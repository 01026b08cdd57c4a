"""The site is read for a plan: what is read depends on what was observed, not on who reads."""

from datetime import timedelta

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from tests.house import GRID, House

from custom_components.optivgi.planning.translation import async_read_site
from custom_components.optivgi.runtime import OptivgiConfigEntry

MINUTE = timedelta(minutes=1)


async def test_reading_a_site_does_not_change_it(hass: HomeAssistant, house: House) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    await house.async_advance(10 * MINUTE)
    entry: OptivgiConfigEntry | None = hass.config_entries.async_get_entry("site")
    assert entry is not None
    site, prices = entry.runtime_data.site, entry.runtime_data.coordinator.prices
    house.set_power(GRID, 9000)
    await house.async_settle()
    now = dt_util.utcnow()
    first = await async_read_site(site, prices, now)
    assert [ev.id for ev in first.evs] == ["garage"]
    # The load of the last minutes has not followed yet, and does not by being read.
    await async_read_site(site, prices, now + 5 * MINUTE)
    assert await async_read_site(site, prices, now) == first
    site.observe(now + 5 * MINUTE)
    assert await async_read_site(site, prices, now) != first
