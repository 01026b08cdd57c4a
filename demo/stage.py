"""From an empty folder to a Home Assistant in which OptiVGI drives the simulated house."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
import time

from .client import Client, DemoError, wait_for
from .dashboard import add_dashboard
from .folder import HOST, prepare
from .process import home_assistant
from .site import plug_in, set_up_house, set_up_site

BOOT_S = 240
"""A slow machine with other work to do still gets there."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A running demo."""

    client: Client
    process: asyncio.subprocess.Process
    version: str
    boot_s: float


@asynccontextmanager
async def stage(
    folder: Path, port: int, say: Callable[[str], None], *, keep: bool = False
) -> AsyncGenerator[Stage]:
    """Boot, set everything up and plug the cars in; leaving ends Home Assistant."""
    fresh = prepare(folder, port, keep=keep)
    url = f"http://{HOST}:{port}"
    say(f"booting Home Assistant on {url}")
    started = time.monotonic()
    async with home_assistant(folder, port) as process, Client(url) as client:
        version = await _booted(client, process)
        boot_s = time.monotonic() - started
        say(f"Home Assistant {version} is up after {boot_s:.1f} s")
        if fresh:
            say("building the simulated house")
            await set_up_house(client)
            say("setting the site up through its forms")
            await set_up_site(client)
            await add_dashboard(client)
            say("plugging the cars in")
        await plug_in(client)
        yield Stage(client, process, version, boot_s)


async def _booted(client: Client, process: asyncio.subprocess.Process) -> str:
    """Wait until Home Assistant runs, log in, and return its version."""
    logged_in = False

    async def probe() -> str | None:
        nonlocal logged_in
        if process.returncode is not None:
            raise DemoError(f"Home Assistant ended with exit code {process.returncode}")
        if not await client.answers():
            return None
        if not logged_in:
            await client.log_in()
            logged_in = True
        config = await client.get("config")
        if config["recovery_mode"]:
            raise DemoError("Home Assistant came up in recovery mode")
        return config["version"] if config["state"] == "RUNNING" else None

    return await wait_for("Home Assistant to start", probe, BOOT_S)
