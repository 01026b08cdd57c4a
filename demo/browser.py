"""A headless Chromium, found on this machine, that is logged in to the demo."""

from collections.abc import Generator
from contextlib import contextmanager
import shutil

from playwright.sync_api import Page, sync_playwright

from .folder import TIME_ZONE

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
READY_MS = 60_000


def find_browser() -> str | None:
    """The browser's path, None when there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def open_page(
    url: str, *, width: int = 1280, height: int = 900, language: str = "en"
) -> Generator[Page]:
    """Open the demo's start page in a browser of some language and wait until it is logged in.

    Raises:
        FileNotFoundError: There is no browser.
    """
    path = find_browser()
    if path is None:
        raise FileNotFoundError("There is no browser: no Chromium on the PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS])
        try:
            # Dates that can be set are shown by the browser's clock, all others by the house's.
            page = browser.new_page(
                viewport={"width": width, "height": height},
                timezone_id=TIME_ZONE,
                locale=language,
            )
            page.set_default_timeout(READY_MS)
            page.goto(url)
            wait_until_logged_in(page)
            yield page
        finally:
            browser.close()


def wait_until_logged_in(page: Page) -> None:
    """Wait until the frontend has its states."""
    page.wait_for_function("document.querySelector('home-assistant')?.hass?.states")


def settle(page: Page, milliseconds: int = 3_000) -> None:
    """Let cards load and animations end before a picture is taken."""
    page.wait_for_timeout(milliseconds)
