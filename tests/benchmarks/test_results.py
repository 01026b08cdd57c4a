"""What the benchmark says: verdicts on plans, summaries of problems, and the keys of its JSON."""

import json
from typing import Any

from benchmarks.cases import MEASURED, growth, measure_case, summary
from benchmarks.instances import START_COST, case_named, make
from benchmarks.tables import report
from benchmarks.verdict import judge
import pytest

from benchmarks import __main__ as command, opti_vgi
from custom_components.optivgi.scheduler import EVSchedule, Problem, Schedule, SolveStatus

HOME = case_named("home-1-96")


def schedule(problem: Problem, power_kw: tuple[float, ...]) -> Schedule:
    """Return a plan with one power per step for every car."""
    return Schedule(
        horizon=problem.horizon,
        evs=tuple(
            EVSchedule(id=ev.id, limit_kw=power_kw, energy_kwh=0.0, cost=0.0) for ev in problem.evs
        ),
        algorithm="by hand",
        status=SolveStatus.FEASIBLE,
    )


def row(**values: Any) -> dict[str, Any]:
    """Return what a worker tells of one problem."""
    usual: dict[str, Any] = {
        "first_ms": 9.0,
        "total_ms": 6.0,
        "build_ms": 1.0,
        "lp_ms": 2.0,
        "stages_ms": {"relaxation": 2.0},
        "gap": 0.001,
        "lp_gap": 0.002,
        "cost": 1.5,
        "starts": 2,
        "unserved_kwh": 0.0,
        "unserved_lp_kwh": 0.0,
        "overshoot_kwh": 0.0,
        "violation_kw": 0.0,
        "below_minimum": 0,
        "worst_missing_fraction": 0.0,
    }
    return usual | values


def test_a_verdict_comes_from_the_powers_alone() -> None:
    problem = make(HOME, start_cost=True)
    # One hour at 11 kW, a pause, and an hour at 2 kW, which is below the minimum.
    power = (11.0,) * 4 + (0.0,) * 4 + (2.0,) * 4 + (0.0,) * 84
    found = judge(problem, schedule(problem, power), relaxed=True, fairness=True)
    assert found["delivered_kwh"] == pytest.approx([0.9 * 13])
    assert found["unserved_kwh"] == pytest.approx(problem.evs[0].energy_kwh - 0.9 * 13)
    assert found["starts"] == 2
    assert found["below_minimum"] == 4
    assert found["violation_kw"] == 0
    assert found["unserved_lp_kwh"] == pytest.approx(0, abs=1e-6)
    assert found["worst_missing_fraction_exact"] == pytest.approx(0, abs=1e-6)


def test_a_plan_beyond_the_limits_is_noticed() -> None:
    problem = make(HOME, start_cost=False)
    found = judge(problem, schedule(problem, (30.0,) * 96), relaxed=False, fairness=False)
    worst = max(30 - capacity for capacity in problem.capacity_kw)
    phase = max(10 - capacity for capacity in problem.phase_capacity_kw[0])
    assert found["violation_kw"] == pytest.approx(max(worst, phase))
    assert found["overshoot_kwh"] > 0


def test_no_plan_that_serves_everybody_is_below_the_relaxation() -> None:
    problem = make(HOME, start_cost=True)
    steps = int(problem.evs[0].energy_kwh / (0.9 * 11 / 4)) + 1
    at_once = (11.0,) * steps + (0.0,) * (96 - steps)
    found = judge(problem, schedule(problem, at_once), relaxed=True, fairness=False)
    assert found["unserved_kwh"] == 0
    assert found["lp_gap"] > 0
    assert problem.start_cost == START_COST


def test_a_summary_takes_medians_of_times_and_the_worst_of_the_rest() -> None:
    rows = [
        row(total_ms=4.0, gap=0.003, unserved_kwh=5.0, unserved_lp_kwh=5.0),
        row(total_ms=8.0, gap=0.001, unserved_kwh=2.0, unserved_lp_kwh=1.0),
        row(total_ms=6.0),
    ]
    found = summary(rows)
    assert (found["total_ms"], found["total_max_ms"], found["ratio"]) == (6.0, 8.0, 3.0)
    assert found["gap"] == 0.003
    # The pair of the problem where more is missing than has to be.
    assert (found["unserved_kwh"], found["unserved_lp_kwh"]) == (2.0, 1.0)


