"""Forms that the tests of the flows cannot see: a choice of two, and a section that opens."""

import json
from pathlib import Path

from demo.browser import settle
from playwright.sync_api import Page, expect
import pytest
from tests.e2e.conftest import ARTIFACTS, REPO

TEXTS = json.loads(
    Path(REPO / "custom_components/optivgi/translations/en.json").read_text("utf-8")
)["config_subentries"]
CHARGER, VEHICLE = (TEXTS[kind]["step"] for kind in ("charger", "vehicle"))

# A machine may have other work to do.
expect.set_options(timeout=30_000)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(420)]

_ADD_POWER = """async (name) => {
    const hass = document.querySelector('home-assistant').hass;
    const device = Object.values(hass.devices).find(one => one.name === name);
    const flows = 'config/config_entries/flow';
    const {flow_id} = await hass.callApi('POST', flows, {handler: 'template'});
    const go_on = (entered) => hass.callApi('POST', `${flows}/${flow_id}`, entered);
    await go_on({next_step_id: 'sensor'});
    return (await go_on({
        name: 'Power',
        state: '{{ 0 }}',
        unit_of_measurement: 'W',
        device_class: 'power',
        device_id: device.id,
    })).type;
}"""


def _picture(page: Page, name: str) -> None:
    settle(page, 500)
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"{name}.png")


def _begin(page: Page, demo_url: str, kind: str, device: str = "") -> None:
    page.goto(f"{demo_url}/config/integrations/integration/optivgi")
    page.get_by_role("button", name=TEXTS[kind]["initiate_flow"]["user"]).click()
    expect(page.get_by_text(TEXTS[kind]["step"]["user"]["title"])).to_be_visible()
    if device:
        page.locator("ha-device-picker").click()
        page.get_by_placeholder("Search").last.fill(device)
        page.get_by_text(device).last.click()
    page.get_by_role("button", name="Next").click()


def test_two_entities_that_fit_about_as_well_are_a_choice(page: Page, demo_url: str) -> None:
    assert page.evaluate(_ADD_POWER, "Driveway charger") == "create_entry"
    _begin(page, demo_url, "charger", "Driveway charger")
    expect(page.get_by_text(CHARGER["choose"]["title"])).to_be_visible()
    # Nothing but the power is in doubt: two entities with their reasons, and none of them.
    expect(page.get_by_role("radio")).to_have_count(3)
    expect(page.get_by_text("sensor.driveway_charger_power:")).to_be_visible()
    expect(page.get_by_role("radio").first).to_be_checked()
    _picture(page, "form_choice")
    page.get_by_role("radio").nth(1).click()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text(CHARGER["entities"]["title"])).to_be_visible()
    _picture(page, "form_chosen")


def test_refused_limit_of_a_car_opens_its_section(page: Page, demo_url: str) -> None:
    section = VEHICLE["entities"]["sections"]["charging_limits"]
    field = section["data"]["max_a"]
    _begin(page, demo_url, "vehicle")
    expect(page.get_by_text(VEHICLE["entities"]["title"])).to_be_visible()
    page.get_by_role("textbox", name=VEHICLE["entities"]["data"]["name"]).fill("Mini")
    page.get_by_role("spinbutton", name=VEHICLE["entities"]["data"]["battery_kwh"]).fill("30")
    expect(page.get_by_role("spinbutton", name=field)).to_be_hidden()
    page.get_by_text(section["name"]).click()
    page.get_by_role("spinbutton", name=field).fill("3")
    _picture(page, "form_vehicle_limits")
    page.get_by_role("button", name="Submit").click()
    refused = page.get_by_text(f"{section['name']}, {field}: ")
    expect(refused).to_be_visible()
    expect(page.get_by_role("spinbutton", name=field)).to_be_visible()
    refused.scroll_into_view_if_needed()
    _picture(page, "form_vehicle_refused")
