"""Measures the cases, each in a process of its own, and how the times grow with the cars."""

import statistics
from typing import Any

from custom_components.optivgi.scheduler.serialization import problem_to_json

from .instances import Case, make
from .worker import Job, work

type Row = dict[str, Any]

GROWTH = (100, 500, 1000)
LAYOUTS = {
    "home": "household, all cars present all the time",
    "garage": "garage, cars come and go",
    "dense": "garage, all cars present all the time",
    "over": "garage, 115 % of what can be delivered is asked for",
}
MEASURED = (
    "build_ms",
    "lp_ms",
    "total_ms",
    "total_max_ms",
    "ratio",
    "gap",
    "lp_gap",
    "cost",
    "starts",
    "unserved_kwh",
    "unserved_lp_kwh",
    "overshoot_kwh",
    "violation_kw",
    "below_minimum",
    "rss_mb",
    "rss_imported_mb",
    "rss_growth_mb",
    "worst_missing_fraction",
    "worst_missing_fraction_exact",
)
"""What each case has, whatever happened; null where it could not be measured or makes no sense."""


def measure_case(case: Case, *, start_cost: bool, runs: int, problems: int | None = None) -> Row:
    """Measure one case.

    Args:
        case: The case.
        start_cost: Whether starts cost something.
        runs: Repetitions of a quick solve.
        problems: How many of its problems to solve; all of them unless given.
    """
    given = tuple(
        problem_to_json(make(case, start_cost=start_cost, seed=seed))
        for seed in range(1, 1 + min(case.problems, problems or case.problems))
    )
    result = work(Job(problems=given, runs=runs, fairness=case.layout == "over"))
    variant = LAYOUTS[case.layout] + (", 1-minute steps" if case.step_min == 1 else "")
    row: Row = {
        "name": case.name,
        "n": case.cars,
        "t": case.steps,
        "start_cost": start_cost,
        "variant": variant,
        **dict.fromkeys(MEASURED),
    }
    if "error" in result:
        return row | {"error": result["error"]}
    return row | summary(result["rows"]) | memory(result["memory"])


def summary(rows: list[Row]) -> Row:
    """Summarise a case's problems: medians of the times, the worst of what went wrong."""

    def median(name: str) -> float:
        middle: float = statistics.median(row[name] for row in rows)
        return round(middle, 2)

    def worst(name: str, digits: int) -> float | None:
        values = [row.get(name) for row in rows]
        known = [value for value in values if value is not None]
        # A gap that one problem lacks is not proven for the case.
        return round(max(known), digits) if len(known) == len(values) else None

    # Shortages belong together: that of a plan, and the least possible one of the same problem.
    short = max(rows, key=lambda row: row["unserved_kwh"] - row["unserved_lp_kwh"])
    unfair = max(
        rows,
        key=lambda row: (
            row["worst_missing_fraction"] - (row.get("worst_missing_fraction_exact") or 0.0)
        ),
    )
    total, bare = median("total_ms"), median("lp_ms")
    return {
        "problems": len(rows),
        "build_ms": median("build_ms"),
        "lp_ms": bare,
        "total_ms": total,
        "total_max_ms": worst("total_ms", 2),
        "first_ms": median("first_ms"),
        "stages_ms": {name: round(ms, 2) for name, ms in rows[0]["stages_ms"].items()},
        "ratio": round(total / bare, 2) if bare else None,
        "gap": worst("gap", 6),
        "lp_gap": worst("lp_gap", 6),
        "cost": [round(row["cost"], 4) for row in rows],
        "starts": [row["starts"] for row in rows],
        "unserved_kwh": round(short["unserved_kwh"], 4),
        "unserved_lp_kwh": round(short["unserved_lp_kwh"], 4),
        "overshoot_kwh": worst("overshoot_kwh", 4),
        "violation_kw": worst("violation_kw", 6),
        "below_minimum": worst("below_minimum", 0),
        "worst_missing_fraction": round(unfair["worst_missing_fraction"], 6),
        "worst_missing_fraction_exact": _rounded(unfair.get("worst_missing_fraction_exact"), 6),
    }


def memory(measured: Row) -> Row:
    """Tell the peak memory of a case's process, and how much of it is not imports."""
    peak, imported = measured["peak_mb"], measured["imported_mb"]
    known = peak is not None and imported is not None
    return {
        "rss_mb": peak,
        "rss_imported_mb": imported,
        "rss_growth_mb": round(peak - imported, 1) if known else None,
    }


def growth(rows: list[Row]) -> Row:
    """Tell how the times of garages grow with their cars, without and with a start cost."""
    return _growth(rows, start_cost=False) | {"with_start_cost": _growth(rows, start_cost=True)}


def _growth(rows: list[Row], *, start_cost: bool) -> Row:
    garages = {
        row["n"]: row
        for row in rows
        if row["name"].startswith("garage-") and row["start_cost"] == start_cost
    }

    def value(name: str, cars: int) -> float | None:
        measured: float | None = garages.get(cars, {}).get(name)
        return measured

    times = {cars: value("total_ms", cars) for cars in GROWTH}
    result: Row = {
        "total_ms": {str(cars): times[cars] for cars in GROWTH},
        "lp_ms": {str(cars): value("lp_ms", cars) for cars in GROWTH},
    }
    for many, few in ((500, 100), (1000, 500), (1000, 100)):
        upper, lower = times[many], times[few]
        result[f"ratio_{many}_to_{few}"] = round(upper / lower, 2) if upper and lower else None
    return result


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
