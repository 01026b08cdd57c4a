"""Plans are made as often as they help, and not where each would only move who charges."""

from datetime import timedelta

from tests.house import House

MINUTE = timedelta(minutes=1)


async def async_plans_within(house: House, minutes: int) -> int:
    """Return how many plans are made."""
    assert house.entry is not None
    coordinator = house.entry.runtime_data.coordinator
    made = set()
    for _ in range(minutes):
        await house.async_advance(MINUTE)
        made.add(coordinator.data.made_at)
    return len(made) - 1


async def test_a_plan_is_made_every_five_minutes(house: House) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    assert await async_plans_within(house, 30) >= 5


async def test_where_not_all_can_be_ready_plans_are_made_by_the_slot(house: House) -> None:
    await house.async_set_up_site(data={"limit_kw": 4.5})
    await house.async_plug_in("garage")
    await house.async_plug_in("carport")
    assert house.entry is not None
    assert house.entry.runtime_data.coordinator.data.schedule.is_short
    await house.async_advance(5 * MINUTE)
    assert await async_plans_within(house, 30) <= 3


async def test_a_slot_that_is_called_late_has_its_plan_all_the_same(house: House) -> None:
    await house.async_set_up_site(data={"limit_kw": 4.5})
    await house.async_plug_in("garage")
    await house.async_plug_in("carport")
    assert house.entry is not None
    coordinator = house.entry.runtime_data.coordinator
    await house.async_advance(2 * MINUTE)
    before = coordinator.data
    assert before.schedule.is_short
    await house.async_advance(20 * MINUTE)
    assert coordinator.data.made_at > before.made_at


async def test_a_charger_that_says_it_charges_makes_no_plan(house: House) -> None:
    """Each start and stop made one, which made others start and stop."""
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    await house.async_advance(MINUTE)
    assert house.entry is not None
    coordinator = house.entry.runtime_data.coordinator
    before = coordinator.data
    for status in ("charging", "awaiting_start", "charging", "awaiting_start"):
        await house.async_select("input_select.garage_status", status)
        await house.async_advance(timedelta(seconds=5))
    assert coordinator.data is before
    await house.async_select("input_select.garage_status", "disconnected")
    for _ in range(8):
        await house.async_advance(timedelta(seconds=10))
    assert coordinator.data is not before
