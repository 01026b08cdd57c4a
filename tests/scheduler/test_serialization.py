"""JSON both ways, the command line, and the documented example."""

from datetime import timedelta, timezone
import json
from pathlib import Path
import re
import subprocess
import sys
from typing import Any

from hypothesis import given
import pytest

from custom_components.optivgi.scheduler import Problem, ProblemError, get_algorithm
from custom_components.optivgi.scheduler.__main__ import main
from custom_components.optivgi.scheduler.serialization import (
    problem_from_json,
    problem_to_json,
    schedule_from_json,
    schedule_to_json,
)

from .builders import START, approx, car, problem
from .test_conformance import problems, thoroughly

ROOT = Path(__file__).parents[2]
FORMAT = ROOT / "docs" / "problem-format.md"
EXAMPLE = next(
    iter(re.findall(r"```json\n(.*?)```", FORMAT.read_text(encoding="utf-8"), re.DOTALL))
)


def changed(path: str, value: Any) -> str:
    """Return the documented example with one field set, or removed where the value is None."""
    raw = json.loads(EXAMPLE)
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    target = raw
    for parent in parents:
        target = target[parent]
    if value is None:
        del target[last]
    else:
        target[last] = value
    return json.dumps(raw)


@given(asked=problems())
@thoroughly
def test_problems_survive_the_round_trip(asked: Problem) -> None:
    assert problem_from_json(problem_to_json(asked)) == asked


def test_schedules_survive_the_round_trip() -> None:
    asked = problem([0.3, 0.1], car(energy_kwh=50))
    schedule = get_algorithm("optimal").solve(asked, time_limit_s=30)
    assert schedule_from_json(schedule_to_json(schedule)) == schedule
    assert json.loads(schedule_to_json(schedule))["evs"][0]["shortfall_cause"] == "window"


def test_instants_are_written_in_utc() -> None:
    local = car().__class__(
        id="far",
        arrival=START.astimezone(timezone(timedelta(hours=2))),
        departure=START + timedelta(hours=1),
        energy_kwh=1.0,
        max_power_kw=1.0,
    )
    written = json.loads(problem_to_json(problem([0.1], local)))
    assert written["evs"][0]["arrival"] == "2026-11-21T18:00:00Z"
    assert written["horizon"]["start"] == "2026-11-21T18:00:00Z"


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("evs.0.energy_kwh", -3, "evs[0].energy_kwh: must be at least 0, not -3"),
        ("evs.0.energy_kwh", None, "evs[0].energy_kwh: "),
        ("evs.0.energy_kwh", "much", "evs[0].energy_kwh: "),
        ("evs.0.energy_kwh", float("nan"), "evs[0].energy_kwh: must be a finite number"),
        ("evs.0.efficiency", 90, "evs[0].efficiency: must be above 0 and at most 1"),
        ("evs.0.phases", ["L4"], "evs[0].phases[0]: "),
        ("evs.0.arrival", "2026-11-21T18:00:00", "evs[0].arrival: must have a time zone"),
        ("evs.0.power", 3, "evs[0].power: there is no such field"),
        ("site.limit_kw", [1], "site.limit_kw: must have one value for each of the 4 steps"),
        ("site.limit_kw.2", "x", "site.limit_kw[2]: "),
        ("site.import_price", None, "site.import_price: "),
        ("horizon.step_h", [], "horizon.step_h: must have at least one step"),
        ("limits", [], "limits: there is no such field"),
        ("start_cost", -1, "start_cost: must be at least 0"),
    ],
)
def test_errors_name_the_field(path: str, value: Any, message: str) -> None:
    with pytest.raises(ProblemError) as caught:
        problem_from_json(changed(path, value))
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("text", ["", "[]", "{", "null"])
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(ProblemError, match=r"^input: "):
        problem_from_json(text)


def test_the_command_plans_the_documented_example() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "scheduler", "-"],
        cwd=ROOT / "custom_components" / "optivgi",
        input=EXAMPLE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    schedule = schedule_from_json(run.stdout)
    # 20 kWh drawn, of which 11.04 in the cheapest hour.
    assert schedule.evs[0].limit_kw == approx([0, 0, 11.04, 8.96])
    assert run.stderr == ""


def test_the_command_takes_a_file_and_an_algorithm(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "problem.json"
    file.write_text(EXAMPLE, encoding="utf-8")
    assert main([str(file), "--algorithm", "go"]) == 0
    assert json.loads(capsys.readouterr().out)["algorithm"] == "go"


def test_bad_input_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "problem.json"
    file.write_text(changed("evs.0.energy_kwh", -3), encoding="utf-8")
    assert main([str(file)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == ("python -m scheduler: evs[0].energy_kwh: must be at least 0, not -3\n")
    assert main([str(tmp_path / "missing.json")]) == 2
    assert "missing.json" in capsys.readouterr().err
