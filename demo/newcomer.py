"""A person who adds the integration for the first time, at the browser, with the effort counted."""

from collections.abc import Callable, Iterable, Iterator, Mapping
import json
from pathlib import Path
import re
from typing import Any, Final

import hass_frontend
from playwright.sync_api import Locator, Page, expect

from .browser import wait_until_logged_in
from .folder import REPO

type Look = Callable[[str], None]
"""Keeps what a page of this name looks like."""

_TRANSLATIONS: Final = REPO / "custom_components/optivgi/translations"
TEXTS: Final[dict[str, Any]] = json.loads((_TRANSLATIONS / "en.json").read_text())
_FLOW: Final = "ui.panel.config.integrations.config_flow"
_BUTTONS: Final[Mapping[str, str]] = {
    "OK": "ui.common.ok",
    "Add": "ui.common.add",
    "Next": f"{_FLOW}.next",
    "Submit": f"{_FLOW}.submit",
    "Skip and finish": f"{_FLOW}.finish_skip",
}
"""Where buttons of Home Assistant's frontend stand in its translations, by their English texts."""
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


_SPEAK: Final = """async (language) => {
    const hass = document.querySelector('home-assistant').hass;
    await hass.callWS({type: 'config/core/update', language});
    const value = {language, number_format: 'language', time_format: 'language'};
    await hass.callWS({type: 'frontend/set_user_data', key: 'language', value});
}"""
_DASHBOARD: Final = """(title) => Object.values(
    document.querySelector('home-assistant').hass.panels
).find(panel => panel.title === title)?.url_path"""
_DASHBOARDS: Final = "ui.panel.config.lovelace.dashboards"


def speak(page: Page, language: str) -> None:
    """Have Home Assistant and its user speak a language."""
    page.evaluate(_SPEAK, language)
    page.reload()
    wait_until_logged_in(page)


def forget_site(page: Page) -> None:
    """Leave the house without the integration."""
    page.evaluate(_REMOVE)


def disable_devices(page: Page, names: Iterable[str]) -> None:
    """Leave the house without some of its devices."""
    page.evaluate(_DISABLE, list(names))


def frontend_texts(language: str) -> dict[str, str]:
    """Return the texts of Home Assistant's frontend by their keys, parts joined by dots."""
    folder = Path(str(hass_frontend.where())) / "static" / "translations"
    # What follows is a hash; en-GB is another language.
    named = re.compile(rf"{language}-[0-9a-f]{{32}}\.json")
    return {
        key: text
        for path in folder.rglob("*.json")
        if named.fullmatch(path.name)
        for key, text in _leaves(json.loads(path.read_text()))
    }


