"""A person who adds the integration for the first time, at the browser, with the effort counted."""

from collections.abc import Callable, Iterable
import json
from typing import Any, Final

from playwright.sync_api import Locator, Page, expect

from .folder import REPO

type Look = Callable[[str], None]
"""Keeps what a page of this name looks like."""

TEXTS: Final[dict[str, Any]] = json.loads(
    (REPO / "custom_components/optivgi/translations/en.json").read_text()
)
STEPS: Final[dict[str, Any]] = TEXTS["config"]["step"]
GUIDE: Final[dict[str, Any]] = TEXTS["config_subentries"]["charger"]["step"]
WAIT_MS: Final = 30_000
"""A machine may have other work to do."""
_REMOVE: Final = """async () => {
    const hass = document.querySelector('home-assistant').hass;
    const entries = await hass.callWS({type: 'config_entries/get', domain: 'optivgi'});
    for (const entry of entries) {
        await hass.callApi('DELETE', `config/config_entries/entry/${entry.entry_id}`);
    }
}"""
_DISABLE: Final = """async (names) => {
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


def forget_site(page: Page) -> None:
    """Leave the house without the integration."""
    page.evaluate(_REMOVE)


def disable_devices(page: Page, names: Iterable[str]) -> None:
    """Leave the house without some of its devices."""
    page.evaluate(_DISABLE, list(names))


class Newcomer:
    """Goes through the forms, and counts clicks and the fields that are typed into."""

    def __init__(self, page: Page, url: str, look: Look) -> None:
        """Begin at the link that adds the integration."""
        self.page, self.look = page, look
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

    def enter(self, label: str, number: str) -> None:
        """Type a number into a field."""
        self.page.get_by_role("spinbutton", name=label).fill(number)
        self.fields += 1

    def sees(self, text: str) -> None:
        """Wait for a text."""
        expect(self.page.get_by_text(text).first).to_be_visible(timeout=WAIT_MS)

    def propose(self) -> None:
        """Go to the page with all that was found, and enter the fuse."""
        self.sees(STEPS["user"]["title"])
        self.look("found")
        self.click(self.page.get_by_text(STEPS["user"]["menu_options"]["house"]))
        self.enter(STEPS["house"]["data"]["fuse_a"], "25")
        self.look("house")
        self.press("Submit")

    def batteries(self, capacities_kwh: dict[str, str]) -> None:
        """Say how much the batteries of cars hold that do not say so."""
        *others, last = capacities_kwh
        for car in (*others, last):
            self.sees(STEPS["car"]["title"].format(car=car))
            self.enter(STEPS["car"]["data"]["battery_kwh"], capacities_kwh[car])
            self.press("Submit" if car == last else "Next")

    def site_by_steps(self) -> None:
        """Set the site up: its fuse, the meter and the prices that were found."""
        self.click(self.page.get_by_text(STEPS["user"]["menu_options"]["site"]))
        self.sees(STEPS["site"]["title"])
        self.enter(STEPS["site"]["data"]["fuse_a"], "25")
        self.look("site")
        self.press("Next")
        self.sees(STEPS["price_entity"]["title"])
        self.look("price")
        self.press("Next")
        self.sees(STEPS["prices_known"]["title"])
        self.look("prices-read")
        self.press("Next")

    def charger(self) -> None:
        """Take the charger that is proposed next, as it was found."""
        self.sees(GUIDE["charger"]["title"])
        self.look("next-charger")
        self.press("Next")
        self.sees(GUIDE["entities"]["title"])
        self.look("charger")
        self.press("Next")

    def car(self, capacity_kwh: str, *, workdays: bool = False) -> None:
        """Take the car that is proposed next; its battery is not known.

        Args:
            capacity_kwh: How much its battery holds.
            workdays: It leaves on workdays only, at the time that is proposed.
        """
        self.sees(GUIDE["vehicle"]["title"])
        self.look("next-vehicle")
        self.press("Next")
        self.sees(GUIDE["vehicle_entities"]["title"])
        self.enter(GUIDE["vehicle_entities"]["data"]["battery_kwh"], capacity_kwh)
        if workdays:
            self.work_week()
        self.look("vehicle")
        self.press("Next")

    def work_week(self) -> None:
        """Add the workdays to the departures of the week, as a new row proposes them."""
        departures = GUIDE["vehicle_entities"]["sections"]["departures"]
        self.click(self.page.get_by_text(departures["name"]))
        self.press("Add")
        chosen = self.page.get_by_role("button", name="Workdays", exact=True)
        expect(chosen.first).to_be_visible(timeout=WAIT_MS)
        # Of the row, which is in front of the table.
        self.click(self.page.get_by_role("button", name="Add", exact=True).last)
        self.sees("07:00:00")

    def no_more(self, kind: str) -> None:
        """Go on to what comes next."""
        self.sees(GUIDE[kind]["title"])
        none = TEXTS["selector"][f"next_{kind}"]["options"]["none"]
        self.click(self.page.get_by_text(none))
        self.press("Next")

    def plan(self) -> None:
        """Let the chargers be driven at once, and follow the link to the plan."""
        self.sees(GUIDE["begin"]["title"])
        self.look("begin")
        self.press("Submit")
        self.sees("Your plan")
        self.look("set-up")
        self.click(self.page.get_by_role("link", name="Your plan"))
        self.page.wait_for_url("**/calendar")
