"""The yardstick for households: what a plan costs, and the cold program it is compared with."""

from dataclasses import replace

from benchmarks.bill import bill, missing_kwh, moves_of
from benchmarks.cold_program import ColdProgram
from benchmarks.evenings import combined_evenings, evenings, whole_homes
from benchmarks.homes import home
from benchmarks.households import COMBINED, Combined, combined, evening
from benchmarks.tables import report
import pytest

from custom_components.optivgi.scheduler import PeakTariff, get_algorithm

from ..scheduler.builders import car, problem


@pytest.mark.parametrize("kind", ["peak", "peak-battery", "v2g", "phases"])
def test_the_bill_is_what_a_schedule_says(kind: str) -> None:
    """Two counts of the same plan's money, written independently, agree."""
    asked = combined(Combined(kind, 1), 1)  # type: ignore[arg-type]
    plan = get_algorithm("go").solve(asked, time_limit_s=5)
    split = plan.cost_split
    told = sum(getattr(split, name) for name in split.__dataclass_fields__)
    assert bill(asked, moves_of(asked, plan)) == pytest.approx(told, abs=1e-6)


def test_the_cold_program_finds_the_best_plan() -> None:
    """26.1 A in three hours: the cheapest first, were it not for the peak."""
    tariff = PeakTariff(price_per_kw=9, interval_h=1)
    wish = car(energy_kwh=18, min_power_kw=4.14, max_power_kw=11.04, power_step_kw=0.69)
    asked = problem((0.1, 0.2, 0.3), wish, peak_tariffs=(tariff,))
    found = ColdProgram(asked).solve(10.0)
    assert found.moves is not None
    assert missing_kwh(asked, found.moves) == 0
    assert sorted(round(power / 0.69) for power in found.moves.drawn_kw[0]) == [9, 9, 9]
    assert bill(asked, found.moves) == pytest.approx(found.bound, rel=1e-3)
    plan = get_algorithm("optimal").solve(asked, time_limit_s=10)
    assert bill(asked, moves_of(asked, plan)) == pytest.approx(bill(asked, found.moves), abs=1e-6)


def test_evenings_are_the_same_each_time() -> None:
    assert evening(3, 5) == evening(3, 5)
    assert evening(3, 5) != evening(3, 6)
    for what in COMBINED:
        assert combined(what, 1) == combined(what, 1)
    free = evening(1, 1, start_cost=0.0)
    assert replace(free, start_cost=0.02) == evening(1, 1)


def test_what_is_measured_can_be_told() -> None:
    measured = evenings(1)
    assert [row["name"] for row in measured["rows"]] == [f"evening-{cars}/1" for cars in (1, 2, 3)]
    assert 0 < measured["median_cpu_ms"] <= measured["worst_cpu_ms"]
    assert measured["worst_gap"] < 0.02
    told = report({"machine": {}, "cases": [], "growth": {}, "evening": measured})
    assert "evening-3/1" in told


def test_combined_evenings_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.evenings.COMBINED", (Combined("battery", 1),))
    measured = combined_evenings(1)
    (row,) = measured["rows"]
    assert row["missing_kwh"] < 0.1
    assert measured["more_expensive"] == 0
    told = report({"machine": {}, "cases": [], "growth": {}, "combined": measured})
    assert "battery-1/1" in told


def test_whole_homes_have_all_at_once_and_are_compared() -> None:
    assert home(1) == home(1) != home(2)
    asked = home(1)
    assert asked.batteries
    assert asked.circuits
    assert asked.site.peak_tariffs
    assert [ev.single_phase is not None for ev in asked.evs] == [True, False]
    measured = whole_homes(1)
    (row,) = measured["rows"]
    assert row["missing_kwh"] < 0.1
    assert measured["more_expensive"] == 0
    # What is found with more time is no worse than what was there at first.
    assert row["bill"] <= row["first_bill"] + 1e-3
    told = report({"machine": {}, "cases": [], "growth": {}, "homes": measured})
    assert "home/1" in told
