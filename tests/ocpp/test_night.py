"""A planned night goes on in the charger when Home Assistant does not.

The plan is made by the optimiser, sent through Home Assistant, and Home Assistant's side is killed.
What the charge point allows from then on is asked of the charge point alone, by its own clock.
"""

from datetime import timedelta
from itertools import pairwise

from demo.custom_components.ocpp.hardware import Quirks
import pytest

from custom_components.optivgi.bindings.chargers.ocpp.charging_profile import PlannedLimits
from custom_components.optivgi.bindings.chargers.ocpp.profile_control import ProfileState
from custom_components.optivgi.scheduler import (
    EV,
    PHASES,
    GridConnection,
    Horizon,
    Problem,
    Schedule,
    get_algorithm,
)

from .bench import FAST_KW, MIN_KW, MINUTE, THREE_PHASES, Bench

# Expensive evening and morning, cheap from 1 to 3 and at 5: two blocks of charging with a pause
PRICES = (0.40, 0.38, 0.35, 0.31, 0.28, 0.12, 0.11, 0.25, 0.24, 0.10, 0.13, 0.33, 0.39, 0.36)


def plan_a_night(bench: Bench) -> Schedule:
    """Return the plan for a car that wants 30 kWh by seven."""
    now = bench.now
    horizon = Horizon.aligned(now, now + timedelta(hours=13, minutes=30), timedelta(minutes=15))
    first_hour = now.replace(minute=0, second=0, microsecond=0)
    prices = tuple(
        PRICES[(start - first_hour) // timedelta(hours=1)] for start in horizon.edges[:-1]
    )
    return get_algorithm("optimal").solve(
        Problem(
            horizon=horizon,
            site=GridConnection(limit_kw=(17.0,) * len(horizon), import_price=prices),
            evs=(
                EV(
                    id="car",
                    arrival=now,
                    departure=now + timedelta(hours=11),
                    energy_kwh=30.0,
                    min_power_kw=MIN_KW,
                    max_power_kw=FAST_KW,
                    phases=PHASES,
                ),
            ),
        ),
        time_limit_s=20,
    )


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
@pytest.mark.parametrize(
    ("quirks", "lost"),
    [
        # Rounding down takes a little.
        (Quirks(), 0.02),
        # What does not fit is left out where that costs least, which is not much.
        (Quirks(max_periods=6), 0.12),
        (Quirks(units=frozenset({"W"}), max_stack_level=0, max_periods=24), 0.02),
    ],
    ids=["able", "six periods", "watts"],
)
async def test_charger_follows_the_plan_when_home_assistant_is_gone(
    bench: Bench, version: str, quirks: Quirks, lost: float
) -> None:
    cp = await bench.async_start(version, quirks=quirks)
    await cp.async_plug_in()
    schedule = plan_a_night(bench)
    (ev,) = schedule.evs
    # The plan waits, charges, pauses and goes on; else there would be nothing to see.
    running = [limit > 0 for limit in ev.limit_kw]
    assert sum(one != two for one, two in pairwise(running)) >= 3
    limits = PlannedLimits(horizon=schedule.horizon, limit_kw=ev.limit_kw, safe_kw=MIN_KW)
    control = bench.control()
    await control.async_apply(limits, THREE_PHASES)
    report = await bench.async_pass(control, limits)
    assert report.state is ProfileState.CONFIRMED

    await bench.central.async_kill()

    planned_kwh = charged_kwh = 0.0
    while bench.now < schedule.horizon.end:
        bench.freezer.tick(MINUTE)
        planned_kw = limits.limit_kw_at(bench.now)
        allowed_kw = cp.hardware.limit_a() * 3 * 230 / 1000
        assert allowed_kw <= planned_kw + 1e-6
        assert (allowed_kw > 0) == (planned_kw > 0)
        planned_kwh += planned_kw / 60
        charged_kwh += sum(cp.hardware.drawn_a()) * 230 / 1000 / 60
    assert planned_kwh == pytest.approx(30.0, abs=0.2)
    assert planned_kwh * (1 - lost) <= charged_kwh <= planned_kwh + 1e-6

    # Nobody plans any more, for days.
    for _ in range(3):
        bench.freezer.tick(timedelta(days=1))
        assert cp.hardware.limit_a() == 6
        assert cp.hardware.composite(1, 86400) == [(0, 6)]
    cp.hardware.restart()
    assert cp.hardware.limit_a() == 6


async def test_next_car_of_the_night_is_held_to_the_plan_too(bench: Bench) -> None:
    cp = await bench.async_start("1.6")
    await cp.async_plug_in()
    schedule = plan_a_night(bench)
    (ev,) = schedule.evs
    limits = PlannedLimits(horizon=schedule.horizon, limit_kw=ev.limit_kw, safe_kw=MIN_KW)
    await bench.control().async_apply(limits, THREE_PHASES)
    await cp.async_unplug()
    assert cp.hardware.limit_a() == 0
    await cp.async_plug_in()
    assert cp.hardware.drawn_a() == [0, 0, 0]


async def test_clock_of_the_charger_may_be_a_little_late(bench: Bench) -> None:
    """A profile that started in its future would leave it without any limit."""
    cp = await bench.async_start("1.6")
    cp.hardware.ahead = timedelta(seconds=-50)
    await cp.async_plug_in()
    schedule = plan_a_night(bench)
    (ev,) = schedule.evs
    limits = PlannedLimits(horizon=schedule.horizon, limit_kw=ev.limit_kw, safe_kw=MIN_KW)
    await bench.control().async_apply(limits, THREE_PHASES)
    assert cp.hardware.limit_a() == 0
