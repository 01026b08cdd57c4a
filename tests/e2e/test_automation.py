"""An automation of our own trigger, condition and action, built in the editor, without YAML."""

from demo.browser import settle, wait_until_logged_in
from playwright.sync_api import Page
import pytest
from tests.e2e.conftest import ARTIFACTS
from tests.house import ENGLISH

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(420)]

_CONFIG = """async () => {
    const hass = document.querySelector('home-assistant').hass;
    const id = hass.states['automation.evening_top_up'].attributes.id;
    return await hass.callApi('GET', `config/automation/config/${id}`);
}"""
_RUN = """async () => {
    const hass = document.querySelector('home-assistant').hass;
    const data = {entity_id: 'automation.evening_top_up', skip_condition: false};
    await hass.callService('automation', 'trigger', data);
}"""
_RESUME = """async () => {
    const hass = document.querySelector('home-assistant').hass;
    await hass.callService('optivgi', 'resume', {entity_id: 'select.garage_mode'});
    const entity_id = 'automation.evening_top_up';
    const id = hass.states[entity_id].attributes.id;
    await hass.callApi('DELETE', `config/automation/config/${id}`);
}"""
_MODE_IS = """mode =>
    document.querySelector('home-assistant').hass.states['select.garage_mode'].state === mode"""
_DEVICE = """() =>
    document.querySelector('home-assistant').hass.entities['sensor.garage_status'].device_id"""


def add(page: Page, part: str, name: str) -> None:
    """Add a trigger, a condition or an action by what it is called, for the garage."""
    page.get_by_role("button", name=f"Add {part}").click()
    page.get_by_placeholder("Search").last.fill(name)
    page.get_by_text(name, exact=True).last.click()
    page.get_by_role("button", name="Add target").last.click()
    # Only what the trigger, condition or action can be about is offered.
    page.get_by_role("button", name="Devices", exact=True).last.click()
    page.get_by_placeholder("Search").last.fill("Garage")
    page.get_by_text("Garage", exact=True).last.click()


def test_automation_is_built_without_yaml(page: Page, demo_url: str) -> None:
    ARTIFACTS.mkdir(exist_ok=True)
    page.goto(f"{demo_url}/config/automation/edit/new")
    wait_until_logged_in(page)
    add(page, "trigger", ENGLISH["triggers"]["car_plugged_in"]["name"])
    add(page, "condition", ENGLISH["conditions"]["is_plugged_in"]["name"])
    add(page, "action", f"OptiVGI: {ENGLISH['services']['charge_now']['name']}")
    fields = ENGLISH["services"]["charge_now"]["fields"]
    energy = page.locator("ha-settings-row", has_text=fields["energy"]["description"])
    energy.locator("ha-checkbox").click()
    energy.get_by_role("spinbutton").fill("5")
    settle(page, 1_000)
    page.screenshot(path=ARTIFACTS / "automation_action.png")
    page.get_by_role("button", name="Save").first.click()
    page.get_by_role("textbox", name="Name").fill("Evening top up")
    page.get_by_role("button", name="Save").last.click()
    page.wait_for_function(
        "document.querySelector('home-assistant').hass.states['automation.evening_top_up']"
    )
    try:
        garage = {"device_id": page.evaluate(_DEVICE)}
        config = page.evaluate(_CONFIG)
        (trigger,), (condition,), (action,) = (
            config[part] for part in ("triggers", "conditions", "actions")
        )
        assert (trigger["trigger"], trigger["target"]) == ("optivgi.car_plugged_in", garage)
        assert (condition["condition"], condition["target"]) == ("optivgi.is_plugged_in", garage)
        assert (action["action"], action["target"]) == ("optivgi.charge_now", garage)
        assert action["data"] == {"energy": 5}
        # A car is there, so the condition holds.
        page.evaluate(_RUN)
        page.wait_for_function(_MODE_IS, arg="now")
    finally:
        page.evaluate(_RESUME)
    page.wait_for_function(_MODE_IS, arg="smart")
