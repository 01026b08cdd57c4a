"""What each charger is to get: decided without writing anything."""

from copy import deepcopy
from datetime import timedelta

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from tests.house import GRID, House

from custom_components.optivgi.control.decisions import decide
from custom_components.optivgi.control.state import Cause
from custom_components.optivgi.runtime import OptivgiConfigEntry


async def test_deciding_changes_nothing_and_comes_to_the_same_again(
    hass: HomeAssistant, house: House
) -> None:
    await house.async_set_up_site()
    for charger in ("garage", "carport"):
        await house.async_plug_in(charger)
        await house.async_select(f"select.{charger}_mode", "now")
    await house.async_advance(timedelta(minutes=1))
    entry: OptivgiConfigEntry | None = hass.config_entries.async_get_entry("site")
    assert entry is not None
    runtime, now = entry.runtime_data, dt_util.utcnow()
    # Nothing has been decided since the house takes nearly all.
    house.set_power(GRID, 17000)
    runtime.site.observe(now)
    states, session = runtime.controller.states, runtime.site.points["garage"].session
    before = deepcopy((states, session))
    first, second = (
        decide(runtime.site, runtime.coordinator.data, states, now, awaits_plan=False)
        for _ in range(2)
    )
    assert first == second
    assert {decision.cause for decision in first.values()} == {Cause.HOUSE_LOAD}
    assert (states, session) == before
