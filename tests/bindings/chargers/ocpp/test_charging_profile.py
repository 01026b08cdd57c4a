"""A charging profile never allows more than the plan, and every charger can read it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
import json
from typing import Any

from demo.custom_components.ocpp.profile_store import ProfileStore, Rules, Transaction
from hypothesis import given, settings, strategies as st
from ocpp.charge_point import camel_to_snake_case
from ocpp.messages import Call, _validate_payload
import pytest

from custom_components.optivgi.bindings.chargers.ocpp.charging_profile import (
    ChargingProfile,
    OcppVersion,
    PlannedLimits,
    ProfileCapabilities,
    Purpose,
    RateUnit,
    Wiring,
    charging_profile,
    hand_back,
)
from custom_components.optivgi.scheduler.model import Horizon

NOW = datetime(2026, 11, 21, 19, 5, 27, tzinfo=UTC)
THREE_PHASES = Wiring(phases=3, voltage=230)
# More than any plan asks for: nothing but the profile limits.
HARDWARE_A = 200.0


def validate(profile: ChargingProfile, version: OcppVersion) -> dict[str, Any]:
    """Return the profile as it goes over the wire, if the library's schema lets it pass."""
    payload = profile.payload(version)
    # What Home Assistant hands on has to survive as JSON.
    assert json.loads(json.dumps(payload)) == payload
    request = (
        {"connectorId": profile.connector, "csChargingProfiles": payload}
        if version is OcppVersion.V16
        else {"evseId": profile.connector, "chargingProfile": payload}
    )
    _validate_payload(Call("1", "SetChargingProfile", request), version.value)
    return payload


def in_charger(
    profile: ChargingProfile, capabilities: ProfileCapabilities
) -> tuple[ProfileStore, Transaction]:
    """Install a profile in a charge point that takes exactly what it says it takes."""
    v201 = capabilities.version is OcppVersion.V201
    store = ProfileStore(
        Rules(
            v201=v201,
            units=frozenset({capabilities.unit.value}),
            max_periods=capabilities.max_periods,
            max_stack_level=capabilities.max_stack_level,
        ),
        voltage=230,
    )
    transaction = Transaction(id="abc" if v201 else 17, started=NOW)
    raw = camel_to_snake_case(validate(profile, capabilities.version))
    store.install(profile.connector, raw, transaction, connectors=9)
    return store, transaction


def limits_of(
    *limit_kw: float, step_h: float = 1.0, start: datetime = NOW, safe_kw: float = 4.14
) -> PlannedLimits:
    horizon = Horizon(start=start, step_h=(step_h,) * len(limit_kw))
    return PlannedLimits(horizon=horizon, limit_kw=limit_kw, safe_kw=safe_kw)


def capabilities_of(**fields: Any) -> ProfileCapabilities:
    values: dict[str, Any] = {"version": OcppVersion.V16, "max_periods": 100, "max_stack_level": 8}
    return ProfileCapabilities(**(values | fields))


def profile_of(
    limits: PlannedLimits, now: datetime = NOW, wiring: Wiring = THREE_PHASES, **fields: Any
) -> ChargingProfile:
    return charging_profile(
        limits, now, connector=1, wiring=wiring, capabilities=capabilities_of(**fields)
    )


def steps_of(profile: ChargingProfile) -> list[tuple[int, float]]:
    return [(period.start_s, period.limit) for period in profile.periods]


# What holds for all of them


@st.composite
def plans(draw: st.DrawFn) -> tuple[PlannedLimits, datetime]:
    """Random limits over steps of any length, and a moment during or around them."""
    count = draw(st.integers(1, 30))
    powers = st.one_of(st.sampled_from((0.0, 1.38, 3.68, 4.14, 7.36, 11.04)), st.floats(0, 22))
    step_h = draw(
        st.lists(
            st.one_of(st.sampled_from((0.25, 0.05, 1.0)), st.floats(0.0001, 2)),
            min_size=count,
            max_size=count,
        )
    )
    start = NOW + timedelta(microseconds=draw(st.sampled_from((0, 1, 400_000))))
    horizon = Horizon(start=start, step_h=tuple(step_h))
    now = start + draw(st.floats(-0.1, 1.1)) * (horizon.end - start)
    limits = PlannedLimits(
        horizon=horizon,
        limit_kw=tuple(draw(st.lists(powers, min_size=count, max_size=count))),
        safe_kw=draw(powers),
        cap_kw=draw(st.none() | powers),
        cap_until=draw(st.none() | st.just(now + timedelta(minutes=7.003))),
    )
    return limits, now