def test_a_gap_that_one_problem_lacks_is_none() -> None:
    assert summary([row(), row(gap=None)])["gap"] is None


def test_a_case_that_fails_keeps_its_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.cases.work", lambda job: {"error": "no answer"})
    found = measure_case(HOME, start_cost=False, runs=1)
    assert found["error"] == "no answer"
    assert {"name", "n", "t", "start_cost", "variant", *MEASURED} <= set(found)


def test_growth_compares_garages() -> None:
    rows = [
        {"name": f"garage-{cars}-96", "n": cars, "start_cost": False, "total_ms": ms, "lp_ms": 1.0}
        for cars, ms in ((100, 10.0), (500, 60.0))
    ]
    found = growth(rows)
    assert found["total_ms"] == {"100": 10.0, "500": 60.0, "1000": None}
    assert found["ratio_500_to_100"] == 6.0
    assert found["ratio_1000_to_100"] is None
    assert found["with_start_cost"]["ratio_500_to_100"] is None


def test_without_opti_vgi_the_result_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable() -> str:
        raise opti_vgi.UnavailableError("no network")

    monkeypatch.setattr(opti_vgi, "_environment", unavailable)
    found = opti_vgi.compare(quick=True)
    assert found["opti_vgi"] == {"error": "no network"}
    assert "no network" in report({"cases": [], **found})


def test_opti_vgi_is_given_the_same_problem_and_judged_by_its_powers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem = opti_vgi._problem(2)
    needs = [ev.energy_kwh for ev in problem.evs]

    def theirs(code: str, *, given: dict[str, Any], **_: Any) -> dict[str, Any]:
        assert [each["energy_kwh"] for each in given["cars"]] == needs
        assert all(each["departure_min"] < opti_vgi.MINUTES for each in given["cars"])
        # The first car gets twice what it wants, in one minute; the second nothing.
        twice = [2 * needs[0] * 60] + [0.0] * (opti_vgi.MINUTES - 1)
        return {"seconds": [1.0, 3.0, 2.0], "power_kw": [twice, [0.0] * opti_vgi.MINUTES]}

    def ours(job: Any) -> dict[str, Any]:
        return {"rows": [{"total_ms": 4.0, "delivered_kwh": needs, "violation_kw": 0.0}]}

    monkeypatch.setattr(opti_vgi, "fresh_process", theirs)
    monkeypatch.setattr(opti_vgi, "work", ours)
    found = opti_vgi._side_by_side("python", problem)
    assert (found["theirs_s"], found["ours_s"], found["ratio"]) == (2.0, 0.004, 500.0)
    assert (found["their_min_fraction"], found["their_mean_fraction"]) == (0.0, 0.5)
    assert found["their_overshoot_kwh"] == pytest.approx(needs[0], abs=1e-4)
    assert found["their_violation_kw"] == pytest.approx(
        2 * needs[0] * 60 - problem.site.limit_kw[0], abs=1e-4
    )
    assert (found["our_min_fraction"], found["our_overshoot_kwh"]) == (1.0, 0.0)


def test_the_command_prints_one_json_object(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = {"memory": {"peak_mb": 50.0, "imported_mb": 45.0}, "rows": [row()]}
    monkeypatch.setattr("benchmarks.cases.work", lambda job: answer)
    monkeypatch.setattr(command, "compare", lambda quick: {"opti_vgi": []})
    monkeypatch.setattr(command, "event_loop", lambda repeats: {"event_loop_max_ms": 1.0})
    monkeypatch.setattr(command, "imports", lambda: {"import_s": 1.0})
    monkeypatch.setattr(command, "memory", lambda: {"rss_mb": 50.0})
    assert command.main(["--json", "--only", "home-1-96"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert {
        "machine",
        "cases",
        "opti_vgi",
        "growth",
        "event_loop_max_ms",
        "import_s",
        "rss_mb",
    } <= set(result)
    assert [case["start_cost"] for case in result["cases"]] == [False, True]
    assert result["cases"][0]["rss_growth_mb"] == 5.0
    assert "home-1-96" in report(result)
