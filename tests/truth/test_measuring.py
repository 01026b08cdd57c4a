"""A car that nobody has seen charging is measured while there is still time for the slowest."""

import pytest
from tests.driven import drive, one_phase
from tests.house import GRID, House


async def test_it_is_measured_in_time_and_then_waits(house: House) -> None:
    """It takes 11 kW; 80 % could take until 07:00, were it on one phase."""
    driven = await drive(house, lambda kw, _: min(kw, 11.04), 20)
    assert house.garage_kw == pytest.approx(4.14)
    shown = house.state("sensor.garage_status").attributes
    assert shown["reason_code"] == "measuring"
    await driven.async_for(minutes=4)
    assert house.garage_kw == 0
    assert house.state("sensor.garage_status").state == "waiting"
    assert len(driven.commands) <= 5
    await driven.async_for(minutes=15)
    assert house.garage_kw == 0
    await driven.async_leave(20)
    await driven.async_plug_in()
    await driven.async_for(minutes=2)
    assert house.garage_kw == 0, "it is known"


async def test_one_that_takes_less_goes_on(house: House) -> None:
    driven = await drive(house, one_phase, 20)
    await driven.async_for(minutes=10)
    assert driven.drawn_kw > 3.6
    reason = house.state("sensor.garage_status").attributes["reason"]
    assert reason.endswith(" The car takes 3.7 kW at most.")


async def test_one_that_takes_less_is_not_stopped_until_the_plan_knows(house: House) -> None:
    """It would begin again half a minute later: its plan was made for three phases."""
    driven = await drive(house, one_phase, 20)
    limits = []
    for _ in range(30):
        await driven.async_for(minutes=1 / 6, step=1 / 6)
        limits.append(house.garage_kw)
    begun = limits.index(pytest.approx(4.14))
    assert min(limits[begun:]) > 4
    assert limits[-1] > 10


async def test_one_with_time_to_spare_is_left_alone(house: House) -> None:
    driven = await drive(house, one_phase, 70)
    await driven.async_for(minutes=3)
    assert house.garage_kw == 0
    assert not driven.commands


@pytest.mark.parametrize("leaf_is_here", [True, False])
async def test_where_others_need_the_connection_it_is_measured_earlier(
    house: House, leaf_is_here: bool
) -> None:
    """When it turned out to be slow, there would be no room left for it."""
    driven = await drive(house, lambda kw, _: min(kw, 11.04), 33, limit_kw=12)
    if leaf_is_here:
        house.set_soc("leaf", 10)
        await house.async_plug_in("carport")
    limits = []
    for _ in range(6):
        await driven.async_for(minutes=0.5)
        limits.append(house.garage_kw)
    assert max(limits) == pytest.approx(4.14 if leaf_is_here else 0)
    assert limits[-1] == 0, "it waits for the cheap hours"


async def test_one_that_does_not_begin_is_not_asked_for_long(house: House) -> None:
    """It waits for a timer of its own."""
    driven = await drive(house, lambda *_: 0.0, 20)
    house.set_power(GRID, 500)
    await driven.async_for(minutes=7)
    assert house.garage_kw == 0