@st.composite
def chargers(draw: st.DrawFn) -> ProfileCapabilities:
    return ProfileCapabilities(
        version=draw(st.sampled_from(OcppVersion)),
        unit=draw(st.sampled_from(RateUnit)),
        max_periods=draw(st.sampled_from((1, 2, 3, 4, 6, 24, 1000))),
        max_stack_level=draw(st.integers(0, 3)),
    )


wirings = st.builds(
    Wiring, phases=st.sampled_from((1, 2, 3)), voltage=st.just(230.0), min_a=st.just(6.0)
)


@settings(deadline=None, max_examples=300)
@given(plans(), chargers(), wirings, st.sampled_from(Purpose), st.data())
def test_charger_never_allows_more_than_the_plan(
    plan: tuple[PlannedLimits, datetime],
    capabilities: ProfileCapabilities,
    wiring: Wiring,
    purpose: Purpose,
    data: st.DataObject,
) -> None:
    limits, now = plan
    of_transaction = {OcppVersion.V16: "17", OcppVersion.V201: "abc"}[capabilities.version]
    profile = charging_profile(
        limits,
        now,
        connector=2,
        wiring=wiring,
        capabilities=capabilities,
        purpose=purpose,
        transaction_id=of_transaction if purpose is Purpose.TX else None,
    )
    # The charge point refuses too many periods, a wrong order, and a first one not at 0.
    store, transaction = in_charger(profile, capabilities)
    assert profile.start <= now - timedelta(minutes=1)
    assert profile.start.microsecond == 0
    assert all(one.limit != two.limit for one, two in pairwise(profile.periods))

    def allowed_kw(moment: datetime) -> float:
        limit_a = store.limit_a(2, moment, transaction, HARDWARE_A)
        return limit_a * wiring.phases * wiring.voltage / 1000

    present_kw = allowed_kw(now)
    assert present_kw <= limits.limit_kw_at(now) + 1e-6
    if capabilities.max_periods == 1:
        return
    until = max(limits.horizon.end, now)
    moments = [edge for edge in limits.horizon.edges if edge > now]
    moments += [edge - timedelta(microseconds=1) for edge in moments if edge > now]
    moments.append(now + data.draw(st.floats(0, 1)) * (until - now))
    for moment in moments:
        assert allowed_kw(moment) <= limits.limit_kw_at(moment) + 1e-6
    # The last second of the plan belongs to the lower of plan and safe limit.
    after_kw = allowed_kw(until + timedelta(seconds=1))
    days_after_kw = allowed_kw(until + timedelta(days=3))
    safe = wiring.rate(limits.safe_kw, capabilities.unit)
    safe_kw = wiring.ampere(safe, capabilities.unit) * wiring.phases * wiring.voltage / 1000
    assert after_kw <= safe_kw + 1e-6
    capped = limits.cap_until is not None and limits.cap_until > until
    if capabilities.max_periods > 2 and not capped:
        assert after_kw == days_after_kw == pytest.approx(safe_kw)


@settings(deadline=None, max_examples=100)
@given(plans(), wirings)
def test_charger_with_room_for_all_periods_gets_the_plan_itself(
    plan: tuple[PlannedLimits, datetime], wiring: Wiring
) -> None:
    limits, now = plan
    profile = profile_of(limits, now, wiring, max_periods=1000)
    for begin, end in pairwise(limits.horizon.edges):
        moment = max(now, begin) + (end - max(now, begin)) / 2
        # Profiles begin and end in whole seconds.
        is_longer = end - max(now, begin) > timedelta(seconds=2)
        if is_longer and end - begin > timedelta(seconds=4):
            planned = wiring.rate(limits.limit_kw_at(moment), RateUnit.AMPERE)
            if limits.cap_until is None:
                assert profile.limit_at(moment) == planned
            else:
                assert profile.limit_at(moment) <= planned


