"""``python -m benchmarks``: prints tables, or with --json one JSON object and nothing else."""

import argparse
from collections.abc import Sequence
import json
import sys
from typing import Any

from .cases import growth, measure_case
from .evenings import EVENINGS, HOMES, combined_evenings, evenings, whole_homes
from .instances import CASES, Case
from .opti_vgi import compare
from .surroundings import event_loop, imports, machine, memory
from .tables import report

QUICK_CARS = 100
"""A fast look leaves out cases with more cars."""


def say(text: str) -> None:
    """Tell the progress where it does not get into the result."""
    print(text, file=sys.stderr, flush=True)


def selected(only: str, *, quick: bool) -> list[Case]:
    """Return the cases with a text in their name; for a fast look, only those that are quick."""
    return [case for case in CASES if only in case.name and (not quick or case.cars <= QUICK_CARS)]


def collect(runs: int, only: str, *, quick: bool, peers: bool = True) -> dict[str, Any]:
    """Measure everything.

    Args:
        runs: Repetitions of a quick solve.
        only: Selects cases by a part of their name.
        quick: One problem of each case, none of the large ones.
        peers: Compare with Opti-VGI.
    """
    result: dict[str, Any] = {"machine": machine(), "cases": []}
    for case in selected(only, quick=quick):
        for start_cost in (False, True):
            say(f"{case.name}{' with start cost' if start_cost else ''} ...")
            result["cases"].append(
                measure_case(
                    case,
                    start_cost=start_cost,
                    runs=2 if quick else runs,
                    problems=1 if quick else None,
                )
            )
    result["growth"] = growth(result["cases"])
    if only in "evening":
        say("evenings ...")
        result["evening"] = evenings(2 if quick else EVENINGS)
    if only in "combined":
        say("combined evenings beside a cold program ...")
        result["combined"] = combined_evenings(1 if quick else None)
    if only in "homes":
        say("whole homes beside a cold program ...")
        result["homes"] = whole_homes(2 if quick else HOMES)
    if peers:
        say("Opti-VGI ...")
        result |= compare(quick=quick)
    say("event loop, imports, memory ...")
    return result | event_loop(repeats=max(20, runs)) | imports() | memory()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if "--closed-loop" in arguments:
        # A benchmark of its own, with options of its own.
        arguments.remove("--closed-loop")
        from . import closed_loop  # noqa: PLC0415 - nothing else here needs it

        return closed_loop.main(arguments)
    if "--peak-months" in arguments:
        arguments.remove("--peak-months")
        from . import peak_months  # noqa: PLC0415 - nothing else here needs it

        return peak_months.main(arguments)
    if "--controller" in arguments:
        arguments.remove("--controller")
        from . import controller  # noqa: PLC0415 - nor this

        return controller.main(arguments)
    if "--backtest" in arguments:
        arguments.remove("--backtest")
        from . import backtest  # noqa: PLC0415 - nor this

        return backtest.main(arguments)
    if "--what-if" in arguments:
        arguments.remove("--what-if")
        from . import what_if  # noqa: PLC0415 - nor this

        return what_if.main(arguments)
    if "--departures" in arguments:
        arguments.remove("--departures")
        from .departures import run  # noqa: PLC0415 - nor this

        return run.main(arguments)
    parser = argparse.ArgumentParser(prog="scripts/benchmark", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--runs", type=int, default=5, help="runs of each quick problem (5)")
    parser.add_argument("--only", default="", metavar="TEXT", help="cases with this in their name")
    parser.add_argument("--quick", action="store_true", help="a fast look: few and small problems")
    parser.add_argument("--no-peers", action="store_true", help="leave out Opti-VGI")
    parser.add_argument(
        "--closed-loop",
        action="store_true",
        help="measure what plans do in a simulated house instead; --closed-loop --help tells more",
    )
    options = parser.parse_args(arguments)
    result = collect(options.runs, options.only, quick=options.quick, peers=not options.no_peers)
    print(json.dumps(result) if options.json else report(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
