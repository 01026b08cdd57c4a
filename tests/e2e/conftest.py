"""A real Home Assistant with the simulated house, for the tests of the whole."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
import select
import signal
import subprocess
import sys
import time

from demo.browser import find_browser, open_page
from playwright.sync_api import Page
import pytest

REPO = Path(__file__).resolve().parents[2]
ARTIFACTS = REPO / ".artifacts"
START_S = 300
STOP_S = 60


@pytest.fixture(autouse=True)
def _custom_integrations() -> None:
    """Home Assistant runs in a process of its own here."""


@pytest.fixture(autouse=True)
def verify_cleanup() -> None:
    """The browser's driver leaves a thread of its own behind, and nothing of Home Assistant's."""


@pytest.fixture(scope="session")
def demo_url(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """The address of a demo that runs until the tests are done."""
    if find_browser() is None:
        pytest.skip("no browser: no Chromium on the PATH (scripts/bootstrap --browser)")
    folder = tmp_path_factory.mktemp("demo")
    with _demo("--folder", str(folder / "config"), "--port", "0") as process:
        yield _first_line(process)


@pytest.fixture
def page(demo_url: str, request: pytest.FixtureRequest) -> Generator[Page]:
    """A browser that is logged in; its last look is kept as a picture."""
    with open_page(demo_url) as page:
        yield page
        ARTIFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTIFACTS / f"{request.node.name}.png")


@contextmanager
def _demo(*arguments: str) -> Generator[subprocess.Popen[str]]:
    """Run the demo and end it in good order."""
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "demo", *arguments],
        cwd=REPO,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_S)
        finally:
            process.kill()
            process.wait()


def _first_line(process: subprocess.Popen[str]) -> str:
    """Wait for the address, which is all that the demo prints on stdout."""
    assert process.stdout is not None
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        if select.select([process.stdout], [], [], 1)[0]:
            line = process.stdout.readline().strip()
            if line:
                return line
    pytest.fail("The demo did not start; its progress is in the captured stderr")