# What the rules mean


def test_a_night_is_sent_as_planned_and_ends_with_the_safe_limit() -> None:
    profile = profile_of(limits_of(0, 0, 11.04, 11.04, 7.4, 0, safe_kw=4.14))
    assert validate(profile, OcppVersion.V16) == {
        "chargingProfileId": 7011,
        "stackLevel": 7,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": {
            "startSchedule": "2026-11-21T19:04:27Z",
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [
                {"startPeriod": 0, "limit": 0.0},
                {"startPeriod": 7260, "limit": 16.0},
                {"startPeriod": 14460, "limit": 10.7},
                {"startPeriod": 18060, "limit": 0.0},
                {"startPeriod": 21660, "limit": 6.0},
            ],
        },
    }


def test_ocpp_201_has_a_shape_of_its_own() -> None:
    profile = charging_profile(
        limits_of(11.04),
        NOW,
        connector=2,
        wiring=THREE_PHASES,
        capabilities=capabilities_of(version=OcppVersion.V201),
        purpose=Purpose.TX,
        transaction_id="f2c1",
    )
    payload = validate(profile, OcppVersion.V201)
    assert payload["id"] == 7022
    assert payload["transactionId"] == "f2c1"
    assert payload["chargingProfilePurpose"] == "TxProfile"
    assert [schedule["id"] for schedule in payload["chargingSchedule"]] == [7022]


def test_transaction_of_ocpp_16_is_a_number() -> None:
    profile = charging_profile(
        limits_of(11.04),
        NOW,
        connector=1,
        wiring=THREE_PHASES,
        capabilities=capabilities_of(),
        purpose=Purpose.TX,
        transaction_id="1763752000",
    )
    assert validate(profile, OcppVersion.V16)["transactionId"] == 1763752000


def test_watts_come_with_the_number_of_phases() -> None:
    one_phase = Wiring(phases=1, voltage=230)
    profile = profile_of(limits_of(3.68), wiring=one_phase, unit=RateUnit.WATT)
    periods = validate(profile, OcppVersion.V16)["chargingSchedule"]["chargingSchedulePeriod"]
    assert periods == [
        {"startPeriod": 0, "limit": 3680.0, "numberPhases": 1},
        {"startPeriod": 3660, "limit": 4140.0, "numberPhases": 1},
    ]


@pytest.mark.parametrize(
    ("limit_kw", "ampere"), [(4.14, 6.0), (4.13, 0.0), (7.0, 10.1), (11.04, 16.0), (0.0, 0.0)]
)
def test_limits_are_rounded_down_and_too_little_is_a_pause(limit_kw: float, ampere: float) -> None:
    assert THREE_PHASES.rate(limit_kw, RateUnit.AMPERE) == ampere


@pytest.mark.parametrize(("highest", "ours"), [(0, 0), (1, 0), (8, 7)])
def test_the_highest_level_is_left_to_the_user(highest: int, ours: int) -> None:
    assert profile_of(limits_of(11.04), max_stack_level=highest).stack_level == ours


def test_a_plan_that_runs_is_sent_from_the_present_step_on() -> None:
    limits = limits_of(0, 11.04, 0)
    profile = profile_of(limits, NOW + timedelta(minutes=75))
    assert profile.start == NOW + timedelta(hours=1)
    assert steps_of(profile) == [(0, 16.0), (3600, 0.0), (7200, 6.0)]


