"""A charger is sent its profile when needed, seldom otherwise, and is watched.

Everything goes through Home Assistant: its actions, its states, a real websocket behind them.
"""

from datetime import timedelta

from demo.custom_components.ocpp.charge_point import ChargePoint
from demo.custom_components.ocpp.hardware import Quirks
from homeassistant.core import Context
import pytest

from custom_components.optivgi.bindings.chargers.ocpp.charging_profile import Wiring
from custom_components.optivgi.bindings.chargers.ocpp.profile_control import (
    ProfileProblem,
    ProfileState,
    ProfileUse,
)

from .bench import (
    FAST_KW,
    MIDDLE_KW,
    MIN_KW,
    MINUTE,
    THREE_PHASES,
    Bench,
    limits_from,
    offered,
)

VERSIONS = pytest.mark.parametrize("version", ["1.6", "2.0.1"])


def ids(charge_point: ChargePoint) -> set[int]:
    """Return the ids of the profiles in a charge point."""
    return {stored.id for stored in charge_point.hardware.store.profiles}


@VERSIONS
async def test_plan_is_sent_and_confirmed(bench: Bench, version: str) -> None:
    cp = await bench.async_start(version)
    await cp.async_plug_in()
    control = bench.control()
    limits = limits_from(bench.now, 0, FAST_KW, MIDDLE_KW)
    report = await control.async_apply(limits, THREE_PHASES)
    assert report.state is ProfileState.SENT
    assert report.limit_kw == 0
    hours = [limits.horizon.start + timedelta(hours=h, minutes=1) for h in range(4)]
    assert offered(cp, hours) == [0, 16, 10, 6]
    assert ids(cp) == {7011}
    report = await bench.async_pass(control, limits)
    assert report.state is ProfileState.CONFIRMED
    # It goes on by itself, and is believed as soon as it is measured.
    report = await bench.async_pass(control, limits, 60)
    assert report.state is ProfileState.CONFIRMED
    assert report.limit_kw == pytest.approx(FAST_KW)
    assert cp.hardware.drawn_a() == [16, 16, 16]
    # A second time after the car was commanded to go on, for those that forget then.
    assert len(cp.received) == 2


async def test_only_the_connector_in_question_is_commanded(bench: Bench) -> None:
    cp = await bench.async_start("1.6", quirks=Quirks(connectors=2))
    control = bench.control("sensor.wallbox_1_connector_2_status_connector")
    limits = limits_from(bench.now, MIDDLE_KW)
    await control.async_apply(limits, THREE_PHASES, context=Context(user_id=None))
    assert bench.central.calls[-1]["devid"] == "wallbox_1"
    assert bench.central.calls[-1]["conn_id"] == 2
    assert ids(cp) == {7021}
    assert [cp.hardware.limit_a(connector) for connector in (1, 2)] == [32, 10]
    first = bench.control("sensor.wallbox_1_connector_1_status_connector")
    await first.async_apply(limits_from(bench.now, FAST_KW), THREE_PHASES)
    assert [cp.hardware.limit_a(connector) for connector in (1, 2)] == [16, 10]


async def test_only_the_charger_in_question_is_commanded(bench: Bench) -> None:
    await bench.async_start("1.6", "2.0.1", since_012=False)
    one, two = bench.charge_points
    control = bench.control("sensor.wallbox_2_status_connector")
    await control.async_apply(limits_from(bench.now, MIDDLE_KW), THREE_PHASES)
    assert [cp.hardware.limit_a() for cp in (one, two)] == [32, 10]


# What a charger takes


@VERSIONS
async def test_charger_that_takes_six_periods_gets_six(bench: Bench, version: str) -> None:
    cp = await bench.async_start(version, quirks=Quirks(max_periods=6, max_stack_level=0))
    limits = limits_from(bench.now, *(FAST_KW, 0) * 8, step_h=0.5)
    await bench.control().async_apply(limits, THREE_PHASES)
    (stored,) = cp.hardware.store.profiles
    assert len(stored.periods) <= 6
    assert stored.stack_level == 0
    halves = [bench.now + timedelta(minutes=30 * half + 2) for half in range(4)]
    assert offered(cp, halves) == [16, 0, 16, 0]


@VERSIONS
async def test_charger_that_takes_watts_gets_watts(bench: Bench, version: str) -> None:
    quirks = Quirks(units=frozenset({"W"}))
    cp = await bench.async_start(version, quirks=quirks)
    one_phase = Wiring(phases=1, voltage=230)
    await bench.control().async_apply(limits_from(bench.now, 3.68), one_phase)
    (stored,) = cp.hardware.store.profiles
    assert stored.unit == "W"
    assert stored.periods[0] == (0, 3680, 1)
    assert cp.hardware.limit_a() == 16


