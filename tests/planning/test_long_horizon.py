"""Cars that leave after the weekend: planned as far as they stay, by known prices and estimates."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from tests.house import CHARGERS, ZOE_DATA, House, charger_of, subentry

MONDAY = [{"weekdays": ["mon"], "at": "07:00:00"}]
LEAVES = datetime.fromisoformat("2026-11-23T07:00:00+01:00")
# Friday and Saturday: a expensive evening, a cheap hour on Saturday at noon
DEAR_EVENING = [0.30] * 18 + [0.60] * 6 + [0.30] * 12 + [0.15] * 4 + [0.30] * 8


async def async_plug_in(house: House, prices: list[float], **zoe: Any) -> None:
    """Plug in a Zoe on Friday that leaves on Monday."""
    house.set_hourly_prices(prices)
    data = {**ZOE_DATA, "weekly_departures": MONDAY, **zoe}
    await house.async_set_up_site(*CHARGERS, subentry("zoe", "vehicle", "Zoe", data))
    await house.async_plug_in("garage")


def lengths(schedule: dict[str, Any]) -> list[timedelta]:
    """Return the lengths of the planned steps but the first, which is what is left of its slot."""
    moments = [datetime.fromisoformat(step["start"]) for step in schedule["prices"]]
    return [later - earlier for earlier, later in pairwise(moments)][1:]


async def test_horizon_reaches_to_the_departure_in_coarser_steps(house: House) -> None:
    await async_plug_in(house, DEAR_EVENING)
    schedule = await house.async_schedule()
    assert datetime.fromisoformat(schedule["prices"][-1]["end"]) == LEAVES
    steps = lengths(schedule)
    fine = steps.count(timedelta(minutes=15))
    assert steps[:fine] == [timedelta(minutes=15)] * fine
    assert set(steps[fine:]) == {timedelta(hours=1)}
    assert timedelta(hours=36) <= fine * timedelta(minutes=15) < timedelta(hours=37)
    garage = charger_of(schedule, "Garage")
    assert datetime.fromisoformat(garage["departure"]) == LEAVES
    assert garage["shortfall_kwh"] == pytest.approx(0, abs=0.01)


async def test_daily_departures_are_planned_as_before(house: House) -> None:
    await async_plug_in(house, DEAR_EVENING, weekly_departures=[])
    schedule = await house.async_schedule()
    assert set(lengths(schedule)) == {timedelta(minutes=15)}
    end = datetime.fromisoformat(schedule["prices"][-1]["end"])
    assert timedelta(hours=24) <= end - datetime.fromisoformat(schedule["site"]["made_at"])
    assert end - datetime.fromisoformat(schedule["site"]["made_at"]) < timedelta(hours=24.3)


async def test_horizon_has_an_end(house: House) -> None:
    """Four days at most: what is needed for next week is charged in the cheapest hours of these."""
    await async_plug_in(
        house, DEAR_EVENING, weekly_departures=[{"weekdays": ["thu"], "at": "07:00:00"}]
    )
    schedule = await house.async_schedule()
    end = datetime.fromisoformat(schedule["prices"][-1]["end"])
    assert end - datetime.fromisoformat(schedule["site"]["made_at"]) < timedelta(days=4.1)
    garage = charger_of(schedule, "Garage")
    assert datetime.fromisoformat(garage["departure"]).day == 26
    charging = [step for step in garage["plan"] if step["limit_kw"] > 0]
    assert {step["price"] for step in charging} == {0.15}


async def test_expensive_evening_is_not_used_when_there_is_time(house: House) -> None:
    await async_plug_in(house, DEAR_EVENING)
    garage = charger_of(await house.async_schedule(), "Garage")
    charging = [step for step in garage["plan"] if step["limit_kw"] > 0]
    assert all(step["price"] <= 0.30 for step in charging)
    assert not any(step["estimated"] for step in charging)
    assert {step["start"][:10] for step in charging} == {"2026-11-21"}


async def test_little_is_waited_for_prices_that_nobody_knows(house: House) -> None:
    """Estimates that are hardly lower are not worth waiting for; known low prices are."""
    cheap_now = [0.30] * 20 + [0.12] * 3 + [0.30] * 25
    await async_plug_in(house, cheap_now)
    garage = charger_of(await house.async_schedule(), "Garage")
    charging = [step for step in garage["plan"] if step["limit_kw"] > 0]
    assert {step["start"][:10] for step in charging} == {"2026-11-20"}
    assert not any(step["estimated"] for step in charging)


async def test_plan_holds_while_time_goes_on_and_steps_become_finer(house: House) -> None:
    await async_plug_in(house, DEAR_EVENING)
    first = house.state("sensor.garage_next_start").state
    for _ in range(4):
        await house.async_advance(timedelta(hours=3))
        await house.async_settle()
    assert house.state("sensor.garage_next_start").state == first
    schedule = await house.async_schedule()
    assert schedule["solver"]["failures"] == []
    assert datetime.fromisoformat(schedule["prices"][-1]["end"]) == LEAVES


async def test_calendar_shows_charging_days_ahead(house: House) -> None:
    """All known hours are expensive, so it is left to those after them, in steps of an hour."""
    await async_plug_in(house, [0.10] * 18 + [0.60] * 30)
    response: Any = await house.hass.services.async_call(
        "calendar",
        "get_events",
        {
            "entity_id": "calendar.garage_schedule",
            "start_date_time": "2026-11-20 00:00:00",
            "end_date_time": "2026-11-24 00:00:00",
        },
        blocking=True,
        return_response=True,
    )
    events = response["calendar.garage_schedule"]["events"]
    energy = sum(float(event["summary"].split()[-2]) for event in events)
    assert energy == pytest.approx(20 / 0.9, abs=0.3)
