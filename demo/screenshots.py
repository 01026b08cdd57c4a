"""Pictures of the demo, for the documentation."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from .browser import open_page, settle, wait_until_logged_in
from .dashboard import URL_PATH
from .site import PLUGS
from .stage import Stage


async def take_screenshots(running: Stage, folder: Path, say: Callable[[str], None]) -> None:
    """Take pictures of the dashboard, a charger's device, the calendar and the integration."""
    url = running.client.url
    device_id = next(
        device["id"]
        for device in await running.client.call("config/device_registry/list")
        if device["name"] == PLUGS[0].name
    )
    pages = {
        "dashboard": f"{url}/{URL_PATH}/plan",
        "device": f"{url}/config/devices/device/{device_id}",
        "calendar": f"{url}/calendar",
        "integration": f"{url}/config/integrations/integration/optivgi",
    }
    await asyncio.to_thread(_take_all, url, pages, folder, say)


def _take_all(url: str, pages: dict[str, str], folder: Path, say: Callable[[str], None]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with open_page(url, width=1440, height=1340) as page:
        for name, address in pages.items():
            _take(page, address, folder / f"{name}.png")
            say(f"{folder / name}.png")


def _take(page: Page, address: str, path: Path) -> None:
    page.goto(address)
    wait_until_logged_in(page)
    settle(page, 5_000)
    page.screenshot(path=path)
