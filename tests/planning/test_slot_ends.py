"""The plan for a slot is there before it begins."""

from datetime import timedelta

from homeassistant.util import dt as dt_util
from tests.house import House

SLOT = timedelta(minutes=15)


async def test_the_plan_for_a_slot_is_made_just_before_it(house: House) -> None:
    """One made just after it would start again what the earlier one has just stopped."""
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    assert house.entry is not None
    coordinator = house.entry.runtime_data.coordinator
    while dt_util.utcnow().timestamp() % SLOT.total_seconds() > 5:
        await house.async_advance(timedelta(seconds=5))
    begun = coordinator.data.made_at
    assert timedelta(seconds=5) < dt_util.utcnow() - begun < timedelta(seconds=25)
    for _ in range(12):
        await house.async_advance(timedelta(seconds=5))
        assert coordinator.data.made_at == begun
