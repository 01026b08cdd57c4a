"""A charger that does not follow its profile is detected, and nothing waits for it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from demo.custom_components.ocpp.hardware import Quirks
from homeassistant.core import HomeAssistant, ServiceResponse, SupportsResponse
from homeassistant.exceptions import HomeAssistantError
import pytest

from custom_components.optivgi.bindings.chargers.ocpp.profile_control import (
    ProfileProblem,
    ProfileState,
)

from .bench import (
    FAST_KW,
    MIDDLE_KW,
    MIN_KW,
    MINUTE,
    THREE_PHASES,
    Bench,
    limits_from,
)

VERSIONS = pytest.mark.parametrize("version", ["1.6", "2.0.1"])


@VERSIONS
async def test_refusal_is_detected_and_reported_to_the_caller(bench: Bench, version: str) -> None:
    """OCPP 1.6 refusals are swallowed: only what the charger offers tells."""
    cp = await bench.async_start(version)
    await cp.async_plug_in()
    control = bench.control()
    limits = limits_from(bench.now, MIDDLE_KW)
    cp.refuses = True
    report = await control.async_apply(limits, THREE_PHASES)
    # Where the charger says so, asking again later makes no difference.
    assert (report.state is ProfileState.FAILED) == (version == "2.0.1")
    report = await bench.async_pass(control, limits, 8)
    assert report.state is ProfileState.FAILED
    assert len(cp.received) == 2
    if version == "1.6":
        assert report.problem is ProfileProblem.ALLOWS_MORE
    else:
        assert report.problem is ProfileProblem.REFUSED
        assert "Rejected" in report.detail
    # It is left alone from then on.
    await bench.async_pass(control, limits_from(bench.now, FAST_KW), 60)
    assert len(cp.received) == 2


@pytest.mark.parametrize("seconds", [1, 10])
async def test_second_attempt_is_judged_by_what_is_measured_after_it(
    bench: Bench, seconds: int
) -> None:
    """Meter values come once a minute; whatever is heard in between shows the old ones again."""
    cp = await bench.async_start("1.6", quirks=Quirks(meter_interval=MINUTE))
    await cp.async_plug_in()
    control = bench.control()
    limits = limits_from(bench.now, MIDDLE_KW)
    cp.refuses = True
    await control.async_apply(limits, THREE_PHASES)
    cp.refuses = False
    while len(cp.received) < 2:
        await bench.async_pass(control, limits, every=timedelta(seconds=seconds))
    reports = [
        await bench.async_pass(control, limits, every=timedelta(seconds=seconds))
        for _ in range(90 // seconds)
    ]
    assert ProfileState.FAILED not in {report.state for report in reports}
    assert reports[-1].state is ProfileState.CONFIRMED
    assert len(cp.received) == 2


async def test_charger_that_takes_profiles_and_follows_none_is_found_out(bench: Bench) -> None:
    cp = await bench.async_start("1.6", quirks=Quirks(ignores_profiles=True))
    await cp.async_plug_in()
    control = bench.control()
    limits = limits_from(bench.now, MIDDLE_KW)
    states = []
    for _ in range(8):
        report = await bench.async_pass(control, limits)
        states.append((report.state, report.problem))
    assert states[0] == (ProfileState.SENT, None)
    assert ProfileState.CONFIRMED not in {state for state, _ in states}
    assert states[-1] == (ProfileState.FAILED, ProfileProblem.ALLOWS_MORE)


async def test_charger_that_keeps_to_its_profile_before_is_detected(bench: Bench) -> None:
    cp = await bench.async_start("1.6")
    await cp.async_plug_in()
    control = bench.control()
    await bench.async_pass(control, limits_from(bench.now, MIN_KW), 3)
    cp.refuses = True
    more = limits_from(bench.now, FAST_KW)
    reports = [await bench.async_pass(control, more) for _ in range(10)]
    assert (reports[-1].state, reports[-1].problem) == (
        ProfileState.FAILED,
        ProfileProblem.HELD_BACK,
    )


async def test_charger_that_gives_less_than_it_may_is_no_failure(bench: Bench) -> None:
    cp = await bench.async_start("1.6", quirks=Quirks(hardware_a=13))
    await cp.async_plug_in()
    report = await bench.async_pass(bench.control(), limits_from(bench.now, FAST_KW), 10)
    assert cp.hardware.limit_a() == 13
    assert report.state is ProfileState.CONFIRMED


async def test_values_of_the_last_session_are_not_taken_for_this_one(bench: Bench) -> None:
    """While it pauses, a charger may measure nothing: then the last values stay to be seen."""
    cp = await bench.async_start("1.6")
    control = bench.control()
    await cp.async_plug_in()
    await cp.async_end(1)
    cp.hardware.quirks = replace(cp.hardware.quirks, measures=frozenset())
    limits = limits_from(bench.now, 0, 0)
    await control.async_apply(limits, THREE_PHASES)
    await cp.async_begin(1)
    offered_a = bench.hass.states.get("sensor.wallbox_1_current_offered")
    assert offered_a is not None
    assert offered_a.state == "32.0"
    report = await bench.async_pass(control, limits, 10)
    assert report.state is ProfileState.CONFIRMED


async def test_current_of_the_car_counts_where_the_charger_reports_none(bench: Bench) -> None:
    quirks = Quirks(ignores_profiles=True, measures=frozenset({"Current.Import"}))
    cp = await bench.async_start("1.6", quirks=quirks)
    await cp.async_plug_in()
    control = bench.control()
    report = await bench.async_pass(control, limits_from(bench.now, MIDDLE_KW), 8)
    assert report.problem is ProfileProblem.ALLOWS_MORE


@pytest.mark.parametrize(
    ("version", "state"), [("1.6", ProfileState.FAILED), ("2.0.1", ProfileState.CONFIRMED)]
)
async def test_charger_that_measures_nothing_is_believed_only_if_it_answers(
    bench: Bench, version: str, state: ProfileState
) -> None:
    cp = await bench.async_start(version, quirks=Quirks(measures=frozenset()))
    await cp.async_plug_in()
    control = bench.control()
    report = await bench.async_pass(control, limits_from(bench.now, MIDDLE_KW), 4)
    assert report.state is state
    assert report.problem is {"1.6": ProfileProblem.NO_READ_BACK}.get(version)


async def test_user_who_wants_less_is_no_failure(bench: Bench) -> None:
    cp = await bench.async_start("1.6")
    await cp.async_plug_in()
    control = bench.control()
    limits = limits_from(bench.now, FAST_KW)
    await control.async_apply(limits, THREE_PHASES)
    await bench.hass.services.async_call(
        "number",
        "set_value",
        {"entity_id": "number.wallbox_1_session_current_limit", "value": 0},
        blocking=True,
    )
    report = await bench.async_pass(control, limits, 10)
    assert cp.hardware.status() == "SuspendedEVSE"
    assert report.state is ProfileState.CONFIRMED


@pytest.mark.parametrize(
    ("version", "seconds", "problem"),
    [
        # The integration gives up after 10 s; on 1.6 that is all that happens.
        ("1.6", 10, ProfileProblem.ALLOWS_MORE),
        ("2.0.1", 10, ProfileProblem.NO_ANSWER),
        # We do after 12 s.
        ("1.6", 12, ProfileProblem.NO_ANSWER),
    ],
)
async def test_mute_charger_does_not_hold_everything_up(
    bench: Bench, version: str, seconds: float, problem: ProfileProblem
) -> None:
    bench.central.timeout_s = 10 if seconds == 10 else 100
    cp = await bench.async_start(version)
    await cp.async_plug_in()
    control = bench.control()
    await control.async_apply(limits_from(bench.now, MIDDLE_KW), THREE_PHASES)
    cp.mute = True
    less = limits_from(bench.now, 0)
    await bench.async_wait()
    report = await bench.async_apply_in_vain(control, less, cp, seconds)
    assert report.state is not ProfileState.FAILED
    await bench.async_wait(3)
    report = await bench.async_apply_in_vain(control, less, cp, seconds)
    if problem is ProfileProblem.ALLOWS_MORE:
        report = await bench.async_pass(control, less, 3)
    assert (report.state, report.problem) == (ProfileState.FAILED, problem)
    # What is still on its way ends by itself.
    bench.freezer.tick(600)
    await bench.hass.async_block_till_done()


async def test_charger_that_is_mute_from_the_start_fails(bench: Bench) -> None:
    cp = await bench.async_start("1.6")
    cp.mute = True
    control = bench.control()
    limits = limits_from(bench.now, 0)
    report = await bench.async_apply_in_vain(control, limits, cp, 12)
    assert (report.state, report.problem) == (ProfileState.WAITING, ProfileProblem.NO_ANSWER)
    # It is not asked again at once.
    await control.async_apply(limits, THREE_PHASES)
    bench.freezer.tick(60)
    report = await bench.async_apply_in_vain(control, limits, cp, 12)
    assert (report.state, report.problem) == (ProfileState.FAILED, ProfileProblem.NO_ANSWER)


async def test_offline_charger_is_waited_for_although_its_states_look_alive(bench: Bench) -> None:
    cp = await bench.async_start("1.6")
    await cp.async_plug_in()
    control = bench.control()
    limits = limits_from(bench.now, MIDDLE_KW)
    await bench.async_pass(control, limits, 2)
    await bench.async_lose(cp)
    state = bench.hass.states.get("sensor.wallbox_1_status_connector")
    assert state is not None
    assert state.state == "Charging"
    report = await bench.async_pass(control, limits, 5)
    assert (report.state, report.problem) == (ProfileState.WAITING, ProfileProblem.OFFLINE)
    # A change cannot be sent either, and that is no fault of the charger.
    report = await bench.async_pass(control, limits_from(bench.now, 0), 10)
    assert (report.state, report.problem) == (ProfileState.WAITING, ProfileProblem.OFFLINE)
    await cp.async_connect(bench.central.port)
    report = await bench.async_pass(control, limits_from(bench.now, 0), 3)
    assert report.state is ProfileState.CONFIRMED
    assert cp.hardware.limit_a() == 0


async def test_integration_that_reloads_is_waited_for(bench: Bench) -> None:
    cp = await bench.async_start("1.6")
    assert bench.central.entry is not None
    await bench.hass.config_entries.async_unload(bench.central.entry.entry_id)
    control = bench.control()
    limits = limits_from(bench.now, MIDDLE_KW)
    report = await control.async_apply(limits, THREE_PHASES)
    assert (report.state, report.problem) == (ProfileState.WAITING, ProfileProblem.OFFLINE)
    await bench.central.async_set_up_again()
    await bench.async_pass(control, limits, 2)
    assert cp.hardware.limit_a() == 10


async def test_error_of_any_kind_is_a_refusal(bench: Bench, hass: HomeAssistant) -> None:
    cp = await bench.async_start("1.6")
    await cp.async_plug_in()
    control = bench.control()
    limits = limits_from(bench.now, MIDDLE_KW)
    await control.async_apply(limits, THREE_PHASES)

    async def break_down(call: Any) -> None:
        raise IndexError("list index out of range")

    hass.services.async_register("ocpp", "set_charge_rate", break_down)
    report = await bench.async_pass(control, limits_from(bench.now, 0), 4)
    assert (report.state, report.problem) == (ProfileState.FAILED, ProfileProblem.REFUSED)
    assert "out of range" in report.detail


@pytest.mark.parametrize("error", [HomeAssistantError("NotSupported"), KeyError("value")])
async def test_charger_that_refuses_to_tell_of_itself_gets_the_plainest_profile(
    bench: Bench, hass: HomeAssistant, error: Exception
) -> None:
    cp = await bench.async_start("1.6")

    async def refuse(call: Any) -> ServiceResponse:
        raise error

    hass.services.async_register(
        "ocpp", "get_configuration", refuse, supports_response=SupportsResponse.ONLY
    )
    report = await bench.control().async_apply(limits_from(bench.now, MIDDLE_KW), THREE_PHASES)
    assert report.state is ProfileState.SENT
    (stored,) = cp.hardware.store.profiles
    assert (stored.stack_level, len(stored.periods)) == (0, 1)