def test_what_the_connection_leaves_holds_for_a_while() -> None:
    horizon = Horizon(start=NOW, step_h=(1.0, 1.0))
    limits = PlannedLimits(
        horizon=horizon,
        limit_kw=(11.04, 0.0),
        safe_kw=4.14,
        cap_kw=6.9,
        cap_until=NOW + timedelta(minutes=5),
    )
    assert steps_of(profile_of(limits)) == [(0, 10.0), (360, 16.0), (3660, 0.0), (7260, 6.0)]


def test_few_periods_keep_what_is_near_and_lose_the_least_energy() -> None:
    # Soon a short pause; later a trifle less, and a pause that is worth keeping.
    limits = limits_of(11.04, 0, 11.04, 10.9, 0, 11.04, step_h=0.5)
    assert steps_of(profile_of(limits, max_periods=6)) == [
        (0, 16.0),
        (1860, 0.0),
        (3660, 15.7),
        (7260, 0.0),
        (9060, 16.0),
        (10860, 6.0),
    ]


def test_few_periods_leave_the_next_hour_alone_however_little_that_would_cost() -> None:
    limits = limits_of(
        *(11.04, 10.9, 11.04, 11.04), *(0,) * 4, *(11.04,) * 4, step_h=0.25, safe_kw=4.14
    )
    assert steps_of(profile_of(limits, max_periods=5)) == [
        (0, 16.0),
        (960, 15.7),
        (1860, 16.0),
        (3660, 0.0),
        (10860, 6.0),
    ]


def test_few_periods_never_cut_what_runs_now() -> None:
    limits = limits_of(11.04, 11.04, 11.04, 0, 11.04, 0, 11.04)
    profile = profile_of(limits, max_periods=3)
    assert steps_of(profile) == [(0, 16.0), (10860, 0.0), (25260, 6.0)]


def test_two_periods_hold_the_minimum_of_what_follows() -> None:
    limits = limits_of(11.04, 7.4, 11.04, safe_kw=11.04)
    assert steps_of(profile_of(limits, max_periods=2)) == [(0, 16.0), (3660, 10.7)]


def test_one_period_is_the_present() -> None:
    assert steps_of(profile_of(limits_of(7.4, 0), max_periods=1)) == [(0, 10.7)]


def test_after_the_plan_only_the_safe_limit_is_left() -> None:
    profile = profile_of(limits_of(11.04, safe_kw=4.14), NOW + timedelta(hours=5))
    assert steps_of(profile) == [(0, 6.0)]


def test_change_within_a_second_takes_effect_early_down_and_late_up() -> None:
    limits = limits_of(11.04, 0, 11.04, start=NOW + timedelta(milliseconds=400))
    profile = profile_of(limits, limits.horizon.start)
    assert steps_of(profile) == [(0, 16.0), (3660, 0.0), (7261, 16.0), (10860, 6.0)]


def test_handing_back_replaces_our_profile_and_nothing_else() -> None:
    capabilities = capabilities_of()
    store, transaction = in_charger(profile_of(limits_of(0.0, safe_kw=0.0)), capabilities)
    theirs = ChargingProfile(
        connector=1,
        purpose=Purpose.TX_DEFAULT,
        stack_level=3,
        unit=RateUnit.AMPERE,
        phases=3,
        start=NOW,
        periods=profile_of(limits_of(7.4)).periods,
    )
    raw = camel_to_snake_case(theirs.payload(OcppVersion.V16))
    store.install(1, {**raw, "charging_profile_id": 12}, transaction, 1)
    assert store.limit_a(1, NOW, transaction, 16) == 0.0
    opened = hand_back(16, NOW, connector=1, wiring=THREE_PHASES, capabilities=capabilities)
    raw = camel_to_snake_case(validate(opened, OcppVersion.V16))
    store.install(1, raw, transaction, 1)
    assert {profile.id for profile in store.profiles} == {12, 7011}
    assert store.limit_a(1, NOW, transaction, 32) == 16.0


def test_limits_have_to_belong_to_the_steps() -> None:
    with pytest.raises(ValueError, match="each step"):
        PlannedLimits(horizon=Horizon(start=NOW, step_h=(1.0, 1.0)), limit_kw=(11.04,), safe_kw=0.0)
