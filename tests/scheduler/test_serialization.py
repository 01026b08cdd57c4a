"""JSON both ways, the command line, and the documented example."""

import dataclasses
from datetime import timedelta, timezone
import json
from pathlib import Path
import re
import subprocess
import sys
from typing import Any

from hypothesis import given
import pytest

from custom_components.optivgi.scheduler import (
    EV,
    Battery,
    BatterySchedule,
    Circuit,
    Concern,
    ConcernKind,
    CostSplit,
    Discharge,
    EVSchedule,
    GridConnection,
    Horizon,
    PeakTariff,
    PriceStep,
    Problem,
    ProblemError,
    Reason,
    ReasonKind,
    ResourcePeak,
    Schedule,
    ShortfallCause,
    SinglePhase,
    SolveStatus,
    Taper,
    get_algorithm,
)
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


EVERYTHING_ASKED = Problem(
    horizon=Horizon(start=START, step_h=(0.25, 1.0)),
    site=GridConnection(
        limit_kw=(17.25, 11.0),
        import_price=(0.3, -0.1),
        export_price=(0.08, 0.07),
        export_limit_kw=(5.0, 6.0),
        base_load_phase_kw=((0.1, 0.2), (0.3, 0.4), (0.5, 0.6)),
        pv_phase_kw=((1.1, 1.2), (1.3, 1.4), (1.5, 1.6)),
        phase_limit_kw=((5.75, 5.0), (4.0, 4.5), (3.0, 3.5)),
        estimated=(False, True),
        estimate_trust=0.5,
        co2_kg_per_kwh=(0.4, 0.3),
        co2_price=0.1,
        peak_tariffs=(
            PeakTariff(
                price_per_kw=4.5,
                free_kw=1.5,
                price_steps=(PriceStep(above_kw=5.0, price=20.0),),
                interval_h=1.0,
                weight=(1.0, 0.5),
                top_days=3,
                distinct_days=False,
                day_peaks_kw=(5.0, 4.0),
                today_kw=2.0,
                imported_kwh=0.7,
                day=(0, 1),
            ),
        ),
    ),
    evs=(
        EV(
            id="all",
            arrival=START,
            departure=START + timedelta(hours=1),
            energy_kwh=10.0,
            max_power_kw=11.04,
            min_power_kw=4.14,
            power_step_kw=0.69,
            efficiency=0.9,
            phases=("L3", "L1"),
            line_to_line=True,
            circuit="left",
            priority=2.0,
            min_energy_kwh=3.0,
            limit_energy_kwh=40.0,
            extra_energy_kwh=20.0,
            extra_below_price=0.05,
            extra_from_surplus=True,
            taper=(
                Taper(energy_kwh=8.0, max_power_kw=7.0),
                Taper(energy_kwh=9.0, max_power_kw=3.0),
            ),
            single_phase=SinglePhase(
                phase="L2", min_power_kw=1.38, max_power_kw=3.68, active=True, max_switches=2
            ),
            discharge=Discharge(
                max_power_kw=10.0,
                min_power_kw=1.0,
                stored_kwh=20.0,
                min_stored_kwh=12.0,
                capacity_kwh=60.0,
                efficiency=0.93,
                wear_cost=0.04,
            ),
            at_once=True,
            surplus_only=True,
            min_always=True,
            later_energy_kwh=4.0,
            later_departure=START + timedelta(hours=20),
            charging=True,
        ),
    ),
    circuits=(
        Circuit(id="garage", limit_kw=(14.0, 13.0), base_load_kw=(0.1, 0.0)),
        Circuit(id="left", parent="garage", phase_limit_kw=((3.68, 3.0),)),
    ),
    batteries=(
        Battery(
            id="battery",
            capacity_kwh=10.0,
            stored_kwh=4.0,
            max_charge_kw=5.0,
            max_discharge_kw=4.0,
            min_power_kw=0.5,
            min_stored_kwh=1.0,
            grid_charge=False,
            may_export=False,
            charge_efficiency=0.96,
            discharge_efficiency=0.94,
            wear_cost=0.03,
            end_price=0.2,
            given_kw=(-1.0, 2.0),
        ),
    ),
    start_cost=0.02,
)
EVERYTHING_ANSWERED = Schedule(
    horizon=EVERYTHING_ASKED.horizon,
    evs=(
        EVSchedule(
            id="all",
            limit_kw=(4.14, 0.0),
            energy_kwh=1.0,
            cost=0.3,
            cost_at_once=0.4,
            shortfall_kwh=9.0,
            shortfall_cause=ShortfallCause.CAR_LIMIT,
            extra_kwh=0.5,
            later_kwh=0.4,
            single_phase=(True, False),
            discharge_kw=(0.0, 2.0),
            reasons=(
                Reason(kind=ReasonKind.CIRCUIT, detail="left", cost_per_kwh=0.1),
                Reason(kind=ReasonKind.DISCHARGE),
            ),
        ),
    ),
    algorithm="optimal",
    status=SolveStatus.FALLBACK,
    cost=0.3,
    cost_at_once=0.4,
    cost_split=CostSplit(
        grid=0.1, surplus=0.2, peak=0.3, co2=0.4, wear=0.5, starts=0.6, storage=-0.7
    ),
    bound=1.3,
    gap=0.07,
    build_ms=1.0,
    solve_ms=2.0,
    stages_ms={"build": 1.0, "prices": 2.0},
    ended_in="program",
    peaks=(ResourcePeak(id="left/L1", peak_kw=2.0, limit_kw=3.0, step=1),),
    peak_level_kw=((4.0, 5.0),),
    batteries=(BatterySchedule(id="battery", power_kw=(1.0, -1.0), hold=(True, False)),),
    concerns=(
        Concern(
            kind=ConcernKind.OVERLOADED,
            ev="all",
            circuit="left",
            phase="L1",
            figures={"steps": 2.0, "excess_kw": 0.7},
        ),
    ),
    kept=True,
    failures=("other: no answer",),
)


