"""Adding the integration for the first time, in a house whose chargers are there already."""

from collections.abc import Generator
from pathlib import Path

from demo.browser import find_browser, open_page
from playwright.sync_api import Page, expect
import pytest
from tests.e2e.conftest import ARTIFACTS, _demo, _first_line
from tests.house import ENGLISH

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(600)]

STEPS = ENGLISH["config"]["step"]
_REMOVE = """async () => {
    const hass = document.querySelector('home-assistant').hass;
    const entries = await hass.callWS({type: 'config_entries/get', domain: 'optivgi'});
    for (const entry of entries) {
        await hass.callApi('DELETE', `config/config_entries/entry/${entry.entry_id}`);
    }
}"""
_STATES = """() => {
    const states = document.querySelector('home-assistant').hass.states;
    return Object.keys(states).filter(id => id.startsWith('select.') && id.endsWith('_mode')).length
}"""


@pytest.fixture
def newcomer(tmp_path: Path) -> Generator[tuple[Page, str]]:
    """A browser in a house without the integration."""
    if find_browser() is None:
        pytest.skip("no browser: no Chromium on the PATH (scripts/bootstrap --browser)")
    with _demo("--folder", str(tmp_path / "config"), "--port", "0") as process:
        url = _first_line(process)
        with open_page(url) as page:
            page.wait_for_function("document.querySelector('home-assistant')?.hass?.states")
            page.evaluate(_REMOVE)
            yield page, url


def test_house_is_set_up_with_one_field_and_three_clicks(newcomer: tuple[Page, str]) -> None:
    """From the link that adds the integration to four chargers that are driven."""
    page, url = newcomer
    page.goto(f"{url}/config/integrations/dashboard/add?domain=optivgi")
    page.get_by_role("button", name="OK").click()
    page.get_by_text(STEPS["user"]["menu_options"]["house"]).click()
    expect(page.get_by_text("Charger: Garage charger")).to_be_visible()
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTIFACTS / "whole_house.png")
    page.get_by_role("spinbutton", name=STEPS["house"]["data"]["fuse_a"]).fill("25")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("button", name="Skip and finish")).to_be_visible()
    page.wait_for_function(f"({_STATES})() === 4")
