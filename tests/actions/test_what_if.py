"""What something else would cost: answered at once, and nothing changes."""

from datetime import datetime, timedelta
import time
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util
import pytest
from tests.house import House, charger_of

NIGHT = [0.30] * 26 + [0.10] * 2 + [0.20] * 2 + [0.30] * 18


async def ask(hass: HomeAssistant, **data: Any) -> dict[str, Any]:
    """Return what the action answers."""
    response = await hass.services.async_call(
        "optivgi", "what_if", data, blocking=True, return_response=True
    )
    assert response is not None
    return dict(response)


@pytest.fixture
async def waiting(house: House) -> House:
    """Return a house where Zoe waits in the garage for two hours at 0.10 from two o'clock on."""
    house.set_hourly_prices(NIGHT)
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    return house


def local(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-21 {clock}").replace(
        tzinfo=dt_util.get_default_time_zone()
    )


async def test_nothing_else_is_the_plan_that_is_followed(
    hass: HomeAssistant, waiting: House
) -> None:
    answer = await ask(hass, vehicle="Zoe")
    assert answer["cost_change"] == 0
    (zoe,) = answer["chargers"]
    assert zoe["finish"] == zoe["finish_before"]
    assert zoe["vehicle"] == "Zoe"
    assert zoe["cost"] == pytest.approx(
        charger_of(await waiting.async_schedule(), "Garage")["cost"], abs=1e-3
    )


async def test_higher_target_costs_more_and_nothing_of_the_plan_changes(
    hass: HomeAssistant, waiting: House
) -> None:
    before = await waiting.async_schedule()
    limit = waiting.state("input_number.garage_limit").state
    began = time.perf_counter()
    answer = await ask(hass, charger="Garage", target_soc=100)
    # 0.3 s by itself; the machine may be busy with other tests.
    assert time.perf_counter() - began < 1.5
    (zoe,) = answer["chargers"]
    assert zoe["battery_kwh"] == pytest.approx(0.6 * 50, abs=0.5)
    # 11 kW for two hours at 0.10, the rest of another 10 kWh at 0.20.
    assert zoe["cost_change"] == pytest.approx(
        (30 / 0.9 - 22.1) * 0.2 - (20 / 0.9 - 22.1) * 0.1, abs=0.15
    )
    assert zoe["shortfall_kwh"] == 0
    await waiting.async_settle()
    after = await waiting.async_schedule()
    assert charger_of(after, "Garage")["plan"] == charger_of(before, "Garage")["plan"]
    assert waiting.state("input_number.garage_limit").state == limit
    assert waiting.value("number.garage_target") == 80


async def test_earlier_departure_says_what_is_missing_and_what_binds(
    hass: HomeAssistant, waiting: House
) -> None:
    answer = await ask(hass, vehicle="Zoe", departure=dt_util.now() + timedelta(hours=1))
    (zoe,) = answer["chargers"]
    assert zoe["shortfall_kwh"] == pytest.approx(20 - 11.04 * 0.9, abs=0.8)
    assert zoe["shortfall_cause"] == "window"
    assert {bind["kind"] for bind in zoe["binds"]} <= {"deadline", "cheap", "price", "min_power"}
    assert zoe["binds"]


async def test_mode_fuse_and_price_are_supposed(hass: HomeAssistant, waiting: House) -> None:
    (now,) = (await ask(hass, charger="Garage", mode="now"))["chargers"]
    # It charges until it is full.
    assert now["battery_kwh"] == pytest.approx(30, abs=0.5)
    assert now["cost"] == pytest.approx(30 / 0.9 * 0.3, abs=0.1)
    off = await ask(hass, charger="Garage", mode="off")
    assert off["cost"] == 0
    assert off["chargers"][0]["finish"] is None
    small = await ask(hass, fuse=10)
    assert small["peak_kw"] <= 10 * 3 * 0.23
    assert small["cost_change"] > 0
    dearer = await ask(hass, price_offset=0.05)
    assert dearer["cost_change"] == pytest.approx(20 / 0.9 * 0.05, abs=0.02)


async def test_several_cars_are_changed_at_once(hass: HomeAssistant, waiting: House) -> None:
    await waiting.async_plug_in("carport")
    answer = await ask(
        hass,
        changes=[{"vehicle": "Zoe", "target_soc": 60}, {"charger": "Carport", "target_soc": 60}],
    )
    assert [row["battery_kwh"] for row in answer["chargers"]] == pytest.approx([10, 4], abs=0.3)
    assert answer["cost_change"] < 0


async def test_questions_about_a_car(hass: HomeAssistant, waiting: House) -> None:
    answer = await ask(
        hass,
        vehicle="Zoe",
        departure=local("03:30"),
        also=["earliest_ready", "cheapest_departure", "ten_percent_more"],
    )
    ready = datetime.fromisoformat(answer["earliest_ready"]["at"])
    needed = timedelta(hours=20 / 0.9 / 11.04)
    # By the slot.
    assert abs(ready - dt_util.now() - needed) < timedelta(minutes=15)
    assert answer["earliest_ready"]["cost"] == pytest.approx(20 / 0.9 * 0.3, abs=0.1)
    cheapest = answer["cheapest_departure"]
    # From four o'clock on the two cheap hours are all there.
    assert local("04:00") <= datetime.fromisoformat(cheapest["departure"]) <= local("05:30")
    assert cheapest["saved"] > 0.5
    assert answer["ten_percent_more"]["target_soc"] == 90
    # All of it at 0.30, and it is to be ready a quarter of an hour earlier the longer it takes.
    assert 5 / 0.9 * 0.3 - 0.2 < answer["ten_percent_more"]["cost"] < 5 / 0.9 * 0.3 + 0.8


async def test_what_cannot_be_answered_is_refused(hass: HomeAssistant, waiting: House) -> None:
    for data in ({"target_soc": 90}, {"vehicle": "Leaf"}, {"also": ["earliest_ready"]}):
        with pytest.raises(ServiceValidationError):
            await ask(hass, **data)


async def test_amount_that_is_charged_at_once_does_not_count_for_another_mode(
    hass: HomeAssistant, waiting: House
) -> None:
    planned = charger_of(await waiting.async_schedule(), "Garage")
    amount = {"entity_id": "select.garage_mode", "energy": 5}
    await hass.services.async_call("optivgi", "charge_now", amount, blocking=True)
    await waiting.async_settle()
    (zoe,) = (await ask(hass, charger="Garage", mode="smart"))["chargers"]
    assert zoe["cost"] == pytest.approx(planned["cost"], abs=0.05)