@pytest.mark.parametrize(
    ("version", "hidden"),
    [
        ("1.6", {"ChargingScheduleMaxPeriods", "ChargeProfileMaxStackLevel"}),
        ("2.0.1", {"PeriodsPerSchedule", "ProfileStackLevel", "RateUnit"}),
    ],
)
async def test_charger_that_reports_nothing_is_sent_each_change(
    bench: Bench, version: str, hidden: set[str]
) -> None:
    cp = await bench.async_start(version, quirks=Quirks(hides=frozenset(hidden)))
    await cp.async_plug_in()
    control = bench.control()
    limits = limits_from(bench.now, MIDDLE_KW, FAST_KW, MIN_KW)
    await control.async_apply(limits, THREE_PHASES)
    (stored,) = cp.hardware.store.profiles
    assert len(stored.periods) == 1
    assert stored.stack_level == 0
    seen = [cp.hardware.limit_a()]
    for _ in range(3):
        await bench.async_pass(control, limits, 60)
        seen.append(cp.hardware.limit_a())
    assert seen == [10, 16, 6, 6]


async def test_integration_that_does_not_return_all_keys_is_asked_for_each(bench: Bench) -> None:
    cp = await bench.async_start("1.6", quirks=Quirks(max_periods=24))
    bench.central.tells_all_keys = False
    await bench.control().async_apply(limits_from(bench.now, 0, MIDDLE_KW), THREE_PHASES)
    assert len(bench.central.probes) == 4
    (stored,) = cp.hardware.store.profiles
    assert stored.stack_level == 7
    assert len(stored.periods) == 3


async def test_charger_is_asked_once_per_connection(bench: Bench) -> None:
    cp = await bench.async_start("1.6")
    control = bench.control()
    limits = limits_from(bench.now, MIDDLE_KW)
    await control.async_apply(limits, THREE_PHASES)
    await bench.async_pass(control, limits, 5)
    # All keys at once: for a single one that is missing, the user would be notified.
    assert bench.central.probes == [None]
    await bench.async_lose(cp)
    await cp.async_connect(bench.central.port)
    await bench.async_pass(control, limits, 5)
    assert bench.central.probes == [None, None]


# When it is sent


async def test_nothing_new_is_not_sent(bench: Bench) -> None:
    cp = await bench.async_start("1.6")
    control = bench.control()
    for minute in range(30):
        # Planned again every five minutes, a little further each time, a little different.
        if minute % 5 == 0:
            limits = limits_from(bench.now, *(MIDDLE_KW + minute / 100,) * 24)
        await bench.async_pass(control, limits)
    assert len(cp.received) == 1


async def test_plan_is_renewed_before_it_ends(bench: Bench) -> None:
    cp = await bench.async_start("1.6")
    control = bench.control()
    for _ in range(48):
        limits = limits_from(bench.now, *(MIDDLE_KW,) * 12, safe_kw=MIN_KW)
        await bench.async_pass(control, limits, every=30 * MINUTE)
        assert cp.hardware.limit_a(moment=bench.now + timedelta(hours=5)) == 10
    assert 3 <= len(cp.received) <= 5


async def test_less_is_sent_at_once_and_more_after_a_minute(bench: Bench) -> None:
    cp = await bench.async_start("1.6")
    control = bench.control()
    await control.async_apply(limits_from(bench.now, MIDDLE_KW), THREE_PHASES)
    bench.freezer.tick(10)
    await control.async_apply(limits_from(bench.now, FAST_KW), THREE_PHASES)
    assert cp.hardware.limit_a() == 10
    await control.async_apply(limits_from(bench.now, MIN_KW), THREE_PHASES)
    assert cp.hardware.limit_a() == 6
    bench.freezer.tick(50)
    await control.async_apply(limits_from(bench.now, FAST_KW), THREE_PHASES)
    assert cp.hardware.limit_a() == 6
    bench.freezer.tick(10)
    await control.async_apply(limits_from(bench.now, FAST_KW), THREE_PHASES)
    assert cp.hardware.limit_a() == 16


async def test_what_changes_later_waits_for_five_minutes(bench: Bench) -> None:
    cp = await bench.async_start("1.6")
    control = bench.control()
    start = bench.now
    await control.async_apply(limits_from(start, MIDDLE_KW, 0, FAST_KW), THREE_PHASES)
    changed = limits_from(start, MIDDLE_KW, FAST_KW, 0)
    await bench.async_pass(control, changed, 4)
    assert len(cp.received) == 1
    await bench.async_pass(control, changed)
    assert offered(cp, [start + timedelta(hours=h, minutes=1) for h in (1, 2)]) == [16, 0]


