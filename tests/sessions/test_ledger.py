"""The ledger of a session: parts make the whole, whatever comes late, resets or jumps."""

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given, strategies as st
import pytest

from custom_components.optivgi.sessions.by_month import cost_at_once, sums_by_month, total_of
from custom_components.optivgi.sessions.energy_total import EnergyTotal
from custom_components.optivgi.sessions.ledger import EnergyBasis, Interval, Ledger, Span
from custom_components.optivgi.sessions.record import record_of
from custom_components.optivgi.sessions.slot import SlotPrice
from custom_components.optivgi.sessions.sources import SiteFlow, Sources

# The clocks go back on the 25th of October; November begins at 23:00 UTC.
BEGIN = datetime(2026, 10, 31, 20, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
MAX_KW = 22.0

energies = st.floats(0, 3)
sources = st.builds(Sources, grid_kwh=energies, sun_kwh=energies, battery_kwh=energies)
prices = st.builds(
    SlotPrice,
    import_price=st.floats(-0.5, 1.0),
    export_price=st.floats(-0.1, 0.5),
    estimated=st.booleans(),
)
quarters = st.lists(st.tuples(sources, prices, energies), min_size=1, max_size=30)


def ledger_of(begin: datetime = BEGIN) -> Ledger:
    return Ledger(id="one", charger="Garage", begin=begin, until=begin, pending_since=begin)


def span(index: int, price: SlotPrice, hours: float = 0.25) -> Span:
    start = BEGIN + index * QUARTER
    return Span(start, start + QUARTER, hours, price)


def fill(ledger: Ledger, rows: list[tuple[Sources, SlotPrice, float]], order: list[int]) -> None:
    for index in order:
        drawn, price, room = rows[index]
        ledger.take(Interval(drawn=drawn, room_kwh=room), [span(index, price)])
        ledger.until = max(ledger.until, BEGIN + (index + 1) * QUARTER)


@given(quarters, st.randoms(use_true_random=False))
def test_parts_make_the_whole_in_whatever_order_they_come(
    rows: list[tuple[Sources, SlotPrice, float]], random: Random
) -> None:
    order = list(range(len(rows)))
    straight, mixed = ledger_of(), ledger_of()
    fill(straight, rows, order)
    random.shuffle(order)
    fill(mixed, rows, order)
    whole = sum(drawn.kwh for drawn, _, _ in rows)
    for ledger in (straight, mixed):
        ledger.accept_pending()
        record = record_of(ledger, "garage", UTC)
        assert record.sums.kwh == pytest.approx(whole)
        assert total_of(record.months).kwh == pytest.approx(whole)
        cost = sum(price.cost(drawn) for drawn, price, _ in rows)
        assert record.sums.cost == pytest.approx(cost, abs=1e-6)
    assert straight.slots == mixed.slots


@given(quarters, st.floats(0.01, 60), st.integers(0, 29))
def test_what_the_meter_shows_is_what_was_drawn(
    rows: list[tuple[Sources, SlotPrice, float]], shown_kwh: float, late: int
) -> None:
    """A report that comes late corrects all that was noted since the one before."""
    ledger = ledger_of()
    ledger.report_total(1000.0, BEGIN, MAX_KW)
    fill(ledger, rows, list(range(len(rows))))
    at = BEGIN + len(rows) * QUARTER + late * timedelta(minutes=1)
    possible = len(rows) * 0.25 * MAX_KW
    shown_kwh = min(shown_kwh, possible)
    ledger.report_total(1000.0 + shown_kwh, at, MAX_KW)
    assert ledger.drawn_kwh == pytest.approx(shown_kwh, rel=1e-6)
    assert ledger.pending == {}
    # One that is older than that says nothing new.
    ledger.report_total(1000.0 + shown_kwh / 2, at - timedelta(minutes=1), MAX_KW)
    assert ledger.drawn_kwh == pytest.approx(shown_kwh, rel=1e-6)


def test_hardly_anything_is_no_measure_of_how_to_share() -> None:
    ledger = ledger_of()
    ledger.report_total(1000.0, BEGIN, MAX_KW)
    fill(ledger, [(Sources(grid_kwh=5e-324), SlotPrice(import_price=1.0), 0.0)], [0])
    ledger.report_total(1001.0, BEGIN + QUARTER, MAX_KW)
    assert ledger.drawn_kwh == pytest.approx(1.0)


@given(st.lists(st.floats(0.1, 2.0), min_size=2, max_size=20), st.integers(0, 19))
def test_total_that_resets_loses_nothing(steps: list[float], reset_before: int) -> None:
    """It begins again from 0, as meters of sessions do."""
    total, shown, drawn = EnergyTotal(), 500.0, 0.0
    total.take(shown, BEGIN, MAX_KW)
    for index, step in enumerate(steps):
        shown = step if index == reset_before else shown + step
        found = total.take(shown, BEGIN + (index + 1) * QUARTER, MAX_KW)
        assert found == pytest.approx(step)
        drawn += found or 0.0
    assert drawn == pytest.approx(sum(steps))


def test_total_that_jumps_counts_from_there() -> None:
    """It was set or replaced: what the power showed meanwhile is kept."""
    ledger = ledger_of()
    price = SlotPrice(import_price=0.3)
    ledger.report_total(12.0, BEGIN, MAX_KW)
    fill(ledger, [(Sources(grid_kwh=2.0), price, 2.0)] * 2, [0, 1])
    ledger.report_total(9000.0, BEGIN + 2 * QUARTER, MAX_KW)
    assert ledger.drawn_kwh == pytest.approx(4.0)
    ledger.take(Interval(drawn=Sources(grid_kwh=1.0)), [span(2, price)])
    ledger.report_total(9001.5, BEGIN + 3 * QUARTER, MAX_KW)
    assert ledger.drawn_kwh == pytest.approx(5.5)


def test_what_nobody_saw_is_known_by_the_meter() -> None:
    """Home Assistant was stopped for an hour: the meter has gone on."""
    ledger = ledger_of()
    price, later = SlotPrice(import_price=0.2), SlotPrice(import_price=0.4)
    ledger.report_total(100.0, BEGIN, MAX_KW)
    fill(ledger, [(Sources(grid_kwh=1.0), price, 2.0)], [0])
    gap_end = BEGIN + 5 * QUARTER
    ledger.miss(BEGIN + QUARTER, gap_end, 11.0, [span(index, later) for index in range(1, 5)])
    ledger.report_total(109.0, gap_end, MAX_KW)
    assert ledger.unobserved_h == pytest.approx(1.0)
    sums = record_of(ledger, "garage", UTC).sums
    assert sums.kwh == pytest.approx(9.0)
    assert sums.cost == pytest.approx(1.0 * 0.2 + 8.0 * 0.4)


def test_without_a_power_the_meter_says_all() -> None:
    ledger = ledger_of()
    ledger.report_total(0.0, BEGIN, MAX_KW)
    fill(ledger, [(Sources(), SlotPrice(import_price=0.25), 2.7)] * 4, [0, 1, 2, 3])
    ledger.report_total(8.0, BEGIN + 4 * QUARTER, MAX_KW)
    record = record_of(ledger, "garage", UTC)
    assert record.sums.cost == pytest.approx(2.0)
    assert record.energy_basis is EnergyBasis.METER


@given(quarters)
def test_charging_at_once_costs_what_charging_at_once_cost(
    rows: list[tuple[Sources, SlotPrice, float]],
) -> None:
    """Of a car that drew all it could until it had what it drew, nothing was saved."""
    ledger = ledger_of()
    at_once = [(drawn, price, drawn.kwh) for drawn, price, _ in rows]
    fill(ledger, at_once, list(range(len(rows))))
    ledger.accept_pending()
    sums = record_of(ledger, "garage", UTC).sums
    assert sums.saved == pytest.approx(0, abs=1e-6)


def test_waiting_that_made_it_more_expensive_is_shown_as_that() -> None:
    ledger = ledger_of()
    cheap, expensive = SlotPrice(import_price=0.1), SlotPrice(import_price=0.5)
    rows = [(Sources(), cheap, 2.0), (Sources(grid_kwh=2.0), expensive, 2.0)]
    fill(ledger, rows, [0, 1])
    ledger.accept_pending()
    assert record_of(ledger, "garage", UTC).sums.saved == pytest.approx(-0.8)


def test_energy_counts_in_the_local_month_in_which_it_was_drawn() -> None:
    """October ends at 23:00 UTC in Amsterdam, as the clocks have gone back."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    ledger = ledger_of()
    price = SlotPrice(import_price=0.2)
    fill(ledger, [(Sources(grid_kwh=1.0), price, 1.0)] * 16, list(range(16)))
    ledger.accept_pending()
    months = sums_by_month(ledger.slots, ZoneInfo("Europe/Amsterdam"))
    assert {month: sums.kwh for month, sums in months.items()} == {"2026-10": 12, "2026-11": 4}
    assert total_of(months).cost_at_once == pytest.approx(cost_at_once(ledger.slots, 16.0))


flows = st.builds(
    SiteFlow,
    imported_kwh=st.none() | st.floats(-10, 10),
    house_kwh=st.none() | st.floats(-5, 5),
    pv_kwh=st.none() | st.floats(0, 10),
    battery_kwh=st.floats(-3, 3),
)


@given(flows, st.floats(0, 10))
def test_sources_are_never_negative_and_come_to_what_was_drawn(
    flow: SiteFlow, cars_kwh: float
) -> None:
    found = flow.sources(cars_kwh)
    assert found.kwh == pytest.approx(cars_kwh, abs=1e-9)
    assert min(found.grid_kwh, found.sun_kwh, found.battery_kwh) >= -1e-9
    if flow.imported_kwh is not None:
        assert found.grid_kwh <= max(0.0, flow.imported_kwh) + 1e-9


def test_sun_goes_to_the_house_first() -> None:
    """4 kWh of PV, 1 kWh of house: 3 for the car, which draws 5; 2 are imported."""
    for flow in (
        SiteFlow(imported_kwh=2.0),
        SiteFlow(imported_kwh=2.0, pv_kwh=4.0),
        SiteFlow(house_kwh=1.0, pv_kwh=4.0),
    ):
        assert flow.sources(5.0) == Sources(grid_kwh=2.0, sun_kwh=3.0)
    with_battery = SiteFlow(imported_kwh=0.0, pv_kwh=4.0, battery_kwh=2.0)
    assert with_battery.sources(5.0) == Sources(grid_kwh=0.0, sun_kwh=3.0, battery_kwh=2.0)
