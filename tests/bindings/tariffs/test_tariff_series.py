"""Prices over time and on the steps of a plan."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.optivgi.bindings.tariffs.series import Period, PriceSeries
from custom_components.optivgi.scheduler.model import Horizon

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)
START = datetime(2026, 11, 21, 23, tzinfo=UTC)


def series_of(start: datetime, *lengths_and_prices: tuple[float, float]) -> PriceSeries:
    """Build a series from minutes and prices, one after the other."""
    periods = []
    for minutes, price in lengths_and_prices:
        periods.append(Period(start, start + timedelta(minutes=minutes), price))
        start = periods[-1].end
    return PriceSeries.of(periods)


def local_day(year: int, month: int, day: int) -> tuple[datetime, datetime]:
    start = datetime(year, month, day, tzinfo=AMSTERDAM)
    return start.astimezone(UTC), (start + timedelta(days=1)).astimezone(UTC)


def steps(start: datetime, end: datetime, step: timedelta = QUARTER) -> Horizon:
    return Horizon(start=start, step_h=(step / HOUR,) * round((end - start) / step))


def test_sorted_in_utc_whatever_the_order_and_zone() -> None:
    noon = datetime(2026, 11, 21, 12, tzinfo=AMSTERDAM)
    series = PriceSeries.of([Period(noon + HOUR, noon + 2 * HOUR, 2), Period(noon, noon + HOUR, 1)])
    assert [period.price for period in series.periods] == [1, 2]
    assert series.periods[0].start == datetime(2026, 11, 21, 11, tzinfo=UTC)
    assert series.periods[0].start.tzinfo is UTC
    assert series.known_until == datetime(2026, 11, 21, 13, tzinfo=UTC)


def test_nothing_known() -> None:
    series = PriceSeries.of([Period(START, START, 1)])
    assert series == PriceSeries()
    assert series.known_until is None
    assert series.price_at(START) is None
    assert series.resample(steps(START, START + HOUR)) == ((0,) * 4, (True,) * 4)


def test_equal_periods_count_once_and_the_shorter_counts() -> None:
    hourly = [Period(START + n * HOUR, START + (n + 1) * HOUR, n) for n in range(3)]
    detail = Period(START + HOUR, START + HOUR + QUARTER, 9)
    series = PriceSeries.of([*hourly, detail, *hourly])
    assert [(p.start, p.price) for p in series.periods] == [
        (START, 0),
        (START + HOUR, 9),
        (START + HOUR + QUARTER, 1),
        (START + 2 * HOUR, 2),
    ]


def test_first_of_equally_long_periods_counts() -> None:
    series = PriceSeries.of([Period(START, START + HOUR, 1), Period(START, START + HOUR, 2)])
    assert [period.price for period in series.periods] == [1]


def test_merge_prefers_the_newer_and_keeps_the_rest() -> None:
    old = series_of(START, (60, 1), (60, 2), (60, 3))
    new = series_of(START + HOUR, (120, 5))
    merged = old.merge(new)
    assert [period.price for period in merged.periods] == [1, 5]
    assert merged.known_until == START + 3 * HOUR
    assert new.merge(old).price_at(START + HOUR) == 2


def test_price_at_knows_gaps() -> None:
    series = PriceSeries.of(
        [Period(START, START + HOUR, 1), Period(START + 2 * HOUR, START + 3 * HOUR, 3)]
    )
    assert series.price_at(START) == 1
    assert series.price_at(START + HOUR) is None
    assert series.price_at(START + 2.5 * HOUR) == 3
    assert series.price_at(START - QUARTER) is None
    assert not series.covers(START, START + 3 * HOUR)
    assert series.covers(START, START + HOUR)


def test_affine_keeps_negative_prices() -> None:
    series = series_of(START, (60, -0.05), (60, 0.1)).affine(1.21, 0.15)
    assert [p.price for p in series.periods] == pytest.approx([0.0895, 0.271])


def test_resamples_any_mixture_of_resolutions() -> None:
    series = series_of(START, *[(5, n) for n in range(6)], (30, 10), (60, -4), (15, 1), (15, 3))
    prices, estimated = series.resample(steps(START, START + 2.5 * HOUR, 2 * QUARTER))
    assert prices == pytest.approx((2.5, 10, -4, -4, 2))
    assert not any(estimated)


def test_first_step_may_be_the_rest_of_a_slot() -> None:
    series = series_of(START, (15, 1), (15, 2))
    horizon = Horizon.aligned(START + timedelta(minutes=14, seconds=59.9), START + QUARTER, QUARTER)
    prices, estimated = series.resample(horizon)
    assert prices[0] == 1
    assert not estimated[0]


@pytest.mark.parametrize(("day", "quarters"), [((2026, 3, 29), 92), ((2026, 10, 25), 100)])
def test_days_on_which_the_clocks_change(day: tuple[int, int, int], quarters: int) -> None:
    start, end = local_day(*day)
    series = series_of(start, *[(15, n) for n in range(quarters)])
    assert series.known_until == end
    prices, estimated = series.resample(steps(start, end), AMSTERDAM)
    assert prices == tuple(range(quarters))
    assert not any(estimated)


@pytest.mark.parametrize("day", [(2026, 11, 21), (2026, 3, 28), (2026, 10, 24)])
def test_missing_tomorrow_is_as_today_by_local_time(day: tuple[int, int, int]) -> None:
    """Tomorrow is longer or shorter than today where the clocks change."""
    start, midnight = local_day(*day)
    end = (midnight.astimezone(AMSTERDAM) + timedelta(days=1)).astimezone(UTC)
    series = series_of(start, *[(60, hour) for hour in range(24)])
    horizon = steps(start, end)
    prices, estimated = series.resample(horizon, AMSTERDAM)
    assert estimated == (False,) * 96 + (True,) * (len(horizon) - 96)
    for (begin, _), price in zip(pairwise(horizon.edges), prices, strict=True):
        local = begin.astimezone(AMSTERDAM)
        assert price == local.hour, local


def test_estimate_comes_from_the_last_day_that_is_known() -> None:
    series = series_of(START, (12 * 60, 1), (12 * 60, 5), (12 * 60, 3))
    prices, estimated = series.resample(
        steps(START + timedelta(hours=36), START + timedelta(hours=72), 12 * HOUR), AMSTERDAM
    )
    assert prices == (5, 3, 5)
    assert all(estimated)


def test_estimate_is_the_mean_where_no_day_tells() -> None:
    series = series_of(START, (60, 1), (180, 2))
    prices, estimated = series.resample(steps(START, START + 6 * HOUR, HOUR), AMSTERDAM)
    assert prices == (1, 2, 2, 2, 1.75, 1.75)
    assert estimated == (False,) * 4 + (True,) * 2


def test_step_that_is_known_in_part_is_an_estimate() -> None:
    series = series_of(START, (30, 1), (15, 4))
    prices, estimated = series.resample(steps(START, START + HOUR, HOUR), AMSTERDAM)
    assert prices == pytest.approx(((0.5 + 1 + 0.25 * 2),))
    assert estimated == (True,)


def test_what_is_known_counts_before_what_is_estimated() -> None:
    """Even where the estimate tells more."""
    guess = [Period(START + n * QUARTER, START + (n + 1) * QUARTER, 9, True) for n in range(8)]
    series = PriceSeries.of([*guess, Period(START, START + HOUR, 1)])
    assert series.price_at(START + QUARTER) == 1
    assert series.price_at(START + HOUR) == 9
    assert series.known_until == START + HOUR
    assert series.reaches_beyond(START + HOUR)
    assert not series.reaches_beyond(START + 2 * HOUR)
    assert series.known == series_of(START, (60, 1))
    assert not series.covers(START, START + 2 * HOUR)
    assert series.has_all(START, START + 2 * HOUR)
    assert series.mean == 1
    prices, estimated = series.resample(steps(START, START + 2 * HOUR, HOUR))
    assert prices == (1, 9)
    assert estimated == (False, True)


def test_newer_estimate_does_not_count_before_what_was_known() -> None:
    old = series_of(START, (60, 1), (60, 2)).as_estimate().merge(series_of(START, (60, 3)))
    newer = series_of(START, (120, 7)).as_estimate()
    assert [period.price for period in old.merge(newer).periods] == [3, 7]


def test_step_of_known_estimated_and_unknown() -> None:
    """The hour before tells what the last quarter of this one may be."""
    day = timedelta(days=1)
    known = [Period(START - day, START - day + HOUR, 8), Period(START, START + 2 * QUARTER, 1)]
    guess = Period(START + 2 * QUARTER, START + 3 * QUARTER, 3, True)
    prices, estimated = PriceSeries.of([*known, guess]).resample(
        steps(START, START + HOUR, HOUR), AMSTERDAM
    )
    assert prices == pytest.approx(((1 + 1 + 3 + 8) / 4,))
    assert estimated == (True,)


def test_sum_of_two_series_is_cut_at_the_edges_of_both() -> None:
    one = series_of(START, (60, 1), (60, 2))
    two = series_of(START + 2 * QUARTER, (60, 10), (120, 20)).as_estimate()
    total = one.plus(two)
    assert [(p.start - START, p.end - START, p.price) for p in total.periods] == [
        (2 * QUARTER, HOUR, 11),
        (HOUR, HOUR + 2 * QUARTER, 12),
        (HOUR + 2 * QUARTER, 2 * HOUR, 22),
    ]
    assert all(period.estimated for period in total.periods)


def test_part_of_a_series() -> None:
    series = series_of(START, (60, 1), (60, 2), (60, 3))
    part = series.between(START + 2 * QUARTER, START + 2 * HOUR)
    assert [(p.start - START, p.end - START, p.price) for p in part.periods] == [
        (2 * QUARTER, HOUR, 1),
        (HOUR, 2 * HOUR, 2),
    ]


lengths = st.sampled_from([5, 15, 30, 60])
price = st.floats(-1, 5, allow_nan=False)


@given(
    known=st.lists(st.tuples(lengths, price), min_size=1, max_size=60),
    step=lengths,
    late=st.integers(0, 59),
)
def test_resampling_conserves_the_integral(
    known: list[tuple[int, float]], step: int, late: int
) -> None:
    series = series_of(START, *known)
    begin = START + timedelta(minutes=min(late, known[0][0] - 1))
    assert series.known_until is not None
    horizon = Horizon.aligned(begin, series.known_until, timedelta(minutes=step))
    prices, estimated = series.resample(horizon)
    whole = [index for index, edge in enumerate(horizon.edges[1:]) if edge <= series.known_until]
    assert not any(estimated[index] for index in whole)
    until = horizon.edges[len(whole)]
    expected = sum(
        (min(p.end, until) - max(p.start, begin)) / HOUR * p.price
        for p in series.periods
        if p.end > begin and p.start < until
    )
    total = sum(prices[index] * horizon.step_h[index] for index in whole)
    assert total == pytest.approx(expected, abs=1e-6)


@given(spans=st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20), price), max_size=25))
def test_any_heap_of_periods_becomes_sorted_and_free_of_overlaps(
    spans: list[tuple[int, int, float]],
) -> None:
    minute = timedelta(minutes=1)
    periods = [Period(START + a * minute, START + (a + n) * minute, p) for a, n, p in spans]
    series = PriceSeries.of(periods)
    for before, after in pairwise(series.periods):
        assert before.start < before.end <= after.start
    for offset in range(75):
        moment = START + offset * minute
        there = [p for p in periods if p.start <= moment < p.end]
        expected = min(there, key=lambda p: p.end - p.start).price if there else None
        assert series.price_at(moment) == expected
