"""The measurements themselves: solves, the event loop during them, imports and memory."""

import asyncio
from collections.abc import Callable
import json
import os
from pathlib import Path
import platform
import statistics
import subprocess
import sys
import time
from typing import Any

from custom_components.optivgi.scheduler import Problem, Runner, get_algorithm
from custom_components.optivgi.scheduler.demand import Demand, Wires
from custom_components.optivgi.scheduler.serialization import problem_to_json

from .instances import CASES, Case, make

Row = dict[str, Any]

TICK_S = 0.001
SEEDS = (1, 2, 3, 4, 5)
TIME_LIMIT_S = 10.0
ROOT = Path(__file__).parents[1]
INTEGRATION = ROOT / "custom_components" / "optivgi"
HOUSEHOLD = next(case for case in CASES if case.name == "home-2-192")


def machine() -> Row:
    """Describe what this runs on."""
    model = platform.processor() or platform.machine()
    try:
        info = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        names = [line.partition(":")[2].strip() for line in info if "model name" in line]
        model = names[0] if names else model
    except OSError:
        pass
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def median_ms(job: Callable[[], object], runs: int) -> float:
    """Return the median time of some runs, in ms."""
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        job()
        times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times)


def relaxation_ms(problem: Problem, runs: int) -> float:
    """Return the median time of the bare linear relaxation: no switches, no starts."""
    import numpy as np  # noqa: PLC0415 - the solver is imported when it is measured
    from pulp import HiGHS  # noqa: PLC0415

    from custom_components.optivgi.scheduler.formulation import Tariff, build  # noqa: PLC0415

    wires = Wires.of(problem)
    demands = [Demand.of(problem, ev, wires) for ev in problem.evs]
    tariff = Tariff(
        buy=np.array(problem.site.import_price),
        sell=np.array(problem.export_price),
        start_cost=problem.start_cost,
    )
    elapsed = np.concatenate(([0.0], np.cumsum(problem.horizon.step_h)[:-1]))
    times = []
    for _ in range(runs):
        model = build(demands, wires, tariff, elapsed)
        solver = HiGHS(mip=False, msg=False, threads=1, presolve="off")
        begin = time.perf_counter()
        model.program.solve(solver)
        times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times)


def measure_case(case: Case, *, start_cost: bool, runs: int) -> Row:
    """Measure one case: medians over the runs of each of its problems, then over the problems."""
    algorithm = get_algorithm("optimal")
    rows = []
    for seed in SEEDS:
        problem = make(case, start_cost=start_cost, seed=seed)
        schedules: list[Any] = []

        def solve(problem: Problem = problem, schedules: list[Any] = schedules) -> None:
            schedules.append(algorithm.solve(problem, time_limit_s=TIME_LIMIT_S))

        solve()
        # What takes seconds is not worth repeating.
        repeats = runs if schedules[0].solve_ms < 1000 else 1
        total = median_ms(solve, repeats)
        rows.append(
            {
                "build_ms": statistics.median(schedule.build_ms for schedule in schedules),
                "lp_ms": relaxation_ms(problem, repeats),
                "total_ms": total,
                "gap": schedules[-1].gap,
                "unserved_kwh": sum(ev.shortfall_kwh for ev in schedules[-1].evs),
                "cost": schedules[-1].cost,
            }
        )
    gaps = [row["gap"] for row in rows]
    return {
        "name": case.name,
        "n": case.cars,
        "t": case.steps,
        "start_cost": start_cost,
        "variant": "garage" if case.garage else "household, present all the time",
        "problems": len(rows),
        "runs": runs,
        "build_ms": round(statistics.median(row["build_ms"] for row in rows), 2),
        "lp_ms": round(statistics.median(row["lp_ms"] for row in rows), 2),
        "total_ms": round(statistics.median(row["total_ms"] for row in rows), 2),
        "total_max_ms": round(max(row["total_ms"] for row in rows), 2),
        "gap": None if None in gaps else round(max(gaps), 6),
        "unserved_kwh": round(max(row["unserved_kwh"] for row in rows), 3),
        "cost": [round(row["cost"], 4) for row in rows],
    }


async def _ticks(job: Callable[[], Any] | None, seconds: float) -> list[float]:
    """Return how late each tick of the event loop was while a job ran, in ms."""
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(job()) if job is not None else None
    late = []
    end = loop.time() + seconds
    while loop.time() < end or (task is not None and not task.done()):
        begin = time.perf_counter()
        await asyncio.sleep(TICK_S)
        late.append((time.perf_counter() - begin - TICK_S) * 1000)
    if task is not None:
        await task
    return late


async def _event_loop(repeats: int) -> Row:
    runner = Runner()
    household = make(HOUSEHOLD, start_cost=True)
    await runner.solve(household)

    async def solves() -> None:
        for _ in range(repeats):
            await runner.solve(household)

    idle = await _ticks(None, 1.0)
    busy = await _ticks(solves, 1.0)
    runner.shutdown()
    return {
        "event_loop_max_ms": round(max(0.0, max(busy) - max(idle)), 2),
        "event_loop_raw_max_ms": round(max(busy), 2),
        "event_loop_idle_max_ms": round(max(idle), 2),
        "event_loop_p99_ms": round(statistics.quantiles(busy, n=100)[98], 2),
    }


def event_loop(repeats: int) -> Row:
    """Measure how late an event loop that ticks each ms is while the Runner solves."""
    return asyncio.run(_event_loop(repeats))


def fresh_process(code: str, *, folder: Path = ROOT) -> Row:
    """Run code in a new interpreter in a folder; it prints one JSON object."""
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    if run.returncode != 0:
        reason = run.stderr.strip().splitlines() or ["no output"]
        return {"error": reason[-1]}
    result: Row = json.loads(run.stdout)
    return result


def import_seconds(modules: str, *, folder: Path = ROOT) -> float | str | None:
    """Return how long a fresh process takes to import modules; the error where it cannot."""
    result = fresh_process(
        "import json, time\n"
        "begin = time.perf_counter()\n"
        f"import {modules}\n"
        "print(json.dumps({'s': round(time.perf_counter() - begin, 3)}))",
        folder=folder,
    )
    return result.get("s", result.get("error"))


def peak_memory() -> Row:
    """Return the peak memory of a fresh process that solves home-2-192, and where it comes from."""
    # ru_maxrss would be that of this process until the new one is larger: it survives fork.
    return fresh_process(
        "import json\n"
        "def peak():\n"
        "    status = open('/proc/self/status').read()\n"
        "    return round(int(status.partition('VmHWM:')[2].split()[0]) / 1024, 1)\n"
        "bare = peak()\n"
        "from scheduler.serialization import problem_from_json\n"
        "from scheduler import get_algorithm\n"
        "algorithm = get_algorithm('optimal')\n"
        "imported = peak()\n"
        f"problem = problem_from_json({problem_to_json(make(HOUSEHOLD, start_cost=True))!r})\n"
        "algorithm.solve(problem, time_limit_s=10)\n"
        "print(json.dumps({'rss_mb': peak(), 'imported': imported, 'bare': bare}))",
        folder=INTEGRATION,
    )
