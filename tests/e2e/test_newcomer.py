"""Adding the integration for the first time, in a house whose chargers are there already.

What a person does is counted: clicks, and fields that are typed into.
"""

from collections.abc import Generator
from contextlib import contextmanager
import json
from pathlib import Path
import re
from typing import Any

from demo.browser import find_browser, open_page, settle
from demo.newcomer import TEXTS, Newcomer, disable_devices, forget_site, speak
from playwright.sync_api import Page, expect
import pytest
from tests.e2e.conftest import ARTIFACTS, REPO, _demo, _first_line
from texts.build import texts_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(600)]

_MODES = """() => {
    const states = document.querySelector('home-assistant').hass.states;
    return Object.keys(states).filter(id => id.startsWith('select.') && id.endsWith('_mode')).length
}"""


GERMAN = json.loads((REPO / "custom_components/optivgi/translations/de.json").read_text())
_NAMES = """() => {
    const {states, devices} = document.querySelector('home-assistant').hass;
    const own = Object.values(devices).flatMap(one => [one.name, one.name_by_user]);
    const named = Object.values(states).flatMap(one => {
        const name = one.attributes.friendly_name ?? '';
        // Where the device is clear, that is left out.
        return [name, ...own.filter(is => is && name.startsWith(is))
            .map(is => name.slice(is.length).trim())];
    });
    return [...own, ...named].filter(Boolean);
}"""
"""What entities and devices of the house are called."""
_READ = """() => {
    const read = [];
    const look = node => {
        if (node.nodeType === Node.TEXT_NODE) read.push(node.textContent.trim());
        if (node.shadowRoot) look(node.shadowRoot);
        node.childNodes.forEach(look);
    };
    look(document.body);
    return read.filter(Boolean);
}"""
"""All that stands on the page."""
_ENGLISH_NUMBER = re.compile(r"\d\.\d+ (?:to|bis|kW|EUR|%)")
_REASON = """() => {
    const {states, entities} = document.querySelector('home-assistant').hass;
    const status = Object.values(entities).find(
        one => one.platform === 'optivgi' && one.translation_key === 'status');
    const {reason_code, reason} = states[status.entity_id].attributes;
    return [reason_code, reason];
}"""


@contextmanager
def _house(tmp_path: Path, **browser: Any) -> Generator[tuple[Page, str]]:
    """Open a house of two chargers and two cars, without the integration, in a browser."""
    if find_browser() is None:
        pytest.skip("no browser: no Chromium on the PATH (scripts/bootstrap --browser)")
    ARTIFACTS.mkdir(exist_ok=True)
    with _demo("--folder", str(tmp_path / "config"), "--port", "0") as process:
        url = _first_line(process)
        with open_page(url, **browser) as page:
            forget_site(page)
            disable_devices(page, ("Driveway charger", "courtyard_charger", "Estate"))
            yield page, url


@pytest.fixture
def newcomer(tmp_path: Path) -> Generator[Newcomer]:
    """A person in that house."""
    with _house(tmp_path) as (page, url):
        yield Newcomer(page, url, lambda name: page.screenshot(path=ARTIFACTS / f"form_{name}.png"))


class Reader:
    """Somebody who reads German on a phone, keeps pictures, and notes what is wrong with a page."""

    def __init__(self, page: Page) -> None:
        """Know the texts, and what is called in English by whoever made the house."""
        self._page = page
        named = set(page.evaluate(_NAMES))
        pairs = zip(texts_of(TEXTS), texts_of(GERMAN), strict=True)
        self._english = {one for one, other in pairs if one != other and " " in one} - named
        self.faults: list[str] = []

    def look(self, name: str) -> None:
        """Look at a page."""
        settle(self._page, 800)
        self._page.screenshot(path=ARTIFACTS / f"german_{name}.png")
        read = self._page.evaluate(_READ)
        self.faults += [f"{name}: {text}" for text in sorted(self._english.intersection(read))]
        self.faults += [f"{name}: {text}" for text in read if _ENGLISH_NUMBER.search(text)]
        if not self._page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            self.faults.append(f"{name}: wider than the phone")


def test_house_is_set_up_in_german_on_a_phone(tmp_path: Path) -> None:
    """From an empty Home Assistant to the dashboard with the plan and its reasons."""
    with _house(tmp_path, width=390, height=844, language="de") as (page, url):
        speak(page, "de")
        reader = Reader(page)
        newcomer = Newcomer(page, url, reader.look, "de")
        reader.look("found")
        newcomer.site_by_steps()
        newcomer.charger()
        newcomer.no_more("charger")
        newcomer.car("60")
        newcomer.no_more("vehicle")
        newcomer.plan()
        reader.look("calendar")
        newcomer.dashboard("Autos laden")
        code, said = page.evaluate(_REASON)
        reader.look("plan")
        assert reader.faults == []
        # The reason is what German says for its code, and stands in the plan.
        text = re.escape(GERMAN["exceptions"][f"reason_{code}"]["message"])
        sentence = re.match(re.sub(r"\\{\w+\\}", ".+?", text), said)
        assert sentence is not None, said
        expect(page.locator("section.lane").get_by_text(sentence[0])).to_be_visible()


def _wait_for_chargers(page: Page, count: int) -> None:
    page.wait_for_function(f"({_MODES})() === {count}")


def test_house_is_set_up_with_one_page(newcomer: Newcomer) -> None:
    """From the link that adds the integration to two chargers and two cars."""
    newcomer.propose()
    newcomer.batteries({"City car": "36", "Van": "60"})
    newcomer.press("Skip and finish")
    _wait_for_chargers(newcomer.page, 2)
    assert newcomer.clicks <= 8
    assert newcomer.fields <= 3


@pytest.mark.parametrize(("each", "max_clicks", "max_fields"), [(1, 25, 8), (2, 36, 16)])
def test_house_is_set_up_step_by_step(
    newcomer: Newcomer, each: int, max_clicks: int, max_fields: int
) -> None:
    """From the link that adds the integration to the plan of so many chargers and cars."""
    newcomer.site_by_steps()
    for _ in range(each):
        newcomer.charger()
    newcomer.no_more("charger")
    for _ in range(each):
        newcomer.car("60", workdays=each == 1)
    newcomer.no_more("vehicle")
    newcomer.plan()
    _wait_for_chargers(newcomer.page, each)
    assert newcomer.clicks <= max_clicks
    assert newcomer.fields <= max_fields
