"""The card in a real browser: it renders, sets what it is told to, and is there on each load."""

import json

from demo.browser import settle, wait_until_logged_in
from playwright.sync_api import Locator, Page, expect
import pytest
from tests.e2e.conftest import ARTIFACTS, REPO

TEXTS = json.loads((REPO / "custom_components/optivgi/translations/en.json").read_text())
COLD_LOADS = 20
WAIT_MS = 30_000

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(420)]

_STATE = "id => document.querySelector('home-assistant').hass.states[id]?.state"
_IS = "([id, state]) => document.querySelector('home-assistant').hass.states[id]?.state === state"
_THEME = """() => {
    const theme = {detail: {dark: DARK}, bubbles: true, composed: true};
    document.querySelector('home-assistant').dispatchEvent(new CustomEvent('settheme', theme));
}"""

_OWN_DASHBOARD = """async () => {
    const hass = document.querySelector('home-assistant').hass;
    const url_path = 'own-board';
    await hass.callWS({type: 'lovelace/dashboards/create', url_path, title: 'Own'});
    const cards = [{type: 'custom:optivgi-plan-card', hours: 24}];
    const views = [{type: 'sections', sections: [{type: 'grid', cards}]}];
    await hass.callWS({type: 'lovelace/config/save', url_path, config: {views}});
}"""


def said(key: str, **named: str) -> str:
    """Return a text of the card."""
    text: str = TEXTS["exceptions"][f"card_{key}"]["message"]
    return text.format(**named)


@pytest.fixture
def card(page: Page, demo_url: str) -> Locator:
    """The plan card, on the demo's dashboard."""
    page.goto(f"{demo_url}/charging-plan/plan")
    wait_until_logged_in(page)
    card = page.locator("optivgi-plan-card")
    expect(card.locator("footer")).to_be_visible(timeout=WAIT_MS)
    return card


def lane(card: Locator, name: str) -> Locator:
    return card.locator("section.lane", has=card.page.locator("b", has_text=name))


def picture(card: Locator, name: str) -> None:
    ARTIFACTS.mkdir(exist_ok=True)
    settle(card.page, 800)
    card.screenshot(path=ARTIFACTS / f"card_{name}.png")


def test_plan_is_drawn(page: Page, card: Locator) -> None:
    for name in ("Van", "City car", "Estate"):
        expect(lane(card, name)).to_be_visible()
    expect(card.locator(".caption", has_text=said("price"))).to_be_visible()
    expect(card.get_by_text(said("fuse", phases="3", amps="25"))).to_be_visible()
    # Something is planned, below the line of the fuse.
    assert card.locator("path.car").evaluate_all("all => all.some(one => one.getAttribute('d'))")
    expect(card.get_by_role("radiogroup", name="Mode").first).to_be_visible()
    assert card.locator("table.unseen tbody tr").count() > 10
    # Nothing is cut off, and nothing spills over.
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(card, "light")
    page.evaluate(_THEME.replace("DARK", "true"))
    expect(card).to_have_attribute("dark", "")
    picture(card, "dark")
    page.evaluate(_THEME.replace("DARK", "false"))
    expect(card).not_to_have_attribute("dark", "")


def test_moment_is_explained_where_it_is_pointed_at(page: Page, card: Locator) -> None:
    box = card.locator(".plot").nth(1).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tip = card.locator(".tip")
    expect(tip).to_contain_text("kWh")
    expect(tip).to_contain_text(said("house"))
    page.mouse.move(2, 2)
    expect(tip).to_have_count(0)
    # The same by keys.
    card.locator(".plots").focus()
    page.keyboard.press("ArrowRight")
    expect(tip).to_be_visible()
    page.keyboard.press("Escape")
    expect(tip).to_have_count(0)


def test_mode_reaches_the_charger(page: Page, card: Locator) -> None:
    estate = lane(card, "Estate")
    estate.get_by_role("radio", name="Off").click()
    page.wait_for_function(_IS, arg=["select.courtyard_mode", "off"])
    expect(estate.locator(".say b")).to_have_text("Off", timeout=WAIT_MS)
    estate.get_by_role("radio", name="Min + solar").click()
    page.wait_for_function(_IS, arg=["select.courtyard_mode", "min_solar"])
    estate.get_by_role("radio", name="Now").click()
    page.wait_for_function(_IS, arg=["select.courtyard_mode", "now"])
    # By the hour of the day it may still have drawn a moment ago, and be said to charge at once.
    page.wait_for_function(
        "id => Number(document.querySelector('home-assistant').hass.states[id].state) >= 6",
        arg="sensor.courtyard_charger_current_offered",
        timeout=90_000,
    )
    expect(estate.locator(".say b")).to_have_text("Charging", timeout=90_000)
    estate.get_by_role("radio", name="Smart").click()
    page.wait_for_function(_IS, arg=["select.courtyard_mode", "smart"])


