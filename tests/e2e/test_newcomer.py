"""Adding the integration for the first time, in a house whose chargers are there already.

What a person does is counted: clicks, and fields that are typed into.
"""

from collections.abc import Generator
from pathlib import Path

from demo.browser import find_browser, open_page
from playwright.sync_api import Locator, Page, expect
import pytest
from tests.e2e.conftest import ARTIFACTS, _demo, _first_line
from tests.house import ENGLISH

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(600)]

# A machine may have other work to do.
expect.set_options(timeout=30_000)

STEPS = ENGLISH["config"]["step"]
GUIDE = ENGLISH["config_subentries"]["charger"]["step"]
CHOICES = ENGLISH["selector"]
_REMOVE = """async () => {
    const hass = document.querySelector('home-assistant').hass;
    const entries = await hass.callWS({type: 'config_entries/get', domain: 'optivgi'});
    for (const entry of entries) {
        await hass.callApi('DELETE', `config/config_entries/entry/${entry.entry_id}`);
    }
}"""
# Leaves a house of two chargers and two cars.
_DISABLE = """async (names) => {
    const hass = document.querySelector('home-assistant').hass;
    for (const device of Object.values(hass.devices)) {
        // Those of the site that was removed are on their way out.
        const ours = device.identifiers.some(([domain]) => domain === 'optivgi');
        if (names.includes(device.name) && !ours) {
            await hass.callWS({
                type: 'config/device_registry/update',
                device_id: device.id,
                disabled_by: 'user',
            });
        }
    }
}"""
_MODES = """() => {
    const states = document.querySelector('home-assistant').hass.states;
    return Object.keys(states).filter(id => id.startsWith('select.') && id.endsWith('_mode')).length
}"""


class Newcomer:
    """A person at the browser, whose effort is counted."""

    def __init__(self, page: Page, url: str) -> None:
        """Begin at the link that adds the integration."""
        self.page, self.url = page, url
        self.clicks = self.fields = 0
        page.goto(f"{url}/config/integrations/dashboard/add?domain=optivgi")
        self.press("OK")

    def click(self, target: Locator) -> None:
        """Click."""
        target.click()
        self.clicks += 1

    def press(self, button: str) -> None:
        """Press a button of the dialog."""
        self.click(self.page.get_by_role("button", name=button, exact=True))

    def type(self, role: str, label: str, value: str) -> None:
        """Type into a field."""
        self.page.get_by_role(role, name=label).fill(value)  # type: ignore[arg-type]
        self.fields += 1

    def sees(self, text: str) -> None:
        """Wait for a text."""
        expect(self.page.get_by_text(text).first).to_be_visible()

    def looks(self, name: str) -> None:
        """Keep a picture."""
        ARTIFACTS.mkdir(exist_ok=True)
        self.page.screenshot(path=ARTIFACTS / f"{name}.png")

    def site_by_steps(self) -> None:
        """Set the site up: its fuse, the meter and the prices that were found."""
        self.click(self.page.get_by_text(STEPS["user"]["menu_options"]["site"]))
        self.sees(STEPS["site"]["title"])
        self.type("spinbutton", STEPS["site"]["data"]["fuse_a"], "25")
        self.looks("form_site")
        self.press("Next")
        self.sees(STEPS["price_entity"]["title"])
        self.looks("form_price")
        self.press("Next")
        self.sees(STEPS["prices_known"]["title"])
        self.looks("form_prices_read")
        self.press("Next")

    def charger(self) -> None:
        """Take the charger that is proposed next, as it was found."""
        self.sees(GUIDE["charger"]["title"])
        self.looks("form_next_charger")
        self.press("Next")
        self.sees(GUIDE["entities"]["title"])
        self.looks("form_charger")
        self.press("Next")

    def car(self, capacity_kwh: str) -> None:
        """Take the car that is proposed next; its battery is not known."""
        self.sees(GUIDE["vehicle"]["title"])
        self.looks("form_next_vehicle")
        self.press("Next")
        self.sees(GUIDE["vehicle_entities"]["title"])
        self.type("spinbutton", GUIDE["vehicle_entities"]["data"]["battery_kwh"], capacity_kwh)
        self.looks("form_vehicle")
        self.press("Next")

    def no_more(self, kind: str) -> None:
        """Go on to what comes next."""
        self.sees(GUIDE[kind]["title"])
        self.click(self.page.get_by_text(CHOICES[f"next_{kind}"]["options"]["none"]))
        self.press("Next")

    def plan(self) -> None:
        """Follow the link to the plan."""
        self.click(self.page.get_by_role("link", name="Your plan"))
        self.page.wait_for_url("**/calendar")


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


def _wait_for_chargers(page: Page, count: int) -> None:
    page.wait_for_function(f"({_MODES})() === {count}")


def test_house_is_set_up_with_one_page(newcomer: tuple[Page, str]) -> None:
    """From the link that adds the integration to two chargers and two cars."""
    page, url = newcomer
    page.evaluate(_DISABLE, ["Driveway charger", "courtyard_charger", "Estate"])
    person = Newcomer(page, url)
    person.click(page.get_by_text(STEPS["user"]["menu_options"]["house"]))
    person.sees("Charger: Garage charger")
    person.looks("whole_house")
    person.type("spinbutton", STEPS["house"]["data"]["fuse_a"], "25")
    person.press("Submit")
    for car, capacity_kwh, button in (("City car", "36", "Next"), ("Van", "60", "Submit")):
        person.sees(STEPS["car"]["title"].format(car=car))
        person.type("spinbutton", STEPS["car"]["data"]["battery_kwh"], capacity_kwh)
        person.press(button)
    person.press("Skip and finish")
    _wait_for_chargers(page, 2)
    assert person.clicks <= 8
    assert person.fields <= 3


@pytest.mark.parametrize(("each", "max_clicks", "max_fields"), [(1, 25, 8), (2, 36, 16)])
def test_house_is_set_up_step_by_step(
    newcomer: tuple[Page, str], each: int, max_clicks: int, max_fields: int
) -> None:
    """From the link that adds the integration to the plan of so many chargers and cars."""
    page, url = newcomer
    person = Newcomer(page, url)
    person.site_by_steps()
    for _ in range(each):
        person.charger()
    person.no_more("charger")
    for _ in range(each):
        person.car("60")
    person.no_more("vehicle")
    person.sees("Your plan")
    person.looks("set_up")
    person.plan()
    _wait_for_chargers(page, each)
    assert person.clicks <= max_clicks
    assert person.fields <= max_fields