def differs_from_default(value: Any) -> list[str]:
    """Return the fields, with those of parts, that have their default, so that nothing is left."""
    left = []
    for field in dataclasses.fields(value):
        own = getattr(value, field.name)
        default = (
            field.default_factory()
            if field.default_factory is not dataclasses.MISSING
            else field.default
        )
        if own == default:
            left.append(f"{type(value).__name__}.{field.name}")
        for part in own if isinstance(own, tuple) else (own,):
            if dataclasses.is_dataclass(part):
                left += differs_from_default(part)
    return left


# Alternatives to other fields that are set, or one of several of their kind.
SET_ELSEWHERE = {
    "EV.phases_used",
    "GridConnection.base_load_kw",
    "GridConnection.pv_kw",
    "Circuit.parent",
    "Circuit.limit_kw",
    "Circuit.phase_limit_kw",
    "Circuit.base_load_kw",
    "Reason.detail",
    "Reason.cost_per_kwh",
}


@pytest.mark.parametrize(
    ("value", "write", "read"),
    [
        (EVERYTHING_ASKED, problem_to_json, problem_from_json),
        (EVERYTHING_ANSWERED, schedule_to_json, schedule_from_json),
    ],
)
def test_every_field_survives_the_round_trip(value: Any, write: Any, read: Any) -> None:
    assert set(differs_from_default(value)) <= SET_ELSEWHERE, "this test must set every field"
    assert read(write(value)) == value


@pytest.mark.parametrize(
    "kind",
    [
        *(
            Horizon,
            Problem,
            GridConnection,
            PeakTariff,
            PriceStep,
            EV,
            Taper,
            SinglePhase,
            Discharge,
            Circuit,
            Battery,
            BatterySchedule,
        ),
        *(Schedule, EVSchedule, Reason, ResourcePeak, CostSplit),
    ],
)
def test_every_field_is_documented(kind: Any) -> None:
    text = FORMAT.read_text(encoding="utf-8")
    for field in dataclasses.fields(kind):
        assert re.search(rf"`(\w+(\[\])?\.)*{field.name}`", text), f"{kind.__name__}.{field.name}"


@pytest.mark.parametrize("kind", [*ReasonKind, *ShortfallCause, *SolveStatus])
def test_every_word_is_documented(kind: str) -> None:
    assert f"`{kind}`" in FORMAT.read_text(encoding="utf-8")


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


@pytest.mark.parametrize("cwd", [ROOT, ROOT / "custom_components" / "optivgi"])
def test_the_command_plans_the_documented_example(cwd: Path) -> None:
    run = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, ROOT / "custom_components" / "optivgi" / "scheduler", "-"],
        cwd=cwd,
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
    assert captured.err == "optivgi-plan: evs[0].energy_kwh: must be at least 0, not -3\n"
    assert main([str(tmp_path / "missing.json")]) == 2
    assert "missing.json" in capsys.readouterr().err
