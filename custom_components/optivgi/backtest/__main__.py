"""The command line: ``scripts/backtest FILE.csv`` says what past weeks would have cost."""

import argparse
import asyncio
from collections.abc import Sequence
from datetime import time
import json
from pathlib import Path
import sys
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..scheduler.runner import DEFAULT_ALGORITHMS
from . import files
from .backtest import Backtest, run
from .report import in_plain_types

_ALWAYS = "always"
EXIT_BAD_INPUT = 2
"""What argparse ends with, too."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="scripts/backtest",
        description=files.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--limit-kw", type=float, default=17.25, help="what the connection carries")
    parser.add_argument("--min-kw", type=float, default=4.14, help="the least that chargers give")
    parser.add_argument("--zone", type=ZoneInfo, default=ZoneInfo("Europe/Amsterdam"))
    parser.add_argument(
        "--departure", type=time.fromisoformat, help="HH:MM, each day; else when the cars left"
    )
    parser.add_argument(
        "--published",
        default="13:00",
        help=f"when prices of the next day are known, or {_ALWAYS}",
    )
    parser.add_argument("--start-cost", type=float, default=0.02)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parsed = parser.parse_args(arguments)
    try:
        published = parsed.published
        site = files.FileSite(
            limit_kw=parsed.limit_kw,
            min_kw=parsed.min_kw,
            zone=parsed.zone,
            departure=parsed.departure,
            published_at=None if published == _ALWAYS else time.fromisoformat(published),
            start_cost=parsed.start_cost,
        )
        past = files.read(parsed.file, site)
    except (OSError, ValueError, ZoneInfoNotFoundError) as err:
        sys.stderr.write(f"{err}\n")
        return EXIT_BAD_INPUT
    backtest = asyncio.run(run(past, DEFAULT_ALGORITHMS, _progress))
    text = json.dumps(in_plain_types(backtest), indent=2) if parsed.json else _table(backtest)
    sys.stdout.write(f"{text}\n")
    return 0


def _progress(part: float) -> None:
    sys.stderr.write(f"\r{part:4.0%}" + "\n" * (part >= 1))


def _table(backtest: Backtest) -> str:
    bills = {
        "as it was": backtest.as_it_was,
        "at plug-in": backtest.at_plug_in,
        "planned": backtest.planned,
        "foresight": backtest.foresight,
    }
    lines = [f"{backtest.stays} stays, {backtest.plans} plans", f"{'':12}" + _HEAD]
    for name, one in bills.items():
        figures = one.total
        lines.append(
            f"{name:12}{figures.kwh:10.1f}{figures.cost:10.2f}{figures.starts:8}"
            f"{figures.highest_kw:10.1f}{figures.not_ready:11}"
        )
    lines += ["", f"{'cost, week of':14}" + "".join(f"{name:>12}" for name in bills)]
    for week in backtest.as_it_was.weeks:
        costs = "".join(f"{one.weeks[week].cost:12.2f}" for one in bills.values())
        lines.append(f"{week:14}{costs}")
    if backtest.unknown:
        lines += ["", f"not known: {', '.join(sorted(backtest.unknown))}"]
    return "\n".join(lines)


_HEAD = f"{'kWh':>10}{'cost':>10}{'starts':>8}{'max kW':>10}{'not ready':>11}"
"""Of the table, beside the names."""


if __name__ == "__main__":
    sys.exit(main())
