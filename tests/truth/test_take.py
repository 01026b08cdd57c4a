"""What is learned of a car from its limits and its power: the car is never lost sight of."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.optivgi.truth.take import Take
from custom_components.optivgi.truth.uptake import Uptake

NOW = datetime(2026, 11, 20, 19, tzinfo=UTC)
AMPERE_KW = 0.23 * 3
MIN_KW = 6 * AMPERE_KW


def watch(
    uptake: Uptake, now: datetime, limit_a: float, drawn_kw: float, *, is_power: bool = False
) -> datetime:
    """Let a car draw so much at a limit for two minutes."""
    for _ in range(13):
        uptake.note(
            now,
            allowed_kw=limit_a * AMPERE_KW,
            min_kw=MIN_KW,
            drawn_kw=drawn_kw,
            phases=3,
            is_power=is_power,
        )
        now += timedelta(seconds=10)
    return now


@given(
    used=st.integers(1, 3),
    most_a=st.floats(6, 32),
    voltage=st.floats(0.95, 1.05),
    limits=st.lists(st.integers(6, 32), min_size=3, max_size=8),
)
def test_what_is_expected_is_what_is_drawn_at_the_last_limit(
    used: int, most_a: float, voltage: float, limits: list[int]
) -> None:
    """On any number of phases, up to any current of the car, at the voltage there is."""
    uptake, now = Uptake(), NOW
    drawn_kw = 0.0
    for limit_a in limits:
        drawn_kw = min(limit_a, most_a) * 0.23 * used * voltage
        now = watch(uptake, now, limit_a, drawn_kw)
    expected = uptake.take.drawn_kw(limits[-1] * AMPERE_KW, 3)
    # What is a little less is put down to voltage and meters.
    assert 0.84 * expected - 0.1 <= drawn_kw <= 1.1 * expected + 0.1


@pytest.mark.parametrize("voltage", [0.96, 1.03])
@pytest.mark.parametrize(("used", "known"), [(1, 1), (2, None)])
def test_one_limit_tells_fewer_phases_where_all_could_not_draw_so_little(
    used: int, known: int | None, voltage: float
) -> None:
    """7.4 kW may be two phases, and as well a car that takes no more from three."""
    uptake = Uptake()
    drawn_kw = 16 * 0.23 * used * voltage
    watch(uptake, NOW, 16, drawn_kw)
    most_kw = drawn_kw if known is None else None
    assert (uptake.take.phases, uptake.take.max_kw) == (known, most_kw)


@pytest.mark.parametrize("used", [1, 2])
def test_fewer_phases_are_told_from_a_car_with_a_limit_of_its_own(used: int) -> None:
    uptake = Uptake()
    now = watch(uptake, NOW, 16, 16 * 0.23 * used)
    watch(uptake, now, 10, 10 * 0.23 * used)
    assert (uptake.take.phases, uptake.take.max_kw) == (used, None)


def test_more_phases_than_thought_count_at_once() -> None:
    """They are switched on while it charges, or another car was here before."""
    uptake = Uptake()
    now = watch(uptake, NOW, 16, 16 * 0.23)
    now = watch(uptake, now, 10, 10 * 0.23)
    assert uptake.take.phases == 1
    for used, known in ((2, 2), (3, None)):
        drawn_kw = 10 * 0.23 * used
        uptake.note(now, allowed_kw=10 * AMPERE_KW, min_kw=MIN_KW, drawn_kw=drawn_kw, phases=3)
        assert uptake.take == Take(phases=known)
        assert uptake.take.drawn_kw(16 * AMPERE_KW, 3) == pytest.approx(16 * 0.23 * used)


@pytest.mark.parametrize(
    ("phases", "took_kw", "takes_kw", "all_kw"), [(1, 2.0, 3.0, 3.68), (None, 7.0, 9.0, 11.04)]
)
def test_more_power_than_thought_counts_at_once(
    phases: int | None, took_kw: float, takes_kw: float, all_kw: float
) -> None:
    """Its battery was cold: when it takes all that it may, nobody knows what it takes at most."""
    uptake = Uptake()
    now = watch(uptake, NOW, 16, took_kw)
    assert (uptake.take.phases, uptake.take.max_kw) == (phases, took_kw)
    for drawn_kw, most_kw in ((takes_kw, takes_kw), (all_kw, None)):
        uptake.note(now, allowed_kw=11.04, min_kw=MIN_KW, drawn_kw=drawn_kw, phases=3)
        assert uptake.take == Take(phases=phases, max_kw=most_kw)


def test_a_car_that_ramps_up_for_a_minute_is_not_taken_for_one_that_takes_less() -> None:
    uptake = Uptake()
    for second in range(0, 300, 10):
        drawn_kw = min(11.0, 1.0 + second / 6)
        now = NOW + timedelta(seconds=second)
        uptake.note(now, allowed_kw=11.04, min_kw=MIN_KW, drawn_kw=drawn_kw, phases=3)
    assert uptake.take == Take()


def test_a_dip_is_not_taken_for_what_a_car_takes_however_often_it_comes_back() -> None:
    uptake = Uptake()
    for second in range(0, 600, 10):
        drawn_kw = 5.0 if second % 120 < 60 else 11.0
        now = NOW + timedelta(seconds=second)
        uptake.note(now, allowed_kw=11.04, min_kw=MIN_KW, drawn_kw=drawn_kw, phases=3)
        assert uptake.take == Take()


def test_what_it_takes_at_most_is_the_most_of_the_time_it_is_measured_in() -> None:
    uptake = Uptake()
    for look in range(13):
        now = NOW + timedelta(seconds=10 * look)
        drawn_kw = (6.6, 7.0, 6.8)[look % 3]
        uptake.note(now, allowed_kw=11.04, min_kw=MIN_KW, drawn_kw=drawn_kw, phases=3)
    assert uptake.take.max_kw == 7.0
    assert uptake.is_known


def test_too_little_for_any_phase_says_nothing_of_phases() -> None:
    """The last of a battery that is nearly full."""
    uptake = Uptake()
    watch(uptake, NOW, 16, 0.7)
    assert (uptake.take.phases, uptake.take.max_kw) == (None, 0.7)


@pytest.mark.parametrize("limit_a", [8, 10, 12, 16])
def test_a_power_goes_to_one_phase_up_to_what_the_car_takes(limit_a: int) -> None:
    """16 A on one phase are two thirds of 5.5 kW and a third of 11 kW, and 3.7 kW of any power."""
    uptake = Uptake()
    now = watch(uptake, NOW, limit_a, 3.68, is_power=True)
    assert uptake.take.phases == 1
    # A third may be a share, until a lower limit gives as much.
    assert uptake.take.part(3) == pytest.approx(1 / 3 if limit_a == 16 else 1)
    now = watch(uptake, now, 7, 3.68, is_power=True)
    now = watch(uptake, now, limit_a, 3.68, is_power=True)
    known = uptake.take
    assert (known.phases, known.max_kw, known.part(3)) == (1, 3.68, 1)
    for again_a in (7, limit_a):
        now = watch(uptake, now, again_a, 3.68, is_power=True)
        assert uptake.take == known


@given(
    used=st.integers(1, 3),
    most_a=st.floats(8, 32),
    divides=st.booleans(),
    limits=st.lists(st.integers(6, 32), min_size=2, max_size=6),
)
def test_what_is_drawn_of_a_power_is_expected_however_it_reaches_the_phases(
    used: int, most_a: float, divides: bool, limits: list[int]
) -> None:
    """Chargers share it among their phases, or leave all of it to those that the car uses."""
    uptake, now = Uptake(), NOW
    for limit_a in limits:
        drawn_kw = min(limit_a * 0.23 * (used if divides else 3), most_a * 0.23 * used)
        now = watch(uptake, now, limit_a, drawn_kw, is_power=True)
        expected = uptake.take.drawn_kw(limit_a * AMPERE_KW, 3)
        assert 0.84 * expected - 0.1 <= drawn_kw <= 1.1 * expected + 0.1


@pytest.mark.parametrize("used", [1, 2])
def test_two_limits_show_a_power_that_is_shared_among_all_phases(used: int) -> None:
    uptake, now = Uptake(), NOW
    for limit_a in (16, 9):
        now = watch(uptake, now, limit_a, limit_a * 0.23 * used, is_power=True)
    assert uptake.take.part(3) == pytest.approx(used / 3)
    # Nor is that forgotten when the battery is nearly full.
    watch(uptake, now, 16, 1.9, is_power=True)
    assert uptake.take.part(3) < 1


def test_more_of_a_power_than_thought_counts_at_once() -> None:
    """Its battery was cold, and what was concluded from so little no longer holds."""
    uptake = Uptake()
    now = watch(uptake, NOW, 16, 2.5, is_power=True)
    assert (uptake.take.phases, uptake.take.max_kw) == (1, 2.5)
    watch(uptake, now, 16, 11.04, is_power=True)
    assert (uptake.take.phases, uptake.take.max_kw, uptake.take.part(3)) == (None, None, 1)
