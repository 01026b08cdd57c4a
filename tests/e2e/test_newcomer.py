"""Adding the integration for the first time, in a house whose chargers are there already.

What a person does is counted: clicks, and fields that are typed into.
"""

from collections.abc import Generator
from pathlib import Path

from demo.browser import find_browser, open_page
from demo.newcomer import Newcomer, disable_devices, forget_site
from playwright.sync_api import Page
import pytest
from tests.e2e.conftest import ARTIFACTS, _demo, _first_line

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(600)]

_MODES = """() => {
    const states = document.querySelector('home-assistant').hass.states;
    return Object.keys(states).filter(id => id.startsWith('select.') && id.endsWith('_mode')).length
}"""


@pytest.fixture
def newcomer(tmp_path: Path) -> Generator[Newcomer]:
    """A person in a house of two chargers and two cars, without the integration."""
    if find_browser() is None:
        pytest.skip("no browser: no Chromium on the PATH (scripts/bootstrap --browser)")
    ARTIFACTS.mkdir(exist_ok=True)
    with _demo("--folder", str(tmp_path / "config"), "--port", "0") as process:
        url = _first_line(process)
        with open_page(url) as page:
            forget_site(page)
            disable_devices(page, ("Driveway charger", "courtyard_charger", "Estate"))
            yield Newcomer(
                page, url, lambda name: page.screenshot(path=ARTIFACTS / f"form_{name}.png")
            )


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