async def test_what_the_connection_leaves_is_sent_in_whole_amperes(bench: Bench) -> None:
    cp = await bench.async_start("1.6")
    control = bench.control()
    limits = limits_from(bench.now, *(FAST_KW,) * 8, step_h=0.25)
    await control.async_apply(limits, THREE_PHASES)
    await bench.async_pass(control, limits, cap_kw=8.0)
    assert cp.hardware.limit_a() == 11
    # Readings that move by less than an ampere are not written.
    for cap_kw in (8.1, 7.9, 8.2, 7.7, 7.6):
        await bench.async_pass(control, limits, cap_kw=cap_kw)
    assert len(cp.received) == 2
    await bench.async_pass(control, limits, cap_kw=4.5)
    assert cp.hardware.limit_a() == 6
    # While nobody looks, the plan holds again from a step on, not before five minutes.
    until = limits.horizon.start + timedelta(minutes=16, seconds=1)
    assert offered(cp, [bench.now + 5 * MINUTE, until]) == [6, 16]
    await bench.async_pass(control, limits, 2)
    assert cp.hardware.limit_a() == 16


@VERSIONS
async def test_charger_that_comes_back_is_sent_its_profile_again(
    bench: Bench, version: str
) -> None:
    cp = await bench.async_start(version)
    control = bench.control()
    limits = limits_from(bench.now, MIDDLE_KW)
    await bench.async_pass(control, limits, 2)
    await bench.async_lose(cp)
    await bench.async_pass(control, limits, 2)
    cp.hardware.store.profiles.clear()
    await cp.async_connect(bench.central.port)
    await bench.async_pass(control, limits)
    assert cp.hardware.limit_a() == 10


@VERSIONS
async def test_next_transaction_is_sent_the_profile_again(bench: Bench, version: str) -> None:
    cp = await bench.async_start(version)
    control = bench.control()
    limits = limits_from(bench.now, MIDDLE_KW)
    await bench.async_pass(control, limits, 3)
    cp.hardware.store.profiles.clear()
    await bench.async_pass(control, limits, 3)
    assert cp.hardware.limit_a() == 32
    await cp.async_plug_in()
    await bench.async_pass(control, limits)
    assert cp.hardware.limit_a() == 10


async def test_transaction_that_begins_with_a_pause_is_sent_again_too(bench: Bench) -> None:
    cp = await bench.async_start("1.6")
    control = bench.control()
    limits = limits_from(bench.now, 0, 0)
    await bench.async_pass(control, limits, 3)
    await cp.async_plug_in()
    assert cp.hardware.status() == "SuspendedEVSE"
    await bench.async_pass(control, limits, 3)
    assert len(cp.received) == 2


async def test_charging_that_is_resumed_is_sent_again(bench: Bench) -> None:
    cp = await bench.async_start("1.6")
    await cp.async_plug_in()
    control = bench.control()
    limits = limits_from(bench.now, 0, *(MIDDLE_KW,) * 7, step_h=0.25)
    await bench.async_pass(control, limits, 14)
    sent = len(cp.received)
    cp.hardware.store.profiles.clear()
    await bench.async_pass(control, limits, 2)
    assert len(cp.received) == sent + 1
    assert cp.hardware.limit_a() == 10


# Profiles of transactions


@VERSIONS
async def test_profile_of_the_transaction_waits_for_it(bench: Bench, version: str) -> None:
    cp = await bench.async_start(version)
    control = bench.control(use=ProfileUse.TX)
    limits = limits_from(bench.now, MIDDLE_KW)
    report = await control.async_apply(limits, THREE_PHASES)
    assert (report.state, report.problem) == (
        ProfileState.WAITING,
        ProfileProblem.NO_TRANSACTION,
    )
    assert cp.received == []
    await cp.async_plug_in()
    await bench.async_pass(control, limits, 2)
    assert ids(cp) == {7012}
    assert cp.hardware.limit_a() == 10
    assert control.report.state is ProfileState.CONFIRMED
    await cp.async_unplug()
    assert ids(cp) == set()
    await cp.async_plug_in()
    await bench.async_pass(control, limits)
    assert cp.hardware.limit_a() == 10


@VERSIONS
async def test_both_profiles_leave_the_safe_limit_for_the_next_car(
    bench: Bench, version: str
) -> None:
    cp = await bench.async_start(version)
    await cp.async_plug_in()
    control = bench.control(use=ProfileUse.BOTH)
    limits = limits_from(bench.now, FAST_KW, safe_kw=MIN_KW)
    await control.async_apply(limits, THREE_PHASES)
    assert ids(cp) == {7011, 7012}
    assert cp.hardware.limit_a() == 16
    await cp.async_unplug()
    assert cp.hardware.limit_a() == 6


@VERSIONS
async def test_charger_that_refuses_while_suspended_fails_loudly_or_is_found_out(
    bench: Bench, version: str
) -> None:
    cp = await bench.async_start(version, quirks=Quirks(tx_while_suspended=False))
    await cp.async_plug_in()
    control = bench.control(use=ProfileUse.TX)
    await control.async_apply(limits_from(bench.now, 0), THREE_PHASES)
    await bench.async_wait(2)
    report = await bench.async_pass(control, limits_from(bench.now, FAST_KW), 10)
    assert report.state is ProfileState.FAILED
    expected = {"1.6": ProfileProblem.HELD_BACK, "2.0.1": ProfileProblem.REFUSED}
    assert report.problem is expected[version]
