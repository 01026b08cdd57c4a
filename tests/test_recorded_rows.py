"""What all our entities write into the recorder in an hour in which nothing happens."""

from collections import Counter
from datetime import timedelta
import random
from typing import Final

from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.db_schema import States, StatesMeta
from homeassistant.components.recorder.util import session_scope
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.optivgi.const import DOMAIN
from tests.house import GRID, House

MAX_ROWS: Final = 20
"""In an hour: for a charger with its car, and as many for all of the site."""
LOOK: Final = timedelta(seconds=10)


async def count_rows(hass: HomeAssistant) -> Counter[str]:
    """Return how many rows of states there are of each of our entities."""
    await async_wait_recording_done(hass)
    ours = {
        entry.entity_id
        for entry in er.async_get(hass).entities.values()
        if entry.platform == DOMAIN
    }

    def read() -> Counter[str]:
        with session_scope(hass=hass, read_only=True) as session:
            rows = session.query(StatesMeta.entity_id).join(
                States, States.metadata_id == StatesMeta.metadata_id
            )
            return Counter(entity_id for (entity_id,) in rows if entity_id in ours)

    return await get_instance(hass).async_add_executor_job(read)


async def rows_of_an_hour(house: House) -> Counter[str]:
    """Return what is written in an hour in which only the meter is never quite still."""
    chance = random.Random(1)  # noqa: S311
    before: Counter[str] = Counter()
    # In the first half an hour all is new.
    for hours in (0.5, 1.0):
        before = await count_rows(house.hass)
        for _ in range(int(timedelta(hours=hours) / LOOK)):
            house.set_power(GRID, 500 + chance.gauss(0, 40))
            await house.async_advance(LOOK)
    return await count_rows(house.hass) - before


@pytest.fixture
async def recorded(recorder_mock: object, house: House) -> House:
    """Return a house that is recorded, with cheap hours late at night."""
    house.set_hourly_prices([0.30] * 26 + [0.10] * 4 + [0.30] * 18)
    await house.async_set_up_site()
    return house


@pytest.mark.parametrize("plugged", [True, False])
async def test_hardly_anything_is_written_while_nothing_happens(
    recorded: House, *, plugged: bool
) -> None:
    """A car waits for cheap hours, or none is there; plans are made each five minutes."""
    if plugged:
        await recorded.async_plug_in("garage")
    rows = await rows_of_an_hour(recorded)
    of_garage = {name: count for name, count in rows.items() if "garage" in name or "zoe" in name}
    of_site = {name: count for name, count in rows.items() if "home" in name}
    assert sum(of_garage.values()) <= MAX_ROWS, of_garage
    assert sum(of_site.values()) <= MAX_ROWS, of_site
    # At the other charger there is no car.
    assert rows.total() == sum(of_garage.values()) + sum(of_site.values()), rows
