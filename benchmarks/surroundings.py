"""What surrounds a solve: the machine, the event loop during it, imports and memory."""

import asyncio
from collections.abc import Callable
import os
from pathlib import Path
import platform
import statistics
import time
from typing import Any

from custom_components.optivgi.scheduler import AlgorithmError, Runner
from custom_components.optivgi.scheduler.serialization import problem_to_json

from .alone import PACKAGE, PRELUDE, fresh_process
from .instances import case_named, make
from .worker import Job, work

type Row = dict[str, Any]

TICK_S = 0.001
HOUSEHOLD = case_named("home-2-192")


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
        # Times of a machine that is busy with something else mean little.
        "load_1min": round(os.getloadavg()[0], 2),
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
    # No fallback: it must be the solver that is measured.
    runner = Runner(algorithms=("optimal",))
    household = make(HOUSEHOLD, start_cost=True)
    await runner.solve(household)

    async def solves() -> None:
        for _ in range(repeats):
            await runner.solve(household)

    idle = await _ticks(None, 1.0)
    busy = await _ticks(solves, 1.0)
    runner.shutdown(wait=True)
    return {
        "event_loop_max_ms": round(max(0.0, max(busy) - max(idle)), 2),
        "event_loop_raw_max_ms": round(max(busy), 2),
        "event_loop_idle_max_ms": round(max(idle), 2),
        "event_loop_p99_ms": round(statistics.quantiles(busy, n=100)[98], 2),
    }


def event_loop(repeats: int) -> Row:
    """Measure how late an event loop that ticks each ms is while the Runner solves."""
    try:
        return asyncio.run(_event_loop(repeats))
    except AlgorithmError as err:
        return {"event_loop_max_ms": None, "event_loop_error": str(err)}


def import_seconds(module: str, *, alone: bool) -> float | str | None:
    """Return how long a fresh process takes to import a module; the error where it cannot.

    Args:
        module: Its full name.
        alone: Without Home Assistant, which the integration imports.
    """
    result = fresh_process(
        (PRELUDE if alone else "") + "import json, time\n"
        "begin = time.perf_counter()\n"
        f"import {module}\n"
        "print(json.dumps({'s': round(time.perf_counter() - begin, 3)}))"
    )
    return result.get("s", result.get("error"))


def imports() -> Row:
    """Measure the imports: the integration, the scheduler, and the scheduler with its solver."""
    return {
        "import_s": import_seconds(PACKAGE, alone=False),
        "import_scheduler_s": import_seconds(f"{PACKAGE}.scheduler", alone=True),
        "import_solver_s": import_seconds(f"{PACKAGE}.scheduler.optimal", alone=True),
    }


def memory() -> Row:
    """Measure the peak memory of a fresh process that solves home-2-192, and where it is from."""
    household = problem_to_json(make(HOUSEHOLD, start_cost=True))
    result = work(Job(problems=(household,), runs=0, relaxed=False))
    if "error" in result:
        return {"rss_mb": None, "rss_error": result["error"]}
    measured = result["memory"]
    return {
        "rss_mb": measured["peak_mb"],
        "rss_imported_mb": measured["imported_mb"],
        "rss_python_mb": measured["bare_mb"],
    }