def _leaves(node: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for key, value in node.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


class Newcomer:
    """Goes through the forms, and counts clicks and the fields that are typed into."""

    def __init__(self, page: Page, url: str, look: Look, language: str = "en") -> None:
        """Begin at the link that adds the integration, in the language of the browser."""
        self.page, self.url, self.look = page, url, look
        self.texts: dict[str, Any] = json.loads((_TRANSLATIONS / f"{language}.json").read_text())
        self.frontend = frontend_texts(language)
        self._steps = self.texts["config"]["step"]
        self._guide = self.texts["config_subentries"]["charger"]["step"]
        self.clicks = self.fields = 0
        page.goto(f"{url}/config/integrations/dashboard/add?domain=optivgi")
        self.press("OK")

    def click(self, target: Locator) -> None:
        """Click."""
        target.click()
        self.clicks += 1

    def press(self, button: str) -> None:
        """Press a button of the dialog, by its English text."""
        self.click(self._button(button))

    def _button(self, button: str) -> Locator:
        name = self.frontend[_BUTTONS[button]]
        return self.page.get_by_role("button", name=name, exact=True)

    def enter(self, label: str, number: str) -> None:
        """Type a number into a field."""
        self.page.get_by_role("spinbutton", name=label).fill(number)
        self.fields += 1

    def sees(self, text: str) -> None:
        """Wait for a text."""
        expect(self.page.get_by_text(text).first).to_be_visible(timeout=WAIT_MS)

    def propose(self) -> None:
        """Go to the page with all that was found, and enter the fuse."""
        self.sees(self._steps["user"]["title"])
        self.look("found")
        self.click(self.page.get_by_text(self._steps["user"]["menu_options"]["house"]))
        self.enter(self._steps["house"]["data"]["fuse_a"], "25")
        self.look("house")
        self.press("Submit")

    def batteries(self, capacities_kwh: dict[str, str]) -> None:
        """Say how much the batteries of cars hold that do not say so."""
        *others, last = capacities_kwh
        for car in (*others, last):
            self.sees(self._steps["car"]["title"].format(car=car))
            self.enter(self._steps["car"]["data"]["battery_kwh"], capacities_kwh[car])
            self.press("Submit" if car == last else "Next")

    def site_by_steps(self) -> None:
        """Set the site up: its fuse, the meter and the prices that were found."""
        self.click(self.page.get_by_text(self._steps["user"]["menu_options"]["site"]))
        self.sees(self._steps["site"]["title"])
        self.enter(self._steps["site"]["data"]["fuse_a"], "25")
        self.look("site")
        self.press("Next")
        self.sees(self._steps["price_entity"]["title"])
        self.look("price")
        self.press("Next")
        self.sees(self._steps["prices_known"]["title"])
        self.look("prices-read")
        self.press("Next")

    def charger(self) -> None:
        """Take the charger that is proposed next, as it was found."""
        self.sees(self._guide["charger"]["title"])
        self.look("next-charger")
        self.press("Next")
        self.sees(self._guide["entities"]["title"])
        self.look("charger")
        self.press("Next")

    def car(self, capacity_kwh: str, *, workdays: bool = False) -> None:
        """Take the car that is proposed next; its battery is not known.

        Args:
            capacity_kwh: How much its battery holds.
            workdays: It leaves on workdays only, at the time that is proposed.
        """
        self.sees(self._guide["vehicle"]["title"])
        self.look("next-vehicle")
        self.press("Next")
        self.sees(self._guide["vehicle_entities"]["title"])
        self.enter(self._guide["vehicle_entities"]["data"]["battery_kwh"], capacity_kwh)
        if workdays:
            self.work_week()
        self.look("vehicle")
        self.press("Next")

    def work_week(self) -> None:
        """Add the workdays to the departures of the week, as a new row proposes them."""
        departures = self._guide["vehicle_entities"]["sections"]["departures"]
        self.click(self.page.get_by_text(departures["name"]))
        self.press("Add")
        workdays = self.texts["selector"]["weekdays"]["options"]["workdays"]
        chosen = self.page.get_by_role("button", name=workdays, exact=True)
        expect(chosen.first).to_be_visible(timeout=WAIT_MS)
        # Of the row, which is in front of the table.
        self.click(self._button("Add").last)
        self.sees("07:00:00")

    def no_more(self, kind: str) -> None:
        """Go on to what comes next."""
        self.sees(self._guide[kind]["title"])
        none = self.texts["selector"][f"next_{kind}"]["options"]["none"]
        self.click(self.page.get_by_text(none))
        self.press("Next")

    def plan(self) -> None:
        """Let the chargers be driven at once, and follow the link to the plan."""
        self.sees(self._guide["begin"]["title"])
        self.look("begin")
        self.press("Submit")
        done = self.texts["config"]["create_entry"]["default"]
        (link,) = re.findall(r"\[(.+?)\]", done)
        self.sees(link)
        self.look("set-up")
        self.click(self.page.get_by_role("link", name=link))
        self.page.wait_for_url("**/calendar")

    def dashboard(self, title: str) -> None:
        """Add the dashboard that is offered, and open it."""
        self.page.goto(f"{self.url}/config/lovelace/dashboards")
        add = self.frontend[f"{_DASHBOARDS}.picker.add_dashboard"]
        self.click(self.page.get_by_role("button", name=add))
        self.click(self.page.locator("dashboard-card", has_text="OptiVGI"))
        name = self.frontend[f"{_DASHBOARDS}.detail.title"]
        self.page.get_by_role("textbox", name=name).fill(title)
        self.fields += 1
        self.look("dashboard")
        create = self.frontend[f"{_DASHBOARDS}.detail.create"]
        self.click(self.page.get_by_role("button", name=create))
        path = self.page.wait_for_function(_DASHBOARD, arg=title).json_value()
        self.page.goto(f"{self.url}/{path}")
        card = self.page.locator("optivgi-plan-card footer").first
        expect(card).to_be_visible(timeout=WAIT_MS)
