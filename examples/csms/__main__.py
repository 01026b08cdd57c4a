"""Starts the central system: ``CSMS_TOKEN=... python -m examples.csms site.toml``."""

import argparse
import asyncio
from contextlib import suppress
import os
from pathlib import Path
import signal
import sys

from aiohttp import web

from .api import Api
from .book import Book
from .configuration import Configuration, read_configuration
from .notifications import Notifications
from .planner import Planner
from .site import Site

BAD_INPUT = 2
"""What argparse ends with, too."""


async def run(configuration: Configuration, token: str, port: int, period_s: float) -> None:
    """Serve until the process is asked to end."""
    notifications = Notifications()
    site = Site(configuration, Book(configuration), notifications.notify)
    planner = Planner(site, notifications.notify, period_s)
    server = web.AppRunner(
        Api(site, planner, notifications, token).application(), access_log=None, shutdown_timeout=1
    )
    await server.setup()
    listener = web.TCPSite(server, "127.0.0.1", port)
    await listener.start()
    print(f"listening on http://127.0.0.1:{server.addresses[0][1]}", flush=True)
    planning = asyncio.create_task(planner.run())
    end = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, end.set)
    await end.wait()
    planning.cancel()
    with suppress(asyncio.CancelledError):
        await planning
    await server.cleanup()


def main() -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(prog="examples.csms", description=__doc__)
    parser.add_argument("site", type=Path, help="the site as TOML")
    parser.add_argument("--port", type=int, default=8180, help="0 for any that is free")
    parser.add_argument("--period", type=float, default=300, metavar="SECONDS", help="of plans")
    options = parser.parse_args()
    token = os.environ.get("CSMS_TOKEN", "")
    if not token:
        parser.error("the environment has no CSMS_TOKEN, which clients have to present")
    try:
        configuration = read_configuration(options.site)
    except (OSError, ValueError) as err:
        print(f"{parser.prog}: {err}", file=sys.stderr)
        return BAD_INPUT
    asyncio.run(run(configuration, token, options.port, options.period))
    return 0


if __name__ == "__main__":
    sys.exit(main())
