"""The demo: `python -m demo` boots a real Home Assistant with OptiVGI in a simulated house."""

import argparse
import asyncio
import json
import os
from pathlib import Path
import shutil
import signal
import sys
import tempfile
from typing import Any

from .client import DemoError
from .folder import REPO
from .process import free_port, log_tail
from .report import report
from .stage import stage

DEMOS = REPO / ".demo"
PORT = 8123


def say(text: str) -> None:
    """Report the progress, on stderr."""
    print(f"[demo] {text}", file=sys.stderr, flush=True)


def main() -> int:
    """Run the demo and return the exit code."""
    options = _arguments().parse_args()
    DEMOS.mkdir(exist_ok=True)
    # A run that only reports must not wipe the folder of a demo that someone looks at.
    passing = options.once and options.folder is None
    folder = options.folder or DEMOS / "home"
    if passing:
        folder = Path(tempfile.mkdtemp(prefix="once-", dir=DEMOS))
    try:
        code = asyncio.run(_run(options, folder.resolve()))
    except OSError as error:
        say(f"FAILED: {error}")
        return 1
    except DemoError as error:
        say(f"FAILED: {error}")
        if tail := log_tail(folder):
            print(f"--- the end of {folder}'s log\n{tail}", file=sys.stderr)
        return 1
    except KeyboardInterrupt, asyncio.CancelledError:
        say("ended")
        code = 130 if options.once else 0
    if passing:
        shutil.rmtree(folder, ignore_errors=True)
    return code


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument(
        "--once", action="store_true", help="drive three cars by plan, report, and end"
    )
    parser.add_argument("--json", action="store_true", help="report as one JSON object")
    parser.add_argument(
        "--peak-tariff", action="store_true", help="the highest power of the month has a price"
    )
    parser.add_argument("--keep", action="store_true", help="go on with the last demo's folder")
    parser.add_argument("--folder", type=Path, help="configuration folder of Home Assistant")
    parser.add_argument(
        "--port",
        type=int,
        default=os.environ.get("SETUP_PORT") or None,
        help="to serve on, or the next free one; 0 for any, which --once takes by itself",
    )
    parser.add_argument("--screenshots", type=Path, metavar="FOLDER", help="take pictures there")
    return parser


async def _run(options: argparse.Namespace, folder: Path) -> int:
    """Put the demo on stage, then report or stay."""
    task = asyncio.current_task()
    if task is not None:
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(name, task.cancel)
    port = options.port
    if port is None:
        port = 0 if options.once else PORT
    async with stage(
        folder, free_port(port), say, keep=options.keep, peak_tariff=options.peak_tariff
    ) as running:
        if options.once or options.screenshots:
            say("waiting until the chargers follow the plan")
            _show(await report(running), as_json=options.json)
        if options.screenshots:
            from .screenshots import take_screenshots  # noqa: PLC0415 - the browser is optional

            await take_screenshots(running, options.screenshots, say)
        if not options.once and not options.screenshots:
            print(running.client.url, flush=True)
            say("open that address in a browser; Ctrl-C ends the demo")
            code = await running.process.wait()
            raise DemoError(f"Home Assistant ended with exit code {code}")
    return 0


def _show(result: dict[str, Any], *, as_json: bool) -> None:
    """Print what the plan has come to."""
    if as_json:
        print(json.dumps(result), flush=True)
        return
    for charger in result["chargers"]:
        print(f"{charger['name']}: {charger['status']}. {charger['reason']}")


if __name__ == "__main__":
    sys.exit(main())
