"""The cards alone in a real browser, without Home Assistant: with data that no demo has."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
import json
from pathlib import Path
from typing import Any

from demo.browser import ARGUMENTS, find_browser
from playwright.sync_api import Locator, Page, Route, sync_playwright
import pytest
from tests.e2e.conftest import REPO

MODULES = REPO / "custom_components/optivgi/frontend"
TRANSLATIONS = REPO / "custom_components/optivgi/translations"
HOUSE = (Path(__file__).parent / "card_page.js").read_text()
URL = "http://cards.test"
WAIT_MS = 30_000


class CardPage:
    """A page with one card, and what Home Assistant is for it."""

    def __init__(self, page: Page) -> None:
        """Use a page of a browser."""
        self.page = page
        page.route(f"{URL}/**", self._serve)

    def open(
        self, *, language: str = "en", dark: bool = False, width: int = 900, **locale: str
    ) -> None:
        """Open the page of a user.

        Args:
            language: Theirs; right to left where that is written so.
            dark: Their theme.
            width: Of the window, in pixels.
            locale: What else they have set, as `number_format`.
        """
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.goto(URL)
        known = TRANSLATIONS / f"{language}.json"
        texts = known if known.exists() else TRANSLATIONS / "en.json"
        self.page.evaluate(
            "given => house(given)",
            {
                "language": language,
                "dark": dark,
                "texts": json.loads(texts.read_text("utf-8")),
                "locale": locale,
            },
        )

    def show(self, kind: str, message: Mapping[str, Any] | None = None, **config: Any) -> Locator:
        """Show a card, and send it a message once it asks for news."""
        self.page.evaluate("([kind, config]) => show(kind, config)", [kind, config])
        if message is not None:
            self.page.evaluate("message => send(message)", message)
        return self.page.locator(kind)

    def paint_ms(self, message: Mapping[str, Any], shown: str) -> float:
        """Return what it takes from a message until what it brings is painted.

        In processor time of the page: scripts, layout and paint, whatever else the machine does.

        Args:
            message: The news.
            shown: A selector within the card that is there then.
        """
        self.page.evaluate("message => { news = message; }", message)
        browser = self.page.context.new_cdp_session(self.page)
        browser.send("Performance.enable", {"timeDomain": "threadTicks"})

        def spent_s() -> float:
            metrics = browser.send("Performance.getMetrics")["metrics"]
            spent: dict[str, float] = {one["name"]: one["value"] for one in metrics}
            return spent["TaskDuration"]

        before = spent_s()
        self.page.evaluate("shown => paint(shown)", shown)
        taken = spent_s() - before
        browser.detach()
        return 1000 * taken

    @staticmethod
    def _serve(route: Route) -> None:
        name = route.request.url.removeprefix(f"{URL}/")
        if not name:
            first = next(MODULES.glob("card-*.js")).name
            body = f"<!doctype html><body><script>{HOUSE}</script>"
            body += f'<script type="module" src="/{first}"></script>'
            route.fulfill(body=body, content_type="text/html; charset=utf-8")
        elif (path := MODULES / name).is_file():
            route.fulfill(body=path.read_text("utf-8"), content_type="text/javascript")
        else:
            route.fulfill(status=404)


@contextmanager
def card_page() -> Generator[CardPage]:
    """Open a browser for the cards; skip the test where there is none."""
    path = find_browser()
    if path is None:
        pytest.skip("no browser: no Chromium on the PATH (scripts/bootstrap --browser)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS])
        try:
            page = browser.new_page(timezone_id="Europe/Amsterdam")
            page.set_default_timeout(WAIT_MS)
            yield CardPage(page)
        finally:
            browser.close()
