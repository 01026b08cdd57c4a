"""A car that has reached its target is left alone until something worth it is missing."""

from datetime import timedelta

from homeassistant.const import ATTR_ENTITY_ID
import pytest
from tests.house import CHARGERS, VEHICLES, House

MINUTE = timedelta(minutes=1)


async def charging_until_ready(house: House) -> None:
    """Let a car charge to its 80 % in a house where it always may."""
    house.set_soc("zoe", 79)
    await house.async_set_up_site(CHARGERS[0], VEHICLES[0])
    await house.async_plug_in("garage")
    assert house.garage_kw >= 4.14
    house.set_soc("zoe", 80)
    await house.async_settle()
    assert house.garage_kw == 0


async def told_to_set(house: House, domain: str, key: str, **data: object) -> None:
    """Change one of the car's settings, as a person does."""
    await house.hass.services.async_call(
        domain,
        "set_value",
        {ATTR_ENTITY_ID: house.entity_id(domain, "garage", key), **data},
        blocking=True,
    )
    await house.async_settle()


async def test_a_car_that_reports_one_percent_less_is_not_started_again(house: House) -> None:
    await charging_until_ready(house)
    for told in (79, 80, 79, 78, 80, 79):
        house.set_soc("zoe", told)
        for _ in range(3):
            await house.async_advance(5 * MINUTE)
            assert house.garage_kw == 0


async def test_a_car_that_lost_more_is_charged_again(house: House) -> None:
    await charging_until_ready(house)
    house.set_soc("zoe", 77)
    await house.async_settle()
    assert house.garage_kw >= 4.14
    # From then on it is charged to its target, not to what would be near enough.
    house.set_soc("zoe", 79)
    await house.async_advance(5 * MINUTE)
    assert house.garage_kw >= 4.14


@pytest.mark.parametrize(
    ("domain", "key", "data"),
    [
        ("number", "target_soc", {"value": 81}),
        ("time", "departure", {"time": "08:00:00"}),
    ],
)
async def test_a_changed_target_gets_what_is_missing(
    house: House, domain: str, key: str, data: dict[str, object]
) -> None:
    await charging_until_ready(house)
    house.set_soc("zoe", 79)
    await house.async_advance(5 * MINUTE)
    assert house.garage_kw == 0
    await told_to_set(house, domain, key, **data)
    assert house.garage_kw >= 4.14


async def test_a_new_session_gets_what_is_missing(house: House) -> None:
    await charging_until_ready(house)
    house.set_soc("zoe", 79)
    await house.async_advance(5 * MINUTE)
    await house.async_unplug("garage")
    await house.async_plug_in("garage")
    assert house.garage_kw >= 4.14


async def test_a_restart_does_not_start_a_car_that_is_ready(house: House) -> None:
    await charging_until_ready(house)
    house.set_soc("zoe", 79)
    await house.async_advance(5 * MINUTE)
    await house.hass.config_entries.async_reload("site")
    await house.async_settle()
    await house.async_advance(5 * MINUTE)
    assert house.garage_kw == 0


async def test_a_car_is_ready_a_little_before_it_leaves(house: House) -> None:
    """What is cheapest right before the departure is not waited for; the wish stays as it is."""
    # 6:00 to 7:00 is cheap; Zoe leaves at 7:00.
    house.set_hourly_prices([0.1 if hour % 24 == 6 else 0.3 for hour in range(48)])
    house.set_soc("zoe", 61)
    entry = await house.async_set_up_site(CHARGERS[0], VEHICLES[0])
    await house.async_plug_in("garage")
    plan = entry.runtime_data.coordinator.data
    (request,) = plan.problem.evs
    (block,) = plan.blocks("garage")
    assert request.departure - block.end >= 15 * MINUTE
    assert house.state(house.entity_id("time", "garage", "departure")).state == "07:00:00"
