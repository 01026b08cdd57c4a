"""``python -m benchmarks``: prints a table, or with --json one JSON object and nothing else."""

import argparse
import json
import sys
from typing import Any

from .instances import CASES
from .measure import (
    INTEGRATION,
    event_loop,
    import_seconds,
    machine,
    measure_case,
    peak_memory,
)


def say(text: str) -> None:
    """Tell the progress where it does not get into the result."""
    print(text, file=sys.stderr, flush=True)


def collect(runs: int, only: str) -> dict[str, Any]:
    """Measure everything; ``only`` selects cases by a part of their name."""
    cases = []
    for case in CASES:
        if only not in case.name:
            continue
        for start_cost in (False, True):
            say(f"{case.name}{' with start cost' if start_cost else ''} ...")
            cases.append(measure_case(case, start_cost=start_cost, runs=runs))
    say("event loop, imports, memory ...")
    memory = peak_memory()
    integration = import_seconds("custom_components.optivgi")
    return {
        "machine": machine(),
        "cases": cases,
        **event_loop(repeats=max(20, runs)),
        "import_s": integration,
        "import_scheduler_s": import_seconds("scheduler", folder=INTEGRATION),
        "import_solver_s": import_seconds("scheduler.optimal", folder=INTEGRATION),
        "rss_mb": memory.get("rss_mb", memory.get("error")),
        "rss_imported_mb": memory.get("imported"),
        "rss_python_mb": memory.get("bare"),
    }


def table(result: dict[str, Any]) -> str:
    """Write a result for people."""
    lines = [f"{'case':<14} {'start cost':<10} {'build':>7} {'LP':>7} {'total':>8} {'max':>8}  gap"]
    for case in result["cases"]:
        gap = "-" if case["gap"] is None else f"{case['gap']:.3%}"
        lines.append(
            f"{case['name']:<14} {'yes' if case['start_cost'] else 'no':<10} "
            f"{case['build_ms']:>7.1f} {case['lp_ms']:>7.1f} {case['total_ms']:>8.1f} "
            f"{case['total_max_ms']:>8.1f}  {gap}"
        )
    lines.append("(ms: medians; max and gap: the worst of the problems)")
    lines += [f"{name}: {result[name]}" for name in result if name not in {"cases", "machine"}]
    lines.append(f"machine: {result['machine']}")
    return "\n".join(lines)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="scripts/benchmark", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--runs", type=int, default=5, help="runs of each problem (5)")
    parser.add_argument("--only", default="", metavar="TEXT", help="cases with this in their name")
    options = parser.parse_args()
    result = collect(options.runs, options.only)
    print(json.dumps(result) if options.json else table(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
