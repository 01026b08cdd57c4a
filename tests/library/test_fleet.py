"""Many sites: planned alike in one process, in a pool, and by Dask when a worker dies."""

import asyncio
from collections.abc import AsyncGenerator
import json
import os
from pathlib import Path
import signal
import socket
import sys
from typing import Any

import pytest

from .empty_venv import ROOT

SITES = 40
"""So many that a worker can be ended long before they are planned."""
FEW = 8


class Programs:
    """Programs of this machine that are ended with the test."""

    def __init__(self, folder: Path) -> None:
        """Begin none."""
        self.running: list[asyncio.subprocess.Process] = []
        self._folder = folder

    async def start(self, *module: str) -> asyncio.subprocess.Process:
        """Start a module of this Python; what it logs goes to a file."""
        log = (self._folder / f"log {len(self.running)}").open("w")
        with log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", *module),
                cwd=ROOT,
                env=os.environ | {"PYTHONPATH": str(ROOT)},
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        self.running.append(process)
        return process

    async def fleet(self, sites: int, *options: str) -> AsyncGenerator[dict[str, Any]]:
        """Yield the sites as they are planned."""
        amount = ("--sites", str(sites), "--cars", "20")
        process = await self.start("examples.fleet", *amount, *options)
        assert process.stdout is not None
        async for line in process.stdout:
            yield json.loads(line)
        assert await process.wait() == 0

    async def stop(self) -> None:
        """End them all."""
        for process in reversed(self.running):
            if process.returncode is None:
                process.kill()
            await process.wait()


@pytest.fixture
async def programs(socket_enabled: None, tmp_path: Path) -> AsyncGenerator[Programs]:
    """Programs that end with the test."""
    found = Programs(tmp_path)
    yield found
    await found.stop()


def costs(planned: list[dict[str, Any]]) -> dict[str, float]:
    """Return what each site's plan costs."""
    return {line["site"]: line["cost"] for line in planned}


async def test_a_pool_plans_as_one_process_does(programs: Programs) -> None:
    alone = [line async for line in programs.fleet(FEW)]
    pool = [line async for line in programs.fleet(FEW, "--processes", "2")]
    assert len(alone) == FEW
    assert {line["status"] for line in alone} <= {"optimal", "feasible"}
    assert costs(pool) == costs(alone)
    assert len({line["planner"] for line in alone}) == 1
    assert len({line["planner"] for line in pool}) == 2


async def test_the_sites_of_a_worker_that_dies_are_planned_by_the_other(
    programs: Programs,
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    await programs.start("distributed.cli.dask_scheduler", "--host", address, "--no-dashboard")
    one, two = [
        await programs.start(
            "distributed.cli.dask_worker",
            address,
            "--no-nanny",
            "--nthreads",
            "1",
            "--no-dashboard",
        )
        for _ in range(2)
    ]
    planned = []
    killed_after = None
    async for line in programs.fleet(SITES, "--dask", address):
        planned.append(line)
        if killed_after is None and {one.pid, two.pid} <= {line["planner"] for line in planned}:
            os.kill(one.pid, signal.SIGKILL)
            killed_after = len(planned)
    assert killed_after is not None
    assert killed_after < SITES / 2
    assert len(planned) == SITES
    assert {line["error"] for line in planned} == {""}
    assert {line["planner"] for line in planned[SITES // 2 :]} == {two.pid}
