"""Measures households: what an evening's plan takes, and how combined evenings compare.

An evening is measured as the product plans it: a whole call of the Runner, in CPU time, PuLP being
imported. A combined evening is planned, too, by one cold integer program (cold_program.py) that
gets as much wall time as our plan took; both plans are billed by the same independent count
(bill.py). So are whole homes (homes.py), which are also planned with hardly any time.
"""

import asyncio
import math
import statistics
import time
from typing import Any

from custom_components.optivgi.scheduler import Problem, Runner, Schedule

from .bill import bill, missing_kwh, moves_of
from .cold_program import ColdProgram
from .homes import home
from .households import COMBINED, combined, evening

type Row = dict[str, Any]

CARS = (1, 2, 3)
EVENINGS = 7
"""Evenings of each number of cars."""
REPEATS = 3
"""The quickest of so many calls counts: the others shared the machine with somebody."""
TIME_LIMIT_S = 5.0
HOMES = 10
FIRST_S, HOME_S = 0.25, 3.0
"""Time for a first plan of a whole home, and for the one that is compared."""
MORE = 0.005
"""Part of the bill by which ours may be higher than that of the cold program."""
SHORT_KWH = 0.2
"""A plan that leaves more than this missing is not compared by its bill."""


def evenings(problems: int = EVENINGS) -> Row:
    """Plan ordinary evenings; return a row for each, the median and the worst time."""
    return asyncio.run(_evenings(problems))


async def _evenings(problems: int) -> Row:
    runner = Runner(("optimal", "go"), TIME_LIMIT_S)
    try:
        # All that is imported late is imported now.
        await runner.solve(evening(2, 0))
        rows = [
            await _evening(runner, cars, seed) for cars in CARS for seed in range(1, 1 + problems)
        ]
    finally:
        # Nothing is being solved, so nothing else in this loop waits for that.
        runner.shutdown(wait=True)
    times = [row["cpu_ms"] for row in rows]
    return {
        "rows": rows,
        "median_cpu_ms": round(statistics.median(times), 1),
        "worst_cpu_ms": round(max(times), 1),
        "worst_gap": max(row["gap"] for row in rows),
    }


async def _evening(runner: Runner, cars: int, seed: int) -> Row:
    problem = evening(cars, seed)
    times: list[float] = []
    schedule: Schedule | None = None
    for _ in range(REPEATS):
        begin = time.process_time()
        schedule = await runner.solve(problem)
        times.append(1000 * (time.process_time() - begin))
    if schedule is None:
        raise RuntimeError("nothing was planned")
    moves = moves_of(problem, schedule)
    return {
        "name": f"evening-{cars}/{seed}",
        "cpu_ms": round(min(times), 1),
        "bill": round(bill(problem, moves), 4),
        "missing_kwh": round(missing_kwh(problem, moves), 3),
        "gap": schedule.gap,
        "status": schedule.status.value,
    }


def combined_evenings(problems: int | None = None) -> Row:
    """Plan combined evenings beside a cold program; return a row for each, and what it comes to.

    Args:
        problems: How many of each kind; all unless given.
    """
    rows = asyncio.run(_combined(problems))
    compared = [row["excess"] for row in rows if row["excess"] is not None]
    return {
        "rows": rows,
        "compared": len(compared),
        "more_expensive": sum(excess > MORE for excess in compared),
        "worst_excess": round(max(compared), 4) if compared else None,
        "median_excess": round(statistics.median(compared), 4) if compared else None,
    }


async def _combined(problems: int | None) -> list[Row]:
    runner = Runner(("optimal", "go"), TIME_LIMIT_S)
    try:
        await runner.solve(evening(2, 0))
        return [
            await _beside(runner, f"{what.kind}-{what.cars}/{seed}", combined(what, seed))
            for what in COMBINED
            for seed in range(1, 1 + min(what.problems, problems or what.problems))
        ]
    finally:
        runner.shutdown(wait=True)


def whole_homes(problems: int = HOMES) -> Row:
    """Plan whole homes, first with little time, then beside a cold program."""
    rows = asyncio.run(_homes(problems))
    excess = [row["excess"] for row in rows if row["excess"] is not None]
    # Where time ran out before anything was proven there is none.
    gaps = [math.inf if row["gap"] is None else row["gap"] for row in rows]
    return {
        "rows": rows,
        "worst_first_cpu_ms": max(row["first_cpu_ms"] for row in rows),
        "more_expensive": sum(each > MORE for each in excess),
        "median_gap": round(statistics.median(gaps), 4),
        "worst_gap": round(max(gaps), 4),
    }


async def _homes(problems: int) -> list[Row]:
    quick, runner = (Runner(("optimal", "go"), limit_s) for limit_s in (FIRST_S, HOME_S))
    rows: list[Row] = []
    try:
        await runner.solve(home(0))
        for seed in range(1, 1 + problems):
            problem = home(seed)
            begin = time.process_time()
            first = await quick.solve(problem)
            passed = time.process_time() - begin
            row = await _beside(runner, f"home/{seed}", problem)
            row["first_cpu_ms"] = round(1000 * passed, 1)
            row["first_bill"] = round(bill(problem, moves_of(problem, first)), 4)
            rows.append(row)
    finally:
        quick.shutdown(wait=True)
        runner.shutdown(wait=True)
    return rows


async def _beside(runner: Runner, name: str, problem: Problem) -> Row:
    begin, cpu = time.perf_counter(), time.process_time()
    schedule = await runner.solve(problem)
    wall, cpu = time.perf_counter() - begin, time.process_time() - cpu
    ours = moves_of(problem, schedule)
    cold = ColdProgram(problem).solve(wall)
    row: Row = {
        "name": name,
        "wall_ms": round(1000 * wall, 1),
        "cpu_ms": round(1000 * cpu, 1),
        "bill": round(bill(problem, ours), 4),
        "missing_kwh": round(missing_kwh(problem, ours), 3),
        "gap": schedule.gap,
        "status": schedule.status.value,
        "cold_bill": None,
        "excess": None,
    }
    if cold.moves is not None and missing_kwh(problem, cold.moves) <= SHORT_KWH:
        theirs = bill(problem, cold.moves)
        row["cold_bill"] = round(theirs, 4)
        row["excess"] = round((bill(problem, ours) - theirs) / max(abs(theirs), 0.01), 4)
    return row