def test_departure_is_dragged_and_target_set(page: Page, card: Locator) -> None:
    city = lane(card, "City car")
    before = page.evaluate(_STATE, "datetime.carport_next_departure")
    flag = city.locator(".grip")
    box = flag.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y, steps=6)
    expect(city.locator(".bubble")).to_be_visible()
    # What it would come to is shown before it is set.
    expect(card.get_by_text(said("preview"))).to_be_visible(timeout=WAIT_MS)
    expect(city.locator(".bubble")).to_contain_text("ready")
    picture(card, "preview")
    # Away from the lane: that means no.
    page.mouse.move(x - 60, y + 200, steps=3)
    expect(city.locator(".bubble")).to_have_count(0)
    expect(card.get_by_text(said("preview"))).to_have_count(0)
    page.mouse.up()
    assert page.evaluate(_STATE, "datetime.carport_next_departure") == before
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y, steps=6)
    page.mouse.up()
    page.wait_for_function(
        "([id, before]) => document.querySelector('home-assistant').hass.states[id].state < before",
        arg=["datetime.carport_next_departure", before],
    )
    expect(page.get_by_text(said("undo"), exact=True)).to_be_visible()

    city.locator("button.nm").click()
    city.locator("input[type=range]").focus()
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_function(f"Number(({_STATE})('number.carport_target')) === 90")


def test_phone_shows_all_of_it(page: Page, card: Locator) -> None:
    page.set_viewport_size({"width": 360, "height": 900})
    city = lane(card, "City car")
    expect(city.locator(".outcome")).to_be_visible()
    city.locator("button.nm").click()
    for mode in ("Smart", "Solar only", "Min + solar", "Now", "Off"):
        expect(city.get_by_role("radio", name=mode)).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    inner = card.bounding_box()
    assert inner is not None
    assert inner["width"] <= 360
    picture(card, "phone")


def test_savings_have_a_view_of_their_own(page: Page, demo_url: str) -> None:
    page.goto(f"{demo_url}/charging-plan/cost")
    wait_until_logged_in(page)
    savings = page.locator("optivgi-savings-card")
    # Of the cars that charge, or how to begin.
    expect(savings.locator("h2")).to_be_visible(timeout=WAIT_MS)
    assert page.locator("hui-error-card").count() == 0
    picture(savings, "savings")


def test_page_opens_without_an_error_card(page: Page, demo_url: str) -> None:
    for _ in range(COLD_LOADS):
        page.evaluate("caches.keys().then(all => Promise.all(all.map(one => caches.delete(one))))")
        page.goto(f"{demo_url}/charging-plan/plan")
        expect(page.locator("optivgi-plan-card footer")).to_be_visible(timeout=WAIT_MS)
        assert page.locator("hui-error-card").count() == 0


def test_dashboard_is_offered(page: Page, demo_url: str) -> None:
    page.goto(f"{demo_url}/config/lovelace/dashboards")
    page.get_by_role("button", name="Add dashboard").click()
    offer = page.locator("dashboard-card", has_text="OptiVGI")
    expect(offer).to_be_visible(timeout=WAIT_MS)
    expect(offer).to_contain_text(said("dashboard_description"))


def test_cards_are_offered_with_a_preview_and_set_in_the_editor(page: Page, demo_url: str) -> None:
    page.evaluate(_OWN_DASHBOARD)
    page.goto(f"{demo_url}/own-board/0?edit=1")
    wait_until_logged_in(page)
    # What is above it moves while the page loads.
    page.locator("hui-card-edit-mode").get_by_role("button", name="Edit").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(said("field_site"), exact=True).first).to_be_visible(timeout=WAIT_MS)
    expect(page.get_by_text(said("field_hours"), exact=True).first).to_be_visible()
    expect(page.locator("hui-dialog-edit-card optivgi-plan-card footer")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Add card").first.click()
    page.get_by_text("By card").first.click()
    page.get_by_placeholder("Search").last.fill("OptiVGI")
    for name in ("plan_card_name", "charger_card_name", "savings_card_name"):
        expect(page.get_by_text(f"OptiVGI: {said(name)}").first).to_be_visible(timeout=WAIT_MS)
    expect(page.locator("hui-card-picker optivgi-charger-card section.lane")).to_be_visible()
    settle(page, 500)
