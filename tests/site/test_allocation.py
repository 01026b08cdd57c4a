"""Fitting limits into what the connection carries: properties that hold for any claims."""

from hypothesis import given, strategies as st
import pytest

from custom_components.optivgi.allocation import Capacity, Claim, allocate

PER_AMPERE = 0.23


@st.composite
def claims(draw: st.DrawFn) -> list[Claim]:
    """Return some chargers that want something or nothing."""
    result = []
    for index in range(draw(st.integers(0, 6))):
        phases = draw(st.sampled_from([1, 3]))
        amperes = draw(st.one_of(st.just(0.0), st.floats(6, 32)))
        result.append(
            Claim(
                id=str(index),
                wanted_kw=amperes * phases * PER_AMPERE,
                least_kw=6 * phases * PER_AMPERE,
                phases=phases,
                urgency=draw(st.floats(-24, 24)),
            )
        )
    return result


capacities = st.builds(
    Capacity, total_kw=st.floats(-5, 60), phase_kw=st.one_of(st.none(), st.floats(-2, 20))
)


@given(claims(), capacities)
def test_limits_fit_and_only_reduce(wanted: list[Claim], capacity: Capacity) -> None:
    limits = allocate(wanted, capacity)
    assert capacity.fits((limits[claim.id], claim.phases) for claim in wanted)
    for claim in wanted:
        assert limits[claim.id] <= claim.wanted_kw + 1e-6
        assert limits[claim.id] == 0 or limits[claim.id] >= claim.least_kw - 1e-6


@given(claims(), capacities)
def test_what_fits_is_left_as_it_is(wanted: list[Claim], capacity: Capacity) -> None:
    if capacity.fits((claim.wanted_kw, claim.phases) for claim in wanted):
        limits = allocate(wanted, capacity)
        for claim in wanted:
            assert limits[claim.id] == pytest.approx(claim.wanted_kw, abs=1e-5)


@given(claims(), capacities)
def test_nobody_waits_for_someone_less_urgent(wanted: list[Claim], capacity: Capacity) -> None:
    limits = allocate(wanted, capacity)
    served = [claim for claim in wanted if limits[claim.id] > 0]
    for claim in wanted:
        if claim.wanted_kw > 0 and limits[claim.id] == 0:
            assert all(other.urgency >= claim.urgency for other in served)


def test_a_wish_that_misses_the_least_by_rounding_is_served() -> None:
    claim = Claim(id="a", wanted_kw=4.14 - 1e-12, least_kw=4.14, phases=3, urgency=0)
    assert allocate([claim], Capacity(total_kw=17.25))["a"] == pytest.approx(4.14)


def test_single_phase_cars_share_their_phase() -> None:
    wanted = [
        Claim(id=name, wanted_kw=3.68, least_kw=1.38, phases=1, urgency=0) for name in ("a", "b")
    ]
    limits = allocate(wanted, Capacity(total_kw=17.25, phase_kw=5.0))
    assert limits == pytest.approx({"a": 2.5, "b": 2.5})
