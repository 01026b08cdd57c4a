"""What a person does in the UI: log in, look at the plan, add a charger."""

import json
from pathlib import Path

from demo.browser import settle
from playwright.sync_api import Page, expect
import pytest

REPO = Path(__file__).resolve().parents[2]
ARTIFACTS = REPO / ".artifacts"
TEXTS = json.loads((REPO / "custom_components/optivgi/translations/en.json").read_text())
CHARGER_TEXTS = TEXTS["config_subentries"]["charger"]

# A machine may have other work to do.
expect.set_options(timeout=30_000)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(420)]


def _states(page: Page) -> dict[str, dict[str, object]]:
    """The states as the frontend has them."""
    states: dict[str, dict[str, object]] = page.evaluate(
        "document.querySelector('home-assistant').hass.states"
    )
    return states


def test_home_assistant_opens_on_the_plan(page: Page) -> None:
    page.wait_for_url("**/charging-plan/**")
    for charger, car in (("Garage", "Van"), ("Carport", "City car")):
        lane = page.locator("section.lane", has_text=car)
        expect(lane.get_by_text(charger, exact=True)).to_be_visible()
    states = _states(page)
    assert states["sensor.garage_status"]["state"] not in {"unknown", "unavailable"}
    assert float(str(states["sensor.garage_planned_energy"]["state"])) > 0
    assert states["calendar.garage_schedule"]["state"] in {"on", "off"}
    settle(page)


def test_calendar_shows_when_cars_charge(page: Page, demo_url: str) -> None:
    page.goto(f"{demo_url}/calendar")
    expect(page.get_by_text("Garage Schedule")).to_be_visible()
    expect(page.get_by_text("Van (Garage)").first).to_be_visible()
    # A month shows only some of a day.
    expect(page.get_by_text("City car (Carport)").first).to_be_attached()
    settle(page, 1_000)


def test_charger_is_added_in_the_form(page: Page, demo_url: str) -> None:
    page.goto(f"{demo_url}/config/integrations/integration/optivgi")
    page.get_by_role("button", name=CHARGER_TEXTS["initiate_flow"]["user"]).click()
    expect(page.get_by_text(CHARGER_TEXTS["step"]["user"]["title"])).to_be_visible()
    page.locator("ha-device-picker").click()
    page.get_by_placeholder("Search").last.fill("Driveway")
    page.get_by_text("Driveway charger").click()
    page.get_by_role("button", name="Next").click()

    # What was found on the device is filled in.
    expect(page.get_by_text(CHARGER_TEXTS["step"]["entities"]["title"])).to_be_visible()
    expect(page.get_by_text("Dynamic limit")).to_be_visible()
    page.get_by_role("textbox", name=CHARGER_TEXTS["step"]["entities"]["data"]["name"]).fill(
        "Drive"
    )
    settle(page, 500)
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTIFACTS / "add_charger.png")
    page.get_by_role("button", name="Submit").click()
    page.get_by_role("button", name="Finish").click()
    # The dialog goes back in the browser's history as it closes; not after we have gone on.
    expect(page.get_by_role("button", name="Finish")).to_be_hidden()

    expect(page.get_by_text("Drive", exact=True).first).to_be_visible()
    settle(page, 1_000)
    page.wait_for_function(
        "document.querySelector('home-assistant').hass.states['sensor.drive_status']"
    )
    device_id = page.evaluate(
        "document.querySelector('home-assistant').hass.entities['sensor.drive_status'].device_id"
    )
    page.goto(f"{demo_url}/config/devices/device/{device_id}")
    expect(page.get_by_text("Drive", exact=True).first).to_be_visible()
    expect(page.get_by_text(TEXTS["entity"]["select"]["mode"]["name"]).first).to_be_visible()
    settle(page, 1_000)
