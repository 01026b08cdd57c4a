"""The command line: ``optivgi-plan problem.json`` prints the Schedule of a Problem."""

import argparse
from collections.abc import Sequence
from pathlib import Path
import runpy
import sys

if not __package__:
    # Run as a folder. What lies beside it is named like modules of Python's own (Home Assistant
    # wants it so), and must not be found in their place. This ends the program.
    sys.path.append(str(Path(__file__).resolve().parent.parent))
    runpy.run_module("scheduler", run_name="__main__")

from .errors import AlgorithmError
from .model import ProblemError
from .registry import algorithm_names, get_algorithm
from .serialization import problem_from_json, schedule_to_json
from .stays import join_stays, split_stays

EXIT_NO_PLAN = 1
"""Nobody knows a plan."""
EXIT_BAD_INPUT = 2
"""What argparse ends with, too."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: What follows the command; that of the process by default.

    Returns:
        The exit code: 0 with a plan, 1 without one, 2 when the input is wrong.
    """
    parser = argparse.ArgumentParser(
        prog="optivgi-plan",
        description="Plan the charging of EVs: a problem as JSON in, the schedule as JSON out.",
    )
    parser.add_argument("problem", help="file with the problem as JSON, or - for standard input")
    parser.add_argument(
        "--algorithm", choices=algorithm_names(), default="optimal", help="how to plan it"
    )
    parser.add_argument(
        "--time-limit", type=float, default=10.0, metavar="SECONDS", help="for the algorithm"
    )
    options = parser.parse_args(arguments)
    try:
        text = (
            sys.stdin.read()
            if options.problem == "-"
            else Path(options.problem).read_text(encoding="utf-8")
        )
        problem = problem_from_json(text)
    except (OSError, UnicodeDecodeError, ProblemError) as err:
        print(f"{parser.prog}: {err}", file=sys.stderr)  # noqa: T201 - a command's own output
        return EXIT_BAD_INPUT
    try:
        algorithm = get_algorithm(options.algorithm)
        asked = split_stays(problem)
        schedule = join_stays(algorithm.solve(asked, time_limit_s=options.time_limit))
    except AlgorithmError as err:
        print(f"{parser.prog}: no plan: {err}", file=sys.stderr)  # noqa: T201
        return EXIT_NO_PLAN
    print(schedule_to_json(schedule, indent=2))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
