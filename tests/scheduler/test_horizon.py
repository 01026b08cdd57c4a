"""The grid of a plan: on the clock, fine at first, coarse far ahead."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, strategies as st

from custom_components.optivgi.scheduler.model import Horizon

QUARTER, HOUR = timedelta(minutes=15), timedelta(hours=1)
MIDNIGHT = datetime(2026, 11, 20, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=1)).map(lambda since: MIDNIGHT + since)
AHEAD = st.timedeltas(timedelta(minutes=1), timedelta(days=5))


@given(MOMENTS, AHEAD, AHEAD, st.sampled_from([QUARTER, 2 * QUARTER, HOUR, 3 * HOUR]))
def test_far_steps_are_coarse_and_all_are_on_the_clock(
    now: datetime, until_in: timedelta, fine_for: timedelta, coarse: timedelta
) -> None:
    until, fine_until = now + until_in, now + fine_for
    horizon = Horizon.aligned(now, until, QUARTER, coarse_from=fine_until, coarse_step=coarse)
    first, *edges = horizon.edges
    assert timedelta(0) <= now - first < timedelta(seconds=1)
    assert timedelta(0) < edges[0] - first <= QUARTER
    for begin, end in pairwise(edges):
        assert end - begin in {QUARTER, coarse}
        assert (begin - MIDNIGHT) % (end - begin) == timedelta(0)
        if end - begin != QUARTER:
            assert begin >= fine_until
        elif coarse != QUARTER:
            # Fine on until a coarse step can begin on the clock
            assert begin < fine_until + coarse
    assert horizon.end >= until
    assert horizon.edges[-2] < until or len(horizon) == 1


@given(MOMENTS, AHEAD)
def test_all_steps_are_fine_where_nothing_is_far(now: datetime, until_in: timedelta) -> None:
    until = now + until_in
    graded = Horizon.aligned(now, until, QUARTER, coarse_from=until, coarse_step=HOUR)
    assert graded == Horizon.aligned(now, until, QUARTER)
