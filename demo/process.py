"""The process of the demo's Home Assistant, from its start to its certain end."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
import ctypes
import os
from pathlib import Path
import signal
import socket
import sys

from .folder import HOST, LOG_NAME

STOP_S = 25
"""Home Assistant gets this long to write its files and go."""
TAIL_LINES = 40
PR_SET_PDEATHSIG = 1
PORTS = 100


def free_port(first: int) -> int:
    """The first free port from this one on; any, when it is 0."""
    for port in range(first, first + PORTS if first else 1):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
            free: int = probe.getsockname()[1]
            return free
    raise OSError(f"No port from {first} on is free on {HOST}")


def log_tail(folder: Path) -> str:
    """The end of what Home Assistant had to say."""
    path = folder / LOG_NAME
    lines = path.read_text(errors="replace").splitlines() if path.exists() else []
    return "\n".join(lines[-TAIL_LINES:])


@asynccontextmanager
async def home_assistant(folder: Path, port: int) -> AsyncGenerator[asyncio.subprocess.Process]:
    """Run Home Assistant on this folder; leaving ends it and all it has started."""
    with (folder / LOG_NAME).open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "homeassistant",
            "--config",
            str(folder),
            "--skip-pip",
            "--log-no-color",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Elsewhere a custom_components package on the path would hide the folder's own.
            cwd=folder,
            env=os.environ | {"SETUP_PORT": str(port), "PYTHONPATH": ""},
            # A group of its own, so that Ctrl-C reaches the launcher alone, which ends it in order.
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
    try:
        yield process
    finally:
        await asyncio.shield(_end(process))


def _end_with_parent() -> None:
    """Have Linux end Home Assistant also when the launcher is killed outright."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ask Home Assistant to stop, then make sure of it."""
    try:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), STOP_S)
    finally:
        # Whatever is left in its group, also when Home Assistant itself has gone already.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
