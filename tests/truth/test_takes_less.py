"""A car that takes less than its charger allows is measured, planned so, and known next time."""

from datetime import timedelta
from typing import Any

from homeassistant.util import dt as dt_util
import pytest
from tests.driven import at, drive, eleven_amperes, one_phase, two_phases
from tests.house import CHARGERS, GRID, House, charger_of


async def most_planned_kw(house: House) -> float:
    plan = charger_of(await house.async_schedule(), "Garage")["plan"]
    return max((step["limit_kw"] for step in plan), default=0.0)


@pytest.mark.parametrize(
    ("takes", "most_kw"), [(one_phase, 3.68), (eleven_amperes, 7.6), (two_phases, 7.6)]
)
async def test_what_is_measured_bounds_the_plan_within_three_minutes(
    house: House, takes: Any, most_kw: float
) -> None:
    driven = await drive(house, takes, 40)
    await house.async_select("select.garage_mode", "now")
    assert await most_planned_kw(house) > 11
    await driven.async_for(minutes=3)
    assert 0.85 * most_kw <= await most_planned_kw(house) <= most_kw
    drawn_kw = driven.drawn_kw
    await driven.async_for(minutes=15)
    assert driven.drawn_kw >= drawn_kw * 0.99
    assert len(driven.commands) <= 6


async def test_a_car_that_takes_more_again_is_planned_so(house: House) -> None:
    """Its battery was cold for half an hour."""
    warm_at = dt_util.utcnow() + timedelta(minutes=30)
    driven = await drive(
        house, lambda kw, _: min(kw, 11.04 if dt_util.utcnow() > warm_at else 6.0), 40
    )
    await house.async_select("select.garage_mode", "now")
    await driven.async_for(minutes=25)
    assert await most_planned_kw(house) <= 6.0
    await driven.async_for(minutes=15)
    assert driven.drawn_kw == pytest.approx(11.04)
    assert await most_planned_kw(house) == pytest.approx(11.04)


async def test_both_nights_begin_in_time(house: House) -> None:
    """Nobody entered that the car charges from one phase, for which the cheap hours are too few."""
    driven = await drive(house, one_phase, 40)
    await driven.async_until(at("2026-11-21 07:00"), minutes=2)
    assert driven.soc >= 79.5
    await driven.async_leave(40)
    await driven.async_until(at("2026-11-21 18:00"), minutes=5)
    house.set_hourly_prices(([0.1] * 6 + [0.5] * 18) * 2)
    await driven.async_plug_in()
    driven.commands.clear()
    await driven.async_until(at("2026-11-22 07:00"), minutes=2)
    assert driven.soc >= 79.5
    assert len(driven.commands) <= 10


async def test_a_battery_that_is_nearly_full_says_nothing_of_the_next_night(house: House) -> None:
    driven = await drive(house, lambda kw, soc: min(kw, 11.04 if soc < 85 else 1.8), 84)
    await house.async_select("select.garage_mode", "now")
    await driven.async_for(minutes=30)
    assert await most_planned_kw(house) < 4.2
    await driven.async_leave(40)
    await driven.async_plug_in()
    assert await most_planned_kw(house) > 11


async def test_several_cars_on_one_unknown_phase_never_overload_it(house: House) -> None:
    """Both draw 16 A from the same phase; the fuse is 25 A."""
    driven = await drive(house, one_phase, 40)
    await house.async_plug_in("carport")
    for charger in ("garage", "carport"):
        await house.async_select(f"select.{charger}_mode", "now")
    over = 0
    for minute in range(40):
        carport_kw = one_phase(house.carport_kw, 0)
        house.set_power("sensor.carport_power", 1000 * carport_kw + minute % 2)
        await house.async_select(
            "input_select.carport_status", "Charging" if carport_kw else "Preparing"
        )
        await driven.async_for(minutes=0.5, beside_kw=carport_kw)
        over += one_phase(house.garage_kw, 0) + one_phase(house.carport_kw, 0) > 25 * 0.23 + 0.01
    assert not over
    assert driven.drawn_kw + one_phase(house.carport_kw, 0) > 4.5


async def test_a_power_that_the_house_cuts_is_not_taken_for_a_share_of_two_phases(
    house: House,
) -> None:
    """A car on one phase takes 3.7 kW of 5.5 kW, for which that phase has no room beside the house.

    It takes no more when it is allowed 11 kW again.
    """
    await house.async_set_up_site(CHARGERS[1])
    await house.async_plug_in("carport")
    await house.async_select("select.carport_mode", "now")
    allowed_kw = set[float]()
    for house_w, minutes in ((11700, 3), (3000, 6)):
        for second in range(0, 60 * minutes, 30):
            drawn_kw = min(house.carport_kw, 3.68)
            house.set_power("sensor.carport_power", 1000 * drawn_kw + second % 7)
            await house.async_select(
                "input_select.carport_status", "Charging" if drawn_kw else "Preparing"
            )
            house.set_power(GRID, house_w + 1000 * drawn_kw + second % 7)
            await house.async_advance(timedelta(seconds=30))
            allowed_kw.add(house.carport_kw)
        if house_w > 5750:
            assert any(5 < kw < 6 for kw in allowed_kw)
            assert house.carport_kw == 0
    plan = charger_of(await house.async_schedule(), "Carport")["plan"]
    assert max(step["limit_kw"] for step in plan) == pytest.approx(3.68, abs=0.02)
