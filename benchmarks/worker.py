"""Solves problems in a process of its own: times, memory, and what the plans are worth.

Reads a Job from stdin and prints what it found, both as JSON. Memory is read after the first
solve of the first problem; nothing but the scheduler is imported until then.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
import gc
import json
import statistics
import sys
import time
from typing import Any

from custom_components.optivgi.scheduler import Algorithm, Problem, Schedule, get_algorithm

from .alone import PRELUDE, fresh_process, peak_mb

type Row = dict[str, Any]

REPEAT_BELOW_MS = 1000.0
"""What takes longer is not worth repeating."""
REPEAT_MS = 600.0
"""Repetitions of a problem end after so long."""
SLOW_MS = 3000.0
"""After a solve that takes longer, no other problem of the kind is solved."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """What a worker is to do.

    Attributes:
        problems: Problems as JSON.
        runs: How often to repeat a quick solve at most; with 0, the first solve is all.
        relaxed: Solve the linear relaxation, too.
        fairness: Find the fraction that every car could get at best.
        time_limit_s: Time limit of a solve.
    """

    problems: tuple[str, ...]
    runs: int = 5
    relaxed: bool = True
    fairness: bool = False
    time_limit_s: float = 10.0


def work(job: Job) -> Row:
    """Let a fresh process do a job; return ``memory`` and ``rows``, or an ``error``."""
    # Its memory before the scheduler, and all that comes with it, is imported.
    bare = f"from {peak_mb.__module__} import peak_mb\nbare_mb = peak_mb()\n"
    code = f"{PRELUDE}{bare}from {__name__} import main\nmain(bare_mb)"
    return fresh_process(code, given=vars(job))


def main(bare_mb: float | None) -> None:
    """Do the job on stdin; ``bare_mb`` is the memory of a Python that has imported nothing yet."""
    job = Job(**json.load(sys.stdin))
    # Imports are not part of what is measured, but they are the memory to start from.
    from custom_components.optivgi.scheduler.serialization import (  # noqa: PLC0415
        problem_from_json,
    )

    algorithm = get_algorithm("optimal")
    memory: Row = {"bare_mb": bare_mb, "imported_mb": peak_mb()}
    rows: list[Row] = []
    for text in job.problems:
        if rows and rows[-1]["first_ms"] > SLOW_MS:
            break
        problem = problem_from_json(text)
        row, schedule = timed(algorithm, problem, job)
        memory.setdefault("peak_mb", peak_mb())
        rows.append(row | judged(problem, schedule, job))
    print(json.dumps({"memory": memory, "rows": rows}))


def timed(algorithm: Algorithm, problem: Problem, job: Job) -> tuple[Row, Schedule]:
    """Solve a problem, more than once where that is quick; return the times and a plan.

    The garbage collector rests during a solve, as in the Runner.
    """
    times: list[float] = []
    schedules: list[Schedule] = []

    def solve() -> None:
        gc.collect()
        gc.disable()
        begin = time.perf_counter()
        schedules.append(algorithm.solve(problem, time_limit_s=job.time_limit_s))
        times.append((time.perf_counter() - begin) * 1000)
        gc.enable()

    solve()
    first = times[0]
    if first < REPEAT_BELOW_MS:
        for _ in range(min(job.runs, max(1, int(REPEAT_MS / first)))):
            solve()
    # The first one also warms up: memory, caches, what is imported late.
    kept = slice(1 if len(times) > 1 else 0, None)
    return {
        "first_ms": first,
        "total_ms": statistics.median(times[kept]),
        "build_ms": statistics.median(schedule.build_ms for schedule in schedules[kept]),
        "gap": schedules[-1].gap,
        "status": schedules[-1].status.value,
        "stages_ms": schedules[-1].stages_ms,
    }, schedules[-1]


def judged(problem: Problem, schedule: Schedule, job: Job) -> Row:
    """Judge a plan by what it says each car may draw, and by the linear relaxation."""
    # Only now: numpy and HiGHS must not count as memory of an algorithm that needs neither.
    from .verdict import judge  # noqa: PLC0415

    # HiGHS keeps its number of threads per thread; a thread of its own asks no algorithm's leave.
    with ThreadPoolExecutor(max_workers=1) as lane:
        return lane.submit(
            judge, problem, schedule, relaxed=job.relaxed, fairness=job.fairness
        ).result()
