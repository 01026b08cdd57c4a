"""The month under a peak tariff: its bill is right, and plans that know the tariff pay less."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from benchmarks.closed_loop_prices import ZONE, market, midnight
from benchmarks.closed_loop_scenarios import household
from benchmarks.peak_months import FIRST, MONTHS, Month, peaks_bill, run
from benchmarks.simulation import MINUTE
from homeassistant.util import dt as dt_util
import pytest


@pytest.fixture(autouse=True)
def _zone() -> Iterator[None]:
    """Live where the simulated house is."""
    before = dt_util.get_default_time_zone()
    dt_util.set_default_time_zone(ZONE)
    yield
    dt_util.set_default_time_zone(before)


def month(name: str) -> Month:
    return next(month for month in MONTHS if month.name.startswith(name))


def test_bill_of_peaks_is_what_the_price_lists_say() -> None:
    """1 kW all the time, and on four days of a week 7 kW for the half-hour from 18:00 on."""
    start = midnight(FIRST)
    import_kw = {}
    for minute in range(7 * 1440):
        day, of_day = divmod(minute, 1440)
        high = day < 4 and 18 * 60 <= of_day < 18 * 60 + 30
        import_kw[start + minute * MINUTE] = 7.0 if high else 1.0
    assert peaks_bill(month("BE"), import_kw) == pytest.approx(52.37 / 12 * 7)
    # Three hours of 4 kW: the step from 2 kW on, as it was then.
    assert peaks_bill(month("NO"), import_kw) == pytest.approx(1824 / 12 * 1.25)
    assert peaks_bill(month("SE Ellevio"), import_kw) == pytest.approx(81.25 * 4)
    assert peaks_bill(month("SE Jönköping"), import_kw) == pytest.approx((27.70 + 65.66) * 4)
    assert peaks_bill(month("FI"), import_kw) == 0
    assert peaks_bill(month("AU"), import_kw) == pytest.approx(0.3 * 31 * 7)
    # Not between 16 and 19 o.clock on workdays but by 3 kW: half an hour of 7 kW beside 1 kW.
    assert peaks_bill(month("US"), import_kw) == pytest.approx(10 * 4)


def test_plans_that_know_the_tariff_pay_less() -> None:
    """Two days by generated prices; the month's own count is what plans and guard go by."""
    home = household(market(None, FIRST, 3).prices, FIRST, 3, 1)
    home = replace(home, plan_every=timedelta(minutes=30))
    until = midnight(FIRST + timedelta(days=2))
    own, other = run(home, month("BE"), until), run(home, None, until)
    assert own.missing_kwh <= other.missing_kwh + 1
    assert own.bill(month("BE")) < other.bill(month("BE"))
