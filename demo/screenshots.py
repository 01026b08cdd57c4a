"""Pictures of the demo and of the forms that set it up, for the documentation."""

import asyncio
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Locator, Page

from .browser import open_page, settle, wait_until_logged_in
from .dashboard import URL_PATH
from .feature_pictures import show_features
from .newcomer import TEXTS, Newcomer, forget_site
from .site import CARS, PLUGS
from .stage import Stage

_COLOURS: Final = 64
_HIGHEST: Final = 2600
"""Of a form, in pixels."""
_ADDED: Final = ("battery", "circuit", "peak_tariff")
"""Parts of a site that its first forms do not ask for."""


async def take_screenshots(running: Stage, folder: Path, say: Callable[[str], None]) -> None:
    """Take pictures of the dashboard, its card, devices, the calendar, the integration, its forms.

    The site is set up again for its forms, so that the demo is another one after that.
    """
    url = running.client.url
    devices = {
        device["name"]: device["id"]
        for device in await running.client.call("config/device_registry/list")
        if any(domain == "optivgi" for domain, _ in device["identifiers"])
    }
    pages = {
        "dashboard": f"{url}/{URL_PATH}/plan",
        "device": f"{url}/config/devices/device/{devices[PLUGS[0].name]}",
        "vehicle-device": f"{url}/config/devices/device/{devices[CARS[0].name]}",
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
    with open_page(url, width=1220, height=1000) as page:
        _take_card(page, f"{url}/{URL_PATH}/plan", folder / "plan.png")
        say(f"{folder / 'plan'}.png")
    # So high that no form scrolls.
    with open_page(url, width=640, height=_HIGHEST) as page:
        _take_features(page, url, folder)
        say(f"the features in {folder}")
    with open_page(url, width=640, height=_HIGHEST) as page:
        _parts(page, url, folder)
        forget_site(page)
        _walk(page, url, folder)
        say(f"the forms in {folder}")


def _parts(page: Page, url: str, folder: Path) -> None:
    """Open the forms of what is added to a site later."""
    for kind in _ADDED:
        page.goto(f"{url}/config/integrations/integration/optivgi")
        texts = TEXTS["config_subentries"][kind]
        page.get_by_role("button", name=texts["initiate_flow"]["user"], exact=True).click()
        if (choices := texts["step"]["user"].get("menu_options")) is not None:
            page.get_by_text(choices["preset"]).click()
        page.get_by_role("button", name="Submit").wait_for()
        settle(page, 700)
        _save(page.get_by_role("dialog").last.screenshot(), folder / f"form-{kind}.png")
        page.keyboard.press("Escape")


def _walk(page: Page, url: str, folder: Path) -> None:
    """Go through the forms: to the page with all that was found, then step by step."""

    def look(name: str) -> None:
        settle(page, 700)
        _save(page.get_by_role("dialog").last.screenshot(), folder / f"form-{name}.png")

    Newcomer(page, url, look).propose()
    newcomer = Newcomer(page, url, look)
    newcomer.site_by_steps()
    newcomer.charger()
    newcomer.no_more("charger")
    newcomer.car("60", workdays=True)
    newcomer.no_more("vehicle")
    newcomer.plan()


def _take_features(page: Page, url: str, folder: Path) -> None:
    """Take a picture of the form of each feature."""

    def look(name: str, shown: Locator) -> None:
        _save(shown.screenshot(), folder / f"feature-{name}.png")

    show_features(page, url, look)


def _take(page: Page, address: str, path: Path) -> None:
    page.goto(address)
    wait_until_logged_in(page)
    settle(page, 5_000)
    _save(page.screenshot(), path)


def _take_card(page: Page, address: str, path: Path) -> None:
    """Take a picture of the plan card alone, with what can be set at its second lane."""
    page.goto(address)
    wait_until_logged_in(page)
    card = page.locator("optivgi-plan-card")
    card.locator("button.nm", has_text=CARS[1].name).click()
    settle(page, 5_000)
    _save(card.screenshot(), path)


def _save(picture: bytes, path: Path) -> None:
    """Write a picture with as few colours as it needs: a third of the size."""
    Image.open(BytesIO(picture)).quantize(_COLOURS).save(path, optimize=True)
